// Where names and the stands of the sectors go; worked out when the view changes, never by frame.

import { FONT, clamp, sharpen } from "./page.js";
import { onStage, scale } from "./map_world.js";

const SIZE = 11.5, LARGE = 12.5;
/** Width of a sector's stand, and the heights of a tag and of a column with most agents on record. */
const STAND = 27, TAG = 18, COLUMN = 30;
/** Names on a small screen may cover less. */
const SMALL = 520;
/** How far from a place a name may stand, and what each distance costs. */
const GAPS = [[7, 0], [12, 4], [18, 12], [27, 26]];

/** Height of a column of so many agents; no policy makes it higher than twice the record. */
export function columnHeight(map, agents) {
  const most = Math.max(...map.world.sectors.map((sector) => sector.agents));
  return scale(map) * COLUMN * Math.min(2, agents / most);
}

/** Feet of the sectors' stands: above the line, moved apart sideways until none covers another. */
export function placeStands(map) {
  const stands = map.world.sectors.flatMap((sector, index) => {
    if (!sector.at) return [];
    const [x, y] = onStage(map, ...sector.at);
    const tall = TAG + 1.3 * columnHeight(map, sector.agents);
    return [{ index, x, foot: [x, y], y: y > 0 ? Math.max(y - 13, tall) : y - 13, tall }];
  });
  for (let round = 0; round < 80; round++) pushApart(stands);
  return stands;
}

/** One round: neighbours that are too near step aside, half the way each. */
function pushApart(stands) {
  for (let i = 1; i < stands.length; i++) {
    const [a, b] = [stands[i - 1], stands[i]];
    const missing = STAND - (b.x - a.x);
    const beside = b.y > a.y ? b.y - b.tall < a.y : a.y - a.tall < b.y;
    if (missing > 0 && beside) {
      a.x -= missing / 2;
      b.x += missing / 2;
    }
  }
}

/** Names with their spots, the most important first; one without a free spot is left out. */
export function placeLabels(map) {
  const pen = map.layers.labels.getContext("2d");
  const taken = [...map.stands.map(standBox), ...tagBox(map), ...map.covered];
  const around = { taken, dots: dots(map), lines: lines(map) };
  const deep = map.view.k / map.fit.k;
  const places = map.world.places
    .filter((p) => p.inside && (p.label || deep > 1.7))
    .sort((a, b) => b.large - a.large || a.rank - b.rank);
  return places.flatMap((place) => {
    pen.font = font(place);
    const spot = best(map, place, pen.measureText(place.short).width, around);
    if (!spot) return [];
    taken.push(spot.box);
    return [{ place, ...spot }];
  });
}

function font(place) {
  return place.large ? `600 ${LARGE}px ${FONT}` : `${SIZE}px ${FONT}`;
}

function standBox({ x, y, tall }) {
  return [x - STAND / 2, y - tall, x + STAND / 2, y];
}

/** Where deaths on the way through Mexico are told: under the country's name. */
export function mexicoTag(map) {
  const name = map.world.names.find(([key]) => key === "name_mexico");
  if (!name) return null;
  const [x, y] = onStage(map, name[1], name[2]);
  return [x, y + 13];
}

function tagBox(map) {
  const at = map.show.harm && mexicoTag(map);
  return at ? [[at[0] - 40, at[1] - 24, at[0] + 40, at[1] + 10]] : [];
}

/** Marks of places on the stage. */
function dots(map) {
  return map.world.places.filter((p) => p.inside).map((p) => onStage(map, p.x, p.y));
}

/** Points along all legs, about every 14 pixels. */
function lines(map) {
  const stride = 4 * Math.max(1, Math.round(7 / map.view.k));
  const found = [];
  for (const { table } of map.world.legs) {
    for (let row = 0; row < table.length; row += stride) {
      found.push(onStage(map, table[row], table[row + 1]));
    }
  }
  return found;
}

/** The spot that covers least; none where every spot would touch what is taken. */
function best(map, place, wide, { taken, dots, lines }) {
  const [x, y] = onStage(map, place.x, place.y);
  const strangers = dots.filter(([px, py]) => Math.hypot(px - x, py - y) > 14);
  let found = null, lowest = place.large ? 48 : map.width < SMALL ? 14 : 24;
  for (const spot of spots(x, y, wide)) {
    const [a, b, c, d] = spot.box;
    if (a < 2 || b < 2 || c > map.width - 2 || d > map.height - 2) continue;
    if (taken.some((t) => a < t[2] && t[0] < c && b < t[3] && t[1] < d)) continue;
    const count = (points, by) => points.reduce((n, [px, py]) =>
      n + (px >= a - by && px <= c + by && py >= b - by && py <= d + by), 0);
    // A name close to another place would seem to be that place's own.
    const cost = spot.cost + 5 * count(dots, 0) + 5 * count(strangers, 6) + 1.2 * count(lines, 0);
    if (cost < lowest) [found, lowest] = [spot, cost];
  }
  return found;
}

/** Many ways to set a name beside a point, near ones first. */
function spots(x, y, wide) {
  return GAPS.flatMap(([gap, far]) => [
    [gap, 4, 0], [-gap, 4, 1], [0.6 * gap, -gap, 0], [-0.6 * gap, -gap, 1],
    [0.6 * gap, gap + 8, 0], [-0.6 * gap, gap + 8, 1], [0, -gap - 1, 0.5], [0, gap + 9, 0.5],
  ].map(([dx, dy, share], i) => {
    const left = x + dx - share * wide;
    const box = [left - 2, y + dy - SIZE, left + wide + 2, y + dy + 3];
    return { dx: dx - share * wide, dy, box, cost: far + 0.35 * i, lead: far >= 12 };
  }));
}

/** Write the names, each with a light edge; a far one gets a line to its place. */
export function paintLabels(map) {
  const pen = sharpen(map.layers.labels, map.width, map.height);
  const { ink, muted } = map.world.palette;
  pen.clearRect(0, 0, map.width, map.height);
  Object.assign(pen, { lineJoin: "round", textAlign: "left" });
  for (const { place, dx, dy, box, lead } of map.labels) {
    const [x, y] = onStage(map, place.x, place.y);
    if (lead) leader(pen, x, y, x + clamp(0, dx, dx + box[2] - box[0] - 4), y + dy - 4, muted);
    pen.font = font(place);
    Object.assign(pen, { strokeStyle: "rgba(255,255,255,.9)", lineWidth: 3, fillStyle: ink });
    pen.strokeText(place.short, x + dx, y + dy);
    pen.fillText(place.short, x + dx, y + dy);
  }
}

function leader(pen, x0, y0, x1, y1, colour) {
  Object.assign(pen, { strokeStyle: colour, lineWidth: 0.7 });
  pen.beginPath();
  pen.moveTo(x0, y0);
  pen.lineTo(x1, y1);
  pen.stroke();
}
