// The map below the guesses: land, border, the places of outcomes, and lines to their columns.

import { clamp } from "./page.js";

/** The XML namespace of SVG. */
const SVG = new DOMParser().parseFromString("<svg></svg>", "text/html").body.firstChild.namespaceURI;
/** Western and eastern end of the drawn part of the world in map units, and the space around the places. */
const WEST = -200, EAST = 1150, AROUND = 52;
/** Height of the row of numbers at the top, where no name of a country is written. */
const BADGES = 30;

/** Create an SVG element as the last child of a parent. */
export function shape(tag, parent, attributes = {}) {
  const node = document.createElementNS(SVG, tag);
  for (const [key, value] of Object.entries(attributes)) node.setAttribute(key, value);
  parent?.append(node);
  return node;
}

/** Return the view (scale, shift) that shows all points in a stage of a given width, and the height. */
function viewOf(ground, points, width, deepest) {
  const [left, top, right, bottom] = points.length ? boxOf(points) : ground.core;
  const span = [right - left + 2 * AROUND, bottom - top + 2 * AROUND];
  const k = Math.max(width / (EAST - WEST), Math.min(width / span[0], deepest / span[1]));
  const height = Math.round(clamp(k * span[1], 150, Math.max(deepest, 1.15 * deepest)));
  const x = clamp(width / 2 - (k * (left + right)) / 2, width - k * EAST, -k * WEST);
  return { k, x, y: height / 2 - (k * (top + bottom)) / 2, height };
}

function boxOf(points) {
  const xs = points.map(([x]) => x), ys = points.map(([, y]) => y);
  return [Math.min(...xs), Math.min(...ys), Math.max(...xs), Math.max(...ys)];
}

/** Draw the map. A column has x, points, path, tone and badges; lines join columns and places. */
export function paintGround(svg, ground, columns, width, deepest, lines) {
  svg.replaceChildren();
  const view = viewOf(ground, columns.flatMap((one) => one.points), width, deepest);
  const place = ([x, y]) => [view.x + view.k * x, view.y + view.k * y];
  for (const [key, value] of [["viewBox", `0 0 ${width} ${view.height}`], ["width", width], ["height", view.height]]) {
    svg.setAttribute(key, value);
  }
  shape("rect", svg, { width, height: view.height, class: "tb-water" });
  const world = shape("g", svg, { transform: `translate(${view.x} ${view.y}) scale(${view.k})` });
  for (const { layer, fill, d } of ground.land) {
    const state = layer === "us_state";
    shape("path", world, { d, fill: state ? "none" : fill, class: state ? "tb-state-line" : "tb-land" });
  }
  shape("path", world, { d: ground.border, class: "tb-border" });
  for (const [text, x, y, sea] of ground.names) {
    const [px, py] = place([x, y]);
    if (lines && py < BADGES) continue;
    shape("text", svg, { x: px, y: py, class: sea ? "tb-sea" : "tb-country" }).textContent = text;
  }
  paintPlaces(svg, world, columns, place);
  if (lines) paintLines(svg, columns, place);
  columns.forEach((one, i) => {
    const [x, y] = anchorOf(one, place);
    if (one.badges.length) paintBadge(svg, one, ...(lines ? [one.x, 13] : [x + 16, y + 16 + 19 * (i % 3)]));
  });
  return view.height;
}

/** Draw the places of all columns, single ones on top; a column with a result has its tone. The
 * whole line has the tone of the first column about it, and only the points where lines end. */
function paintPlaces(svg, world, columns, place) {
  const along = columns.find((one) => one.path);
  if (along) shape("path", world, { d: along.path, class: `tb-along tb-tone-${along.tone}` });
  const order = [...columns].sort((a, b) => Number(!!b.path) - Number(!!a.path) || b.points.length - a.points.length);
  for (const one of order) {
    for (const [x, y] of one.path ? [anchorOf(one, place)] : one.points.map(place)) {
      shape("circle", svg, { cx: x, cy: y, r: 5, class: `tb-at tb-tone-${one.path ? "none" : one.tone}` });
    }
  }
}

/** Return the place that is nearest to its column, so that few lines cross. */
function anchorOf(one, place) {
  const all = one.points.map(place);
  return all.reduce((best, at) => (Math.abs(at[0] - one.x) < Math.abs(best[0] - one.x) ? at : best), all[0]);
}

function paintLines(svg, columns, place) {
  for (const one of columns) {
    const [x, y] = anchorOf(one, place), bend = Math.max(10, Math.min(30, y - 14));
    shape("path", svg, { d: `M${one.x} 0V${bend}L${x} ${y - 5}`, class: "tb-leader" });
  }
}

/** Draw the numbers of claims on the line of a column, or next to its place. */
function paintBadge(svg, one, x, y) {
  const text = one.badges.join(" "), wide = 10 + 8 * text.length;
  shape("rect", svg, { x: x - wide / 2, y: y - 9, width: wide, height: 18, rx: 9, class: "tb-claim-mark" });
  shape("text", svg, { x, y: y + 4, class: "tb-claim-text" }).textContent = text;
}
