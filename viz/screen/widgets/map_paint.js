// Draw a frame with ribbons, dots and marks, and the legend, whose samples the same functions draw.

import { FONT, addElement, addText, circle, circles, clamp, fill, polyline, prepareCanvas, setText, square, stroke, strokeLine } from "./page.js";
import { worldsOf } from "./map_input.js";
import { mexicoTag } from "./map_labels.js";
import { isForward, onStage, scale, sumOf } from "./map_world.js";

const { sizes: SIZES, neutral: NEUTRAL } = PALETTE, FADED = 0.25, WEEK = 7;

/** Return how many people per day a pixel of width represents, as `people_per_point` in palette.py. */
export function peoplePerPixel({ kind: { perPixel }, full }) {
  return perPixel * 2 ** Math.max(0, Math.ceil(Math.log2(Math.max(full, 1) / (perPixel * SIZES.widest))));
}

/** Return the width in pixels of a ribbon for a number of people per day. */
export function widthOf(map, people) {
  return (scale(map) * people) / peoplePerPixel(map);
}

/** Return the parts of a corridor with at least `least` people per day and values of one sign, as rows
 * [x, y, dx, dy, people, section] in map coordinates. People are interpolated between middles of sections. */
export function ribbonsOf(map, corridor, values, least) {
  const ribbons = [], drawn = (value) => Math.abs(value) >= least;
  corridor.forEach((section, i) => {
    const [before, value, after] = [i - 1, i, i + 1].map((j) => values[corridor[j]?.index]);
    if (!drawn(value)) return;
    const joins = (other) => drawn(other) && value * other > 0, meet = (other) => (joins(other) ? (value + other) / 2 : value);
    if (!joins(before)) ribbons.push([]);
    const [start, end] = [meet(before), meet(after)], last = section.rows.length - 1;
    ribbons.at(-1).push(...section.rows.map(([x, y, dx, dy], j) => {
      const from = j / last - 0.5, people = value + 2 * Math.abs(from) * ((from < 0 ? start : end) - value);
      return [...onStage(map, x, y), dx, dy, Math.abs(people), section];
    }));
  });
  return ribbons;
}

/** Return the outline of a ribbon, a simple path, because discs at its ends would make filling much slower. */
export function ribbonPath(map, rows, more = 0) {
  const unit = widthOf(map, 1) / 2, half = (row) => unit * row[4] + more / 2;
  const sides = [1, -1].map((side) => rows.map((row) => [row[0] + side * half(row) * row[3], row[1] - side * half(row) * row[2]]));
  return polyline([...sides[0], ...sides[1].reverse()], true);
}

function halfWidth(map, row, more) {
  return (widthOf(map, row[4]) + more) / 2;
}

/** Fill ribbons with round ends. */
export function fillRibbons(map, ctx, colour, more = 0) {
  for (const rows of map.ribbons) fill(ctx, ribbonPath(map, rows, more), colour); // Filling takes less time than stroking.
  const ends = map.ribbons.flatMap((rows) => [rows[0], rows.at(-1)]);
  fill(ctx, circles(ends.map((row) => [row[0], row[1], halfWidth(map, row, more)])), colour);
}

/** Compute the people on all sections: `map.flows` has the drawn values, `map.ribbons` the shapes. */
export function measureFlows(map, values, least) {
  const { corridors, sections } = map.world, largest = Math.max(...values.map(Math.abs), 0), scaleBefore = peoplePerPixel(map);
  map.values = values;
  if (map.frame?.day[0] >= WEEK) map.full = Math.max(map.full, largest, ...map.linked().map(({ full }) => full)); // Means over fewer days vary too much.
  if (scaleBefore !== peoplePerPixel(map)) [map, ...map.linked()].forEach((other) => other.requestLayout()); // All maps have one scale.
  map.ribbons = values.length ? corridors.flatMap((corridor) => ribbonsOf(map, corridor, values, least)) : [];
  map.flows = sections.map((section, index) => ({ section, index, flow: values[index], width: widthOf(map, Math.abs(values[index])) }))
    .filter(({ flow }) => Math.abs(flow) >= least).sort((a, b) => Math.abs(b.flow) - Math.abs(a.flow));
}

export function paintFlow(map, ctx) {
  const { frame, show, world } = map, visible = frame && (show.flow || show.people);
  measureFlows(map, visible ? world.sections.map((section) => sumOf(section, frame.flow)) : [], SIZES.least_people);
  ctx.globalAlpha = opacity(map);
  for (const edge of show.flow ? [["#fff", SIZES.casing], [map.tones.ribbon]] : []) fillRibbons(map, ctx, ...edge);
  ctx.globalAlpha = 1;
}

function opacity(map) {
  return map.path.length ? FADED : 1;
}

/** [A] Map units per day by which dots move. */
const PACE = 6;

/** Draw dots that move with the people between two days, or chevrons in pictures and without motion. */
export function paintDots(map, ctx, day) {
  const still = isStill(map), radius = SIZES.dot * Math.min(scale(map), 1.3);
  map.dots = map.show.people ? map.ribbons.flatMap((rows) => dotsOf(map, rows, still ? 0 : PACE * map.view.k * day)) : [];
  ctx.globalAlpha = opacity(map);
  drawDots(map, ctx, still ? map.dots.filter((_, i) => i % 2) : map.dots, radius, map.tones.dot);
  ctx.globalAlpha = 1;
}

function isStill(map) {
  return map.reducedMotion.matches || window.tbPixelRatio;
}

function drawDots(map, ctx, dots, radius, colour) {
  if (!isStill(map)) return fill(ctx, circles(dots.map(({ x, y }) => [x, y, radius])), colour);
  for (const { x, y, dx, dy } of dots) {
    const chevron = [[-1, -1], [1, 0], [-1, 1]].map(([a, b]) => [x + 1.6 * radius * (a * dx - b * dy), y + 1.6 * radius * (a * dy + b * dx)]);
    stroke(ctx, polyline(chevron), colour, 1.5);
  }
}

/** Return the dots of a ribbon, evenly spaced where enough people pass, in the direction of most people. */
function dotsOf(map, rows, moved) {
  const dots = [], gap = SIZES.dot_gap, inGap = (at) => ((at % gap) + gap) % gap;
  const signs = new Map(rows.map(([, , , , , section]) => [section, isForward(section, map.frame.flow) ? 1 : -1]));
  for (let i = 1, at = 0; i < rows.length; i++) {
    const [x0, y0] = rows[i - 1], [x, y, dx, dy, people, section] = rows[i], sign = signs.get(section);
    const length = Math.hypot(x - x0, y - y0), first = inGap(sign * moved - at);
    for (let ahead = first; ahead < length; ahead += gap) {
      const share = ahead / length;
      if (people >= SIZES.least_dots) dots.push({ x: x0 + share * (x - x0), y: y0 + share * (y - y0), dx: sign * dx, dy: sign * dy, section });
    }
    at += length;
  }
  return dots;
}

/** Colours of the layers. Layers also differ in shape, because colour must not be the only difference. */
const COLOURS = PALETTE.layers;

/** Draw a shape with a light edge. The shape "frame" is not filled. `size` is the approximate radius. */
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

/** Light edge of a text that changes daily. The browser caches filled letters but not outlined letters. */
const HALO = [[-1.3, 0], [1.3, 0], [0, -1.3], [0, 1.3]].map((at) => [...at, "rgba(255,255,255,.92)"]);

function drawDeaths(ctx, x, y, text) {
  drawShape(ctx, "diamond", x, y, 4.6, COLOURS.harm);
  Object.assign(ctx, { font: `700 12.5px ${FONT}`, textAlign: "left" });
  for (const [dx, dy, colour] of [...HALO, [0, 0, COLOURS.harm]]) {
    ctx.fillStyle = colour;
    ctx.fillText(text, x + 9 + dx, y + 4.4 + dy);
  }
}

const NEAR = 1.7, DEADLIEST = 6;

/** Return the radius of a ring whose area is proportional to the people in 7 days. */
export function ringRadius(map, people) {
  return scale(map) * SIZES.ring * Math.sqrt((people * map.kind.perPixel) / peoplePerPixel(map));
}

export function paintMarks(map, ctx) {
  const { frame, show, world } = map, size = scale(map);
  const staffed = (counts) => world.places.flatMap(({ inside, x, y }, i) => (inside && counts[i] ? [[...onStage(map, x, y), counts[i]]] : []));
  ctx.globalAlpha = opacity(map);
  if (frame && show.officers) for (const at of staffed(frame.officers)) drawOfficers(ctx, ...at, size);
  drawPlaces(map, ctx);
  if (frame && show.organisations) for (const [x, y, count] of staffed(frame.cells)) drawCells(ctx, x - 9 * size, y + 8 * size, count, size);
  if (frame && show.agents) world.sectors.forEach(({ at }, i) => at && drawAgents(ctx, ...onStage(map, ...at), frame.agents[i], size));
  map.rings = frame && show.stops ? stopsOf(map) : [];
  for (const [at, count] of map.rings) drawStops(ctx, ...onStage(map, ...at), ringRadius(map, count));
  map.drawnDeaths = frame && show.deaths ? deathsOf(map, frame).tags : [];
  for (const [x, y, died, text] of map.drawnDeaths) drawDeaths(ctx, x, y, (text ?? "{n}").replace("{n}", map.number(died)));
  ctx.globalAlpha = 1;
  drawHover(map, ctx);
  drawRings(map, ctx);
  for (const node of document.querySelectorAll(".tb-rest")) setText(node, deathsNote(map));
}

export function drawPlaces(map, ctx) {
  const size = scale(map), near = map.view.k > NEAR * map.fit.k, inside = map.world.places.filter((place) => place.inside);
  const shown = map.show.places ? [] : inside.filter(({ label }) => label || near);
  const outlines = circles(shown.map(({ x, y }) => [...onStage(map, x, y), 2.4 * size]));
  fill(ctx, outlines, "#fff");
  stroke(ctx, outlines, PALETTE.ink, 1.3);
  for (const { kind, x, y } of map.show.places ? inside : []) {
    const [shape, radius, colour] = PALETTE.places[kind];
    drawShape(ctx, shape, ...onStage(map, x, y), 1.15 * size * radius, colour);
  }
}

/** Return positions and numbers of the apprehensions in 7 days: by Mexico at the place that people left,
 * or the next place if they left another country; by the Border Patrol in its sector. The largest come first. */
function stopsOf({ frame, world }) {
  const byPlace = world.places.map(() => 0);
  world.legs.forEach(({ tail, head }, i) => (byPlace[world.places[tail].mexican ? tail : head] += frame.stopped[i]));
  const places = world.places.map(({ inside, x, y }, i) => [inside && [x, y], byPlace[i]]);
  const stops = [...places, ...world.sectors.map(({ at }, i) => [at, frame.caught[i]])];
  return stops.filter(([at, count]) => at && count >= SIZES.least_ring).sort((a, b) => b[1] - a[1]);
}

/** Return the deaths [x, y, number] at the six deadliest places and at all other places. */
function deathsOf(map, { dead }) {
  const mexico = mexicoTag(map), tags = map.deathTags.map(({ sectors, x, y }) => [x, y, sectors.reduce((sum, i) => sum + dead[i], 0)]);
  if (mexico) tags.push([...mexico, dead.at(-1), map.words.deaths_in_mexico]);
  const largest = tags.map(([x, y, died, text]) => [x, y, Math.round(died / 1000), text]).filter(([, , died]) => died).sort((a, b) => b[2] - a[2]).slice(0, DEADLIEST);
  const total = Math.round(dead.reduce((sum, died) => sum + died, 0) / 1000);
  return { tags: largest, rest: Math.max(0, total - largest.reduce((sum, [, , died]) => sum + died, 0)) };
}

function deathsNote(map) {
  const { words } = map, worlds = worldsOf(map).filter(({ frame }) => frame);
  const rests = worlds.map(({ side, frame }) => (side ? words.in_world : "{n}").replace("{n}", map.number(deathsOf(map, frame).rest)).replace("{side}", side));
  return words.legend_deaths_note.replace("{rest}", rests.join(", ") || "–");
}

function drawHover(map, ctx) {
  const { hover, values, world } = map, section = hover?.kind === "leg" && world.sections[hover.index];
  for (const rows of section && values.length ? ribbonsOf(map, [section], values, 1) : []) stroke(ctx, ribbonPath(map, rows, 2), PALETTE.ink, 1.4);
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

const HEIGHT = 40, MIDDLE = HEIGHT / 2;
const SAMPLE_WIDTHS = [50, 200, 400, 700], SAMPLE_RINGS = [100, 500, 1000, 3000];

/** Return the rows of the legend: function that draws the sample, its width, heading, note, and class of the note. */
export function flowRows(map) {
  const { words, show } = map;
  const place = (kind) => (ctx) => {
    const [shape, size, colour] = PALETTE.places[kind];
    drawShape(ctx, shape, 10, MIDDLE, 1.3 * size, colour);
  };
  const rows = [
    [show.flow || show.people, (ctx) => widthSamples(map, ctx), 216, words.legend_people, words.legend_people_note],
    [show.people, (ctx) => drawDots(map, ctx, [{ x: 10, y: MIDDLE, dx: 1, dy: 0 }], SIZES.dot * 1.3, NEUTRAL.dot), 20, words.legend_dot, words.legend_dot_note],
    [show.stops, (ctx) => ringSamples(map, ctx), 248, words.legend_stops, words.legend_stops_note],
    [show.deaths, (ctx) => drawDeaths(ctx, 9, MIDDLE, ""), 18, words.legend_deaths, map.frame ? deathsNote(map) : "", "tb-rest"],
    [show.officers, (ctx) => drawOfficers(ctx, 12, MIDDLE, 25), 24, words.officers],
    [show.agents, (ctx) => drawAgents(ctx, 12, MIDDLE, 300), 24, words.agents],
    [show.organisations, (ctx) => drawCells(ctx, 10, MIDDLE, 6), 20, words.cells],
    ...PALETTE.legend.map((kind) => [show.places, place(kind), 20, words[`kind_${kind}`]]),
  ];
  return rows.filter(([visible]) => visible).map(([, ...row]) => row);
}

/** Draw sample ribbons for several numbers of people, which grow with the scale. */
function widthSamples(map, ctx) {
  SAMPLE_WIDTHS.forEach((people, i) => {
    const number = (people * peoplePerPixel(map)) / map.kind.perPixel, width = widthOf(map, number), x = 54 * i;
    fill(ctx, polyline([[x, 14 - width / 2], [x + 44, 14 - width / 2], [x + 44, 14 + width / 2], [x, 14 + width / 2]], true), NEUTRAL.ribbon);
    sampleText(ctx, map.number(number), x + 22, HEIGHT - 2, "center");
  });
}

function ringSamples(map, ctx) {
  let x = 0;
  for (const people of SAMPLE_RINGS) {
    const number = (people * peoplePerPixel(map)) / map.kind.perPixel, radius = ringRadius(map, number);
    drawStops(ctx, x + radius + 1, MIDDLE, radius);
    x += sampleText(ctx, map.number(number), x + 2 * radius + 5, MIDDLE + 4) + 2 * radius + 15;
  }
}

/** Write the number at a sample, and return the width of the text. */
function sampleText(ctx, text, x, y, textAlign = "left") {
  Object.assign(ctx, { font: `11px ${FONT}`, fillStyle: PALETTE.muted, textAlign });
  ctx.fillText(text, x, y);
  return ctx.measureText(text).width;
}

/** Show the rows in the common legend of the page if it is visible, or else on the map. */
export function paintLegend(map, rows) {
  const { kind, legend, root, side, words } = map, room = document.querySelector("[data-legend]");
  const shared = Boolean(kind.sharesLegend && room?.offsetParent);
  legend.hidden = shared && side === "B";
  if (shared && side !== "B") room.replaceChildren(legend);
  else if (!shared && legend.parentElement === room) root.firstElementChild.append(legend);
  if (shared || map.inRoom) legend.open = map.inRoom = shared;
  legend.replaceChildren();
  addText("summary", "", legend, words.legend);
  const list = addElement("div", "tb-rows", legend);
  for (const [draw, width, heading, note, name] of rows) {
    const item = addElement("div", "tb-row", list), text = addElement("span", "", item);
    if (draw) {
      const canvas = addElement("canvas", "", item, { "aria-hidden": "true", style: `width:${width}px` });
      draw(prepareCanvas(canvas, width, HEIGHT));
      if (width < 60) item.prepend(canvas);
    }
    if (heading) addText("b", "", text, heading);
    if (note) addText("small", name ?? "", text, note);
  }
}
