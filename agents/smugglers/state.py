"""Data of the market: the records, moving averages and totals that its functions read and write.

This module holds arrays and counters only. Organisations are founded and reviewed by the modules
above it, and `agents.smugglers.market.Market` combines both.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from agents.labels import CLASSES
from agents.migrants.columns import MARKET, SLOTS
from agents.smugglers.baseline import BaselineMeans, Ewma
from agents.smugglers.capacity import Capacity
from agents.smugglers.smuggler_params import PORTS, PRODUCTS, ROUTES, TradeParams

if TYPE_CHECKING:
    from agents.beliefs import Beliefs
    from agents.environment import Environment
    from agents.outcomes import Account
    from agents.smugglers.organisation import Organisation
    from agents.smugglers.smuggler_params import SmugglerParams

BY_SLOT = ("price", "reputation", "cash", "mix")  # columns that organisations read and write
MEMORY = 8  # weeks over which market shares, profit and revenue are averaged


def base_mix(p: TradeParams) -> np.ndarray:
    """Return the base-year mix by product, scaled to a sum of 1."""
    mix = np.array(p.mix)
    return mix / mix.sum()


class Trade:
    """The trade in hard drugs of all organisations.

    Attributes:
        volume, seized: tonnes a year at this week's rate, by product (people: 0), shape (3,).
        share: share of the loads through ports, by port and class, shape (ports, 4).
        seized_value: $ a year that buyers would have paid for the seized loads.
        total_volume, total_seized: kg since recording began, by product, shape (3,).
        total_seized_value: $ since recording began.
        fee: fee that buyers pay, as a ratio to the base year.
        takings, profit, surplus: $ of the last week by slot: paid by buyers; after costs; after
            costs and the usual share of the owners.
        open: whether a route can be used, shape (2,).
        worth: $ per kilogram sent by route, before the costs of the base year, shape (2,).
    """

    def __init__(self, params: TradeParams) -> None:
        self.params, self.base = params, base_mix(params)
        self.least = np.minimum(params.mix_least, self.base)
        self.volume_week, self.fee_kg = np.array(params.volume_week), np.array(params.fee_kg)
        self.profit_kg = np.array(params.profit_kg)
        self.share = np.zeros((0, len(CLASSES)))
        self.seized_value = self.total_seized_value = 0.0
        self.volume, self.seized = np.zeros(len(PRODUCTS)), np.zeros(len(PRODUCTS))
        self.total_volume, self.total_seized = self.volume.copy(), self.seized.copy()
        self.takings, self.profit, self.surplus = np.zeros((3, SLOTS), np.int64)
        self.fee = 1.0
        self.open = np.zeros(len(ROUTES), bool)
        self.worth = np.zeros(len(ROUTES))

    @property
    def port_share(self) -> float:
        """Share by weight of the seizures since recording began that were made at ports."""
        return float(self.total_seized[1 + PORTS] / max(self.total_seized.sum(), 1e-9))


class MarketState:
    """Data of all organisations, by slot unless said otherwise.

    Attributes:
        book: record of `agents.migrants.columns.MARKET`, which the day loop reads and writes;
            `books` is an array of this one record.
        columns: views of the columns of `book` that organisations read and write.
        agents: organisations by slot.
        group: group that a slot serves.
        share: market share, smoothed.
        profit: $ per week, eight-week mean.
        crossed: clients past the line by slot and gate, eight-week mean; NaN before the first week.
        contracts: persons who signed in the last eight weeks, shape (8, slots).
        crowd: factor on the cost of transport, by group.
        capacity: load of the organisations.
        port_attempts: attempts needed through ports as a ratio to the base year, by group.
        revenue_ratio: revenue of all organisations as a ratio to its baseline.
        income: $ per week from people and from drugs, for the recorded weeks.
        struck: slots decapitated at the last review.
        dismantled: number of cells dismantled since the start of the run.
        trade: the trade in drugs.
        baseline, averages: warm-up means and moving averages of weekly figures.
    """

    def __init__(
        self,
        environment: Environment,
        params: SmugglerParams,
        beliefs: Beliefs,
        *,
        origin_group: np.ndarray,
        origin_place: np.ndarray,
        gates: np.ndarray,
        gate_share: np.ndarray,
        km: np.ndarray,
        trade: TradeParams | None = None,
    ) -> None:
        """Create the data of a market without organisations.

        Args:
            environment: the model as agents see it.
            params: parameters of the organisations.
            beliefs: beliefs of the organisations, one row per slot.
            origin_group, origin_place: group and place by community.
            gates: staging places from which migrants try the line.
            gate_share: base-year crossings by group and gate, shape (2, gates), rows with sum 1.
            km: mean distance to the line by group.
            trade: parameters of the two products; defaults if None.
        """
        self.environment, self.params, self.beliefs = environment, params, beliefs
        self.origin_group, self.origin_place = origin_group, origin_place
        self.gates, self.gate_share, self.km = gates, gate_share, km
        self.gate_index = {int(place): k for k, place in enumerate(gates)}
        self.books = np.zeros(1, MARKET)
        self.book = self.books[0]
        self.columns = {name: self.book[name] for name in BY_SLOT}
        self.agents: dict[int, Organisation] = {}
        self.next_uid, self.next_cell, self.reviews = 1, 1, 0
        self.days_of_high_profit = np.zeros(2)  # by group, resets when profit falls
        self.early_profit = np.zeros(2)  # highest mean profit of the first reviews, by group
        self.struck: list[int] = []
        self.dismantled = 0
        self.trade = Trade(trade or TradeParams())
        self.baseline, self.averages = BaselineMeans(), Ewma()
        self.capacity = Capacity(params)
        self.group = np.zeros(SLOTS, np.int64)
        self.share, self.profit = np.zeros(SLOTS), np.zeros(SLOTS)
        self.crossed = np.full((SLOTS, gates.size), np.nan)
        self.crowd, self.port_attempts = np.ones(2), np.ones(2)
        self.revenue_ratio = 1.0
        self.income: list[tuple[int, int]] = []
        self.contracts = np.zeros((MEMORY, SLOTS), np.int64)

    def free_slot(self) -> int | None:
        """Return the first slot without an organisation, or None if all are in use."""
        free = np.flatnonzero(self.book["active"] == 0)
        return int(free[0]) if free.size else None

    def reset_week(self, slot: int | slice) -> None:
        """Set the weekly counters of a slot, or of a slice of slots, to zero."""
        for name in ("clients", "arrived", "failed", "harmed"):
            self.book[name][slot] = 0

    def reset_slot(self, slot: int) -> None:
        """Clear the data that a former organisation left in a slot."""
        self.beliefs.forget(slot)
        self.contracts[:, slot] = 0
        self.book["mix"][slot] = self.share[slot] = self.profit[slot] = 0.0
        self.crossed[slot] = np.nan
        self.book["delay"][slot] = 0.0
        self.capacity.reset(slot)

    def pay(self, payer: Account, payee: Account, dollars: np.ndarray) -> None:
        """Post the sum of payments by or to several organisations.

        Args:
            payer, payee: accounts.
            dollars: whole dollars by organisation.
        """
        total = int(dollars.sum())
        if total:
            self.environment.pay(payer, payee, total)

    def concentration(self) -> float:
        """Return the Herfindahl index of contracts over the last eight weeks; 0 without any."""
        share = self.contracts.sum(axis=0) / max(1, int(self.contracts.sum()))
        return float((share**2).sum())
