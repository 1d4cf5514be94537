// The inset on the map of a followed person: the map shows the whole route, the inset its current part.

import { addElement, clamp, prepareCanvas, stroke, strokeLine, polyline } from "./page.js";
import { paintLabels, placeLabels } from "./map_labels.js";
import { paintJourney, paintStations } from "./map_journey.js";
import { drawPlaces, drawRings, placesInView } from "./map_paint.js";
import { onStage, paintGround } from "./map_world.js";

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
  const part = currentPart(map), shown = part.length > 0 && map.view === map.fit;
  if (shown !== !!map.inset?.shown) show(map, shown);
  if (!shown) return;
  const [width, height] = SHARE.map((share, i) => Math.round(clamp(share * [map.width, map.height][i], LEAST[i], LARGEST_INSET[i])));
  const inner = innerMap(map, width, height, viewOf(map, part, width, height));
  drawFrame(map, inner);
  drawGround(map.inset, inner, map);
  const ctx = prepareCanvas(inner.layers.flow, width, height);
  paintJourney(inner);
  drawPlaces(inner, ctx, placesInView(inner));
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
  const ends = (axis) => [Math.min(...part.map((one) => one[axis])), Math.max(...part.map((one) => one[axis]))];
  const [[left, right], [top, bottom]] = [ends("x"), ends("y")];
  const wanted = Math.min((width - 2 * ROOM) / (right - left), (height - 2 * ROOM) / (bottom - top));
  const k = clamp(wanted, NEAREST * map.fit.k, FARTHEST_IN * map.fit.k);
  const [x, y] = k > wanted ? [part[0].x, part[0].y] : [(left + right) / 2, (top + bottom) / 2];
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

/** Show or hide the inset. */
function show(map, shown) {
  if (!map.inset) {
    const root = addElement("div", "tb-inset", map.stage, { "aria-hidden": "true" });
    const layers = Object.fromEntries(["ground", "over", "names"].map((name) => [name, addElement("canvas", "", root)]));
    map.inset = { root, layers };
  }
  map.inset.shown = shown;
  map.inset.root.hidden = !shown;
  map.root.classList.toggle("tb-with-inset", shown);
  map.requestLayout();
}
