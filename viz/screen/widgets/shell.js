// The page as a whole: keys that move the time, the address, the language, the drawer, and small menus.

import { rememberComparison } from "./last_view.js";
import { listen, sendTrait } from "./page.js";

/** Elements that handle keys themselves. */
const OWN = "input, textarea, select, button, a, summary, [contenteditable], [role=slider], [role=option], [role=listbox], [tabindex]:not(#tb-maps)";
const KEYS = { " ": "toggle", ArrowLeft: "back", ArrowRight: "on", Home: "first", End: "last" };
const FOCUSABLE = "a[href], button:not([disabled]), input:not([disabled]), select, textarea, summary, [tabindex]:not([tabindex='-1'])";
/** Number of frames to wait until an opened drawer is on the page. */
const PATIENCE = 120;

export default { render };

function render({ model, el }) {
  let count = 0;
  el.hidden = true;
  const press = (name) => sendTrait(model, "pressed", [name, ++count]);
  const onKey = (event) => {
    if (model.get("drawer") ? onDrawerKey(event, () => press("close")) : closeMenu(event)) return;
    const name = KEYS[event.key];
    if (!name || model.get("drawer") || event.ctrlKey || event.metaKey || event.altKey || event.defaultPrevented) return;
    if (event.target.closest && event.target.closest(OWN)) return;
    event.preventDefault();
    press(event.shiftKey ? `week_${name}` : name);
  };
  const showAddress = () => {
    const { pathname } = window.location, query = model.get("address");
    if (query) window.history.replaceState(window.history.state, "", `${pathname}?${query}`);
    rememberComparison(query);
  };
  const { leave, draw } = createLeave(model, el);
  const setLanguage = () => document.documentElement.setAttribute("lang", model.get("language"));
  const scrollToTop = () => { // all containers, when another page opens
    for (let node = el; node; node = node.parentElement) node.scrollTop = 0;
  };
  const drawer = createDrawer(() => model.get("drawer"));
  const listeners = { keydown: onKey, click: onSkip, pointerdown: closeMenus };
  for (const [name, call] of Object.entries(listeners)) document.addEventListener(name, call);
  const stop = listen(model, {
    address: showAddress, language: setLanguage, page: scrollToTop, drawer: drawer.update,
    chosen: leave, "page drawn": draw,
  });
  showAddress();
  setLanguage();
  drawer.update();
  return () => {
    for (const [name, call] of Object.entries(listeners)) document.removeEventListener(name, call);
    stop();
    drawer.release();
  };
}

/** Return `leave` and `draw`. When another page is chosen, the present page takes no more clicks, because
 * they would be lost. It takes them again if the last choice is drawn and no other page was drawn since. */
function createLeave(model, el) {
  let left = null;
  const leave = () => {
    const main = el.closest(".tb-app")?.querySelector(".tb-main");
    if (!main || model.get("chosen") === model.get("drawn")) return;
    main.inert = true;
    left = { main, page: model.get("page") };
  };
  const draw = () => {
    if (left && model.get("page") !== left.page) left = null;
    if (!left || model.get("chosen") !== model.get("drawn")) return;
    left.main.inert = false;
    left = null;
  };
  return { leave, draw };
}

/** Follow the link to the maps without changing the address. */
function onSkip(event) {
  if (!event.target.closest?.(".tb-skip")) return;
  event.preventDefault();
  const maps = document.getElementById("tb-maps") ?? document.querySelector(".tb-scene");
  maps?.focus();
  maps?.scrollIntoView({ block: "nearest" });
}

// ---- small menus --------------------------------------------------------------------------------

/** Close the open menus that do not contain the target of an event. */
function closeMenus(event) {
  for (const menu of document.querySelectorAll("details.tb-pop[open]")) {
    if (!menu.contains(event.target)) menu.open = false;
  }
}

/** Close the menu that contains the focus on Escape; return whether there was one. */
function closeMenu(event) {
  const menu = event.key === "Escape" && event.target.closest?.("details.tb-pop[open]");
  if (!menu) return false;
  menu.open = false;
  menu.querySelector("summary").focus();
  return true;
}

// ---- the drawer ---------------------------------------------------------------------------------

/** Return `update`, which makes the page around an open drawer inert, and `release`, which undoes it.
 * Focus moves into the drawer, and back to where it was. */
function createDrawer(isOpen) {
  let around = [], before = null;
  const release = () => {
    around.forEach((node) => (node.inert = false));
    around = [];
  };
  const open = (left) => {
    const drawer = document.querySelector(".tb-drawer-layer.tb-open .tb-drawer");
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

/** Handle Escape and Tab while the drawer is open; return whether the key was handled. */
function onDrawerKey(event, close) {
  const drawer = document.querySelector(".tb-drawer-layer.tb-open .tb-drawer");
  if (!drawer || event.defaultPrevented) return false;
  if (event.key === "Escape" && !document.querySelector(".menuable__content__active")) {
    event.preventDefault();
    close();
    return true;
  }
  if (event.key !== "Tab") return false;
  const nodes = [...drawer.querySelectorAll(FOCUSABLE)].filter((node) => node.getClientRects().length);
  const at = document.activeElement, inside = drawer.contains(at) && at !== drawer;
  const edge = event.shiftKey ? nodes[0] : nodes.at(-1), next = event.shiftKey ? nodes.at(-1) : nodes[0];
  if (next && (!inside || at === edge)) {
    event.preventDefault();
    next.focus();
    return true;
  }
  return false;
}
