// The dates of a policy: two date fields, and a bar over the run whose ends can be dragged.

import { addError, describe } from "./fields.js";
import { addElement, clamp, setText } from "./page.js";

const WAIT = 600; // ms after the last key or drag before a date is sent
const YEARS = [1990, 2100]; // a partly typed date has a year outside of these
const DAY = 86_400_000;

/** Add the dates of a policy in use. `commit` gets {start, end} as ISO dates, "" for none. */
export function addDates(parent, { dates, key, name, start, days, locale, words }, commit) {
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
