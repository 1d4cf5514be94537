
import { addNumber, keepFocus } from "./fields.js";
import { addElement, listen } from "./page.js";

export default { render };

function render({ model, el }) {
  const root = addElement("div", "tb-fields", el);
  const draw = () => {
    const restore = keepFocus(root);
    root.replaceChildren();
    for (const field of model.get("fields")) {
      addNumber(root, field, model.get("words"), (text) => model.send({ key: field.key, text }));
    }
    restore();
  };
  draw();
  return listen(model, { "fields words": draw });
}
