"""Paths of Mexican income: exact rates, the record, dates, and no double count of the record."""

from __future__ import annotations

import datetime

import numpy as np
import pytest

from abm.scenario import Scenario, SettingError
from abm.supply import check_supply, income_path, push
from abm.world.geography import country_series

BASE = Scenario()


def path(**settings):
    """Return the income path of the default scenario with changed push factors."""
    return income_path(BASE.with_settings({f"push.{name}": v for name, v in settings.items()}))


def on(date: str) -> int:
    """Return the ordinal of a date."""
    return datetime.date.fromisoformat(date).toordinal()


@pytest.mark.parametrize("rate", [-0.03, 0.0, 0.01, 0.05])
@pytest.mark.parametrize("years", [1, 4, 7])
def test_a_rate_for_some_years_moves_income_by_exactly_its_power(rate, years):
    income = path(growth_path="rate", growth_rate=rate, growth_since=2014.0, growth_years=years)
    end = on(f"{2014 + years}-01-01")
    assert np.exp(income(end)) == pytest.approx((1.0 + rate) ** years, rel=1e-12)
    assert income(end + 2_000) == income(end)


def test_a_path_changes_nothing_before_its_date():
    for name in ("rate", "record"):
        income = path(growth_path=name, growth_rate=0.05, growth_since=2015.0)
        assert income(on("2012-10-01")) == income(on("2015-01-01")) == 0.0
        assert income(on("2015-02-01")) != 0.0


def test_the_record_is_the_ratio_of_recorded_incomes():
    mexico, us = (country_series(c, "gdp_per_capita_ppp_constant") for c in ("MX", "US"))
    income = path(growth_path="record", growth_since=2013.5)
    expected = np.log(mexico[2018] / us[2018]) - np.log(mexico[2013] / us[2013])
    assert income(on("2018-07-02")) == pytest.approx(expected, abs=1e-4)
    assert expected < 0.0  # Mexican income fell behind U.S. income
    assert income(on("2030-01-01")) == income(on("2020-01-01"))


def test_the_recorded_path_and_the_recorded_supply_give_the_same_multiple():
    """The path equals the income part of the supply series fy2013_push."""
    income = path(growth_path="record", growth_since=2013.5)
    for year in (2015, 2019):
        middle = on(f"{year}-07-02")
        assert np.exp(-0.8 * income(middle)) == pytest.approx(push("MX", year, 0.0, 0.8), rel=1e-3)


def test_the_record_is_refused_where_the_supply_contains_it():
    scenario = BASE.with_settings({"supply": "fy2013_push", "push.growth_path": "record"})
    for check in (income_path, check_supply):
        with pytest.raises(SettingError, match="contains the recorded incomes already"):
            check(scenario)
    check_supply(scenario.with_settings({"push.growth_path": "rate", "push.growth_rate": 0.01}))
