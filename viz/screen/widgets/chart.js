// Daily figures of worlds A and B as lines that grow with the days.

import { FONT, clamp, make, numbers, once, onWidth, sharpen, showTip, spoken, watch, write } from "./page.js";
import {
  dateOf, grown, paintMarks, paintMonths, paintValues, placeMarks, rowsOf, stroke, xAt, yAt,
} from "./chart_axes.js";

/** A is a solid line, B a dashed one, so that colour never speaks alone. */
const LOOKS = [
  { series: "a", band: "band_a", colour: "#0072B2", dash: [], shade: "rgba(0,114,178,.16)" },
  { series: "b", band: "band_b", colour: "#D55E00", dash: [7, 4], shade: "rgba(213,94,0,.16)" },
];
const BELOW = 34, LEFT = 50, LINE = 13;
/** Below this width figures are told under the chart, where they cover no line. */
const SMALL = 520;
let count = 0;

export default { render };

function render({ model, el }) {
  const chart = { model, el, width: 0, most: 0, reading: -1, painted: 0, placed: [] };
  build(chart);
  attach(chart);
  chart.repaint = once(() => paint(chart));
  read(chart);
  const change = () => {
    chart.stale = true; // several traits change at once; they are read once
    chart.repaint();
  };
  const fresh = () => {
    chart.most = 0;
    change();
  };
  const calls = { "a b band_a band_b day marks names words text": change, "title unit start days": fresh };
  const ends = [watch(model, calls), onWidth(chart.root, (width) => resize(chart, width)), chart.repaint.end];
  return () => ends.forEach((end) => end());
}

/** Elements, once. The stage is a slider along the days: so a reader of the screen knows its keys. */
function build(chart) {
  const id = `tb-chart-${++count}`;
  chart.root = make("div", "tb-chart", chart.el);
  const head = make("div", "tb-head", chart.root, { id });
  [chart.title, chart.unit] = [make("b", "", head), make("span", "", head)];
  chart.stage = make("div", "tb-stage", chart.root, {
    tabindex: 0, role: "slider", "aria-labelledby": id, "aria-describedby": `${id}-text`, "aria-valuemin": 0,
  });
  chart.canvas = make("canvas", "", chart.stage, { "aria-hidden": "true" });
  chart.tip = make("div", "tb-tip", chart.stage, { "aria-hidden": "true", hidden: "" });
  chart.text = make("p", "tb-unseen", chart.root, { id: `${id}-text` });
}

/** Everything from the traits. */
function read(chart) {
  chart.stale = false;
  const get = (name) => chart.model.get(name);
  for (const name of ["start", "days", "day", "marks", "names", "words"]) chart[name] = get(name);
  chart.lines = LOOKS.map((look, i) => ({
    ...look, name: chart.names[i] || "", values: floats(get(look.series)), range: floats(get(look.band)),
  }));
  chart.locale = chart.words.locale || undefined;
  const [whole, tenths] = [numbers(chart.words), numbers(chart.words, 1)];
  chart.number = (value) => (Math.abs(value) < 10 ? tenths : whole)(value);
  const shown = chart.lines.flatMap(({ values, range }) => [most(values), most(range)]);
  if (chart.lines.every(({ values }) => !values.length)) chart.most = 0; // a new run
  chart.most = grown(chart.most, Math.max(1, ...shown));
  tell(chart, get);
}

/** What is written and not drawn. */
function tell(chart, get) {
  write(chart.title, get("title"));
  write(chart.unit, get("unit"));
  write(chart.text, get("text"));
  chart.stage.setAttribute("aria-roledescription", chart.words.chart);
  chart.stage.setAttribute("aria-valuemax", Math.max(0, chart.days - 1));
}

/** Bytes as floats; what is no number stays a gap. */
function floats(view) {
  if (!view || !view.byteLength) return new Float32Array(0);
  return new Float32Array(view.buffer.slice(view.byteOffset, view.byteOffset + view.byteLength));
}

function most(values) {
  let found = 0;
  for (const value of values) if (value > found) found = value;
  return found;
}

function resize(chart, width) {
  chart.width = width;
  chart.height = Math.round(clamp(0.4 * width, 180, 280));
  chart.stage.style.height = `${chart.height}px`;
  chart.repaint();
}

/** The room for lines: names stand to the right, marks above, months below. */
function layOut(chart, pen) {
  pen.font = `600 12px ${FONT}`;
  const longest = Math.max(...chart.lines.map(({ name }) => pen.measureText(name).width));
  const margin = Math.min(0.22 * chart.width, 16 + longest);
  chart.plot = { left: LEFT, right: chart.width - margin, margin, top: 0, bottom: chart.height - BELOW };
  chart.placed = placeMarks(chart, pen);
  chart.plot.top = 8 + LINE * rowsOf(chart.placed);
}

function paint(chart) {
  if (!chart.width) return;
  if (chart.stale) read(chart);
  const pen = sharpen(chart.canvas, chart.width, chart.height);
  pen.clearRect(0, 0, chart.width, chart.height);
  layOut(chart, pen);
  paintValues(chart, pen);
  paintMonths(chart, pen);
  for (const line of chart.lines) band(chart, pen, line);
  paintMarks(chart, pen);
  lines(chart, pen);
  nameEnds(chart, pen);
  if (chart.reading >= 0) reading(chart, pen);
  Object.assign(chart.el.dataset, { painted: ++chart.painted, most: chart.most });
}

/** The range over other runs: low and high values, one after the other. */
function band(chart, pen, { range, shade }) {
  const half = range.length / 2;
  pen.beginPath();
  for (let i = 0; i < half; i++) pen.lineTo(xAt(chart, i), yAt(chart, range[half + i]));
  for (let i = half - 1; i >= 0; i--) pen.lineTo(xAt(chart, i), yAt(chart, range[i]));
  pen.fillStyle = shade;
  pen.fill();
}

/** Lines up to the day, paler behind it where the run is already known, and the day itself. */
function lines(chart, pen) {
  const now = xAt(chart, Math.max(0, chart.day - 1));
  for (const [from, to, alpha] of [[0, now + 1, 1], [now + 1, chart.width, 0.35]]) {
    pen.save();
    pen.beginPath();
    pen.rect(from, 0, to - from, chart.height);
    pen.clip();
    pen.globalAlpha = alpha;
    for (const line of chart.lines) curve(chart, pen, line);
    pen.restore();
  }
  Object.assign(pen, { lineWidth: 1.5 });
  if (chart.day > 0) stroke(pen, "#243b53", [now, chart.plot.top - 4, now, chart.plot.bottom]);
}

function curve(chart, pen, { values, colour, dash }) {
  pen.beginPath();
  values.forEach((value, i) => pen.lineTo(xAt(chart, i), yAt(chart, value)));
  pen.setLineDash(dash);
  Object.assign(pen, { strokeStyle: colour, lineWidth: 2.2, lineJoin: "round" });
  pen.stroke();
  pen.setLineDash([]);
}

/** The name of each line at its end; two that would touch move apart. */
function nameEnds(chart, pen) {
  const ends = chart.lines.filter(({ values }) => values.length).map((line) => {
    const last = line.values.length - 1;
    return { ...line, x: xAt(chart, last) + 6, y: yAt(chart, line.values[last]) + 4 };
  });
  const [a, b] = ends;
  if (b && Math.abs(a.y - b.y) < LINE) {
    const aside = (LINE - Math.abs(a.y - b.y)) / 2, way = a.y <= b.y ? 1 : -1;
    a.y -= way * aside;
    b.y += way * aside;
  }
  Object.assign(pen, { font: `600 12px ${FONT}`, textAlign: "left" });
  Object.assign(pen, { lineJoin: "round", lineWidth: 3, strokeStyle: "#fff" });
  for (const { name, x, y, colour } of ends) {
    const text = fitting(pen, name, chart.plot.margin - 10), at = clamp(y, 12, chart.plot.bottom - 2);
    pen.strokeText(text, x, at);
    pen.fillStyle = colour;
    pen.fillText(text, x, at);
  }
}

/** A text cut until it fits. */
function fitting(pen, text, room) {
  let shown = text;
  while (shown.length > 1 && pen.measureText(shown).width > room) shown = shown.slice(0, -2) + "…";
  return shown;
}

/** The reading cursor: a line, dots on the curves, and the figures of the day. */
function reading(chart, pen) {
  const x = xAt(chart, chart.reading);
  pen.lineWidth = 1;
  stroke(pen, "#8795a3", [x, chart.plot.top, x, chart.plot.bottom]);
  for (const { values, colour } of chart.lines) {
    if (!(chart.reading < values.length)) continue;
    pen.beginPath();
    pen.arc(x, yAt(chart, values[chart.reading]), 4, 0, 7);
    Object.assign(pen, { fillStyle: colour, strokeStyle: "#fff", lineWidth: 1.5 });
    pen.fill();
    pen.stroke();
  }
  const [heading, rows] = told(chart, chart.reading);
  showTip(chart.tip, chart.stage, heading, rows, x, chart.height / 2 - 10);
  if (chart.width < SMALL) chart.tip.style.top = `${chart.height}px`;
  chart.stage.setAttribute("aria-valuenow", chart.reading);
  chart.stage.setAttribute("aria-valuetext", spoken(heading, rows));
}

/** The date; both values with their ranges; the difference; what happened on that day. */
function told(chart, day) {
  const date = new Intl.DateTimeFormat(chart.locale, { dateStyle: "long", timeZone: "UTC" });
  const running = chart.lines.filter(({ values }) => values.length);
  const rows = running.map((line) => [line.name, valueTold(chart, line, day)]);
  const [a, b] = chart.lines.map(({ values }) => values[day]);
  if (Number.isFinite(a + b)) rows.push([chart.words.difference, differenceTold(chart, a, b)]);
  const near = Math.max(0, (3 * chart.days) / chart.width);
  rows.push(...chart.placed.filter((m) => Math.abs(m.day - day) <= near).map((m) => [m.text]));
  return [date.format(dateOf(chart, day)), rows];
}

function valueTold(chart, { values, range }, day) {
  const half = range.length / 2, low = range[day], high = range[half + day];
  const value = day < values.length && Number.isFinite(values[day]) ? chart.number(values[day]) : "–";
  if (!(day < half) || !Number.isFinite(low + high)) return value;
  const span = chart.words.range.replace("{low}", chart.number(low)).replace("{high}", chart.number(high));
  return `${value} (${span})`;
}

function differenceTold(chart, a, b) {
  const signed = (value, text) => (value > 0 ? "+" : value < 0 ? "−" : "") + text;
  const by = b - a, share = a > 0 ? ` (${signed(by, `${chart.number(Math.abs((100 * by) / a))} %`)})` : "";
  return signed(by, chart.number(Math.abs(by))) + share;
}

/** Move the reading cursor; -1 takes it away. */
function readAt(chart, day) {
  chart.reading = day < 0 ? -1 : clamp(Math.round(day), 0, chart.days - 1);
  if (chart.reading < 0) chart.tip.hidden = true;
  chart.repaint();
}

function attach(chart) {
  const { stage } = chart;
  const follow = (event) => {
    if (!chart.plot) return;
    const { left, right } = chart.plot, x = event.clientX - stage.getBoundingClientRect().left;
    readAt(chart, Math.max(0, ((x - left) / (right - left)) * (chart.days - 1)));
  };
  stage.addEventListener("pointermove", follow);
  stage.addEventListener("pointerdown", follow);
  stage.addEventListener("pointerleave", () => readAt(chart, -1));
  stage.addEventListener("blur", () => readAt(chart, -1));
  stage.addEventListener("keydown", (event) => key(chart, event));
}

/** Days by which a key moves the reading cursor. */
const STEPS = { ArrowRight: 1, ArrowUp: 1, ArrowLeft: -1, ArrowDown: -1, PageUp: 30, PageDown: -30 };

function key(chart, event) {
  if (event.ctrlKey || event.metaKey || event.altKey) return;
  const ends = { Home: 0, End: chart.days - 1, Escape: -1 };
  const from = chart.reading >= 0 ? chart.reading : Math.max(0, chart.day - 1);
  const by = STEPS[event.key] * (event.shiftKey ? 7 : 1);
  if (event.key in ends) readAt(chart, ends[event.key]);
  else if (by) readAt(chart, Math.max(0, chart.reading < 0 ? from : from + by));
  else return;
  event.preventDefault();
  event.stopPropagation();
}
