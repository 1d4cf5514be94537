"""Consequences of an apprehension by date, origin country and kind.

A day's tables depend on the scenario and the date alone: the declared tables, the sanctions on
record under `record = "history"`, and the changes in force, later ones over earlier ones. They are
law, not policy, so they hold in the warm-up as well. Beds, courts, hearings and the levers act on
them afterwards (:mod:`abm.phases.capacity`).
"""

from __future__ import annotations

import datetime
import functools
from dataclasses import fields
from typing import TYPE_CHECKING

import numpy as np

from abm.phases import historical_inputs
from abm.scenario.consequence_changes import RETRIES
from agents.kernel_params import ADULT, LawTables, again_tables, law_tables
from agents.labels import KINDS, NATIONS
from agents.outcomes import Consequence

if TYPE_CHECKING:
    from abm.model import BorderModel
    from abm.scenario import Scenario
    from abm.scenario.consequence_changes import ConsequenceChange

#: Table of each number of a change that is not a probability of another attempt.
_TABLES = {
    "release": "release",
    "prosecution": "prosecution",
    "voluntary_return": "voluntary",
    "stay_removal": "stay_removal",
}
_RETRY_AFTER = dict(
    zip(
        RETRIES,
        (
            Consequence.REMOVAL,
            Consequence.VOLUNTARY_RETURN,
            Consequence.PROSECUTION,
            Consequence.RETURNED_BY_MEXICO,
        ),
        strict=True,
    )
)


def update(model: BorderModel) -> None:
    """Write the consequences of the day into the kernel parameters, where they depend on the date.

    On the first warm-up day, people have seen and expect that day's release.

    Args:
        model: the model. Its kernel parameters are changed.
    """
    settings, kernel_params = model.settings, model.kernel_params[0]
    if not settings.consequence_changes and settings.record != "history":
        return
    law = law_on(settings, model.date)
    kernel_params["prosecution"] = law.prosecution[:, ADULT]
    kernel_params["voluntary"] = law.voluntary
    kernel_params["returned_to_line"] = law.returned_to_line
    kernel_params["retry"] = law.retry
    again_us, again_mx = again_tables(settings, law)
    kernel_params["again_us"] = kernel_params["again_us_law"] = again_us
    kernel_params["again_mx"] = kernel_params["again_mx_law"] = again_mx
    if model.clock == 0:
        kernel_params["release_seen"] = kernel_params["release_view"] = law.release


def law_on(settings: Scenario, date: datetime.date) -> LawTables:
    """Return the consequences of a day.

    Args:
        settings: the scenario.
        date: the day.

    Returns:
        Read-only tables by nation and kind.
    """
    year = historical_inputs.fiscal_year(date) if settings.record == "history" else None
    in_force = tuple(change for change in settings.consequence_changes if change.in_force(date))
    return _law(settings, year, in_force)


@functools.lru_cache(maxsize=64)
def _law(settings: Scenario, year: int | None, changes: tuple[ConsequenceChange, ...]) -> LawTables:
    """Return a fiscal year's tables with changes. `year` is None without the record."""
    law = law_tables(settings)
    if year is not None:
        law.voluntary[:] = historical_inputs.voluntary_return(settings.consequences, year)
    for change in changes:
        _apply(law, change)
    for field in fields(law):
        getattr(law, field.name).flags.writeable = False
    return law


def _apply(law: LawTables, change: ConsequenceChange) -> None:
    """Write the values of one change into the rows and columns that it names."""
    cells = np.ix_(
        [NATIONS.index(country) for country in change.countries],
        [KINDS.index(kind) for kind in change.kinds],
    )
    for name, table in _TABLES.items():
        value = getattr(change, name)
        if value is not None:
            getattr(law, table)[cells] = value
    for name, consequence in _RETRY_AFTER.items():
        value = getattr(change, name)
        if value is not None:
            law.retry[consequence][cells] = value
    if change.returned_to is not None:
        law.returned_to_line[cells] = float(change.returned_to == "line")
