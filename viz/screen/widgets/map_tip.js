// The tooltip: the place, sector or leg under the pointer or the keyboard focus, and its figures.

import { setText, showTooltip, spokenText } from "./page.js";
import { onStage } from "./map_world.js";

/** Largest distance of the pointer in pixels: to a place, to a line. */
const PLACE_DISTANCE = 13, LEG_DISTANCE = 6;

/** Return the place, sector or leg at a point of the stage as {kind, index}, or null. */
export function targetAt(map, x, y) {
  return placeAt(map, x, y) || sectorAt(map, x, y) || legAt(map, x, y);
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

function sectorAt(map, x, y) {
  const column = map.columns.find((s) => Math.abs(s.x - x) < 11 && y < s.y + 3 && y > s.y - s.height);
  return column ? { kind: "sector", index: column.index } : null;
}

function legAt(map, x, y) {
  const ux = (x - map.view.x) / map.view.k, uy = (y - map.view.y) / map.view.k;
  return nearest(map.flows.map(({ leg: { table: t }, index }) => {
    let distance = Infinity;
    for (let i = 0; i < t.length; i += 4) distance = Math.min(distance, Math.hypot(t[i] - ux, t[i + 1] - uy));
    return { kind: "leg", index, distance };
  }), LEG_DISTANCE / map.view.k);
}

/** Return heading and rows [label, value] of a target. */
function describe(map, { kind, index }) {
  if (kind === "place") return describePlace(map, index);
  return kind === "leg" ? describeLeg(map, index) : [sectorName(map, index), sectorRows(map, index)];
}

/** Return those of the pairs of a frame whose number is above 0; none before the first frame. */
function positiveRows({ frame, number }, pairsOf) {
  const pairs = frame ? pairsOf(frame) : [];
  return pairs.filter(([, value]) => value > 0).map(([label, value]) => [label, number(value)]);
}

function describePlace(map, index) {
  const { words, world } = map, place = world.places[index];
  const sum = (counts, end) => world.legs.reduce((all, leg, i) => all + (leg[end] === index ? counts[i] : 0), 0);
  const rows = positiveRows(map, ({ flow, officers, stopped, cells }) => [
    [words.arriving, sum(flow, "head")],
    [words.leaving, sum(flow, "tail")],
    [words.officers, officers[index]],
    [words.stopped, sum(stopped, "tail")],
    [words.cells, cells[index]],
  ]);
  if (map.frame && place.sector >= 0) rows.push([sectorName(map, place.sector)], ...sectorRows(map, place.sector));
  return [place.name, [[words[`kind_${place.kind}`]], ...rows]];
}

function describeLeg(map, index) {
  const { words, world } = map, { tail, head, mode } = world.legs[index];
  const rows = positiveRows(map, ({ flow, stopped }) => [[words.flow, flow[index]], [words.stopped, stopped[index]]]);
  return [`${world.places[tail].short} → ${world.places[head].short}`, [[words[`mode_${mode}`]], ...rows]];
}

function sectorName(map, index) {
  return map.words.sector_of.replace("{name}", map.world.sectors[index].name);
}

function sectorRows(map, index) {
  const { words } = map;
  return positiveRows(map, ({ agents, caught, away, dead }) => [
    [words.agents, agents[index]],
    [words.caught, caught[index]],
    [words.away, away[index]],
    [words.deaths_here, Math.round(dead[index] / 10)],
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

/** Return the position of a target on the stage; for a leg, that of the pointer. */
function targetPosition(map, { kind, index }) {
  if (kind === "place") return onStage(map, map.world.places[index].x, map.world.places[index].y);
  if (kind === "leg") return map.pointer;
  const column = map.columns.find((s) => s.index === index);
  return [column.x, column.y - 20];
}

/** Announce the focused place to screen readers. */
export function announce(map) {
  setText(map.live, map.focus < 0 ? "" : spokenText(...describe(map, { kind: "place", index: map.focus })));
}
