// Markup that follows a run: only texts and attributes that differ are changed, since new elements cost a layout each day.
module.exports = { mounted: update, watch: { unsafe_innerHTML: update } };

function update() {
  const template = document.createElement("template");
  template.innerHTML = this.unsafe_innerHTML ?? "";
  adapt(this.$el, template.content);
}

function adapt(now, next) {
  const [before, after] = [now, next].map((node) => [...node.childNodes]);
  if (`${before.map(({ nodeName }) => nodeName)}` !== `${after.map(({ nodeName }) => nodeName)}`) return now.replaceChildren(...after);
  before.forEach((node, i) => {
    if (node.isEqualNode(after[i])) return;
    if (node.nodeValue !== after[i].nodeValue) node.nodeValue = after[i].nodeValue;
    for (const name of node.getAttributeNames?.() ?? []) if (!after[i].hasAttribute(name)) node.removeAttribute(name);
    for (const { name, value } of after[i].attributes ?? []) if (node.getAttribute(name) !== value) node.setAttribute(name, value);
    adapt(node, after[i]);
  });
}
