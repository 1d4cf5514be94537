// Labelled text fields that commit a change when they are left or Enter is pressed.

import { addElement, setText } from "./page.js";

/** Add a field for a declared number: label, value, unit, bounds, and an error that belongs to it. */
export function addNumber(parent, field, words, commit) {
  const row = addElement("div", "tb-field", parent), id = `tb-${field.key}`;
  const label = addElement("label", "", row, { for: id });
  setText(label, field.label);
  if (field.about && field.about !== `${field.label}.`) label.title = field.about;
  if (field.assumed) setText(addElement("span", "tb-assumed", label, { title: field.source }), words.assumed);
  const line = addElement("span", "tb-field-value", row);
  const input = addInput(line, { id, key: field.key, value: field.value, label: "", error: field.error }, commit);
  if (field.changed) input.classList.add("tb-changed");
  setText(addElement("span", "tb-unit", line), field.unit);
  if (field.bounds) setText(addElement("small", "tb-bounds", row), field.bounds);
  addError(row, id, field.error);
  return input;
}

/** Add a text input; `commit` gets its text when it has changed. */
export function addInput(parent, { id, key, value, label, error }, commit) {
  const input = addElement("input", "", parent, { id, type: "text", inputmode: "decimal", autocomplete: "off", "data-key": key });
  input.value = value;
  if (label) input.setAttribute("aria-label", label);
  describe(input, id, error);
  input.addEventListener("change", () => commit(input.value));
  return input;
}

/** Mark an input as wrong and connect it with its error. */
export function describe(input, id, error) {
  if (!error) return;
  input.setAttribute("aria-invalid", "true");
  input.setAttribute("aria-describedby", `${id}-error`);
}

export function addError(parent, id, error) {
  if (error) setText(addElement("p", "tb-trouble tb-field-error", parent, { id: `${id}-error`, role: "alert" }), error);
}

/** Remember the focused field of an element, so that it can be restored after a change. */
export function keepFocus(root) {
  const active = document.activeElement;
  if (!root.contains(active) || !active.dataset.key) return () => {};
  const { value } = active, key = active.dataset.key, typed = active.matches("input[type=text]");
  const [from, to] = typed ? [active.selectionStart, active.selectionEnd] : [0, 0];
  const began = active.defaultValue, unsent = typed && active.dataset.typing === "yes";
  return () => {
    if (document.activeElement !== document.body && root.contains(document.activeElement)) return;
    const next = [...root.querySelectorAll("[data-key]")].find((node) => node.dataset.key === key);
    if (!next || next === active) return;
    if (unsent && value !== began) Object.assign(next, { value }).dataset.typing = "yes";
    next.focus({ preventScroll: true });
    if (typed) next.setSelectionRange(from, to);
  };
}
