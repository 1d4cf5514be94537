"""Weekly learning from reports, and route plans that are solved again on a rota."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from agents.outcomes import N_GROUPS
from agents.plans import ROTA, refresh_solo

if TYPE_CHECKING:
    from abm.model import BorderModel

REPLAN_ALL = 5.0  # change of a leg's cost by policies, $, at which all classes plan at once


def learn_and_plan(model: BorderModel) -> None:
    """Update all beliefs, then the route plans of communities, organisations and port passages.

    Every class is planned at least once in four weeks; all classes are planned at once in the
    first week and when policies change the cost of a leg by more than `REPLAN_ALL`.
    """
    planning, plans = model.planning, model.planning.plans
    planning.home_beliefs.learn()
    planning.org_beliefs.learn()
    extra = model.settings.routes.day_cost * model.levers.leg_delay + model.levers.leg_cost
    replan_all = model.week == 0 or bool(np.abs(extra + plans.extra).max() > REPLAN_ALL)
    if replan_all:
        plans.extra = -extra
    plans.queue_at_ports(model.network.leg_state.port_wait)
    home_priors = model.baseline.priors.home
    refresh_solo(plans, planning.home_beliefs, home_priors, model.week, replan_all)
    believed = _plan_organisations(model, replan_all)
    if model.network.port_legs.size and (replan_all or model.week % ROTA == 0):
        _plan_through_ports(model, believed)


def _plan_organisations(model: BorderModel, replan_all: bool) -> list[list[np.ndarray]]:
    """Plan routes of the organisations that are due; return the beliefs of each, by group."""
    plans, beliefs = model.planning.plans, model.planning.org_beliefs
    leak = min(1.0, float(model.levers.leak[0]))
    by_group: list[list[np.ndarray]] = [[] for _ in range(N_GROUPS)]
    for slot, agent in model.market.agents.items():
        stop, harm = model.baseline.priors.org[max(agent.groups)]
        believed = beliefs.stop(slot, stop)
        if leak > 0.0:  # leaked plans add true hazards to the reports of clients
            believed = (1.0 - leak) * believed + leak * _true_stop(model, slot)
        by_group[max(agent.groups)].append(believed)
        first = plans.first_guided + slot * 3
        kinds = (0,) if agent.groups == (0,) else (1, 2)
        due = replan_all or not agent.planned or (model.week + slot) % ROTA == 0
        if due or plans.changed(first + kinds[0], believed):
            agent.planned = True
            cells, feared = agent.cells_at(model.world.n_places), beliefs.harm(slot, harm)
            for kind in kinds:
                plans.guided(slot, kind, believed, feared, stop, harm, cells)
    return by_group


def _true_stop(model: BorderModel, slot: int) -> np.ndarray:
    """Return today's true chance that a client of an organisation is stopped, by leg."""
    legs = model.network.leg_state
    exposed = 1.0 - float(model.market.book["quality"][slot])
    return model.baseline.priors.stopped(legs.mx_hazard + legs.us_hazard, exposed)


def _plan_through_ports(model: BorderModel, by_group: list[list[np.ndarray]]) -> None:
    """Plan the passage through ports from the mean beliefs of the organisations of a group."""
    for group, believed in enumerate(by_group):
        if believed:
            stop, harm = model.baseline.priors.org[group]
            mean = sum(believed[1:], believed[0]) / len(believed)
            model.planning.plans.through_port(group, mean, harm, stop, harm)
