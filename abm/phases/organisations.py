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
    market.review(
        _failure_risk(model),
        model.network.gate_of_leg,
        line_detection=_line_risk(model),
        find_goods=ports.find_goods,
        crossed=ports.crossed,
        port_risk=_port_risk(model),
    )
    model.forces.revenue = market.revenue_ratio
    for slot in market.struck:
        reports = model.planning.org_beliefs.counts[slot].sum(axis=1)
        known = reports > 0.01 * max(reports.sum(), 1e-9)  # legs that its clients report on
        model.conditions.raise_violence(known, model.settings.smugglers.splinter_violence)


def _failure_risk(model: BorderModel) -> np.ndarray:
    """Return the chance that an attempt of an organisation's client fails, shape (slots, 2)."""
    homes, plans = model.network.homes, model.planning.plans
    risk = np.full((SLOTS, 2), 0.5)
    served = [homes.place[homes.group == g] for g in range(2)]
    for slot, agent in model.market.agents.items():
        for g in agent.groups:
            row = plans.first_guided + slot * 3 + g
            arrive = plans.expected_outcomes[row, 0, served[g]]
            if arrive.any():
                risk[slot, g] = 1.0 - float(arrive.mean())
    return risk


def _line_risk(model: BorderModel) -> float:
    """Return the chance that a load is stopped between ports, weighted by attempts."""
    settings = model.settings
    detected = -np.expm1(-model.conditions.line_hazard * (1.0 - model.market.quality()))
    attempts = model.flow_history.attempts() + 1e-9  # equal weights before the first attempt
    stopped = detected * settings.border_patrol.caught_share
    return float((stopped * attempts).sum() / attempts.sum())


def _port_risk(model: BorderModel) -> float:
    """Return the probability that a hidden person is detected at a port, weighted by traffic."""
    traffic = model.ports.crossed.sum(axis=1)
    return float((model.ports.find_person * traffic).sum() / max(traffic.sum(), 1e-9))
