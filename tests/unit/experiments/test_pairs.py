"""Statistics of pairs: counts by sign, estimates, and prices at the limits of their definition."""

from __future__ import annotations

import math
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

from experiments.runs.intervals import Interval, mean_interval
from experiments.runs.pairs import (
    by_key,
    difference,
    estimate,
    finite_values,
    member_means,
    per_averted,
    price_per_averted,
)


def keyed(*values: float) -> dict[tuple[int, int], float]:
    """Return values by member 0 and seed."""
    return {(0, seed): value for seed, value in enumerate(values)}


def test_members_of_an_ensemble_count_once_with_the_mean_of_their_seeds():
    values = {(0, 1): 1.0, (0, 2): 3.0, (4, 1): 10.0, (4, 2): 20.0, (4, 3): 30.0}
    assert member_means(values) == [2.0, 20.0]
    result = difference(7.0, values, ensemble=True)
    assert (result.pairs, result.members, result.above) == (5, 2, 5)
    assert result.interval == Interval.of([2.0, 20.0]) == estimate(values, ensemble=True)
    mean = estimate(values, ensemble=False)
    assert (mean.median, mean.low90, mean.high90) == pytest.approx(
        mean_interval([1, 3, 10, 20, 30])
    )


def test_values_that_are_not_finite_are_left_out():
    assert finite_values([1.0, math.nan, -2.0, math.inf, -math.inf]).tolist() == [1.0, -2.0]
    assert by_key([((0, 1), math.nan), ((0, 2), 5.0), ((0, 3), math.inf)]) == {(0, 2): 5.0}
    assert finite_values([]).shape == (0,)


# ---- prices -------------------------------------------------------------------------------------


@pytest.mark.parametrize("unit", [1e-6, 1.0, 1e6])
def test_a_price_does_not_depend_on_the_unit_of_entries_or_of_money(unit: float):
    fewer, dollars = keyed(-6.0, -5.0, -4.0), keyed(50.0, 50.0, 50.0)
    plain = per_averted(dollars, fewer, ensemble=False)
    scaled = {key: unit * value for key, value in fewer.items()}
    cheap = {key: unit * value for key, value in dollars.items()}
    entries, money = (
        per_averted(d, e, ensemble=False) for d, e in ((dollars, scaled), (cheap, fewer))
    )
    assert plain.difference == pytest.approx(10.0) and math.isnan(plain.baseline)
    for name in ("difference", "low50", "high50", "low90", "high90"):
        assert getattr(entries, name) == pytest.approx(getattr(plain, name) / unit)
        assert getattr(money, name) == pytest.approx(getattr(plain, name) * unit)
    averted = Interval.of_mean([6.0, 5.0, 4.0])
    assert plain.low90 == pytest.approx(50.0 / averted.high90)
    assert plain.high90 == pytest.approx(50.0 / averted.low90)
    assert plain.low50 == pytest.approx(50.0 / averted.high50)
    assert plain.high50 == pytest.approx(50.0 / averted.low50)


def run(dollars: float, discounted: float, counted: float) -> Any:
    """Return a run with only the figures that a price uses."""
    return SimpleNamespace(
        discounted={"dollars": dollars, "got_aways": discounted}, outcomes={"got_aways": counted}
    )


@pytest.mark.parametrize(
    ("discounted", "counted", "averted"),
    [
        (-4.0, -5.0, 4.0),
        (-0.4, -0.5, 0.4),
        (-4.0, 0.0, 0.0),  # equally many entries, but later
        (-4.0, 5.0, 0.0),  # more entries, but later
        (0.0, -5.0, 0.0),
        (4.0, 5.0, -4.0),
    ],
)
def test_entries_are_averted_if_they_fall_both_counted_and_discounted(
    discounted: float, counted: float, averted: float
):
    """The second pair averts 10 entries. Both pairs cost 100 dollars more than the baseline."""
    pairs = {
        (0, 1): (run(30.0, 200.0, 300.0), run(130.0, 200.0 + discounted, 300.0 + counted)),
        (0, 2): (run(30.0, 200.0, 300.0), run(130.0, 190.0, 290.0)),
    }
    result = price_per_averted(pairs, "got_aways", ensemble=False)
    assert result.difference == pytest.approx(100.0 / np.mean([averted, 10.0]))
