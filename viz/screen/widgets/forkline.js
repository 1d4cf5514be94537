// One person in two worlds: a drawing that fits the available width, and the same events as lists.

import { addElement, consume, listen, observeWidth, sendTrait } from "./page.js";

export default { render };

const STEP = 20; // pixels to which widths are rounded, so that a scroll bar does not cause a new drawing
const NARROW = 560;
const KEYS = { ArrowRight: 1, ArrowDown: 1, ArrowLeft: -1, ArrowUp: -1, Enter: 0, " ": 0 };

function render({ model, el }) {
  const root = addElement("div", "tb-forkline", el);
  const line = addElement("div", "tb-forkline-drawing", root);
  const details = addElement("details", "", root);
  const summary = addElement("summary", "", details);
  const lists = addElement("div", "", details);
  let count = 0, first = true;

  const put = (box, name) => {
    const focused = box.contains(document.activeElement) && document.activeElement.dataset.event;
    box.innerHTML = model.get(name);
    if (focused) box.querySelector(`[data-event="${focused}"]`)?.focus({ preventScroll: true });
  };
  const drawLine = () => {
    put(line, "drawing");
    rove(line);
  };
  const drawLists = () => {
    put(lists, "lists");
    summary.textContent = model.get("summary");
    details.hidden = !model.get("lists");
  };
  const select = (node) => node && sendTrait(model, "chosen", [Number(node.dataset.event), ++count]);

  root.addEventListener("click", (event) => select(event.target.closest?.("[data-event]")));
  line.addEventListener("keydown", (event) => {
    const here = event.target.closest?.("[data-event]");
    if (!here) return;
    const all = [...line.querySelectorAll("[data-event]")], next = all[all.indexOf(here) + KEYS[event.key]];
    if (KEYS[event.key] === undefined) return;
    consume(event);
    if (!next) return;
    rove(line, next);
    next.focus();
    select(next);
  });
  const ends = [
    listen(model, { drawing: drawLine, "lists summary": drawLists }),
    observeWidth(root, (width) => {
      if (first) details.open = width < NARROW;
      first = false;
      sendTrait(model, "width", Math.floor(width / STEP) * STEP);
    }),
  ];
  drawLine();
  drawLists();
  return () => ends.forEach((end) => end());
}

/** Let the Tab key reach a single number: the argument, or else the focused, the selected or the first number. */
function rove(line, next) {
  const all = [...line.querySelectorAll("[data-event]")];
  const chosen = next ?? all.find((node) => node === document.activeElement)
    ?? all.find((node) => node.getAttribute("aria-pressed") === "true") ?? all[0];
  for (const node of all) node.setAttribute("tabindex", node === chosen ? "0" : "-1");
}
