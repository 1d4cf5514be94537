// The marks of every frame: places, stops, deaths, further layers, and rings.

import { prepareCanvas, stroke } from "./page.js";
import { faded, ribbonPath, widthOf } from "./map_flow.js";
import * as marks from "./map_marks.js";
import { mexicoTag } from "./map_labels.js";
import { onStage, scale } from "./map_world.js";

/** Radius in pixels of the largest and of the smallest ring. */
const LARGEST = 16, SMALLEST = 3.4;
/** Days of the largest flow that the largest ring is worth, and the fewest people of a ring [A]. */
export const DAYS = 5;
const FEWEST = 10;
/** Smallest zoom at which every place has a mark. */
const NEAR = 1.7;

/** Return the radius of a ring; its area is proportional to the number of people in 7 days. */
export function ringRadius(map, people) {
  const most = DAYS * Math.max(map.full, 1), size = scale(map);
  return size * Math.max(SMALLEST, LARGEST * Math.sqrt(people / most));
}

/** Return the places of the view: number, place and position on the stage. */
export function placesInView(map) {
  return map.world.places.flatMap((place, i) => (place.inside ? [{ i, place, at: onStage(map, place.x, place.y) }] : []));
}

/** Draw the marks of places and sectors, and the rings. */
export function paintMarks(map) {
  const ctx = prepareCanvas(map.layers.marks, map.width, map.height), { frame, show } = map;
  const places = placesInView(map);
  ctx.globalAlpha = faded(map, 1);
  if (frame && show.officers) drawOfficers(map, ctx, places);
  drawPlaces(map, ctx, places);
  if (frame && show.organisations) drawCells(map, ctx, places);
  if (frame && show.agents) drawAgents(map, ctx);
  if (frame && show.stops) for (const [at, count] of stopsOf(map)) drawStops(map, ctx, at, count);
  if (frame && show.deaths) drawDeaths(map, ctx);
  ctx.globalAlpha = 1;
  drawHover(map, ctx);
  drawRings(map, ctx);
}

function drawOfficers(map, ctx, places) {
  const { officers } = map.frame, size = scale(map);
  for (const { i, at } of places) if (officers[i]) marks.officers(ctx, ...at, officers[i], size);
}

/** Draw the marks of places: their kinds, or open circles at the main ones. */
export function drawPlaces(map, ctx, places) {
  const size = scale(map), near = map.view.k > NEAR * map.fit.k;
  for (const { place, at } of places) {
    const [shape, radius, colour] = PALETTE.places[place.kind];
    if (map.show.places) marks.mark(ctx, shape, ...at, 1.15 * size * radius, colour);
    else if (place.label || near) marks.spot(ctx, ...at, 2.4 * size, PALETTE.ink);
  }
}

function drawCells(map, ctx, places) {
  const { cells } = map.frame, size = scale(map);
  for (const { i, at: [x, y] } of places) if (cells[i]) marks.cells(ctx, x - 9 * size, y + 8 * size, cells[i], size);
}

/** Return position and number of the apprehensions in 7 days: those by Mexico by the place that people left,
 * those by the Border Patrol by sector; the largest first, so that small rings are on top. */
export function stopsOf({ frame, world }) {
  const byPlace = world.places.map(() => 0), found = [];
  world.legs.forEach(({ tail }, i) => { byPlace[tail] += frame.stopped[i]; });
  world.places.forEach((place, i) => place.inside && found.push([[place.x, place.y], byPlace[i]]));
  world.sectors.forEach(({ at }, i) => at && found.push([at, frame.caught[i]]));
  return found.filter(([, count]) => count >= FEWEST).sort((a, b) => b[1] - a[1]);
}

function drawStops(map, ctx, at, count) {
  marks.barredRing(ctx, ...onStage(map, ...at), ringRadius(map, count), PALETTE.ink);
}

function drawAgents(map, ctx) {
  const { agents } = map.frame, size = scale(map);
  map.world.sectors.forEach(({ at }, i) => at && marks.agents(ctx, ...onStage(map, ...at), agents[i], size));
}

/** Draw the expected deaths of each group of sectors, and those in Mexico; rounded, none for 0. */
function drawDeaths(map, ctx) {
  const { dead } = map.frame, mexico = mexicoTag(map);
  const tags = map.deathTags.map(({ sectors, x, y }) => [x, y, sectors.reduce((sum, i) => sum + dead[i], 0)]);
  if (mexico) tags.push([...mexico, dead.at(-1)]);
  for (const [x, y, tenths] of tags) {
    const died = Math.round(tenths / 10);
    if (died) marks.deaths(ctx, x, y, map.number(died));
  }
}

/** Draw the outline of the corridor under the pointer. */
function drawHover(map, ctx) {
  if (map.hover?.kind !== "leg") return;
  const { corridor, width } = map.flows.find(({ index }) => index === map.hover.index) ?? {};
  const outline = corridor && ribbonPath(map, corridor, Math.max(width, widthOf(map, 0.1)) + 2);
  if (outline) stroke(ctx, outline, PALETTE.ink, 1.4);
}

/** Draw keyboard focus and selection. */
export function drawRings(map, ctx) {
  const at = (i) => onStage(map, map.world.places[i].x, map.world.places[i].y);
  if (map.world.places[map.selected]) marks.ring(ctx, ...at(map.selected), 11, false, PALETTE.ink);
  if (map.world.places[map.focus]) marks.ring(ctx, ...at(map.focus), 14.5, true, map.colour);
}
