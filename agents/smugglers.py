"""Smuggling organisations: price, cells, reputation, entry, exit, decapitation.

An organisation sells a contract of up to three attempts. It keeps cells at staging places, learns
the legs from its own clients, and plans their routes. Prices follow a logit-Bertrand rule: cost of
the attempts a client will need, plus a margin that grows with the share of the market.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from mesa.discrete_space import CellAgent

from agents.beliefs import PASSED, Beliefs
from agents.labels import GROUPS
from agents.migrants.columns import MARKET
from agents.outcomes import Account
from agents.param import param
from agents.stage import Stream

if TYPE_CHECKING:
    from agents.stage import Stage


@dataclass(frozen=True, slots=True, kw_only=True)
class SmugglerParams:
    """Costs, prices and the life of organisations."""

    count_mexican: int = param(
        5, unit="organisations", low=0, high=20, doc="Organisations that serve Mexican regions.",
    )
    count_northern_triangle: int = param(
        7, unit="organisations", low=0, high=20,
        doc="Organisations that serve the Northern Triangle.",
    )
    cost_base: tuple[float, ...] = param(
        (300.0, 500.0), unit="$", low=0.0, high=20_000.0, labels=GROUPS,
        doc="Cost of an attempt before distance, taxes and bribes.",
    )
    cost_km: float = param(
        0.12, unit="$/km", low=0.0, high=5.0, doc="Transport cost of a client.",
    )
    passage_tax: float = param(
        300.0, unit="$", low=0.0, high=10_000.0,
        doc="Tax that criminal groups take for a passage.",
    )
    tax_response: float = param(
        1.0, unit="elasticity", low=0.0, high=5.0,
        doc="How the passage tax rises with the risk of an attempt.",
    )
    bribe: tuple[float, ...] = param(
        (20.0, 150.0), unit="$", low=0.0, high=5_000.0, labels=GROUPS,
        doc="Bribes paid per attempt.",
    )
    penalty: tuple[float, ...] = param(
        (300.0, 800.0), unit="$", low=0.0, high=20_000.0, labels=GROUPS,
        doc="Loss of the organisation per failed attempt: guides, vehicles, houses.",
    )
    price_sensitivity: float = param(
        1.0 / 900.0, unit="per $", low=1e-5, high=0.05, doc="How clients answer to price.",
    )
    price_speed: float = param(
        0.2, unit="per week", low=0.01, high=1.0, doc="Weekly adjustment of a price to its target.",
    )
    quality: float = param(
        0.15, unit="share", low=0.0, high=0.9, doc="Share of a hazard that guides avoid.",
    )
    cells: int = param(
        6, unit="cells", low=1, high=40, doc="Cells of a new organisation.",
    )
    cell_week: float = param(
        1_500.0, unit="$/week", low=0.0, high=100_000.0, doc="Upkeep of a cell.",
    )
    overhead_week: float = param(
        60_000.0, unit="$/week", low=0.0, high=10_000_000.0,
        doc="Standing cost of an organisation: safe houses, protection, pay of those who stay.",
    )
    reserve_weeks: float = param(
        13.0, unit="weeks", low=1.0, high=520.0,
        doc="Weeks of standing cost kept in cash; owners take the rest out.",
    )
    capital: float = param(
        600_000.0, unit="$", low=0.0, high=1e8, doc="Cash of a new organisation.",
    )
    reputation_speed: float = param(
        0.05, unit="per week", low=0.0, high=1.0, doc="Weekly weight of new experience.",
    )
    entry_margin: float = param(
        1.5, unit="ratio", low=1.0, high=20.0,
        doc="Profit per organisation over its early level at which others enter.",
    )
    entry_days: float = param(
        90.0, unit="days", low=7.0, high=1_000.0, doc="How long margins must last before entry.",
    )
    adaptive_entry: bool = param(
        True, unit="yes or no", low=0, high=1, doc="Whether organisations enter and leave.",
    )
    decapitation: float = param(
        0.05, unit="per year", low=0.0, high=5.0,
        doc="Hazard that an organisation loses its head, without further cooperation.",
    )
    dismantled: float = param(
        0.3, unit="share", low=0.0, high=1.0,
        doc="Organisations that end for good when they lose their head; the rest splinter.",
    )
    splinters: float = param(
        1.5, unit="pieces", low=0.0, high=10.0, doc="Mean number of pieces beyond the first.",
    )
    splinter_violence: float = param(
        0.8, unit="share", low=0.0, high=5.0,
        doc="Rise of violence on the legs of an organisation that splits.",
    )
    violence_months: float = param(
        12.0, unit="months", low=1.0, high=120.0, doc="Time in which such violence decays (1/e).",
    )


class Cell(CellAgent):
    """A cell at a staging place; works the line legs around it and moves along the graph."""

    def __init__(self, stage: Stage, slot: int, place: int) -> None:
        """Stand at `place` for the organisation in `slot`."""
        super().__init__(stage)
        self.slot, self.place, self.target = slot, place, place
        self.left = 0.0  # moment it left the present place
        self.cell = stage.cell_of(place)

    def advance_move(self) -> None:
        """Daily while relocating: one leg of the graph at a time."""
        stage: Stage = self.model
        while self.place != self.target:
            step, days = stage.step_towards(self.place, self.target)
            if self.left + days > stage.today:
                return
            self.left += days
            self.place, self.cell = step, stage.cell_of(step)


class Organisation(CellAgent):
    """A smuggling organisation; its figures live in a slot that the day loop reads."""

    def __init__(self, stage: Stage, slot: int, groups: tuple[int, ...], home: int) -> None:
        """Take `slot`, serve `groups`, keep house at place `home`."""
        super().__init__(stage)
        self.slot, self.groups = slot, groups
        self.cell = stage.cell_of(home)
        self.home = home
        self.cells: list[Cell] = []
        self.planned = False  # whether routes were planned for it yet
        self.share = np.zeros(2)
        self.crossed: np.ndarray | None = None  # clients past the line by gate, eight-week mean
        self.profit = 0.0  # $ a week, eight-week mean

    def cells_at(self, places: int) -> np.ndarray:
        """Cells by place, those on the move left out."""
        count = np.zeros(places)
        for cell in self.cells:
            if cell.place == cell.target:
                count[cell.place] += 1.0
        return count

    def remove(self) -> None:
        """Leave the stage with all cells."""
        for cell in self.cells:
            cell.remove()
        self.cells.clear()
        super().remove()


class Market:
    """All organisations: founding, weekly review, entry, exit, decapitation."""

    def __init__(self, stage: Stage, params: SmugglerParams, beliefs: Beliefs, *,
                 origin_group: np.ndarray, origin_place: np.ndarray, gates: np.ndarray,
                 gate_share: np.ndarray, km: np.ndarray) -> None:
        """Found the first organisations.

        Args:
            stage: where they live.
            params: their numbers.
            beliefs: their memory, a row per slot.
            origin_group, origin_place: group and place by community.
            gates: staging places from which the line is tried.
            gate_share: shape (2, gates), where each group crosses in the base year.
            km: mean distance to the line by group.
        """
        self.stage, self.params, self.beliefs = stage, params, beliefs
        self.book = np.zeros(1, MARKET)[0]  # figures by slot, as the day loop reads them
        self.agents: dict[int, Organisation] = {}
        self.origin_group, self.origin_place = origin_group, origin_place
        self.gates, self.gate_share, self.km = gates, gate_share, km
        self.next_uid, self.good_days, self.early_profit = 1, np.zeros(2), np.zeros(2)
        self.reviews = 0
        self.struck: list[int] = []  # slots decapitated at the last review
        for group, count in enumerate((params.count_mexican, params.count_northern_triangle)):
            for number in range(count):
                self.found(group, self._territory(group, number, count))

    # ---- founding ---------------------------------------------------------------------------
    def _territory(self, group: int, number: int, count: int) -> list[int]:
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
        book["active"][slot], book["uid"][slot] = 1, self.next_uid
        book["cash"][slot] = int(self.params.capital if cash is None else cash)
        if cash is None and self.reviews > 0:  # a newcomer's capital comes from outside
            self.stage.pay(Account.HOUSEHOLDS, Account.ORGANISATIONS, int(book["cash"][slot]))
        book["reputation"][slot], book["quality"][slot] = 0.5, self.params.quality
        book["serves"][slot] = sum(1 << o for o in territory)
        book["top"] = np.flatnonzero(book["active"])[-1] + 1
        self._open_week(slot)
        self.next_uid += 1
        self.beliefs.forget(slot)
        agent = Organisation(self.stage, slot, (group,), int(self.origin_place[territory[0]]))
        self.agents[slot] = agent
        self._place_cells(agent, group)
        for g in range(2):
            cost = self._set_cost(slot, g, 0.5)
            book["price"][slot, g] = round(self._target(cost, 0.5, 0.1))
        return slot

    def _open_week(self, slot: int) -> None:
        for name in ("clients", "arrived", "failed", "harmed"):
            self.book[name][slot] = 0

    def _place_cells(self, agent: Organisation, group: int) -> None:
        """Cells in proportion to where the group crosses in the base year (largest remainders)."""
        quota = self.gate_share[group] * self.params.cells
        count = np.floor(quota).astype(int)
        for k in np.argsort(-(quota - count), kind="stable")[: self.params.cells - count.sum()]:
            count[k] += 1
        for k, n in enumerate(count):
            for _ in range(n):
                agent.cells.append(Cell(self.stage, agent.slot, int(self.gates[k])))

    # ---- prices -----------------------------------------------------------------------------
    def _set_cost(self, slot: int, group: int, risk: float) -> float:
        """Set and return the cost of an attempt at this risk of failure, $."""
        p, book = self.params, self.book
        tax = p.passage_tax * (max(risk, 1e-3) / 0.5) ** p.tax_response
        cost = p.cost_base[group] + p.cost_km * self.km[group] + tax + p.bribe[group]
        cost = round(cost + risk * p.penalty[group])
        book["cost"][slot, group], book["tax"][slot, group] = cost, round(tax)
        book["bribe"][slot, group] = round(p.bribe[group])
        return cost

    def _target(self, cost: float, risk: float, share: float) -> float:
        expected = cost * (1.0 + risk + risk * risk)
        return expected + 1.0 / (self.params.price_sensitivity * max(0.05, 1.0 - share))

    # ---- weekly review ----------------------------------------------------------------------
    def review(self, risk: np.ndarray, line_gate: np.ndarray) -> None:
        """Weekly: shares, costs, prices, reputation, cells; then who leaves and who comes.

        Args:
            risk: chance that an attempt fails, shape (slots, 2).
            line_gate: gate of each line leg, -1 elsewhere.
        """
        self.reviews += 1
        total = self.book["clients"].sum(axis=0)
        for agent in list(self.agents.values()):
            self._review_one(agent, total, risk[agent.slot], line_gate)
        if self.params.adaptive_entry:
            self._leave()
            self._enter()
        self.struck = self._strike()

    def _review_one(self, agent: Organisation, total, risk, line_gate) -> None:
        book, slot, income = self.book, agent.slot, 0.0
        for g in agent.groups:
            share = book["clients"][slot, g] / total[g] if total[g] else 0.0
            agent.share[g] += 0.25 * (share - agent.share[g])
            cost = self._set_cost(slot, g, float(risk[g]))
            price = book["price"][slot, g]
            step = self._target(cost, float(risk[g]), agent.share[g]) - price
            book["price"][slot, g] = price + self.params.price_speed * step
            attempts = 1.0 + risk[g] + risk[g] ** 2
            income += book["clients"][slot, g] * (book["price"][slot, g] - cost * attempts)
        upkeep = self._keep_house(agent)
        agent.profit += (income - upkeep - agent.profit) / 8.0
        self._repute(slot)
        self._move_cells(agent, line_gate)
        self._open_week(slot)

    def _keep_house(self, agent: Organisation) -> int:
        """Pay a week's standing cost, and the owners what is more than the reserve."""
        p, cash = self.params, self.book["cash"]
        upkeep = int(p.overhead_week + p.cell_week * len(agent.cells))
        self.stage.pay(Account.ORGANISATIONS, Account.SUPPLIERS, upkeep)
        cash[agent.slot] -= upkeep
        profit = int(cash[agent.slot] - p.reserve_weeks * upkeep)
        if profit > 0:
            self.stage.pay(Account.ORGANISATIONS, Account.HOUSEHOLDS, profit)
            cash[agent.slot] -= profit
        return upkeep

    def _repute(self, slot: int) -> None:
        """Reputation: moving average of success less abuse."""
        arrived, failed, harmed = (self.book[n][slot] for n in ("arrived", "failed", "harmed"))
        if arrived + failed + harmed > 0:
            good = max(0.0, (arrived - 2.0 * harmed) / (arrived + failed + harmed))
            step = self.params.reputation_speed * (good - self.book["reputation"][slot])
            self.book["reputation"][slot] += step

    def _move_cells(self, agent: Organisation, line_gate) -> None:
        """Send one cell from where it earns least to where cells earn most."""
        told = self.beliefs.told[agent.slot, :, PASSED]
        crossed = np.zeros(self.gates.size)
        np.add.at(crossed, line_gate[line_gate >= 0], told[line_gate >= 0])
        if agent.crossed is None:
            agent.crossed = crossed
        agent.crossed += (crossed - agent.crossed) / 8.0
        held = np.zeros(self.gates.size)
        index = {int(place): k for k, place in enumerate(self.gates)}
        for cell in agent.cells:
            held[index[cell.target]] += 1.0
        if agent.crossed.sum() <= 0.0:
            return
        worth = agent.crossed / (held + 0.5)
        poor = np.where(held > 0, worth, np.inf)
        best, worst = int(np.argmax(worth)), int(np.argmin(poor))
        if best != worst and worth[best] > 2.0 * poor[worst] + 1e-9:
            cell = next(c for c in agent.cells if index[c.target] == worst)
            cell.target, cell.left = int(self.gates[best]), float(self.stage.today)

    # ---- exit, entry, decapitation ----------------------------------------------------------
    def _leave(self) -> None:
        for slot, agent in list(self.agents.items()):
            if self.book["cash"][slot] < 0:
                self.dissolve(slot, agent)

    def dissolve(self, slot: int, agent: Organisation) -> None:
        """An organisation ends; what it still owes stays with its suppliers."""
        cash = int(self.book["cash"][slot])
        if cash:
            self.stage.pay(Account.ORGANISATIONS, Account.SUPPLIERS, cash)
        self.book["cash"][slot] = self.book["active"][slot] = 0
        self.beliefs.forget(slot)
        agent.remove()
        del self.agents[slot]
        self.stage.orphan(slot)

    def _enter(self) -> None:
        """A newcomer, once profit per organisation has stood high for long enough."""
        for group in range(2):
            peers = [a for a in self.agents.values() if group in a.groups]
            if not peers:
                self.found(group, self._territory(group, 0, 1))
                continue
            profit = float(np.mean([a.profit for a in peers]))
            if self.reviews <= 26:
                self.early_profit[group] = max(self.early_profit[group], profit, 1.0)
                continue
            high = profit > self.params.entry_margin * self.early_profit[group]
            self.good_days[group] = self.good_days[group] + 7.0 if high else 0.0
            if self.good_days[group] >= self.params.entry_days:
                self.good_days[group] = 0.0
                draw = self.stage.luck.uniform(Stream.ENTRY, group, self.stage.today)
                number = int(4.0 * draw)
                self.found(group, self._territory(group, number, 4))

    def _strike(self) -> list[int]:
        hazard = self.params.decapitation + float(self.stage.levers.decapitation[0])
        chance = -np.expm1(-hazard * 7.0 / 365.0)
        struck = []
        for slot in list(self.agents):
            uid = int(self.book["uid"][slot])
            if self.stage.luck.uniform(Stream.DECAPITATION, uid, self.stage.today) < chance:
                struck.append(slot)
                if self._ends(uid):
                    self.dissolve(slot, self.agents[slot])
                else:
                    self._split(slot, uid)
        return struck

    def _ends(self, uid: int) -> bool:
        event = self.stage.today | 1 << 21  # a key beside that of the blow itself
        return self.stage.luck.uniform(Stream.DECAPITATION, uid, event) < self.params.dismantled

    def _split(self, slot: int, uid: int) -> None:
        """The head is gone: the organisation goes on in pieces that share its cash."""
        pieces = self.stage.luck.poisson(Stream.DECAPITATION, (uid << 20) | self.stage.today,
                                         self.params.splinters)
        book, agent = self.book, self.agents[slot]
        book["reputation"][slot] *= 0.8
        served = int(book["serves"][slot])
        territory = [o for o in range(self.origin_group.size) if (served >> o) & 1]
        part = int(book["cash"][slot]) // (pieces + 1)
        for _ in range(pieces):
            heir = self.found(agent.groups[0], territory, cash=max(part, 0))
            if heir is None:
                return
            book["cash"][slot] -= max(part, 0)
            book["reputation"][heir] = book["reputation"][slot]
            self._hand_over(agent, self.agents[heir], len(agent.cells) // (pieces + 1))
            self.beliefs.inherit(heir, slot)

    def _hand_over(self, parent: Organisation, heir: Organisation, count: int) -> None:
        """An heir takes over cells of its parent and has no others."""
        for cell in heir.cells:
            cell.remove()
        heir.cells = [parent.cells.pop() for _ in range(min(count, len(parent.cells) - 1))]
        for cell in heir.cells:
            cell.slot = heir.slot

    def relocate(self) -> None:
        """Daily: cells on the move go on."""
        for agent in self.agents.values():
            for cell in agent.cells:
                if cell.place != cell.target:
                    cell.advance_move()
