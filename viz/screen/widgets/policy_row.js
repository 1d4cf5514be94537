// One instrument: its payers, a button or a field for each world, and, if in use, its dates and numbers.

import { addError, addInput, addNumber, describe } from "./fields.js";
import { addElement, clamp, setText } from "./page.js";

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
  addElement("i", `tb-badge tb-badge-${"ab"[world]}`, parent, { "aria-hidden": "true", "data-letter": LETTERS[world] });
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

// ---- dates ---------------------------------------------------------------------------------------

const WAIT = 600; // ms after the last key or drag before a date is sent
const YEARS = [1990, 2100]; // a partly typed date has a year outside of these
const DAY = 86_400_000;

/** Add the dates of a policy in use. `commit` gets {start, end} as ISO dates, "" for none. */
function addDates(parent, { dates, key, name, start, days, locale, words }, commit) {
  const box = addElement("div", "tb-dates-row", parent), id = `tb-${key}:dates`;
  for (const end of ["start", "end"]) {
    const label = addElement("label", "", box);
    setText(addElement("span", "", label), words[end]);
    addDate(label, `${key}:${end}`, id, dates, end, commit);
  }
  addError(parent, id, dates.error);
  addBar(parent, { dates, key, name, start, days, locale, words }, commit);
}

function addDate(label, key, id, dates, end, commit) {
  const input = addElement("input", "", label, { type: "date", "data-key": key });
  input.value = dates[end];
  describe(input, id, dates.error);
  let sent = dates[end], timer = 0;
  const send = () => {
    clearTimeout(timer);
    if (input.value !== sent && !input.validity.badInput) commit({ [end]: (sent = input.value) });
  };
  input.addEventListener("change", () => {
    const year = Number(input.value.slice(0, 4));
    clearTimeout(timer);
    if (!input.value || (year >= YEARS[0] && year <= YEARS[1])) timer = setTimeout(send, WAIT);
  });
  input.addEventListener("blur", send);
  input.addEventListener("keydown", (event) => event.key === "Enter" && send());
}

/** Add a track with the period of the policy and a native range input for each of its ends. */
function addBar(parent, { dates, key, name, start, days, locale, words }, commit) {
  const bar = addElement("div", "tb-period", parent), fill = addElement("i", "", bar, { "aria-hidden": "true" });
  const shown = { start: dates.from, end: dates.to };
  const format = new Intl.DateTimeFormat(locale, { day: "numeric", month: "short", year: "numeric", timeZone: "UTC" });
  const date = (day) => format.format(Date.parse(start) + day * DAY);
  const draw = () => {
    fill.style.left = `${(100 * shown.start) / days}%`;
    fill.style.width = `${(100 * (shown.end - shown.start)) / days}%`;
  };
  for (const end of ["start", "end"]) {
    const range = addElement("input", "", bar, {
      type: "range", min: 0, max: days, step: 1, "data-key": `${key}:bar-${end}`, "aria-label": `${name}: ${words[end]}`,
    });
    range.value = shown[end];
    const say = () => range.setAttribute("aria-valuetext", atEdge(end, shown[end], days) ? words[`no_${end}`] : date(shown[end]));
    let timer = 0;
    range.addEventListener("input", () => {
      const other = end === "start" ? [0, shown.end - 1] : [shown.start + 1, days];
      range.value = shown[end] = clamp(Number(range.value), ...other);
      draw();
      say();
      clearTimeout(timer);
      timer = setTimeout(() => commit({ [end]: isoDate(start, shown[end], atEdge(end, shown[end], days)) }), WAIT);
    });
    say();
  }
  const ends = addElement("div", "tb-period-ends", parent, { "aria-hidden": "true" });
  for (const day of [0, days]) setText(addElement("span", "", ends), date(day));
  draw();
}

/** Return whether an end of a period is that of the run, which is stored without a date. */
function atEdge(end, day, days) {
  return end === "start" ? day <= 0 : day >= days;
}

function isoDate(start, day, none) {
  return none ? "" : new Date(Date.parse(start) + day * DAY).toISOString().slice(0, 10);
}
