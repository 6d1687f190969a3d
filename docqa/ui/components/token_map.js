// What fills the window: rectangles as large as their share of the tokens. Each is a button.
const maps = new WeakMap();
const GAP = 3;
const INSET = 4;
const HEAD = 42;

function element(tag, className, ...children) {
  const made = document.createElement(tag);
  if (className) made.className = className;
  made.append(...children);
  return made;
}

// Squarified treemap (Bruls, Huizing, van Wijk 2000). values: positive, largest first.
function squarified(values, box) {
  const total = values.reduce((sum, value) => sum + value, 0);
  const scale = (box.width * box.height) / total;
  const areas = values.map((value) => value * scale);
  const placed = [];
  let { x, y, width, height } = box;
  let at = 0;
  while (at < areas.length) {
    const side = Math.min(width, height);
    let stop = at;
    let sum = 0;
    let worst = Infinity;
    while (stop < areas.length) {
      const next = sum + areas[stop];
      const square = (next / side) ** 2;
      const ratio = Math.max((areas[at] / square), (square / areas[stop])) || Infinity;
      if (ratio > worst) break;
      [worst, sum] = [ratio, next];
      stop += 1;
    }
    if (stop === at) stop += 1;
    const depth = side ? sum / side : 0;
    let along = 0;
    for (let each = at; each < stop; each += 1) {
      const length = sum ? (areas[each] / sum) * side : 0;
      placed.push(width >= height
        ? { x, y: y + along, width: depth, height: length }
        : { x: x + along, y, width: length, height: depth });
      along += length;
    }
    if (width >= height) { x += depth; width -= depth; } else { y += depth; height -= depth; }
    at = stop;
  }
  return placed;
}

class TokenMap {
  constructor(root) {
    this.frame = element("div", "map");
    this.frame.setAttribute("role", "group");
    root.append(this.frame);
    this.watch = new ResizeObserver(() => this.draw());
    this.watch.observe(this.frame);
  }

  update(data, open) {
    this.open = open;
    this.frame.style.setProperty("--map-height", data.height);
    this.frame.setAttribute("aria-label", data.label);
    const wanted = JSON.stringify(data.items);
    if (wanted === this.wanted) return;
    this.wanted = wanted;
    this.items = data.items;
    this.draw();
  }

  draw() {
    const { clientWidth: width, clientHeight: height } = this.frame;
    if (!this.items || !width || !height) return;
    const items = [...this.items].sort((one, other) => other.tokens - one.tokens);
    const boxes = items.length ? squarified(items.map((item) => item.tokens), { x: 0, y: 0, width, height }) : [];
    this.frame.replaceChildren(...items.map((item, at) => this.box(item, boxes[at])));
  }

  // A folder's rectangle has those of what is in it, where there is room to read them.
  box(item, { x, y, width, height }) {
    const box = element("div", `box ${item.kind} c${item.colour}`);
    [width, height] = [Math.max(1, width - GAP), Math.max(1, height - GAP)];
    box.style.cssText = `left:${x}px;top:${y}px;width:${width}px;height:${height}px`;
    box.append(this.button(item, width, height));
    const inner = { x: INSET, y: HEAD, width: width - 2 * INSET, height: height - HEAD - INSET };
    const inside = [...(item.inside || [])].sort((one, other) => other.tokens - one.tokens);
    if (inside.length > 1 && inner.width > 90 && inner.height > 60) {
      const boxes = squarified(inside.map((each) => each.tokens), inner);
      inside.forEach((each, at) => box.append(this.part(each, boxes[at])));
    }
    return box;
  }

  part(item, { x, y, width, height }) {
    const made = this.button(item, width, height);
    made.classList.add("part");
    made.style.cssText = `left:${x}px;top:${y}px;width:${Math.max(1, width - 1)}px;height:${Math.max(1, height - 1)}px`;
    return made;
  }

  button(item, width, height) {
    const made = element("button", item.kind);
    made.type = "button";
    made.title = item.title;
    made.setAttribute("aria-label", item.title);
    if (item.id === null) made.disabled = true;
    if (width > 46 && height > 20) made.append(element("span", "name", item.name));
    if (width > 64 && height > 38) made.append(element("span", "facts", item.facts));
    made.addEventListener("click", () => this.open(item.id));
    return made;
  }

  close() { this.watch.disconnect(); this.frame.remove(); }
}

export default function ({ parentElement, data, setTriggerValue }) {
  let map = maps.get(parentElement);
  if (!map) {
    map = new TokenMap(parentElement);
    maps.set(parentElement, map);
  }
  const turn = (map.turn = (map.turn || 0) + 1);
  map.update(data, (id) => setTriggerValue("opened", id));
  return () => {
    // Streamlit also calls this for a render that was overtaken: only the last one may close.
    if (map.turn !== turn) return;
    map.close();
    maps.delete(parentElement);
  };
}
