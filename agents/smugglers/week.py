"""What organisations look at in their weekly review, and their household."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from agents.outcomes import Account

if TYPE_CHECKING:
    from agents.smugglers.market import Market

MEMORY = 8  # weeks over which shares of the market, profit and revenue are looked at
CROWD_BOUNDS = (0.05, 20.0)  # clients per cell over the usual level, as costs follow it


@dataclass(frozen=True, slots=True)
class Week:
    """The organisations of a week, in order of their slots, and what they did.

    Attributes:
        slots: of those in business, shape (n,); the rest are figures by slot in this order.
        group: whom they serve.
        cells: how many they have.
        clients: persons who signed a contract.
        total: the same by group.
        risk: chance that an attempt fails.
        revenue: $ that all of them took from people, at the prices of the week.
    """

    slots: np.ndarray
    group: np.ndarray
    cells: np.ndarray
    clients: np.ndarray
    total: np.ndarray
    risk: np.ndarray
    revenue: float


def look(market: Market, risk: np.ndarray) -> Week:
    """Read the week from the books; `risk` has shape (slots, 2)."""
    slots = np.array(sorted(market.agents), np.intp)
    group, clients = market.group[slots], market.book["clients"]
    cells = np.array([len(market.agents[int(slot)].cells) for slot in slots], float)
    revenue = float((clients * market.book["price"]).sum())
    return Week(
        slots,
        group,
        cells,
        clients[slots, group].astype(float),
        clients.sum(axis=0).astype(float),
        risk[slots, group],
        revenue,
    )


def keep_house(market: Market, week: Week) -> tuple[np.ndarray, np.ndarray]:
    """Pay a week's standing cost, lose what is seized, pay the owners beyond the reserve.

    Gives, in $ by organisation, standing cost and what was seized, and of that what pressure has
    added to the standing cost.
    """
    p, cash = market.params, market.book["cash"]
    pressure = float(market.environment.levers.pressure[0])
    standing = p.overhead_week + p.cell_week * week.cells
    upkeep = (standing * (1.0 + p.pressure_upkeep * pressure)).astype(np.int64)
    left = cash[week.slots] - upkeep
    seized = (-np.expm1(-pressure * 7.0 / 365.0) * np.maximum(left, 0)).astype(np.int64)
    left -= seized
    owners = np.maximum((left - p.reserve_weeks * upkeep).astype(np.int64), 0)
    cash[week.slots] = left - owners
    market.pay(Account.ORGANISATIONS, Account.SUPPLIERS, upkeep)
    market.pay(Account.ORGANISATIONS, Account.US_TREASURY, seized)
    market.pay(Account.ORGANISATIONS, Account.HOUSEHOLDS, owners)
    return upkeep + seized, standing * (p.pressure_upkeep * pressure)


def repute(market: Market, week: Week) -> None:
    """Reputation: moving average of success less abuse."""
    book = market.book
    arrived, failed, harmed = (book[n][week.slots] for n in ("arrived", "failed", "harmed"))
    seen = arrived + failed + harmed
    good = np.maximum(0.0, (arrived - 2.0 * harmed) / np.maximum(seen, 1))
    reputation = book["reputation"][week.slots]
    step = np.where(seen > 0, market.params.reputation_speed * (good - reputation), 0.0)
    book["reputation"][week.slots] = reputation + step


def compare(market: Market, week: Week, income: np.ndarray) -> None:
    """Set this week beside what is usual; crowding, revenue and the mix follow.

    Args:
        market: whose figures are set.
        week: what was done.
        income: earned with people, $ by organisation: the houses in which clients wait are the
            standing cost, so what pressure adds to that is taken off.
    """
    usual, smooth, drugs = market.usual, market.smooth, int(market.trade.takings.sum())
    at_work = np.bincount(week.group, week.cells * market.book["mix"][week.slots, 0], 2)
    each = np.where(at_work > 0.0, at_work, np.inf)
    earned = np.bincount(week.group, income, 2)
    weeks = market.trade.params.memory_weeks
    usual.note("clients", week.total / each)
    usual.note("people", earned / each)
    usual.note("revenue", week.revenue + drugs)
    clients = usual.ratio("clients", smooth.follow("clients", week.total / each, weeks))
    people = usual.ratio("people", smooth.follow("people", earned / each, weeks))
    revenue = smooth.follow("revenue", week.revenue + drugs, MEMORY)
    market.crowd = np.clip(clients, *CROWD_BOUNDS) ** market.params.congestion
    market.revenue_ratio = float(usual.ratio("revenue", revenue))
    market.trade.adapt(market, week, people)
    if market.environment.recording:
        market.income.append((round(week.revenue), drugs))
