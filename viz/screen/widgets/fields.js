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
  let sent = null;
  const send = () => {
    if (input.dataset.typing === "gone" || input.value === sent) return;
    input.dataset.typing = "";
    commit((sent = input.value));
  };
  const sendTyped = () => input.dataset.typing === "yes" && send();
  input.addEventListener("input", () => (input.dataset.typing = "yes"));
  input.addEventListener("change", send);
  // a text that was restored by `keepFocus` does not count as a change in the browser
  input.addEventListener("keydown", (event) => event.key === "Enter" && sendTyped());
  input.addEventListener("blur", sendTyped);
  return input;
}

/** Mark an input as invalid and associate it with its error. */
export function describe(input, id, error) {
  if (!error) return;
  input.setAttribute("aria-invalid", "true");
  input.setAttribute("aria-describedby", `${id}-error`);
}

export function addError(parent, id, error) {
  if (error) setText(addElement("p", "tb-trouble tb-field-error", parent, { id: `${id}-error`, role: "alert" }), error);
}

/** Return a function that restores the focused field of an element and the text that is being typed. */
export function keepFocus(root) {
  const active = document.activeElement;
  if (!root.contains(active) || !active.dataset.key) return () => {};
  const { value } = active, key = active.dataset.key, typed = active.matches("input[type=text]");
  const [from, to] = typed ? [active.selectionStart, active.selectionEnd] : [0, 0];
  const typing = active.dataset.typing;
  if (typed) active.dataset.typing = "gone"; // a removed field must not send anything
  return () => {
    if (typed && active.isConnected) active.dataset.typing = typing ?? "";
    if (document.activeElement !== document.body && root.contains(document.activeElement)) return;
    const next = [...root.querySelectorAll("[data-key]")].find((node) => node.dataset.key === key);
    if (!next || next === active) return;
    if (typed && typing === "yes") Object.assign(next, { value }).dataset.typing = "yes";
    next.focus({ preventScroll: true });
    if (typed) next.setSelectionRange(from, to);
  };
}
