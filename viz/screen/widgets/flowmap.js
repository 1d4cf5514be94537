// The map of flows of one world: ribbons with people, stops, deaths, and further layers.

import { clamp } from "./page.js";
import { renderMap } from "./map_base.js";
import { paintJourney, paintStations, showEvent } from "./map_journey.js";
import { flowRows, paintDots, paintFlow, paintMarks } from "./map_paint.js";
import { decodeFrame } from "./map_world.js";

const KIND = {
  traits: ["full", "path", "shared", "stations", "show", "side"],
  layoutTraits: "words show full title side stations",
  paintTraits: "text selected path shared",
  frames: (map) => [{ side: map.side, frame: map.frame }],
  legendRows: flowRows, onTraits, readFrame, paintFrame,
};

const BETWEEN = 24;

export default { render };

function render(context) {
  return renderMap(context, KIND);
}

function onTraits(map) {
  map.tones = PALETTE.worlds[map.side === "B" ? 1 : 0];
  map.colour = map.tones.text;
}

/** Decode the newest frame; dots move continuously over up to 7 days, and jump over more. */
function readFrame(map) {
  map.needsLayout ||= !map.frame; // the legend has no figures yet
  map.frame = decodeFrame(map.model.get("frame"), map.world.layout);
  const day = map.frame ? map.frame.day[0] : 0, now = performance.now(), before = map.day ?? 0;
  const near = day > before && day - before <= 7 && !map.reducedMotion.matches && !document.hidden;
  map.glide = near ? { from: before, start: now, span: clamp(now - (map.arrived ?? 0), 30, 600) } : null;
  [map.day, map.arrived] = [day, now];
}

function paintFrame(map) {
  showEvent(map);
  paintFlow(map);
  paintJourney(map);
  paintMarks(map);
  paintStations(map);
  moveDots(map);
}

/** Move the dots until they reach the positions of the day; then stop the animation. */
function moveDots(map) {
  const { glide, day } = map, now = performance.now();
  const share = glide ? Math.min(1, (now - glide.start) / glide.span) : 1;
  if (share >= 1 || now - (map.moved ?? 0) >= BETWEEN) {
    paintDots(map, glide ? glide.from + share * (day - glide.from) : day ?? 0);
    map.moved = now;
  }
  if (share >= 1) map.glide = null;
  else if (!map.moving) {
    map.moving = true;
    requestAnimationFrame(() => {
      map.moving = false;
      if (map.root.isConnected) moveDots(map);
    });
  }
}
