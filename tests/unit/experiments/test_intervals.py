"""Intervals: quantiles of numpy, with NaN ignored and infinity ordered above all other values."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from experiments.intervals import NO_INTERVAL, PROBABILITIES, Interval

values = st.lists(st.floats(-1e9, 1e9), min_size=1, max_size=30)


def bounds(interval: Interval) -> tuple[float, ...]:
    """Return the fields in their order."""
    names = ("median", "low50", "high50", "low90", "high90")
    return tuple(getattr(interval, name) for name in names)


@given(values)
def test_quantiles_are_those_of_numpy(sample: list[float]):
    assert bounds(Interval.of(sample)) == tuple(np.quantile(sample, PROBABILITIES))
    assert Interval.of([math.nan, *sample, math.nan]) == Interval.of(sample)


@given(values)
def test_both_constructors_agree_on_finite_values(sample: list[float]):
    expected = pytest.approx(bounds(Interval.of(sample)), rel=1e-9, abs=1e-5)
    assert bounds(Interval.with_infinity(sample)) == expected


@pytest.mark.parametrize("sample", [[], [math.nan]])
def test_no_values_have_no_interval(sample: list[float]):
    for interval in (Interval.of(sample), Interval.with_infinity(sample), NO_INTERVAL):
        assert all(map(math.isnan, bounds(interval)))


def test_quantile_next_to_infinity_is_infinite():
    interval = Interval.with_infinity([1.0, 2.0, 3.0, math.inf])
    assert (interval.median, interval.low50) == (2.5, 1.75)
    assert interval.high50 == interval.high90 == math.inf


def test_exact_value_has_an_interval_of_zero_width():
    assert bounds(Interval.exactly(3.0)) == (3.0,) * 5
