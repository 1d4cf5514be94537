"""The view of one person in a real browser: figures, both maps, the line, and its keys."""

from __future__ import annotations

import pytest

from tests.screen.waiting import PATIENCE, SIZES, go_to_end, ready, resize

QUERY = "?a=status_quo&b=southern_border_control:3&seed=2&days=60&scale=100"
#: Script that returns the legs, event numbers and opacity of the journey on a world's map, and its
#: zoom.
STATE = """(world) => {
  const { tbMap: map } = document.querySelector(`.tb-worldmap.tb-${world} .tb-map`).parentElement;
  const numbers = map.drawnStations.map(([number]) => number);
  const { globalAlpha } = map.layers.live.getContext("2d");
  return [map.path.length, numbers, globalAlpha, map.view.k / map.fit.k];
}"""
STATIONS = """(world) => document.querySelector(`.tb-worldmap.tb-${world} .tb-map`)
  .parentElement.tbMap.stations.length"""
#: Script that returns how many texts on the line overlap.
OVERLAPS = """() => {
  const boxes = [...document.querySelectorAll(".tb-forkline-drawing svg text")]
    .map((node) => node.getBoundingClientRect());
  return boxes.flatMap((a, i) => boxes.slice(i + 1).filter((b) =>
    Math.min(a.right, b.right) - Math.max(a.left, b.left) > 1
    && Math.min(a.bottom, b.bottom) - Math.max(a.top, b.top) > 3)).length;
}"""


@pytest.fixture
def followed(screen: str, open_page):
    """Go to the last day and open the view of the first person in the offer."""
    page = open_page(f"{screen}{QUERY}", *SIZES[0])
    ready(page)
    go_to_end(page, 60)
    page.locator(".tb-person-view").click()
    page.wait_for_selector(".tb-forkline-drawing [data-event]", timeout=PATIENCE)
    page.wait_for_function("location.search.includes('view=person')", timeout=PATIENCE)
    return page


def test_one_person_is_followed_in_both_worlds_at_every_size(followed, assert_fits):
    page = followed
    table = page.locator(".tb-person-table")
    assert "◆ Kidnapped" in table.inner_text() and "$" in table.inner_text()
    ends = table.locator("tbody tr").first.locator("td").all_inner_texts()
    assert len(ends) == 2 and ends[0] != ends[1], "the first person offered ends differently"
    assert page.locator(".tb-person-lists .tb-a li").count()
    assert page.locator(".tb-person-lists .tb-b li").count()
    facts = page.inner_text(".tb-beside .tb-person")
    assert "one person in seven" in facts and "lower bound" in facts
    assert page.locator(".tb-forkline-drawing").bounding_box()["y"] < 900, (
        "it is on the first screen"
    )
    for language in ("es", "en"):
        for size in SIZES:
            resize(page, *size)
            page.wait_for_function(
                "document.querySelector('.tb-forkline-drawing svg').clientWidth"
                " <= document.querySelector('.tb-forkline-drawing').clientWidth + 1",
                timeout=PATIENCE,
            )
            assert_fits(page)
            assert page.evaluate(OVERLAPS) == 0
            high, shown = page.locator(".tb-beside").evaluate(
                "(box) => [box.scrollHeight, box.clientHeight]"
            )
            assert high <= shown + 1, f"the card of the person scrolls at {size}"
        resize(page, *SIZES[0])
        page.locator(".tb-language").click()
        page.wait_for_selector(f"html[lang={language}]", state="attached", timeout=PATIENCE)


def test_a_person_is_on_both_maps_and_a_click_on_a_dot_follows_another(followed):
    page = followed
    numbers = page.locator(".tb-forkline-drawing .tb-event").all_text_contents()
    for world in "ab":
        page.wait_for_function(f"({STATE})('{world}')[1].length", timeout=PATIENCE)
        legs, drawn_numbers, opacity, zoom = page.evaluate(STATE, world)
        assert legs and set(map(str, drawn_numbers)) <= {number.strip() for number in numbers}
        listed = page.locator(f".tb-person-lists :is(.tb-both, .tb-{world}) li i:not(.tb-bare)")
        assert set(map(str, drawn_numbers)) <= set(listed.all_text_contents()), "as in the list"
        assert len(drawn_numbers) == page.evaluate(STATIONS, world), "none is left out"
        assert opacity == 1, "the journey does not fade with the rest"
        assert zoom == 1
    page.locator(".tb-forkline-drawing .tb-event").last.click()
    for world in "ab":  # Both maps show the area of the event.
        page.wait_for_function(f"({STATE})('{world}')[3] >= 1.5", timeout=PATIENCE)
    page.locator(".tb-person-view").click()
    page.wait_for_selector(".tb-person-head", state="detached", timeout=PATIENCE)
    page.wait_for_function(
        "document.querySelector('.tb-worldmap.tb-a .tb-map')?.parentElement.tbMap.dots.length",
        timeout=PATIENCE,
    )
    assert page.evaluate(STATE, "a")[0] == 0, "nothing fades outside the view of one person"
    assert page.evaluate(STATE, "a")[3] == 1, "the whole map is shown again"
    dot = page.evaluate("""() => {
      const { tbMap: map } = document.querySelector(".tb-worldmap.tb-a .tb-map").parentElement;
      const { view: { k, x, y }, world } = map, box = map.stage.getBoundingClientRect();
      const far = (one) => world.places.every((at) =>
        Math.hypot(x + k * at.x - one.x, y + k * at.y - one.y) > 25);
      const one = map.dots.find(far);
      return [box.left + one.x, box.top + one.y];
    }""")
    page.mouse.click(*dot)
    page.wait_for_selector(".tb-person-table table", timeout=PATIENCE)


def test_numbers_on_the_line_are_reached_by_keys_and_select_a_place(followed):
    page = followed
    numbers = page.locator(".tb-forkline-drawing [data-event]")
    assert page.locator(".tb-forkline-drawing [tabindex='0']").count() == 1
    numbers.first.focus()
    page.keyboard.press("ArrowRight")
    pressed = page.locator(".tb-forkline-drawing [aria-pressed='true']")
    pressed.wait_for(timeout=PATIENCE)
    focused = page.evaluate("document.activeElement.getAttribute('data-event')")
    assert focused == pressed.get_attribute("data-event")
    assert focused == numbers.nth(1).get_attribute("data-event")
    page.wait_for_function("location.search.includes('place=')", timeout=PATIENCE)
    assert page.inner_text(".tb-day b").endswith("60"), "the arrow keys moved the time"
