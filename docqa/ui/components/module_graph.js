// Which parts of a codebase import which: who imports stands left of what is imported.
const WIDTH = 160;
const HEIGHT = 44;
const ACROSS = 60;
const DOWN = 14;
const EDGE = 14;
const SMALLEST = 0.72;
const SVG = "http://www.w3.org/2000/svg";
const graphs = new WeakMap();

function element(tag, className, ...children) {
  const made = document.createElement(tag);
  if (className) made.className = className;
  made.append(...children);
  return made;
}

function drawn(tag, attributes) {
  const made = document.createElementNS(SVG, tag);
  for (const [name, value] of Object.entries(attributes)) made.setAttribute(name, value);
  return made;
}

class Graph {
  constructor(root) {
    this.paper = element("div", "paper");
    this.frame = element("div", "graph", this.paper);
    this.frame.setAttribute("role", "group");
    root.append(this.frame);
    this.watch = new ResizeObserver(() => this.fit());
    this.watch.observe(this.frame);
  }

  update(data, open) {
    this.open = open;
    this.frame.style.setProperty("--graph-height", data.height);
    this.frame.setAttribute("aria-label", data.label);
    const wanted = JSON.stringify([data.nodes, data.edges]);
    if (wanted === this.wanted) return;
    this.wanted = wanted;
    this.draw(data);
    this.fit();
    this.frame.scrollTo(0, 0);
  }

  place(node) {
    return { x: EDGE + node.column * (WIDTH + ACROSS), y: EDGE + node.row * (HEIGHT + DOWN) };
  }

  draw({ nodes, edges }) {
    const right = Math.max(0, ...nodes.map((node) => this.place(node).x + WIDTH));
    const bottom = Math.max(0, ...nodes.map((node) => this.place(node).y + HEIGHT));
    this.size = { width: right + EDGE, height: bottom + EDGE };
    const lines = drawn("svg", { width: this.size.width, height: this.size.height, "aria-hidden": "true" });
    const by = new Map(nodes.map((node) => [node.id, node]));
    this.edges = edges.filter(([from, to]) => by.has(from) && by.has(to)).map(([from, to, count]) => {
      const line = this.edge(this.place(by.get(from)), this.place(by.get(to)), count);
      lines.append(line);
      return { from, to, line };
    });
    this.buttons = new Map(nodes.map((node) => [node.id, this.node(node)]));
    this.paper.replaceChildren(lines, ...this.buttons.values());
  }

  edge(from, to, count) {
    const back = to.x <= from.x;
    const [x1, y1] = back ? [from.x, from.y + HEIGHT * 0.7] : [from.x + WIDTH, from.y + HEIGHT / 2];
    const [x2, y2] = back ? [to.x + WIDTH, to.y + HEIGHT * 0.7] : [to.x, to.y + HEIGHT / 2];
    const bend = back && to.x === from.x ? -46 : Math.max(28, Math.abs(x2 - x1) / 2) * (back ? -1 : 1);
    const end = back && to.x === from.x ? [to.x, to.y + HEIGHT * 0.3] : [x2, y2];
    const d = back && to.x === from.x
      ? `M${x1} ${y1} C${x1 + bend} ${y1} ${end[0] + bend} ${end[1]} ${end[0]} ${end[1]}`
      : `M${x1} ${y1} C${x1 + bend} ${y1} ${x2 - bend} ${y2} ${x2} ${y2}`;
    return drawn("path", { d, class: back ? "back" : "", "stroke-width": Math.min(4, 1 + Math.log2(count || 1) * 0.5) });
  }

  node(node) {
    const made = element("button", `node ${node.kind}`, element("span", "name", node.name), element("span", "facts", node.facts));
    made.type = "button";
    const { x, y } = this.place(node);
    made.style.cssText = `left:${x}px;top:${y}px;width:${WIDTH}px;height:${HEIGHT}px`;
    made.title = node.title;
    made.setAttribute("aria-label", node.title);
    made.addEventListener("click", () => this.open(node.id));
    for (const name of ["pointerenter", "focus"]) made.addEventListener(name, () => this.near(node.id));
    for (const name of ["pointerleave", "blur"]) made.addEventListener(name, () => this.near(null));
    return made;
  }

  near(id) {
    this.frame.classList.toggle("looking", id !== null);
    const close = new Set([id]);
    for (const { from, to, line } of this.edges) {
      const here = from === id || to === id;
      line.classList.toggle("out", from === id);
      line.classList.toggle("in", to === id && from !== id);
      if (here) close.add(from).add(to);
    }
    for (const [other, button] of this.buttons) button.classList.toggle("near", close.has(other));
  }

  fit() {
    if (!this.size) return;
    const room = this.frame.clientWidth;
    const scale = Math.min(1, Math.max(SMALLEST, room / this.size.width));
    this.paper.style.width = `${this.size.width}px`;
    this.paper.style.height = `${this.size.height}px`;
    this.paper.style.zoom = scale;
  }

  close() { this.watch.disconnect(); this.frame.remove(); }
}

export default function ({ parentElement, data, setTriggerValue }) {
  let graph = graphs.get(parentElement);
  if (!graph) {
    graph = new Graph(parentElement);
    graphs.set(parentElement, graph);
  }
  const turn = (graph.turn = (graph.turn || 0) + 1);
  graph.update(data, (id) => setTriggerValue("opened", id));
  return () => {
    // Streamlit also calls this for a render that was overtaken: only the last one may close.
    if (graph.turn !== turn) return;
    graph.close();
    graphs.delete(parentElement);
  };
}
