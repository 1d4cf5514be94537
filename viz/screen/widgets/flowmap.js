// Map of flows in one world: ribbons with people, stops, deaths, and further layers.

import { renderMap } from "./map_base.js";
import { journeyRows, paintJourney, paintStations, showEvent } from "./map_journey.js";
import { flowRows, paintDots, paintFlow, paintMarks } from "./map_paint.js";
import { placeCallouts, ribbonPoints } from "./map_labels.js";
import { decodeFrame, middleOf, onStage } from "./map_world.js";

const KIND = {
  name: "flow", traits: ["path", "shared", "stations", "show", "side", "callouts"],
  layoutTraits: "words show title side stations",
  paintTraits: "text selected path shared", perPixel: PALETTE.sizes.people_per_point,
  frames: (map) => [{ side: map.side, frame: map.frame }],
  legendRows: (map) => (map.follows ? journeyRows : flowRows)(map), sharesLegend: true, onTraits, readFrame, paintFrame, calloutsOf,
};

/** Milliseconds between two positions of the dots, which gives ten per second. */
const BETWEEN = 100, SLOW = 400, SMALL = 520;

export default { render };

function render(context) {
  return renderMap(context, KIND);
}

function onTraits(map) {
  map.tones = PALETTE.worlds[map.side === "B" ? 1 : 0];
  map.colour = map.tones.text;
  map.needsLayout ||= Boolean(map.path.length) !== map.follows; // The map of a followed person has no callouts.
  map.follows = Boolean(map.path.length);
  if (map.follows) map.show = { flow: true };
}

/** Decode the newest frame. If days pass slowly, dots move between the days. */
function readFrame(map) {
  map.needsLayout ||= !map.frame; // The legend has no numbers before the first frame.
  map.frame = decodeFrame(map.model.get("frame"), map.world.layout);
  const day = map.frame ? map.frame.day[0] : 0, now = performance.now(), before = map.day ?? 0;
  const slow = day > before && day - before <= 7 && now - (map.arrived ?? now) >= SLOW && !map.reducedMotion.matches && !document.hidden;
  map.glide = slow ? { from: before, start: now, span: 600 } : null;
  [map.day, map.arrived] = [day, now];
}

/** Draw the frame, and repeat this with moved dots until the dots reach the day's positions. */
function paintFrame(map, ctx) {
  const { glide, day } = map, share = glide ? Math.min(1, (performance.now() - glide.start) / glide.span) : 1;
  showEvent(map);
  paintFlow(map, ctx);
  paintDots(map, ctx, glide ? glide.from + share * (day - glide.from) : day ?? 0);
  paintJourney(map, ctx);
  paintMarks(map, ctx);
  paintStations(map, ctx);
  clearTimeout(map.timer);
  if (share >= 1) map.glide = null;
  else map.timer = setTimeout(() => map.root.isConnected && map.repaint(), BETWEEN);
}

/** Return the positions of the callouts [kind, index, text], each next to its place or section. */
function calloutsOf(map) {
  const { places, sections } = map.world, { tones } = map;
  const callouts = map.path.length ? [] : map.callouts.slice(0, map.width < SMALL ? 1 : 2).map(([kind, index, text]) => {
    const [x, y] = kind === "place" ? onStage(map, places[index].x, places[index].y) : middleOf(map, sections[index]);
    return { x, y, text, tones };
  });
  const cities = places.filter(({ inside, label }) => inside && label).map(({ x, y }) => [...onStage(map, x, y), 4, 8]);
  return placeCallouts(map, callouts, [...ribbonPoints(map), ...cities]);
}
