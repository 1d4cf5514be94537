// Journey of the followed person: its legs, and the numbers of its events.

import { setView } from "./map_input.js";
import { inWorld, onStage } from "./map_world.js";
import { circle, clamp, fill, FONT, square, stroke, strokeLine } from "./page.js";

/** Places of numbers next to their event's place, in rows of four. */
const SLOTS = Array.from({ length: 40 }, (_, i) => [17 * (i % 4), 17 * Math.floor(i / 4)]);

/** Draw the legs of the followed person: dark where both worlds are the same, dashed for world B. */
export function paintJourney(map, ctx) {
  const { k } = map.view, shared = sectionsOf(map, map.shared);
  const apart = sectionsOf(map, map.path).filter((section) => !shared.includes(section));
  ctx.save();
  inWorld(map, ctx);
  ctx.lineCap = "butt";
  const draw = (sections, colour, width, dash = []) => {
    ctx.setLineDash(dash.map((length) => length / k));
    for (const { path } of sections) stroke(ctx, path, colour, width / k);
  };
  draw([...apart, ...shared], "#fff", 8);
  draw(apart, map.tones.fill, 4.6, map.side === "B" ? [9, 4] : []);
  draw(shared, PALETTE.ink, 4.6);
  ctx.restore();
}

function sectionsOf({ world: { legs, sections } }, path) {
  return [...new Set(path.flatMap((leg) => legs[leg].course.map((i) => sections[Math.max(i, ~i)])))];
}

/** Place the number [number, x, y, same] of every event of the followed person at its place, or next to it if other numbers are there. */
export function placeStations(map) {
  map.drawnStations = [];
  for (const [place, number, same] of map.stations) {
    const { x, y } = map.world.places[place], [left, top] = onStage(map, x, y), side = left + 68 > map.width ? -1 : 1, down = top + 44 > map.height ? -1 : 1;
    const free = ([a, b]) => map.drawnStations.every(([, c, d]) => Math.hypot(a - c, b - d) >= 16.5);
    map.drawnStations.push([number, ...(SLOTS.map(([dx, dy]) => [left + side * dx, top + down * dy]).find(free) ?? [left, top]), same]);
  }
  return map.drawnStations;
}

export function paintStations(map, ctx) {
  for (const [number, x, y, same] of placeStations(map)) station(ctx, x, y, number, same ? PALETTE.ink : map.tones.fill, !same && map.side === "B");
}

function station(ctx, x, y, number, colour, isSquare) {
  const outline = isSquare ? square(x, y, 8) : circle(x, y, 8.5);
  stroke(ctx, outline, "#fff", 3);
  fill(ctx, outline, colour);
  Object.assign(ctx, { font: `700 11px ${FONT}`, textAlign: "center", fillStyle: "#fff" });
  ctx.fillText(number, x, y + 4);
  ctx.textAlign = "left";
}

/** Return the rows of the legend, as `flowRows` does, while a person is followed. */
export function journeyRows({ words }) {
  const line = (colour, dash = []) => (ctx) => {
    ctx.setLineDash(dash);
    strokeLine(ctx, colour, 4.6, 0, 20, 28, 20);
  };
  const only = PALETTE.worlds.map(({ fill: colour }, i) => [line(colour, i ? [9, 4] : []), 28, words.legend_only.replace("{side}", "AB"[i])]);
  const number = [(ctx) => station(ctx, 11, 20, 1, PALETTE.ink), 22, words.legend_event];
  return [[line(PALETTE.ink), 28, words.legend_same], ...only, number, [line(`${PALETTE.neutral.ribbon}66`), 28, words.legend_others]];
}

/** Pixels around the current part of the journey, and bounds of its zoom relative to the whole map. */
const ROOM = 60, NEAREST = 1.6, FARTHEST = 5;

/** Zoom to the selected event with the events before and after it, or show the whole map
 * if no person is followed. */
export function showEvent(map) {
  const { places } = map.world, events = map.stations.map(([place]) => place).filter((i) => places[i].inside);
  const chosen = map.path.length ? events.lastIndexOf(map.selected) : -1, key = chosen < 0 ? -1 : map.selected;
  if (key === map.eventShown) return;
  if (key >= 0) setView(map, viewOf(map, [chosen, chosen - 1, chosen + 1].filter((i) => i in events).map((i) => places[events[i]])));
  else if (!map.path.length) setView(map, map.fit);
  map.eventShown = key;
}

/** Return the view that shows a part of the journey, or as much around its first place as the zoom allows. */
function viewOf(map, part) {
  const ends = (axis) => [Math.min(...part.map((place) => place[axis])), Math.max(...part.map((place) => place[axis]))];
  const [[left, right], [top, bottom]] = [ends("x"), ends("y")];
  const fitting = Math.min((map.width - 2 * ROOM) / (right - left), (map.height - 2 * ROOM) / (bottom - top));
  const k = clamp(fitting, NEAREST * map.fit.k, FARTHEST * map.fit.k);
  const [x, y] = k > fitting ? [part[0].x, part[0].y] : [(left + right) / 2, (top + bottom) / 2];
  return { k, x: map.width / 2 - k * x, y: map.height / 2 - k * y };
}
