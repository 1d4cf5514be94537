// The page as a whole: keys that move the time, the address, and the language.

import { rememberComparison } from "./last_view.js";
import { listen, sendTrait } from "./page.js";

/** Elements that use keys themselves. */
const OWN = "input, textarea, select, button, a, summary, [contenteditable], [role=slider], [role=option], [role=listbox], [tabindex]";
const KEYS = { " ": "toggle", ArrowLeft: "back", ArrowRight: "on", Home: "first", End: "last" };

export default { render };

function render({ model, el }) {
  let count = 0;
  el.hidden = true;
  const onKey = (event) => {
    const name = KEYS[event.key];
    if (!name || event.ctrlKey || event.metaKey || event.altKey || event.defaultPrevented) return;
    if (event.target.closest && event.target.closest(OWN)) return;
    event.preventDefault();
    sendTrait(model, "pressed", [event.shiftKey ? `week_${name}` : name, ++count]);
  };
  const showAddress = () => {
    const { pathname } = window.location, query = model.get("address");
    if (query) window.history.replaceState(window.history.state, "", `${pathname}?${query}`);
    rememberComparison(query);
  };
  const setLanguage = () => document.documentElement.setAttribute("lang", model.get("language"));
  const scrollToTop = () => { // every container, when another page opens
    for (let node = el; node; node = node.parentElement) node.scrollTop = 0;
  };
  document.addEventListener("keydown", onKey);
  const stop = listen(model, { address: showAddress, language: setLanguage, page: scrollToTop });
  showAddress();
  setLanguage();
  return () => {
    document.removeEventListener("keydown", onKey);
    stop();
  };
}
