"""Recorded inputs by fiscal year."""

from __future__ import annotations

import datetime
from collections.abc import Callable

import numpy as np
import pytest

from abm.model import BorderModel
from abm.phases import dated_inputs
from abm.scenario import Scenario
from abm.world import geography
from abm.world.routes import World
from abm.world.vocabulary import SECTORS

BASE = dated_inputs.ANCHOR_YEAR


@pytest.fixture(scope="module")
def start_model(world: World) -> Callable[..., BorderModel]:
    """Return a function that builds a model by start date, with or without the record."""

    def build(start: datetime.date, recorded: bool = True, days: int = 40) -> BorderModel:
        kind = "history" if recorded else "base_year"
        scenario = Scenario(start=start, days=days, scale=1000, warmup_days=14, record=kind)
        return BorderModel(scenario, world=world)

    return build


@pytest.mark.parametrize("year", [2005, 2011, 2013, 2018])
def test_a_run_has_the_staff_barrier_and_beds_of_its_year(start_model, year):
    model = start_model(datetime.date(year - 1, 10, 15))
    model.run_for(1)
    staffing = geography.usbp_staffing(year)
    staff = np.array([staffing[name] for name in SECTORS])
    assert model.patrol.staff() == pytest.approx(staff)
    assert model.patrol.base == pytest.approx(staff)
    declared = np.array(model.settings.border_patrol.fence_base)
    more = dated_inputs.barrier_miles(year) / dated_inputs.barrier_miles(BASE)
    assert model.patrol.fence == pytest.approx(np.minimum(1.0, declared * more))
    beds = model.settings.consequences.beds
    assert model.conditions.beds == pytest.approx(
        beds * dated_inputs.places(year) / dated_inputs.places(BASE)
    )


def test_a_new_fiscal_year_begins_on_the_first_of_october(start_model):
    model = start_model(datetime.date(2005, 9, 20))
    model.run_for(10)
    before = model.patrol.staff().sum()
    model.run_for(5)
    assert before == pytest.approx(dated_inputs.staffing(2005).sum())
    assert model.patrol.staff().sum() == pytest.approx(dated_inputs.staffing(2006).sum(), rel=0.02)


def test_places_never_decrease_and_do_not_use_the_data_of_their_year(monkeypatch):
    dated_inputs.places.cache_clear()
    places = [dated_inputs.places(year) for year in range(1998, 2022)]
    assert places == sorted(places)
    original = geography.rows_where

    def until_2014(file, **where):
        return [row for row in original(file, **where) if int(row["fiscal_year"]) <= 2014]

    monkeypatch.setattr(geography, "rows_where", until_2014)
    dated_inputs.places.cache_clear()
    assert dated_inputs.places(2015) == places[2015 - 1998]
    dated_inputs.places.cache_clear()


@pytest.mark.parametrize(("staff_year", "expected"), [(0, 2019), (2013, 2013), (1900, 1992)])
def test_the_staff_year_sets_the_staff_and_nothing_else(staff_year: int, expected: int):
    """0 means the fiscal year of the start. Earlier years mean the first year on record."""
    settings = {"border_patrol.staff_year": staff_year}
    start, short = datetime.date(2018, 10, 1), {"scale": 1000, "warmup_days": 14, "days": 1}
    scenario = Scenario(start=start, **short).with_settings(settings)
    model = BorderModel(scenario, seed=1)
    assert model.patrol.staff() == pytest.approx(dated_inputs.staffing(expected))
    assert (model.patrol.anchor == dated_inputs.staffing(BASE)).all()
