"""The pages Sweep, Validate and About in a real browser; a typed sweep is stopped and resumed."""

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
from tests.screen.waiting import PATIENCE, SIZES, ready, resize
from viz.screen.panels.budgets import dollar_bounds

LONG = 600_000  # milliseconds; runs of a sweep have a low priority
QUERY = "?seed=2&days=30&scale=1000&page="  # settings of the worlds behind the page
TINY = find("classroom").with_settings({"days": 30, "scale": 500})
DOSES = {"policy.southern_border_control": [0.0, 0.5, 1.0], "migrants.retry_removed": [0.2, 0.4]}
B_TITLE = "Control of Mexico's southern border"


@pytest.fixture(scope="module")
def address(screen: str, stores: Path) -> str:
    """Return a page's address; the screen has a valid store and a broken one.

    The values in the valid store are 100 per point plus the seed.
    """
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
    """Select an option in a drop-down list."""
    menu = page.get_by_label(label)
    text = menu.locator("option", has_text=option).first.text_content(timeout=PATIENCE)
    menu.select_option(label=text)


def square_texts(page) -> list[str]:
    """Return the last line of text in every square."""
    texts = page.locator(".tb-heat button").all_inner_texts()
    return [text.replace("\xa0", " ").split("\n")[-1] for text in texts]


def test_a_square_is_compared_with_its_own_seeds_and_opens_in_compare(address, open_page):
    page = open_page(f"{address}sweep", 1440, 1600)
    choose(page, "Earlier sweeps", "sweep/doses")
    page.wait_for_selector(".tb-heat", timeout=PATIENCE)
    squares = page.locator(".tb-heat button")
    # The row with the higher values is on top. A is 102, the mean over its seeds.
    assert square_texts(page) == ["+98 %", "+294 %", "+490 %", "A102", "+196 %", "+392 %"]
    assert page.locator(".tb-small-maps table").count() == 4
    squares.nth(2).focus()
    page.keyboard.press("Enter")
    page.wait_for_selector(".tb-five", timeout=PATIENCE)
    assert "3 of 3 pairs" in page.inner_text(".tb-sweep-cell")
    assert page.inner_text(".tb-five > div >> nth=0").split()[-2:] == ["A102", "B602"]
    page.locator(".tb-details:has-text('Source of these figures') > summary").click()
    assert "18 of 18" in page.inner_text(".tb-facts")
    page.get_by_role("button", name="Open this square in Compare").focus()
    page.keyboard.press("Enter")
    ready(page)
    assert B_TITLE in page.inner_text(".tb-worldmap.tb-b")
    assert B_TITLE not in page.inner_text(".tb-worldmap.tb-a")


def test_different_seeds_are_never_compared(address, stores, open_page):
    """Of four squares, one has all pairs, and three lack a seed or have other seeds than A."""
    doses = {"policy.fence": [0.0, 1.0], "migrants.retry_removed": [0.2, 0.4]}
    design = Design(name="part", sample=Grid(doses), scenario=TINY, reps=3)
    done = {0: (1, 2, 3), 1: (1, 2, 3), 2: (2, 3), 3: (1,)}  # seeds by point
    writer = open_writer(stores / "sweep" / "part", design, resume=True)
    for key, (planned, case) in zip(writer.keys(), design.cases(), strict=True):
        if case.seed in done[planned.point]:
            outcomes = dict.fromkeys(CRITERIA, 100.0 + 1000.0 * case.seed + planned.point)
            writer.add(made_record(key, **outcomes))
    writer.close()
    page = open_page(f"{address}sweep", 1024, 900)
    choose(page, "Earlier sweeps", "sweep/part")
    page.wait_for_selector(".tb-heat", timeout=PATIENCE)
    # With seeds other than A's, a change would contain 1,000 times the seed.
    assert square_texts(page) == ["+0.048 %", "1 of 3 pairs", "A2,100", "2 of 3 pairs"]
    styles = page.locator(".tb-heat button").evaluate_all(
        "(all) => all.map((x) => x.style.background)"
    )
    assert [bool(style) for style in styles] == [True, False, False, False]
    small = page.locator(".tb-small-maps table").first.locator("td:not(:empty)").all_inner_texts()
    assert small == ["0", "A"]


def test_a_ready_sweep_is_started_and_its_first_square_is_complete_after_two_actions(
    address, open_page, assert_fits
):
    page = open_page(f"{address.replace('days=30', 'days=360')}start", 1440, 900)
    page.get_by_role("button", name="Sweep", exact=True).click()
    start = page.get_by_role("button", name="Start: How much Mexico, how much line?")
    assert "200 runs · about" in page.inner_text(".tb-sweep-ready >> nth=0")
    start.focus()
    page.keyboard.press("Enter")
    page.wait_for_selector(".tb-heat button", timeout=LONG)
    assert page.locator(".tb-heat button").count() == 25
    page.wait_for_selector(".tb-heat button[style*=background]", timeout=LONG)
    page.get_by_role("button", name="Stop sweep/").click()
    page.wait_for_selector(".tb-sweep-state:has-text('Stopped')", timeout=LONG)
    for width in (1024, 390):
        page.set_viewport_size({"width": width, "height": 844})
        assert_fits(page)


def test_one_factor_is_a_row_and_a_broken_store_shows_an_error(address, open_page, assert_fits):
    page = open_page(f"{address}sweep", 390, 844)
    choose(page, "Earlier sweeps", "broken")
    page.wait_for_selector(".tb-sweep-stage .tb-trouble", timeout=PATIENCE)
    choose(page, "Earlier sweeps", "sweep/doses")
    page.wait_for_selector(".tb-heat", timeout=PATIENCE)
    assert page.locator(".tb-sweep-stage .tb-trouble:not(:empty)").count() == 0
    page.locator(".tb-details:has-text('Other outcome or axes') > summary").click()
    choose(page, "Up", "nothing else")
    page.wait_for_selector(".tb-heat tbody tr:only-child", timeout=PATIENCE)
    squares = page.locator(".tb-heat button")
    assert squares.count() == 3 and "152" in squares.nth(0).inner_text()
    squares.nth(2).click()
    page.wait_for_selector(".tb-five", timeout=PATIENCE)
    assert_fits(page)


def type_in(page, label: str, text: str, number: int = 0) -> None:
    """Type a text into a field."""
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
    # Long enough to stop the sweep.
    long = address.replace("days=30&scale=1000", "days=3650&scale=50")
    page = open_page(f"{long}sweep", 1440, 1200)
    fill_form(page, "southern")
    page.wait_for_selector(".tb-sweep-size:has-text('4 combinations × 2 seeds = 8 runs, about')")
    page.get_by_role("button", name="Start the sweep").click()
    page.get_by_role("progressbar", name="Runs done").wait_for(timeout=LONG)
    rows = ".tb-heat tbody tr:nth-child(2):last-child"  # not the table of the earlier sweep
    # The first pair is not complete at once.
    page.wait_for_selector(f"{rows} .tb-square-open", timeout=LONG)
    assert page.locator(".tb-heat button").count() == 4
    page.get_by_role("button", name="Stop sweep/southern").click()
    page.wait_for_selector(".tb-sweep-state:has-text('Stopped')", timeout=LONG)
    with SweepResults(stores / "sweep" / "southern") as store:
        assert 1 <= store.done < 8
    page.get_by_role("button", name="Resume sweep/southern").click()
    done = ".tb-sweep-state:has-text('Complete: 8 of 8 runs done')"
    page.wait_for_selector(done, timeout=LONG)
    page.wait_for_selector(".tb-heat:not(:has(.tb-square-open))", timeout=LONG)
    assert page.get_by_role("button", name="Resume sweep/southern").count() == 0
    heads = page.inner_text(".tb-heat")
    assert "$M a year" in heads and "250" in heads and "40" in heads
    page.locator(".tb-heat button").nth(1).click()
    page.wait_for_selector(".tb-five", timeout=PATIENCE)
    page.set_viewport_size({"width": 390, "height": 844})
    assert_fits(page)
    page.set_viewport_size({"width": 1440, "height": 900})
    page.get_by_role("button", name="Open this square in Compare").click()
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
    thousands = int(dollar_bounds("southern_border_control")[1] / 1_000)  # at most the full price
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
    assert max(bands) - sorted(bands)[1] < 1.0  # One of the bands is a point.
    right, judged = map(int, re.findall(r"(\d+) of (\d+) facts", page.inner_text(".tb-lead"))[0])
    assert page.locator(".tb-hits li").count() == right == judged - len(marks)
    for width, height in SIZES[::-1]:  # Narrower columns would have one word per line.
        resize(page, width, height)
        widths = page.locator(":is(.tb-hits li span, .tb-misses h3)").evaluate_all(
            "(all) => all.map((one) => one.getBoundingClientRect().width)"
        )
        assert min(widths) > 240
    assert page.locator(".tb-months svg").count() == 6
    page.get_by_role("button", name="About", exact=True).click()
    page.wait_for_selector(".tb-who dt", timeout=PATIENCE)
    page.locator(".tb-about details:has(ol code) > summary").click()
    steps = page.locator(".tb-about ol code").all_inner_texts()
    assert steps == [step.__name__ for step in DAY]
    text = page.locator(".tb-about").text_content()
    assumed, every = map(int, re.findall(r"(\d+) of (\d+) declared parameters", text)[0])
    assert 0 < assumed < every and "CC BY 4.0" in text and "not a forecast" in text
