// A text or code file by lines. The tokens come from our own route once; Python only says which lines.
const CHUNK = 200;
const viewers = new WeakMap();

function element(tag, attributes = {}, ...children) {
  const made = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (name.startsWith("on")) made.addEventListener(name.slice(2), value);
    else if (value !== null && value !== undefined && value !== false) made.setAttribute(name, value);
  }
  made.append(...children);
  return made;
}

class Viewer {
  constructor(root) {
    this.path = element("bdi", {});
    this.box = element("input", {
      type: "text", inputmode: "numeric", "aria-label": "Line", placeholder: "Line",
      onkeydown: (event) => { event.stopPropagation(); if (event.key === "Enter") this.show(Number(this.box.value) || 1); },
    });
    this.copy = element("button", { type: "button", onclick: () => this.copyPath() }, "Copy path");
    this.original = element("a", {}, "Download");
    this.scroller = element("div", { class: "scroll", tabindex: "0", "aria-label": "File" });
    this.frame = element("div", { class: "viewer" },
      element("div", { class: "bar" }, element("span", { class: "path" }, this.path), this.box, this.copy, this.original),
      this.scroller);
    root.append(this.frame);
    this.rows = [];
  }

  update(data, send) {
    this.data = data;
    this.send = send;
    this.frame.style.setProperty("--viewer-height", data.height || "70vh");
    this.frame.classList.toggle("prose", Boolean(data.prose));
    this.path.textContent = data.path;
    this.original.href = `${data.base}/original`;
    if (this.key !== data.base) this.open(data);
    else this.mark();
  }

  async open(data) {
    this.key = data.base;
    this.rows = [];
    this.nonce = null;
    this.scroller.replaceChildren(element("div", { class: "message" }, "Opening…"));
    const answer = await fetch(`${data.base}/lines.json`).catch(() => null);
    if (this.key !== data.base) return;
    if (!answer || !answer.ok) {
      const said = answer ? (await answer.json().catch(() => ({}))).error || "This file cannot be shown." : "The app does not answer.";
      this.scroller.replaceChildren(element("div", { class: "message" }, said));
      return;
    }
    this.fill((await answer.json()).lines);
    this.mark();
  }

  fill(lines) {
    this.scroller.style.setProperty("--gutter", `${String(lines.length).length + 3}ch`);
    const chunks = [];
    for (let start = 0; start < lines.length; start += CHUNK) {
      const part = lines.slice(start, start + CHUNK);
      const chunk = element("div", { class: "chunk" });
      chunk.style.containIntrinsicSize = `auto ${part.length * 19.4}px`;
      part.forEach((tokens, offset) => {
        const content = element("span", { class: "content" });
        for (const [kind, text] of tokens) {
          content.append(kind ? element("span", { class: kind }, text) : document.createTextNode(text));
        }
        const number = start + offset + 1;
        const row = element("div", { class: "line", "data-line": number },
          element("span", { class: "number", "aria-hidden": "true" }, String(number)), content);
        this.rows.push(row);
        chunk.append(row);
      });
      chunks.push(chunk);
    }
    this.scroller.replaceChildren(...chunks);
  }

  mark() {
    if (!this.rows.length) return;
    for (const row of this.scroller.querySelectorAll(".cited, .current")) {
      row.classList.remove("cited", "current");
      for (const name of ["role", "tabindex", "aria-label", "title"]) row.removeAttribute(name);
      row.onclick = row.onkeydown = null;
    }
    const { first, last } = this.data;
    for (const mark of this.data.marks) {
      for (let line = mark.first; line <= mark.last; line += 1) this.cite(this.rows[line - 1], mark, line === mark.first);
    }
    for (let line = first || 1; first && line <= last; line += 1) this.rows[line - 1]?.classList.add("current");
    if (this.nonce !== this.data.nonce) {
      this.nonce = this.data.nonce;
      this.show(first || 1, false);
    }
  }

  cite(row, mark, begins) {
    if (!row) return;
    const current = mark.id === this.data.current;
    row.classList.add(current ? "current" : "cited");
    row.title = mark.title;
    const press = () => this.send(mark.id);
    row.onclick = press;
    if (!begins) return;
    row.setAttribute("role", "button");
    row.setAttribute("tabindex", "0");
    row.setAttribute("aria-label", mark.label);
    row.dataset.mark = mark.id;
    row.onkeydown = (event) => { if (event.key === "Enter") press(); };
  }

  show(line, byHand = true) {
    const row = this.rows[Math.min(this.rows.length, Math.max(1, line)) - 1];
    if (!row) return;
    // Twice: chunks out of sight have a guessed height until they are laid out.
    const move = () => {
      const outer = this.scroller.getBoundingClientRect();
      this.scroller.scrollTop += row.getBoundingClientRect().top - outer.top - (line > 1 ? outer.height / 3 : 0);
    };
    move();
    requestAnimationFrame(() => { move(); requestAnimationFrame(move); });
    if (byHand) this.scroller.focus({ preventScroll: true });
  }

  async copyPath() {
    const { path, first, last } = this.data;
    const lines = first ? (first === last ? `:L${first}` : `:L${first}-L${last}`) : "";
    await navigator.clipboard.writeText(path + lines);
    this.copy.textContent = "Copied";
    setTimeout(() => { this.copy.textContent = "Copy path"; }, 1500);
  }

  close() { this.key = null; this.frame.remove(); }
}

export default function ({ parentElement, data, setTriggerValue }) {
  let viewer = viewers.get(parentElement);
  if (!viewer) {
    viewer = new Viewer(parentElement);
    viewers.set(parentElement, viewer);
  }
  const turn = (viewer.turn = (viewer.turn || 0) + 1);
  viewer.update(data, (id) => setTriggerValue("clicked", id));
  return () => {
    // Streamlit also calls this for a render that was overtaken: only the last one may close.
    if (viewer.turn !== turn) return;
    viewer.close();
    viewers.delete(parentElement);
  };
}
