// The map below the guesses: the sectors of outcomes on the ground of all maps, and lines to their columns.

import { paintGround, prepareWorld } from "./map_world.js";
import { clamp } from "./page.js";

/** The XML namespace of SVG. */
const SVG = new DOMParser().parseFromString("<svg></svg>", "text/html").body.firstChild.namespaceURI;
/** Western and eastern end of the drawn part of the world in map units, and the space around the places. */
const WEST = -200, EAST = 1150, AROUND = 52;
/** Radius of the circle at a place, at which its line ends. */
const RADIUS = 5;
/** Height of the row of numbers at the top, where no name of a country is written. */
const BADGES = 30;

/** Create an SVG element as the last child of a parent. */
export function shape(tag, parent, attributes = {}) {
  const node = document.createElementNS(SVG, tag);
  for (const [key, value] of Object.entries(attributes)) node.setAttribute(key, value);
  parent?.append(node);
  return node;
}

/** Return the view (scale, shift) that shows all sectors in a stage of a given width, and the height. */
function viewOf(ground, width, deepest) {
  const [left, top, right, bottom] = ground.core;
  const span = [right - left + 2 * AROUND, bottom - top + 2 * AROUND];
  const k = Math.max(width / (EAST - WEST), Math.min(width / span[0], deepest / span[1]));
  const height = Math.round(clamp(k * span[1], 150, Math.max(deepest, 1.15 * deepest)));
  const x = clamp(width / 2 - (k * (left + right)) / 2, width - k * EAST, -k * WEST);
  return { k, x, y: height / 2 - (k * (top + bottom)) / 2, height };
}

/** Draw the map. A column has x, at (the place of its outcome, if it has one), tone and badges; lines
 * join columns and places. Without any place there is no map. */
export function paintMap({ box, canvas, svg }, ground, columns, width, deepest, lines) {
  svg.replaceChildren();
  const placed = columns.filter((one) => one.at), view = viewOf(ground, width, deepest), { height } = view;
  box.hidden = !placed.length;
  for (const [key, value] of [["viewBox", `0 0 ${width} ${height}`], ["width", width], ["height", height]]) svg.setAttribute(key, value);
  svg.dataset.view = [view.k, view.x, view.y]; // for tests
  canvas.style.height = `${height}px`;
  const words = Object.fromEntries(ground.names.map(([text]) => [text, text])), world = prepareWorld({ ...ground, legs: [] });
  paintGround({ world, words, view, width, height, layers: { ground: canvas }, coveredBoxes: lines ? [[0, 0, width, BADGES]] : [] });
  for (const one of placed) {
    const [x, y] = [view.x + view.k * one.at[0], view.y + view.k * one.at[1]];
    shape("circle", svg, { cx: x, cy: y, r: RADIUS, class: `tb-at tb-tone-${one.tone}` });
    if (lines) paintLine(svg, one, x, y);
    if (one.badges.length) paintBadge(svg, one, ...(lines ? [one.x, 13] : [x + 16, y + 16]));
  }
}

function paintLine(svg, one, x, y) {
  const bend = Math.max(10, Math.min(30, y - 14));
  shape("path", svg, { d: `M${one.x} 0V${bend}L${x} ${y - RADIUS}`, class: "tb-leader", "data-key": one.key });
}

/** Draw the numbers of claims on the line of a column, or next to its place. */
function paintBadge(svg, one, x, y) {
  const text = one.badges.join(" "), wide = 10 + 8 * text.length;
  shape("rect", svg, { x: x - wide / 2, y: y - 9, width: wide, height: 18, rx: 9, class: "tb-claim-mark" });
  shape("text", svg, { x, y: y + 4, class: "tb-claim-text" }).textContent = text;
}
