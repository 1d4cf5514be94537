"""Wait for a state of a page, whose parts change one after another. Also sizes, and a phone."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

PATIENCE = 240_000  # milliseconds; the worlds are first compiled and built
_POLL = 100  # milliseconds; the default of every frame would recompute the layout each time
#: Window sizes at which every page must fit.
SIZES = ((1440, 900), (1024, 768), (390, 844))
PHONE: dict[str, Any] = {
    "viewport": {"width": 390, "height": 844},
    "has_touch": True,
    "is_mobile": True,
}
#: JavaScript expression for the day on the time line.
DAY = "Number(document.querySelector('.tb-day b')?.innerText.split(' ').pop())"
#: Script that returns the places, and controls over the map, that the zoom buttons cover.
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


def ready(page) -> None:
    """Wait until all worlds are built and drawn."""
    page.wait_for_selector(".tb-run:not([disabled])", timeout=PATIENCE)
    page.wait_for_selector(".tb-worldmap canvas", timeout=PATIENCE)


def until(page, check: Callable[[], bool]) -> None:
    """Poll a condition outside the page, which stays responsive in the meantime."""
    for _ in range(PATIENCE // 50):
        if check():
            return
        page.wait_for_timeout(50)
    pytest.fail("the condition was not reached")


def until_day(page, day: int) -> None:
    """Wait until a day is reached."""
    page.wait_for_function(f"{DAY} >= {day}", timeout=PATIENCE, polling=_POLL)


def on_day(page, day: int) -> None:
    """Wait until exactly this day is shown."""
    page.wait_for_function(f"{DAY} === {day}", timeout=PATIENCE, polling=_POLL)


def go_to_end(page, day: int) -> None:
    """Go to the last day of the run."""
    page.locator("h1").click()
    page.keyboard.press("End")
    on_day(page, day)


def resize(page, width: int, height: int) -> None:
    """Change the window size, and wait until the page is drawn again."""
    page.set_viewport_size({"width": width, "height": height})
    page.evaluate("""async () => {
      for (let i = 0; i < 5; i++) await new Promise(requestAnimationFrame);
    }""")
