// Labelled fields for numbers and dates. Leaving a field or pressing Enter commits a change.

import { addElement, addText } from "./page.js";

export function addNumber(parent, field, words, commit) {
  const row = addElement("div", "tb-field", parent), id = `tb-${field.key}`;
  const label = addText("label", "", row, field.label, { for: id });
  if (field.about && field.about !== `${field.label}.`) label.title = field.about;
  if (field.assumed) addText("span", "tb-assumed", label, words.assumed, { title: field.source });
  const line = addElement("span", "tb-field-value", row);
  const input = addInput(line, { id, key: field.key, value: field.value, label: "", error: field.error }, commit);
  if (field.changed) input.classList.add("tb-changed");
  addText("span", "tb-unit", line, field.unit);
  if (field.bounds) addText("small", "tb-bounds", row, field.bounds);
  addError(row, id, field.error);
}

/** Add a text input. `commit` receives its text after a change. */
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
  // The browser does not regard a text that `keepFocus` has restored as a change.
  input.addEventListener("keydown", (event) => event.key === "Enter" && sendTyped());
  input.addEventListener("blur", sendTyped);
  return input;
}

function describe(input, id, error) {
  if (!error) return;
  input.setAttribute("aria-invalid", "true");
  input.setAttribute("aria-describedby", `${id}-error`);
}

export function addError(parent, id, error) {
  if (error) addText("p", "tb-trouble tb-field-error", parent, error, { id: `${id}-error`, role: "alert" });
}

/** Return a function that restores the focused field of an element and the text that is being typed. */
export function keepFocus(root) {
  const active = document.activeElement;
  if (!root.contains(active) || !active.dataset.key) return () => {};
  const { value } = active, { key, typing } = active.dataset, typed = active.matches("input[type=text]");
  const [from, to] = typed ? [active.selectionStart, active.selectionEnd] : [0, 0];
  if (typed) active.dataset.typing = "gone"; // A removed field must not send its text.
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

const WAIT = 600; // milliseconds between the last key and the sending of a date
const YEARS = [1990, 2100]; // A partly typed date has a year outside of these bounds.

/** Add the fields for the dates of a policy. `commit` receives {start, end} as ISO dates or "". */
export function addDates(parent, key, dates, words, commit) {
  const box = addElement("div", "tb-dates-row", parent), id = `tb-${key}:dates`;
  for (const end of ["start", "end"]) {
    const label = addElement("label", "", box);
    addText("span", "", label, words[end]);
    const input = addElement("input", "", label, { type: "date", "data-key": `${key}:${end}` });
    input.value = dates[end];
    describe(input, id, dates.error);
    sendDate(input, (value) => commit({ [end]: value }));
  }
  addError(parent, id, dates.error);
}

/** Send the date in a field soon after a change, or at once when the field is left or Enter is pressed. */
function sendDate(input, commit) {
  let sent = input.value, timer = 0;
  const send = () => {
    clearTimeout(timer);
    if (input.value !== sent && !input.validity.badInput) commit((sent = input.value));
  };
  input.addEventListener("change", () => {
    const year = Number(input.value.slice(0, 4));
    clearTimeout(timer);
    if (!input.value || (year >= YEARS[0] && year <= YEARS[1])) timer = setTimeout(send, WAIT);
  });
  input.addEventListener("blur", send);
  input.addEventListener("keydown", (event) => event.key === "Enter" && send());
}
