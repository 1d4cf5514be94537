"""Terms of supply: each term alone, compared with its formula."""

from __future__ import annotations

import datetime

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from abm.supply import RecordedDrivers, arrivals_per_apprehension
from agents.chance import KeyedRandom
from agents.labels import TERMS
from agents.supply_terms import N_COUNTRIES, DriverRecord, SupplyTermParams, SupplyTerms

START = datetime.date(2012, 10, 1)
SOME = np.array([100.0, 80.0, 60.0, 900.0])
NONE = np.zeros(N_COUNTRIES)


def months(terms: SupplyTerms, count: int, entered=SOME, released=NONE, *, warmup=12, seed=1):
    """Advance terms over a warm-up with SOME arrivals, then over recorded months."""
    date, record, draws = datetime.date(2011, 10, 1), DriverRecord(), KeyedRandom(seed)
    for k in range(warmup + count):
        recording = k >= warmup
        date = datetime.date(2011 + (9 + k) // 12, (9 + k) % 12 + 1, 1)
        now = (entered, released) if recording else (SOME, SOME / 10.0)
        terms.advance_month(date, *now, record, draws, recording=recording)
    return terms


def terms(**params) -> SupplyTerms:
    return SupplyTerms(SupplyTermParams(**params), DriverRecord(), START)


def test_without_coefficients_nothing_moves():
    state = months(terms(network_keep=0.5, awareness_start=0.9), 30, 10.0 * SOME, SOME)
    assert (state.policy_free == 1.0).all() and (state.from_run == 1.0).all()


@pytest.mark.parametrize(("factor", "elasticity"), [(0.2, 1.3), (3.0, 0.4)])
def test_the_stock_approaches_new_arrivals_and_supply_follows_its_elasticity(factor, elasticity):
    one_month = months(terms(network=(elasticity, elasticity)), 1, factor * SOME)
    keep = 0.75 ** (1 / 12)
    stock = keep + (1.0 - keep) * factor  # relative to the base year
    assert one_month.from_run == pytest.approx(stock**elasticity)
    settled = months(terms(network=(elasticity, elasticity)), 1200, factor * SOME)
    assert settled.from_run == pytest.approx(factor**elasticity, rel=1e-6)


@given(speed=st.floats(0.1, 5.0), ratio=st.floats(0.0, 4.0), start=st.floats(0.05, 0.9))
def test_awareness_follows_the_logistic_curve_of_releases(speed, ratio, start):
    params = {"awareness_speed": speed, "awareness_start": start}
    state = months(terms(**params), 24, SOME, ratio * SOME / 10.0)
    odds = start / (1.0 - start) * np.exp(min(speed * ratio / 12.0, 50.0) * 24)
    assert state.awareness == pytest.approx(odds / (1.0 + odds), rel=1e-6)
    assert state.from_run[:, 0] == pytest.approx(1.0)  # no effect on adults
    assert state.from_run[:, 1:] == pytest.approx(odds / (1.0 + odds) / start, rel=1e-6)


def test_construction_and_cohort_follow_the_record_by_their_elasticity():
    record, year = RecordedDrivers(), 2019.0
    params = SupplyTermParams(construction=(1.0, 0.5), cohort=(0.0, 1.0))
    state = SupplyTerms(params, record, START)
    state.advance_month(
        datetime.date(2019, 1, 1), SOME, NONE, record, KeyedRandom(1), recording=True
    )
    built = record.log_construction(year) - record.log_construction(2013.25)
    grown = record.log_cohort(year) - record.log_cohort(2013.25)
    expected = np.array([0.5, 0.5, 0.5, 1.0]) * built + np.array([1, 1, 1, 0]) * grown
    assert state.policy_free == pytest.approx(np.exp(expected))
    assert built > 0.15 and grown[0] > 0.1


def test_arrivals_per_apprehension_fall_as_agents_are_hired():
    """At the published probability of FY2005 (0.36), 0.64 people arrive per 0.36 apprehended."""
    early, late = arrivals_per_apprehension([2005.25, 2013.25])
    assert early == pytest.approx(0.64 / 0.36) and late < early


def test_awareness_moves_from_the_date_on_which_the_term_begins():
    """The reference is the year of releases before that date. Earlier releases do not count."""
    since = [0.0] * len(TERMS)
    since[TERMS.index("awareness")] = START.year + (START.month - 1) / 12.0 + 2.0
    state = terms(awareness_speed=1.2, since=tuple(since))
    months(state, 24, SOME, 5.0 * SOME)
    assert state.awareness == pytest.approx(0.3) and (state.from_run == 1.0).all()
    later = terms(awareness_speed=1.2, since=tuple(since))
    months(later, 36, SOME, 5.0 * SOME)
    odds = 0.3 / 0.7 * np.exp(1.2)  # after a year at the reference releases
    assert later.awareness == pytest.approx(odds / (1.0 + odds), rel=0.02)


def test_a_dated_term_is_one_until_its_date_and_relative_to_that_date():
    dated = (2014.0, *(0.0,) * (len(TERMS) - 1))
    before = months(terms(network=(1.0, 1.0), since=dated), 16, 2.0 * SOME)
    assert (before.from_run == 1.0).all()
    after = months(terms(network=(1.0, 1.0), since=dated), 17, 2.0 * SOME)
    assert (after.from_run > 1.0).all() and (after.from_run < 1.05).all()


def test_the_drift_is_linear_in_the_log_from_its_date():
    for since, reference in ((0.0, 2013.25), (2016.0, 2016.0)):
        params = SupplyTermParams(drift=(-0.1, 0.2), since=(*(0.0,) * (len(TERMS) - 1), since))
        state = SupplyTerms(params, DriverRecord(), START)
        state.advance_month(
            datetime.date(2019, 1, 1), SOME, NONE, DriverRecord(), KeyedRandom(1), recording=True
        )
        years = 2019.0 - reference
        assert np.log(state.policy_free) == pytest.approx(np.array([0.2, 0.2, 0.2, -0.1]) * years)


def test_the_stock_before_the_start_reads_no_later_month(monkeypatch: pytest.MonkeyPatch):
    from abm import supply

    record, keep = RecordedDrivers(), 0.75 ** (1 / 12)
    date = datetime.date(2014, 7, 1)
    before = record.arrivals_before(date, keep)
    changed = supply._record().copy()
    changed[supply._number(date.year, date.month) :] *= 7.0
    monkeypatch.setattr(supply, "_record", lambda: changed)
    cached = (supply._arrivals, supply._stocks, supply._base_stock)
    for function in cached:
        function.cache_clear()
    after = record.arrivals_before(date, keep)
    for function in cached:
        function.cache_clear()
    assert (before[0] == after[0]).all() and (before[1] == after[1]).all()
