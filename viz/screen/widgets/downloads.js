// Rows of small buttons: an export requests a file and saves it, an import opens a file and sends it.

import { addButton, addElement, addText, listen, setText } from "./page.js";
import { pictureOf } from "./picture.js";

export default { render };

function render({ model, el }) {
  const desk = { model, root: addElement("div", "tb-desk", el), word: (key) => model.get("words")[key] };
  build(desk);
  return listen(model, { rows: () => build(desk), "msg:custom": (...message) => receive(desk, ...message) });
}

function build(desk) {
  const text = desk.status?.textContent ?? "";
  desk.root.replaceChildren();
  const groups = Map.groupBy(desk.model.get("rows"), ({ forms }) => (forms.some(({ accept }) => accept) ? "import" : "export"));
  for (const [group, rows] of groups) {
    if (groups.size > 1) addText("h3", "", desk.root, desk.word(group));
    for (const { title, forms } of rows) {
      const row = addElement("div", "tb-desk-row", desk.root);
      addText("span", "", row, title);
      for (const form of forms) addForm(desk, row, title, form);
    }
  }
  desk.status = addText("p", "tb-note tb-desk-status", desk.root, text, { role: "status" });
}

function addForm(desk, row, title, { key, text, accept }) {
  const name = `${title} · ${text}`;
  addButton(accept ? "tb-chip tb-chip-open" : "tb-chip", row, text, () => {
    row.after(desk.status); // so that the visitor sees the message
    if (accept) openFile(desk, key, accept);
    else request(desk, { key });
  }, { title: name, "aria-label": name, "data-key": key });
}

/** Write a message below the row that was used, where it is visible above the time line. */
function say(desk, text) {
  setText(desk.status, text);
  desk.status.scrollIntoView({ block: "nearest" });
}

function request(desk, message, buffers) {
  say(desk, `${desk.word("working")} …`);
  desk.model.send(message, undefined, buffers);
}

function openFile(desk, key, accept) {
  const input = addElement("input", "", null, { type: "file", accept });
  input.addEventListener("change", async () => {
    const [file] = input.files;
    if (!file) return;
    if (file.size > desk.model.get("max_bytes")) say(desk, desk.word("too_large"));
    else request(desk, { key, name: file.name }, [await file.arrayBuffer()]);
  });
  input.click();
}

async function receive(desk, { status, name, mime, picture }, buffers) {
  if (status !== undefined) return say(desk, status);
  const notes = picture && new TextDecoder().decode(buffers[0]).split("\n");
  const blob = picture ? await pictureOf(picture, notes) : new Blob([buffers[0]], { type: mime });
  if (!blob) return say(desk, desk.word("unseen"));
  const address = URL.createObjectURL(blob);
  addElement("a", "", null, { href: address, download: name }).click();
  setTimeout(() => URL.revokeObjectURL(address), 10_000); // the browser reads the file after the click
  say(desk, `${desk.word("saved")}: ${name}`);
}
