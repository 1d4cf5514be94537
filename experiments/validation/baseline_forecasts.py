"""Naive forecasts with which the model is compared: last year's value and a trend.

Figures for a fiscal year are forecast from earlier years. Changes in monthly series are
forecast month by month from all months up to ``KNOWN_UNTIL``. Parts without such a series have no
forecast (NaN).

For scores, naive forecasts have an error distribution. The point forecast for a yearly figure is
last year's value, or that value continued by the mean yearly log change over all earlier years (a
random walk with drift). Its distribution consists of the log errors of the same method one year
ahead in earlier years, with both signs, so that the median is the point forecast. For a forecast h
years ahead, the errors are multiplied by √h. The COVID-19 Forecast Hub builds its baseline in the
same way (Cramer et al. 2022). For an episode, errors come from the same forecast with all windows
moved back by whole years. No value after the last known year or month is used.
"""

from __future__ import annotations

import functools
import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from abm.supply_file import month_number, month_text
from abm.world import geography
from experiments.validation import targets

#: Last month that an episode's forecast may use. The episode's supply ends in the same month.
KNOWN_UNTIL = {"2014": "2014-06", "2019": "2019-05"}
_FIRST_MONTH = "1999-10"
_MIN_POINTS = 3  # minimum number of points for a trend
_MIN_CHANGES = 2  # minimum number of yearly changes for a drift
_WINDOWS = ("pre", "post")  # columns with the windows before and after a change


@dataclass(frozen=True, slots=True)
class Naive[Forecast]:
    """Two naive forecasts: last year's value and a trend. Fields are values, errors or samples."""

    last: Forecast
    trend: Forecast


def forecast(target: targets.Target) -> Naive[float]:
    """Forecast a part by the method in its column ``naive``. NaN if the column is empty."""
    method = target.row["naive"]
    if method == "years":
        return _years(target)
    if method == "months":
        return _months(target, KNOWN_UNTIL[target.episode])
    return Naive(0.0 if method == "hold" else math.nan, math.nan)  # "hold" forecasts no change


def past_errors(target: targets.Target) -> Naive[list[float]]:
    """Compute a part's forecast errors (observed minus forecast) in earlier years.

    The windows and the last known month are moved back by one, two and more whole years, as far as
    the record extends. Only years in which both windows end by the last known month are used.

    Args:
        target: pattern part to forecast.

    Returns:
        Errors in the part's unit, the latest year first. Empty unless the part is forecast from
        monthly series.
    """
    errors: Naive[list[float]] = Naive([], [])
    if target.row["naive"] != "months":
        return errors
    last_month = KNOWN_UNTIL[target.episode]
    for back in range(1, int(last_month[:4]) - int(_FIRST_MONTH[:4]) + 1):
        if _recorded(target, last_month, back):
            observed = _change_of(target, last_month, _same_month_last_year, back)
            past = _months(target, last_month, back)
            errors.last.append(observed - past.last)
            errors.trend.append(observed - past.trend)
    return Naive(*(list(filter(math.isfinite, each)) for each in (errors.last, errors.trend)))


def _recorded(target: targets.Target, last_month: str, back: int) -> bool:
    """Return whether the record has both windows `back` years earlier, and a year before them."""
    rows = _window_rows(target)
    windows = [months_in_window(row[name], back) for row in rows for name in _WINDOWS]
    first, last = min(window[0] for window in windows), max(window[-1] for window in windows)
    year_before = targets.month_after(last_month, 1 - 12 * (back + 1))
    return last <= last_month and min(first, year_before) >= _FIRST_MONTH


def trend(points: Sequence[tuple[float, float]], at: float) -> float:
    """Extrapolate the least-squares line through points. The result is never below 0.

    Args:
        points: pairs (x, y).
        at: x of the forecast.

    Returns:
        The line's value at `at`. NaN with fewer than three points.
    """
    if len(points) < _MIN_POINTS:
        return math.nan
    x, y = (np.array(column, dtype=float) for column in zip(*points, strict=True))
    slope = float(((x - x.mean()) * (y - y.mean())).sum() / ((x - x.mean()) ** 2).sum())
    return max(0.0, float(y.mean()) + slope * (at - float(x.mean())))


# ---- values of a fiscal year --------------------------------------------------------------------


def _years(target: targets.Target) -> Naive[float]:
    """Forecast a part's value from its values in earlier years."""
    entry = target.row
    (year,) = map(int, targets.parse_selectors(entry["where"])["fiscal_year"])
    if entry["derive"] == "distance":
        return Naive(_share_distance(entry, year), math.nan)
    points: list[tuple[float, float]] = []
    for before in range(year - 1, 0, -1):
        try:
            points.append((before, targets.derive(_of_year(entry, year, before)).value))
        except targets.TargetError:
            break  # the record begins after this year
    return Naive(points[0][1] if points else math.nan, trend(points, year))


def _share_distance(entry: targets.TargetRow, year: int) -> float:
    """Return the total variation between last year's and this year's sector shares."""
    shares, earlier = (
        targets.sector_shares(targets.first_rows(_of_year(entry, year, y)), entry["column"])
        for y in (year, year - 1)
    )
    return targets.total_variation(earlier, shares)


def _of_year(entry: targets.TargetRow, year: int, before: int) -> dict[str, str]:
    """Return the table row with another fiscal year."""
    old, new = f"fiscal_year={year}", f"fiscal_year={before}"
    return dict(entry) | {name: entry[name].replace(old, new) for name in ("where", "over_where")}


# ---- changes of monthly series ------------------------------------------------------------------


Record = Mapping[str, float]  # apprehensions by month
MonthForecast = Callable[[Record, str], float]


def _months(target: targets.Target, last_month: str, back: int = 0) -> Naive[float]:
    """Forecast a change in monthly series, `back` years earlier."""
    until = targets.month_after(last_month, -12 * back)
    methods = (_same_month_last_year, _month_trend)
    return Naive(*(_change_of(target, until, method, back) for method in methods))


def _change_of(target: targets.Target, until: str, method: MonthForecast, back: int) -> float:
    """Compute a part's change, or the difference between two groups' changes, `back` years earlier.

    Months after `until` are forecast.
    """
    changes = []
    for row in _window_rows(target):
        record = monthly_record(row["group"], until)
        before, after = (
            sum(
                record[month] if month in record else method(record, month)
                for month in months_in_window(row[name], back)
            )
            for name in _WINDOWS
        )
        changes.append(100.0 * (after / before - 1.0))
    return changes[0] - (changes[1] if len(changes) > 1 else 0.0)


def _window_rows(target: targets.Target) -> list[Mapping[str, str]]:
    """Return the record rows with a part's windows, one per group."""
    other = targets.other_rows(target.row)[:1] if target.row["derive"] == "change_gap" else []
    return [targets.first_rows(target.row)[0], *other]


def _same_month_last_year(record: Record, month: str) -> float:
    """Return the value in the same calendar month in the last known year."""
    return record[max(m for m in record if m[5:] == month[5:])]


def _month_trend(record: Record, month: str) -> float:
    """Extrapolate the same calendar month over all known years."""
    points = [(int(m[:4]), value) for m, value in record.items() if m[5:] == month[5:]]
    return trend(points, int(month[:4]))


@functools.cache
def monthly_record(column: str, last: str) -> Record:
    """Return apprehensions along the southwest by month.

    Args:
        column: citizenship in the record, such as ``NTCA``.
        last: the last month.

    Returns:
        Apprehensions by month from October 1999.
    """
    rows = geography.monthly_by_citizenship(column, _FIRST_MONTH, last)
    return {f"{year:04d}-{month:02d}": value for year, month, value in rows}


def months_in_window(text: str, back: int = 0) -> list[str]:
    """Return the months in a window such as ``2013-08..2014-07``, `back` years earlier."""
    first, last = (month_number(month) - 12 * back for month in text.split(".."))
    return [month_text(month) for month in range(first, last + 1)]


# ---- samples ------------------------------------------------------------------------------------

Values = Mapping[int, float]  # values by year


def yearly_samples(values: Values, last: int, year: int) -> Naive[np.ndarray]:
    """Forecast one year's value from the years up to an earlier year.

    Args:
        values: positive values in consecutive years. Years after `last` are not used.
        last: last year that may be used.
        year: the forecast's year, after `last`.

    Returns:
        The samples. A sample is empty if its method has no forecast.
    """
    before = {y: math.log(value) for y, value in values.items() if y <= last}
    samples = [_log_sample(method, before, last, year) for method in (_last_value, _drift)]
    return Naive(*map(np.exp, samples))


def target_samples(target: targets.Target) -> Naive[np.ndarray]:
    """Return the forecast samples for an episode's part.

    Args:
        target: pattern part to forecast.

    Returns:
        The samples. A sample is a single value if no past errors exist, and empty if its method
        has no forecast.
    """
    point, errors = forecast(target), past_errors(target)
    return Naive(
        spread_around(point.last, errors.last) if math.isfinite(point.last) else np.empty(0),
        spread_around(point.trend, errors.trend) if math.isfinite(point.trend) else np.empty(0),
    )


def _last_value(before: Values, year: int) -> float:
    """Return the last known value, or NaN if there is none."""
    return before[max(before)] if before else math.nan


def _drift(before: Values, year: int) -> float:
    """Continue the last value by the mean yearly change. NaN with fewer than two changes."""
    if len(before) <= _MIN_CHANGES:
        return math.nan
    first, last = min(before), max(before)
    return before[last] + (before[last] - before[first]) / (last - first) * (year - last)


def _log_sample(
    method: Callable[[Values, int], float], before: Values, last: int, year: int
) -> np.ndarray:
    """Return a method's sample in logs. Empty if the method has no forecast."""
    point = method(before, year)
    if math.isnan(point):
        return np.empty(0)
    errors = [
        before[past] - method({y: v for y, v in before.items() if y < past}, past)
        for past in sorted(before)
    ]
    spread = math.sqrt(year - last)
    return spread_around(point, [spread * error for error in errors if not math.isnan(error)])


def spread_around(point: float, errors: Sequence[float]) -> np.ndarray:
    """Return a point forecast plus errors with both signs, or the point alone if errors are empty.

    Args:
        point: point forecast.
        errors: past errors of the forecast, in the same unit.
    """
    sizes = np.abs(np.asarray(errors, float))
    return point + np.concatenate([-sizes, sizes]) if sizes.size else np.array([point])
