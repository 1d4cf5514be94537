"""Exports in a real browser, and the replay without a server or a network."""

from __future__ import annotations

import re
import struct
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from abm.scenario import load_scenario
from abm.world.routes import load_world
from tests.screen.waiting import COVERED, PATIENCE, PHONE, SIZES, until, until_day
from viz.screen.exports.replay import replay_html
from viz.screen.exports.view import View
from viz.screen.session.choice import Choice
from viz.screen.session.frames import DAILY_FIGURES, FrameLog
from viz.screen.widgets.world import frame_dtype, smallest_difference

QUERY = "?a=status_quo&b=southern_border_control:3&seed=2&days=40&scale=1000"
# 40 seconds, so that a slow machine cannot reach the end between two clicks.
DAYS, SIMULATED = 430, 400


# ---- the replay ----------------------------------------------------------------------------------


@pytest.fixture
def replay(tmp_path: Path) -> tuple[Path, list[FrameLog]]:
    """Write a replay of invented days."""
    world, rng = load_world(None), np.random.default_rng(3)
    dtype = frame_dtype(world.n_legs, world.n_places)
    logs = []
    for world_b in (False, True):
        film = np.zeros(SIMULATED, dtype)
        film["day"] = np.arange(1, SIMULATED + 1)
        film["flow"] = rng.poisson(200, film["flow"].shape)
        film["flow"][:, :6] += 900 * world_b
        film["dead"] = np.cumsum(rng.poisson(9, film["dead"].shape), axis=0)
        log = FrameLog(DAYS, dtype, frames=[one.tobytes() for one in film])
        log.daily[:SIMULATED] = rng.poisson(300, (SIMULATED, len(DAILY_FIGURES)))
        logs.append(log)
    choice = Choice(b=("fence@2012-10-09",), days=DAYS, scale=1000)
    scenarios = [choice.scenario(0), choice.scenario(1)]
    page = replay_html(View(scenarios, 2, logs, 7))
    file = tmp_path / "replay.html"
    file.write_text(page, encoding="utf-8")
    return file, logs


@pytest.fixture
def open_file(browser):
    """Return a function that opens a file without a network; errors fail the test at its end."""
    errors: list[str] = []
    contexts = []

    def open_at(file: Path, width: int, height: int, **more: Any):
        size = {"viewport": {"width": width, "height": height}}
        context = browser.new_context(**(size | more), offline=True)
        contexts.append(context)
        page = context.new_page()
        page.on("console", lambda m: errors.append(m.text) if m.type != "log" else None)
        page.on("pageerror", lambda e: errors.append(str(e)))
        page.on("request", lambda r: None if r.url == file.as_uri() else errors.append(r.url))
        page.goto(file.as_uri())
        page.wait_for_selector("[data-ready]", timeout=PATIENCE)
        return page

    yield open_at
    for context in contexts:
        context.close()
    assert not errors, errors


def shown_day(page) -> int:
    return int(page.inner_text("#when").split()[1])


def frames_drawn(page) -> int:
    """Return how many frames the second map has drawn."""
    return int(page.get_attribute("#map-1", "data-painted") or 0)


def figure(page, row: int, column: int) -> float:
    text = page.locator("#figures tr").nth(row).locator("td").nth(column).inner_text()
    return float(text.split(" ")[0].replace(",", "").replace("\u2212", "-"))


def test_a_replay_is_controlled_by_keys_and_shows_the_difference(replay, open_file):
    file, logs = replay
    page = open_file(file, 1440, 1000)
    assert shown_day(page) == 7 and "not a forecast" in page.inner_text("header")
    assert page.inner_text("#since") == "Since the policies began"
    assert figure(page, 0, 0) == figure(page, 0, 1) == 0, "the fence begins on day 9"
    page.locator("#scrub").fill("12")
    for world in (0, 1):
        totals = logs[world].daily[8:12].sum(axis=0)
        assert figure(page, 0, world) == pytest.approx(totals[0], rel=0.005)
    before = frames_drawn(page)
    page.click("#first")
    until(page, lambda: frames_drawn(page) > before)
    assert shown_day(page) == 0 and figure(page, 0, 0) == 0
    for key, day in (
        ("Home", 0),
        ("ArrowRight", 1),
        ("PageUp", 8),
        ("ArrowLeft", 7),
        ("End", SIMULATED),
    ):
        page.keyboard.press(key)
        assert shown_day(page) == day
    for row, (a, b) in enumerate(
        zip(*(log.daily[8:SIMULATED].sum(axis=0) for log in logs), strict=True)
    ):
        if DAILY_FIGURES[row] != "in_transit":
            assert figure(page, row, 2) == pytest.approx(b - a, abs=0.5)
    page.keyboard.press("Space")  # At the end, Space restarts from the first day.
    until(page, lambda: shown_day(page) < SIMULATED)
    page.keyboard.press("Space")
    stood = shown_day(page)
    page.wait_for_timeout(400)
    assert shown_day(page) == stood


#: Script that returns the signed flows of the difference map by the legs of a corridor.
DIFFERENCES = """() => {
  const map = document.querySelector("#difference").tbMap;
  return map.flows.map(({ section: { legs }, flow }) => [legs.map(([leg]) => leg), flow]);
}"""


@pytest.mark.parametrize(("width", "height"), SIZES[::2])
def test_the_difference_of_a_replay_is_b_minus_a_on_the_day(
    replay, open_file, assert_fits, width, height
):
    file, logs = replay
    page = open_file(file, width, height)
    view = page.locator(".tb-replay-views button")
    assert view.all_inner_texts() == ["Side by side", "Difference"]
    assert page.locator("#map-0 canvas").first.is_visible()
    view.nth(1).click()
    page.wait_for_selector("#difference[data-painted]", timeout=PATIENCE)
    drawn = page.get_attribute("#difference", "data-painted")
    page.locator("#scrub").fill("11")
    until(page, lambda: page.get_attribute("#difference", "data-painted") != drawn)
    assert not page.locator("#map-0").is_visible()
    flows = [log.record(11)["flow"].astype(int) for log in logs]
    shown = page.evaluate(DIFFERENCES)
    assert shown and view.nth(1).get_attribute("aria-pressed") == "true"
    for legs, flow in shown:
        a, b = (sum(flows[world][leg] for leg in legs) for world in (0, 1))
        assert flow == b - a and abs(flow) >= smallest_difference(1000)
    assert "11" in page.locator("#difference .tb-unseen").first.text_content()
    assert_fits(page)
    page.click("#language")
    until(page, lambda: view.nth(1).inner_text() == "Diferencia")
    view.nth(0).click()
    before = frames_drawn(page)
    page.click("#back")
    until(page, lambda: frames_drawn(page) > before)
    assert page.locator("#map-1").is_visible() and not page.locator("#difference").is_visible()


def test_a_replay_has_both_languages_and_fits_a_phone(replay, open_file, assert_fits):
    page = open_file(replay[0], 390, 844, **PHONE)
    until(page, lambda: frames_drawn(page) > 0)
    assert page.evaluate(COVERED) == []
    for place in (0, 400):  # The time line stays at the lower edge.
        page.evaluate(f"window.scrollTo(0, {place})")
        box = page.locator(".tb-timebar").bounding_box()
        assert box["y"] + box["height"] == pytest.approx(844, abs=1)
    page.click("#language")
    assert "no un pronóstico" in page.inner_text("header")
    assert page.evaluate("document.documentElement.lang") == "es"
    until(page, lambda: "Mundo" in page.inner_text("#map-0 .tb-title"))
    assert "Muertes" in page.inner_text("#figures") and "World" not in page.inner_text("body")
    assert_fits(page)
    page.click("#language")
    assert "not a forecast" in page.inner_text("header")


# ---- the screen ----------------------------------------------------------------------------------


def download(page, key: str, folder: Path) -> Path:
    with page.expect_download(timeout=PATIENCE) as waiting:
        page.locator(".tb-desk select:visible").select_option(key)
        page.click(".tb-save:visible")
    file = folder / waiting.value.suggested_filename
    waiting.value.save_as(file)
    return file


IN_VIEW = """() => {
  const names = [".tb-desk-status", ".tb-time"];
  const [message, line] = names.map((name) => document.querySelector(name).getBoundingClientRect());
  return message.top >= 0 && message.bottom <= line.top;
}"""


def test_exported_files_are_complete(screen: str, open_page, open_file, tmp_path: Path):
    page = open_page(screen + QUERY, 1440, 1000)
    page.wait_for_selector(".tb-run:not([disabled])", timeout=PATIENCE)
    page.locator(".tb-run").click()
    until_day(page, 9)
    page.locator(".tb-run").click()
    text = download(page, "daily.csv", tmp_path).read_text(encoding="utf-8")
    assert "not a forecast" in text and "\nB,9,2012-10-09," in text
    picture = download(page, "maps.png", tmp_path).read_bytes()
    assert picture.startswith(b"\x89PNG") and struct.unpack(">I", picture[16:20])[0] > 2400
    replayed = open_file(download(page, "replay", tmp_path), 1200, 900)
    assert replayed.inner_text("#when") and replayed.inner_text("#since") == "Since the first day"
    assert re.match(r"Until \d+ \w+ 201\d: ", replayed.inner_text("#answer"))
    assert replayed.inner_text("#question") == page.locator("h1").inner_text()
    title = replayed.locator("#map-1 .tb-title")
    assert title.evaluate("(node) => node.scrollWidth <= node.clientWidth + 1")
    scenario = download(page, "scenario.b", tmp_path).read_text(encoding="utf-8")
    assert [str(policy) for policy in load_scenario(scenario).policies] == [
        "southern_border_control:3"
    ]
    page.wait_for_function(IN_VIEW, timeout=PATIENCE)


def test_a_plot_and_a_detachment_take_two_actions_and_the_view_is_copied_as_python(
    screen: str, open_page, tmp_path: Path
):
    page = open_page(screen + QUERY + "&day=9", 1440, 1000)
    page.wait_for_selector(".tb-run:not([disabled])", timeout=PATIENCE)
    until_day(page, 9)
    page.get_by_label("Figure", exact=True).select_option("◆ Deaths (expected), total")
    with page.expect_download(timeout=PATIENCE) as waiting:
        page.locator(".tb-plot-bar [data-key=svg]").focus()
        page.keyboard.press("Enter")
    waiting.value.save_as(tmp_path / "plot.svg")
    saved = (tmp_path / "plot.svg").read_text(encoding="utf-8")
    assert "Deaths (expected), total" in saved and "not a forecast" in saved
    page.wait_for_selector(".tb-plot svg", timeout=PATIENCE)
    page.locator(".tb-desk [data-key=python]").click()
    text = page.locator(".tb-desk-text:visible")
    text.wait_for(timeout=PATIENCE)
    assert "import twoborders as tb" in text.input_value()
    assert "for day in (0, 9)" in text.input_value()
    page.get_by_label("Kind", exact=True).select_option("Detachment, B")
    until(page, lambda: "Ordered to" in page.locator(".tb-agents").inner_text())
    second = page.get_by_label("Agent", exact=True).locator("option").nth(1).inner_text()
    page.get_by_label("Agent", exact=True).select_option(second)
    until(page, lambda: "Ordered to" in page.locator(".tb-agents").inner_text())
