"""Weekly: what was told is learnt, and routes are planned afresh on a rota."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from agents.outcomes import N_GROUPS
from agents.plans import ROTA, refresh_solo

if TYPE_CHECKING:
    from abm.model import BorderModel

RETHINK = 5.0  # $ that a policy adds to a leg at which everybody plans afresh at once


def learn_and_plan(model: BorderModel) -> None:
    """Learn, then plan for communities, organisations and the way through ports."""
    model.home_beliefs.learn()
    model.org_beliefs.learn()
    extra = model.settings.routes.day_cost * model.levers.leg_delay + model.levers.leg_cost
    everybody = model.week == 0 or bool(np.abs(extra + model.plans.extra).max() > RETHINK)
    if everybody:
        model.plans.extra = -extra
    model.plans.queue_at_ports(model.leg_state.port_wait)
    refresh_solo(model.plans, model.home_beliefs, model.priors.home, model.week, everybody)
    pooled = _organisations(model, everybody)
    if model.port_legs.size and (everybody or model.week % ROTA == 0):
        _through_ports(model, pooled)


def _organisations(model: BorderModel, everybody: bool) -> list[list[np.ndarray]]:
    """Plan for organisations whose turn it is; gives what each believes, by group."""
    plans, beliefs = model.plans, model.org_beliefs
    leak = min(1.0, float(model.levers.leak[0]))
    truth = model.true_stop() if leak > 0.0 else None
    pooled: list[list[np.ndarray]] = [[] for _ in range(N_GROUPS)]
    for slot, agent in model.market.agents.items():
        stop, harm = model.priors.org[max(agent.groups)]
        believed = beliefs.stop(slot, stop)
        if truth is not None:  # plans leaked: it knows more than its clients told
            believed = (1.0 - leak) * believed + leak * truth
        pooled[max(agent.groups)].append(believed)
        first = plans.first_guided + slot * 3
        kinds = (0,) if agent.groups == (0,) else (1, 2)
        turn = everybody or not agent.planned or (model.week + slot) % ROTA == 0
        if turn or plans.changed(first + kinds[0], believed):
            agent.planned = True
            cells = agent.cells_at(model.world.n_places)
            for kind in kinds:
                plans.guided(slot, kind, believed, beliefs.harm(slot, harm), stop, harm, cells)
    return pooled


def _through_ports(model: BorderModel, pooled: list[list[np.ndarray]]) -> None:
    """The way through ports is common knowledge of the trade: the mean of what is believed."""
    for group, believed in enumerate(pooled):
        if believed:
            stop, harm = model.priors.org[group]
            mean = sum(believed[1:], believed[0]) / len(believed)
            model.plans.through_port(group, mean, harm, stop, harm)
