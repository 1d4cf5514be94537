// The journey of the followed person: its legs, the numbers of its events, and where the person is.

import { paintLabels, placeLabels } from "./map_labels.js";
import { drawPlaces, drawRings } from "./map_paint.js";
import { inWorld, onStage, paintGround } from "./map_world.js";
import { addElement, circle, clamp, fill, FONT, polyline, prepareCanvas, square, stroke, strokeLine } from "./page.js";

/** Largest number of events shown at one place: the first ones and the last one. */
const STATIONS = 4;

/** Draw the legs of the followed person: dark where both worlds are the same, dashed for world B. */
export function paintJourney(map) {
  const ctx = map.layers.flow.getContext("2d");
  const { k } = map.view, shared = corridorsOf(map, map.shared);
  const apart = corridorsOf(map, map.path).filter((corridor) => !shared.includes(corridor));
  ctx.save();
  inWorld(map, ctx);
  ctx.lineCap = "butt";
  const draw = (legs, colour, width, dash = []) => {
    ctx.setLineDash(dash.map((length) => length / k));
    for (const { path } of legs) stroke(ctx, path, colour, width / k);
  };
  draw([...apart, ...shared], "#fff", 8);
  draw(apart, map.tones.fill, 4.6, map.side === "B" ? [9, 4] : []);
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
  for (const [place, events] of Map.groupBy(map.stations, ([place]) => place)) {
    const { x, y } = map.world.places[place], [left, top] = onStage(map, x, y);
    const visible = events.length > STATIONS ? [...events.slice(0, STATIONS - 1), events.at(-1)] : events;
    const aside = left + 17 * visible.length > map.width ? -17 : 17;
    visible.forEach(([, number, same], i) => {
      const colour = same ? PALETTE.ink : map.tones.fill;
      station(ctx, left + aside * i, top, number, colour, !same && map.side === "B");
    });
  }
  if (here && !map.stations.length) pin(ctx, ...onStage(map, here.x, here.y), map.tones.fill);
}

function station(ctx, x, y, number, colour, isSquare) {
  const outline = isSquare ? square(x, y, 8) : circle(x, y, 8.5);
  stroke(ctx, outline, "#fff", 3);
  fill(ctx, outline, colour);
  Object.assign(ctx, { font: `700 11px ${FONT}`, textAlign: "center", fillStyle: "#fff" });
  ctx.fillText(number, x, y + 4);
  ctx.textAlign = "left";
}

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

// ---- the inset -----------------------------------------------------------------------------------

/** Width and height as shares of the map, and their bounds in pixels. */
const SHARE = [0.38, 0.36], LEAST = [124, 96], LARGEST_INSET = [240, 190];
/** Space around the current part, and bounds of the zoom relative to the whole map. */
const ROOM = 22, NEAREST = 1.6, FARTHEST_IN = 5;
/** Distance of the inset from the corner of the map, pixels. */
const CORNER = 10;
/** Half of the width of a numbered event, which names must not cover. */
const STATION = 10;

/** Draw the inset while a person is followed and the whole map is shown; it moves with the current event. */
export function paintInset(map) {
  const part = currentPart(map), visible = part.length > 0 && map.view === map.fit;
  if (visible !== !!map.inset?.visible) show(map, visible);
  if (!visible) return;
  const [width, height] = SHARE.map((share, i) => Math.round(clamp(share * [map.width, map.height][i], LEAST[i], LARGEST_INSET[i])));
  const inner = innerMap(map, width, height, viewOf(map, part, width, height));
  drawFrame(map, inner);
  drawGround(map.inset, inner, map);
  const ctx = prepareCanvas(inner.layers.flow, width, height);
  paintJourney(inner);
  drawPlaces(inner, ctx);
  drawRings(inner, ctx);
  paintStations(inner);
}

/** Return the place of the current event, and those of the events before and after it. */
function currentPart(map) {
  const { places } = map.world, inside = (i) => places[i]?.inside;
  if (!map.path.length) return [];
  const events = map.stations.map(([place]) => place).filter(inside);
  const chosen = events.lastIndexOf(map.selected), now = chosen >= 0 ? chosen : events.length - 1;
  if (now < 0) return inside(map.at) ? [places[map.at]] : [];
  return [now, now - 1, now + 1].filter((i) => i in events).map((i) => places[events[i]]);
}

/** Return the view that shows a part, or as much of it around its first place as the zoom allows. */
function viewOf(map, part, width, height) {
  const ends = (axis) => [Math.min(...part.map((place) => place[axis])), Math.max(...part.map((place) => place[axis]))];
  const [[left, right], [top, bottom]] = [ends("x"), ends("y")];
  const fitting = Math.min((width - 2 * ROOM) / (right - left), (height - 2 * ROOM) / (bottom - top));
  const k = clamp(fitting, NEAREST * map.fit.k, FARTHEST_IN * map.fit.k);
  const [x, y] = k > fitting ? [part[0].x, part[0].y] : [(left + right) / 2, (top + bottom) / 2];
  return { k, x: width / 2 - k * x, y: height / 2 - k * y };
}

/** Return a map of the size of the inset, which the functions of a map draw. */
function innerMap(map, width, height, view) {
  const { ground, over, names } = map.inset.layers, layers = { ground, flow: over, marks: over, labels: names };
  return { ...map, width, height, view, layers, focus: -1, show: {}, deathTags: [] };
}

/** Draw land and names again only if the view, the events or the language have changed. */
function drawGround(inset, inner, map) {
  const key = JSON.stringify([inner.view, inner.width, inner.height, inner.stations]);
  if (inset.key === key && inset.world === inner.world) return;
  Object.assign(inset, { key, world: inner.world });
  inset.root.style.cssText = `width:${inner.width}px;height:${inner.height}px`;
  map.root.style.setProperty("--tb-inset", `${inner.width + CORNER}px`);
  inner.coveredBoxes = inner.stations.map(([place]) => {
    const [x, y] = onStage(inner, inner.world.places[place].x, inner.world.places[place].y);
    return [x - STATION, y - STATION, x + STATION, y + STATION];
  });
  paintGround(inner);
  inner.labels = placeLabels(inner);
  paintLabels(inner);
  map.requestLayout(); // the inset must not cover names on the map
}

/** Draw the frame of the enlarged part on the map, with lines to the inset. */
function drawFrame(map, { view: { k, x, y }, width, height }) {
  const ctx = map.layers.marks.getContext("2d"), { ink } = PALETTE;
  const [[left, top], [right, bottom]] = [[0, 0], [width, height]].map(([px, py]) => onStage(map, (px - x) / k, (py - y) / k));
  const [foot, head] = [map.height - CORNER, map.height - CORNER - height];
  stroke(ctx, polyline([[left, top], [right, top], [right, bottom], [left, bottom]], true), ink, 1.2);
  ctx.globalAlpha = 0.4;
  strokeLine(ctx, ink, 0.8, left, top, CORNER, head);
  strokeLine(ctx, ink, 0.8, right, bottom, CORNER + width, foot);
  ctx.globalAlpha = 1;
}

function show(map, visible) {
  if (!map.inset) {
    const root = addElement("div", "tb-inset", map.stage, { "aria-hidden": "true" });
    const layers = Object.fromEntries(["ground", "over", "names"].map((name) => [name, addElement("canvas", "", root)]));
    map.inset = { root, layers };
  }
  map.inset.visible = visible;
  map.inset.root.hidden = !visible;
  map.root.classList.toggle("tb-with-inset", visible);
  map.requestLayout();
}
