"""The comparison report: complete, well-formed, self-contained, and honest in its sentences."""

from __future__ import annotations

import csv
import json
import re
from dataclasses import replace
from pathlib import Path
from xml.etree import ElementTree

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import abm
from viz.documents.comparison import (
    ArmReport,
    CompareReport,
    EnsembleInfo,
    MapData,
    OutcomeInfo,
    OutcomeRow,
    arm_sentence,
    flow_map_svg,
    interval_svg,
    report_html,
    series_svg,
    trade_off,
)
from viz.documents.comparison.sentences import baseline_sentence
from viz.figures.depth import depth_svg
from viz.figures.numbers import NOT_AVERTED, dollars, percent, plain, signed
from viz.figures.ribbons import leg_width

WORLD = Path(next(iter(abm.__path__))) / "world" / "data" / "world"
MONTHS = [f"{2012 + (9 + i) // 12}-{(9 + i) % 12 + 1:02d}" for i in range(36)]
PERSONS, EVENTS = "persons a year", "events a year"
ENTRIES, ENFORCED = "Departures and entries", "Enforcement"
INFO = {
    "unlawful_entries": OutcomeInfo(
        "Unlawful entries", PERSONS, "All who get in.", -1, group=ENTRIES
    ),
    "got_aways": OutcomeInfo(
        "Got-aways", PERSONS, "Entered undetected or lost.", -1, group=ENTRIES
    ),
    "apprehensions_us": OutcomeInfo(
        "Apprehensions, United States", EVENTS, "Between ports.", 0, group=ENFORCED
    ),
    "apprehensions_mexico": OutcomeInfo(
        "Apprehensions, Mexico", EVENTS, "By Mexico.", 0, group=ENFORCED
    ),
    "fee": OutcomeInfo("Smuggling fee", "$ a trip", "Mean fee of a guided trip.", 0),
    "dollars_per_averted_entry": OutcomeInfo("Dollars per averted entry", "$", "Ratio.", 0),
    "deaths": OutcomeInfo("Deaths", "persons a year", "Expected deaths.", -1, True),
    "kidnappings": OutcomeInfo("Kidnappings", "events a year", "By crime groups.", -1, True),
    "returned_unscreened": OutcomeInfo(
        "People returned unscreened", "persons a year", "Sent back, never asked for fear.", -1, True
    ),
}
LEVELS = dict(
    zip(INFO, (212000, 148000, 403000, 96000, 4100, np.nan, 451, 9800, 61000), strict=True)
)
DEPTH = {
    "Mexico, south": 29_000.0,
    "Mexico, centre": 8_400.0,
    "Mexico, north": 7_600.0,
    "Ports of entry": 7_500.0,
    "The U.S. line": 364_000.0,
    "Behind the line": 30_400.0,
}
SERIES = ("got_aways", "apprehensions_us", "deaths", "apprehensions_mexico")
NAMES = ("Southern border control", "Rural gendarmerie", "Border Patrol surge")
EFFECTS = (
    (-0.121, -0.094, -0.15, 0.62, 0.03, 2200, -0.064, 0.21, 0.41),
    (-0.034, -0.028, -0.031, 0.14, 0.011, 9900, 0.004, 0.052, 0.09),
    (-0.066, -0.108, 0.071, -0.012, 0.055, 4300, 0.045, 0.013, -0.008),
)


def read_map() -> MapData:
    """The world that comes with the project."""
    with (WORLD / "nodes.csv").open(encoding="utf-8") as file:
        nodes = list(csv.DictReader(file))
    with (WORLD / "edges.csv").open(encoding="utf-8") as file:
        edges = list(csv.DictReader(file))
    at = {n["id"]: i for i, n in enumerate(nodes)}
    back = [e for e in edges if e["corridor"] == "northern_border"]
    ways = [(at[e["source"]], at[e["target"]], e["mode"]) for e in edges]
    ways += [(at[e["target"]], at[e["source"]], e["mode"]) for e in back]
    return MapData(
        place_names=[n["name"] for n in nodes],
        place_kinds=[n["kind"] for n in nodes],
        lat=np.array([float(n["lat"]) for n in nodes]),
        lon=np.array([float(n["lon"]) for n in nodes]),
        tail=np.array([w[0] for w in ways]),
        head=np.array([w[1] for w in ways]),
        leg_mode=[w[2] for w in ways],
        basemap=json.loads((WORLD / "basemap.geojson").read_text(encoding="utf-8")),
    )


def walk(data: MapData, rng: np.random.Generator) -> np.ndarray:
    """Invented flows that run from the origins to the north and keep persons."""
    stock = np.where(np.array(data.place_kinds) == "origin", 42_000.0, 0.0)
    stock[[i for i, n in enumerate(data.place_names) if n in ("Mexico City", "Puebla")]] = 90_000
    flow, weight = np.zeros(len(data.tail)), rng.gamma(0.8, size=len(data.tail))
    weight[-9:] *= 0.08
    weight[np.array(data.place_kinds)[data.tail] == "destination"] = 0
    for _ in range(60):
        out = np.zeros(len(stock))
        np.add.at(out, data.tail, weight)
        move = stock[data.tail] * weight / np.maximum(out[data.tail], 1e-9)
        flow += move
        np.add.at(stock, data.tail, -move)
        np.add.at(stock, data.head, 0.97 * move)
    return flow


def make_row(baseline: float, difference: float, reps: int = 40) -> OutcomeRow:
    """A difference with ranges, a point for a single run."""
    wide = 0.0 if reps == 1 else abs(difference) * 0.2 + 0.006 * np.nan_to_num(baseline)
    low50, high50 = difference - 0.4 * wide, difference + 0.45 * wide
    ends = (difference - wide, difference + 1.1 * wide)
    return OutcomeRow(baseline, difference, low50, high50, *ends)


def make_series(rng: np.random.Generator, level: float, effect: float, reps: int) -> np.ndarray:
    """A season, a surge and, after July 2014, an effect."""
    t = np.arange(len(MONTHS))
    bump = 1 + 0.25 * np.sin((t - 2) / 6 * np.pi) + 0.5 * np.exp(-(((t - 20) / 3) ** 2))
    line = level / 12 * bump * (1 + effect * 2 * (t >= 21)) + rng.normal(0, level / 700, len(t))
    wide = 0 if reps == 1 else 0.07
    return np.stack([line * (1 - wide), line, line * (1 + wide)])


def make_report(arms: int = 3, reps: int = 40) -> CompareReport:
    """A whole comparison with invented numbers."""
    rng = np.random.default_rng(3)
    data = read_map()
    base_flow = walk(data, rng)
    base = ArmReport(
        "status_quo",
        "Status quo",
        "",
        "Policy as it was on the first day.",
        "",
        0.0,
        {},
        base_flow,
        {k: make_series(rng, LEVELS[k], 0, reps) for k in SERIES},
        {k: make_row(LEVELS[k], 0.0, 1) for k in INFO},
        DEPTH,
    )
    found = []
    for i in range(arms):
        name, effects = NAMES[i % 3], dict(zip(INFO, EFFECTS[i % 3], strict=True))
        south = data.lat[data.tail] < 21
        change = np.where(south, -0.3 + 0.4 * i, 0.2 - 0.25 * i)
        change *= rng.uniform(-0.3, 1, len(base_flow))
        scale = {k: 1 if np.isnan(v) else v for k, v in LEVELS.items()}
        rows = {k: make_row(v, effects[k] * scale[k], reps) for k, v in LEVELS.items()}
        found.append(
            ArmReport(
                f"arm_{i}",
                name,
                "Mexico can stem the flow at its own southern border.",
                "Posts at gates and belts; those caught are returned south. Effort fatigues.",
                "$86.6 M package and Mexican wages [A]",
                1.0,
                {"United States": 86.6e6 + 40e6 * i, "Mexico": 163.4e6 - 40e6 * i},
                base_flow * (1 + 0.4 * change),
                {k: make_series(rng, LEVELS[k], effects[k], reps) for k in base.series},
                rows,
                {k: v * (1.4 - 0.1 * k.count("line") - 0.1 * i) for k, v in DEPTH.items()},
            )
        )
    return CompareReport(
        "Who should guard the line, and where?",
        "Does tighter control at the U.S. border need Mexico's cooperation?",
        "fy2013",
        "2012-10-01",
        1095,
        20,
        list(range(1, reps + 1)),
        reps,
        MONTHS,
        data,
        base,
        found,
        INFO,
        ["Supply in 2014 and policy cannot be told apart by the data."],
        "twoborders compare status_quo southern_border_control --reps 40",
        "0.1.0",
        "9f2c61d04be7",
        [("agents.migrants.retry_mexico", "0.63", "Chance to try again after a return by Mexico.")],
        [
            ("Apprehensions FY2013, Mexican", 268000, 265409, "U.S. Border Patrol"),
            ("Deaths per 10,000 apprehensions", 14.6, 10.9, "U.S. Border Patrol"),
        ],
        [("2014-07", "policy starts")],
    )


@pytest.fixture(scope="module")
def report() -> CompareReport:
    """Three policies, forty runs."""
    return make_report()


@pytest.fixture(scope="module")
def page(report: CompareReport) -> str:
    """The whole page."""
    return report_html(report)


def parsed(svg: str) -> ElementTree.Element:
    """A picture as XML: named, described, without a coordinate that is no number."""
    root = ElementTree.fromstring(svg)
    assert root.tag.endswith("svg")
    tags = [child.tag.split("}")[1] for child in root]
    assert tags[:2] == ["title", "desc"]
    numbers = [e.get(k, "0") for e in root.iter() for k in ("x", "y", "d", "points", "width", "r")]
    assert not re.search("nan|inf", " ".join(numbers))
    return root


def pictures(page: str) -> list[str]:
    """All pictures of a page."""
    return re.findall(r"<svg xmlns=.*?</svg>(?=</figure>)", page, flags=re.S)


def test_page_is_whole(report: CompareReport, page: str) -> None:
    """Every outcome, policy and caution is there; the worst miss comes first."""
    assert page.startswith("<!doctype html>")
    for arm in report.arms:
        assert arm.title in page
    for info in INFO.values():
        assert info.label in page
    said = ("[A]", "not a forecast", "Sexual violence", "common random")
    assert all(words in page for words in (report.command, report.digest, *said))
    assert page.index("Deaths per 10,000") < page.index("Apprehensions FY2013, Mexican")


def test_page_asks_no_network(page: str) -> None:
    """Nothing is fetched."""
    assert not re.search(r'(src|href)\s*=\s*"(?!#|data:,")', page)  # data:, is the empty icon
    assert not re.search(r"url\(|@import|fetch\(|XMLHttp|<img|<iframe", page)
    assert set(re.findall(r'https?://[^"\s<]+', page)) <= {"http://www.w3.org/2000/svg"}


def test_pictures_are_well_formed(page: str) -> None:
    """Maps, depths, series and forest plots are all XML."""
    found = pictures(page)
    assert len(found) == 1 + 3 + 2 + 4 + 8
    for svg in found:
        parsed(svg)


def test_words(page: str) -> None:
    """Words are chosen."""
    assert not re.search(r"\b(illegal|alien)", page, flags=re.I)


def test_headings_and_table_scopes(page: str) -> None:
    """One title; every header cell says what it heads."""
    assert page.count("<h1>") == 1
    assert all("scope=" in cell for cell in re.findall(r"<th[ >][^>]*", page))


def test_price_never_alone(page: str) -> None:
    """Dollars per averted entry stand beside people turned away and deaths."""
    rows = re.findall(r"<tr[^>]*>(?:(?!</tr>).)*\$2,200(?:(?!</tr>).)*</tr>", page, flags=re.S)
    assert len(rows) == 2
    assert all("eople returned unscreened" in r and "Deaths" in r for r in rows)


def headings(page: str, section: str) -> list[str]:
    """Titles of the groups of a section, in their order."""
    (body,) = re.findall(rf'<section id="{section}".*?</section>', page, flags=re.S)
    return re.findall(r'<h3 class="group-title">(.*?)</h3>|<th colspan[^>]*>(.*?)</th>', body)


def test_outcomes_stand_in_groups_not_in_one_list(page: str) -> None:
    """In the table and in the plots; ◆ marks what it costs people."""
    expected = [ENTRIES, ENFORCED, "Flow and enforcement", "◆ What it costs people"]
    assert [a + b for a, b in headings(page, "table")] == expected
    assert [a + b for a, b in headings(page, "differences")] == expected
    body = page[page.index('<section id="table"') :]
    labels = (ENTRIES, "Got-aways", ENFORCED, "Smuggling fee")
    order = [body.index(f">{label}<") for label in labels]
    assert order == sorted(order)


def test_where_people_are_stopped_is_told_for_every_arm(report: CompareReport, page: str) -> None:
    """In bars and in words, levels and changes, from south to north."""
    (body,) = re.findall(r'<section id="depth".*?</section>', page, flags=re.S)
    levels, changes = map(parsed, pictures(body))
    space = "{http://www.w3.org/2000/svg}"
    for picture, least in ((levels, 4), (changes, 3)):
        words = [e.text for e in picture.iter(f"{space}text")]
        at = [words.index(depth) for depth in DEPTH]
        assert at == sorted(at)
        assert all(words.count(arm.title) == 1 for arm in report.arms)
        assert len(list(picture.iter(f"{space}rect"))) >= least * len(DEPTH) - 3
    desc = levels.find(f"{space}desc")
    assert desc is not None and "Status quo: Mexico, south 29,000" in (desc.text or "")
    assert "+8,700" in "".join(changes.itertext())  # 29,000 times 0.3


def test_bars_are_as_long_as_their_numbers() -> None:
    """Twice the number, twice the bar; to the left where it is negative; none for nought."""
    rows = [("A", 0, {"south": 200.0, "north": -100.0, "line": 0.0})]
    root = parsed(depth_svg(rows, title="Change", unit="events a year", changes=True))
    bars = list(root.iter("{http://www.w3.org/2000/svg}rect"))
    assert len(bars) == 2
    (a, b), (c, d) = ((float(e.get("x", 0)), float(e.get("width", 0))) for e in bars)
    assert b == pytest.approx(2 * d, abs=0.2) and c + d == pytest.approx(a, abs=0.2)
    parsed(depth_svg([], title="Nothing", unit="events a year"))


def test_a_report_without_depths_leaves_the_panel_out(report: CompareReport) -> None:
    """No empty section, no link to one."""
    bare = [replace(arm, depth={}) for arm in (report.baseline, *report.arms)]
    page = report_html(replace(report, baseline=bare[0], arms=bare[1:]))
    assert 'id="depth"' not in page and "#depth" not in page


def test_what_no_policy_changes_is_said_in_a_line(report: CompareReport) -> None:
    """Not drawn as an empty plot."""
    still = OutcomeRow(4100, 0.0, 0.0, 0.0, 0.0, 0.0)
    arms = [replace(arm, outcomes=arm.outcomes | {"fee": still}) for arm in report.arms]
    page = report_html(replace(report, arms=arms))
    assert "No change under any policy: Smuggling fee." in page
    assert len(pictures(page)) == 1 + 3 + 2 + 4 + 7
    assert "No change under any policy" not in report_html(report)


def test_shares_are_not_counted_in_the_baseline_sentence(report: CompareReport) -> None:
    """A model counts persons and events, not shares."""
    debt = OutcomeInfo("Share left in debt", "share", "Owe for the journey.", -1, True)
    base = replace(
        report.baseline, outcomes=report.baseline.outcomes | {"debt": make_row(0.25, 0.0)}
    )
    told = baseline_sentence(
        replace(report, baseline=base, outcome_info=report.outcome_info | {"debt": debt})
    )
    assert "451 deaths" in told and "debt" not in told


def test_a_median_of_nothing_has_a_range_in_few_digits(report: CompareReport) -> None:
    """The digits follow the range where the median gives none."""
    arm = one_arm(report, got_aways=0.0)
    wide = OutcomeRow(700.0, 1e-14, -90.0, 90.0, -180.0, 180.0)
    sentence = arm_sentence(replace(arm, outcomes={"got_aways": wide}), report)
    assert "−25.7 to +25.7, no clear change" in sentence


def test_ranges_of_money_are_in_dollars(report: CompareReport) -> None:
    """In the table and in the plot, axis included."""
    dear = OutcomeRow(1.3e9, -7e6, -8e6, -6e6, -9.6e6, -4.3e6)
    info = report.outcome_info | {"fee": OutcomeInfo("Revenue", "$ a year", "Fees.", 0)}
    arm = replace(report.arms[0], outcomes={"fee": dear})
    page = report_html(replace(report, arms=[arm], outcome_info=info)).replace("\u00a0", " ")
    assert "90 %: −$9.6 M to −$4.3 M" in page
    picture = interval_svg({"A": dear}, title="Revenue", unit="$ a year").replace("\u00a0", " ")
    assert "−$7 M (−0.54 %)" in picture and ">−$10 M<" in picture


@pytest.mark.parametrize(("arms", "reps"), [(0, 1), (1, 1), (8, 40)])
def test_few_and_many(arms: int, reps: int) -> None:
    """No policy, one run, and many policies are all drawn."""
    page = report_html(make_report(arms, reps))
    for svg in pictures(page):
        parsed(svg)
    if reps == 1:
        assert "One run" in page and 'opacity="0.16"' not in page


def test_undefined_is_said(report: CompareReport) -> None:
    """What is no number is said in words."""
    nan = float("nan")
    for bad in (nan, float("inf"), -5.0):
        rows = report.arms[0].outcomes | {
            "dollars_per_averted_entry": OutcomeRow(nan, bad, nan, nan, nan, nan),
            "fee": OutcomeRow(4100, nan, nan, nan, nan, nan),
            "deaths": OutcomeRow(0, 1e-7, 0, 2e-7, -1e-7, 3e-7),
        }
        gaps = report.arms[0].series["deaths"].copy()
        gaps[:, 5:9] = nan
        arm = replace(
            report.arms[0],
            outcomes=rows,
            series={"deaths": gaps, "x": gaps * nan},
            leg_flow=report.arms[0].leg_flow * nan,
        )
        page = report_html(replace(report, arms=[arm]))
        assert NOT_AVERTED in page
        shown = page.split("<script>")[0]
        assert not re.search(r">[^<]*\b(nan|inf)\b", shown, re.I)
        for svg in pictures(page):
            parsed(svg)


@settings(max_examples=25, deadline=None)
@given(words=st.text(max_size=60))
def test_every_text_is_escaped(report: CompareReport, words: str) -> None:
    """No text can become markup."""
    evil = f"<b x='1'>&\"{words}"
    tiny = replace(
        report.map,
        basemap={"features": []},
        tail=report.map.tail[:3],
        head=report.map.head[:3],
        leg_mode=[evil] * 3,
        place_names=[evil] * len(report.map.place_names),
    )
    arm = replace(report.arms[0], id=evil, title=evil, claim=evil, dollars={evil: 1.0})
    info = {k: replace(v, label=evil, doc=evil, unit=evil) for k, v in INFO.items()}
    page = report_html(
        replace(
            report,
            title=evil,
            question=evil,
            command=evil,
            map=tiny,
            arms=[arm],
            outcome_info=info,
            caveats=[evil],
            assumptions=[(evil, evil, evil)],
            targets=[(evil, 1.0, 2.0, evil)],
            ensemble=EnsembleInfo(3, 9, 7.5, evil, 4, [evil]),
        )
    )
    assert "<b x" not in page
    for svg in pictures(page):
        parsed(svg)


@given(a=st.floats(0, 1e7), b=st.floats(0, 1e7), top=st.floats(1, 1e7))
def test_width_grows_with_flow(a: float, b: float, top: float) -> None:
    """Wider never means less."""
    low, high = sorted((a, b))
    assert leg_width(low, top) <= leg_width(high, top)
    assert leg_width(0, top) == 0
    assert leg_width(float("nan"), top) == 0


def test_map_directions_lie_apart(report: CompareReport) -> None:
    """Two directions of one road do not cover each other."""
    pair = replace(
        report.map, tail=np.array([35, 9]), head=np.array([9, 35]), leg_mode=["road", "road"]
    )
    svg = flow_map_svg(pair, np.array([5.0, 3.0]), title="Two ways")
    lines = re.findall(r'<path d="M([\d. ]+)L([\d. ]+)" stroke="#[0-9a-f]+"', svg, flags=re.I)
    assert len({frozenset(ends) for ends in lines}) >= 2


def test_main_places_are_named_on_every_map(page: str) -> None:
    """Capitals and the great stations of the way, whatever the flows."""
    for svg in pictures(page)[:4]:
        words = {e.text for e in parsed(svg).iter("{http://www.w3.org/2000/svg}text")}
        assert words >= {"Guatemala City", "Tegucigalpa", "San Salvador", "Mexico City"}
        assert words >= {"Tapachula", "Tijuana", "Nogales", "Ciudad Juárez", "Reynosa"}
        assert words >= {"Houston", "Los Angeles"}


def test_map_of_changes_names_its_scale(report: CompareReport) -> None:
    """The legend says what a ribbon is worth."""
    base = report.baseline.leg_flow
    svg = flow_map_svg(report.map, base * 1.1, title="More", difference_from=base)
    root = parsed(svg)
    assert "gain" not in svg and "more" in "".join(root.itertext())
    same = flow_map_svg(report.map, base, title="Same", difference_from=base)
    assert "no change" in same


def test_series_and_forest_stand_alone(report: CompareReport) -> None:
    """Single pictures work, also empty ones."""
    long = "A very long name of a policy " * 4
    lines = {"A": report.arms[0].series["deaths"], long: np.full((3, 36), 2.0)}
    root = parsed(series_svg(MONTHS, lines, title="Deaths", unit="persons a month"))
    assert "A" in [e.text for e in root.iter("{http://www.w3.org/2000/svg}text")]
    parsed(series_svg([], {}, title="Nothing", unit="persons"))
    parsed(interval_svg({}, title="Nothing", unit="persons"))


def one_arm(report: CompareReport, **differences: float) -> ArmReport:
    """A policy with these differences and no other."""
    rows = {k: make_row(LEVELS[k], d) for k, d in differences.items()}
    return replace(report.arms[0], outcomes=rows)


STEP = st.sampled_from([-5000.0, -3.0, 0.0, 2.0, 900.0])


@given(got=STEP, all_=STEP, deaths=STEP, kidnap=STEP)
def test_trade_off_exactly_when_flow_falls_and_people_pay(
    report: CompareReport, got: float, all_: float, deaths: float, kidnap: float
) -> None:
    """The clause appears then and only then."""
    arm = one_arm(report, got_aways=got, unlawful_entries=all_, deaths=deaths, kidnappings=kidnap)
    sentence = arm_sentence(arm, report)
    expected = (got < 0 or all_ < 0) and (deaths > 0 or kidnap > 0)
    assert ("trade-off" in sentence) == expected == bool(trade_off(arm, report))
    assert sentence.count(". ") == 0 and "works" not in sentence
    if expected:
        costs = sentence.split(", but ")[1]
        assert ("more deaths" in costs) == (deaths > 0)
        assert ("more kidnappings" in costs) == (kidnap > 0)


def test_sentence_signs_and_percent(report: CompareReport) -> None:
    """Signs, percentages and ranges are those of the numbers."""
    sentence = arm_sentence(report.arms[2], report).replace("\u00a0", " ")
    assert sentence.startswith("With the same $250 M a year, Border Patrol surge changed")
    assert "got-aways by −11 % (90 %: −14 to −8)" in sentence
    assert "deaths by +4.5 % (90 %: +3 to +6.2)" in sentence
    assert "kidnappings by +1.3 % (90 %: +0.4 to +2.2)" in sentence
    assert "unscreened by −0.8 % (90 %: −1.56 to +0.04, no clear change)" in sentence


def test_other_budgets_are_not_called_the_same(report: CompareReport) -> None:
    """The same budget is claimed only where it is."""
    dear = replace(report.arms[0], dollars={"Mexico": 9e9})
    sentence = arm_sentence(dear, replace(report, arms=[dear, report.arms[1]]))
    assert sentence.startswith("With $9\u00a0bn a year,")


def test_numbers() -> None:
    """Formats."""
    assert [plain(v) for v in (0, 1234.6, 12.34, 0.0123, float("nan"))] == [
        "0",
        "1,235",
        "12",
        "0.012",
        "not defined",
    ]
    assert [signed(v) for v in (0, 3, -3, -0.00001)] == ["0", "+3", "−3", "0"]
    assert percent(-12.2) == "−12\u00a0%"
    assert [dollars(v) for v in (250e6, 1.25e9)] == ["$250\u00a0M", "$1.2\u00a0bn"]
    assert [dollars(v) for v in (9400, -5)] == ["$9,400", "−$5"]


def test_a_cost_that_chance_can_explain_is_marked_beside_one_that_it_cannot(
    report: CompareReport,
) -> None:
    """Both are told, and the reader can tell them apart."""
    arm = one_arm(report, got_aways=-5000.0, deaths=20.0, kidnappings=900.0)
    vague = OutcomeRow(LEVELS["deaths"], 20.0, -5.0, 40.0, -30.0, 70.0)
    arm = replace(arm, outcomes=dict(arm.outcomes) | {"deaths": vague})
    clause = trade_off(arm, report)
    assert "more deaths (no clear change)" in clause
    assert "more kidnappings" in clause and "kidnappings (no" not in clause


# ---- over an ensemble ---------------------------------------------------------------------------

DRAWN = EnsembleInfo(members=40, of=231, effective=187.4, digest="c0ffee", varied=34)


def over_ensemble(report: CompareReport, alike: int, **more: float) -> CompareReport:
    """The first policy alone, its deaths like this in so many pairs of forty."""
    row = replace(make_row(LEVELS["deaths"], more.pop("deaths", -30.0)), alike=alike, pairs=40)
    arm = replace(report.arms[0], outcomes=dict(report.arms[0].outcomes) | {"deaths": row})
    return replace(report, arms=[arm], ensemble=DRAWN, seeds=[7])


def notes(page: str, label: str) -> list[str]:
    """The small print of the last cell in the row of an outcome, in the table of all of them."""
    table = page[page.index('<section id="table"') :].replace("\u00a0", " ")
    row = next(r for r in re.findall(r"<tr.*?</tr>", table, re.S) if f"{label}<small>" in r)
    return re.findall(r"<small>([^<]*)</small>", row.rpartition("<td")[2])


@pytest.mark.parametrize(
    ("deaths", "alike", "said"),
    [
        (-30.0, 39, "fewer in 39 of 40"),
        (30.0, 40, "more in 40 of 40"),
        (-1.0, 22, "no clear change, fewer in 22 of 40"),
        (0.0, 40, "no change in 40 of 40"),
    ],
)
def test_over_an_ensemble_a_cell_says_in_how_many_pairs_its_sign_holds(
    report: CompareReport, deaths: float, alike: int, said: str
) -> None:
    """In a line of its own, above the range."""
    told = notes(report_html(over_ensemble(report, alike, deaths=deaths)), "Deaths")
    assert told[0] == said and told[1].startswith("90 %: ") and len(told) == 2


def test_without_an_ensemble_no_cell_counts_pairs(report: CompareReport) -> None:
    """Seeds of one guess are not evidence about parameters."""
    page = report_html(replace(over_ensemble(report, 39), ensemble=None))
    assert "of 40" not in " ".join(notes(page, "Deaths")) and "calibrated ensemble" not in page
    assert "One set of parameters: the ranges hold chance" in page


def test_a_page_over_an_ensemble_says_so_first_and_last(report: CompareReport) -> None:
    """In the header, under the answer, in the method and where it is done again."""
    page = report_html(over_ensemble(report, 39))
    words = "40 members of the calibrated ensemble with one seed each"
    assert words in page[: page.index("</header>")]
    assert page.count(words) == 3 and "one set of parameters" not in page.lower()
    again = page[page.index('id="reproduce"') :]
    assert "c0ffee" in again and "187" in again and "40 of the 231" in again
    several = report_html(replace(over_ensemble(report, 39), seeds=[1, 2]))
    assert "40 members of the calibrated ensemble with 2 seeds each" in several
