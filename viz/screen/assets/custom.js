// anywidget drops a widget that has not started within two seconds, but a slow machine needs longer.
{
  const within = AbortSignal.timeout.bind(AbortSignal);
  AbortSignal.timeout = (ms) => within(ms === 2000 ? 180000 : ms);
}

// A page that has lost its place to another visitor shows a message, and does not connect again.
{
  const send = WebSocket.prototype.send;
  const leave = ({ code }) => code === 4001 && location.assign("/static/assets/displaced.html");
  WebSocket.prototype.send = function (data) {
    this.addEventListener("close", leave); // Adding the same listener again has no effect.
    send.call(this, data);
  };
}
