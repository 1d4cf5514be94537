"""The start card in a real browser, and the task that it must lead to in six actions."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest

from viz.screen.pairs import PAIRS
from viz.screen.words import Words

pytestmark = pytest.mark.xdist_group("screen")
PATIENCE = 90_000  # ms; the server starts, and worlds are built and compiled first
LONG = 600_000  # ms; other seeds run to the end of a pair of almost six years
SIZES = ((1440, 900), (1024, 768), (390, 844))
CAMERAS = PAIRS[0]


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
    title = Words("en")("lesson.who_catches.title")
    assert title in page.inner_text(".tb-lesson-head")


def test_got_aways_of_the_first_pair_are_known_within_six_actions(
    address: str, open_page, screenshot
):
    """Control of the southern border against cameras, $250M each, both from July 2014."""
    page = open_page(address, *SIZES[0])
    opened(page)
    actions = 0

    def act(do) -> None:
        nonlocal actions
        do()
        actions += 1

    act(page.locator(".tb-play").first.click)
    page.wait_for_selector(".tb-run:not([disabled]):has-text('Pause')", timeout=LONG)
    day = "Number(document.querySelector('.tb-day b')?.innerText.split(' ').pop())"
    page.wait_for_function(f"{day} >= {CAMERAS.first_day}", timeout=LONG)
    assert all(text in page.inner_text(".tb-maps") for text in ("Cameras", "southern border"))
    seeds = page.get_by_role("button", name="Run nine seeds of each world")
    if seeds.count():  # a screen that runs them by itself has no button
        act(seeds.click)
    act(lambda: page.keyboard.press("End"))
    act(page.get_by_text("All outcomes per year").click)
    row = page.locator(".tb-outcomes tr:has(small)", has_text="got-aways").first
    row.wait_for(timeout=LONG)
    a, b, change = row.locator("td").all_inner_texts()
    assert float(a.replace(",", "")) > float(b.replace(",", "")) > 0
    assert re.search(r"−[\d,]+ … −[\d,]+", change), change
    assert actions <= 6
    screenshot(page, "start-task")
