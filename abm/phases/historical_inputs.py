"""The record of the years: what changed at the line from year to year, as inputs to a run.

Under `record = "history"` a run follows real staff by sector, miles of barrier, places in detention
and the delivery of consequences; under "base_year" everything stays as it was at its start. Inputs
only: nothing here is read off apprehensions.
"""

from __future__ import annotations

import datetime
import functools
from typing import TYPE_CHECKING

import numpy as np

from abm.world import geography
from abm.world.vocabulary import SECTORS

if TYPE_CHECKING:
    from abm.model import BorderModel

ANCHOR_YEAR = 2013  # fiscal year for which hazards and consequences are declared
FIRST_STAFF, LAST_STAFF = 1992, 2019
_MILES = "drivers/barrier_miles.csv"
_CONSEQUENCES, _DETENTION = "us/consequence_delivery.csv", "drivers/detention_courts.csv"


def staffing(year: int) -> np.ndarray:
    """Border Patrol agents by sector in a fiscal year; the nearest year on record."""
    agents = geography.usbp_staffing(min(LAST_STAFF, max(FIRST_STAFF, year)))
    return np.array([agents[name] for name in SECTORS])


def fiscal_year(date: datetime.date) -> int:
    """U.S. fiscal year of a date: from 1 October."""
    return date.year + (date.month >= 10)


@functools.cache
def barrier_miles(year: int) -> float:
    """Miles of primary barrier along the southwest in a fiscal year, interpolated."""
    rows = geography.rows_where(_MILES, scope="southwest")
    told = {row["fiscal_year"] for row in rows if row["measure"].startswith("primary")} - {""}
    points = sorted((float(y), _miles(y)) for y in told)
    return float(np.interp(year, [y for y, _ in points], [miles for _, miles in points]))


def _miles(year: str) -> float:
    """Miles told for a fiscal year: the total, or pedestrian and vehicle barrier together."""
    rows = geography.rows_where(_MILES, scope="southwest", fiscal_year=year)
    last = {row["measure"]: float(row["value"]) for row in rows}
    both = last.get("primary_pedestrian", 0.0) + last.get("primary_vehicle", 0.0)
    return last.get("primary_total", both)


@functools.cache
def sanctioned_share(year: int) -> float:
    """Share of Mexicans apprehended who met a sanction beyond voluntary return, interpolated."""
    rows = geography.rows_where(_CONSEQUENCES, metric="share_of_apprehended_subject_to_sanctions")
    points = sorted((float(row["period"]), float(row["value"])) for row in rows)
    return float(np.interp(year, [y for y, _ in points], [v for _, v in points]))


@functools.cache
def places(year: int) -> float:
    """Places in detention in a fiscal year: the most that were held on average in a year before it.

    Fewer people held are no fewer places, and the year itself is not looked at: how many are held
    follows from what happens at the line. Before the record its first year.
    """
    rows = geography.rows_where(_DETENTION, measure="ICE_average_daily_population")
    known = {int(row["fiscal_year"]): float(row["value"]) for row in rows}
    before = [held for y, held in known.items() if y < year]
    return max(before, default=known[min(known)])


def apply_year(model: BorderModel) -> None:
    """On the first day and on every 1 October: the year's staff, barrier, places, consequences."""
    year = fiscal_year(model.date)
    s, kernel_params = model.settings, model.kernel_params[0]
    model.patrol.rebase(staffing(year))
    miles = barrier_miles(year) / barrier_miles(ANCHOR_YEAR)
    model.patrol.fence = np.minimum(1.0, np.array(s.border_patrol.fence_base) * miles)
    model.beds = s.consequences.beds * places(year) / places(ANCHOR_YEAR)
    lenient = 1.0 - sanctioned_share(year)
    declared, base = np.array(s.consequences.voluntary_return), 1.0 - sanctioned_share(ANCHOR_YEAR)
    # from the declared shares at the base towards everybody at no sanctions at all
    more = (lenient - base) / (1.0 - base)
    kernel_params["voluntary"] = np.clip(declared + (1.0 - declared) * more, 0.0, 1.0)
