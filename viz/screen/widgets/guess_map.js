// The map below the guesses: land, border, the places of outcomes, and lines to their columns.

import { clamp } from "./page.js";

const SVG = "http://www.w3.org/2000/svg";
/** Widest part of the world, in map units, and the space around the places. */
const WORLD = 930, AROUND = 52;

/** Create an SVG element as the last child of a parent. */
export function shape(tag, parent, attributes = {}) {
  const node = document.createElementNS(SVG, tag);
  for (const [key, value] of Object.entries(attributes)) node.setAttribute(key, value);
  parent?.append(node);
  return node;
}

/** Return the view (scale, shift) that shows all points in a stage of a width, and its height. */
function viewOf(ground, points, width, deepest) {
  const [left, top, right, bottom] = points.length ? boxOf(points) : ground.core;
  const span = [right - left + 2 * AROUND, bottom - top + 2 * AROUND];
  const k = Math.max(width / WORLD, Math.min(width / span[0], deepest / span[1]));
  const height = Math.round(clamp(k * span[1], 150, Math.max(deepest, 1.15 * deepest)));
  const x = clamp(width / 2 - (k * (left + right)) / 2, width - k * (WORLD - 30), k * 40);
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
    shape("text", svg, { x: px, y: py, class: sea ? "tb-sea" : "tb-country" }).textContent = text;
  }
  paintPlaces(svg, world, columns, place);
  if (lines) paintLines(svg, columns, place);
  columns.forEach((one, i) => one.badges.length && paintBadge(svg, one, anchorOf(one, place), i));
  return view.height;
}

/** Draw the places of all columns; a column with a result has its tone and shape. */
function paintPlaces(svg, world, columns, place) {
  for (const one of columns) {
    if (one.path) shape("path", world, { d: one.path, class: `tb-along tb-tone-${one.tone}` });
    for (const point of one.points) {
      const [x, y] = place(point);
      shape("circle", svg, { cx: x, cy: y, r: 5, class: `tb-at tb-tone-${one.tone}` });
    }
  }
}

/** Return the place of a column nearest to it, so that lines cross rarely. */
function anchorOf(one, place) {
  const all = one.points.map(place);
  return all.reduce((best, at) => (Math.abs(at[0] - one.x) < Math.abs(best[0] - one.x) ? at : best), all[0]);
}

function paintLines(svg, columns, place) {
  for (const one of columns) {
    const [x, y] = anchorOf(one, place), bend = Math.max(10, Math.min(26, y - 14));
    shape("path", svg, { d: `M${one.x} 0V${bend}L${x} ${y - 5}`, class: "tb-leader" });
  }
}

/** Draw the numbers of claims next to the place of a column. */
function paintBadge(svg, one, [x, y], i) {
  const text = one.badges.join(" "), wide = 10 + 8 * text.length, [cx, cy] = [x + 9, y + 9 + 19 * (i % 3)];
  shape("rect", svg, { x: cx, y: cy, width: wide, height: 18, rx: 9, class: "tb-claim-mark" });
  shape("text", svg, { x: cx + wide / 2, y: cy + 13, class: "tb-claim-text" }).textContent = text;
}
