// Positions of names and of the columns of the sectors, computed when the view changes, not per frame.

import { FONT, clamp, outlinedText, prepareCanvas, strokeLine } from "./page.js";
import { isInside, onStage, overlaps, scale } from "./map_world.js";

const SIZE = 11.5, LARGE = 12.5;
/** Width of a sector column with its margin; heights of a tag and of the column with the most agents recorded. */
const COLUMN_WIDTH = 27, TAG = 18, COLUMN = 30;
/** Width and height of a diamond with its number. */
const DEATH_TAG = [46, 15];
/** Width below which names may cover less of the map. */
const SMALL = 520;
/** Distances of a name from its place, and their costs. */
const GAPS = [[7, 0], [12, 4], [18, 12], [27, 26]];

/** Return the height of a column for a number of agents, at most twice the height of the record. */
export function columnHeight(map, agents) {
  const most = Math.max(...map.world.sectors.map((sector) => sector.agents));
  return scale(map) * COLUMN * Math.min(2, agents / most);
}

/** Place the columns of the sectors above the border, moved sideways until none covers another. */
export function placeColumns(map) {
  const columns = map.world.sectors.flatMap((sector, index) => {
    if (!sector.at) return [];
    const [x, y] = onStage(map, ...sector.at);
    const height = TAG + 1.3 * columnHeight(map, sector.agents);
    return [{ index, x, foot: [x, y], y: y > 0 ? Math.max(y - 13, height) : y - 13, height }];
  });
  for (let round = 0; round < 80; round++) pushApart(columns);
  return columns;
}

/** Move neighbours that are too close apart, each by half of the missing distance. */
function pushApart(columns) {
  for (let i = 1; i < columns.length; i++) {
    const [a, b] = [columns[i - 1], columns[i]];
    const missing = COLUMN_WIDTH - (b.x - a.x);
    const overlapping = b.y > a.y ? b.y - b.height < a.y : a.y - a.height < b.y;
    if (missing > 0 && overlapping) {
      a.x -= missing / 2;
      b.x += missing / 2;
    }
  }
}

/** Place the deaths of the sectors above the border; neighbours whose tags would overlap share one. */
export function placeDeathTags(map) {
  const obstacles = tagObstacles(map);
  const tags = map.world.sectors.flatMap(({ at, agents }, index) => {
    if (!at) return [];
    const column = map.show.agents ? 16 + columnHeight(map, agents) : 0;
    return [{ sectors: [index], ...tagSpot(map, onStage(map, ...at), column, obstacles) }];
  });
  for (let i = 1; i < tags.length; ) {
    const [a, b] = [tags[i - 1], tags[i]], count = a.sectors.length;
    if (Math.abs(b.x - a.x) >= DEATH_TAG[0] || Math.abs(b.y - a.y) >= DEATH_TAG[1]) i += 1;
    else {
      const mean = (p, q) => (count * p + q) / (count + 1);
      tags.splice(i - 1, 2, { sectors: [...a.sectors, ...b.sectors], x: mean(a.x, b.x), y: Math.min(a.y, b.y) });
      i = Math.max(1, i - 1);
    }
  }
  return tags;
}

/** Return points that a number should not cover, each with its cost: places, rings, legs. */
function tagObstacles(map) {
  const { places, sectors } = map.world;
  const spots = places.filter((p) => p.inside && p.label).map((p) => [...onStage(map, p.x, p.y), 3, 5]);
  const rings = sectors.filter(({ at }) => map.show.stops && at).map(({ at }) => [...onStage(map, ...at), 3, 9 * scale(map)]);
  return [...spots, ...rings, ...legPoints(map).map(([x, y]) => [x, y, 0.5, 0])];
}

/** Return the position of a number near the middle of its sector that covers least; above it if equal. */
function tagSpot(map, [x, y], column, obstacles) {
  const far = (map.show.stops ? 25 : 14) * scale(map), [width, height] = DEATH_TAG;
  const spots = [[-8, -far - column], [10, -0.7 * far - column], [-width + 2, -0.7 * far - column]];
  if (!column) spots.push([far - 2, 2], [4 - width - 0.4 * far, 2]);
  let best = null, lowest = Infinity;
  spots.forEach(([dx, dy], i) => {
    const box = [x + dx - 7, y + dy - height / 2, x + dx + width - 10, y + dy + height / 2];
    const outside = box[0] < 0 || box[1] < 0 || box[2] > map.width || overlaps(box, map.coveredBoxes);
    const cost = obstacles.reduce((sum, [px, py, weight, by]) =>
      sum + weight * (px > box[0] - by && px < box[2] + by && py > box[1] - by && py < box[3] + by), 0.7 * i + 20 * outside);
    if (cost < lowest) [best, lowest] = [{ x: x + dx, y: y + dy }, cost];
  });
  return best;
}

/** Return the boxes that names must not cover: columns, deaths and rings at the border. */
function markBoxes(map) {
  const { show, world } = map, size = 9 * scale(map);
  const columns = map.columns.map(({ x, y, height }) => [x - COLUMN_WIDTH / 2, y - height, x + COLUMN_WIDTH / 2, y]);
  const tags = show.deaths ? [...map.deathTags, ...[mexicoTag(map)].filter(Boolean).map(([x, y]) => ({ x, y }))] : [];
  const deaths = tags.map(({ x, y }) => [x - 8, y - 9, x + DEATH_TAG[0] - 10, y + 8]);
  const rings = world.sectors.flatMap(({ at }) => (show.stops && at ? [onStage(map, ...at)] : []));
  return [...columns, ...deaths, ...rings.map(([x, y]) => [x - size, y - size, x + size, y + size])];
}

/** Place names in order of importance; omit a name without a free position. */
export function placeLabels(map) {
  const ctx = map.layers.labels.getContext("2d");
  const taken = [...markBoxes(map), ...map.coveredBoxes, ...map.nameBoxes];
  const placePoints = map.world.places.filter((p) => p.inside).map((p) => onStage(map, p.x, p.y));
  const obstacles = { taken, placePoints, legPoints: legPoints(map) };
  const zoom = map.view.k / map.fit.k;
  const places = map.world.places
    .filter((p) => p.inside && (p.label || zoom > 1.7))
    .sort((a, b) => b.large - a.large || a.rank - b.rank);
  return places.flatMap((place) => {
    ctx.font = labelFont(place);
    const spot = bestSpot(map, place, ctx.measureText(place.short).width, obstacles);
    if (!spot) return [];
    taken.push(spot.box);
    return [{ place, ...spot }];
  });
}

function labelFont(place) {
  return place.large ? `600 ${LARGE}px ${FONT}` : `${SIZE}px ${FONT}`;
}

/** Return the position of the deaths in Mexico: under the country's name. */
export function mexicoTag(map) {
  const name = map.world.names.find(([key]) => key === "name_mexico");
  const [x, y] = name ? onStage(map, name[1], name[2]) : [];
  return name && [x - 12, y + 13];
}

/** Return points along all legs, about every 14 pixels. */
function legPoints(map) {
  const stride = 4 * Math.max(1, Math.round(7 / map.view.k)), found = [];
  for (const { table } of map.world.corridors) {
    for (let row = 0; row < table.length; row += stride) found.push(onStage(map, table[row], table[row + 1]));
  }
  return found;
}

/** Return the position that covers least; null if every position overlaps an occupied box. */
function bestSpot(map, place, width, { taken, placePoints, legPoints }) {
  const [x, y] = onStage(map, place.x, place.y);
  const otherPlaces = placePoints.filter(([px, py]) => Math.hypot(px - x, py - y) > 14);
  let found = null, lowest = place.large ? 48 : map.width < SMALL ? 14 : 24;
  for (const spot of possibleSpots(x, y, width)) {
    const [a, b, c, d] = spot.box;
    if (!isInside(map, spot.box) || overlaps(spot.box, taken)) continue;
    const count = (points, by) => points.reduce((n, [px, py]) =>
      n + (px >= a - by && px <= c + by && py >= b - by && py <= d + by), 0);
    // A name close to another place would look like the name of that place.
    const cost = spot.cost + 5 * count(placePoints, 0) + 5 * count(otherPlaces, 6) + 1.2 * count(legPoints, 0);
    if (cost < lowest) [found, lowest] = [spot, cost];
  }
  return found;
}

/** Return possible positions of a name around a point, near ones first. */
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

/** Draw the names with a light outline; a distant name gets a line to its place. */
export function paintLabels(map) {
  const ctx = prepareCanvas(map.layers.labels, map.width, map.height);
  Object.assign(ctx, { lineJoin: "round", textAlign: "left" });
  for (const { place, dx, dy, box, lead } of map.labels) {
    const [x, y] = onStage(map, place.x, place.y);
    const nearest = clamp(0, dx, dx + box[2] - box[0] - 4);
    if (lead) strokeLine(ctx, PALETTE.muted, 0.7, x, y, x + nearest, y + dy - 4);
    ctx.font = labelFont(place);
    outlinedText(ctx, place.short, x + dx, y + dy, PALETTE.ink, "rgba(255,255,255,.9)");
  }
}
