// The prepared world: legs as paths and tables, the view, and the base map.

import { FONT, clamp, fill, pixelRatio, polyline, prepareCanvas, stroke } from "./page.js";

/** Map units between two rows of the table of a leg. */
const STEP = 2;
/** Widths between which the view closes in on the places. */
const WIDE = 700, NARROW = 420;
const DEEPEST = 10;

/** Build paths and tables of a world, once. */
export function prepareWorld(world) {
  const legs = world.legs.map((leg) => ({ ...leg, ...traceLine(leg.points) }));
  const fills = new Map(), states = new Path2D();
  for (const { layer, fill, d } of world.land) {
    if (layer !== "us_state" && !fills.has(fill)) fills.set(fill, new Path2D());
    (layer === "us_state" ? states : fills.get(fill)).addPath(new Path2D(d));
  }
  return { ...world, legs, fills, states };
}

/** Return a line as a path, its length, and a table of x, y, dx, dy at every STEP. */
function traceLine(numbers) {
  const points = numbers.flatMap((x, i) => (i % 2 ? [] : [[x, numbers[i + 1]]]));
  const path = polyline(points), table = [];
  let left = 0, length = 0;
  for (let i = 1; i < points.length; i++) {
    const [[x, y], [x1, y1]] = points.slice(i - 1, i + 1);
    const distance = Math.hypot(x1 - x, y1 - y) || 1e-9;
    const [dx, dy] = [(x1 - x) / distance, (y1 - y) / distance];
    for (; left <= distance; left += STEP) table.push(x + dx * left, y + dy * left, dx, dy);
    left -= distance;
    length += distance;
  }
  return { path, length, table: Float32Array.from(table) };
}

/** Return x, y, dx, dy of a leg at a distance from its start. */
export function rowAt(leg, units) {
  const row = 4 * clamp(Math.round(units / STEP), 0, leg.table.length / 4 - 1);
  return leg.table.subarray(row, row + 4);
}

/** Return the fields of a frame by name; null for an empty frame. */
export function decodeFrame(view, layout) {
  if (!view?.byteLength) return null;
  const kinds = { u1: Uint8Array, u2: Uint16Array, u4: Uint32Array }, fields = {};
  for (const [name, [offset, count, kind]] of Object.entries(layout)) {
    const from = view.byteOffset + offset, bytes = count * kinds[kind].BYTES_PER_ELEMENT;
    fields[name] = new kinds[kind](view.buffer.slice(from, from + bytes)); // a copy is aligned
  }
  return fields;
}

/** Return the box that must be visible: the whole window, or on a small screen the box of the places. */
function visibleBox(map) {
  const { width, height, core } = map.world;
  const close = clamp((WIDE - map.width) / (WIDE - NARROW), 0, 1);
  return [0, 0, width, height].map((edge, i) => edge + close * (core[i] - edge));
}

export function stageHeight(map) {
  const [left, top, right, bottom] = visibleBox(map);
  const ratio = Math.max((bottom - top) / (right - left), map.width < NARROW ? 0.84 : 0);
  return Math.round(Math.min(map.width * ratio, Math.max(300, 0.85 * window.innerHeight)));
}

/** Return the view that shows the whole box. */
export function fittedView(map) {
  const [left, top, right, bottom] = visibleBox(map);
  const k = Math.min(map.width / (right - left), map.height / (bottom - top));
  return { k, x: (map.width - k * (left + right)) / 2, y: (map.height - k * (top + bottom)) / 2 };
}

/** Return the valid view nearest to a requested one: zoom within its limits, the centre on the map. */
export function boundedView(map, { k, x, y }) {
  const { width, height } = map.world;
  const zoom = clamp(k, map.fit.k, DEEPEST * map.fit.k);
  if (zoom <= map.fit.k) return map.fit;
  const within = (at, size, room) => clamp(at, room / 2 - zoom * size, room / 2);
  return { k: zoom, x: within(x, width, map.width), y: within(y, height, map.height) };
}

/** Return the size of marks and lines relative to an unzoomed map 760 pixels wide. */
export function scale(map) {
  const zoom = Math.sqrt(map.view.k / map.fit.k);
  return clamp(map.width / 760, 0.72, 1.2) * Math.min(zoom, 1.8);
}

/** Return the position of a map point on the stage. */
export function onStage(map, x, y) {
  return [map.view.x + map.view.k * x, map.view.y + map.view.k * y];
}

/** Let a context draw in map units. */
export function inWorld(map, ctx) {
  const { k, x, y } = map.view, ratio = pixelRatio();
  ctx.setTransform(ratio * k, 0, 0, ratio * k, ratio * x, ratio * y);
}

/** Draw water, land, borders and faint names; only when the view changes. */
export function paintGround(map) {
  const ctx = prepareCanvas(map.layers.ground, map.width, map.height);
  const { palette, fills, states } = map.world;
  ctx.fillStyle = palette.water;
  ctx.fillRect(0, 0, map.width, map.height);
  ctx.save();
  inWorld(map, ctx);
  ctx.lineJoin = "round";
  for (const [colour, land] of fills) {
    fill(ctx, land, colour);
    stroke(ctx, land, palette.land_edge, 1 / map.view.k);
  }
  ctx.globalAlpha = 0.8;
  stroke(ctx, states, palette.land_edge, 0.5 / map.view.k);
  ctx.restore();
  drawNames(map, ctx);
}

/** Draw the names of countries and seas. */
function drawNames(map, ctx) {
  ctx.textAlign = "center";
  for (const [key, x, y, sea] of map.world.names) {
    ctx.font = `${sea ? "italic " : ""}${map.width < NARROW ? 10 : 11.5}px ${FONT}`;
    Object.assign(ctx, { letterSpacing: sea ? "0px" : "2px", fillStyle: sea ? "#7891a8" : "#97917d" });
    ctx.fillText(map.words[key] || "", ...onStage(map, x, y));
  }
}
