"""Named supply series, and a check that they use no later data."""

import calendar
import datetime

import numpy as np
import pytest

from abm import supply_series
from abm.scenario import Scenario
from abm.supply_series import OTHER, SERIES, find_series, seasonal, series_factor
from abm.world import geography
from agents.labels import COUNTRIES
from agents.outcomes import Group
from agents.param import SettingError
from tests.caches import clear_caches

ANY_MONTH = (
    "to_2008-09_mean_12",
    "to_2011-02_mean_7",
    "to_2018-09_level_2013",
    "to_2013-09_mean_60",
)
HISTORICAL = {name: s for name, s in SERIES.items() if s.last_month}
HISTORICAL |= {name: find_series(name) for name in ANY_MONTH}
MX = COUNTRIES.index("MX")


def days_of(first, last):
    """Return every day from `first` to `last`, exclusive."""
    return [first + datetime.timedelta(days=n) for n in range((last - first).days)]


@pytest.mark.parametrize("curve", [1.0, 0.7])
@pytest.mark.parametrize("name", [n for n, s in HISTORICAL.items() if s.last_month >= (2013, 9)])
def test_fiscal_2013_has_mean_one(name, curve):
    factor = series_factor(name, (0.0, 0.0), curve)
    year = days_of(datetime.date(2012, 10, 1), datetime.date(2013, 10, 1))
    mean = np.mean([factor(day) for day in year], axis=0)
    assert mean == pytest.approx(1.0, abs=1e-9)


@pytest.mark.parametrize("window", ["1999-10..2000-09", "2014-01..2018-12", "2019-03..2020-02"])
def test_the_season_of_any_window_has_mean_one_and_changes_no_level(window):
    days = [calendar.monthrange(2013, month)[1] for month in range(1, 13)]
    for group in Group:
        season = seasonal(group, window)
        assert np.dot(season, days) / 365.0 == pytest.approx(1.0)
        assert not np.array_equal(season, seasonal(group))
    year = days_of(datetime.date(2015, 1, 1), datetime.date(2016, 1, 1))
    factor = series_factor("to_june_2014_mean_24", window=window)
    level = np.mean([factor(day) for day in year], axis=0)
    default = series_factor("to_june_2014_mean_24")
    assert level == pytest.approx(np.mean([default(day) for day in year], axis=0))


@pytest.mark.parametrize(
    "window",
    [
        *("", "2009", "2009-10", "2009-10..2013-9", "2009-13..2010-12", "2009-10...2013-09", 2013),
        *("1999-09..2000-08", "2019-04..2020-03", "2009-10..2013-08", "2013-10..2013-09", None),
        *("2013-10..2009-09", "２009-10..2013-09", "2009-10..2013-09\n"),
    ],
)
def test_an_invalid_window_is_refused_in_one_line(window):
    with pytest.raises(SettingError, match="supply_season: .* Give whole years from 1999-10"):
        Scenario(supply_season=window)


@pytest.mark.usefixtures("cleared")
@pytest.mark.parametrize("name", HISTORICAL)
def test_months_after_the_last_known_month_are_not_used(name, monkeypatch):
    last_month = supply_series._iso_month(HISTORICAL[name].last_month)
    original = geography.monthly_by_citizenship
    requested = []

    def recorded(group, first="1999-10", last="2020-02"):
        requested.append((first, last))
        return original(group, first, last)

    monkeypatch.setattr(geography, "monthly_by_citizenship", recorded)
    clear_caches()
    factor = series_factor(name)
    for date in days_of(datetime.date(2018, 1, 1), datetime.date(2018, 3, 1)):
        factor(date)
    base_years = {("2012-10", "2013-09")}  # months of the level
    if not HISTORICAL[name].past_season:
        base_years.add(("2009-10", "2013-09"))
    assert all(span in base_years or span[1] <= last_month for span in requested)
    assert ("1999-10", last_month) in requested


@pytest.mark.parametrize(("name", "months"), [(n, s.months) for n, s in HISTORICAL.items()])
def test_the_held_level_is_the_mean_of_the_declared_months(name, months):
    year, month = HISTORICAL[name].last_month
    after = days_of(datetime.date(year + 1, 1, 1), datetime.date(year + 2, 1, 1))
    means = np.mean([series_factor(name)(day)[:, 0] for day in after], axis=0)
    for country, column in ((0, "Guatemala"), (2, "El Salvador"), (MX, "Mexico"), (OTHER, "NTCA")):
        span = geography.monthly_by_citizenship(column, "2000-10", f"{year}-{month:02d}")
        base = [v for *_, v in geography.monthly_by_citizenship(column, "2012-10", "2013-09")]
        window = span[-months:] if months else []
        days = sum(calendar.monthrange(y, m)[1] for y, m, _ in window)
        level = sum(v for *_, v in window) / days / (sum(base) / 365.0) if months else 1.0
        assert means[country] == pytest.approx(level, rel=0.01)


# ---- series to any month -------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("to_2020-03_mean_12", "to 2020-03 Give a month from 2000-09 to 2020-02"),
        ("to_2000-08_level_2013", "to 2000-08 Give a month from 2000-09 to 2020-02"),
        ("to_2012-13_mean_12", "to 2012-13 Give a month from"),
        ("to_2012-00_mean_12", "to 2012-00 Give a month from"),
        ("to_2012-06_mean_0", "the mean of 0 months to 2012-06 cannot be held Give 1 to 60"),
        ("to_2012-06_mean_61", "the mean of 61 months to 2012-06 cannot be held Give 1 to 60"),
        ("to_2001-09_mean_25", "the mean of 25 months to 2001-09 cannot be held Give 1 to 24"),
        *((f"to_2012-06_{end}", "unknown supply series") for end in ("mean", "level_2014", "x\n")),
    ],
)
def test_a_month_outside_the_record_is_refused_in_one_line(name, message):
    with pytest.raises(SettingError) as error:
        series_factor(name)
    assert message in str(error.value).replace(". ", " ") and "\n" not in str(error.value)
    assert str(error.value).startswith("supply: ")


# ---- nationalities that are not simulated --------------------------------------------------------


def recorded_others(first: str, last: str) -> float:
    """Return the recorded apprehensions of other nationalities per day."""
    spans = geography.monthly_by_citizenship("Other", first, last)
    days = sum(calendar.monthrange(year, month)[1] for year, month, _ in spans)
    return sum(value for *_, value in spans) / days


def test_other_nationalities_follow_the_record_and_then_the_last_twelve_months():
    load = supply_series.other_nationalities("to_may_2019_mean_12")
    base = recorded_others("2012-10", "2013-09")
    assert load(datetime.date(2019, 5, 9)) == pytest.approx(
        recorded_others("2019-05", "2019-05") - base
    )
    for month in (6, 7, 8, 9, 12):
        expected = recorded_others("2018-06", "2019-05") - base
        assert load(datetime.date(2019, month, 3)) == pytest.approx(expected)
    base_year = days_of(datetime.date(2012, 10, 1), datetime.date(2013, 9, 30))
    assert np.mean([load(day) for day in base_year]) == pytest.approx(0.0, abs=0.2)
