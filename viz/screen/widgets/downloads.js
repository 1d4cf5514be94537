// A menu of files and a button, which requests the chosen file and saves it.

import { addButton, addElement, addText, listen, setText } from "./page.js";
import { pictureOf } from "./picture.js";

export default { render };

function render({ model, el }) {
  const root = addElement("div", "tb-desk", el), label = addElement("label", "", root);
  const desk = { model, word: (key) => model.get("words")[key], name: addElement("span", "", label) };
  desk.menu = addElement("select", "", label);
  desk.save = addButton("tb-save", root, "", () => {
    say(desk, `${desk.word("working")} …`);
    model.send({ key: desk.menu.value });
  });
  desk.status = addText("p", "tb-note tb-desk-status", root, "", { role: "status" });
  const fill = () => fillMenu(desk);
  fill();
  return listen(model, { "files words": fill, "msg:custom": (...message) => receive(desk, ...message) });
}

function fillMenu({ model, menu, name, save, word }) {
  const chosen = menu.value;
  setText(name, word("file"));
  setText(save, word("save"));
  menu.replaceChildren(...model.get("files").map(([key, title]) => new Option(title, key, false, key === chosen)));
}

/** Write a message below the menu, where it is visible above the time line. */
function say(desk, text) {
  setText(desk.status, text);
  desk.status.scrollIntoView({ block: "nearest" });
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
