"""The market: all smuggling organisations and their weekly review.

An organisation sells contracts for up to three attempts, keeps cells at staging places, learns from
its clients how risky legs are, and plans their routes.
"""

from __future__ import annotations

import math
from collections.abc import Iterable
from operator import attrgetter
from typing import Any

import numpy as np

from agents.contest import probability
from agents.environment import Stream, Trait, figure, grouped
from agents.jit import kernel
from agents.migrants.columns import SLOTS
from agents.outcomes import Account
from agents.plans import PASSED
from agents.smugglers import organisation, products
from agents.smugglers.organisation import Organisation, SmugglerCell, by_slot, hiring_pace
from agents.smugglers.state import MEMORY, MarketState, WeekSummary, update_capacity, update_ratios

LEARNING = 26  # reviews in which the early profit is measured


# ---- founding -----------------------------------------------------------------------------------
def found_first_organisations(market: Market) -> None:
    """Found the organisations that exist when a run begins."""
    p = market.params
    for group, count in enumerate((p.count_mexican, p.count_northern_triangle)):
        for number in range(count):
            found_organisation(market, group, _territory(market, group, number, count))


def _territory(market: MarketState, group: int, number: int, count: int) -> list[int]:
    """Return which communities organisation `number` of `count` serves. Territories overlap."""
    communities = np.flatnonzero(market.origin_group == group)
    reach = max(1, round(0.6 * count))
    chosen = [int(o) for k, o in enumerate(communities) if (k + number) % count < reach]
    return chosen or [int(o) for o in communities[number % max(1, communities.size) :][:1]]


def found_organisation(
    market: Market, group: int, territory: list[int], cash: float | None = None
) -> int | None:
    """Found an organisation in a free slot, with cells and prices.

    Args:
        market: market data.
        group: group that the organisation serves.
        territory: communities that the organisation serves.
        cash: initial cash in $. None means a new entrant's capital.

    Returns:
        The organisation's slot, or None if no slot is free or the territory is empty.
    """
    slot = market.free_slot()
    if slot is None or not territory:
        return None
    book = market.book
    market.reset_slot(slot)
    book["active"][slot], book["uid"][slot] = 1, market.next_uid
    book["cash"][slot] = int(market.params.capital if cash is None else cash)
    if cash is None and market.reviews > 0:  # An entrant's capital comes from outside the market.
        market.environment.pay(Account.HOUSEHOLDS, Account.ORGANISATIONS, int(book["cash"][slot]))
    book["reputation"][slot], book["quality"][slot] = 0.5, market.params.quality
    book["serves"][slot] = sum(1 << o for o in territory)
    market.group[slot] = group
    book["top"] = np.flatnonzero(book["active"])[-1] + 1
    market.next_uid += 1
    home = int(market.origin_place[territory[0]])
    agent = market.environment.class_of(Organisation)(market, slot, group, home)
    agent.place_cells(group)
    groups = np.arange(2)
    cost = products.set_cost(market, np.full(2, slot), groups, np.full(2, 0.5))
    attempts, sensitivity = products.expected_attempts.py_func(0.5), market.params.price_sensitivity
    price = products.target_price.py_func(sensitivity, cost, attempts, 0.1)
    book["price"][slot] = np.rint(price)
    products.open_port_price(market, group)
    return slot


# ---- entry --------------------------------------------------------------------------------------
def found_entrants(market: Market) -> None:
    """Found one organisation per group after profit has been high for `entry_days`."""
    for group in range(2):
        peers = market.sellers()[group]
        if not peers.size:
            found_organisation(market, group, _territory(market, group, 0, 1))
            continue
        profit = float(np.add.reduce(market.profit[peers]) / peers.size)
        if market.reviews <= LEARNING:
            market.early_profit[group] = max(market.early_profit[group], profit, 1.0)
            continue
        high = profit > market.params.entry_margin * market.early_profit[group]
        days = market.days_of_high_profit
        days[group] = days[group] + 7.0 if high else 0.0
        if days[group] >= market.params.entry_days:
            days[group] = 0.0
            draw = market.environment.keyed_random.uniform(
                Stream.ENTRY, group, market.environment.today
            )
            found_organisation(market, group, _territory(market, group, int(4.0 * draw), 4))


# ---- decapitation -------------------------------------------------------------------------------
def decapitate(market: Market) -> list[int]:
    """Draw which organisations lose their leader this week. Each is dissolved or split.

    Returns:
        Slots of these organisations.
    """
    environment = market.environment
    hazard = market.params.decapitation + float(environment.levers.decapitation[0])
    chance = probability(hazard * 7.0 / 365.0)
    slots = []
    for slot, agent in market.agents.items():
        uid = int(market.columns["uid"][slot])
        if environment.keyed_random.uniform(Stream.DECAPITATION, uid, environment.today) < chance:
            slots.append(slot)
            event = environment.today | 1 << 21  # The key must differ from the draw above.
            draw = environment.keyed_random.uniform(Stream.DECAPITATION, uid, event)
            if draw < market.params.dismantled:
                agent.remove()
            else:
                _split(market, slot, uid)
    return slots


def _split(market: Market, slot: int, uid: int) -> None:
    """Split a decapitated organisation into parts that share its cash and cells."""
    key = (uid << 20) | market.environment.today
    pieces = market.environment.keyed_random.poisson(
        Stream.DECAPITATION, key, market.params.splinters
    )
    book, agent = market.book, market.agents[slot]
    book["reputation"][slot] *= 0.8
    territory = [o for o in range(market.origin_group.size) if (agent.territory >> o) & 1]
    part = int(book["cash"][slot]) // (pieces + 1)
    for _ in range(pieces):
        heir = found_organisation(market, agent.group, territory, cash=max(part, 0))
        if heir is None:
            return
        book["cash"][slot] -= max(part, 0)
        book["reputation"][heir] = book["reputation"][slot]
        agent.hand_cells_to(market.agents[heir], len(agent.cells) // (pieces + 1))
        market.beliefs.inherit(heir, slot)


@kernel
def update_crossed(slots, line_gate, reports, crossed):
    """Update the eight-week means of clients who pass the line, by organisation and gate.

    Args:
        slots: organisations under review, shape (n,).
        line_gate: gate of each line leg, -1 elsewhere.
        reports: the week's reports in persons, by slot, leg and outcome.
        crossed: means in persons by slot and gate, changed in place.
    """
    for slot in slots:
        clients = np.zeros(crossed.shape[1])
        for leg in range(line_gate.size):
            if line_gate[leg] >= 0:
                clients[line_gate[leg]] += reports[slot, leg, PASSED]
        for gate in range(clients.size):
            mean = crossed[slot, gate]
            mean = clients[gate] if math.isnan(mean) else mean  # A new mean starts with this week.
            crossed[slot, gate] = mean + (clients[gate] - mean) / 8.0


def dismantle_cells(market: Market) -> int:
    """Dismantle cells that are not relocating, once a week, with the hazard from `cell_hunt`.

    Returns:
        Number of dismantled cells.
    """
    hazard = float(market.environment.levers.cell_hunt[0])
    if hazard <= 0.0:
        return 0
    environment, dismantled = market.environment, 0
    chance = probability(hazard * 7.0 / 365.0)
    for agent in market.agents.values():
        for cell in [c for c in agent.cells if c.standing]:
            draw = environment.keyed_random.uniform(
                Stream.CELL_HUNT, cell.number, environment.today
            )
            if draw < chance:
                agent.lost += (cell.place,)
                cell.remove()
                dismantled += 1
    return dismantled


class Market(MarketState):
    """All organisations in a run, with the attributes of `MarketState`."""

    @property
    def agents(self) -> dict[int, Organisation]:
        """Organisations in the model's register, by slot."""
        return self.environment.figure_of(Organisation, by_slot, Trait.MEMBER)

    @property
    @figure(SmugglerCell, Trait.MEMBER)
    def cells(self, cells: Iterable[SmugglerCell]) -> dict[int, list[SmugglerCell]]:
        """Cells in the model's register by slot, ordered by rank within an organisation."""
        return grouped(sorted(cells, key=attrgetter("rank")), "slot")

    @figure(SmugglerCell, Trait.TARGET)
    def moving_cells(self, cells: Iterable[SmugglerCell]) -> list[SmugglerCell]:
        """Return cells that may be relocating, or all cells if a user's class replaces them.

        A cell stays in the list after its arrival, until some cell gets a new order.
        """
        replaced = self.environment.class_of(SmugglerCell) is not SmugglerCell
        return [cell for cell in cells if replaced or not cell.standing]

    @figure(Organisation, Trait.MEMBER)
    def slots(self, organisations: Iterable[Organisation]) -> np.ndarray:
        """Return the organisations' slots in creation order, shape (n,)."""
        return np.array([organisation.slot for organisation in organisations], np.intp)

    @figure(Organisation, Trait.MEMBER)
    def sellers(self, organisations: Iterable[Organisation]) -> list[np.ndarray]:
        """Return the slots of organisations by the group that they serve, in creation order."""
        slots = np.array(sorted(organisation.slot for organisation in organisations), np.intp)
        return [slots[self.group[slots] == group] for group in range(2)]

    @figure(SmugglerCell, Trait.MEMBER)
    def cell_counts(self, cells: Iterable[SmugglerCell]) -> np.ndarray:
        """Return the number of cells by slot, including cells that are relocating."""
        slots = np.array([cell.slot for cell in cells], np.intp)
        return np.bincount(slots, minlength=SLOTS).astype(float)

    @figure(SmugglerCell, Trait.TARGET)
    def cells_by_gate(self, cells: Iterable[SmugglerCell]) -> np.ndarray:
        """Count the cells in the model's register by target, shape (slots, gates)."""
        gates = self.gates.size
        bins = [cell.slot * gates + self.gate_index[cell.target] for cell in cells]
        return np.bincount(np.array(bins, np.intp), minlength=SLOTS * gates).reshape(SLOTS, gates)

    def vacate(self, slot: int) -> None:
        """Clear a former organisation's slot.

        Its cash goes to suppliers, its cells leave the model and its clients continue alone.

        Args:
            slot: slot in the market's record.
        """
        self.pay(Account.ORGANISATIONS, Account.SUPPLIERS, self.book["cash"][slot])
        self.reset_slot(slot)
        for cell in self.cells.get(slot, ()):
            cell.remove()
        self.environment.release_clients(slot)

    def find_changes(self) -> None:
        """Apply users' changes to organisations and cells, every morning.

        Organisations whose cells have changed since the last review plan their routes at the next
        review. An organisation that has lost its last cell releases its clients, and accepts no new
        clients until it has a cell again. If an organisation has left the register, its slot is
        cleared.
        """
        agents, stations, active = self.agents, self.cells_by_gate(), self.columns["active"]
        if np.count_nonzero(active) > len(agents):
            for slot in np.flatnonzero(active).tolist():
                if slot not in agents:
                    self.vacate(slot)
        if stations is self.stations or np.array_equal(stations, self.stations):
            return
        for slot in agents.keys() & np.flatnonzero((stations != self.stations).any(1)).tolist():
            self.beliefs.planned[slot] = np.nan
            if slot not in self.cells:
                self.columns["serves"][slot] = 0
                self.environment.release_clients(slot)
        self._receive()

    def _receive(self) -> None:
        """Let organisations with cells accept clients, and store where cells are."""
        self.stations, agents, serves = self.cells_by_gate(), self.agents, self.columns["serves"]
        for slot in self.cells.keys() & agents.keys():
            serves[slot] = agents[slot].territory

    def passage_tax_by_gate(self) -> np.ndarray:
        """Return the passage tax paid by organisations since the last review, by gate, $.

        Clients are assumed to cross at the same gates as clients in the last eight weeks, or as in
        the base year if none has crossed.
        """
        slots = self.slots()
        base_year = self.gate_share[self.group[slots]] * 1e-9
        crossed = self.crossed[slots]
        where = np.where(np.isnan(crossed), 0.0, crossed) + base_year
        where /= np.maximum(where.sum(axis=1, keepdims=True), 1e-300)
        return self.columns["taxed"][slots] @ where

    def quality(self) -> float:
        """Return the share of a hazard that guides avoid today, mean over cells."""
        slots = self.slots()
        cells = self.cell_counts()[slots]
        total = cells.sum()
        if total <= 0.0:
            return self.params.quality
        return float((self.columns["quality"][slots] * cells).sum() / total)

    def _decide(self, decision: str, *week: WeekSummary, able: Any = None) -> None:
        """Let all organisations make a decision.

        Args:
            decision: name of a method of the organisations.
            week: the week under review, for decisions that depend on it.
            able: function that selects the organisations that need the decision, unless a user's
                class replaces `Organisation`. None for a numerical decision, which is computed for
                all organisations together.
        """
        class_of = self.environment.class_of
        if any(class_of(kind) is not kind for kind in (Organisation, SmugglerCell)):
            self.environment.register_of(Organisation).do(decision, *week)
        elif able is None:
            getattr(organisation, decision)(self, *week, week[0].slots)
        else:
            for agent in filter(able, self.agents.values()):
                getattr(agent, decision)(*week)

    def review(
        self,
        risk: np.ndarray,
        line_gate: np.ndarray,
        *,
        port_risk: np.ndarray | float | None = None,
    ) -> None:
        """Run the weekly review: prices, costs, reputation, cells, entry and exit.

        Organisations make their decisions in methods of `Organisation`. Between these decisions,
        the market computes costs, baselines and entry.

        Args:
            risk: probability that an attempt fails, shape (slots, 2).
            line_gate: gate of each line leg, -1 elsewhere.
            port_risk: probability that a hidden person is detected at ports, by group or as one
                number for both groups.
        """
        self.reviews += 1
        if self.environment.recording and not self.baseline.settled:
            self.baseline.settle()
        week = WeekSummary.of(self, risk)
        self.contracts[self.reviews % MEMORY] = self.columns["clients"].sum(axis=1)
        products.set_cost(self, week.slots, week.group, week.risk[week.slots])
        self._decide("set_price", week)
        self._decide("pay_operating_costs", week)
        change = week.income - week.spent - self.profit
        self.profit[week.slots] += change[week.slots] / MEMORY
        self._decide("update_reputation", week)
        update_crossed(week.slots, line_gate, self.beliefs.new_reports, self.crossed)
        self._decide("relocate_cell", week)
        self.reset_week(slice(None))
        update_ratios(self, week)
        update_capacity(self, week)
        products.set_port_prices(self, port_risk)
        self.dismantled += dismantle_cells(self)
        pace, over, cash = hiring_pace(self), self.capacity.overload, self.columns["cash"]
        self._decide("replace_cells", able=lambda a: a.lost or a.hiring != max(1.0, pace))
        self._decide("adapt_cells", week, able=lambda a: a.extra > 0 or over[a.slot] > 1.0)
        if self.params.adaptive_entry:
            self._decide("exit_if_insolvent", able=lambda a: cash[a.slot] < 0)
            found_entrants(self)
        self.struck = decapitate(self)
        self._receive()
