"""Smuggling organisations and their cells as Mesa agents, with their weekly decisions.

`agents.smugglers.market.Market.review` makes the decisions once a week, in the order in which the
methods are defined here. Decisions read the week's data by organisation
(:class:`agents.smugglers.state.WeekSummary`) and the costs common to all organisations. Numerical
decisions are functions of several slots. An organisation's method calls this function for one slot.
The market calls it for all slots, unless a user's class replaces `Organisation` or `SmugglerCell`.
"""

from __future__ import annotations

from collections.abc import Iterable
from functools import partial
from typing import TYPE_CHECKING, Any

import numpy as np
from mesa.discrete_space import CellAgent

from agents.deployment import WalkingUnit
from agents.environment import CheckedCell, NotCreatedAlone, Trait, bounded, put_in_cell, read_only
from agents.jit import kernel
from agents.outcomes import Account
from agents.param import Param, check, plain
from agents.smugglers.products import expected_attempts, target_price

if TYPE_CHECKING:
    from agents.environment import Environment
    from agents.smugglers.market import Market
    from agents.smugglers.state import WeekSummary

MONTH = 365.0 / 12.0  # days
_FOUNDATION = "agents.smugglers.market.found_organisation"
_COUNT = Param(value=0, unit="cells", low=0, high=10**6, doc="Number of cells, or of a cell.")
type Slots = np.ndarray | list[int]
_PAYEES = Account.US_TREASURY, Account.SUPPLIERS, Account.HOUSEHOLDS


def by_slot(organisations: Iterable[Organisation]) -> dict[int, Organisation]:
    """Return organisations by slot."""
    return {organisation.slot: organisation for organisation in organisations}


def organisation_in(environment: Environment, slot: int) -> Organisation:
    """Return the organisation in a slot.

    Args:
        environment: the model as agents see it.
        slot: slot in the market's record.

    Raises:
        ValueError: no organisation in the model has this slot.
    """
    organisation = environment.figure_of(Organisation, by_slot, Trait.MEMBER).get(slot)
    if organisation is not None:
        return organisation
    raise ValueError(f"slot {plain(slot)} has no organisation: give the slot of one in the model")


class SmugglerCell(WalkingUnit):
    """An organisation's cell. It serves the line legs at its staging place.

    After an order to another gate, it moves every morning (`walk`). If a user moves a cell, removes
    it or gives it to another organisation, its capacity changes accordingly.

    Attributes:
        number: identity, unique over the run.
        rank: position among the organisation's cells.
    """

    _decisions = "walk", "order"
    number, rank = read_only("a cell keeps its identity"), bounded(_COUNT)

    def __init__(self, environment: Environment, slot: int, place: int, number: int) -> None:
        """Create a cell.

        Args:
            environment: the model as agents see it.
            slot: slot of the cell's organisation.
            place: staging place.
            number: identity, unique over the run.

        Raises:
            ValueError: no organisation has the slot, or the place is not a staging place.
        """
        self.number = check("number", _COUNT, number)
        self._join(organisation_in(environment, slot))
        super().__init__(environment, place)

    @property
    def slot(self) -> int:
        """Slot of its organisation. Setting it gives the cell to another organisation."""
        return self._slot

    @slot.setter
    def slot(self, slot: int) -> None:
        self._join(organisation_in(self.model, slot))
        self.model.forget_figures(self, Trait.MEMBER)

    def check_place(self, environment: Environment, place: int) -> None:
        """Raise ValueError unless the place is a staging place."""
        market = organisation_in(environment, self._slot).market
        if place not in market.gate_index:
            gates = ", ".join(map(str, market.gates.tolist()))
            raise ValueError(f"a cell stands at a staging place: give one of the places {gates}")

    def _join(self, organisation: Organisation) -> None:
        """Become an organisation's last cell."""
        self._slot = organisation.slot
        self.rank = max((cell.rank + 1 for cell in organisation.cells), default=0)


_CASH = Param(value=0, unit="$", low=-(10**12), high=10**12, doc="Cash of an organisation.")
_TERRITORY = Param(value=0, unit="bit mask", low=0, high=2**63 - 1, doc="Communities served.")
_HIRING = Param(value=0.0, unit="cells", low=0.0, high=1e6, doc="Cells that it may add now.")
_PRICE = Param(value=1.0, unit="$", low=1.0, high=1e6, doc="Price of a contract.")


class Organisation(CheckedCell, NotCreatedAlone, CellAgent):
    """A smuggling organisation. Its data are in one slot of the market's record.

    Its cells are agents in the model's register. If a user removes the last cell, the organisation
    accepts no clients until it has a cell again. If the last cell is lost through a decision, a
    split or the authorities, the organisation works with casual guides (see
    :data:`agents.smugglers.state.LEAST_CELLS`).

    Attributes:
        market: market data.
        slot: slot in the market's record.
        group: group that it serves. Its contract price applies to this group.
        territory: bit mask of communities that it serves while it accepts clients.
        lost: places of dismantled cells without a replacement so far.
        hiring: number of cells that it may replace or add now. Each review limits it to one cell or
            to a week's cells, whichever is larger.
        extra: number of cells added beyond the first cells and not closed since.
    """

    _decisions = (
        *("set_price", "pay_operating_costs", "update_reputation", "relocate_cell"),
        *("replace_cells", "adapt_cells", "exit_if_insolvent"),
        *("add_cell", "place_cells", "hand_cells_to"),
    )
    _instead_of_adding = f"needs a slot of the market: call {_FOUNDATION}"
    market: Any = read_only("an organisation stays in the market of its model")
    slot, group = (read_only("the market sets it at the foundation") for _ in range(2))
    lost: Any = read_only("call remove() of a cell, or add_cell(place)")
    territory, hiring, extra = bounded(_TERRITORY), bounded(_HIRING), bounded(_COUNT)

    def __init__(self, market: Market, slot: int, group: int, home: int) -> None:
        """Create an organisation without cells.

        Args:
            market: market data.
            slot: slot in the market's record.
            group: group that it serves. Its contract price applies to this group.
            home: place index of its home, which has no effect.

        Raises:
            ValueError: the slot has not been prepared, or another organisation has it.
        """
        if not market.book["active"][slot] or slot in market.agents:
            raise ValueError(f"slot {plain(slot)} is not free: use {_FOUNDATION}")
        super().__init__(market.environment)
        self.market, self.slot, self.group = market, slot, group
        put_in_cell(self, market.environment.cell_of(home))
        self.territory = int(market.book["serves"][slot])
        self.lost = ()
        self.hiring = 0.0
        self.extra = 0

    def __repr__(self) -> str:
        """Return the slot, the number of cells and the price."""
        cells, price = len(self.cells), self.price
        return f"<{type(self).__name__} in slot {self.slot}, {cells} cells, price ${price:,.0f}>"

    # ---- its data -------------------------------------------------------------------------------
    def check_cell(self, cell: Any) -> None:
        """Raise ValueError, because an organisation stays at home until it leaves the market."""
        if cell is not None or not self._leaves:
            raise ValueError("nothing depends on the home of an organisation: move its cells")

    @property
    def cells(self) -> tuple[SmugglerCell, ...]:
        """Its cells in the model's register, in the order in which they joined the organisation."""
        if self.cell is None:
            return ()
        return tuple(self.market.cells.get(self.slot, ()))

    @property
    def cash(self) -> int:
        """Cash in whole dollars. When a user sets it, households pay or receive the difference."""
        return int(self._figure("cash"))

    @cash.setter
    def cash(self, dollars: int) -> None:
        added = check("cash", _CASH, dollars) - self.cash
        self.market.columns["cash"][self.slot] += added
        payer, payee = Account.HOUSEHOLDS, Account.ORGANISATIONS
        if added < 0:
            payer, payee = payee, payer
        self.market.environment.pay(payer, payee, abs(added))

    @property
    def price(self) -> float:
        """Contract price for its group, $. After a user sets it, the next review starts from it."""
        return float(self._figure("price")[self.group])

    @price.setter
    def price(self, dollars: float) -> None:
        self.market.columns["price"][self.slot, self.group] = check("price", _PRICE, dollars)

    @property
    def reputation(self) -> float:
        """Reputation, 0 to 1."""
        return float(self._figure("reputation"))

    def _figure(self, name: str) -> Any:
        """Return an entry of the market's record, 0 once the organisation has left the market."""
        entry = self.market.columns[name][self.slot]
        return entry if self.cell is not None else entry * 0

    def cells_at(self, places: int) -> np.ndarray:
        """Count cells that are not relocating by place, shape (places,)."""
        at_places = [cell.place for cell in self.cells if cell.standing]
        return np.bincount(np.array(at_places, int), minlength=places)

    # ---- weekly decisions, in their order -------------------------------------------------------
    def set_price(self, week: WeekSummary) -> None:
        """Move the price towards a contract's expected cost plus a margin.

        The margin grows with the market share, a moving average. A part of the change in standing
        cost per client is added. The week's income is computed at the new price.

        Args:
            week: the week under review. Its `income` for the organisation is set.
        """
        set_price(self.market, week, [self.slot])

    def pay_operating_costs(self, week: WeekSummary) -> None:
        """Pay a week's standing cost, and pay owners the cash beyond the reserve.

        Pressure by authorities raises the standing cost. Authorities also seize shares of the cash
        and of fees on deposit or in transfer.

        Args:
            week: the week under review. Its `spent`, `added` and `standing` for the organisation
                are set.
        """
        pay_operating_costs(self.market, week, [self.slot])

    def update_reputation(self, week: WeekSummary) -> None:
        """Update the reputation, a moving average of success less harm to clients.

        Args:
            week: the week under review.
        """
        update_reputation(self.market, week, [self.slot])

    def relocate_cell(self, week: WeekSummary) -> None:
        """Send at most one cell from the organisation's worst gate to the best gate.

        Gates are compared by clients past the line per cell, an eight-week mean. A relocating cell
        counts at its target. A cell moves only if the best gate has more than twice the number at
        its own gate.

        Args:
            week: the week under review.
        """
        relocate_cell(self.market, week, [self.slot])

    def replace_cells(self) -> None:
        """Replace dismantled cells at their former places, as far as pace and cash allow.

        If the capacity mechanism is on, an organisation also reserves the standing cost for its
        next weeks, and pressure by authorities slows the pace.
        """
        pace = hiring_pace(self.market)
        # Without this limit, many cells could be replaced at once after some quiet years.
        self.hiring = min(self.hiring + pace, max(1.0, pace))
        while self.lost and self._can_hire():
            place, self.lost = self.lost[0], self.lost[1:]
            self._hire(place)

    def adapt_cells(self, week: WeekSummary) -> None:
        """Add a cell at the best gate if overloaded, or close an added cell below the usual load.

        Only profitable organisations add cells, at the same pace and price as replacements.
        Organisations close at most as many cells as they have added, so their number returns to the
        base year's.

        Args:
            week: the week under review.
        """
        market, slot = self.market, self.slot
        load, over = market.capacity.load[slot].item(), market.capacity.overload[slot].item()
        if over > 1.0:
            if not self.lost and market.profit[slot] > 0.0 and self._can_hire():
                per_cell, _ = clients_per_cell(market, [self.slot])
                self._hire(int(market.gates[per_cell[0].argmax()]))
                self.extra += 1
        elif load < 1.0 and self.extra > 0 and self.hiring >= 1.0 and len(self.cells) > 1:
            self.hiring -= 1.0
            self.extra -= 1
            self.cells[-1].remove()

    def exit_if_insolvent(self) -> None:
        """Leave the market if cash is negative."""
        if self.market.columns["cash"][self.slot] < 0:
            self.remove()

    def _can_hire(self) -> bool:
        """Return whether hiring pace and cash allow another cell."""
        params, floor = self.market.params, 0.0
        if self.market.capacity.response > 0.0:
            week = params.overhead_week + params.cell_week * len(self.cells)
            floor = params.hire_weeks * week
        return self.hiring >= 1.0 and self.cash >= int(params.cell_price) + floor

    def _hire(self, place: int) -> None:
        """Pay for another cell at a staging place."""
        price = int(self.market.params.cell_price)
        self.hiring -= 1.0
        self.market.columns["cash"][self.slot] -= price
        self.market.pay(Account.ORGANISATIONS, Account.SUPPLIERS, price)
        self.add_cell(place)

    # ---- events of its life ---------------------------------------------------------------------
    def add_cell(self, place: int) -> None:
        """Add a cell, with a number that is unique in the run.

        Args:
            place: staging place.
        """
        market, environment = self.market, self.market.environment
        environment.class_of(SmugglerCell)(environment, self.slot, place, market.next_cell)
        market.next_cell += 1

    def place_cells(self, group: int) -> None:
        """Place the first cells in proportion to base-year crossings, rounded by largest remainder.

        Args:
            group: group whose crossings determine the places.
        """
        market = self.market
        quota = market.gate_share[group] * market.params.cells
        count = np.floor(quota).astype(int)
        for k in np.argsort(-(quota - count), kind="stable")[: market.params.cells - count.sum()]:
            count[k] += 1
        for place in np.repeat(market.gates, count).tolist():
            self.add_cell(place)

    def hand_cells_to(self, heir: Organisation, count: int) -> None:
        """Replace an heir's cells by cells of this organisation, which keeps at least one cell.

        Args:
            heir: another organisation in the same model.
            count: number of cells to transfer.

        Raises:
            ValueError: either organisation has left the model, the heir is this organisation or
                belongs to another model, or the count is not a whole number.
        """
        heir_market = None if heir is self or heir._leaves else heir.market
        if heir_market is not self.market:
            raise ValueError(
                f"{heir!r} cannot get cells: give another organisation of model.agents_of("
                "Organisation)"
            )
        count = check("count", _COUNT, count)
        for cell in heir.cells:
            cell.remove()
        cells = self.cells
        count = min(count, len(cells) - 1)
        for cell in reversed(cells[len(cells) - count :]):
            cell.slot = heir.slot

    def remove(self) -> None:
        """Leave the market: settle the cash, release the clients, and remove the cells.

        The slot is then free, and no contracts are sold for it.
        """
        if self.cell is not None:
            super().remove()
            self.market.vacate(self.slot)


def hiring_pace(market: Market) -> float:
    """Return how many cells an organisation may replace or add per week."""
    params, pace = market.params, market.params.cell_pace * 7.0 / MONTH
    if market.capacity.response > 0.0:
        pace /= 1.0 + params.pressure_hiring * market.environment.levers.pressure[0].item()
    return pace


# ---- numerical weekly decisions of several organisations, by slot --------------------------------
_COLUMNS = "price", "cost", "cash", "reputation", "arrived", "failed", "harmed"
_SET_PRICE, _PAY_COSTS, _UPDATE_REPUTATION = range(3)


def _make(decision: int, market: Market, week: WeekSummary, slots: Slots) -> None:
    """Make a numerical decision for the organisations in some slots."""
    p, columns, capacity = market.params, market.columns, market.capacity
    paid = _decide(
        *(decision, np.array(slots), *week[2:], *map(columns.__getitem__, _COLUMNS), market.group),
        *(market.share, capacity.surcharge, capacity.response, p.price_sensitivity, p.price_speed),
        *(p.overhead_week, p.cell_week, p.pressure_upkeep, p.funds_weeks, p.reserve_weeks),
        p.reputation_speed,
    )
    for payee, dollars in zip(_PAYEES, paid, strict=True):
        market.pay(Account.ORGANISATIONS, payee, dollars)


_DECISIONS = [partial(_make, decision) for decision in range(3)]
set_price, pay_operating_costs, update_reputation = _DECISIONS


@kernel
def _decide(
    decision, slots, cells, clients, total, risks, revenue, pressure, seizure, income, spent, added,
    standing, prices, costs, cash, reputation, arrived, failed, harmed, groups,
    shares, surcharge, response, sensitivity, price_speed, overhead_week, cell_week, upkeep,
    funds_weeks, reserve_weeks, reputation_speed,
):  # fmt: skip
    """Make a decision. Return the dollars paid to the treasury, to suppliers and to owners.

    The arguments are the decision, the slots, the fields of `WeekSummary`, the market's arrays by
    slot that decisions read and write, and parameters. Passing a NamedTuple would take longer than
    the decision itself.
    """
    seized, paid, owned = 0, 0, 0
    for slot in slots:
        group = groups[slot]
        price, cost = prices[slot, group], costs[slot, group]
        if decision == _SET_PRICE:
            attempts, buyers = expected_attempts(risks[slot]), max(total[group], 1.0)
            shares[slot] += 0.25 * (clients[slot] / buyers - shares[slot])
            target = target_price(sensitivity, cost, attempts, shares[slot]) + surcharge[slot]
            prices[slot, group] = price = price + price_speed * (target - price)
            income[slot] = clients[slot] * (price - cost * attempts)
        elif decision == _PAY_COSTS:
            base_cost = overhead_week + cell_week * cells[slot]
            standing[slot] = base_cost * (1.0 + upkeep * pressure)
            added[slot] = base_cost * (upkeep * pressure)
            dues = int(standing[slot])
            loss = int(seizure * max(cash[slot] - dues, 0))
            if response > 0.0:
                fees = int(seizure * funds_weeks * clients[slot] * price)
                loss += min(fees, max(cash[slot] - dues - loss, 0))
            funds = cash[slot] - dues - loss
            profit = max(int(funds - reserve_weeks * dues), 0)
            spent[slot], cash[slot] = dues + loss, funds - profit
            seized, paid, owned = seized + loss, paid + dues, owned + profit
        else:
            ended = arrived[slot] + failed[slot] + harmed[slot]
            if ended > 0:
                success = max(0.0, (arrived[slot] - 2.0 * harmed[slot]) / ended)
                reputation[slot] += reputation_speed * (success - reputation[slot])
    return seized, paid, owned


def relocate_cell(market: Market, week: WeekSummary, slots: Slots) -> None:
    """Send cells to the best gates, see :meth:`Organisation.relocate_cell`."""
    per_cell, cells = clients_per_cell(market, slots)
    at_gates = np.where(cells > 0, per_cell, np.inf)
    leave = per_cell.max(axis=1) > 2.0 * at_gates.min(axis=1) + 1e-9
    best, worst = (market.gates[k].tolist() for k in (per_cell.argmax(1), at_gates.argmin(1)))
    for k in np.flatnonzero(leave).tolist():
        moving = next(cell for cell in market.cells[slots[k]] if cell.target == worst[k])
        moving.order(best[k])


def clients_per_cell(market: Market, slots: Slots) -> tuple[np.ndarray, np.ndarray]:
    """Return mean clients past the line per cell, and the number of cells, by slot and gate.

    A relocating cell counts at its target.
    """
    cells = market.cells_by_gate()[slots]
    return market.crossed[slots] / (cells + 0.5), cells
