// The legend: samples drawn by the functions that draw the map, with their texts.

import { addElement, fill, polyline, prepareCanvas, setText } from "./page.js";
import * as marks from "./map_marks.js";
import { widthOf } from "./map_paint.js";

/** Return the rows of the visible layers: width of the sample, drawing function, text. */
function legendRows(map) {
  const { words, show } = map;
  const place = (ctx, [shape, size, colour]) => marks.mark(ctx, shape, 9, 8, 1.3 * size, colour);
  const most = map.full > 0 ? Number(map.full.toPrecision(2)) : 0;
  const half = (widthOf(map, map.full) || 8) / 2, wedge = polyline([[0, 8], [64, 8 - half], [64, 8 + half]]);
  const rows = [
    [show.flow, 66, (ctx) => fill(ctx, wedge, map.world.palette.flow[2]), `0 – ${map.number(most)} ${words.flow}`],
    ...map.world.kinds.map((kind) => [true, 18, (ctx) => place(ctx, map.world.marks[kind]), words[`kind_${kind}`]]),
    [show.enforcement, 18, (ctx) => marks.officers(ctx, 9, 8, 30), words.officers],
    [show.enforcement, 18, (ctx) => marks.stopped(ctx, 9, 8, 1, 0, 40), words.legend_stopped],
    [show.enforcement, 18, (ctx) => marks.column(ctx, 9, 15, 14, 0.6), words.legend_column],
    [show.organisations, 18, (ctx) => marks.cells(ctx, 9, 8, 6), words.cells],
    [show.harm, 24, (ctx) => marks.deaths(ctx, 12, 8, "12"), words.legend_deaths],
  ];
  return rows.filter(([shown]) => shown);
}

/** Rebuild the legend; it depends on words, visible layers and the scale of the flows. */
export function paintLegend(map) {
  map.legend.replaceChildren();
  setText(addElement("summary", "", map.legend), map.words.legend);
  for (const [, width, draw, word] of legendRows(map)) {
    const item = addElement("span", "tb-row", map.legend);
    const canvas = addElement("canvas", "", item, { "aria-hidden": "true" });
    canvas.style.width = `${width}px`;
    draw(prepareCanvas(canvas, width, 16));
    setText(addElement("span", "", item), word);
  }
}
