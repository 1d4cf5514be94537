"""Costs and prices of guided journeys.

Prices of contracts, both between ports and through a port of entry, follow a logit-Bertrand rule:
the cost of the attempts that a client is expected to need, plus a margin that grows with the market
share. Each organisation applies it in
`agents.smugglers.organisation.Organisation.set_price`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from agents.arithmetic import power
from agents.jit import inlined

if TYPE_CHECKING:
    from agents.levers import Levers
    from agents.smugglers.smuggler_params import SmugglerParams
    from agents.smugglers.state import MarketState

SENTENCES = ("us_sentences", "mx_sentences")  # levers, with limits in SmugglerParams
#: Guided attempts that failed in FY2013: apprehensions in us/usbp_sector_fy.csv times a smuggler
#: use of 0.90 and 0.70 from us/smuggler_fees.csv. By `penalty`, each costs the organisation $443 on
#: average.
FAILED_ATTEMPTS, MEAN_PENALTY = 335_000.0, 443.0


@inlined
def expected_attempts(risk):
    """Return expected attempts under a three-attempt contract, with failure probability `risk`."""
    return 1.0 + risk + risk * risk


def set_cost(
    market: MarketState, slots: np.ndarray, group: np.ndarray, risk: np.ndarray
) -> np.ndarray:
    """Compute and store the cost per attempt, including passage tax and bribe.

    The transport cost rises with clients per cell in the group and with the organisation's
    overload. The bribe rises with revenue, and the loss from a failed attempt rises with prison
    sentences. In the base year, all these costs have their declared values.

    Args:
        market: market data, changed in place.
        slots: the organisations' slots, shape (n,).
        group: client group, shape (n,).
        risk: probability that an attempt fails, shape (n,).

    Returns:
        Cost per attempt in $, shape (n,).
    """
    p, book = market.params, market.book
    tax = p.passage_tax * power(np.maximum(risk, 1e-3) / 0.5, p.tax_response)
    bribe = np.array(p.bribe)[group] * market.revenue_ratio**p.bribe_response
    moving = (np.array(p.cost_base) + p.cost_km * market.km) * market.crowd
    raised = penalty_rise(p, market.environment.levers)
    penalty = np.array(p.penalty)[group] * (1.0 + raised)
    moving = moving[group] * market.capacity.cost[slots]
    cost = np.rint(moving + tax + bribe + risk * penalty)
    book["cost"][slots, group], book["tax"][slots, group] = cost, np.rint(tax)
    book["bribe"][slots, group] = np.rint(bribe)
    return cost


def sentence_shares(params: SmugglerParams, levers: Levers) -> dict[str, float]:
    """Return the share of requested sentences that the courts can pass, by lever."""
    requests = {name: float(getattr(levers.requested, name)[0]) for name in SENTENCES}
    return {
        name: min(1.0, getattr(params, name) / max(requested, 1e-9))
        for name, requested in requests.items()
    }


def penalty_rise(params: SmugglerParams, levers: Levers) -> float:
    """Return the relative rise in what an organisation loses through a failed attempt.

    A sentence costs the organisation the pay that its people require for the risk of prison, which
    is equal in both countries. The sum is spread over the guided attempts that fail.
    """
    shares = sentence_shares(params, levers)
    sentences = sum(float(getattr(levers, name)[0]) * share for name, share in shares.items())
    return sentences * params.sentence_loss / FAILED_ATTEMPTS / MEAN_PENALTY


@inlined
def target_price(price_sensitivity, cost, attempts, share):
    """Return an organisation's target price.

    Args:
        price_sensitivity: rate at which clients leave a more expensive organisation, per $.
        cost: $ per attempt.
        attempts: number of attempts that a client is expected to need.
        share: market share, 0 to 1.

    Returns:
        $ per contract.
    """
    margin = 1.0 / (price_sensitivity * max(0.05, 1.0 - share))
    return cost * attempts + margin


# ---- through a port of entry --------------------------------------------------------------------
def _port_target(market: Any, group: int) -> float:
    """Return the target price for a contract through a port, $, or 0 if there is no seller.

    The target is the mean price over organisations that serve the group, plus a premium. The
    premium rises with the attempts needed at the present detection probability.
    """
    sellers = market.sellers()[group]
    if not sellers.size:
        return 0.0
    premium = market.params.port_premium[group] * market.port_attempts[group]
    return float(np.add.reduce(market.book["price"][sellers, group]) / sellers.size + premium)


def open_port_price(market: MarketState, group: int) -> None:
    """Set a group's port price to its target when the group's first organisation is founded.

    Args:
        market: market data, changed in place.
        group: group that the organisation serves.
    """
    market.book["port_cost"][group] = round(market.params.port_cost[group])
    if market.book["port_price"][group] == 0.0:
        market.book["port_price"][group] = _port_target(market, group)


def set_port_prices(market: MarketState, port_risk: np.ndarray | float | None) -> None:
    """Move contract prices for port passages one step towards their targets, once a week.

    Args:
        market: market data, changed in place.
        port_risk: probability that a hidden person is detected at ports, by group or as one number
            for both groups. None in a world without ports.
    """
    if port_risk is not None:
        needed = expected_attempts.py_func(
            np.minimum(np.maximum(np.zeros(2) + port_risk, 0.0), 1.0)
        )
        market.baseline.record("port_attempts", needed)
        market.port_attempts = market.baseline.ratio("port_attempts", needed)
    for group in range(2):
        target = _port_target(market, group)
        if target > 0.0:
            price = market.book["port_price"][group]
            market.book["port_price"][group] = price + market.params.price_speed * (target - price)
