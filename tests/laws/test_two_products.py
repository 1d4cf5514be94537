"""Exact laws of the two products: pressure on one shifts cells to the other.

Organisations run in a minimal environment that is the same every week except for the change that
a test makes: clients, or the chance to be found at the ports or in open country.
"""

from __future__ import annotations

from typing import Any

import mesa
import networkx as nx
import numpy as np
import pytest
from mesa.discrete_space import Network

from agents.beliefs import Beliefs
from agents.chance import KeyedRandom
from agents.levers import Levers
from agents.migrants.columns import SLOTS
from agents.outcomes import N_ACCOUNTS, Account
from agents.register import AgentRegister
from agents.smugglers import Market, SmugglerParams, TradeParams
from agents.smugglers.products import profit_ratios

pytestmark = pytest.mark.xdist_group("laws")

GROUP = np.repeat([0, 1], 6)
CLIENTS = (1_200, 450)  # a week and organisation, by group
TRAFFIC = np.array([[12.0, 60.0, 1.5, 3.5], [2.0, 30.0, 0.5, 1.0]])
FIND = np.tile([0.06, 0.12, 0.06, 0.12], (2, 1))
LINE = 0.8 * 0.56  # detected, and stopped
PEOPLE, OPEN, PORTS = range(3)
YEAR = 52


class Bare(AgentRegister, mesa.Model):
    """Environment with two gates and a calendar that counts dollars."""

    def __init__(self) -> None:
        super().__init__(rng=1)
        self.space = Network(nx.path_graph(3), random=self.random, layout=None)
        self.levers = Levers(sectors=9, places=3, legs=2, ports=2)
        self.keyed_random, self.today, self.recording = KeyedRandom(1), 735_000, False
        self.balance = np.zeros(N_ACCOUNTS, np.int64)

    def cell_of(self, place: int) -> Any:
        return self.space[place]

    def step_towards(self, place: int, target: int) -> tuple[int, float]:
        return place + int(np.sign(target - place)), 1.0

    def release_clients(self, slot: int) -> None:
        """Do nothing; this environment has no migrants."""

    def pay(self, payer: int, payee: int, dollars: int) -> None:
        self.balance[payer] -= dollars
        self.balance[payee] += dollars


class World:
    """A market after a warm-up of equal weeks."""

    def __init__(self, *, warm: int = 110, trade: TradeParams | None = None) -> None:
        self.environment = Bare()
        params = SmugglerParams(adaptive_entry=False, decapitation=0.0)
        told = np.zeros((SLOTS, 2, 3), np.int64)
        self.market = Market(
            self.environment,
            params,
            Beliefs(told, 500.0, 90.0),
            origin_group=GROUP,
            origin_place=np.zeros(12, int),
            gates=np.array([1, 2]),
            gate_share=np.full((2, 2), 0.5),
            km=np.array([1_200.0, 2_600.0]),
            trade=trade,
        )
        self.opening = int(self.market.book["cash"].sum())
        self.live(warm)
        self.environment.recording = True

    def live(
        self, weeks: int, *, clients: float = 1.0, find: Any = 1.0, line: float = 1.0
    ) -> World:
        """Simulate weeks; the arguments are factors on the baseline."""
        book = self.market.book
        for _ in range(weeks):
            self.environment.today += 7
            for slot, agent in self.market.agents.items():
                g = agent.groups[0]
                n = round(CLIENTS[g] * clients)
                paid = n * int(book["price"][slot, g])
                book["clients"][slot, g], book["cash"][slot] = n, book["cash"][slot] + paid
                self.environment.pay(Account.MIGRANTS, Account.ORGANISATIONS, paid)
            self.market.review(
                np.full((SLOTS, 2), 0.45),
                np.array([0, 1]),
                line_detection=LINE * line,
                find_goods=FIND * find,
                crossed=TRAFFIC,
                port_risk=0.15,
            )
        return self

    @property
    def mix(self) -> np.ndarray:
        """Return the mean mix of the organisations."""
        return self.market.book["mix"][sorted(self.market.agents)].mean(axis=0)


BASE = np.array(TradeParams().mix)


def test_dollars_are_conserved_under_any_pressure() -> None:
    world = World(warm=20)
    for change in ({}, {"clients": 0.2}, {"find": 8.0}, {"line": 2.0}, {"clients": 3.0}):
        for _ in range(20):
            world.live(1, **change)
            assert world.environment.balance.sum() == 0
            held = int(world.market.book["cash"].sum()) - world.opening
            assert held == world.environment.balance[Account.ORGANISATIONS]
    assert (
        world.environment.balance[Account.DRUG_BUYERS]
        < 0
        < world.environment.balance[Account.SUPPLIERS]
    )


def test_at_the_base_nothing_changes_to_the_last_bit() -> None:
    world = World(warm=400)  # prices have converged to the last bit as well
    book = world.market.book["mix"].copy()
    price = world.market.book["price"].copy()
    world.live(2 * YEAR)
    assert (world.market.book["mix"] == book).all() and (world.market.book["price"] == price).all()
    assert world.market.trade.fee == 1.0 and world.market.revenue_ratio == 1.0
    assert (world.market.crowd == 1.0).all()


def test_fewer_clients_shift_cells_to_drugs_and_more_clients_shift_them_back() -> None:
    squeezed, boom = World().live(YEAR, clients=0.6).mix, World().live(YEAR, clients=1.6).mix
    assert squeezed[PEOPLE] < BASE[PEOPLE] < boom[PEOPLE]
    for route in (OPEN, PORTS):
        assert boom[route] < BASE[route] < squeezed[route]


def test_detection_at_ports_shifts_cells_to_open_country_and_to_people() -> None:
    mix = World().live(YEAR, find=2.0).mix
    assert mix[PORTS] < 0.97 * BASE[PORTS]
    assert mix[OPEN] > BASE[OPEN] and mix[PEOPLE] > BASE[PEOPLE]


def test_detection_at_the_line_shifts_cells_to_ports_and_to_people() -> None:
    mix = World().live(YEAR, line=1.3).mix
    assert mix[OPEN] < 0.97 * BASE[OPEN]
    assert mix[PORTS] > BASE[PORTS] and mix[PEOPLE] > BASE[PEOPLE]


def test_pressure_on_funds_shifts_the_mix_to_drugs() -> None:
    """Safe houses for clients get more expensive; the demand of buyers limits the shift."""
    shifted = []
    for demand in (1.0, 50.0):
        world = World(trade=TradeParams(demand=demand))
        world.environment.levers.pressure[0] = 2.0
        shifted.append(BASE[PEOPLE] - world.live(2 * YEAR).mix[PEOPLE])
    assert 0.0 < shifted[0] < shifted[1]


def test_the_price_of_a_guide_falls_with_pressure_on_drugs_and_rises_when_cells_leave_people() -> (
    None
):
    """Compares the cost of moving a client; prices also depend on the number of clients."""
    calm, drugs = World().live(YEAR), World().live(YEAR, find=2.0, line=1.3)
    assert (drugs.market.crowd < calm.market.crowd).all()
    left = World()
    left.market.book["mix"][:12] = (0.6, 0.1, 0.3)
    left.live(YEAR // 2)
    assert (left.market.crowd > calm.market.crowd).all()
    prices = [w.market.book["price"][[0, 11], [0, 1]] for w in (drugs, calm, left)]
    assert (prices[0] < prices[1]).all() and (prices[1] < prices[2]).all()


def test_a_shift_ends_where_all_products_are_equally_profitable() -> None:
    world = World().live(25 * YEAR, clients=0.6)
    before = world.mix
    world.live(5 * YEAR, clients=0.6)
    assert np.abs(world.mix - before).max() < 2e-3
    assert (world.mix > 2.0 * TradeParams().mix_least).all()
    baseline, averages = world.market.baseline, world.market.averages
    drugs = profit_ratios(world.market.trade, baseline.level("worth"), averages["worth"])
    people = baseline.ratio("people", averages["people"])
    assert drugs == pytest.approx(np.full(2, people.mean()), abs=0.02)
    assert 0.6 < people.mean() < 1.0


def test_less_elastic_drug_demand_limits_the_shift() -> None:
    people = [
        World(trade=TradeParams(demand=e)).live(4 * YEAR, clients=0.6).mix[PEOPLE]
        for e in (0.5, 2.0, 20.0)
    ]
    assert BASE[PEOPLE] > people[0] > people[1] > people[2]


def test_the_mix_returns_when_the_pressure_ends() -> None:
    world = World().live(2 * YEAR, clients=0.6, find=1.5)
    assert np.abs(world.mix - BASE).max() > 0.02
    assert np.abs(world.live(20 * YEAR).mix - BASE).max() < 2e-3


def test_contraband_moves_to_less_inspected_lanes() -> None:
    calm = World().live(1).market.trade.share
    harder = np.ones((2, 4))
    harder[0, 1] = 2.0
    share = World().live(1, find=harder).market.trade.share
    assert share[0, 1] < 0.5 * calm[0, 1]
    assert (np.delete(share, 1) > np.delete(calm, 1)).all()


def test_inspecting_one_lane_more_finds_less_than_without_displacement() -> None:
    calm = World().live(1).market.trade
    harder = np.ones((2, 4))
    harder[:, 1] = 2.0
    trade = World().live(1, find=harder).market.trade
    still = calm.volume[PORTS] * float((calm.share * FIND * harder).sum())
    assert trade.seized[PORTS] < 0.8 * still


@pytest.mark.parametrize(
    "level",
    [
        pytest.param(
            0.7,
            marks=pytest.mark.xfail(
                reason="0.69 with the defaults of 26 November 2026: less is found at ports"
            ),
        ),
        1.0,
        1.5,
    ],
)
def test_in_the_base_year_four_fifths_of_seized_hard_drugs_are_found_at_ports(level: float) -> None:
    """P12: 81 % by weight, 70 to 90 accepted; 265,500 lb in five years at the southwest border."""
    trade = World(warm=0).live(YEAR, find=level).market.trade
    assert 0.70 < trade.port_share < 0.90
    found = trade.total_seized.sum() / (265_500 * 0.4536 / 5)
    assert 0.5 < found / level < 1.6  # seizures rise with the chance of detection
