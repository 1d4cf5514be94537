"""Weekly steps: reviews of organisations, employers and the drug trade, and route planning."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from abm.legal_channel import granted_share
from abm.world.vocabulary import SECTORS
from agents.contest import probability
from agents.migrants.columns import SLOTS
from agents.plans import GUIDED, ROTA, THROUGH_PORT, failure_risk, refresh_solo

if TYPE_CHECKING:
    from abm.model import BorderModel

REPLAN_ALL = 5.0  # $; if policies change a leg's cost by more, all classes plan at once


def review_organisations(model: BorderModel) -> None:
    """Review the smuggling market, and raise violence where an organisation lost its leader."""
    market, ports = model.market, model.ports
    traffic = ports.crossed.sum(axis=1)
    port_risk = float((ports.find_person * traffic).sum() / max(traffic.sum(), 1e-9))
    market.review(
        _failure_risk(model),
        model.network.gate_of_leg,
        port_risk=port_risk,
    )
    model.forces.revenue = market.revenue_ratio
    for slot in market.struck:
        reports = model.planning.org_beliefs.counts[slot].sum(axis=1)
        reported = reports > 0.01 * max(reports.sum(), 1e-9)  # legs with enough reports
        model.conditions.raise_violence(reported, model.settings.smugglers.splinter_violence)


def _failure_risk(model: BorderModel) -> np.ndarray:
    """Return each organisation's probability that a client's attempt fails, shape (slots, 2)."""
    homes, plans, slots = model.network.homes, model.planning.plans, model.market.slots()
    risk, groups = np.full((SLOTS, 2), 0.5), model.market.group[slots]
    guided = plans.expected_outcomes, plans.first_guided
    failure_risk(*guided, slots, groups, homes.place, homes.group, risk)
    return risk


def trade_drugs(model: BorderModel) -> None:
    """Review the drug trade, and set the violence that it causes on its routes."""
    market, ports, drugs, conditions = model.market, model.ports, model.drugs, model.conditions
    if not drugs.cash.size:
        return
    gate_sector, leg_sector = model.network.sectors_at_line
    piso = np.bincount(gate_sector, market.passage_tax_by_gate(), len(SECTORS))
    drugs.review(
        find_goods=ports.find_goods,
        find_person=ports.find_person,
        crossed=ports.crossed,
        line=probability(conditions.line_hazard) * model.settings.border_patrol.caught_share,
        piso=piso,
    )
    at_line = leg_sector >= 0
    conditions.feuds[at_line] = drugs.feuds[leg_sector[at_line]]
    for number in drugs.struck:
        legs = at_line & (drugs.home[leg_sector] == number)
        conditions.raise_violence(legs, model.settings.smugglers.splinter_violence)


def review_employers(model: BorderModel) -> None:
    """Count lawful workers and arrivals, and spread news about earnings to the communities.

    Expected earnings change the odds of leaving for work. The elasticity is the same as for the
    income gap.
    """
    m, employers, params = model.settings.migrants, model.employers, model.kernel_params[0]
    adults = model.flow_history.record["adults"][0]
    employers.advance_week(adults, params["legal_served"], granted_share(m))
    adults[:] = 0.0
    odds = m.income_elasticity * employers.spread_news(m.belief_half_life)
    params["work_value"] = odds * m.decision_noise * np.array(m.noise_factor)


def learn_and_plan(model: BorderModel) -> None:
    """Update all beliefs, then the route plans."""
    model.planning.home_beliefs.learn()
    model.planning.org_beliefs.learn(int(model.market.book["top"]))
    plan_routes(model)


def plan_routes(model: BorderModel) -> None:
    """Update the route plans of communities, of organisations, and for passages through ports.

    Every traveller class gets a new plan at least once in four weeks. All classes get new plans at
    once in the first week, when policies change a leg's cost by more than `REPLAN_ALL`, and when
    legs are closed or opened.
    """
    planning, plans = model.planning, model.planning.plans
    toll = model.settings.routes.day_cost * model.levers.leg_delay + model.levers.leg_cost
    replan_all = model.week == 0 or plans.outdated
    replan_all |= bool(np.abs(toll - plans.toll).max() > REPLAN_ALL)
    if replan_all:
        plans.set_toll(toll)
    plans.queue_at_ports(model.network.leg_state.port_wait)
    priors = model.baseline.priors
    refresh_solo(plans, planning.home_beliefs, priors.home, model.week, replan_all)
    groups, believed = _plan_organisations(model, replan_all)
    if model.network.port_legs.size and (replan_all or model.week % ROTA == 0):
        _plan_through_ports(model, groups, believed)


def _plan_organisations(model: BorderModel, replan_all: bool) -> tuple[np.ndarray, np.ndarray]:
    """Plan routes for the organisations that are due this week.

    Returns:
        Each organisation's group, and its beliefs, in the order of the slots in use.
    """
    beliefs, market, priors = model.planning.org_beliefs, model.market, model.baseline.priors
    slots, groups = market.slots(), market.group[market.slots()]
    believed = beliefs.of(slots, groups, priors.org)
    leak = min(1.0, float(model.levers.leak[0]))
    if leak > 0.0:  # Leaked patrol plans reveal a part of the true hazards.
        legs, quality = model.network.leg_state, market.book["quality"][slots]
        hazard = legs.mx_hazard + legs.us_hazard
        true = [priors.stopped(hazard, 1.0 - float(avoided)) for avoided in quality]
        for stop, truth in zip(believed[:, 0], true, strict=True):
            stop[:] = (1.0 - leak) * stop + leak * truth
    due = beliefs.due(slots, believed, model.week, replan_all)
    agents, places = market.agents, model.world.n_places
    at = np.array([agents[slot].cells_at(places) for slot in slots[due].tolist()], int)
    plans, rows = model.planning.plans, model.planning.plans.first_guided + slots * 3 + groups
    plans.solve(rows[due], GUIDED, groups[due], believed[due], priors.org, at.reshape(-1, places))
    return groups, believed


def _plan_through_ports(model: BorderModel, groups: np.ndarray, believed: np.ndarray) -> None:
    """Plan the passage through ports with the mean beliefs of each group's organisations."""
    prior = model.baseline.priors.org
    served = np.flatnonzero(np.bincount(groups))
    mean = prior[served]
    for pair, group in zip(mean, served.tolist(), strict=True):
        pair[0] = believed[groups == group, 0].mean(axis=0)
    plans = model.planning.plans
    plans.solve(plans.first_port + served, THROUGH_PORT, served, mean, prior)
