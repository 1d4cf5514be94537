// What both widgets need of a page: elements, sharp canvases, numbers, and work done once a picture.

export const FONT = 'system-ui, -apple-system, "Segoe UI", Roboto, "DejaVu Sans", sans-serif';

/** A new element, last in its parent. */
export function make(tag, name, parent, attributes = {}) {
  const node = document.createElement(tag);
  if (name) node.className = name;
  for (const [key, value] of Object.entries(attributes)) node.setAttribute(key, value);
  if (parent) parent.append(node);
  return node;
}

/** Write a text only where it changed: writing makes the browser lay out the page again. */
export function write(node, text) {
  if (node.textContent !== text) node.textContent = text;
}

/** A pen that draws in CSS pixels on a canvas that has all the pixels of the screen. */
export function sharpen(canvas, width, height) {
  const ratio = pixelRatio();
  const [w, h] = [Math.round(width * ratio), Math.round(height * ratio)];
  if (canvas.width !== w || canvas.height !== h) Object.assign(canvas, { width: w, height: h });
  const pen = canvas.getContext("2d");
  pen.setTransform(ratio, 0, 0, ratio, 0, 0);
  return pen;
}

/** Pixels of the screen for one of the page; above 3 nobody sees a difference. */
export function pixelRatio() {
  return Math.min(window.devicePixelRatio || 1, 3);
}

/** Whole numbers (or so many decimals) as the language of the words writes them. */
export function numbers(words, digits = 0) {
  const format = new Intl.NumberFormat(words.locale || undefined, { maximumFractionDigits: digits });
  return (value) => format.format(value);
}

/** A value kept between two bounds. */
export function clamp(value, low, high) {
  return Math.max(low, Math.min(high, value));
}

/** Listen to traits: {"a b": call} calls when a or b changed. Gives a function that ends it. */
export function watch(model, calls) {
  const pairs = Object.entries(calls).flatMap(([names, call]) =>
    names.split(" ").map((name) => [`change:${name}`, call]));
  for (const [event, call] of pairs) model.on(event, call);
  return () => pairs.forEach(([event, call]) => model.off(event, call));
}

/** Work that is done once before the next picture however often it is asked for.
 *  A hidden page has no pictures; there it is done soon, so that whoever waits is answered. */
export function once(work) {
  let asked = false;
  const go = () => {
    if (asked) {
      asked = false;
      work();
    }
  };
  const hurry = () => asked && document.hidden && setTimeout(go);
  document.addEventListener("visibilitychange", hurry);
  const ask = () => {
    if (asked) return;
    asked = true;
    if (document.hidden) setTimeout(go);
    else requestAnimationFrame(go);
  };
  ask.end = () => {
    asked = false;
    document.removeEventListener("visibilitychange", hurry);
  };
  return ask;
}

/** Call with the width of an element now and whenever it changes. */
export function onWidth(element, call) {
  let last = 0;
  const observer = new ResizeObserver(([entry]) => {
    const width = Math.round(entry.contentRect.width);
    if (width > 0 && width !== last) call((last = width));
  });
  observer.observe(element);
  return () => observer.disconnect();
}

/** Show a box of rows [label, value] under a heading, beside a point and inside the stage. */
export function showTip(tip, stage, heading, rows, x, y) {
  tip.replaceChildren();
  write(make("b", "", tip), heading);
  const list = make("dl", "", tip);
  for (const [label, value] of rows) {
    write(make("dt", value === undefined ? "alone" : "", list), label);
    if (value !== undefined) write(make("dd", "", list), value);
  }
  tip.hidden = false;
  const [w, h] = [tip.offsetWidth, tip.offsetHeight];
  const left = x + 14 + w < stage.clientWidth ? x + 14 : x - 14 - w;
  tip.style.left = `${clamp(left, 2, Math.max(2, stage.clientWidth - w - 2))}px`;
  tip.style.top = `${clamp(y - h / 2, 2, Math.max(2, stage.clientHeight - h - 2))}px`;
}

/** The same in one line, for those who hear it. */
export function spoken(heading, rows) {
  return [heading, ...rows.map((row) => row.filter((part) => part !== undefined).join(" "))].join("; ");
}

/** Send what was set. A page that is being left has nobody who would hear it any more. */
export function send(model) {
  try {
    model.save_changes();
  } catch (error) {
    if (!String(error).includes("no comm channel")) throw error;
  }
}
