"""Weekly summary for the review of organisations, as a whole and for each."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from agents.smugglers.state import MEMORY

if TYPE_CHECKING:
    from agents.smugglers.state import MarketState

CROWD_BOUNDS = (0.05, 20.0)  # clients per cell over the baseline, as far as costs follow it


@dataclass(slots=True)
class OrganisationWeek:
    """The week as one organisation sees it.

    Attributes:
        cells: its cells.
        clients: persons in its group who signed a contract.
        risk: probability that an attempt fails.
        arrived, failed, harmed: clients whose contracts ended.
        cost: $ per attempt.
        crossed: clients past the line by gate, eight-week means.
        income: $ earned with people.
        spent: $ for standing cost and seizures.
        added: $ that pressure added to standing cost.
        standing: standing cost, $, with what pressure added.
    """

    cells: float
    clients: float
    risk: float
    arrived: int
    failed: int
    harmed: int
    cost: float = 0.0
    crossed: Sequence[float] = ()
    income: float = 0.0
    spent: int = 0
    added: float = 0.0
    standing: float = 0.0


@dataclass(slots=True)
class WeekSummary:
    """The active organisations' figures in a week, in slot order.

    Attributes:
        slots: slots in use, shape (n,).
        group: group that each serves, shape (n,).
        cells: cells by organisation, shape (n,).
        clients: persons who signed a contract with each, shape (n,).
        total: persons who signed a contract, by group, shape (2,).
        risk: probability that an attempt fails, shape (n,).
        revenue: $ that all took from people, at the week's prices.
        pressure: the lever `pressure`, which raises the standing cost.
        seizure: share of cash that authorities seize in the week.
        by_slot: the week by slot, in the order of `slots`.
        people: profit per cell that works with people over its baseline, by group.
        drugs: profit per cell over its baseline, by route of drugs.
    """

    slots: np.ndarray
    group: np.ndarray
    cells: np.ndarray
    clients: np.ndarray
    total: np.ndarray
    risk: np.ndarray
    revenue: float
    pressure: float
    seizure: float
    by_slot: dict[int, OrganisationWeek]
    people: Sequence[float] = ()
    drugs: Sequence[float] = ()

    @classmethod
    def of(cls, market: MarketState, risk: np.ndarray) -> WeekSummary:
        """Summarise the week.

        Args:
            market: market data.
            risk: probability that an attempt fails, shape (slots, 2).

        Returns:
            The figures of the active organisations.
        """
        book, slots = market.book, np.array(sorted(market.agents), np.intp)
        group, clients = market.group[slots], book["clients"]
        cells = np.array([len(market.agents[slot].cells) for slot in slots.tolist()], float)
        signed, failing = clients[slots, group].astype(float), risk[slots, group]
        ended = (book[name][slots].tolist() for name in ("arrived", "failed", "harmed"))
        rows = zip(cells.tolist(), signed.tolist(), failing.tolist(), *ended, strict=True)
        pressure = float(market.environment.levers.pressure[0])
        return cls(
            slots=slots,
            group=group,
            cells=cells,
            clients=signed,
            total=clients.sum(axis=0).astype(float),
            risk=failing,
            revenue=float((clients * book["price"]).sum()),
            pressure=pressure,
            seizure=float(-np.expm1(-pressure * 7.0 / 365.0)),
            by_slot={
                slot: OrganisationWeek(*row) for slot, row in zip(slots.tolist(), rows, strict=True)
            },
        )

    def set(self, name: str, values: np.ndarray) -> None:
        """Set a figure for every organisation.

        Args:
            name: attribute in :class:`OrganisationWeek`.
            values: one value or row per organisation, shape (n, ...).
        """
        for organisation, value in zip(self.by_slot.values(), values.tolist(), strict=True):
            setattr(organisation, name, value)

    def get(self, name: str) -> np.ndarray:
        """Return a figure for every organisation, shape (n,).

        Args:
            name: attribute in :class:`OrganisationWeek` that is a number.
        """
        return np.array([getattr(organisation, name) for organisation in self.by_slot.values()])


def update_ratios(market: MarketState, week: WeekSummary, income: np.ndarray) -> np.ndarray:
    """Update crowding and revenue as ratios to the baseline.

    Args:
        market: market data, changed.
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
    low, high = CROWD_BOUNDS
    market.crowd = np.minimum(np.maximum(clients, low), high) ** market.params.congestion
    market.revenue_ratio = float(baseline.ratio("revenue", revenue))
    if market.environment.recording:
        market.income.append((round(week.revenue), drugs))
    return people


def update_capacity(market: MarketState, week: WeekSummary) -> None:
    """Update the organisations' load, delay and quality, unless the mechanism is off.

    Args:
        market: market data, changed.
        week: the week under review, after the operating costs have been paid.
    """
    capacity, slots = market.capacity, week.slots
    if capacity.response <= 0.0:
        return
    capacity.update(
        slots,
        week.group,
        week.clients,
        week.cells * market.book["mix"][slots, 0],
        week.get("standing"),
        warm_up=not market.baseline.settled,
    )
    market.book["delay"][slots] = capacity.delay(slots)
    market.book["quality"][slots] = capacity.quality(slots)
