"""The Learn page in a real browser: predict, run, score, watch in Compare; also on a phone."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

pytestmark = pytest.mark.xdist_group("screen")
PATIENCE = 120_000  # ms; the worlds are built and compiled first
QUERY = "?a=status_quo&days=30&scale=1000&page=learn"


@pytest.fixture(scope="module")
def address(serve_screen) -> Iterator[str]:
    """The address of the screen."""
    with serve_screen() as url:
        yield url + QUERY


def begin(page, lesson: int) -> None:
    """Open a lesson by its number."""
    page.wait_for_selector(".tb-lessons", timeout=PATIENCE)
    page.locator(".tb-lesson .v-btn").nth(lesson - 1).click()
    page.wait_for_selector(".tb-question", timeout=PATIENCE)


def answer(page) -> None:
    """Answer every question with the keyboard alone."""
    for question in page.locator(".tb-question").all():
        if question.locator("input[type=radio]").count():
            question.locator("input[type=radio]").first.focus()
            page.keyboard.press("Space")
            page.wait_for_timeout(150)
        for slider in question.get_by_role("slider").all():
            slider.focus()
            page.keyboard.press("ArrowRight")
            page.wait_for_timeout(150)


def test_a_lesson_is_predicted_run_scored_and_watched(address: str, open_page, screenshot):
    page = open_page(address, 1440, 1000)
    begin(page, 4)
    lock = page.locator(".tb-lock")
    assert lock.is_disabled(), "no prediction is complete yet"
    answer(page)
    page.wait_for_selector(".tb-lock:not([disabled])", timeout=PATIENCE)
    lock.click()
    page.wait_for_selector(".tb-said", timeout=PATIENCE)
    # a locked prediction cannot be changed
    page.wait_for_selector(".tb-question input", state="detached", timeout=PATIENCE)
    page.wait_for_selector(".tb-score", timeout=PATIENCE)
    assert page.locator(".tb-mark").count() == 3
    why = page.inner_text(".tb-why")
    assert "{" not in why and re.search(r"[+−]\d+(\.\d)?\s%", why)
    assert "◆" in page.inner_text(".tb-bars") and "not a forecast" in page.inner_text("body")
    page.wait_for_selector(".tb-learn .tb-chart canvas", timeout=PATIENCE)
    screenshot(page, "learn-score")
    page.locator(".tb-watch").click()
    page.wait_for_selector(".tb-worldmap", timeout=PATIENCE)
    titles = page.locator(".tb-map-title")
    assert titles.nth(0).inner_text() != titles.nth(1).inner_text()
    page.get_by_role("button", name="Learn", exact=True).click()
    page.wait_for_selector(".tb-score", timeout=PATIENCE)
    page.locator(".tb-back").click()
    page.wait_for_selector(".tb-sum", timeout=PATIENCE)
    with page.expect_download() as download:
        page.get_by_role("button", name="My answers (CSV)").click()
    rows = Path(download.value.path()).read_text(encoding="utf-8").splitlines()
    assert len(rows) == 2 + 3 and "not a forecast" in rows[0] and "who_catches" in rows[2]


def test_another_value_needs_a_new_prediction(address: str, open_page):
    page = open_page(address, 1200, 900)
    begin(page, 4)
    answer(page)
    page.locator(".tb-lock").click()
    page.wait_for_selector(".tb-score", timeout=PATIENCE)
    page.locator(".tb-further .v-select").click()
    page.get_by_role("option", name="9 in 10").click()
    page.wait_for_selector(".tb-lock", timeout=PATIENCE)
    assert page.locator(".tb-lock").is_disabled() and not page.locator(".tb-score").count()


def test_lessons_in_spanish_on_a_phone(address: str, open_page, screenshot, assert_fits):
    page = open_page(address + "&lang=es", 390, 844)
    page.wait_for_selector(".tb-lessons", timeout=PATIENCE)
    assert page.locator(".tb-lesson").count() == 6
    assert "no un pronóstico" in page.inner_text("body")
    assert_fits(page)
    begin(page, 4)
    assert "frontera sur" in page.inner_text("body").lower()
    assert_fits(page)
    answer(page)
    page.locator(".tb-lock").click()
    page.wait_for_selector(".tb-score", timeout=PATIENCE)
    assert_fits(page)
    screenshot(page, "learn-phone")
