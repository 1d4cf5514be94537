// Pointer, wheel, pinch and keyboard.

import { send } from "./page.js";
import { bounded, onStage } from "./map_world.js";
import { announce, refreshTip, targetAt } from "./map_tip.js";

const ZOOM = 1.5, DRAG = 4;

/** Attach everything a hand can do; the listeners leave with the stage. */
export function attach(map) {
  const { stage } = map;
  stage.addEventListener("keydown", (event) => key(map, event));
  stage.addEventListener("focus", () => focusIn(map));
  stage.addEventListener("blur", () => leave(map));
  stage.addEventListener("wheel", (event) => wheel(map, event), { passive: false });
  stage.addEventListener("pointerdown", (event) => down(map, event));
  stage.addEventListener("pointermove", (event) => move(map, event));
  stage.addEventListener("pointerup", (event) => up(map, event));
  stage.addEventListener("pointercancel", (event) => lift(map, event));
  stage.addEventListener("pointerleave", (event) => event.pointerType !== "touch" && hover(map, null));
}

/** Zoom about a point of the stage, the middle if none is given; factor 0 shows everything. */
export function zoom(map, factor, x = map.width / 2, y = map.height / 2) {
  const { view } = map, k = view.k * factor;
  const about = (at, from) => at - (at - from) * factor;
  see(map, factor ? { k, x: about(x, view.x), y: about(y, view.y) } : map.fit);
}

function see(map, view) {
  map.view = bounded(map, view);
  const whole = map.view === map.fit;
  map.reset.hidden = whole;
  map.root.classList.toggle("tb-deep", !whole);
  // On the whole map one finger scrolls the page; on a part of it, it moves the map.
  map.stage.style.touchAction = whole ? "pan-x pan-y" : "none";
  map.redraw();
}

/** A wheel scrolls the page until the map was chosen, by a click or the keyboard. */
function wheel(map, event) {
  const chosen = event.ctrlKey || document.activeElement === map.stage;
  if (!chosen || (event.deltaY > 0 && map.view === map.fit)) return;
  event.preventDefault();
  zoom(map, Math.exp(-event.deltaY * (event.ctrlKey ? 0.01 : 0.0016)), ...at(map, event));
}

/** Where an event is on the stage. */
function at(map, event) {
  const box = map.stage.getBoundingClientRect();
  return [event.clientX - box.left, event.clientY - box.top];
}

function down(map, event) {
  map.fingers.set(event.pointerId, at(map, event));
  map.moved = map.fingers.size > 1 ? Infinity : 0;
}

function move(map, event) {
  const before = map.fingers.get(event.pointerId), now = at(map, event);
  if (!before) {
    map.pointer = now;
    if (event.pointerType !== "touch") hover(map, targetAt(map, ...now));
    return;
  }
  const other = [...map.fingers].find(([id]) => id !== event.pointerId);
  map.fingers.set(event.pointerId, now);
  if (other) pinch(map, before, now, other[1]);
  else drag(map, event, before, now);
}

function drag(map, event, before, now) {
  const [dx, dy] = [now[0] - before[0], now[1] - before[1]];
  map.moved += Math.abs(dx) + Math.abs(dy);
  if (map.moved < DRAG || map.view === map.fit) return;
  map.stage.setPointerCapture(event.pointerId);
  hover(map, null);
  see(map, { ...map.view, x: map.view.x + dx, y: map.view.y + dy });
}

function pinch(map, before, now, other) {
  const apart = (p) => Math.hypot(p[0] - other[0], p[1] - other[1]) || 1;
  zoom(map, apart(now) / apart(before), (now[0] + other[0]) / 2, (now[1] + other[1]) / 2);
}

function up(map, event) {
  if (lift(map, event) && map.moved < DRAG) click(map, event);
}

function lift(map, event) {
  return map.fingers.delete(event.pointerId);
}

/** A place is selected; elsewhere what was selected is let go. A finger cannot hover, so it reads. */
function click(map, event) {
  map.pointer = at(map, event);
  const target = targetAt(map, ...map.pointer);
  if (event.pointerType === "touch") hover(map, target);
  if (target?.kind === "place") select(map, target.index);
  else if (!target) select(map, -1);
}

function hover(map, target) {
  const same = target?.kind === map.hover?.kind && target?.index === map.hover?.index;
  if (same && target?.kind !== "leg") return; // along a leg the figures follow the pointer
  map.hover = target;
  map.stage.style.cursor = target?.kind === "place" ? "pointer" : map.view === map.fit ? "" : "grab";
  refreshTip(map);
}

function select(map, index) {
  map.selected = index;
  map.model.set("selected", index);
  send(map.model);
  map.repaint();
}

/** The keyboard enters at the selected place, else at the first; a pointer knows where it is. */
function focusIn(map) {
  if (!map.stage.matches(":focus-visible")) return;
  focusOn(map, map.selected >= 0 ? map.selected : (map.world.reading[0] ?? -1));
}

function focusOn(map, index) {
  if (index === map.focus) return;
  map.focus = index;
  if (index >= 0) intoView(map, map.world.places[index]);
  refreshTip(map);
  announce(map);
  map.repaint();
}

/** Move a zoomed map so that a place is on the stage. */
function intoView(map, place) {
  const [x, y] = onStage(map, place.x, place.y);
  if (x > 20 && y > 20 && x < map.width - 20 && y < map.height - 20) return;
  const { k } = map.view;
  see(map, { k, x: map.width / 2 - k * place.x, y: map.height / 2 - k * place.y });
}

/** One place on or back in reading order. */
function step(map, by) {
  const { reading } = map.world, now = reading.indexOf(map.focus);
  const next = now < 0 ? 0 : (now + by + reading.length) % reading.length;
  focusOn(map, reading[next] ?? -1);
}

/** Nothing is read any more; what is selected stays. */
function leave(map) {
  hover(map, null);
  focusOn(map, -1);
}

/** Where the keyboard is on the stage: there it zooms. */
function focused(map) {
  const place = map.world.places[map.focus];
  return place ? onStage(map, place.x, place.y) : [];
}

function escape(map) {
  select(map, -1);
  leave(map);
}

const KEYS = {
  ArrowRight: (map) => step(map, 1),
  ArrowDown: (map) => step(map, 1),
  ArrowLeft: (map) => step(map, -1),
  ArrowUp: (map) => step(map, -1),
  Home: (map) => focusOn(map, map.world.reading[0] ?? -1),
  End: (map) => focusOn(map, map.world.reading.at(-1) ?? -1),
  Enter: (map) => map.focus >= 0 && select(map, map.focus),
  Escape: escape,
  "+": (map) => zoom(map, ZOOM, ...focused(map)),
  "-": (map) => zoom(map, 1 / ZOOM, ...focused(map)),
  0: (map) => zoom(map, 0),
};

/** Keys that the map knows stay with it; the page gets all others. */
function key(map, event) {
  const act = KEYS[event.key];
  if (!act || event.ctrlKey || event.metaKey || event.altKey) return;
  event.preventDefault();
  event.stopPropagation();
  act(map);
}
