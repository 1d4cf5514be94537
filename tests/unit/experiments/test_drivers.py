"""Drivers: parameters that change the sign of an effect are reported, others are not."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import spearmanr

from experiments.calibration.members import MIN_MEMBERS, find_drivers
from experiments.rows.comparison import changes_by_member


def members(n: int, names: int, seed: int) -> list[dict[str, float]]:
    """Return `n` members with independent, uniform parameters."""
    table = np.random.default_rng(seed).uniform(size=(n, names))
    return [{f"number_{k}": float(v) for k, v in enumerate(row)} for row in table]


def test_a_parameter_that_changes_the_sign_is_found_and_ranked_first():
    sample = members(60, 8, 1)
    first, *rest = find_drivers(sample, [m["number_3"] - 0.5 for m in sample])
    assert (first.name, first.turns) == ("number_3", True)
    assert first.low < 0.0 < first.high and first.rank == pytest.approx(1.0)
    assert not any(driver.turns for driver in rest)


def test_unrelated_parameters_are_rarely_significant():
    rng, significant = np.random.default_rng(3), 0
    for seed in range(40):
        result = find_drivers(members(60, 10, seed), rng.normal(size=60).tolist())
        significant += sum(driver.significant for driver in result)
    assert significant / 400 < 0.03


@given(st.lists(st.tuples(st.integers(0, 5), st.integers(0, 5)), min_size=MIN_MEMBERS, max_size=40))
def test_the_rank_correlation_agrees_with_scipy(pairs):
    values = [{"x": float(a), "y": float(i)} for i, (a, _) in enumerate(pairs)]
    effects = [float(b) for _, b in pairs]
    result = {driver.name: driver.rank for driver in find_drivers(values, effects)}
    for name, rank in result.items():
        ours = [v[name] for v in values]
        theirs = spearmanr(ours, effects).statistic if len(set(effects)) > 1 else 0.0
        assert rank == pytest.approx(theirs, abs=1e-9)


def arm(changes: dict[tuple[int, int], float]) -> Any:
    """Return an arm whose runs have these got-aways."""
    runs = {key: SimpleNamespace(outcomes={"got_aways": value}) for key, value in changes.items()}
    return SimpleNamespace(runs=runs)


def test_changes_use_the_seeds_that_both_arms_have():
    base = arm({(0, 1): 100.0, (0, 2): 200.0, (1, 1): 50.0, (2, 1): 0.0})
    more = arm({(0, 1): 110.0, (0, 2): 220.0, (1, 1): 40.0, (1, 2): 7.0, (2, 1): 3.0})
    sample = changes_by_member(base, more, "got_aways", 4)
    assert sample[:2] == pytest.approx([10.0, -20.0]) and np.isnan(sample[2:]).all()
