"""Costs and prices of a contract, ordinary or through a port of entry.

A logit-Bertrand rule: cost of the attempts that a client will need, plus a margin that grows with
the share of the market.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from agents.smugglers.market import Market
    from agents.smugglers.params import SmugglerParams
    from agents.smugglers.week import Week


def attempts(risk):
    """Attempts that a client of a three-attempt contract is expected to need."""
    return 1.0 + risk + risk * risk


def set_cost(market: Market, slots: np.ndarray, group: np.ndarray, risk: np.ndarray) -> np.ndarray:
    """Set and return the cost of an attempt at this risk of failure, $; arrays alike in shape.

    Transport gets dearer with clients per cell, bribes with the revenue of organisations, and the
    loss at a failure by the lever `penalty`; in the base year all three are as declared.
    """
    p, book = market.params, market.book
    tax = p.passage_tax * (np.maximum(risk, 1e-3) / 0.5) ** p.tax_response
    bribe = np.array(p.bribe)[group] * market.revenue_ratio**p.bribe_response
    moving = (np.array(p.cost_base) + p.cost_km * market.km) * market.crowd
    penalty = np.array(p.penalty)[group] * (1.0 + float(market.environment.levers.penalty[0]))
    cost = np.rint(moving[group] + tax + bribe + risk * penalty)
    book["cost"][slots, group], book["tax"][slots, group] = cost, np.rint(tax)
    book["bribe"][slots, group] = np.rint(bribe)
    return cost


def target(params: SmugglerParams, cost, risk, share):
    """Price that an organisation with this share of the market aims at, $."""
    margin = 1.0 / (params.price_sensitivity * np.maximum(0.05, 1.0 - share))
    return cost * attempts(risk) + margin


def set_prices(market: Market, week: Week) -> np.ndarray:
    """Shares, costs and prices of the week; gives what each organisation earned with people, $."""
    slots, group, p = week.slots, week.group, market.params
    total = week.total[group]
    share = np.where(total > 0.0, week.clients / np.maximum(total, 1.0), 0.0)
    market.share[slots] += 0.25 * (share - market.share[slots])
    cost = set_cost(market, slots, group, week.risk)
    price = market.book["price"][slots, group]
    price = price + p.price_speed * (target(p, cost, week.risk, market.share[slots]) - price)
    market.book["price"][slots, group] = price
    return week.clients * (price - cost * attempts(week.risk))


# ---- through a port of entry --------------------------------------------------------------------
def _port_target(market: Market, group: int) -> float:
    """Price of a contract through a port that organisations aim at, $; 0 if nobody sells.

    The mean price of those who serve the group, plus a premium that rises with the attempts that
    the chance to be found at ports makes necessary.
    """
    sells = (market.book["active"] == 1) & (market.group == group)
    if not sells.any():
        return 0.0
    premium = market.params.port_premium[group] * market.port_attempts[group]
    return float(market.book["price"][sells, group].mean() + premium)


def open_port_price(market: Market, group: int) -> None:
    """The first organisation that serves a group sets the price at its target."""
    market.book["port_cost"][group] = round(market.params.port_cost[group])
    if market.book["port_price"][group] == 0.0:
        market.book["port_price"][group] = _port_target(market, group)


def set_port_prices(market: Market, port_risk: np.ndarray | float | None) -> None:
    """Weekly: prices of contracts through ports go a step towards their targets.

    Args:
        market: whose prices.
        port_risk: chance that a hidden person is found at the ports, by group or for both; None
            where there are no ports.
    """
    if port_risk is not None:
        needed = attempts(np.clip(np.zeros(2) + port_risk, 0.0, 1.0))
        market.usual.note("port_attempts", needed)
        market.port_attempts = market.usual.ratio("port_attempts", needed)
    for group in range(2):
        aim = _port_target(market, group)
        if aim > 0.0:
            price = market.book["port_price"][group]
            market.book["port_price"][group] = price + market.params.price_speed * (aim - price)
