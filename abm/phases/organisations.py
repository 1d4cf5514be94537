"""Weekly review of the smuggling organisations: risks in prices, and violence after a split."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from agents.migrants.columns import SLOTS

if TYPE_CHECKING:
    from abm.model import BorderModel


def review(model: BorderModel) -> None:
    """Review the market; raise violence on legs of organisations that lost their leader."""
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
    homes, plans, agents = model.network.homes, model.planning.plans, model.market.agents
    risk = np.full((SLOTS, 2), 0.5)
    for g in range(2):
        slots = np.array([slot for slot, agent in agents.items() if g in agent.groups], int)
        rows, served = plans.first_guided + slots * 3 + g, homes.place[homes.group == g]
        if slots.size and served.size:
            arrive = plans.expected_outcomes[rows[:, None], 0, served]
            planned = np.logical_or.reduce(arrive, axis=1)
            risk[slots[planned], g] = 1.0 - arrive[planned].mean(axis=1)
    return risk


def _line_risk(model: BorderModel) -> float:
    """Return the chance that a load is stopped between ports, weighted by attempts."""
    settings = model.settings
    detected = -np.expm1(-model.conditions.line_hazard * (1.0 - model.market.quality()))
    attempts = model.flow_history.attempts() + 1e-9  # equal weights before the first attempt
    stopped = detected * settings.border_patrol.caught_share
    return float((stopped * attempts).sum() / attempts.sum())
