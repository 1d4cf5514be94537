// A run to look at without a server: the widgets of the screen, played from frames in this file.
// Around it stand DATA (what the page is of), FILM (frames and figures, packed), FlowMap, LiveChart.

const KEYS = { ArrowRight: 1, ArrowUp: 1, ArrowLeft: -1, ArrowDown: -1, PageUp: 7, PageDown: -7 };
const WEEK = 7, FASTEST = 60;
const { worlds, played, size, names, charted } = DATA;
const state = { day: DATA.day, speed: 10, running: false, language: DATA.language, show: DATA.show, selected: -1 };
const film = await unpacked(FILM);
const frames = worlds.map((_, k) => film.slice(k * played * size, (k + 1) * played * size));
const figures = worlds.map((_, k) => new Float32Array(film.slice(
  worlds.length * played * size + 4 * k * played * names.length,
  worlds.length * played * size + 4 * (k + 1) * played * names.length)));

/** Bytes from their text. */
async function unpacked(text) {
  const packed = Uint8Array.from(atob(text), (letter) => letter.charCodeAt(0));
  const stream = new Blob([packed]).stream().pipeThrough(new DecompressionStream("gzip"));
  return new Response(stream).arrayBuffer();
}

/** What a widget of the screen needs of the model that it has there. */
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
const series = (world, name) => {
  const at = names.indexOf(name);
  return Float32Array.from({ length: played }, (_, day) => figures[world][day * names.length + at]);
};
const view = (array) => new DataView(array.buffer, array.byteOffset, array.byteLength);
const part = (prefix) => Object.fromEntries(Object.entries(DATA.words[state.language])
  .filter(([key]) => key.startsWith(prefix)).map(([key, text]) => [key.slice(prefix.length), text]));

function make(tag, parent, text = "", attributes = {}) {
  const node = document.createElement(tag);
  node.textContent = text;
  for (const [key, value] of Object.entries(attributes)) node.setAttribute(key, value);
  parent.append(node);
  return node;
}

/** Means over seven days, over fewer at the beginning. */
function weekly(values) {
  let sum = 0;
  return values.map((value, i) => {
    sum += value - (i >= WEEK ? values[i - WEEK] : 0);
    return sum / Math.min(i + 1, WEEK);
  });
}

// ---- the widgets -------------------------------------------------------------------------------

const maps = worlds.map(({ colour }, k) => {
  const model = new Model({
    world: DATA.world, frame: frame(k), serial: 0, ack: -1, full: DATA.full, colour, title: "", path: [],
    at: -1, text: "", selected: -1, words: part("map."), show: state.show,
  });
  model.on("change:selected", () => select(model.get("selected")));
  return model;
});
const charts = charted.map((name) => {
  const lines = worlds.map((_, k) => view(weekly(series(k, name)))), none = new DataView(new ArrayBuffer(0));
  return new Model({
    name, start: DATA.start, days: DATA.days, marks: [], names: worlds.map(({ letter }) => letter),
    a: lines[0], b: lines[1] ?? none, band_a: none, band_b: none, day: state.day,
    title: "", unit: "", text: "", words: part("chart."),
  });
});

function frame(world) {
  return state.day ? new DataView(frames[world], (state.day - 1) * size, size) : new DataView(new ArrayBuffer(0));
}

/** A place that is selected on one map is selected on all. */
function select(place) {
  if (place === state.selected) return;
  state.selected = place;
  for (const map of maps) map.put({ selected: place });
}

// ---- time --------------------------------------------------------------------------------------

function show(day) {
  state.day = Math.max(0, Math.min(played, Math.round(day)));
  if (state.day >= played) run(false);
  maps.forEach((map, k) => map.put({ frame: frame(k), serial: map.get("serial") + 1, text: told(k) }));
  for (const chart of charts) chart.put({ day: state.day });
  tell();
}

/** Start or stop; at the end it starts again. */
function run(on) {
  if (on === state.running) return;
  state.running = on;
  find("run").textContent = word(on ? "pause" : "run");
  if (!on) return;
  if (state.day >= played) state.day = 0;
  let last = performance.now(), owed = 0;
  const turn = (now) => {
    if (!state.running) return;
    owed = Math.min(WEEK, owed + ((now - last) * state.speed) / 1000);
    last = now;
    const days = Math.floor(owed);
    owed -= days;
    if (days) show(state.day + days);
    requestAnimationFrame(turn);
  };
  requestAnimationFrame(turn);
}

function date() {
  const at = new Date(Date.parse(DATA.start) + Math.max(0, state.day - 1) * 86400000);
  return new Intl.DateTimeFormat(word("map.locale"), { dateStyle: "long", timeZone: "UTC" }).format(at);
}

// ---- words and figures -------------------------------------------------------------------------

/** Three digits of what is large: a model knows no more. */
function number(value, sign = "auto") {
  const size = Math.abs(value), digits = size < 10 && size % 1 ? 1 : 0;
  const step = size >= 1000 ? 10 ** (Math.floor(Math.log10(size)) - 2) : 1;
  const shown = size >= 1000 ? Math.round(value / step) * step : value;
  return new Intl.NumberFormat(word("map.locale"), { maximumFractionDigits: digits, signDisplay: sign })
    .format(shown).replace("-", "−");
}

function change(a, b) {
  const share = a > 0 ? ` (${number(Math.round(100 * (b / a - 1)), "exceptZero")} %)` : "";
  return number(b - a, "exceptZero") + share;
}

/** A map for those who cannot see it: its busiest legs. */
function told(world) {
  if (!state.day) return "";
  const [from, count] = DATA.world.layout.flow, place = (i) => DATA.told[state.language].places[i].name;
  const flow = new Uint16Array(frames[world].slice((state.day - 1) * size + from, (state.day - 1) * size + from + 2 * count));
  const top = [...flow.keys()].sort((a, b) => flow[b] - flow[a]).slice(0, 5);
  const legs = top.map((leg) => `${place(DATA.world.legs[leg].tail)} – ${place(DATA.world.legs[leg].head)}: ${flow[leg]}`);
  return `${word("day")} ${state.day}. ${word("passing")}: ${legs.join("; ")}.`;
}

/** Day, date and figures. */
function tell() {
  find("when").textContent = `${word("day")} ${state.day} ${word("of")} ${DATA.days} · ${date()}`;
  const scrub = find("scrub");
  scrub.value = state.day;
  scrub.setAttribute("aria-valuetext", find("when").textContent);
  const body = find("figures");
  body.replaceChildren();
  for (const name of names) {
    const all = worlds.map((_, k) => series(k, name).slice(0, state.day));
    const stock = name === "in_transit";
    const values = all.map((days) => (stock ? days.at(-1) ?? 0 : days.reduce((sum, v) => sum + v, 0)));
    const row = make("tr", body);
    const mark = DATA.human.includes(name) ? "◆ " : "";
    make("th", row, mark + word(name) + (stock ? ` (${word("take.on_the_day")})` : ""), { scope: "row" });
    for (const value of values) make("td", row, number(value));
    if (values.length > 1) make("td", row, change(...values));
  }
}

/** Everything that is written, in the language that is chosen. */
function speak() {
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
    map.put({ world, words: part("map."), title, text: told(k) });
  });
  for (const chart of charts) {
    const title = word(chart.get("name"));
    chart.put({ title, marks, text: title, unit: word("persons_a_day"), words: part("chart.") });
  }
  find("speed-told").textContent = `${word("speed")}: ${state.speed}`;
  tell();
}

// ---- hands -------------------------------------------------------------------------------------

function hold() {
  const click = (id, call) => find(id).addEventListener("click", call);
  click("first", () => show(0));
  click("back", () => show(state.day - 1));
  click("run", () => run(!state.running));
  click("on", () => show(state.day + 1));
  click("last", () => show(played));
  click("language", () => {
    state.language = Object.keys(DATA.words).find((one) => one !== state.language);
    speak();
  });
  find("scrub").addEventListener("input", ({ target }) => show(Number(target.value)));
  find("speed").addEventListener("input", ({ target }) => {
    state.speed = Number(target.value);
    find("speed-told").textContent = `${word("speed")}: ${state.speed}`;
  });
  for (const box of document.querySelectorAll("[data-show]")) {
    box.addEventListener("change", () => {
      state.show = { ...state.show, [box.dataset.show]: box.checked };
      for (const map of maps) map.put({ show: state.show });
    });
  }
  document.addEventListener("keydown", key);
}

/** Keys of the whole page; what has the focus and uses a key comes first. */
function key(event) {
  const { target } = event, busy = (what) => target.closest?.(what);
  if (event.defaultPrevented || event.ctrlKey || event.metaKey || event.altKey) return;
  if (event.key === " ") {
    if (busy("button, summary, input[type=checkbox]")) return;
    run(!state.running);
  } else if (busy("input[type=range]")) return;
  else if (event.key in KEYS) show(state.day + KEYS[event.key]);
  else if (event.key === "Home") show(0);
  else if (event.key === "End") show(played);
  else return;
  event.preventDefault();
}

function build() {
  find("scrub").max = played;
  find("speed").max = FASTEST;
  find("speed").value = state.speed;
  for (const box of document.querySelectorAll("[data-show]")) box.checked = state.show[box.dataset.show];
  const heads = find("heads");
  for (const { letter } of worlds) make("th", heads, worlds.length > 1 ? letter : "", { scope: "col" });
  if (worlds.length > 1) make("th", heads, "", { scope: "col", "data-word": "difference" });
  maps.forEach((model, k) => FlowMap.render({ model, el: find(`map-${k}`) }));
  charts.forEach((model, k) => LiveChart.render({ model, el: find(`chart-${k}`) }));
}

build();
hold();
speak();
show(state.day);
document.body.dataset.ready = "true";
