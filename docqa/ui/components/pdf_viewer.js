// Page pictures from our own route, with quotes as focusable buttons on them.
// Rectangles are fractions of the page, so that zooming costs nothing.
const WIDTHS = [600, 900, 1200, 1600, 2400];
const viewers = new WeakMap();

class Viewer {
  constructor(root) {
    this.root = root;
    this.zoom = 0; // 0 fits the width
    this.key = null;
    this.nonce = null;
    this.here = 1;
    this.hits = [];
    this.build();
  }

  build() {
    const jump = () => this.goTo(Number(this.box.value) || 1, true);
    this.box = element("input", {
      class: "number", type: "text", inputmode: "numeric", "aria-label": "Page",
      onchange: jump, onkeydown: (event) => { if (event.key === "Enter") jump(); event.stopPropagation(); },
    });
    this.total = element("span", { class: "of" });
    this.previous = tool("up", "Previous page", () => this.goTo(this.here - 1, true));
    this.next = tool("down", "Next page", () => this.goTo(this.here + 1, true));
    this.fit = tool("fit", "Fit width", () => this.setZoom(0));
    this.query = element("input", {
      class: "find", type: "search", placeholder: "Find", "aria-label": "Find in document",
      onkeydown: (event) => {
        event.stopPropagation();
        if (event.key === "Enter") this.find(event.shiftKey ? -1 : 1);
      },
      oninput: () => { if (!this.query.value) this.showHits([]); },
    });
    this.found = element("span", { class: "count", role: "status" });
    this.original = element("a", { class: "tool", title: "Download the original", "aria-label": "Download the original" }, icon("save"));
    const bar = element("div", { class: "bar", role: "toolbar", "aria-label": "Document" },
      this.previous, this.next, this.box, this.total,
      tool("minus", "Zoom out", () => this.setZoom(this.scale() / 1.2)),
      tool("plus", "Zoom in", () => this.setZoom(this.scale() * 1.2)), this.fit,
      element("span", { class: "spring" }), this.query, this.found, this.original);
    this.scroller = element("div", { class: "scroll", tabindex: "0", "aria-label": "Pages" });
    this.rail = element("div", { class: "rail", role: "group", "aria-label": "Cited pages" });
    this.frame = element("div", { class: "viewer" }, bar,
      element("div", { class: "body" }, this.scroller, this.rail));
    this.root.append(this.frame);
    this.scroller.addEventListener("scroll", () => this.onScroll(), { passive: true });
    this.observer = new IntersectionObserver((entries) => {
      for (const entry of entries) (entry.isIntersecting ? this.load : this.unload).call(this, entry.target);
    }, { root: this.scroller, rootMargin: "700px 0px" });
    this.resizer = new ResizeObserver(() => this.layout());
    this.resizer.observe(this.scroller);
  }

  update(data, send) {
    this.send = send;
    this.data = data;
    this.frame.style.setProperty("--viewer-height", data.height || "70vh");
    if (this.key !== data.base) this.open(data);
    this.drawMarks();
    if (this.nonce !== data.nonce) {
      this.nonce = data.nonce;
      this.settle();
    }
  }

  open(data) {
    this.key = data.base;
    this.observer.disconnect();
    this.hits = [];
    this.found.textContent = "";
    this.query.value = "";
    this.total.textContent = `of ${data.pages.length.toLocaleString()}`;
    this.original.href = `${data.base}/original`;
    this.pages = data.pages.map(([width, height], index) => {
      const page = element("div", { class: "page", "data-page": index + 1, role: "group", "aria-label": `Page ${index + 1}` });
      page.ratio = height / width || 1.414;
      page.append(element("div", { class: "wait" }, `Page ${index + 1}`));
      const reason = data.unreadable[index + 1];
      if (reason) page.append(element("div", { class: "note" }, `Text of this page could not be read: ${reason}`));
      const ocr = data.ocr?.[index + 1];
      if (ocr) page.append(element("div", { class: "ocr" }, ocr));
      return page;
    });
    this.scroller.replaceChildren(...this.pages);
    this.layout();
    for (const page of this.pages) this.observer.observe(page);
  }

  room() { return Math.max(160, this.scroller.clientWidth - 24); }
  scale() { return this.zoom || 1; }

  setZoom(zoom) {
    const page = this.here;
    this.zoom = zoom ? Math.min(4, Math.max(0.3, zoom)) : 0;
    this.layout();
    this.goTo(page, false);
    for (const shown of this.pages) if (shown.image) this.load(shown);
  }

  layout() {
    if (!this.pages || !this.scroller.clientWidth) return;
    const width = Math.round(this.room() * this.scale());
    if (width === this.width) return;
    this.width = width;
    for (const page of this.pages) {
      page.style.width = `${width}px`;
      page.style.height = `${Math.round(width * page.ratio)}px`;
      if (page.lines) this.placeText(page);
    }
    this.fit.setAttribute("aria-pressed", String(this.zoom === 0));
    if (this.waiting) this.settle();
    this.onScroll();
  }

  load(page) {
    const wanted = this.width * Math.min(2, window.devicePixelRatio || 1);
    const width = WIDTHS.find((candidate) => candidate >= wanted) || WIDTHS[WIDTHS.length - 1];
    const address = `${this.data.base}/page/${page.dataset.page}.webp?w=${width}`;
    if (page.image && page.image.dataset.address === address) return;
    const image = element("img", { alt: `Page ${page.dataset.page}`, decoding: "async", draggable: "false", "data-address": address });
    image.addEventListener("load", () => {
      page.querySelector(".wait")?.remove();
      if (page.image === image) for (const old of page.querySelectorAll("img")) if (old !== image) old.remove();
    });
    image.addEventListener("error", () => {
      const wait = page.querySelector(".wait") || page.appendChild(element("div", { class: "wait" }));
      wait.textContent = `Page ${page.dataset.page} cannot be shown`;
      image.remove();
    });
    image.src = address;
    page.image = image;
    page.prepend(image);
    if (!page.lines) this.loadText(page);
  }

  unload(page) {
    if (!page.image) return;
    for (const image of page.querySelectorAll("img")) image.remove();
    page.image = null;
    page.querySelector(".text")?.remove();
    page.lines = null;
  }

  async loadText(page) {
    page.lines = [];
    const answer = await fetch(`${this.data.base}/text/${page.dataset.page}.json`).catch(() => null);
    if (!answer || !answer.ok || !page.image) return;
    page.lines = (await answer.json()).lines;
    const layer = element("div", { class: "text" });
    for (const line of page.lines) layer.append(element("span", {}, line.text), document.createTextNode("\n"));
    page.querySelector(".text")?.remove();
    page.append(layer);
    this.placeText(page);
  }

  placeText(page) {
    const spans = page.querySelectorAll(".text span");
    const height = this.width * page.ratio;
    page.lines.forEach((line, index) => {
      const span = spans[index];
      if (!span) return;
      const [left, top, right, bottom] = line.rect;
      span.style.left = `${left * 100}%`;
      span.style.top = `${top * 100}%`;
      span.style.fontSize = `${Math.max(1, (bottom - top) * height * 0.85)}px`;
      span.style.transform = "";
      const natural = span.offsetWidth || 1;
      span.style.transform = `scaleX(${((right - left) * this.width) / natural})`;
    });
  }

  box_(rect, made) {
    const [left, top, right, bottom] = rect;
    made.style.left = `${left * 100}%`;
    made.style.top = `${top * 100}%`;
    made.style.width = `${(right - left) * 100}%`;
    made.style.height = `${(bottom - top) * 100}%`;
    return made;
  }

  drawMarks() {
    const wanted = JSON.stringify([this.key, this.data.marks, this.data.current]);
    if (wanted === this.drawn) return;
    this.drawn = wanted;
    for (const old of this.scroller.querySelectorAll(".mark")) old.remove();
    for (const old of this.rail.querySelectorAll("button")) old.remove();
    for (const mark of this.data.marks) {
      const current = mark.id === this.data.current;
      mark.rects.forEach((rect, index) => {
        const page = this.pages[rect[0] - 1];
        if (!page) return;
        page.append(this.box_(rect.slice(1), element("button", {
          class: current ? "mark current" : "mark", type: "button", "aria-label": mark.label, title: mark.title,
          "data-mark": mark.id, tabindex: index ? "-1" : "0", "aria-current": current ? "true" : null,
          onclick: () => this.send("clicked", mark.id),
        })));
      });
      if (mark.page) this.rail.append(this.tick(mark, current));
    }
  }

  tick(mark, current) {
    const made = element("button", {
      type: "button", class: current ? "current" : null, title: `${mark.title}, page ${mark.page}`,
      "aria-label": `Go to ${mark.title}, page ${mark.page}`,
      onclick: () => this.send("clicked", mark.id),
    });
    made.style.top = `${((mark.page - 0.5) / this.pages.length) * 100}%`;
    return made;
  }

  settle() {
    // Before the first layout there is no place to scroll to: keep the wish.
    this.waiting = !this.width;
    if (this.waiting) return;
    const mark = this.scroller.querySelector(".mark.current");
    if (mark) this.center(mark);
    else this.goTo(this.data.page || 1, false);
  }

  center(made) {
    const outer = this.scroller.getBoundingClientRect();
    const inner = made.getBoundingClientRect();
    this.scroller.scrollTop += inner.top - outer.top - outer.height / 3;
    this.scroller.scrollLeft += inner.left - outer.left - Math.max(24, (outer.width - inner.width) / 2);
    this.onScroll();
  }

  goTo(number, byHand) {
    const index = Math.min(this.pages.length, Math.max(1, Math.round(number))) - 1;
    const page = this.pages[index];
    if (!page) return;
    this.scroller.scrollTop = page.offsetTop - 8;
    if (byHand) this.scroller.focus({ preventScroll: true });
    this.onScroll();
  }

  onScroll() {
    if (!this.pages?.length) return;
    const middle = this.scroller.scrollTop + this.scroller.clientHeight / 3;
    let low = 0;
    let high = this.pages.length - 1;
    while (low < high) {
      const half = (low + high + 1) >> 1;
      if (this.pages[half].offsetTop <= middle) low = half; else high = half - 1;
    }
    this.here = low + 1;
    if (this.root.activeElement !== this.box) this.box.value = String(this.here);
    this.previous.disabled = this.here === 1;
    this.next.disabled = this.here === this.pages.length;
    this.drawHere();
    clearTimeout(this.telling);
    this.telling = setTimeout(() => {
      if (this.told !== this.here && this.data.tell) this.send("page", this.here);
      this.told = this.here;
    }, 1200);
  }

  drawHere() {
    let here = this.rail.querySelector(".here");
    if (!here) {
      here = element("div", { class: "here" });
      this.rail.prepend(here);
    }
    here.style.top = `${((this.here - 1) / this.pages.length) * 100}%`;
    here.style.height = `${100 / this.pages.length}%`;
  }

  async find(step) {
    const wanted = this.query.value.trim();
    if (!wanted) return;
    if (wanted !== this.wanted || !this.hits.length) {
      this.wanted = wanted;
      this.found.textContent = "…";
      const address = `${this.data.base}/find.json?q=${encodeURIComponent(wanted)}`;
      const answer = await fetch(address).catch(() => null);
      this.showHits(answer && answer.ok ? (await answer.json()).hits : []);
      this.now = -1;
      if (!this.hits.length) { this.found.textContent = "not found"; return; }
    }
    this.now = (this.now + step + this.hits.length) % this.hits.length;
    this.found.textContent = `${this.now + 1} of ${this.hits.length}`;
    this.scroller.querySelector(".hit.now")?.classList.remove("now");
    const shown = this.scroller.querySelector(`.hit[data-hit="${this.now}"]`);
    shown?.classList.add("now");
    if (shown) this.center(shown);
  }

  showHits(hits) {
    for (const old of this.scroller.querySelectorAll(".hit")) old.remove();
    this.hits = hits;
    if (!hits.length) this.found.textContent = "";
    hits.forEach((rects, number) => {
      for (const rect of rects) {
        const page = this.pages[rect[0] - 1];
        page?.append(this.box_(rect.slice(1), element("div", { class: "hit", "data-hit": number })));
      }
    });
  }

  close() {
    clearTimeout(this.telling);
    this.observer.disconnect();
    this.resizer.disconnect();
    this.frame.remove();
  }
}

export default function (component) {
  const { parentElement, data, setTriggerValue, setStateValue } = component;
  let viewer = viewers.get(parentElement);
  if (!viewer) {
    viewer = new Viewer(parentElement);
    viewers.set(parentElement, viewer);
  }
  const turn = (viewer.turn = (viewer.turn || 0) + 1);
  viewer.update(data, (name, value) => (name === "page" ? setStateValue : setTriggerValue)(name, value));
  return () => {
    // Streamlit also calls this for a render that was overtaken: only the last one may close.
    if (viewer.turn !== turn) return;
    viewer.close();
    viewers.delete(parentElement);
  };
}
