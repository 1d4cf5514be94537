"""The Learn page in a real browser: guess on the axis, run, compare; class, phone, keyboard."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from agents.labels import SECTORS
from tests.screen.waiting import PATIENCE, SIZES, ready, resize
from viz.screen.panels.naming import map_payload

#: The number of bars of results that another shape covers.
HIDDEN_RESULTS = """[...document.querySelectorAll(".tb-result-bar")].filter((bar) => {
  const { x, y, width, height } = bar.getBoundingClientRect();
  return document.elementFromPoint(x + width / 4, y + height / 2) !== bar;
}).length"""
QUERY = "?a=status_quo&days=30&scale=1000&page=learn"


@pytest.fixture
def address(screen: str) -> str:
    """The address of the page."""
    return screen + QUERY


def begin(page, lesson: int) -> None:
    """Open a lesson by its number."""
    page.wait_for_selector(".tb-lessons", timeout=PATIENCE)
    page.locator(".tb-lesson .v-btn").nth(lesson - 1).click()
    page.wait_for_selector(".tb-handle", timeout=PATIENCE)


def answer(page, key: str = "ArrowDown") -> None:
    """Answer every question with the keyboard alone."""
    for i in range(page.locator(".tb-handle").count()):
        handle = page.locator(".tb-handle").nth(i)
        handle.focus()
        page.keyboard.press(key)
        page.wait_for_function(
            f"!document.querySelectorAll('.tb-handle')[{i}].classList.contains('tb-open')"
        )
    page.wait_for_selector(".tb-lock:not([disabled])", timeout=PATIENCE)


def lock(page) -> None:
    """Lock and wait for the result."""
    page.locator(".tb-lock").click()
    page.wait_for_selector(".tb-result-bar", timeout=PATIENCE)


def test_a_lesson_is_guessed_run_compared_and_watched(address: str, open_page):
    page = open_page(address, 1440, 900)
    begin(page, 4)
    assert page.locator(".tb-lock").is_disabled(), "no guess is complete yet"
    assert page.locator(".tb-leader").count() == 0 and page.locator(".tb-handle").count() == 3
    answer(page)
    page.locator(".tb-lock").click()
    # a locked guess cannot be changed
    page.wait_for_selector(".tb-handle[aria-disabled=true]", timeout=PATIENCE)
    assert not page.locator(".tb-sure input").count()
    page.wait_for_selector(".tb-result-bar", timeout=PATIENCE)
    assert page.locator(".tb-guess-bar").count() == 3, "the guesses stay under the results"
    assert page.locator(".tb-result-bar").count() >= 4, "what is claimed is drawn, too"
    assert page.locator(".tb-grip").count() == 0 and page.locator(".tb-guess-pointer").count() == 6
    page.locator(".tb-guess-chart").first.scroll_into_view_if_needed()
    page.wait_for_function("document.getAnimations().every((one) => one.playState === 'finished')")
    assert page.evaluate(HIDDEN_RESULTS) == 0, "a guess covers a result"
    assert page.locator(".tb-mark").count() == 3
    why = page.inner_text(".tb-why")
    assert "{" not in why and "**" not in why and re.search(r"[+−]\d+(\.\d)?\s%", why)
    claimed = {one.inner_text() for one in page.locator(".tb-why .tb-claim").all()}
    drawn = {one.inner_text() for one in page.locator(".tb-guess-names .tb-claim").all()}
    assert claimed == drawn != set()
    assert "◆" in page.inner_text(".tb-bars") and "not a forecast" in page.inner_text("body")
    page.locator(".tb-watch").click()
    ready(page)
    titles = page.locator(".tb-map-title")
    assert titles.nth(0).inner_text() != titles.nth(1).inner_text()
    page.get_by_role("button", name="Learn", exact=True).click()
    page.wait_for_selector(".tb-result-bar", timeout=PATIENCE)
    page.locator(".tb-back").click()  # at once: the lesson is drawn once
    page.wait_for_selector(".tb-lessons", timeout=PATIENCE)
    with page.expect_download() as download:
        page.get_by_role("button", name="My answers (CSV)").click()
    rows = Path(download.value.path()).read_text(encoding="utf-8").splitlines()
    assert len(rows) == 2 + 3 and "not a forecast" in rows[0] and "who_catches" in rows[2]


def test_a_guess_is_dragged_with_the_pointer_and_moved_with_keys(address: str, open_page):
    page = open_page(address + "&lesson=fee", 1440, 900)
    page.wait_for_selector(".tb-handle", timeout=PATIENCE)
    handle = page.locator(".tb-handle").first
    grip = handle.locator(".tb-grip").bounding_box()
    x, y = grip["x"] + grip["width"] / 2, grip["y"] + grip["height"] / 2
    page.mouse.move(x, y)
    page.mouse.down()
    page.mouse.move(x, y + 60, steps=5)
    page.mouse.up()

    def now() -> int:
        return int(page.locator(".tb-handle").first.get_attribute("aria-valuenow"))

    page.wait_for_function("document.querySelector('.tb-handle').ariaValueNow < -10")
    dragged = now()
    handle.focus()
    for key, change in (("ArrowUp", 1), ("PageDown", -10), ("ArrowLeft", -1)):
        page.keyboard.press(key)
        page.wait_for_function(
            f"document.activeElement.getAttribute('aria-valuenow') === '{dragged + change}'"
        )
        dragged += change
    page.keyboard.press("End")
    page.wait_for_function(
        "document.activeElement.getAttribute('aria-valuenow') ==="
        " document.activeElement.getAttribute('aria-valuemax')"
    )
    assert "%" in handle.get_attribute("aria-valuetext")


def test_the_class_screen_shows_the_guesses_of_two_visitors(address, open_page):
    pages = []
    for key in ("ArrowDown", "PageUp"):
        page = open_page(address + "&lesson=fee&class=Room%207", 1024, 768)
        page.wait_for_selector(".tb-handle", timeout=PATIENCE)
        answer(page, key)
        lock(page)
        pages.append(page)
    page = open_page(address + "&lesson=fee&class=room-7", 1024, 768)
    page.locator(".tb-class-open").click(timeout=PATIENCE)
    page.wait_for_selector(".tb-projector", timeout=PATIENCE)
    assert page.locator(".tb-dots").count() == 3 and page.locator(".tb-dot").count() == 2 * 3
    assert not page.locator(".tb-model").count(), "the result is hidden until it is asked for"
    page.locator(".tb-reveal").click()
    page.wait_for_selector(".tb-model", timeout=PATIENCE)
    assert page.locator(".tb-model").count() == 3
    # the first visitor sees the second one without loading the page again
    pages[0].wait_for_function(
        "document.querySelectorAll('.tb-class .tb-dot').length === 6", timeout=PATIENCE
    )
    assert pages[0].locator(".tb-class .tb-own").count() == 3
    assert "class=room-7" in pages[0].url and "lesson=fee" in pages[0].url


#: For each line the distance in pixels of its end from its sector, whose place follows from the
#: transform of the map, and of its beginning from the middle of its bar; and whether it is in view.
LINES = """(places) => [...document.querySelectorAll(".tb-leader")].map((line) => {
  const { key } = line.dataset, map = line.ownerSVGElement, at = places[key] ?? [-1e4, -1e4];
  const [k, x, y] = map.dataset.view.split(",").map(Number), box = map.getBoundingClientRect();
  const place = { x: box.x + x + k * at[0], y: box.y + y + k * at[1] };
  const on = (length) => line.getPointAtLength(length).matrixTransform(line.getScreenCTM());
  const end = on(line.getTotalLength()), begin = on(0), inside = map.getBoundingClientRect();
  const bar = document.querySelector(`[data-key="${key}"] .tb-result-bar`).getBoundingClientRect();
  const seen = place.x > inside.left && place.x < inside.right && place.y < inside.bottom;
  return [key, Math.hypot(end.x - place.x, end.y - place.y), begin.x - bar.x - bar.width / 2, seen];
})"""


@pytest.mark.parametrize("lesson", ["balloon", "fee"])
def test_a_line_leads_from_a_bar_to_the_sector_of_its_outcome_and_totals_have_none(
    address: str, open_page, lesson: str
):
    sectors = dict(zip(SECTORS, map_payload("en")["sectors"], strict=True))
    places = {"there": sectors["rio_grande_valley"]["at"]} if lesson == "balloon" else {}
    page = open_page(f"{address}&lesson={lesson}", 1440, 900)
    page.wait_for_selector(".tb-handle", timeout=PATIENCE)
    assert page.locator(".tb-leader, .tb-at").count() == 0, "all questions are about totals"
    answer(page)
    lock(page)
    for width, height in SIZES:
        resize(page, width, height)
        page.wait_for_function(f"document.querySelector('.tb-guess-chart').clientWidth < {width}")
        lines = page.evaluate(LINES, places)
        assert {key for key, *_ in lines} == (set(places) if width > 560 else set())
        assert page.locator(".tb-at").count() == len(places)
        for _, distance, aside, seen in lines:
            assert distance < 8.0 and abs(aside) < 2.0 and seen


#: The names and results that are cut or outside the window.
CUT = """[...document.querySelectorAll('.tb-guess-name, .tb-result-text')].filter(el => {
  const box = el.getBoundingClientRect();
  return box.left < 0 || box.right > innerWidth ||
    (el.clientWidth && el.scrollWidth > el.clientWidth + 1);
}).map(el => el.textContent)"""


def test_a_lesson_fits_in_spanish(address, open_page, assert_fits):
    page = open_page(f"{address}&lang=es", *SIZES[0])
    page.wait_for_selector(".tb-lessons", timeout=PATIENCE)
    assert page.locator(".tb-lesson").count() == 6

    def check_sizes() -> None:
        for width, height in SIZES:
            resize(page, width, height)
            page.wait_for_function(
                f"document.querySelector('.tb-guess-chart').clientWidth < {width}"
            )
            assert_fits(page)
            assert page.evaluate(CUT) == []

    begin(page, 4)
    assert "frontera sur" in page.inner_text("body").lower()
    check_sizes()
    answer(page)
    lock(page)
    check_sizes()


def test_a_click_is_not_lost_while_two_other_pages_are_drawn(address: str, open_page):
    page = open_page(address + "&lesson=fee", 1440, 900)
    page.wait_for_selector(".tb-handle", timeout=PATIENCE)
    for _ in range(2):
        for name in ("Compare", "Learn"):  # at once, so that Compare may never be drawn
            page.get_by_role("button", name=name, exact=True).click()
            page.wait_for_function(f"location.search.includes('page={name.lower()}')")
        page.locator(".tb-back").click()  # waits until the page takes clicks
        page.wait_for_selector(".tb-lessons", timeout=PATIENCE)
        page.locator(".tb-lesson .v-btn").first.click()
        page.wait_for_selector(".tb-lesson-head", timeout=PATIENCE)
