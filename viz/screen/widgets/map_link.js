// The maps of one page share view, hover, focus and selection.

import { drawings } from "./page.js";

/** Return the other maps of the page that show the same network. */
export function others(map) {
  const same = (one) => one.world.legs.length === map.world.legs.length;
  return [...drawings()].filter((one) => one !== map && one.world && one.root.isConnected && one.width && same(one));
}

/** Return side and frame of every world on the page, A before B; only the own map if it has no side. */
export function sides(map) {
  const found = [map, ...others(map)].flatMap((one) => one.frames(one)).filter(({ side, frame }) => side && frame);
  const first = new Map(found.reverse().map((one) => [one.side, one])); // the own map has priority
  const sorted = [...first.values()].sort((a, b) => (a.side < b.side ? -1 : 1));
  return sorted.length ? sorted : map.frames(map);
}

/** Set the view of this map on the others: the same centre, and the same zoom relative to the whole map. */
export function shareView(map, apply) {
  const { view, fit } = map, zoom = view.k / fit.k;
  const [x, y] = [(map.width / 2 - view.x) / view.k, (map.height / 2 - view.y) / view.k];
  for (const one of others(map)) {
    const k = zoom * one.fit.k;
    apply(one, { k, x: one.width / 2 - k * x, y: one.height / 2 - k * y });
  }
}

/** Show the target of this map on the others, too; a point is converted to the same place. */
export function shareTarget(map, target) {
  const { view } = map, [x, y] = map.pointer;
  const at = [(x - view.x) / view.k, (y - view.y) / view.k];
  for (const one of others(map)) {
    one.pointer = [one.view.x + one.view.k * at[0], one.view.y + one.view.k * at[1]];
    one.hover = target;
    one.repaint();
  }
}

export function shareSelection(map) {
  for (const one of others(map)) {
    one.selected = map.selected;
    one.repaint();
  }
}
