// anywidget gives a widget two seconds to start and then drops it; a slow machine needs longer.
{
  const within = AbortSignal.timeout.bind(AbortSignal);
  AbortSignal.timeout = (ms) => within(ms === 2000 ? 180000 : ms);
}

// A page whose place went to another visitor says so, and does not connect again.
{
  const send = WebSocket.prototype.send;
  const leave = ({ code }) => code === 4001 && location.assign("/static/assets/displaced.html");
  WebSocket.prototype.send = function (data) {
    this.addEventListener("close", leave); // the same listener is added only once
    send.call(this, data);
  };
}
