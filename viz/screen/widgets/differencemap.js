// Map of differences: flows in B minus flows in A, solid where B has more and striped where A has more.

import { renderMap } from "./map_base.js";
import { drawCallout, placeCallouts, ribbonPoints } from "./map_labels.js";
import { drawPlaces, drawRings, fillRibbons, measureFlows, peoplePerPixel, ribbonPath, widthOf } from "./map_paint.js";
import { decodeFrame, middleOf, sumOf } from "./map_world.js";
import { fill, polyline, signed, stroke, strokeLine } from "./page.js";

const KIND = {
  name: "difference", traits: ["smallest"],
  layoutTraits: "words title smallest",
  paintTraits: "text selected", perPixel: PALETTE.sizes.difference_per_point,
  frames: (map) => ["A", "B"].map((side) => ({ side, frame: map.both?.[side] })),
  legendRows: differenceRows, readFrame, paintFrame,
};

export default { render };

function render(context) {
  return renderMap(context, KIND);
}

function readFrame(map) {
  const [a, b] = ["frame_a", "frame_b"].map((name) => decodeFrame(map.model.get(name), map.world.layout));
  map.both = { A: a, B: b };
  map.frame = a && b;
  const { sections } = map.world;
  map.differences = map.frame ? sections.map((section) => sumOf(section, b.flow) - sumOf(section, a.flow)) : [];
}

function paintFrame(map, ctx) {
  paintDifferences(map, ctx);
  drawPlaces(map, ctx);
  drawRings(map, ctx);
  paintDifferenceLabels(map, ctx);
}

/** A change has the colour of the world that has more people. */
const [FEWER, MORE] = PALETTE.worlds;
const LABELS = [6, 4], NARROW_MAP = 480;
const APART = 100;
const MIN_SHARE = 0.15;
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

/** Draw a ribbon, solid if B has more people, or striped with an outline if A has more. */
function drawRibbon(map, ctx, path, more) {
  if (!more) stroke(ctx, path, FEWER.colour, 1.5);
  fill(ctx, path, more ? MORE.colour : (map.stripes ??= stripes(ctx, FEWER.colour, FEWER.pale)));
}

function paintDifferences(map, ctx) {
  measureFlows(map, map.differences, map.smallest);
  const ribbons = map.ribbons.map((rows) => [ribbonPath(map, rows), map.values[rows[0][5].index] > 0]);
  fillRibbons(map, ctx, "#fff", PALETTE.sizes.casing);
  for (const [path, more] of ribbons) drawRibbon(map, ctx, path, more);
}

/** Return the largest differences that are far from one another, with the middles of their sections. */
function labelled(map) {
  const chosen = [], threshold = MIN_SHARE * Math.abs(map.flows[0]?.flow ?? 0);
  for (const { section, flow } of map.flows.filter(({ flow }) => Math.abs(flow) >= threshold)) {
    const [x, y] = middleOf(map, section);
    const near = chosen.some((other) => Math.hypot(other.x - x, other.y - y) < APART);
    if (!near && x > 12 && y > 12 && x < map.width - 12 && y < map.height - 12) chosen.push({ flow, x, y });
  }
  return chosen.slice(0, LABELS[map.width < NARROW_MAP ? 1 : 0]);
}

/** Draw the labels, square if B has more people and round if A has more. */
function paintDifferenceLabels(map, ctx) {
  const texts = labelled(map).map((change) => {
    const number = signed(change.flow, rounded(map, Math.abs(change.flow)));
    return { ...change, text: `*${map.words.a_day.replace("{n}", number)}*`, tones: change.flow > 0 ? MORE : FEWER, round: change.flow < 0 };
  });
  map.callouts = placeCallouts(map, texts, ribbonPoints(map));
  for (const callout of map.callouts) drawCallout(ctx, callout);
}

function rounded(map, value) {
  return map.number(value < 100 ? Math.round(value) : Number(value.toPrecision(2)));
}

/** Return the rows of the legend, whose samples are as wide as a ribbon with the number in the note. */
function differenceRows(map) {
  const { words } = map, people = 8 * peoplePerPixel(map), half = widthOf(map, people) / 2;
  const bar = polyline([[2, 20 - half], [56, 20 - half], [56, 20 + half], [2, 20 + half]], true);
  const note = words.width.replace("{width}", map.number(people)).replace("{n}", map.number(map.smallest));
  return [
    [(ctx) => drawRibbon(map, ctx, bar, true), 58, words.more_b, words.more_b_note],
    [(ctx) => drawRibbon(map, ctx, bar, false), 58, words.more_a, words.more_a_note],
    [null, 0, "", note],
  ];
}
