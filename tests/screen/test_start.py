"""The start card in a real browser, and a task that it must lead to in six actions."""

from __future__ import annotations

import re

import pytest

from tests.screen.waiting import PATIENCE, SIZES, until
from viz.screen.session.pairs import PAIRS
from viz.screen.words import Words

LONG = 600_000  # milliseconds; the other seeds of a pair run for almost six years
#: Script that returns whether answer and got-aways are above the time line, in one step, because
#: every day replaces them.
IN_VIEW = """[...document.querySelectorAll('.tb-answer, .tb-strip li:nth-child(2)')].map((one) => {
  const box = one.getBoundingClientRect(), line = document.querySelector('.tb-time');
  return box.top >= 0 && box.height > 0 && box.bottom <= line.getBoundingClientRect().top; })"""


def opened(page) -> None:
    """Wait for the start card."""
    page.wait_for_selector(".tb-ready .tb-play", timeout=PATIENCE)


@pytest.fixture
def page(screen: str, open_page):
    """Open the start card; return the page."""
    page = open_page(screen, *SIZES[0])
    opened(page)
    return page


def test_the_first_screen_holds_all_cards_with_their_buttons_and_runs_nothing(page):
    assert page.locator("h1").all_inner_texts() == [Words("en")("start.question")]
    assert page.locator(".tb-ready-maps svg[role=img]").count() == 2 * len(PAIRS)
    assert page.locator(".tb-worldmap, .tb-timebar").count() == 0
    plays = page.locator(".tb-play")
    boxes = [plays.nth(i).bounding_box() for i in range(plays.count())]
    assert len({box["y"] for box in boxes}) == 1, "buttons are not in a row"
    assert all(box["y"] + box["height"] <= 900 and box["height"] >= 44 for box in boxes)
    for card in page.locator(".tb-pairs-grid > .tb-ready").all()[: len(PAIRS)]:
        a, b = (figure.bounding_box() for figure in card.locator("figure").all())
        assert a["y"] == b["y"] and a["x"] + a["width"] < b["x"], "maps are side by side"
    assert page.locator(".tb-ways").bounding_box()["y"] < 900
    page.wait_for_function("location.search.startsWith('?page=start')", timeout=PATIENCE)


def test_a_link_with_a_choice_opens_compare_and_the_title_leads_back(screen: str, open_page):
    page = open_page(f"{screen}?seed=2&days=30&scale=1000", *SIZES[0])
    page.wait_for_selector(".tb-worldmap", timeout=PATIENCE)
    page.wait_for_function("location.search.includes('page=compare')", timeout=PATIENCE)
    page.locator(".tb-home button").click()
    opened(page)


def test_guess_first_opens_the_lesson_of_the_pair(page):
    guess = page.locator(".tb-ready-foot .tb-start-link")
    assert guess.count() == sum(bool(pair.lesson) for pair in PAIRS)
    guess.first.click()
    page.wait_for_selector(".tb-lesson-head", timeout=PATIENCE)
    assert Words("en")("lesson.needs_mexico.title") in page.inner_text(".tb-lesson-head")


def test_got_aways_of_a_ready_pair_are_known_after_one_action(page):
    """The pair compares southern border control with overtime, for equal money from July 2014."""
    page.locator(".tb-play").first.click()
    text = "document.querySelector('.tb-answer')?.innerText"
    page.wait_for_function(rf"/fewer get away.*?\d to \d/.test({text})", timeout=LONG)
    assert "%" in page.inner_text(".tb-answer")
    assert all(text in page.inner_text(".tb-maps") for text in ("Overtime", "Southern border"))
    money = r"A spent \$(\d+)M and B \$(\d+)M: (\d+) % apart"
    spent = re.search(money, page.inner_text(".tb-answer"))
    assert spent, "pairs spend about the same"
    a, b, apart = map(int, spent.groups())
    assert 100.0 * abs(a - b) / max(a, b) == pytest.approx(apart, abs=1.0) and apart <= 10
    range_text = re.compile(r"Got away.*−[\d.]+\s%\s*9 seeds: −[\d.]+ to −[\d.]+", re.DOTALL)
    until(page, lambda: range_text.search(page.inner_text(".tb-strip li:nth-child(2)")) is not None)
    assert page.evaluate(IN_VIEW) == [True, True]
