"""The contest function in the whole model: more agents, no displacement, no effect of scale."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import numpy as np
import pytest

from abm.measures import rates
from abm.model import BorderModel
from abm.policies.base import Inputs, Policy
from abm.scenario import Scenario
from abm.world.vocabulary import SECTORS
from agents.levers import Levers
from agents.outcomes import Event

TUCSON = SECTORS.index("Tucson")
#: The agency can sustain any tempo and hires at once.
UNLIMITED: dict[str, Any] = {"border_patrol.limits": False}
NO_RETRY: dict[str, Any] = {
    f"migrants.retry_{what}": 0.0
    for what in (
        *("mexican", "prosecuted", "removed", "returned_by_mexico", "turned_back", "kidnapped"),
    )
}


@dataclass(frozen=True, slots=True, kw_only=True)
class OneSector(Policy):
    """A test policy that raises the tempo in one sector only."""

    id = "one_sector"
    title = "One sector"
    arm = "agents"
    lever_names = ("us_effort",)
    claim = mechanism = expect = fails_when = "A probe."
    high = 10.0

    def _pull(self, levers: Levers, day: int, inputs: Inputs, dose: float) -> None:
        levers.us_effort[TUCSON] += dose


def _with_surge(model: BorderModel, dose: float = 2.0) -> BorderModel:
    policy = OneSector(dose=dose, start=model.today, end=model.today + 10_000)
    vars(model)["policies"] = (policy,)
    model.run_for(model.settings.days)
    return model


@pytest.mark.slow
def test_the_apprehension_probability_never_falls_with_more_agents(
    play: Callable, blind: dict
) -> None:
    """With more agents every hazard rises, and more of the same people are apprehended."""
    doses = (0.0, 0.5, 1.0, 2.0, 6.0)
    changes = blind | UNLIMITED
    frame = {"changes": changes, "warmup_days": 60, "days": 150}
    models = [play(f"patrol_surge:{dose:g}", **frame) for dose in doses]
    for fewer, more in pairwise(models):
        assert (more.conditions.line_hazard > fewer.conditions.line_hazard).all()
    q = [rates(model.ledger)["apprehension_probability"] for model in models]
    assert all(b >= a for a, b in pairwise(q)) and q[-1] > q[0] + 0.02


@pytest.mark.parametrize("lever", ["us_officers", "us_moved", "us_effort", "sensors", "fence"])
def test_no_lever_of_the_line_lowers_detection(lever: str, build: Callable) -> None:
    """Officers, tempo, sensors and fences raise the hazard in their own sector only."""
    from abm.schedule import hazards

    model = build(scale=1000, warmup_days=14, days=2)
    hazards(model)
    before = model.conditions.line_hazard.copy()
    agents = {"us_officers": 500.0, "us_moved": 500.0}
    getattr(model.levers, lever)[TUCSON] += agents.get(lever, 0.1)
    hazards(model)
    assert model.conditions.line_hazard[TUCSON] > before[TUCSON]
    others = np.arange(len(SECTORS)) != TUCSON
    assert np.array_equal(model.conditions.line_hazard[others], before[others])


def test_without_learning_there_is_no_displacement(
    build: Callable, play: Callable, blind: dict
) -> None:
    """At three times the tempo in one sector, the same people try the line at the same places."""
    changes = blind | NO_RETRY
    calm = play(changes=changes)
    surge = _with_surge(build(changes=changes))
    line, caught = Event.REACHED_LINE, Event.APPREHENDED_US
    assert np.array_equal(calm.ledger.by_sector[line], surge.ledger.by_sector[line])
    more = surge.ledger.by_sector[caught].sum(axis=1) - calm.ledger.by_sector[caught].sum(axis=1)
    assert more[TUCSON] > 0 and not np.delete(more, TUCSON).any()
    mexican_legs = calm.network.leg_state.in_mexico
    assert np.array_equal(calm.ledger.flow[mexican_legs], surge.ledger.flow[mexican_legs])


def _capacities(factor: float) -> dict[str, Any]:
    """Return every capacity that counts persons, times a factor; new organisations cannot enter."""
    s = Scenario()
    return {
        # Tied-up hours of the base year come from a record and are not a capacity.
        "border_patrol.tied_up": 0.0,
        "migrants.pool": [factor * pool for pool in s.migrants.pool],
        "migrants.legal_quota": [factor * quota for quota in s.migrants.legal_quota],
        "ports.asylum_slots": factor * s.ports.asylum_slots,
        "smugglers.overhead_week": factor * s.smugglers.overhead_week,
        "smugglers.cell_week": factor * s.smugglers.cell_week,
        "smugglers.cell_price": factor * s.smugglers.cell_price,
        "smugglers.capital": factor * s.smugglers.capital,
        "migrants.belief_prior": factor * 500.0,
        "consequences.beds": factor * s.consequences.beds,
        "consequences.courts": factor * s.consequences.courts,
        "border_patrol.response": factor * s.border_patrol.response,
        "smugglers.adaptive_entry": False,
        "mexico.response": factor * s.mexico.response,
    }


@pytest.mark.parametrize("policies", ["", "southern_border_control patrol_surge"])
def test_scaling_persons_and_capacities_scales_all_events(policies: str, play: Callable) -> None:
    """With twice the persons per row and twice the capacities, every event count doubles.

    The law holds exactly and includes learning, prices and the forces of both countries.
    """
    one = play(policies, scale=100, fill_days=60, changes=_capacities(1.0))
    two = play(policies, scale=200, fill_days=60, changes=_capacities(2.0))
    assert np.array_equal(2 * one.ledger.events, two.ledger.events)
    assert one.ledger.events.sum() > 0


def test_rates_do_not_depend_on_scale(play: Callable) -> None:
    """With 10 or 50 persons per row, rates agree within five standard errors of the coarser run."""
    changes = {"migrants.belief_prior": 5_000.0}
    fine, coarse = (play(scale=s, days=120, fill_days=60, changes=changes) for s in (10, 50))
    of = {
        "apprehension_probability": "line_attempt",
        "interdiction_effectiveness": "line_attempt",
        "set_out_share": "candidates",
        "recidivism": "first_apprehension_fy",
        "children_and_families_share": "apprehended_us",
        "smuggler_use_mexican": "set_out",
        "guided_within_30_days": "guided_done",
    }
    a, b = rates(fine.ledger), rates(coarse.ledger)
    for name, among in of.items():
        n = coarse.ledger.totals()[among] / 50
        # The attempts of one person are correlated, so a row counts less than one independent draw.
        error = math.sqrt(2.0 * a[name] * (1.0 - a[name]) * (1.0 / n + 0.2 / n))
        assert abs(a[name] - b[name]) < 5.0 * error, name
        assert error < 0.03, name


@pytest.mark.parametrize("engine", ["columns", "objects"])
def test_reports_stay_probabilities_if_nobody_detected_passes(engine: str, build: Callable) -> None:
    """Turn-backs cannot exceed those not apprehended, even if both shares exceed 1 in total."""
    shares = {"border_patrol.caught_share": 0.75, "border_patrol.turned_share": 0.35}
    hazards = {"border_patrol.line_hazard": [9.0] * 9, "border_patrol.response": 10.0}
    model = build(changes=shares | hazards, days=2, engine=engine)
    model.run_for(2)
    assert (model.market.beliefs.counts >= 0.0).all()
    assert (model.market.passage_tax_by_gate() >= 0.0).all()
