"""Intervals: quantiles of a sample, Student's t intervals of a mean, and their coverage."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from experiments.runs.intervals import LEVEL, PROBABILITIES, Interval, mean_interval, range_words

values = st.lists(st.floats(-1e9, 1e9), min_size=1, max_size=30)


def bounds(interval: Interval) -> tuple[float, ...]:
    """Return the median and the bounds of an interval as a tuple."""
    names = ("median", "low50", "high50", "low90", "high90")
    return tuple(getattr(interval, name) for name in names)


@given(values)
def test_quantiles_are_of_the_weibull_type(sample: list[float]):
    expected = tuple(np.quantile(sample, PROBABILITIES, method="weibull"))
    assert bounds(Interval.of(sample)) == pytest.approx(expected, rel=1e-12, abs=1e-9)
    assert Interval.of([math.nan, *sample, math.nan]) == Interval.of(sample)


def test_two_values_have_an_interval_of_their_mean_and_one_value_has_no_width():
    assert bounds(Interval.of_mean([3.0])) == (3.0,) * 5
    wide = math.tan(0.45 * math.pi)  # quantile of Student's t with one degree of freedom
    expected = (2.0, 1.0, 3.0, 2.0 - wide, 2.0 + wide)
    assert bounds(Interval.of_mean([1.0, 3.0])) == pytest.approx(expected)


@pytest.mark.parametrize("count", [*range(1, 45), 60, 100, 231])
def test_the_words_of_a_range_count_the_values_inside(count: int):
    sample = np.random.default_rng(count).standard_normal(count)
    result, text = Interval.of(sample), range_words(count)
    inside = int(((result.low90 <= sample) & (sample <= result.high90)).sum())
    if inside == count:
        assert text == f"lowest to highest of {count} runs"
        assert (result.low90, result.high90) == (sample.min(), sample.max())
    else:
        assert text == f"middle {inside} of {count} runs" and count >= 19


def test_quantile_next_to_infinity_is_infinite():
    interval = Interval.with_infinity([1.0, 2.0, 3.0, math.inf])
    assert (interval.median, interval.low50) == (2.5, 1.25)
    assert interval.high50 == interval.high90 == math.inf


@pytest.mark.parametrize("count", [3, 9, 24])
def test_intervals_of_a_mean_contain_it_in_nine_cases_of_ten(count: int):
    """For normal pairs, the share of intervals that contain the mean is 90 % up to chance."""
    worlds = 40_000
    pairs = np.random.default_rng(count).normal(3.0, 2.0, (count, worlds))
    _, low, high = mean_interval(pairs)
    error = math.sqrt(LEVEL * (1.0 - LEVEL) / worlds)
    assert np.mean((low <= 3.0) & (high >= 3.0)) == pytest.approx(LEVEL, abs=4.0 * error)


@pytest.mark.parametrize("count", [19, 40])
def test_the_range_of_a_sample_contains_one_further_value_in_nine_cases_of_ten(count: int):
    worlds = 4_000
    rng = np.random.default_rng(count)
    result = [Interval.of(row) for row in rng.exponential(size=(worlds, count))]
    new = rng.exponential(size=worlds)
    inside = [x.low90 <= y <= x.high90 for x, y in zip(result, new, strict=True)]
    error = math.sqrt(LEVEL * (1.0 - LEVEL) / worlds)
    assert np.mean(inside) == pytest.approx(LEVEL, abs=4.0 * error)


@given(values)
def test_an_interval_of_a_mean_lies_around_it_and_within_it_at_equal_values(sample: list[float]):
    result = Interval.of_mean(sample)
    assert result.low90 <= result.low50 <= result.median <= result.high50 <= result.high90
    assert min(sample) <= result.median <= max(sample)
    assert Interval.of_mean([sample[0]] * 7) == Interval.exactly(sample[0])
    assert Interval.of_mean(sample[::-1]) == result
