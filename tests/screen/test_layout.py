"""The frame of Compare in a real browser: maps first, nothing moves, all of it by keyboard."""

from __future__ import annotations

import itertools
from collections.abc import Iterator

import pytest

from experiments.runs.intervals import Interval
from experiments.runs.pairs import Difference
from tests.screen.phone import COVERED, PHONE
from tests.screen.waiting import PATIENCE, ready, until_day
from viz.screen.panels.headline import NAMED, answer_of
from viz.screen.words import Words

#: A has a short title and B a long one.
QUERY = (
    "?a=status_quo&b=southern_border_control:3@2012-10-20&b=central_american_governance"
    "&b=smuggler_prosecution&b=legal_pathways&seed=2&days=60&scale=1000"
)
#: Least share of the window that the maps take, by its size.
SHARES = {(1440, 900): 0.55, (1024, 768): 0.45}
#: Sizes of windows at which every answer is readable, and nothing of the difference is cut.
SIZES = ((1440, 900), (1024, 768), (390, 844))
#: Middle, low and high value of a change: fewer, more, about as many, not known, perhaps below 2 %.
VERDICTS = (
    (-12.3, -13.4, -11.8),
    (112.0, 98.0, 126.0),
    (0.4, -1.1, 1.6),
    (3.0, -20.0, 44.0),
    (1.6, 0.5, 2.7),
)
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


def made(middle: float, low: float, high: float) -> Difference:
    """Return a change in percent over nine seeds."""
    return Difference(100.0, Interval(middle, middle, middle, low, high), pairs=9)


def answers(language: str) -> list[str]:
    """The answers for all combinations of figures, during a run and at its end."""
    combinations = itertools.product(VERDICTS, repeat=len(NAMED))
    changes: list[dict[str, Difference]] = [
        dict(zip(NAMED, (made(*bounds) for bounds in words), strict=True)) for words in combinations
    ]
    t = Words(language)
    paid = t("answer.paid").format("$41.8M", "$2.33B")
    return [answer_of(t, one, over, paid) for one in changes for over in (False, True)]


def test_every_answer_is_readable_in_full_at_every_size(address: str, open_page):
    page = open_page(address, 1440, 900)
    ready(page)
    for language, name in (("en", "Compare"), ("es", "Comparar")):
        if language == "es":
            page.locator(".tb-language").click()
        here = f".tb-here:has-text('{name}')"
        page.wait_for_selector(here, state="attached", timeout=PATIENCE)
        for width, height in SIZES:
            resize(page, width, height)
            cut = page.evaluate(
                """(texts) => {
                  const box = document.querySelector(".tb-answer"), line = box.querySelector("p");
                  const before = line.textContent;
                  const cut = texts.filter((text) => {
                    line.textContent = text;
                    const [inner, outer] = [line, box].map((node) => node.getBoundingClientRect());
                    return inner.bottom > outer.bottom + 1 || inner.top < outer.top - 1
                      || line.scrollWidth > line.clientWidth;
                  });
                  line.textContent = before;
                  return cut;
                }""",
                answers(language),
            )
            assert not cut, (width, max(cut, key=len))


def test_the_strip_is_above_the_time_line_and_its_figures_do_not_overlap(address: str, open_page):
    page = open_page(address, 1440, 900)
    ready(page)
    page.locator("h1").click()
    page.keyboard.press("End")
    until_day(page, 60)
    page.wait_for_selector(".tb-since:has-text('mean of 9 seeds')", timeout=PATIENCE)
    for width, height in SIZES[:2]:
        resize(page, width, height)
        strip, line = (page.locator(name).bounding_box() for name in (".tb-strip", ".tb-time"))
        assert strip["y"] + strip["height"] <= line["y"]
        overlapping = page.evaluate(
            """() => [...document.querySelectorAll(".tb-since li")].filter((figure) => {
              const [b, small, p] = ["b", "small", "p"].map((name) =>
                figure.querySelector(name).getBoundingClientRect());
              const left = Math.min(small.left, b.left);
              return b.bottom > small.top + 2 || p.right > left + 1;
            }).map((figure) => ["b", "small", "p"].map((name) =>
              [name, figure.querySelector(name).getBoundingClientRect().toJSON()]))"""
        )
        assert not overlapping, (width, overlapping[0])


def test_the_difference_has_map_and_table_of_one_height_and_curves_above_the_time_line(
    address: str, open_page, assert_fits, screenshot
):
    page = open_page(f"{address}&view=difference", 1440, 900)
    page.wait_for_selector(".tb-run:not([disabled])", timeout=PATIENCE)
    page.locator("h1").click()
    page.keyboard.press("End")
    until_day(page, 60)
    page.wait_for_selector(".tb-curve .tb-band", timeout=PATIENCE, state="attached")
    page.wait_for_selector(".tb-difference-table:has-text('9 runs')", timeout=PATIENCE)
    assert page.locator(".tb-curve").count() == 5 and not page.locator(".tb-since").count()
    for width, height in SIZES[:2]:
        resize(page, width, height)
        ((*_, y, _, tall), (*_, table_y, _, table_tall)) = boxes(
            page, ".tb-difference-map", ".tb-difference-table"
        )
        assert (y, y + tall) == pytest.approx((table_y, table_y + table_tall), abs=1)
        table = page.locator(".tb-difference-table")
        assert table.evaluate("node => node.scrollHeight - node.clientHeight") <= 1
        line = page.locator(".tb-time").bounding_box()["y"]
        assert max(y + tall for *_, y, _, tall in boxes(page, ".tb-curve time")) <= line
        assert_fits(page)
        screenshot(page, f"layout-difference-{width}")


def test_a_comparison_of_both_countries_is_repeated_with_other_numbers(address: str, open_page):
    page = open_page(address, 1440, 900)
    ready(page)
    note = page.locator(".tb-rests")
    assert "Two assumed numbers" in note.inner_text()
    assert note.bounding_box()["y"] < page.locator(".tb-time").bounding_box()["y"]
    note.locator("button").click()
    page.wait_for_function("location.search.includes('mexico.tempo_cap')", timeout=PATIENCE)
    note.wait_for(state="detached", timeout=PATIENCE)


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
    page.wait_for_selector(".tb-drawer .tb-policy", timeout=PATIENCE)
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
    page.wait_for_selector("section.tb-person", timeout=PATIENCE)
    page.locator(".tb-person-view").click()
    page.wait_for_selector("section.tb-person", state="detached", timeout=PATIENCE)
    page.wait_for_function("!location.search.includes('view=')", timeout=PATIENCE)
    page.locator(".tb-person-view").click()
    page.wait_for_function("location.search.includes('view=person')", timeout=PATIENCE)


@pytest.mark.parametrize("language", ["en", "es"])
def test_tabs_of_a_phone_show_whole_titles(language: str, address: str, open_page, assert_fits):
    base = address.partition("?")[0]
    query = "?a=cameras_and_sensors&b=southern_border_control&days=30&scale=1000"
    page = open_page(f"{base}{query}&lang={language}", 390, 844)
    ready(page)
    cut = page.locator(".tb-tab-name").evaluate_all(
        "(all) => all.filter((one) => one.scrollHeight > one.clientHeight + 1"
        " || one.scrollWidth > one.clientWidth + 1).map((one) => one.innerText)"
    )
    assert cut == []
    assert_fits(page)


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
    starts = page.locator(".tb-tab").evaluate_all(
        "(all) => all.map((one) => one.innerText.trim()[0])"
    )
    assert starts[:2] == ["A", "B"], "each tab begins with its world"
    page.locator(".tb-tab").nth(1).click()
    b.wait_for(timeout=PATIENCE)
    assert not a.is_visible()
    assert not page.locator(".tb-map-title").first.is_visible()  # its text is on the tab
    line = page.locator(".tb-time").bounding_box()
    assert line["y"] + line["height"] == pytest.approx(844, abs=1)
    for *_, width, height in boxes(page, ".tb-time > .v-btn"):
        assert width >= 44 and height >= 44
    page.get_by_role("button", name="One day forward").click()
    until_day(page, 1)
    page.locator(".tb-run").click()
    until_day(page, 4)  # the hidden map does not hold up the run
    page.locator(".tb-run").click()
    assert_fits(page)
    screenshot(page, "layout-phone")


def test_the_zoom_buttons_of_a_phone_cover_no_place_and_no_other_button(address: str, browser):
    context = browser.new_context(**PHONE)
    page = context.new_page()
    page.goto(address)
    ready(page)
    assert page.evaluate(COVERED) == []
    page.locator(".tb-tab").nth(2).click()
    page.wait_for_selector(".tb-difference-map [data-painted]", timeout=PATIENCE)
    assert page.evaluate(COVERED) == []
    context.close()
