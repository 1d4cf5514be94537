// The axis of the guesses: one column for each outcome, the guess with its handle, and the result on top.

import { clamp } from "./page.js";
import { shape } from "./guess_map.js";

export const LEFT = 52;
export const RIGHT = 8;
const TOP = 30, BOTTOM = 22;
const WIDEST = 76, HANDLE = [44, 22];
/** Smallest height of the bar of a result, and the space for its figure above and below the baseline. */
const LEAST = 3, FIGURE = [17, 8];

/** Return the geometry of a row of columns. */
export function geometry(axis, count, width, height) {
  const [low, high] = axis, each = (width - LEFT - RIGHT) / count, plot = height - TOP - BOTTOM;
  return {
    width, height, each, low, high, bar: Math.min(WIDEST, 0.62 * each),
    x: (i) => LEFT + (i + 0.5) * each,
    y: (value) => TOP + (plot * (high - clamp(value, low, high))) / (high - low),
    value: (y) => Math.round(clamp(high - ((y - TOP) * (high - low)) / plot, low, high)),
  };
}

/** Draw axis, grid and the columns of a row. Returns the handles by key. */
export function paintChart(svg, box, columns, state) {
  svg.replaceChildren();
  for (const [key, value] of [["viewBox", `0 0 ${box.width} ${box.height}`], ["width", box.width], ["height", box.height]]) {
    svg.setAttribute(key, value);
  }
  stripes(svg);
  const step = box.high - box.low > 140 ? 50 : 20;
  for (let value = Math.ceil(box.low / step) * step; value <= box.high; value += step) {
    const y = box.y(value);
    shape("line", svg, { x1: LEFT, x2: box.width - RIGHT, y1: y, y2: y, class: value ? "tb-grid" : "tb-zero" });
    shape("text", svg, { x: LEFT - 8, y: y + 4, class: "tb-tick" }).textContent =
      value ? state.signed(value) : state.texts.zero;
  }
  const handles = new Map();
  columns.forEach((one, i) => {
    const group = shape("g", svg, { class: `tb-column-of${one.asked ? " tb-asks" : ""}`, "data-key": one.key });
    paintColumn(group, box, box.x(i), one, state, handles);
  });
  return handles;
}

/** The stripes of "fewer", so that colour is not the only difference. */
function stripes(svg) {
  const pattern = shape("pattern", shape("defs", svg), {
    id: "tb-fewer", width: 6, height: 6, patternUnits: "userSpaceOnUse", patternTransform: "rotate(45)",
  });
  shape("rect", pattern, { width: 6, height: 6, fill: PALETTE.worlds[0].pale });
  shape("rect", pattern, { width: 3.2, height: 6, fill: PALETTE.worlds[0].colour });
}

function paintColumn(group, box, x, one, state, handles) {
  const zero = box.y(0);
  if (one.asked) paintRight(group, box, x, one);
  if (one.result) paintResult(group, box, x, one);
  if (one.asked) paintGuess(group, box, x, one, state, handles);
  if (one.result) paintFigure(group, box, x, one);
}

function paintGuess(group, box, x, one, state, handles) {
  const zero = box.y(0), guess = one.guess ?? 0, y = box.y(guess);
  shape("rect", group, {
    x: x - box.bar / 2, width: box.bar, y: Math.min(y, zero), height: Math.abs(y - zero),
    class: `tb-guess-bar${one.guess === null ? " tb-open" : ""}${one.result ? " tb-done" : ""}`,
  });
  const handle = handleGroup(group, x, y, one, state);
  handles.set(one.key, handle);
  if (one.result) paintLevel(handle, box.bar / 2);
  else paintGrip(handle, one.guess !== null);
}

/** Shade the values for which this guess is right: the zone of its direction, or values near it. */
function paintRight(group, box, x, one) {
  if (one.guess === null || one.result) return;
  const { guess, same, near } = one;
  const zone = near ? [guess - near, guess + near]
    : Math.abs(guess) <= same ? [-same, same] : guess > 0 ? [same, box.high] : [box.low, -same];
  const top = box.y(zone[1]), bottom = box.y(zone[0]);
  shape("rect", group, { x: x - box.each / 2 + 3, width: box.each - 6, y: top, height: Math.max(2, bottom - top), class: "tb-right-zone" });
}

/** Draw the result: a bar to the median, and a line over all seeds. */
function paintResult(group, box, x, one) {
  const { median, low, high, tone } = one.result, zero = box.y(0), y = box.y(median);
  const inner = 0.68 * box.bar;
  const bar = shape("rect", group, {
    x: x - inner / 2, width: inner, y: Math.min(y, zero), height: Math.max(LEAST, Math.abs(y - zero)),
    class: `tb-result-bar tb-tone-${tone}`,
  });
  bar.style.transformOrigin = `0 ${zero}px`;
  const [top, bottom] = [box.y(high), box.y(low)];
  shape("path", group, { d: `M${x} ${top}V${bottom}M${x - 7} ${top}H${x + 7}M${x - 7} ${bottom}H${x + 7}`, class: "tb-whisker" });
}

/** Write the figure of a result beyond its bar, without covering the level of the guess. */
function paintFigure(group, box, x, one) {
  const { median, low, high, text, tone } = one.result, zero = box.y(0), rises = median > 0;
  const beyond = median > box.high || median < box.low;
  const at = rises ? Math.min(box.y(high), zero) - 9 : Math.max(box.y(low), zero) + 19;
  const level = one.asked && one.guess !== null ? box.y(one.guess) : Infinity, [above, below] = FIGURE;
  const crossed = level > at - above && level < at + below;
  const clear = !crossed ? at : rises ? level - below : level + above;
  const label = shape("text", group, {
    x, y: clamp(clear, 18, box.height - 5), class: `tb-result-text tb-tone-${tone}`,
  });
  label.textContent = `${beyond ? (rises ? "▲ " : "▼ ") : ""}${text}`;
}

/** Point from both sides to the level of a guess with a result: the bar between them stays visible. */
function paintLevel(handle, half) {
  for (const side of [-1, 1]) {
    const x = side * (half - 1), out = side * (half + 10);
    shape("path", handle, { d: `M${x} 0L${out} -6V6Z`, class: "tb-guess-pointer" });
  }
}

function handleGroup(group, x, y, one, state) {
  return shape("g", group, {
    class: `tb-handle${one.guess !== null ? "" : " tb-open"}`, role: "slider", tabindex: one.locked ? -1 : 0,
    transform: `translate(${x} ${y})`, "aria-label": one.question, "aria-orientation": "vertical",
    "aria-valuemin": state.axis[0], "aria-valuemax": state.axis[1], "aria-valuenow": one.guess ?? 0,
    "aria-valuetext": state.said(one), "aria-disabled": String(one.locked),
  });
}

/** Draw the part of a handle that can be dragged. */
function paintGrip(handle, set) {
  const [w, h] = HANDLE;
  shape("rect", handle, { x: -w / 2 - 4, y: -24, width: w + 8, height: 48, class: "tb-touch" });
  shape("rect", handle, { x: -w / 2, y: -h / 2, width: w, height: h, rx: 11, class: "tb-grip" });
  if (set) shape("path", handle, { d: "M-8 -3H8M-8 3H8", class: "tb-grooves" });
  else shape("text", handle, { y: 5, class: "tb-unset" }).textContent = "?";
}
