// The journey of the followed person: its legs, the numbers of its events, and where the person is.

import { FONT, circle, fill, polyline, stroke } from "./page.js";
import { inWorld, onStage } from "./map_world.js";

/** Largest number of events shown at one place: the first ones and the last one. */
const STATIONS = 4;

/** Draw the legs of the followed person: dark where both worlds are the same, dashed for world B. */
export function paintJourney(map) {
  const ctx = map.layers.flow.getContext("2d");
  const { k } = map.view, shared = corridorsOf(map, map.shared);
  const own = corridorsOf(map, map.path).filter((one) => !shared.includes(one));
  ctx.save();
  inWorld(map, ctx);
  ctx.lineCap = "butt";
  const draw = (legs, colour, width, dash = []) => {
    ctx.setLineDash(dash.map((length) => length / k));
    for (const { path } of legs) stroke(ctx, path, colour, width / k);
  };
  draw([...own, ...shared], "#fff", 8);
  draw(own, map.tones.fill, 4.6, map.side === "B" ? [9, 4] : []);
  draw(shared, PALETTE.ink, 4.6);
  ctx.restore();
}

function corridorsOf(map, legs) {
  const { corridors, corridorOf } = map.world;
  return [...new Set(legs.filter((leg) => corridorOf.has(leg)).map((leg) => corridors[corridorOf.get(leg)]))];
}

/** Draw the event numbers of the followed person at their places, side by side at a shared place. */
export function paintStations(map) {
  const ctx = map.layers.marks.getContext("2d"), here = map.world.places[map.at];
  const byPlace = new Map(map.stations.map(([place]) => [place, []]));
  for (const one of map.stations) byPlace.get(one[0]).push(one);
  for (const [place, own] of byPlace) {
    const { x, y } = map.world.places[place], [left, top] = onStage(map, x, y);
    const shown = own.length > STATIONS ? [...own.slice(0, STATIONS - 1), own.at(-1)] : own;
    const aside = left + 17 * shown.length > map.width ? -17 : 17;
    shown.forEach(([, number, same], i) => {
      const colour = same ? PALETTE.ink : map.tones.fill;
      station(ctx, left + aside * i, top, number, colour, !same && map.side === "B");
    });
  }
  if (here && !map.stations.length) pin(ctx, ...onStage(map, here.x, here.y), map.tones.fill);
}

/** A numbered event of the followed person: a disc, or the square of world B. */
function station(ctx, x, y, number, colour, square) {
  const outline = square ? polyline([[x - 8, y - 8], [x + 8, y - 8], [x + 8, y + 8], [x - 8, y + 8]], true) : circle(x, y, 8.5);
  stroke(ctx, outline, "#fff", 3);
  fill(ctx, outline, colour);
  Object.assign(ctx, { font: `700 11px ${FONT}`, textAlign: "center", fillStyle: "#fff" });
  ctx.fillText(number, x, y + 4);
  ctx.textAlign = "left";
}

/** The followed person: a pin with its point at the place. */
function pin(ctx, x, y, colour) {
  const outline = new Path2D();
  outline.arc(x, y - 15, 6.5, 0.8 * Math.PI, 0.2 * Math.PI);
  outline.lineTo(x, y - 2);
  outline.closePath();
  ctx.lineJoin = "round";
  fill(ctx, outline, colour);
  stroke(ctx, outline, PALETTE.layers.harm, 1.4);
  fill(ctx, circle(x, y - 15, 2.3), "#fff");
}
