"""Terminal, CSV, JSON, report, screen and lessons agree on every comparison."""

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

from abm.measures import OUTCOMES
from abm.scenario.policy_specs import parse_policy
from experiments.comparison import compare as comparing
from experiments.comparison.compare import Arm, Comparison
from experiments.rows.comparison import FIGURES, comparison_json, csv_rows
from experiments.runs.intervals import Interval
from experiments.runs.pairs import FEWEST_PAIRS, LEAST, Difference, Finding, difference
from experiments.scenarios import find
from tests.unit.viz.made_sessions import paused_session
from viz.cli import compare as compare_command
from viz.documents.comparison.report import Report, arm_sentence
from viz.documents.comparison.sentences import (
    BELOW,
    PAPER,
    WITH_ZERO,
    change_texts,
    clauses,
    figure_texts,
    price_texts,
    verdict,
    why_not,
)
from viz.documents.comparison.tables import forest_table, main_outcomes
from viz.figures.palette import UNCLEAR
from viz.screen.lessons.lesson import change_of, direction_of
from viz.screen.panels.difference import curve_of
from viz.screen.panels.difference import forest_table as screen_table
from viz.screen.panels.headline import NAMED, answer_of, answer_sentence
from viz.screen.panels.policy_period_counts import PeriodCount, changes_since, strip
from viz.screen.panels.policy_period_counts import change_texts as screen_texts
from viz.screen.session.choice import Choice
from viz.screen.session.frames import DAILY_FIGURES
from viz.screen.session.replicates import SEEDS
from viz.screen.session.session import Session
from viz.screen.session.summaries import RunSummary
from viz.screen.words import LANGUAGES, Words, table

DAYS, NAME = 5, "deaths"
#: Seed of the baseline deaths, mean effect (percent) and spread of the effect (percent).
effects = st.tuples(
    st.integers(0, 2**32 - 1),
    st.sampled_from([-30.0, -6.0, -2.5, -1.8, -1.0, 0.0, 0.4, 1.9, 2.2, 4.0, 60.0]),
    st.sampled_from([0.0, 0.3, 1.5, 4.0, 20.0]),
)


@pytest.fixture(autouse=True, scope="module")
def no_statistics():
    """Leave out official statistics, which need runs over a whole year."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("experiments.rows.runs.observed_median", lambda runs, world: [])
        yield


def counts(seed: int, effect: float, spread: float, size: int = SEEDS) -> np.ndarray:
    """Return the deaths in A and B as whole numbers, shape (2, seeds)."""
    rng = np.random.default_rng(seed)
    a = np.full(size, 20_000) + (rng.integers(-900, 900, size) if spread else 0)
    changes = np.maximum(-95.0, effect + spread * rng.standard_normal(size))
    return np.array([a, np.rint(a * (1.0 + changes / 100.0))])


def run_of(deaths: float, spent: float) -> Any:
    """Return a run whose entries are proportional to its deaths."""
    outcomes = {"got_aways": 50.0 * deaths, "unlawful_entries": 60.0 * deaths, "deaths": deaths}
    outcomes |= {"returned_unscreened": 2000.0, "kidnapped": 900.0, "extorted": 3000.0}
    outcomes["dollars"] = spent
    more: dict[str, Any] = {"dollars_unspent": {}, "years": 1.0, "digest": ""}
    return SimpleNamespace(outcomes=outcomes, discounted=outcomes, **more)


def report_of(pairs: np.ndarray) -> Report:
    """Return the report of a policy; the first row of `pairs` is the baseline's deaths."""
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
    """Return a session on the last day with one seed per pair."""
    summaries = []
    for (world, seed), deaths in np.ndenumerate(pairs):
        daily = np.ones((DAYS, len(DAILY_FIGURES)), np.float32)
        daily[:, DAILY_FIGURES.index(NAME)] = [0, 0, 0, 0, deaths]
        summaries.append((world, seed, RunSummary(daily, {"dollars": 0.0})))
    first = [summary.daily for _, seed, summary in summaries if seed == 0]
    return paused_session(Choice(days=DAYS, b=("fence:1",)), first, summaries)


def screen_count(session: Session) -> PeriodCount:
    """Return the count of deaths that the screen shows."""
    return next(count for count in changes_since(session, DAYS) if count.name == NAME)


def plain(text: str) -> str:
    """Return a text in which every white space is a plain space."""
    return " ".join(text.split())


# ---- everywhere the same ------------------------------------------------------------------------


@settings(max_examples=60, deadline=None)
@given(effects)
def test_json_csv_report_and_screen_have_the_same_figures(drawn: tuple[int, float, float]) -> None:
    pairs = counts(*drawn)
    report, session = report_of(pairs), session_of(pairs)
    row, count = report.rows[NAME], screen_count(session)
    change = row.changes[0]
    stored = comparison_json(report.comparison)["policies"][0]["outcomes"][NAME]
    assert stored == {name: getattr(change, name) for name in FIGURES}
    header, rows = csv_rows(report.comparison)
    (line,) = (cells for cells in rows if cells[header.index("outcome")] == NAME)
    assert dict(zip(header, line, strict=True)) | stored == dict(zip(header, line, strict=True))
    assert count.change is not None
    shown = (count.change.baseline, count.change.difference, count.change.low90)
    assert shown == pytest.approx((change.baseline, change.difference, change.low90), rel=1e-9)
    texts = change_texts(row, change)
    about = screen_texts(session.words, count)
    assert about == texts or not texts[1]
    for page in (
        forest_table(report, main_outcomes(report)),
        screen_table(session.words, [count]),
        strip(session),
    ):
        assert texts[0] in page and texts[1] in page


@settings(max_examples=60, deadline=None)
@given(effects, st.sampled_from(LANGUAGES))
def test_report_screen_curve_marks_prices_and_lessons_have_the_same_verdict(
    drawn: tuple[int, float, float], language: str
) -> None:
    pairs = counts(*drawn)
    report, session = report_of(pairs), session_of(pairs)
    session.language.set(language)
    change, count = report.rows[NAME].changes[0], screen_count(session)
    finding = change.finding
    kind = {Finding.MORE: "more", Finding.FEWER: "fewer"}.get(finding, "same")
    assert count.kind == kind == curve_of(session, NAME).kind()
    assert change.is_meaningful == (kind != "same")
    row_of_deaths = next(
        row for row in forest_table(report, main_outcomes(report)).split("<tr") if "Deaths" in row
    )
    for marks in (row_of_deaths, screen_table(session.words, [count])):
        assert (UNCLEAR not in marks) == change.is_meaningful
    assert {"same": "tb-unclear"}.get(kind, f"tb-b-{kind}") in strip(session)
    price = report.rows["dollars_per_averted_entry"].changes[0]
    assert math.isfinite(price.difference) == (finding is Finding.FEWER)
    # Report and screen use the same clause, each from its own word table.
    nothing = (pairs[0] == pairs[1]).all()
    for words, text in (
        (PAPER.__getitem__, arm_sentence(report, 0)),
        (lambda key: session.words(f"answer.{key}"), answer_sentence(session)),
    ):
        size = figure_texts(change, "").median.lstrip("+\u2212")
        key = f"{NAME}_{kind}" if kind != "same" else f"{NAME}_unknown"
        assert nothing or words(key).format(size) in text
    values = 100.0 * (pairs[1] - pairs[0]) / np.median(pairs[0])
    assert (direction_of(change_of(values.tolist())) != "same") == change.is_meaningful


def test_the_terminal_prints_figures_and_sentences_of_the_report(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COLUMNS", "200")
    for drawn in ((1, -30.0, 1.5), (1, 0.4, 4.0), (1, -1.0, 0.3)):
        report = report_of(counts(*drawn))
        compare_command._print_arms(report)
        printed = plain(capsys.readouterr().out)
        assert plain(arm_sentence(report, 0)) in printed
        for text in change_texts(report.rows[NAME], report.rows[NAME].changes[0]):
            assert plain(text) in printed
        price = report.rows["dollars_per_averted_entry"].changes[0]
        assert math.isnan(price.difference) == ("no price" in printed)


def test_the_screen_has_the_words_of_reports_in_english_and_every_word_in_spanish() -> None:
    for key, text in PAPER.items():
        if key != "too_few" and not key.startswith("unlawful_entries"):
            assert table("en")[f"answer.{key}"] == text
            assert table("es")[f"answer.{key}"].count("{}") == text.count("{}")
    for name in DAILY_FIGURES:
        assert name not in OUTCOMES or Words("en").outcome(name) == OUTCOMES[name].label
        assert Words("es").outcome(name) != Words("en").outcome(name)


# ---- the writer ---------------------------------------------------------------------------------

VERDICTS = {
    "fewer": (-12.0, -16.0, -8.0),
    "more": (9.0, 5.0, 13.0),
    "alike": (0.0, -1.0, 1.9),
    "not_known": (3.0, -30.0, 40.0),
    "not_reached": (1.6, 0.5, 2.7),
}


def made(bounds: tuple[float, float, float], level: float = 100.0, pairs: int = 9) -> Difference:
    """Return a change; `bounds` has its mean and 90 % bounds in units."""
    middle, low, high = bounds
    return Difference(level, Interval(middle, middle, middle, low, high), pairs=pairs)


def said(**verdicts: str) -> list[str]:
    """Return the clauses of the report for these verdicts."""
    changes = {name: made(VERDICTS[word]) for name, word in verdicts.items()}
    assert [verdict(change) for change in changes.values()] == list(verdicts.values())
    return [plain(clause) for clause in clauses(PAPER.__getitem__, changes)]


@given(st.tuples(*[st.sampled_from(list(VERDICTS))] * len(NAMED)), st.sampled_from(LANGUAGES))
def test_an_answer_names_every_figure_once_and_gives_one_range(
    words: tuple[str, ...], language: str
) -> None:
    t = Words(language)
    changes = {name: made(VERDICTS[word]) for name, word in zip(NAMED, words, strict=True)}
    text = " ".join(answer_of(t, changes))
    verbs = {
        "en": ("get away", " die", "kidnapped", "extorted", "sent back"),
        "es": ("evaden", "mueren", "secuestra", "extorsiona", "devue"),
    }
    assert all(text.count(verb) == 1 for verb in verbs[language])
    clear = sum(word in ("fewer", "more") for word in words)
    both = {"not_reached", "not_known"} <= set(words[1:])
    assert text.count("(") == (words[0] in ("fewer", "more")) + both
    assert text.count("%") == clear + ("not_reached" in words[1:]) + (words[0] == "not_reached")
    assert "{" not in text and text.endswith(".") and text.count(".") <= 4


def test_gains_come_before_harms_and_but_only_between_them() -> None:
    assert said(got_aways="fewer", deaths="more", kidnapped="fewer") == [
        "12 % fewer get away (8 to 16) and 12 % fewer are kidnapped, but 9 % more die"
    ]
    assert said(got_aways="more", deaths="more") == ["9 % more get away (5 to 13) and 9 % more die"]
    assert said(got_aways="alike", deaths="fewer", kidnapped="alike") == [
        "about as many get away and are kidnapped and 12 % fewer die"
    ]
    assert said(got_aways="not_known", deaths="not_reached") == [
        "it is not known whether more or fewer get away (range includes zero), nor whether at "
        "least 2 % more or fewer die"
    ]


def test_a_change_from_zero_is_in_units_and_one_run_has_no_range() -> None:
    words = PAPER.__getitem__
    (clause,) = clauses(words, {"deaths": made((12.0, 10.0, 14.0), level=0.0)})
    assert clause == "12.0 more die (10.0 to 14.0)"
    for share, word in ((-2.0, "fewer"), (1.9, "alike"), (30.0, "more")):
        assert verdict(made((share, share, share), pairs=1)) == word
    assert clauses(words, {"deaths": made((-30.0, -30.0, -30.0), pairs=1)}) == [
        "30\u00a0% fewer die"
    ]
    two = {"deaths": made((-30.0, -33.0, -27.0), pairs=2)}
    assert clauses(words, two) == ["there are too few runs to know whether more or fewer die"]


def with_changes(**bounds: tuple[float, float, float]) -> Report:
    """Return a report of one policy with these changes in percent over nine pairs."""
    report = report_of(counts(1, 0.0, 0.3))
    outcomes = {key: made(own) for key, own in bounds.items()}
    arm = dataclasses.replace(report.arms[0], outcomes=outcomes)
    return dataclasses.replace(
        report, comparison=dataclasses.replace(report.comparison, arms=(arm,))
    )


def test_a_fall_of_entries_with_a_rise_of_a_human_cost_is_a_trade_off() -> None:
    fewer, more, alike = (VERDICTS[word] for word in ("fewer", "more", "alike"))
    assert "trade-off" in arm_sentence(with_changes(got_aways=fewer, deaths=more), 0)
    for shares in ({"got_aways": fewer, "deaths": alike}, {"got_aways": more, "deaths": more}):
        assert "trade-off" not in arm_sentence(with_changes(**shares), 0)


def test_a_policy_that_changes_neither_entries_nor_human_costs_has_its_largest_other_change() -> (
    None
):
    fewer, more, alike = (VERDICTS[word] for word in ("fewer", "more", "alike"))
    report = with_changes(got_aways=alike, deaths=alike, apprehended_us=more, turned_back=fewer)
    text = plain(arm_sentence(report, 0))
    assert text.endswith("The largest other change is \u221212 % (turned back at the line).")
    nothing = arm_sentence(with_changes(got_aways=(0.0, 0.0, 0.0), dollars=more), 0)
    assert nothing == "With A fence, nothing changes at all."


# ---- the rule -----------------------------------------------------------------------------------


@pytest.mark.parametrize("runs", range(1, SEEDS))
def test_before_nine_seeds_the_screen_has_estimates_and_no_verdict(runs: int) -> None:
    pairs = counts(3, -30.0, 0.3, size=runs)
    session = session_of(pairs)
    count = screen_count(session)
    assert count.kind == "same" and curve_of(session, NAME).kind() == "same"
    words = answer_sentence(session)
    assert words.startswith("Not known yet" if runs < FEWEST_PAIRS else "Estimate")
    assert words.endswith(f"he answer comes after 9 seeds; finished: {runs}.")
    assert "fewer" not in words


def test_more_seeds_do_not_remove_a_true_effect() -> None:
    """Single pairs lie on both sides of zero around a mean effect of 5.6 % (`trainers:60M`)."""
    rng = np.random.default_rng(8)
    shares = {}
    for size in (9, 24, 100):
        found = [row_of(5.6 + 4.5 * rng.standard_normal(size)).is_meaningful for _ in range(400)]
        shares[size] = np.mean(found)
    assert shares[9] > 0.9 and shares[24] > 0.99 and shares[100] == 1.0


def row_of(percent: np.ndarray) -> Difference:
    """Return the difference for pairs whose changes are in percent of a baseline of 100."""
    return difference(100.0, {(0, k): one for k, one in enumerate(percent)}, ensemble=False)


@given(st.floats(-50, 50), st.floats(0, 50), st.floats(0, 50), st.sampled_from([0, 8]))
def test_about_the_same_needs_the_whole_range_within_the_margin(
    middle: float, below: float, above: float, members: int
) -> None:
    low, high = middle - below, middle + above
    row = Difference(100.0, Interval(middle, low, high, low, high), pairs=8, members=members)
    edge = 100.0 * LEAST
    assert (row.finding is Finding.SAME) == (max(abs(low), abs(high)) < edge)
    assert row.is_meaningful == (abs(middle) >= edge and not low <= 0.0 <= high)
    assert row.is_meaningful or why_not(row) in (BELOW, WITH_ZERO)
    if members:
        assert dataclasses.replace(row, members=4).finding is Finding.FEW
    else:
        assert dataclasses.replace(row, pairs=2).finding is Finding.FEW


@given(st.floats(100.0, 1e7), st.floats(0.01, 1.0), st.floats(1.0, 1e3))
def test_a_rounded_price_stays_in_its_rounded_range(price: float, low: float, high: float) -> None:
    found = Interval(price, price, price, price * low, price * high)
    middle, bottom, top = map(dollars_of, price_texts(Difference(math.nan, found)))
    assert bottom <= middle <= top and middle == pytest.approx(price, rel=0.06)


def dollars_of(text: str) -> float:
    """Return the amount that a price text states."""
    number = re.fullmatch(r"\$([\d,.]+)(?:\xa0(M|bn))?", text)
    assert number, text
    return float(number[1].replace(",", "")) * {"M": 1e6, "bn": 1e9}.get(number[2], 1.0)
