// Page as a whole: keys that move the time, the address, the language, the drawer, and small menus.

import { isCommand, listen, sendTrait } from "./page.js";

const USES_KEYS = "input, textarea, select, button, a, summary, [contenteditable], [role=slider], [role=option], [role=listbox], [tabindex]:not(#tb-maps, h1, h2, h3)";
const KEYS = { " ": "toggle", ArrowLeft: "back", ArrowRight: "on", Home: "first", End: "last" };
const DRAWER = ".tb-drawer-layer.tb-open .tb-drawer";
/** Number of frames to wait until an opened drawer is on the page. */
const PATIENCE = 120;
/** Minimum width of a swipe in pixels. */
const SWIPE = 48;

export default { render };

function render({ model, el }) {
  let count = 0;
  el.hidden = true;
  const press = (name) => sendTrait(model, "pressed", [name, ++count]);
  const onKey = (event) => {
    if (event.key === "Escape") return closeByKey(event, model.get("drawer") ? () => press("close") : null);
    const name = KEYS[event.key];
    if (!name || model.get("drawer") || isCommand(event) || event.defaultPrevented || event.target.closest?.(USES_KEYS)) return;
    event.preventDefault();
    press(event.shiftKey ? `week_${name}` : name);
  };
  const showAddress = () => {
    const { pathname } = window.location, query = model.get("address");
    if (query) window.history.replaceState(window.history.state, "", `${pathname}?${query}`);
  };
  const setLanguage = () => document.documentElement.setAttribute("lang", model.get("language"));
  const scrollToTop = () => { // Scroll all containers when another page opens.
    for (let node = el; node; node = node.parentElement) node.scrollTop = 0;
  };
  const drawer = createDrawer(() => model.get("drawer"));
  const gone = new AbortController(), { signal } = gone;
  const swipe = createSwipe();
  keepFocus(signal);
  for (const [name, call] of Object.entries({ keydown: onKey, click: onSkip, pointerdown: closeMenus, ...swipe })) {
    document.addEventListener(name, call, { signal, passive: name.startsWith("touch") });
  }
  const stop = listen(model, {
    address: showAddress, language: setLanguage, page: scrollToTop, drawer: drawer.update,
  });
  showAddress();
  setLanguage();
  drawer.update();
  return () => {
    gone.abort();
    stop();
    drawer.release();
  };
}

/** When the focused control leaves the page or is disabled, move the focus to a control with its name, or to the
 * first heading of its replacement. Otherwise the keyboard would begin again at the top of the page. */
function keepFocus(signal) {
  let lost = null;
  const nameOf = (node) => node.getAttribute("aria-label") ?? node.textContent.trim();
  const present = (node) => node.isConnected && !node.disabled;
  const usable = (node) => present(node) && node.checkVisibility({ visibilityProperty: true }); // costs a layout
  const remember = ({ target }) => {
    const around = [];
    for (let node = target.parentElement; node; node = node.parentElement) around.push(node);
    lost = { node: target, tag: target.tagName, name: nameOf(target), around };
  };
  const restore = () => {
    if (!lost || document.activeElement !== document.body) return;
    if (lost.left ? present(lost.node) : usable(lost.node)) return void (lost.left = true);
    const room = lost.around.find((node) => node.isConnected && node.querySelector("h1, h2, h3"));
    const all = (names) => [...(room?.querySelectorAll(names) ?? [])].filter(usable);
    const next = all(lost.tag).find((node) => nameOf(node) === lost.name) ?? all("h1, h2, h3")[0];
    if (!next) return;
    if (next.tabIndex < 0) next.tabIndex = -1;
    next.focus();
  };
  const watcher = new MutationObserver(restore);
  watcher.observe(document.body, { childList: true, subtree: true, attributeFilter: ["disabled"] });
  signal.addEventListener("abort", () => watcher.disconnect());
  document.addEventListener("focusin", remember, { signal });
  document.addEventListener("pointerdown", () => (lost = null), { signal, capture: true });
}

/** On a phone a swipe over maps or results opens the previous or next tab. On a zoomed map, the swipe moves the map. */
function createSwipe() {
  let from = null;
  const touchstart = ({ target, touches }) => {
    const swiped = target.closest?.(".tb-scene, .tb-strip") && document.querySelector(".tb-tabs")?.offsetParent;
    const moves = target.closest?.("input, [role=slider]") || target.closest?.(".tb-stage")?.style.touchAction === "none";
    from = swiped && !moves && touches.length === 1 ? touches[0] : null;
  };
  const touchend = ({ changedTouches: [end] }) => {
    const [x, y] = from ? [end.clientX - from.clientX, end.clientY - from.clientY] : [0, 0];
    from = null;
    if (Math.abs(x) < SWIPE || Math.abs(x) < 2 * Math.abs(y)) return;
    const tabs = [...document.querySelectorAll(".tb-tabs .tb-tab")];
    tabs[tabs.findIndex((tab) => tab.matches(".tb-on")) - Math.sign(x)]?.click();
  };
  return { touchstart, touchend };
}

/** Follow the link to the maps without changing the address. */
function onSkip(event) {
  if (!event.target.closest?.(".tb-skip")) return;
  event.preventDefault();
  const maps = document.getElementById("tb-maps") ?? document.querySelector(".tb-scene");
  maps?.focus();
  maps?.scrollIntoView({ block: "nearest" });
}

function closeMenus(event) {
  for (const menu of document.querySelectorAll("details.tb-pop[open]")) {
    if (!menu.contains(event.target)) menu.open = false;
  }
}

/** Close the open drawer, or the menu that contains the focus. */
function closeByKey(event, closeDrawer) {
  const menu = event.target.closest?.("details.tb-pop[open]");
  if (closeDrawer) {
    if (!event.defaultPrevented) closeDrawer();
  } else if (menu) {
    menu.open = false;
    menu.querySelector("summary").focus();
  }
}

/** Return `update`, which moves the focus into an open drawer and makes the rest of the page inert, and `release`. */
function createDrawer(isOpen) {
  let around = [], before = null;
  const release = () => {
    around.forEach((node) => (node.inert = false));
    around = [];
  };
  const open = (left) => {
    const drawer = document.querySelector(DRAWER);
    if (!isOpen() || around.length) return;
    if (!drawer) {
      if (left) requestAnimationFrame(() => open(left - 1));
      return;
    }
    before = document.activeElement;
    drawer.focus();
    for (let node = drawer.parentElement; !node.matches(".tb-app"); node = node.parentElement) {
      around.push(...[...node.parentElement.children].filter((other) => other !== node && !other.inert));
    }
    around.forEach((node) => (node.inert = true));
  };
  const update = () => {
    if (isOpen()) open(PATIENCE);
    else if (around.length) {
      release();
      if (before?.isConnected) before.focus();
    }
  };
  return { update, release };
}
