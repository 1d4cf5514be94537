// Guesses on a drawn axis: a handle for each question, which a pointer, a finger or the arrow keys
// move; later the results over the guesses. A line joins the outcome of a sector and its place on the map.

import { addElement, listen, observeWidth, sendTrait, setText } from "./page.js";
import { LEFT, RIGHT, geometry, paintChart } from "./guess_chart.js";
import { paintMap, shape } from "./guess_map.js";

export default { render };

/** Pixels that a column needs, and heights of the chart, which is lower on narrow and low pages. */
const NEEDED = 84, TALL = 310, SHORT = 240, NARROW = 560, LOW = 820;
const STEPS = { ArrowUp: 1, ArrowRight: 1, ArrowDown: -1, ArrowLeft: -1, PageUp: 10, PageDown: -10 };

function render({ model, el }) {
  const root = addElement("div", "tb-guesses", el), rows = addElement("div", "", root);
  const box = addElement("div", "tb-guess-map", root, { "aria-hidden": "true" });
  const map = { box, canvas: addElement("canvas", "", box), svg: shape("svg", box) };
  const state = { model, root, rows, map, width: 0, moved: new Map(), count: 0 };
  const draw = () => state.width && paint(state);
  const changed = () => {
    const sent = new Map(model.get("columns").map((one) => [one.key, one]));
    for (const [key, { guess, sure }] of state.moved) {
      const one = sent.get(key);
      if (!one || one.locked || (one.guess === guess && one.sure === sure)) state.moved.delete(key);
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

/** Scroll to the drawing after a lock, because the button can be far below it. */
function bringIntoView(root) {
  const { top } = root.getBoundingClientRect();
  const still = window.matchMedia("(prefers-reduced-motion: reduce)").matches;
  if (top < 0 || top > window.innerHeight / 2) root.scrollIntoView({ block: "start", behavior: still ? "auto" : "smooth" });
}

/** Return the columns with the guesses that the server has not confirmed yet. */
function columnsOf(state) {
  return state.model.get("columns").map((one) => ({ ...one, ...state.moved.get(one.key) }));
}

function paint(state) {
  const { model, rows, width } = state, columns = columnsOf(state);
  const focus = state.root.contains(document.activeElement) ? document.activeElement.closest("[data-part]")?.dataset.part : "";
  Object.assign(state, { axis: model.get("axis"), texts: model.get("texts"), said: (one) => said(state, one) });
  state.signed = (value) => `${value > 0 ? "+" : value < 0 ? "−" : ""}${Math.abs(value)}\u00a0%`;
  const most = Math.max(1, Math.floor((width - LEFT - RIGHT) / NEEDED)), lines = Math.ceil(columns.length / most);
  const each = Math.ceil(columns.length / lines);
  rows.replaceChildren();
  for (let i = 0; i < lines; i++) paintRow(state, columns.slice(i * each, (i + 1) * each));
  const marks = columns.map((one, i) => ({
    ...one, tone: one.result?.tone ?? "none",
    x: LEFT + ((i % each) + 0.5) * ((width - LEFT - RIGHT) / Math.min(each, columns.length - each * Math.floor(i / each))),
  }));
  paintMap(state.map, model.get("ground"), marks, width, model.get("deepest"), lines === 1);
  if (focus) state.root.querySelector(`[data-part="${focus}"] ${focus.startsWith("sure") ? "input" : ".tb-handle"}`)?.focus({ preventScroll: true });
}

/** Draw a row of columns: the chart, and below it names, readings and confidence. */
function paintRow(state, columns) {
  const { width, axis, rows } = state, box = geometry(axis, columns.length, width, width < NARROW || window.innerHeight < LOW ? SHORT : TALL);
  const svg = shape("svg", rows, { class: "tb-guess-chart" });
  const handles = paintChart(svg, box, columns, state);
  for (const one of columns) {
    const group = svg.querySelector(`[data-key="${one.key}"]`);
    group.dataset.part = `guess-${one.key}`;
    if (!one.locked && handles.has(one.key)) attach(state, svg, group, handles.get(one.key), one, box);
  }
  const names = addElement("div", "tb-guess-names", rows);
  names.style.padding = `0 ${RIGHT}px 0 ${LEFT}px`;
  names.style.gridTemplateColumns = `repeat(${columns.length}, minmax(0, 1fr))`;
  for (const one of columns) paintName(state, names, one);
}

function paintName(state, names, one) {
  const { texts } = state, box = addElement("div", "tb-guess-name", names, { "data-part": `sure-${one.key}` });
  const head = addElement("b", "", box);
  for (const badge of one.badges) setText(addElement("i", "tb-claim", head), badge);
  head.append(one.label);
  setText(addElement("small", "", box), one.against);
  if (!one.asked) return;
  const reading = addElement("span", one.guess === null ? "tb-reading tb-open" : "tb-reading", box);
  setText(reading, one.result ? `${texts.you}: ${said(state, one)}` : said(state, one));
  if (one.right !== null) {
    const mark = addElement("span", one.right ? "tb-hit tb-right" : "tb-hit tb-wrong", box);
    setText(mark, one.right ? `✓ ${texts.right}` : `✗ ${texts.wrong}`);
  }
  const label = addElement("label", "tb-sure", box), text = addElement("span", "", label);
  setText(text, `${texts.sure} ${one.sure}\u00a0%`);
  if (one.locked) return;
  const input = addElement("input", "", label, {
    type: "range", min: 0, max: 100, step: 10, "aria-label": `${texts.sure}: ${one.question}`, "aria-valuetext": `${one.sure} %`,
  });
  input.value = one.sure;
  input.addEventListener("keydown", (event) => event.stopPropagation());
  input.addEventListener("input", () => setText(text, `${texts.sure} ${input.value}\u00a0%`));
  input.addEventListener("change", () => change(state, one, { sure: Number(input.value) }));
}

/** Return a guess as text: the percentage, and the name of the direction if that is asked for. */
function said(state, one) {
  if (one.guess === null) return state.texts.move;
  const value = state.signed(one.guess);
  const unit = one.in_points ? value.replace("%", state.texts.points) : value;
  if (one.near) return unit;
  const index = Math.abs(one.guess) <= one.same ? 1 : one.guess < 0 ? 0 : 2;
  return `${unit}, ${one.zones[index]}`;
}

/** Store a change and send all changes that the server has not confirmed, because of messages in quick
 * succession only the last one arrives. The drawing does not wait for the server. */
function change(state, one, values) {
  const now = columnsOf(state).find((other) => other.key === one.key);
  const next = { guess: now.guess, sure: now.sure, ...values };
  state.moved.set(one.key, next);
  const pending = [...state.moved].flatMap(([key, { guess, sure }]) => [key, guess ?? "", sure]);
  sendTrait(state.model, "moved", [++state.count, ...pending]);
  paint(state);
}

/** Let pointer and keys move a handle. */
function attach(state, svg, group, handle, one, box) {
  const valueAt = (event) => box.value(event.clientY - svg.getBoundingClientRect().top);
  group.addEventListener("pointerdown", (event) => {
    if (event.button || (event.pointerType !== "mouse" && !event.target.closest(".tb-handle"))) return;
    event.preventDefault();
    handle.focus({ preventScroll: true });
    const start = event.target.closest(".tb-handle") ? (one.guess ?? 0) : valueAt(event), from = valueAt(event);
    let last = start;
    drag(svg, event, (now) => {
      last = box.value(box.y(start) + now.clientY - event.clientY);
      preview(group, handle, one, box, last, state);
    }, () => change(state, one, { guess: event.target.closest(".tb-handle") || last !== start ? last : from }));
  });
  handle.addEventListener("keydown", (event) => {
    const { key } = event, guess = one.guess ?? 0, [low, high] = state.axis;
    const next = STEPS[key] ? guess + STEPS[key] : { Home: low, End: high, Enter: guess, " ": guess }[key];
    if (next === undefined) return;
    event.preventDefault();
    event.stopPropagation(); // otherwise arrow keys would move the time
    change(state, one, { guess: Math.max(low, Math.min(high, next)) });
  });
}

/** Follow a pointer until it is released. */
function drag(svg, event, move, end) {
  const same = (call) => (now) => now.pointerId === event.pointerId && call(now);
  const onMove = same(move), onEnd = same(() => {
    window.removeEventListener("pointermove", onMove);
    for (const name of ["pointerup", "pointercancel"]) window.removeEventListener(name, onEnd);
    end();
  });
  window.addEventListener("pointermove", onMove);
  for (const name of ["pointerup", "pointercancel"]) window.addEventListener(name, onEnd);
}

/** Move the handle and the outline while the pointer is down. */
function preview(group, handle, one, box, guess, state) {
  const y = box.y(guess), zero = box.y(0), bar = group.querySelector(".tb-guess-bar");
  handle.setAttribute("transform", handle.getAttribute("transform").replace(/ [\d.-]+\)/, ` ${y})`));
  bar.setAttribute("y", Math.min(y, zero));
  bar.setAttribute("height", Math.abs(y - zero));
  bar.classList.remove("tb-open");
  const reading = state.rows.querySelector(`[data-part="sure-${one.key}"] .tb-reading`);
  if (reading) setText(reading, said(state, { ...one, guess }));
}
