"""Monthly series: persons, dollars for fees and policies, and mean indicators."""

from __future__ import annotations

import datetime
from collections.abc import Mapping
from typing import TYPE_CHECKING

import numpy as np

from abm.measures.outcomes import MONTHLY_EVENTS, daily_spent
from abm.measures.rates import daily_counts
from abm.phases.indicators import INDICATORS
from abm.supply_series import BASE_YEAR
from abm.world import geography
from agents.labels import COUNTRIES, GROUPS, SECTORS
from agents.migrants.columns import CAUGHT, LEFT
from agents.outcomes import Event, Group, Kind

if TYPE_CHECKING:
    from abm.ledger import Ledger

MEXICAN, FOREIGN = Group.MEXICAN, Group.NORTHERN_TRIANGLE
_AWAY = [Event.GOT_AWAY_KNOWN, Event.GOT_AWAY_UNDETECTED]  # entries between ports
#: Events with a series for each group and for the adults of each group.
_PERSONS = {
    "apprehended_us": [Event.APPREHENDED_US],
    "set_out": [Event.SET_OUT],
    "attempts": [Event.LINE_ATTEMPT, Event.SURRENDERED],
    "released_us": [Event.RELEASED_US],
    "unlawful_entries": [*_AWAY, Event.PORT_ENTRY, Event.RELEASED_US],
}


def months(start: datetime.date, days: int) -> tuple[list[str], np.ndarray]:
    """List a run's calendar months.

    Args:
        start: first day.
        days: number of days.

    Returns:
        Month names (YYYY-MM), and the index of each day's month, shape (days,).
    """
    names = [str(start + datetime.timedelta(days=d))[:7] for d in range(days)]
    order, index = np.unique(names, return_inverse=True)
    return order.tolist(), index


def monthly(ledger: Ledger, start: datetime.date) -> tuple[list[str], dict[str, np.ndarray]]:
    """Compute monthly series over the recorded days.

    Args:
        ledger: ledger of the run.
        start: first recorded day.

    Returns:
        Month names, and series by name, each of shape (months,). Most series are persons per month.
        ``fees_GROUP`` is in dollars of contracts. ``spent_PAYER`` is in net dollars spent on
        policies, and its sum equals :func:`abm.measures.dollars`. ``drugs_past_border`` is in
        tonnes. ``attempts_SECTOR`` (attempts to evade, and surrenders) and series by country exist
        only if the ledger has monthly records.
    """
    names, index = months(start, ledger.day)
    e = daily_counts(ledger)

    def add(column: np.ndarray) -> np.ndarray:
        return np.bincount(index, column, len(names))

    away = e[:, _AWAY].sum(axis=1) + e[:, Event.PORT_ENTRY]
    series = {name: add(e[:, Event[name.upper()]]) for name in MONTHLY_EVENTS}
    series["deaths"] = add(ledger.expected_deaths[: ledger.day].sum(axis=1))
    series["got_aways"] = add(away)
    series["unlawful_entries"] = add(away + e[:, Event.RELEASED_US])
    columns = _by_group(ledger) | _by_kind(ledger)
    columns |= {f"spent_{payer}": paid for payer, paid in daily_spent(ledger).items()}
    columns["drugs_past_border"] = _drugs_past_border(ledger)
    series |= {k: add(v) for k, v in columns.items()}
    return names, series | _attempts(ledger, len(names)) | _by_country(ledger, len(names))


def _drugs_past_border(ledger: Ledger) -> np.ndarray:
    """Return the hard drugs that pass the border each day, in tonnes: moved less seized."""
    days, names = ledger.indicators[: ledger.day], list(INDICATORS)
    moved, seized = (
        days[:, [names.index(f"{kind}_{place}") for place in ("open_country", "ports")]]
        for kind in ("drugs", "seized")
    )
    return (moved - seized).sum(axis=1) / 365.0


def flow_ratio(series: Mapping[str, np.ndarray]) -> float:
    """Return the highest number of apprehensions in twelve months, as a ratio to FY2013.

    The base year records apprehensions as a flow. Beds, courts and the agents' response were fitted
    to this flow.

    Args:
        series: series from :func:`monthly`.

    Returns:
        The larger of the two groups' ratios. In a run shorter than a year, all months count.
    """
    ratios = [
        np.convolve(series[f"apprehended_us_{GROUPS[group]}"], np.ones(12), "valid").max()
        / geography.apprehensions_total(BASE_YEAR, citizenship)
        for group, citizenship in ((MEXICAN, "Mexico"), (FOREIGN, "NTCA"))
    ]
    return float(max(ratios))


def _by_group(ledger: Ledger) -> dict[str, np.ndarray]:
    """Return daily series by group: the events in `_PERSONS`, contracts and fees."""
    e, columns = ledger.events[: ledger.day], {}
    for group in (FOREIGN, MEXICAN):
        name = GROUPS[group]
        for series, events in _PERSONS.items():
            counts = e[:, events, group].sum(axis=1)
            columns[f"{series}_{name}"] = counts.sum(axis=1)
            columns[f"{series}_adults_{name}"] = counts[:, Kind.ADULT]
        columns[f"contracts_{name}"] = ledger.contracts[: ledger.day, group]
        columns[f"fees_{name}"] = ledger.fees[: ledger.day, group]
    return columns


def _by_kind(ledger: Ledger) -> dict[str, np.ndarray]:
    """Return daily apprehensions and got-aways between ports, for adults and for families."""
    e = ledger.events[: ledger.day]
    away, caught = e[:, _AWAY].sum(axis=(1, 2)), e[:, Event.APPREHENDED_US].sum(axis=1)
    return {
        "apprehended_us_adults": caught[:, Kind.ADULT],
        "apprehended_us_families": caught[:, Kind.FAMILY :].sum(axis=1),
        "got_aways_adults": away[:, Kind.ADULT],
        "got_aways_families": away[:, Kind.FAMILY :].sum(axis=1),
    }


def _attempts(ledger: Ledger, months: int) -> dict[str, np.ndarray]:
    """Return monthly attempts between ports by sector, or {} if the ledger has no such records."""
    if len(ledger.by_sector_month) != months:
        return {}
    events = np.array(ledger.by_sector_month)[:, _PERSONS["attempts"]]
    counts = events.sum(axis=(1, 3)).astype(float)
    return {f"attempts_{name}": counts[:, s] for s, name in enumerate(SECTORS)}


def _by_country(ledger: Ledger, months: int) -> dict[str, np.ndarray]:
    """Return monthly departures and apprehensions by country, or {} if no record has them."""
    if len(ledger.by_nation_month) != months:
        return {}
    counts = np.array(ledger.by_nation_month).astype(float)
    rows = (("set_out", LEFT), ("apprehended_us", CAUGHT))
    columns = {}
    for name, row in rows:
        for n, country in enumerate(COUNTRIES):
            persons = counts[:, row, n]
            columns[f"{name}_{country.lower()}"] = persons.sum(axis=1)
            columns[f"{name}_adults_{country.lower()}"] = persons[:, Kind.ADULT]
    return columns


def monthly_indicators(ledger: Ledger, start: datetime.date) -> dict[str, np.ndarray]:
    """Compute monthly means of every indicator over the recorded days.

    Args:
        ledger: ledger of the run.
        start: first recorded day.

    Returns:
        Means by indicator, each of shape (months,), in the unit that ``INDICATORS`` declares.
    """
    names, index = months(start, ledger.day)
    days = np.maximum(np.bincount(index, minlength=len(names)), 1)
    recorded = ledger.indicators[: ledger.day]
    return {
        name: np.bincount(index, recorded[:, k], len(names)) / days
        for k, name in enumerate(INDICATORS)
        if k < recorded.shape[1]
    }
