// The map of differences: flows of B minus A, solid where B has more and striped where A has more.

import { prepareCanvas } from "./page.js";
import { renderMap } from "./map_base.js";
import { differenceRows, paintDifferences, paintDifferenceLabels } from "./map_difference.js";
import { drawPlaces, drawRings, placesInView } from "./map_paint.js";
import { decodeFrame, sumOf } from "./map_world.js";

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

/** Decode both frames, and compute the differences of all corridors. */
function readFrame(map) {
  const [a, b] = ["frame_a", "frame_b"].map((name) => decodeFrame(map.model.get(name), map.world.layout));
  map.both = { A: a, B: b };
  map.frame = a && b;
  const found = a && b ? map.world.corridors.map((corridor, index) =>
    ({ corridor, index, flow: sumOf(corridor, b.flow) - sumOf(corridor, a.flow) })) : [];
  map.differences = found.filter(({ flow }) => Math.abs(flow) >= map.smallest)
    .sort((one, other) => Math.abs(other.flow) - Math.abs(one.flow));
  map.full = Math.max(LEAST_SCALE, map.full, Math.abs(map.differences[0]?.flow ?? 0));
}

function paintFrame(map) {
  paintDifferences(map);
  const ctx = prepareCanvas(map.layers.marks, map.width, map.height);
  drawPlaces(map, ctx, placesInView(map));
  drawRings(map, ctx);
  paintDifferenceLabels(map, ctx);
}
