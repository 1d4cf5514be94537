"""Naive forecasts with errors equal hand calculations and use no later value."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from experiments.validation.baseline_forecasts import (
    forecast,
    past_errors,
    target_samples,
    yearly_samples,
)
from experiments.validation.scored_runs import recorded_years
from experiments.validation.targets import target

POSITIVE = st.lists(st.floats(0.5, 1e6), min_size=4, max_size=12)


@given(POSITIVE, st.integers(1, 11))
def test_the_median_is_the_point_forecast(values: list[float], ahead: int):
    series = dict(enumerate(values, 2000))
    last = max(series)
    result = yearly_samples(series, last, last + ahead)
    logs = np.log(values)
    assert np.median(np.log(result.last)) == pytest.approx(logs[-1], abs=1e-6)
    slope = (logs[-1] - logs[0]) / (len(logs) - 1)
    assert np.median(np.log(result.trend)) == pytest.approx(logs[-1] + slope * ahead, abs=1e-6)


def test_errors_are_the_errors_of_earlier_years_with_both_signs():
    series = {2000: 1.0, 2001: math.e, 2002: math.e**4, 2003: math.e**4}
    near, far = (np.sort(np.log(yearly_samples(series, 2003, y).last)) for y in (2004, 2007))
    assert near == pytest.approx([4 - 3, 4 - 1, 4, 4, 4 + 1, 4 + 3])
    assert far - 4 == pytest.approx(2.0 * (near - 4))
    # With drift, the years before forecast 4 + 2 for 2003. Earlier years have no trend.
    trend = np.sort(np.log(yearly_samples(series, 2003, 2004).trend))
    assert trend == pytest.approx([4 + 4 / 3 - 2, 4 + 4 / 3 + 2])


@pytest.mark.parametrize("known", [2008, 2013])
def test_values_after_the_last_known_year_are_not_used(known: int):
    record = recorded_years("northern_triangle", 2019)
    noise = {y: v if y <= known else 7_777.0 * y for y, v in record.items()}
    for year in range(known + 1, 2020):
        a, b = (yearly_samples(values, known, year) for values in (record, noise))
        assert np.array_equal(a.last, b.last) and np.array_equal(a.trend, b.trend)


def test_the_past_errors_of_2019_are_the_errors_of_earlier_summers():
    result = past_errors(target("H6.northern_triangle"))
    assert len(result.last) == 18 and len(result.trend) == 16  # a trend needs three years
    sample = target_samples(target("H6.northern_triangle"))
    assert np.median(sample.last) == pytest.approx(forecast(target("H6.northern_triangle")).last)
    assert sample.last.size == 36 and np.ptp(sample.last) == pytest.approx(
        2.0 * max(map(abs, result.last))
    )
