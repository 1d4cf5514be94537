// The list of policies: presets, a search, filters with counts, and instruments by group.

import { keepFocus } from "./fields.js";
import { addElement, listen, setText } from "./page.js";
import { policyRow } from "./policy_row.js";

const FIRST = 3; // instruments of a group that are shown before "more"

export default { render };

function render({ model, el }) {
  const root = addElement("div", "tb-policy-list", el);
  const list = {
    root, opened: new Set(), details: new Set(), whole: new Set(), nodes: new Map(), filter: "all", query: "",
    held: false, waiting: false, payload: model.get("payload"), words: model.get("words"),
    send: (action) => model.send(action),
    stale: (id) => (list.nodes.get(id).state = ""), // its fields show the server's reply
    toggle: (id) => {
      list.opened[list.opened.has(id) ? "delete" : "add"](id);
      update(list);
    },
  };
  build(list);
  const read = () => {
    if (list.held) return (list.waiting = true); // the list must not change between press and release
    const language = list.words.locale;
    [list.payload, list.words] = [model.get("payload"), model.get("words")];
    if (list.words.locale !== language) build(list);
    else update(list);
  };
  const hold = () => (list.held = true);
  const release = () => setTimeout(() => {
    list.held = false;
    if (list.waiting) read((list.waiting = false));
  });
  root.addEventListener("pointerdown", hold);
  for (const end of ["pointerup", "pointercancel"]) document.addEventListener(end, release);
  const stop = listen(model, { "payload words": read });
  return () => {
    stop();
    for (const end of ["pointerup", "pointercancel"]) document.removeEventListener(end, release);
  };
}

/** Build everything; only a change of the language builds it again. */
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
  setText(list.nothing, "");
  update(list);
}

function addSection(list, group) {
  const node = addElement("section", "tb-policy-group", list.root, { "aria-label": group.title });
  const title = addElement("h3", "", node);
  title.append(`${group.title} `);
  setText(addElement("small", "", title), group.about);
  const body = addElement("div", "", node);
  const more = addElement("button", "tb-link tb-more", node, { type: "button", "data-key": `more:${group.id}` });
  more.addEventListener("click", () => {
    list.whole.add(group.id);
    update(list);
    const row = [...body.children].filter((one) => !one.hidden)[FIRST];
    row?.querySelector("button, input")?.focus();
  });
  return { group, node, body, more };
}

/** Bring the page up to date: rows that have not changed stay as they are. */
function update(list) {
  const restore = keepFocus(list.root);
  drawPresets(list);
  list.errors.replaceChildren();
  for (const error of list.payload.errors) setText(addElement("p", "tb-trouble", list.errors, { role: "alert" }), error);
  drawChips(list);
  let shown = 0;
  for (const section of list.sections) shown += drawSection(list, section);
  setText(list.nothing, shown ? "" : list.words[list.query ? "nothing_found" : "nothing_used"]);
  restore();
}

function drawPresets(list) {
  const state = JSON.stringify(list.payload.presets);
  if (list.presets.dataset.state === state) return;
  list.presets.dataset.state = state;
  list.presets.replaceChildren();
  for (const { world, label, options, value } of list.payload.presets) {
    const box = addElement("label", `tb-${"ab"[world]}`, list.presets);
    setText(addElement("span", "", box), label);
    const select = addElement("select", "", box, { "data-key": `preset:${world}` });
    for (const [id, text] of options) {
      const option = addElement("option", "", select, { value: id });
      setText(option, text);
      option.disabled = !id; // "Custom" appears when the user edits a preset; it cannot be selected
    }
    select.value = value;
    select.addEventListener("change", () => list.send({ do: "preset", world, id: select.value }));
  }
}

/** Draw the filters: all, in use, and one for each group. */
function drawChips(list) {
  const { rows, groups } = list.payload;
  const chips = [["all", list.words.all, rows.length], ["used", list.words.in_use, rows.filter((row) => row.uses.length).length]];
  for (const { id, chip } of groups) chips.push([id, chip, rows.filter((row) => row.group === id).length]);
  const state = JSON.stringify([chips, list.filter]);
  if (list.chips.dataset.state === state) return;
  list.chips.dataset.state = state;
  list.chips.replaceChildren();
  for (const [id, text, count] of chips) {
    const chip = addElement("button", "", list.chips, { type: "button", "aria-pressed": list.filter === id, "data-key": `chip:${id}` });
    chip.append(`${text} `);
    setText(addElement("span", "", chip), String(count));
    chip.addEventListener("click", () => {
      list.filter = id;
      update(list);
    });
  }
}

/** Draw a group; returns how many of its instruments are shown. */
function drawSection(list, { group, node, body, more }) {
  const rows = list.payload.rows.filter((row) => row.group === group.id);
  const found = rows.filter((row) => matches(list, row));
  const fold = list.filter === "all" && !list.query.trim() && !list.whole.has(group.id);
  const shown = fold ? found.filter((row, i) => i < FIRST || row.uses.length) : found;
  for (const row of rows) {
    const element = rowNode(list, body, row);
    element.hidden = !shown.includes(row);
  }
  more.hidden = shown.length === found.length;
  setText(more, list.words.more_of.replace("{n}", found.length - shown.length));
  node.hidden = !shown.length;
  return shown.length;
}

/** Return the element of an instrument, built again only if something about it has changed. */
function rowNode(list, body, row) {
  const { payload } = list, known = list.nodes.get(row.id);
  const state = JSON.stringify([row, list.opened.has(row.id), payload.worlds, payload.start, payload.days]);
  if (known?.state === state) return known.node;
  const node = policyRow(list, row);
  if (known) known.node.replaceWith(node);
  else body.append(node);
  list.nodes.set(row.id, { node, state });
  return node;
}

/** Return whether an instrument passes the filter and has every word of the search, without plural endings. */
function matches(list, row) {
  if (list.filter === "used" && !row.uses.length) return false;
  if (!["all", "used", row.group].includes(list.filter)) return false;
  const words = folded(list.query).split(/\s+/).filter(Boolean);
  return words.every((word) => row.text.includes(word) || (word.length > 3 && row.text.includes(word.replace(/e?s$/, ""))));
}

/** Return a text in lower case without accents, as the texts of the rows are. */
function folded(text) {
  return text.normalize("NFKD").replace(/\p{M}/gu, "").toLowerCase();
}
