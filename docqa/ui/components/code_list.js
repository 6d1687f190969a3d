// Places in the code under headings: an outline, who uses a name, what a file imports. Each is a button.
const FILTERED_FROM = 15;
const lists = new WeakMap();

function element(tag, className, ...children) {
  const made = document.createElement(tag);
  if (className) made.className = className;
  made.append(...children);
  return made;
}

class List {
  constructor(root) {
    this.root = root;
    this.filter = element("input", "filter");
    this.filter.type = "search";
    this.filter.addEventListener("input", () => this.apply());
    this.filter.addEventListener("keydown", (event) => event.stopPropagation());
    this.body = element("div", "body");
    this.none = element("div", "none", "Nothing here has this name.");
    this.none.hidden = true;
    this.frame = element("div", "list", this.filter, this.body, this.none);
    root.append(this.frame);
  }

  update(data, open) {
    this.open = open;
    this.frame.style.setProperty("--list-height", data.height);
    const wanted = JSON.stringify(data);
    if (wanted === this.wanted) return;
    const other = data.key !== this.key;
    this.wanted = wanted;
    this.key = data.key;
    const focused = this.root.activeElement?.dataset?.id;
    const count = data.sections.reduce((sum, section) => sum + section.items.length, 0);
    this.filter.hidden = count < FILTERED_FROM;
    this.filter.placeholder = data.placeholder;
    this.filter.setAttribute("aria-label", data.placeholder);
    if (other) this.filter.value = "";
    this.body.replaceChildren(...data.sections.flatMap((section) => this.section(section)));
    this.apply();
    if (focused) this.body.querySelector(`[data-id="${CSS.escape(focused)}"]`)?.focus({ preventScroll: true });
    const current = this.body.querySelector("[aria-current]");
    if (current) this.show(current, other);
    else if (other) this.body.scrollTop = 0;
  }

  section(section) {
    const made = [];
    if (section.title) made.push(element("h3", "", section.title));
    if (section.note) made.push(element("p", "note", section.note));
    if (section.items.length) made.push(element("ul", "", ...section.items.map((item) => this.item(item))));
    return made;
  }

  item(item) {
    const inner = item.id === null ? element("span", "line plain") : element("button", "line");
    if (item.id !== null) {
      inner.type = "button";
      inner.dataset.id = item.id;
      inner.addEventListener("click", () => this.open(item.id));
    }
    inner.style.paddingLeft = `${6 + item.level * 14}px`;
    if (item.title) inner.title = item.title;
    if (item.current) inner.setAttribute("aria-current", "true");
    if (item.badge) inner.append(element("span", "badge", item.badge));
    inner.append(element("span", item.code ? "label code" : "label", item.label));
    if (item.detail) inner.append(element("span", "detail", item.detail));
    const row = element("li", "", inner);
    row.said = `${item.label} ${item.title}`.toLowerCase();
    return row;
  }

  apply() {
    const wanted = this.filter.hidden ? "" : this.filter.value.trim().toLowerCase();
    let shown = 0;
    const rows = this.body.querySelectorAll("li");
    for (const row of rows) {
      row.hidden = Boolean(wanted) && !row.said.includes(wanted);
      shown += row.hidden ? 0 : 1;
    }
    this.none.hidden = !wanted || shown > 0;
  }

  show(row, always) {
    const outer = this.body.getBoundingClientRect();
    const box = row.getBoundingClientRect();
    if (always || box.top < outer.top || box.bottom > outer.bottom) this.body.scrollTop += box.top - outer.top - outer.height / 3;
  }

  close() { this.frame.remove(); }
}

export default function ({ parentElement, data, setTriggerValue }) {
  let list = lists.get(parentElement);
  if (!list) {
    list = new List(parentElement);
    lists.set(parentElement, list);
  }
  const turn = (list.turn = (list.turn || 0) + 1);
  list.update(data, (id) => setTriggerValue("opened", id));
  return () => {
    // Streamlit also calls this for a render that was overtaken: only the last one may close.
    if (list.turn !== turn) return;
    list.close();
    lists.delete(parentElement);
  };
}
