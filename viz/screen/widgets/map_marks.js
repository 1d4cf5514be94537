// Functions that draw one mark of the map at a point, used for the map and its legend.

import { FONT, circle, clamp, fill, outlinedText, polyline, stroke, strokeLine } from "./page.js";

/** Colours of the layers, each with its own shape: colour is never the only difference. */
export const COLOURS = PALETTE.layers;

/** Draw a shape with a light edge; the shape "frame" is not filled. `size` is about the radius. */
export function mark(ctx, shape, x, y, size, colour) {
  const corners = PALETTE.shapes[shape]?.map(([dx, dy]) => [x + dx * size, y + dy * size]);
  const outline = corners ? polyline(corners, true) : circle(x, y, size), open = shape === "frame";
  if (!open) stroke(ctx, outline, "#fff", 1.6);
  fill(ctx, outline, open ? "#fff" : colour);
  if (open) stroke(ctx, outline, colour, 1.6);
}

/** Mexican officers at a place: a disc whose area grows with their number. */
export function officers(ctx, x, y, count, scale = 1) {
  staff(ctx, circle(x, y, scale * Math.min(24, 4 + 0.5 * Math.sqrt(count))), COLOURS.officers);
}

/** Border Patrol agents of a sector: a square whose area grows with their number. */
export function agents(ctx, x, y, count, scale = 1) {
  const half = scale * Math.min(24, 3 + 0.16 * Math.sqrt(count));
  staff(ctx, polyline([[x - half, y - half], [x + half, y - half], [x + half, y + half], [x - half, y + half]], true), COLOURS.agents);
}

function staff(ctx, outline, colour) {
  fill(ctx, outline, `${colour}29`);
  stroke(ctx, outline, colour, 1.7);
}

/** Apprehensions: a barred ring. */
export function barredRing(ctx, x, y, radius, colour) {
  const ring = circle(x, y, radius), bar = 0.55 * radius;
  stroke(ctx, ring, "rgba(255,255,255,.9)", 4);
  fill(ctx, ring, "#fff");
  stroke(ctx, ring, colour, clamp(0.22 * radius, 1.2, 2));
  ctx.lineCap = "butt";
  strokeLine(ctx, colour, clamp(0.3 * radius, 1.4, 3.2), x - bar, y, x + bar, y);
}

/** Cells of smuggling organisations at a place: an hourglass. */
export function cells(ctx, x, y, count, scale = 1) {
  mark(ctx, "hourglass", x, y, scale * Math.min(6.5, 2.6 + 0.8 * Math.sqrt(count)), COLOURS.cells);
}

/** A number of deaths: a black diamond, and the number to its right. */
export function deaths(ctx, x, y, text) {
  mark(ctx, "diamond", x, y, 4.6, COLOURS.harm);
  Object.assign(ctx, { font: `700 12.5px ${FONT}`, textAlign: "left", lineJoin: "round" });
  outlinedText(ctx, text, x + 9, y + 4.4, COLOURS.harm, "rgba(255,255,255,.92)");
}

/** A place whose kind is not shown: a small open circle. */
export function spot(ctx, x, y, radius, colour) {
  fill(ctx, circle(x, y, radius), "#fff");
  stroke(ctx, circle(x, y, radius), colour, 1.3);
}

/** A ring around a place: solid for the selected place, dashed for the keyboard focus. */
export function ring(ctx, x, y, size, dashed, colour) {
  const outline = circle(x, y, size);
  ctx.setLineDash(dashed ? [4, 3] : []);
  stroke(ctx, outline, "#fff", 5);
  stroke(ctx, outline, colour, 2.4);
  ctx.setLineDash([]);
}
