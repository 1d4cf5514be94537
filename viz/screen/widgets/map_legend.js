// The legend: an overlay in a corner, with samples drawn by the functions that draw the map.

import { addElement, circle, fill, polyline, prepareCanvas, setText } from "./page.js";
import * as marks from "./map_marks.js";
import { peoplePerDot } from "./map_flow.js";
import { DAYS, ringRadius } from "./map_paint.js";

const WIDTH = 58, HEIGHT = 20;

/** Return the rows of the visible layers of a map of flows: drawing function, heading, note. */
export function flowRows(map) {
  const { words, show, world } = map, middle = HEIGHT / 2;
  const dot = peoplePerDot(map), dots = dot === 1 ? words.legend_dot_one : words.legend_dot.replace("{n}", map.number(dot));
  const most = map.full > 0 ? Number(map.full.toPrecision(2)) : 0;
  const kind = ([shape, size, colour]) => (ctx) => marks.mark(ctx, shape, WIDTH / 2, middle, 1.3 * size, colour);
  const rows = [
    [show.flow || show.people, (ctx) => drawWedge(map, ctx), words.legend_people,
      show.people ? dots : `0 – ${map.number(most)} ${words.flow}`],
    [show.stops, (ctx) => drawRingSamples(map, ctx), words.legend_stops, ringNote(map)],
    [show.deaths, (ctx) => marks.deaths(ctx, WIDTH / 2, middle, ""), words.legend_deaths, words.legend_deaths_note],
    [show.officers, (ctx) => marks.officers(ctx, WIDTH / 2, middle, 25), words.officers],
    [show.agents, (ctx) => marks.agents(ctx, WIDTH / 2, middle, 300), words.agents],
    [show.organisations, (ctx) => marks.cells(ctx, WIDTH / 2, middle, 6), words.cells],
    ...PALETTE.legend.map((one) => [show.places, kind(PALETTE.places[one]), words[`kind_${one}`]]),
  ];
  return rows.filter(([shown]) => shown).map(([, ...row]) => row);
}

/** Draw a ribbon with dots. */
function drawWedge(map, ctx) {
  const middle = HEIGHT / 2, { show, tones } = map;
  if (show.flow) fill(ctx, polyline([[1, middle - 5], [WIDTH, middle - 2], [WIDTH, middle + 2], [1, middle + 5]]), tones.ribbon);
  for (const x of show.people ? [10, 24, 31, 46] : []) fill(ctx, circle(x, middle + ((x * 7) % 5) - 2, 1.7), tones.dot);
}

/** Return two numbers of people whose rings fit into the legend. */
function ringSizes(map) {
  const most = (DAYS * Math.max(map.full, 1)) / 3, power = 10 ** Math.floor(Math.log10(Math.max(most, 10)));
  return [power / 5, power];
}

function drawRingSamples(map, ctx) {
  const [small, large] = ringSizes(map).map((people) => Math.min(9, ringRadius(map, people)));
  marks.barredRing(ctx, 16, HEIGHT / 2, small, PALETTE.ink);
  marks.barredRing(ctx, 40, HEIGHT / 2, large, PALETTE.ink);
}

function ringNote(map) {
  const [small, large] = ringSizes(map).map((people) => map.number(people));
  return map.words.legend_stops_note.replace("{small}", small).replace("{large}", large);
}

/** Rebuild the legend; it depends on words, visible layers and the scale of the flows. */
export function paintLegend(map, rows) {
  const { legend, words } = map;
  legend.replaceChildren();
  setText(addElement("summary", "", legend), words.legend);
  for (const [draw, heading, note] of rows) {
    const item = addElement("div", "tb-row", legend);
    if (draw) draw(prepareCanvas(addElement("canvas", "", item, { "aria-hidden": "true" }), WIDTH, HEIGHT));
    const text = addElement("span", "", item);
    if (heading) setText(addElement("b", "", text), heading);
    if (note) setText(addElement("small", "", text), note);
  }
}
