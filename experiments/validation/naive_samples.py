"""Naive forecasts with an error distribution, scored in the same way as the model.

The point forecast of a yearly figure is last year's value, or that value continued by the mean
yearly log change of all years before (a random walk with drift). Its distribution consists of the
errors in logs that the same forecast made one year ahead in the years before, and of the same
errors with the opposite sign, so that the median is the point forecast. For a forecast h years
ahead, the errors are multiplied by the square root of h, as for a random walk. The baseline of the
COVID-19 Forecast Hub is built in this way (Cramer et al. 2022).

Forecasts of an episode are those of ``experiments.validation.baseline_forecasts``. Their errors are
those of the same forecast with all windows moved back by whole years, in the unit of the figure.

No value after the last known year or month is used, neither for a forecast nor for its errors.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from experiments.validation.baseline_forecasts import forecast, past_errors
from experiments.validation.targets import Target

_MIN_CHANGES = 2  # yearly changes of a trend

Values = Mapping[int, float]  # by year


@dataclass(frozen=True, slots=True)
class NaiveSamples:
    """Samples of the two naive forecasts of a figure; empty without a forecast."""

    last: np.ndarray
    trend: np.ndarray


def yearly_samples(values: Values, known: int, year: int) -> NaiveSamples:
    """Forecast the figure of one year from the years up to an earlier one.

    Args:
        values: positive figures of consecutive years; years after `known` are not used.
        known: last year that may be used.
        year: the year of the forecast, after `known`.

    Returns:
        The samples.
    """
    before = {y: math.log(value) for y, value in values.items() if y <= known}
    samples = [_logs(method, before, known, year) for method in (last_value, drift)]
    return NaiveSamples(*(np.exp(sample) for sample in samples))


def target_samples(target: Target) -> NaiveSamples:
    """Return the samples of the forecasts of a part of an episode.

    Args:
        target: the part.

    Returns:
        The samples; a single value where no past error is known.
    """
    point, errors = forecast(target), past_errors(target)
    return NaiveSamples(
        _around(point.last, errors.last) if math.isfinite(point.last) else np.empty(0),
        _around(point.trend, errors.trend) if math.isfinite(point.trend) else np.empty(0),
    )


def last_value(before: Values, year: int) -> float:
    """Return the last known value as the forecast.

    Args:
        before: values of consecutive years.
        year: the year of the forecast.

    Returns:
        The forecast; NaN without a value.
    """
    return before[max(before)] if before else math.nan


def drift(before: Values, year: int) -> float:
    """Forecast the last value, continued by the mean yearly change.

    Args:
        before: values of consecutive years.
        year: the year of the forecast.

    Returns:
        The forecast; NaN with fewer than two changes.
    """
    if len(before) <= _MIN_CHANGES:
        return math.nan
    first, last = min(before), max(before)
    return before[last] + (before[last] - before[first]) / (last - first) * (year - last)


def _logs(
    method: Callable[[Values, int], float], before: Values, known: int, year: int
) -> np.ndarray:
    """Return the sample of a method in logs; empty without a forecast."""
    point = method(before, year)
    if math.isnan(point):
        return np.empty(0)
    errors = [
        before[past] - method({y: v for y, v in before.items() if y < past}, past)
        for past in sorted(before)
    ]
    ahead = math.sqrt(year - known)
    return _around(point, [ahead * error for error in errors if not math.isnan(error)])


def _around(point: float, errors: Sequence[float]) -> np.ndarray:
    """Return a point forecast plus errors of both signs; the point alone without errors."""
    sizes = np.abs(np.asarray(errors, float))
    return point + np.concatenate([-sizes, sizes]) if sizes.size else np.array([point])
