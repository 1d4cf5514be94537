"""Weekly decisions: organisations review the market, then everyone learns and plans routes."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from agents.migrants.columns import SLOTS
from agents.outcomes import N_GROUPS
from agents.plans import ROTA, Believed, refresh_solo

if TYPE_CHECKING:
    from abm.model import BorderModel

REPLAN_ALL = 5.0  # change of a leg's cost by policies, $, at which all classes plan at once


def review_organisations(model: BorderModel) -> None:
    """Review the market, and raise violence where organisations lost their leader."""
    market, ports = model.market, model.ports
    traffic = ports.crossed.sum(axis=1)
    found_at_ports = float((ports.find_person * traffic).sum() / max(traffic.sum(), 1e-9))
    market.review(
        _failure_risk(model),
        model.network.gate_of_leg,
        line_detection=_line_risk(model),
        find_goods=ports.find_goods,
        crossed=ports.crossed,
        port_risk=found_at_ports,
    )
    model.forces.revenue = market.revenue_ratio
    for slot in market.struck:
        reports = model.planning.org_beliefs.counts[slot].sum(axis=1)
        reported = reports > 0.01 * max(reports.sum(), 1e-9)  # legs that its clients report on
        model.conditions.raise_violence(reported, model.settings.smugglers.splinter_violence)


def _failure_risk(model: BorderModel) -> np.ndarray:
    """Return the chance that an attempt of an organisation's client fails, shape (slots, 2)."""
    homes, plans, risk = model.network.homes, model.planning.plans, np.full((SLOTS, 2), 0.5)
    for g in range(2):
        slots = model.market.sellers(g)
        rows, served = plans.first_guided + slots * 3 + g, homes.place[homes.group == g]
        if slots.size and served.size:
            arrive = plans.expected_outcomes[rows[:, None], 0, served]
            mean = np.add.reduce(arrive, axis=1) / served.size
            risk[slots, g] = np.where(arrive.any(axis=1), 1.0 - mean, 0.5)  # 0.5 if not planned
    return risk


def _line_risk(model: BorderModel) -> float:
    """Return the chance that a load is stopped between ports, weighted by attempts."""
    settings = model.settings
    detected = -np.expm1(-model.conditions.line_hazard * (1.0 - model.market.quality()))
    attempts = model.flow_history.attempts() + 1e-9  # equal weights before the first attempt
    stopped = detected * settings.border_patrol.caught_share
    return float((stopped * attempts).sum() / attempts.sum())


def learn_and_plan(model: BorderModel) -> None:
    """Update all beliefs, then the route plans."""
    model.planning.home_beliefs.learn()
    model.planning.org_beliefs.learn(int(model.market.book["top"]))
    plan_routes(model)


def plan_routes(model: BorderModel) -> None:
    """Update the route plans of communities, organisations and port passages.

    Every class is planned at least once in four weeks. All classes are planned at once in the first
    week, when policies change a leg's cost by more than `REPLAN_ALL`, and when legs are closed or
    opened.
    """
    planning, plans = model.planning, model.planning.plans
    toll = model.settings.routes.day_cost * model.levers.leg_delay + model.levers.leg_cost
    replan_all = model.week == 0 or plans.outdated
    replan_all |= bool(np.abs(toll - plans.toll).max() > REPLAN_ALL)
    if replan_all:
        plans.set_toll(toll)
    plans.queue_at_ports(model.network.leg_state.port_wait)
    home_priors = model.baseline.priors.home
    refresh_solo(plans, planning.home_beliefs, home_priors, model.week, replan_all)
    believed = _plan_organisations(model, replan_all)
    if model.network.port_legs.size and (replan_all or model.week % ROTA == 0):
        _plan_through_ports(model, believed)


def _plan_organisations(model: BorderModel, replan_all: bool) -> list[list[np.ndarray]]:
    """Plan routes for the organisations that are due and return each one's beliefs, by group."""
    plans, beliefs = model.planning.plans, model.planning.org_beliefs
    by_group: list[list[np.ndarray]] = [[] for _ in range(N_GROUPS)]
    agents = list(model.market.agents.values())
    if not agents:
        return by_group
    slots = np.array([agent.slot for agent in agents])
    priors = [model.baseline.priors.org[agent.group] for agent in agents]
    believed = beliefs.stop(slots, np.array([stop for stop, _ in priors]))
    leak = min(1.0, float(model.levers.leak[0]))
    if leak > 0.0:  # leaked plans add true hazards to the reports of clients
        legs, quality = model.network.leg_state, model.market.book["quality"][slots]
        hazard, stopped = legs.mx_hazard + legs.us_hazard, model.baseline.priors.stopped
        true = np.array([stopped(hazard, 1.0 - float(avoided)) for avoided in quality])
        believed = (1.0 - leak) * believed + leak * true
    kinds = [(0,) if agent.group == 0 else (1, 2) for agent in agents]
    rows = plans.first_guided + slots * 3 + [kind[0] for kind in kinds]
    planned = np.array([agent.planned for agent in agents])
    due = replan_all | ~planned | ((model.week + slots) % ROTA == 0) | plans.changed(rows, believed)
    for agent, stop, prior, served, is_due in zip(
        agents, believed, priors, kinds, due.tolist(), strict=True
    ):
        by_group[agent.group].append(stop)
        if is_due:
            agent.planned = True
            pull = plans.pull(agent.cells_at(model.world.n_places))
            expected = Believed.of(stop, beliefs.harm(agent.slot, prior[1]), *prior)
            for kind in served:
                plans.guided(agent.slot, kind, expected, pull)
    return by_group


def _plan_through_ports(model: BorderModel, by_group: list[list[np.ndarray]]) -> None:
    """Plan the passage through ports from the mean beliefs among a group's organisations."""
    for group, believed in enumerate(by_group):
        if believed:
            stop, harm = model.baseline.priors.org[group]
            mean = sum(believed[1:], believed[0]) / len(believed)
            model.planning.plans.through_port(group, Believed.of(mean, harm, stop, harm))
