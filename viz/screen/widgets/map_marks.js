// Functions that draw one mark of the map at a point, used for the map and its legend.

import { FONT } from "./page.js";

/** Okabe-Ito colours, each with its own shape: colour is never the only difference. */
export const COLOURS = {
  officers: "#009E73", agents: "#3f5468", cells: "#8a3b6b", harm: "#1d2430", journey: "#CC79A7",
};

const OUTLINES = {
  triangle: [[0, -1.25], [1.2, 0.95], [-1.2, 0.95]],
  square: [[-1, -1], [1, -1], [1, 1], [-1, 1]],
  frame: [[-1, -1], [1, -1], [1, 1], [-1, 1]],
  diamond: [[0, -1.4], [1.4, 0], [0, 1.4], [-1.4, 0]],
  hourglass: [[-1, -1.1], [1, -1.1], [-1, 1.1], [1, 1.1]],
};

/** Add the outline of a shape to the current path; `size` is about its radius. */
function addOutline(ctx, shape, x, y, size) {
  const corners = OUTLINES[shape];
  if (!corners) return ctx.arc(x, y, size, 0, 7);
  corners.forEach(([dx, dy], i) => ctx[i ? "lineTo" : "moveTo"](x + dx * size, y + dy * size));
  ctx.closePath();
}

/** Draw a filled shape with a light edge; a frame is open. */
export function mark(ctx, shape, x, y, size, colour) {
  ctx.beginPath();
  addOutline(ctx, shape, x, y, size);
  Object.assign(ctx, { strokeStyle: "#fff", lineWidth: 1.6, fillStyle: colour });
  if (shape === "frame") Object.assign(ctx, { strokeStyle: colour, fillStyle: "#fff" });
  if (shape !== "frame") ctx.stroke();
  ctx.fill();
  if (shape === "frame") ctx.stroke();
}

/** Mexican officers at a place: a disc whose area grows with their number. */
export function officers(ctx, x, y, count, scale = 1) {
  ctx.beginPath();
  ctx.arc(x, y, scale * Math.min(24, 4 + 0.5 * Math.sqrt(count)), 0, 7);
  Object.assign(ctx, { fillStyle: "rgba(0,158,115,.16)", strokeStyle: COLOURS.officers, lineWidth: 1.7 });
  ctx.fill();
  ctx.stroke();
}

/** Persons stopped on a leg: a bar across it. */
export function stopped(ctx, x, y, dx, dy, count, scale = 1) {
  const half = scale * Math.min(11, 3 + 0.45 * Math.sqrt(count));
  ctx.beginPath();
  ctx.moveTo(x - dy * half, y + dx * half);
  ctx.lineTo(x + dy * half, y - dx * half);
  Object.assign(ctx, { strokeStyle: "#fff", lineWidth: 2 + 2.6 * scale, lineCap: "butt" });
  ctx.stroke();
  Object.assign(ctx, { strokeStyle: COLOURS.officers, lineWidth: 2.6 * scale });
  ctx.stroke();
}

/** Border Patrol agents of a sector: a column, filled by the share of people apprehended. */
export function column(ctx, x, y, height, share) {
  const width = 8, top = y - height;
  Object.assign(ctx, { fillStyle: "#fff", strokeStyle: COLOURS.agents, lineWidth: 1.3 });
  ctx.fillRect(x - width / 2, top, width, height);
  ctx.fillStyle = COLOURS.agents;
  ctx.fillRect(x - width / 2, y - height * share, width, height * share);
  ctx.strokeRect(x - width / 2, top, width, height);
}

/** Cells of smuggling organisations at a place: an hourglass. */
export function cells(ctx, x, y, count, scale = 1) {
  mark(ctx, "hourglass", x, y, scale * Math.min(6.5, 2.6 + 0.8 * Math.sqrt(count)), COLOURS.cells);
}

/** A number of deaths: a dark tag. */
export function deaths(ctx, x, y, text) {
  ctx.font = `600 10px ${FONT}`;
  const width = Math.max(15, ctx.measureText(text).width + 8);
  ctx.beginPath();
  ctx.roundRect(x - width / 2, y - 7, width, 14, 3);
  Object.assign(ctx, { fillStyle: COLOURS.harm, strokeStyle: "#fff", lineWidth: 1.2 });
  ctx.fill();
  ctx.stroke();
  Object.assign(ctx, { fillStyle: "#fff", textAlign: "center" });
  ctx.fillText(text, x, y + 3.6);
}

/** A ring around a place: solid for the selected place, dashed for the keyboard focus. */
export function ring(ctx, x, y, size, dashed, colour) {
  ctx.beginPath();
  ctx.arc(x, y, size, 0, 7);
  ctx.setLineDash(dashed ? [4, 3] : []);
  Object.assign(ctx, { strokeStyle: "#fff", lineWidth: 5 });
  ctx.stroke();
  Object.assign(ctx, { strokeStyle: colour, lineWidth: 2.4 });
  ctx.stroke();
  ctx.setLineDash([]);
}

/** The followed person: a pin with its point at the place. */
export function pin(ctx, x, y) {
  ctx.beginPath();
  ctx.arc(x, y - 15, 6.5, 0.8 * Math.PI, 0.2 * Math.PI);
  ctx.lineTo(x, y - 2);
  ctx.closePath();
  Object.assign(ctx, { fillStyle: COLOURS.journey, strokeStyle: "#1d2430", lineWidth: 1.4, lineJoin: "round" });
  ctx.fill();
  ctx.stroke();
  ctx.beginPath();
  ctx.arc(x, y - 15, 2.3, 0, 7);
  ctx.fillStyle = "#1d2430";
  ctx.fill();
}
