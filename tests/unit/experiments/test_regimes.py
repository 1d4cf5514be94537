"""Regimes: changed settings, data that are read, and agreement of their people with the record."""

from __future__ import annotations

import datetime

import numpy as np
import pytest

from abm.phases.dated_inputs import fiscal_year
from abm.scenario import Scenario, parameters
from abm.supply_series import find_series
from abm.world import geography
from experiments.scenarios import find
from experiments.studies.ask import regimes
from experiments.studies.ask.regimes import (
    KINDS_PATH,
    LEVEL_PATH,
    REGIMES,
    STAFF_PATH,
    STAFF_YEAR,
    observed,
    regime_scenario,
)
from experiments.studies.optimise.horizons import days_in_years

TEN_YEARS = find("baseline").with_settings({"days": 3652})
LATER = [regime for regime in REGIMES.values() if regime.settings]


def test_the_base_year_changes_nothing():
    assert regime_scenario(TEN_YEARS, REGIMES["fy2013"]) is TEN_YEARS


@pytest.mark.parametrize("regime", LATER, ids=lambda one: one.id)
def test_a_regime_changes_people_and_dates_and_keeps_the_staff_of_the_base_year(
    regime: regimes.Regime,
):
    changed = regime_scenario(TEN_YEARS, regime)
    base = {row.path: row.value for row in parameters(TEN_YEARS)}
    differs = {row.path for row in parameters(changed) if row.value != base[row.path]}
    people = (KINDS_PATH, LEVEL_PATH)
    assert {path for path in differs if not path.startswith(people)} <= {"days", STAFF_PATH}
    assert fiscal_year(TEN_YEARS.start) == changed.border_patrol.staff_year == STAFF_YEAR
    assert changed.days == days_in_years(changed.start, 10) and changed.record == "base_year"
    assert changed.start == datetime.date(regime.fiscal_year, 10, 1)


@pytest.mark.parametrize("regime", LATER, ids=lambda one: one.id)
def test_a_regime_reads_no_month_after_its_fiscal_year(
    regime: regimes.Regime, monkeypatch: pytest.MonkeyPatch
):
    read: list[str] = []
    real = geography.monthly_by_citizenship

    def spied(group: str, first: str = "1999-10", last: str = "2020-02"):
        read.append(last)
        return real(group, first, last)

    monkeypatch.setattr(geography, "monthly_by_citizenship", spied)
    observed(regime.fiscal_year)
    assert max(read) == f"{regime.fiscal_year}-09" <= "2019-09"
    supply = regime_scenario(TEN_YEARS, regime).supply
    assert find_series(supply).last_month == (regime.fiscal_year, 9)


@pytest.mark.parametrize("regime", REGIMES.values(), ids=lambda one: one.id)
def test_observed_people_sum_to_the_record(regime: regimes.Regime):
    found = observed(regime.fiscal_year)
    total = geography.apprehensions_total(regime.fiscal_year)
    assert (found > 0.0).all() and found.sum() < 1.01 * total
    assert found[0].sum() == pytest.approx(
        geography.apprehensions_total(regime.fiscal_year, "Mexican"), rel=0.08
    )


def test_families_and_children_are_two_thirds_of_the_record_of_2019():
    share = observed(2019)[:, 1:].sum() / observed(2019).sum()
    assert 0.6 < share < 0.67
    assert observed(2013)[:, 1:].sum() / observed(2013).sum() == pytest.approx(0.13, abs=0.02)


def test_a_fit_recovers_the_people_of_a_formula(monkeypatch: pytest.MonkeyPatch):
    """Apprehensions are candidates times a rate by kind, so the answer is known."""
    regime, rate = REGIMES["fy2019"], np.array([0.3, 0.9, 0.8])
    pool = 1e6

    def formula(scenario, seed: int) -> np.ndarray:
        kinds = np.array(scenario.migrants.kind_share_northern_triangle)
        mexican, northern = scenario.migrants.known_level
        return np.stack([mexican * pool * np.full(3, 0.1), northern * pool * kinds * rate])

    monkeypatch.setattr(regimes, "_apprehended", formula)
    found = regimes.fit(regime, find("baseline"), seeds=(1,), rounds=3)
    assert np.allclose(found.ratio, 1.0, atol=0.02)
    wanted = observed(2019)[1] / rate
    assert np.allclose(found.kinds, wanted / wanted.sum(), atol=0.002)


@pytest.mark.slow
@pytest.mark.parametrize("regime", LATER, ids=lambda one: one.id)
def test_people_of_a_regime_have_the_apprehensions_of_the_fiscal_year(regime: regimes.Regime):
    """A change of the defaults that moves flows needs another `fit` (scale 100, two seeds)."""
    found = regimes.measure(regime, Scenario())
    assert np.abs(found - 1.0).max() < 0.05, found
