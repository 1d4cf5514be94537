// Rows of small buttons: an export requests a file and saves it, an import opens a file and sends it.

const PNG_SCALE = 2; // pixels of a PNG per unit of the SVG

export default { render };

function render({ model, el }) {
  const buttons = { model, root: addElement("div", "tb-desk", el) };
  const calls = {
    "change:rows": () => build(buttons),
    "msg:custom": (message, buffers) => receive(buttons, message, buffers),
  };
  for (const [event, call] of Object.entries(calls)) model.on(event, call);
  build(buttons);
  return () => Object.entries(calls).forEach(([event, call]) => model.off(event, call));
}

function addElement(tag, name, parent, text = "") {
  const node = document.createElement(tag);
  Object.assign(node, { className: name, textContent: text });
  parent.append(node);
  return node;
}

/** Build all rows: a title, and one button for each form; the status text is kept. */
function build(buttons) {
  const text = buttons.status?.textContent ?? "";
  buttons.root.replaceChildren();
  for (const { title, forms } of buttons.model.get("rows")) {
    const row = addElement("div", "tb-desk-row", buttons.root);
    addElement("span", "", row, title);
    for (const form of forms) addButton(buttons, row, title, form);
  }
  buttons.status = addElement("p", "tb-note tb-desk-told", buttons.root, text);
  buttons.status.setAttribute("role", "status");
}

function addButton(buttons, row, title, { key, text, accept }) {
  const node = addElement("button", "tb-chip", row, text);
  Object.assign(node, { type: "button", title: `${title} · ${text}` });
  node.setAttribute("aria-label", node.title);
  node.dataset.key = key;
  node.addEventListener("click", () => (accept ? openFile(buttons, key, accept) : request(buttons, { key })));
}

function setStatus(buttons, text) {
  buttons.status.textContent = text;
}

function request(buttons, message, buffers) {
  setStatus(buttons, `${buttons.model.get("words").working} …`);
  buttons.model.send(message, undefined, buffers);
}

/** Let the user choose a file and send it; a file above the limit is not sent. */
function openFile(buttons, key, accept) {
  const input = document.createElement("input");
  Object.assign(input, { type: "file", accept });
  input.addEventListener("change", async () => {
    const [file] = input.files;
    if (!file) return;
    if (file.size > buttons.model.get("most")) setStatus(buttons, buttons.model.get("words").too_large);
    else request(buttons, { key, name: file.name }, [await file.arrayBuffer()]);
  });
  input.click();
}

/** Show a message of the server, or save its file. */
async function receive(buttons, { told, name, mime, png }, buffers) {
  if (told !== undefined) return setStatus(buttons, told);
  const blob = new Blob([buffers[0]], { type: mime });
  save(png ? await toPng(blob) : blob, name);
  setStatus(buttons, `${buttons.model.get("words").saved}: ${name}`);
}

/** Convert an SVG to PNG in the browser, without sending it anywhere. */
async function toPng(svg) {
  const address = URL.createObjectURL(svg), image = new Image();
  image.src = address;
  await image.decode();
  const canvas = document.createElement("canvas");
  Object.assign(canvas, { width: PNG_SCALE * image.width, height: PNG_SCALE * image.height });
  canvas.getContext("2d").drawImage(image, 0, 0, canvas.width, canvas.height);
  URL.revokeObjectURL(address);
  return new Promise((resolve) => canvas.toBlob(resolve, "image/png"));
}

function save(blob, name) {
  const address = URL.createObjectURL(blob), link = document.createElement("a");
  Object.assign(link, { href: address, download: name });
  link.click();
  setTimeout(() => URL.revokeObjectURL(address), 10_000); // the browser reads the file after the click
}
