// The last comparison of this browser, stored in the browser and never sent to the server.

import { addText, listen } from "./page.js";

const KEY = "two-borders-last";
const LONGEST = 16000; // characters of an address that the server reads

export default { render };

/** Store the query of an address that shows a comparison. */
export function rememberComparison(query) {
  if (isComparison(query)) withStorage((storage) => storage.setItem(KEY, query));
}

function isComparison(query) {
  return query.length <= LONGEST && new URLSearchParams(query).get("page") === "compare";
}

/** Return a result of the storage of the browser; null if the storage is full or switched off. */
function withStorage(use) {
  try {
    return use(window.localStorage);
  } catch {
    return null;
  }
}

function render({ model, el }) {
  const show = () => {
    const query = withStorage((storage) => storage.getItem(KEY)) ?? "", fields = new URLSearchParams(query);
    el.replaceChildren();
    el.hidden = !isComparison(query);
    if (el.hidden) return;
    fields.set("lang", model.get("language"));
    el.append(`${model.get("lead")} `);
    addText("a", "tb-start-link", el, model.get("label"), { href: `?${fields}` });
  };
  show();
  return listen(model, { "language lead label": show });
}
