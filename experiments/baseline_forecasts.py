"""Two baseline forecasts for comparison with the model: last year's value and a linear trend.

Figures of a fiscal year are forecast from the years before it. Changes of monthly series are
forecast month by month from all months up to ``KNOWN_UNTIL``. Parts without such a series have no
forecast (NaN).
"""

from __future__ import annotations

import functools
import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from abm.world import geography
from experiments.targets import (
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

Month = tuple[int, int]


@dataclass(frozen=True, slots=True)
class BaselineForecast:
    """Forecasts of a figure by last year's value and by a linear trend; NaN where there is none."""

    last: float = math.nan
    trend: float = math.nan


def forecast(target: Target) -> BaselineForecast:
    """Forecast a part by the method in the column ``naive`` of its row."""
    return _METHODS[target.row["naive"]](target)


def trend(points: Sequence[tuple[float, float]], at: float) -> float:
    """Extrapolate the least-squares line through points; the result is never below 0.

    Args:
        points: pairs (x, y).
        at: x of the forecast.

    Returns:
        The value of the line at `at`; NaN with fewer than three points.
    """
    if len(points) < _MIN_POINTS:
        return math.nan
    x, y = (np.array(column, dtype=float) for column in zip(*points, strict=True))
    slope = float(((x - x.mean()) * (y - y.mean())).sum() / ((x - x.mean()) ** 2).sum())
    return max(0.0, float(y.mean()) + slope * (at - float(x.mean())))


# ---- figures of a fiscal year -------------------------------------------------------------------


def _years(target: Target) -> BaselineForecast:
    """Forecast a figure from the same figure of the years before."""
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
    """Return the total variation between the sector shares of last year and of this year."""
    now, then = (
        sector_shares(first_rows(_of_year(entry, year, y)), entry["column"])
        for y in (year, year - 1)
    )
    return total_variation(then, now)


def _of_year(entry: TargetRow, year: int, before: int) -> dict[str, str]:
    """Return the row of the table with another fiscal year."""
    old, new = f"fiscal_year={year}", f"fiscal_year={before}"
    return dict(entry) | {name: entry[name].replace(old, new) for name in ("where", "over_where")}


# ---- changes of monthly series ------------------------------------------------------------------


def _months(target: Target) -> BaselineForecast:
    """Forecast a change of monthly series from the months that may be known."""
    entry, known = target.row, _month(KNOWN_UNTIL[target.episode])
    groups = [first_rows(entry)[0]]
    if entry["derive"] == "change_gap":
        groups.append(other_rows(entry)[0])
    forecasts = []
    for method in (_same_month_last_year, _month_trend):
        changes = [_changed(row, known, method) for row in groups]
        forecasts.append(changes[0] - (changes[1] if len(changes) > 1 else 0.0))
    return BaselineForecast(*forecasts)


MonthForecast = Callable[[Mapping[Month, float], Month], float]


def _changed(row: Mapping[str, str], known: Month, forecast: MonthForecast) -> float:
    """Compute the change in percent between the two windows; `forecast` fills unknown months."""
    record = _record(row["group"], known)
    before, after = (
        sum(record[m] if m in record else forecast(record, m) for m in months_in_window(row[name]))
        for name in ("pre", "post")
    )
    return 100.0 * (after / before - 1.0)


def _same_month_last_year(record: Mapping[Month, float], month: Month) -> float:
    """Return the value of the same calendar month in the last known year."""
    return record[max(m for m in record if m[1] == month[1])]


def _month_trend(record: Mapping[Month, float], month: Month) -> float:
    """Extrapolate the same calendar month over all known years."""
    return trend([(y, value) for (y, m), value in record.items() if m == month[1]], month[0])


@functools.cache
def _record(group: str, known: Month) -> Mapping[Month, float]:
    """Return apprehensions by month up to the last known month."""
    last = f"{known[0]:04d}-{known[1]:02d}"
    return {(y, m): v for y, m, v in geography.monthly_by_citizenship(group, _FIRST_MONTH, last)}


def months_in_window(text: str) -> list[Month]:
    """Return the months of a window such as ``2013-08..2014-07``, including both ends."""
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
