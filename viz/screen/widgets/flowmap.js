// The map of flows: what the page has of it, and which trait changes what.

import { clamp, make, numbers, once, onWidth, watch, write, send } from "./page.js";
import { attach, zoom } from "./map_hand.js";
import { paintLabels, placeLabels, placeStands } from "./map_labels.js";
import { paintLegend } from "./map_legend.js";
import { paintDrift, paintFlow, paintMarks } from "./map_paint.js";
import { refreshTip } from "./map_tip.js";
import { bounded, decode, fitted, heightFor, paintGround, prepare } from "./map_world.js";

/** Each layer is painted on an occasion of its own: the view, a frame, a moment, a frame, the view. */
const LAYERS = ["ground", "flow", "drift", "marks", "labels"];
/** From this width on legend and figures lie on the sea and the land around, below it under the map. */
const ROOMY = 640;
/** Below this width the legend waits to be opened. */
const OPEN = 400;
let count = 0;

export default { render };

function render({ model, el }) {
  const map = state(model, el);
  build(map);
  attach(map);
  map.repaint = once(() => paint(map));
  read(map);
  const fits = onWidth(map.root, (width) => resize(map, width));
  const ends = [watch(model, listeners(map)), fits, map.repaint.end];
  return () => ends.forEach((end) => end());
}

/** All that the map remembers. */
function state(model, el) {
  return {
    model, el, layers: {}, width: 0, height: 0, hover: null, focus: -1, pointer: [0, 0], moved: 0,
    fingers: new Map(), frame: null, carrying: [], stands: [], labels: [], covered: [],
    day: 0, arrived: 0, glide: null, drifting: false, painted: 0, answered: null,
    calm: window.matchMedia("(prefers-reduced-motion: reduce)"),
  };
}

/** Elements, once. */
function build(map) {
  const id = `tb-map-${++count}`;
  map.root = make("div", "tb-map", map.el);
  map.title = make("div", "tb-title", map.root, { id });
  const frame = make("div", "tb-frame", map.root);
  const view = make("div", "tb-view", frame);
  map.stage = make("div", "tb-stage", view, {
    tabindex: 0, role: "application", "aria-labelledby": id, "aria-describedby": `${id}-text`,
  });
  for (const name of LAYERS) map.layers[name] = make("canvas", "", map.stage, { "aria-hidden": "true" });
  map.tip = make("div", "tb-tip", map.stage, { "aria-hidden": "true", hidden: "" });
  map.figures = figureRows(frame);
  map.legend = make("details", "tb-legend", frame);
  buttons(map, make("div", "tb-zoom", view));
  map.text = make("p", "tb-unseen", map.root, { id: `${id}-text` });
  map.live = make("p", "tb-unseen", map.root, { "aria-live": "polite" });
}

/** A heading and three rows, filled with every frame. */
function figureRows(parent) {
  const box = make("div", "tb-figures", parent);
  make("b", "", box);
  for (let i = 0; i < 3; i++) {
    const row = make("div", "", box);
    make("span", "", row);
    make("b", "", row);
  }
  return box;
}

function buttons(map, box) {
  const button = (sign, factor) => {
    const node = make("button", "", box, { type: "button" });
    write(node, sign);
    node.addEventListener("click", () => zoom(map, factor));
    return node;
  };
  [map.closer, map.wider, map.reset] = [button("+", 1.5), button("−", 1 / 1.5), button("⟲", 0)];
  map.reset.hidden = true;
  map.redraw = () => {
    map.stale = true;
    map.repaint();
  };
}

/** Which change of a trait leads to what. */
function listeners(map) {
  const again = (get) => () => {
    get(map);
    map.redraw();
  };
  return {
    world: () => {
      readWorld(map);
      map.answered = null; // the frame is read anew
      if (map.width) resize(map, map.width);
    },
    "words show": again(readWords),
    full: again(readLook),
    "title colour text selected path at": () => {
      readLook(map);
      map.repaint();
    },
    serial: map.repaint, // the frame comes with its number; only the newest is drawn
  };
}

/** Everything from the traits. */
function read(map) {
  readWorld(map);
  readLook(map);
  readWords(map);
}

function readWorld(map) {
  map.world = prepare(map.model.get("world"));
}

function readWords(map) {
  const { model } = map, words = model.get("words");
  map.words = words;
  map.show = model.get("show");
  map.number = numbers(map.words);
  map.stage.setAttribute("aria-roledescription", words.map);
  const names = [words.zoom_in, words.zoom_out, words.zoom_reset];
  for (const [i, node] of [map.closer, map.wider, map.reset].entries()) {
    node.title = names[i];
    node.setAttribute("aria-label", names[i]);
  }
}

function readLook(map) {
  for (const name of ["full", "colour", "selected", "path", "at"]) map[name] = map.model.get(name);
  write(map.title, map.model.get("title"));
  write(map.text, map.model.get("text"));
  map.root.style.setProperty("--accent", map.colour);
}

/** A new width: a new height, and the view stays on what it showed. */
function resize(map, width) {
  const { fit: old, view, middle } = map, deep = old ? view.k / old.k : 1;
  map.width = width;
  map.root.classList.toggle("tb-roomy", width >= ROOMY);
  if (!old || width >= ROOMY) map.legend.open = width >= OPEN;
  map.height = heightFor(map);
  map.stage.style.height = `${map.height}px`;
  map.fit = fitted(map);
  map.middle = [width / 2, map.height / 2];
  const k = deep * map.fit.k;
  const [x, y] = old ? [(middle[0] - view.x) / view.k, (middle[1] - view.y) / view.k] : [0, 0];
  map.view = bounded(map, { k, x: map.middle[0] - k * x, y: map.middle[1] - k * y });
  map.redraw();
}

/** Draw what is new and answer for it. */
function paint(map) {
  if (!map.width) return;
  const serial = map.model.get("serial"), fresh = serial !== map.answered;
  if (fresh) arrive(map);
  figures(map);
  if (map.stale) layOut(map);
  paintFlow(map);
  paintMarks(map);
  drift(map);
  if (map.hover || map.focus >= 0) refreshTip(map);
  if (fresh) answer(map, serial);
}

/** What changes with the view, the words or the choice of what is shown. */
function layOut(map) {
  map.stale = false;
  paintLegend(map);
  paintGround(map);
  map.stands = map.show.enforcement || map.show.harm ? placeStands(map) : [];
  map.covered = coveredBy(map);
  map.labels = placeLabels(map);
  paintLabels(map);
}

/** Boxes on the stage that lie under the buttons, the legend and the figures. */
function coveredBy(map) {
  const stage = map.stage.getBoundingClientRect();
  return [map.reset.parentNode, map.legend, map.figures].map((node) => {
    const box = node.getBoundingClientRect();
    return [box.left - stage.left, box.top - stage.top, box.right - stage.left, box.bottom - stage.top];
  });
}

/** Take the newest frame; from day to day things glide, over a longer way they jump. */
function arrive(map) {
  map.frame = decode(map.model.get("frame"), map.world.layout);
  const day = map.frame ? map.frame.day[0] : 0, now = performance.now();
  const near = day > map.day && day - map.day <= 7 && !map.calm.matches && !document.hidden;
  map.glide = near ? { from: map.day, start: now, span: clamp(now - map.arrived, 30, 600) } : null;
  [map.day, map.arrived] = [day, now];
}

/** Tell the server that this frame is on the screen. */
function answer(map, serial) {
  map.answered = serial;
  map.el.dataset.painted = ++map.painted;
  if (map.model.get("answers") === false) return;
  map.model.set("ack", serial);
  send(map.model);
}

/** Heads move on until they are where the day has them; then nothing runs. */
function drift(map) {
  const { glide, day } = map;
  const share = glide ? Math.min(1, (performance.now() - glide.start) / glide.span) : 1;
  paintDrift(map, glide ? glide.from + share * (day - glide.from) : day);
  if (share >= 1) map.glide = null;
  else if (!map.drifting) {
    map.drifting = true;
    requestAnimationFrame(() => {
      map.drifting = false;
      if (map.root.isConnected) drift(map);
    });
  }
}

/** Deaths and kidnappings since the start, in plain numbers. */
function figures(map) {
  const { frame, words, show } = map;
  const hidden = !show.harm || !frame;
  map.stale ||= hidden !== map.figures.hidden; // names keep clear of the figures
  map.figures.hidden = hidden;
  if (hidden) return;
  const dead = [...frame.dead].reduce((sum, d) => sum + d, 0) / 10;
  const rows = [
    [words.deaths, dead],
    [words.deaths_mexico, frame.dead.at(-1) / 10],
    [words.kidnapped, frame.kidnapped[0]],
  ];
  write(map.figures.children[0], words.since_start);
  rows.forEach(([label, value], i) => {
    const [name, number] = map.figures.children[i + 1].children;
    write(name, label);
    write(number, map.number(Math.round(value)));
  });
}
