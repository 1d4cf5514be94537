// Parts that all maps share: elements, state, view, layers, and the effects of each trait. A kind
// of map adds `readFrame`, `frames`, `legendRows`, `paintFrame`, and its own `traits`.

import { addButton, addElement, drawings, listen, numberFormat, observeSize, oncePerFrame, sendTrait, setText, uniqueId } from "./page.js";
import { attach, others, refreshTooltip, zoom } from "./map_input.js";
import { paintLabels, placeDeathTags, placeLabels } from "./map_labels.js";
import { paintLegend } from "./map_paint.js";
import { boundedView, drawLayer, fittedView, stageHeight, paintGround, prepareWorld } from "./map_world.js";

const WIDE = 560, LINE_OF_TITLE = 38;
/** Return whether a map writes the number of each frame that it has drawn. */
const answers = ({ model }) => model.get("answers") !== false;

export function renderMap({ model, el }, kind) {
  const map = {
    model, el, layers: {}, width: 0, height: 0, hover: null, focus: -1, pointer: [0, 0], dragged: 0,
    pointers: new Map(), frame: null, flows: [], ribbons: [], values: [], dots: [], deathTags: [], labels: [], callouts: [], coveredBoxes: [],
    painted: 0, acknowledged: null, path: [], shared: [], stations: [], eventShown: -1, side: "", full: 0, colour: PALETTE.ink, selected: -1, show: {},
    reducedMotion: window.matchMedia("(prefers-reduced-motion: reduce)"), kind, frames: kind.frames,
  };
  createElements(map);
  attach(map);
  map.repaint = oncePerFrame(() => paint(map));
  map.linked = () => others(map).filter((other) => other.kind.name === kind.name); // every widget has its own copy of a kind
  [map.requestLayout, map.requestLabels] = ["needsLayout", "needsLabels"].map((need) => () => map.repaint((map[need] = true)));
  map.redraw = () => paint(map, (map.needsLayout = true));
  map.world = prepareWorld(model.get("world"));
  readTraits(map);
  el.tbMap = map; // Tests read it.
  drawings().add(map);
  const left = new AbortController(), { signal } = left;
  map.reducedMotion.addEventListener("change", map.repaint, { signal });
  document.fonts.addEventListener("loadingdone", map.requestLayout, { signal }); // A canvas keeps the font with which it was painted.
  const ends = [followTraits(map), observeSize(map.stage, (width, height) => onSize(map, width, height)), map.repaint.end];
  return () => {
    drawings().delete(map);
    left.abort();
    ends.forEach((end) => end());
  };
}

function followTraits(map) {
  const onWorld = () => {
    map.world = prepareWorld(map.model.get("world"));
    map.acknowledged = null; // Decode the frame again.
    if (map.width) resize(map, map.width);
  };
  const onTraits = (next) => () => next(readTraits(map));
  return listen(map.model, {
    world: onWorld,
    [map.kind.layoutTraits]: onTraits(map.requestLayout),
    [map.kind.paintTraits]: onTraits(map.repaint),
    callouts: onTraits(map.requestLabels),
    serial: () => onFrame(map), // A frame arrives with its number, and only the newest frame is drawn.
  });
}

/** Draw the maps of a page together: a map that does not answer waits until the answering map has this frame. */
function onFrame(map) {
  const linked = map.linked(), answering = linked.find(answers);
  if (answers(map) || !(answering?.model.get("serial") < map.model.get("serial"))) [map, ...linked].forEach((each) => each.repaint());
}

/** Ground and labels are painted again only after a change of view. Only the frame, which contains both, is on
 * the page: the browser composes one opaque picture of a map much faster than several. */
function createElements(map) {
  const id = uniqueId("tb-map");
  map.root = addElement("div", "tb-map", map.el);
  const frame = addElement("div", "tb-frame", map.root);
  map.stage = addElement("div", "tb-stage", frame, {
    tabindex: 0, role: "application", "aria-labelledby": id, "aria-describedby": `${id}-text`,
  });
  map.title = addElement("div", "tb-title", frame, { id });
  map.badge = addElement("i", "tb-badge", map.title, { "aria-hidden": "true" });
  map.titleText = addElement("span", "", map.title);
  for (const name of ["ground", "labels"]) map.layers[name] = document.createElement("canvas");
  map.layers.live = addElement("canvas", "", map.stage, { "aria-hidden": "true" });
  for (const name of ["ground", "live"]) map.layers[name].getContext("2d", { alpha: false });
  map.tooltip = addElement("div", "tb-tip", map.stage, { "aria-hidden": "true", hidden: "" });
  map.legend = addElement("details", "tb-legend", frame);
  map.legend.addEventListener("toggle", () => map.width && map.requestLayout());
  map.controls = addElement("div", "tb-zoom", frame);
  map.buttons = [["+", 1.5], ["−", 1 / 1.5], ["⟲", 0]].map(([sign, factor]) =>
    addButton("", map.controls, sign, () => zoom(map, factor)));
  map.reset = map.buttons[2];
  map.reset.hidden = true;
  map.text = addElement("p", "tb-unseen", map.root, { id: `${id}-text` });
  map.live = addElement("p", "tb-unseen", map.root, { "aria-live": "polite" });
}

function readTraits(map) {
  const get = (name) => map.model.get(name);
  for (const name of [...map.kind.traits, "selected", "words"]) map[name] = get(name) ?? map[name];
  map.number = numberFormat(map.words);
  setText(map.badge, map.side);
  map.badge.className = map.side ? `tb-badge tb-badge-${map.side.toLowerCase()}` : "";
  map.badge.hidden = !map.side;
  setText(map.titleText, get("title") ?? "");
  map.title.classList.toggle("tb-none", !get("title"));
  setText(map.text, get("text") ?? "");
  map.root.style.setProperty("--accent", map.colour);
  map.kind.onTraits?.(map);
  map.stage.setAttribute("aria-roledescription", map.words.map);
  [map.words.zoom_in, map.words.zoom_out, map.words.zoom_reset].forEach((name, i) => {
    map.buttons[i].title = name;
    map.buttons[i].setAttribute("aria-label", name);
  });
}

/** Adapt to a new size of the stage. Its height matters only if the page sets it. */
function onSize(map, width, height) {
  map.givenHeight = getComputedStyle(map.stage).getPropertyValue("--tb-map-height").trim() !== "";
  if (width !== map.width || (map.givenHeight && height !== map.height)) resize(map, width);
}

function resize(map, width) {
  const { fit: old, view, centre } = map, zoomed = old ? view.k / old.k : 1;
  map.width = width;
  if (!old) map.legend.open = width >= WIDE;
  map.height = stageHeight(map);
  map.stage.style.height = map.givenHeight ? "" : `${map.height}px`;
  map.fit = fittedView(map, titleBottom(map));
  map.centre = [width / 2, map.height / 2];
  const k = zoomed * map.fit.k;
  const [x, y] = old ? [(centre[0] - view.x) / view.k, (centre[1] - view.y) / view.k] : [0, 0];
  map.view = boundedView(map, { k, x: map.centre[0] - k * x, y: map.centre[1] - k * y });
  map.requestLayout();
}

function paint(map) {
  if (!map.width) return;
  const serial = map.model.get("serial"), fresh = serial !== map.acknowledged;
  if (fresh) map.kind.readFrame(map);
  if (map.needsLayout) updateLayout(map);
  if (map.needsLabels) updateLabels(map);
  map.kind.paintFrame(map, drawLayer(map, "ground"));
  drawLayer(map, "labels");
  refreshTooltip(map);
  if (fresh) acknowledge(map, serial);
  if (fresh && map.hover) for (const other of others(map)) other.repaint(); // The tooltips of the other maps contain this value too.
}

function updateLayout(map) {
  [map.needsLayout, map.needsLabels] = [false, true];
  paintLegend(map, map.kind.legendRows(map));
  map.coveredBoxes = boxesOnStage(map);
  paintGround(map);
  map.deathTags = map.show.deaths ? placeDeathTags(map) : [];
}

function updateLabels(map) {
  map.needsLabels = false;
  map.labels = [];
  map.placedCallouts = map.kind.calloutsOf?.(map) ?? []; // Callouts are placed first, because names must not cover them.
  map.labels = placeLabels(map);
  paintLabels(map);
}

/** Return the boxes of page elements over the stage, which have the attribute `data-over-map`. */
function boxesOnStage(map) {
  const boxes = [map.title, map.controls, map.legend, ...document.querySelectorAll("[data-over-map], .tb-edge")].map((node) => boxOnStage(map, node));
  return boxes.filter(([left, top, right, bottom]) =>
    right > Math.max(0, left) + 2 && bottom > Math.max(0, top) + 2 && left < map.width && top < map.height);
}

function boxOnStage({ stage }, node) {
  const box = node.getBoundingClientRect(), at = stage.getBoundingClientRect();
  return [box.left - at.left, box.top - at.top, box.right - at.left, box.bottom - at.top];
}

/** Return the bottom of the title at the top left of the map, whether the map or the page shows it, or 0. Both
 * maps of a pair need the same value, so a title of several lines counts as one line. */
function titleBottom(map) {
  const titles = [map.title, ...document.querySelectorAll("[data-over-map=title]")].map((node) => boxOnStage(map, node));
  const over = titles.filter(([left, top, right]) => right > left + 2 && left >= 0 && left < 40 && top >= 0 && top < 40);
  return Math.max(0, ...over.map(([, top, , bottom]) => Math.min(bottom, top + LINE_OF_TITLE)));
}

function acknowledge(map, serial) {
  map.acknowledged = serial;
  map.el.dataset.painted = ++map.painted;
  if (answers(map)) sendTrait(map.model, "ack", serial);
}
