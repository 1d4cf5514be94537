"""A typed budget is matched, or the nearest amount that the model can spend is reported."""

from __future__ import annotations

import dataclasses

import pytest
from hypothesis import given
from hypothesis import strategies as st

from abm.policies import registry
from abm.scenario import Scenario
from abm.scenario.policy_specs import parse_policy
from viz.screen.panels.budgets import (
    STEP,
    TOLERANCE,
    dollar_bounds,
    dollars_of,
    equal_spending,
    meet_budget,
    read_millions,
    read_number,
    scaled_to,
    yearly_total,
)
from viz.screen.session.choice import STATUS_QUO, Choice

PRICED = [
    name
    for name, policy in registry().items()
    if name != STATUS_QUO and policy.full_programme().full_dollars > 0.0
]
SCENARIO = Choice(days=1003).scenario(0)


@pytest.mark.parametrize("name", PRICED)
@given(share=st.floats(0.0, 1.0))
def test_every_budget_within_the_bounds_is_met(name: str, share: float):
    low, high = dollar_bounds(name)
    budget = low + share * (high - low)
    reached = meet_budget(name, budget)
    assert abs(reached.dollars - budget) <= max(TOLERANCE * budget, STEP)
    assert not reached.limit or budget < 100 * STEP
    assert reached.dollars == pytest.approx(dollars_of(reached.text), rel=1e-12)
    assert low <= reached.dollars <= high * (1.0 + 1e-9)
    assert Choice(a=(reached.text,)).scenario(0).policies  # the model accepts the policy text


@given(st.sampled_from(PRICED), st.floats(1.001, 100.0))
def test_a_budget_above_the_maximum_gives_the_maximum(name: str, factor: float):
    high = dollar_bounds(name)[1]
    reached = meet_budget(name, high * factor)
    assert reached.limit == "most" or factor <= 1.0 + 2.0 * TOLERANCE
    assert high - STEP <= reached.dollars <= high * (1.0 + 1e-9)


@given(st.sampled_from(PRICED), st.floats(0.1, 1.0))
def test_a_budget_keeps_dates_and_numbers(name: str, share: float):
    use = parse_policy(f"{name}:0.5@2013-01-01..2014-01-01")
    changed = parse_policy(meet_budget(str(use), share * dollar_bounds(name)[1]).text)
    assert (changed.start, changed.end, changed.numbers) == (use.start, use.end, use.numbers)


@pytest.mark.parametrize(
    ("text", "dollars"),
    [
        ("250", 250e6),
        ("$249.9M", 249.9e6),
        ("249,9", 249.9e6),
        ("1,200", 1.2e9),
        ("0.25B", 250e6),
        ("500 k", 500e3),
        ("-3", -3e6),
    ],
)
def test_amounts_are_read_as_people_type_them(text: str, dollars: float):
    assert read_millions(text) == pytest.approx(dollars)


@pytest.mark.parametrize("text", ["", "many", "1.2.3", "$", "250 towers", "nan", "inf", "1e5"])
def test_other_texts_are_not_amounts(text: str):
    with pytest.raises(ValueError):
        read_millions(text)


def test_a_number_among_many_spaces_is_read_in_time_that_grows_with_its_length():
    """A regular expression that backtracks would take hours for this hostile text."""
    with pytest.raises(ValueError):
        read_number("$" + " " * 2_000_000 + "x")


# ---- totals --------------------------------------------------------------------------------------


@given(st.lists(st.sampled_from(PRICED), min_size=1, max_size=4, unique=True), st.floats(0.05, 1.0))
def test_a_world_is_scaled_to_a_total_or_as_near_as_its_instruments_allow(names, share: float):
    most = sum(dollar_bounds(name)[1] for name in names)
    total = share * most
    policies = tuple(f"{name}:0.1" for name in names)
    scaled, reached = scaled_to(policies, total, SCENARIO)
    assert reached == pytest.approx(yearly_total(scaled, SCENARIO))
    assert abs(reached - total) <= STEP * len(names)
    assert [parse_policy(text).id for text in scaled] == names


def test_the_total_is_that_of_the_day_on_which_most_is_paid():
    apart = ("fence:100M@2013-01-01..2014-01-01", "trainers:50M@2014-01-01")
    assert yearly_total(apart, SCENARIO) == pytest.approx(100e6)
    together = ("fence:100M@2013-01-01", "trainers:50M@2014-01-01")
    assert yearly_total(together, SCENARIO) == pytest.approx(150e6)
    assert yearly_total((), SCENARIO) == 0.0


@pytest.mark.parametrize("share", [1.0, 0.2])
def test_the_dearer_world_is_scaled_until_both_spend_the_same(share: float):
    """Above $100M a year, the simulated agencies spend only a part of the budget."""

    def spending(scenario: Scenario) -> float:
        planned = sum(policy.dollars or 0.0 for policy in scenario.policies)
        return min(planned, 100e6) + share * max(0.0, planned - 100e6)

    choice = Choice(a=("cameras_and_sensors:60M",), b=("southern_border_control:250M",), days=730)
    spent = [2.0 * spending(choice.scenario(world)) for world in (0, 1)]
    swapped = dataclasses.replace(choice, a=choice.b, b=choice.a)
    for one, sums in ((choice, spent), (swapped, spent[::-1])):
        equal = equal_spending(one, sums, spending)
        assert equal is not None
        levels = [spending(equal.scenario(world)) for world in (0, 1)]
        assert levels == pytest.approx([60e6, 60e6], rel=0.02)
    assert equal_spending(choice, spent, lambda scenario: 0.0) is None
