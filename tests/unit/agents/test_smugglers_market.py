"""Figures of the whole market: baseline, crowding, revenue, bribes and port prices."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from agents.migrants.columns import SLOTS
from tests.unit.agents.small_market import KM, LINE_GATE, cost_of, set_up

RISK = st.floats(0.0, 1.0)
QUIET = {"adaptive_entry": False, "decapitation": 0.0}


# ---- baseline -----------------------------------------------------------------------------------


def sell(environment, market, weeks, clients, **risks):
    """Simulate weeks with the same clients for every organisation."""
    for _ in range(weeks):
        environment.today += 7
        for slot, agent in market.agents.items():
            market.book["clients"][slot, agent.group] = clients
        market.review(np.full((SLOTS, 2), 0.4), LINE_GATE, **risks)


def test_crowding_and_revenue_ratio_are_one_in_the_warm_up(make_environment):
    environment, market = set_up(make_environment, recording=False, **QUIET)
    for clients in (100, 900, 5):
        sell(environment, market, 10, clients)
        assert (market.crowd == 1.0).all() and market.revenue_ratio == 1.0
    assert market.income == []


@pytest.mark.parametrize("clients", [100, 400, 800])
def test_transport_cost_rises_with_clients_per_cell(make_environment, clients):
    environment, market = set_up(make_environment, recording=False, **QUIET)
    sell(environment, market, 60, 400)
    environment.recording = True
    sell(environment, market, 200, clients)
    p = environment.settings.smugglers
    assert market.crowd == pytest.approx(np.full(2, (clients / 400) ** p.congestion), rel=1e-4)
    moving = np.array(p.cost_base) + p.cost_km * KM
    for slot, agent in market.agents.items():
        g = agent.group
        bribe = p.bribe[g] * (market.revenue_ratio**p.bribe_response - 1.0)
        load = market.crowd[g] * market.capacity.cost[slot]
        cost = cost_of(p, g, 0.4) + moving[g] * (load - 1.0) + bribe
        assert market.book["cost"][slot, g] == pytest.approx(cost, abs=1.0)


def test_bribes_follow_an_eight_week_mean_of_revenue(make_environment):
    environment, market = set_up(make_environment, recording=False, **QUIET)
    revenues = []
    for week in range(100):
        environment.recording = week >= 60
        clients = 400 if week < 60 else 900
        revenues.append(
            sum(clients * market.book["price"][s, a.group] for s, a in market.agents.items())
        )
        sell(environment, market, 1, clients)
    mean = revenues[0]
    for dollars in revenues:
        mean += (dollars - mean) / 8.0
    ratio = market.revenue_ratio
    assert ratio > 2.0 and ratio == pytest.approx(mean / np.mean(revenues[8:60]))
    sell(environment, market, 1, 900)  # the bribe depends on the previous week's revenue
    p = environment.settings.smugglers
    for slot, g in ((0, 0), (5, 1)):
        offered = p.bribe[g] * ratio**p.bribe_response
        assert market.book["bribe"][slot, g] == pytest.approx(offered, abs=0.51)


# ---- through a port of entry --------------------------------------------------------------------


@given(RISK, RISK)
def test_the_premium_rises_with_the_attempts_needed_at_ports(make_environment, usual, current):
    environment, market = set_up(make_environment, recording=False, **QUIET)
    sell(environment, market, 60, 400, port_risk=usual)
    assert market.book["port_cost"].tolist() == list(environment.settings.smugglers.port_cost)
    environment.recording = True
    sell(environment, market, 1, 400, port_risk=current)
    p = environment.settings.smugglers
    before = market.book["port_price"].copy()
    sell(environment, market, 1, 400, port_risk=current)
    needed = (1.0 + current + current**2) / (1.0 + usual + usual**2)
    for g, sellers in ((0, slice(0, 5)), (1, slice(5, 12))):
        target = market.book["price"][sellers, g].mean() + p.port_premium[g] * needed
        step = before[g] + p.price_speed * (target - before[g])
        assert market.book["port_price"][g] == pytest.approx(step)
