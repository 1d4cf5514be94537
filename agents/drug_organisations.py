"""Drug organisations: nine owners of routes who ship what buyers demand, by the safest lanes.

A lane is a class of traffic or people on foot at a port of entry, the open country of a sector, or
its tunnels. Every week an organisation splits its loads over the lanes of its routes by a logit in
expected profit:

    share = usual share * exp((worth - usual worth) / crowding),  worth = price * (1 - risk)

A lane that carries e times its usual share costs `crowding` more, so that all lanes in use earn the
same. Risks are those of the ports and of the line. Seized loads are sent again in the next week.
The price past the line rises with the cost per kilogram that arrives, and demand falls with it.

In the base year every lane carries its usual share: shares and prices respond to changes from the
warm-up. Migrants carry nothing, since no published share says how much marijuana they carry.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from operator import attrgetter
from typing import TYPE_CHECKING, Any

import numpy as np
from mesa.discrete_space import CellAgent

from agents.arithmetic import exp, power
from agents.contest import probability
from agents.drug_params import DRUGS, MODES, DrugParams
from agents.environment import (
    CheckedCell,
    NotCreatedAlone,
    Stream,
    Trait,
    bounded,
    figure,
    put_in_cell,
    read_only,
)
from agents.labels import CLASSES, SECTORS
from agents.outcomes import Account
from agents.param import Param, check
from agents.smugglers.state import BaselineMeans

if TYPE_CHECKING:
    from agents.environment import Environment

VEHICLE, PERSON, BETWEEN, TUNNEL = range(len(MODES))
HARD, MARIJUANA = range(len(DRUGS))
AT_PORTS = [VEHICLE, PERSON]
WEEKS, TONNE = 365.0 / 7.0, 1_000.0  # weeks a year, kg
_CASH = Param(value=0, unit="$", low=-(10**12), high=10**12, doc="Cash of an organisation.")
_HOLD = Param(value=1.0, unit="share", low=0.0, high=1.0, doc="Share of its usual business.")
_ROUTES = Param(value=0, unit="bit mask", low=0, high=2 ** len(SECTORS) - 1, doc="Its routes.")


@dataclass(frozen=True, slots=True)
class Lanes:
    """All lanes: four classes of traffic and the people at each port, then two in each sector.

    Attributes:
        mode: index into :data:`MODES`, shape (lanes,).
        sector: index into `agents.labels.SECTORS`, shape (lanes,).
        usual: room of the lanes in the sectors by drug, shape (2, 2 * sectors).
    """

    mode: np.ndarray
    sector: np.ndarray
    usual: np.ndarray

    @classmethod
    def of(cls, port_sector: np.ndarray, between: np.ndarray, tunnels: np.ndarray) -> Lanes:
        """Build the lanes of a world.

        Args:
            port_sector: sector by port.
            between: seizures of the record by drug and sector, shape (2, sectors).
            tunnels: whether a sector has a town at the line, shape (sectors,).
        """
        ports, every = port_sector.size, np.arange(len(SECTORS))
        counts = len(CLASSES) * ports, ports, every.size, every.size
        sector = np.repeat(port_sector, len(CLASSES)), port_sector, every, every
        dug = np.broadcast_to(tunnels.astype(float), between.shape)
        return cls(
            np.repeat(np.arange(len(MODES)), counts),
            np.concatenate(sector),
            np.concatenate([between, dug], axis=1),
        )


def split_loads(weight: np.ndarray, gain: np.ndarray, crowding: float) -> np.ndarray:
    """Split the loads of a drug over lanes by a logit in expected profit.

    Args:
        weight: usual share of the lanes, in any unit, shape (lanes,).
        gain: worth of a load less its usual worth, as a share of the price, shape (lanes,).
        crowding: see `DrugParams`.

    Returns:
        The shares, with sum 1, or 0 if no lane can be used.
    """
    used = weight > 0.0
    if not used.any():
        return np.zeros(weight.size)
    top = gain[used].max()
    share = weight * exp(np.minimum(gain - top, 0.0) / crowding)
    return share / np.add.reduce(share)


class DrugOrganisation(CheckedCell, NotCreatedAlone, CellAgent):
    """A drug organisation. It owns the routes of its home, and moves loads on those next to it.

    Attributes:
        trade: the trade of all drug organisations.
        number: its position, from 0. It divides the sectors among the organisations.
        routes: sectors through which it moves loads, a bit mask.
        hold: share of its usual business that buyers and carriers leave to it.
        lost: kilograms seized in the last week, by drug. It sends them again.
        split: shares of its loads by drug and lane.
    """

    _decisions = "choose_lanes", "send_loads", "collect_piso", "pay_owners"
    _instead_of_adding = "cannot be added to a run: build a BorderModel with another drugs.count"
    trade: Any = read_only("an organisation stays in the trade of its model")
    number = read_only("it says which sectors are its home")
    lost, split = (read_only("send_loads and choose_lanes set it") for _ in range(2))
    routes, hold = bounded(_ROUTES), bounded(_HOLD)

    def __init__(self, trade: DrugTrade, number: int, home: int) -> None:
        """Create an organisation without cash.

        Args:
            trade: the trade of all drug organisations.
            number: its position.
            home: its place, on which nothing depends.
        """
        super().__init__(trade.environment)
        self.trade, self.number, self.hold = trade, number, 1.0
        put_in_cell(self, trade.environment.cell_of(home))
        own = np.flatnonzero(trade.home == number)
        near = {s for k in own.tolist() for s in (k - 1, k, k + 1) if 0 <= s < len(SECTORS)}
        self.routes = sum(1 << s for s in near)
        self.lost = np.zeros(len(DRUGS))
        self.split = np.zeros((len(DRUGS), trade.lanes.mode.size))

    def __repr__(self) -> str:
        """Return the number and the share of its usual business."""
        return f"<{type(self).__name__} {self.number}, {self.hold:.0%} of its business>"

    def check_cell(self, cell: Any) -> None:
        """Raise ValueError: its home stays its cell until it leaves the trade."""
        if cell is not None or not self._leaves:
            raise ValueError("nothing depends on the home of a drug organisation: set its routes")

    @property
    def cash(self) -> int:
        """Whole dollars. What a user adds or takes is posted as paid by or to households."""
        return int(self.trade.cash[self.number]) if self.cell is not None else 0

    @cash.setter
    def cash(self, dollars: int) -> None:
        added = check("cash", _CASH, dollars) - self.cash
        self.trade.move(self, Account.HOUSEHOLDS, added)

    @property
    def reach(self) -> np.ndarray:
        """Its share of the usual loads in each sector while it holds its business, (sectors,)."""
        mask = (self.routes >> np.arange(len(SECTORS))) & 1
        part = np.where(self.trade.home == self.number, 1.0, self.trade.params.overlap)
        return mask * part / self.trade.claims

    # ---- weekly decisions, in their order -------------------------------------------------------
    def choose_lanes(self) -> None:
        """Split the loads over the lanes of the routes."""
        trade = self.trade
        weight = trade.weight * self.reach[trade.lanes.sector]
        for drug, gain in enumerate(trade.gain):
            self.split[drug] = split_loads(weight[drug], gain, trade.params.crowding)

    def send_loads(self) -> None:
        """Send the orders of the week and the loads that were seized in the week before.

        Buyers pay for what arrives, and the organisation for what it sends.
        """
        trade = self.trade
        trade.send(self, trade.orders * trade.portion[:, self.number] + self.lost)

    def collect_piso(self) -> None:
        """Collect the passage tax of the organisations of migrants on its routes."""
        trade = self.trade
        due = float((trade.piso * trade.presence[self.number]).sum())
        trade.move(self, Account.CRIMINAL_GROUPS, int(due))

    def pay_owners(self) -> None:
        """Lose what authorities seize of the cash, and pay the owners all but one week's needs."""
        trade = self.trade
        seized = int(trade.seizure * max(self.cash, 0))
        trade.funds_seized += seized
        trade.move(self, Account.US_TREASURY, -seized)
        rest = self.cash - int(trade.spent[self.number])
        trade.move(self, Account.HOUSEHOLDS, -max(rest, 0))

    # ---- events of its life ---------------------------------------------------------------------
    def remove(self) -> None:
        """Leave the trade. Its cash goes to suppliers, and its loads are not sent again."""
        if self.cell is not None:
            self.trade.move(self, Account.SUPPLIERS, -self.cash)
            super().remove()


class DrugTrade:
    """The trade of all drug organisations, and its weekly review.

    Attributes:
        lanes: all lanes.
        home: organisation whose home a sector is, shape (sectors,).
        claims: sum of the organisations' parts in a sector in the base year, shape (sectors,).
        cash: whole dollars by organisation.
        weight, risk, gain: usual share of a lane, chance that a load is seized, and worth less its
            usual worth as a share of the price, by drug and lane.
        price: price past the line as a ratio to the base year, by drug.
        orders: kilograms that buyers order this week, by drug.
        portion: share of an organisation in the orders, by drug and organisation.
        sent, seized: tonnes a year at this week's rate, by drug and mode. The rest arrives.
        total_sent, total_seized: tonnes since recording began, by drug and mode.
        presence: share of the organisations in the value that arrives by sector, 0 where nothing
            arrives, shape (organisations, sectors).
        feuds: rise of violence by sector, 0 in the base year.
        piso: passage tax of the week by sector, $.
        seizure: share of cash that authorities seize in the week.
        funds_seized: $ that they seize in the week.
        spent: $ that an organisation paid for the loads of the week.
        struck: organisations that lost their leader at the last review.
        baseline: warm-up means.
    """

    def __init__(
        self, environment: Environment, params: DrugParams, lanes: Lanes, homes: list[int]
    ) -> None:
        """Build the organisations.

        Args:
            environment: the model as agents see it.
            params: parameters.
            lanes: all lanes.
            homes: place of the organisations by number, empty in a world without drugs.
        """
        self.environment, self.params, self.lanes = environment, params, lanes
        n, every, sectors = len(homes), np.arange(len(SECTORS)), len(SECTORS)
        self.home = every * n // sectors
        self.claims = np.ones(sectors)
        self.cash, self.spent = np.zeros(n, np.int64), np.zeros(n)
        modes = np.array([params.hard_modes, params.marijuana_modes])
        self._modes = modes / np.maximum(modes.sum(axis=1, keepdims=True), 1e-12)
        self._value = np.array(params.price)
        shape = len(DRUGS), lanes.mode.size
        self.weight, self.risk, self.gain = np.zeros(shape), np.zeros(shape), np.zeros(shape)
        self.price, self.orders = np.ones(len(DRUGS)), np.zeros(len(DRUGS))
        self.portion = np.zeros((len(DRUGS), n))
        by_mode = len(DRUGS), len(MODES)
        self.sent, self.seized = np.zeros(by_mode), np.zeros(by_mode)
        self.total_sent, self.total_seized = np.zeros(by_mode), np.zeros(by_mode)
        self._arrived = np.zeros((n, sectors))
        self.presence = np.zeros((n, sectors))
        self.feuds, self.piso = np.zeros(sectors), np.zeros(sectors)
        self.seizure, self.funds_seized = 0.0, 0
        self.struck: list[int] = []
        self.baseline = BaselineMeans()
        agents = [environment.class_of(DrugOrganisation)(self, k, p) for k, p in enumerate(homes)]
        self.claims = np.maximum(sum((agent.reach for agent in agents), np.zeros(sectors)), 1e-12)

    @figure(DrugOrganisation, Trait.MEMBER)
    def agents(self, organisations: Iterable[DrugOrganisation]) -> list[DrugOrganisation]:
        """Return the organisations in the model's register, in their order."""
        return sorted(organisations, key=attrgetter("number"))

    def move(self, organisation: DrugOrganisation, other: Account, dollars: int) -> None:
        """Pay an organisation from another account, or the reverse if the amount is negative."""
        self.cash[organisation.number] += dollars
        between = other, Account.DRUG_ORGANISATIONS
        payer, payee = between if dollars > 0 else between[::-1]
        if dollars:
            self.environment.pay(payer, payee, abs(dollars))

    def send(self, organisation: DrugOrganisation, kilograms: np.ndarray) -> None:
        """Send loads of an organisation over its lanes, and post the payments.

        What is seized, and what has no lane, is sent in the next week.

        Args:
            organisation: the organisation.
            kilograms: by drug.
        """
        p, lanes, number = self.params, self.lanes, organisation.number
        loads = kilograms[:, None] * organisation.split
        seized = loads * self.risk
        arrived = loads - seized
        organisation.lost[:] = kilograms - arrived.sum(axis=1)
        for rate, total, tonnes in (
            (self.sent, self.total_sent, loads / TONNE),
            (self.seized, self.total_seized, seized / TONNE),
        ):
            by_mode = np.array([np.bincount(lanes.mode, each, len(MODES)) for each in tonnes])
            rate += by_mode * WEEKS
            total += by_mode * self.environment.recording
        value = (self._value * self.price)[:, None] * arrived
        self._arrived[number] = np.bincount(lanes.sector, value.sum(axis=0), len(SECTORS))
        self.spent[number] = (loads.sum(axis=1) * p.purchase).sum()
        self.move(organisation, Account.DRUG_BUYERS, round(value.sum()))
        self.move(organisation, Account.SUPPLIERS, -round(self.spent[number]))

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
            find_goods: chance that a hidden load is detected at ports, shape (ports, 4).
            find_person: chance that a hidden person is, shape (ports,).
            crossed: traffic through the ports, shape (ports, 4), in any unit.
            line: chance that a person is stopped between ports, shape (sectors,).
            piso: passage tax that organisations of migrants paid by sector in the week, $.
        """
        if self.environment.recording and not self.baseline.settled:
            self.baseline.settle()
        self._assess_lanes(find_goods, find_person, crossed, line)
        self._set_orders()
        self.piso, self.funds_seized = piso, 0
        self.seizure = probability(float(self.environment.levers.pressure[0]) / WEEKS)
        for rate in (self.sent, self.seized, self._arrived, self.spent):
            rate[:] = 0
        organisations = self.environment.register_of(DrugOrganisation)
        organisations.do("choose_lanes")
        organisations.do("send_loads")
        self._compare_presence()
        organisations.do("collect_piso")
        organisations.do("pay_owners")
        self._follow_cost()
        self._strike_leaders()

    def _assess_lanes(
        self, find_goods: np.ndarray, find_person: np.ndarray, crossed: np.ndarray, line: np.ndarray
    ) -> None:
        """Set usual share, risk and gain of every lane."""
        p, lanes = self.params, self.lanes
        hides = np.outer([1.0, p.truck_room], [p.trusted_room, 1.0]).ravel()
        at_ports = np.concatenate([(crossed * hides).ravel(), crossed[:, :2].sum(axis=1)])
        room = np.concatenate([np.tile(at_ports, (len(DRUGS), 1)), lanes.usual], axis=1)
        stopped = np.minimum(line * p.line_factor, 1.0)
        dug = np.minimum(stopped * p.tunnel_factor, 1.0)
        cases = min(p.case_loads * float(self.environment.levers.cell_hunt[0]), 1.0)
        risk = np.concatenate([find_goods.ravel(), find_person, stopped, dug])
        self.risk[:] = 1.0 - (1.0 - np.clip(risk, 0.0, 1.0)) * (1.0 - cases)
        for drug, modes in enumerate(self._modes):
            whole = np.bincount(lanes.mode, room[drug], len(MODES))
            each = np.where(whole > 0.0, modes / np.where(whole > 0.0, whole, 1.0), 0.0)
            self.weight[drug] = room[drug] * each[lanes.mode]
        worth = self.price[:, None] * (1.0 - self.risk)
        self.baseline.record("worth", worth)
        usual = self.baseline.level("worth")
        self.gain = np.zeros_like(worth) if usual is None else worth - usual

    def _set_orders(self) -> None:
        """Set what buyers order, and how they divide it among the organisations."""
        p = self.params
        users = np.maximum(1.0 + p.border_share * (self.price - 1.0), 0.0)
        self.orders = np.array(p.demand) * TONNE / WEEKS * power(users, -p.elasticity)
        self.portion[:] = 0.0
        for agent in self.agents():
            usual = (self.weight * agent.reach[self.lanes.sector]).sum(axis=1)
            self.portion[:, agent.number] = agent.hold * usual
        whole = self.portion.sum(axis=1, keepdims=True)
        self.portion /= np.where(whole > 0.0, whole, 1.0)

    def _compare_presence(self) -> None:
        """Set who is present in each sector, and how much more violent its routes are."""
        p, whole = self.params, self._arrived.sum(axis=0)
        self.presence = self._arrived / np.where(whole > 0.0, whole, 1.0)
        contest = np.where(whole > 0.0, 1.0 - (self.presence**2).sum(axis=0), 0.0)
        self.baseline.record("contest", contest)
        usual = self.baseline.level("contest")
        if usual is not None:
            scarcity = p.scarcity_violence * (self.price[HARD] - 1.0)
            self.feuds = p.contest_violence * (contest - usual) + scarcity * (whole > 0.0)

    def _follow_cost(self) -> None:
        """Move the price past the line towards its base level plus the change of the cost."""
        p = self.params
        sent, arrived = self.sent.sum(axis=1), (self.sent - self.seized).sum(axis=1)
        lost_funds = 1.0 + self.funds_seized / max(self.spent.sum(), 1.0)
        each = np.where(arrived > 0.0, sent / np.where(arrived > 0.0, arrived, 1.0), 1.0)
        cost = p.purchase * each * lost_funds
        self.baseline.record("cost", cost)
        usual = self.baseline.level("cost")
        if usual is not None:
            target = 1.0 + (cost - usual) / self._value
            self.price += (target - self.price) / p.price_weeks

    def _strike_leaders(self) -> None:
        """Draw who loses the leader beyond the base year, and let the others recover.

        The losses of the base year belong to its violence.
        """
        environment, p = self.environment, self.params
        chance = probability(float(environment.levers.decapitation[0]) * 7.0 / 365.0)
        self.struck = []
        for agent in self.agents():
            agent.hold += (1.0 - agent.hold) / p.recovery_weeks
            draw = environment.keyed_random.uniform(
                Stream.DRUG_LEADER, agent.number, environment.today
            )
            if draw < chance:
                agent.hold *= 1.0 - p.weakened
                self.struck.append(agent.number)
