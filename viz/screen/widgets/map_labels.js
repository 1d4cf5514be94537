// Positions of names and of numbers of deaths, which are computed when the view changes and not per frame.

import { FONT, circle, clamp, fill, outlinedText, prepareCanvas, stroke, strokeLine } from "./page.js";
import { placeStations } from "./map_journey.js";
import { freeSpot, onStage, scale } from "./map_world.js";

const SIZE = 11.5, LARGE = 12.5;
const DEATH_TAG = [46, 15];
const SMALL = 520;
const GAPS = [[7, 0], [12, 4], [18, 12], [27, 26]];

/** Place the deaths of the sectors above the border. Neighbours whose tags would overlap share a tag. */
export function placeDeathTags(map) {
  const { places, sectors } = map.world;
  const main = places.filter((place) => place.inside && place.label).map(({ x, y }) => [...onStage(map, x, y), 3, 5]);
  const rings = ringPlaces(map).map((at) => [...at, 3, 9 * scale(map)]);
  const obstacles = [...main, ...rings, ...legPoints(map, 0.5)];
  const tags = sectors.flatMap(({ at }, index) =>
    (at ? [{ sectors: [index], ...tagSpot(map, onStage(map, ...at), obstacles) }] : []));
  for (let i = 1; i < tags.length; ) {
    const [a, b] = [tags[i - 1], tags[i]], count = a.sectors.length;
    if (Math.abs(b.x - a.x) >= DEATH_TAG[0] || Math.abs(b.y - a.y) >= DEATH_TAG[1]) i += 1;
    else {
      const x = (count * a.x + b.x) / (count + 1);
      tags.splice(i - 1, 2, { sectors: [...a.sectors, ...b.sectors], x, y: Math.min(a.y, b.y) });
      i = Math.max(1, i - 1);
    }
  }
  return tags;
}

/** Return the position near a sector's middle, preferably above it, at which a number covers least. */
function tagSpot(map, [x, y], obstacles) {
  const far = (map.show.stops ? 25 : 14) * scale(map), [width, height] = DEATH_TAG;
  const moves = [[-8, -far], [10, -0.7 * far], [-width + 2, -0.7 * far], [far - 2, 2], [4 - width - 0.4 * far, 2]];
  const spots = moves.map(([dx, dy], i) => {
    const box = [x + dx - 7, y + dy - height / 2, x + dx + width - 10, y + dy + height / 2];
    return { x: x + dx, y: y + dy, box, cost: 0.7 * i };
  });
  return freeSpot(map, spots, [...map.coveredBoxes, ...map.nameBoxes], obstacles) ?? spots[0];
}

function ringPlaces(map) {
  const { show, world } = map;
  return world.sectors.flatMap(({ at }) => ((show.stops || show.agents) && at ? [onStage(map, ...at)] : []));
}

function markBoxes(map) {
  const mexico = mexicoTag(map), deaths = map.deathTags.map(({ x, y }) => [x, y]);
  const around = (size) => ([x, y]) => [x - size, y - size, x + size, y + size];
  if (map.show.deaths && mexico) deaths.push([...mexico, 60]); // This tag also has the words "in Mexico".
  return [
    ...deaths.map(([x, y, more = 0]) => [x - 8, y - 9, x + DEATH_TAG[0] + more - 10, y + 8]),
    ...ringPlaces(map).map(around(9 * scale(map))), ...placeStations(map).map(([, ...at]) => around(9)(at)),
    ...(map.placedCallouts ?? []).flatMap(({ box, leader }) => [box, ...leader.map(around(4))]),
  ];
}

export function placeLabels(map) {
  const ctx = map.layers.labels.getContext("2d"), inside = map.world.places.filter((place) => place.inside);
  const taken = [...markBoxes(map), ...map.coveredBoxes, ...map.nameBoxes];
  const points = inside.map(({ x, y }) => [...onStage(map, x, y), 5, 0]);
  const limit = map.width < SMALL ? 14 : 24, legs = legPoints(map, 1.2), zoomed = map.view.k / map.fit.k > 1.7;
  const places = inside.filter(({ label }) => label || zoomed).sort((a, b) => b.large - a.large || a.rank - b.rank);
  return places.flatMap((place) => {
    ctx.font = labelFont(place);
    const [x, y] = onStage(map, place.x, place.y), spots = possibleSpots(x, y, ctx.measureText(place.short).width);
    // A name close to another place would look like the name of that place.
    const others = points.filter(([px, py]) => Math.hypot(px - x, py - y) > 14).map(([px, py]) => [px, py, 5, 6]);
    const spot = freeSpot(map, spots, taken, [...points, ...others, ...legs], place.large ? 48 : limit);
    if (!spot) return [];
    taken.push(spot.box);
    return [{ place, ...spot }];
  });
}

function labelFont(place) {
  return place.large ? `600 ${LARGE}px ${FONT}` : `${SIZE}px ${FONT}`;
}

export function mexicoTag(map) {
  const name = map.world.names.find(([key]) => key === "name_mexico");
  if (!name) return null;
  const [x, y] = onStage(map, name[1], name[2]);
  return [x - 38, y + 13];
}

/** Return points with a weight and a reach about every 14 pixels along the corridors. */
export function legPoints({ view, world }, weight, reach = 0, sections = world.sections) {
  const stride = Math.max(1, Math.round(3.5 / view.k));
  const rows = sections.flatMap((section) => section.rows.filter((_, i, all) => i % stride === 0 || i === all.length - 1));
  return rows.map(([x, y]) => [...onStage({ view }, x, y), weight, reach]);
}

/** Return points along the drawn ribbons, each with its ribbon's reach, so that texts lie beside ribbons. */
export function ribbonPoints(map) {
  return (map.flows ?? []).flatMap(({ section, width }) => legPoints(map, 20, width / 2 + 5, [section]));
}

function possibleSpots(x, y, width) {
  return GAPS.flatMap(([gap, distanceCost]) => [
    [gap, 4, 0], [-gap, 4, 1], [0.6 * gap, -gap, 0], [-0.6 * gap, -gap, 1],
    [0.6 * gap, gap + 8, 0], [-0.6 * gap, gap + 8, 1], [0, -gap - 1, 0.5], [0, gap + 9, 0.5],
  ].map(([dx, dy, share], i) => {
    const left = x + dx - share * width;
    const box = [left - 2, y + dy - SIZE, left + width + 2, y + dy + 3];
    return { dx: dx - share * width, dy, box, cost: distanceCost + 0.35 * i, lead: distanceCost >= 12 };
  }));
}

export function paintLabels(map) {
  const ctx = prepareCanvas(map.layers.labels, map.width, map.height);
  ctx.textAlign = "left";
  for (const { place, dx, dy, box, lead } of map.labels) {
    const [x, y] = onStage(map, place.x, place.y);
    const nearest = clamp(0, dx, dx + box[2] - box[0] - 4);
    if (lead) strokeLine(ctx, PALETTE.muted, 0.7, x, y, x + nearest, y + dy - 4);
    ctx.font = labelFont(place);
    outlinedText(ctx, place.short, x + dx, y + dy, PALETTE.ink);
  }
  for (const callout of map.placedCallouts) drawCallout(ctx, callout);
  if (!window.tbPixelRatio) drawCorners(map, ctx);
}

/** Round a map's corners with the colours around it, because browsers compose a clipped picture more slowly. */
function drawCorners({ stage, width, height }, ctx) {
  const style = getComputedStyle(stage), outline = new Path2D(), edge = style.getPropertyValue("--tb-edge");
  outline.rect(-9, -9, width + 18, height + 18);
  outline.roundRect(-0.5, -0.5, width + 1, height + 1, parseFloat(style.borderTopLeftRadius) + 0.5);
  ctx.fillStyle = style.getPropertyValue("--tb-around") || "#fff";
  ctx.fill(outline, "evenodd");
  if (edge) stroke(ctx, outline, edge, 1);
}

const TEXT = 13, LINE = 17, INSET = 10;
const DISTANCES = [46, 66, 90, 118, 150, 185, 225], DIRECTIONS = 24;
/** Cost above which a text would cover ribbons, and is left out. */
const MOST_COVERED = 70;

/** Place texts with leaders to their points {x, y, text} where they cover least. "*" encloses bold parts. */
export function placeCallouts(map, callouts, points) {
  const ctx = map.layers.labels.getContext("2d"), placed = [];
  const taken = [...map.coveredBoxes, ...map.nameBoxes, ...map.labels.map(({ box }) => box), ...markBoxes(map)];
  for (const callout of callouts) {
    const lines = callout.text.split("\n").map((line) => line.split("*")), height = 7 + LINE * lines.length;
    const width = 2 * INSET + Math.max(...lines.map((parts) => writeParts(ctx, parts)));
    const spots = spotsAround(callout, width, height).map((spot) => ({ ...spot, cost: spot.cost + leaderCost(leaderOf(callout, spot.box), taken) }));
    const { box } = freeSpot(map, spots, taken, points, MOST_COVERED) ?? {};
    if (!box) continue;
    taken.push(box);
    placed.push({ ...callout, lines, box, leader: leaderOf(callout, box) });
  }
  return placed;
}

function spotsAround({ x, y }, width, height) {
  return DISTANCES.flatMap((distance) => Array.from({ length: DIRECTIONS }, (_, i) => {
    const angle = (2 * Math.PI * i) / DIRECTIONS;
    const left = x + Math.cos(angle) * (distance + width / 3) - width / 2, top = y + Math.sin(angle) * (distance + height / 3) - height / 2;
    return { box: [left, top, left + width, top + height], cost: distance / 20 };
  }));
}

/** Return points on the leader from a place to the box of its text. */
function leaderOf({ x, y }, [left, top, right, bottom]) {
  const end = [clamp(x, left, right), clamp(y, top, bottom)];
  return [0.15, 0.3, 0.45, 0.6, 0.75, 0.9, 1].map((share) => [x + share * (end[0] - x), y + share * (end[1] - y)]);
}

/** Return the cost of a leader for the boxes that it crosses. */
function leaderCost(leader, boxes) {
  return 30 * boxes.filter((box) => leader.some(([x, y]) => x > box[0] && x < box[2] && y > box[1] && y < box[3])).length;
}

/** Write parts of a text, every second part in bold, at a position if there is one. Return their width. */
function writeParts(ctx, parts, x, y) {
  return parts.reduce((width, part, i) => {
    ctx.font = `${i % 2 ? 700 : 400} ${TEXT}px ${FONT}`;
    if (y) ctx.fillText(part, x + width, y);
    return width + ctx.measureText(part).width;
  }, 0);
}

/** Draw a placed text in the colours of a world, with round or nearly square corners. */
export function drawCallout(ctx, { x, y, lines, box: [left, top, right, bottom], tones, round }) {
  const end = [clamp(x, left, right), clamp(y, top, bottom)], outline = new Path2D();
  strokeLine(ctx, "#fff", 3, x, y, ...end);
  strokeLine(ctx, PALETTE.ink, 1.2, x, y, ...end);
  fill(ctx, circle(x, y, 2.6), PALETTE.ink);
  outline.roundRect(left, top, right - left, bottom - top, round ? (bottom - top) / 2 : 4);
  fill(ctx, outline, "#fff");
  stroke(ctx, outline, tones.colour, 1.6);
  Object.assign(ctx, { textAlign: "left", fillStyle: PALETTE.ink });
  lines.forEach((parts, i) => writeParts(ctx, parts, left + INSET, top + 16 + LINE * i));
}
