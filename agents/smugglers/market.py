"""The market: all organisations, their founding and their weekly review.

An organisation sells a contract of up to three attempts. It keeps cells at staging places, learns
the legs from its own clients, plans their routes, and carries drugs where that pays more.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from agents.migrants.columns import MARKET, SLOTS
from agents.outcomes import Account
from agents.smugglers import lifecycle, pricing
from agents.smugglers.baseline import BaselineMeans, Ewma
from agents.smugglers.cells import hunt, move_cells, place_cells, replace
from agents.smugglers.organisation import Organisation
from agents.smugglers.params import TradeParams
from agents.smugglers.products import Trade
from agents.smugglers.week import MEMORY, compare, keep_house, look, repute

if TYPE_CHECKING:
    from agents.beliefs import Beliefs
    from agents.environment import Environment
    from agents.smugglers.params import SmugglerParams


class Market:
    """All organisations: founding, weekly review, the end of one.

    For others to read: `book` (figures by slot), `trade` (drugs: :class:`Trade`), `income`,
    `revenue_ratio`, `concentration()`, `struck`, `broken`.
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
        """Found the first organisations.

        Args:
            stage: where they live.
            params: their numbers.
            beliefs: their memory, a row per slot.
            origin_group, origin_place: group and place by community.
            gates: staging places from which the line is tried.
            gate_share: shape (2, gates), where each group crosses in the base year.
            km: mean distance to the line by group.
            trade: numbers of the two products.
        """
        self.environment, self.params, self.beliefs = environment, params, beliefs
        self.book = np.zeros(1, MARKET)[0]  # figures by slot, as the day loop reads them
        self.agents: dict[int, Organisation] = {}
        self.origin_group, self.origin_place = origin_group, origin_place
        self.gates, self.gate_share, self.km = gates, gate_share, km
        self.gate_index = {int(place): k for k, place in enumerate(gates)}
        self.next_uid, self.good_days, self.early_profit = 1, np.zeros(2), np.zeros(2)
        self.next_cell, self.reviews = 1, 0
        self.struck: list[int] = []  # slots decapitated at the last review
        self.broken = 0  # cells broken up so far
        self.trade = Trade(trade or TradeParams())
        self.usual, self.smooth = BaselineMeans(), Ewma()
        self.group = np.zeros(SLOTS, np.int64)  # that a slot serves
        self.share = np.zeros(SLOTS)  # of the market, smoothed
        self.profit = np.zeros(SLOTS)  # $ a week, eight-week mean
        self.crossed = np.full((SLOTS, gates.size), np.nan)  # clients past the line, likewise
        self.crowd = np.ones(2)  # factor on the cost of transport, by group
        self.port_attempts = np.ones(2)  # needed through ports over the base year, by group
        self.revenue_ratio = 1.0  # revenue of all organisations over its usual level
        self.income: list[tuple[int, int]] = []  # $ a week from people and drugs, as recorded
        self.contracts = np.zeros((MEMORY, SLOTS), np.int64)  # persons in the last weeks
        for group, count in enumerate((params.count_mexican, params.count_northern_triangle)):
            for number in range(count):
                self.found(group, self.territory(group, number, count))

    # ---- founding ---------------------------------------------------------------------------
    def territory(self, group: int, number: int, count: int) -> list[int]:
        """Every community has several organisations to choose from."""
        mine = np.flatnonzero(self.origin_group == group)
        reach = max(1, round(0.6 * count))
        chosen = [int(o) for k, o in enumerate(mine) if (k + number) % count < reach]
        return chosen or [int(o) for o in mine[number % max(1, mine.size) :][:1]]

    def free_slot(self) -> int | None:
        """A slot nobody holds."""
        free = np.flatnonzero(self.book["active"] == 0)
        return int(free[0]) if free.size else None

    def found(self, group: int, territory: list[int], cash: float | None = None) -> int | None:
        """Found an organisation that serves the communities in `territory`."""
        slot = self.free_slot()
        if slot is None or not territory:
            return None
        book = self.book
        self._forget(slot)
        book["active"][slot], book["uid"][slot] = 1, self.next_uid
        book["cash"][slot] = int(self.params.capital if cash is None else cash)
        if cash is None and self.reviews > 0:  # a newcomer's capital comes from outside
            self.environment.pay(Account.HOUSEHOLDS, Account.ORGANISATIONS, int(book["cash"][slot]))
        book["reputation"][slot], book["quality"][slot] = 0.5, self.params.quality
        book["serves"][slot] = sum(1 << o for o in territory)
        book["mix"][slot], self.group[slot] = self.trade.base, group
        book["top"] = np.flatnonzero(book["active"])[-1] + 1
        self._open_week(slot)
        self.next_uid += 1
        agent = Organisation(self.environment, slot, (group,), int(self.origin_place[territory[0]]))
        self.agents[slot] = agent
        place_cells(self, agent, group)
        both = np.arange(2)
        cost = pricing.set_cost(self, np.full(2, slot), both, np.full(2, 0.5))
        book["price"][slot] = np.rint(pricing.target(self.params, cost, 0.5, 0.1))
        pricing.open_port_price(self, group)
        return slot

    def _open_week(self, slot: int | slice) -> None:
        for name in ("clients", "arrived", "failed", "harmed"):
            self.book[name][slot] = 0

    def _forget(self, slot: int) -> None:
        """Nothing of whoever held a slot before is left to its next holder."""
        self.beliefs.forget(slot)
        self.contracts[:, slot] = 0
        self.book["mix"][slot] = self.share[slot] = self.profit[slot] = 0.0
        self.crossed[slot] = np.nan

    def dissolve(self, slot: int, agent: Organisation) -> None:
        """An organisation ends; what it still owes stays with its suppliers."""
        cash = int(self.book["cash"][slot])
        if cash:
            self.environment.pay(Account.ORGANISATIONS, Account.SUPPLIERS, cash)
        self.book["cash"][slot] = self.book["active"][slot] = 0
        self._forget(slot)
        agent.remove()
        del self.agents[slot]
        self.environment.release_clients(slot)

    # ---- weekly review ----------------------------------------------------------------------
    def review(
        self,
        risk: np.ndarray,
        line_gate: np.ndarray,
        *,
        line_detection: np.ndarray | float | None = None,
        find_goods: np.ndarray | None = None,
        crossed: np.ndarray | None = None,
        port_risk: np.ndarray | float | None = None,
    ) -> None:
        """Weekly: shares, costs, prices, reputation, cells, products; who leaves and who comes.

        Args:
            risk: chance that an attempt fails, shape (slots, 2).
            line_gate: gate of each line leg, -1 elsewhere.
            line_detection: chance that a load of drugs is found and stopped between ports: a
                number, or an array of which the mean is taken; None: no such trade.
            find_goods: chance that a hidden load is found at ports, shape (ports, 4).
            crossed: traffic through the ports, shape (ports, 4), in any unit; None: no ports.
            port_risk: chance that a hidden person is found at ports, by group or for both.
        """
        self.reviews += 1
        if self.environment.recording and not self.usual.settled:
            self.usual.settle()
        week = look(self, risk)
        self.contracts[self.reviews % MEMORY] = self.book["clients"].sum(axis=1)
        self.trade.week(self, week, line_detection, find_goods, crossed)
        income = pricing.set_prices(self, week)
        spent, added = keep_house(self, week)
        net = income - spent + self.trade.surplus[week.slots]
        self.profit[week.slots] += (net - self.profit[week.slots]) / MEMORY
        repute(self, week)
        move_cells(self, week, line_gate)
        self._open_week(slice(None))
        compare(self, week, income - added)
        pricing.set_port_prices(self, port_risk)
        self._change()

    def _change(self) -> None:
        """Cells are broken up and replaced; organisations leave, come, and lose their heads."""
        self.broken += hunt(self)
        replace(self)
        if self.params.adaptive_entry:
            lifecycle.leave(self)
            lifecycle.enter(self)
        self.struck = lifecycle.strike(self)

    def pay(self, payer: Account, payee: Account, dollars: np.ndarray) -> None:
        """Book what several organisations pay or are paid."""
        total = int(dollars.sum())
        if total:
            self.environment.pay(payer, payee, total)

    def concentration(self) -> float:
        """Herfindahl index of contracts over the last eight weeks, 0 where nobody signed."""
        share = self.contracts.sum(axis=0) / max(1, int(self.contracts.sum()))
        return float((share**2).sum())

    def relocate(self) -> None:
        """Daily: cells on the move go on."""
        for agent in self.agents.values():
            for cell in agent.cells:
                if cell.place != cell.target:
                    cell.advance_move()
