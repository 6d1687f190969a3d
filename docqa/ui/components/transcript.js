// An answer. Its text is hostile: Python parsed it into blocks, here they become text nodes.
const drawn = new WeakMap();

function element(tag, className, ...children) {
  const made = document.createElement(tag);
  if (className) made.className = className;
  made.append(...children);
  return made;
}

class Transcript {
  constructor(root) {
    this.root = root;
    this.body = element("div", "answer");
    root.append(this.body);
    this.card = null;
  }

  update(data, press, go) {
    this.press = press;
    this.go = go;
    const wanted = JSON.stringify(data);
    if (wanted === this.wanted) return;
    this.wanted = wanted;
    this.data = data;
    this.hide();
    const { citation, mention } = this.root.activeElement?.dataset || {};
    const focused = citation ? `[data-citation="${CSS.escape(citation)}"]` : mention && `[data-mention="${CSS.escape(mention)}"]`;
    this.body.replaceChildren(...this.blocks(data.blocks));
    if (data.running) (this.body.lastElementChild || this.body).classList.add("caret");
    const sources = data.sources && data.citations.length ? this.sources() : null;
    if (data.unknown) this.body.append(element("p", "note", data.unknown));
    if (sources) this.body.append(sources);
    if (focused) this.body.querySelector(focused)?.focus({ preventScroll: true });
  }

  blocks(blocks) { return blocks.map((block) => this.block(block)); }

  block(block) {
    switch (block.kind) {
      case "heading": return element("h3", "", ...this.runs(block.runs));
      case "code": return element("pre", "", element("code", "", block.text));
      case "rule": return element("hr");
      case "quote": return element("blockquote", "", ...this.blocks(block.blocks));
      case "list": {
        const list = element(block.ordered ? "ol" : "ul");
        if (block.ordered && block.start !== 1) list.start = block.start;
        for (const item of block.items) list.append(element("li", "", ...this.blocks(item)));
        return list;
      }
      case "table": return this.table(block);
      default: return element("p", "", ...this.runs(block.runs));
    }
  }

  table(block) {
    const row = (cells, tag) => element("tr", "", ...cells.map((runs) => element(tag, "", ...this.runs(runs))));
    const table = element("table", "", element("thead", "", row(block.head, "th")),
      element("tbody", "", ...block.rows.map((cells) => row(cells, "td"))));
    return element("div", "table", table);
  }

  runs(runs) { return runs.map((run) => this.run(run)); }

  run(run) {
    if (run.marker) return this.chip(run.marker, run.citation);
    if (run.said) return element("span", "said", run.said);
    let made = this.words(run);
    if (run.code) made = element("code", "", ...(run.parts ? run.parts.map((part) => this.words(part)) : [made]));
    if (run.bold) made = element("strong", "", made);
    if (run.italic) made = element("em", "", made);
    if (run.strike) made = element("s", "", made);
    if (run.bare) made = element("span", "bare", made);
    return made;
  }

  words(run) {
    const text = document.createTextNode(run.text);
    const mention = run.mention === undefined ? null : this.data.mentions[run.mention];
    return mention ? this.mention(text, run.mention, mention) : text;
  }

  // A name or place of the code: a link where it exists, marked where it does not.
  mention(text, number, mention) {
    const made = element(mention.href ? "a" : "span", mention.href ? "mention" : "unknown", text);
    made.dataset.mention = number;
    if (mention.href) {
      made.href = mention.href;
      made.addEventListener("click", (event) => {
        if (event.ctrlKey || event.metaKey || event.shiftKey) return;
        event.preventDefault();
        this.hide();
        this.go(number);
      });
    } else {
      made.tabIndex = 0;
      made.append(element("span", "hidden", ` (${mention.said})`));
    }
    const card = { title: mention.title, support: mention.said, notes: [] };
    for (const name of ["pointerenter", "focus"]) made.addEventListener(name, () => this.show(made, card));
    for (const name of ["pointerleave", "blur"]) made.addEventListener(name, () => this.hide());
    return made;
  }

  chip(marker, number) {
    const citation = this.data.citations[number];
    const chip = element("button", "chip", String(marker));
    chip.type = "button";
    chip.dataset.citation = number;
    if (!citation) {
      chip.classList.add("pending");
      chip.disabled = true;
      chip.setAttribute("aria-label", `Citation ${marker}, being checked`);
      return chip;
    }
    if (citation.word) chip.append(` ${citation.word}`);
    if (citation.doubtful) chip.classList.add("doubtful");
    if (citation.found) chip.classList.add("found");
    if (number === this.data.current) {
      chip.classList.add("current");
      chip.setAttribute("aria-current", "true");
    }
    chip.setAttribute("aria-label", `Citation ${marker}: ${citation.title}. ${citation.support}`);
    chip.addEventListener("click", () => { this.hide(); this.press(number); });
    for (const name of ["pointerenter", "focus"]) chip.addEventListener(name, () => this.show(chip, citation));
    for (const name of ["pointerleave", "blur"]) chip.addEventListener(name, () => this.hide());
    return chip;
  }

  sources() {
    const list = element("ul", "sources");
    list.setAttribute("aria-label", "Sources of this answer");
    const current = this.data.citations[this.data.current];
    const listed = new Set();
    this.data.citations.forEach((citation, number) => {
      if (listed.has(citation.marker)) return;
      listed.add(citation.marker);
      const button = element("button", citation.doubtful ? "doubtful" : "",
        element("span", "number", String(citation.marker)), element("span", citation.lines ? "name path" : "name", element("bdi", "", citation.document)),
        element("span", "place", citation.place), element("span", "support", citation.short));
      button.type = "button";
      if (current && current.marker === citation.marker) button.setAttribute("aria-current", "true");
      button.addEventListener("click", () => this.press(number));
      list.append(element("li", "", button));
    });
    return list;
  }

  show(chip, citation) {
    this.hide();
    const card = element("div", "card");
    if (citation.title) card.append(element("b", "", citation.title));
    card.setAttribute("role", "tooltip");
    if (citation.quote) card.append(element("q", "", citation.quote));
    card.append(element("div", "support", citation.support));
    for (const note of citation.notes) card.append(element("div", "", note));
    this.root.append(card);
    const box = chip.getBoundingClientRect();
    const size = card.getBoundingClientRect();
    const above = box.top - size.height - 8;
    card.style.left = `${Math.max(12, Math.min(box.left - 24, window.innerWidth - size.width - 12))}px`;
    card.style.top = `${above > 8 ? above : box.bottom + 8}px`;
    this.card = card;
  }

  hide() { this.card?.remove(); this.card = null; }
  close() { this.hide(); this.body.remove(); }
}

export default function ({ parentElement, data, setTriggerValue }) {
  let transcript = drawn.get(parentElement);
  if (!transcript) {
    transcript = new Transcript(parentElement);
    drawn.set(parentElement, transcript);
  }
  const turn = (transcript.turn = (transcript.turn || 0) + 1);
  transcript.update(
    data,
    (marker) => setTriggerValue("clicked", marker),
    (mention) => setTriggerValue("mentioned", mention),
  );
  return () => {
    // Streamlit also calls this for a render that was overtaken: only the last one may close.
    if (transcript.turn !== turn) return;
    transcript.close();
    drawn.delete(parentElement);
  };
}
