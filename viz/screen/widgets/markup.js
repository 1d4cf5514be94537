// Markup that follows a run: only texts and attributes that differ are changed, since new elements cost a layout each day.
module.exports = {
  mounted() {
    fill(this.$el, this.unsafe_innerHTML);
  },
  watch: {
    unsafe_innerHTML(html) {
      fill(this.$el, html);
    },
  },
};

function fill(element, html) {
  const template = document.createElement("template");
  template.innerHTML = html ?? "";
  adaptChildren(element, template.content);
}

function adaptChildren(now, next) {
  const [before, after] = [now, next].map((node) => [...node.childNodes]);
  if (before.length !== after.length || before.some((node, i) => node.nodeName !== after[i].nodeName)) now.replaceChildren(...after);
  else before.forEach((node, i) => adapt(node, after[i]));
}

function adapt(now, next) {
  if (now.nodeValue !== next.nodeValue) now.nodeValue = next.nodeValue;
  for (const { name } of [...(now.attributes ?? [])]) if (!next.hasAttribute(name)) now.removeAttribute(name);
  for (const { name, value } of next.attributes ?? []) if (now.getAttribute(name) !== value) now.setAttribute(name, value);
  adaptChildren(now, next);
}
