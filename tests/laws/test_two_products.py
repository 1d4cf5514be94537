"""Exact laws of the two products: pressure on one shifts cells to the other.

Organisations run in a minimal environment that is the same every week except for the change that
a test makes: clients, or the chance to be found at the ports or in open country.
"""

from __future__ import annotations

import numpy as np
import pytest

from agents.smugglers import TradeParams
from agents.smugglers.products import profit_ratios
from tests.laws.market_world import FIND, OPEN, PEOPLE, PORTS, YEAR, World

BASE = np.array(TradeParams().mix)


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
    world = World().live(15 * YEAR, clients=0.6)
    before = world.mix
    world.live(5 * YEAR, clients=0.6)
    assert np.abs(world.mix - before).max() < 2e-3
    assert (world.mix > 2.0 * TradeParams().min_mix).all()
    baseline, averages = world.market.baseline, world.market.averages
    drugs = profit_ratios(world.market.trade, baseline.level("worth"), averages["worth"])
    people = baseline.ratio("people", averages["people"])
    assert drugs == pytest.approx(np.full(2, people.mean()), abs=0.02)
    assert 0.6 < people.mean() < 1.0


def test_inspecting_one_lane_more_finds_less_than_without_displacement() -> None:
    calm = World().live(1).market.trade
    harder = np.ones((2, 4))
    harder[:, 1] = 2.0
    trade = World().live(1, find=harder).market.trade
    still = calm.volume[PORTS] * float((calm.share * FIND * harder).sum())
    assert trade.seized[PORTS] < 0.8 * still


@pytest.mark.parametrize("level", [0.7, 1.0, 1.5])
def test_in_the_base_year_four_fifths_of_seized_hard_drugs_are_found_at_ports(level: float) -> None:
    """P12: 81 % by weight, 70 to 90 accepted; 265,500 lb in five years at the southwest border."""
    trade = World(warm=0).live(YEAR, find=level).market.trade
    assert 0.70 < trade.total_seized[PORTS] / trade.total_seized.sum() < 0.90
    found = trade.total_seized.sum() / (265_500 * 0.4536 / 5)
    assert 0.5 < found / level < 1.6  # seizures rise with the chance of detection
