"""Test every criterion against a hand calculation, and properties of the control curve."""

from __future__ import annotations

import math
from dataclasses import replace
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from abm.ledger import Ledger
from abm.measures import CRITERIA, criteria, observed_proxies, outcomes, rates
from abm.measures.criteria import (
    TARGETS,
    Line,
    apprehension_probability,
    displacement,
    dollars_to_reach,
)
from abm.phases.indicators import INDICATORS
from abm.policies.patrol_surge import PatrolSurge
from abm.scenario import Scenario
from abm.world.vocabulary import SECTORS
from agents.outcomes import Account, Event
from agents.param import params_of

N = len(SECTORS)
AGENT_YEAR = params_of(PatrolSurge)["cost_per_agent"].value
MX, NT, ADULT, FAMILY = 0, 1, 0, 1

# Persons by event over the 73 recorded days, a fifth of a year: (Mexicans, Northern Triangle).
COUNTS = {
    Event.TRIP: (320, 180),
    Event.LINE_ATTEMPT: (250, 110),
    Event.SURRENDERED: (0, 40),
    Event.PORT_ATTEMPT: (60, 40),
    Event.APPREHENDED_US: (150, 90),
    Event.TURNED_BACK: (30, 10),
    Event.GOT_AWAY_KNOWN: (40, 10),
    Event.GOT_AWAY_UNDETECTED: (80, 40),
    Event.INADMISSIBLE: (10, 10),
    Event.RELEASED_US: (5, 45),
    Event.RELEASED_PORT: (0, 15),
    Event.ADMITTED: (6, 2),
    Event.GRANTED: (0, 3),
    Event.VOLUNTARY_RETURN: (90, 0),
    Event.REMOVED_US: (30, 40),
    Event.PROSECUTED: (25, 5),
    Event.RETURNED_BY_MEXICO: (0, 50),
    Event.EVADER_FIRST_CAUGHT: (60, 20),
    Event.EVADER_RETRIED: (30, 10),
}
INDICATOR_MEANS = {  # means of the first and of the second half of the days
    "organisations": (10, 14),
    "concentration": (0.1, 0.2),
    "drugs_open_country": (20, 40),
    "drugs_ports": (60, 80),
    "seized_open_country": (2, 4),
    "seized_ports": (6, 12),
    "competence": (0.5, 0.6),
    "integrity": (0.75, 0.7),
}


def fill() -> Ledger:
    """Return a ledger with hand-written counts for a fifth of a year."""
    ledger = Ledger(73, legs=4, indicators=len(INDICATORS))
    ledger.day = 73
    for event, (mexicans, others) in COUNTS.items():
        ledger.events[0, event, MX, ADULT] = mexicans
        ledger.events[72, event, NT, FAMILY] = others
    for name, (early, late) in INDICATOR_MEANS.items():
        column = ledger.indicators[:, list(INDICATORS).index(name)]
        column[:36], column[37:], column[36] = early, late, (early + late) / 2
    ledger.by_sector[Event.LINE_ATTEMPT, 3] = (200, 60)
    ledger.by_sector[Event.LINE_ATTEMPT, 8] = (50, 50)
    ledger.by_sector[Event.SURRENDERED, 8] = (0, 40)
    ledger.by_sector[Event.APPREHENDED_US, 3] = (120, 40)
    ledger.by_sector[Event.APPREHENDED_US, 8] = (30, 50)
    ledger.flow[:, 2] = (25, 20, 10, 5)
    ledger.expected_deaths[1, 3], ledger.expected_deaths[1, N] = 0.6, 0.2
    for payer, dollars in (
        (Account.US_TREASURY, 700),
        (Account.MEXICO_TREASURY, 200),
        (Account.HOUSEHOLDS, 100),
    ):
        ledger.daily_money[9, payer, Account.PROGRAMMES] = dollars
    ledger.daily_money[60, Account.PROGRAMMES, Account.US_TREASURY] = 60
    return ledger


def model(ledger: Ledger | None = None) -> Any:
    """Return a substitute model with the attributes that the criteria read."""
    baseline, attempts = np.zeros(N), np.zeros(N)
    baseline[[3, 8]] = 30.0, 10.0  # three quarters of the attempts are in Tucson
    attempts[[3, 8]] = 26.0, 14.0
    commands = [SimpleNamespace(sector=s, baseline=rate) for s, rate in ((3, 0.1), (8, 0.05))]
    staff, base = np.full(N, 100.0), np.zeros(N)
    base[[3, 8]] = 400.0, 200.0  # times the baselines: 40 and 10 apprehensions per week
    return SimpleNamespace(
        ledger=ledger or fill(),
        settings=Scenario(),
        world=SimpleNamespace(leg_zone=np.array([0, 1, 2, 4])),
        patrol=SimpleNamespace(
            commands=commands, base=base, on_the_line=lambda: staff, tempo=lambda: np.ones(N)
        ),
        flow_history=SimpleNamespace(
            attempts=lambda: attempts, baseline_attempts=lambda: baseline, calls=np.full(N, 20.0)
        ),
        conditions=SimpleNamespace(line_hazard=np.array(Scenario().border_patrol.line_hazard)),
        market=SimpleNamespace(quality=lambda: Scenario().smugglers.quality),
    )


STOPPED, AWAY, YEAR = 240 + 40, 50 + 120, 5
BY_HAND = {
    # departures and entries, scaled to a year
    "got_aways_undetected": 120 * YEAR,
    "got_aways_known": 50 * YEAR,
    "released": 50 * YEAR,
    "inadmissible": 20 * YEAR,
    "presented_released": 15 * YEAR,
    "admitted": 8 * YEAR,
    "granted": 3 * YEAR,
    # enforcement
    "attempts": (360 + 40 + 100) * YEAR,
    "journeys": 180 * YEAR,
    "interdiction_effectiveness_true": STOPPED / (STOPPED + AWAY),
    "retried": 40 / 80,
    "competence": 0.6,
    "integrity": 0.7,
    # people
    "deaths_us_per_10000_attempts": 1e4 * 0.6 / 500,
    "deaths_mexico_per_10000_journeys": 1e4 * 0.2 / 500,
    "returns": (90 + 70 + 30 + 50) * YEAR,
    # organisations and drugs
    "organisations": 12,
    "concentration": 0.15,
    "seized_at_ports": 9 / 12,
    "moved_through_ports": 70 / 100,
    # location: 45 of 60 stops are in the south. The shares of attempts change from 0.75 and 0.25
    # to 0.65 and 0.35, the shares of apprehensions from 0.8 and 0.2 to 2/3 and 1/3.
    "depth_south": 45 / 60,
    "displacement_index": 0.1,
    "displacement_seen": 0.8 - 2 / 3,
    # cost
    "dollars_us": 640 * YEAR,
    "dollars_mexico": 200 * YEAR,
    "dollars_users": 100 * YEAR,
}
CONTROL = {f"control_{round(100 * q)}" for q in TARGETS}


def test_a_criterion_equals_the_hand_calculation():
    """Criteria that are outcomes or rates are calculated by hand in `test_measures`."""
    values, ledger = criteria(model()), fill()
    shared = outcomes(ledger) | rates(ledger)
    others = [name for name in CRITERIA if name not in {*BY_HAND, *CONTROL}]
    assert {name: values[name] for name in BY_HAND} == pytest.approx(BY_HAND)
    expected = pytest.approx([shared[name] for name in others], nan_ok=True)
    assert [values[name] for name in others] == expected
    assert list(values) == list(CRITERIA)


# ---- definitions ---------------------------------------------------------------------------------


def test_each_observed_criterion_has_its_own_true_counterpart():
    pairs = {name: c.truth for name, c in CRITERIA.items() if c.truth}
    assert pairs["got_aways_known"] == "got_aways"
    assert pairs["apprehension_probability_rtm"] == "apprehension_probability"
    assert all(
        CRITERIA[name].observed and not CRITERIA[truth].observed for name, truth in pairs.items()
    )
    assert len(set(pairs.values())) == len(pairs)
    assert observed_proxies() == {truth: name for name, truth in pairs.items()}


# ---- control curve -------------------------------------------------------------------------------


def line(**changes) -> Line:
    """Return a line of one sector, without guides and with a belt behind the line."""
    default = Line(
        attempts=np.array([50.0]),
        hazard=np.array([1.2]),
        belt=np.array([0.1]),
        load=np.array([0.5]),
        staff=1_000.0,
        caught_share=0.6,
        turned_share=0.2,
        eta=0.5,
    )
    return replace(default, **changes)


positive = st.floats(0.01, 3.0)
lines = st.builds(
    line,
    attempts=st.lists(st.floats(0.1, 900.0), min_size=3, max_size=3).map(np.array),
    hazard=st.lists(positive, min_size=3, max_size=3).map(np.array),
    belt=st.lists(st.floats(0.0, 0.5), min_size=3, max_size=3).map(np.array),
    load=st.lists(st.floats(0.0, 5.0), min_size=3, max_size=3).map(np.array),
    caught_share=st.floats(0.3, 0.7),
    turned_share=st.floats(0.0, 0.3),
    eta=st.floats(0.0, 1.0),
    guided=st.floats(0.0, 1.0),
    quality=st.floats(0.0, 0.9),
)


def independent(
    h: float, belt: float, load: float, caught: float, turned: float, eta: float, n: float
) -> float:
    """Compute the apprehension probability of one sector without guides, independently."""
    strength = n**eta
    response = 1.0 / math.sqrt(1.0 + (load / n) ** 2)
    detected = (1.0 - math.exp(-h * strength)) * response
    passed = 1.0 - detected * (caught + turned)
    stopped = detected * caught + passed * (1.0 - math.exp(-belt * strength))
    return stopped / (1.0 - detected * turned)


@pytest.mark.parametrize("agents", [0.5, 1.0, 2.0, 30.0])
def test_the_curve_equals_the_formula_of_one_sector(agents):
    expected = independent(1.2, 0.1, 0.5, 0.6, 0.2, 0.5, agents)
    assert apprehension_probability(line(), agents) == pytest.approx(expected)


@given(line=lines, a=st.floats(0.1, 50.0), b=st.floats(0.1, 50.0))
def test_more_agents_never_lower_the_apprehension_probability(line, a, b):
    low, high = sorted((a, b))
    lower, higher = (apprehension_probability(line, agents) for agents in (low, high))
    assert lower <= higher * (1.0 + 1e-12)


@given(line=lines, a=st.floats(0.05, 0.99), b=st.floats(0.05, 0.99))
def test_a_higher_target_is_never_cheaper(line, a, b):
    low, high = (dollars_to_reach(line, q) for q in sorted((a, b)))
    assert math.isnan(high) or low <= high


@pytest.mark.parametrize("agents", [1.0, 1.0001, 1.05, 1.5, 40.0, 900.0])
def test_the_dollars_to_reach_a_probability_are_the_cost_of_the_agents_who_reach_it(agents):
    target = apprehension_probability(line(), agents)
    expected = (agents - 1.0) * 1_000.0 * AGENT_YEAR
    assert dollars_to_reach(line(), target) == pytest.approx(expected, rel=1e-6, abs=0.0)


@pytest.mark.parametrize("total", [0.5, 1.0, 40.0])
def test_displacement_is_half_the_change_of_shares_for_any_total_above_zero(total):
    before, after = np.array([0.5, 0.3, 0.2]), np.array([0.2, 0.3, 0.5])
    assert displacement(total * after, before) == pytest.approx(0.3)
    assert displacement(after, total * before) == pytest.approx(0.3)
    assert math.isnan(displacement(np.zeros(3), before))
    assert math.isnan(displacement(after, np.zeros(3)))
