"""Inputs by fiscal year: staff, barrier, beds, sanctions and temporary work visas.

Under `record = "history"` a run follows the recorded staff by sector, barrier miles, detention
places, consequences delivered and visas issued by nation. Under "base_year" these keep their
initial values. Only inputs are read from the record, never apprehensions. Visas are an input
because law and employers' petitions set their number, not the flow at the line.
"""

from __future__ import annotations

import datetime
import functools
from typing import TYPE_CHECKING

import numpy as np

from abm import legal_channel
from abm.world import geography
from abm.world.vocabulary import SECTORS

if TYPE_CHECKING:
    from abm.model import BorderModel
    from agents.consequences import ConsequenceParams

ANCHOR_YEAR = 2013  # fiscal year for which hazards and consequences are declared
FIRST_STAFF, LAST_STAFF = 1992, 2019
_MILES = "drivers/barrier_miles.csv"
_CONSEQUENCES, _DETENTION = "us/consequence_delivery.csv", "drivers/detention_courts.csv"


def staffing(year: int) -> np.ndarray:
    """Return the Border Patrol agents in a fiscal year, or in the nearest one on record.

    Args:
        year: fiscal year.

    Returns:
        Agents by sector, shape (sectors,).
    """
    agents = geography.usbp_staffing(min(LAST_STAFF, max(FIRST_STAFF, year)))
    return np.array([agents[name] for name in SECTORS])


def fiscal_year(date: datetime.date) -> int:
    """Return the U.S. fiscal year of a date. It starts on 1 October."""
    return date.year + (date.month >= 10)


@functools.cache
def barrier_miles(year: int) -> float:
    """Return the miles of primary barrier along the southwest in a fiscal year, interpolated."""
    rows = geography.rows_where(_MILES, scope="southwest")
    years = {row["fiscal_year"] for row in rows if row["measure"].startswith("primary")} - {""}
    points = sorted((float(y), _recorded_miles(y)) for y in years)
    return float(np.interp(year, [y for y, _ in points], [miles for _, miles in points]))


def _recorded_miles(year: str) -> float:
    """Return the recorded total for a fiscal year, or pedestrian plus vehicle barrier."""
    rows = geography.rows_where(_MILES, scope="southwest", fiscal_year=year)
    miles = {row["measure"]: float(row["value"]) for row in rows}
    both = miles.get("primary_pedestrian", 0.0) + miles.get("primary_vehicle", 0.0)
    return miles.get("primary_total", both)


@functools.cache
def sanctioned_share(year: int) -> float:
    """Return the share of apprehended Mexicans with a sanction beyond voluntary return.

    Interpolated between the fiscal years on record.
    """
    rows = geography.rows_where(_CONSEQUENCES, metric="share_of_apprehended_subject_to_sanctions")
    points = sorted((float(row["period"]), float(row["value"])) for row in rows)
    return float(np.interp(year, [y for y, _ in points], [v for _, v in points]))


@functools.cache
def places(year: int) -> float:
    """Return the detention places in a fiscal year: the highest yearly mean held before that year.

    Capacity does not fall when fewer people are held. The year itself is not used, because the
    number held depends on what happens at the line. Before the record, its first year is used.
    """
    rows = geography.rows_where(_DETENTION, measure="ICE_average_daily_population")
    by_year = {int(row["fiscal_year"]): float(row["value"]) for row in rows}
    before = [persons for y, persons in by_year.items() if y < year]
    return max(before, default=by_year[min(by_year)])


def apply_year(model: BorderModel) -> None:
    """Set staff, barrier, beds and visas of the year.

    Runs on the first simulated day and on every 1 October. :mod:`abm.phases.dated_consequences`
    sets the consequences in the same step of the day.
    """
    year = fiscal_year(model.date)
    settings = model.settings
    model.patrol.rebase(staffing(year))
    miles = barrier_miles(year) / barrier_miles(ANCHOR_YEAR)
    model.patrol.fence = np.minimum(1.0, np.array(settings.border_patrol.fence_base) * miles)
    model.conditions.beds = settings.consequences.beds * places(year) / places(ANCHOR_YEAR)
    decided = legal_channel.decisions(settings.migrants, model.conditions.legal_shares)
    model.conditions.legal_quota = decided * legal_channel.visas_relative_to_base(year)


def voluntary_return(consequences: ConsequenceParams, year: int) -> np.ndarray:
    """Return the shares of Mexicans returned without a removal order in a fiscal year.

    They are interpolated from the declared shares in the anchor year to 1 where no sanction is
    applied.

    Args:
        consequences: settings with the shares of the anchor year.
        year: fiscal year.

    Returns:
        Shares by kind.
    """
    lenient = 1.0 - sanctioned_share(year)
    declared = np.array(consequences.voluntary_return)
    base = 1.0 - sanctioned_share(ANCHOR_YEAR)
    more = (lenient - base) / (1.0 - base)
    return np.clip(declared + (1.0 - declared) * more, 0.0, 1.0)
