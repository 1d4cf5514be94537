// Time line: the date, a native range input (for keys, touch and screen readers), and policies as flags.

import { addElement, addText, clamp, consume, dateOf, dayOf, formatDate, isCommand, listen, observeWidth, oncePerFrame, sendTrait, setText } from "./page.js";

const KEYS = { ArrowLeft: -1, ArrowDown: -1, ArrowRight: 1, ArrowUp: 1, PageDown: -30, PageUp: 30,
  Home: -Infinity, End: Infinity };
/** Milliseconds until a flag that keys move is sent, because every new date simulates a world again. */
const PAUSE = 700;
/** Pixels between flags on the same day, for a mouse and for touch. */
const STACK = 15, TOUCH = 44;
const GAP = 22, ROOM = 48;
const YEAR = 90;

export default { render };

function render({ model, el }) {
  const root = addElement("div", "tb-scrub", el);
  const words = addElement("div", "tb-day", root);
  const date = addElement("span", "tb-date", words), nth = addElement("span", "tb-nth", words);
  const line = addElement("div", "tb-line", root);
  const bar = {
    model, line, date, nth, day: addElement("b", "", nth), of: addElement("span", "", nth),
    range: addElement("input", "", line, { type: "range", min: 0, step: 1, role: "slider" }),
    rail: addElement("div", "tb-rail", line), flags: new Map(), dragging: false, count: 0, width: 0,
  };
  bar.ticks = addElement("div", "tb-ticks", bar.rail, { "aria-hidden": "true" });
  bar.bubble = addElement("output", "tb-bubble", bar.rail, { hidden: "" });
  const update = () => updateBar(bar), show = oncePerFrame(() => showDay(bar));
  const select = oncePerFrame(() => sendTrait(model, "selection", [Number(bar.range.value), ++bar.count]));
  bar.range.addEventListener("input", () => {
    fillTrack(bar);
    select();
  });
  bar.range.addEventListener("pointerdown", () => (bar.dragging = true));
  for (const end of ["pointerup", "pointercancel", "blur"]) {
    bar.range.addEventListener(end, () => (bar.dragging = false));
  }
  const ends = [
    listen(model, { "day texts": show, "days start ready label flags words": update }), show.end, select.end,
    observeWidth(line, (width) => {
      bar.width = width;
      layOut(bar);
    }),
    () => bar.flags.forEach((flag) => clearTimeout(flag.timer)),
  ];
  update();
  return () => ends.forEach((end) => end());
}

function updateBar(bar) {
  const { model, range } = bar;
  range.max = model.get("days");
  range.disabled = !model.get("ready");
  range.setAttribute("aria-label", model.get("label"));
  updateFlags(bar);
  showDay(bar);
  layOut(bar);
}

function showDay(bar) {
  const texts = bar.model.get("texts"), nodes = [bar.date, bar.day, bar.of];
  if (!bar.dragging) bar.range.value = bar.model.get("day");
  texts.forEach((text, i) => setText(nodes[i], text));
  bar.range.setAttribute("aria-valuetext", `${texts[0]}, ${texts[1]}${texts[2]}`);
  fillTrack(bar);
}

function fillTrack({ range }) {
  range.style.setProperty("--tb-share", `${(100 * range.value) / Math.max(1, range.max)}%`);
}

function dateText(bar, day, options = { day: "numeric", month: "short", year: "numeric" }) {
  const { locale } = bar.model.get("words");
  return formatDate(locale === "en" ? "en-GB" : locale, dateOf(bar.model.get("start"), day), options);
}

function updateFlags(bar) {
  const policies = new Map(bar.model.get("flags").map((flag) => [`${flag.world}${flag.number}`, flag]));
  for (const [key, flag] of bar.flags) {
    if (policies.has(key)) continue;
    clearTimeout(flag.timer);
    flag.node.remove();
    flag.span.remove();
    bar.flags.delete(key);
  }
  for (const [key, about] of policies) {
    const flag = bar.flags.get(key) ?? createFlag(bar, key, about.world);
    Object.assign(flag, about, flag.moving ? { day: flag.day } : {});
    setText(flag.name, about.title);
    flag.node.setAttribute("aria-label", about.label);
    flag.node.setAttribute("aria-valuemax", lastDay(bar, flag));
  }
}

function createFlag(bar, key, world) {
  const side = `tb-flag-${world.toLowerCase()}`;
  const span = addElement("i", `tb-span ${side}`, bar.rail, { "aria-hidden": "true" });
  const node = addElement("button", `tb-flag ${side}`, bar.rail, { type: "button", role: "slider", "aria-valuemin": 0 });
  addElement("i", "", node);
  const flag = { node, span, name: addElement("span", "", node), moving: false, timer: 0, moves: 0 };
  bar.flags.set(key, flag);
  node.addEventListener("keydown", (event) => onKey(bar, flag, event));
  node.addEventListener("blur", () => release(bar, flag));
  node.addEventListener("pointerdown", (event) => {
    if (!bar.model.get("ready") || event.button) return;
    node.setPointerCapture(event.pointerId);
    Object.assign(flag, { moving: true, from: flag.day, grabbed: event.clientX });
    showBubble(bar, flag);
  });
  node.addEventListener("pointermove", (event) => {
    if (!flag.moving || !node.hasPointerCapture(event.pointerId)) return;
    const days = ((event.clientX - flag.grabbed) / bar.rail.clientWidth) * bar.model.get("days");
    moveTo(bar, flag, flag.from + Math.round(days));
  });
  node.addEventListener("pointerup", () => release(bar, flag));
  node.addEventListener("pointercancel", () => cancel(bar, flag));
  return flag;
}

/** Limit the day of a flag, which cannot be after the run or on the day on which the policy ends. */
function lastDay(bar, flag) {
  return Math.min(bar.model.get("days") - 1, flag.end > flag.day ? flag.end - 1 : Infinity);
}

function moveTo(bar, flag, day) {
  flag.day = clamp(day, 0, lastDay(bar, flag));
  layOut(bar);
  showBubble(bar, flag);
}

function onKey(bar, flag, event) {
  const days = KEYS[event.key];
  if (event.key === "Escape" && flag.moving) cancel(bar, flag);
  else if (event.key === "Enter" || event.key === " ") release(bar, flag);
  else if (!days || isCommand(event) || !bar.model.get("ready")) return;
  else {
    if (!flag.moving) Object.assign(flag, { moving: true, from: flag.day });
    moveTo(bar, flag, flag.day + days * (event.shiftKey ? 7 : 1));
    clearTimeout(flag.timer);
    flag.timer = setTimeout(() => release(bar, flag), PAUSE);
  }
  consume(event);
}

function release(bar, flag) {
  clearTimeout(flag.timer);
  if (!flag.moving) return;
  flag.moving = false;
  bar.bubble.hidden = true;
  if (flag.day !== flag.from) sendTrait(bar.model, "moved", [flag.world, flag.number, flag.day, ++bar.count]);
}

function cancel(bar, flag) {
  clearTimeout(flag.timer);
  Object.assign(flag, { moving: false, day: flag.from });
  bar.bubble.hidden = true;
  layOut(bar);
}

function showBubble(bar, flag) {
  bar.bubble.hidden = false;
  setText(bar.bubble, describe(bar, flag));
  bar.bubble.className = `tb-bubble tb-flag-${flag.world.toLowerCase()}`;
  const half = bar.bubble.offsetWidth / 2, at = position(bar, flag.day);
  bar.bubble.style.left = `${clamp(at, half, Math.max(half, bar.rail.clientWidth - half))}px`;
}

function describe(bar, flag) {
  const words = bar.model.get("words");
  if (flag.day <= 0) return words.from_the_start;
  const late = flag.day >= bar.model.get("days") ? ` (${words.after_the_run})` : "";
  return dateText(bar, flag.day) + late;
}

function position(bar, day) {
  return (bar.rail.clientWidth * clamp(day, 0, bar.model.get("days"))) / bar.model.get("days");
}

function layOut(bar) {
  if (!bar.width) return;
  bar.stack = window.matchMedia("(pointer: coarse), (max-width: 760px)").matches ? TOUCH : STACK;
  for (const world of ["A", "B"]) layOutWorld(bar, world);
  drawTicks(bar);
}

function layOutWorld(bar, world) {
  const flags = [...bar.flags.values()].filter((flag) => flag.world === world).sort((a, b) => a.day - b.day);
  const lefts = [];
  flags.forEach((flag, i) => {
    const at = position(bar, flag.day);
    lefts.push(Math.max(at, i ? lefts[i - 1] + bar.stack : 0));
    flag.span.style.left = `${at}px`;
    flag.span.style.width = `${Math.max(0, position(bar, flag.end) - at)}px`;
  });
  let before = 0;
  flags.forEach((flag, i) => {
    before = placeFlag(bar, flag, before, lefts[i], lefts[i + 1] ?? Infinity);
  });
}

/** Place a flag between the pixels that other flags cover, with its label on the wider side. Return its end. */
function placeFlag(bar, flag, before, left, after) {
  const { node, name } = flag, full = bar.rail.clientWidth;
  const text = describe(bar, flag);
  node.style.left = `${left}px`;
  node.title = `${flag.world}: ${flag.text}, ${text}`;
  node.setAttribute("aria-valuenow", flag.day);
  node.setAttribute("aria-valuetext", text);
  const right = Math.min(after, full) - left - GAP, back = left - before - GAP;
  const turned = right < ROOM && back > right, room = turned ? back : right;
  node.classList.toggle("tb-turned", turned);
  name.hidden = !flag.title || room < ROOM;
  name.style.maxWidth = `${Math.max(0, room)}px`;
  const width = name.hidden ? 0 : name.offsetWidth + 6;
  return left + STACK + (turned ? 0 : width);
}

/** Mark the first day and each new year. A text that does not fit next to the previous text is omitted. */
function drawTicks(bar) {
  const days = bar.model.get("days"), start = bar.model.get("start"), years = [];
  for (let year = dateOf(start, 0).getUTCFullYear() + 1; dayOf(start, Date.UTC(year, 0, 1)) < days; year++) {
    years.push(dayOf(start, Date.UTC(year, 0, 1)));
  }
  bar.ticks.replaceChildren();
  const month = bar.rail.clientWidth / (years.length + 1) > YEAR ? { month: "short" } : {};
  let end = -Infinity;
  for (const day of [0, ...years]) {
    const tick = addElement("i", "", bar.ticks), left = position(bar, day);
    tick.style.left = `${left}px`;
    const text = addText("span", "", tick, dateText(bar, day, { ...(day ? month : { month: "short" }), year: "numeric" }));
    if (left > end + 8 && left + text.offsetWidth < bar.rail.clientWidth) end = left + text.offsetWidth;
    else text.remove();
  }
}
