"""Smuggling organisations: founding, prices, cells, reputation."""

import dataclasses

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from agents.plans import PASSED
from agents.smugglers import SmugglerCell
from agents.smugglers.products import expected_attempts, penalty_rise, sentence_shares, set_cost
from agents.smugglers.smuggler_params import SmugglerParams
from tests.unit.agents.small_market import EAST, ORIGIN_GROUP, WEST, cost_of, review, set_up

RISK = st.floats(0.0, 1.0)


def target_of(p, group, risk, share):
    """Return the logit-Bertrand target price."""
    margin = 1.0 / (p.price_sensitivity * max(0.05, 1.0 - share))
    return cost_of(p, group, risk) * (1.0 + risk + risk**2) + margin


# ---- founding -----------------------------------------------------------------------------------


@given(st.integers(0, 8), st.integers(0, 8), st.integers(1, 40))
def test_every_community_is_served_and_all_figures_are_initialised(make_environment, n, m, cells):
    environment, market = set_up(
        make_environment, count_mexican=n, count_northern_triangle=m, cells=cells
    )
    book = market.book
    assert len(market.agents) == n + m == int((book["active"] == 1).sum()) == book["top"]
    uids = book["uid"][: n + m]
    assert len(set(uids.tolist())) == n + m and (uids > 0).all()
    for community, group in enumerate(ORIGIN_GROUP):
        sellers = [s for s in market.agents if (int(book["serves"][s]) >> community) & 1]
        assert bool(sellers) == bool((n, m)[group])
        assert all(market.agents[s].group == group for s in sellers)
    assert (book["cash"][: n + m] == int(environment.settings.smugglers.capital)).all()
    for agent in market.agents.values():
        assert len(agent.cells) == cells and agent.cells_at(15).sum() == cells


# ---- prices -------------------------------------------------------------------------------------


def test_a_sentence_deters_equally_in_both_countries_up_to_the_limit_of_courts(make_environment):
    levers, params = make_environment().levers, SmugglerParams(us_sentences=90.0, mx_sentences=90.0)

    def rise(us, mx, loss=params.sentence_loss):
        levers.us_sentences[0], levers.mx_sentences[0] = us, mx
        return penalty_rise(dataclasses.replace(params, sentence_loss=loss), levers)

    assert rise(60.0, 0.0) == rise(0.0, 60.0) == pytest.approx(2.0 * rise(0.0, 30.0))
    assert rise(0.0, 1.0) > rise(0.0, 0.0) == 0.0
    assert rise(400.0, 45.0) == pytest.approx(rise(90.0, 45.0)) == pytest.approx(rise(67.5, 67.5))
    assert sentence_shares(params, levers) == {"us_sentences": 1.0, "mx_sentences": 1.0}
    assert rise(90.0, 90.0, loss=0.0) == 0.0


@given(st.lists(RISK, min_size=1, max_size=6), st.floats(0.01, 1.0))
def test_a_price_moves_its_weekly_share_of_the_distance_to_its_target(
    make_environment, risks, speed
):
    environment, market = set_up(
        make_environment, adaptive_entry=False, price_speed=speed, decapitation=0.0
    )
    p = environment.settings.smugglers
    for week, risk in enumerate(risks):
        market.book["clients"][:3] = (90, 5 * week)  # makes market shares unequal
        before = market.book["price"].copy()
        review(environment, market, risk)
        for slot, agent in market.agents.items():
            g = agent.group
            target = target_of(p, g, risk, market.share[slot])
            step = before[slot, g] + speed * (target - before[slot, g])
            # Costs are rounded to whole dollars and then multiplied by the expected attempts.
            assert market.book["price"][slot, g] == pytest.approx(step, abs=2.1)


@given(RISK, RISK, st.integers(0, 1))
def test_costs_and_prices_rise_with_risk(make_environment, a, b, group):
    environment, market = set_up(make_environment, count_mexican=1, count_northern_triangle=1)
    low, high = sorted((a, b))
    costs = [
        set_cost(market, np.array([0]), np.array([group]), np.array([risk]))[0]
        for risk in (low, high)
    ]
    assert costs[0] <= costs[1]
    assert costs == pytest.approx(
        [cost_of(environment.settings.smugglers, group, r) for r in (low, high)], abs=0.51
    )
    aims = [cost * expected_attempts.py_func(r) for cost, r in zip(costs, (low, high), strict=True)]
    assert aims[0] <= aims[1]
    book = market.book
    assert book["cost"][0, group] >= book["tax"][0, group] + book["bribe"][0, group]


@given(st.lists(st.integers(0, 400), min_size=3, max_size=3))
def test_shares_are_smoothed_shares_of_the_clients_of_the_group(make_environment, clients):
    environment, market = set_up(
        make_environment,
        count_mexican=3,
        count_northern_triangle=1,
        adaptive_entry=False,
        decapitation=0.0,
    )
    market.book["clients"][:3, 0] = clients
    review(environment, market)
    for slot, n in enumerate(clients):
        assert market.share[slot] == pytest.approx(0.25 * n / max(1, sum(clients)))
    assert not market.book["clients"].any()


# ---- reputation ---------------------------------------------------------------------------------

COUNT = st.integers(0, 500)


@given(COUNT, COUNT, COUNT, st.floats(0.0, 1.0), st.floats(0.0, 1.0))
def test_reputation_moves_towards_success_less_abuse(
    make_environment, arrived, failed, harmed, r, speed
):
    environment, market = set_up(make_environment, reputation_speed=speed, decapitation=0.0)
    book, total = market.book, arrived + failed + harmed
    for name, value in (("arrived", arrived), ("failed", failed), ("harmed", harmed)):
        book[name][0] = value
    book["reputation"][0] = r
    review(environment, market)
    good = max(0.0, (arrived - 2.0 * harmed) / total) if total else r
    assert book["reputation"][0] == pytest.approx(r + speed * (good - r))
    assert 0.0 <= book["reputation"][0] <= 1.0
    assert book["arrived"][0] == book["failed"][0] == book["harmed"][0] == 0


# ---- cells --------------------------------------------------------------------------------------


def report(market, slot, legs):
    """Set the number of clients that an organisation reports past the line, by leg."""
    market.beliefs.new_reports[slot, :, PASSED] = legs


def test_a_cell_moves_along_the_graph_to_the_best_gate(make_environment):
    environment, market = set_up(make_environment, share=((1.0, 0.0),) * 2, decapitation=0.0)
    agent = market.agents[0]
    report(market, 0, [0, 0, 500, 500])
    review(environment, market)
    moving = [cell for cell in agent.cells if cell.place != cell.target]
    assert len(moving) == 1 and moving[0].target == EAST
    path = [WEST]
    for _ in range(40):
        environment.today += 1
        environment.register_of(SmugglerCell).do("walk")
        assert moving[0] in environment.cell_of(moving[0].place).agents
        if moving[0].place != path[-1]:
            path.append(moving[0].place)
    assert path == [WEST, 2, EAST]  # in Mexico, only the middle place connects the gates
    assert agent.cells_at(15)[[WEST, EAST]].tolist() == [5.0, 1.0]


@pytest.mark.parametrize(("east", "moving"), [(190, 0), (210, 1)])
def test_a_cell_moves_for_twice_the_clients_per_cell(make_environment, east, moving):
    environment, market = set_up(make_environment, share=((0.5, 0.5),) * 2, decapitation=0.0)
    report(market, 0, [0, 100, east // 2, east // 2])
    review(environment, market)
    cells = market.agents[0].cells
    assert sum(cell.place != cell.target for cell in cells) == moving
