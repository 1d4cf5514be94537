"""The Compare screen in a real browser: it runs, pauses, winds back, follows, speaks Spanish."""

from __future__ import annotations

import json
import os
import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

pytestmark = pytest.mark.xdist_group("screen")
ROOT = Path(__file__).resolve().parents[2]
PATIENCE = 90_000  # ms: a busy machine builds and compiles first
QUERY = "?a=status_quo&b=southern_border_control:3&seed=2&days=60&scale=500"


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


def shown_day(page) -> int:
    """The day on the time bar."""
    return int(page.locator(".tb-day b").inner_text().split()[-1])


def ready(page) -> None:
    """Wait until both worlds are built and drawn."""
    page.wait_for_selector(".tb-run:not([disabled])", timeout=PATIENCE)
    page.wait_for_selector(".tb-worldmap canvas", timeout=PATIENCE)


def until_day(page, day: int) -> None:
    """Wait until so many days are shown."""
    words = "document.querySelector('.tb-day b')?.innerText.split(' ').pop()"
    page.wait_for_function(f"Number({words}) >= {day}", timeout=PATIENCE)


def keep(page, name: str) -> None:
    """A picture for whoever wants to look: TWOBORDERS_SHOTS names the folder."""
    if folder := os.environ.get("TWOBORDERS_SHOTS"):
        page.screenshot(path=str(Path(folder) / f"{name}.png"), full_page=True)


def test_two_worlds_run_pause_and_wind_back(address: str, open_page):
    page = open_page(address, 1440, 1000)
    ready(page)
    assert shown_day(page) == 0 and "not a forecast" in page.inner_text("body")
    page.locator(".tb-run").click()
    until_day(page, 5)
    page.locator(".tb-run").click()  # pause
    page.wait_for_timeout(700)
    stood = shown_day(page)
    page.wait_for_timeout(700)
    assert shown_day(page) == stood >= 5
    page.get_by_role("button", name="One day back").click()
    page.wait_for_function(
        f"Number(document.querySelector('.tb-day b')?.innerText.split(' ').pop()) == {stood - 1}",
        timeout=PATIENCE,
    )
    rows = page.locator(".tb-outcomes tbody tr")
    assert rows.count() == 8 and "Deaths" in page.inner_text(".tb-outcomes")
    keep(page, "compare")


def test_one_person_is_followed_in_both_worlds(address: str, open_page):
    page = open_page(address, 1440, 1000)
    ready(page)
    page.locator(".tb-run").click()
    until_day(page, 20)
    page.locator(".tb-run").click()
    page.get_by_role("button", name="Pick someone whose journeys differ").click()
    page.wait_for_selector(".tb-stories li", timeout=PATIENCE)
    assert page.locator(".tb-stories .tb-a li").count()
    assert page.locator(".tb-stories .tb-b").count()
    assert "$" in page.inner_text(".tb-stories")
    keep(page, "journey")


def test_the_screen_speaks_spanish_and_fits_a_phone(address: str, open_page):
    page = open_page(address, 390, 844)
    ready(page)
    page.get_by_role("button", name="Español").click()
    page.wait_for_selector(".tb-header h1:has-text('Dos Fronteras')", timeout=PATIENCE)
    assert "no un pronóstico" in page.inner_text("body")
    wide = page.evaluate("document.documentElement.scrollWidth - window.innerWidth")
    assert wide <= 1, f"the page is {wide} pixels wider than the screen"
    keep(page, "phone")
    page.get_by_role("button", name="Acerca de").click()
    page.wait_for_selector(".tb-about h2:has-text('Qué es esto')", timeout=PATIENCE)


def test_two_visitors_do_not_share_a_day(address: str, open_page):
    one, other = open_page(address, 1200, 900), open_page(address, 1200, 900)
    ready(one)
    ready(other)
    one.locator(".tb-run").click()
    until_day(one, 4)
    assert shown_day(other) == 0
    one.locator(".tb-run").click()


def on_day(page, day: int) -> None:
    """Wait until this day is shown."""
    words = "document.querySelector('.tb-day b')?.innerText.split(' ').pop()"
    page.wait_for_function(f"Number({words}) === {day}", timeout=PATIENCE)


def test_keys_move_time_and_the_address_follows(address: str, open_page):
    page = open_page(f"{address}&day=10&place=tapachula", 1440, 1000)
    ready(page)
    on_day(page, 10)
    assert "Tapachula" in page.inner_text(".tb-inspect")
    page.locator("h1").click()
    page.keyboard.press("ArrowRight")
    on_day(page, 11)
    page.keyboard.press("Shift+ArrowLeft")
    on_day(page, 4)
    page.wait_for_function("location.search.includes('day=4&place=tapachula')", timeout=PATIENCE)
    page.keyboard.press("Home")
    on_day(page, 0)
    page.keyboard.press("Space")
    until_day(page, 2)
    page.keyboard.press("Space")
    page.wait_for_selector(".tb-run:has-text('Run')", timeout=PATIENCE)


def test_days_pass_without_rendering_and_one_map_answers_for_both(address: str, open_page):
    page, came, answers = open_page(address, 1440, 1000), [], []
    ready(page)

    def listen(socket: Any) -> None:
        socket.on("framereceived", lambda data: came.append(data))
        socket.on("framesent", lambda data: answers.append(data) if '"ack"' in data else None)

    page.on("websocket", listen)
    page.reload()
    ready(page)
    page.locator(".tb-run").click()
    until_day(page, 8)
    came.clear()
    answers.clear()
    until_day(page, 30)
    days = len(answers)
    widgets = {json.loads(answer)["content"]["comm_id"] for answer in answers}
    told = [data for data in came if isinstance(data, str)]
    assert len(widgets) == 1 and days >= 15
    assert not any('"comm_open"' in data for data in told), "a widget was made while time ran"
    assert len(came) <= 12 * days, "thirty visitors could not be told so much"


def test_the_time_line_is_dragged_and_bears_dates(address: str, open_page):
    page = open_page(address.replace("control:3", "control:3@2012-10-20"), 1440, 1000)
    ready(page)
    line = page.locator(".tb-line input")
    assert "southern border" in page.locator(".tb-marks .tb-below").get_attribute("title")
    box = line.bounding_box()
    page.mouse.move(box["x"] + 8, box["y"] + 10)
    page.mouse.down()
    page.mouse.move(box["x"] + 0.5 * box["width"], box["y"] + 10, steps=5)
    page.mouse.up()
    on_day(page, 30)
    line.press("ArrowRight")
    on_day(page, 31)
    page.locator(".tb-run").click()
    until_day(page, 36)  # what the server tells does not move the run
    page.locator(".tb-run").click()


def test_more_seeds_are_played_behind_the_screen(address: str, open_page):
    page = open_page(address.replace("days=60", "days=9"), 1440, 1400)
    ready(page)
    page.get_by_role("button", name="Run nine seeds of each world").click()
    page.wait_for_selector(".tb-chart-bar button[disabled]", timeout=PATIENCE)
    page.get_by_role("button", name="To the last day").or_(page.locator("h1")).first.click()
    page.keyboard.press("End")
    on_day(page, 9)
    page.get_by_text("All outcomes per year").click()
    page.wait_for_selector(".tb-outcomes small", timeout=PATIENCE)
    assert "…" in page.locator(".tb-outcomes small").first.inner_text()
    keep(page, "bands")


def test_explore_shows_one_world_and_compare_waits(address: str, open_page):
    page = open_page(f"{address}&day=3", 1440, 1400)
    ready(page)
    on_day(page, 3)
    page.locator(".tb-run").click()
    until_day(page, 5)
    page.locator(".tb-pages button", has_text="Explore").click()
    page.wait_for_selector(".tb-explore .tb-run:not([disabled])", timeout=PATIENCE)
    page.locator(".tb-run").click()
    until_day(page, 4)
    page.locator(".tb-run").click()
    assert page.locator(".tb-worldmap canvas").count() >= 1
    assert page.locator(".tb-worldmap").count() == 1
    keep(page, "explore")
    page.locator(".tb-pages button", has_text="Compare").click()
    page.wait_for_selector(".tb-worldmap.tb-b", timeout=PATIENCE)
    until_day(page, 5)
    page.wait_for_selector(".tb-run:has-text('Run')", timeout=PATIENCE)
    stood = shown_day(page)
    page.wait_for_timeout(700)
    assert shown_day(page) == stood, "time goes on by itself"
    assert page.locator(".tb-worldmap").count() == 2
