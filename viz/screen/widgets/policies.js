// List of policies: presets, a search, filters with counts, and instruments by group.

import { addDates, addError, addInput, addNumber, keepFocus } from "./fields.js";
import { addButton, addElement, addText, listen, setText } from "./page.js";

const FIRST = 3; // number of instruments per group that are shown before "more"
const LETTERS = ["A", "B"];

export default { render };

function render({ model, el }) {
  const root = addElement("div", "tb-policy-list", el);
  const list = {
    root, opened: new Set(), details: new Set(), whole: new Set(), nodes: new Map(), filter: "all", query: "",
    held: false, waiting: false, payload: model.get("payload"), words: model.get("words"),
    send: (action) => model.send(action),
    stale: (id) => (list.nodes.get(id).state = ""), // The fields then show the reply of the server.
  };
  build(list);
  const read = () => {
    if (list.held) return (list.waiting = true); // The list must not change between press and release.
    const language = list.words.locale;
    [list.payload, list.words] = [model.get("payload"), model.get("words")];
    if (list.words.locale !== language) build(list);
    else update(list);
  };
  const release = () => setTimeout(() => {
    list.held = false;
    if (list.waiting) read((list.waiting = false));
  });
  root.addEventListener("pointerdown", () => (list.held = true));
  for (const end of ["pointerup", "pointercancel"]) document.addEventListener(end, release);
  const stop = listen(model, { "payload words": read });
  return () => {
    stop();
    for (const end of ["pointerup", "pointercancel"]) document.removeEventListener(end, release);
  };
}

/** Build the whole list, which only a change of the language builds again. */
function build(list) {
  const { root, words, payload } = list;
  root.replaceChildren();
  list.nodes.clear();
  list.presets = addElement("div", "tb-policy-presets", root);
  list.errors = addElement("div", "", root);
  const search = addElement("input", "tb-policy-search", root, {
    type: "search", "data-key": "search", "aria-label": words.search_label,
    placeholder: words.search.replace("{n}", payload.instruments),
  });
  search.value = list.query;
  search.addEventListener("input", () => {
    list.query = search.value;
    update(list);
  });
  list.chips = addElement("div", "tb-policy-chips", root, { role: "group", "aria-label": words.filter_label });
  list.sections = payload.groups.map((group) => addSection(list, group));
  list.nothing = addElement("p", "tb-note", root, { role: "status" });
  update(list);
}

function addSection(list, group) {
  const node = addElement("section", "tb-policy-group", list.root, { "aria-label": group.title });
  const title = addText("h3", "", node, `${group.title} `);
  addText("small", "", title, group.about);
  const body = addElement("div", "", node);
  const more = addButton("tb-link tb-more", node, "", () => {
    list.whole.add(group.id);
    update(list);
    const row = [...body.children].filter((child) => !child.hidden)[FIRST];
    row?.querySelector("button, input")?.focus();
  }, { "data-key": `more:${group.id}` });
  return { group, node, body, more };
}

/** Update the page. Rows that have not changed are kept. */
function update(list) {
  const restore = keepFocus(list.root), { payload, words } = list;
  drawPresets(list);
  list.errors.replaceChildren();
  for (const error of payload.errors) addText("p", "tb-trouble", list.errors, error, { role: "alert" });
  drawChips(list);
  const counts = list.sections.map((section) => drawSection(list, section));
  setText(list.nothing, counts.some(Boolean) ? "" : words[list.query ? "nothing_found" : "nothing_used"]);
  restore();
}

function isStale(node, content) {
  const state = JSON.stringify(content);
  if (node.dataset.state === state) return false;
  node.dataset.state = state;
  node.replaceChildren();
  return true;
}

function drawPresets(list) {
  if (!isStale(list.presets, list.payload.presets)) return;
  for (const { world, label, options, value } of list.payload.presets) {
    const box = addElement("label", `tb-${"ab"[world]}`, list.presets);
    addText("span", "", box, label);
    const select = addElement("select", "", box, { "data-key": `preset:${world}` });
    // "Custom" appears when the user edits a preset, and cannot be selected.
    for (const [id, text] of options) addText("option", "", select, text, { value: id }).disabled = !id;
    select.value = value;
    select.addEventListener("change", () => list.send({ do: "preset", world, id: select.value }));
  }
}

function drawChips(list) {
  const { rows, groups } = list.payload, { words } = list;
  const chips = [["all", words.all, rows.length], ["used", words.in_use, rows.filter((row) => row.uses.length).length]];
  for (const { id, chip } of groups) chips.push([id, chip, rows.filter((row) => row.group === id).length]);
  if (!isStale(list.chips, [chips, list.filter])) return;
  for (const [id, text, count] of chips) {
    const chip = addButton("", list.chips, `${text} `, () => {
      list.filter = id;
      update(list);
    }, { "aria-pressed": list.filter === id, "data-key": `chip:${id}` });
    addText("span", "", chip, count);
  }
}

function drawSection(list, { group, node, body, more }) {
  const rows = list.payload.rows.filter((row) => row.group === group.id), matching = rows.filter((row) => matches(list, row));
  const fold = list.filter === "all" && !list.query.trim() && !list.whole.has(group.id);
  const visible = fold ? matching.filter((row, i) => i < FIRST || row.uses.length) : matching;
  for (const row of rows) rowNode(list, body, row).hidden = !visible.includes(row);
  more.hidden = visible.length === matching.length;
  setText(more, list.words.more_of.replace("{n}", matching.length - visible.length));
  node.hidden = !visible.length;
  return visible.length;
}

function rowNode(list, body, row) {
  const previous = list.nodes.get(row.id), state = JSON.stringify([row, list.opened.has(row.id)]);
  if (previous?.state === state) return previous.node;
  const node = policyRow(list, row);
  if (previous) previous.node.replaceWith(node);
  else body.append(node);
  list.nodes.set(row.id, { node, state });
  return node;
}

/** Return whether an instrument passes the filter and contains every word of the search, without plural endings. */
function matches({ filter, query }, { uses, group, text }) {
  if (filter === "used" ? !uses.length : !["all", group].includes(filter)) return false;
  // The texts of the rows are also in lower case without accents.
  const words = query.normalize("NFKD").replace(/\p{M}/gu, "").toLowerCase().split(/\s+/).filter(Boolean);
  return words.every((word) => text.includes(word) || (word.length > 3 && text.includes(word.replace(/e?s$/, ""))));
}

function policyRow(list, row) {
  const used = row.uses.length > 0, open = used || list.opened.has(row.id);
  const worlds = [...new Set(row.uses.map((use) => "ab"[use.world]))].map((world) => ` tb-used-${world}`).join("");
  const node = addElement("article", `tb-policy${worlds}`, null, { "data-id": row.id });
  const head = addElement("div", "tb-policy-head", node), name = addElement("div", "tb-policy-name", head);
  const title = addText("h4", "", name, used ? row.title : "");
  if (!used) addOpener(list, title, row, open);
  addText("p", "", name, row.about);
  LETTERS.forEach((_, world) => addWorld(list, head, row, world));
  if (open) {
    const text = addText("p", "tb-policy-text", node, `${row.effect} `);
    addText("b", "", text, list.words.fails);
    text.append(` ${row.fails}`);
  }
  for (const use of row.uses) addUse(list, node, row, use);
  return node;
}

function addOpener(list, title, { id, title: text }, open) {
  addButton("", title, text, () => {
    list.opened[open ? "delete" : "add"](id);
    update(list);
  }, { "aria-expanded": open, "data-key": `name:${id}` });
}

function addWorld(list, head, row, world) {
  const cell = addElement("div", `tb-policy-world tb-${"ab"[world]}`, head);
  const uses = row.uses.filter((use) => use.world === world);
  for (const use of uses) addAmount(list, cell, row, use);
  if (uses.length) return;
  const add = addButton("tb-add", cell, "", () => list.send({ do: "add", world, id: row.id }), {
    "data-key": `add:${world}:${row.id}`, "aria-label": spoken(list.words.add_to, row, world),
  });
  addBadge(add, world);
  addText("span", "", add, list.words.add);
}

function spoken(pattern, row, world) {
  return pattern.replace("{policy}", row.title).replace("{world}", LETTERS[world]);
}

function addBadge(parent, world) {
  // The style sheet writes the letter, so that the text of the button does not contain it.
  addElement("i", `tb-badge tb-badge-${"ab"[world]}`, parent, { "aria-hidden": "true", "data-letter": LETTERS[world] });
}

function addAmount(list, cell, row, use) {
  const { amount, key, world } = use, id = `tb-${key}:amount`, box = addElement("div", "tb-amount", cell);
  addBadge(box, world);
  if (amount.prefix) addText("span", "", box, amount.prefix);
  const label = `${spoken(list.words.amount_in, row, world)}, ${amount.spoken}`;
  const input = addInput(box, { id, key: `${key}:amount`, value: amount.value, label, error: amount.error }, (value) => {
    list.stale(row.id);
    act(list, use, { do: "amount", value });
  });
  if (!amount.error && amount.note) input.setAttribute("aria-describedby", `${id}-note`);
  addText("span", "tb-unit", box, amount.suffix);
  addButton("tb-remove", box, "×", () => act(list, use, { do: "remove" }), {
    "data-key": `${key}:remove`, "aria-label": spoken(list.words.remove_from, row, world),
  });
}

function act(list, { world, at, id }, action) {
  list.send({ world, at, id, ...action });
}

function addUse(list, node, row, use) {
  const { amount, dates, key, world } = use, { words } = list, id = `tb-${key}:amount`;
  const box = addElement("div", `tb-use tb-${"ab"[world]}`, node);
  const line = addElement("p", "tb-amount-note", box);
  addBadge(line, world);
  addText("span", "", line, amount.note, { id: `${id}-note`, role: "status" });
  addError(box, id, amount.error);
  addDates(box, key, dates, words, (value) => act(list, use, { do: "dates", value }));
  if (dates.warning) addText("p", "tb-warning", box, dates.warning, { role: "status" });
  addDetails(list, box, row, use);
}

function addDetails(list, box, row, use) {
  const { words } = list, opened = list.details, key = `${use.key}:${use.id}`;
  const details = addElement("details", "tb-own", box), summary = addElement("summary", "", details, { "data-key": `${key}:details` });
  addText("b", "", summary, words.details);
  addText("span", "", summary, use.summary);
  const build = () => {
    if (details.childElementCount > 1) return;
    if (row.more) addText("p", "tb-note", details, row.more);
    addText("p", "tb-note", details, `${use.full} ${use.tables}`.trim());
    const fields = addElement("div", "tb-fields", details);
    for (const field of use.numbers) {
      addNumber(fields, field, words, (value) => {
        list.stale(row.id);
        act(list, use, { do: "number", field: field.name, value });
      });
    }
    if (use.changed) addButton("tb-link", details, words.reset, () => act(list, use, { do: "reset" }), { "data-key": `${key}:reset` });
  };
  details.open = opened.has(key);
  if (details.open) build();
  details.addEventListener("toggle", () => {
    if (details.open) build();
    opened[details.open ? "add" : "delete"](key);
  });
}
