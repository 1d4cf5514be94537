// What lies under a pointer or the keyboard, and the figures that are told of it.

import { showTip, spoken, write } from "./page.js";
import { onStage } from "./map_world.js";

/** How near a pointer must be, in pixels: to a place, to a line. */
const NEAR = 13, BESIDE = 6;

/** The place, sector or leg at a point of the stage: {kind, index}, or nothing. */
export function targetAt(map, x, y) {
  return placeAt(map, x, y) || sectorAt(map, x, y) || legAt(map, x, y);
}

function placeAt(map, x, y) {
  let found = null, nearest = NEAR;
  map.world.places.forEach((place, index) => {
    if (!place.inside) return;
    const [px, py] = onStage(map, place.x, place.y);
    const far = Math.hypot(px - x, py - y);
    if (far < nearest) [found, nearest] = [{ kind: "place", index }, far];
  });
  return found;
}

function sectorAt(map, x, y) {
  const { enforcement, harm } = map.show;
  if (!enforcement && !harm) return null;
  const stand = map.stands.find((s) => Math.abs(s.x - x) < 11 && y < s.y + 3 && y > s.y - s.tall);
  return stand ? { kind: "sector", index: stand.index } : null;
}

function legAt(map, x, y) {
  const ux = (x - map.view.x) / map.view.k, uy = (y - map.view.y) / map.view.k;
  let found = null, nearest = BESIDE / map.view.k;
  for (const { leg } of map.carrying) {
    for (let row = 0; row < leg.table.length; row += 4) {
      const far = Math.hypot(leg.table[row] - ux, leg.table[row + 1] - uy);
      if (far < nearest) [found, nearest] = [leg, far];
    }
  }
  return found ? { kind: "leg", index: map.world.legs.indexOf(found) } : null;
}

/** Heading and rows [label, value] of a target. */
export function told(map, { kind, index }) {
  if (kind === "place") return toldOfPlace(map, index);
  if (kind === "leg") return toldOfLeg(map, index);
  return [map.words.sector_of.replace("{name}", map.world.sectors[index].name), sectorRows(map, index)];
}

/** Rows with a number above nothing. */
function counted(map, pairs) {
  return pairs.filter(([, value]) => value > 0).map(([label, value]) => [label, map.number(value)]);
}

function toldOfPlace(map, index) {
  const { words, frame, world } = map, place = world.places[index];
  const rows = [[words[`kind_${place.kind}`]]];
  if (!frame) return [place.name, rows];
  const sum = (field, end) =>
    world.legs.reduce((all, leg, i) => all + (leg[end] === index ? frame[field][i] : 0), 0);
  rows.push(...counted(map, [
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

function toldOfLeg(map, index) {
  const { words, frame, world } = map, leg = world.legs[index];
  const name = `${world.places[leg.tail].short} → ${world.places[leg.head].short}`;
  const rows = [[words[`mode_${leg.mode}`]]];
  if (!frame) return [name, rows];
  rows.push(...counted(map, [[words.flow, frame.flow[index]], [words.stopped, frame.stopped[index]]]));
  return [name, rows];
}

function sectorRows(map, index) {
  const { words, frame } = map;
  if (!frame) return [];
  return counted(map, [
    [words.agents, frame.agents[index]],
    [words.caught, frame.caught[index]],
    [words.away, frame.away[index]],
    [words.deaths_here, Math.round(frame.dead[index] / 10)],
  ]);
}

/** Show the figures of what the pointer is on, else of what the keyboard is on, else none. */
export function refreshTip(map) {
  const target = map.hover || (map.focus >= 0 ? { kind: "place", index: map.focus } : null);
  if (!target) {
    map.tip.hidden = true;
    return;
  }
  const [heading, rows] = told(map, target);
  showTip(map.tip, map.stage, heading, rows, ...standingAt(map, target));
}

/** Where a target is on the stage; a leg is where the pointer is. */
function standingAt(map, { kind, index }) {
  if (kind === "place") return onStage(map, map.world.places[index].x, map.world.places[index].y);
  if (kind === "leg") return map.pointer;
  const stand = map.stands.find((s) => s.index === index);
  return [stand.x, stand.y - 20];
}

/** Say the focused place to those who listen. */
export function announce(map) {
  write(map.live, map.focus < 0 ? "" : spoken(...told(map, { kind: "place", index: map.focus })));
}
