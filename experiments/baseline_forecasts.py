"""Two naive forecasts that a model has to beat: last year's value, and a linear trend.

For figures of a fiscal year the years before it are used; for changes of monthly series every
month up to the last that may be known, month by month. Where there is no such series the forecast
is NaN.
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

#: The last month that a forecast of an episode may know: where the record of supply ends too.
KNOWN_UNTIL = {"2014": "2014-06", "2019": "2019-05"}
_FIRST_MONTH = "1999-10"
_MIN_POINTS = 3  # points of a trend

Month = tuple[int, int]


@dataclass(frozen=True, slots=True)
class BaselineForecast:
    """Forecasts of a figure: as last year, and by a linear trend; NaN where there is none."""

    last: float = math.nan
    trend: float = math.nan


def forecast(target: Target) -> BaselineForecast:
    """The two forecasts of a part, by the column ``naive`` of its row."""
    return _METHODS[target.row["naive"]](target)


def trend(points: Sequence[tuple[float, float]], at: float) -> float:
    """The value at `at` of the straight line of least squares through points (x, y); never below 0.

    NaN with fewer than three points.
    """
    if len(points) < _MIN_POINTS:
        return math.nan
    x, y = (np.array(column, dtype=float) for column in zip(*points, strict=True))
    slope = float(((x - x.mean()) * (y - y.mean())).sum() / ((x - x.mean()) ** 2).sum())
    return max(0.0, float(y.mean()) + slope * (at - float(x.mean())))


# ---- figures of a fiscal year -------------------------------------------------------------------


def _years(target: Target) -> BaselineForecast:
    """From the same figure in the years before."""
    line = target.row
    (year,) = map(int, parse_selectors(line["where"])["fiscal_year"])
    if line["derive"] == "distance":
        return BaselineForecast(last=_share_distance(line, year))
    found: list[tuple[float, float]] = []
    for before in range(year - 1, 0, -1):
        try:
            found.append((before, derive(_of_year(line, year, before)).value))
        except TargetError:
            break  # the record begins
    return BaselineForecast(found[0][1] if found else math.nan, trend(found, year))


def _share_distance(line: TargetRow, year: int) -> float:
    """Total variation of last year's sector shares from this year's."""
    now, then = (
        sector_shares(first_rows(_of_year(line, year, y)), line["column"]) for y in (year, year - 1)
    )
    return total_variation(then, now)


def _of_year(line: TargetRow, year: int, before: int) -> dict[str, str]:
    """The same row of the table for another fiscal year."""
    old, new = f"fiscal_year={year}", f"fiscal_year={before}"
    return dict(line) | {name: line[name].replace(old, new) for name in ("where", "over_where")}


# ---- changes of monthly series ------------------------------------------------------------------


def _months(target: Target) -> BaselineForecast:
    """From the months up to the last that may be known; those after it are forecast."""
    line, known = target.row, _month(KNOWN_UNTIL[target.episode])
    groups = [first_rows(line)[0]]
    if line["derive"] == "change_gap":
        groups.append(other_rows(line)[0])
    found = []
    for forecast in (_same_month_last_year, _month_trend):
        changes = [_changed(row, known, forecast) for row in groups]
        found.append(changes[0] - (changes[1] if len(changes) > 1 else 0.0))
    return BaselineForecast(*found)


MonthForecast = Callable[[Mapping[Month, float], Month], float]


def _changed(row: Mapping[str, str], known: Month, forecast: MonthForecast) -> float:
    """Change in percent between the two windows of a row, with `forecast` for unknown months."""
    record = _record(row["group"], known)
    before, after = (
        sum(record[m] if m in record else forecast(record, m) for m in months_in_window(row[name]))
        for name in ("pre", "post")
    )
    return 100.0 * (after / before - 1.0)


def _same_month_last_year(record: Mapping[Month, float], month: Month) -> float:
    """The same calendar month in the last year that is known."""
    return record[max(m for m in record if m[1] == month[1])]


def _month_trend(record: Mapping[Month, float], month: Month) -> float:
    """The trend of the same calendar month over all years that are known."""
    return trend([(y, value) for (y, m), value in record.items() if m == month[1]], month[0])


@functools.cache
def _record(group: str, known: Month) -> Mapping[Month, float]:
    """Apprehensions by month up to the last that may be known."""
    last = f"{known[0]:04d}-{known[1]:02d}"
    return {(y, m): v for y, m, v in geography.monthly_by_citizenship(group, _FIRST_MONTH, last)}


def months_in_window(text: str) -> list[Month]:
    """The months of a window such as ``2013-08..2014-07``, both ends included."""
    (first_year, first), (last_year, last) = map(_month, text.split(".."))
    ends = first_year * 12 + first - 1, last_year * 12 + last
    return [(n // 12, n % 12 + 1) for n in range(*ends)]


def _month(text: str) -> Month:
    year, _, month = text.partition("-")
    return int(year), int(month)


def _no_change(target: Target) -> BaselineForecast:
    """A change of a figure without a series: as last year means none."""
    return BaselineForecast(last=0.0)


def _no_forecast(target: Target) -> BaselineForecast:
    """No series, no forecast."""
    return BaselineForecast()


_METHODS: dict[str, Callable[[Target], BaselineForecast]] = {
    "years": _years,
    "months": _months,
    "hold": _no_change,
    "": _no_forecast,
}
