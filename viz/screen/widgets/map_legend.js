// The key to the map: samples drawn by the pens that draw the map, with words.

import { make, sharpen, write } from "./page.js";
import * as marks from "./map_marks.js";
import { widthOf } from "./map_paint.js";

/** Rows by what must be shown for them: a sample's width, how it is drawn, and its word. */
function rows(map) {
  const { words, show } = map;
  const kind = (name) => (pen) => {
    const [shape, size, colour] = map.world.marks[name];
    marks.mark(pen, shape, 9, 8, 1.3 * size, colour);
  };
  const all = [
    [true, 18, kind("origin"), words.kind_origin],
    [true, 18, kind("transit"), words.kind_transit],
    [true, 18, kind("staging"), words.kind_staging],
    [true, 18, kind("crossing_between_ports"), words.kind_crossing_between_ports],
    [true, 18, kind("port_of_entry"), words.kind_port_of_entry],
    [true, 18, kind("destination"), words.kind_destination],
    [show.enforcement, 18, (pen) => marks.officers(pen, 9, 8, 30), words.officers],
    [show.enforcement, 18, (pen) => marks.stopped(pen, 9, 8, 1, 0, 40), words.legend_stopped],
    [show.enforcement, 18, (pen) => marks.column(pen, 9, 15, 14, 0.6), words.legend_column],
    [show.organisations, 18, (pen) => marks.cells(pen, 9, 8, 6), words.cells],
    [show.harm, 24, (pen) => marks.deaths(pen, 12, 8, "12"), words.legend_deaths],
  ];
  return all.filter(([shown]) => shown);
}

/** Write the legend anew; it changes with words and with what is shown. */
export function paintLegend(map) {
  map.legend.replaceChildren();
  write(make("summary", "", map.legend), map.words.legend);
  if (map.show.flow) row(map, 66, (pen) => wedge(map, pen), "");
  map.wedge = map.show.flow ? map.legend.lastChild.lastChild : null;
  for (const [, wide, draw, word] of rows(map)) row(map, wide, draw, word);
  paintScale(map);
}

function row(map, wide, draw, word) {
  const item = make("span", "tb-row", map.legend);
  const canvas = make("canvas", "", item, { "aria-hidden": "true" });
  canvas.style.width = `${wide}px`;
  draw(sharpen(canvas, wide, 16));
  write(make("span", "", item), word);
}

/** A growing bar whose thick end is the flow at full width. */
function wedge(map, pen) {
  const half = (widthOf(map, map.full) || 8) / 2;
  pen.fillStyle = map.world.palette.flow[2];
  pen.beginPath();
  pen.moveTo(0, 8);
  pen.lineTo(64, 8 - half);
  pen.lineTo(64, 8 + half);
  pen.fill();
}

/** The number that belongs to the thick end. */
export function paintScale(map) {
  if (!map.wedge) return;
  const most = map.full > 0 ? Number(map.full.toPrecision(2)) : 0;
  write(map.wedge, `0 – ${map.number(most)} ${map.words.flow}`);
}
