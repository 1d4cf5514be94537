"""Sentences of a comparison: which changes are named, in which order, and with which additions."""

from __future__ import annotations

from dataclasses import replace
from functools import cache

import pytest

from abm.measures import OUTCOMES
from abm.measures.outcome_definitions import Measure
from experiments.rows.comparison import OutcomeRow
from tests.unit.viz.test_report import change, make_report, with_arms
from viz.documents.comparison.report import Report
from viz.documents.comparison.sentences import (
    BELOW,
    MOST_FIGURES,
    WITH_ZERO,
    _is_harm,
    answer,
    arm_sentence,
    is_meaningful,
    is_trade_off,
    why_not,
)

reports = cache(make_report)


def one_run(**shares: float) -> Report:
    """Return a report of one run of each arm, with these relative changes of 1,000 units."""
    report = reports(1, 1)
    outcomes = {
        key: change(1_000.0, *[1_000.0 * share] * 5, pairs=1) for key, share in shares.items()
    }
    return with_arms(report, replace(report.arms[0], outcomes=outcomes))


def clear(level: float = 1_000.0, pairs: int = 40, **percents: float) -> Report:
    """Return a report of one policy with these changes in percent, whose ranges exclude zero."""
    report, outcomes = reports(1, pairs), {}
    for key, percent in percents.items():
        middle = 0.01 * percent * level
        ends = sorted((0.8 * middle, 1.2 * middle))
        outcomes[key] = change(level, middle, *ends, *ends, pairs=pairs)
    return with_arms(report, replace(report.arms[0], outcomes=outcomes))


def said(report: Report) -> str:
    """Return the clause of the policy with plain spaces and whole percentages."""
    return answer(report, 0).replace("\u00a0", " ").replace(".0 %", " %")


@pytest.mark.parametrize("share", [-0.019, -0.001, 0.001, 0.019])
def test_one_run_has_no_sentence_on_a_change_below_two_percent(share: float):
    sentence = arm_sentence(one_run(got_aways=share, deaths=share), 0)
    assert not any(word in sentence for word in ("fewer", "more"))


def test_one_run_names_a_change_of_two_percent():
    assert "2.0 % fewer deaths" in arm_sentence(one_run(deaths=-0.02), 0).replace("\u00a0", " ")


def test_a_change_from_zero_is_stated_in_units():
    report = reports()
    outcomes = {"deaths": change(0.0, 12.0, 11.0, 13.0, 10.0, 14.0)}
    sentence = arm_sentence(with_arms(report, replace(report.arms[0], outcomes=outcomes)), 0)
    assert "12.0 more deaths" in sentence.replace("\u00a0", " ")


# ---- what a sentence names ----------------------------------------------------------------------


def test_gains_come_first_and_the_verb_is_that_of_the_first_gain():
    """Deaths are above the share in debt in the tables, but they rise."""
    text = said(clear(debt_distress=-10.0, deaths=20.0))
    assert text == "there is a 10 % lower share left in debt, but 20 % more deaths"
    assert said(clear(debt_distress=10.0, deaths=-20.0)).startswith("there are 20 % fewer deaths")
    assert said(clear(debt_distress=10.0)) == "there is a 10 % higher share left in debt"


@pytest.mark.parametrize("level", [1_000.0, 0.5])
def test_the_direction_does_not_depend_on_the_unit(level: float):
    """A rise of half a person is a harm, as is a rise of five hundred."""
    assert "fewer deaths" in said(clear(level, deaths=-10.0))
    text = said(clear(level, got_aways=-10.0, deaths=10.0))
    assert "10 % fewer evading entries, but 10 % more deaths" in text and "trade-off" in text


def test_an_entry_of_either_direction_comes_before_human_costs():
    """The three figures are both entries and the human cost that rises."""
    text = said(clear(got_aways=-30.0, unlawful_entries=10.0, deaths=-5.0, kidnapped=50.0))
    assert text == (
        "there are 30 % fewer evading entries, but 10 % more unlawful entries and 50 % more"
        " kidnappings: a trade-off"
    )


def test_human_costs_that_are_not_named_are_mentioned_only_if_one_rises():
    falling = clear(got_aways=-30.0, deaths=-20.0, kidnapped=-10.0, extorted=-5.0)
    figures = "30 % fewer evading entries, 20 % fewer deaths and 10 % fewer kidnappings"
    assert MOST_FIGURES == 3 and said(falling) == f"there are {figures}"
    mixed = clear(got_aways=-30, deaths=-20, kidnapped=50, extorted=10, returned_unscreened=-10)
    assert said(mixed).endswith(
        "50 % more kidnappings, and other human costs rise too: a trade-off"
    )


@pytest.mark.parametrize(("third", "named"), [(105.0, "extortions"), (95.0, "deaths")])
def test_a_cost_without_a_percentage_is_as_important_as_one_of_a_hundred_percent(
    third: float, named: str
):
    """Deaths begin at zero, so their change is in units; two of three rising costs are named."""
    report = clear(got_aways=-30.0, kidnapped=130.0, extorted=third)
    deaths = change(0.0, 12.0, 11.0, 13.0, 10.0, 14.0)
    outcomes = report.arms[0].outcomes | {"deaths": deaths}
    text = said(with_arms(report, replace(report.arms[0], outcomes=outcomes)))
    assert "130 % more kidnappings" in text and named in text
    assert ("deaths" in text) != ("extortions" in text)


def test_entries_that_do_not_change_are_said_not_to():
    text = said(clear(got_aways=1.0, deaths=-20.0))
    assert text == "there are 20 % fewer deaths, and no meaningful change in entries (below 2 %)"
    without_entries = clear(deaths=-20.0)
    assert said(without_entries) == "there are 20 % fewer deaths"


# ---- policies that change neither entries nor human costs ---------------------------------------


def test_the_largest_of_other_changes_is_named():
    report = clear(got_aways=0.1, apprehended_us=20.0, apprehended_mexico=-30.0, turned_back=10.0)
    assert said(report).endswith("the largest other change is −30 % (apprehensions, Mexico)")


def test_a_cost_alone_is_no_change_and_a_difference_in_one_outcome_is_one():
    assert said(clear(deaths=0.0, got_aways=0.0, dollars=50.0)) == "nothing changes at all"
    assert said(clear(deaths=0.0, got_aways=0.1)).startswith("no outcome changes meaningfully")


def test_a_mean_of_zero_over_runs_that_differ_is_a_change():
    report = clear(deaths=0.0)
    outcomes = {"deaths": change(1_000.0, 0.0, -30.0, 30.0, -90.0, 90.0)}
    text = said(with_arms(report, replace(report.arms[0], outcomes=outcomes)))
    assert text == f"no outcome changes meaningfully ({WITH_ZERO})".replace("\u00a0", " ")


# ---- rules --------------------------------------------------------------------------------------


def test_two_runs_are_not_one_and_too_few_for_a_finding():
    two = clear(pairs=2, got_aways=-30.0, deaths=40.0)
    sentence = arm_sentence(two, 0)
    assert sentence.startswith("With ") and "one run" not in sentence
    assert sentence.endswith("no outcome changes meaningfully (too few runs).")
    assert arm_sentence(clear(pairs=1, got_aways=-30.0), 0).startswith("In this one run, with ")
    assert not is_trade_off(two, 0)


def test_why_a_change_is_not_meaningful_is_known_for_pairs_of_finite_changes_only():
    small = change(1_000.0, 1.0, 0.9, 1.1, 0.8, 1.2)
    assert why_not([small]) == BELOW and why_not([]) == ""
    assert why_not([replace(small, pairs=2)]) == "too few runs"
    assert why_not([replace(small, pairs=1)]) == ""
    undefined = change(1_000.0, *[float("nan")] * 5)
    assert why_not([undefined]) == "" and why_not([undefined, small]) == BELOW


@pytest.mark.parametrize(("key", "known"), [("dollars_per_averted_entry", False), ("deaths", True)])
def test_a_price_has_no_meaningful_change(key: str, known: bool):
    row = OutcomeRow(key, OUTCOMES["deaths"], 1_000.0, (change(1_000.0, 90, 80, 95, 70, 99),))
    assert is_meaningful(row, 0) is known


@pytest.mark.parametrize(
    ("good", "difference", "harm"),
    [(-1, 2.0, True), (-1, -2.0, False), (1, 2.0, False), (1, -2.0, True)]
    + [(0, 2.0, True), (0, -2.0, False), (-1, 0.0, False), (-1, -0.5, False), (1, 0.5, False)],
)
def test_a_harm_is_a_move_against_the_desired_direction_and_without_one_a_rise(
    good: int, difference: float, harm: bool
):
    row = OutcomeRow("x", Measure("", "", "", good), 1.0, (change(1.0, *[difference] * 5),))
    assert _is_harm(row, 0) is harm
