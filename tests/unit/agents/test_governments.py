"""Cooperation: a willing Mexico always participates, a strategic Mexico while it benefits."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from agents.governments import MEXICO, US, GovernmentParams, Governments, Offer, Talks
from agents.labels import AREAS

DOLLARS = st.lists(st.floats(0.0, 1e9), min_size=5, max_size=5)
NOTHING = np.zeros(5)
SOVEREIGNTY = np.array(GovernmentParams().sovereignty)


def make_both(make_environment, **params):
    """Return both governments; Mexico is strategic by default."""
    return Governments(make_environment(), GovernmentParams(**({"mexico": "strategic"} | params)))


def simulate(both, quarters, paid, aid=NOTHING, kidnappings_averted=0.0):
    """Simulate quarters of negotiation in which the areas with dollars are in force."""
    dollars = {US: np.array(aid), MEXICO: np.array(paid)}
    talks = Talks(dollars, dollars[US] + dollars[MEXICO] > 0.0, kidnappings_averted, 0.0)
    for _ in range(quarters):
        both.us.negotiate(talks)
        both.mexico.negotiate(talks)
    return both


@given(DOLLARS, DOLLARS, st.floats(-1e5, 1e5))
def test_a_willing_mexico_participates_at_any_cost(make_environment, paid, aid, averted):
    both = simulate(
        make_both(make_environment, mexico="willing"), 40, paid, aid, kidnappings_averted=averted
    )
    assert both.cooperation == dict.fromkeys(AREAS, 1.0)


@given(st.lists(st.floats(1.0, 1e9), min_size=5, max_size=5))
def test_a_strategic_mexico_withdraws_without_aid_and_benefit(make_environment, paid):
    both = simulate(make_both(make_environment), 40, paid)
    assert both.cooperation == dict.fromkeys(AREAS, 0.0)


@given(DOLLARS, st.lists(st.floats(1.0, 1e9), min_size=5, max_size=5))
def test_a_strategic_mexico_stays_with_aid_above_its_cost(make_environment, paid, surplus):
    aid = np.array(paid) + SOVEREIGNTY + np.array(surplus)
    both = simulate(make_both(make_environment), 40, paid, aid)
    assert both.cooperation == dict.fromkeys(AREAS, 1.0)


def test_benefit_is_split_by_the_dollars_of_both_countries(make_environment):
    both = make_both(make_environment, sovereignty=(0.0,) * 5, kidnapping_worth=1.0)
    paid, aid = [100.0, 0.0, 300.0, 0.0, 0.0], [0.0, 0.0, 100.0, 0.0, 0.0]
    # Of a benefit of 500, intelligence gets 100, which covers its cost of 100. Operations get 400,
    # which with the aid of 100 cover their cost of 300.
    simulate(both, 40, paid, aid, kidnappings_averted=500.0)
    assert both.cooperation["intelligence"] == both.cooperation["operations"] == 1.0
    simulate(both, 40, paid, aid, kidnappings_averted=300.0)
    assert both.cooperation["intelligence"] == 0.0 and both.cooperation["operations"] == 1.0


def test_participation_halves_each_quarter_after_the_patience(make_environment):
    both = make_both(make_environment, patience=1)
    participation = []
    for _ in range(4):
        simulate(both, 1, [0.0, 1e6, 0.0, 0.0, 0.0])
        participation.append(both.cooperation["training"])
    assert participation == [1.0, 0.5, 0.25, 0.125]
    simulate(both, 1, [0.0, 1e6, 0.0, 0.0, 0.0], [0.0, 1e9, 0.0, 0.0, 0.0])
    assert both.cooperation["training"] == 0.125 + 0.5 * 0.875


# ---- effort under conditional aid ---------------------------------------------------------------

OFFERS = st.builds(
    Offer,
    tranche=st.floats(0.0, 2e9),
    target=st.floats(1.0, 3.0),
    error=st.floats(0.0, 2.0),
    officers=st.floats(1.0, 40_000.0),
)


@given(OFFERS)
def test_the_effort_of_a_willing_mexico_does_not_depend_on_the_condition(make_environment, offer):
    mexico = make_both(make_environment, mexico="willing").mexico
    for _ in range(8):
        mexico.advance_month(24.0)
        mexico.choose_effort(offer)
        mexico.learn_verdict(refused=True, target=offer.target)
    assert mexico.effort == 0.0 and mexico.grievance == 0.0


def test_effort_is_the_declared_optimum(make_environment):
    """The chosen share of the full effort maximises gain * share - cost * share**2."""
    mexico = make_both(make_environment).mexico
    offer = Offer(tranche=60e6, target=1.2, error=0.3, officers=4_000.0)
    full = 1.2 * (1.0 + mexico.params.effort_margin) - 1.0
    gain = mexico.params.aid_worth * offer.tranche * (offer.pays(1.0 + full) - offer.pays(1.0))
    cost = full * (mexico.params.tempo_cost * 4_000.0 + SOVEREIGNTY[AREAS.index("southern_border")])
    shares = np.linspace(0.0, 1.0, 10_001)
    best = shares[np.argmax(gain * shares - cost * shares**2)]
    assert 0.0 < best < 1.0
    assert mexico.best_effort(offer) == pytest.approx(full * best, abs=2e-4)


def test_a_refusal_costs_trust_only_if_the_effort_was_made(make_environment):
    honest, idle = make_both(make_environment).mexico, make_both(make_environment).mexico
    honest.effort, idle.effort = 0.4, 0.0
    for mexico in (honest, idle):
        for _ in range(6):
            mexico.advance_month(1e9)
        mexico.learn_verdict(refused=True, target=1.3)
    assert honest.grievance == pytest.approx(honest.params.grievance_gain) and idle.grievance == 0.0
    for _ in range(round(honest.params.grievance_half_life)):
        honest.advance_month(1e9)
    assert honest.grievance == pytest.approx(honest.params.grievance_gain / 2.0)
