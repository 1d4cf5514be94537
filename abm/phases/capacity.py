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


def rule(model: BorderModel) -> None:
    """Set what depends on the date, on capacity and on the levers."""
    _calendar(model)
    _custody(model)
    _legal_channel(model)
    _expect_release(model)


def _calendar(model: BorderModel) -> None:
    rules, date = model.rules[0], model.date
    rules["fiscal_year"] = fiscal_year(date) - EPOCH
    turn = 2.0 * math.pi * (date.timetuple().tm_yday - _HOTTEST) / _YEAR
    rules["heat"] = 1.0 + model.settings.migrants.heat_amplitude * math.cos(turn)


def _custody(model: BorderModel) -> None:
    """Beds, courts and asylum officers: who finds room, who is heard, who is released for want
    of room."""
    rules, c, levers = model.rules[0], model.settings.consequences, model.levers
    lately = model.yesterday
    held = float(model.ledger.books[0]["held"].sum())
    rules["bed_free"] = _free(model.beds + float(levers.beds[0]) - held, lately.beds)
    rules["court_free"] = _free(c.courts + float(levers.courts[0]), lately.courts)
    staffed = 1.0 + float(levers.asylum_officers[0]) / c.asylum_officers
    rules["screening_us"] = 1.0 - (1.0 - c.screening_us) ** staffed
    hearing = 1.0 - c.stay_for_hearing * (1.0 - 1.0 / staffed)
    stay = c.stay_removal[1] * hearing * (1.0 - min(1.0, float(levers.readmission[0])))
    rules["stay_removal"][1] = stay
    base = rules["release_base"]
    kept = np.array(c.release_for_room) * _room(model, stay)
    rules["release_share"][1] = base[1] * (1.0 - kept)
    rules["wait_share"] = min(1.0, float(levers.wait_in_mexico[0]))
    violence = float(model.violence[model.world.is_line].mean()) if model.world.n_legs else 0.0
    rules["wait_kidnap_hazard"] = model.settings.migrants.wait_kidnap_hazard * (1.0 + violence)


def _free(places: float, demand: float) -> float:
    return float(min(1.0, max(0.0, places) / max(demand, 1.0)))


def _room(model: BorderModel, stay: float) -> float:
    """Share of those released for want of room who could be held in places beyond the base."""
    extra = float(model.levers.beds[0])
    if extra <= 0.0:
        return 0.0
    rules = model.rules[0]
    let_go = rules["release_share"][1].sum() / max(float(rules["release_base"][1].sum()), 1e-9)
    without = model.yesterday.releases / max(float(let_go), 1e-3)
    return min(1.0, extra / max(without * (stay + 1.0), 1.0))


def _legal_channel(model: BorderModel) -> None:
    """The queue moves on; what an application is worth falls with the wait."""
    rules, m = model.rules[0], model.settings.migrants
    served, hope, rate = rules["legal_served"], rules["legal_hope"], rules["legal_rate"]
    tickets, applied = model.ledger.books[0]["tickets"].tolist(), model.yesterday.applied.tolist()
    for g, visas in enumerate(model.levers.visas.tolist()):
        yearly = max(m.legal_quota[g] + visas, 0.0)
        served[g] = min(float(served[g]) + yearly / _YEAR, tickets[g])
        rate[g] = yearly / _YEAR
        queue = tickets[g] - float(served[g]) + applied[g]
        years = min(queue / max(yearly, 1e-9), _MOST_YEARS)
        wanted = (1.0 - m.legal_refusal) * math.exp(-m.legal_impatience * years)
        hope[g] = wanted if yearly > 0.0 else 0.0
    rules["legal_fee"] = max(0.0, m.legal_fee + float(model.levers.visa_fee[0]))


def _expect_release(model: BorderModel) -> None:
    """What people expect of an apprehension in the U.S. follows what happens, slowly."""
    rules, m = model.rules[0], model.settings.migrants
    base, now = rules["release_base"], rules["release_share"].copy()
    now[1] += (1.0 - now[1]) * (1.0 - rules["bed_free"])
    now[1] *= 1.0 - rules["wait_share"]
    rules["release_view"] += (now - rules["release_view"]) / _NEWS
    ratio = rules["release_view"][1] / np.maximum(base[1], 1e-6)
    rules["surrender_now"] = np.minimum(1.0, np.array(m.surrender) * ratio**m.surrender_slope)
