"""What governments can do today: custody, courts, hearings, the legal channel, and what people
expect of them. Written each morning into the record of rules, from yesterday's state."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np

from abm.phases.historical_inputs import fiscal_year
from agents.migrants.columns import EPOCH

if TYPE_CHECKING:
    from abm.model import BorderModel

_YEAR = 365.0
_HOTTEST = 185  # day of the year at which deaths at the line are most frequent
_NEWS = 60.0  # days in which people notice what becomes of those who were apprehended
_MOST_YEARS = 100.0


def update(model: BorderModel) -> None:
    """Set what depends on the date, on capacity and on the levers."""
    _calendar(model)
    _custody(model)
    _legal_channel(model)
    _expect_release(model)


def _calendar(model: BorderModel) -> None:
    kernel_params, date = model.kernel_params[0], model.date
    kernel_params["fiscal_year"] = fiscal_year(date) - EPOCH
    turn = 2.0 * math.pi * (date.timetuple().tm_yday - _HOTTEST) / _YEAR
    kernel_params["heat"] = 1.0 + model.settings.migrants.heat_amplitude * math.cos(turn)


def _custody(model: BorderModel) -> None:
    """Beds, courts and asylum officers: who finds room, who is heard, who is released for want
    of room."""
    kernel_params, c, levers = model.kernel_params[0], model.settings.consequences, model.levers
    lately = model.flow_history
    held = float(model.ledger.day_tallies[0]["held"].sum())
    kernel_params["bed_free"] = _free(model.beds + float(levers.beds[0]) - held, lately.beds)
    kernel_params["court_free"] = _free(c.courts + float(levers.courts[0]), lately.courts)
    staffed = 1.0 + float(levers.asylum_officers[0]) / c.asylum_officers
    kernel_params["screening_us"] = 1.0 - (1.0 - c.screening_us) ** staffed
    hearing = 1.0 - c.stay_for_hearing * (1.0 - 1.0 / staffed)
    stay = c.stay_removal[1] * hearing * (1.0 - min(1.0, float(levers.readmission[0])))
    kernel_params["stay_removal"][1] = stay
    base = kernel_params["release_base"]
    kept = np.array(c.release_for_room) * _room(model, stay)
    kernel_params["release_share"][1] = base[1] * (1.0 - kept)
    kernel_params["wait_share"] = min(1.0, float(levers.wait_in_mexico[0]))
    violence = float(model.violence[model.world.is_line].mean()) if model.world.n_legs else 0.0
    kernel_params["wait_kidnap_hazard"] = model.settings.migrants.wait_kidnap_hazard * (
        1.0 + violence
    )


def _free(places: float, demand: float) -> float:
    return float(min(1.0, max(0.0, places) / max(demand, 1.0)))


def _room(model: BorderModel, stay: float) -> float:
    """Share of those released for want of room who could be held in places beyond the base."""
    extra = float(model.levers.beds[0])
    if extra <= 0.0:
        return 0.0
    kernel_params = model.kernel_params[0]
    let_go = kernel_params["release_share"][1].sum() / max(
        float(kernel_params["release_base"][1].sum()), 1e-9
    )
    without = model.flow_history.releases / max(float(let_go), 1e-3)
    return min(1.0, extra / max(without * (stay + 1.0), 1.0))


def _legal_channel(model: BorderModel) -> None:
    """The queue moves on; what an application is worth falls with the wait."""
    kernel_params, m = model.kernel_params[0], model.settings.migrants
    served, hope, rate = (
        kernel_params["legal_served"],
        kernel_params["legal_hope"],
        kernel_params["legal_rate"],
    )
    tickets, applied = (
        model.ledger.day_tallies[0]["tickets"].tolist(),
        model.flow_history.applied.tolist(),
    )
    for g, visas in enumerate(model.levers.visas.tolist()):
        yearly = max(m.legal_quota[g] + visas, 0.0)
        served[g] = min(float(served[g]) + yearly / _YEAR, tickets[g])
        rate[g] = yearly / _YEAR
        queue = tickets[g] - float(served[g]) + applied[g]
        years = min(queue / max(yearly, 1e-9), _MOST_YEARS)
        wanted = (1.0 - m.legal_refusal) * math.exp(-m.legal_impatience * years)
        hope[g] = wanted if yearly > 0.0 else 0.0
    kernel_params["legal_fee"] = max(0.0, m.legal_fee + float(model.levers.visa_fee[0]))


def _expect_release(model: BorderModel) -> None:
    """What people expect of an apprehension in the U.S. follows what happens, slowly."""
    kernel_params, m = model.kernel_params[0], model.settings.migrants
    base, now = kernel_params["release_base"], kernel_params["release_share"].copy()
    now[1] += (1.0 - now[1]) * (1.0 - kernel_params["bed_free"])
    now[1] *= 1.0 - kernel_params["wait_share"]
    kernel_params["release_view"] += (now - kernel_params["release_view"]) / _NEWS
    ratio = kernel_params["release_view"][1] / np.maximum(base[1], 1e-6)
    kernel_params["surrender_now"] = np.minimum(
        1.0, np.array(m.surrender) * ratio**m.surrender_slope
    )
