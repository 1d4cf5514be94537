// What a frame shows: ribbons, dots and marks; and the legend, whose samples the same functions draw.

import { FONT, addElement, addText, circle, clamp, fill, outlinedText, polyline, prepareCanvas, square, stroke, strokeLine } from "./page.js";
import { mexicoTag } from "./map_labels.js";
import { onStage, rowAt, scale, sumOf } from "./map_world.js";

const FULL_WIDTH = 17, MIN_WIDTH = 0.8, MAX_WIDTH = 27;
/** Width at the end of a ribbon as a share of that at its start, where people come from. */
const TAPER = 0.4;
const FADED = 0.25;

/** Return the width in pixels of a flow in persons a day; the flow `map.full` has the width FULL_WIDTH. */
export function widthOf(map, flow) {
  if (!(flow > 0) || !(map.full > 0)) return 0;
  return Math.max(MIN_WIDTH, scale(map) * Math.min(MAX_WIDTH, (FULL_WIDTH * flow) / map.full));
}

/** Return the ribbon of a corridor as a path on the stage: wide at its start, with a round cap. */
export function ribbonPath(map, { points }, width) {
  const last = points.length / 2 - 1, at = (i) => onStage(map, points[2 * i], points[2 * i + 1]);
  const left = [], right = [];
  for (let i = 0; i <= last; i++) {
    const [x, y] = at(i), [x0, y0] = at(Math.max(0, i - 1)), [x1, y1] = at(Math.min(last, i + 1));
    const aside = halfWidth(width, i / last) / (Math.hypot(x1 - x0, y1 - y0) || 1);
    left.push([x - (y1 - y0) * aside, y + (x1 - x0) * aside]);
    right.unshift([x + (y1 - y0) * aside, y - (x1 - x0) * aside]);
  }
  const path = polyline([...left, ...right], true);
  for (const i of [0, last]) path.addPath(circle(...at(i), halfWidth(width, i / last)));
  return path;
}

function halfWidth(width, share) {
  return (width / 2) * (1 - (1 - TAPER) * share);
}

export function paintFlow(map) {
  const ctx = prepareCanvas(map.layers.flow, map.width, map.height), { frame, show, world } = map;
  const flows = frame && (show.flow || show.people)
    ? world.corridors.map((corridor, index) => ({ corridor, index, flow: sumOf(corridor, frame.flow) })) : [];
  map.flows = flows.filter(({ flow }) => flow).sort((a, b) => b.flow - a.flow);
  for (const ribbon of map.flows) ribbon.width = widthOf(map, ribbon.flow);
  ctx.lineJoin = "round";
  const paths = show.flow ? map.flows.map(({ corridor, width }) => ribbonPath(map, corridor, width)) : [];
  ctx.globalAlpha = opacity(map);
  for (const path of paths) stroke(ctx, path, "rgba(255,255,255,.8)", 1.6);
  for (const path of paths) fill(ctx, path, map.tones.ribbon);
  ctx.globalAlpha = 1;
}

function opacity(map) {
  return map.path.length ? FADED : 1;
}

/** Map units a day by which dots move, and the share of the largest flow that one represents [A]. */
const PACE = 6, SHARE = 0.4;
const MAX_DOTS = 300;
/** Steps of sequences that fill an interval evenly, for positions along and across. */
const ALONG = 0.6180339887, ACROSS = 0.7548776662;

function peoplePerDot(map) {
  const exact = Math.max(1, SHARE * map.full), power = 10 ** Math.floor(Math.log10(exact));
  return power * (exact < 2 * power ? 1 : exact < 5 * power ? 2 : 5);
}

/** Draw the dots at a moment between two days; passing dots, times the people per dot, are the people who pass. */
export function paintDots(map, day) {
  const ctx = prepareCanvas(map.layers.drift, map.width, map.height), path = new Path2D();
  const radius = clamp(1.55 * scale(map), 1.3, 2.6);
  map.dots = map.show.people ? map.flows.flatMap((flow) => dotsOf(map, flow, day)) : [];
  for (const { x, y } of map.dots) {
    path.moveTo(x + radius, y);
    path.arc(x, y, radius, 0, 7);
  }
  ctx.globalAlpha = opacity(map);
  fill(ctx, path, map.tones.dot);
}

/** Return the dots of a corridor; their positions depend only on the day, so a day always looks the same. */
function dotsOf(map, { corridor, index, flow, width }, day) {
  const { length } = corridor, first = (index * ACROSS) % 1;
  const count = Math.floor((flow * length) / (PACE * peoplePerDot(map)) + first);
  const moved = map.reducedMotion.matches ? 0 : (PACE * day) / length;
  return Array.from({ length: Math.min(MAX_DOTS, count) }, (_, i) => {
    const share = (first + i * ALONG + moved) % 1, across = ((index + i) * ACROSS) % 1 - 0.5;
    const [mx, my, ux, uy] = rowAt(corridor, share * length), [x, y] = onStage(map, mx, my);
    const aside = 1.3 * across * Math.max(0, halfWidth(width, share) - 1);
    return { x: x - uy * aside, y: y + ux * aside, corridor: index };
  });
}

/** Colours of the layers, each with its own shape: colour is never the only difference. */
const COLOURS = PALETTE.layers;

/** Draw a shape with a light edge; the shape "frame" is not filled. `size` is about the radius. */
function drawShape(ctx, shape, x, y, size, colour) {
  const corners = PALETTE.shapes[shape]?.map(([dx, dy]) => [x + dx * size, y + dy * size]);
  const outline = corners ? polyline(corners, true) : circle(x, y, size), open = shape === "frame";
  if (!open) stroke(ctx, outline, "#fff", 1.6);
  fill(ctx, outline, open ? "#fff" : colour);
  if (open) stroke(ctx, outline, colour, 1.6);
}

function drawOfficers(ctx, x, y, count, size = 1) {
  drawStaff(ctx, circle(x, y, size * Math.min(24, 4 + 0.5 * Math.sqrt(count))), COLOURS.officers);
}

function drawAgents(ctx, x, y, count, size = 1) {
  drawStaff(ctx, square(x, y, size * Math.min(24, 3 + 0.16 * Math.sqrt(count))), COLOURS.agents);
}

function drawStaff(ctx, outline, colour) {
  fill(ctx, outline, `${colour}29`);
  stroke(ctx, outline, colour, 1.7);
}

function drawCells(ctx, x, y, count, size = 1) {
  drawShape(ctx, "hourglass", x, y, size * Math.min(6.5, 2.6 + 0.8 * Math.sqrt(count)), COLOURS.cells);
}

function drawStops(ctx, x, y, radius) {
  const outline = circle(x, y, radius), bar = 0.55 * radius;
  stroke(ctx, outline, "rgba(255,255,255,.9)", 4);
  fill(ctx, outline, "#fff");
  stroke(ctx, outline, PALETTE.ink, clamp(0.22 * radius, 1.2, 2));
  ctx.lineCap = "butt";
  strokeLine(ctx, PALETTE.ink, clamp(0.3 * radius, 1.4, 3.2), x - bar, y, x + bar, y);
}

function drawDeaths(ctx, x, y, text) {
  drawShape(ctx, "diamond", x, y, 4.6, COLOURS.harm);
  Object.assign(ctx, { font: `700 12.5px ${FONT}`, textAlign: "left" });
  outlinedText(ctx, text, x + 9, y + 4.4, COLOURS.harm);
}

const MAX_RING = 16, MIN_RING = 3.4;
/** Days of the largest flow that the largest ring is worth, and the fewest people of a ring [A]. */
const DAYS = 5, MIN_PEOPLE = 10;
const NEAR = 1.7;

/** Return the radius of a ring; its area is proportional to the number of people in 7 days. */
function ringRadius(map, people) {
  return scale(map) * Math.max(MIN_RING, MAX_RING * Math.sqrt(people / (DAYS * Math.max(map.full, 1))));
}

export function paintMarks(map) {
  const ctx = prepareCanvas(map.layers.marks, map.width, map.height), { frame, show, world } = map, size = scale(map);
  const staffed = (counts) => world.places.flatMap(({ inside, x, y }, i) => (inside && counts[i] ? [[...onStage(map, x, y), counts[i]]] : []));
  ctx.globalAlpha = opacity(map);
  if (frame && show.officers) for (const at of staffed(frame.officers)) drawOfficers(ctx, ...at, size);
  drawPlaces(map, ctx);
  if (frame && show.organisations) for (const [x, y, count] of staffed(frame.cells)) drawCells(ctx, x - 9 * size, y + 8 * size, count, size);
  if (frame && show.agents) world.sectors.forEach(({ at }, i) => at && drawAgents(ctx, ...onStage(map, ...at), frame.agents[i], size));
  if (frame && show.stops) for (const [at, count] of stopsOf(map)) drawStops(ctx, ...onStage(map, ...at), ringRadius(map, count));
  if (frame && show.deaths) paintDeaths(map, ctx);
  ctx.globalAlpha = 1;
  drawHover(map, ctx);
  drawRings(map, ctx);
}

export function drawPlaces(map, ctx) {
  const size = scale(map), near = map.view.k > NEAR * map.fit.k;
  for (const place of map.world.places.filter(({ inside }) => inside)) {
    const [shape, radius, colour] = PALETTE.places[place.kind], at = onStage(map, place.x, place.y);
    if (map.show.places) drawShape(ctx, shape, ...at, 1.15 * size * radius, colour);
    else if (place.label || near) {
      fill(ctx, circle(...at, 2.4 * size), "#fff");
      stroke(ctx, circle(...at, 2.4 * size), PALETTE.ink, 1.3);
    }
  }
}

/** Return position and number of the apprehensions in 7 days: by Mexico at the place that people left,
 * by the Border Patrol in its sector; the largest first, so that small rings are on top. */
function stopsOf({ frame, world }) {
  const byPlace = world.places.map(() => 0);
  world.legs.forEach(({ tail }, i) => (byPlace[tail] += frame.stopped[i]));
  const places = world.places.map(({ inside, x, y }, i) => [inside && [x, y], byPlace[i]]);
  const stops = [...places, ...world.sectors.map(({ at }, i) => [at, frame.caught[i]])];
  return stops.filter(([at, count]) => at && count >= MIN_PEOPLE).sort((a, b) => b[1] - a[1]);
}

function paintDeaths(map, ctx) {
  const { dead } = map.frame, mexico = mexicoTag(map);
  const tags = map.deathTags.map(({ sectors, x, y }) => [x, y, sectors.reduce((sum, i) => sum + dead[i], 0)]);
  if (mexico) tags.push([...mexico, dead.at(-1)]);
  for (const [x, y, tenths] of tags) {
    const died = Math.round(tenths / 10);
    if (died) drawDeaths(ctx, x, y, map.number(died));
  }
}

function drawHover(map, ctx) {
  const flow = map.hover?.kind === "leg" && map.flows.find(({ index }) => index === map.hover.index);
  if (flow) stroke(ctx, ribbonPath(map, flow.corridor, flow.width + 2), PALETTE.ink, 1.4);
}

export function drawRings(map, ctx) {
  for (const [index, radius, dash, colour] of [[map.selected, 11, [], PALETTE.ink], [map.focus, 14.5, [4, 3], map.colour]]) {
    const place = map.world.places[index];
    if (!place) continue;
    const outline = circle(...onStage(map, place.x, place.y), radius);
    ctx.setLineDash(dash);
    stroke(ctx, outline, "#fff", 5);
    stroke(ctx, outline, colour, 2.4);
    ctx.setLineDash([]);
  }
}

const SAMPLE = [58, 20], MIDDLE = SAMPLE[1] / 2;

export function flowRows(map) {
  const { words, show } = map, dot = peoplePerDot(map), sizes = ringSizes(map), at = [SAMPLE[0] / 2, MIDDLE];
  const dots = dot === 1 ? words.legend_dot_one : words.legend_dot.replace("{n}", map.number(dot));
  const largest = map.full > 0 ? Number(map.full.toPrecision(2)) : 0;
  const [small, large] = sizes.map((people) => map.number(people));
  const rings = words.legend_stops_note.replace("{small}", small).replace("{large}", large);
  const place = (kind) => (ctx) => {
    const [shape, size, colour] = PALETTE.places[kind];
    drawShape(ctx, shape, ...at, 1.3 * size, colour);
  };
  const rows = [
    [show.flow || show.people, (ctx) => drawWedge(map, ctx), words.legend_people,
      show.people ? dots : `0 – ${map.number(largest)} ${words.flow}`],
    [show.stops, (ctx) => sizes.forEach((people, i) => drawStops(ctx, [16, 40][i], MIDDLE, Math.min(9, ringRadius(map, people)))),
      words.legend_stops, rings],
    [show.deaths, (ctx) => drawDeaths(ctx, ...at, ""), words.legend_deaths, words.legend_deaths_note],
    [show.officers, (ctx) => drawOfficers(ctx, ...at, 25), words.officers],
    [show.agents, (ctx) => drawAgents(ctx, ...at, 300), words.agents],
    [show.organisations, (ctx) => drawCells(ctx, ...at, 6), words.cells],
    ...PALETTE.legend.map((kind) => [show.places, place(kind), words[`kind_${kind}`]]),
  ];
  // the figures in the notes are not known before the first frame
  return rows.filter(([visible]) => visible).map(([, draw, heading, note]) => [draw, heading, map.frame ? note : ""]);
}

function drawWedge({ show, tones }, ctx) {
  const corners = [[1, MIDDLE - 5], [SAMPLE[0], MIDDLE - 2], [SAMPLE[0], MIDDLE + 2], [1, MIDDLE + 5]];
  if (show.flow) fill(ctx, polyline(corners), tones.ribbon);
  for (const x of show.people ? [10, 24, 31, 46] : []) fill(ctx, circle(x, MIDDLE + ((x * 7) % 5) - 2, 1.7), tones.dot);
}

function ringSizes(map) {
  const power = 10 ** Math.floor(Math.log10(Math.max((DAYS * Math.max(map.full, 1)) / 3, 10)));
  return [power / 5, power];
}

export function paintLegend({ legend, words }, rows) {
  legend.replaceChildren();
  addText("summary", "", legend, words.legend);
  for (const [draw, heading, note] of rows) {
    const item = addElement("div", "tb-row", legend);
    if (draw) draw(prepareCanvas(addElement("canvas", "", item, { "aria-hidden": "true" }), ...SAMPLE));
    const text = addElement("span", "", item);
    if (heading) addText("b", "", text, heading);
    if (note) addText("small", "", text, note);
  }
}
