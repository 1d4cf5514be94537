// The axes of a chart: value ticks, months, and dated marks.

import { FONT, outlinedText, strokeLine } from "./page.js";

const DAY = 86400000;
export const INK = PALETTE.ink, MUTED = PALETTE.muted;
const GRID = PALETTE.grid;
/** Height of a line of text; largest number of rows for the texts of marks. */
export const LINE = 13;
const ROWS = 3;
const UTC = { timeZone: "UTC" };

/** Return the date of a day; day 0 is the start. */
export function dateOf(chart, day) {
  return new Date(Date.parse(chart.start) + day * DAY);
}

/** Return the coordinates of a value on a day. */
export function pointAt(chart, day, value = 0) {
  const { left, right, top, bottom } = chart.plot, last = Math.max(1, chart.days - 1);
  return [left + ((right - left) * day) / last, bottom - ((bottom - top) * value) / chart.axisMax];
}

/** Return a step between ticks (1, 2 or 5 times a power of ten) so that about `count` ticks reach `most`. */
export function niceStep(most, count) {
  const power = 10 ** Math.floor(Math.log10(most / count));
  return power * [1, 2, 5, 10].find((step) => step * power * count >= most * 0.999);
}

/** Return the top of the axis: a whole number of steps, never lower than before. */
export function axisTop(old, most) {
  if (!(most > old)) return old;
  const step = niceStep(most, 4);
  return Math.ceil((most * 1.02) / step) * step;
}

/** Draw horizontal grid lines and their values. */
export function paintValues(chart, ctx) {
  const { left, right, top, bottom } = chart.plot;
  const step = niceStep(chart.axisMax, bottom - top < 110 ? 3 : 4);
  Object.assign(ctx, { font: `11px ${FONT}`, textAlign: "right" });
  for (let value = 0; value <= chart.axisMax * 1.001; value += step) {
    const y = Math.round(pointAt(chart, 0, value)[1]) + 0.5;
    strokeLine(ctx, value ? GRID : MUTED, 1, left, y, right, y);
    ctx.fillStyle = MUTED;
    ctx.fillText(chart.number(value), left - 6, y + 3.5);
  }
}

/** Return the first days of months to label: of every month, or every 2nd, 3rd, 6th or 12th. */
function labelledMonths(chart) {
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

/** Draw names of months under the axis, and years under the first month and each January. */
export function paintMonths(chart, ctx) {
  const { bottom, left } = chart.plot;
  const month = new Intl.DateTimeFormat(chart.locale, { month: "short", ...UTC });
  Object.assign(ctx, { textAlign: "center", fillStyle: MUTED, font: `11px ${FONT}` });
  let year = 0, firstFree = left - 20;
  for (const [day, date] of labelledMonths(chart)) {
    const [x] = pointAt(chart, day);
    strokeLine(ctx, MUTED, 1, x, bottom, x, bottom + 4);
    ctx.fillText(month.format(date), x, bottom + 16);
    if (date.getUTCFullYear() === year || x < firstFree) continue;
    year = date.getUTCFullYear();
    firstFree = x + 36;
    ctx.fillText(year, x, bottom + 29);
  }
}

/** Assign a row to the text of each mark; a text without room is left out (row -1). */
export function placeMarks(chart, ctx) {
  ctx.font = `11px ${FONT}`;
  const rowEnds = Array(ROWS).fill(-Infinity);
  const marks = chart.marks.filter(([day]) => day >= 0 && day < chart.days).sort((a, b) => a[0] - b[0]);
  return marks.map(([day, text]) => {
    const [x] = pointAt(chart, day), width = ctx.measureText(text).width + 8;
    const left = x + width < chart.plot.right + chart.plot.margin ? x + 4 : Math.max(0, x - width + 4);
    const row = rowEnds.findIndex((end) => end < left - 4);
    if (row >= 0) rowEnds[row] = left + width;
    const top = 2 + LINE * Math.max(0, row), crosses = row >= 0 && left < x && x < left + width - 8;
    return { day, text, x, left, row, top, from: crosses ? top + LINE : top };
  });
}

export function paintMarks(chart, ctx) {
  Object.assign(ctx, { font: `11px ${FONT}`, textAlign: "left" });
  ctx.setLineDash([2, 3]);
  for (const { x, from } of chart.placed) strokeLine(ctx, INK, 1, x, from, x, chart.plot.bottom);
  ctx.setLineDash([]);
  for (const { text, left, top, row } of chart.placed) if (row >= 0) outlinedText(ctx, text, left, top + 9, INK);
}
