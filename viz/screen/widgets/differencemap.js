// The map of differences: flows of B minus A, solid where B has more and striped where A has more.

import { renderMap } from "./map_base.js";
import { drawPlaces, drawRings, ribbonPath, widthOf } from "./map_paint.js";
import { decodeFrame, freeSpot, onStage, rowAt, sumOf } from "./map_world.js";
import { circle, clamp, fill, FONT, polyline, prepareCanvas, signed, stroke, strokeLine } from "./page.js";

const KIND = {
  traits: ["smallest"],
  layoutTraits: "words title smallest",
  paintTraits: "text selected",
  frames: (map) => ["A", "B"].map((side) => ({ side, frame: map.both?.[side] })),
  legendRows: differenceRows, readFrame, paintFrame,
};
/** Smallest difference at full width, persons a day; it grows with the largest difference so far. */
const LEAST_SCALE = 50;

export default { render };

function render(context) {
  return renderMap(context, KIND);
}

function readFrame(map) {
  const [a, b] = ["frame_a", "frame_b"].map((name) => decodeFrame(map.model.get(name), map.world.layout));
  map.both = { A: a, B: b };
  map.frame = a && b;
  const all = map.frame ? map.world.corridors.map((corridor, index) =>
    ({ corridor, index, flow: sumOf(corridor, b.flow) - sumOf(corridor, a.flow) })) : [];
  map.differences = all.filter(({ flow }) => Math.abs(flow) >= map.smallest)
    .sort((first, second) => Math.abs(second.flow) - Math.abs(first.flow));
  map.full = Math.max(LEAST_SCALE, map.full, Math.abs(map.differences[0]?.flow ?? 0));
}

function paintFrame(map) {
  paintDifferences(map);
  const ctx = prepareCanvas(map.layers.marks, map.width, map.height);
  drawPlaces(map, ctx);
  drawRings(map, ctx);
  paintDifferenceLabels(map, ctx);
}

/** A change has the colour of the world that has more. */
const [FEWER, MORE] = PALETTE.worlds;
const LABELS = [6, 4], NARROW_MAP = 480;
const APART = 100;
const MIN_SHARE = 0.15;
const DISTANCES = [46, 66, 90, 118], DIRECTIONS = 12;
const LABEL_HEIGHT = 24;
const STRIPE = 3;

function stripes(ctx, colour, pale) {
  const size = 4 * STRIPE, tile = document.createElement("canvas");
  Object.assign(tile, { width: size, height: size });
  const inner = tile.getContext("2d");
  inner.fillStyle = pale;
  inner.fillRect(0, 0, size, size);
  for (const at of [-size / 2, 0, size / 2, size]) strokeLine(inner, colour, 0.7 * STRIPE, at - 2, size + 2, at + size + 2, -2);
  const pattern = ctx.createPattern(tile, "repeat");
  pattern.setTransform(new DOMMatrix().scale(0.5));
  return pattern;
}

/** Draw a ribbon of more in B (solid), or of more in A (striped, with an outline). */
function drawRibbon(map, ctx, path, more) {
  if (!more) stroke(ctx, path, FEWER.colour, 1.5);
  fill(ctx, path, more ? MORE.colour : (map.stripes ??= stripes(ctx, FEWER.colour, FEWER.pale)));
}

/** Draw the differences, the largest first so that small ones are on top. */
function paintDifferences(map) {
  const ctx = prepareCanvas(map.layers.flow, map.width, map.height);
  ctx.lineJoin = "round";
  map.flows = map.differences.map((change) => ({ ...change, width: widthOf(map, Math.abs(change.flow)) }));
  const paths = map.flows.map(({ corridor, width }) => ribbonPath(map, corridor, width));
  for (const path of paths) stroke(ctx, path, "rgba(255,255,255,.85)", 2.6);
  paths.forEach((path, i) => drawRibbon(map, ctx, path, map.flows[i].flow > 0));
}

function labelled(map) {
  const chosen = [], threshold = MIN_SHARE * Math.abs(map.flows[0]?.flow ?? 0);
  for (const change of map.flows.filter(({ flow }) => Math.abs(flow) >= threshold)) {
    const [mx, my] = rowAt(change.corridor, change.corridor.length / 2), [x, y] = onStage(map, mx, my);
    const near = chosen.some((other) => Math.hypot(other.x - x, other.y - y) < APART);
    if (!near && x > 12 && y > 12 && x < map.width - 12 && y < map.height - 12) chosen.push({ ...change, x, y });
  }
  return chosen.slice(0, LABELS[map.width < NARROW_MAP ? 1 : 0]);
}

function paintDifferenceLabels(map, ctx) {
  ctx.font = `700 12.5px ${FONT}`;
  const taken = [...map.coveredBoxes, ...map.nameBoxes, ...map.labels.map(({ box }) => box)], points = ribbonPoints(map);
  map.callouts = [];
  for (const change of labelled(map)) {
    const text = map.words.a_day.replace("{n}", signed(change.flow, rounded(map, Math.abs(change.flow))));
    const { box } = freeSpot(map, spotsAround(change, ctx.measureText(text).width + 20), taken, points) ?? {};
    if (!box) continue;
    taken.push(box);
    map.callouts.push({ ...change, text, box });
  }
  for (const callout of map.callouts) drawCallout(map, ctx, callout);
}

function rounded(map, value) {
  return map.number(value < 100 ? Math.round(value) : Number(value.toPrecision(2)));
}

function ribbonPoints(map) {
  const points = [], step = 10 / map.view.k;
  for (const { corridor } of map.flows) {
    for (let at = 0; at <= corridor.length; at += step) points.push([...onStage(map, ...rowAt(corridor, at)), 4, 3]);
  }
  return points;
}

function spotsAround({ x, y }, width) {
  return DISTANCES.flatMap((distance) => Array.from({ length: DIRECTIONS }, (_, i) => {
    const angle = (2 * Math.PI * i) / DIRECTIONS;
    const left = x + Math.cos(angle) * (distance + width / 3) - width / 2, top = y + Math.sin(angle) * distance - LABEL_HEIGHT / 2;
    return { box: [left, top, left + width, top + LABEL_HEIGHT], cost: distance / 20 };
  }));
}

/** Draw a label with its leader: square for more in B, round for more in A. */
function drawCallout(map, ctx, { x, y, flow, text, box: [left, top, right, bottom] }) {
  const more = flow > 0, colour = (more ? MORE : FEWER).text;
  const end = [clamp(x, left, right), clamp(y, top, bottom)];
  strokeLine(ctx, "#fff", 3, x, y, ...end);
  strokeLine(ctx, PALETTE.ink, 1.1, x, y, ...end);
  fill(ctx, circle(x, y, 2.2), PALETTE.ink);
  const outline = new Path2D();
  outline.roundRect(left, top, right - left, LABEL_HEIGHT, more ? 2 : LABEL_HEIGHT / 2);
  fill(ctx, outline, "#fff");
  stroke(ctx, outline, colour, 1.6);
  Object.assign(ctx, { font: `700 12.5px ${FONT}`, textAlign: "center", fillStyle: colour });
  ctx.fillText(text, (left + right) / 2, bottom - 7.5);
}

function differenceRows(map) {
  const { words } = map, wedge = polyline([[2, 5], [56, 8], [56, 12], [2, 15]], true);
  const note = words.width.replace("{n}", map.number(map.smallest));
  return [
    [(ctx) => drawRibbon(map, ctx, wedge, true), words.more_b, words.more_b_note],
    [(ctx) => drawRibbon(map, ctx, wedge, false), words.more_a, words.more_a_note],
    [null, "", note],
  ];
}
