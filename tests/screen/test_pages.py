"""The pages Sweep, Validate and About in a real browser."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from abm.measures.criteria_definitions import CRITERIA
from abm.schedule import DAY
from experiments.scenarios import find
from experiments.sweeps.design import Design, Grid
from experiments.sweeps.store import FILE
from experiments.sweeps.store_writer import RunRecord, open_writer
from tests.screen.waiting import PATIENCE

QUERY = "?seed=2&days=30&scale=500"  # of the worlds behind the page
TINY = find("classroom").with_settings({"days": 30, "scale": 500})
DOSES = {"policy.southern_border_control": [0.0, 0.5, 1.0], "migrants.retry_removed": [0.2, 0.4]}


def write_store(folder: Path) -> None:
    """Write a store of invented runs, whose outcomes are 100 per point plus the seed."""
    design = Design(name="doses", sample=Grid(DOSES), scenario=TINY, reps=3)
    writer = open_writer(folder, design, resume=True)
    for key, (planned, case) in zip(writer.keys(), design.cases(), strict=True):
        value = 100.0 * (planned.point + 1) + case.seed
        writer.add(
            RunRecord(
                key=key,
                seed=case.seed,
                digest="d",
                cpu_s=1.0,
                wall_s=1.0,
                record=b"",
                outcomes=dict.fromkeys(CRITERIA, value),
                worker="w",
            )
        )
    writer.close()


@pytest.fixture(scope="module")
def address(serve_screen, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of the screen with one valid store and a broken one."""
    stores = tmp_path_factory.mktemp("stores")
    write_store(stores / "sweep" / "doses")
    (stores / "broken").mkdir()
    (stores / "broken" / FILE).write_bytes(b"no database")
    with serve_screen("--stores", str(stores)) as url:
        yield url + QUERY


def choose(page, label: str, option: str) -> None:
    """Choose an option of a drop-down list."""
    page.locator(f".v-select:has(label:has-text('{label}'))").click()
    page.locator(f".menuable__content__active .v-list-item:has-text('{option}')").click()


def test_two_cells_of_a_store_are_compared_and_open_in_compare(address, open_page, screenshot):
    page = open_page(f"{address}&page=sweep", 1440, 1600)
    page.wait_for_selector(".tb-store-bar .v-select", timeout=PATIENCE)
    choose(page, "Finished or running sweeps", "sweep/doses")
    page.wait_for_selector(".tb-heat", timeout=PATIENCE)
    maps = page.locator(".tb-heat")
    assert "Got away" in maps.nth(0).inner_text() and "Deaths" in maps.nth(1).inner_text()
    values = maps.nth(0).locator("button").all_inner_texts()
    assert values[1:] == ["302", "502", "202", "402", "602"]
    assert "18 of 18" in page.inner_text(".tb-facts")
    boxes = [maps.nth(0).locator("button").nth(k).bounding_box() for k in range(6)]
    assert len({box["y"] for box in boxes[:3]}) == len({box["y"] for box in boxes[3:]}) == 1
    assert [box["x"] for box in boxes[:3]] == [box["x"] for box in boxes[3:]]
    square = maps.nth(0).locator("button").nth(2)
    square.focus()
    page.keyboard.press("Enter")
    page.wait_for_selector(".tb-point-b", timeout=PATIENCE)
    assert "+400" in page.inner_text(".tb-outcomes")
    assert "exactly these two cases" in page.inner_text(".tb-room")
    page.locator("label:has-text('Differences from A')").click()
    page.wait_for_selector(".tb-heat button:has-text('+200')", timeout=PATIENCE)
    screenshot(page, "sweep")
    page.get_by_role("button", name="Open A and B in Compare").click()
    page.wait_for_selector(".tb-run:not([disabled])", timeout=PATIENCE)
    assert "Control of Mexico's southern border" in page.inner_text(".tb-worldmap.tb-b")
    assert "Control of Mexico's southern border" not in page.inner_text(".tb-worldmap.tb-a")
    page.get_by_role("button", name="Sweep").click()
    page.wait_for_selector(".tb-heat button:has-text('+200')", timeout=PATIENCE)


def test_one_factor_is_drawn_as_a_line_with_a_table(address, open_page, screenshot, assert_fits):
    page = open_page(f"{address}&page=sweep", 390, 844)
    page.wait_for_selector(".tb-store-bar .v-select", timeout=PATIENCE)
    choose(page, "Finished or running sweeps", "sweep/doses")
    page.wait_for_selector(".tb-heat", timeout=PATIENCE)
    choose(page, "Second number that varies", "nothing else")
    page.wait_for_selector(".tb-levels-of tbody tr >> nth=2", timeout=PATIENCE)
    rows = page.locator(".tb-levels-of tbody tr")
    assert rows.count() == 3 and page.locator(".tb-lines svg").count() == 2
    assert "352" in rows.nth(1).inner_text()
    rows.nth(2).locator("button").click()
    page.wait_for_selector(".tb-point-b", timeout=PATIENCE)
    assert_fits(page)
    screenshot(page, "sweep-phone")


def test_a_broken_store_shows_an_error_and_another_opens_after_it(address, open_page):
    page = open_page(f"{address}&page=sweep&lang=es", 1200, 900)
    page.wait_for_selector(".tb-store-bar .v-select", timeout=PATIENCE)
    choose(page, "Barridos terminados", "broken")
    page.wait_for_selector(".tb-trouble", timeout=PATIENCE)
    assert "broken: no se puede leer este almacén" in page.inner_text(".tb-trouble")
    choose(page, "Barridos terminados", "sweep/doses")
    page.wait_for_selector(".tb-heat", timeout=PATIENCE)
    assert page.locator(".tb-trouble").count() == 0


def test_validation_shows_misses_first_also_on_a_phone_in_spanish(
    address, open_page, screenshot, assert_fits
):
    page = open_page(f"{address}&page=validate&lang=es", 390, 844)
    page.wait_for_selector(".tb-misses li", timeout=PATIENCE)
    assert "fuera" in page.inner_text(".tb-check tbody tr:has(svg) mark >> nth=0").lower()
    assert page.locator(".tb-months svg").count() == 6
    assert_fits(page)
    screenshot(page, "validate-phone")


def test_about_lists_the_steps_of_a_day(address, open_page, screenshot):
    page = open_page(f"{address}&page=about", 1200, 900)
    page.wait_for_selector(".tb-about ol li", timeout=PATIENCE)
    steps = page.locator(".tb-about ol code").all_inner_texts()
    assert steps == [step.__name__ for step in DAY]
    text = page.inner_text(".tb-about")
    assumed, every = map(int, re.findall(r"(\d+) of (\d+) declared parameters", text)[0])
    assert 0 < assumed < every and "CC BY 4.0" in text and "not a forecast" in text
    screenshot(page, "about")
