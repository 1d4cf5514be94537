// Guesses and results of a lesson: sectors as bars above their places on the border, totals as rows.

import { addElement, addText, clamp, consume, listen, observeWidth, sendTrait, setAttributes, setText, signed } from "./page.js";

export default { render };

/** Dimensions of the board in its own pixels: size, zero line, pixels per percent, both ends of the border, and its northern end. */
const WIDTH = 1408, HEIGHT = 590, ZERO = 226, PER_CENT = 2.3, ENDS = [119, 1381], NORTH = 303;
/** Thickness of result and guess bars, and distances from a name and a value to the nearest mark. */
const BAR = 36, GUESS = 50, NAME = 30, LINE = 18, VALUE = 27, GRIP = 13;
/** Width of the page in pixels below which sectors are rows too. */
const NARROW = 560, TRACK = 38, MIN_BAR = 3, DOT = 9;
const STEPS = { ArrowUp: 1, ArrowRight: 1, ArrowDown: -1, ArrowLeft: -1, PageUp: 10, PageDown: -10 };
const SVG = new DOMParser().parseFromString("<svg></svg>", "text/html").body.firstChild.namespaceURI;

function render({ model, el }) {
  const root = addElement("div", "tb-guesses", el), state = { model, root, width: 0, moved: new Map(), count: 0, drags: false };
  const changed = () => {
    for (const { key, guess, locked } of model.get("columns")) if (locked || state.moved.get(key) === guess) state.moved.delete(key);
    if (state.width && !state.drags) paint(state);
  };
  const ends = [
    listen(model, { "columns axis texts ground": changed, phase: () => bringIntoView(root) }),
    observeWidth(root, (width) => {
      state.width = Math.floor(width);
      changed();
    }),
  ];
  return () => ends.forEach((end) => end());
}

function shape(tag, parent, attributes = {}, text = "") {
  const node = document.createElementNS(SVG, tag);
  setAttributes(node, attributes);
  if (text) node.textContent = text;
  parent.append(node);
  return node;
}

/** Scroll to the first drawing after the guesses are locked, because on a phone the button is far below. */
function bringIntoView(root) {
  const { top } = root.getBoundingClientRect();
  const still = window.matchMedia("(prefers-reduced-motion: reduce)").matches;
  if (document.querySelector(".tb-guesses") === root && (top < 0 || top > window.innerHeight / 2)) root.scrollIntoView({ block: "start", behavior: still ? "auto" : "smooth" });
}

function paint(state) {
  const { model, root, width, moved } = state, ground = model.get("ground"), focus = document.activeElement?.dataset.handle;
  Object.assign(state, { axis: model.get("axis"), texts: model.get("texts") });
  const columns = model.get("columns").map((column) => ({ ...column, guess: moved.get(column.key) ?? column.guess }));
  root.replaceChildren();
  if (ground.land && width >= NARROW) paintBoard(state, columns, ground);
  else {
    columns.forEach((column, i) => paintRow(state, column, ground.land ? `${i + 1} ` : ""));
    if (ground.land) paintSmallMap(root, columns, ground);
  }
  if (focus) root.querySelector(`[data-handle="${focus}"]`)?.focus({ preventScroll: true });
}

// ---- the board
function paintBoard(state, columns, ground) {
  const svg = shape("svg", state.root, { class: "tb-board", viewBox: `0 0 ${WIDTH} ${HEIGHT}` });
  paintMap(svg, columns, ground);
  const fade = shape("linearGradient", shape("defs", svg), { id: "tb-fade", x2: 0, y2: 1 });
  for (const [offset, opacity] of [[0, 1], [1, 0]]) shape("stop", fade, { offset, "stop-color": "#fff", "stop-opacity": opacity });
  shape("rect", svg, { x: -WIDTH, width: 3 * WIDTH, height: ZERO, fill: "#fff" });
  shape("rect", svg, { x: -WIDTH, y: ZERO, width: 3 * WIDTH, height: 80, fill: "url(#tb-fade)" });
  for (const [text, x, y, sea] of ground.names) shape("text", svg, { x, y, class: sea ? "tb-sea" : "tb-country" }, text);
  for (const value of [-50, 0, 50]) {
    const y = ZERO - PER_CENT * value;
    shape("line", svg, { x1: 100, x2: WIDTH - 18, y1: y, y2: y, class: value ? "tb-grid" : "tb-zero" });
    shape("text", svg, { x: 88, y: y + 5, class: "tb-tick" }, value ? percentText(value) : state.texts.zero);
  }
  shape("text", svg, { x: 20, y: HEIGHT - 10, class: "tb-half" }, state.texts.half_height);
  for (const column of columns) paintColumn(state, svg, column);
}

function onBoard([left, right, north], [x, y]) {
  const k = (ENDS[1] - ENDS[0]) / (right - left);
  return [ENDS[0] + k * (x - left), NORTH + (k / 2) * (y - north)];
}

/** Draw the map at half its height. The border has the tone of each sector. */
function paintMap(svg, columns, { land, box }) {
  const k = (ENDS[1] - ENDS[0]) / (box[1] - box[0]), [x, y] = onBoard(box, [0, 0]);
  const world = shape("g", svg, { transform: `matrix(${k} 0 0 ${k / 2} ${x} ${y})`, class: "tb-map-land" });
  for (const { fill, d } of land) shape("path", world, { d, fill: fill || "none" });
  for (const name of ["tb-border-casing", "tb-border"]) {
    for (const { line, key, result } of columns) shape("path", world, { d: line, class: `${name} ${toneOf(result)}`, "data-line": key });
  }
}

function paintColumn(state, svg, column) {
  const { model, axis: [low, high] } = state, { key, label, result, right, badges, dots, base, note } = column;
  const large = svg.closest(".tb-projector"), line = large ? 22 : LINE;
  const [x, place] = onBoard(model.get("ground").box, column.at);
  const box = {
    vertical: true, centre: x, guess: GUESS, bar: BAR, at: (value) => ZERO - PER_CENT * clamp(value, low, high),
    change: (_, dy) => -dy / svg.getScreenCTM().d / PER_CENT,
  };
  addGuess(state, svg, column, box, (marks, guess) => {
    const values = [guess ?? 0, ...(result ? [result.median, result.low, result.high] : [])];
    const top = box.at(Math.max(0, ...values)), bottom = box.at(Math.min(0, ...values)), handle = column.handle ? GRIP : 0;
    const value = result ? result.median : (guess ?? 0), up = value >= 0, down = !up && bottom > ZERO + 1;
    const valueAt = up ? top - handle - 8 : bottom + handle + VALUE - 4, words = label.split(" "), wraps = words.length > (large ? 1 : 2);
    const lines = wraps ? [words.slice(0, -1).join(" "), words.at(-1)] : [label];
    let below = down ? valueAt + 2 : ZERO; // the lower end of the drawing so far, except a guess below a result
    const above = down && top === ZERO, first = above ? ZERO - 10 - line * (lines.length - 1) : below + NAME - (down ? 6 : 0);
    if (!above) below = first + line * (lines.length - 1);
    if (base) shape("text", marks, { x, y: (below += line - (above ? 0 : 2)), class: "tb-sector tb-base" }, base);
    if (note) shape("text", marks, { x: x - 14, y: place + 22, class: "tb-at-note" }, note);
    const leader = shape("path", marks, { d: `M${x} ${below + 8}V${place}`, class: "tb-leader", "data-key": key });
    marks.prepend(leader);
    const disc = { transform: `translate(${x} ${place})`, d: "M-10 0a10 10 0 1 0 20 0a10 10 0 1 0 -20 0M-5 0L-1 4L5 -4" };
    if (right) shape("path", marks, { ...disc, class: "tb-at tb-tick-disc", "data-key": key });
    else shape("circle", marks, { cx: x, cy: place, r: 6.5, class: "tb-at", "data-key": key });
    const badge = badges.length ? `(${badges.join(", ")}) ` : "";
    lines.forEach((text, i) => shape("text", marks, { x, y: first + line * i, class: "tb-sector" }, (i ? "" : badge) + text));
    paintValue(marks, x, valueAt, column, guess, state);
    paintDots(marks, dots, box, (at, i) => [x + 38 + DOT * i, at]);
  });
}

function paintValue(marks, x, y, column, guess, state) {
  const text = valueText(state, column, guess);
  shape("text", marks, { x, y, class: `tb-value ${toneOf(column.result)}${text === "?" ? " tb-open" : ""}` }, text);
}

// ---- rows
function paintRow(state, column, number) {
  const { root, axis: [low, high], texts } = state, { key, asked, result, right, dots } = column;
  const row = addElement("div", `tb-total${asked ? "" : " tb-told"}`, root, { "data-key": key }), name = addElement("div", "tb-total-name", row);
  const head = addElement("b", "", name);
  head.append(number);
  for (const badge of column.badges) addText("i", "tb-claim", head, badge);
  head.append(column.label);
  addText("small", "", name, column.against);
  if (asked && !number) addText("p", "", name, column.question);
  const svg = shape("svg", row, { class: "tb-track", height: TRACK + (dots.length ? 3 * DOT : 0) }), value = addElement("div", "tb-total-value", row);
  const width = svg.getBoundingClientRect().width, inset = 26, k = (width - 2 * inset) / (high - low), at = (v) => inset + k * (clamp(v, low, high) - low);
  const box = { vertical: false, centre: TRACK / 2, guess: 26, bar: 16, at, change: (dx) => dx / k };
  for (const end of [low, 0, high]) shape("line", svg, { x1: at(end), x2: at(end), y1: 7, y2: TRACK - 7, class: end ? "tb-grid" : "tb-zero" });
  shape("line", svg, { x1: inset, x2: width - inset, y1: TRACK / 2, y2: TRACK / 2, class: "tb-grid" });
  addGuess(state, svg, column, box, (marks, guess) => {
    const text = valueText(state, column, guess);
    value.replaceChildren();
    addText("b", `${toneOf(result)}${text === "?" ? " tb-open" : ""}`, value, text);
    if (result && asked && guess !== null) addText("small", "", value, `${right ? "✓ " : ""}${texts.you} ${percentText(guess)}`);
    paintDots(marks, dots, box, (x, i) => [x, TRACK + DOT * i - 4]);
  });
}

/** Draw the border below the rows of sectors, with the numbers of the rows at their places. */
function paintSmallMap(root, columns, ground) {
  const svg = shape("svg", root, { class: "tb-board", viewBox: `0 ${NORTH - 70} ${WIDTH} 380`, "aria-hidden": true });
  paintMap(svg, columns, ground);
  columns.forEach(({ at }, i) => {
    const [x, y] = onBoard(ground.box, at);
    shape("circle", svg, { cx: x, cy: y, r: 32, class: "tb-at" });
    shape("text", svg, { x, y: y + 14, class: "tb-place-number" }, i + 1);
  });
}

// ---- marks of columns and rows
function toneOf(result) {
  return `tb-tone-${result?.tone ?? "none"}`;
}

function percentText(value, unit = "%") {
  return `${signed(value, Math.abs(value))}\u00a0${unit}`;
}

function valueText({ axis: [low, high], texts }, { result, asked, in_points }, guess) {
  if (!result) return guess === null ? (asked ? "?" : "") : percentText(guess, in_points ? texts.points : "%");
  return `${result.median > high ? "▲ " : result.median < low ? "▼ " : ""}${result.text}`;
}

function spoken({ texts }, { near, same, in_points, zones }, guess) {
  if (guess === null) return texts.move;
  const text = percentText(guess, in_points ? texts.points : "%");
  return near ? text : `${text}, ${zones[Math.abs(guess) <= same ? 1 : guess < 0 ? 0 : 2]}`;
}

function paintBar(parent, { vertical, centre, at }, value, thick, name, least = 0) {
  const side = centre - thick / 2, length = Math.max(least, Math.abs(at(value) - at(0))), from = Math.min(at(0), at(value));
  const attributes = vertical ? { x: side, y: from, width: thick, height: length } : { x: from, y: side, width: length, height: thick };
  return shape("rect", parent, { ...attributes, class: name });
}

function paintResult(parent, box, { median, low, high, tone }) {
  const fewer = shape("pattern", shape("defs", parent), {
    id: "tb-fewer", width: 6, height: 6, patternUnits: "userSpaceOnUse", patternTransform: "rotate(45)",
  });
  shape("rect", fewer, { width: 6, height: 6, fill: PALETTE.worlds[0].pale });
  shape("rect", fewer, { width: 3.2, height: 6, fill: PALETTE.worlds[0].colour });
  paintBar(parent, box, median, box.bar, `tb-result-bar tb-tone-${tone}`, MIN_BAR);
  const on = (value, aside) => (box.vertical ? [box.centre + aside, box.at(value)] : [box.at(value), box.centre + aside]).join(" ");
  const cap = (value) => `M${on(value, -6)}L${on(value, 6)}`;
  shape("path", parent, { d: `M${on(low, 0)}L${on(high, 0)}${cap(low)}${cap(high)}`, class: "tb-whisker" });
}

/** Draw the guesses of a class. Guesses near each other form a stack. */
function paintDots(parent, dots, box, place) {
  const stacks = Map.groupBy(dots, ([value]) => Math.round(box.at(value) / DOT));
  for (const [bin, stack] of stacks) {
    for (const [i, [, own]] of stack.entries()) {
      const [cx, cy] = place(bin * DOT, i);
      shape("circle", parent, { cx, cy, r: DOT / 2 - 0.7, class: own ? "tb-dot tb-own" : "tb-dot" });
    }
  }
}

/** Draw the guess, the result and the marks of `draw`, now and while the handle moves. The handle element stays. */
function addGuess(state, svg, column, box, draw) {
  const { key, asked, locked, question, result } = column, [low, high] = state.axis;
  const group = shape("g", svg, { "data-key": key }), marks = shape("g", group);
  const handle = column.handle && shape("g", group, {
    role: "slider", tabindex: locked ? -1 : 0, "data-handle": key, "aria-label": question, "aria-disabled": String(locked),
    "aria-orientation": box.vertical ? "vertical" : "horizontal", "aria-valuemin": low, "aria-valuemax": high,
  });
  const show = (guess) => {
    marks.replaceChildren();
    if (result) paintResult(marks, box, result);
    if (asked && guess !== null) paintBar(marks, box, guess, box.guess, "tb-guess-bar", 1);
    draw(marks, guess);
    if (!handle) return;
    const at = box.at(guess ?? 0), [x, y] = box.vertical ? [box.centre, at] : [at, box.centre];
    setAttributes(handle, {
      class: guess === null ? "tb-handle tb-open" : "tb-handle", transform: `translate(${x} ${y})`,
      "aria-valuenow": guess ?? 0, "aria-valuetext": spoken(state, column, guess),
    });
  };
  if (handle) {
    shape("rect", handle, { x: -31, y: -22, width: 62, height: 44, class: "tb-touch" });
    shape("rect", handle, { x: -30, y: -19, width: 60, height: 38, rx: 8, class: "tb-ring" });
    shape("rect", handle, { x: -24, y: -GRIP, width: 48, height: 2 * GRIP, rx: GRIP, class: "tb-grip" });
    shape("path", handle, { d: box.vertical ? "M-9 -3.5H9M-9 3.5H9" : "M-3.5 -7V7M3.5 -7V7", class: "tb-grooves" });
    if (!locked) attach(state, handle, column, box, show);
  }
  show(column.guess);
}

function attach(state, handle, column, box, show) {
  const [low, high] = state.axis, send = () => sendGuess(state, column.key, guess);
  let { guess } = column;
  const move = (value) => show((guess = Math.round(clamp(value, low, high))));
  handle.addEventListener("pointerdown", (event) => {
    if (event.button) return;
    event.preventDefault();
    handle.focus({ preventScroll: true });
    const start = guess ?? 0, left = new AbortController(), { signal } = left;
    const follow = (name, call) => window.addEventListener(name, (now) => now.pointerId === event.pointerId && call(now), { signal });
    state.drags = true;
    move(start);
    follow("pointermove", (now) => move(start + box.change(now.clientX - event.clientX, now.clientY - event.clientY)));
    for (const name of ["pointerup", "pointercancel"]) {
      follow(name, () => {
        left.abort();
        state.drags = false;
        send();
      });
    }
  });
  handle.addEventListener("keydown", (event) => {
    const { key, shiftKey } = event, now = guess ?? 0, step = STEPS[key] * (shiftKey && key.startsWith("Arrow") ? 10 : 1);
    const next = STEPS[key] ? now + step : { Home: low, End: high, Enter: now, " ": now }[key];
    if (next === undefined) return;
    consume(event);
    move(next);
    send();
  });
}

/** Send all unconfirmed guesses, because only the last of several quick messages arrives. */
function sendGuess(state, key, guess) {
  state.moved.set(key, guess);
  sendTrait(state.model, "moved", [++state.count, ...[...state.moved].flat()]);
}
