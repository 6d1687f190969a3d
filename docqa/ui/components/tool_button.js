// Copies a text of ours (browsers allow that on a click only), or downloads from one of our routes.
const tools = new WeakMap();

export default function ({ parentElement, data }) {
  let tool = tools.get(parentElement);
  if (!tool) {
    tool = document.createElement(data.href ? "a" : "button");
    if (!data.href) tool.type = "button";
    parentElement.append(tool);
    tools.set(parentElement, tool);
  }
  tool.textContent = data.label;
  tool.title = data.help;
  if (data.href) {
    tool.href = data.href;
    tool.setAttribute("download", "");
    return;
  }
  tool.onclick = async () => {
    await navigator.clipboard.writeText(data.text);
    tool.textContent = "Copied";
    setTimeout(() => { tool.textContent = data.label; }, 1500);
  };
}
