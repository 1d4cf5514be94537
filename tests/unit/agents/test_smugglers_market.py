"""Figures of the whole market: baseline, crowding, revenue, concentration, port prices."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from agents.beliefs import Beliefs
from agents.migrants.columns import SLOTS
from agents.smugglers import Market

ORIGIN_GROUP = np.repeat([0, 1], 8)
LINE_GATE = np.array([-1, 0, 1, 1])
KM = np.array([1_200.0, 2_600.0])
RISK = st.floats(0.0, 1.0)
QUIET = {"adaptive_entry": False, "decapitation": 0.0}


def opened(make_environment, recording=True, **params):
    """Return an environment and its market."""
    environment = make_environment(smugglers=params, recording=recording)
    reports = np.zeros((SLOTS, LINE_GATE.size, 3), np.int64)
    market = Market(
        environment,
        environment.settings.smugglers,
        Beliefs(reports, 500.0, 90.0),
        origin_group=ORIGIN_GROUP,
        origin_place=np.zeros(16, int),
        gates=np.array([3, 4]),
        gate_share=np.array([[0.7, 0.3], [0.2, 0.8]]),
        km=KM,
    )
    return environment, market


def review(environment, market, **ports):
    """Simulate a week and its review."""
    environment.today += 7
    market.review(np.full((SLOTS, 2), 0.5), LINE_GATE, **ports)


def cost_of(p, group, risk):
    """Return the cost of an attempt by its definition."""
    tax = p.passage_tax * (max(risk, 1e-3) / 0.5) ** p.tax_response
    return (
        p.cost_base[group] + p.cost_km * KM[group] + tax + p.bribe[group] + risk * p.penalty[group]
    )


# ---- baseline -----------------------------------------------------------------------------------


def sell(environment, market, weeks, clients, **review_of):
    """Simulate weeks with the same clients for every organisation."""
    for _ in range(weeks):
        environment.today += 7
        for slot, agent in market.agents.items():
            market.book["clients"][slot, agent.groups[0]] = clients
        market.review(np.full((SLOTS, 2), 0.4), LINE_GATE, **review_of)


def test_crowding_and_revenue_ratio_are_one_in_the_warm_up(make_environment):
    environment, market = opened(make_environment, recording=False, **QUIET)
    for clients in (100, 900, 5):
        sell(environment, market, 10, clients)
        assert (market.crowd == 1.0).all() and market.revenue_ratio == 1.0
    assert market.income == []


@pytest.mark.parametrize("clients", [100, 400, 800])
def test_transport_cost_rises_with_clients_per_cell(make_environment, clients):
    environment, market = opened(make_environment, recording=False, **QUIET)
    sell(environment, market, 60, 400)
    environment.recording = True
    sell(environment, market, 200, clients)
    p = environment.settings.smugglers
    assert market.crowd == pytest.approx(np.full(2, (clients / 400) ** p.congestion), rel=1e-4)
    moving = np.array(p.cost_base) + p.cost_km * KM
    for slot, agent in market.agents.items():
        g = agent.groups[0]
        bribe = p.bribe[g] * (market.revenue_ratio**p.bribe_response - 1.0)
        load = market.crowd[g] * market.capacity.cost[slot]
        cost = cost_of(p, g, 0.4) + moving[g] * (load - 1.0) + bribe
        assert market.book["cost"][slot, g] == pytest.approx(cost, abs=1.0)


def test_transport_cost_follows_the_cells_that_work_with_people(make_environment):
    prices = []
    for people in (0.95, 0.80, 0.50):
        environment, market = opened(make_environment, recording=False, **QUIET)
        sell(environment, market, 60, 400)
        environment.recording = True
        market.book["mix"][:12] = (people, (1.0 - people) / 2, (1.0 - people) / 2)
        sell(environment, market, 80, 400)
        prices.append(market.book["price"][[0, 5], [0, 1]])
    assert (prices[0] < prices[1]).all() and (prices[1] < prices[2]).all()


def test_bribes_follow_an_eight_week_mean_of_revenue(make_environment):
    environment, market = opened(make_environment, recording=False, **QUIET)
    taken = []
    for week in range(100):
        environment.recording = week >= 60
        clients = 400 if week < 60 else 900
        taken.append(
            sum(clients * market.book["price"][s, a.groups[0]] for s, a in market.agents.items())
        )
        sell(environment, market, 1, clients)
    mean = taken[0]
    for dollars in taken:
        mean += (dollars - mean) / 8.0
    ratio = market.revenue_ratio
    assert ratio > 2.0 and ratio == pytest.approx(mean / np.mean(taken[8:60]))
    sell(environment, market, 1, 900)  # the bribe follows the revenue of the week before
    p = environment.settings.smugglers
    for slot, g in ((0, 0), (5, 1)):
        offered = p.bribe[g] * ratio**p.bribe_response
        assert market.book["bribe"][slot, g] == pytest.approx(offered, abs=0.51)


@given(st.lists(st.integers(0, 400), min_size=12, max_size=12), st.integers(1, 12))
def test_concentration_is_the_herfindahl_index_of_eight_weeks(make_environment, clients, more):
    environment, market = opened(make_environment, **QUIET)
    n = np.array(clients)
    for week in range(more + 8):
        market.book["clients"][:12, 0] = n if week >= more else 77 * (np.arange(12) == 4)
        review(environment, market)
    total = n.sum()
    assert market.concentration() == pytest.approx(((n / max(1, total)) ** 2).sum())


def test_income_is_recorded_by_week_after_the_warm_up(make_environment):
    environment, market = opened(make_environment, recording=False, **QUIET)
    sell(environment, market, 5, 50)
    environment.recording = True
    for clients in (10, 20):
        people = sum(
            clients * market.book["price"][s, a.groups[0]] for s, a in market.agents.items()
        )
        sell(environment, market, 1, clients)
        assert market.income[-1] == (round(people), 0)
    assert len(market.income) == 2


# ---- through a port of entry --------------------------------------------------------------------


def test_a_passage_through_a_port_costs_the_declared_premium_in_the_base_year(make_environment):
    environment, market = opened(make_environment, recording=False, **QUIET)
    sell(environment, market, 80, 400, port_risk=np.array([0.2, 0.3]))
    environment.recording = True
    sell(environment, market, 80, 400, port_risk=np.array([0.2, 0.3]))
    p = environment.settings.smugglers
    for g, sellers in ((0, slice(0, 5)), (1, slice(5, 12))):
        ordinary = market.book["price"][sellers, g].mean()
        assert market.book["port_price"][g] - ordinary == pytest.approx(p.port_premium[g], abs=0.5)
    assert market.book["port_cost"].tolist() == list(p.port_cost)


@settings(max_examples=20)
@given(RISK, RISK)
def test_the_premium_rises_with_the_attempts_needed_at_ports(make_environment, usual, now):
    environment, market = opened(make_environment, recording=False, **QUIET)
    sell(environment, market, 60, 400, port_risk=usual)
    environment.recording = True
    sell(environment, market, 1, 400, port_risk=now)
    p = environment.settings.smugglers
    before = market.book["port_price"].copy()
    sell(environment, market, 1, 400, port_risk=now)
    needed = (1.0 + now + now**2) / (1.0 + usual + usual**2)
    for g, sellers in ((0, slice(0, 5)), (1, slice(5, 12))):
        aim = market.book["price"][sellers, g].mean() + p.port_premium[g] * needed
        step = before[g] + p.price_speed * (aim - before[g])
        assert market.book["port_price"][g] == pytest.approx(step)


def test_a_group_without_organisations_has_no_port_price_until_entry(make_environment):
    environment, market = opened(make_environment, count_mexican=0, decapitation=0.0)
    assert market.book["port_price"][0] == 0.0 < market.book["port_price"][1]
    review(environment, market)
    sellers = [s for s, a in market.agents.items() if a.groups == (0,)]
    assert len(sellers) == 1
    premium = market.book["port_price"][0] - market.book["price"][sellers[0], 0]
    assert premium == pytest.approx(environment.settings.smugglers.port_premium[0])
