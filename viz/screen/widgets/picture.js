// Pictures of the maps or of a chart: what the page shows, with title, legend and notes, as PNG.

import { FONT, drawings, prepareCanvas } from "./page.js";

/** Pixels of the picture per pixel of the page, at least. */
const SHARP = 2;
const PAD = 16, GAP = 20, HEAD = 28, LEGEND = 250;

/** Return a PNG of all drawings of the page with a name; null if there is none. */
export async function pictureOf(name, [title, ...notes]) {
  const shown = [...drawings()].filter((one) => one.name === name && one.root.isConnected && one.width)
    .sort((one, other) => (one.side < other.side ? -1 : 1));
  if (!shown.length) return null;
  window.tbPixelRatio = Math.max(SHARP, window.devicePixelRatio);
  shown.forEach((one) => one.redraw());
  const canvas = compose(shown, title, notes);
  delete window.tbPixelRatio;
  shown.forEach((one) => one.redraw());
  return new Promise((resolve) => canvas.toBlob(resolve, "image/png"));
}

/** Draw the pictures side by side under the title, and legend and notes under them. */
function compose(shown, title, notes) {
  const width = shown.reduce((sum, one) => sum + one.width + GAP, -GAP), height = Math.max(...shown.map((one) => one.height));
  const canvas = document.createElement("canvas"), rows = shown[0].kind?.legendRows(shown[0]) ?? [];
  const columns = Math.max(1, Math.floor(width / LEGEND)), legend = 60 * Math.ceil(rows.length / columns);
  const lines = notes.flatMap((note) => wrapped(canvas.getContext("2d"), note, width));
  const top = PAD + 30, foot = top + HEAD + height + GAP;
  const ctx = prepareCanvas(canvas, width + 2 * PAD, foot + legend + 17 * lines.length + PAD);
  ctx.fillStyle = "#fff";
  ctx.fillRect(0, 0, canvas.width, canvas.height);
  write(ctx, title, PAD, PAD + 16, 20, PALETTE.ink, 600);
  let left = PAD;
  for (const one of shown) {
    write(ctx, one.heading(), left, top + 16, 15, one.colour, 600);
    for (const layer of one.canvases()) ctx.drawImage(layer, left, top + HEAD, one.width, one.height);
    left += one.width + GAP;
  }
  rows.forEach(([draw, heading, note], i) => {
    ctx.save();
    ctx.translate(PAD + LEGEND * (i % columns), foot + 60 * Math.floor(i / columns));
    draw?.(ctx);
    ctx.restore();
    const [x, y] = [PAD + LEGEND * (i % columns) + 68, foot + 60 * Math.floor(i / columns)];
    write(ctx, heading, x, y + 12, 12, PALETTE.ink, 600);
    wrapped(ctx, note ?? "", LEGEND - 80).forEach((line, k) => write(ctx, line, x, y + 26 + 13 * k, 11, PALETTE.muted));
  });
  lines.forEach((line, i) => write(ctx, line, PAD, foot + legend + 12 + 17 * i, 12, PALETTE.muted));
  return canvas;
}

function write(ctx, text, x, y, size, colour, weight = 400) {
  Object.assign(ctx, { font: `${weight} ${size}px ${FONT}`, fillStyle: colour, textAlign: "left" });
  ctx.fillText(text, x, y);
}

/** Break a text into lines of at most a width. */
function wrapped(ctx, text, width) {
  ctx.font = `12px ${FONT}`;
  const lines = [""];
  for (const word of text.split(" ")) {
    const longer = `${lines.at(-1)} ${word}`.trim();
    if (ctx.measureText(longer).width > width) lines.push(word);
    else lines[lines.length - 1] = longer;
  }
  return lines;
}
