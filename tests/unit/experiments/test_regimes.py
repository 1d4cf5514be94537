"""Regimes: changed settings, the data that they read, and agreement with the record."""

from __future__ import annotations

import datetime

import numpy as np
import pytest

from abm import measures
from abm.scenario import Scenario, parameters
from abm.supply_series import find_series
from abm.world import geography
from agents.migrants.migrant_params import MigrantParams
from agents.outcomes import Event
from experiments.runs.warmup import start_model
from experiments.scenarios import find
from experiments.studies.ask.regimes import REGIMES, regime_scenario
from experiments.studies.optimise.horizons import days_in_years

TEN_YEARS = find("baseline").with_settings({"days": 3652})
LATER = ["fy2016", "fy2019"]


def observed(fiscal_year: int) -> np.ndarray:
    """Return apprehensions in a fiscal year by group and kind, shape (2, 3).

    Kinds are recorded for all nationalities together. Mexicans have the declared shares of
    candidates [A]. The Northern Triangle has the shares of all other nationalities [A].
    """
    months = f"{fiscal_year - 1}-10", f"{fiscal_year}-09"
    mexican, northern = (
        sum(persons for *_, persons in geography.monthly_by_citizenship(group, *months))
        for group in ("Mexico", "NTCA")
    )
    sectors = geography.demographics(fiscal_year).values()
    names = ("single_adult", "family_member", "unaccompanied_child")
    kinds = np.array([sum(sector[name] for sector in sectors) for name in names])
    mexican_kinds = mexican * np.array(MigrantParams().kind_share_mexican)
    others = kinds - mexican_kinds
    return np.stack([mexican_kinds, northern * others / others.sum()])


def simulated(regime: str, seed: int) -> np.ndarray:
    """Return apprehensions between ports in a regime's first year, in the same shape."""
    scenario = regime_scenario(Scenario(), REGIMES[regime]).with_settings({"days": 365})
    model = start_model(scenario, seed)
    model.run_for(scenario.days)
    return measures.event_counts(model.ledger)[Event.APPREHENDED_US].astype(float)


def test_the_base_year_changes_nothing():
    assert regime_scenario(TEN_YEARS, REGIMES["fy2013"]) is TEN_YEARS


@pytest.mark.parametrize("regime", LATER)
def test_a_regime_changes_people_and_dates_and_keeps_the_staff_of_the_base_year(regime: str):
    """No month after the fiscal year is read."""
    year, changed = int(regime[2:]), regime_scenario(TEN_YEARS, REGIMES[regime])
    base = {row.path: row.value for row in parameters(TEN_YEARS)}
    differs = {row.path for row in parameters(changed) if row.value != base[row.path]}
    people = ("migrants.kind_share_northern_triangle", "migrants.known_level")
    staff, jobs = "border_patrol.staff_year", "employers.construction"
    assert {path for path in differs if not path.startswith(people)} <= {"days", staff, jobs}
    assert changed.border_patrol.staff_year == 2013 and changed.record == "base_year"
    assert changed.start == datetime.date(year, 10, 1)
    assert changed.days == days_in_years(changed.start, 10)
    assert find_series(changed.supply).last_month == (year, 9) <= (2019, 9)


@pytest.mark.slow
@pytest.mark.parametrize("regime", LATER)
def test_people_of_a_regime_have_the_apprehensions_of_the_fiscal_year(regime: str):
    """Check a regime's kinds and levels, which a change of the defaults can invalidate.

    To renew them, divide the candidates of each kind by the ratio of simulated to observed
    apprehensions of that kind, and the level of Mexicans by the ratio for Mexicans (scale 100,
    two seeds).
    """
    record = observed(int(regime[2:]))
    mean = np.mean([simulated(regime, seed) for seed in (1, 2)], axis=0)
    ratios = [mean[0].sum() / record[0].sum(), *(mean[1] / record[1])]
    assert np.abs(np.array(ratios) - 1.0).max() < 0.05, ratios
