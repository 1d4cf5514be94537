// anywidget gives a widget two seconds to start and then drops it; a slow machine needs longer.
{
  const within = AbortSignal.timeout.bind(AbortSignal);
  AbortSignal.timeout = (ms) => within(ms === 2000 ? 60000 : ms);
}

// The language of the document is that of the screen in it, so that it is read aloud as it should be.
{
  const root = document.documentElement;
  const follow = () => {
    const told = document.querySelector(".tb-app[lang]")?.lang;
    if (told && told !== root.lang) root.lang = told;
  };
  new MutationObserver(follow).observe(root, { subtree: true, childList: true, attributes: true, attributeFilter: ["lang"] });
}
