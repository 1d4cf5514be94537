// Fields for numbers and for choices: a native list, or a list with a search.

import { addError, addNumber, keepFocus } from "./fields.js";
import { addElement, addText, listen, uniqueId } from "./page.js";

export default { render };

function render({ model, el }) {
  const root = addElement("div", "tb-fields", el);
  const draw = () => {
    const restore = keepFocus(root);
    root.replaceChildren();
    for (const field of model.get("fields")) {
      const add = field.options ? addChoice : addNumber;
      add(root, field, model.get("words"), (text) => model.send({ key: field.key, text }));
    }
    restore();
  };
  draw();
  return listen(model, { "fields words": draw });
}

function addChoice(parent, { key, label, value, options, search, error }, words, commit) {
  const row = addElement("div", "tb-choice", parent), id = uniqueId("tb-choice");
  addText("label", "", row, label, { for: id });
  const input = addElement(search ? "input" : "select", "", row, { id, "data-key": key });
  const list = search ? addElement("datalist", "", row, { id: `${id}-list` }) : input;
  if (search) input.setAttribute("list", list.id);
  else if (!options.includes(value)) addElement("option", "", input, { value: "", hidden: "" });
  for (const option of options) addText("option", "", list, option, { value: option });
  input.value = value;
  if (error) input.setAttribute("aria-describedby", `${id}-error`);
  addError(row, id, error);
  input.addEventListener("change", () => commit(input.value));
}
