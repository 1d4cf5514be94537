// What belongs to the page as a whole: keys that move time, the address, and the language.

import { send } from "./page.js";

/** Elements that have a use for keys of their own. */
const OWN = "input, textarea, select, button, a, summary, [contenteditable], [role=slider], [role=option], [role=listbox], [tabindex]";
const KEYS = { " ": "toggle", ArrowLeft: "back", ArrowRight: "on", Home: "first", End: "last" };

export default { render };

function render({ model, el }) {
  let count = 0;
  el.hidden = true;
  const press = (event) => {
    const name = KEYS[event.key];
    if (!name || event.ctrlKey || event.metaKey || event.altKey || event.defaultPrevented) return;
    if (event.target.closest && event.target.closest(OWN)) return;
    event.preventDefault();
    model.set("pressed", [event.shiftKey ? `week_${name}` : name, ++count]);
    send(model);
  };
  const show = () => {
    const { pathname } = window.location, query = model.get("address");
    if (query) window.history.replaceState(window.history.state, "", `${pathname}?${query}`);
  };
  const top = () => { // another page begins at its beginning, whichever box it is that scrolls
    for (let node = el; node; node = node.parentElement) node.scrollTop = 0;
  };
  const speak = () => document.documentElement.setAttribute("lang", model.get("language"));
  document.addEventListener("keydown", press);
  model.on("change:address", show);
  model.on("change:language", speak);
  model.on("change:page", top);
  show();
  speak();
  return () => {
    document.removeEventListener("keydown", press);
    model.off("change:address", show);
    model.off("change:language", speak);
    model.off("change:page", top);
  };
}
