// The axes of a chart: nice steps upwards, months along, dated marks, and what lies between.

import { FONT } from "./page.js";

const DAY = 86400000;
const INK = "#243b53", MUTED = "#52667a", GRID = "#dde4ec";
/** Room for a line of text, and rows that the texts of marks may take. */
const LINE = 13, ROWS = 3;
const UTC = { timeZone: "UTC" };

/** The date of a day; day 0 is the start. */
export function dateOf(chart, day) {
  return new Date(Date.parse(chart.start) + day * DAY);
}

/** Where a day is drawn. */
export function xAt(chart, day) {
  const { left, right } = chart.plot;
  return left + ((right - left) * day) / Math.max(1, chart.days - 1);
}

/** Where a value is drawn. */
export function yAt(chart, value) {
  const { top, bottom } = chart.plot;
  return bottom - ((bottom - top) * value) / chart.most;
}

/** A step between ticks, 1, 2 or 5 times a power of ten, such that about `count` reach `most`. */
export function niceStep(most, count) {
  const power = 10 ** Math.floor(Math.log10(most / count));
  return power * [1, 2, 5, 10].find((step) => step * power * count >= most * 0.999);
}

/** The top of the axis: whole steps, and never lower than it was. */
export function grown(old, most) {
  if (!(most > old)) return old;
  const step = niceStep(most, 4);
  return Math.ceil((most * 1.02) / step) * step;
}

/** Lines across with their numbers. */
export function paintValues(chart, pen) {
  const { left, right, top, bottom } = chart.plot;
  const step = niceStep(chart.most, bottom - top < 110 ? 3 : 4);
  Object.assign(pen, { font: `11px ${FONT}`, textAlign: "right", lineWidth: 1 });
  for (let value = 0; value <= chart.most * 1.001; value += step) {
    const y = Math.round(yAt(chart, value)) + 0.5;
    stroke(pen, value ? GRID : MUTED, [left, y, right, y]);
    pen.fillStyle = MUTED;
    pen.fillText(chart.number(value), left - 6, y + 3.5);
  }
}

/** Firsts of months on the axis: every one, or every second, third, sixth or twelfth. */
function months(chart) {
  const first = dateOf(chart, 0);
  const perMonth = (chart.plot.right - chart.plot.left) / Math.max(1, chart.days / 30.4);
  const every = [1, 2, 3, 6, 12].find((n) => n * perMonth >= 34) || 12;
  const found = [];
  for (let n = 0; n <= chart.days / 28; n++) {
    const date = new Date(Date.UTC(first.getUTCFullYear(), first.getUTCMonth() + n, 1));
    const day = Math.round((date - first) / DAY);
    if (day >= 0 && day < chart.days && date.getUTCMonth() % every === 0) found.push([day, date]);
  }
  return found;
}

/** Names of months under the axis; years under the first and under each January. */
export function paintMonths(chart, pen) {
  const { bottom, left } = chart.plot;
  const month = new Intl.DateTimeFormat(chart.locale, { month: "short", ...UTC });
  Object.assign(pen, { textAlign: "center", fillStyle: MUTED, font: `11px ${FONT}` });
  let year = 0, free = left - 20;
  for (const [day, date] of months(chart)) {
    const x = xAt(chart, day);
    stroke(pen, MUTED, [x, bottom, x, bottom + 4]);
    pen.fillText(month.format(date), x, bottom + 16);
    if (date.getUTCFullYear() === year || x < free) continue;
    year = date.getUTCFullYear();
    free = x + 36;
    pen.fillText(year, x, bottom + 29);
  }
}

/** Marks with the rows on which their texts stand; a text that finds no room is only a line. */
export function placeMarks(chart, pen) {
  pen.font = `11px ${FONT}`;
  const ends = Array(ROWS).fill(-Infinity);
  const marks = chart.marks.filter(([day]) => day >= 0 && day < chart.days).sort((a, b) => a[0] - b[0]);
  return marks.map(([day, text]) => {
    const x = xAt(chart, day), wide = pen.measureText(text).width + 8;
    const left = x + wide < chart.plot.right + chart.plot.margin ? x + 4 : Math.max(0, x - wide + 4);
    const row = ends.findIndex((end) => end < left - 4);
    if (row >= 0) ends[row] = left + wide;
    return { day, text, x, left, row };
  });
}

/** Rows that the texts of marks take above the plot. */
export function rowsOf(placed) {
  return 1 + Math.max(-1, ...placed.map((mark) => mark.row));
}

export function paintMarks(chart, pen) {
  Object.assign(pen, { font: `11px ${FONT}`, textAlign: "left", lineWidth: 1 });
  pen.setLineDash([2, 3]);
  for (const { x, row } of chart.placed) stroke(pen, INK, [x, markTop(row), x, chart.plot.bottom]);
  pen.setLineDash([]);
  for (const { text, left, row } of chart.placed) {
    if (row < 0) continue;
    Object.assign(pen, { fillStyle: INK, strokeStyle: "#fff", lineWidth: 3 });
    pen.strokeText(text, left, markTop(row) + 9);
    pen.fillText(text, left, markTop(row) + 9);
  }
}

function markTop(row) {
  return 2 + LINE * Math.max(0, row);
}

/** One straight line. */
export function stroke(pen, colour, [x0, y0, x1, y1]) {
  pen.strokeStyle = colour;
  pen.beginPath();
  pen.moveTo(x0, y0);
  pen.lineTo(x1, y1);
  pen.stroke();
}
