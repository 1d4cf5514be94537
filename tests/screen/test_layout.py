"""The frame of Compare in a real browser: maps first, nothing moves, all of it by keyboard."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

pytestmark = pytest.mark.xdist_group("screen")
PATIENCE = 240_000  # ms; the worlds are built and compiled first
#: A has a short title and B a long one.
QUERY = (
    "?a=status_quo&b=southern_border_control:3@2012-10-20&b=central_american_governance"
    "&b=smuggler_prosecution&b=legal_pathways&seed=2&days=60&scale=1000"
)
#: Least share of the window that the maps take, by its size.
SHARES = {(1440, 900): 0.55, (1024, 768): 0.45}
#: Most tab stops from the top of the page to Run, by way of the policies.
MOST_STOPS = 15
#: Parts of the page that keep their place while worlds run.
STILL = (
    ".tb-header",
    "h1",
    ".tb-answer",
    ".tb-open-policies",
    ".tb-person-view",
    ".tb-worldmap",
    ".tb-map-title",
    ".tb-stage",
    ".tb-layers",
    ".tb-strip",
    ".tb-chart-bar",
    ".tb-charts > *",
    ".tb-time",
    ".tb-step",
    ".tb-run",
    ".tb-day",
    ".tb-line",
    ".tb-flag",
    ".tb-speed",
)
BOXES = """names => names.flatMap(name => [...document.querySelectorAll(name)].map(node => {
  const { x, y, width, height } = node.getBoundingClientRect();
  return [name, x, y, width, height];
}))"""


@pytest.fixture(scope="module")
def address(serve_screen) -> Iterator[str]:
    """The address of the screen."""
    with serve_screen() as url:
        yield url + QUERY


def ready(page) -> None:
    page.wait_for_selector(".tb-run:not([disabled])", timeout=PATIENCE)
    page.wait_for_selector(".tb-worldmap canvas", timeout=PATIENCE)


def until_day(page, day: int) -> None:
    words = "document.querySelector('.tb-day b')?.innerText.split(' ').pop()"
    page.wait_for_function(f"Number({words}) >= {day}", timeout=PATIENCE)


def boxes(page, *names: str) -> list[list]:
    return page.evaluate(BOXES, list(names))


def resize(page, width: int, height: int) -> None:
    page.set_viewport_size({"width": width, "height": height})
    page.wait_for_timeout(400)


def test_the_maps_take_most_of_the_window_and_begin_at_the_same_height(
    address: str, open_page, assert_fits
):
    page = open_page(address, 1440, 900)
    ready(page)
    for (width, height), least in SHARES.items():
        resize(page, width, height)
        maps = boxes(page, ".tb-worldmap .tb-stage")
        share = sum(w * h for *_, w, h in maps) / (width * height)
        print(f"maps take {100 * share:.1f} % of {width} x {height}")
        assert share >= least
        (_, _, top, *size), (_, _, other_top, *other_size) = maps
        assert top == other_top and size == other_size
        titles = boxes(page, ".tb-map-title")
        assert titles[0][2] == titles[1][2] and titles[0][4] == titles[1][4]
        drawn = page.evaluate("document.querySelector('.tb-stage canvas').getBoundingClientRect()")
        assert drawn["height"] == pytest.approx(size[1], abs=1)
        for *_, y, _, height_of_map in maps:
            line = page.locator(".tb-time").bounding_box()
            assert y + height_of_map <= line["y"], "the time line covers a map"
        assert_fits(page)
    maps, titles = boxes(page, ".tb-worldmap .tb-stage"), page.locator(".tb-map-title")
    assert titles.nth(1).locator("b").evaluate("node => node.scrollWidth > node.clientWidth")
    titles.nth(1).focus()
    assert titles.nth(1).locator("b").evaluate("node => node.scrollWidth <= node.clientWidth")
    assert boxes(page, ".tb-worldmap .tb-stage") == maps


def test_nothing_moves_when_worlds_run(address: str, open_page):
    page = open_page(address, 1440, 900)
    ready(page)
    page.wait_for_timeout(1500)
    before = boxes(page, *STILL)
    page.locator(".tb-run").click()
    until_day(page, 5)
    assert boxes(page, *STILL) == before
    page.locator(".tb-run").click()
    page.wait_for_selector(".tb-run:has-text('Run')", timeout=PATIENCE)
    assert boxes(page, *STILL) == before


def test_the_page_is_used_by_keyboard_in_few_stops(address: str, open_page):
    page = open_page(address, 1440, 900)
    ready(page)
    stops = 0

    def tab_to(selector: str) -> None:
        nonlocal stops
        while not page.evaluate("name => document.activeElement.matches(name)", selector):
            page.keyboard.press("Tab")
            stops += 1
            assert stops <= MOST_STOPS, f"{selector} is not reached"

    tab_to(".tb-skip")
    assert stops == 1 and page.locator(".tb-skip").bounding_box()["y"] >= 0
    tab_to(".tb-open-policies")
    page.keyboard.press("Enter")
    page.wait_for_selector(".tb-drawer .tb-close", timeout=PATIENCE)
    page.wait_for_function("document.activeElement.matches('.tb-drawer')", timeout=PATIENCE)
    assert page.evaluate("['.tb-header', '.tb-scene'].every(n => document.querySelector(n).inert)")
    page.wait_for_selector(".tb-drawer .v-input", timeout=PATIENCE)
    for key in ("Tab", "Shift+Tab", "Tab"):  # around the ends
        page.keyboard.press(key)
        assert page.evaluate("!!document.activeElement.closest('.tb-drawer')")
    page.locator(".tb-close").press("Space")
    page.wait_for_selector(".tb-drawer-layer.tb-open", state="detached", timeout=PATIENCE)
    page.wait_for_function("document.activeElement.matches('.tb-open-policies')", timeout=PATIENCE)
    assert not page.evaluate("document.querySelector('.tb-header').inert")
    tab_to(".tb-run")
    page.keyboard.press("Enter")
    until_day(page, 2)
    page.keyboard.press("Enter")
    print(f"{stops} tab stops to Run")


def test_keys_do_not_move_time_while_the_drawer_is_open_and_escape_closes_it(
    address: str, open_page
):
    page = open_page(address, 1440, 900)
    ready(page)
    page.locator(".tb-open-policies").click()
    page.wait_for_function("document.activeElement.matches('.tb-drawer')", timeout=PATIENCE)
    for key in ("ArrowRight", "End", "Space"):
        page.keyboard.press(key)
    page.keyboard.press("Escape")
    page.wait_for_selector(".tb-drawer-layer.tb-open", state="detached", timeout=PATIENCE)
    assert page.locator(".tb-day b").inner_text() == "day 0"
    page.wait_for_selector(".tb-run:has-text('Run')", timeout=PATIENCE)
    page.locator(".tb-skip").focus()
    page.keyboard.press("Enter")
    assert page.evaluate("document.activeElement.id") == "tb-maps"
    page.keyboard.press("ArrowRight")
    until_day(page, 1)


def test_a_flag_changes_the_date_of_a_policy_in_the_address(address: str, open_page):
    page = open_page(address, 1440, 900)
    ready(page)
    flag = page.locator(".tb-flag-b", has_text="southern border")
    flag.focus()
    page.keyboard.press("Shift+ArrowRight")
    page.wait_for_function("location.search.includes('2012-10-27')", timeout=PATIENCE)
    ready(page)
    assert "2012-10-20" not in page.evaluate("location.search")


def test_a_link_reproduces_the_view(address: str, open_page):
    page = open_page(f"{address}&view=person", 1440, 900)
    ready(page)
    page.wait_for_selector(".tb-follow", timeout=PATIENCE)
    page.locator(".tb-person-view").click()
    page.wait_for_selector(".tb-follow", state="detached", timeout=PATIENCE)
    page.wait_for_function("!location.search.includes('view=')", timeout=PATIENCE)
    page.locator(".tb-person-view").click()
    page.wait_for_function("location.search.includes('view=person')", timeout=PATIENCE)


def test_a_phone_shows_one_map_at_a_time_and_can_be_zoomed(
    address: str, open_page, assert_fits, screenshot
):
    page = open_page(address, 390, 844)
    ready(page)
    assert_fits(page)
    content = page.locator("meta[name=viewport]").get_attribute("content") or ""
    assert "user-scalable" not in content and "maximum-scale" not in content
    a, b = page.locator(".tb-worldmap.tb-a"), page.locator(".tb-worldmap.tb-b")
    assert a.is_visible() and not b.is_visible()
    page.locator(".tb-tab").nth(1).click()
    b.wait_for(timeout=PATIENCE)
    assert not a.is_visible()
    line = page.locator(".tb-time").bounding_box()
    assert line["y"] + line["height"] == pytest.approx(844, abs=1)
    page.locator(".tb-run").click()
    until_day(page, 4)  # the hidden map does not hold up the run
    page.locator(".tb-run").click()
    assert_fits(page)
    screenshot(page, "layout-phone")
