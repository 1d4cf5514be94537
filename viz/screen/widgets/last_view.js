// The last comparison of this browser, stored in the browser and never sent to the server.

import { addElement, listen } from "./page.js";

const KEY = "two-borders-last";
const LONGEST = 16000; // characters of an address that the server reads

export default { render };

/** Store the query of an address that shows a comparison. */
export function rememberComparison(query) {
  if (query.length > LONGEST || new URLSearchParams(query).get("page") !== "compare") return;
  try {
    window.localStorage.setItem(KEY, query);
  } catch {
    // storage is full or switched off: the last comparison is not stored then
  }
}

/** Return the last comparison as an address in a language; "" for none. */
function lastComparison(language) {
  let kept = null;
  try {
    kept = window.localStorage.getItem(KEY);
  } catch {
    return "";
  }
  const fields = new URLSearchParams(kept ?? "");
  if (fields.get("page") !== "compare" || kept.length > LONGEST) return "";
  fields.set("lang", language);
  return `?${fields}`;
}

function render({ model, el }) {
  const show = () => {
    const address = lastComparison(model.get("language"));
    el.replaceChildren();
    el.hidden = !address;
    if (!address) return;
    el.append(`${model.get("lead")} `);
    addElement("a", "tb-start-link", el, { href: address }).textContent = model.get("label");
  };
  const stop = listen(model, { "language lead label": show });
  show();
  return stop;
}
