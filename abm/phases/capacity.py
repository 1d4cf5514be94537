"""Government capacity: custody, courts, hearings, the legal channel and expectations.

Every morning, the module computes these values from the state after the previous day, and writes
them to the parameter record for the migrant kernels.
"""

from __future__ import annotations

import datetime
from typing import TYPE_CHECKING

import numpy as np

from abm.legal_channel import granted_share
from abm.phases.dated_inputs import fiscal_year, law_on
from agents.migrants.columns import EPOCH
from agents.migrants.kernels import set_custody, set_outlook
from agents.outcomes import GROUP_OF_NATION, Group

if TYPE_CHECKING:
    from abm.model import BorderModel

_FOREIGN = GROUP_OF_NATION == Group.NORTHERN_TRIANGLE


def update(model: BorderModel) -> None:
    """Set the kernel parameters that depend on the date, capacity and levers."""
    levers, history, conditions = model.levers, model.flow_history, model.conditions
    records = model.kernel_params, model.ledger.day_tallies, levers.records
    date = model.date
    day_of_year = date.toordinal() - datetime.date(date.year, 1, 1).toordinal() + 1
    at_line = conditions.fighting[model.network.line_legs]
    violence = float(np.add.reduce(at_line) / at_line.size) if at_line.size else 0.0
    moment, demand = (fiscal_year(date) - EPOCH, day_of_year), (history.beds, history.courts)
    set_custody(*records, moment, conditions.beds, demand, violence)
    _limit_waiting(model)
    granted = granted_share(model.settings.migrants)
    set_outlook(
        *records,
        (conditions.legal_quota, model.employers.new_workers / granted),
        history.applied,
        _detainable_share(model),
    )


def _limit_waiting(model: BorderModel) -> None:
    """Limit how many people are sent to wait in Mexico to the cases that policies request.

    The limit is based on the mean number of eligible people over the last four weeks.
    """
    limit, history = float(model.levers.wait_cases[0]) / 365.0, model.flow_history
    p, eligible = model.kernel_params[0], history.releases + history.waiting
    if limit > 0.0 and eligible > 0.0:
        p["wait_share"] = min(float(p["wait_share"]), limit / eligible)


def waiting_share(model: BorderModel) -> float:
    """Return the share of the waiting cases requested by policies that is in use.

    It is based on how many people a day were sent to wait, mean over the last four weeks.
    """
    cases = float(model.levers.wait_cases[0])
    return min(1.0, 365.0 * model.flow_history.waiting / cases) if cases > 0.0 else 1.0


def _detainable_share(model: BorderModel) -> float:
    """Return the share of releases for lack of beds that the policies' beds could prevent."""
    extra = float(model.levers.beds[0])
    if extra <= 0.0:
        return 0.0
    yesterday = law_on(model.settings, model.date - datetime.timedelta(days=1))
    released = model.kernel_params[0]["release_share"][_FOREIGN].sum() / max(
        float(yesterday.release[_FOREIGN].sum()), 1e-9
    )
    without = model.flow_history.releases / max(float(released), 1e-3)
    stays = model.kernel_params[0]["stay_removal"][_FOREIGN]
    first = float(stays.flat[0])
    stay = first + float((stays - first).mean())  # exact if all stays are equal
    return min(1.0, extra / max(without * (stay + 1.0), 1.0))
