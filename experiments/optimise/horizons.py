"""One long run, read over its first year, its first three and its first ten.

Runs that serve horizons begin on the first of a month and last whole months (``length``).
"""

from __future__ import annotations

import datetime
from collections.abc import Sequence

import numpy as np

from experiments.run import RunResult

#: Outcomes that are read by horizon: both kinds of entries, then what it costs people.
ENTRIES = ("got_aways", "unlawful_entries")
HUMAN_COSTS = ("deaths", "kidnapped", "returned_unscreened")
OUTCOMES = ENTRIES + HUMAN_COSTS
#: Years over which a portfolio is judged; a win counts over the last two.
HORIZONS = (1, 3, 10)
JUDGED = (3, 10)


def days_in_years(start: datetime.date, years: int) -> int:
    """Days of so many calendar years from a first of a month."""
    return (start.replace(year=start.year + years) - start).days


def levels(run: RunResult, horizons: Sequence[int] = HORIZONS) -> np.ndarray:
    """Persons a year by outcome and horizon, shape (len(OUTCOMES), horizons).

    Raises ``ValueError`` for a run that is too short.
    """
    months = 12 * max(horizons)
    if len(run.months) < months:
        raise ValueError(f"a run of {len(run.months)} months cannot be read over {months}")
    series = np.array([run.series[name][:months] for name in OUTCOMES])
    return np.array([series[:, : 12 * years].sum(axis=1) / years for years in horizons]).T
