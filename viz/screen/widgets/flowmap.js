// The map of flows: its elements and state, and the effects of each trait.

import {
  addElement, clamp, listen, numberFormat, observeSize, oncePerFrame, sendTrait, setText, uniqueId,
} from "./page.js";
import { attach, zoom } from "./map_input.js";
import { paintLabels, placeLabels, placeColumns } from "./map_labels.js";
import { paintLegend } from "./map_legend.js";
import { paintArrowheads, paintFlow, paintMarks } from "./map_paint.js";
import { refreshTooltip } from "./map_tip.js";
import { boundedView, decodeFrame, fittedView, stageHeight, paintGround, prepareWorld } from "./map_world.js";

/** Layers from bottom to top; each is repainted on its own occasion (view, frame, animation, frame, view). */
const LAYERS = ["ground", "flow", "drift", "marks", "labels"];
/** From this width on, legend and figures are placed over the map; below it, under the map. */
const ROOMY = 640;
/** Below this width the legend is closed at first. */
const OPEN = 400;

export default { render };

function render({ model, el }) {
  const map = {
    model, el, layers: {}, width: 0, height: 0, hover: null, focus: -1, pointer: [0, 0], dragged: 0,
    pointers: new Map(), frame: null, flows: [], columns: [], labels: [], coveredBoxes: [],
    day: 0, arrived: 0, glide: null, animating: false, painted: 0, acknowledged: null,
    reducedMotion: window.matchMedia("(prefers-reduced-motion: reduce)"),
  };
  createElements(map);
  attach(map);
  map.repaint = oncePerFrame(() => paint(map));
  map.requestLayout = () => {
    map.needsLayout = true;
    map.repaint();
  };
  map.world = prepareWorld(model.get("world"));
  readTraits(map);
  const onWorld = () => {
    map.world = prepareWorld(model.get("world"));
    map.acknowledged = null; // decode the frame again
    if (map.width) resize(map, map.width);
  };
  const onTraits = (next) => () => {
    readTraits(map);
    next();
  };
  const stop = listen(model, {
    world: onWorld,
    "words show full": onTraits(map.requestLayout),
    "title colour text selected path at": onTraits(map.repaint),
    serial: map.repaint, // a frame arrives with its number; only the newest is drawn
  });
  const ends = [stop, observeSize(map.stage, (width, height) => onSize(map, width, height)), map.repaint.end];
  return () => ends.forEach((end) => end());
}

function createElements(map) {
  const id = uniqueId("tb-map");
  map.root = addElement("div", "tb-map", map.el);
  map.title = addElement("div", "tb-title", map.root, { id });
  const frame = addElement("div", "tb-frame", map.root), view = addElement("div", "tb-view", frame);
  map.stage = addElement("div", "tb-stage", view, {
    tabindex: 0, role: "application", "aria-labelledby": id, "aria-describedby": `${id}-text`,
  });
  for (const name of LAYERS) map.layers[name] = addElement("canvas", "", map.stage, { "aria-hidden": "true" });
  map.tooltip = addElement("div", "tb-tip", map.stage, { "aria-hidden": "true", hidden: "" });
  map.figures = addElement("div", "tb-figures", frame);
  const heading = addElement("b", "", map.figures);
  const rows = [0, 1, 2].map(() => addElement("div", "", map.figures));
  map.figureTexts = [heading, ...rows.flatMap((row) => ["span", "b"].map((tag) => addElement(tag, "", row)))];
  map.legend = addElement("details", "tb-legend", frame);
  map.controls = addElement("div", "tb-zoom", view);
  map.buttons = [["+", 1.5], ["−", 1 / 1.5], ["⟲", 0]].map(([sign, factor]) => {
    const node = addElement("button", "", map.controls, { type: "button" });
    setText(node, sign);
    node.addEventListener("click", () => zoom(map, factor));
    return node;
  });
  map.reset = map.buttons[2];
  map.reset.hidden = true;
  map.text = addElement("p", "tb-unseen", map.root, { id: `${id}-text` });
  map.live = addElement("p", "tb-unseen", map.root, { "aria-live": "polite" });
}

/** Read all traits but the world and the frame. */
function readTraits(map) {
  const get = (name) => map.model.get(name);
  for (const name of ["full", "colour", "selected", "path", "at", "words", "show"]) map[name] = get(name);
  map.number = numberFormat(map.words);
  setText(map.title, get("title"));
  setText(map.text, get("text"));
  map.root.style.setProperty("--accent", map.colour);
  map.stage.setAttribute("aria-roledescription", map.words.map);
  [map.words.zoom_in, map.words.zoom_out, map.words.zoom_reset].forEach((name, i) => {
    map.buttons[i].title = name;
    map.buttons[i].setAttribute("aria-label", name);
  });
}

/** Adapt to a new size of the stage, whose height the page can set. */
function onSize(map, width, height) {
  map.fixed = getComputedStyle(map.stage).getPropertyValue("--tb-map-height").trim() !== "";
  if (width !== map.width || (map.fixed && height !== map.height)) resize(map, width);
}

/** Adapt to a new width: compute the height, and keep the centre of the view. */
function resize(map, width) {
  const { fit: old, view, centre } = map, zoomed = old ? view.k / old.k : 1;
  map.width = width;
  map.root.classList.toggle("tb-roomy", width >= ROOMY);
  if (!old || width >= ROOMY) map.legend.open = width >= OPEN;
  if (map.fixed) map.stage.style.height = "";
  map.height = map.fixed ? map.stage.clientHeight : stageHeight(map);
  if (!map.fixed) map.stage.style.height = `${map.height}px`;
  map.fit = fittedView(map);
  map.centre = [width / 2, map.height / 2];
  const k = zoomed * map.fit.k;
  const [x, y] = old ? [(centre[0] - view.x) / view.k, (centre[1] - view.y) / view.k] : [0, 0];
  map.view = boundedView(map, { k, x: map.centre[0] - k * x, y: map.centre[1] - k * y });
  map.requestLayout();
}

/** Draw the changes, and acknowledge a new frame. */
function paint(map) {
  if (!map.width) return;
  const serial = map.model.get("serial"), fresh = serial !== map.acknowledged;
  if (fresh) readFrame(map);
  writeFigures(map);
  if (map.needsLayout) updateLayout(map);
  paintFlow(map);
  paintMarks(map);
  animateArrowheads(map);
  if (map.hover || map.focus >= 0) refreshTooltip(map);
  if (fresh) acknowledge(map, serial);
}

/** Compute and draw the parts that depend only on view, words and layers. */
function updateLayout(map) {
  map.needsLayout = false;
  paintLegend(map);
  paintGround(map);
  map.columns = map.show.enforcement || map.show.harm ? placeColumns(map) : [];
  map.coveredBoxes = boxesOnStage(map);
  map.labels = placeLabels(map);
  paintLabels(map);
}

/** Return the boxes of the stage that are covered by buttons, legend and figures. */
function boxesOnStage(map) {
  const stage = map.stage.getBoundingClientRect();
  return [map.controls, map.legend, map.figures].map((node) => {
    const box = node.getBoundingClientRect();
    return [box.left - stage.left, box.top - stage.top, box.right - stage.left, box.bottom - stage.top];
  });
}

/** Decode the newest frame; arrowheads move continuously over up to 7 days, and jump over more. */
function readFrame(map) {
  map.frame = decodeFrame(map.model.get("frame"), map.world.layout);
  const day = map.frame ? map.frame.day[0] : 0, now = performance.now();
  const near = day > map.day && day - map.day <= 7 && !map.reducedMotion.matches && !document.hidden;
  map.glide = near ? { from: map.day, start: now, span: clamp(now - map.arrived, 30, 600) } : null;
  [map.day, map.arrived] = [day, now];
}

/** Report to the server that this frame has been drawn. */
function acknowledge(map, serial) {
  map.acknowledged = serial;
  map.el.dataset.painted = ++map.painted;
  if (map.model.get("answers") !== false) sendTrait(map.model, "ack", serial);
}

/** Move the arrowheads until they reach the positions of the day; then stop the animation. */
function animateArrowheads(map) {
  const { glide, day } = map;
  const share = glide ? Math.min(1, (performance.now() - glide.start) / glide.span) : 1;
  paintArrowheads(map, glide ? glide.from + share * (day - glide.from) : day);
  if (share >= 1) map.glide = null;
  else if (!map.animating) {
    map.animating = true;
    requestAnimationFrame(() => {
      map.animating = false;
      if (map.root.isConnected) animateArrowheads(map);
    });
  }
}

/** Write deaths and kidnappings since the start as numbers. */
function writeFigures(map) {
  const { frame, words } = map, hidden = !map.show.harm || !frame;
  map.needsLayout ||= hidden !== map.figures.hidden; // names must not overlap the figures
  map.figures.hidden = hidden;
  if (hidden) return;
  const dead = [...frame.dead].reduce((sum, d) => sum + d, 0) / 10;
  const [inMexico, kidnapped] = [frame.dead.at(-1) / 10, frame.kidnapped[0]];
  const rows = [[words.deaths, dead], [words.deaths_mexico, inMexico], [words.kidnapped, kidnapped]];
  const texts = rows.flatMap(([label, value]) => [label, map.number(Math.round(value))]);
  [words.since_start, ...texts].forEach((text, i) => setText(map.figureTexts[i], text));
}
