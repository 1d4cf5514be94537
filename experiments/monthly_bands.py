"""Monthly series of historical runs beside the record, for pictures."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from abm.world import geography
from experiments import statistics
from experiments.baseline_forecasts import KNOWN_UNTIL
from experiments.run import RunResult

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

    ``simulated``: by name, shape (5, months): low90, low50, median, high50, high90.
    ``observed``: by name, NaN where there is no figure. ``known``: the last month that supply
    knows.
    """

    months: list[str]
    known: str
    simulated: dict[str, np.ndarray]
    observed: dict[str, np.ndarray]


def monthly_bands(episode: str, runs: Sequence[RunResult]) -> MonthlyBands:
    """Whole months of runs of one scenario, with the record of the same months.

    Apprehensions at the U.S. line of both groups, persons a month, and Mexico's share of
    interceptions of Northern Triangle people, 0 to 1.
    """
    months = statistics.whole_months(runs[0])
    simulated = {
        name: _quantiles(runs, f"apprehended_us_{name}", len(months), months) for name in SERIES
    }
    simulated[SHARE] = np.quantile([_share(run, months) for run in runs], _QUANTILES, axis=0)
    observed = {name: _observed_apprehensions(column, months) for name, column in SERIES.items()}
    observed[SHARE] = _published_share(months)
    return MonthlyBands(months, KNOWN_UNTIL[episode], simulated, observed)


def _quantiles(
    runs: Sequence[RunResult], name: str, count: int, months: Sequence[str]
) -> np.ndarray:
    """Five quantiles by month."""
    start = runs[0].months.index(months[0])
    rows = [run.series[name][start : start + count] for run in runs]
    return np.quantile(rows, _QUANTILES, axis=0)


def _share(run: RunResult, months: Sequence[str]) -> np.ndarray:
    """Mexico's share by month."""
    return np.array([statistics.mexico_share(run, (month, month)) for month in months])


def _observed_apprehensions(column: str, months: Sequence[str]) -> np.ndarray:
    """Apprehensions at the U.S. line by month, NaN after the record."""
    rows = geography.monthly_by_citizenship(column, last=_LAST_ON_RECORD)
    found = {f"{year:04d}-{month:02d}": value for year, month, value in rows}
    return np.array([found.get(month, np.nan) for month in months])


def _published_share(months: Sequence[str]) -> np.ndarray:
    """Mexico's share where one is published: a month's, or that of the winter it lies in."""
    found = {}
    for row in geography.table(_SHARES):
        share = float(row["mexico_share_pct"]) / 100.0
        first, last = _WINTERS.get(row["period"], (row["period"],) * 2)
        found |= {month: share for month in months if first <= month <= last}
    return np.array([found.get(month, np.nan) for month in months])
