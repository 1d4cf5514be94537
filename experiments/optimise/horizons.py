"""Horizons: outcomes of one long run over its first year, first three years and first ten years.

Runs for horizons start on the first of a month and last whole months (``days_in_years``).
"""

from __future__ import annotations

import datetime
from collections.abc import Sequence

import numpy as np

from experiments.case import RunResult

#: Outcomes by horizon: both kinds of entries, then human costs.
ENTRIES = ("got_aways", "unlawful_entries")
HUMAN_COSTS = ("deaths", "kidnapped", "extorted", "returned_unscreened")
OUTCOMES = ENTRIES + HUMAN_COSTS
#: Horizons in years; a win needs the margin over those in ``JUDGED``.
HORIZONS = (1, 3, 10)
JUDGED = (3, 10)
#: Both kinds of entries together: the mean of their logarithms, for which a portfolio is chosen.
BOTH = "both_entries"


def days_in_years(start: datetime.date, years: int) -> int:
    """Return the number of days in calendar years.

    Args:
        start: first day, the first of a month.
        years: number of years.

    Returns:
        Days from `start`.
    """
    return (start.replace(year=start.year + years) - start).days


def levels(
    run: RunResult, horizons: Sequence[int] = HORIZONS, longest: int | None = None
) -> np.ndarray:
    """Compute persons per year by outcome and horizon.

    Args:
        run: result of a run.
        horizons: years from the start.
        longest: years that the run was planned for; longer horizons are NaN. None: all horizons.

    Returns:
        Levels, shape (len(OUTCOMES), len(horizons)).

    Raises:
        ValueError: if the run is shorter than the longest horizon up to `longest`.
    """
    longest = max(horizons) if longest is None else longest
    months = 12 * max((years for years in horizons if years <= longest), default=0)
    if len(run.months) < months:
        raise ValueError(
            f"the run is too short: {len(run.months)} months, expected at least {months}"
        )
    series = np.array([run.series[name][:months] for name in OUTCOMES])
    missing = np.full(len(OUTCOMES), np.nan)
    return np.array(
        [
            series[:, : 12 * years].sum(axis=1) / years if years <= longest else missing
            for years in horizons
        ]
    ).T
