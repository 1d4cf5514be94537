// Guesses on an axis, a handle for each question; later the results over the guesses; and the map of their places.

import { paintGround, prepareWorld } from "./map_world.js";
import { addElement, addText, clamp, consume, listen, observeWidth, sendTrait, setAttributes, setText, signed } from "./page.js";

export default { render };

const COLUMN = 84, TALL = 310, SHORT = 240, NARROW = 560, LOW = 820;
const STEPS = { ArrowUp: 1, ArrowRight: 1, ArrowDown: -1, ArrowLeft: -1, PageUp: 10, PageDown: -10 };
const SVG = new DOMParser().parseFromString("<svg></svg>", "text/html").body.firstChild.namespaceURI;

function render({ model, el }) {
  const root = addElement("div", "tb-guesses", el), rows = addElement("div", "", root);
  const box = addElement("div", "tb-guess-map", root, { "aria-hidden": "true" });
  const map = { box, canvas: addElement("canvas", "", box), svg: shape("svg", box) };
  const state = { model, root, rows, map, width: 0, moved: new Map(), count: 0 };
  const draw = () => state.width && paint(state);
  const changed = () => {
    const sent = new Map(model.get("columns").map((column) => [column.key, column]));
    for (const [key, { guess, sure }] of state.moved) {
      const column = sent.get(key);
      if (!column || column.locked || (column.guess === guess && column.sure === sure)) state.moved.delete(key);
    }
    draw();
  };
  const ends = [
    listen(model, { "columns axis texts ground deepest": changed, phase: () => bringIntoView(root) }),
    observeWidth(root, (width) => {
      state.width = Math.floor(width);
      draw();
    }),
  ];
  return () => ends.forEach((end) => end());
}

function shape(tag, parent, attributes = {}) {
  const node = document.createElementNS(SVG, tag);
  setAttributes(node, attributes);
  parent.append(node);
  return node;
}

/** Scroll to the drawing after a lock, because the button can be far below it. */
function bringIntoView(root) {
  const { top } = root.getBoundingClientRect();
  const still = window.matchMedia("(prefers-reduced-motion: reduce)").matches;
  if (top < 0 || top > window.innerHeight / 2) root.scrollIntoView({ block: "start", behavior: still ? "auto" : "smooth" });
}

/** Return the columns with the guesses that the server has not confirmed yet. */
function columnsOf(state) {
  return state.model.get("columns").map((column) => ({ ...column, ...state.moved.get(column.key) }));
}

function paint(state) {
  const { model, root, rows, width } = state, columns = columnsOf(state);
  const focus = root.contains(document.activeElement) ? document.activeElement.closest("[data-part]")?.dataset.part : "";
  Object.assign(state, { axis: model.get("axis"), texts: model.get("texts") });
  const fitting = Math.max(1, Math.floor((width - LEFT - RIGHT) / COLUMN)), lines = Math.ceil(columns.length / fitting);
  const each = Math.ceil(columns.length / lines), height = width < NARROW || window.innerHeight < LOW ? SHORT : TALL;
  const marks = [];
  rows.replaceChildren();
  for (let i = 0; i < columns.length; i += each) {
    const row = columns.slice(i, i + each), box = geometry(state.axis, row.length, width, height);
    paintRow(state, row, box);
    marks.push(...row.map((column, k) => ({ ...column, tone: column.result?.tone ?? "none", x: box.x(k) })));
  }
  paintMap(state.map, model.get("ground"), marks, width, model.get("deepest"), lines === 1);
  if (focus) root.querySelector(`[data-part="${focus}"] ${focus.startsWith("sure") ? "input" : ".tb-handle"}`)?.focus({ preventScroll: true });
}

function paintRow(state, columns, box) {
  const svg = shape("svg", state.rows, { class: "tb-guess-chart" });
  paintAxis(svg, box, state);
  columns.forEach((column, i) => paintColumn(state, svg, box, box.x(i), column));
  const names = addElement("div", "tb-guess-names", state.rows);
  names.style.padding = `0 ${RIGHT}px 0 ${LEFT}px`;
  names.style.gridTemplateColumns = `repeat(${columns.length}, minmax(0, 1fr))`;
  for (const column of columns) paintName(state, names, column);
}

function paintName(state, names, column) {
  const { texts } = state, { guess, sure } = column;
  const box = addElement("div", "tb-guess-name", names, { "data-part": `sure-${column.key}` });
  const head = addElement("b", "", box);
  for (const badge of column.badges) addText("i", "tb-claim", head, badge);
  head.append(column.label);
  addText("small", "", box, column.against);
  if (!column.asked) return;
  const text = spoken(state, column);
  addText("span", guess === null ? "tb-reading tb-open" : "tb-reading", box, column.result ? `${texts.you}: ${text}` : text);
  if (column.right !== null) {
    addText("span", `tb-hit ${column.right ? "tb-right" : "tb-wrong"}`, box, column.right ? `✓ ${texts.right}` : `✗ ${texts.wrong}`);
  }
  const label = addElement("label", "tb-sure", box), confidence = addText("span", "", label, `${texts.sure} ${sure}\u00a0%`);
  if (column.locked) return;
  const input = addElement("input", "", label, {
    type: "range", min: 0, max: 100, step: 10, value: sure, "aria-label": `${texts.sure}: ${column.question}`, "aria-valuetext": `${sure} %`,
  });
  input.addEventListener("keydown", (event) => event.stopPropagation());
  input.addEventListener("input", () => setText(confidence, `${texts.sure} ${input.value}\u00a0%`));
  input.addEventListener("change", () => change(state, column, { sure: Number(input.value) }));
}

function spoken({ texts }, { guess, near, same, in_points, zones }) {
  if (guess === null) return texts.move;
  const value = `${signed(guess, Math.abs(guess))}\u00a0${in_points ? texts.points : "%"}`;
  return near ? value : `${value}, ${zones[Math.abs(guess) <= same ? 1 : guess < 0 ? 0 : 2]}`;
}

/** Store a change and send all unconfirmed ones: of messages in quick succession only the last one arrives. */
function change(state, { key }, values) {
  const { guess, sure } = columnsOf(state).find((column) => column.key === key);
  state.moved.set(key, { guess, sure, ...values });
  const pending = [...state.moved].flatMap(([name, moved]) => [name, moved.guess ?? "", moved.sure]);
  sendTrait(state.model, "moved", [++state.count, ...pending]);
  paint(state);
}

function attach(state, svg, group, handle, column, box) {
  const valueAt = (event) => box.value(event.clientY - svg.getBoundingClientRect().top);
  group.addEventListener("pointerdown", (event) => {
    const grabbed = event.target.closest(".tb-handle");
    if (event.button || (event.pointerType !== "mouse" && !grabbed)) return;
    event.preventDefault();
    handle.focus({ preventScroll: true });
    const start = grabbed ? (column.guess ?? 0) : valueAt(event);
    let guess = start;
    drag(event, (now) => {
      guess = box.value(box.y(start) + now.clientY - event.clientY);
      preview(state, group, handle, column, box, guess);
    }, () => change(state, column, { guess }));
  });
  handle.addEventListener("keydown", (event) => {
    const { key } = event, guess = column.guess ?? 0, [low, high] = state.axis;
    const next = STEPS[key] ? guess + STEPS[key] : { Home: low, End: high, Enter: guess, " ": guess }[key];
    if (next === undefined) return;
    consume(event);
    change(state, column, { guess: clamp(next, low, high) });
  });
}

function drag({ pointerId }, move, end) {
  const left = new AbortController(), { signal } = left;
  const follow = (name, call) => window.addEventListener(name, (now) => now.pointerId === pointerId && call(now), { signal });
  follow("pointermove", move);
  for (const name of ["pointerup", "pointercancel"]) {
    follow(name, () => {
      left.abort();
      end();
    });
  }
}

function preview(state, group, handle, column, box, guess) {
  const y = box.y(guess), zero = box.y(0), bar = group.querySelector(".tb-guess-bar");
  handle.setAttribute("transform", handle.getAttribute("transform").replace(/ [\d.-]+\)/, ` ${y})`));
  setAttributes(bar, { y: Math.min(y, zero), height: Math.abs(y - zero) });
  bar.classList.remove("tb-open");
  setText(state.rows.querySelector(`[data-part="sure-${column.key}"] .tb-reading`), spoken(state, { ...column, guess }));
}

const LEFT = 52, RIGHT = 8, TOP = 30, BOTTOM = 22;
const MAX_BAR = 76, HANDLE = [44, 22];
const MIN_BAR = 3, FIGURE = [17, 8];

function geometry([low, high], count, width, height) {
  const each = (width - LEFT - RIGHT) / count, plot = height - TOP - BOTTOM;
  return {
    width, height, each, low, high, bar: Math.min(MAX_BAR, 0.62 * each),
    x: (i) => LEFT + (i + 0.5) * each,
    y: (value) => TOP + (plot * (high - clamp(value, low, high))) / (high - low),
    value: (y) => Math.round(clamp(high - ((y - TOP) * (high - low)) / plot, low, high)),
  };
}

/** Draw grid and values, and define the stripes of "fewer": colour is not the only difference. */
function paintAxis(svg, { width, height, low, high, y }, { texts }) {
  setAttributes(svg, { viewBox: `0 0 ${width} ${height}`, width, height });
  const pattern = shape("pattern", shape("defs", svg), {
    id: "tb-fewer", width: 6, height: 6, patternUnits: "userSpaceOnUse", patternTransform: "rotate(45)",
  });
  shape("rect", pattern, { width: 6, height: 6, fill: PALETTE.worlds[0].pale });
  shape("rect", pattern, { width: 3.2, height: 6, fill: PALETTE.worlds[0].colour });
  const step = high - low > 140 ? 50 : 20;
  for (let value = Math.ceil(low / step) * step; value <= high; value += step) {
    shape("line", svg, { x1: LEFT, x2: width - RIGHT, y1: y(value), y2: y(value), class: value ? "tb-grid" : "tb-zero" });
    shape("text", svg, { x: LEFT - 8, y: y(value) + 4, class: "tb-tick" }).textContent =
      value ? `${signed(value, Math.abs(value))}\u00a0%` : texts.zero;
  }
}

function paintColumn(state, svg, box, x, column) {
  const { asked, key, result } = column;
  const group = shape("g", svg, { class: `tb-column-of${asked ? " tb-asks" : ""}`, "data-key": key, "data-part": `guess-${key}` });
  if (asked && !result) paintRight(group, box, x, column);
  if (result) paintResult(group, box, x, result);
  if (asked) {
    const handle = paintGuess(group, box, x, column, state);
    if (!column.locked) attach(state, svg, group, handle, column, box);
  }
  if (result) paintFigure(group, box, x, column);
}

/** Shade the values for which this guess is right: the zone of its direction, or values near it. */
function paintRight(group, box, x, { guess, same, near }) {
  if (guess === null) return;
  const zone = near ? [guess - near, guess + near]
    : Math.abs(guess) <= same ? [-same, same] : guess > 0 ? [same, box.high] : [box.low, -same];
  const [bottom, top] = zone.map(box.y);
  shape("rect", group, { x: x - box.each / 2 + 3, width: box.each - 6, y: top, height: Math.max(2, bottom - top), class: "tb-right-zone" });
}

/** Draw the outline of a guess and its handle, or with a result two pointers to its level. Returns the handle. */
function paintGuess(group, box, x, column, state) {
  const { guess, locked, question, result } = column, zero = box.y(0), y = box.y(guess ?? 0), unset = guess === null;
  shape("rect", group, {
    x: x - box.bar / 2, width: box.bar, y: Math.min(y, zero), height: Math.abs(y - zero),
    class: `tb-guess-bar${unset ? " tb-open" : ""}${result ? " tb-done" : ""}`,
  });
  const handle = shape("g", group, {
    class: `tb-handle${unset ? " tb-open" : ""}`, role: "slider", tabindex: locked ? -1 : 0,
    transform: `translate(${x} ${y})`, "aria-label": question, "aria-orientation": "vertical",
    "aria-valuemin": box.low, "aria-valuemax": box.high, "aria-valuenow": guess ?? 0,
    "aria-valuetext": spoken(state, column), "aria-disabled": String(locked),
  });
  if (!result) paintGrip(handle, unset);
  else for (const side of [-1, 1]) { // the bar between them stays visible
    const [inner, outer] = [side * (box.bar / 2 - 1), side * (box.bar / 2 + 10)];
    shape("path", handle, { d: `M${inner} 0L${outer} -6V6Z`, class: "tb-guess-pointer" });
  }
  return handle;
}

function paintGrip(handle, unset) {
  const [w, h] = HANDLE;
  shape("rect", handle, { x: -w / 2 - 4, y: -24, width: w + 8, height: 48, class: "tb-touch" });
  shape("rect", handle, { x: -w / 2, y: -h / 2, width: w, height: h, rx: 11, class: "tb-grip" });
  if (unset) shape("text", handle, { y: 5, class: "tb-unset" }).textContent = "?";
  else shape("path", handle, { d: "M-8 -3H8M-8 3H8", class: "tb-grooves" });
}

function paintResult(group, box, x, { median, low, high, tone }) {
  const zero = box.y(0), y = box.y(median), width = 0.68 * box.bar, [top, bottom] = [box.y(high), box.y(low)];
  const bar = shape("rect", group, {
    x: x - width / 2, width, y: Math.min(y, zero), height: Math.max(MIN_BAR, Math.abs(y - zero)), class: `tb-result-bar tb-tone-${tone}`,
  });
  bar.style.transformOrigin = `0 ${zero}px`;
  shape("path", group, { d: `M${x} ${top}V${bottom}M${x - 7} ${top}H${x + 7}M${x - 7} ${bottom}H${x + 7}`, class: "tb-whisker" });
}

function paintFigure(group, box, x, { asked, guess, result: { median, low, high, text, tone } }) {
  const zero = box.y(0), rises = median > 0, [above, below] = FIGURE;
  const at = rises ? Math.min(box.y(high), zero) - 9 : Math.max(box.y(low), zero) + 19;
  const level = asked && guess !== null ? box.y(guess) : Infinity;
  const crossed = level > at - above && level < at + below, clear = rises ? level - below : level + above;
  const arrow = median > box.high ? "▲ " : median < box.low ? "▼ " : "";
  const y = clamp(crossed ? clear : at, 18, box.height - 5);
  shape("text", group, { x, y, class: `tb-result-text tb-tone-${tone}` }).textContent = arrow + text;
}

/** Western and eastern end of the drawn part of the world in map units, and the space around the places. */
const WEST = -200, EAST = 1150, AROUND = 52;
const RADIUS = 5;
/** Height of the row of numbers at the top, where no name of a country is written. */
const BADGES = 30;

function viewOf([left, top, right, bottom], width, deepest) {
  const span = [right - left + 2 * AROUND, bottom - top + 2 * AROUND];
  const k = Math.max(width / (EAST - WEST), Math.min(width / span[0], deepest / span[1]));
  const height = Math.round(clamp(k * span[1], 150, 1.15 * deepest));
  const x = clamp(width / 2 - (k * (left + right)) / 2, width - k * EAST, -k * WEST);
  return { k, x, y: height / 2 - (k * (top + bottom)) / 2, height };
}

/** Draw the map, with `lines` from the columns to their places; without any place there is no map. */
function paintMap({ box, canvas, svg }, ground, columns, width, deepest, lines) {
  const placed = columns.filter(({ at }) => at), view = viewOf(ground.core, width, deepest), { height } = view;
  svg.replaceChildren();
  box.hidden = !placed.length;
  setAttributes(svg, { viewBox: `0 0 ${width} ${height}`, width, height, "data-view": [view.k, view.x, view.y] }); // the view is for tests
  canvas.style.height = `${height}px`;
  const words = Object.fromEntries(ground.names.map(([text]) => [text, text])), world = prepareWorld({ ...ground, legs: [] });
  paintGround({ world, words, view, width, height, layers: { ground: canvas }, coveredBoxes: lines ? [[0, 0, width, BADGES]] : [] });
  for (const { at, badges, key, tone, x: top } of placed) {
    const [x, y] = [view.x + view.k * at[0], view.y + view.k * at[1]];
    shape("circle", svg, { cx: x, cy: y, r: RADIUS, class: `tb-at tb-tone-${tone}` });
    if (lines) shape("path", svg, { d: `M${top} 0V${clamp(y - 14, 10, 30)}L${x} ${y - RADIUS}`, class: "tb-leader", "data-key": key });
    if (badges.length) paintBadge(svg, badges.join(" "), ...(lines ? [top, 13] : [x + 16, y + 16]));
  }
}

function paintBadge(svg, text, x, y) {
  const width = 10 + 8 * text.length;
  shape("rect", svg, { x: x - width / 2, y: y - 9, width, height: 18, rx: 9, class: "tb-claim-mark" });
  shape("text", svg, { x, y: y + 4, class: "tb-claim-text" }).textContent = text;
}
