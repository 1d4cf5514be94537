"""One rule for a meaningful change: report, terminal, screen, marks, curves, prices and lessons."""

from __future__ import annotations

import dataclasses
import math
import re
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from abm.scenario.policy_specs import parse_policy
from experiments.comparison import compare as comparing
from experiments.comparison.compare import Arm, Comparison
from experiments.runs.intervals import Interval
from experiments.runs.pairs import Difference, difference
from experiments.runs.significance import LEAST, Finding, finding, is_meaningful, relative
from experiments.scenarios import find
from viz.cli import compare_tables
from viz.documents.comparison.change_texts import price_texts
from viz.documents.comparison.forest_table import forest_table
from viz.documents.comparison.report import Report
from viz.documents.comparison.sentences import BELOW, NO_CHANGE, WITH_ZERO, answer, why_not
from viz.figures.palette import UNCLEAR
from viz.screen.lessons import SeedChange
from viz.screen.panels.answers import answer_sentence
from viz.screen.panels.difference_curves import curve_of
from viz.screen.panels.forest_table import forest_table as screen_table
from viz.screen.panels.policy_period_counts import changes_since
from viz.screen.panels.since import strip
from viz.screen.session.background import RunSummary
from viz.screen.session.choice import Choice
from viz.screen.session.frames import DAILY, FrameLog
from viz.screen.session.replicates import SEEDS, Replicates
from viz.screen.session.runloop import LoopStatus, Phase
from viz.screen.session.session import Session
from viz.screen.words import LANGUAGES

DAYS, NAME = 5, "deaths"
#: Deaths in the baseline by seed, the mean effect and the spread of the effect, percent.
effects = st.tuples(
    st.integers(0, 2**32 - 1),
    st.sampled_from([-30.0, -6.0, -2.5, -1.8, -1.0, 0.0, 0.4, 1.9, 2.2, 4.0, 60.0]),
    st.sampled_from([0.0, 0.3, 1.5, 4.0, 20.0]),
)


def counts(seed: int, effect: float, spread: float, size: int = SEEDS) -> np.ndarray:
    """Return whole numbers of deaths in A and B, shape (2, seeds)."""
    rng = np.random.default_rng(seed)
    a = np.full(size, 20_000) + (rng.integers(-900, 900, size) if spread else 0)
    changes = np.maximum(-95.0, effect + spread * rng.standard_normal(size))
    return np.array([a, np.rint(a * (1.0 + changes / 100.0))])


def run_of(deaths: float, spent: float) -> Any:
    """Return a run with entries that change as deaths do."""
    outcomes = {"got_aways": 50.0 * deaths, "unlawful_entries": 60.0 * deaths, "deaths": deaths}
    outcomes |= {"returned_unscreened": 2000.0, "kidnapped": 900.0, "extorted": 3000.0}
    outcomes["dollars"] = spent
    return SimpleNamespace(outcomes=outcomes, discounted=outcomes, dollars_unspent={}, years=1.0)


def report_of(pairs: np.ndarray) -> Report:
    """Return the comparison of a policy whose deaths are those of the second row."""
    spec = parse_policy("fence:1")
    scenario = find("classroom")
    base, arm = (
        Arm(specs, title, 1.0, {"us": spent}, {(0, k): run_of(n, spent) for k, n in enumerate(row)})
        for specs, title, spent, row in (
            ((), "Status quo", 0.0, pairs[0]),
            ((spec,), "A fence", 5e6, pairs[1]),
        )
    )
    seeds = tuple(range(len(pairs[0])))
    empty = Comparison(scenario, seeds, base, (arm,))
    return Report(comparing._evaluate(empty, [base, arm], []), "command")


def session_of(pairs: np.ndarray) -> Session:
    """Return the screen after the last day, with as many seeds as pairs."""
    session = Session(worlds=2)
    session.choice.set(Choice(days=DAYS, b=("fence:1",)))
    session.now = LoopStatus(DAYS, DAYS, DAYS, Phase.PAUSED)
    found, logs = Replicates(2 * SEEDS), []
    for world, row in enumerate(pairs):
        for seed, deaths in enumerate(row):
            daily = np.ones((DAYS, len(DAILY)), np.float32)
            daily[:, DAILY.index(NAME)] = [0, 0, 0, 0, deaths]
            found = found.with_run(world, seed, RunSummary(daily, {}))
        log = FrameLog(DAYS, np.dtype([("flow", "f4", 2)]), frames=[b""] * DAYS)
        log.daily[:] = found.summaries[world, 0].daily
        logs.append(log)
    session.loop = SimpleNamespace(logs=logs, recorders=logs)  # type: ignore[assignment]
    session.replicates.set(found)
    return session


def screen_change(session: Session) -> Any:
    """Return the change of deaths on the screen."""
    return next(one for one in changes_since(session, DAYS) if one.name == NAME)


@settings(max_examples=60, deadline=None)
@given(effects)
def test_report_terminal_screen_curve_marks_and_prices_agree(
    given_: tuple[int, float, float],
) -> None:
    pairs = counts(*given_)
    report, session = report_of(pairs), session_of(pairs)
    row = report.rows[NAME].changes[0]
    found = finding(row)
    change = screen_change(session)
    assert (change.median, change.low, change.high) == pytest.approx(
        [100.0 * one for one in relative(row)], rel=1e-6, abs=1e-9
    )
    assert change.finding is found and change.clear == is_meaningful(row)
    # marks of both tables, and colours of figures and curves
    row_of_deaths = next(one for one in forest_table(report).split("<tr") if "Deaths" in one)
    assert (UNCLEAR not in row_of_deaths) == is_meaningful(row)
    kind = {Finding.MORE: "more", Finding.FEWER: "fewer"}.get(found, "same")
    assert f"tb-b-{kind}" in screen_table(session.words, [change])
    assert curve_of(session, NAME).kind() == kind
    colour = {"same": "tb-unclear", "more": "tb-b-more", "fewer": "tb-b-fewer"}[kind]
    assert colour in strip(session)
    # prices of entries, which change as deaths do
    price = report.rows["dollars_per_averted_entry"].changes[0]
    assert math.isfinite(price.difference) == (found is Finding.FEWER)


@settings(max_examples=40, deadline=None)
@given(effects, st.sampled_from(LANGUAGES))
def test_sentences_of_report_and_screen_agree(
    given_: tuple[int, float, float], language: str
) -> None:
    pairs = counts(*given_)
    report, session = report_of(pairs), session_of(pairs)
    session.language.set(language)
    found = finding(report.rows[NAME].changes[0])
    said, shown = answer(report, 0), answer_sentence(session)
    names = {
        Finding.MORE: (r"more deaths", {"en": "% more die", "es": "% más"}),
        Finding.FEWER: (r"fewer deaths", {"en": "% fewer die", "es": "% menos"}),
        Finding.SAME: (
            BELOW,
            {"en": r"about as many [^.]*\bdie", "es": r"casi tantas [^.]*\bmueren"},
        ),
        Finding.SMALL: (
            BELOW,
            {"en": r"2 % more or fewer [^.]*\bdie", "es": r"2 % más o menos [^.]*\bmueren"},
        ),
        Finding.ZERO: (WITH_ZERO, {"en": "range includes zero", "es": "rango con cero"}),
    }
    in_report, on_screen = names[found]
    nothing = (pairs[0] == pairs[1]).all()
    plain = shown.replace("\xa0", " ")
    assert nothing or (in_report in said and re.search(on_screen[language], plain))
    assert ("deaths" in said) == (found in (Finding.MORE, Finding.FEWER))


def test_the_terminal_prints_the_sentences_of_the_report(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COLUMNS", "200")
    for given_ in ((1, -30.0, 1.5), (1, 0.4, 4.0), (1, -1.0, 0.3)):
        report = report_of(counts(*given_))
        compare_tables._print_arms(report)
        printed = " ".join(capsys.readouterr().out.split()).replace("\xa0", " ")
        assert answer(report, 0).replace("\xa0", " ") in printed
        price = report.rows["dollars_per_averted_entry"].changes[0]
        assert ("no price" in printed) == (
            finding(report.rows["got_aways"].changes[0]) is not Finding.FEWER
        )
        assert math.isnan(price.difference) == ("no price" in printed)


@given(effects)
def test_lessons_use_the_same_rule(given_: tuple[int, float, float]) -> None:
    a, b = counts(*given_)
    values = tuple(100.0 * (b / a - 1.0))
    row = difference(100.0, {(0, k): one for k, one in enumerate(values)}, ensemble=False)
    assert (SeedChange(values).direction != "same") == is_meaningful(row)


@pytest.mark.parametrize("runs", range(1, SEEDS))
def test_before_nine_seeds_the_screen_has_estimates_and_no_verdict(runs: int) -> None:
    pairs = counts(3, -30.0, 0.3, size=runs)
    session = session_of(pairs)
    change = screen_change(session)
    assert (change.median is not None) == (runs >= 3) and change.finding is Finding.FEW
    assert not change.clear and curve_of(session, NAME).kind() == "same"
    words = answer_sentence(session)
    assert words.startswith(f"Not known yet: the answer comes after 9 seeds; finished: {runs}.")
    assert ("Estimate so far" in words) == (runs >= 3) and "fewer" not in words


def test_more_seeds_do_not_remove_a_true_effect() -> None:
    """A mean effect of 5.6 % with single pairs on both sides of zero, as of `trainers:60M`."""
    rng = np.random.default_rng(8)
    shares = {}
    for size in (9, 24, 100):
        found = [is_meaningful(row_of(5.6 + 4.5 * rng.standard_normal(size))) for _ in range(400)]
        shares[size] = np.mean(found)
    assert shares[9] > 0.9 and shares[24] > 0.99 and shares[100] == 1.0


def test_without_an_effect_at_most_one_comparison_in_ten_claims_one() -> None:
    rng = np.random.default_rng(9)
    for size in (3, 9, 24):
        claims = [is_meaningful(row_of(8.0 * rng.standard_normal(size))) for _ in range(4000)]
        assert np.mean(claims) <= 0.10 + 4.0 * math.sqrt(0.09 / 4000)


def row_of(percent: np.ndarray) -> Difference:
    """Return the change of pairs in percent of a baseline of 100."""
    return difference(100.0, {(0, k): one for k, one in enumerate(percent)}, ensemble=False)


@given(st.floats(-50, 50), st.floats(0, 50), st.floats(0, 50), st.sampled_from([0, 8]))
def test_about_the_same_needs_the_whole_range_within_the_margin(
    middle: float, below: float, above: float, members: int
) -> None:
    low, high = middle - below, middle + above
    row = Difference(100.0, Interval(middle, low, high, low, high), pairs=8, members=members)
    found, edge = finding(row), 100.0 * LEAST
    assert (found is Finding.SAME) == (max(abs(low), abs(high)) < edge)
    assert is_meaningful(row) == (abs(middle) >= edge and not low <= 0.0 <= high)
    assert is_meaningful(row) or why_not([row]) in (BELOW, WITH_ZERO)
    if members:
        assert finding(dataclasses.replace(row, members=4)) is Finding.FEW
    else:
        assert finding(dataclasses.replace(row, pairs=2)) is Finding.FEW


@given(st.floats(100.0, 1e7), st.floats(0.01, 1.0), st.floats(1.0, 1e3))
def test_a_rounded_price_stays_in_its_rounded_range(price: float, low: float, high: float) -> None:
    found = Interval(price, price, price, price * low, price * high)
    middle, bottom, top = map(dollars_of, price_texts(Difference(math.nan, found)))
    assert bottom <= middle <= top and middle == pytest.approx(price, rel=0.06)


def dollars_of(text: str) -> float:
    """Return the amount of a price."""
    number = re.fullmatch(r"\$([\d,.]+)(?:\xa0(M|bn))?", text)
    assert number, text
    return float(number[1].replace(",", "")) * {"M": 1e6, "bn": 1e9}.get(number[2], 1.0)


def test_the_price_that_was_impossible_has_its_digits() -> None:
    row = Difference(math.nan, Interval(46_308, 30e3, 90e3, 24_200, 1.2e6))
    assert tuple(price_texts(row)) == ("$46,000", "$24,000", "$1.2\xa0M")


def test_what_is_not_meaningful_is_called_so() -> None:
    report = report_of(counts(1, 0.4, 0.3))
    assert NO_CHANGE in forest_table(report) and answer(report, 0).startswith("no outcome changes")
