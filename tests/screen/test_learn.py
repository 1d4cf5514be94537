"""Learn in a real browser: predict, run, score; watch it and come back; on a phone, too."""

from __future__ import annotations

import os
import re
import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

pytestmark = pytest.mark.xdist_group("screen")
ROOT = Path(__file__).resolve().parents[2]
PATIENCE = 120_000  # ms: a busy machine builds and compiles first
QUERY = "?a=status_quo&days=30&scale=1000&page=learn"


@pytest.fixture(scope="module")
def address() -> Iterator[str]:
    """The screen, served as the command serves it."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    command = [sys.executable, "-m", "viz.cli", "serve", "--port", str(port), "--no-open"]
    server = subprocess.Popen(command, cwd=ROOT, stderr=subprocess.PIPE, text=True)
    try:
        assert server.stderr is not None
        for line in server.stderr:
            if str(port) in line:
                break
        yield f"http://127.0.0.1:{port}/{QUERY}"
    finally:
        server.terminate()
        server.wait(20)


def keep(page, name: str) -> None:
    """A picture for whoever wants to look: TWOBORDERS_SHOTS names the folder."""
    if folder := os.environ.get("TWOBORDERS_SHOTS"):
        page.screenshot(path=str(Path(folder) / f"{name}.png"), full_page=True)


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


def fits(page) -> None:
    """Nothing is wider than the screen."""
    wide = page.evaluate("document.documentElement.scrollWidth - window.innerWidth")
    assert wide <= 1, f"the page is {wide} pixels wider than the screen"


def test_predict_then_run_then_score_then_watch_and_come_back(address: str, open_page):
    page = open_page(address, 1440, 1000)
    begin(page, 4)
    lock = page.locator(".tb-lock")
    assert lock.is_disabled(), "nothing is predicted yet"
    answer(page)
    page.wait_for_selector(".tb-lock:not([disabled])", timeout=PATIENCE)
    lock.click()
    page.wait_for_selector(".tb-said", timeout=PATIENCE)
    assert not page.locator(".tb-question input").count(), "what is locked cannot be changed"
    page.wait_for_selector(".tb-score", timeout=PATIENCE)
    assert page.locator(".tb-mark").count() == 3
    why = page.inner_text(".tb-why")
    assert "{" not in why and re.search(r"[+−]\d+(\.\d)?\s%", why)
    assert "◆" in page.inner_text(".tb-bars") and "not a forecast" in page.inner_text("body")
    page.wait_for_selector(".tb-learn .tb-chart canvas", timeout=PATIENCE)
    keep(page, "learn-score")
    page.locator(".tb-watch").click()
    page.wait_for_selector(".tb-worldmap", timeout=PATIENCE)
    told = page.locator(".tb-map-title")
    assert told.nth(0).inner_text() != told.nth(1).inner_text()
    page.get_by_role("button", name="Learn", exact=True).click()
    page.wait_for_selector(".tb-score", timeout=PATIENCE)
    page.locator(".tb-back").click()
    page.wait_for_selector(".tb-sum", timeout=PATIENCE)
    with page.expect_download() as download:
        page.get_by_role("button", name="My answers (CSV)").click()
    rows = Path(download.value.path()).read_text(encoding="utf-8").splitlines()
    assert len(rows) == 2 + 3 and "not a forecast" in rows[0] and "who_catches" in rows[2]


def test_another_number_is_predicted_anew(address: str, open_page):
    page = open_page(address, 1200, 900)
    begin(page, 4)
    answer(page)
    page.locator(".tb-lock").click()
    page.wait_for_selector(".tb-score", timeout=PATIENCE)
    page.locator(".tb-further .v-select").click()
    page.get_by_role("option", name="9 in 10").click()
    page.wait_for_selector(".tb-lock", timeout=PATIENCE)
    assert page.locator(".tb-lock").is_disabled() and not page.locator(".tb-score").count()


def test_lessons_in_spanish_on_a_phone(address: str, open_page):
    page = open_page(address + "&lang=es", 390, 844)
    page.wait_for_selector(".tb-lessons", timeout=PATIENCE)
    assert page.locator(".tb-lesson").count() == 6
    assert "no un pronóstico" in page.inner_text("body")
    fits(page)
    begin(page, 4)
    assert "frontera sur" in page.inner_text("body").lower()
    fits(page)
    answer(page)
    page.locator(".tb-lock").click()
    page.wait_for_selector(".tb-score", timeout=PATIENCE)
    fits(page)
    keep(page, "learn-phone")
