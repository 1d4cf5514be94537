// The tooltip: the place or corridor under the pointer or the keyboard focus, and its figures.

import { setText, showTooltip, spokenText } from "./page.js";
import { sides } from "./map_link.js";
import { onStage, sumOf } from "./map_world.js";

/** Largest distance of the pointer in pixels: to a place, to the edge of a ribbon. */
const PLACE_DISTANCE = 13, EDGE = 5;

/** Return the place or corridor at a point of the stage as {kind, index}, or null. */
export function targetAt(map, x, y) {
  return placeAt(map, x, y) || corridorAt(map, x, y);
}

/** Return the candidate with the smallest distance below a limit, or null. */
function nearest(candidates, limit) {
  return candidates.reduce((best, one) => (one.distance < (best?.distance ?? limit) ? one : best), null);
}

function placeAt(map, x, y) {
  return nearest(map.world.places.map((place, index) => {
    const [px, py] = onStage(map, place.x, place.y);
    return { kind: "place", index, distance: place.inside ? Math.hypot(px - x, py - y) : Infinity };
  }), PLACE_DISTANCE);
}

/** Return the corridor whose ribbon is at a point; the distance counts from the edge of the ribbon. */
function corridorAt(map, x, y) {
  const { k } = map.view, ux = (x - map.view.x) / k, uy = (y - map.view.y) / k;
  return nearest(map.flows.map(({ corridor: { table: t }, index, width }) => {
    let distance = Infinity;
    for (let i = 0; i < t.length; i += 4) distance = Math.min(distance, Math.hypot(t[i] - ux, t[i + 1] - uy));
    return { kind: "leg", index, distance: k * distance - width / 3 };
  }), EDGE);
}

/** Return heading and rows [label, value of each world] of a target; the letters of two worlds are
 * above the first values. */
function describe(map, { kind, index }) {
  const worlds = sides(map), letters = worlds.length > 1 ? [["", ...worlds.map(({ side }) => side)]] : [];
  const [heading, rows] = { place: describePlace, leg: describeCorridor }[kind](map, index, worlds);
  const first = rows.findIndex((row) => row.length > 1);
  return [heading, first < 0 ? rows : [...rows.slice(0, first), ...letters, ...rows.slice(first)]];
}

/** Return a row for each figure that is above 0 in any world; none before the first frame. */
function rowsOf(map, worlds, figures) {
  const frames = worlds.map(({ frame }) => frame).filter(Boolean);
  const counted = frames.length ? figures.map(([label, count]) => [label, ...frames.map(count)]) : [];
  return counted.filter(([, ...values]) => values.some((value) => value > 0))
    .map(([label, ...values]) => [label, ...values.map((value) => map.number(value))]);
}

function describePlace(map, index, worlds) {
  const { words, world } = map, place = world.places[index];
  const sum = (counts, end) => world.legs.reduce((all, leg, i) => all + (leg[end] === index ? counts[i] : 0), 0);
  const rows = rowsOf(map, worlds, [
    [words.arriving, ({ flow }) => sum(flow, "head")],
    [words.leaving, ({ flow }) => sum(flow, "tail")],
    [words.stopped, ({ stopped }) => sum(stopped, "tail")],
    [words.officers, ({ officers }) => officers[index]],
    [words.cells, ({ cells }) => cells[index]],
  ]);
  if (map.frame && place.sector >= 0) {
    rows.push([words.sector_of.replace("{name}", world.sectors[place.sector].name)], ...sectorRows(map, place.sector, worlds));
  }
  return [place.name, [[words[`kind_${place.kind}`]], ...rows]];
}

/** Describe a corridor; with more than one leg also the flow of each mode. */
function describeCorridor(map, index, worlds) {
  const { words, world } = map, corridor = world.corridors[index], { tail, head, legs } = corridor;
  const modes = legs.map((leg) => [words[`mode_${world.legs[leg].mode}`], ({ flow }) => flow[leg]]);
  const [first, rows] = [words.flow, ({ flow }) => sumOf(corridor, flow)];
  const all = rowsOf(map, worlds, [
    [first, rows], ...(modes.length > 1 ? modes : []), [words.stopped, ({ stopped }) => sumOf(corridor, stopped)],
  ]);
  const heading = `${world.places[tail].short} → ${world.places[head].short}`;
  return [heading, [...(modes.length > 1 ? [] : [[modes[0][0]]]), ...all]];
}

function sectorRows(map, index, worlds) {
  const { words } = map;
  return rowsOf(map, worlds, [
    [words.agents, ({ agents }) => agents[index]],
    [words.caught, ({ caught }) => caught[index]],
    [words.away, ({ away }) => away[index]],
    [words.deaths_here, ({ dead }) => Math.round(dead[index] / 10)],
  ]);
}

/** Show the figures of the target under the pointer, or of the focused place; hide the tooltip otherwise. */
export function refreshTooltip(map) {
  const target = map.hover || (map.focus >= 0 ? { kind: "place", index: map.focus } : null);
  if (!target) {
    map.tooltip.hidden = true;
    return;
  }
  const [heading, rows] = describe(map, target);
  showTooltip(map.tooltip, map.stage, heading, rows, ...targetPosition(map, target));
}

/** Return the position of a target on the stage; for a corridor, the position of the pointer. */
function targetPosition(map, { kind, index }) {
  return kind === "leg" ? map.pointer : onStage(map, map.world.places[index].x, map.world.places[index].y);
}

/** Announce the focused place to screen readers. */
export function announce(map) {
  setText(map.live, map.focus < 0 ? "" : spokenText(...describe(map, { kind: "place", index: map.focus })));
}
