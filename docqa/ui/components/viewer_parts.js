// What the viewers are built of; it stands before the script of each of them.
const ICONS = {
  up: "M6 15l6-6 6 6", down: "M6 9l6 6 6-6", plus: "M12 5v14M5 12h14", minus: "M5 12h14",
  fit: "M4 12h16M4 12l3-3M4 12l3 3M20 12l-3-3M20 12l-3 3",
  save: "M12 4v11M7 11l5 5 5-5M5 20h14", find: "M10.5 17a6.5 6.5 0 1 0 0-13 6.5 6.5 0 0 0 0 13zM15.5 15.5L20 20",
};

function element(tag, attributes = {}, ...children) {
  const made = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (name.startsWith("on")) made.addEventListener(name.slice(2), value);
    else if (value !== null && value !== undefined && value !== false) made.setAttribute(name, value);
  }
  made.append(...children);
  return made;
}

function icon(name) {
  const svg = document.createElementNS("http://www.w3.org/2000/svg", "svg");
  svg.setAttribute("viewBox", "0 0 24 24");
  svg.setAttribute("aria-hidden", "true");
  const path = document.createElementNS("http://www.w3.org/2000/svg", "path");
  path.setAttribute("d", ICONS[name]);
  svg.append(path);
  return svg;
}

function tool(name, label, onclick) {
  return element("button", { type: "button", title: label, "aria-label": label, onclick }, icon(name));
}
