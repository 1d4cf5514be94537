// Pointer, wheel, pinch and keyboard input of the map.

import { sendTrait } from "./page.js";
import { boundedView, onStage } from "./map_world.js";
import { shareSelection, shareTarget, shareView } from "./map_link.js";
import { announce, refreshTooltip, targetAt } from "./map_tip.js";

const ZOOM = 1.5, DRAG = 4;

/** Attach all listeners; they are removed together with the stage. */
export function attach(map) {
  const handlers = {
    keydown: onKey, focus: onFocus, blur: clearFocus, pointerdown: onPointerDown, pointermove: onPointerMove,
    pointerup: onPointerUp, pointercancel: releasePointer, pointerleave: hideHover, wheel: onWheel,
  };
  for (const [name, handle] of Object.entries(handlers)) {
    map.stage.addEventListener(name, (event) => handle(map, event), { passive: false });
  }
}

/** Zoom about a point of the stage, by default its centre; factor 0 shows the whole map. */
export function zoom(map, factor, x = map.width / 2, y = map.height / 2) {
  const { view } = map, k = view.k * factor;
  const about = (centre, origin) => centre - (centre - origin) * factor;
  setView(map, factor ? { k, x: about(x, view.x), y: about(y, view.y) } : map.fit);
}

/** Set the view of this map and of those that are linked to it. */
function setView(map, view) {
  applyView(map, view);
  shareView(map, applyView);
}

function applyView(map, view) {
  map.view = boundedView(map, view);
  const unzoomed = map.view === map.fit;
  map.reset.hidden = unzoomed;
  // On the whole map one finger scrolls the page; on a zoomed map it moves the map.
  map.stage.style.touchAction = unzoomed ? "pan-x pan-y" : "none";
  map.requestLayout();
}

/** Zoom by wheel if a click or key has focused the map; otherwise the wheel scrolls the page. */
function onWheel(map, event) {
  const focused = event.ctrlKey || document.activeElement === map.stage;
  if (!focused || (event.deltaY > 0 && map.view === map.fit)) return;
  event.preventDefault();
  zoom(map, Math.exp(-event.deltaY * (event.ctrlKey ? 0.01 : 0.0016)), ...eventPosition(map, event));
}

function eventPosition(map, event) {
  const box = map.stage.getBoundingClientRect();
  return [event.clientX - box.left, event.clientY - box.top];
}

function onPointerDown(map, event) {
  map.pointers.set(event.pointerId, eventPosition(map, event));
  map.dragged = map.pointers.size > 1 ? Infinity : 0;
}

function onPointerMove(map, event) {
  const before = map.pointers.get(event.pointerId), now = eventPosition(map, event);
  if (!before) {
    map.pointer = now;
    if (event.pointerType !== "touch") setHover(map, targetAt(map, ...now));
    return;
  }
  const other = [...map.pointers].find(([id]) => id !== event.pointerId);
  map.pointers.set(event.pointerId, now);
  if (other) pinch(map, before, now, other[1]);
  else drag(map, event, before, now);
}

function drag(map, event, before, now) {
  const [dx, dy] = [now[0] - before[0], now[1] - before[1]];
  map.dragged += Math.abs(dx) + Math.abs(dy);
  if (map.dragged < DRAG || map.view === map.fit) return;
  map.stage.setPointerCapture(event.pointerId);
  setHover(map, null);
  setView(map, { ...map.view, x: map.view.x + dx, y: map.view.y + dy });
}

function pinch(map, before, now, other) {
  const distance = (p) => Math.hypot(p[0] - other[0], p[1] - other[1]) || 1;
  zoom(map, distance(now) / distance(before), (now[0] + other[0]) / 2, (now[1] + other[1]) / 2);
}

function releasePointer(map, event) {
  return map.pointers.delete(event.pointerId);
}

function hideHover(map, event) {
  if (event.pointerType !== "touch") setHover(map, null);
}

/** Select the place at the pointer, pick a corridor, or clear the selection. A touch cannot hover, so it opens the tooltip. */
function onPointerUp(map, event) {
  if (!releasePointer(map, event) || map.dragged >= DRAG) return;
  map.pointer = eventPosition(map, event);
  const target = targetAt(map, ...map.pointer);
  if (event.pointerType === "touch") setHover(map, target);
  if (target?.kind === "place") select(map, target.index);
  else if (target?.kind === "leg") pick(map, target.index);
  else if (!target) select(map, -1);
}

/** Report the leg of a corridor with the most people, and the number of picks so far. */
function pick(map, index) {
  const { legs } = map.world.corridors[index], count = (leg) => map.frame?.flow?.[leg] ?? 0;
  const most = legs.reduce((best, leg) => (count(leg) > count(best) ? leg : best), legs[0]);
  map.picks = (map.picks ?? 0) + 1;
  sendTrait(map.model, "picked", [most, map.picks]);
}

function setHover(map, target) {
  const same = target?.kind === map.hover?.kind && target?.index === map.hover?.index;
  if (same && target?.kind !== "leg") return; // along a leg the tooltip follows the pointer
  if (target?.kind !== map.hover?.kind || target?.kind === "leg") map.repaint(); // the outline of a corridor
  map.hover = target;
  map.stage.style.cursor = target ? "pointer" : map.view === map.fit ? "" : "grab";
  refreshTooltip(map);
  shareTarget(map, target);
}

function select(map, index) {
  map.selected = index;
  sendTrait(map.model, "selected", index);
  map.repaint();
  shareSelection(map);
}

/** Focus the selected place, or otherwise the first one, when the keyboard focus enters the map. */
function onFocus(map) {
  if (map.stage.matches(":focus-visible")) focusOn(map, map.selected >= 0 ? map.selected : map.world.reading[0]);
}

function focusOn(map, index = -1) {
  if (index === map.focus) return;
  map.focus = index;
  if (index >= 0) scrollIntoView(map, map.world.places[index]);
  refreshTooltip(map);
  announce(map);
  map.repaint();
  shareTarget(map, index >= 0 ? { kind: "place", index } : null);
}

/** Move a zoomed map so that a place is on the stage. */
function scrollIntoView(map, place) {
  const [x, y] = onStage(map, place.x, place.y);
  if (x > 20 && y > 20 && x < map.width - 20 && y < map.height - 20) return;
  const { k } = map.view;
  setView(map, { k, x: map.width / 2 - k * place.x, y: map.height / 2 - k * place.y });
}

function moveFocus(map, by) {
  const { reading } = map.world, now = reading.indexOf(map.focus);
  focusOn(map, reading[now < 0 ? 0 : (now + by + reading.length) % reading.length]);
}

/** Remove hover and focus; the selection stays. */
function clearFocus(map) {
  setHover(map, null);
  focusOn(map, -1);
}

function zoomByKey(map, factor) {
  const place = map.world.places[map.focus];
  zoom(map, factor, ...(place ? onStage(map, place.x, place.y) : []));
}

const [next, previous] = [1, -1].map((by) => (map) => moveFocus(map, by));
const KEYS = {
  ArrowRight: next, ArrowDown: next, ArrowLeft: previous, ArrowUp: previous,
  Home: (map) => focusOn(map, map.world.reading[0]),
  End: (map) => focusOn(map, map.world.reading.at(-1)),
  Enter: (map) => map.focus >= 0 && select(map, map.focus),
  Escape: (map) => {
    select(map, -1);
    clearFocus(map);
  },
  "+": (map) => zoomByKey(map, ZOOM),
  "-": (map) => zoomByKey(map, 1 / ZOOM),
  0: (map) => zoom(map, 0),
};

/** Handle the keys of the map; all others are left to the page. */
function onKey(map, event) {
  const action = KEYS[event.key];
  if (!action || event.ctrlKey || event.metaKey || event.altKey) return;
  event.preventDefault();
  event.stopPropagation();
  action(map);
}
