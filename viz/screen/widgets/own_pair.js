// A pair that the user enters: an instrument for each world, and shared dollars and first day.

import { addElement, addText, listen, setText, uniqueId } from "./page.js";

export default { render };

function render({ model, el }) {
  const form = { root: addElement("div", "tb-own-pair", el), id: uniqueId("tb-own"), fields: {} };
  let typed = model.get("typed"); // the fields are ahead of the server while the user types
  const send = () => {
    typed = Object.fromEntries(Object.entries(form.fields).map(([name, field]) => [name, field.value]));
    model.set("typed", typed);
    model.save_changes();
  };
  const draw = () => {
    build(form, model);
    for (const [name, field] of Object.entries(form.fields)) {
      field.value = typed[name];
      field.addEventListener("input", send);
    }
    form.fields.dollars.addEventListener("keydown", (event) => event.key === "Enter" && model.send({ do: "run" }));
    showError(form, model.get("error"));
  };
  draw();
  return listen(model, { "groups words dates": draw, error: () => showError(form, model.get("error")) });
}

function build(form, model) {
  const { root, fields } = form, words = model.get("words"), [min, max] = model.get("dates");
  root.replaceChildren();
  for (const world of ["a", "b"]) fields[world] = addWorld(root, world, model.get("groups"), words);
  const terms = addElement("div", "tb-own-terms", root);
  const dollars = addText("label", "", terms, "$", { "aria-label": words.dollars });
  fields.dollars = addElement("input", "tb-own-dollars", dollars, {
    type: "text", inputmode: "decimal", autocomplete: "off", "aria-label": words.dollars,
  });
  addText("span", "", dollars, words.each);
  const start = addElement("label", "", terms);
  addText("span", "", start, words.from);
  fields.start = addElement("input", "", start, { type: "date", min, max });
  form.error = addElement("p", "tb-trouble", root, { id: form.id, role: "alert" });
}

function addWorld(parent, world, groups, words) {
  const row = addElement("label", `tb-own-world tb-own-world-${world}`, parent);
  addText("i", `tb-badge tb-badge-${world}`, row, world.toUpperCase(), { "aria-hidden": "true" });
  const select = addElement("select", "", row, { "aria-label": words[world] });
  addText("option", "", select, words.none, { value: "" });
  for (const [title, options] of groups) {
    const group = addElement("optgroup", "", select, { label: title });
    for (const [id, text] of options) addText("option", "", group, text, { value: id });
  }
  return select;
}

/** Show the error, mark its field, and focus it. */
function showError(form, { field = "", text = "" }) {
  setText(form.error, text);
  for (const input of Object.values(form.fields)) {
    for (const name of ["aria-invalid", "aria-describedby"]) input.removeAttribute(name);
  }
  if (!text || !form.fields[field]) return;
  form.fields[field].setAttribute("aria-invalid", "true");
  form.fields[field].setAttribute("aria-describedby", form.id);
  form.fields[field].focus();
}
