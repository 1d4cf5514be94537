"""Test every criterion against a hand calculation, and properties of the control curve."""

from __future__ import annotations

import math
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from abm.ledger import Ledger
from abm.measures import (
    BESIDE_PRICES,
    CRITERIA,
    OUTCOMES,
    PRICES,
    criteria,
    observed_proxies,
)
from abm.measures import control as law
from abm.measures.criteria import displacement
from abm.measures.criteria_page import criteria_markdown
from abm.phases.indicators import INDICATORS
from abm.policies.patrol_surge import PatrolSurge
from abm.scenario import Scenario
from abm.world.vocabulary import SECTORS
from agents.outcomes import Account, Event
from agents.param import params_of

ROOT = Path(__file__).resolve().parents[3]
N = len(SECTORS)
AGENT_YEAR = params_of(PatrolSurge)["cost_per_agent"].value
MX, NT, ADULT, FAMILY = 0, 1, 0, 1

# persons over the 73 recorded days, a fifth of a year: event -> (Mexicans, Northern Triangle)
COUNTS = {
    Event.SET_OUT: (300, 120),
    Event.TRIP: (320, 180),
    Event.GUIDED_TRIP: (256, 144),
    Event.CANDIDATES: (900, 300),
    Event.LINE_ATTEMPT: (250, 110),
    Event.SURRENDERED: (0, 40),
    Event.PORT_ATTEMPT: (60, 40),
    Event.APPREHENDED_US: (150, 90),
    Event.APPREHENDED_BELT: (20, 10),
    Event.TURNED_BACK: (30, 10),
    Event.GOT_AWAY_KNOWN: (40, 10),
    Event.GOT_AWAY_UNDETECTED: (80, 40),
    Event.PORT_ENTRY: (50, 30),
    Event.INADMISSIBLE: (10, 10),
    Event.RELEASED_US: (5, 45),
    Event.PRESENTED: (0, 20),
    Event.RELEASED_PORT: (0, 15),
    Event.ADMITTED: (6, 2),
    Event.GRANTED: (0, 3),
    Event.VOLUNTARY_RETURN: (90, 0),
    Event.REMOVED_US: (30, 40),
    Event.PROSECUTED: (25, 5),
    Event.APPREHENDED_MEXICO: (0, 60),
    Event.RETURNED_BY_MEXICO: (0, 50),
    Event.FIRST_APPREHENSION_FY: (100, 60),
    Event.REPEAT_APPREHENSION_FY: (20, 4),
    Event.EVADER_FIRST_CAUGHT: (60, 20),
    Event.EVADER_RETRIED: (30, 10),
    Event.EVADER_RETRY_CAUGHT: (15, 7),
    Event.KIDNAPPED: (1, 8),
    Event.EXTORTED: (0, 4),
    Event.RETURNED_UNSCREENED: (0, 14),
    Event.GAVE_UP: (50, 50),
    Event.LEFT_IN_DEBT: (10, 20),
}
INDICATOR_MEANS = {  # mean on the first and on the second half of the days
    "organisations": (10, 14),
    "concentration": (0.1, 0.2),
    "mix_people": (0.75, 0.85),
    "drugs_open_country": (20, 40),
    "drugs_ports": (60, 80),
    "seized_open_country": (2, 4),
    "seized_ports": (6, 12),
    "wait_travellers": (30, 50),
    "wait_trucks": (40, 60),
    "trade_delay": (100, 300),
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
    ledger.fees[5], ledger.contracts[5] = (300_000, 400_000), (100, 80)
    ledger.daily_money[5, Account.DRUG_BUYERS, Account.ORGANISATIONS] = 50_000
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
    commands = [
        SimpleNamespace(sector=s, baseline=rate, base=base)
        for s, rate, base in ((3, 0.1, 400.0), (8, 0.05, 200.0))
    ]  # 40 and 10 per week
    staff = np.full(N, 100.0)
    return SimpleNamespace(
        ledger=ledger or fill(),
        settings=Scenario(),
        world=SimpleNamespace(leg_zone=np.array([0, 1, 2, 4])),
        patrol=SimpleNamespace(
            commands=commands, on_the_line=lambda: staff, tempo=lambda: np.ones(N)
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
    "set_out": 420 * YEAR,
    "departures_mexican": 300 * YEAR,
    "departures_northern_triangle": 120 * YEAR,
    "got_aways_undetected": 120 * YEAR,
    "got_aways_known": 50 * YEAR,
    "port_entries": 80 * YEAR,
    "got_aways": (120 + 50 + 80) * YEAR,
    "released": 50 * YEAR,
    "inadmissible": 20 * YEAR,
    "unlawful_entries": (120 + 50 + 80 + 50) * YEAR,
    "presented_released": 15 * YEAR,
    "admitted": 8 * YEAR,
    "granted": 3 * YEAR,
    "legal_admissions": (15 + 8 + 3) * YEAR,
    # enforcement
    "apprehended_us": 240 * YEAR,
    "attempts": (360 + 40 + 100) * YEAR,
    "apprehended_mexico": 60 * YEAR,
    "journeys": 180 * YEAR,
    "turned_back": 40 * YEAR,
    "interdiction_effectiveness": STOPPED / (STOPPED + 50),
    "interdiction_effectiveness_true": STOPPED / (STOPPED + AWAY),
    "apprehension_probability": 200 / (200 + AWAY),
    "apprehension_probability_rtm": 22 / 40,
    "recidivism": 24 / 160,
    "retried": 40 / 80,
    "competence": 0.6,
    "integrity": 0.7,
    # people
    "deaths": 0.8 * YEAR,
    "deaths_per_10000_apprehensions": 1e4 * 0.6 / 240,
    "deaths_us_per_10000_attempts": 1e4 * 0.6 / 500,
    "deaths_mexico_per_10000_journeys": 1e4 * 0.2 / 500,
    "kidnapped": 9 * YEAR,
    "extorted": 4 * YEAR,
    "returns": (90 + 70 + 30 + 50) * YEAR,
    "returned_unscreened": 14 * YEAR,
    "debt_distress": 30 / 100,
    # organisations and drugs
    "smuggler_revenue": 750_000 * YEAR,
    "organisations": 12,
    "concentration": 0.15,
    "fee_mexican": 3_000,
    "fee_northern_triangle": 5_000,
    "mix_people": 0.8,
    "drugs_moved": 30 + 70,
    "drugs_seized": 3 + 9,
    "seized_at_ports": 9 / 12,
    "moved_through_ports": 70 / 100,
    # ports
    "wait_travellers": 40,
    "wait_trucks": 50,
    "trade_delay": 200 * 365,
    # location: 45 of 60 in the south; shares of attempts change from 0.75 and 0.25 to 0.65 and
    # 0.35, shares of apprehensions from 0.8 and 0.2 to 2/3 and 1/3
    "depth_index": 60 / (60 + 240 + 20 + 40),
    "depth_south": 45 / 60,
    "displacement_index": 0.1,
    "displacement_seen": 0.8 - 2 / 3,
    # cost
    "dollars": 940 * YEAR,
    "dollars_us": 640 * YEAR,
    "dollars_mexico": 200 * YEAR,
    "dollars_users": 100 * YEAR,
}
CONTROL = {f"control_{round(100 * q)}" for q in law.TARGETS}


@pytest.mark.parametrize("name", BY_HAND)
def test_a_criterion_equals_the_hand_calculation(name):
    assert criteria(model())[name] == pytest.approx(BY_HAND[name])


def test_every_criterion_has_a_hand_calculation():
    assert set(BY_HAND) | CONTROL == set(CRITERIA)
    assert list(criteria(model())) == list(CRITERIA)


def test_an_empty_ledger_has_zero_counts_and_undefined_ratios():
    empty = Ledger(3, legs=4, indicators=len(INDICATORS))
    values = criteria(model(empty))
    assert values["got_aways"] == values["returns"] == values["dollars"] == 0.0
    undefined = ("retried", "depth_index", "concentration", "integrity", "displacement_index")
    assert all(math.isnan(values[name]) for name in undefined)


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


def test_the_page_lists_prices_and_the_outcomes_reported_with_them():
    human = {name for name, outcome in OUTCOMES.items() if outcome.human}
    assert set(BESIDE_PRICES) == human - {"debt_distress"}  # a share of those who gave up
    assert not set(PRICES) & set(CRITERIA)
    text = criteria_markdown()
    for price in PRICES.values():
        assert price.label in text and price.doc in text
    last = text[text.index("In comparisons only") :]
    assert all(OUTCOMES[name].label in last for name in BESIDE_PRICES) and "3 %" in last


def test_the_reference_page_is_current():
    """If this fails: twoborders criteria --markdown > docs/reference/criteria.md."""
    page = ROOT / "docs" / "reference" / "criteria.md"
    assert page.read_text(encoding="utf-8") == criteria_markdown()


# ---- control curve -------------------------------------------------------------------------------


def line(**changes) -> law.Line:
    """Return a line of one sector, without guides and with a belt behind the line."""
    default = law.Line(
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
    assert law.apprehension_probability(line(), agents) == pytest.approx(expected)


def test_guides_reduce_both_hazards_by_their_quality():
    alone, guided = line(), line(guided=1.0, quality=0.15)
    lower = line(hazard=np.array([1.2 * 0.85]), belt=np.array([0.1 * 0.85]))
    assert law.apprehension_probability(guided, 2.0) == pytest.approx(
        law.apprehension_probability(lower, 2.0)
    )
    half = line(guided=0.5, quality=0.15)
    between = [law.apprehension_probability(x, 2.0) for x in (guided, half, alone)]
    assert between == sorted(between) and between[0] < between[2]


@given(line=lines, a=st.floats(0.1, 50.0), b=st.floats(0.1, 50.0))
def test_more_agents_never_lower_the_apprehension_probability(line, a, b):
    low, high = sorted((a, b))
    few, many = (law.apprehension_probability(line, agents) for agents in (low, high))
    assert few <= many * (1.0 + 1e-12)


@given(line=lines, a=st.floats(0.05, 0.99), b=st.floats(0.05, 0.99))
def test_a_higher_target_is_never_cheaper(line, a, b):
    low, high = (law.dollars_to_reach(line, q) for q in sorted((a, b)))
    assert math.isnan(high) or low <= high


@pytest.mark.parametrize("agents", [1.0, 1.0001, 1.05, 1.5, 40.0, 900.0])
def test_the_dollars_for_the_probability_of_a_number_of_agents_are_those_of_the_agents(agents):
    target = law.apprehension_probability(line(), agents)
    expected = (agents - 1.0) * 1_000.0 * AGENT_YEAR
    assert law.dollars_to_reach(line(), target) == pytest.approx(expected, rel=1e-6, abs=0.0)


def test_a_target_that_only_the_largest_number_of_agents_reaches_has_a_price():
    most = law.apprehension_probability(line(), law.MAX_MULTIPLE)
    assert law.MAX_MULTIPLE == 1_000.0 and law.TARGETS == (0.5, 0.7, 0.9)
    assert law.dollars_to_reach(line(), most) == pytest.approx(999.0 * 1_000.0 * AGENT_YEAR)
    assert math.isnan(law.dollars_to_reach(line(), np.nextafter(most, 1.0)))


@pytest.mark.parametrize("total", [0.5, 1.0, 40.0])
def test_displacement_is_half_the_change_of_shares_for_any_total_above_zero(total):
    before, after = np.array([0.5, 0.3, 0.2]), np.array([0.2, 0.3, 0.5])
    assert displacement(total * after, before) == pytest.approx(0.3)
    assert displacement(after, total * before) == pytest.approx(0.3)
    assert math.isnan(displacement(np.zeros(3), before))
    assert math.isnan(displacement(after, np.zeros(3)))


def test_an_unreachable_target_is_nan_and_documented():
    control = [CRITERIA[name] for name in sorted(CONTROL)]
    assert all(c.missing == "out of reach" and "1,000 times the agents" in c.doc for c in control)
    m = model()
    m.settings = Scenario().with_settings({"border_patrol.belt_hazard": 0.0})
    values = criteria(m)
    assert math.isnan(values["control_90"]) and values["control_50"] >= 0.0


def test_the_curve_is_undefined_without_attempts():
    no_attempts = line(attempts=np.array([0.0]))
    assert math.isnan(law.apprehension_probability(no_attempts, 1.0))
    assert math.isnan(law.dollars_to_reach(no_attempts, 0.5))


def test_officers_are_those_of_the_last_recorded_day():
    ledger = fill()
    column = ledger.indicators[:, list(INDICATORS).index("competence")]
    column[70:] = 0.1, 0.2, 0.3
    assert criteria(model(ledger))["competence"] == pytest.approx(0.3)
    ledger.day = 72
    assert criteria(model(ledger))["competence"] == pytest.approx(0.2)


@pytest.mark.parametrize("sector", range(N))
def test_deaths_in_every_sector_are_in_the_united_states_and_the_last_column_is_mexico(sector):
    ledger = fill()
    ledger.expected_deaths[:] = 0.0
    ledger.expected_deaths[1, sector], ledger.expected_deaths[2, N] = 0.5, 0.25
    values = criteria(model(ledger))
    assert values["deaths_us_per_10000_attempts"] == pytest.approx(1e4 * 0.5 / 500)
    assert values["deaths_mexico_per_10000_journeys"] == pytest.approx(1e4 * 0.25 / 500)


def test_the_line_of_a_model_includes_its_tempo():
    m = model()
    m.conditions.line_hazard = 2.0 * np.array(m.settings.border_patrol.line_hazard)
    m.patrol.tempo = lambda: np.full(N, 2.0)
    result = law.line_of(m)
    p = m.settings.border_patrol
    assert result.belt == pytest.approx(np.full(N, 2.0 * p.belt_hazard))
    assert result.load == pytest.approx(np.full(N, 20.0 / (p.response * 100.0 * 2.0)))
    assert result.staff == 100.0 * N and result.guided == 400 / 500
    assert result.attempts.sum() == 40.0 and result.quality == m.settings.smugglers.quality
