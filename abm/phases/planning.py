"""Weekly learning from reports, and route plans that are solved again on a rota."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from agents.outcomes import N_GROUPS
from agents.plans import ROTA, Believed, refresh_solo

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
    planning.org_beliefs.learn(int(model.market.book["top"]))
    toll = model.settings.routes.day_cost * model.levers.leg_delay + model.levers.leg_cost
    replan_all = model.week == 0 or bool(np.abs(toll - plans.toll).max() > REPLAN_ALL)
    if replan_all:
        plans.set_toll(toll)
    plans.queue_at_ports(model.network.leg_state.port_wait)
    home_priors = model.baseline.priors.home
    refresh_solo(plans, planning.home_beliefs, home_priors, model.week, replan_all)
    believed = _plan_organisations(model, replan_all)
    if model.network.port_legs.size and (replan_all or model.week % ROTA == 0):
        _plan_through_ports(model, believed)


def _plan_organisations(model: BorderModel, replan_all: bool) -> list[list[np.ndarray]]:
    """Plan routes of the organisations that are due; return the beliefs of each, by group."""
    plans, beliefs = model.planning.plans, model.planning.org_beliefs
    by_group: list[list[np.ndarray]] = [[] for _ in range(N_GROUPS)]
    agents = list(model.market.agents.values())
    if not agents:
        return by_group
    slots = np.array([agent.slot for agent in agents])
    priors = [model.baseline.priors.org[max(agent.groups)] for agent in agents]
    believed = beliefs.stop(slots, np.array([stop for stop, _ in priors]))
    leak = min(1.0, float(model.levers.leak[0]))
    if leak > 0.0:  # leaked plans add true hazards to the reports of clients
        legs, quality = model.network.leg_state, model.market.book["quality"][slots]
        hazard, stopped = legs.mx_hazard + legs.us_hazard, model.baseline.priors.stopped
        true = np.array([stopped(hazard, 1.0 - float(avoided)) for avoided in quality])
        believed = (1.0 - leak) * believed + leak * true
    kinds = [(0,) if agent.groups == (0,) else (1, 2) for agent in agents]
    rows = plans.first_guided + slots * 3 + [kind[0] for kind in kinds]
    planned = np.array([agent.planned for agent in agents])
    due = replan_all | ~planned | ((model.week + slots) % ROTA == 0) | plans.changed(rows, believed)
    for agent, stop, prior, served, now in zip(
        agents, believed, priors, kinds, due.tolist(), strict=True
    ):
        by_group[max(agent.groups)].append(stop)
        if now:
            agent.planned = True
            pull = plans.pull(agent.cells_at(model.world.n_places))
            expected = Believed.of(stop, beliefs.harm(agent.slot, prior[1]), *prior)
            for kind in served:
                plans.guided(agent.slot, kind, expected, pull)
    return by_group


def _plan_through_ports(model: BorderModel, by_group: list[list[np.ndarray]]) -> None:
    """Plan the passage through ports from the mean beliefs of the organisations of a group."""
    for group, believed in enumerate(by_group):
        if believed:
            stop, harm = model.baseline.priors.org[group]
            mean = sum(believed[1:], believed[0]) / len(believed)
            model.planning.plans.through_port(group, Believed.of(mean, harm, stop, harm))
