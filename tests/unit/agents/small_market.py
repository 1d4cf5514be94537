"""A market with sixteen communities, two gates and four legs, and its weekly review."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from agents.migrants.columns import SLOTS
from agents.outcomes import Account
from agents.plans import Beliefs
from agents.smugglers import Market
from agents.smugglers.market import found_first_organisations

ORIGIN_GROUP = np.repeat([0, 1], 8)
WEST, EAST = 3, 4  # places of the gates
GATE_SHARE = ((0.7, 0.3), (0.2, 0.8))
LINE_GATE = np.array([-1, 0, 1, 1])  # gate of each of four legs
KM = np.array([1_200.0, 2_600.0])


def set_up(
    make_environment: Callable[..., Any],
    *,
    seed: int = 1,
    recording: bool = True,
    share: Any = GATE_SHARE,
    **params: Any,
) -> tuple[Any, Market]:
    """Return an environment and its market."""
    environment = make_environment(smugglers=params, seed=seed, recording=recording)
    market = Market(
        environment,
        environment.settings.smugglers,
        Beliefs(np.zeros((SLOTS, LINE_GATE.size, 3), np.int64), 500.0, 90.0),
        origin_group=ORIGIN_GROUP,
        origin_place=np.zeros(16, int),
        gates=np.array([WEST, EAST]),
        gate_share=np.array(share),
        km=KM,
    )
    found_first_organisations(market)
    return environment, market


def review(
    environment: Any, market: Market, risk: float = 0.5, days: int = 7, **ports: Any
) -> None:
    """Advance the date and simulate the market's review."""
    environment.today += days
    market.review(np.full((SLOTS, 2), risk), LINE_GATE, **ports)


def cash_of(market: Market) -> int:
    """Return the cash of all organisations together, in dollars."""
    return int(market.book["cash"].sum())


def conserved(environment: Any, market: Market, opening: int) -> bool:
    """Return whether cash changed by the posted payments only, and the accounts sum to zero."""
    booked = int(environment.balance[Account.ORGANISATIONS])
    return cash_of(market) - opening == booked and int(environment.balance.sum()) == 0


def windfall(environment: Any, market: Market, slot: int, dollars: int) -> None:
    """Add clients' dollars to the cash of an organisation (or subtract them) and post them."""
    market.book["cash"][slot] += dollars
    environment.pay(Account.MIGRANTS, Account.ORGANISATIONS, dollars)


def cost_of(p: Any, group: int, risk: float) -> float:
    """Return the cost of an attempt in dollars, computed from its definition."""
    tax = p.passage_tax * (max(risk, 1e-3) / 0.5) ** p.tax_response
    return (
        p.cost_base[group] + p.cost_km * KM[group] + tax + p.bribe[group] + risk * p.penalty[group]
    )
