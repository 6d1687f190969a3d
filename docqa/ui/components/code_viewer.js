// A text or code file by lines. The tokens come from our own route once; Python only says which lines.
// On the Code page lines can be chosen, names pressed, and who wrote them shown.
const CHUNK = 200;
const NAMES = ".i, .f, .t, .d";
const REPEAT = 25; // lines after which who wrote them is said again
const viewers = new WeakMap();

class Viewer {
  constructor(root) {
    this.path = element("bdi", {});
    this.box = element("input", {
      type: "text", inputmode: "numeric", "aria-label": "Line, or lines as 10-24", placeholder: "Line",
      onkeydown: (event) => { event.stopPropagation(); if (event.key === "Enter") this.goTo(this.box.value); },
    });
    this.copy = element("button", { type: "button", onclick: () => this.copyPath() }, "Copy path");
    this.original = element("a", {}, "Download");
    this.scroller = element("div", { class: "scroll", tabindex: "0", "aria-label": "File" });
    this.frame = element("div", { class: "viewer" },
      element("div", { class: "bar" }, element("span", { class: "path" }, this.path), this.box, this.copy, this.original),
      this.scroller);
    root.append(this.frame);
    this.root = root;
    this.rows = [];
    this.scroller.addEventListener("pointerdown", (event) => this.begin(event));
    this.scroller.addEventListener("click", (event) => this.name(event));
    this.scroller.addEventListener("keydown", (event) => { if (event.key === "Escape") this.hide(); });
    // The event of a scroll may come after the click that followed it: only one that moved counts.
    this.scroller.addEventListener("scroll", () => {
      if (this.opened && Math.abs(this.scroller.scrollTop - this.openedAt) > 8) this.hide();
    }, { passive: true });
  }

  update(data, send) {
    this.data = data;
    this.send = send;
    this.frame.classList.toggle("selects", Boolean(data.select));
    this.frame.classList.toggle("names", Boolean(data.names));
    this.frame.style.setProperty("--viewer-height", data.height || "70vh");
    this.frame.classList.toggle("prose", Boolean(data.prose));
    this.path.textContent = data.path;
    this.original.href = `${data.base}/original`;
    if (this.key !== data.base) this.open(data);
    else {
      this.mark();
      this.blame();
    }
  }

  async open(data) {
    this.key = data.base;
    this.rows = [];
    this.nonce = null;
    this.blamed = null;
    this.note("");
    this.hide();
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
    this.blame();
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
    if (this.root.activeElement !== this.box && this.data.select) this.box.value = first ? (first === last ? first : `${first}-${last}`) : "";
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

  goTo(text) {
    const [first, last] = text.split(/[-–:,]/).map((part) => Number(part.replace(/[^0-9]/g, "")) || 0);
    if (this.data.select && first) this.choose(first, Math.max(first, last || first));
    this.show(first || 1);
  }

  choose(first, last) {
    const most = this.rows.length;
    [first, last] = [Math.min(first, last, most), Math.min(Math.max(first, last), most)];
    if (first < 1 || (first === this.data.first && last === this.data.last)) return;
    this.data = { ...this.data, first, last };
    this.mark();
    this.send([first, last], "selected");
  }

  // Numbers are pressed, or drawn over, to choose lines; with Shift from the line chosen before.
  begin(event) {
    if (!this.data?.select || event.button !== 0) return;
    const line = this.lineOf(event.target.closest?.(".number, .who"));
    if (!line) return;
    event.preventDefault();
    const from = event.shiftKey && this.data.first ? this.data.first : line;
    let to = line;
    const paint = () => {
      for (const row of this.scroller.querySelectorAll(".chosen")) row.classList.remove("chosen");
      for (let at = Math.min(from, to); at <= Math.max(from, to); at += 1) this.rows[at - 1]?.classList.add("chosen");
    };
    const move = (moved) => {
      const over = this.lineOf(this.root.elementFromPoint?.(moved.clientX, moved.clientY)?.closest(".line")?.firstChild)
        || this.lineOf(moved.composedPath?.()[0]?.closest?.(".line")?.firstChild);
      if (over && over !== to) { to = over; paint(); }
    };
    const end = () => {
      window.removeEventListener("pointermove", move);
      window.removeEventListener("pointerup", end);
      for (const row of this.scroller.querySelectorAll(".chosen")) row.classList.remove("chosen");
      this.choose(from, to);
      this.scroller.focus({ preventScroll: true });
    };
    paint();
    window.addEventListener("pointermove", move);
    window.addEventListener("pointerup", end);
  }

  lineOf(part) { return Number(part?.closest?.(".line")?.dataset.line) || 0; }

  name(event) {
    if (!this.data?.names) return;
    const part = event.target.closest?.(NAMES);
    const text = part?.textContent.trim().replace(/^[@#]+/, "") || "";
    if (!part || !/^[\p{L}_$][\p{L}\p{N}_$.?!]*$/u.test(text) || String(window.getSelection())) return this.hide();
    const line = this.lineOf(part);
    const last = text.split(".").pop();
    event.stopPropagation();
    if (event.metaKey || event.ctrlKey) return this.send({ name: last, line, act: "definition" }, "named");
    this.menu(part, last, line);
  }

  menu(part, name, line) {
    this.hide();
    const press = (act) => () => { this.hide(); this.send({ name, line, act }, "named"); };
    const menu = element("div", { class: "menu", role: "menu", "aria-label": name },
      element("button", { type: "button", role: "menuitem", onclick: press("definition") }, "Go to definition"),
      element("button", { type: "button", role: "menuitem", onclick: press("uses") }, "Used by"));
    menu.addEventListener("keydown", (event) => {
      const items = [...menu.children];
      const at = items.indexOf(this.root.activeElement || event.target);
      if (event.key === "Escape") { this.hide(); this.scroller.focus({ preventScroll: true }); }
      else if (event.key === "ArrowDown") items[(at + 1) % items.length].focus();
      else if (event.key === "ArrowUp") items[(at + items.length - 1) % items.length].focus();
      else return;
      event.preventDefault();
      event.stopPropagation();
    });
    const outer = this.frame.getBoundingClientRect();
    const box = part.getBoundingClientRect();
    menu.style.left = `${Math.max(4, Math.min(box.left - outer.left, outer.width - 160))}px`;
    const below = box.bottom - outer.top + 4;
    menu.style.top = `${below + 72 < outer.height ? below : box.top - outer.top - 72}px`;
    part.classList.add("pressed");
    this.pressed = part;
    this.frame.append(menu);
    this.opened = menu;
    this.openedAt = this.scroller.scrollTop;
    menu.firstChild.focus({ preventScroll: true });
  }

  hide() {
    this.opened?.remove();
    this.pressed?.classList.remove("pressed");
    this.opened = this.pressed = null;
  }

  async blame() {
    const wanted = Boolean(this.data.blame) && this.key;
    this.frame.classList.toggle("blame", Boolean(wanted));
    // Asked before the lines are there, it is drawn when they are: open() asks again.
    if (!wanted || !this.rows.length || this.blamed === wanted) return;
    this.blamed = wanted;
    this.note("Asking who wrote these lines…");
    const answer = await fetch(`${wanted}/blame.json`).catch(() => null);
    const read = answer && (await answer.json().catch(() => null));
    if (this.key !== wanted) return;
    if (!answer?.ok || !read) return this.note([read?.error, read?.hint].filter(Boolean).join(". ") || "Who wrote these lines is not known.");
    this.note(read.note || "");
    const byLine = new Map();
    for (const run of read.lines) for (let line = run.first; line <= run.last; line += 1) byLine.set(line, run);
    this.rows.forEach((row, at) => { if (!row.querySelector(".who")) row.prepend(this.who(byLine.get(at + 1), at + 1)); });
  }

  who(run, line) {
    if (!run) return element("span", { class: "who" });
    const said = (line - run.first) % REPEAT === 0 ? [element("span", { class: "author" }, run.who), element("span", { class: "when" }, run.when)] : [];
    return element("span", { class: line === run.first ? "who first" : "who", title: run.title }, ...said);
  }

  note(text) {
    this.said?.remove();
    this.said = text ? element("div", { class: "note", role: "status" }, text) : null;
    if (this.said) this.scroller.before(this.said);
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
  viewer.update(data, (value, name = "clicked") => setTriggerValue(name, value));
  return () => {
    // Streamlit also calls this for a render that was overtaken: only the last one may close.
    if (viewer.turn !== turn) return;
    viewer.close();
    viewers.delete(parentElement);
  };
}
