"""The pages Sweep, Validate and About in a real browser; a sweep is typed, stopped and resumed."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from abm.measures.criteria import CRITERIA
from abm.schedule import DAY
from experiments.scenarios import find
from experiments.sweeps.design import Design, Grid
from experiments.sweeps.design_files import load
from experiments.sweeps.store import FILE, SweepResults
from experiments.sweeps.store_writer import open_writer
from tests.made_results import made_record
from tests.screen.waiting import PATIENCE, ready
from viz.screen.panels.budgets import dollar_bounds

LONG = 600_000  # ms; the runs of a sweep have a low priority
QUERY = "?seed=2&days=30&scale=1000&page="  # of the worlds behind the page
TINY = find("classroom").with_settings({"days": 30, "scale": 500})
DOSES = {"policy.southern_border_control": [0.0, 0.5, 1.0], "migrants.retry_removed": [0.2, 0.4]}
B_TITLE = "Control of Mexico's southern border"


@pytest.fixture(scope="module")
def address(screen: str, stores: Path) -> str:
    """The address of a page: one valid store of 100 per point plus the seed, and a broken one."""
    design = Design(name="doses", sample=Grid(DOSES), scenario=TINY, reps=3)
    writer = open_writer(stores / "sweep" / "doses", design, resume=True)
    for key, (planned, case) in zip(writer.keys(), design.cases(), strict=True):
        outcomes = dict.fromkeys(CRITERIA, 100.0 * (planned.point + 1) + case.seed)
        writer.add(made_record(key, **outcomes))
    writer.close()
    (stores / "broken").mkdir()
    (stores / "broken" / FILE).write_bytes(b"no database")
    return screen + QUERY


MISS_COLOUR = "rgb(163, 25, 91)"


def choose(page, label: str, option: str) -> None:
    """Choose an option of a drop-down list."""
    menu = page.get_by_label(label)
    text = menu.locator("option", has_text=option).first.text_content(timeout=PATIENCE)
    menu.select_option(label=text)


def test_two_cells_of_a_store_are_compared_and_open_in_compare(address, open_page):
    page = open_page(f"{address}sweep", 1440, 1600)
    choose(page, "Finished or running sweeps", "sweep/doses")
    page.wait_for_selector(".tb-heat", timeout=PATIENCE)
    maps = page.locator(".tb-heat")
    assert "Got away" in maps.nth(0).inner_text() and "Deaths" in maps.nth(1).inner_text()
    squares = maps.nth(0).locator("button")
    assert squares.all_inner_texts()[1:] == ["302", "502", "202", "402", "602"]
    assert "18 of 18" in page.inner_text(".tb-facts")
    boxes = [squares.nth(k).bounding_box() for k in range(6)]
    assert len({box["y"] for box in boxes[:3]}) == len({box["y"] for box in boxes[3:]}) == 1
    assert [box["x"] for box in boxes[:3]] == [box["x"] for box in boxes[3:]]
    squares.nth(2).focus()
    page.keyboard.press("Enter")
    page.wait_for_selector(".tb-point-b", timeout=PATIENCE)
    assert "+400" in page.inner_text(".tb-outcomes")
    assert "exactly these two cases" in page.inner_text(".tb-room")
    page.locator("label:has-text('Differences from A')").click()
    page.wait_for_selector(".tb-heat button:has-text('+200')", timeout=PATIENCE)
    page.get_by_role("button", name="Open A and B in Compare").click()
    ready(page)
    assert B_TITLE in page.inner_text(".tb-worldmap.tb-b")
    assert B_TITLE not in page.inner_text(".tb-worldmap.tb-a")


def test_one_factor_is_a_line_with_a_table_and_a_broken_store_shows_an_error(
    address, open_page, assert_fits
):
    page = open_page(f"{address}sweep", 390, 844)
    choose(page, "Finished or running sweeps", "broken")
    page.wait_for_selector(".tb-trouble", timeout=PATIENCE)
    choose(page, "Finished or running sweeps", "sweep/doses")
    page.wait_for_selector(".tb-heat", timeout=PATIENCE)
    assert page.locator(".tb-trouble").count() == 0
    choose(page, "Second number that varies", "nothing else")
    page.wait_for_selector(".tb-levels-of tbody tr >> nth=2", timeout=PATIENCE)
    rows = page.locator(".tb-levels-of tbody tr")
    assert rows.count() == 3 and page.locator(".tb-lines svg").count() == 2
    assert "352" in rows.nth(1).inner_text()
    rows.nth(2).locator("button").click()
    page.wait_for_selector(".tb-point-b", timeout=PATIENCE)
    assert_fits(page)


def type_in(page, label: str, text: str, number: int = 0) -> None:
    """Type into a field."""
    field = page.get_by_label(label, exact=False).nth(number)
    field.fill(text)
    field.press("Enter")


def fill_form(page, name: str) -> None:
    """Fill in two rows with two values each, and two seeds."""
    page.locator(".tb-sweep-open").click(timeout=PATIENCE)
    page.wait_for_selector(".tb-sweep-row")
    type_in(page, "Name", name)
    factors = [("southern border", B_TITLE), ("try again after a first u.s.", "try again")]
    for row, ((word, option), values) in enumerate(zip(factors, ("0; 250", "20; 40"), strict=True)):
        entries = page.locator("datalist").nth(row).locator("option", has_text=option)
        entry = entries.first.text_content(timeout=PATIENCE)
        assert word in entry.casefold()
        field = page.locator("input[list]").nth(row)
        field.fill(entry)
        field.press("Enter")
        type_in(page, "Values, in", values, row)
    type_in(page, "Seeds", "2")


def test_a_sweep_is_started_stopped_resumed_and_a_cell_opens_in_compare(
    address, stores, open_page, assert_fits
):
    page = open_page(f"{address}sweep", 1440, 1200)
    fill_form(page, "southern")
    page.wait_for_selector(".tb-sweep-size:has-text('4 combinations × 2 seeds = 8 runs')")
    page.get_by_role("button", name="Start the sweep").click()
    page.get_by_role("progressbar", name="Runs done").wait_for(timeout=LONG)
    page.wait_for_selector(".tb-heat button:has-text('–')", timeout=LONG)  # not yet run
    assert page.locator(".tb-heat").nth(0).locator("button").count() == 4
    page.get_by_role("button", name="Stop sweep/southern").click()
    page.wait_for_selector(".tb-sweep-state:has-text('Stopped')", timeout=LONG)
    with SweepResults(stores / "sweep" / "southern") as store:
        assert 1 <= store.done < 8
    page.get_by_role("button", name="Resume sweep/southern").click()
    done = ".tb-sweep-state:has-text('Complete: 8 of 8 runs done')"
    page.wait_for_selector(done, timeout=LONG)
    page.wait_for_selector(".tb-facts:has-text('8 of 8')", timeout=LONG)
    assert page.get_by_role("button", name="Resume sweep/southern").count() == 0
    heads = page.locator(".tb-heat").nth(0).inner_text()
    assert "$M a year" in heads and "250" in heads and "40" in heads and "–" not in heads
    page.locator(".tb-heat").nth(0).locator("button").nth(1).click()
    page.wait_for_selector(".tb-point-b", timeout=PATIENCE)
    page.set_viewport_size({"width": 390, "height": 844})
    assert_fits(page)
    page.set_viewport_size({"width": 1440, "height": 900})
    page.get_by_role("button", name="Open A and B in Compare").click()
    ready(page)
    assert B_TITLE in page.inner_text(".tb-worldmap.tb-b")
    design = load(stores / "sweep" / "southern" / "sweep.toml")
    with SweepResults(stores / "sweep" / "southern") as store:
        assert store.meta["design"] == design.digest and store.done == len(design) == 8


def test_errors_are_at_their_fields_and_nothing_starts(address, stores, open_page, assert_fits):
    page = open_page(f"{address}sweep", 390, 844)
    fill_form(page, "bad name")
    type_in(page, "Values, in", "0; 9000")
    page.get_by_role("button", name="Start the sweep").click()
    page.wait_for_selector(".tb-sweep-new .v-messages__message", timeout=PATIENCE)
    said = " ".join(page.locator(".tb-sweep-new .v-messages__message").all_inner_texts())
    thousands = int(dollar_bounds("southern_border_control")[1] / 1_000)  # not above the full price
    assert "without spaces" in said and f" {thousands / 1_000:,} ($M a year)" in said
    assert_fits(page)
    assert not (stores / "sweep" / "bad name").exists()


def test_validation_shows_misses_first_and_about_lists_the_steps_of_a_day(address, open_page):
    page = open_page(f"{address}validate", 1200, 900)
    page.wait_for_selector(".tb-misses li", timeout=PATIENCE)
    marks = page.locator(".tb-missed polygon").evaluate_all(
        "(all) => all.map((one) => getComputedStyle(one).fill)"
    )
    assert len(marks) == page.locator(".tb-misses li").count() and set(marks) == {MISS_COLOUR}
    bands = page.locator(".tb-hits .accepted").evaluate_all(
        "(all) => all.map((one) => one.getBoundingClientRect().width)"
    )
    assert max(bands) - sorted(bands)[1] < 1.0  # one of them is a point
    assert page.locator(".tb-months svg").count() == 6
    page.get_by_role("button", name="About", exact=True).click()
    page.wait_for_selector(".tb-who dt", timeout=PATIENCE)
    page.locator(".tb-about details:has(ol code) > summary").click()
    steps = page.locator(".tb-about ol code").all_inner_texts()
    assert steps == [step.__name__ for step in DAY]
    text = page.locator(".tb-about").text_content()
    assumed, every = map(int, re.findall(r"(\d+) of (\d+) declared parameters", text)[0])
    assert 0 < assumed < every and "CC BY 4.0" in text and "not a forecast" in text
