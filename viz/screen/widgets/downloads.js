// Menu of files, and buttons. Each entry or button requests a file, then saves it or copies its text.

import { addButton, addElement, addText, listen, setText } from "./page.js";
import { pictureOf } from "./picture.js";

export default { render };

function render({ model, el }) {
  const root = addElement("div", "tb-desk", el), label = addElement("label", "", root);
  const desk = { model, word: (key) => model.get("words")[key], name: addElement("span", "", label) };
  desk.menu = addElement("select", "", label);
  desk.save = addButton("tb-save", root, "", () => request(desk, desk.menu.value));
  desk.row = addElement("span", "tb-desk-row", root);
  desk.status = addText("p", "tb-note tb-desk-status", root, "", { role: "status" });
  desk.text = addElement("textarea", "tb-desk-text", root, { readonly: "", rows: 14, hidden: "" });
  const fill = () => fillMenu(desk);
  fill();
  return listen(model, { "files buttons words": fill, "msg:custom": (...message) => receive(desk, ...message) });
}

function request(desk, key) {
  say(desk, `${desk.word("working")} …`);
  desk.model.send({ key });
}

function fillMenu(desk) {
  const { model, menu, name, save, row, text, word } = desk, chosen = menu.value;
  save.hidden = menu.parentNode.hidden = !model.get("files").length;
  row.replaceChildren();
  for (const [key, title] of model.get("buttons")) addButton("", row, title, () => request(desk, key), { "data-key": key });
  text.setAttribute("aria-label", word("copied"));
  setText(name, word("file"));
  setText(save, word("save"));
  menu.replaceChildren(...model.get("files").map(([key, title]) => new Option(title, key, false, key === chosen)));
}

/** Show a message below the menu, where the time line does not cover it. */
function say(desk, text) {
  setText(desk.status, text);
  desk.status.scrollIntoView({ block: "nearest" });
}

async function receive(desk, { status, name, mime, picture_kind, copied }, buffers) {
  desk.text.hidden = !copied;
  if (status !== undefined) return say(desk, status);
  if (copied) return copy(desk, new TextDecoder().decode(buffers[0]));
  const notes = picture_kind && new TextDecoder().decode(buffers[0]).split("\n");
  const blob = picture_kind ? await pictureOf(notes) : new Blob([buffers[0]], { type: mime });
  if (!blob) return say(desk, desk.word("unseen"));
  const address = URL.createObjectURL(blob);
  addElement("a", "", null, { href: address, download: name }).click();
  setTimeout(() => URL.revokeObjectURL(address), 10_000); // The browser reads the file after the click.
  say(desk, `${desk.word("saved")}: ${name}`);
}

/** Show a text and copy it. If the browser refuses to copy, the text is selected. */
async function copy(desk, text) {
  desk.text.value = text;
  desk.text.select();
  const isCopied = await navigator.clipboard?.writeText(text).then(() => true, () => false);
  say(desk, desk.word(isCopied || document.execCommand("copy") ? "copied" : "selected"));
}
