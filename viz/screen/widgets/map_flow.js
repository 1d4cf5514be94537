// Flows: tapered ribbons, and the dots that represent people.

import { clamp, fill, polyline, prepareCanvas, stroke } from "./page.js";
import { onStage, rowAt, scale, sumOf } from "./map_world.js";

/** Width in pixels of the largest flow of a leg, of the thinnest ribbon, and of the widest corridor. */
const WIDEST = 17, THINNEST = 0.8, LIMIT = 27;
/** Width at the end of a ribbon as a share of that at its start, where people come from. */
const TAPER = 0.4;
/** Opacity of everything else while the journey of a person is shown. */
const FADED = 0.25;
/** Map units a day by which dots move, and the share of the largest flow that one represents [A]. */
const PACE = 6, SHARE = 0.4;
/** Largest number of dots in a corridor. */
const MOST = 300;
/** Steps of sequences that fill an interval evenly, for positions along and across. */
const ALONG = 0.6180339887, ACROSS = 0.7548776662;

/** Return the width in pixels of a flow in persons a day; `full` has the width WIDEST. */
export function widthOf(map, flow, full = map.full) {
  if (!(flow > 0) || !(full > 0)) return 0;
  return Math.max(THINNEST, scale(map) * Math.min(LIMIT, (WIDEST * flow) / full));
}

/** Return the ribbon of a corridor as a path on the stage: wide at its start, with a round cap. */
export function ribbonPath(map, corridor, width) {
  const { points } = corridor, sides = [[], []], last = points.length / 2 - 1;
  for (let i = 0; i <= last; i++) {
    const [x, y] = onStage(map, points[2 * i], points[2 * i + 1]), half = halfWidth(width, i / last);
    const [ux, uy] = directionAt(points, i, last);
    sides[0].push([x - uy * half, y + ux * half]);
    sides[1].push([x + uy * half, y - ux * half]);
  }
  const path = polyline([...sides[0], ...sides[1].reverse()], true);
  for (const [i, share] of [[0, 0], [last, 1]]) {
    const [x, y] = onStage(map, points[2 * i], points[2 * i + 1]), half = halfWidth(width, share);
    path.moveTo(x + half, y);
    path.arc(x, y, half, 0, 7);
  }
  return path;
}

/** Return half the width of a ribbon at a share of its length. */
export function halfWidth(width, share) {
  return (width / 2) * (1 - (1 - TAPER) * share);
}

function directionAt(points, i, last) {
  const [a, b] = [Math.max(0, i - 1), Math.min(last, i + 1)];
  const [dx, dy] = [points[2 * b] - points[2 * a], points[2 * b + 1] - points[2 * a + 1]];
  const length = Math.hypot(dx, dy) || 1;
  return [dx / length, dy / length];
}

/** Return the corridors with a flow, widest first, so that thin ones are drawn on top. */
export function corridorsWithFlow(map) {
  if (!map.frame || !(map.show.flow || map.show.people)) return [];
  const found = map.world.corridors.flatMap((corridor, index) => {
    const flow = sumOf(corridor, map.frame.flow);
    return flow ? [{ corridor, index, flow, width: widthOf(map, flow) }] : [];
  });
  return found.sort((a, b) => b.flow - a.flow);
}

export function paintFlow(map) {
  const ctx = prepareCanvas(map.layers.flow, map.width, map.height);
  map.flows = corridorsWithFlow(map);
  ctx.lineJoin = "round";
  const paths = map.show.flow ? map.flows.map(({ corridor, width }) => ribbonPath(map, corridor, width)) : [];
  ctx.globalAlpha = faded(map, 1);
  for (const path of paths) stroke(ctx, path, "rgba(255,255,255,.8)", 1.6);
  for (const path of paths) fill(ctx, path, map.tones.ribbon);
  ctx.globalAlpha = 1;
}

/** Return an opacity, which is low while the journey of a person is shown. */
export function faded(map, opacity) {
  return map.path.length ? FADED * opacity : opacity;
}

/** Return the people that one dot stands for: 1, 2 or 5 times a power of ten. */
export function peoplePerDot(map) {
  const wanted = Math.max(1, SHARE * map.full), power = 10 ** Math.floor(Math.log10(wanted));
  return power * (wanted < 2 * power ? 1 : wanted < 5 * power ? 2 : 5);
}

/** Draw the dots at a moment between two days. They move at a pace at which passing dots, times the people
 * per dot, equal the people who pass. With reduced motion, the dots do not move. */
export function paintDots(map, day) {
  const ctx = prepareCanvas(map.layers.drift, map.width, map.height), path = new Path2D();
  const radius = clamp(1.55 * scale(map), 1.3, 2.6);
  map.dots = map.show.people ? map.flows.flatMap((one) => dotsOf(map, one, day)) : [];
  for (const { x, y } of map.dots) {
    path.moveTo(x + radius, y);
    path.arc(x, y, radius, 0, 7);
  }
  ctx.globalAlpha = faded(map, 1);
  fill(ctx, path, map.tones.dot);
}

/** Return the dots of a corridor; their positions depend only on the day, so a day always looks the same. */
function dotsOf(map, { corridor, index, flow, width }, day) {
  const { length } = corridor, first = (index * ACROSS) % 1;
  const expected = (flow * length) / (PACE * peoplePerDot(map));
  const count = Math.min(MOST, Math.floor(expected + first)), found = [];
  const moved = map.reducedMotion.matches ? 0 : (PACE * day) / length;
  for (let i = 0; i < count; i++) {
    const share = (first + i * ALONG + moved) % 1, across = ((index + i) * ACROSS) % 1 - 0.5;
    const [mx, my, ux, uy] = rowAt(corridor, share * length), [x, y] = onStage(map, mx, my);
    const aside = 1.3 * across * Math.max(0, halfWidth(width, share) - 1);
    found.push({ x: x - uy * aside, y: y + ux * aside, corridor: index });
  }
  return found;
}
