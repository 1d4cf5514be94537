// Drawing of every frame: flows, the arrowheads that move along them, and the marks.

import { clamp, fill, prepareCanvas, stroke, strokeLine } from "./page.js";
import * as marks from "./map_marks.js";
import { columnHeight, mexicoTag } from "./map_labels.js";
import { inWorld, onStage, rowAt, scale } from "./map_world.js";

const WIDEST = 12, THINNEST = 0.8;
/** Arrowheads of a leg: pixels between two of them, and pixels by which they move per day. */
const SPACING = 30, PIXELS_PER_DAY = 6;
/** Below this width of a line its arrowheads are filled. */
const SOLID = 4.5;

/** Return the width in pixels of a flow in persons a day. */
export function widthOf(map, flow) {
  if (!(flow > 0) || !(map.full > 0)) return 0;
  return Math.max(THINNEST, scale(map) * WIDEST * Math.min(flow / map.full, 1.25));
}

/** Return the colour of a flow: darker for more, in steps on a square-root scale, as in the report. */
function colourOf(map, flow) {
  const steps = map.world.palette.flow, share = Math.sqrt(clamp(flow / map.full, 0, 1));
  return steps[Math.min(steps.length - 1, Math.floor(share * steps.length))];
}

/** Return the legs with a flow, widest first, so that thin ones are drawn on top. */
function legsWithFlow(map) {
  if (!map.frame || !map.show.flow) return [];
  const { flow } = map.frame, found = [];
  map.world.legs.forEach((leg, i) => {
    const width = leg.length && widthOf(map, flow[i]);
    if (width) found.push({ leg, index: i, flow: flow[i], width });
  });
  return found.sort((a, b) => b.flow - a.flow);
}

export function paintFlow(map) {
  const ctx = prepareCanvas(map.layers.flow, map.width, map.height), { k } = map.view;
  map.flows = legsWithFlow(map);
  inWorld(map, ctx);
  Object.assign(ctx, { lineCap: "round", lineJoin: "round" });
  for (const { leg, flow, width } of map.flows) {
    if (width > 1.6) stroke(ctx, leg.path, "rgba(255,255,255,.8)", (width + 1.6) / k);
    stroke(ctx, leg.path, colourOf(map, flow), width / k);
  }
  drawJourney(map, ctx);
}

/** Draw the legs of the followed person: a light edge, a line, and dashes. */
function drawJourney(map, ctx) {
  const { k } = map.view, legs = map.path.map((i) => map.world.legs[i]).filter((leg) => leg?.length);
  for (const [colour, width, dash] of [["#fff", 7.5, []], [marks.COLOURS.journey, 4.6, []], ["#6d2b54", 1.4, [5, 6]]]) {
    ctx.setLineDash(dash.map((length) => length / k));
    for (const { path } of legs) stroke(ctx, path, colour, width / k);
  }
  ctx.setLineDash([]);
}

/** Draw arrowheads at a moment between two days; they do not move if reduced motion is set. */
export function paintArrowheads(map, day) {
  const ctx = prepareCanvas(map.layers.drift, map.width, map.height);
  const shift = map.reducedMotion.matches ? SPACING / 2 : (PIXELS_PER_DAY * day) % SPACING;
  const solid = new Path2D(), open = new Path2D();
  for (const ribbon of map.flows) {
    if (ribbon.width > 1) addArrowheads(map, ribbon, shift, ribbon.width < SOLID ? solid : open);
  }
  stroke(ctx, solid, "#fff", 0.9);
  fill(ctx, solid, map.world.palette.flow.at(-1));
  Object.assign(ctx, { lineCap: "round", lineJoin: "round" });
  stroke(ctx, open, "#fff", 1.7);
}

/** Add the arrowheads of a leg to a path: filled on a thin line, a chevron inside a wide one. */
function addArrowheads(map, { leg, width }, shift, path) {
  const { k, x: left, y: top } = map.view;
  const length = leg.length * k, solid = width < SOLID;
  const size = solid ? 1.7 + 0.6 * width : Math.min(0.36 * width, 4.4);
  const first = length < SPACING + 12 ? 6 + ((shift / SPACING) * Math.max(0, length - 12)) : shift;
  for (let at = first; at < length - 5 && length > 15; at += SPACING) {
    if (at < 5) continue;
    const [mx, my, ux, uy] = rowAt(leg, at / k);
    const x = left + k * mx, y = top + k * my, dx = size * ux, dy = size * uy;
    const back = solid ? 1 : 0.9, point = solid ? 1 : 0;
    path.moveTo(x - dx - dy * back, y - dy + dx * back);
    path.lineTo(x + dx * point, y + dy * point);
    path.lineTo(x - dx + dy * back, y - dy - dx * back);
    if (solid) path.closePath();
  }
}

/** Draw the marks of places and sectors, and the rings. */
export function paintMarks(map) {
  const ctx = prepareCanvas(map.layers.marks, map.width, map.height);
  const { frame, show } = map, size = scale(map);
  const places = map.world.places.flatMap((place, i) =>
    place.inside ? [{ i, kind: place.kind, at: onStage(map, place.x, place.y) }] : []);
  if (frame && show.enforcement) drawEnforcement(map, ctx, size, places);
  for (const { kind, at } of places) {
    const [shape, radius, colour] = map.world.marks[kind];
    marks.mark(ctx, shape, ...at, 1.15 * size * radius, colour);
  }
  for (const { i, at: [x, y] } of frame && show.organisations ? places : []) {
    if (frame.cells[i]) marks.cells(ctx, x - 9 * size, y + 8 * size, frame.cells[i], size);
  }
  if (frame) for (const column of map.columns) drawSector(map, ctx, column);
  if (frame && show.harm) drawDeaths(map, ctx, frame.dead.at(-1), mexicoTag(map));
  drawRings(map, ctx);
}

/** Draw Mexican officers at places, and the persons they stopped on legs. */
function drawEnforcement(map, ctx, size, places) {
  const { officers, stopped } = map.frame;
  for (const { i, at } of places) if (officers[i]) marks.officers(ctx, ...at, officers[i], size);
  map.world.legs.forEach((leg, i) => {
    if (!stopped[i] || !leg.length) return;
    const [x, y, dx, dy] = rowAt(leg, leg.length / 2);
    marks.stopped(ctx, ...onStage(map, x, y), dx, dy, stopped[i], size);
  });
}

/** Draw a sector: a thin line from the border, the column of its agents, the deaths on top. */
function drawSector(map, ctx, { index, x, y, foot }) {
  const { agents, caught, away, dead } = map.frame, { enforcement, harm } = map.show;
  strokeLine(ctx, marks.COLOURS.agents, 0.8, ...foot, x, y);
  const encounters = caught[index] + away[index];
  const height = enforcement ? columnHeight(map, agents[index]) : 0;
  if (enforcement) marks.column(ctx, x, y, height, encounters ? caught[index] / encounters : 0);
  if (harm) drawDeaths(map, ctx, dead[index], [x, y - height - 9]);
}

/** Draw a number of tenths of deaths, rounded, unless it is 0. */
function drawDeaths(map, ctx, tenths, at) {
  const died = Math.round(tenths / 10);
  if (at && died) marks.deaths(ctx, ...at, map.number(died));
}

/** Draw keyboard focus, selection, and the place of the followed person. */
function drawRings(map, ctx) {
  const at = (i) => onStage(map, map.world.places[i].x, map.world.places[i].y);
  const { ink } = map.world.palette;
  if (map.world.places[map.selected]) marks.ring(ctx, ...at(map.selected), 11, false, ink);
  if (map.world.places[map.focus]) marks.ring(ctx, ...at(map.focus), 14.5, true, map.colour);
  if (map.world.places[map.at]) marks.pin(ctx, ...at(map.at));
}
