"""Horizons: outcomes and dollars in a long run over its first one, three and ten years.

Runs for horizons start on the first of a month and last whole months (``days_in_years``).
"""

from __future__ import annotations

import datetime
from collections.abc import Sequence

import numpy as np

from abm.measures import ENTRIES, HUMAN_COSTS
from abm.scenario import Scenario, SettingError
from experiments.runs.case import RunResult

#: Outcome and monthly series for the judged hard drugs.
DRUGS = "drugs_past_border"
#: Measures on which the verdict is given.
MEASURES = (*ENTRIES, DRUGS)
#: Outcomes by horizon: measures, then human costs.
OUTCOMES = MEASURES + HUMAN_COSTS
#: Payers of policies, in the order of ``Trials.spent``.
PAYERS = ("us", "mexico", "users")
#: Series with the dollars that each payer spent. They follow from planned doses and agency limits,
#: not from a dose's effect.
SPENT = tuple(f"spent_{payer}" for payer in PAYERS)
#: Horizons in years. Verdicts use the horizons in ``JUDGED``.
HORIZONS = (1, 3, 10)
JUDGED = (3, 10)
#: Both kinds of entries together. Portfolios are chosen by the mean of both logarithms.
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


def yearly(run: RunResult, names: Sequence[str], longest: int = HORIZONS[-1]) -> np.ndarray:
    """Sum monthly series over each horizon, as persons or dollars per year.

    Args:
        run: run result.
        names: series, such as ``OUTCOMES`` in persons or ``SPENT`` in dollars.
        longest: planned run length in years. Longer horizons are NaN.

    Returns:
        Sums per year, shape (names, horizons).

    Raises:
        ValueError: the run ends before the longest horizon that is not above `longest`.
    """
    months = 12 * max((years for years in HORIZONS if years <= longest), default=0)
    if len(run.months) < months:
        size = f"{len(run.months)} months, expected at least {months}"
        raise ValueError(f"the run is too short: {size}")
    series = np.array([run.series[name][:months] for name in names])
    sums = [series[:, : 12 * years].sum(axis=1) / years for years in HORIZONS]
    return np.where(np.array(HORIZONS) <= longest, np.transpose(sums), np.nan)


def long_scenario(scenario: Scenario) -> Scenario:
    """Extend a scenario to the longest horizon.

    Raises:
        SettingError: the start is not the first day of a month.
    """
    if scenario.start.day != 1:
        hint = "Give a start on the first of a month: horizons are whole months."
        raise SettingError("start", f"{scenario.start} is in the middle of a month", hint)
    return scenario.with_settings({"days": days_in_years(scenario.start, max(HORIZONS))})
