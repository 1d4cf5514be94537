// One instrument: its payers, a button or a field for each world, and, if in use, its dates and numbers.

import { addError, addInput, addNumber } from "./fields.js";
import { addDates } from "./period_bar.js";
import { addElement, setText } from "./page.js";

const LETTERS = ["A", "B"];

/** Return the element of an instrument. `list` has the state of the list and sends actions. */
export function policyRow(list, row) {
  const used = row.uses.length > 0, open = used || list.opened.has(row.id);
  const worlds = [...new Set(row.uses.map((use) => "ab"[use.world]))].map((world) => ` tb-used-${world}`).join("");
  const node = addElement("article", `tb-policy${worlds}`, null, { "data-id": row.id });
  const head = addElement("div", "tb-policy-head", node);
  addName(list, head, row, used, open);
  for (let world = 0; world < list.payload.worlds; world++) addWorld(list, head, row, world);
  if (open) addTexts(node, row, list.words);
  for (const use of row.uses) addUse(list, node, row, use);
  return node;
}

/** Add the title, which opens and closes the texts of an instrument that is not in use. */
function addName(list, head, row, used, open) {
  const name = addElement("div", "tb-policy-name", head), title = addElement("h4", "", name);
  if (used) setText(title, row.title);
  else {
    const more = addElement("button", "", title, { type: "button", "aria-expanded": open, "data-key": `name:${row.id}` });
    setText(more, row.title);
    more.addEventListener("click", () => list.toggle(row.id));
  }
  setText(addElement("p", "", name), row.about);
}

/** Add the button that adds the instrument to a world, or the amount of each use in that world. */
function addWorld(list, head, row, world) {
  const cell = addElement("div", `tb-policy-world tb-${"ab"[world]}`, head);
  const uses = row.uses.filter((use) => use.world === world);
  for (const use of uses) addAmount(list, cell, row, use);
  if (uses.length) return;
  const add = addElement("button", "tb-add", cell, {
    type: "button", "data-key": `add:${world}:${row.id}`, "aria-label": spoken(list, list.words["add_to"], row, world),
  });
  if (list.payload.worlds > 1) addBadge(add, world);
  setText(addElement("span", "", add), list.words.add);
  add.addEventListener("click", () => list.send({ do: "add", world, id: row.id }));
}

/** Return a name for screen readers: the pattern has placeholders for the instrument and the world. */
function spoken(list, pattern, row, world) {
  const where = list.payload.worlds > 1 ? LETTERS[world] : list.words.this_world;
  return pattern.replace("{policy}", row.title).replace("{world}", where);
}

function addBadge(parent, world) {
  // the style sheet writes the letter, so that a button's text does not contain it
  addElement("i", `tb-badge tb-${"ab"[world]}`, parent, { "aria-hidden": "true", "data-letter": LETTERS[world] });
}

function addAmount(list, cell, row, use) {
  const { amount, key, world } = use, id = `tb-${key}:amount`, box = addElement("div", "tb-amount", cell);
  if (list.payload.worlds > 1) addBadge(box, world);
  if (amount.prefix) setText(addElement("span", "", box), amount.prefix);
  const label = `${spoken(list, list.words.amount_in, row, world)}, ${amount.spoken}`;
  const input = addInput(box, { id, key: `${key}:amount`, value: amount.value, label, error: amount.error }, (value) => {
    list.stale(row.id);
    list.send(about(use, { do: "amount", value }));
  });
  if (!amount.error && amount.note) input.setAttribute("aria-describedby", `${id}-note`);
  setText(addElement("span", "tb-unit", box), amount.suffix);
  const remove = addElement("button", "tb-remove", box, {
    type: "button", "data-key": `${key}:remove`, "aria-label": spoken(list, list.words.remove_from, row, world),
  });
  setText(remove, "×");
  remove.addEventListener("click", () => list.send(about(use, { do: "remove" })));
}

/** Return an action about a policy in use. */
function about({ world, at, id }, action) {
  return { world, at, id, ...action };
}

/** Add the texts on how the instrument acts and when it fails. */
function addTexts(node, row, words) {
  const text = addElement("p", "tb-policy-text", node);
  text.append(`${row.effect} `);
  setText(addElement("b", "", text), words.fails);
  text.append(` ${row.fails}`);
}

/** Add a policy in use: the meaning of its amount, its dates, and its numbers. */
function addUse(list, node, row, use) {
  const { amount, dates, key, world } = use, { payload, words } = list, id = `tb-${key}:amount`;
  const box = addElement("div", `tb-use tb-${"ab"[world]}`, node);
  const line = addElement("p", "tb-amount-note", box);
  if (payload.worlds > 1) addBadge(line, world);
  setText(addElement("span", "", line, { id: `${id}-note`, role: "status" }), amount.note);
  addError(box, id, amount.error);
  const name = spoken(list, words.amount_in, row, world);
  addDates(box, { dates, key, name, start: payload.start, days: payload.days, locale: words.locale, words }, (value) =>
    list.send(about(use, { do: "dates", value })));
  if (dates.warning) addWarning(list, box, use);
  addDetails(list, box, row, use);
}

/** Warn that the run does not contain the dates, and offer to extend it. */
function addWarning(list, box, use) {
  const warning = addElement("p", "tb-warning", box, { role: "status" });
  setText(addElement("span", "", warning), use.dates.warning);
  if (!use.dates.extend) return;
  const extend = addElement("button", "tb-link", warning, { type: "button", "data-key": `${use.key}:extend` });
  setText(extend, use.dates.extend);
  extend.addEventListener("click", () => list.send(about(use, { do: "extend" })));
}

/** Add the collapsed numbers of a policy, which are built when the user opens them. */
function addDetails(list, box, row, use) {
  const { words } = list, opened = list.details, key = `${use.key}:${use.id}`;
  const details = addElement("details", "tb-own", box), summary = addElement("summary", "", details, { "data-key": `${key}:details` });
  setText(addElement("b", "", summary), words.details);
  setText(addElement("span", "", summary), use.summary);
  const build = () => {
    if (details.childElementCount > 1) return;
    if (row.more) setText(addElement("p", "tb-note", details), row.more);
    setText(addElement("p", "tb-note", details), `${use.full} ${use.tables}`.trim());
    const fields = addElement("div", "tb-fields", details);
    for (const field of use.numbers) {
      addNumber(fields, field, words, (value) => {
        list.stale(row.id);
        list.send(about(use, { do: "number", field: field.name, value }));
      });
    }
    if (!use.changed) return;
    const reset = addElement("button", "tb-link", details, { type: "button", "data-key": `${key}:reset` });
    setText(reset, words.reset);
    reset.addEventListener("click", () => list.send(about(use, { do: "reset" })));
  };
  details.open = opened.has(key);
  if (details.open) build();
  details.addEventListener("toggle", () => {
    if (details.open) build();
    opened[details.open ? "add" : "delete"](key);
  });
}
