// What is drawn with every frame: flows, the small heads that drift along them, and the marks.

import { clamp, pixelRatio, sharpen } from "./page.js";
import * as marks from "./map_marks.js";
import { columnHeight, mexicoTag } from "./map_labels.js";
import { inWorld, onStage, rowAt, scale } from "./map_world.js";

const WIDEST = 12, HAIR = 0.8;
/** Heads along a leg: pixels from one to the next, and pixels that they move a day. */
const SPACING = 30, PACE = 6;

/** Width in pixels of so many persons a day. */
export function widthOf(map, flow) {
  if (!(flow > 0) || !(map.full > 0)) return 0;
  return Math.max(HAIR, scale(map) * WIDEST * Math.min(flow / map.full, 1.25));
}

/** Darker for more, in steps on a square-root scale, as in the report. */
function colourOf(map, flow) {
  const steps = map.world.palette.flow;
  const share = Math.sqrt(clamp(flow / map.full, 0, 1));
  return steps[Math.min(steps.length - 1, Math.floor(share * steps.length))];
}

/** Legs that carry somebody, the widest first, so that the thin lie on top. */
function carrying(map) {
  if (!map.frame || !map.show.flow) return [];
  const { flow } = map.frame, found = [];
  map.world.legs.forEach((leg, i) => {
    const wide = leg.length && widthOf(map, flow[i]);
    if (wide) found.push({ leg, flow: flow[i], wide });
  });
  return found.sort((a, b) => b.flow - a.flow);
}

/** Legs as ribbons. */
export function paintFlow(map) {
  const pen = map.layers.flow.getContext("2d");
  sharpen(map.layers.flow, map.width, map.height).clearRect(0, 0, map.width, map.height);
  map.carrying = carrying(map);
  inWorld(map, pen);
  Object.assign(pen, { lineCap: "round", lineJoin: "round" });
  const { k } = map.view;
  for (const { leg, flow, wide } of map.carrying) {
    if (wide > 1.6) line(pen, leg, "rgba(255,255,255,.8)", (wide + 1.6) / k);
    line(pen, leg, colourOf(map, flow), wide / k);
  }
  way(map, pen);
}

function line(pen, leg, colour, wide) {
  pen.strokeStyle = colour;
  pen.lineWidth = wide;
  pen.stroke(leg.path);
}

/** The legs of the person who is followed. */
function way(map, pen) {
  const { k } = map.view, legs = map.path.map((i) => map.world.legs[i]).filter((leg) => leg?.length);
  for (const leg of legs) line(pen, leg, "#fff", 7.5 / k);
  for (const leg of legs) line(pen, leg, marks.COLOURS.way, 4.6 / k);
  pen.setLineDash([5 / k, 6 / k]);
  for (const leg of legs) line(pen, leg, "#6d2b54", 1.4 / k);
  pen.setLineDash([]);
}

/** Heads along the flows at a moment between two days; they stand where motion is not wanted. */
export function paintDrift(map, day) {
  const pen = sharpen(map.layers.drift, map.width, map.height);
  pen.clearRect(0, 0, map.width, map.height);
  const ahead = map.calm.matches ? SPACING / 2 : (PACE * day) % SPACING;
  const thin = new Path2D(), wide = new Path2D();
  for (const ribbon of map.carrying) {
    if (ribbon.wide > 1) heads(map, ribbon, ahead, ribbon.wide < 4.5 ? thin : wide);
  }
  Object.assign(pen, { fillStyle: map.world.palette.flow.at(-1), strokeStyle: "#fff", lineWidth: 0.9 });
  pen.stroke(thin);
  pen.fill(thin);
  Object.assign(pen, { lineWidth: 1.7, lineCap: "round", lineJoin: "round" });
  pen.stroke(wide);
}

/** Heads of one leg: filled on a thin line, a chevron inside a wide one. */
function heads(map, { leg, wide: width }, ahead, path) {
  const { k, x: left, y: top } = map.view;
  const long = leg.length * k, solid = width < 4.5;
  const size = solid ? 1.7 + 0.6 * width : Math.min(0.36 * width, 4.4);
  const first = long < SPACING + 12 ? 6 + ((ahead / SPACING) * Math.max(0, long - 12)) : ahead;
  for (let at = first; at < long - 5 && long > 15; at += SPACING) {
    if (at < 5) continue;
    const row = rowAt(leg, at / k), t = leg.table;
    const x = left + k * t[row], y = top + k * t[row + 1], dx = size * t[row + 2], dy = size * t[row + 3];
    const back = solid ? 1 : 0.9, tip = solid ? 1 : 0;
    path.moveTo(x - dx - dy * back, y - dy + dx * back);
    path.lineTo(x + dx * tip, y + dy * tip);
    path.lineTo(x - dx + dy * back, y - dy - dx * back);
    if (solid) path.closePath();
  }
}

/** Everything that stands at a place or a sector, and the rings. */
export function paintMarks(map) {
  const pen = sharpen(map.layers.marks, map.width, map.height);
  pen.clearRect(0, 0, map.width, map.height);
  const { frame, show } = map, size = scale(map);
  if (frame && show.enforcement) enforcement(map, pen, size);
  places(map, pen, size);
  if (frame && show.organisations) organisations(map, pen, size);
  if (frame) for (const stand of map.stands) sector(map, pen, stand);
  if (frame && show.harm) deathsInMexico(map, pen);
  rings(map, pen);
}

/** Mexican officers at places and those whom they stopped on the way. */
function enforcement(map, pen, size) {
  const { officers, stopped } = map.frame;
  map.world.places.forEach((place, i) => {
    if (!officers[i] || !place.inside) return;
    marks.officers(pen, ...onStage(map, place.x, place.y), officers[i], size);
  });
  map.world.legs.forEach((leg, i) => {
    if (!stopped[i] || !leg.length) return;
    const row = rowAt(leg, leg.length / 2), t = leg.table;
    marks.stopped(pen, ...onStage(map, t[row], t[row + 1]), t[row + 2], t[row + 3], stopped[i], size);
  });
}

function places(map, pen, size) {
  for (const place of map.world.places) {
    if (!place.inside) continue;
    const [shape, radius, colour] = map.world.marks[place.kind] || map.world.marks.transit;
    marks.mark(pen, shape, ...onStage(map, place.x, place.y), 1.15 * size * radius, colour);
  }
}

function organisations(map, pen, size) {
  map.world.places.forEach((place, i) => {
    const count = map.frame.cells[i];
    if (!count || !place.inside) return;
    const [x, y] = onStage(map, place.x, place.y);
    marks.cells(pen, x - 9 * size, y + 8 * size, count, size);
  });
}

/** One sector: a thin line from the border, the column of its agents, the deaths on top. */
function sector(map, pen, { index, x, y, foot }) {
  const { agents, caught, away, dead } = map.frame, { enforcement, harm } = map.show;
  if (!enforcement && !harm) return;
  pen.beginPath();
  pen.moveTo(...foot);
  pen.lineTo(x, y);
  Object.assign(pen, { strokeStyle: marks.COLOURS.agents, lineWidth: 0.8 });
  pen.stroke();
  const met = caught[index] + away[index];
  const tall = columnHeight(map, agents[index]);
  if (enforcement) marks.column(pen, x, y, tall, met ? caught[index] / met : 0);
  const died = Math.round(dead[index] / 10);
  if (harm && died) marks.deaths(pen, x, y - (enforcement ? tall : 0) - 9, map.number(died));
}

function deathsInMexico(map, pen) {
  const at = mexicoTag(map), died = Math.round(map.frame.dead.at(-1) / 10);
  if (at && died) marks.deaths(pen, ...at, map.number(died));
}

/** Where the keyboard is, what is selected, where the followed person is. */
function rings(map, pen) {
  const at = (i) => onStage(map, map.world.places[i].x, map.world.places[i].y);
  const { ink } = map.world.palette;
  if (map.world.places[map.selected]) marks.ring(pen, ...at(map.selected), 11, false, ink);
  if (map.world.places[map.focus]) marks.ring(pen, ...at(map.focus), 14.5, true, map.colour);
  if (map.world.places[map.at]) marks.pin(pen, ...at(map.at));
}
