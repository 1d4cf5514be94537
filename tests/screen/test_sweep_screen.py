"""A sweep in a real browser: typed, started, watched, stopped, resumed, and a cell opened."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from experiments.sweeps.design import load
from experiments.sweeps.store import SweepResults

PATIENCE = 600_000  # ms; the worlds are built and compiled first, and the runs have a low priority
QUERY = "?seed=2&days=30&scale=1000&page=sweep"


@pytest.fixture(scope="module")
def stores(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of stores."""
    return tmp_path_factory.mktemp("stores")


@pytest.fixture(scope="module")
def address(serve_screen, stores: Path) -> Iterator[str]:
    """The address of the screen."""
    with serve_screen("--stores", str(stores)) as url:
        yield url + QUERY


def find(page, row: int, word: str, option: str) -> None:
    """Search the list of a row and choose an entry, with the keyboard."""
    field = page.locator(".tb-sweep-find input[type=text]").nth(row)
    field.click()
    field.fill(word)
    page.locator(f'.menuable__content__active .v-list-item:has-text("{option}")').first.click()


def type_in(page, label: str, text: str, number: int = 0) -> None:
    """Type into a field."""
    field = page.get_by_label(label, exact=False).nth(number)
    field.fill(text)
    field.press("Enter")


def fill_form(page, name: str, seeds: str) -> None:
    """Fill in two rows with two values each."""
    page.locator(".tb-sweep-open").click()
    page.wait_for_selector(".tb-sweep-row")
    type_in(page, "Name", name)
    find(page, 0, "southern border, dollars", "Control of Mexico's southern border")
    type_in(page, "Values, in", "0; 250")
    find(page, 1, "try again after a u.s. return without", "Mexicans who try again")
    type_in(page, "Values, in", "20; 40", 1)
    type_in(page, "Seeds", seeds)


def wait_for_state(page, words: str) -> None:
    """Wait until the line about the runs has some words."""
    page.wait_for_selector(f".tb-sweep-state:has-text('{words}')", timeout=PATIENCE)


def test_a_sweep_is_started_stopped_resumed_and_a_cell_opens_in_compare(
    address, stores, open_page, screenshot, assert_fits
):
    page = open_page(address, 1440, 1200)
    page.wait_for_selector(".tb-sweep-open", timeout=PATIENCE)
    fill_form(page, "southern", "2")
    page.wait_for_selector(".tb-sweep-size:has-text('4 combinations × 2 seeds = 8 runs')")
    page.wait_for_selector(".tb-sweep-size:has-text('s per run')", timeout=PATIENCE)
    screenshot(page, "sweep-form")
    page.get_by_role("button", name="Start the sweep").click()
    bar = page.get_by_role("progressbar", name="Runs done")
    bar.wait_for(timeout=PATIENCE)
    page.wait_for_selector(".tb-heat button:has-text('–')", timeout=PATIENCE)  # not yet run
    assert page.locator(".tb-heat").nth(0).locator("button").count() == 4
    screenshot(page, "sweep-running")
    page.get_by_role("button", name="Stop sweep/southern").click()
    wait_for_state(page, "Stopped")
    with SweepResults(stores / "sweep" / "southern") as store:
        done = store.done
    assert 1 <= done < 8

    page.get_by_role("button", name="Resume sweep/southern").click()
    wait_for_state(page, "Complete: 8 of 8 runs done")
    page.wait_for_selector(".tb-facts:has-text('8 of 8')", timeout=PATIENCE)
    assert page.get_by_role("button", name="Resume sweep/southern").count() == 0
    heads = page.locator(".tb-heat").nth(0).inner_text()
    assert "$M a year" in heads and "250" in heads and "40" in heads and "–" not in heads
    page.locator(".tb-heat").nth(0).locator("button").nth(1).click()
    page.wait_for_selector(".tb-point-b", timeout=PATIENCE)
    screenshot(page, "sweep-complete")
    page.set_viewport_size({"width": 390, "height": 844})
    assert_fits(page)
    screenshot(page, "sweep-complete-phone")
    page.set_viewport_size({"width": 1440, "height": 900})
    page.get_by_role("button", name="Open A and B in Compare").click()
    page.wait_for_selector(".tb-run:not([disabled])", timeout=PATIENCE)
    assert "Control of Mexico's southern border" in page.inner_text(".tb-worldmap.tb-b")

    design = load(stores / "sweep" / "southern" / "sweep.toml")
    with SweepResults(stores / "sweep" / "southern") as store:
        assert store.meta["design"] == design.digest and store.done == len(design) == 8


def test_errors_are_at_their_fields_and_nothing_starts(address, stores, open_page, assert_fits):
    page = open_page(f"{address}&lang=en", 390, 844)
    page.wait_for_selector(".tb-sweep-open", timeout=PATIENCE)
    fill_form(page, "bad name", "2")
    type_in(page, "Values, in", "0; 9000")
    page.get_by_role("button", name="Start the sweep").click()
    alerts = page.locator(".tb-sweep-new .v-messages__message")
    page.wait_for_selector(".tb-sweep-new .v-messages__message", timeout=PATIENCE)
    said = " ".join(alerts.all_inner_texts())
    assert "without spaces" in said and "539.77" in said
    assert_fits(page)
    assert not (stores / "sweep" / "bad name").exists()
    assert page.get_by_role("progressbar").count() == 0
