"""Test every rate and outcome against a hand calculation."""

import datetime
import math
from types import SimpleNamespace

import numpy as np
import pytest

from abm import measures
from abm.ledger import Ledger
from abm.phases.indicators import INDICATORS
from agents.outcomes import Account, Event

MX, NT = 0, 1
ADULT, FAMILY, CHILD = 0, 1, 2

# Persons on two recorded days, by event and by (group, kind): (first day, second day).
COUNTS = {
    Event.CANDIDATES: {(MX, ADULT): (800, 700), (NT, FAMILY): (300, 200)},
    Event.SET_OUT: {(MX, ADULT): (300, 100), (NT, FAMILY): (100, 0)},
    Event.TRIP: {(MX, ADULT): (300, 200), (NT, FAMILY): (100, 60)},
    Event.GUIDED_TRIP: {(MX, ADULT): (260, 190), (NT, FAMILY): (80, 40)},
    Event.SURRENDERED: {(NT, FAMILY): (30, 20)},
    Event.APPREHENDED_US: {(MX, ADULT): (90, 60), (NT, FAMILY): (40, 30), (NT, CHILD): (10, 20)},
    Event.TURNED_BACK: {(MX, ADULT): (30, 20)},
    Event.GOT_AWAY_KNOWN: {(MX, ADULT): (20, 20), (NT, ADULT): (5, 5)},
    Event.GOT_AWAY_UNDETECTED: {(MX, ADULT): (40, 60), (NT, FAMILY): (30, 20)},
    Event.RELEASED_US: {(NT, FAMILY): (25, 25)},
    Event.APPREHENDED_MEXICO: {(NT, FAMILY): (35, 15)},
    Event.FIRST_APPREHENSION_FY: {(MX, ADULT): (70, 50), (NT, FAMILY): (40, 40)},
    Event.REPEAT_APPREHENSION_FY: {(MX, ADULT): (15, 15)},
    Event.GUIDED_DONE: {(MX, ADULT): (150, 50)},
    Event.GUIDED_DONE_30: {(MX, ADULT): (120, 50)},
    Event.OVERFLOW_RELEASE: {(NT, FAMILY): (5, 5)},
    Event.EVADER_FIRST_CAUGHT: {(MX, ADULT): (60, 40)},
    Event.EVADER_RETRIED: {(MX, ADULT): (30, 20)},
    Event.EVADER_RETRY_CAUGHT: {(MX, ADULT): (15, 15)},
    Event.DEATHS: {(MX, ADULT): (1, 2)},
    Event.KIDNAPPED: {(NT, CHILD): (4, 5)},
    Event.EXTORTED: {(NT, CHILD): (6, 7)},
    Event.RETURNED_UNSCREENED: {(NT, CHILD): (3, 5)},
    Event.GAVE_UP: {(MX, ADULT): (20, 10), (NT, FAMILY): (10, 20)},
    Event.LEFT_IN_DEBT: {(MX, ADULT): (3, 2), (NT, FAMILY): (4, 6)},
    Event.PORT_ATTEMPT: {(MX, ADULT): (15, 5), (NT, ADULT): (8, 12)},
    Event.INADMISSIBLE: {(NT, ADULT): (3, 5)},
    Event.PORT_ENTRY: {(MX, ADULT): (15, 5), (NT, ADULT): (5, 7)},
    Event.PRESENTED: {(NT, FAMILY): (7, 5)},
    Event.RELEASED_PORT: {(NT, FAMILY): (5, 4)},
    Event.ADMITTED: {(MX, ADULT): (1, 3)},
    Event.SENT_TO_WAIT: {(NT, FAMILY): (6, 6)},
    Event.GRANTED: {(NT, FAMILY): (0, 2)},
}
# Indicators at the end of the two days. All other indicators are 0.
END_OF_DAY = {
    "seized_open_country": (4.0, 6.0),
    "seized_ports": (14.0, 16.0),
    "drugs_open_country": (20.0, 30.0),
    "drugs_ports": (120.0, 130.0),
    "wait_travellers": (30.0, 40.0),
    "wait_trucks": (50.0, 40.0),
    "trade_delay": (1_000.0, 3_000.0),
}


@pytest.fixture
def ledger():
    """Return a ledger of three days of which two are recorded. The third day must not count."""
    ledger = Ledger(3, legs=4, indicators=len(INDICATORS))
    ledger.indicators[2] = 10**6
    for name, days in END_OF_DAY.items():
        ledger.indicators[:2, list(INDICATORS).index(name)] = days
    for event, cells in COUNTS.items():
        for (group, kind), days in cells.items():
            ledger.events[:2, event, group, kind] = days
    ledger.fees[:2] = [(250_000, 480_000), (50_000, 120_000)]
    ledger.contracts[:2] = [(100, 100), (20, 20)]
    ledger.events[2], ledger.fees[2], ledger.contracts[2] = 10**6, 10**9, 7
    ledger.daily_money[0, Account.US_TREASURY, Account.PROGRAMMES] = 1_000
    ledger.daily_money[1, Account.US_TREASURY, Account.PROGRAMMES] = 500
    ledger.daily_money[1, Account.MEXICO_TREASURY, Account.PROGRAMMES] = 300
    ledger.daily_money[1, Account.HOUSEHOLDS, Account.PROGRAMMES] = 200
    ledger.daily_money[1, Account.HOUSEHOLDS, Account.MIGRANTS] = 9_999
    ledger.daily_money[1, Account.PROGRAMMES, Account.US_TREASURY] = 100  # refund
    ledger.daily_money[0, Account.DRUG_BUYERS, Account.DRUG_ORGANISATIONS] = 50_000
    ledger.daily_money[2] = 10**6
    # The last column counts deaths in transit.
    ledger.expected_deaths[0] = [0.08, 0, 0, 0.01, 0, 0, 0, 0, 0.00, 3.0]
    ledger.expected_deaths[1] = [0.02, 0, 0, 0.05, 0, 0, 0, 0, 0.04, 1.0]
    ledger.expected_deaths[2] = 10**6
    ledger.by_sector[Event.APPREHENDED_US, 0] = (120, 20)
    ledger.by_sector[Event.APPREHENDED_US, 3] = (30, 60)
    ledger.by_sector[Event.APPREHENDED_US, 8] = (0, 20)
    ledger.day = 2
    return ledger


RATES = {
    # 250 apprehensions, 50 of them after surrender; 50 known and 150 undetected got-aways
    "apprehension_probability": 200 / (200 + 200),
    "apprehension_probability_rtm": 30 / 50,
    "interdiction_effectiveness": (250 + 50) / (250 + 50 + 50),
    "entries_per_apprehension": 200 / 250,
    "turn_backs_per_apprehension": 50 / 250,
    "recidivism": 30 / 200,
    "mexico_share": 50 / (50 + 100),
    "set_out_share": 500 / 2_000,
    "deaths_per_10000_apprehensions": 1e4 * 0.20 / 250,
    "guided_within_30_days": 170 / 200,
    "children_and_families_share": 100 / 250,
    "overflow_share": 10 / (100 + 8 + 12),  # includes people found or presenting at ports
    "debt_distress": 15 / 60,
    "found_at_ports": 8 / 40,
    "smuggler_use_mexican": 450 / 500,
    "smuggler_use_northern_triangle": 120 / 160,
    "fee_mexican": 300_000 / 120,
    "fee_northern_triangle": 600_000 / 120,
}
OUTCOMES = {  # totals of two days; the outcomes are per year
    "got_aways": 200 + 32,
    "unlawful_entries": 200 + 32 + 50,
    "port_entries": 32,
    "legal_admissions": 9 + 4 + 2,
    "set_out": 500,
    "departures_mexican": 400,
    "departures_northern_triangle": 100,
    "apprehended_us": 250,
    "apprehended_mexico": 50,
    "turned_back": 50,
    "deaths": 4.2,
    "kidnapped": 9,
    "extorted": 13,
    "returned_unscreened": 8,
    "smuggler_revenue": 900_000,
    "dollars": 1_900,
    "trade_delay": 4_000,
}
LEVELS = {  # means or ratios of the two days, not scaled to a year
    "drugs_seized": 5 + 15,
    "drugs_moved": 25 + 125,
    "drugs_past_border": 25 + 125 - 5 - 15,
    "wait_travellers": 35,
    "wait_trucks": 45,
    "depth_index": 50 / (50 + 250 + 8 + 50),
}


def test_a_rate_equals_the_hand_calculation(ledger):
    assert measures.rates(ledger) == pytest.approx(RATES)


def test_every_declared_outcome_equals_its_hand_calculation_in_declared_order(ledger):
    outcomes = measures.outcomes(ledger)
    assert list(outcomes) == list(measures.OUTCOMES)
    by_hand = {name: total * 365 / 2 for name, total in OUTCOMES.items()} | LEVELS
    assert {name: outcomes[name] for name in by_hand} == pytest.approx(by_hand)
    for name in set(outcomes) - set(OUTCOMES) - set(LEVELS):  # rates are not scaled to a year
        assert outcomes[name] == measures.rates(ledger)[name]
    assert all(
        m.good in (-1, 0, 1) and m.label and m.unit and m.doc and m.group in measures.GROUPS
        for m in (measures.OUTCOMES | measures.PRICES).values()
    )


def test_dollars_by_payer_are_programme_payments_minus_refunds(ledger):
    assert measures.dollars(ledger) == {"us": 1_400.0, "mexico": 300.0, "users": 200.0}


def test_dollars_and_entries_of_later_days_are_discounted(ledger):
    second = 2.0 ** (-1 / 365)  # discount factor of one day at 100 % per year
    assert measures.discounted(ledger, 1.0) == pytest.approx(
        {
            "dollars": 1_000 + second * (500 + 300 + 200 - 100),
            "got_aways": 115 + second * 117,
            "unlawful_entries": 140 + second * 142,
        }
    )


def test_an_empty_ledger_has_nan_rates_and_zero_counts():
    empty = Ledger(3, legs=4)
    assert all(math.isnan(rate) for rate in measures.rates(empty).values())
    outcomes = measures.outcomes(empty)
    counts = set(OUTCOMES) - {"trade_delay"}
    assert all(outcomes[name] == 0.0 for name in counts)
    assert all(math.isnan(outcomes[name]) for name in set(outcomes) - counts)


def test_interceptions_by_depth_are_ordered_from_south_to_north(ledger):
    zones = [measures.DEPTHS[f"Mexico, {part}"][0] for part in ("south", "centre", "north")]
    world = SimpleNamespace(leg_zone=np.array([0, 2, 3, -1]))
    ledger.flow[:, 2], ledger.flow[:, 0] = [30, 10, 4, 6], 99  # the last leg starts outside Mexico
    ledger.events[0, Event.APPREHENDED_BELT, MX, ADULT] = 40
    by_zone = measures.interceptions_by_depth(SimpleNamespace(ledger=ledger, world=world))
    assert [by_zone[zone] for zone in zones] == [36.0, 10.0, 4.0]
    assert by_zone["ports"] == 8.0 and by_zone["behind_the_line"] == 40.0
    assert by_zone["line"] == 250 - 40 + 50
    assert [zone for zones in measures.DEPTHS.values() for zone in zones] == list(by_zone)
    assert sum(by_zone.values()) == 50 + 250 + 50 + 8


# ---- months -------------------------------------------------------------------------------------


def test_monthly_series_sum_to_the_totals(ledger):
    names, series = measures.monthly(ledger, datetime.date(2012, 10, 31))
    assert names == ["2012-10", "2012-11"]
    assert series["apprehended_us"].tolist() == [140, 110]
    assert series["apprehended_us_mexican"].tolist() == [90, 60]
    assert series["apprehended_us_northern_triangle"].tolist() == [50, 50]
    assert series["got_aways"].tolist() == [95 + 20, 105 + 12]
    assert series["unlawful_entries"].tolist() == [120 + 20, 130 + 12]
    assert series["set_out"].tolist() == [400, 100] and series["kidnapped"].tolist() == [4, 5]
    assert series["deaths"] == pytest.approx([3.09, 1.11])
    assert series["apprehended_us_adults"].tolist() == [90, 60]
    assert series["apprehended_us_families"].tolist() == [50, 50]  # includes children
    assert series["got_aways_adults"].tolist() == [65, 85]  # excludes entries through ports
    assert series["got_aways_families"].tolist() == [30, 20]
    for name in set(series) & set(OUTCOMES):
        assert series[name].sum() == pytest.approx(OUTCOMES[name])


def test_indicators_are_averaged_per_month(ledger):
    one_month = measures.monthly_indicators(ledger, datetime.date(2012, 10, 30))
    assert list(one_month) == list(INDICATORS)
    assert one_month["wait_travellers"].tolist() == [35.0]
    assert one_month["drugs_ports"].tolist() == [125.0]
    two_months = measures.monthly_indicators(ledger, datetime.date(2012, 10, 31))
    assert two_months["wait_travellers"].tolist() == [30.0, 40.0]
