"""Naive forecasts for comparison with the model: last year's value and a trend.

Figures for a fiscal year are forecast from the years before it. Changes in monthly series are
forecast month by month from all months up to ``KNOWN_UNTIL``. Parts without such a series have no
forecast (NaN).

For scores, naive forecasts have an error distribution. The point forecast for a yearly figure is
last year's value, or that value continued by the mean yearly log change over all years before (a
random walk with drift). Its distribution has the errors in logs that the same forecast made
one year ahead in the years before, and the same errors with the opposite sign, so that the
median is the point forecast. For a forecast h years ahead, the errors are multiplied by
√h. The COVID-19 Forecast Hub builds its baseline in this way (Cramer et al. 2022).
Errors in an episode's forecasts come from the same forecast with all windows moved back by
whole years. No value after the last known year or month is used.
"""

from __future__ import annotations

import functools
import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from abm.world import geography
from experiments.validation.targets import (
    Target,
    TargetError,
    TargetRow,
    derive,
    first_rows,
    other_rows,
    parse_selectors,
    sector_shares,
    total_variation,
)

#: The last month that a forecast of an episode may use, which is also the end of its supply.
KNOWN_UNTIL = {"2014": "2014-06", "2019": "2019-05"}
_FIRST_MONTH = "1999-10"
_MIN_POINTS = 3  # points of a trend
_WINDOWS = ("pre", "post")  # columns of the windows of a change

Month = tuple[int, int]


@dataclass(frozen=True, slots=True)
class BaselineForecast:
    """Forecasts for a figure by last year's value and by a linear trend. NaN if there is none."""

    last: float = math.nan
    trend: float = math.nan


def forecast(target: Target) -> BaselineForecast:
    """Forecast a part by the method in its row's column ``naive``."""
    return _METHODS[target.row["naive"]](target)


@dataclass(frozen=True, slots=True)
class ForecastErrors:
    """Errors (observed less forecast) in both forecasts in earlier years."""

    last: tuple[float, ...] = ()
    trend: tuple[float, ...] = ()


def past_errors(target: Target) -> ForecastErrors:
    """Compute the errors that a part's forecasts would have had in earlier years.

    The windows and the last known month are moved back by one, two and more whole years, as far as
    the record goes. Only years in which both windows end by the last known month are used.

    Args:
        target: the part.

    Returns:
        Errors in the part's unit, the latest year first. Empty unless its forecasts are
        computed from months.
    """
    if target.row["naive"] != "months":
        return ForecastErrors()
    last_month = _month(KNOWN_UNTIL[target.episode])
    years = [back for back in range(1, last_month[0]) if _recorded(target, last_month, back)]
    record = functools.partial(_observed_months, last_known=last_month)
    pairs = [
        (_change_of(target, record, back), *_month_forecasts(target, last_month, back))
        for back in years
    ]
    return ForecastErrors(
        tuple(observed - last for observed, last, _ in pairs if math.isfinite(last)),
        tuple(observed - trend for observed, _, trend in pairs if math.isfinite(trend)),
    )


def _recorded(target: Target, last_known: Month, back: int) -> bool:
    """Return whether the record has both windows `back` years earlier, and a year before them."""
    windows = [months_in_window(row[name]) for row in _window_rows(target) for name in _WINDOWS]
    first, last = min(window[0] for window in windows), max(window[-1] for window in windows)
    begin = _month(_FIRST_MONTH)
    whole_year = (last_known[0] - back - 1, last_known[1] + 1) >= begin
    ended = (last[0] - back, last[1]) <= last_known
    return whole_year and ended and (first[0] - back, first[1]) >= begin


def trend(points: Sequence[tuple[float, float]], at: float) -> float:
    """Extrapolate the least-squares line through points. The result is never below 0.

    Args:
        points: pairs (x, y).
        at: the forecast's x.

    Returns:
        The line's value at `at`. NaN with fewer than three points.
    """
    if len(points) < _MIN_POINTS:
        return math.nan
    x, y = (np.array(column, dtype=float) for column in zip(*points, strict=True))
    slope = float(((x - x.mean()) * (y - y.mean())).sum() / ((x - x.mean()) ** 2).sum())
    return max(0.0, float(y.mean()) + slope * (at - float(x.mean())))


# ---- figures of a fiscal year -------------------------------------------------------------------


def _years(target: Target) -> BaselineForecast:
    """Forecast a figure from the same figure in the years before."""
    entry = target.row
    (year,) = map(int, parse_selectors(entry["where"])["fiscal_year"])
    if entry["derive"] == "distance":
        return BaselineForecast(last=_share_distance(entry, year))
    points: list[tuple[float, float]] = []
    for before in range(year - 1, 0, -1):
        try:
            points.append((before, derive(_of_year(entry, year, before)).value))
        except TargetError:
            break  # no earlier record
    return BaselineForecast(points[0][1] if points else math.nan, trend(points, year))


def _share_distance(entry: TargetRow, year: int) -> float:
    """Return the total variation between last year's and this year's sector shares."""
    shares, earlier = (
        sector_shares(first_rows(_of_year(entry, year, y)), entry["column"])
        for y in (year, year - 1)
    )
    return total_variation(earlier, shares)


def _of_year(entry: TargetRow, year: int, before: int) -> dict[str, str]:
    """Return the table row with another fiscal year."""
    old, new = f"fiscal_year={year}", f"fiscal_year={before}"
    return dict(entry) | {name: entry[name].replace(old, new) for name in ("where", "over_where")}


# ---- changes of monthly series ------------------------------------------------------------------


def _months(target: Target) -> BaselineForecast:
    """Forecast a change in monthly series from the months that may be known."""
    return BaselineForecast(*_month_forecasts(target, _month(KNOWN_UNTIL[target.episode])))


MonthForecast = Callable[[Mapping[Month, float], Month], float]
Months = Callable[[str, Month], float]  # value of a month of a group


def _month_forecasts(target: Target, last_known: Month, back: int = 0) -> tuple[float, float]:
    """Forecast a part's change by both methods, `back` years earlier."""
    until = (last_known[0] - back, last_known[1])

    def months(method: MonthForecast) -> Months:
        return functools.partial(_known_or_forecast, last_known=until, method=method)

    last, trend = (
        _change_of(target, months(method), back) for method in (_same_month_last_year, _month_trend)
    )
    return last, trend


def _change_of(target: Target, months: Months, back: int) -> float:
    """Compute a part's change, or its first group's less its second's, `back` years earlier."""
    changes = [_changed(row, months, back) for row in _window_rows(target)]
    return changes[0] - (changes[1] if len(changes) > 1 else 0.0)


def _window_rows(target: Target) -> list[Mapping[str, str]]:
    """Return the record rows with a part's windows, one per group."""
    rows = [first_rows(target.row)[0]]
    return [*rows, other_rows(target.row)[0]] if target.row["derive"] == "change_gap" else rows


def _changed(row: Mapping[str, str], months: Months, back: int) -> float:
    """Compute the change in percent between the two windows, `back` years earlier."""
    before, after = (
        sum(months(row["group"], (y - back, m)) for y, m in months_in_window(row[name]))
        for name in _WINDOWS
    )
    return 100.0 * (after / before - 1.0)


def _observed_months(group: str, month: Month, last_known: Month) -> float:
    """Return a month's recorded value."""
    return _record(group, last_known)[month]


def _known_or_forecast(group: str, month: Month, last_known: Month, method: MonthForecast) -> float:
    """Return a month's value if it is known, else its forecast."""
    record = _record(group, last_known)
    return record[month] if month in record else method(record, month)


def _same_month_last_year(record: Mapping[Month, float], month: Month) -> float:
    """Return the value in the same calendar month in the last known year."""
    return record[max(m for m in record if m[1] == month[1])]


def _month_trend(record: Mapping[Month, float], month: Month) -> float:
    """Extrapolate the same calendar month over all known years."""
    return trend([(y, value) for (y, m), value in record.items() if m == month[1]], month[0])


@functools.cache
def _record(group: str, last_known: Month) -> Mapping[Month, float]:
    """Return apprehensions by month up to the last known month."""
    last = f"{last_known[0]:04d}-{last_known[1]:02d}"
    return {(y, m): v for y, m, v in geography.monthly_by_citizenship(group, _FIRST_MONTH, last)}


def months_in_window(text: str) -> list[Month]:
    """Return the months in a window such as ``2013-08..2014-07``, including both ends."""
    (first_year, first), (last_year, last) = map(_month, text.split(".."))
    ends = first_year * 12 + first - 1, last_year * 12 + last
    return [(n // 12, n % 12 + 1) for n in range(*ends)]


def _month(text: str) -> Month:
    """Parse ``YYYY-MM``."""
    year, _, month = text.partition("-")
    return int(year), int(month)


def _no_change(target: Target) -> BaselineForecast:
    """Forecast an unchanged value, without a trend."""
    return BaselineForecast(last=0.0)


def _no_forecast(target: Target) -> BaselineForecast:
    """Return no forecast."""
    return BaselineForecast()


_METHODS: dict[str, Callable[[Target], BaselineForecast]] = {
    "years": _years,
    "months": _months,
    "hold": _no_change,
    "": _no_forecast,
}


_MIN_CHANGES = 2  # yearly changes of a trend

Values = Mapping[int, float]  # by year


@dataclass(frozen=True, slots=True)
class NaiveSamples:
    """A figure's two naive forecast samples. Empty without a forecast."""

    last: np.ndarray
    trend: np.ndarray


def yearly_samples(values: Values, last_known: int, year: int) -> NaiveSamples:
    """Forecast one year's figure from the years up to an earlier one.

    Args:
        values: positive figures in consecutive years. Years after `last_known` are not used.
        last_known: last year that may be used.
        year: the forecast's year, after `last_known`.

    Returns:
        The samples.
    """
    before = {y: math.log(value) for y, value in values.items() if y <= last_known}
    samples = [_logs(method, before, last_known, year) for method in (last_value, drift)]
    return NaiveSamples(*(np.exp(sample) for sample in samples))


def target_samples(target: Target) -> NaiveSamples:
    """Return the forecast samples for an episode's part.

    Args:
        target: the part.

    Returns:
        The samples. A single value where no past error is known.
    """
    point, errors = forecast(target), past_errors(target)
    return NaiveSamples(
        _around(point.last, errors.last) if math.isfinite(point.last) else np.empty(0),
        _around(point.trend, errors.trend) if math.isfinite(point.trend) else np.empty(0),
    )


def last_value(before: Values, year: int) -> float:
    """Return the last known value as the forecast.

    Args:
        before: values in consecutive years.
        year: the forecast's year.

    Returns:
        The forecast. NaN without a value.
    """
    return before[max(before)] if before else math.nan


def drift(before: Values, year: int) -> float:
    """Forecast the last value, continued by the mean yearly change.

    Args:
        before: values in consecutive years.
        year: the forecast's year.

    Returns:
        The forecast. NaN with fewer than two changes.
    """
    if len(before) <= _MIN_CHANGES:
        return math.nan
    first, last = min(before), max(before)
    return before[last] + (before[last] - before[first]) / (last - first) * (year - last)


def _logs(
    method: Callable[[Values, int], float], before: Values, last_known: int, year: int
) -> np.ndarray:
    """Return a method's sample in logs. Empty without a forecast."""
    point = method(before, year)
    if math.isnan(point):
        return np.empty(0)
    errors = [
        before[past] - method({y: v for y, v in before.items() if y < past}, past)
        for past in sorted(before)
    ]
    spread = math.sqrt(year - last_known)
    return _around(point, [spread * error for error in errors if not math.isnan(error)])


def _around(point: float, errors: Sequence[float]) -> np.ndarray:
    """Return a point forecast plus errors with both signs. The point alone without errors."""
    sizes = np.abs(np.asarray(errors, float))
    return point + np.concatenate([-sizes, sizes]) if sizes.size else np.array([point])
