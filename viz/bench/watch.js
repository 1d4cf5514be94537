// Put into the page before its own scripts: notes what goes over the websocket, and when.
(() => {
  const LONGEST = 4000, notes = [], marks = {}, known = new WeakSet();
  const send = WebSocket.prototype.send;
  let label = null;

  /** The text of a message; of a binary one its first part; nothing of one that is long. */
  function text(data) {
    if (typeof data === "string") return data.length > LONGEST ? "" : data;
    const view = new DataView(data), parts = view.getUint32(0), begin = view.getUint32(4);
    const end = parts > 1 ? view.getUint32(8) : data.byteLength;
    return end > LONGEST ? "" : new TextDecoder().decode(new Uint8Array(data, begin, end - begin));
  }

  function note(way, data) {
    const size = typeof data === "string" ? data.length : data.byteLength;
    notes.push([performance.now(), way, size, text(data)]);
  }

  WebSocket.prototype.send = function (data) {
    if (!known.has(this)) {
      known.add(this);
      this.addEventListener("message", event => note("in", event.data));
    }
    note("out", data);
    return send.call(this, data);
  };

  /** The moment of the next key or click, and the moment when a text changes after it. */
  function watch(selector) {
    delete marks.acted;
    delete marks.changed;
    if (label) label.disconnect();
    const place = document.querySelector(selector);
    if (!place) return;
    const before = place.innerText;
    label = new MutationObserver(() => {
      if (marks.acted && !marks.changed && place.innerText !== before) {
        marks.changed = performance.now();
      }
    });
    label.observe(place, { childList: true, characterData: true, subtree: true });
  }

  for (const kind of ["pointerdown", "keydown"]) {
    window.addEventListener(kind, () => { marks.acted ??= performance.now(); }, true);
  }
  window.benchOfTheScreen = { notes, marks, watch };
})();
