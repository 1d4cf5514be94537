"""Verdicts: thresholds, horizons, rivals and trade-offs for draws with a known result."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from abm.measures import ENTRIES, HUMAN_COSTS
from experiments.studies.ask.verdict import (
    MARGIN,
    ClaimCell,
    advantage,
    combined_verdict,
    human_cost_changes,
    strongest_rival,
)
from experiments.studies.optimise.horizons import HORIZONS, OUTCOMES

DRAWS = 20


def cell(
    won: int,
    *,
    claim: str = "beats",
    account: str = "joint",
    outcome: str = "got_aways",
    budget: float = 250e6,
    more: float = 0.0,
) -> ClaimCell:
    """Return a cell of twenty draws, `won` of them clear wins."""
    gain = np.where(np.arange(DRAWS)[:, None] < won, 0.10, 0.0) * np.ones(len(HORIZONS))
    costs = {name: np.full(DRAWS, more) for name in HUMAN_COSTS}
    return ClaimCell(claim, account, outcome, budget, ("a", "b"), gain, costs)


@given(st.integers(0, 2), st.floats(0.0, 0.2))
def test_a_win_needs_the_margin_over_both_judged_horizons(which: int, gain: float):
    levels = np.full((1, len(HORIZONS)), 0.2)
    levels[0, which] = gain
    one = ClaimCell("beats", "joint", "got_aways", 1e8, ("a", "b"), levels, {})
    assert one.wins[0] == (gain >= MARGIN or HORIZONS[which] == 1)


def test_a_claim_is_supported_only_if_both_measures_agree():
    measures = [cell(20, outcome=name) for name in ENTRIES]
    assert combined_verdict(measures) == ("supported", "")
    split = [cell(20, outcome=ENTRIES[0]), cell(0, outcome=ENTRIES[1])]
    assert combined_verdict(split) == ("contingent", "the measure")
    assert combined_verdict([cell(20), cell(10, outcome=ENTRIES[1])])[0] == "contingent"


def test_the_condition_of_a_contingent_claim_is_named():
    assert combined_verdict([cell(20), cell(0, budget=1e9)]) == ("contingent", "the budget")
    assert combined_verdict([cell(20), cell(0, account="us")]) == (
        "contingent",
        "whose dollars count",
    )
    assert combined_verdict([cell(10), cell(11, budget=1e9)]) == ("contingent", "the draw")
    both = [
        cell(20 if a == "joint" and b == 1.0 else 0, account=a, budget=b)
        for a in ("joint", "us")
        for b in (1.0, 2.0)
    ]
    assert combined_verdict(both) == ("contingent", "the budget, whose dollars count")


@given(st.integers(1, 5), st.integers(0, 2**32 - 1))
def test_a_win_against_the_strongest_rival_is_a_win_against_all(rivals: int, seed: int):
    rng = np.random.default_rng(seed)
    shape = (6, len(OUTCOMES), len(HORIZONS))
    ours = rng.uniform(0.85, 1.0, shape)
    theirs = rng.uniform(0.9, 1.1, (rivals, *shape))
    for outcome in ENTRIES:
        hardest = advantage(ours, strongest_rival(theirs, outcome), outcome)
        each = np.array([advantage(ours, one, outcome) for one in theirs])
        assert np.allclose(hardest, each.min(axis=0))


def test_a_rival_with_a_failed_run_makes_the_draw_unknown():
    theirs = np.ones((2, 3, len(OUTCOMES), len(HORIZONS)))
    theirs[1, 0] = np.nan
    found = advantage(np.ones(theirs.shape[1:]), strongest_rival(theirs, "got_aways"), "got_aways")
    assert np.isnan(found[0]).all() and np.isfinite(found[1:]).all()


def test_human_costs_are_relative_and_use_the_longest_horizon():
    theirs = np.full((3, len(OUTCOMES), len(HORIZONS)), 100.0)
    ours = theirs.copy()
    ours[:2, OUTCOMES.index("deaths"), -1] = 107.0
    ours[:, OUTCOMES.index("extorted"), 0] = 500.0  # the first year
    ours[2, OUTCOMES.index("deaths"), -1] = theirs[2, OUTCOMES.index("deaths"), -1] = 0.0
    more = human_cost_changes(ours, theirs)
    assert more["deaths"] == pytest.approx([0.07, 0.07, 0.0])
    assert set(more) == set(HUMAN_COSTS) and more["extorted"].tolist() == [0.0] * 3
