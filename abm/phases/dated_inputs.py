"""Inputs that depend on the date: staff, barrier, beds, visas, and consequences of apprehension.

Under `record = "history"`, a run follows recorded staff by sector, barrier miles, detention places,
consequences, and visas by nation. Under "base_year", these inputs keep their initial values. A run
reads only inputs from the record, never apprehensions. Visas count as an input, because law and
employers' petitions set their number, not the flow at the line.

Consequences are tables by origin country and kind, which start from the declared values. Under
"history", recorded sanctions replace some of these values. Then the changes in force apply, and
later changes override earlier changes. Consequences follow from law, not from policies, so they
also hold in the warm-up. :mod:`abm.phases.capacity` then applies beds, courts, hearings and levers.
"""

from __future__ import annotations

import datetime
import functools
from dataclasses import fields
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from abm import legal_channel
from abm.scenario.consequence_changes import RETRIES
from abm.world import geography
from abm.world.vocabulary import SECTORS
from agents.kernel_params import ADULT, LawTables, again_tables, law_tables
from agents.labels import KINDS, NATIONS
from agents.outcomes import Consequence

if TYPE_CHECKING:
    from abm.model import BorderModel
    from abm.scenario import Scenario
    from abm.scenario.consequence_changes import ConsequenceChange
    from agents.consequences import ConsequenceParams
    from agents.migrants.migrant_params import MigrantParams


ANCHOR_YEAR = 2013  # fiscal year for which hazards and consequences are declared
FIRST_STAFF, LAST_STAFF = 1992, 2019
_MILES = "drivers/barrier_miles.csv"
_CONSEQUENCES, _DETENTION = "us/consequence_delivery.csv", "drivers/detention_courts.csv"


def staffing(year: int) -> np.ndarray:
    """Return Border Patrol agents in a fiscal year, or in the nearest recorded year.

    Args:
        year: fiscal year.

    Returns:
        Agents by sector, shape (sectors,).
    """
    agents = geography.usbp_staffing(min(LAST_STAFF, max(FIRST_STAFF, year)))
    return np.array([agents[name] for name in SECTORS])


def fiscal_year(date: datetime.date) -> int:
    """Return the U.S. fiscal year that includes a date. It starts on 1 October."""
    return date.year + (date.month >= 10)


@functools.cache
def barrier_miles(year: int) -> float:
    """Return miles of primary barrier along the southwest border in a fiscal year.

    Miles between recorded years are interpolated.
    """
    rows = geography.rows_where(_MILES, scope="southwest")
    years = {row["fiscal_year"] for row in rows if row["measure"].startswith("primary")} - {""}
    points = sorted((float(y), _recorded_miles(y)) for y in years)
    return float(np.interp(year, [y for y, _ in points], [miles for _, miles in points]))


def _recorded_miles(year: str) -> float:
    """Return miles recorded for a fiscal year: the total, or pedestrian plus vehicle barrier."""
    rows = geography.rows_where(_MILES, scope="southwest", fiscal_year=year)
    miles = {row["measure"]: float(row["value"]) for row in rows}
    both = miles.get("primary_pedestrian", 0.0) + miles.get("primary_vehicle", 0.0)
    return miles.get("primary_total", both)


@functools.cache
def sanctioned_share(year: int) -> float:
    """Return the share of apprehended Mexicans with a sanction beyond voluntary return.

    Shares between recorded fiscal years are interpolated.
    """
    rows = geography.rows_where(_CONSEQUENCES, metric="share_of_apprehended_subject_to_sanctions")
    points = sorted((float(row["period"]), float(row["value"])) for row in rows)
    return float(np.interp(year, [y for y, _ in points], [v for _, v in points]))


@functools.cache
def places(year: int) -> float:
    """Return detention places in a fiscal year.

    The number is the highest mean daily population in earlier years, because capacity does not fall
    when fewer people are detained. The population in the year itself is not used, because it
    depends on events at the line. A year before the record gets the value of the first recorded
    year.
    """
    rows = geography.rows_where(_DETENTION, measure="ICE_average_daily_population")
    by_year = {int(row["fiscal_year"]): float(row["value"]) for row in rows}
    before = [persons for y, persons in by_year.items() if y < year]
    return max(before, default=by_year[min(by_year)])


def apply_year(model: BorderModel) -> None:
    """Set staff, barrier, beds and visas to the current fiscal year's record.

    The model calls this function on the first simulated day and on every 1 October.
    :func:`update_consequences` sets the consequences in the same step of the day.
    """
    year = fiscal_year(model.date)
    settings = model.settings
    model.patrol.rebase(staffing(year))
    miles = barrier_miles(year) / barrier_miles(ANCHOR_YEAR)
    model.patrol.fence = np.minimum(1.0, np.array(settings.border_patrol.fence_base) * miles)
    model.conditions.beds = settings.consequences.beds * places(year) / places(ANCHOR_YEAR)
    decided = legal_channel.decisions(settings.migrants, model.conditions.legal_shares)
    model.conditions.legal_quota = decided * legal_channel.visas_relative_to_base(year)


def open_employers(model: BorderModel) -> None:
    """Set the employers' visas and construction employment for the fiscal year.

    The model calls this function on the first simulated day and on every 1 October, after
    :func:`apply_year`.
    """
    settings, decided = model.settings, model.conditions.legal_quota
    year = fiscal_year(model.date) if settings.record == "history" else ANCHOR_YEAR
    legal_channel.open_year(model.employers, decided, settings.migrants, year)


def voluntary_return(consequences: ConsequenceParams, year: int) -> np.ndarray:
    """Return the share of Mexicans who return without a removal order in a fiscal year.

    The shares follow the recorded share of Mexicans without a sanction. They equal the declared
    shares in the anchor year, and would be 1 if no Mexican had a sanction.

    Args:
        consequences: settings with the shares in the anchor year.
        year: fiscal year.

    Returns:
        Shares, shape (kinds,).
    """
    lenient = 1.0 - sanctioned_share(year)
    declared = np.array(consequences.voluntary_return)
    base = 1.0 - sanctioned_share(ANCHOR_YEAR)
    more = (lenient - base) / (1.0 - base)
    return np.clip(declared + (1.0 - declared) * more, 0.0, 1.0)


#: Table that each attribute of a change sets. RETRIES has the other attributes, which are
#: probabilities of another attempt.
_TABLES = {
    "release": "release",
    "prosecution": "prosecution",
    "voluntary_return": "voluntary",
    "stay_removal": "stay_removal",
    "release_without_bed": "release_without_bed",
}


def update_consequences(model: BorderModel) -> None:
    """Write the day's consequences to the kernel parameters, if they have changed since yesterday.

    On the first warm-up day, the release shares that people have observed and expect are set to
    that day's shares.

    Args:
        model: the model. Its kernel parameters change.
    """
    settings, kernel_params = model.settings, model.kernel_params[0]
    if not settings.consequence_changes and settings.record != "history":
        return
    yesterday = model.date - datetime.timedelta(days=1)
    if model.clock > 0 and _in_force(settings, model.date) == _in_force(settings, yesterday):
        return
    law = law_on(settings, model.date)
    kernel_params["release_law"], kernel_params["stay_removal_law"] = law.release, law.stay_removal
    kernel_params["prosecution"] = law.prosecution[:, ADULT]
    kernel_params["voluntary"] = law.voluntary
    kernel_params["release_without_bed"] = law.release_without_bed
    kernel_params["returned_to_line"] = law.returned_to_line
    kernel_params["retry"] = law.retry
    again_us, again_mx = again_tables(settings, law)
    kernel_params["again_us"] = kernel_params["again_us_law"] = again_us
    kernel_params["again_mx"] = kernel_params["again_mx_law"] = again_mx
    if model.clock == 0:
        for name in ("release_seen", "release_usual", "release_view"):
            kernel_params[name] = law.release


def law_on(settings: Scenario, date: datetime.date) -> LawTables:
    """Return the consequences in force on a day, before capacity and levers.

    Args:
        settings: the scenario.
        date: the day.

    Returns:
        Read-only tables by nation and kind.
    """
    return _law(_Groups(settings.migrants, settings.consequences), *_in_force(settings, date))


def _in_force(
    settings: Scenario, date: datetime.date
) -> tuple[int | None, tuple[ConsequenceChange, ...]]:
    """Return the record's fiscal year (None under "base_year") and the changes in force."""
    year = fiscal_year(date) if settings.record == "history" else None
    return year, tuple(change for change in settings.consequence_changes if change.in_force(date))


class _Groups(NamedTuple):
    """Settings that determine the law, hashed by identity for use as a cache key.

    A hash of all values would take 5 us every day.
    """

    migrants: MigrantParams
    consequences: ConsequenceParams

    def __hash__(self) -> int:
        return id(self.consequences)


@functools.lru_cache(maxsize=64)
def _law(groups: _Groups, year: int | None, changes: tuple[ConsequenceChange, ...]) -> LawTables:
    """Return the law tables for a fiscal year, with the changes in force.

    Args:
        groups: the settings for migrants and for consequences.
        year: fiscal year, None to use the declared values without the record.
        changes: changes in force, applied in this order.
    """
    law = law_tables(groups)
    if year is not None:
        law.voluntary[:] = voluntary_return(groups.consequences, year)
    for change in changes:
        _apply(law, change)
    expelled, voluntary = law.retry[Consequence.EXPULSION], law.retry[Consequence.VOLUNTARY_RETURN]
    np.maximum(expelled, voluntary, out=expelled)
    for field in fields(law):
        getattr(law, field.name).flags.writeable = False
    return law


def _apply(law: LawTables, change: ConsequenceChange) -> None:
    """Write one change's values into the rows and columns that it names."""
    cells = np.ix_(
        [NATIONS.index(country) for country in change.countries],
        [KINDS.index(kind) for kind in change.kinds],
    )
    for name, table in _TABLES.items():
        value = getattr(change, name)
        if value is not None:
            getattr(law, table)[cells] = value
    for name, consequence in RETRIES.items():
        value = getattr(change, name)
        if value is not None:
            law.retry[consequence][cells] = value
    if change.returned_to is not None:
        law.returned_to_line[cells] = float(change.returned_to == "line")
