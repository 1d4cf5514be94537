// The marks of the map, drawn by a pen at a point; the legend draws its samples with the same.

import { FONT } from "./page.js";

/** Okabe-Ito colours, each with a shape of its own, so that colour never speaks alone. */
export const COLOURS = {
  officers: "#009E73", agents: "#3f5468", cells: "#8a3b6b", harm: "#1d2430", way: "#CC79A7",
};

const OUTLINES = {
  triangle: [[0, -1.25], [1.2, 0.95], [-1.2, 0.95]],
  square: [[-1, -1], [1, -1], [1, 1], [-1, 1]],
  frame: [[-1, -1], [1, -1], [1, 1], [-1, 1]],
  diamond: [[0, -1.4], [1.4, 0], [0, 1.4], [-1.4, 0]],
  hourglass: [[-1, -1.1], [1, -1.1], [-1, 1.1], [1, 1.1]],
};

/** Add the outline of a shape to the pen's path; `size` is about its radius. */
function outline(pen, shape, x, y, size) {
  const corners = OUTLINES[shape];
  if (!corners) return pen.arc(x, y, size, 0, 7);
  corners.forEach(([dx, dy], i) => pen[i ? "lineTo" : "moveTo"](x + dx * size, y + dy * size));
  pen.closePath();
}

/** A filled shape with a light edge; a frame is open. */
export function mark(pen, shape, x, y, size, colour) {
  pen.beginPath();
  outline(pen, shape, x, y, size);
  Object.assign(pen, { strokeStyle: "#fff", lineWidth: 1.6, fillStyle: colour });
  if (shape === "frame") Object.assign(pen, { strokeStyle: colour, fillStyle: "#fff" });
  if (shape !== "frame") pen.stroke();
  pen.fill();
  if (shape === "frame") pen.stroke();
}

/** Mexican officers at a place: a disc with a rim, its area by their number. */
export function officers(pen, x, y, count, scale = 1) {
  pen.beginPath();
  pen.arc(x, y, scale * Math.min(24, 4 + 0.5 * Math.sqrt(count)), 0, 7);
  Object.assign(pen, { fillStyle: "rgba(0,158,115,.16)", strokeStyle: COLOURS.officers, lineWidth: 1.7 });
  pen.fill();
  pen.stroke();
}

/** Persons stopped on a leg: a bar across it. */
export function stopped(pen, x, y, dx, dy, count, scale = 1) {
  const half = scale * Math.min(11, 3 + 0.45 * Math.sqrt(count));
  pen.beginPath();
  pen.moveTo(x - dy * half, y + dx * half);
  pen.lineTo(x + dy * half, y - dx * half);
  Object.assign(pen, { strokeStyle: "#fff", lineWidth: 2 + 2.6 * scale, lineCap: "butt" });
  pen.stroke();
  Object.assign(pen, { strokeStyle: COLOURS.officers, lineWidth: 2.6 * scale });
  pen.stroke();
}

/** Border Patrol agents of a sector: a column by their number, filled as far as people are caught. */
export function column(pen, x, y, height, share) {
  const wide = 8, top = y - height;
  Object.assign(pen, { fillStyle: "#fff", strokeStyle: COLOURS.agents, lineWidth: 1.3 });
  pen.fillRect(x - wide / 2, top, wide, height);
  pen.fillStyle = COLOURS.agents;
  pen.fillRect(x - wide / 2, y - height * share, wide, height * share);
  pen.strokeRect(x - wide / 2, top, wide, height);
}

/** Cells of smuggling organisations at a place: an hourglass. */
export function cells(pen, x, y, count, scale = 1) {
  mark(pen, "hourglass", x, y, scale * Math.min(6.5, 2.6 + 0.8 * Math.sqrt(count)), COLOURS.cells);
}

/** A number of deaths: a dark tag. */
export function deaths(pen, x, y, text) {
  pen.font = `600 10px ${FONT}`;
  const wide = Math.max(15, pen.measureText(text).width + 8);
  pen.beginPath();
  pen.roundRect(x - wide / 2, y - 7, wide, 14, 3);
  Object.assign(pen, { fillStyle: COLOURS.harm, strokeStyle: "#fff", lineWidth: 1.2 });
  pen.fill();
  pen.stroke();
  Object.assign(pen, { fillStyle: "#fff", textAlign: "center" });
  pen.fillText(text, x, y + 3.6);
}

/** A ring around a place: solid where it is selected, broken where the keyboard is. */
export function ring(pen, x, y, size, dashed, colour) {
  pen.beginPath();
  pen.arc(x, y, size, 0, 7);
  pen.setLineDash(dashed ? [4, 3] : []);
  Object.assign(pen, { strokeStyle: "#fff", lineWidth: 5 });
  pen.stroke();
  Object.assign(pen, { strokeStyle: colour, lineWidth: 2.4 });
  pen.stroke();
  pen.setLineDash([]);
}

/** The person who is followed: a pin with its point at the place. */
export function pin(pen, x, y) {
  pen.beginPath();
  pen.arc(x, y - 15, 6.5, 0.8 * Math.PI, 0.2 * Math.PI);
  pen.lineTo(x, y - 2);
  pen.closePath();
  Object.assign(pen, { fillStyle: COLOURS.way, strokeStyle: "#1d2430", lineWidth: 1.4, lineJoin: "round" });
  pen.fill();
  pen.stroke();
  pen.beginPath();
  pen.arc(x, y - 15, 2.3, 0, 7);
  pen.fillStyle = "#1d2430";
  pen.fill();
}
