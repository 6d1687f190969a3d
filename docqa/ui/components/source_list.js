// The documents of a workspace with a checkbox each. One component, so that thousands cost little.
const lists = new WeakMap();

function element(tag, className, ...children) {
  const made = document.createElement(tag);
  if (className) made.className = className;
  made.append(...children);
  return made;
}

class SourceList {
  constructor(root) {
    this.all = element("input");
    this.all.type = "checkbox";
    this.count = element("span", "count");
    this.filter = element("input", "filter");
    this.filter.type = "search";
    this.filter.placeholder = "Filter by name";
    this.filter.setAttribute("aria-label", "Filter documents by name");
    this.rows = element("ul", "rows");
    this.frame = element("div", "list",
      element("div", "head", element("label", "", this.all, "Select all"), this.count), this.filter, this.rows);
    root.append(this.frame);
    this.all.addEventListener("change", () => this.toggleAll(this.all.checked));
    this.filter.addEventListener("input", () => this.applyFilter());
    this.filter.addEventListener("keydown", (event) => event.stopPropagation());
    this.off = new Set();
  }

  update(data, tell, open) {
    this.tell = tell;
    this.openDocument = open;
    this.frame.style.setProperty("--list-height", data.height);
    const wanted = JSON.stringify(data.documents);
    if (data.nonce !== this.nonce) {
      this.nonce = data.nonce;
      this.off = new Set(data.off);
      this.wanted = null;
    }
    if (wanted !== this.wanted) {
      this.wanted = wanted;
      this.documents = data.documents;
      this.rows.replaceChildren(...data.documents.map((item) => this.row(item)));
      this.filter.hidden = data.documents.length < 6;
      this.applyFilter();
    }
    this.count_();
  }

  row(item) {
    const box = element("input");
    box.type = "checkbox";
    box.checked = item.usable && !this.off.has(item.id);
    box.disabled = !item.usable;
    box.setAttribute("aria-label", `Ask about ${item.name}`);
    box.addEventListener("change", () => {
      if (box.checked) this.off.delete(item.id); else this.off.add(item.id);
      this.changed();
    });
    const slash = item.name.lastIndexOf("/") + 1;
    const name = element("button", "name");
    if (slash) name.append(element("span", "folder", item.name.slice(0, slash)), document.createElement("wbr"));
    name.append(item.name.slice(slash));
    name.type = "button";
    name.title = item.usable ? `Open ${item.path}` : item.path;
    name.disabled = !item.usable;
    name.addEventListener("click", () => this.openDocument(item.id));
    const facts = element("div", "facts", item.facts);
    if (item.warning) facts.append(item.facts ? " · " : "", element("span", "warn", item.warning));
    const row = element("li", "row", box, element("div", "", name, facts));
    row.box = box;
    row.item = item;
    return row;
  }

  toggleAll(on) {
    for (const row of this.rows.children) {
      if (row.hidden || !row.item?.usable) continue;
      row.box.checked = on;
      if (on) this.off.delete(row.item.id); else this.off.add(row.item.id);
    }
    this.changed();
  }

  applyFilter() {
    const wanted = this.filter.value.trim().toLowerCase();
    let shown = 0;
    this.rows.querySelector(".none")?.remove();
    for (const row of this.rows.children) {
      row.hidden = Boolean(wanted) && !row.item.path.toLowerCase().includes(wanted);
      row.style.display = row.hidden ? "none" : "";
      shown += row.hidden ? 0 : 1;
    }
    if (!shown && wanted) {
      const none = element("li", "none", "No document has this name.");
      none.item = null;
      none.hidden = true;
      this.rows.after(none);
      this.none?.remove();
      this.none = none;
      none.hidden = false;
    } else this.none?.remove();
    this.count_();
  }

  count_() {
    const usable = this.documents.filter((item) => item.usable);
    const on = usable.filter((item) => !this.off.has(item.id)).length;
    this.count.textContent = `${on.toLocaleString()} of ${usable.length.toLocaleString()}`;
    this.all.checked = on === usable.length && on > 0;
    this.all.indeterminate = on > 0 && on < usable.length;
  }

  changed() {
    this.count_();
    clearTimeout(this.telling);
    this.telling = setTimeout(() => this.tell([...this.off]), 250);
  }
}

export default function ({ parentElement, data, setStateValue, setTriggerValue }) {
  let list = lists.get(parentElement);
  if (!list) {
    list = new SourceList(parentElement);
    lists.set(parentElement, list);
  }
  list.update(data, (off) => setStateValue("off", off), (id) => setTriggerValue("opened", id));
}
