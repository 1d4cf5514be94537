// Pointer and keyboard input of a map, its tooltip, and the view, hover and selection that all maps of a page share.

import { consume, drawings, isCommand, sendTrait, setText, showTooltip, spokenText } from "./page.js";
import { boundedView, isForward, onStage, sumOf } from "./map_world.js";

const ZOOM = 1.5, DRAG = 4;
/** Maximum distance of the pointer from a place, and from the edge of a ribbon, in pixels. */
const PLACE_DISTANCE = 13, EDGE = 5;

/** Attach all listeners, which are removed together with the stage. */
export function attach(map) {
  const handlers = {
    keydown: onKey, focus: onFocus, blur: clearFocus, pointerdown: onPointerDown, pointermove: onPointerMove,
    pointerup: onPointerUp, pointercancel: releasePointer, pointerleave: hideHover, wheel: onWheel,
  };
  for (const [name, handle] of Object.entries(handlers)) {
    map.stage.addEventListener(name, (event) => handle(map, event), { passive: false });
  }
}

export function others(map) {
  const same = (other) => other.world?.legs.length === map.world.legs.length;
  return [...drawings()].filter((other) => other !== map && other.root.isConnected && other.width && same(other));
}

export function zoom(map, factor, x = map.width / 2, y = map.height / 2) {
  const { view } = map, k = view.k * factor;
  const about = (centre, origin) => centre - (centre - origin) * factor;
  setView(map, factor ? { k, x: about(x, view.x), y: about(y, view.y) } : map.fit);
}

/** Set the same centre and the same zoom relative to the whole map on this map and all other maps. */
export function setView(map, view) {
  applyView(map, view);
  const zoomed = map.view.k / map.fit.k;
  const [x, y] = fromStage(map, map.width / 2, map.height / 2);
  for (const other of others(map)) {
    const k = zoomed * other.fit.k;
    applyView(other, { k, x: other.width / 2 - k * x, y: other.height / 2 - k * y });
  }
}

function applyView(map, view) {
  map.view = boundedView(map, view);
  const unzoomed = map.view === map.fit;
  map.reset.hidden = unzoomed;
  // One finger scrolls the page on the whole map, and moves a zoomed map.
  map.stage.style.touchAction = unzoomed ? "pan-x pan-y" : "none";
  map.requestLayout();
}

function fromStage({ view: { k, x, y } }, px, py) {
  return [(px - x) / k, (py - y) / k];
}

function scrollIntoView(map, place) {
  const [x, y] = onStage(map, place.x, place.y);
  if (x > 20 && y > 20 && x < map.width - 20 && y < map.height - 20) return;
  const { k } = map.view;
  setView(map, { k, x: map.width / 2 - k * place.x, y: map.height / 2 - k * place.y });
}

/** Zoom by wheel if a click or a key has focused the map. Otherwise the wheel scrolls the page. */
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
  const finger = [...map.pointers].find(([id]) => id !== event.pointerId)?.[1];
  map.pointers.set(event.pointerId, now);
  if (finger) pinch(map, before, now, finger);
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

function pinch(map, before, now, finger) {
  const distance = (point) => Math.hypot(point[0] - finger[0], point[1] - finger[1]) || 1;
  zoom(map, distance(now) / distance(before), (now[0] + finger[0]) / 2, (now[1] + finger[1]) / 2);
}

function releasePointer(map, event) {
  return map.pointers.delete(event.pointerId);
}

function hideHover(map, event) {
  if (event.pointerType !== "touch") setHover(map, null);
}

function onPointerUp(map, event) {
  if (!releasePointer(map, event) || map.dragged >= DRAG) return;
  map.pointer = eventPosition(map, event);
  const target = targetAt(map, ...map.pointer);
  if (event.pointerType === "touch") setHover(map, target);
  if (target?.kind === "leg") pick(map, target.index);
  else select(map, target ? target.index : -1);
}

/** Report the leg of a section with the most people, and the number of picks so far. */
function pick(map, index) {
  const legs = map.world.sections[index].legs.map(([leg]) => leg), count = (leg) => map.frame?.flow?.[leg] ?? 0;
  const busiest = legs.reduce((best, leg) => (count(leg) > count(best) ? leg : best), legs[0]);
  map.picks = (map.picks ?? 0) + 1;
  sendTrait(map.model, "picked", [busiest, map.picks]);
}

function setHover(map, target) {
  const same = target?.kind === map.hover?.kind && target?.index === map.hover?.index;
  if (same && target?.kind !== "leg") return; // Along a leg, the tooltip follows the pointer.
  if (target?.kind !== map.hover?.kind || target?.kind === "leg") map.repaint(); // The outline of a corridor changes.
  map.hover = target;
  map.stage.style.cursor = target ? "pointer" : map.view === map.fit ? "" : "grab";
  refreshTooltip(map);
  shareTarget(map, target);
}

function shareTarget(map, target) {
  for (const other of others(map)) {
    other.pointer = onStage(other, ...fromStage(map, ...map.pointer));
    other.hover = target;
    other.repaint();
  }
}

function select(map, index) {
  sendTrait(map.model, "selected", index);
  for (const linked of [map, ...others(map)]) {
    linked.selected = index;
    linked.repaint();
  }
}

function onFocus(map) {
  if (map.stage.matches(":focus-visible")) focusOn(map, map.selected >= 0 ? map.selected : map.world.reading[0]);
}

function focusOn(map, index = -1) {
  if (index === map.focus) return;
  map.focus = index;
  const target = index >= 0 ? { kind: "place", index } : null;
  if (target) scrollIntoView(map, map.world.places[index]);
  refreshTooltip(map);
  setText(map.live, target ? spokenText(...describe(map, target)) : "");
  map.repaint();
  shareTarget(map, target);
}

function moveFocus(map, by) {
  const { reading } = map.world, now = reading.indexOf(map.focus);
  focusOn(map, reading[now < 0 ? 0 : (now + by + reading.length) % reading.length]);
}

function clearFocus(map) {
  setHover(map, null);
  focusOn(map, -1);
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
  "+": (map) => zoom(map, ZOOM),
  "-": (map) => zoom(map, 1 / ZOOM),
  0: (map) => zoom(map, 0),
};

function onKey(map, event) {
  const action = KEYS[event.key];
  if (!action || isCommand(event)) return;
  consume(event);
  action(map);
}

function targetAt(map, x, y) {
  const places = map.world.places.map((place, index) => {
    const [px, py] = onStage(map, place.x, place.y);
    return { kind: "place", index, distance: place.inside ? Math.hypot(px - x, py - y) : Infinity };
  });
  return nearest(places, PLACE_DISTANCE) ?? nearest(sectionsNear(map, ...fromStage(map, x, y)), EDGE);
}

function nearest(candidates, limit) {
  return candidates.reduce((best, other) => (other.distance < (best?.distance ?? limit) ? other : best), null);
}

/** Return the sections that have a ribbon, with the distance of its edge from a point on the map. */
function sectionsNear(map, x, y) {
  return map.flows.map(({ section: { rows, index }, width }) => {
    const distance = Math.min(...rows.map((row) => Math.hypot(row[0] - x, row[1] - y)));
    return { kind: "leg", index, distance: map.view.k * distance - width / 3 };
  });
}

export function refreshTooltip(map) {
  const target = map.hover ?? (map.focus >= 0 ? { kind: "place", index: map.focus } : null);
  map.tooltip.hidden = !target;
  if (!target) return;
  const place = map.world.places[target.index];
  const at = target.kind === "leg" ? map.pointer : onStage(map, place.x, place.y);
  showTooltip(map.tooltip, map.stage, ...describe(map, target), ...at);
}

/** Return the side and the frame of every world on the page, A before B, or only of this map if it has no side. */
export function worldsOf(map) {
  const frames = [map, ...others(map)].flatMap((linked) => linked.frames(linked)).filter(({ side, frame }) => side && frame);
  const worlds = ["A", "B"].flatMap((side) => frames.find((world) => world.side === side) ?? []);
  return worlds.length ? worlds : map.frames(map);
}

/** Return the heading and rows [label, value of each world]. The letters of two worlds stand above the first values. */
function describe(map, { kind, index }) {
  const worlds = worldsOf(map), letters = worlds.length > 1 ? [["", ...worlds.map(({ side }) => side)]] : [];
  const [heading, rows] = { place: describePlace, leg: describeSection }[kind](map, index, worlds);
  const first = rows.findIndex((row) => row.length > 1);
  return [heading, first < 0 ? rows : [...rows.slice(0, first), ...letters, ...rows.slice(first)]];
}

function rowsOf(map, worlds, figures) {
  const frames = worlds.map(({ frame }) => frame).filter(Boolean);
  return figures.map(([label, count]) => [label, ...frames.map(count)])
    .filter(([, ...values]) => values.some((value) => value > 0))
    .map(([label, ...values]) => [label, ...values.map((value) => map.number(value))]);
}

function describePlace(map, index, worlds) {
  const { words, world } = map, place = world.places[index], { sector } = place;
  const sum = (counts, end) => world.legs.reduce((all, leg, i) => all + (leg[end] === index ? counts[i] : 0), 0);
  const rows = rowsOf(map, worlds, [
    [words.arriving, ({ flow }) => sum(flow, "head")],
    [words.leaving, ({ flow }) => sum(flow, "tail")],
    [words.stopped, ({ stopped }) => sum(stopped, "tail")],
    [words.officers, ({ officers }) => officers[index]],
    [words.cells, ({ cells }) => cells[index]],
  ]);
  if (map.frame && sector >= 0) {
    rows.push([words.sector_of.replace("{name}", world.sectors[sector].name)], ...rowsOf(map, worlds, [
      [words.agents, ({ agents }) => agents[sector]],
      [words.caught, ({ caught }) => caught[sector]],
      [words.away, ({ away }) => away[sector]],
      [words.deaths_here, ({ dead }) => Math.round(dead[sector] / 10)],
    ]));
  }
  return [place.name, [[words[`kind_${place.kind}`]], ...rows]];
}

function describeSection(map, index, worlds) {
  const { words, world } = map, section = world.sections[index];
  const modes = [...Map.groupBy(section.legs, ([leg]) => world.legs[leg].mode)];
  const byMode = modes.map(([mode, legs]) => [words[`mode_${mode}`], ({ flow }) => sumOf({ legs }, flow)]);
  const rows = rowsOf(map, worlds, [[words.flow, ({ flow }) => sumOf(section, flow)], ...(modes.length > 1 ? byMode : [])]);
  const ends = [section.tail, section.head].map((place) => world.places[place].short), first = worlds.find(({ frame }) => frame);
  if (first && !isForward(section, first.frame.flow)) ends.reverse();
  return [ends.join(" → "), [...(modes.length > 1 ? [] : [[byMode[0][0]]]), ...rows]];
}
