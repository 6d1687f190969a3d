// Files without pages or lines: sheets as a grid, slides as cards, documents as text. Passages come
// from our own route in portions around what is looked at; a sheet may have 50,000 of them.
const PORTION = 40;
const MOST_PORTIONS = 7;
const NEAR = 900;
const viewers = new WeakMap();

function letters(number) {
  let said = "";
  for (let left = number; left > 0; left = Math.floor((left - 1) / 26)) said = String.fromCharCode(65 + ((left - 1) % 26)) + said;
  return said;
}

// Offsets come in characters, as Python counts them; beyond U+FFFF a character has two units here.
// Where each begins, or nothing for a text in which both counts are the same.
function unitsOf(text) {
  if (!/[\ud800-\udbff]/.test(text)) return null;
  const begins = [0];
  for (const character of text) begins.push(begins[begins.length - 1] + character.length);
  return begins;
}

function inUnits(units, character) {
  return units ? units[Math.max(0, Math.min(character, units.length - 1))] : character;
}

// Passages of one group are drawn together: rows of a sheet, what is on a slide, a chapter.
function group(block) {
  if (block.unit === "slide" || block.unit === "cell") return `${block.part}\n${block.first}`;
  return `${block.part}\n${block.unit === "rows"}`;
}

class Viewer {
  constructor(root) {
    this.root = root;
    this.key = null;
    this.nonce = null;
    this.portions = new Map();
    this.hits = [];
    this.here = 1;
    this.build();
  }

  build() {
    this.list = element("select", { class: "places", "aria-label": "Go to", onchange: () => this.goTo(Number(this.list.value)) });
    this.previous = tool("up", "Previous", () => this.step(-1));
    this.next = tool("down", "Next", () => this.step(1));
    this.where = element("span", { class: "where", "aria-live": "off" });
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
    this.unread = element("details", { class: "unread" });
    const bar = element("div", { class: "bar", role: "toolbar", "aria-label": "Document" },
      this.list, this.previous, this.next, this.where, element("span", { class: "spring" }), this.query, this.found, this.original);
    this.scroller = element("div", { class: "scroll", tabindex: "0", "aria-label": "Text of the document" });
    this.rail = element("div", { class: "rail", role: "group", "aria-label": "Cited places" });
    this.frame = element("div", { class: "viewer" }, bar, this.unread, element("div", { class: "body" }, this.scroller, this.rail));
    this.root.append(this.frame);
    this.scroller.addEventListener("scroll", () => this.onScroll(), { passive: true });
  }

  update(data, send) {
    this.send = send;
    this.data = data;
    this.frame.style.setProperty("--viewer-height", data.height || "70vh");
    if (this.key !== data.base) return this.open(data);
    const wanted = JSON.stringify([data.marks, data.current]);
    const moved = this.nonce !== data.nonce;
    if (wanted !== this.drawn) this.redraw();
    this.drawRail();
    if (moved) this.settle();
  }

  open(data) {
    this.key = data.base;
    this.portions.clear();
    this.widths = new Map();
    this.heads = new Map();
    this.hits = [];
    this.wanted = "";
    this.found.textContent = "";
    this.query.value = "";
    this.where.textContent = "";
    this.frame.dataset.kind = data.kind;
    this.original.href = `${data.base}/original`;
    this.outline();
    this.warn();
    this.drawRail();
    if (!data.total) return this.say("Nothing in this file can be shown as text.");
    this.settle();
  }

  say(text) {
    this.scroller.replaceChildren(element("div", { class: "message", role: "status" }, text));
  }

  warn() {
    const lines = this.data.unreadable || [];
    this.unread.hidden = !lines.length;
    if (!lines.length) return;
    const count = `${lines.length.toLocaleString()} ${this.data.noun}${lines.length === 1 ? "" : "s"} could not be read`;
    this.unread.replaceChildren(element("summary", {}, count), element("ul", {}, ...lines.slice(0, 200).map((line) => element("li", {}, line))));
  }

  async outline() {
    this.places = [];
    const tools = [this.list, this.previous, this.next];
    for (const part of tools) part.hidden = true;
    const base = this.key;
    const answer = await fetch(`${base}/outline.json`).catch(() => null);
    if (!answer?.ok) return;
    const { places } = await answer.json();
    if (this.key !== base) return;
    this.places = places;
    this.list.replaceChildren(...places.map(([at, label, level]) =>
      element("option", { value: at }, `${"\u2003".repeat(level)}${label || "…"}`)));
    for (const part of tools) part.hidden = !places.length;
    this.tell();
  }

  // The portion that has the wanted passage, then its neighbours as they come into view.
  async settle() {
    this.nonce = this.data.nonce;
    const mark = this.data.marks.find((each) => each.id === this.data.current);
    await this.show(mark ? mark.n : this.data.position - 1, mark ? ".mark.current" : null);
  }

  async show(position, selector) {
    const at = Math.max(0, Math.min(this.data.total - 1, position));
    const portion = Math.floor(at / PORTION);
    const turn = (this.showing = (this.showing || 0) + 1);
    if (!this.portions.has(portion)) {
      if (!this.portions.size) this.say("Opening…");
      const read = await this.read(portion);
      if (turn !== this.showing || !read) return;
      this.portions.clear();
      this.portions.set(portion, read);
      this.redraw();
    }
    this.center(at, selector);
    await this.fill();
    if (turn === this.showing) this.center(at, selector);
    this.tell();
  }

  async read(portion) {
    const base = this.key;
    const answer = await fetch(`${base}/places.json?from=${portion * PORTION}&n=${PORTION}`).catch(() => null);
    if (this.key !== base) return null;
    if (!answer?.ok) {
      if (!this.portions.size) this.say(answer ? "This document cannot be shown." : "The app does not answer.");
      return null;
    }
    const read = await answer.json();
    if (this.key !== base) return null;
    for (const block of read.blocks) {
      block.units = unitsOf(block.text);
      block.cells = block.cells?.map(([start, end, ...at]) => [inUnits(block.units, start), inUnits(block.units, end), ...at]);
      this.learn(block);
    }
    return read;
  }

  // Which rows of a sheet are headers, and how wide its columns are.
  learn(block) {
    if (!block.cells) return;
    const widths = this.widths.get(block.part) || this.widths.set(block.part, new Map()).get(block.part);
    const heads = this.heads.get(block.part) || this.heads.set(block.part, new Set()).get(block.part);
    for (const [start, end, row, column] of block.cells) {
      const width = Math.min(34, Math.max(6, ...block.text.slice(start, end).split("\n").map((line) => line.length)));
      widths.set(column, Math.max(widths.get(column) || 0, width));
      if (row < block.first) heads.add(row);
    }
  }

  ends() {
    const numbers = [...this.portions.keys()];
    return [Math.min(...numbers), Math.max(...numbers)];
  }

  async fill() {
    if (this.filling || !this.portions.size) return;
    this.filling = true;
    try {
      for (let turn = 0; turn < 4 && this.portions.size; turn += 1) {
        const [low, high] = this.ends();
        const scroller = this.scroller;
        const below = scroller.scrollHeight - scroller.scrollTop - scroller.clientHeight;
        const wanted = below < NEAR && (high + 1) * PORTION < this.data.total ? high + 1 : scroller.scrollTop < NEAR && low > 0 ? low - 1 : null;
        if (wanted === null) return;
        const base = this.key;
        const read = await this.read(wanted);
        const ends = this.portions.size ? this.ends() : [0, 0];
        // Somebody may have gone elsewhere meanwhile: then it is no neighbour any more.
        if (!read || this.key !== base || (wanted !== ends[0] - 1 && wanted !== ends[1] + 1)) return;
        this.portions.set(wanted, read);
        if (this.portions.size > MOST_PORTIONS) this.portions.delete(wanted > high ? low : high);
        this.redraw();
      }
    } finally {
      this.filling = false;
    }
  }

  // All portions again, with what is in view kept where it is.
  redraw() {
    this.drawn = JSON.stringify([this.data.marks, this.data.current]);
    if (!this.portions.size) return;
    const anchor = this.top();
    const before = anchor?.getBoundingClientRect().top;
    const focused = this.root.activeElement?.dataset?.mark;
    const read = [...this.portions.keys()].sort((a, b) => a - b).map((number) => this.portions.get(number));
    const blocks = read.flatMap((portion) => portion.blocks);
    this.byPassage = new Map();
    this.units = new Map(blocks.filter((block) => block.units).map((block) => [block.n, block.units]));
    for (const mark of this.data.marks) this.add(mark.n, { ...mark, current: mark.id === this.data.current });
    this.hits.forEach(([n, start, end], number) => this.add(n, { hit: number, start, end }));
    const sections = this.sections(blocks, read[0].before);
    // Room below the last section, so that every place can be brought to the top.
    if (sections.length > 1 && this.ends()[1] >= Math.floor((this.data.total - 1) / PORTION)) sections.push(element("div", { class: "end" }));
    this.scroller.replaceChildren(...sections);
    if (anchor) {
      const same = this.scroller.querySelector(`[data-n="${anchor.dataset.n}"]`);
      if (same) this.scroller.scrollTop += same.getBoundingClientRect().top - before;
    }
    if (focused) this.scroller.querySelector(`[data-mark="${CSS.escape(focused)}"]`)?.focus({ preventScroll: true });
  }

  add(n, span) {
    const units = this.units.get(n);
    this.spanAt(n).push({ ...span, start: inUnits(units, span.start), end: inUnits(units, span.end) });
  }

  spanAt(n) { return this.byPassage.get(n) || this.byPassage.set(n, []).get(n); }

  sections(blocks, before) {
    const made = [];
    for (let start = 0; start < blocks.length;) {
      let stop = start + 1;
      while (stop < blocks.length && group(blocks[stop]) === group(blocks[start])) stop += 1;
      made.push(this.section(blocks.slice(start, stop), start ? blocks[start - 1] : before));
      start = stop;
    }
    return made;
  }

  section(blocks, before) {
    const first = blocks[0];
    const goesOn = Boolean(before) && group(before) === group(first);
    const partGoesOn = Boolean(before) && before.part === first.part;
    const kind = first.unit === "rows" ? "grid" : first.unit === "slide" ? "slide" : first.unit === "cell" ? "cell" : "paper";
    const made = element("section", { class: goesOn ? `${kind} on` : kind });
    if (first.part && !partGoesOn) made.append(element("h3", { class: "part" }, first.part));
    if (kind === "slide" && !goesOn) made.append(element("div", { class: "label" }, first.label));
    if (kind === "cell" && !goesOn) made.append(element("div", { class: "label" }, `[${first.first}]`));
    if (kind === "grid" && blocks.every((block) => block.cells)) made.append(this.grid(blocks));
    else {
      const body = element("div", { class: "blocks" });
      blocks.forEach((block, at) => body.append(this.block(block, blocks[at - 1] || (goesOn ? before : null), kind)));
      made.append(body);
    }
    return made;
  }

  block(block, before, kind) {
    const made = element("div", { class: `block ${block.kind}`, "data-n": block.n });
    if (kind === "paper" || kind === "grid") made.append(element("span", { class: "number", "aria-hidden": "true" }, block.label));
    const lines = block.text.split("\n");
    if (block.kind === "heading") made.append(element(`h${Math.min(6, block.level + 2)}`, { class: `head level${block.level}` }, ...this.words(block, 0, block.text.length)));
    else if (block.kind === "code") made.append(element("pre", {}, element("code", {}, ...this.words(block, 0, block.text.length))));
    else if (block.kind === "table" && lines.some((line) => line.includes(" | "))) made.append(this.table(block, before));
    else made.append(element("div", { class: "text" }, ...this.words(block, 0, block.text.length)));
    const note = block.note || this.spanAt(block.n).find((span) => span.note)?.note;
    if (note) made.append(element("div", { class: "unsure" }, note));
    return made;
  }

  table(block, before) {
    const rows = [];
    let at = 0;
    for (const line of block.text.split("\n")) {
      const cells = [];
      // Bars around a row are no cells; one at its beginning alone stands for an empty cell.
      const framed = line.startsWith("| ") && line.endsWith(" |");
      if (line.startsWith("| ") && !framed) cells.push([at, at]);
      let start = at + (line.startsWith("| ") ? 2 : 0);
      const end = at + line.length - (framed ? 2 : 0);
      while (start <= end) {
        const bar = block.text.indexOf(" | ", start);
        const stop = bar === -1 || bar >= end ? Math.max(start, end) : bar;
        cells.push([start, stop]);
        start = stop + 3;
        if (stop >= end) break;
      }
      rows.push(cells);
      at += line.length + 1;
    }
    const row = (cells, tag) => element("tr", {}, ...cells.map(([start, stop]) => element(tag, {}, ...this.words(block, start, stop))));
    // A long table is told in several passages, each with the row that names the columns.
    const first = block.text.split("\n", 1)[0];
    const named = before?.kind !== "table" || before.text.split("\n", 1)[0] === first;
    const head = named && rows.length > 1 ? rows.splice(0, 1) : [];
    return element("div", { class: "wide" }, element("table", { class: "plain" },
      element("thead", {}, ...head.map((cells) => row(cells, "th"))), element("tbody", {}, ...rows.map((cells) => row(cells, "td")))));
  }

  grid(blocks) {
    const { part } = blocks[0];
    const rows = new Map();
    const columns = new Set();
    for (const block of blocks) {
      for (const [start, end, row, column] of block.cells) {
        columns.add(column);
        if (!rows.has(row)) rows.set(row, { n: block.n, cells: new Map() });
        const cells = rows.get(row).cells;
        const pieces = cells.get(column) || cells.set(column, []).get(column);
        // A header comes with every passage, and a quote may be of any of them.
        const marked = this.spansIn(block.n, start, end).length;
        if (!pieces.length || pieces[0].n === block.n) pieces.push({ n: block.n, block, start, end });
        else if (marked) pieces.splice(0, pieces.length, { n: block.n, block, start, end });
      }
    }
    const heads = this.heads.get(part) || new Set();
    const widths = this.widths.get(part) || new Map();
    const order = [...columns].sort((a, b) => a - b);
    const numbers = [...rows.keys()].sort((a, b) => a - b);
    const body = numbers.filter((row) => !heads.has(row));
    const above = numbers.filter((row) => heads.has(row) && (!body.length || row < body[0])).slice(-3);
    const line = (row) => {
      const { n, cells } = rows.get(row);
      return element("tr", { class: heads.has(row) ? "header" : null, "data-n": n },
        element("th", { class: "row", scope: "row" }, row.toLocaleString("en-US", { useGrouping: false })),
        ...order.map((column) => this.cell(cells.get(column) || [])));
    };
    const width = (column) => `${(widths.get(column) || 8) * 0.62 + 1.3}em`;
    const gutter = `${Math.max(2, String(numbers[numbers.length - 1]).length) * 0.62 + 1.2}em`;
    return element("div", { class: "wide" }, element("table", { class: "cells" },
      element("colgroup", {}, this.col(gutter), ...order.map((column) => this.col(width(column)))),
      element("thead", {},
        element("tr", { class: "letters" }, element("th", { class: "corner" }), ...order.map((column) => element("th", { scope: "col" }, letters(column)))),
        ...above.map(line)),
      element("tbody", {}, ...numbers.filter((row) => !above.includes(row)).map(line))));
  }

  col(width) {
    const made = element("col");
    made.style.width = width;
    return made;
  }

  cell(pieces) {
    const spans = pieces.flatMap((piece) => this.spansIn(piece.n, piece.start, piece.end));
    const made = element("td", {});
    const text = pieces.map((piece) => piece.block.text.slice(piece.start, piece.end)).join(" ");
    if (/^[-+−(]?[\d.,  ]+%?\)?$/.test(text)) made.classList.add("figure");
    for (const piece of pieces) made.append(...this.words(piece.block, piece.start, piece.end));
    if (spans.some((span) => span.current)) made.classList.add("current");
    else if (spans.some((span) => span.id)) made.classList.add("cited");
    if (text.length > 34) made.title = text.slice(0, 1000);
    return made;
  }

  spansIn(n, start, end) {
    return (this.byPassage.get(n) || []).filter((span) => span.start < end && span.end > start);
  }

  // The characters of a passage as text nodes, cut where a quote or a hit begins or ends.
  words(block, start, end) {
    const spans = this.spansIn(block.n, start, end);
    if (!spans.length) return [block.text.slice(start, end)];
    const cuts = new Set([start, end]);
    for (const span of spans) for (const cut of [span.start, span.end]) if (cut > start && cut < end) cuts.add(cut);
    const order = [...cuts].sort((a, b) => a - b);
    return order.slice(0, -1).map((from, at) => this.piece(block, from, order[at + 1], spans));
  }

  piece(block, from, to, spans) {
    const here = spans.filter((span) => span.start < to && span.end > from);
    const text = block.text.slice(from, to);
    const hit = here.find((span) => span.hit !== undefined);
    const mark = here.find((span) => span.current) || here.find((span) => span.id);
    let made = document.createTextNode(text);
    if (hit) made = element("span", { class: hit.hit === this.now ? "hit now" : "hit", "data-hit": hit.hit }, made);
    if (!mark) return made;
    const first = !this.begun(mark, from, block);
    const press = () => this.send("clicked", mark.id);
    return element("span", {
      class: mark.current ? "mark current" : "mark", "data-mark": mark.id, title: mark.title, onclick: press,
      role: first ? "button" : null, tabindex: first ? "0" : null, "aria-label": first ? mark.label : null,
      "aria-current": first && mark.current ? "true" : null,
      onkeydown: (event) => { if (event.key === "Enter" || event.key === " ") { event.preventDefault(); press(); } },
    }, made);
  }

  // Whether an earlier piece of this quote is drawn already: one of them takes the focus.
  begun(mark, from, block) {
    if (from <= mark.start) return false;
    if (!block.cells) return true;
    return block.cells.some(([start, end]) => end > mark.start && start < from && start < mark.end && end <= from);
  }

  drawRail() {
    const old = this.rail.querySelectorAll("button");
    for (const each of old) each.remove();
    for (const mark of this.data.marks) {
      const current = mark.id === this.data.current;
      const made = element("button", {
        type: "button", class: current ? "current" : null, title: mark.title, "aria-label": `Go to ${mark.label}`,
        onclick: () => (current ? this.show(mark.n, ".mark.current") : this.send("clicked", mark.id)),
      });
      made.style.top = `${((mark.n + 0.5) / Math.max(1, this.data.total)) * 100}%`;
      this.rail.append(made);
    }
  }

  center(position, selector) {
    const made = (selector && this.scroller.querySelector(selector)) || this.scroller.querySelector(`[data-n="${position}"]`) || this.nearest(position);
    if (!made) return;
    const outer = this.scroller.getBoundingClientRect();
    const inner = made.getBoundingClientRect();
    this.scroller.scrollTop += inner.top - outer.top - (selector ? outer.height / 3 : this.headroom(made));
    const wide = made.closest("table.cells") ? this.scroller : made.closest(".wide");
    if (!selector || !wide) return;
    const box = wide.getBoundingClientRect();
    if (inner.left < box.left + 60 || inner.left > box.right - 60) wide.scrollLeft += inner.left - box.left - Math.max(70, box.width / 3);
  }

  headroom(made) {
    const section = made.closest("section");
    const first = section?.querySelector("[data-n]") === made;
    if (first && !section.classList.contains("on")) return made.getBoundingClientRect().top - section.getBoundingClientRect().top + 8;
    return made.closest("table.cells") ? (made.closest("table").querySelector("thead")?.offsetHeight || 0) + 4 : 12;
  }

  // Of rows that share a line with others only one passage's number is kept.
  nearest(position) {
    let best = null;
    for (const made of this.scroller.querySelectorAll("[data-n]")) if (Number(made.dataset.n) <= position) best = made;
    return best;
  }

  top() {
    const edge = this.scroller.getBoundingClientRect().top + 4;
    for (const section of this.scroller.children) {
      if (section.getBoundingClientRect().bottom <= edge) continue;
      const head = section.querySelector("table.cells > thead")?.offsetHeight || 0;
      for (const made of section.querySelectorAll("[data-n]")) {
        if (made.getBoundingClientRect().bottom > edge + head && !made.closest("thead")) return made;
      }
    }
    return null;
  }

  onScroll() {
    this.fill();
    clearTimeout(this.resting);
    this.resting = setTimeout(() => this.tell(), 120);
  }

  // Which place is in view: in the list, beside it, and in the address.
  tell() {
    const made = this.top();
    if (!made) return;
    const n = Number(made.dataset.n);
    this.here = n + 1;
    let at = -1;
    for (const [number, [first]] of this.places.entries()) if (first <= n) at = number;
    if (at >= 0 && this.root.activeElement !== this.list) this.list.selectedIndex = at;
    else if (at < 0) this.list.selectedIndex = -1;
    this.previous.disabled = !this.places.some(([first]) => first < n);
    this.next.disabled = !this.places.some(([first]) => first > n);
    this.where.textContent = this.label(n, made);
    let here = this.rail.querySelector(".here");
    if (!here) this.rail.prepend(here = element("div", { class: "here" }));
    here.style.top = `${(n / Math.max(1, this.data.total)) * 100}%`;
    clearTimeout(this.telling);
    this.telling = setTimeout(() => {
      if (this.told !== this.here && this.told !== undefined) this.send("page", this.here);
      this.told = this.here;
    }, 1200);
  }

  label(n, made) {
    const row = made.querySelector(":scope > th.row")?.textContent;
    if (row) return `row ${row}`;
    for (const read of this.portions.values()) {
      const block = read.blocks.find((each) => each.n === n);
      if (block) return block.label;
    }
    return "";
  }

  step(by) {
    const n = this.here - 1;
    const places = this.places.map(([at]) => at);
    const wanted = by > 0 ? places.find((at) => at > n) : places.filter((at) => at < n).pop();
    if (wanted !== undefined) this.goTo(wanted);
  }

  goTo(position) {
    this.show(position, null);
    this.scroller.focus({ preventScroll: true });
  }

  async find(step) {
    const wanted = this.query.value.trim();
    if (!wanted) return;
    if (wanted !== this.wanted || !this.hits.length) {
      this.wanted = wanted;
      this.found.textContent = "…";
      const answer = await fetch(`${this.key}/find.json?q=${encodeURIComponent(wanted)}`).catch(() => null);
      this.now = -1;
      this.showHits(answer?.ok ? (await answer.json()).hits : []);
      if (!this.hits.length) { this.found.textContent = "not found"; return; }
    }
    this.now = (this.now + step + this.hits.length) % this.hits.length;
    this.found.textContent = `${(this.now + 1).toLocaleString()} of ${this.hits.length.toLocaleString()}`;
    this.redraw();
    await this.show(this.hits[this.now][0], `[data-hit="${this.now}"]`);
  }

  showHits(hits) {
    this.hits = hits;
    if (!hits.length) this.found.textContent = "";
    this.redraw();
  }

  close() {
    clearTimeout(this.telling);
    clearTimeout(this.resting);
    this.key = null;
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
