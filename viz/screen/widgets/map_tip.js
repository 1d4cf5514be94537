// The tooltip: the place, sector or leg under the pointer or the keyboard focus, and its figures.

import { setText, showTooltip, spokenText } from "./page.js";
import { onStage } from "./map_world.js";

/** Largest distance of the pointer in pixels: to a place, to a line. */
const PLACE_DISTANCE = 13, LEG_DISTANCE = 6;

/** Return the place, sector or leg at a point of the stage as {kind, index}, or null. */
export function targetAt(map, x, y) {
  return placeAt(map, x, y) || sectorAt(map, x, y) || legAt(map, x, y);
}

function placeAt(map, x, y) {
  let found = null, nearest = PLACE_DISTANCE;
  map.world.places.forEach((place, index) => {
    if (!place.inside) return;
    const [px, py] = onStage(map, place.x, place.y);
    const distance = Math.hypot(px - x, py - y);
    if (distance < nearest) [found, nearest] = [{ kind: "place", index }, distance];
  });
  return found;
}

function sectorAt(map, x, y) {
  const { enforcement, harm } = map.show;
  if (!enforcement && !harm) return null;
  const column = map.columns.find((s) => Math.abs(s.x - x) < 11 && y < s.y + 3 && y > s.y - s.height);
  return column ? { kind: "sector", index: column.index } : null;
}

function legAt(map, x, y) {
  const ux = (x - map.view.x) / map.view.k, uy = (y - map.view.y) / map.view.k;
  let found = null, nearest = LEG_DISTANCE / map.view.k;
  for (const { leg } of map.flows) {
    for (let row = 0; row < leg.table.length; row += 4) {
      const distance = Math.hypot(leg.table[row] - ux, leg.table[row + 1] - uy);
      if (distance < nearest) [found, nearest] = [leg, distance];
    }
  }
  return found ? { kind: "leg", index: map.world.legs.indexOf(found) } : null;
}

/** Return heading and rows [label, value] of a target. */
export function describe(map, { kind, index }) {
  if (kind === "place") return describePlace(map, index);
  if (kind === "leg") return describeLeg(map, index);
  return [map.words.sector_of.replace("{name}", map.world.sectors[index].name), sectorRows(map, index)];
}

/** Return the rows with a number above 0. */
function positiveRows(map, pairs) {
  return pairs.filter(([, value]) => value > 0).map(([label, value]) => [label, map.number(value)]);
}

function describePlace(map, index) {
  const { words, frame, world } = map, place = world.places[index];
  const rows = [[words[`kind_${place.kind}`]]];
  if (!frame) return [place.name, rows];
  const sum = (field, end) =>
    world.legs.reduce((all, leg, i) => all + (leg[end] === index ? frame[field][i] : 0), 0);
  rows.push(...positiveRows(map, [
    [words.arriving, sum("flow", "head")],
    [words.leaving, sum("flow", "tail")],
    [words.officers, frame.officers[index]],
    [words.stopped, sum("stopped", "tail")],
    [words.cells, frame.cells[index]],
  ]));
  if (place.sector >= 0) {
    rows.push([words.sector_of.replace("{name}", world.sectors[place.sector].name)]);
    rows.push(...sectorRows(map, place.sector));
  }
  return [place.name, rows];
}

function describeLeg(map, index) {
  const { words, frame, world } = map, leg = world.legs[index];
  const name = `${world.places[leg.tail].short} → ${world.places[leg.head].short}`;
  const rows = [[words[`mode_${leg.mode}`]]];
  if (!frame) return [name, rows];
  rows.push(...positiveRows(map, [[words.flow, frame.flow[index]], [words.stopped, frame.stopped[index]]]));
  return [name, rows];
}

function sectorRows(map, index) {
  const { words, frame } = map;
  if (!frame) return [];
  return positiveRows(map, [
    [words.agents, frame.agents[index]],
    [words.caught, frame.caught[index]],
    [words.away, frame.away[index]],
    [words.deaths_here, Math.round(frame.dead[index] / 10)],
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
