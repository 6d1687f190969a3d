// The files of a codebase as a tree. There may be tens of thousands: only rows in view are drawn.
const ROW = 26;
const MARGIN = 10;
const MOST_FOUND = 2000;
const WAIT_MS = 120;
const trees = new WeakMap();
const remembered = new Map(); // open folders and the filter by address, while the page lives

function element(tag, className, ...children) {
  const made = document.createElement(tag);
  if (className) made.className = className;
  made.append(...children);
  return made;
}

function short(number) {
  if (number < 1000) return String(number);
  for (const [unit, size] of [["K", 1e3], ["M", 1e6], ["B", 1e9]]) {
    if (number >= size * 999.5) continue;
    const value = number / size;
    return `${value < 9.95 ? value.toFixed(1) : Math.round(value)}${unit}`;
  }
  return number.toLocaleString();
}

const byName = (one, other) => (one.sort < other.sort ? -1 : one.sort > other.sort ? 1 : 0);

function folder(name, path) { return { name, path, sort: name.toLowerCase(), folders: new Map(), files: [], tokens: 0, count: 0, left: 0 }; }

// files: [path, tokens, status, document id or null, reason, source id]
function grown({ sources, files }) {
  const root = folder("", "");
  const many = Object.keys(sources).length > 1;
  for (const [path, tokens, status, id, reason, source] of files) {
    const parts = path.split("/");
    const name = parts.pop();
    if (many) parts.unshift(`\u0000${source}`);
    const left = status === "left out";
    let at = root;
    const up = [root];
    let where = "";
    for (const part of parts) {
      where += `${part}/`;
      let next = at.folders.get(part);
      if (!next) {
        next = folder(part[0] === "\u0000" ? sources[source] : part, where);
        next.source = part[0] === "\u0000";
        at.folders.set(part, next);
      }
      at = next;
      up.push(at);
    }
    at.files.push({ name, path, where: where + name, tokens, status, id, reason, sort: name.toLowerCase(), left, up });
    for (const each of up) {
      each.tokens += tokens;
      if (left) each.left += 1; else each.count += 1;
    }
  }
  return root;
}

function children(node) {
  node.sorted ||= [...[...node.folders.values()].sort(byName), ...node.files.sort(byName)];
  return node.sorted;
}

class Tree {
  constructor(root) {
    this.filter = element("input", "filter");
    this.filter.type = "search";
    this.filter.placeholder = "Filter files";
    this.filter.setAttribute("aria-label", "Filter files by path");
    this.rest = element("input");
    this.rest.type = "checkbox";
    this.restText = element("span");
    this.restLabel = element("label", "rest", this.rest, this.restText);
    this.rows = element("div", "rows");
    this.rows.setAttribute("role", "tree");
    this.rows.setAttribute("aria-label", "Files");
    this.rows.tabIndex = 0;
    this.space = element("div", "space");
    this.space.setAttribute("role", "presentation");
    this.rows.append(this.space);
    this.said = element("div", "said");
    this.said.setAttribute("role", "status");
    this.frame = element("div", "tree", this.filter, this.rows, this.said, this.restLabel);
    root.append(this.frame);
    this.visible = [];
    this.active = -1;
    this.rows.addEventListener("scroll", () => this.draw(), { passive: true });
    this.rows.addEventListener("keydown", (event) => this.key(event));
    this.rows.addEventListener("click", (event) => this.click(event));
    // Before the focus: rows that are drawn again between press and release would lose the click.
    this.rows.addEventListener("pointerdown", (event) => {
      const row = event.target.closest?.(".row");
      if (row) this.active = Number(row.dataset.at);
    });
    this.rows.addEventListener("focus", () => { if (this.active < 0 && this.visible.length) this.go(0); });
    this.filter.addEventListener("input", () => {
      clearTimeout(this.waiting);
      this.waiting = setTimeout(() => { this.flatten(); this.rows.scrollTop = 0; this.draw(); }, WAIT_MS);
    });
    this.filter.addEventListener("keydown", (event) => {
      event.stopPropagation();
      if (event.key === "ArrowDown") { this.rows.focus(); this.go(0); }
    });
    this.rest.addEventListener("change", () => { this.flatten(); this.draw(); });
    this.watch = new ResizeObserver(() => this.draw());
    this.watch.observe(this.rows);
  }

  update(data, open) {
    this.open = open;
    this.data = data;
    this.frame.style.setProperty("--tree-height", data.height);
    if (this.url !== data.url) this.load(data);
    else if (this.root) this.select();
  }

  async load(data) {
    const place = data.url.split("?")[0];
    if (this.place !== place) {
      this.place = place;
      this.root = null;
      if (!remembered.has(place)) remembered.set(place, new Set());
      this.opened = remembered.get(place);
      this.visible = [];
      this.draw();
    }
    this.url = data.url;
    this.said.textContent = "Loading the files…";
    const answer = await fetch(data.url).catch(() => null);
    if (this.url !== data.url) return;
    const read = answer && (await answer.json().catch(() => null));
    if (this.url !== data.url) return;
    if (!answer?.ok || !read) {
      this.said.textContent = read?.error || "The files cannot be listed: the app does not answer.";
      this.url = null;
      return;
    }
    this.files = read.files;
    this.root = grown(read);
    this.top(this.root);
    this.shown = undefined;
    this.restLabel.hidden = !this.root.left;
    this.restText.textContent = `Show ${this.root.left.toLocaleString()} left out`;
    this.flatten();
    this.select();
  }

  top(root) {
    // A first look shows what is in it, not one closed folder.
    if (this.opened.size) return;
    const folders = [...root.folders.values()];
    if (folders.length > 3) return;
    for (let at of folders) {
      this.opened.add(at.path);
      while (at.folders.size === 1 && !at.files.length) {
        [at] = at.folders.values();
        this.opened.add(at.path);
      }
    }
  }

  select() {
    const wanted = this.data.selected;
    if (wanted === this.shown) return this.draw();
    this.shown = wanted;
    const file = wanted && this.find(this.root, wanted);
    if (!file) return this.draw();
    for (const each of file.up) this.opened.add(each.path);
    if (this.filter.value && !file.where.toLowerCase().includes(this.filter.value.trim().toLowerCase())) this.filter.value = "";
    this.flatten();
    const at = this.visible.findIndex((row) => row.node === file);
    if (at >= 0) { this.active = at; this.reveal(at); }
    this.draw();
  }

  find(root, id) {
    const stack = [root];
    while (stack.length) {
      const node = stack.pop();
      for (const file of node.files) if (file.id === id) return file;
      stack.push(...node.folders.values());
    }
    return null;
  }

  flatten() {
    const rows = [];
    const rest = this.rest.checked;
    const wanted = this.filter.value.trim().toLowerCase();
    let keep = null;
    this.more = 0;
    if (wanted && this.root) keep = this.matches(wanted, rest);
    const walk = (node, level) => {
      for (const child of children(node)) {
        if (child.files) {
          if (!(child.count || (rest && child.left))) continue;
          if (keep && !keep.has(child)) continue;
          let at = child;
          let name = child.name;
          // A chain of folders with nothing else in them is one row.
          while (at.folders.size === 1 && !at.files.length && !at.source) {
            [at] = at.folders.values();
            name += `/${at.name}`;
          }
          const open = keep ? true : this.opened.has(at.path);
          rows.push({ node: at, name, level, open });
          if (open) walk(at, level + 1);
        } else if ((rest || !child.left) && (!keep || keep.has(child))) {
          rows.push({ node: child, name: child.name, level });
        }
      }
    };
    if (this.root) walk(this.root, 0);
    this.visible = rows;
    this.active = Math.min(this.active, rows.length - 1);
    let said = "";
    if (this.root && !rows.length) said = wanted ? "No file has this in its path." : "No files.";
    if (this.more) said = `${this.more.toLocaleString()} more match; type more of the path.`;
    this.said.textContent = said;
  }

  matches(wanted, rest) {
    const keep = new Set();
    let found = 0;
    const stack = [this.root];
    while (stack.length) {
      const node = stack.pop();
      for (const file of node.files) {
        if ((file.left && !rest) || !file.path.toLowerCase().includes(wanted)) continue;
        found += 1;
        if (found > MOST_FOUND) continue;
        keep.add(file);
        for (const each of file.up) keep.add(each);
      }
      stack.push(...node.folders.values());
    }
    this.more = Math.max(0, found - MOST_FOUND);
    return keep;
  }

  draw() {
    this.space.style.height = `${this.visible.length * ROW}px`;
    const first = Math.max(0, Math.floor(this.rows.scrollTop / ROW) - MARGIN);
    const last = Math.min(this.visible.length, Math.ceil((this.rows.scrollTop + this.rows.clientHeight) / ROW) + MARGIN);
    const drawn = [];
    for (let at = first; at < last; at += 1) drawn.push(this.row(at));
    this.space.replaceChildren(...drawn);
    if (this.active >= first && this.active < last) this.rows.setAttribute("aria-activedescendant", `row-${this.active}`);
    else this.rows.removeAttribute("aria-activedescendant");
  }

  row(at) {
    const { node, name, level, open } = this.visible[at];
    const row = element("div", "row");
    row.id = `row-${at}`;
    row.dataset.at = at;
    row.style.top = `${at * ROW}px`;
    row.style.paddingLeft = `${6 + level * 14}px`;
    row.setAttribute("role", "treeitem");
    row.setAttribute("aria-level", level + 1);
    row.setAttribute("aria-selected", String(Boolean(node.id) && node.id === this.shown));
    if (at === this.active) row.classList.add("active");
    const label = element("span", "name", name);
    const facts = element("span", "facts");
    if (node.files) {
      row.classList.add("folder");
      row.setAttribute("aria-expanded", String(open));
      row.prepend(element("span", open ? "twist open" : "twist"));
      facts.textContent = node.tokens ? short(node.tokens) : "";
      const files = `${node.count.toLocaleString()} ${node.count === 1 ? "file" : "files"}`;
      const left = node.left ? `, ${node.left.toLocaleString()} left out` : "";
      row.title = `${name}: ${node.tokens.toLocaleString()} tokens in ${files}${left}`;
    } else {
      row.prepend(element("span", "twist none"));
      facts.textContent = this.mark(node);
      row.title = `${node.path}: ${this.about(node)}`;
      if (node.left) row.classList.add("left");
      else if (node.status !== "ready") row.classList.add("marked");
      if (node.id === null) row.setAttribute("aria-disabled", "true");
      if (node.id && node.id === this.shown) row.classList.add("shown");
    }
    row.append(label, facts);
    return row;
  }

  mark(file) {
    if (file.left) return file.reason;
    if (file.status === "ready") return file.tokens ? short(file.tokens) : "";
    return this.data.words[file.status] || file.status;
  }

  about(file) {
    if (file.left) return `left out: ${file.reason}`;
    const said = file.status === "ready" ? `${file.tokens.toLocaleString()} tokens` : this.mark(file);
    return file.reason ? `${said}, ${file.reason}` : said;
  }

  click(event) {
    const row = event.target.closest?.(".row");
    if (!row) return;
    this.go(Number(row.dataset.at));
    this.press();
  }

  press() {
    const row = this.visible[this.active];
    if (!row) return;
    if (row.node.files) return this.turn(row);
    if (row.node.id === null) return;
    this.shown = row.node.id;
    this.draw();
    this.open(row.node.id);
  }

  turn(row) {
    const { path } = row.node;
    if (this.filter.value.trim()) return;
    if (this.opened.has(path)) this.opened.delete(path); else this.opened.add(path);
    this.flatten();
    this.draw();
  }

  go(at) {
    this.active = Math.max(0, Math.min(this.visible.length - 1, at));
    this.reveal(this.active);
    this.draw();
  }

  reveal(at) {
    const top = at * ROW;
    const height = this.rows.clientHeight;
    this.space.style.height = `${this.visible.length * ROW}px`;
    if (top < this.rows.scrollTop) this.rows.scrollTop = top - (height > ROW * 8 ? ROW * 2 : 0);
    else if (top + ROW > this.rows.scrollTop + height) this.rows.scrollTop = top + ROW * 3 - height;
  }

  key(event) {
    const row = this.visible[this.active];
    const page = Math.max(1, Math.floor(this.rows.clientHeight / ROW) - 1);
    const steps = { ArrowDown: 1, ArrowUp: -1, PageDown: page, PageUp: -page, Home: -1e9, End: 1e9 };
    if (event.key in steps) this.go(this.active + steps[event.key]);
    else if (event.key === "ArrowRight" && row?.node.files) { if (row.open) this.go(this.active + 1); else this.turn(row); }
    else if (event.key === "ArrowLeft" && row) {
      if (row.node.files && row.open) this.turn(row);
      else {
        let up = this.active;
        while (up > 0 && this.visible[up].level >= row.level) up -= 1;
        this.go(up);
      }
    } else if (event.key === "Enter" || event.key === " ") this.press();
    else return;
    event.preventDefault();
    event.stopPropagation();
  }

  close() { this.url = null; this.watch.disconnect(); this.frame.remove(); }
}

export default function ({ parentElement, data, setTriggerValue }) {
  let tree = trees.get(parentElement);
  if (!tree) {
    tree = new Tree(parentElement);
    trees.set(parentElement, tree);
  }
  const turn = (tree.turnNumber = (tree.turnNumber || 0) + 1);
  tree.update(data, (id) => setTriggerValue("opened", id));
  return () => {
    // Streamlit also calls this for a render that was overtaken: only the last one may close.
    if (tree.turnNumber !== turn) return;
    tree.close();
    trees.delete(parentElement);
  };
}
