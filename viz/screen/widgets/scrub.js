// The time line: a native range input, for keys, touch and screen readers, with marks of dates.

import { addElement, listen, oncePerFrame, sendTrait, setText } from "./page.js";

export default { render };

function render({ model, el }) {
  const root = addElement("div", "tb-scrub", el);
  const line = addElement("div", "tb-line", root);
  const range = addElement("input", "", line, { type: "range", min: 0, step: 1, role: "slider" });
  const marks = addElement("div", "tb-marks", line, { "aria-hidden": "true" });
  const words = addElement("div", "tb-day", root);
  const [day, rest] = [addElement("b", "", words), addElement("span", "", words)];
  let dragging = false, count = 0;

  const selectDay = oncePerFrame(() => sendTrait(model, "asked", [Number(range.value), ++count]));
  const showDay = () => {
    if (!dragging) range.value = model.get("day");
    const [first, second] = model.get("texts");
    setText(day, first);
    setText(rest, second);
    range.setAttribute("aria-valuetext", `${first} ${second}`);
  };
  const update = () => {
    range.max = model.get("days");
    range.disabled = !model.get("ready");
    range.setAttribute("aria-label", model.get("label"));
    drawMarks(marks, model.get("marks"), model.get("days"));
    showDay();
  };
  range.addEventListener("input", selectDay);
  range.addEventListener("pointerdown", () => (dragging = true));
  for (const end of ["pointerup", "pointercancel", "blur"]) {
    range.addEventListener(end, () => (dragging = false));
  }
  update();
  const ends = [listen(model, { "day texts": oncePerFrame(showDay), "days ready label marks": update }), selectDay.end];
  return () => ends.forEach((end) => end());
}

/** Draw a mark at each date: of world A above the line, of world B below it. */
function drawMarks(box, marks, days) {
  box.replaceChildren();
  for (const [day, text] of marks) {
    const mark = addElement("i", text.startsWith("B") ? "tb-below" : "", box, { title: text });
    mark.style.left = `${(100 * day) / days}%`;
  }
}
