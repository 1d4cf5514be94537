// Save the maps as the page shows them, with title, legend and notes, as PNG.

import { FONT, drawings, prepareCanvas } from "./page.js";

const MIN_RATIO = 2;
const PAD = 16, GAP = 20, HEAD = 28, NOTE = 200, ENTRY = 66, LINE = 17;

/** Return a PNG of all maps of the page, or null if there are none. */
export async function pictureOf([title, ...notes]) {
  const parts = [...drawings()].filter(({ root, width }) => root.isConnected && width).sort((a, b) => (a.side < b.side ? -1 : 1));
  if (!parts.length) return null;
  window.tbPixelRatio = Math.max(MIN_RATIO, window.devicePixelRatio);
  parts.forEach((part) => part.redraw());
  const canvas = compose(parts, title, notes);
  delete window.tbPixelRatio;
  parts.forEach((part) => part.redraw());
  return new Promise((resolve) => canvas.toBlob(resolve, "image/png"));
}

function compose(parts, title, notes) {
  const width = parts.reduce((sum, part) => sum + part.width + GAP, -GAP), height = Math.max(...parts.map((part) => part.height));
  const canvas = document.createElement("canvas"), entries = entriesOf(canvas.getContext("2d"), parts[0], width);
  const legend = entries.length ? entries.at(-1).y + ENTRY : 0;
  const lines = notes.flatMap((note) => wrapped(canvas.getContext("2d"), note, width));
  const top = PAD + 30, foot = top + HEAD + height + GAP;
  const ctx = prepareCanvas(canvas, width + 2 * PAD, foot + legend + LINE * lines.length + PAD);
  ctx.fillStyle = "#fff";
  ctx.fillRect(0, 0, canvas.width, canvas.height);
  write(ctx, title, PAD, PAD + 16, 20, PALETTE.ink, 600);
  let left = PAD;
  for (const part of parts) {
    write(ctx, part.titleText.textContent, left, top + 16, 15, part.colour, 600);
    ctx.drawImage(part.layers.live, left, top + HEAD, part.width, part.height);
    left += part.width + GAP;
  }
  for (const entry of entries) drawEntry(ctx, entry, PAD + entry.x, foot + entry.y);
  lines.forEach((line, i) => write(ctx, line, PAD, foot + legend + 12 + LINE * i, 12, PALETTE.muted));
  return canvas;
}

/** Return the rows of the legend with their positions, side by side as far as they fit. */
function entriesOf(ctx, part, width) {
  let [x, y] = [0, 0];
  return (part.kind?.legendRows(part) ?? []).map(([draw, sample, heading, note]) => {
    const lines = wrapped(ctx, note ?? "", NOTE), wide = sample + 34 + Math.max(...[heading, ...lines].map((text) => ctx.measureText(text).width));
    if (x && x + wide > width) [x, y] = [0, y + ENTRY];
    x += wide;
    return { draw, sample, heading, lines, x: x - wide, y };
  });
}

function drawEntry(ctx, { draw, sample, heading, lines }, x, y) {
  ctx.save();
  ctx.translate(x, y);
  draw?.(ctx);
  write(ctx, heading, sample + 10, 16, 12, PALETTE.ink, 600);
  lines.forEach((line, i) => write(ctx, line, sample + 10, 31 + 13 * i, 11, PALETTE.muted));
  ctx.restore();
}

function write(ctx, text, x, y, size, colour, weight = 400) {
  Object.assign(ctx, { font: `${weight} ${size}px ${FONT}`, fillStyle: colour, textAlign: "left" });
  ctx.fillText(text, x, y);
}

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
