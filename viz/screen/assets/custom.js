// anywidget gives a widget two seconds to start and then drops it; a slow machine needs longer.
{
  const within = AbortSignal.timeout.bind(AbortSignal);
  AbortSignal.timeout = (ms) => within(ms === 2000 ? 180000 : ms);
}
