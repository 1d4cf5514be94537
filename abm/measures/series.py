"""Persons a month, and monthly means of what stands."""

from __future__ import annotations

import datetime
from typing import TYPE_CHECKING

import numpy as np

from abm.gauges import GAUGES
from agents.outcomes import Event, Group

if TYPE_CHECKING:
    from abm.ledger import Ledger

MEXICAN, FOREIGN = Group.MEXICAN, Group.NORTHERN_TRIANGLE


def months(start: datetime.date, days: int) -> tuple[list[str], np.ndarray]:
    """Calendar months of a run and the month of each day."""
    dates = [start + datetime.timedelta(days=d) for d in range(days)]
    names = [d.strftime("%Y-%m") for d in dates]
    order = list(dict.fromkeys(names))
    return order, np.array([order.index(n) for n in names])


def monthly(ledger: Ledger, start: datetime.date) -> tuple[list[str], dict[str, np.ndarray]]:
    """Persons a month by outcome over the recorded days."""
    names, index = months(start, ledger.day)
    e = ledger.events[: ledger.day].sum(axis=(2, 3))
    by_group = ledger.events[: ledger.day].sum(axis=3)

    def add(column: np.ndarray) -> np.ndarray:
        return np.bincount(index, column, len(names))

    away = e[:, Event.GOT_AWAY_KNOWN] + e[:, Event.GOT_AWAY_UNDETECTED] + e[:, Event.PORT_ENTRY]
    series = {name: add(e[:, Event[name.upper()]]) for name in (
        "set_out", "apprehended_us", "apprehended_mexico", "kidnapped", "returned_unscreened")}
    series["deaths"] = add(ledger.expected_deaths[: ledger.day].sum(axis=1))
    series["got_aways"] = add(away)
    series["unlawful_entries"] = add(away + e[:, Event.RELEASED_US])
    series["apprehended_us_northern_triangle"] = add(by_group[:, Event.APPREHENDED_US, FOREIGN])
    series["apprehended_us_mexican"] = add(by_group[:, Event.APPREHENDED_US, MEXICAN])
    return names, series


def monthly_gauges(ledger: Ledger, start: datetime.date) -> dict[str, np.ndarray]:
    """Monthly means of every gauge over the recorded days, each in its unit of ``GAUGES``."""
    names, index = months(start, ledger.day)
    days = np.maximum(np.bincount(index, minlength=len(names)), 1)
    shown = ledger.gauges[: ledger.day]
    return {
        name: np.bincount(index, shown[:, k], len(names)) / days
        for k, name in enumerate(GAUGES) if k < shown.shape[1]
    }
