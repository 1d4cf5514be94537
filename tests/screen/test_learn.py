"""The Learn page in a real browser: guessing on the board, results, class, phone and keyboard."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from tests.screen.waiting import PATIENCE, SIZES, ready, resize
from viz.screen.lessons.lesson import Evidence, lessons
from viz.screen.session.background import BACKGROUND

#: Script that counts the result bars that another shape covers.
HIDDEN_RESULTS = """[...document.querySelectorAll(".tb-result-bar")].filter((bar) => {
  const { x, y, width, height } = bar.getBoundingClientRect();
  return document.elementFromPoint(x + width / 4, y + height / 4) !== bar;
}).length"""
QUERY = "?a=status_quo&days=30&scale=1000&page=learn"


@pytest.fixture
def address(screen: str) -> str:
    """Return the address of the page."""
    return screen + QUERY


def begin(page, lesson: int) -> None:
    """Open a lesson by its number."""
    page.wait_for_selector(".tb-lessons", timeout=PATIENCE)
    page.locator(".tb-lesson .v-btn").nth(lesson - 1).click()
    page.wait_for_selector(".tb-handle", timeout=PATIENCE)
    page.locator(".tb-start-guess").click()
    page.wait_for_selector(".tb-lock", timeout=PATIENCE)


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
    """Lock the guesses and wait for the result."""
    page.locator(".tb-lock").click()
    page.wait_for_selector(".tb-result-bar", timeout=PATIENCE)


def test_a_lesson_is_guessed_run_compared_and_watched(address: str, open_page):
    page = open_page(address, 1440, 900)
    begin(page, 4)
    assert page.locator(".tb-lock").is_disabled(), "no guess is complete yet"
    assert page.locator(".tb-leader").count() == 0 and page.locator(".tb-handle").count() == 3
    assert page.locator(".tb-lesson-title h1").count() == 1
    assert page.locator(".tb-handle.tb-open").count() == 3
    answer(page)
    page.locator(".tb-lock").click()
    page.wait_for_selector(".tb-result-bar", timeout=PATIENCE)
    assert page.locator(".tb-guess-bar").count() == 3, "the guesses stay under the results"
    assert page.locator(".tb-result-bar").count() >= 4, "what is claimed is drawn, too"
    assert page.locator(".tb-handle").count() == 0, "a locked guess cannot be changed"
    page.locator(".tb-drawing").first.scroll_into_view_if_needed()
    assert page.evaluate(HIDDEN_RESULTS) == 0, "a guess covers a result"
    why = page.inner_text(".tb-happened") + page.inner_text(".tb-why")
    assert "{" not in why and "**" not in why and re.search(r"[+−]\d+(\.\d)?\s%", why)
    claimed = {
        one.inner_text() for one in page.locator(":is(.tb-why, .tb-happened) .tb-claim").all()
    }
    drawn = {one.inner_text() for one in page.locator(".tb-total .tb-claim").all()}
    assert claimed == drawn != set()
    assert "◆" in page.inner_text(".tb-bars") and "not a forecast" in page.inner_text("body")
    page.locator(".tb-watch").click()
    ready(page)
    titles = page.locator(".tb-map-title")
    assert titles.nth(0).inner_text() != titles.nth(1).inner_text()
    page.get_by_role("button", name="Learn", exact=True).click()
    page.wait_for_selector(".tb-result-bar", timeout=PATIENCE)
    # The click comes at once, and the lesson must be drawn only once.
    page.locator(".tb-back").click()
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
    page.mouse.move(x - 60, y, steps=5)
    page.mouse.up()

    def now() -> int:
        return int(page.locator(".tb-handle").first.get_attribute("aria-valuenow"))

    page.wait_for_function("document.querySelector('.tb-handle').ariaValueNow < -5")
    dragged = now()
    handle.focus()
    steps = {"ArrowUp": 1, "Shift+ArrowRight": 10, "Shift+ArrowDown": -10, "ArrowLeft": -1}
    for key, change in steps.items():
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
        answer(page, key)  # A touched handle counts as a guess, so the reading step ends.
        lock(page)
        pages.append(page)
    page = open_page(address + "&lesson=fee&class=room-7", 1024, 768)
    page.locator(".tb-class-open").click(timeout=PATIENCE)
    page.wait_for_selector(".tb-projector", timeout=PATIENCE)
    # Two guesses for each of three facts.
    page.locator(".tb-dot").nth(2 * 3 - 1).wait_for(timeout=PATIENCE)
    assert page.locator(".tb-total").count() == 3 and page.locator(".tb-dot").count() == 2 * 3
    assert not page.locator(".tb-result-bar").count(), "the result is hidden until it is asked for"
    page.locator(".tb-reveal").click()
    page.wait_for_selector(".tb-result-bar", timeout=PATIENCE)
    # The first visitor sees the second visitor without reloading the page.
    pages[0].wait_for_function(
        "document.querySelectorAll('.tb-total .tb-dot').length === 6", timeout=PATIENCE
    )
    assert pages[0].locator(".tb-dot.tb-own").count() == 3
    assert "class=room-7" in pages[0].url and "lesson=fee" in pages[0].url
    # The index still has the class: one dot per pupil, and a mark for the viewed picture.
    pages[0].locator(".tb-back").click()
    card = pages[0].locator(".tb-lesson").nth(2)
    card.wait_for(timeout=PATIENCE)
    assert card.locator(".tb-pupils i").count() == 3 and card.locator(".tb-on").count() == 2
    assert "%" in card.locator(".tb-picture").text_content()
    assert "?" in pages[0].locator(".tb-picture").first.text_content()


#: Script that returns each leader's sector, the sector whose stretch of the border is nearest to
#: its end and their distance in pixels, and how far its place is from the middle of the bar.
LEADERS = """() => {
  const pixels = (shape, at) => at.matrixTransform(shape.getScreenCTM());
  const lines = [...document.querySelectorAll("path.tb-border")].map((path) => [path.dataset.line,
    Array.from({ length: 300 }, (_, i) => (i / 299) * path.getTotalLength())
      .map((length) => pixels(path, path.getPointAtLength(length)))]);
  return [...document.querySelectorAll(".tb-leader")].map((leader) => {
    const end = pixels(leader, leader.getPointAtLength(leader.getTotalLength()));
    const [distance, key] = lines.map(([key, points]) =>
      [Math.min(...points.map((p) => Math.hypot(p.x - end.x, p.y - end.y))), key],
    ).sort(([a], [b]) => a - b)[0];
    const bar = leader.parentNode.querySelector(".tb-result-bar")?.getBoundingClientRect();
    return [leader.dataset.key, key, distance, bar ? bar.x + bar.width / 2 - end.x : 0];
  });
}"""
#: Script that returns the heights of all result bars by sector, in pixels of the board. Heights
#: below the line are negative.
BARS = """() => Object.fromEntries(
  [...document.querySelectorAll(".tb-board .tb-result-bar")].map((bar) => {
    const zero = document.querySelector(".tb-board .tb-zero").getBoundingClientRect().y;
    const { y, height } = bar.getBoundingClientRect(), up = y + height / 2 < zero;
    const length = (up ? height : -height) / bar.getScreenCTM().d;
    return [bar.closest("[data-key]").dataset.key, length];
  }))"""
PLACES = """[...document.querySelectorAll('.tb-at, .tb-board .tb-zero')].map((place) => {
  const { y, height } = place.getBoundingClientRect();
  return Math.round(y + height / 2 - place.ownerSVGElement.getBoundingClientRect().y);
}).sort()"""


def test_bars_of_sectors_stand_over_their_places_and_totals_have_no_leader(address, open_page):
    page, lesson = open_page(f"{address}&lesson=balloon", 1440, 900), lessons()["balloon"]
    page.wait_for_selector(".tb-handle", timeout=PATIENCE)
    page.locator(".tb-start-guess").click()
    page.wait_for_selector(".tb-totals .tb-handle", timeout=PATIENCE)
    sectors = [name for name, fact in lesson.questions.items() if fact.sector]
    board = page.locator(".tb-board").bounding_box()
    assert board["width"] == pytest.approx(1408, abs=4) and board["height"] <= 591
    handle = page.locator(".tb-board .tb-handle").nth(sectors.index("laredo"))
    handle.focus()
    for key, value in (("ArrowUp", 1), ("Shift+ArrowUp", 11), ("ArrowDown", 10)):
        page.keyboard.press(key)
        page.wait_for_function(f"document.activeElement.ariaValueNow === '{value}'")
    assert page.locator(".tb-board .tb-handle.tb-open").count() == 8
    places = page.evaluate(PLACES)
    for i in range(len(lesson.totals)):
        page.locator(".tb-totals .tb-handle").nth(i).focus()
        page.keyboard.press("ArrowDown")
    page.wait_for_selector(".tb-lock:not([disabled])", timeout=PATIENCE)
    lock(page)
    page.wait_for_function("document.querySelectorAll('.tb-board .tb-result-bar').length === 9")
    assert page.evaluate(PLACES) == places, "nothing moves between the steps"
    stored = BACKGROUND.stored(lesson.cases())
    bars = page.evaluate(BARS)
    for name in sectors:
        change = Evidence(stored).change(lesson.facts[name]).difference
        assert bars[name] == pytest.approx(2.3 * change, abs=2.5)
    for width, height in SIZES:
        resize(page, width, height)
        page.wait_for_function(f"document.querySelector('.tb-guesses').clientWidth < {width}")
        leaders = page.evaluate(LEADERS)
        assert [key for key, *_ in leaders] == (sectors if width > 560 else [])
        for key, nearest, distance, aside in leaders:
            assert nearest == key and distance < 3.0 and abs(aside) < 1.0
        assert page.locator(".tb-total .tb-result-bar").count() == len(lesson.totals) + 9 * (
            width <= 560
        )


#: Script that returns the names and results that are cut off or outside the window.
CUT = """[...document.querySelectorAll(
  '.tb-total-name, .tb-total-value, .tb-value, .tb-sector')].filter(el => {
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
            page.wait_for_function(f"document.querySelector('.tb-guesses').clientWidth < {width}")
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
        # The clicks follow at once, so that Compare may never be drawn.
        for name in ("Compare", "Learn"):
            page.get_by_role("button", name=name, exact=True).click()
            page.wait_for_function(f"location.search.includes('page={name.lower()}')")
        page.locator(".tb-back").click()  # This waits until the page accepts clicks.
        page.wait_for_selector(".tb-lessons", timeout=PATIENCE)
        page.locator(".tb-lesson .v-btn").first.click()
        page.wait_for_selector(".tb-lesson-head", timeout=PATIENCE)
