// Replay a run without a server: the widgets of the screen with the frames in this file.
// The page defines DATA (description of the page) and FILM (compressed frames and daily series).

import LiveChart from "../widgets/chart.js";
import DifferenceMap from "../widgets/differencemap.js";
import FlowMap from "../widgets/flowmap.js";
import { addElement, addText, clamp, dateOf, formatDate, isCommand } from "../widgets/page.js";

const WEEK = 7, FASTEST = 60;
const BUTTONS = { first: -Infinity, back: -1, on: 1, last: Infinity };
const ARROWS = { ArrowRight: 1, ArrowUp: 1, ArrowLeft: -1, ArrowDown: -1 };
const KEYS = { ...ARROWS, PageUp: WEEK, PageDown: -WEEK, Home: -Infinity, End: Infinity };
const { worlds, simulated, size, names, charted } = DATA, two = worlds.length > 1;
const state = { day: DATA.day, speed: 10, running: false, language: DATA.language, show: DATA.show, view: "side" };
const film = await decompress(FILM);
/** Return the part of the film for each world, where the first part starts at a byte. */
const partOf = (from, length) => worlds.map((_, k) => film.slice(from + k * length, from + (k + 1) * length));
const frames = partOf(0, simulated * size);
const figures = partOf(worlds.length * simulated * size, 4 * simulated * names.length)
  .map((bytes) => new Float32Array(bytes));
const EMPTY = new DataView(new ArrayBuffer(0));

async function decompress(text) {
  const packed = Uint8Array.from(atob(text), (letter) => letter.charCodeAt(0));
  const stream = new Blob([packed]).stream().pipeThrough(new DecompressionStream("gzip"));
  return new Response(stream).arrayBuffer();
}

/** Model with the methods that the widgets of the screen use. */
class Model {
  calls = {};
  constructor(traits) { this.traits = traits; }
  get(name) { return this.traits[name]; }
  set(name, value) { this.put({ [name]: value }); }
  save_changes() {}
  on(event, call) { (this.calls[event] ??= []).push(call); }
  put(changes) {
    Object.assign(this.traits, changes);
    for (const name in changes) for (const call of this.calls[`change:${name}`] ?? []) call();
  }
}

const word = (key) => DATA.words[state.language][key];
const locale = () => DATA.words[state.language].map.locale;
const find = (id) => document.getElementById(id);

function dailyFigures(world, name) {
  const column = names.indexOf(name);
  return Float32Array.from({ length: simulated }, (_, day) => figures[world][day * names.length + column]);
}

function weeklyMeans(values) {
  let sum = 0;
  return new DataView(values.map((value, i) => {
    sum += value - (i >= WEEK ? values[i - WEEK] : 0);
    return sum / Math.min(i + 1, WEEK);
  }).buffer);
}

const maps = worlds.map((side) =>
  new Model({ side: two ? side : "", serial: 0, path: [], callouts: [], selected: -1, show: DATA.show }));
const difference = new Model({ serial: 0, smallest: DATA.smallest, selected: -1 });
for (const changed of [...maps, difference]) {
  changed.on("change:selected", () => {
    const selected = changed.get("selected"); // The selection applies to all maps.
    for (const map of [...maps, difference]) if (map.get("selected") !== selected) map.put({ selected });
  });
}
const charts = charted.map((name) => {
  const [a, b = EMPTY] = worlds.map((_, k) => weeklyMeans(dailyFigures(k, name)));
  return new Model({ name, start: DATA.start, days: DATA.days, names: worlds, a, b });
});

function showDay(day) {
  state.day = clamp(Math.round(day), 0, simulated);
  if (state.day >= simulated) run(false);
  const [frame_a, frame_b] = worlds.map((_, k) => frameOf(k));
  const put = (map, traits) => map.put({ ...traits, serial: map.get("serial") + 1 });
  if (state.view === "difference") put(difference, { frame_a, frame_b, text: dayText() });
  else maps.forEach((map, k) => put(map, { frame: [frame_a, frame_b][k], text: dayText() }));
  for (const chart of charts) chart.put({ day: state.day });
  writeFigures();
}

function frameOf(world) {
  return state.day ? new DataView(frames[world], (state.day - 1) * size, size) : EMPTY;
}

/** Show both maps or the map of differences. A hidden map gets its frame when it is shown. */
function setView(view) {
  state.view = document.body.dataset.shows = view;
  for (const button of document.querySelectorAll("[data-view]")) {
    button.setAttribute("aria-pressed", String(button.dataset.view === view));
  }
  maps.forEach((_, k) => { find(`map-${k}`).hidden = view === "difference"; });
  if (two) find("difference").hidden = view !== "difference";
  showDay(state.day);
}

/** Run or pause. A run that has ended starts again from the first day. */
function run(on) {
  if (on === state.running) return;
  state.running = on;
  find("run").textContent = word(on ? "pause" : "run");
  if (!on) return;
  if (state.day >= simulated) state.day = 0;
  let last = performance.now(), due = 0;
  const advance = (now) => {
    if (!state.running) return;
    due = Math.min(WEEK, due + ((now - last) * state.speed) / 1000);
    last = now;
    const days = Math.floor(due);
    due -= days;
    if (days) showDay(state.day + days);
    requestAnimationFrame(advance);
  };
  requestAnimationFrame(advance);
}

/** Format a number. Large numbers have three significant digits, the precision of the model. */
function formatNumber(value, signDisplay = "auto") {
  const magnitude = Math.abs(value), maximumFractionDigits = magnitude < 10 && magnitude % 1 ? 1 : 0;
  const digits = magnitude >= 1000 ? { maximumSignificantDigits: 3 } : { maximumFractionDigits };
  return new Intl.NumberFormat(locale(), { ...digits, signDisplay }).format(value).replace("-", "−");
}

function formatDifference(a, b) {
  const percent = a > 0 ? ` (${formatNumber(Math.round(100 * (b / a - 1)), "exceptZero")} %)` : "";
  return formatNumber(b - a, "exceptZero") + percent;
}

function dayText() {
  return `${word("day")} ${state.day} ${word("of")} ${DATA.days}`;
}

function writeFigures() {
  const date = formatDate(locale(), dateOf(DATA.start, Math.max(0, state.day - 1)), { dateStyle: "long" });
  find("when").textContent = `${dayText()} · ${date}`;
  find("scrub").value = state.day;
  find("scrub").setAttribute("aria-valuetext", find("when").textContent);
  find("figures").replaceChildren(...names.map(figureRow));
}

function figureRow(name) {
  const stock = name === "in_transit", row = document.createElement("tr");
  const values = worlds.map((_, k) => {
    const days = dailyFigures(k, name).slice(stock ? 0 : DATA.began - 1, state.day);
    return stock ? days.at(-1) ?? 0 : days.reduce((sum, value) => sum + value, 0);
  });
  const mark = DATA.human.includes(name) ? "◆ " : "", suffix = stock ? ` (${word("take.on_the_day")})` : "";
  addText("th", "", row, mark + word(name) + suffix, { scope: "row" });
  for (const value of values) addText("td", "", row, formatNumber(value));
  if (two) addText("td", "", row, formatDifference(...values));
  return row;
}

function writeSpeed() {
  find("speed-text").textContent = `${word("speed")}: ${state.speed}`;
}

function writeTexts() {
  document.documentElement.lang = state.language;
  document.title = `${word("title")} · ${word("take.replay")}`;
  for (const node of document.querySelectorAll("[data-word]")) node.textContent = word(node.dataset.word);
  for (const node of document.querySelectorAll("[data-label]")) {
    node.title = word(node.dataset.label);
    node.setAttribute("aria-label", node.title);
  }
  find("run").textContent = word(state.running ? "pause" : "run");
  const { titles, marks, places, sectors, ...texts } = DATA.labels[state.language];
  for (const [id, text] of Object.entries(texts)) find(id).textContent = text;
  const merge = (rows, labels) => rows.map((row, i) => ({ ...row, ...labels[i] }));
  const world = { ...DATA.world, places: merge(DATA.world.places, places), sectors: merge(DATA.world.sectors, sectors) };
  maps.forEach((map, k) => map.put({ world, words: word("map"), title: titles[k] }));
  difference.put({ world, words: word("difference_map"), title: word("difference_view.title") });
  for (const chart of charts) {
    const title = word(chart.get("name"));
    chart.put({ title, marks, text: title, unit: word("persons_a_day"), words: word("chart") });
  }
  writeSpeed();
  setView(state.view);
}

function attachControls() {
  const onClick = (id, action) => find(id).addEventListener("click", action);
  for (const [id, days] of Object.entries(BUTTONS)) onClick(id, () => showDay(state.day + days));
  onClick("run", () => run(!state.running));
  for (const button of document.querySelectorAll("[data-view]")) {
    button.addEventListener("click", () => setView(button.dataset.view));
  }
  onClick("language", () => {
    state.language = Object.keys(DATA.words).find((language) => language !== state.language);
    writeTexts();
  });
  find("scrub").addEventListener("input", ({ target }) => showDay(Number(target.value)));
  find("speed").addEventListener("input", ({ target }) => {
    state.speed = Number(target.value);
    writeSpeed();
  });
  for (const box of document.querySelectorAll("[data-show]")) {
    box.checked = state.show[box.dataset.show];
    box.addEventListener("change", () => {
      state.show = { ...state.show, [box.dataset.show]: box.checked };
      for (const map of maps) map.put({ show: state.show });
    });
  }
  document.addEventListener("keydown", onKey);
}

/** Handle keys on the whole page, unless the focused element uses the key. */
function onKey(event) {
  const { key } = event, toggles = key === " ";
  if (event.defaultPrevented || isCommand(event) || !(toggles || key in KEYS)) return;
  if (event.target.closest?.(toggles ? "button, summary, input[type=checkbox]" : "input[type=range]")) return;
  if (toggles) run(!state.running);
  else showDay(state.day + KEYS[key]);
  event.preventDefault();
}

find("scrub").max = simulated;
Object.assign(find("speed"), { max: FASTEST, value: state.speed });
const heads = find("heads");
if (two) {
  worlds.forEach((side, k) => addText("th", "", heads, side, { scope: "col", "data-world": k }));
  addElement("th", "", heads, { scope: "col", "data-word": "difference" });
} else {
  addElement("th", "", heads, { scope: "col" });
  for (const id of ["views", "difference"]) find(id).remove();
}
attachControls();
writeTexts();
if (two) DifferenceMap.render({ model: difference, el: find("difference") });
maps.forEach((model, k) => FlowMap.render({ model, el: find(`map-${k}`) }));
charts.forEach((model, k) => LiveChart.render({ model, el: find(`chart-${k}`) }));
document.body.dataset.ready = "true";
