"""Summary of a week for the review of the organisations, and their operating costs."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from agents.outcomes import Account
from agents.smugglers.state import MEMORY

if TYPE_CHECKING:
    from agents.smugglers.state import MarketState

CROWD_BOUNDS = (0.05, 20.0)  # clients per cell over the baseline, as far as costs follow it


@dataclass(frozen=True, slots=True)
class WeekSummary:
    """Figures of the active organisations in a week, in the order of their slots.

    Attributes:
        slots: slots in use, shape (n,).
        group: group that each serves, shape (n,).
        cells: cells of each, shape (n,).
        clients: persons who signed a contract with each, shape (n,).
        total: persons who signed a contract, by group, shape (2,).
        risk: probability that an attempt fails, shape (n,).
        revenue: $ that all of them took from people, at the prices of the week.
    """

    slots: np.ndarray
    group: np.ndarray
    cells: np.ndarray
    clients: np.ndarray
    total: np.ndarray
    risk: np.ndarray
    revenue: float

    @classmethod
    def of(cls, market: MarketState, risk: np.ndarray) -> WeekSummary:
        """Summarise the week.

        Args:
            market: data of the market.
            risk: probability that an attempt fails, shape (slots, 2).

        Returns:
            The figures of the active organisations.
        """
        slots = np.array(sorted(market.agents), np.intp)
        group, clients = market.group[slots], market.book["clients"]
        cells = np.array([len(market.agents[int(slot)].cells) for slot in slots], float)
        revenue = float((clients * market.book["price"]).sum())
        return cls(
            slots,
            group,
            cells,
            clients[slots, group].astype(float),
            clients.sum(axis=0).astype(float),
            risk[slots, group],
            revenue,
        )


def pay_operating_costs(market: MarketState, week: WeekSummary) -> tuple[np.ndarray, np.ndarray]:
    """Pay the standing cost of a week, subtract seizures, pay owners the cash above the reserve.

    Args:
        market: data of the market; changed.
        week: the week under review.

    Returns:
        Standing cost plus seizures, and the part of the standing cost that pressure added; $ by
        organisation, shape (n,) each.
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


def update_reputation(market: MarketState, week: WeekSummary) -> None:
    """Update reputations: a moving average of success less abuse.

    Args:
        market: data of the market; changed.
        week: the week under review.
    """
    book = market.book
    arrived, failed, harmed = (book[n][week.slots] for n in ("arrived", "failed", "harmed"))
    ended = arrived + failed + harmed
    success = np.maximum(0.0, (arrived - 2.0 * harmed) / np.maximum(ended, 1))
    reputation = book["reputation"][week.slots]
    step = np.where(ended > 0, market.params.reputation_speed * (success - reputation), 0.0)
    book["reputation"][week.slots] = reputation + step


def update_ratios(market: MarketState, week: WeekSummary, income: np.ndarray) -> np.ndarray:
    """Update crowding and revenue as ratios to the baseline.

    Args:
        market: data of the market; changed.
        week: the week under review.
        income: $ earned with people by organisation, less what pressure adds to the standing
            cost, which pays for the houses in which clients wait.

    Returns:
        Profit per cell that works with people as a ratio to its baseline, by group, shape (2,).
    """
    baseline, averages = market.baseline, market.averages
    drugs = int(market.trade.takings.sum())
    at_work = np.bincount(week.group, week.cells * market.book["mix"][week.slots, 0], 2)
    each = np.where(at_work > 0.0, at_work, np.inf)
    earned = np.bincount(week.group, income, 2)
    weeks = market.trade.params.memory_weeks
    baseline.record("clients", week.total / each)
    baseline.record("people", earned / each)
    baseline.record("revenue", week.revenue + drugs)
    clients = baseline.ratio("clients", averages.update("clients", week.total / each, weeks))
    people = baseline.ratio("people", averages.update("people", earned / each, weeks))
    revenue = averages.update("revenue", week.revenue + drugs, MEMORY)
    market.crowd = np.clip(clients, *CROWD_BOUNDS) ** market.params.congestion
    market.revenue_ratio = float(baseline.ratio("revenue", revenue))
    if market.environment.recording:
        market.income.append((round(week.revenue), drugs))
    return people
