"""Test monthly series by group, kind and sector on a ledger with hand-written counts."""

from __future__ import annotations

import datetime

import numpy as np
import pytest

from abm import measures
from abm.ledger import Ledger
from abm.model import BorderModel
from abm.phases.indicators import INDICATORS
from abm.scenario import Scenario
from agents.outcomes import Event, Group, Kind

MX, NT = Group.MEXICAN, Group.NORTHERN_TRIANGLE
START = datetime.date(2012, 10, 31)  # the second day is in the next month


@pytest.fixture
def ledger() -> Ledger:
    """Return a ledger of three days with two recorded, one per month; the third must not count."""
    ledger = Ledger(3, legs=4, indicators=len(INDICATORS))
    for event, cells in {
        Event.APPREHENDED_US: {
            (MX, Kind.ADULT): (9, 6),
            (NT, Kind.FAMILY): (4, 3),
            (NT, Kind.CHILD): (1, 2),
        },
        Event.GOT_AWAY_KNOWN: {(MX, Kind.ADULT): (2, 3), (NT, Kind.CHILD): (1, 0)},
        Event.GOT_AWAY_UNDETECTED: {(MX, Kind.ADULT): (4, 5), (NT, Kind.FAMILY): (3, 7)},
        Event.PORT_ENTRY: {(MX, Kind.ADULT): (50, 50)},
        Event.SET_OUT: {(MX, Kind.ADULT): (30, 10), (NT, Kind.FAMILY): (20, 5)},
    }.items():
        for (group, kind), days in cells.items():
            ledger.events[:2, event, group, kind] = days
    ledger.fees[:2], ledger.contracts[:2] = [(250, 480), (50, 120)], [(5, 6), (1, 2)]
    ledger.events[2], ledger.fees[2], ledger.contracts[2] = 10**6, 10**6, 10**6
    for month in range(2):
        counts = np.zeros_like(ledger.by_sector)
        counts[Event.LINE_ATTEMPT, 3], counts[Event.SURRENDERED, 3] = (8 + month, 1), (0, 2)
        counts[Event.REACHED_LINE] = 10**6
        ledger.by_sector_month.append(counts)
    ledger.day = 2
    return ledger


def test_families_include_children_and_exclude_port_entries(ledger: Ledger):
    _, series = measures.monthly(ledger, START)
    assert series["apprehended_us_adults"].tolist() == [9, 6]
    assert series["apprehended_us_families"].tolist() == [5, 5]
    assert series["got_aways_adults"].tolist() == [6, 8]
    assert series["got_aways_families"].tolist() == [4, 7]


def test_departures_and_apprehensions_by_country_sum_to_those_of_the_groups():
    settings = {"scale": 1000, "days": 40, "warmup_days": 9, "fill_days": 20}
    model = BorderModel(Scenario().with_settings(settings), rng=5)
    model.run_for(40)
    _, series = measures.monthly(model.ledger, model.settings.start)
    for name in ("set_out", "apprehended_us"):
        north = np.sum([series[f"{name}_{country}"] for country in ("gt", "hn", "sv")], axis=0)
        assert north.tolist() == series[f"{name}_northern_triangle"].tolist()
        assert series[f"{name}_mx"].tolist() == series[f"{name}_mexican"].tolist()
        assert (series[f"{name}_adults_hn"] <= series[f"{name}_hn"]).all()
    names = [f"apprehended_us_adults_{country}" for country in ("gt", "hn", "sv", "mx")]
    adults = np.sum([series[name] for name in names], axis=0)
    assert adults.tolist() == series["apprehended_us_adults"].tolist()
    assert series["set_out_hn"].sum() > 0


def test_monthly_dollars_by_payer_sum_to_the_dollars_of_the_run():
    bought = [
        {"id": name, "dollars": 250e6, "to": "2012-12-15"}
        for name in ("patrol_effort", "legal_pathways", "southern_border_control")
    ]
    settings = {"scale": 1000, "days": 120, "warmup_days": 9, "fill_days": 20, "policies": bought}
    model = BorderModel(Scenario().with_settings(settings), rng=5)
    model.run_for(120)
    months, series = measures.monthly(model.ledger, model.settings.start)
    dollars = measures.dollars(model.ledger)
    assert min(dollars.values()) > 0.0
    for payer, total in dollars.items():
        assert series[f"spent_{payer}"].sum() == total
        assert series[f"spent_{payer}"][months.index("2012-11")] > 0.0
        assert series[f"spent_{payer}"][months.index("2013-01")] == 0.0
