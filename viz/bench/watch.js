// Injected before the scripts of the page. Logs the messages of the websocket with their times.
(() => {
  const LONGEST = 4000, log = [], times = {}, patched = new WeakSet();
  const send = WebSocket.prototype.send;
  let observer = null;

  /** The text of a message, or of the first part of a binary one; empty if it is long. */
  function messageText(data) {
    if (typeof data === "string") return data.length > LONGEST ? "" : data;
    const view = new DataView(data), parts = view.getUint32(0), begin = view.getUint32(4);
    const end = parts > 1 ? view.getUint32(8) : data.byteLength;
    return end > LONGEST ? "" : new TextDecoder().decode(new Uint8Array(data, begin, end - begin));
  }

  function record(direction, data) {
    const size = typeof data === "string" ? data.length : data.byteLength;
    log.push([performance.now(), direction, size, messageText(data)]);
  }

  WebSocket.prototype.send = function (data) {
    if (!patched.has(this)) {
      patched.add(this);
      this.addEventListener("message", event => record("in", event.data));
    }
    record("out", data);
    return send.call(this, data);
  };

  /** Measure the time of the next key or click, and of the next change of an element's text. */
  function watch(selector) {
    delete times.acted;
    delete times.changed;
    if (observer) observer.disconnect();
    const element = document.querySelector(selector);
    if (!element) return;
    const before = element.innerText;
    observer = new MutationObserver(() => {
      if (times.acted && !times.changed && element.innerText !== before) {
        times.changed = performance.now();
      }
    });
    observer.observe(element, { childList: true, characterData: true, subtree: true });
  }

  for (const kind of ["pointerdown", "keydown"]) {
    window.addEventListener(kind, () => { times.acted ??= performance.now(); }, true);
  }
  window.twoBordersBench = { log, times, watch };
})();
