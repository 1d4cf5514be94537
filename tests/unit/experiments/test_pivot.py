"""Means over replicates, paired differences, and the point that represents a cell."""

from __future__ import annotations

import itertools
import math
from collections.abc import Callable

import numpy as np
import pandas as pd
import pytest

from experiments.runs.intervals import Interval
from experiments.sweeps.pivot import POINT, factors_of, pivot, point_of

DOSES, RETRIES, SEEDS = (0.0, 0.5, 1.0), (0.2, 0.4), (1, 2, 3, 4)
FACTORS = ("policy.fence", "migrants.retry_removed")
Law = Callable[[float, float, int], float]


def grid(law: Law) -> pd.DataFrame:
    """Return a frame with every combination of both factors and every seed."""
    points = list(itertools.product(DOSES, RETRIES))
    return pd.DataFrame(
        [
            {
                POINT: k,
                "seed": seed,
                FACTORS[0]: dose,
                FACTORS[1]: retry,
                "y": law(dose, retry, seed),
            }
            for seed in SEEDS
            for k, (dose, retry) in enumerate(points)
        ]
    )


def noisy(dose: float, retry: float, seed: int) -> float:
    """Return a value in which the seed has a much larger effect than the dose."""
    return 1000.0 * seed + 3.0 * dose + retry


def test_pairing_removes_the_variance_of_the_seeds():
    levels = pivot(grid(noisy), FACTORS[:1], ["y"], factors=FACTORS)
    changes = pivot(grid(noisy), FACTORS[:1], ["y"], factors=FACTORS, base=(0,))
    level, change = levels.figure("y", (2,)), changes.figure("y", (2,))
    assert level.high - level.low > 2000.0
    assert change.mean == pytest.approx(3.0) and change.high - change.low == pytest.approx(0.0)
    assert (change.replicates, change.runs) == (4, 8)
    assert changes.figure("y", (0,)).mean == 0.0


def test_a_difference_has_the_interval_of_its_mean_over_seeds_and_the_range_of_members():
    rows = grid(lambda dose, _, seed: dose * seed)
    members = rows.assign(member=rows["seed"], seed=1)
    for table, interval in ((rows, Interval.of_mean), (members, Interval.of)):
        result = pivot(table, FACTORS[:1], ["y"], factors=FACTORS, base=(0,)).figure("y", (2,))
        expected = interval([1.0, 2.0, 3.0, 4.0])
        assert (result.low, result.high) == pytest.approx((expected.low90, expected.high90))


def test_factors_off_the_axes_are_averaged_and_listed():
    result = pivot(grid(lambda _, retry, __: retry), FACTORS[:1], ["y"], factors=FACTORS)
    assert result.others == (FACTORS[1],)
    assert result.figure("y", (0,)).mean == pytest.approx(0.3)


def test_cells_that_share_no_seed_have_no_difference():
    rows = grid(noisy)
    rows["seed"] += 100 * rows[POINT]
    result = pivot(rows, FACTORS, ["y"], factors=FACTORS, base=(0, 0))
    assert result.figure("y", (2, 1)).replicates == 0
    assert math.isnan(result.figure("y", (2, 1)).mean)


def test_a_replicate_without_some_points_does_not_bias_the_mean():
    """Seed 4 has only the points with the high value."""
    rows = grid(lambda _, retry, __: 10.0 * (retry > 0.3))
    incomplete = rows[(rows["seed"] < 4) | (rows[FACTORS[1]] > 0.3)]
    figure = pivot(incomplete, FACTORS[:1], ["y"], factors=FACTORS).figure("y", (0,))
    assert (figure.mean, figure.replicates) == (5.0, 3)


def test_every_sampled_value_has_one_bin():
    rng = np.random.default_rng(1)
    rows = pd.DataFrame({POINT: range(200), "seed": 1, "x": rng.random(200), "y": 1.0})
    result = pivot(rows, ["x"], ["y"], factors=["x"])
    (axis,) = result.axes
    assert sum(result.figure("y", place).runs for place in result.places) == 200
    for (a, b), centre in zip(itertools.pairwise(axis.edges), axis.centres, strict=True):
        assert a < centre < b
    point = point_of(result, (3,), ["x"])
    inside = rows[(rows["x"] > axis.edges[3]) & (rows["x"] <= axis.edges[4])]
    assert abs(point["x"] - axis.centres[3]) == (inside["x"] - axis.centres[3]).abs().min()


def test_the_chosen_point_shares_as_many_values_as_possible():
    result = pivot(grid(noisy), FACTORS[:1], ["y"], factors=FACTORS)
    a = point_of(result, (0,), FACTORS, {FACTORS[0]: 1.0, FACTORS[1]: 0.4})
    assert (a[FACTORS[0]], a[FACTORS[1]]) == (0.0, 0.4)
    assert isinstance(a["seed"], int)


def test_only_varying_factors_can_be_chosen():
    rows = grid(noisy).assign(still=1.0)
    assert factors_of(rows, (*FACTORS, "still", "missing")) == [*FACTORS, POINT]
    assert factors_of(rows, (FACTORS[0], "still")) == [FACTORS[0]]
