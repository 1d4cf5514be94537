// Chart of a daily series in worlds A and B, whose lines grow day by day.

import {
  addElement, circle, clamp, consume, dateOf, dayOf, fill, FONT, formatDate, isCommand, listen, numberFormat,
  observeWidth, oncePerFrame, outlinedText, polyline, prepareCanvas, setText, showTooltip, signed, spokenText, stroke, strokeLine, uniqueId,
} from "./page.js";

/** A is a wide solid line under the narrow dashed line of B, so that both are visible where they are equal. */
const LINES = [
  { ...PALETTE.worlds[0], series: "a", band: "band_a", dash: [], width: 4.4 },
  { ...PALETTE.worlds[1], series: "b", band: "band_b", dash: [7, 5], width: 1.8 },
];
const ALONE = 2.2;
const LEFT = 50, BOTTOM = 34, RIGHT = 26;
/** Width in pixels below which the tooltip is placed under the chart, where it covers no line. */
const SMALL = 520;
const LINE = 13, ROWS = 3;
const STEPS = { ArrowRight: 1, ArrowUp: 1, ArrowLeft: -1, ArrowDown: -1, PageUp: 30, PageDown: -30 };
const { ink: INK, muted: MUTED, grid: GRID } = PALETTE;

export default { render };

function render({ model, el }) {
  const chart = { model, el, width: 0, axisMax: 0, cursor: -1, painted: 0, isVisible: true, marksPlaced: [] };
  createElements(chart);
  attachListeners(chart);
  chart.repaint = oncePerFrame(() => paint(chart));
  readTraits(chart);
  const onChange = () => {
    chart.needsRead = true; // Several traits change at once and are read together.
    chart.repaint();
  };
  const onNewAxis = () => onChange((chart.axisMax = 0));
  const calls = { "a b band_a band_b day marks names words text": onChange, "title unit start days": onNewAxis };
  const ends = [listen(model, calls), observeWidth(chart.root, (width) => resize(chart, width)), chart.repaint.end, observeView(chart)];
  return () => ends.forEach((end) => end());
}

/** Record whether the chart is visible, because most charts are off the screen while the worlds run. */
function observeView(chart) {
  const observer = new IntersectionObserver((entries) => {
    chart.isVisible = entries.at(-1).isIntersecting;
    chart.repaint();
  });
  observer.observe(chart.root);
  return () => observer.disconnect();
}

/** The stage has the role of a slider, so that screen readers announce its keys. */
function createElements(chart) {
  const id = uniqueId("tb-chart");
  chart.root = addElement("div", "tb-chart", chart.el);
  const head = addElement("div", "tb-head", chart.root, { id });
  [chart.title, chart.unit] = [addElement("b", "", head), addElement("span", "", head)];
  chart.stage = addElement("div", "tb-stage", chart.root, {
    tabindex: 0, role: "slider", "aria-labelledby": id, "aria-describedby": `${id}-text`, "aria-valuemin": 0, "aria-valuenow": 0,
  });
  chart.canvas = addElement("canvas", "", chart.stage, { "aria-hidden": "true" });
  chart.tooltip = addElement("div", "tb-tip", chart.stage, { "aria-hidden": "true", hidden: "" });
  chart.text = addElement("p", "tb-unseen", chart.root, { id: `${id}-text` });
}

function readTraits(chart) {
  chart.needsRead = false;
  const get = (name) => chart.model.get(name);
  for (const name of ["start", "days", "day", "marks", "names", "words"]) chart[name] = get(name);
  chart.lines = LINES.map((line, i) => ({
    ...line, name: chart.names[i] || "", values: readFloats(get(line.series)), range: readFloats(get(line.band)),
  }));
  const [whole, tenths] = [numberFormat(chart.words), numberFormat(chart.words, 1)];
  chart.number = (value) => (Math.abs(value) < 10 ? tenths : whole)(value);
  if (chart.lines.every(({ values }) => !values.length)) chart.axisMax = 0; // A new run has started.
  const largest = (highest, value) => (value > highest ? value : highest); // NaN is ignored.
  const values = chart.lines.flatMap(({ values, range }) => [...values, ...range]);
  chart.axisMax = axisTop(chart.axisMax, values.reduce(largest, 1));
  for (const name of ["title", "unit", "text"]) setText(chart[name], get(name));
  chart.name = get("title");
  chart.stage.setAttribute("aria-roledescription", chart.words.chart);
  chart.stage.setAttribute("aria-valuemax", Math.max(0, chart.days - 1));
}

/** Convert bytes to floats, among which NaN is a gap in the line. */
function readFloats(view) {
  if (!view?.byteLength) return new Float32Array(0);
  return new Float32Array(view.buffer.slice(view.byteOffset, view.byteOffset + view.byteLength));
}

function resize(chart, width) {
  chart.width = width;
  chart.height = Math.round(clamp(0.4 * width, 180, 280));
  chart.stage.style.height = `${chart.height}px`;
  chart.repaint();
}

function paint(chart) {
  if (!chart.width || (chart.painted && !chart.isVisible)) return;
  if (chart.needsRead) readTraits(chart);
  const ctx = prepareCanvas(chart.canvas, chart.width, chart.height);
  chart.plot = { left: LEFT, right: chart.width - RIGHT, top: 0, bottom: chart.height - BOTTOM };
  chart.marksPlaced = placeMarks(chart, ctx);
  chart.plot.top = 8 + LINE * (1 + Math.max(-1, ...chart.marksPlaced.map(({ row }) => row)));
  paintValues(chart, ctx);
  paintMonths(chart, ctx);
  for (const line of chart.lines) drawBand(chart, ctx, line);
  paintMarks(chart, ctx);
  drawLines(chart, ctx);
  drawNames(chart, ctx);
  if (chart.cursor >= 0) drawCursor(chart, ctx);
  Object.assign(chart.el.dataset, { painted: ++chart.painted, top: chart.axisMax });
}

function pointAt(chart, day, value = 0) {
  const { left, right, top, bottom } = chart.plot, last = Math.max(1, chart.days - 1);
  return [left + ((right - left) * day) / last, bottom - ((bottom - top) * value) / chart.axisMax];
}

/** Fill the range over other runs. `range` holds all low values and then all high values. */
function drawBand(chart, ctx, { range, colour }) {
  const points = [...range].map((value, i) => pointAt(chart, i % (range.length / 2), value));
  fill(ctx, polyline([...points.splice(range.length / 2), ...points.reverse()]), `${colour}29`);
}

/** Draw the lines and mark the day. Simulated days after the marked day are paler. */
function drawLines(chart, ctx) {
  const [now] = pointAt(chart, Math.max(0, chart.day - 1));
  for (const [from, to, alpha] of [[0, now + 1, 1], [now + 1, chart.width, 0.35]]) {
    ctx.save();
    ctx.beginPath();
    ctx.rect(from, 0, to - from, chart.height);
    ctx.clip();
    Object.assign(ctx, { globalAlpha: alpha, lineJoin: "round" });
    for (const { values, colour, dash, width } of chart.lines) {
      ctx.setLineDash(dash);
      const path = polyline(Array.from(values, (value, i) => pointAt(chart, i, value)));
      stroke(ctx, path, colour, chart.names[1] ? width : ALONE);
    }
    ctx.restore();
  }
  if (chart.day > 0) strokeLine(ctx, INK, 1.5, now, chart.plot.top - 4, now, chart.plot.bottom);
}

function drawNames(chart, ctx) {
  const ends = chart.lines.filter(({ values }) => values.length).map((line) => {
    const [x, y] = pointAt(chart, line.values.length - 1, line.values.at(-1));
    return { ...line, x: x + 6, y: y + 4 };
  });
  const [upper, lower] = ends.toSorted((a, b) => a.y - b.y), missing = lower ? LINE - (lower.y - upper.y) : 0;
  if (missing > 0) {
    upper.y -= missing / 2;
    lower.y += missing / 2;
  }
  Object.assign(ctx, { font: `600 12px ${FONT}`, textAlign: "left" });
  for (const { name, x, y, colour } of ends) outlinedText(ctx, name, x, clamp(y, 12, chart.plot.bottom - 2), colour);
}

function drawCursor(chart, ctx) {
  const [x] = pointAt(chart, chart.cursor);
  strokeLine(ctx, MUTED, 1, x, chart.plot.top, x, chart.plot.bottom);
  for (const { values, colour } of chart.lines) {
    if (!(chart.cursor < values.length)) continue;
    const dot = circle(...pointAt(chart, chart.cursor, values[chart.cursor]), 4);
    fill(ctx, dot, colour);
    stroke(ctx, dot, "#fff", 1.5);
  }
  const [heading, rows] = describeDay(chart, chart.cursor);
  showTooltip(chart.tooltip, chart.stage, heading, rows, x, chart.height / 2 - 10);
  if (chart.width < SMALL) chart.tooltip.style.top = `${chart.height}px`;
  chart.stage.setAttribute("aria-valuenow", chart.cursor);
  chart.stage.setAttribute("aria-valuetext", spokenText(heading, rows));
}

/** Return the date as heading, and rows with values and ranges, the difference, and the marks of the day. */
function describeDay(chart, day) {
  const running = chart.lines.filter(({ values }) => values.length);
  const rows = running.map((line) => [line.name, valueText(chart, line, day)]);
  const [a, b] = chart.lines.map(({ values }) => values[day]);
  if (Number.isFinite(a + b)) rows.push([chart.words.difference, differenceText(chart, a, b)]);
  const near = Math.max(0, (3 * chart.days) / chart.width);
  rows.push(...chart.marksPlaced.filter((mark) => Math.abs(mark.day - day) <= near).map(({ text }) => [text]));
  return [formatDate(chart.words.locale, dateOf(chart.start, day), { dateStyle: "long" }), rows];
}

function valueText(chart, { values, range }, day) {
  const half = range.length / 2, low = range[day], high = range[half + day];
  const value = Number.isFinite(values[day]) ? chart.number(values[day]) : "–";
  if (!(day < half) || !Number.isFinite(low + high)) return value;
  const span = chart.words.range.replace("{low}", chart.number(low)).replace("{high}", chart.number(high));
  return `${value} (${span})`;
}

function differenceText(chart, a, b) {
  const amount = signed(b - a, chart.number(Math.abs(b - a)));
  return a > 0 ? `${amount} (${signed(b - a, chart.number(Math.abs((100 * (b - a)) / a)))} %)` : amount;
}

function moveCursor(chart, day) {
  chart.cursor = day < 0 ? -1 : clamp(Math.round(day), 0, chart.days - 1);
  if (chart.cursor < 0) chart.tooltip.hidden = true;
  chart.repaint();
}

function attachListeners(chart) {
  const { stage } = chart;
  const followPointer = (event) => {
    if (!chart.plot) return;
    const { left, right } = chart.plot, x = event.clientX - stage.getBoundingClientRect().left;
    moveCursor(chart, Math.max(0, ((x - left) / (right - left)) * (chart.days - 1)));
  };
  for (const name of ["pointermove", "pointerdown"]) stage.addEventListener(name, followPointer);
  for (const name of ["pointerleave", "blur"]) stage.addEventListener(name, () => moveCursor(chart, -1));
  stage.addEventListener("keydown", (event) => onKey(chart, event));
}

function onKey(chart, event) {
  if (isCommand(event)) return;
  const ends = { Home: 0, End: chart.days - 1, Escape: -1 };
  const from = chart.cursor >= 0 ? chart.cursor : Math.max(0, chart.day - 1);
  const by = STEPS[event.key] * (event.shiftKey ? 7 : 1);
  if (event.key in ends) moveCursor(chart, ends[event.key]);
  else if (by) moveCursor(chart, Math.max(0, chart.cursor < 0 ? from : from + by));
  else return;
  consume(event);
}

/** Return a step between ticks (1, 2 or 5 times a power of ten) so that about `count` ticks reach `top`. */
function niceStep(top, count) {
  const power = 10 ** Math.floor(Math.log10(top / count));
  return power * [1, 2, 5, 10].find((step) => step * power * count >= top * 0.999);
}

/** Return the top of the axis, which is a whole number of steps and never decreases. */
function axisTop(old, highest) {
  if (!(highest > old)) return old;
  const step = niceStep(highest, 4);
  return Math.ceil((highest * 1.02) / step) * step;
}

function paintValues(chart, ctx) {
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

/** Write month names where there is space, and years below the first month and each January. */
function paintMonths(chart, ctx) {
  const { bottom, left, right } = chart.plot, { locale } = chart.words, first = dateOf(chart.start, 0);
  const perMonth = (right - left) / Math.max(1, chart.days / 30.4);
  const every = [1, 2, 3, 6, 12].find((n) => n * perMonth >= 34) || 12;
  Object.assign(ctx, { textAlign: "center", fillStyle: MUTED, font: `11px ${FONT}` });
  let year = 0, firstFree = left - 20;
  for (let n = 0; n <= chart.days / 28; n++) {
    const date = new Date(Date.UTC(first.getUTCFullYear(), first.getUTCMonth() + n, 1)), day = dayOf(chart.start, date);
    if (day < 0 || day >= chart.days || date.getUTCMonth() % every) continue;
    const [x] = pointAt(chart, day);
    strokeLine(ctx, MUTED, 1, x, bottom, x, bottom + 4);
    ctx.fillText(formatDate(locale, date, { month: "short" }), x, bottom + 16);
    if (date.getUTCFullYear() === year || x < firstFree) continue;
    year = date.getUTCFullYear();
    firstFree = x + 36;
    ctx.fillText(year, x, bottom + 29);
  }
}

/** Assign a row to the text of each mark. A text that does not fit is left out (row -1). */
function placeMarks(chart, ctx) {
  ctx.font = `11px ${FONT}`;
  const rowEnds = Array(ROWS).fill(-Infinity);
  const marks = chart.marks.filter(([day]) => day >= 0 && day < chart.days).sort((a, b) => a[0] - b[0]);
  return marks.map(([day, text]) => {
    const [x] = pointAt(chart, day), width = ctx.measureText(text).width + 8;
    const left = x + width < chart.width ? x + 4 : Math.max(0, x - width + 4);
    const row = rowEnds.findIndex((end) => end < left - 4);
    if (row >= 0) rowEnds[row] = left + width;
    const top = 2 + LINE * Math.max(0, row), crosses = row >= 0 && left < x && x < left + width - 8;
    return { day, text, x, left, row, top, from: crosses ? top + LINE : top };
  });
}

function paintMarks(chart, ctx) {
  Object.assign(ctx, { font: `11px ${FONT}`, textAlign: "left" });
  ctx.setLineDash([2, 3]);
  for (const { x, from } of chart.marksPlaced) strokeLine(ctx, INK, 1, x, from, x, chart.plot.bottom);
  ctx.setLineDash([]);
  for (const { text, left, top, row } of chart.marksPlaced) if (row >= 0) outlinedText(ctx, text, left, top + 9, INK);
}
