// The world made ready: lines as paths and tables, the view, the ground under everything.

import { FONT, clamp, pixelRatio, sharpen } from "./page.js";

/** Length units between two rows of a table of points along a leg. */
const STEP = 2;
/** Widest and narrowest maps between which the view closes in on the places. */
const WIDE = 700, NARROW = 420;
const DEEPEST = 10;

/** A world before one was sent. */
const EMPTY = {
  width: 800, height: 554, core: [0, 0, 800, 554], land: [], names: [], places: [], reading: [], sectors: [],
  legs: [], layout: {}, marks: {}, palette: { flow: ["#0072B2"] },
};

/** Paths and tables of a world as sent; done once. */
export function prepare(sent) {
  const world = { ...EMPTY, ...sent };
  const legs = world.legs.map((leg) => ({ ...leg, ...traced(leg.points) }));
  const fills = new Map();
  const states = new Path2D();
  for (const { layer, fill, d } of world.land) {
    if (layer === "us_state") states.addPath(new Path2D(d));
    else fills.set(fill, (fills.get(fill) || new Path2D()));
    if (layer !== "us_state") fills.get(fill).addPath(new Path2D(d));
  }
  return { ...world, legs, fills, states };
}

/** A line as a path, its length, and a table x, y, dx, dy every STEP along it. */
function traced(points) {
  const path = new Path2D();
  const table = [];
  let left = 0, length = 0;
  for (let i = 0; i + 3 < points.length; i += 2) {
    const [x, y, x1, y1] = points.slice(i, i + 4);
    const far = Math.hypot(x1 - x, y1 - y) || 1e-9;
    const [dx, dy] = [(x1 - x) / far, (y1 - y) / far];
    if (i === 0) path.moveTo(x, y);
    path.lineTo(x1, y1);
    for (; left <= far; left += STEP) table.push(x + dx * left, y + dy * left, dx, dy);
    left -= far;
    length += far;
  }
  return { path, length, table: Float32Array.from(table) };
}

/** Row of a leg's table at so many units from its start. */
export function rowAt(leg, units) {
  return 4 * clamp(Math.round(units / STEP), 0, leg.table.length / 4 - 1);
}

/** The numbers of a frame by name; nothing for an empty one. */
export function decode(view, layout) {
  if (!view || !view.byteLength || !layout.day) return null;
  const kinds = { u1: Uint8Array, u2: Uint16Array, u4: Uint32Array };
  const fields = {};
  for (const [name, [offset, count, kind]] of Object.entries(layout)) {
    const from = view.byteOffset + offset;
    const bytes = count * kinds[kind].BYTES_PER_ELEMENT;
    fields[name] = new kinds[kind](view.buffer.slice(from, from + bytes)); // a copy starts even
  }
  return fields;
}

/** What must be seen: the whole window, or on a small screen the box of the places. */
function box(map) {
  const { width, height, core } = map.world;
  const close = clamp((WIDE - map.width) / (WIDE - NARROW), 0, 1);
  return [0, 0, width, height].map((edge, i) => edge + close * (core[i] - edge));
}

/** Height of the stage at its width. */
export function heightFor(map) {
  const [left, top, right, bottom] = box(map);
  const shape = Math.max((bottom - top) / (right - left), map.width < NARROW ? 0.84 : 0);
  return Math.round(Math.min(map.width * shape, Math.max(300, 0.85 * window.innerHeight)));
}

/** The view in which everything fits. */
export function fitted(map) {
  const [left, top, right, bottom] = box(map);
  const k = Math.min(map.width / (right - left), map.height / (bottom - top));
  return { k, x: (map.width - k * (left + right)) / 2, y: (map.height - k * (top + bottom)) / 2 };
}

/** A view as near as possible to the one asked for: not out of bounds, the middle on the map. */
export function bounded(map, { k, x, y }) {
  const { width, height } = map.world;
  const zoom = clamp(k, map.fit.k, DEEPEST * map.fit.k);
  if (zoom <= map.fit.k) return map.fit;
  const within = (at, size, room) => clamp(at, room / 2 - zoom * size, room / 2);
  return { k: zoom, x: within(x, width, map.width), y: within(y, height, map.height) };
}

/** How much larger marks and lines are than on a map 760 pixels wide, unzoomed. */
export function scale(map) {
  const zoom = Math.sqrt(map.view.k / map.fit.k);
  return clamp(map.width / 760, 0.72, 1.2) * Math.min(zoom, 1.8);
}

/** A point of the world on the stage. */
export function onStage(map, x, y) {
  return [map.view.x + map.view.k * x, map.view.y + map.view.k * y];
}

/** Let a pen draw in units of the world. */
export function inWorld(map, pen) {
  const { k, x, y } = map.view, ratio = pixelRatio();
  pen.setTransform(ratio * k, 0, 0, ratio * k, ratio * x, ratio * y);
}

/** Water, land, borders and the faint names; drawn when the view changes. */
export function paintGround(map) {
  const pen = sharpen(map.layers.ground, map.width, map.height);
  const { palette, fills, states } = map.world;
  pen.fillStyle = palette.water;
  pen.fillRect(0, 0, map.width, map.height);
  inWorld(map, pen);
  Object.assign(pen, { lineJoin: "round", lineWidth: 1 / map.view.k, strokeStyle: palette.land_edge });
  for (const [fill, path] of fills) {
    pen.fillStyle = fill;
    pen.fill(path);
    pen.stroke(path);
  }
  Object.assign(pen, { lineWidth: 0.5 / map.view.k, globalAlpha: 0.8 });
  pen.stroke(states);
  pen.globalAlpha = 1;
  names(map, sharpen(map.layers.ground, map.width, map.height));
}

/** Countries and seas. */
function names(map, pen) {
  pen.textAlign = "center";
  for (const [key, x, y, sea] of map.world.names) {
    const text = map.words[key] || "";
    pen.font = `${sea ? "italic " : ""}${map.width < NARROW ? 10 : 11.5}px ${FONT}`;
    pen.letterSpacing = sea ? "0px" : "2px";
    pen.fillStyle = sea ? "#7891a8" : "#97917d";
    pen.fillText(text, ...onStage(map, x, y));
  }
  pen.letterSpacing = "0px";
}
