// Helpers that all widgets share: elements, canvases for all pixel ratios, numbers, dates, keys, sizes.

/** Fonts of texts on canvases, as on the page, which loads Roboto. */
export const FONT = 'Roboto, system-ui, -apple-system, "Segoe UI", sans-serif';
const MS_PER_DAY = 86400000;

export function setAttributes(node, attributes) {
  for (const [key, value] of Object.entries(attributes)) node.setAttribute(key, value);
}

export function addElement(tag, name, parent, attributes = {}) {
  const node = document.createElement(tag);
  if (name) node.className = name;
  setAttributes(node, attributes);
  parent?.append(node);
  return node;
}

export function addText(tag, name, parent, text, attributes = {}) {
  const node = addElement(tag, name, parent, attributes);
  node.textContent = text;
  return node;
}

export function addButton(name, parent, text, onClick, attributes = {}) {
  const node = addText("button", name, parent, text, { type: "button", ...attributes });
  node.addEventListener("click", onClick);
  return node;
}

export function uniqueId(prefix) {
  window.tbWidgets = (window.tbWidgets ?? 0) + 1;
  return `${prefix}-${window.tbWidgets}`;
}

/** Set a text only if it has changed, because every change makes the browser lay out the page again. */
export function setText(node, text) {
  if (node.textContent !== text) node.textContent = text;
}

/** Return a context that draws in CSS pixels on an empty canvas with the pixels of the display. */
export function prepareCanvas(canvas, width, height) {
  const ratio = pixelRatio();
  const [w, h] = [Math.round(width * ratio), Math.round(height * ratio)];
  if (canvas.width !== w || canvas.height !== h) Object.assign(canvas, { width: w, height: h });
  const ctx = canvas.getContext("2d");
  ctx.setTransform(ratio, 0, 0, ratio, 0, 0);
  ctx.clearRect(0, 0, width, height);
  return ctx;
}

export function polyline(points, closed = false) {
  const path = new Path2D();
  points.forEach(([x, y], i) => path[i ? "lineTo" : "moveTo"](x, y));
  if (closed) path.closePath();
  return path;
}

export function circle(x, y, radius) {
  return circles([[x, y, radius]]);
}

/** Return one path with several circles, because every path that is filled takes time. */
export function circles(rows) {
  const path = new Path2D();
  for (const [x, y, radius] of rows) {
    path.moveTo(x + radius, y);
    path.arc(x, y, radius, 0, 7);
  }
  return path;
}

export function square(x, y, half) {
  return polyline([[x - half, y - half], [x + half, y - half], [x + half, y + half], [x - half, y + half]], true);
}

export function fill(ctx, path, colour) {
  ctx.fillStyle = colour;
  ctx.fill(path);
}

export function stroke(ctx, path, colour, width) {
  Object.assign(ctx, { strokeStyle: colour, lineWidth: width });
  ctx.stroke(path);
}

export function strokeLine(ctx, colour, width, x0, y0, x1, y1) {
  stroke(ctx, polyline([[x0, y0], [x1, y1]]), colour, width);
}

export function outlinedText(ctx, text, x, y, colour, outline = "rgba(255,255,255,.92)") {
  Object.assign(ctx, { strokeStyle: outline, lineWidth: 3, lineJoin: "round", fillStyle: colour });
  ctx.strokeText(text, x, y);
  ctx.fillText(text, x, y);
}

/** Return display pixels per CSS pixel, at most 3, because more pixels make no visible difference. */
export function pixelRatio() {
  return Math.min(window.tbPixelRatio ?? (window.devicePixelRatio || 1), 3);
}

/** Return all maps of the page. The window holds the set, because each widget has its own copy of this file. */
export function drawings() {
  return (window.tbDrawings ??= new Set());
}

const formats = new Map();

/** Return a number format, which is cached because creating it takes longer than using it. */
function formatOf(kind, locale, options) {
  const key = [kind.name, locale, JSON.stringify(options)].join();
  if (!formats.has(key)) formats.set(key, new kind(locale || undefined, options));
  return formats.get(key);
}

export function numberFormat(words, digits = 0) {
  const format = formatOf(Intl.NumberFormat, words.locale, { maximumFractionDigits: digits });
  return (value) => format.format(value);
}

/** Add the sign of a value to the text of its absolute value. 0 has no sign. */
export function signed(value, text) {
  return `${value > 0 ? "+" : value < 0 ? "−" : ""}${text}`;
}

export function dateOf(start, day) {
  return new Date(Date.parse(start) + day * MS_PER_DAY);
}

export function dayOf(start, date) {
  return Math.round((date - Date.parse(start)) / MS_PER_DAY);
}

export function formatDate(locale, date, options) {
  return formatOf(Intl.DateTimeFormat, locale, { ...options, timeZone: "UTC" }).format(date);
}

export function clamp(value, low, high) {
  return Math.max(low, Math.min(high, value));
}

/** Listen to traits: {"a b": call} calls when a or b changes. Returns a function that stops it. */
export function listen(model, calls) {
  const pairs = Object.entries(calls).flatMap(([names, call]) =>
    names.split(" ").map((name) => [name.includes(":") ? name : `change:${name}`, call]));
  for (const pair of pairs) model.on(...pair);
  return () => pairs.forEach((pair) => model.off(...pair));
}

/** Send a trait to the server, and ignore the error of a page that is being closed. */
export function sendTrait(model, name, value) {
  model.set(name, value);
  try {
    model.save_changes();
  } catch (error) {
    if (!String(error).includes("no comm channel")) throw error;
  }
}

export function isCommand(event) {
  return event.ctrlKey || event.metaKey || event.altKey;
}

/** Mark a key as handled, so that neither the browser nor the page acts on it, for example by moving the time. */
export function consume(event) {
  event.preventDefault();
  event.stopPropagation();
}

/** Return a function that runs `work` once before the next animation frame, however often it is called.
 * A hidden page draws no frames, so there a timer starts the work, and the server still gets its answer. */
export function oncePerFrame(work) {
  let requested = false;
  const run = () => {
    if (!requested) return;
    requested = false;
    work();
  };
  const runIfHidden = () => requested && document.hidden && setTimeout(run);
  document.addEventListener("visibilitychange", runIfHidden);
  const request = () => {
    if (requested) return;
    requested = true;
    if (document.hidden) setTimeout(run);
    else requestAnimationFrame(run);
  };
  request.end = () => {
    requested = false;
    document.removeEventListener("visibilitychange", runIfHidden);
  };
  return request;
}

/** Call a function with the size of an element now and after every change. Returns a function that stops it. */
export function observeSize(element, call) {
  let last = "";
  const observer = new ResizeObserver(([entry]) => {
    const { width, height } = entry.contentRect, size = [Math.round(width), Math.round(height)];
    if (size[0] > 0 && `${size}` !== last) call(...size);
    last = `${size}`;
  });
  observer.observe(element);
  return () => observer.disconnect();
}

export function observeWidth(element, call) {
  let last = 0;
  return observeSize(element, (width) => width !== last && call((last = width)));
}

/** Show rows [label, values...] under a heading in a tooltip next to a point and inside the stage. */
export function showTooltip(tooltip, stage, heading, rows, x, y) {
  tooltip.replaceChildren();
  addText("b", "", tooltip, heading);
  const list = addElement("dl", "", tooltip), columns = Math.max(1, ...rows.map((row) => row.length - 1));
  list.style.gridTemplateColumns = `1fr repeat(${columns}, auto)`;
  for (const [label, ...values] of rows) {
    addText("dt", values.length ? "" : "alone", list, label);
    for (const value of values) addText("dd", "", list, value);
  }
  tooltip.hidden = false;
  const [w, h] = [tooltip.offsetWidth, tooltip.offsetHeight];
  const left = x + 14 + w < stage.clientWidth ? x + 14 : x - 14 - w;
  tooltip.style.left = `${clamp(left, 2, Math.max(2, stage.clientWidth - w - 2))}px`;
  tooltip.style.top = `${clamp(y - h / 2, 2, Math.max(2, stage.clientHeight - h - 2))}px`;
}

export function spokenText(heading, rows) {
  return [heading, ...rows.map((row) => row.join(" "))].join("; ");
}
