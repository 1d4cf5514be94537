"""Candidates by community, kind and month, and thinning that keeps each person's identity."""

import datetime
import re

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from abm.scenario import Scenario
from abm.supply import Supply
from abm.supply_series import find_series, seasonal
from abm.world import geography
from agents.outcomes import Group
from agents.param import SettingError

DEFAULT = Scenario()
DATES = st.dates(datetime.date(1995, 1, 1), datetime.date(2040, 12, 31))


# ---- season -------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["FY2013", "fy2012", "supply", "none"])
def test_an_unknown_series_raises_an_error_with_the_known_names(name, homes):
    scenario = DEFAULT.with_settings({"supply": name})
    for read in (lambda: find_series(name), lambda: Supply(scenario, homes)):
        with pytest.raises(SettingError, match=re.escape(repr(name))) as error:
            read()
        assert error.value.path == "supply"
        assert "fy2013" in error.value.hint and "flat" in error.value.hint


# ---- communities --------------------------------------------------------------------------------


def test_the_communities_of_a_group_share_its_candidates(homes, world):
    for group in Group:
        assert homes.share[homes.group == group].sum() == pytest.approx(1.0)
    assert (homes.share > 0.0).all() and homes.count == homes.place.size == homes.group.size
    mexican = [world.country[p] == "MX" for p in homes.place]
    assert ((homes.group == Group.MEXICAN) == np.array(mexican)).all()
    assert sorted(homes.place.tolist()) == sorted(world.origins().tolist())


def month_at_line(date, group):
    """Return the index of the month in which people who set out on a date reach the line."""
    lead = datetime.timedelta(days=DEFAULT.migrants.supply_lead[group])
    return (date + lead).month - 1


# ---- rates --------------------------------------------------------------------------------------


@given(DATES, st.floats(1.0, 10.0), st.floats(0.0, 20.0))
def test_envelope_times_kept_share_is_the_base_rate_of_the_month(homes, date, envelope, level):
    scenario = DEFAULT.with_settings({"migrants.envelope": envelope, "supply_level": level})
    supply = Supply(scenario, homes)
    base = level * Supply(DEFAULT, homes).base
    expected = base * [seasonal(g)[month_at_line(date, g)] for g in supply.strata[:, 1]]
    rates = supply.envelope_rates(date) * supply.keep()
    assert rates == pytest.approx(expected, rel=1e-12)
    assert (supply.keep() <= 1.0).all() and (supply.keep() > 0.0).all()


def test_violence_and_income_change_supply_only_under_their_own_series(homes):
    plain, moved = (
        Supply(DEFAULT, homes),
        Supply(DEFAULT.with_settings({"supply": "fy2013_push"}), homes),
    )
    assert np.array_equal(plain.keep(2015), plain.keep(2013))
    assert np.array_equal(moved.keep(2013), plain.keep(2013))
    salvador = np.array([homes.country[o] == "SV" for o in moved.strata[:, 0]])
    violence = geography.country_series("SV", "homicide_rate_unodc")
    assert violence[2015] > violence[2013]
    assert (moved.keep(2015)[salvador] > plain.keep(2015)[salvador]).all()
    assert (moved.keep(2015) <= 1.0).all()


# ---- level of a series that follows the record ---------------------------------------------------


def test_the_level_of_the_record_multiplies_the_candidates_of_each_group(homes):
    level = [1.5, 0.25]
    for name, factors in (("to_may_2019_mean_12", level), ("fy2013", [1.0, 1.0])):
        scenario = DEFAULT.with_settings({"supply": name})
        moved = scenario.with_settings({"migrants.known_level": level})
        plain, raised = Supply(scenario, homes), Supply(moved, homes)
        for date in (datetime.date(2018, 12, 1), datetime.date(2019, 9, 1)):
            ratio = raised.envelope_rates(date) / plain.envelope_rates(date)
            assert ratio == pytest.approx(np.array(factors)[plain.group])
