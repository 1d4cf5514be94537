"""Daily indicators: every value under its own name and unit."""

from __future__ import annotations

import datetime
from types import SimpleNamespace

import numpy as np
import pytest

from abm.phases.indicators import INDICATORS, IndicatorReader
from agents.labels import AREAS, COUNTRIES, GROUPS
from agents.port_day import PORT_PARAMS


def market(cells: dict[int, int]) -> SimpleNamespace:
    """Return organisations by slot."""
    return SimpleNamespace(
        agents=cells,
        cells={slot: [None] * number for slot, number in cells.items()},
        revenue_ratio=1.25,
        concentration=lambda: 0.125,
    )


def drugs() -> SimpleNamespace:
    """Return the tonnes of one organisation by drug and mode. The first two modes use ports."""
    return SimpleNamespace(
        sent=np.array([[[170.0, 10.0, 15.0, 5.0], [500.0, 0.0, 900.0, 0.0]]]),
        seized=np.array([[[17.0, 1.0, 1.5, 0.5], [40.0, 0.0, 300.0, 0.0]]]),
        price=np.array([1.1, 1.2]),
    )


def model(cells: dict[int, int] | None = None):
    """Build the parts of a model that the reader uses; all values differ."""
    cells = {0: 3, 2: 1} if cells is None else cells
    ports = np.zeros(1, PORT_PARAMS)
    ports["mean_wait"], ports["mean_wait_by_mode"] = (4.0, 41.0, 6.0, 61.0), (37.0, 53.0)
    ports["wait_dollars"], ports["trade_delay_dollars"], ports["tolls"] = 7e5, 8e5, 9e4
    day_tallies = np.zeros(1, [("tickets", np.int64, (5,))])
    kernel_params = np.zeros(1, [("legal_served", float, (5,))])
    day_tallies["tickets"][0] = (300, 100, 60, 900, 40)  # the fourth nation is Mexico
    kernel_params["legal_served"][0] = (296.0, 99.0, 58.0, 600.0, 37.0)
    return SimpleNamespace(
        ports=SimpleNamespace(kernel_params=ports),
        market=market(cells),
        drugs=drugs(),
        kernel_params=kernel_params,
        forces=SimpleNamespace(competence=0.61, integrity=0.72, heads=20_000.0),
        aid=SimpleNamespace(delivered=3e6, undelivered=1e6),
        countries=SimpleNamespace(
            failure=np.array([0.41, 0.42, 0.43, 0.44]),
            factor=np.array([1.01, 1.02, 1.03, 1.04]),
            income=np.array([1.05, 1.06, 1.07, 1.08]),
            us_income=0.99,
        ),
        governments=SimpleNamespace(
            cooperation=dict(zip(AREAS, (0.1, 0.2, 0.3, 0.4, 0.5), strict=True))
        ),
        ledger=SimpleNamespace(day_tallies=day_tallies, day=0),
        weekly=True,
        date=datetime.date(2013, 1, 1),
    )


EXPECTED = {
    "wait_trusted_travellers": 4.0,
    "wait_ordinary_travellers": 41.0,
    "wait_trusted_trucks": 6.0,
    "wait_ordinary_trucks": 61.0,
    "wait_travellers": 37.0,
    "wait_trucks": 53.0,
    "wait_dollars": 7e5,
    "trade_delay": 8e5,
    "tolls": 9e4,
    "drugs_open_country": 20.0,
    "drugs_ports": 180.0,
    "seized_open_country": 2.0,
    "seized_ports": 18.0,
    "marijuana_moved": 1_400.0,
    "marijuana_seized": 340.0,
    "marijuana_seized_ports": 40.0,
    "drug_price": 1.1,
    "organisations": 2,
    "cells": 4,
    "concentration": 0.125,
    "revenue_ratio": 1.25,
    "competence": 0.61,
    "integrity": 0.72,
    "mexican_officers": 20_000.0,
    "aid_delivered": 3e6,
    "aid_undelivered": 1e6,
    **{f"state_failure_{c.lower()}": 0.41 + 0.01 * k for k, c in enumerate(COUNTRIES)},
    **{f"supply_{c.lower()}": 1.01 + 0.01 * k for k, c in enumerate(COUNTRIES)},
    "income_mx": 1.08,
    "income_us": 0.99,
    **{f"cooperation_{area}": 0.1 + 0.1 * k for k, area in enumerate(AREAS)},
    **{f"legal_queue_{g}": n for g, n in zip(GROUPS, (300.0, 10.0), strict=True)},
}


def test_an_indicator_has_its_own_value():
    values = dict(zip(INDICATORS, IndicatorReader().read(model()).tolist(), strict=True))
    assert values == pytest.approx(EXPECTED)


def test_weekly_indicators_are_read_weekly():
    indicator_reader, today = IndicatorReader(), model()
    first = indicator_reader.read(today).copy()
    today.market.revenue_ratio, today.weekly, today.ledger.day = 9.0, False, 1
    assert np.array_equal(indicator_reader.read(today), first)
    today.weekly = True
    values = dict(zip(INDICATORS, indicator_reader.read(today).tolist(), strict=True))
    assert values["revenue_ratio"] == 9.0
