// The time line: a native range, so that keys, fingers and readers know it, under marks of dates.

import { make, once, send, watch, write } from "./page.js";

export default { render };

function render({ model, el }) {
  const root = make("div", "tb-scrub", el);
  const line = make("div", "tb-line", root);
  const range = make("input", "", line, { type: "range", min: 0, step: 1, role: "slider" });
  const marks = make("div", "tb-marks", line, { "aria-hidden": "true" });
  const words = make("div", "tb-day", root);
  const [day, rest] = [make("b", "", words), make("span", "", words)];
  let held = false, count = 0;

  const ask = once(() => {
    model.set("asked", [Number(range.value), ++count]);
    send(model);
  });
  const show = () => {
    if (!held) range.value = model.get("day");
    const [first, second] = model.get("told");
    write(day, first);
    write(rest, second);
    range.setAttribute("aria-valuetext", `${first} ${second}`);
  };
  const build = () => {
    range.max = model.get("days");
    range.disabled = !model.get("ready");
    range.setAttribute("aria-label", model.get("label"));
    paint(marks, model.get("marks"), model.get("days"));
    show();
  };
  range.addEventListener("input", ask);
  range.addEventListener("pointerdown", () => (held = true));
  for (const end of ["pointerup", "pointercancel", "blur"]) {
    range.addEventListener(end, () => {
      held = false;
    });
  }
  build();
  const ends = [watch(model, { "day told": once(show), "days ready label marks": build }), ask.end];
  return () => ends.forEach((end) => end());
}

/** A stroke at each date: of world A above the line, of world B below it. */
function paint(box, marks, days) {
  box.replaceChildren();
  for (const [day, text] of marks) {
    const mark = make("i", text.startsWith("B") ? "tb-below" : "", box, { title: text });
    mark.style.left = `${(100 * day) / days}%`;
  }
}
