"""The comparison report is complete, well-formed, self-contained and correctly worded."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import replace
from functools import cache
from xml.etree import ElementTree

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from abm.measures import DEPTHS, PRICES
from abm.measures.outcomes import OUTCOMES
from abm.scenario import parse_policy
from abm.world.routes import load_world
from experiments.comparison.compare import Arm, Comparison, compare, without_runs
from experiments.runs.case import RunResult
from experiments.runs.intervals import Interval
from experiments.runs.pairs import Difference
from experiments.scenarios import find
from tests.made_results import made_result
from viz.documents import runs as run_tables
from viz.documents.comparison import tables
from viz.documents.comparison.charts import SERIES, monthly_series
from viz.documents.comparison.page import assumed_numbers, report_html
from viz.documents.comparison.report import Report, arm_sentence
from viz.figures.basemap import MapData, frame_for, map_data
from viz.figures.comparison import track
from viz.figures.corridors import MOST, corridors_of, ribbons_of, section_sums
from viz.figures.numbers import NO_PRICE
from viz.figures.palette import people_per_point
from viz.figures.route_map import flow_map_svg

MONTHS = [f"{2012 + (9 + i) // 12}-{(9 + i) % 12 + 1:02d}" for i in range(36)]
LEVELS = {
    "unlawful_entries": 212_000.0,
    "got_aways": 148_000.0,
    "apprehended_us": 403_000.0,
    "apprehended_mexico": 96_000.0,
    "fee_mexican": 4_100.0,
    "kidnapped": 9_800.0,
    "dollars_per_averted_entry": np.nan,
    "returned_unscreened": 61_000.0,
    "deaths": 451.0,
}
DEPTH = dict(zip(DEPTHS, (29_000.0, 8_400.0, 7_600.0, 7_500.0, 364_000.0, 30_400.0), strict=True))
NAMES = ("Southern border control", "Rural gendarmerie", "Border Patrol surge")
SPECS = ("southern_border_control:250M", "rural_gendarmerie:250M", "patrol_surge:250M@2014-07-07")
EFFECTS = (
    (-0.121, -0.094, -0.15, 0.62, 0.03, 0.21, 2200, 0.41, -0.064),
    (-0.034, -0.028, -0.031, 0.14, 0.011, 0.052, 9900, 0.09, 0.004),
    (-0.066, -0.108, 0.071, -0.012, 0.055, 0.013, 4300, -0.008, 0.045),
)
OFFICIAL = [
    ("Apprehensions FY2013, Mexican", 268000, 265409, "U.S. Border Patrol"),
    ("Deaths per 10,000 apprehensions", 14.6, 10.9, "U.S. Border Patrol"),
]
COMMAND = "twoborders compare status_quo southern_border_control --reps 40"
SVG = "{http://www.w3.org/2000/svg}"


@cache
def read_map() -> MapData:
    """Read the packaged world."""
    return map_data(load_world(None))


def change(baseline: float, *bounds: float, same_sign: int = 0, pairs: int = 40) -> Difference:
    """Build a difference; `bounds` are the median, the 50 % bounds and the 90 % bounds."""
    signs = {"below" if bounds[0] < 0 else "above": same_sign} if bounds[0] else {}
    return Difference(baseline, Interval(*bounds), **signs, pairs=pairs)


def make_change(baseline: float, difference: float, reps: int = 40) -> Difference:
    """Build a difference with invented ranges; a single run has a range of no width."""
    wide = 0.0 if reps == 1 else abs(difference) * 0.2 + 0.006 * np.nan_to_num(baseline)
    low50, high50 = difference - 0.4 * wide, difference + 0.45 * wide
    low90, high90 = difference - wide, difference + 1.1 * wide
    return change(baseline, difference, low50, high50, low90, high90, pairs=reps)


def make_series(rng: np.random.Generator, level: float, effect: float) -> np.ndarray:
    """Invent a monthly series with a season, a surge and an effect after July 2014."""
    t = np.arange(len(MONTHS))
    bump = 1 + 0.25 * np.sin((t - 2) / 6 * np.pi) + 0.5 * np.exp(-(((t - 20) / 3) ** 2))
    noise = rng.normal(0, level / 700, len(t))
    return level / 12 * bump * (1 + effect * 2 * (t >= 21)) + noise


def make_run(
    seed: int, series: Mapping[str, np.ndarray], flow: np.ndarray, depth: Mapping[str, float]
) -> RunResult:
    """Build the run of one seed; the first zone of each title receives the whole depth."""
    zones = {zone: 0.0 for group in DEPTHS.values() for zone in group}
    zones |= {DEPTHS[title][0]: value for title, value in depth.items()}
    given = {"seed": seed, "days": 1095, "scale": 20, "months": MONTHS, "series": dict(series)}
    return made_result(**given, leg_flow=flow, digest=f"d{seed}", depth=zones)


def make_arm(arm: Arm, title: str, effects: Mapping[str, float], reps: int, turn: int) -> Arm:
    """Fill an arm with runs and changes; `turn` is its position (-1: the baseline)."""
    rng, data = np.random.default_rng(3), read_map()
    flow = rng.gamma(0.8, 20_000.0, len(data.tail))
    depth = DEPTH
    if turn >= 0:
        where = np.where(data.lat[data.tail] < 21, -0.3 + 0.4 * turn, 0.2 - 0.25 * turn)
        flow = flow * (
            1 + 0.4 * where * np.random.default_rng(4 + turn).uniform(-0.3, 1, len(flow))
        )
        depth = {k: v * (1.4 - 0.1 * k.count("line") - 0.1 * turn) for k, v in DEPTH.items()}
    lines = {k: make_series(rng, LEVELS.get(k, 5e4), effects.get(k, 0.0)) for k in SERIES}
    spread = np.linspace(0.93, 1.07, reps) if reps > 1 else [1.0]
    runs = {
        (0, seed): make_run(seed, {k: v * f for k, v in lines.items()}, flow, depth)
        for seed, f in enumerate(spread, 1)
    }
    scale = {k: 1.0 if np.isnan(v) else v for k, v in LEVELS.items()}
    changes = {k: make_change(v, effects.get(k, 0.0) * scale[k], reps) for k, v in LEVELS.items()}
    if turn < 0:
        changes = {k: change(v, 0, 0, 0, 0, 0) for k, v in LEVELS.items() if k not in PRICES}
    return replace(arm, title=title, runs=runs, outcomes=changes)


def make_report(arms: int = 3, reps: int = 40) -> Report:
    """Build a report with invented numbers."""
    scenario = find("baseline").with_settings({"days": 1095, "scale": 20})
    specs = [parse_policy(SPECS[i % 3]) for i in range(arms)]
    empty = without_runs(scenario, specs)
    made = [
        make_arm(arm, NAMES[i % 3], dict(zip(LEVELS, EFFECTS[i % 3], strict=True)), reps, i)
        for i, arm in enumerate(empty.arms)
    ]
    payers = [{"us": 86.6e6 + 40e6 * i, "mexico": 163.4e6 - 40e6 * i} for i in range(arms)]
    made = [replace(arm, dollars=paid) for arm, paid in zip(made, payers, strict=True)]
    baseline = make_arm(empty.baseline, "Status quo", {}, reps, -1)
    seeds = tuple(range(1, reps + 1))
    return Report(Comparison(scenario, seeds, baseline, tuple(made)), COMMAND)


def with_arms(report: Report, *arms: Arm) -> Report:
    """Return a report with other arms."""
    return replace(report, comparison=replace(report.comparison, arms=arms))


@pytest.fixture(autouse=True, scope="module")
def official():
    """Replace the official statistics, which need a simulated first year."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(run_tables, "observed_median", lambda runs, world: OFFICIAL)
        yield


@pytest.fixture(scope="module")
def report() -> Report:
    """Build a report of three policies over forty runs."""
    return make_report()


@pytest.fixture(scope="module")
def page(report: Report) -> str:
    """Return the whole page."""
    return report_html(report)


def parsed(svg: str) -> ElementTree.Element:
    """Parse a picture; check its title and description, and that all coordinates are numbers."""
    root = ElementTree.fromstring(svg)
    assert root.tag.endswith("svg")
    tags = [child.tag.split("}")[1] for child in root]
    assert tags[:2] == ["title", "desc"]
    numbers = [e.get(k, "0") for e in root.iter() for k in ("x", "y", "d", "points", "width", "r")]
    assert not re.search("nan|inf", " ".join(numbers))
    return root


def pictures(page: str) -> list[str]:
    """Return all pictures on a page."""
    return re.findall(r"<svg xmlns=.*?</svg>(?=</figure>)", page, flags=re.S)


# ---- the page -----------------------------------------------------------------------------------


def test_page_has_every_outcome_policy_and_caution_and_the_largest_miss_first(
    report: Report, page: str
) -> None:
    assert page.startswith("<!doctype html>")
    assert all(arm.title in page for arm in report.arms)
    assert all(row.measure.label in page for row in report.rows.values())
    texts = ("[A]", "not a forecast", "sexual violence", "common random", "July 2014")
    digest = report.comparison.scenario.digest
    assert all(text in page for text in (report.command, digest, *texts[:4]))
    assert page.index("Deaths per 10,000") < page.index("Apprehensions FY2013, Mexican")


def test_page_needs_no_network_and_no_script(page: str) -> None:
    assert not re.search(r'(src|href)\s*=\s*"(?!#|data:,")', page)  # data:, is the empty icon
    assert not re.search(r"url\(|@import|fetch\(|XMLHttp|<img|<iframe|<script", page)
    assert set(re.findall(r'https?://[^"\s<]+', page)) <= {"http://www.w3.org/2000/svg"}


def test_maps_and_series_are_well_formed(page: str) -> None:
    found = pictures(page)
    assert len(found) == 1 + 3 + len(SERIES)
    for svg in found:
        parsed(svg)


def test_interdictions_are_shown_for_every_arm_from_south_to_north(
    report: Report, page: str
) -> None:
    (body,) = re.findall(r'<section id="depth".*?</section>', page, flags=re.S)
    at = [body.index(f">{depth}<") for depth in DEPTH]
    assert at == sorted(at) and all(arm.title in body for arm in report.arms)
    first = tagless(body[at[0] : at[1]])
    assert "29,000" in first and "40,600" in first and "+11,600 (+40 %)" in first


@pytest.mark.slow
def test_what_is_undefined_is_written_in_words(report: Report) -> None:
    nan = float("nan")
    for bad in (nan, float("inf"), -5.0):
        outcomes = report.arms[0].outcomes | {
            "dollars_per_averted_entry": change(nan, bad, nan, nan, nan, nan),
            "fee_mexican": change(4100, nan, nan, nan, nan, nan),
            "deaths": change(0, 1e-7, 0, 2e-7, -1e-7, 3e-7),
        }
        arm = replace(report.arms[0], outcomes=outcomes)
        for key, run in arm.runs.items():
            series = {k: np.where(np.arange(36) % 9 > 5, nan, v) for k, v in run.series.items()}
            series["set_out"] = series["set_out"] * nan
            arm = replace(arm, runs=arm.runs | {key: replace(run, series=series)})
        page = report_html(with_arms(report, arm))
        assert NO_PRICE in page
        assert not re.search(r">[^<]*\b(nan|inf)\b", page.split("</style>")[1], re.I)
        for svg in pictures(page):
            parsed(svg)


# ---- maps and numbers ---------------------------------------------------------------------------


def test_ribbons_of_paper_follow_the_declared_scale_and_carry_everyone() -> None:
    data = read_map()
    corridors = corridors_of(data, frame_for(data, 640.0))
    assert len(corridors.chains) <= MOST
    flow = np.random.default_rng(3).gamma(0.5, 60.0, len(data.tail))
    passing = section_sums(corridors.courses, flow)
    inside = [bool(course) for course in corridors.courses]
    assert passing.sum() >= flow[inside].sum()  # A leg follows one section or several.
    for ribbon in ribbons_of(corridors, passing, 25.0):
        assert (passing[ribbon.sections] >= 25.0).all()
        outline, count = ribbon.outline(people_per_point(700.0)), len(ribbon.points)
        widths = np.hypot(*(outline[:count] - outline[count:][::-1]).T)
        assert widths == pytest.approx(ribbon.people / 36.0)
        assert ribbon.people.max() <= passing[ribbon.sections].max()
    svg = parsed(flow_map_svg(data, flow, title="Two ways"))
    legs = [path for path in svg.iter(f"{SVG}path") if path.get("class") == "leg"]
    assert len(legs) == sum(passing >= 25.0)
    assert all("people a day" in "".join(leg.itertext()) for leg in legs)


def test_main_places_are_named_on_every_map(page: str) -> None:
    for svg in pictures(page)[:4]:
        words = {e.text for e in parsed(svg).iter(f"{SVG}text")}
        assert words >= {"Guatemala City", "Tegucigalpa", "San Salvador", "Mexico City"}
        assert words >= {"Tapachula", "Tijuana", "Nogales", "Ciudad Juárez", "Reynosa"}
        assert words >= {"Houston", "Los Angeles"}


# ---- sentences ----------------------------------------------------------------------------------


def tagless(markup: str) -> str:
    """Return the text of markup without its tags."""
    return re.sub(r"<[^>]*>", "", markup).replace("\u00a0", " ")


def test_the_page_opens_with_the_answer_then_the_forest_table_then_the_maps(
    report: Report, page: str
) -> None:
    first = page[page.index("<main>") :].removeprefix("<main>")
    assert first.startswith('<section id="answer">')
    places = [first.index(text) for text in ('class="answers"', "forest-table", 'id="maps"')]
    assert places == sorted(places) and first.index("<figure") > places[1]
    items = re.findall(r"<li>(.*?)</li>", first[: places[1]], flags=re.S)
    for arm, item in enumerate(items):
        sentence = arm_sentence(report, arm).replace("\u00a0", " ")
        assert tagless(item).startswith(sentence) and tagless(item).endswith("per year.")
    assert len(items) == len(report.arms)


@pytest.mark.slow
def test_a_comparison_of_both_countries_says_how_to_repeat_it_with_other_numbers(
    report: Report,
) -> None:
    page = report_html(report)
    assert "Three assumed numbers decide a comparison of both countries" in page
    s = report.comparison.scenario
    for path, value in (
        ("mexico.sustained_tempo", s.border_patrol.sustained_tempo),
        ("mexico.tempo_cap", s.border_patrol.tempo_cap),
        ("mexico.operations_returns", s.contest.eta),
    ):
        assert f"--set {path}={value:g}" in page
    assert assumed_numbers(with_arms(report, report.arms[2])) == "", "more agents at the line only"


@pytest.mark.slow
def test_dollars_that_could_not_be_spent_are_stated_with_the_cost(report: Report) -> None:
    of_125 = {"dollars": change(0.0, 125e6, 125e6, 125e6, 125e6, 125e6)}
    runs = {
        key: replace(run, dollars_unspent={"us": 208e6 * run.years})
        for key, run in report.arms[0].runs.items()
    }
    arm = replace(report.arms[0], dollars={"us": 250e6}, runs=runs)
    page = report_html(with_arms(report, arm)).replace("\u00a0", " ")
    assert "Planned: $250 M per year, of which $208 M could not be spent." in page
    without = replace(arm, outcomes={k: v for k, v in arm.outcomes.items() if k != "dollars"})
    spent = tables.price_table(with_arms(report, without)).rows[0][1]
    assert (spent.text, spent.detail) == ("$42\u00a0M", "planned: $250\u00a0M per year in force")
    table = tables.price_table(with_arms(report, replace(arm, outcomes=without.outcomes | of_125)))
    assert table.rows[0][1].text == "$125\u00a0M"


def test_the_forest_table_has_human_costs_together(report: Report, page: str) -> None:
    table, others = re.findall(r'<table class="forest-table.*?</table>', page, flags=re.S)
    assert OUTCOMES["fee_mexican"].label in others and "Cost per averted" not in others
    human = table[table.index("◆ Human costs") :]
    inside = [row.measure.label in human for row in report.rows.values() if row.measure.human]
    assert len(inside) == 3 and all(inside) and OUTCOMES["got_aways"].label not in human
    assert "451" in human
    assert "no meaningful change" in table and "hollow mark" in page


@given(
    share=st.floats(-1e6, 1e6), half=st.floats(0.0, 1e6), limit=st.sampled_from([5, 20, 60, 100])
)
def test_no_mark_leaves_the_axis(share: float, half: float, limit: int) -> None:
    row = change(100.0, share, share - half, share + half, share - half, share + half)
    text = track(row.interval, limit, 0, meaningful=row.is_meaningful)
    for left, width in re.findall(r"left:([\d.]+)%(?:;width:([\d.]+)%)?", text):
        assert 0.0 <= float(left) <= 100.0 and float(left) + float(width or 0.0) <= 100.2


# ---- months -------------------------------------------------------------------------------------


@pytest.mark.parametrize(("days", "months"), [(31 + 30 + 10, 2), (31 + 30 + 31, 3), (20, 1)])
def test_a_part_of_a_month_is_not_drawn_as_a_month(days: int, months: int):
    """An incomplete last month would look like a fall, but a run of 20 days has no other month."""
    scenario = find("classroom").with_settings({"scale": 1000, "days": days, "warmup_days": 9})
    found = compare(scenario.with_settings({"fill_days": 2}), [], seeds=[1], jobs=1)
    run = next(iter(found.baseline.runs.values()))
    names, bands = monthly_series(found, "set_out")
    assert names == run.months[:months]
    for band in bands.values():
        assert band[1] == pytest.approx(run.series["set_out"][:months])
