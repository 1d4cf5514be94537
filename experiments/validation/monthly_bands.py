"""Monthly series of historical runs and of the record, for charts."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from abm.world import geography
from experiments.runs.case import RunResult
from experiments.runs.intervals import sample_quantiles
from experiments.validation import statistics
from experiments.validation.baseline_forecasts import KNOWN_UNTIL

SERIES = {"northern_triangle": "NTCA", "mexican": "Mexico"}
SHARE = "mexico_share"
_SHARES = "mexico/mexico_share_of_apprehensions.csv"
_LAST_ON_RECORD = "2020-02"
_QUANTILES = (0.05, 0.25, 0.5, 0.75, 0.95)
_WINTERS = {
    "Oct 2013-Apr 2014": statistics.WINTER_BEFORE,
    "Oct 2014-Apr 2015": statistics.WINTER_AFTER,
}


@dataclass(frozen=True, slots=True, eq=False)
class MonthlyBands:
    """Monthly series of an episode.

    Attributes:
        months: calendar months, ``YYYY-MM``.
        known: the last month that the supply scenario knows.
        simulated: quantiles by name, shape (5, months): low90, low50, median, high50, high90.
        observed: figures of the record by name, shape (months,); NaN where there is none.
    """

    months: list[str]
    known: str
    simulated: dict[str, np.ndarray]
    observed: dict[str, np.ndarray]


def monthly_bands(episode: str, runs: Sequence[RunResult]) -> MonthlyBands:
    """Compute quantiles of the whole months of runs, with the record of the same months.

    The series are apprehensions at the U.S. line of both groups, persons per month, and Mexico's
    share of interceptions of Northern Triangle people, 0 to 1.

    Args:
        episode: key of ``KNOWN_UNTIL``.
        runs: runs of one scenario; at least one.

    Returns:
        The simulated quantiles and the record.
    """
    months = statistics.whole_months(runs[0])
    simulated = {
        name: _quantiles(runs, f"apprehended_us_{name}", len(months), months) for name in SERIES
    }
    simulated[SHARE] = sample_quantiles([_share(run, months) for run in runs], _QUANTILES)
    observed = {name: _observed_apprehensions(column, months) for name, column in SERIES.items()}
    observed[SHARE] = _published_share(months)
    return MonthlyBands(months, KNOWN_UNTIL[episode], simulated, observed)


def _quantiles(
    runs: Sequence[RunResult], name: str, count: int, months: Sequence[str]
) -> np.ndarray:
    """Compute five quantiles of a series by month."""
    start = runs[0].months.index(months[0])
    rows = [run.series[name][start : start + count] for run in runs]
    return sample_quantiles(rows, _QUANTILES)


def _share(run: RunResult, months: Sequence[str]) -> np.ndarray:
    """Compute Mexico's share by month."""
    return np.array([statistics.mexico_share(run, (month, month)) for month in months])


def _observed_apprehensions(column: str, months: Sequence[str]) -> np.ndarray:
    """Return apprehensions at the U.S. line by month; NaN after the record ends."""
    rows = geography.monthly_by_citizenship(column, last=_LAST_ON_RECORD)
    by_month = {f"{year:04d}-{month:02d}": value for year, month, value in rows}
    return np.array([by_month.get(month, np.nan) for month in months])


def _published_share(months: Sequence[str]) -> np.ndarray:
    """Return Mexico's share for months with a published figure, of the month or of its winter."""
    by_month = {}
    for row in geography.table(_SHARES):
        share = float(row["mexico_share_pct"]) / 100.0
        first, last = _WINTERS.get(row["period"], (row["period"],) * 2)
        by_month |= {month: share for month in months if first <= month <= last}
    return np.array([by_month.get(month, np.nan) for month in months])
