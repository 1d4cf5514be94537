// Prepare the world: corridors as paths and tables, the view, and the base map.

import { FONT, clamp, fill, pixelRatio, polyline, prepareCanvas, stroke } from "./page.js";

const NARROW = 420, DEEPEST = 10;
/** Pixels that a title may cover, because the box around the places has more space at the top. */
const TOP_MARGIN = 28;
const MOVES = [[0, 0], [0, 16], [50, 0], [100, 0], [150, 0], [50, 16], [100, 16], [-50, 0]];
/** Maximum distance by which the name of a sea is moved, so that it is not placed on land. */
const AFLOAT = 50;

/** Add to each section of a corridor the legs that follow it, as [leg, 1 or, against the section, -1]. */
export function prepareWorld(world) {
  const sections = world.sections.map((section, index) => ({ ...section, ...traceLine(section.points), index, legs: [] }));
  const places = world.places.map((place) => ({ ...place, short: place.name.split(" (")[0] }));
  const corridors = world.corridors.map((chain) => chain.map((i) => sections[i]));
  world.legs.forEach(({ course }, leg) => course.forEach((i) => sections[Math.max(i, ~i)].legs.push([leg, i < 0 ? -1 : 1])));
  const fills = new Map(), states = new Path2D();
  for (const { fill, d } of world.land) {
    if (fill && !fills.has(fill)) fills.set(fill, new Path2D());
    (fill ? fills.get(fill) : states).addPath(new Path2D(d));
  }
  return { ...world, places, sections, corridors, fills, states, border: new Path2D(world.border || "") };
}

/** Return the points of a line with its direction at each point, as rows [x, y, dx, dy]. */
function traceLine(numbers) {
  const points = numbers.flatMap((x, i) => (i % 2 ? [] : [[x, numbers[i + 1]]])), last = points.length - 1;
  const rows = points.map((point, i) => {
    const [[x0, y0], [x1, y1]] = [points[Math.max(0, i - 1)], points[Math.min(last, i + 1)]], length = Math.hypot(x1 - x0, y1 - y0) || 1;
    return [...point, (x1 - x0) / length, (y1 - y0) / length];
  });
  return { rows, path: polyline(points) };
}

export function middleOf(map, { rows }) {
  return onStage(map, ...rows[rows.length >> 1]);
}

/** Return the number of people who pass a section in both directions. */
export function sumOf({ legs }, counts) {
  return legs.reduce((sum, [leg]) => sum + counts[leg], 0);
}

/** Return whether more people pass a section along it than against it. */
export function isForward({ legs }, counts) {
  return legs.reduce((sum, [leg, sign]) => sum + sign * counts[leg], 0) >= 0;
}

export function decodeFrame(view, layout) {
  if (!view?.byteLength) return null;
  const kinds = { u1: Uint8Array, u2: Uint16Array, u4: Uint32Array }, fields = {};
  for (const [name, [offset, count, kind]] of Object.entries(layout)) {
    const from = view.byteOffset + offset, bytes = count * kinds[kind].BYTES_PER_ELEMENT;
    fields[name] = new kinds[kind](view.buffer.slice(from, from + bytes)); // A copy is aligned.
  }
  return fields;
}

export function stageHeight(map) {
  if (map.givenHeight) return map.stage.clientHeight;
  const [left, top, right, bottom] = map.world.core;
  const ratio = Math.max((bottom - top) / (right - left), map.width < NARROW ? 0.84 : 0);
  return Math.round(Math.min(map.width * ratio, Math.max(300, 0.85 * window.innerHeight)));
}

/** Return the view that shows the box around the places, with the northernmost places below the title. */
export function fittedView(map, title = 0) {
  const [left, top, right, bottom] = map.world.core, inset = Math.max(0, title - TOP_MARGIN), high = map.height - inset;
  const k = Math.min(map.width / (right - left), high / (bottom - top));
  return { k, x: (map.width - k * (left + right)) / 2, y: inset + (high - k * (top + bottom)) / 2 };
}

export function boundedView(map, { k, x, y }) {
  const { width, height } = map.world;
  const zoom = clamp(k, map.fit.k, DEEPEST * map.fit.k);
  if (zoom <= map.fit.k * 1.001) return map.fit;
  const within = (at, size, room) => clamp(at, room / 2 - zoom * size, room / 2);
  return { k: zoom, x: within(x, width, map.width), y: within(y, height, map.height) };
}

/** Return the size of marks and lines relative to an unzoomed map that is 700 pixels wide. */
export function scale(map) {
  const zoom = Math.sqrt(map.view.k / map.fit.k);
  return clamp(map.width / 700, 0.72, 1.2) * Math.min(zoom, 1.8);
}

export function onStage(map, x, y) {
  return [map.view.x + map.view.k * x, map.view.y + map.view.k * y];
}

export function inWorld(map, ctx) {
  const { k, x, y } = map.view, ratio = pixelRatio();
  ctx.setTransform(ratio * k, 0, 0, ratio * k, ratio * x, ratio * y);
}

export function paintGround(map) {
  const ctx = prepareCanvas(map.layers.ground, map.width, map.height);
  const { fills, states, border } = map.world, { k } = map.view;
  ctx.fillStyle = PALETTE.water;
  ctx.fillRect(0, 0, map.width, map.height);
  ctx.save();
  inWorld(map, ctx);
  Object.assign(ctx, { lineJoin: "round", lineCap: "round" });
  for (const [colour, land] of fills) {
    fill(ctx, land, colour);
    stroke(ctx, land, PALETTE.land_edge, 1 / k);
  }
  stroke(ctx, states, "rgba(160,172,182,.5)", 0.5 / k);
  stroke(ctx, border, PALETTE.border, 1.6 / k);
  ctx.restore();
  drawNames(map, ctx);
}

function drawNames(map, ctx) {
  ctx.textAlign = "center";
  map.nameBoxes = [];
  for (const [key, x, y, sea] of map.world.names) {
    ctx.font = `${sea ? "italic " : ""}${map.width < NARROW ? 10 : 11.5}px ${FONT}`;
    Object.assign(ctx, { letterSpacing: sea ? "0px" : "2px", fillStyle: PALETTE.names[sea ? 1 : 0] });
    const text = map.words[key] || "", half = ctx.measureText(text).width / 2 + 3, [px, py] = onStage(map, x, y);
    const spots = MOVES.filter(([dx]) => !sea || Math.abs(dx) <= AFLOAT)
      .map(([dx, dy], cost) => ({ box: [px + dx - half, py + dy - 11, px + dx + half, py + dy + 4], cost }));
    const { box } = freeSpot(map, spots, map.coveredBoxes, []) ?? {};
    if (!box) continue;
    map.nameBoxes.push(box);
    ctx.fillText(text, (box[0] + box[2]) / 2, box[3] - 4);
  }
}

/** Draw a layer over the whole frame, which the ground clears first, and return the frame's context. */
export function drawLayer({ layers, width, height }, name) {
  const ctx = name === "ground" ? prepareCanvas(layers.live, width, height) : layers.live.getContext("2d");
  ctx.save();
  ctx.resetTransform();
  ctx.drawImage(layers[name], 0, 0, layers.live.width, layers.live.height);
  ctx.restore();
  return ctx;
}

/** Return the spot (a box with a cost) on the stage that overlaps no taken box and covers least, or null.
 * Points are [x, y, weight, reach]. A point costs its weight if the box comes as near as its reach. */
export function freeSpot(map, spots, taken, points, limit = Infinity) {
  let best = null, lowest = limit;
  for (const spot of spots) {
    const [left, top, right, bottom] = spot.box;
    if (left < 2 || top < 2 || right > map.width - 2 || bottom > map.height - 2) continue;
    if (taken.some((box) => left < box[2] && box[0] < right && top < box[3] && box[1] < bottom)) continue;
    const cost = points.reduce((sum, [x, y, weight, reach]) =>
      sum + weight * (x > left - reach && x < right + reach && y > top - reach && y < bottom + reach), spot.cost);
    if (cost < lowest) [best, lowest] = [spot, cost];
  }
  return best;
}
