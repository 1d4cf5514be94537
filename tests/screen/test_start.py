"""The start card in a real browser, and the task that it must lead to in six actions."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest

from tests.screen.waiting import PATIENCE
from viz.screen.session.pairs import PAIRS
from viz.screen.words import Words

LONG = 600_000  # ms; other seeds run to the end of a pair of almost six years
SIZES = ((1440, 900), (1024, 768), (390, 844))
CAMERAS = PAIRS[0]
MOST_ACTIONS = 6
#: Whether answer and got-aways are above the time line; in one step, since every day replaces them.
IN_VIEW = """[...document.querySelectorAll('.tb-answer, .tb-strip li:first-child')].map((one) => {
  const box = one.getBoundingClientRect(), line = document.querySelector('.tb-time');
  return box.top >= 0 && box.height > 0 && box.bottom <= line.getBoundingClientRect().top; })"""


@pytest.fixture(scope="module")
def address(serve_screen) -> Iterator[str]:
    """The address of the screen without a query."""
    with serve_screen() as url:
        yield url


def opened(page) -> None:
    """Wait for the start card."""
    page.wait_for_selector(".tb-ready .tb-play", timeout=PATIENCE)


@pytest.mark.parametrize("language", ["en", "es"])
def test_the_start_card_shows_the_question_and_runs_nothing(
    language: str, address: str, open_page, assert_fits, screenshot
):
    t = Words(language)
    page = open_page(f"{address}?lang={language}", *SIZES[0])
    opened(page)
    assert page.locator("h1").all_inner_texts() == [t("start.question")]
    assert page.locator(".tb-ready h3").count() == len(PAIRS) + 1
    assert page.locator(".tb-ready-maps svg[role=img]").count() == 2 * len(PAIRS)
    assert page.locator(".tb-worldmap, .tb-timebar").count() == 0
    assert page.locator(".tb-ways a").count() == 0, "there is no last comparison yet"
    for width, height in SIZES:
        page.set_viewport_size({"width": width, "height": height})
        page.wait_for_timeout(300)
        assert_fits(page)
        screenshot(page, f"start-{language}-{width}")
    page.wait_for_function("location.search.startsWith('?page=start')", timeout=PATIENCE)


def test_the_first_screen_holds_all_cards_with_their_buttons(address: str, open_page):
    page = open_page(address, *SIZES[0])
    opened(page)
    plays = page.locator(".tb-play")
    boxes = [plays.nth(i).bounding_box() for i in range(plays.count())]
    assert len({box["y"] for box in boxes}) == 1, "buttons are not in a row"
    assert all(box["y"] + box["height"] <= 900 and box["height"] >= 44 for box in boxes)
    for card in page.locator(".tb-pairs-grid > .tb-ready").all()[: len(PAIRS)]:
        a, b = (figure.bounding_box() for figure in card.locator("figure").all())
        assert a["y"] == b["y"] and a["x"] + a["width"] < b["x"], "maps are side by side"
        assert b["x"] + b["width"] - a["x"] > 0.85 * card.bounding_box()["width"]
    assert page.locator(".tb-ways").bounding_box()["y"] < 900


def test_headings_and_names_tell_a_screen_reader_what_is_on_the_card(address: str, open_page):
    page = open_page(address, *SIZES[0])
    opened(page)
    levels = [int(one.evaluate("e => e.tagName[1]")) for one in page.locator("h1,h2,h3,h4").all()]
    assert levels == [1, 2, *[3] * (len(PAIRS) + 1)]
    titles = page.locator(".tb-ready h3").all_inner_texts()
    for title in titles:
        assert page.get_by_role("article", name=title, exact=True).count() == 1
        assert page.get_by_role("button", name=f"Run it: {title}").count() == 1
    assert page.get_by_role("region", name="Start with a ready pair").count() == 1
    assert page.get_by_role("navigation", name="Other ways in").count() == 1
    for name in ("Policy of world A", "Policy of world B"):
        assert page.get_by_role("combobox", name=name).count() == 1


def test_everything_that_can_be_pressed_on_a_phone_is_44_pixels_high(browser, address: str):
    context = browser.new_context(viewport={"width": 390, "height": 844}, has_touch=True)
    page = context.new_page()
    page.goto(address)
    opened(page)
    for one in page.locator(".tb-start :is(button, select, input, a[href])").all():
        if one.is_visible():
            assert one.bounding_box()["height"] >= 44, one.inner_text()
    context.close()


def test_a_keyboard_reaches_and_starts_the_first_pair(address: str, open_page):
    page = open_page(address, *SIZES[0])
    opened(page)
    for _ in range(15):
        page.keyboard.press("Tab")
        if page.evaluate("document.activeElement.matches('.tb-play')"):
            break
    page.keyboard.press("Enter")
    page.wait_for_selector(".tb-worldmap", timeout=PATIENCE)
    assert CAMERAS.choice.query().split("&")[0] in page.url or page.locator(".tb-worldmap").count()


def test_a_link_with_a_choice_opens_compare_and_the_title_leads_back(address: str, open_page):
    page = open_page(f"{address}?seed=2&days=30&scale=1000", *SIZES[0])
    page.wait_for_selector(".tb-worldmap", timeout=PATIENCE)
    page.wait_for_function("location.search.includes('page=compare')", timeout=PATIENCE)
    page.locator(".tb-home button").click()
    opened(page)
    link = page.locator(".tb-ways a")
    link.wait_for(timeout=PATIENCE)
    assert "seed=2" in link.get_attribute("href")
    link.click()
    page.wait_for_selector(".tb-worldmap", timeout=PATIENCE)
    page.wait_for_function("location.search.includes('seed=2')", timeout=PATIENCE)


def test_guess_first_opens_the_lesson_of_the_pair(address: str, open_page):
    page = open_page(address, *SIZES[0])
    opened(page)
    guess = page.locator(".tb-ready-foot .tb-start-link")
    assert guess.count() == sum(bool(pair.lesson) for pair in PAIRS)
    guess.first.click()
    page.wait_for_selector(".tb-lesson-head", timeout=PATIENCE)
    title = Words("en")("lesson.needs_mexico.title")
    assert title in page.inner_text(".tb-lesson-head")


class Actions:
    """An action of a visitor: a click, a typed text, a choice from a list."""

    def __init__(self, page) -> None:
        self.page, self.count = page, 0

    def click(self, selector: str) -> None:
        self.page.locator(selector).first.click()
        self.count += 1

    def type(self, selector: str, text: str) -> None:
        self.page.fill(selector, text)
        self.count += 1

    def choose(self, selector: str, value: str) -> None:
        self.page.select_option(selector, value)
        self.count += 2  # by mouse: open the list, then click


def answered(page) -> None:
    """Wait for the answer; it and the got-aways with their range are visible without scrolling."""
    known = r"fewer get away.*?\d to \d"
    text = "document.querySelector('.tb-answer')?.innerText"
    page.wait_for_function(f"/{known}/.test({text})", timeout=LONG)
    assert "%" in page.inner_text(".tb-answer")
    assert all(text in page.inner_text(".tb-maps") for text in ("Cameras", "southern border"))
    figure = page.locator(".tb-strip li").first.inner_text()
    assert re.search(r"Got away.*−[\d.]+\s%\s+−[\d.]+ to −[\d.]+", figure, re.DOTALL)
    assert page.evaluate(IN_VIEW) == [True, True]


def test_got_aways_of_the_first_pair_are_known_after_one_action(
    address: str, open_page, screenshot
):
    """Control of the southern border against cameras, $250M each, both from July 2014."""
    page = open_page(address, *SIZES[0])
    opened(page)
    actions = Actions(page)
    actions.click(".tb-play")
    answered(page)
    assert actions.count <= MOST_ACTIONS
    screenshot(page, "start-task")
