"""A phone that is used with a finger, and what the buttons of a map cover on it."""

from __future__ import annotations

from typing import Any

PHONE: dict[str, Any] = {
    "viewport": {"width": 390, "height": 844},
    "has_touch": True,
    "is_mobile": True,
}
#: The places, and the controls over the map, that the zoom buttons of visible maps cover.
COVERED = """() => {
  const over = (a, b) =>
    a.left < b.right && b.left < a.right && a.top < b.bottom && b.top < a.bottom;
  const seen = (node) => node.checkVisibility({ visibilityProperty: true });
  const controls = [...document.querySelectorAll("[data-over-map=menu] > summary")].filter(seen);
  const maps = [...document.querySelectorAll("[data-painted]")].map((el) => el.tbMap)
    .filter((map) => map && seen(map.stage));
  return maps.flatMap((map) => {
    const buttons = map.controls.getBoundingClientRect(), at = map.stage.getBoundingClientRect();
    if (!over(buttons, at)) return ["the buttons are not on the map"];
    const { world, view } = map;
    const spots = world.places.filter((place) => place.inside).map(({ name, x, y }) => {
      const left = at.left + view.x + view.k * x, top = at.top + view.y + view.k * y;
      return { name, left: left - 8, right: left + 8, top: top - 8, bottom: top + 8 };
    });
    const boxes = controls.map((node) => [node.innerText, node.getBoundingClientRect()]);
    return [...spots.map((one) => [one.name, one]), ...boxes]
      .filter(([, box]) => over(buttons, box)).map(([name]) => name);
  });
}"""
