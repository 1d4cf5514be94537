// Rows of small buttons: one asks the server for a file and saves it, or opens a file and sends it.

const SHARP = 2; // pixels of a PNG for one of the drawing

export default { render };

function render({ model, el }) {
  const desk = { model, root: make("div", "tb-desk", el) };
  const calls = {
    "change:rows": () => build(desk),
    "msg:custom": (message, buffers) => take(desk, message, buffers),
  };
  for (const [event, call] of Object.entries(calls)) model.on(event, call);
  build(desk);
  return () => Object.entries(calls).forEach(([event, call]) => model.off(event, call));
}

function make(tag, name, parent, text = "") {
  const node = document.createElement(tag);
  Object.assign(node, { className: name, textContent: text });
  parent.append(node);
  return node;
}

/** A row: what it is, and a button for each form of it. */
function build(desk) {
  const said = desk.told?.textContent ?? "";
  desk.root.replaceChildren();
  for (const { title, forms } of desk.model.get("rows")) {
    const row = make("div", "tb-desk-row", desk.root);
    make("span", "", row, title);
    for (const form of forms) button(desk, row, title, form);
  }
  desk.told = make("p", "tb-note tb-desk-told", desk.root, said);
  desk.told.setAttribute("role", "status");
}

function button(desk, row, title, { key, text, accept }) {
  const node = make("button", "tb-chip", row, text);
  Object.assign(node, { type: "button", title: `${title} · ${text}` });
  node.setAttribute("aria-label", node.title);
  node.dataset.key = key;
  node.addEventListener("click", () => (accept ? open(desk, key, accept) : ask(desk, { key })));
}

function say(desk, text) {
  desk.told.textContent = text;
}

function ask(desk, message, buffers) {
  say(desk, `${desk.model.get("words").working} …`);
  desk.model.send(message, undefined, buffers);
}

/** Let the visitor choose a file; a large one is not sent at all. */
function open(desk, key, accept) {
  const input = document.createElement("input");
  Object.assign(input, { type: "file", accept });
  input.addEventListener("change", async () => {
    const [file] = input.files;
    if (!file) return;
    if (file.size > desk.model.get("most")) say(desk, desk.model.get("words").too_large);
    else ask(desk, { key, name: file.name }, [await file.arrayBuffer()]);
  });
  input.click();
}

/** A word of the server, or a file. */
async function take(desk, { told, name, mime, png }, buffers) {
  if (told !== undefined) return say(desk, told);
  let blob = new Blob([buffers[0]], { type: mime });
  if (png) blob = await pixels(blob);
  save(blob, name);
  say(desk, `${desk.model.get("words").saved}: ${name}`);
}

/** A drawing as pixels, made here: nothing is sent anywhere. */
async function pixels(drawing) {
  const address = URL.createObjectURL(drawing), image = new Image();
  image.src = address;
  await image.decode();
  const canvas = document.createElement("canvas");
  Object.assign(canvas, { width: SHARP * image.width, height: SHARP * image.height });
  canvas.getContext("2d").drawImage(image, 0, 0, canvas.width, canvas.height);
  URL.revokeObjectURL(address);
  return new Promise((done) => canvas.toBlob(done, "image/png"));
}

function save(blob, name) {
  const address = URL.createObjectURL(blob), link = document.createElement("a");
  Object.assign(link, { href: address, download: name });
  link.click();
  setTimeout(() => URL.revokeObjectURL(address), 10_000); // the browser reads it meanwhile
}
