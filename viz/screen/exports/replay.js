// A run without a server: the widgets of the screen with the frames in this file.
// Defined before: DATA (description of the page), FILM (compressed frames and figures), FlowMap, LiveChart.

const KEYS = { ArrowRight: 1, ArrowUp: 1, ArrowLeft: -1, ArrowDown: -1, PageUp: 7, PageDown: -7 };
const WEEK = 7, FASTEST = 60, MS_PER_DAY = 86400000;
const { worlds, played: simulated, size, names, charted } = DATA;
const state = { day: DATA.day, speed: 10, running: false, language: DATA.language, show: DATA.show, selected: -1 };
const film = await decompress(FILM);
const frames = worlds.map((_, k) => film.slice(k * simulated * size, (k + 1) * simulated * size));
const figures = worlds.map((_, k) => new Float32Array(film.slice(
  worlds.length * simulated * size + 4 * k * simulated * names.length,
  worlds.length * simulated * size + 4 * (k + 1) * simulated * names.length)));

/** The bytes of a base64 text in gzip. */
async function decompress(text) {
  const packed = Uint8Array.from(atob(text), (letter) => letter.charCodeAt(0));
  const stream = new Blob([packed]).stream().pipeThrough(new DecompressionStream("gzip"));
  return new Response(stream).arrayBuffer();
}

/** The part of a widget model that the widgets of the screen use. */
class Model {
  constructor(traits) {
    Object.assign(this, { traits, calls: {} });
  }
  get(name) {
    return this.traits[name];
  }
  set(name, value) {
    this.put({ [name]: value });
  }
  save_changes() {}
  on(event, call) {
    (this.calls[event] ??= []).push(call);
  }
  off(event, call) {
    this.calls[event] = (this.calls[event] ?? []).filter((other) => other !== call);
  }
  put(changes) {
    Object.assign(this.traits, changes);
    for (const name in changes) for (const call of this.calls[`change:${name}`] ?? []) call();
  }
}

const word = (key) => DATA.words[state.language][key];
const find = (id) => document.getElementById(id);
const dailyFigures = (world, name) => {
  const column = names.indexOf(name);
  return Float32Array.from({ length: simulated }, (_, day) => figures[world][day * names.length + column]);
};
const viewOf = (array) => new DataView(array.buffer, array.byteOffset, array.byteLength);
const EMPTY = new DataView(new ArrayBuffer(0));
const wordsOf = (prefix) => Object.fromEntries(Object.entries(DATA.words[state.language])
  .filter(([key]) => key.startsWith(prefix)).map(([key, text]) => [key.slice(prefix.length), text]));

function make(tag, parent, text = "", attributes = {}) {
  const node = document.createElement(tag);
  node.textContent = text;
  for (const [key, value] of Object.entries(attributes)) node.setAttribute(key, value);
  parent.append(node);
  return node;
}

/** Means over seven days, over fewer at the start. */
function weeklyMeans(values) {
  let sum = 0;
  return values.map((value, i) => {
    sum += value - (i >= WEEK ? values[i - WEEK] : 0);
    return sum / Math.min(i + 1, WEEK);
  });
}

// ---- widgets -----------------------------------------------------------------------------------

const maps = worlds.map(({ colour }, k) => {
  const model = new Model({
    world: DATA.world, frame: frame(k), serial: 0, ack: -1, full: DATA.full, colour, title: "", path: [],
    at: -1, text: "", selected: -1, words: wordsOf("map."), show: state.show,
  });
  model.on("change:selected", () => select(model.get("selected")));
  return model;
});
const charts = charted.map((name) => {
  const lines = worlds.map((_, k) => viewOf(weeklyMeans(dailyFigures(k, name))));
  return new Model({
    name, start: DATA.start, days: DATA.days, marks: [], names: worlds.map(({ letter }) => letter),
    a: lines[0], b: lines[1] ?? EMPTY, band_a: EMPTY, band_b: EMPTY, day: state.day,
    title: "", unit: "", text: "", words: wordsOf("chart."),
  });
});

function frame(world) {
  return state.day ? new DataView(frames[world], (state.day - 1) * size, size) : EMPTY;
}

/** Select a place on all maps. */
function select(place) {
  if (place === state.selected) return;
  state.selected = place;
  for (const map of maps) map.put({ selected: place });
}

// ---- time --------------------------------------------------------------------------------------

function showDay(day) {
  state.day = Math.max(0, Math.min(simulated, Math.round(day)));
  if (state.day >= simulated) run(false);
  maps.forEach((map, k) => map.put({ frame: frame(k), serial: map.get("serial") + 1, text: describeMap(k) }));
  for (const chart of charts) chart.put({ day: state.day });
  writeFigures();
}

/** Start or stop; a start on the last day begins from the first. */
function run(on) {
  if (on === state.running) return;
  state.running = on;
  find("run").textContent = word(on ? "pause" : "run");
  if (!on) return;
  if (state.day >= simulated) state.day = 0;
  let last = performance.now(), owed = 0;
  const advance = (now) => {
    if (!state.running) return;
    owed = Math.min(WEEK, owed + ((now - last) * state.speed) / 1000);
    last = now;
    const days = Math.floor(owed);
    owed -= days;
    if (days) showDay(state.day + days);
    requestAnimationFrame(advance);
  };
  requestAnimationFrame(advance);
}

function formatDate() {
  const date = new Date(Date.parse(DATA.start) + Math.max(0, state.day - 1) * MS_PER_DAY);
  return new Intl.DateTimeFormat(word("map.locale"), { dateStyle: "long", timeZone: "UTC" }).format(date);
}

// ---- words and figures -------------------------------------------------------------------------

/** Format a number; large ones with three significant digits, the precision of the model. */
function formatNumber(value, sign = "auto") {
  const magnitude = Math.abs(value), digits = magnitude < 10 && magnitude % 1 ? 1 : 0;
  const step = magnitude >= 1000 ? 10 ** (Math.floor(Math.log10(magnitude)) - 2) : 1;
  const shown = magnitude >= 1000 ? Math.round(value / step) * step : value;
  return new Intl.NumberFormat(word("map.locale"), { maximumFractionDigits: digits, signDisplay: sign })
    .format(shown).replace("-", "−");
}

function formatDifference(a, b) {
  const percent = a > 0 ? ` (${formatNumber(Math.round(100 * (b / a - 1)), "exceptZero")} %)` : "";
  return formatNumber(b - a, "exceptZero") + percent;
}

/** Text alternative of a map: its busiest legs. */
function describeMap(world) {
  if (!state.day) return "";
  const [offset, count] = DATA.world.layout.flow, from = (state.day - 1) * size + offset;
  const name = (place) => DATA.told[state.language].places[place].name;
  const flow = new Uint16Array(frames[world].slice(from, from + 2 * count));
  const top = [...flow.keys()].sort((a, b) => flow[b] - flow[a]).slice(0, 5).map((leg) => {
    const { tail, head } = DATA.world.legs[leg];
    return `${name(tail)} – ${name(head)}: ${flow[leg]}`;
  });
  return `${word("day")} ${state.day}. ${word("passing")}: ${top.join("; ")}.`;
}

/** Write the day, the date and the table of figures. */
function writeFigures() {
  find("when").textContent = `${word("day")} ${state.day} ${word("of")} ${DATA.days} · ${formatDate()}`;
  const scrub = find("scrub");
  scrub.value = state.day;
  scrub.setAttribute("aria-valuetext", find("when").textContent);
  const body = find("figures");
  body.replaceChildren();
  for (const name of names) {
    const stock = name === "in_transit", suffix = stock ? ` (${word("take.on_the_day")})` : "";
    const values = worlds.map((_, k) => {
      const days = dailyFigures(k, name).slice(0, state.day);
      return stock ? days.at(-1) ?? 0 : days.reduce((sum, value) => sum + value, 0);
    });
    const row = make("tr", body), mark = DATA.human.includes(name) ? "◆ " : "";
    make("th", row, mark + word(name) + suffix, { scope: "row" });
    for (const value of values) make("td", row, formatNumber(value));
    if (values.length > 1) make("td", row, formatDifference(...values));
  }
}

function writeSpeed() {
  find("speed-told").textContent = `${word("speed")}: ${state.speed}`;
}

/** Write all texts in the chosen language. */
function writeTexts() {
  document.documentElement.lang = state.language;
  document.title = `${word("title")} · ${word("take.replay")}`;
  for (const node of document.querySelectorAll("[data-word]")) node.textContent = word(node.dataset.word);
  for (const node of document.querySelectorAll("[data-label]")) {
    node.title = word(node.dataset.label);
    node.setAttribute("aria-label", node.title);
  }
  find("run").textContent = word(state.running ? "pause" : "run");
  const { said, policies, marks, places, sectors } = DATA.told[state.language];
  const world = {
    ...DATA.world,
    places: DATA.world.places.map((place, i) => ({ ...place, ...places[i] })),
    sectors: DATA.world.sectors.map((sector, i) => ({ ...sector, name: sectors[i] })),
  };
  find("said").textContent = said;
  maps.forEach((map, k) => {
    const title = `${word(k ? "world_b" : "world_a")} · ${policies[k]}`;
    map.put({ world, words: wordsOf("map."), title, text: describeMap(k) });
  });
  for (const chart of charts) {
    const title = word(chart.get("name"));
    chart.put({ title, marks, text: title, unit: word("persons_a_day"), words: wordsOf("chart.") });
  }
  writeSpeed();
  writeFigures();
}

// ---- controls ----------------------------------------------------------------------------------

function attachControls() {
  const actions = {
    first: () => showDay(0),
    back: () => showDay(state.day - 1),
    run: () => run(!state.running),
    on: () => showDay(state.day + 1),
    last: () => showDay(simulated),
    language: () => {
      state.language = Object.keys(DATA.words).find((one) => one !== state.language);
      writeTexts();
    },
  };
  for (const [id, action] of Object.entries(actions)) find(id).addEventListener("click", action);
  find("scrub").addEventListener("input", ({ target }) => showDay(Number(target.value)));
  find("speed").addEventListener("input", ({ target }) => {
    state.speed = Number(target.value);
    writeSpeed();
  });
  for (const box of document.querySelectorAll("[data-show]")) {
    box.addEventListener("change", () => {
      state.show = { ...state.show, [box.dataset.show]: box.checked };
      for (const map of maps) map.put({ show: state.show });
    });
  }
  document.addEventListener("keydown", onKey);
}

/** Handle keys of the whole page; a focused element that uses the key has priority. */
function onKey(event) {
  const { target } = event, inside = (selector) => target.closest?.(selector);
  if (event.defaultPrevented || event.ctrlKey || event.metaKey || event.altKey) return;
  if (event.key === " ") {
    if (inside("button, summary, input[type=checkbox]")) return;
    run(!state.running);
  } else if (inside("input[type=range]")) return;
  else if (event.key in KEYS) showDay(state.day + KEYS[event.key]);
  else if (event.key === "Home") showDay(0);
  else if (event.key === "End") showDay(simulated);
  else return;
  event.preventDefault();
}

function buildPage() {
  find("scrub").max = simulated;
  Object.assign(find("speed"), { max: FASTEST, value: state.speed });
  for (const box of document.querySelectorAll("[data-show]")) box.checked = state.show[box.dataset.show];
  const heads = find("heads"), several = worlds.length > 1;
  for (const { letter } of worlds) make("th", heads, several ? letter : "", { scope: "col" });
  if (several) make("th", heads, "", { scope: "col", "data-word": "difference" });
  maps.forEach((model, k) => FlowMap.render({ model, el: find(`map-${k}`) }));
  charts.forEach((model, k) => LiveChart.render({ model, el: find(`chart-${k}`) }));
}

buildPage();
attachControls();
writeTexts();
showDay(state.day);
document.body.dataset.ready = "true";
