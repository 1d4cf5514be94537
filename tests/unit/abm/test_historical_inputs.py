"""Recorded inputs by fiscal year."""

from __future__ import annotations

import datetime
from collections.abc import Callable
from itertools import pairwise

import numpy as np
import pytest

from abm.model import BorderModel
from abm.phases import historical_inputs
from abm.scenario import Scenario
from abm.world import geography
from abm.world.routes import load_world
from abm.world.vocabulary import SECTORS

BASE = historical_inputs.ANCHOR_YEAR


@pytest.fixture(scope="module")
def started() -> Callable[..., BorderModel]:
    """Return a function that builds a model starting on a date, with or without the record."""
    world = load_world()

    def made(start: datetime.date, followed: bool = True, days: int = 40) -> BorderModel:
        kind = "history" if followed else "base_year"
        scenario = Scenario(start=start, days=days, scale=1000, warmup_days=14, record=kind)
        return BorderModel(scenario, world=world)

    return made


def test_barrier_miles_never_decrease():
    miles = [historical_inputs.barrier_miles(year) for year in range(1995, 2025)]
    assert all(b >= a for a, b in pairwise(miles))
    assert miles[0] == 119.0 and historical_inputs.barrier_miles(2015) == 654.0
    assert historical_inputs.barrier_miles(2009) == pytest.approx(
        278 + 248
    )  # pedestrian and vehicle


def test_sanctioned_shares_are_interpolated_between_the_recorded_years():
    assert (
        historical_inputs.sanctioned_share(2005) == historical_inputs.sanctioned_share(2008) == 0.15
    )
    assert (
        historical_inputs.sanctioned_share(2012) == historical_inputs.sanctioned_share(2019) == 0.85
    )
    assert historical_inputs.sanctioned_share(2010) == pytest.approx(0.5)


@pytest.mark.parametrize("year", [2005, 2011, 2013, 2018])
def test_a_run_has_the_staff_barrier_and_beds_of_its_year(started, year):
    model = started(datetime.date(year - 1, 10, 15))
    model.run_for(1)
    known = geography.usbp_staffing(year)
    staff = np.array([known[name] for name in SECTORS])
    assert model.patrol.staff() == pytest.approx(staff)
    assert [c.base for c in model.patrol.commands] == pytest.approx(staff)
    declared = np.array(model.settings.border_patrol.fence_base)
    more = historical_inputs.barrier_miles(year) / historical_inputs.barrier_miles(BASE)
    assert model.patrol.fence == pytest.approx(np.minimum(1.0, declared * more))
    beds = model.settings.consequences.beds
    assert model.conditions.beds == pytest.approx(
        beds * historical_inputs.places(year) / historical_inputs.places(BASE)
    )


def test_a_new_fiscal_year_begins_on_the_first_of_october(started):
    model = started(datetime.date(2005, 9, 20))
    model.run_for(10)
    before = model.patrol.staff().sum()
    model.run_for(5)
    assert before == pytest.approx(historical_inputs.staffing(2005).sum())
    assert model.patrol.staff().sum() == pytest.approx(
        historical_inputs.staffing(2006).sum(), rel=0.02
    )


def test_the_anchor_year_has_the_declared_values(started):
    plain, followed = (started(datetime.date(BASE - 1, 10, 1), f) for f in (False, True))
    for model in (plain, followed):
        model.run_for(5)
    assert followed.patrol.staff() == pytest.approx(plain.patrol.staff())
    assert followed.kernel_params[0]["voluntary"] == pytest.approx(
        plain.kernel_params[0]["voluntary"]
    )
    assert followed.patrol.strength_ratio() == pytest.approx(plain.patrol.strength_ratio())


def test_places_never_decrease_and_do_not_use_their_own_year(monkeypatch):
    historical_inputs.places.cache_clear()
    places = [historical_inputs.places(year) for year in range(1998, 2022)]
    assert places == sorted(places)
    original = geography.rows_where

    def until_2014(file, **where):
        return [row for row in original(file, **where) if int(row["fiscal_year"]) <= 2014]

    monkeypatch.setattr(geography, "rows_where", until_2014)
    historical_inputs.places.cache_clear()
    assert historical_inputs.places(2015) == places[2015 - 1998]
    historical_inputs.places.cache_clear()


@pytest.mark.parametrize(("staff_year", "expected"), [(0, 2019), (2013, 2013), (1900, 1992)])
def test_the_staff_year_sets_the_staff_and_nothing_else(staff_year: int, expected: int):
    """0 is the fiscal year of the start; a year before the record has the first one on record."""
    settings = {"border_patrol.staff_year": staff_year}
    start, short = datetime.date(2018, 10, 1), {"scale": 1000, "warmup_days": 14, "days": 1}
    scenario = Scenario(start=start, **short).with_settings(settings)
    model = BorderModel(scenario, seed=1)
    assert model.patrol.staff() == pytest.approx(historical_inputs.staffing(expected))
    assert (model.patrol.anchor == historical_inputs.staffing(BASE)).all()
