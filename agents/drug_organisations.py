"""Drug organisations: nine owners of routes, who supply buyers through the safest lanes.

A lane is one of four kinds: a traffic class at a port of entry, people on foot at a port, a
sector's open country, or its tunnels. Every week, an organisation splits its loads over the lanes
on its routes by a logit in expected profit:

    share = usual share * exp((worth - usual worth) / crowding),  worth = price * (1 - risk)

A lane that carries e (2.72) times its usual share costs `crowding` more, so all lanes in use earn
the same. Risks come from ports and the line. Seized loads are sent again in the next week. The
price past the line rises with the cost per kilogram that arrives. Demand falls with the price.

A decision is a function of several organisations. An agent's method calls this function for one
organisation. The trade calls it for all organisations, unless a user's class replaces
`DrugOrganisation`.

In the base year, every lane carries its usual share. Shares and prices respond to changes since the
warm-up. Migrants carry no drugs, because no source gives the amount of marijuana that they carry.
"""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from mesa.discrete_space import CellAgent

from agents.arithmetic import power
from agents.contest import probability
from agents.drug_params import DRUGS, HARD, MODES, DrugParams
from agents.environment import (
    CheckedCell,
    NotCreatedAlone,
    Stream,
    Trait,
    check_number,
    figure,
    put_in_cell,
    read_only,
)
from agents.hazards import numpy_sum
from agents.jit import kernel
from agents.labels import CLASSES, SECTORS
from agents.outcomes import Account
from agents.param import Param, check, plain
from agents.smugglers.state import BaselineMeans

if TYPE_CHECKING:
    from agents.environment import Environment

WEEKS, TONNE = 365.0 / 7.0, 1_000.0  # weeks a year, kg
_MIN_ARRIVING = 0.01  # [A] minimum share of loads that arrive, for the cost per kilogram
MIN_LOG_FACTOR = -600.0  # minimum log factor on a lane's usual share
_CASH = Param(value=0, unit="$", low=-(10**12), high=10**12, doc="Cash of an organisation.")
_HOLD = Param(value=1.0, unit="share", low=0.0, high=1.0, doc="Share of its usual business.")
_ROUTES = Param(value=0, unit="bit mask", low=0, high=2 ** len(SECTORS) - 1, doc="Its routes.")


@dataclass(frozen=True, slots=True)
class Lanes:
    """All lanes: five at each port (four traffic classes and people on foot), two in each sector.

    Attributes:
        mode: index into :data:`MODES`, shape (lanes,).
        sector: index into `agents.labels.SECTORS`, shape (lanes,).
        sector_capacity: relative capacity of lanes in sectors, by drug, shape (2, 2 * sectors).
    """

    mode: np.ndarray
    sector: np.ndarray
    sector_capacity: np.ndarray

    @classmethod
    def of(cls, port_sector: np.ndarray, between: np.ndarray, tunnels: np.ndarray) -> Lanes:
        """Build a world's lanes.

        Args:
            port_sector: sector index by port.
            between: recorded seizures between ports by drug and sector, shape (2, sectors).
            tunnels: whether the sector has a town at the line, shape (sectors,).
        """
        ports, sectors = port_sector.size, np.arange(len(SECTORS))
        counts = len(CLASSES) * ports, ports, sectors.size, sectors.size
        sector = np.repeat(port_sector, len(CLASSES)), port_sector, sectors, sectors
        in_tunnels = np.broadcast_to(tunnels.astype(float), between.shape)
        return cls(
            np.repeat(np.arange(len(MODES)), counts),
            np.concatenate(sector),
            np.concatenate([between, in_tunnels], axis=1),
        )


class DrugOrganisation(CheckedCell, NotCreatedAlone, CellAgent):
    """A drug organisation. It owns the routes at its home, and also uses adjacent routes.

    Its number is its row in the trade's arrays.

    Attributes:
        trade: the trade of all drug organisations.
        number: position from 0, which determines its home sectors.
    """

    _decisions = "choose_lanes", "send_loads", "collect_piso", "pay_owners"
    _instead_of_adding = "cannot be added to a run: build a BorderModel with another drugs.count"
    trade: Any = read_only("an organisation stays in the trade of its model")
    number = read_only("it says which sectors are its home")

    def __init__(self, trade: DrugTrade, number: int, home: int) -> None:
        """Create an organisation without cash.

        Args:
            trade: the trade of all drug organisations.
            number: position from 0.
            home: place index of its home, which has no effect.

        Raises:
            ValueError: another organisation has the number, or no sector belongs to the number.
        """
        if number in trade.numbers() or number not in trade.home:
            raise ValueError(f"number {plain(number)} is not free: give one whose owner has left")
        super().__init__(trade.environment)
        self.trade, self.number = trade, number
        trade.hold[number], trade.routes[number] = 1.0, trade.usual_routes[number]
        put_in_cell(self, trade.environment.cell_of(home))

    def __repr__(self) -> str:
        """Return the number and the present share of usual business."""
        return f"<{type(self).__name__} {self.number}, {self.hold:.0%} of its business>"

    def check_cell(self, cell: Any) -> None:
        """Raise ValueError, because an organisation stays at home until it leaves the trade."""
        if cell is not None or not self._leaves:
            raise ValueError("nothing depends on the home of a drug organisation: set its routes")

    @property
    def cash(self) -> int:
        """Cash in whole dollars. When a user sets it, households pay or receive the difference."""
        return int(self.trade.cash[self.number])

    @cash.setter
    def cash(self, dollars: int) -> None:
        added = check("cash", _CASH, dollars) - self.cash
        self.trade.pay(Account.HOUSEHOLDS, [self.number], np.array([added]))

    @property
    def hold(self) -> float:
        """Present share of its usual business, 0 to 1, which recovers over weeks."""
        return float(self.trade.hold[self.number])

    @hold.setter
    def hold(self, share: float) -> None:
        self.trade.hold[self.number] = check_number("hold", _HOLD, share)

    @property
    def routes(self) -> int:
        """Bit mask of sectors through which it moves loads."""
        return int(self.trade.routes[self.number])

    @routes.setter
    def routes(self, sectors: int) -> None:
        self.trade.routes[self.number] = check_number("routes", _ROUTES, sectors)

    # ---- weekly decisions, in their order -------------------------------------------------------
    def choose_lanes(self) -> None:
        """Split the loads over the lanes on its routes by a logit in expected profit."""
        choose_lanes(self.trade, [self.number])

    def send_loads(self) -> None:
        """Send this week's orders, and the loads that were seized last week.

        Buyers pay for loads that arrive. The organisation pays for all loads that it sends.
        """
        send_loads(self.trade, [self.number])

    def collect_piso(self) -> None:
        """Collect its share of the passage tax that smuggling organisations pay on its routes."""
        collect_piso(self.trade, [self.number])

    def pay_owners(self) -> None:
        """Deduct the seized share of the cash, and pay owners the cash beyond one week's need."""
        pay_owners(self.trade, [self.number])

    # ---- events of its life ---------------------------------------------------------------------
    def remove(self) -> None:
        """Leave the trade. Its cash goes to suppliers, and its loads are not sent again."""
        if self.cell is not None:
            self.trade.vacate(self.number)
            super().remove()


type Numbers = np.ndarray | list[int]


def sum_by(index: np.ndarray, values: np.ndarray, n: int) -> np.ndarray:
    """Sum values, shape (..., lanes), over lanes with equal `index`. Return shape (..., n)."""
    rows = values.reshape(-1, index.size)
    bins = np.arange(len(rows))[:, None] * n + index
    sums = np.bincount(bins.ravel(), rows.ravel(), len(rows) * n)
    return sums.reshape(*values.shape[:-1], n)


# ---- weekly decisions of several organisations, by number ----------------------------------------
def choose_lanes(trade: DrugTrade, numbers: Numbers) -> None:
    """Split loads over lanes, see :meth:`DrugOrganisation.choose_lanes`."""
    _split_loads(np.array(numbers), trade.reach, trade.pull, trade.lanes.sector, trade.split)


@kernel
def _split_loads(numbers, reach, pull, sector, split):
    """Set each organisation's load shares by drug and lane."""
    for number in numbers:
        for drug in range(pull.shape[0]):
            row = split[number, drug]
            for lane in range(row.size):
                row[lane] = pull[drug, lane] * reach[number, sector[lane]]
            total = numpy_sum(row)
            for lane in range(row.size):
                row[lane] /= total if total > 0.0 else 1.0


@kernel
def _prefer_gain(gain, crowding, pull):
    """Multiply lane shares by the logit factor for `gain`, worth above the usual worth.

    Worth and crowding are shares of the base price.
    """
    for drug in range(gain.shape[0]):
        best = gain[drug].max()
        for lane in range(gain.shape[1]):
            below = (gain[drug, lane] - best) / crowding
            pull[drug, lane] *= math.exp(max(below, MIN_LOG_FACTOR))


def send_loads(trade: DrugTrade, numbers: Numbers) -> None:
    """Send orders and lost loads. Loads without any lane are sent later, like seized loads."""
    income = _ship(
        *(np.array(numbers), trade.orders, trade.price * trade.base_price, trade.purchase),
        *(trade.risk, trade.lanes.mode, trade.lanes.sector, trade.portion, trade.split),
        *(trade.lost, trade.arrived, trade.spent, (trade.sent, trade.seized)),
        (trade.total_sent, trade.total_seized, float(trade.environment.recording)),
    )
    trade.pay(Account.DRUG_BUYERS, numbers, np.rint(income))
    trade.pay(Account.SUPPLIERS, numbers, -np.rint(trade.spent[numbers]))


@kernel
def _ship(
    numbers, orders, worth, purchase, risk, mode, sector, portion, split, lost, arrived, spent,
    rates, record,
):  # fmt: skip
    """Send loads through the lanes. Return the dollars that buyers pay, by organisation."""
    (shipped, seized), (total_shipped, total_seized, recorded) = rates, record
    income, size = np.empty(numbers.size), mode.size
    loads, landed, value = np.empty(size), np.empty(size), np.empty(size)
    for k, number in enumerate(numbers):
        value[:], arrived[number], spent[number] = 0.0, 0.0, 0.0
        for drug in range(orders.size):
            kilograms = orders[drug] * portion[number, drug] + lost[number, drug]
            by_mode = np.zeros((2, shipped.shape[2]))
            for lane in range(size):
                loads[lane] = kilograms * split[number, drug, lane]
                seizure = loads[lane] * risk[drug, lane]
                landed[lane] = loads[lane] - seizure
                by_mode[0, mode[lane]] += loads[lane]
                by_mode[1, mode[lane]] += seizure
                value[lane] += worth[drug] * landed[lane]
            lost[number, drug] = kilograms - numpy_sum(landed)
            spent[number] += numpy_sum(loads) * purchase[drug]
            for i in range(shipped.shape[2]):
                tonnes, seizure = by_mode[0, i] / TONNE, by_mode[1, i] / TONNE
                shipped[number, drug, i] += tonnes * WEEKS
                seized[number, drug, i] += seizure * WEEKS
                total_shipped[number, drug, i] += tonnes * recorded
                total_seized[number, drug, i] += seizure * recorded
        for lane in range(size):
            arrived[number, sector[lane]] += value[lane]
        income[k] = numpy_sum(value)
    return income


def collect_piso(trade: DrugTrade, numbers: Numbers) -> None:
    """Collect the passage tax, see :meth:`DrugOrganisation.collect_piso`."""
    due = trade.params.piso_share * (trade.piso * trade.presence[numbers]).sum(axis=1)
    trade.pay(Account.CRIMINAL_GROUPS, numbers, np.floor(due))


def pay_owners(trade: DrugTrade, numbers: Numbers) -> None:
    """Deduct seized funds and pay owners, see :meth:`DrugOrganisation.pay_owners`."""
    seized = np.floor(trade.seizure * np.maximum(trade.cash[numbers], 0))
    trade.funds_seized += float(seized.sum())
    trade.pay(Account.US_TREASURY, numbers, -seized)
    surplus = trade.cash[numbers] - np.rint(trade.spent[numbers])
    trade.pay(Account.HOUSEHOLDS, numbers, -np.maximum(surplus, 0.0))


_DECISIONS = {each.__name__: each for each in (choose_lanes, send_loads, collect_piso, pay_owners)}


class DrugTrade:
    """The trade of all drug organisations, and its weekly review.

    Attributes:
        lanes: all lanes.
        home: number of the organisation with its home in a sector, shape (sectors,).
        usual_routes: routes of a new organisation, bit masks by number.
        claims: organisations' claims to a sector in the base year, summed, shape (sectors,).
        cash, hold, routes: as in `DrugOrganisation`, by organisation.
        lost: kilograms seized last week, by organisation and drug, which are sent again.
        split: load shares by organisation, drug and lane.
        reach: share of a sector's loads, by organisation and sector, if all organisations have
            their full usual business.
        base_price, purchase: $/kg by drug, past the line in the base year, and paid by the
            organisations.
        crossed: traffic through ports for which `weight` was computed, shape (ports, 4).
        usual: a sector's usual share of the loads, by drug, shape (2, sectors).
        risk: probability that a load is seized, by drug and lane.
        weight: a lane's usual share, by drug and lane.
        pull: a lane's share at present risks, in any unit, by drug and lane.
        price: price past the line as a ratio to the base year, by drug.
        orders: kilograms ordered this week, by drug.
        portion: an organisation's share of the orders, by organisation and drug.
        sent, seized: tonnes a year at this week's rate, by organisation, drug and mode. All loads
            that are not seized arrive.
        total_sent, total_seized: tonnes since recording began, by organisation, drug and mode.
        arrived: value of loads that arrive, $ a week, by organisation and sector.
        presence: each organisation's share of a sector, shape (organisations, sectors).
        feuds: rise in violence by sector, 0 in the base year.
        piso: the week's passage tax by sector, $.
        seizure: share of cash that authorities seize this week.
        funds_seized: dollars that authorities seize this week.
        spent: dollars that an organisation paid for this week's loads.
        struck: numbers of organisations that lost their leader at the last review.
        baseline: warm-up means.
    """

    def __init__(
        self, environment: Environment, params: DrugParams, lanes: Lanes, homes: list[int]
    ) -> None:
        """Create the trade and its organisations.

        Args:
            environment: the model as agents see it.
            params: parameters for the drug organisations.
            lanes: all lanes.
            homes: place of each organisation's home, by number. Empty in a world without drugs.
        """
        self.environment, self.params, self.lanes = environment, params, lanes
        n, sectors, n_drugs = len(homes), len(SECTORS), len(DRUGS)
        numbers = np.arange(sectors)
        self.home = numbers * n // sectors
        at_home = self.home == np.arange(n)[:, None]
        reachable = at_home.copy()
        reachable[:, 1:] |= at_home[:, :-1]
        reachable[:, :-1] |= at_home[:, 1:]
        self.usual_routes = (reachable << numbers).sum(axis=1)
        self.routes = self.usual_routes.copy()
        self._parts = np.where(at_home, 1.0, params.overlap)
        self.claims = np.maximum((self._parts * reachable).sum(axis=0), 1e-12)
        self.cash, self.spent, self.hold = np.zeros(n, np.int64), np.zeros(n), np.ones(n)
        self.base_price, self.purchase = np.array(params.price), np.array(params.purchase)
        self.crossed, self.usual = np.zeros(0), np.zeros((n_drugs, sectors))
        self.reach = np.zeros((n, sectors))
        modes = np.array([params.hard_modes, params.marijuana_modes])
        self._modes = modes / np.maximum(modes.sum(axis=1, keepdims=True), 1e-12)
        self.weight, self.pull, self.risk = np.zeros((3, n_drugs, lanes.mode.size))
        self.split = np.zeros((n, n_drugs, lanes.mode.size))
        self.price, self.orders = np.ones(n_drugs), np.zeros(n_drugs)
        self.lost, self.portion = np.zeros((2, n, n_drugs))
        self.sent, self.seized = np.zeros((2, n, n_drugs, len(MODES)))
        self.total_sent, self.total_seized = np.zeros((2, n, n_drugs, len(MODES)))
        self.arrived, self.presence = np.zeros((2, n, sectors))
        self.feuds, self.piso = np.zeros((2, sectors))
        self.seizure, self.funds_seized = 0.0, 0.0
        self.struck: list[int] = []
        self.baseline = BaselineMeans()
        for number, place in enumerate(homes):
            environment.class_of(DrugOrganisation)(self, number, place)

    @figure(DrugOrganisation, Trait.MEMBER)
    def numbers(self, organisations: Iterable[DrugOrganisation]) -> np.ndarray:
        """Return the numbers of all organisations in the model's register, shape (n,)."""
        return np.array(sorted(organisation.number for organisation in organisations), np.intp)

    def pay(self, other: Account, numbers: Numbers, dollars: np.ndarray) -> None:
        """Pay whole dollars from another account to organisations, or back if negative."""
        self.cash[numbers] += dollars.astype(np.int64)
        total, owners = int(dollars.sum()), Account.DRUG_ORGANISATIONS
        if total:
            self.environment.pay(*((other, owners) if total > 0 else (owners, other)), abs(total))

    def vacate(self, number: int) -> None:
        """Pay a leaving organisation's cash to suppliers, and clear its row."""
        self.pay(Account.SUPPLIERS, [number], -self.cash[[number]])
        self.routes[number], self.hold[number], self.spent[number] = 0, 0.0, 0.0
        for figures in (self.lost, self.split, self.portion, self.arrived, self.presence):
            figures[number] = 0.0

    def _decide(self, decision: str) -> None:
        """Let all organisations make a decision, together unless a user's class replaces theirs."""
        if self.environment.class_of(DrugOrganisation) is DrugOrganisation:
            _DECISIONS[decision](self, self.numbers())
        else:
            self.environment.register_of(DrugOrganisation).do(decision)

    def review(
        self,
        *,
        find_goods: np.ndarray,
        find_person: np.ndarray,
        crossed: np.ndarray,
        line: np.ndarray,
        piso: np.ndarray,
    ) -> None:
        """Run the weekly review: risks, price and orders, the decisions, violence and leaders.

        Args:
            find_goods: probability that a hidden load is detected at ports, shape (ports, 4).
            find_person: probability that a hidden person is detected at ports, shape (ports,).
            crossed: traffic through ports in any unit, shape (ports, 4).
            line: probability that a person is stopped between ports, shape (sectors,).
            piso: passage tax paid by smuggling organisations in the week, $ by sector.
        """
        if self.environment.recording and not self.baseline.settled:
            self.baseline.settle()
        if not np.array_equal(crossed, self.crossed):
            self._weigh_lanes(crossed)
        self._assess_lanes(np.concatenate([find_goods.ravel(), find_person]), line)
        self._set_orders()
        self.piso, self.funds_seized = piso, 0.0
        self.seizure = probability(float(self.environment.levers.pressure[0]) / WEEKS)
        for figures in (self.sent, self.seized, self.arrived, self.spent):
            figures[:] = 0.0
        self._decide("choose_lanes")
        self._decide("send_loads")
        self._compare_presence()
        self._decide("collect_piso")
        self._decide("pay_owners")
        self._follow_cost()
        self._strike_leaders()

    def _weigh_lanes(self, crossed: np.ndarray) -> None:
        """Set every lane's usual share from the present traffic."""
        p, lanes, self.crossed = self.params, self.lanes, crossed.copy()
        hides = np.outer([1.0, p.truck_room], [p.trusted_room, 1.0]).ravel()
        at_ports = np.concatenate([(crossed * hides).ravel(), crossed[:, :2].sum(axis=1)])
        room = np.concatenate([np.tile(at_ports, (len(DRUGS), 1)), lanes.sector_capacity], axis=1)
        total = sum_by(lanes.mode, room, len(MODES))
        each = np.where(total > 0.0, self._modes / np.where(total > 0.0, total, 1.0), 0.0)
        self.weight = room * each[:, lanes.mode]
        self.usual = sum_by(lanes.sector, self.weight, len(SECTORS))

    def _assess_lanes(self, find: np.ndarray, line: np.ndarray) -> None:
        """Set every lane's risk, and the lane shares at these risks."""
        p = self.params
        stopped = np.minimum(line * p.line_factor, 1.0)
        in_tunnels = np.minimum(stopped * p.tunnel_factor, 1.0)
        cases = min(p.case_loads * float(self.environment.levers.cell_hunt[0]), 1.0)
        risk = np.concatenate([np.minimum(find * p.port_factor, 1.0), stopped, in_tunnels])
        self.risk[:] = 1.0 - (1.0 - risk) * (1.0 - cases)
        worth = self.price[:, None] * (1.0 - self.risk)
        self.baseline.record("worth", worth)
        usual_worth = self.baseline.level("worth")
        self.pull[:] = self.weight
        if usual_worth is not None:
            _prefer_gain(worth - usual_worth, p.crowding, self.pull)

    def _set_orders(self) -> None:
        """Set buyers' orders, and divide them among the organisations."""
        p, numbers = self.params, self.numbers()
        users = np.maximum(1.0 + p.border_share * (self.price - 1.0), 0.0)
        self.orders = np.array(p.demand) * TONNE / WEEKS * power(users, -p.elasticity)
        moves = (self.routes[:, None] >> np.arange(len(SECTORS))) & 1
        self.reach = moves * self._parts / self.claims
        business = (self.reach[:, None, :] * self.usual).sum(axis=2) * self.hold[:, None]
        total = business[numbers].sum(axis=0)
        self.portion = business / np.where(total > 0.0, total, 1.0)

    def _compare_presence(self) -> None:
        """Set each organisation's presence by sector, and the rise in violence by sector."""
        p, total = self.params, self.arrived.sum(axis=0)
        self.presence = self.arrived / np.where(total > 0.0, total, 1.0)
        contest = np.where(total > 0.0, 1.0 - (self.presence**2).sum(axis=0), 0.0)
        self.baseline.record("contest", contest)
        usual_contest = self.baseline.level("contest")
        if usual_contest is not None:
            scarcity = p.scarcity_violence * (self.price[HARD] - 1.0)
            self.feuds = p.contest_violence * (contest - usual_contest) + scarcity * (total > 0.0)

    def _follow_cost(self) -> None:
        """Move the price past the line towards its base level plus the change in cost."""
        p = self.params
        shipped, arrived = (x.sum(axis=(0, 2)) for x in (self.sent, self.sent - self.seized))
        lost_funds = 1.0 + self.funds_seized / max(float(self.spent.sum()), 1.0)
        minimum = np.maximum(_MIN_ARRIVING * shipped, np.finfo(float).tiny)
        each = np.where(shipped > 0.0, shipped / np.maximum(arrived, minimum), 1.0)
        cost = self.purchase * each * lost_funds
        self.baseline.record("cost", cost)
        usual_cost = self.baseline.level("cost")
        if usual_cost is not None:
            target = 1.0 + (cost - usual_cost) / self.base_price
            price = self.price + (target - self.price) / p.price_weeks
            # No one sells below the purchase price, even if usual losses were far higher.
            self.price = np.maximum(price, np.minimum(self.purchase / self.base_price, 1.0))

    def _strike_leaders(self) -> None:
        """Draw which organisations lose their leader through policies. Let organisations recover.

        The violence in the base year already includes that year's losses of leaders.
        """
        environment, p = self.environment, self.params
        self.hold += (1.0 - self.hold) / p.recovery_weeks
        chance = probability(float(environment.levers.decapitation[0]) / WEEKS)
        self.struck = [
            number
            for number in self.numbers().tolist()
            if chance > 0.0
            and environment.keyed_random.uniform(Stream.DRUG_LEADER, number, environment.today)
            < chance
        ]
        self.hold[self.struck] *= 1.0 - p.weakened
