"""Supply: how many candidates decide about migrating, by community, kind and month.

The scenario names a supply series or a user's file. Candidates are drawn at an envelope rate that
no policy changes. One further draw per person then decides who remains (thinning). The same people
therefore face every policy.

The supply terms depend on drivers: construction, cohorts, arrivals before the start, and income.
Yearly values apply to the middle of their year and are interpolated. Before the first and after
the last recorded year they are constant. Apprehensions are used only in the base year and in the
months before a run starts.

A run counts arrivals, while the record counts apprehensions, so the record is converted. If every
attempt ends in an arrival or an apprehension, each apprehension stands for (1 - p) / p arrivals.
Here p is the apprehension probability published for FY2005, adjusted for the number of agents.

The path of Mexican income starts with the run, or later if `push.growth_since` is later. Its values
are relative to that day, and 0 before it. It is computed from incomes per head (PPP) in
`drivers/country_year.csv`.
"""

from __future__ import annotations

import calendar
import datetime
import functools
import math
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from abm.phases.dated_inputs import FIRST_STAFF, LAST_STAFF, staffing
from abm.supply_file import OwnSupply, is_supply_file, read_supply_file
from abm.supply_series import (
    BASE_YEAR,
    OTHER,
    Factor,
    find_series,
    other_nationalities,
    series_factor,
)
from abm.world import geography
from agents.arithmetic import exp, log
from agents.labels import COUNTRIES
from agents.outcomes import N_KINDS, Group
from agents.param import SettingError
from agents.supply_terms import DriverRecord, SupplyTerms

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from abm.scenario import Scenario
    from abm.world.routes import World
    from agents.migrants.migrant_params import MigrantParams


_CONSTRUCTION = "drivers/us_construction_employment.csv"
_COHORT = "drivers/population_15_24.csv"
_FIRST = (1999, 10)  # first month with recorded apprehensions
#: Change in the log hazard of apprehension per log point of agents. The middle of the prior for
#: `contest.eta` [A].
HAZARD_OF_STAFF = 0.55
_PROBABILITY_YEAR = 2005  # fiscal year of the published apprehension probability


class RecordedDrivers(DriverRecord):
    """Supply drivers from the packaged data."""

    def log_construction(self, year: float) -> float:
        """Return log U.S. construction employment at a date, given as a year with decimals."""
        return float(np.interp(year, *_log_series(_CONSTRUCTION, "employees_thousands")))

    def log_cohort(self, year: float) -> np.ndarray:
        """Return the log number of people aged 15 to 24 at a date, shape (countries,)."""
        series = (_log_series(_COHORT, "age_15_24", country=country) for country in COUNTRIES)
        return np.array([np.interp(year, *points) for points in series])

    def arrivals_before(self, date: datetime.date, keep: float) -> tuple[np.ndarray, np.ndarray]:
        """Return ratios for the stock of recent arrivals at a date, from earlier apprehensions.

        Apprehensions times :func:`arrivals_per_apprehension` are a proxy for arrivals, so only
        ratios are returned. The stock in October 1999 is set to the stock that arrivals in the
        first recorded year would sustain.

        Args:
            date: the date. Only earlier months and the base year are used.
            keep: share of the stock that remains after a month.

        Returns:
            Two ratios by country: the stock to its base-year mean, and the stock to the level that
            last year's arrivals would sustain. Both are 1 in the first recorded year.
        """
        months = min(max(_number(date.year, date.month), 0), len(_record()))
        if months < 12:
            return super().arrivals_before(date, keep)
        flow, stock = _arrivals(), _stocks(keep)
        sustained = flow[months - 12 : months].mean(axis=0) / (1.0 - keep)
        return stock[months] / _base_stock(keep), stock[months] / sustained


def drivers_of(world: str) -> DriverRecord:
    """Return a world's supply drivers, which are constant unless the world is packaged.

    Args:
        world: folder of the world, or "" for the packaged world.
    """
    return DriverRecord() if world else RecordedDrivers()


def log_staff(times: Sequence[float] | np.ndarray) -> np.ndarray:
    """Return the log of Border Patrol agents as a ratio to FY2005.

    Args:
        times: years with decimals.

    Returns:
        Log ratios, shape (times,).
    """
    return np.asarray(np.interp(times, *_staff_by_year()))


def apprehension_probability(times: Sequence[float] | np.ndarray) -> np.ndarray:
    """Return the probability that an attempt ends in an apprehension.

    The probability starts from the value published for FY2005. Its log hazard changes with the log
    number of agents.

    Args:
        times: years with decimals.

    Returns:
        Probabilities, shape (times,).
    """
    file, metric = "us/border_metrics.csv", "apprehension_probability_RTM_between_POE"
    row = geography.rows_where(file, metric=metric, fiscal_year=str(_PROBABILITY_YEAR))[0]
    hazard = -log(1.0 - float(row["value"])) * exp(HAZARD_OF_STAFF * log_staff(times))
    return 1.0 - exp(-hazard)


def arrivals_per_apprehension(times: Sequence[float] | np.ndarray) -> np.ndarray:
    """Return arrivals per apprehension, (1 - p) / p for the apprehension probability p.

    Args:
        times: years with decimals.

    Returns:
        Ratios, shape (times,).
    """
    caught = apprehension_probability(times)
    return (1.0 - caught) / caught


@functools.cache
def _staff_by_year() -> tuple[np.ndarray, np.ndarray]:
    """Return the middle of each fiscal year, and log staff relative to FY2005."""
    years = range(FIRST_STAFF, LAST_STAFF + 1)
    agents = log([float(staffing(year).sum()) for year in (_PROBABILITY_YEAR, *years)])
    return np.array(years) + 0.25, agents[1:] - agents[0]


@functools.cache
def _log_series(file: str, column: str, **match: str) -> tuple[np.ndarray, np.ndarray]:
    """Return the middle of each year and a column's logarithm, for the rows that match."""
    rows = geography.rows_where(file, **match)
    years = np.array([float(row["year"]) + 0.5 for row in rows])
    return years, log([float(row[column]) for row in rows])


@functools.cache
def _record() -> np.ndarray:
    """Return apprehensions by month and country, at least 1, shape (months, countries)."""
    columns = [geography.monthly_by_citizenship(geography.NAMES[c]) for c in COUNTRIES]
    return np.maximum(np.array([[v for *_, v in column] for column in columns]).T, 1.0)


@functools.cache
def _arrivals() -> np.ndarray:
    """Return the proxy for arrivals by month and country, shape (months, countries)."""
    flow = _record()
    first = _FIRST[0] + (_FIRST[1] - 0.5) / 12.0
    times = first + np.arange(len(flow)) / 12.0
    return flow * arrivals_per_apprehension(times)[:, None]


@functools.cache
def _stocks(keep: float) -> np.ndarray:
    """Return the stock by country at the start of each month and after the last month."""
    flow = _arrivals()
    stock = [flow[:12].mean(axis=0) / (1.0 - keep)]
    for month in flow:
        stock.append(keep * stock[-1] + month)
    return np.array(stock)


@functools.cache
def _base_stock(keep: float) -> np.ndarray:
    """Return the base-year mean stock by country."""
    first = _number(BASE_YEAR - 1, 10)
    return _stocks(keep)[first : first + 12].mean(axis=0)


def _number(year: int, month: int) -> int:
    """Return how many months lie between the first recorded month and another month."""
    return 12 * (year - _FIRST[0]) + month - _FIRST[1]


_INCOME = "gdp_per_capita_ppp_constant"


@dataclass(frozen=True, slots=True)
class GrowthPath:
    """Log ratio of Mexican to U.S. income, relative to its value on the first day.

    Attributes:
        since: first day of the path, as a year with decimals.
        years: times of the knots, as years with decimals.
        log_income: log ratio at each knot. Values between knots are interpolated.
    """

    since: float
    years: tuple[float, ...]
    log_income: tuple[float, ...]

    def __call__(self, day: int) -> float:
        """Return the relative log ratio on an ordinal day, 0 up to the first day."""
        income, start_income = np.interp(
            [max(_year(day), self.since), self.since], self.years, self.log_income
        )
        return float(income - start_income)


def income_path(scenario: Scenario) -> GrowthPath | None:
    """Return a scenario's income path, or None if the income gap is constant.

    Raises:
        SettingError: the path and the supply series use the same record.
    """
    push = scenario.push
    since = max(push.growth_since, _year(scenario.start.toordinal()))
    if push.growth_path == "rate":
        end = since + push.growth_years
        return GrowthPath(
            since, (since, end), (0.0, push.growth_years * math.log1p(push.growth_rate))
        )
    if push.growth_path == "record":
        _refuse_double_count(scenario)
        home, us = (geography.country_series(country, _INCOME) for country in ("MX", "US"))
        ratio = {year: home[year] / us[year] for year in home if year in us}
        years = tuple(year + 0.5 for year in ratio)
        return GrowthPath(since, years, tuple(log(value) for value in ratio.values()))
    return None


def _refuse_double_count(scenario: Scenario) -> None:
    """Raise SettingError if the supply series already follows the recorded incomes."""
    if scenario.supply == "fy2013_push":
        raise SettingError(
            "push.growth_path",
            'the supply series "fy2013_push" contains the recorded incomes already',
            'Choose "none", or "rate" for a growth in addition to the record, or the series '
            '"fy2013".',
        )


def _year(day: int) -> float:
    """Return an ordinal day as a year with decimals."""
    date = datetime.date.fromordinal(day)
    first = datetime.date(date.year, 1, 1).toordinal()
    return date.year + (day - first) / (365 + calendar.isleap(date.year))


_REGIONS = "mexico/origin_regions.csv"


@dataclass(frozen=True, slots=True)
class Communities:
    """Origin communities with their places, groups and shares of candidates.

    Attributes:
        place: index of each community's place, shape (communities,).
        group: group of a community's candidates (:class:`agents.outcomes.Group`), shape
            (communities,).
        share: community's share of its group's candidates, shape (communities,).
        country: two-letter country code of each community.
    """

    place: np.ndarray
    group: np.ndarray
    share: np.ndarray
    country: tuple[str, ...]

    @property
    def count(self) -> int:
        """Number of communities."""
        return self.place.size


def communities(world: World) -> Communities:
    """Return a world's communities: Mexican regions, then foreign origins.

    Northern Triangle countries are weighted by apprehensions in FY2013. Communities within a
    country have equal weights [A]. Mexican regions are weighted by `mexico/origin_regions.csv` in
    the packaged world, and equally in other worlds.
    """
    mexican = np.flatnonzero(world.mx_origin)
    foreign = np.array([o for o in world.origins() if not world.mx_origin[o]], dtype=int)
    share_mexican = _mexican_shares([world.place_ids[place] for place in mexican])
    northern = (c for c in COUNTRIES if c != "MX")
    totals = {c: geography.apprehensions_total(2013, geography.NAMES[c]) for c in northern}
    countries = [world.country[o] for o in foreign]
    peers = Counter(countries)
    weight = np.array([totals.get(country, 1.0) / peers[country] for country in countries])
    place = np.concatenate([mexican, foreign]).astype(int)
    group = np.repeat([Group.MEXICAN, Group.NORTHERN_TRIANGLE], [mexican.size, foreign.size])
    share = np.concatenate([share_mexican, weight / max(weight.sum(), 1e-12)])
    return Communities(place, group, share, tuple(world.country[p] for p in place))


def _mexican_shares(regions: list[str]) -> np.ndarray:
    """Return shares by Mexican region, which are equal unless all regions have a record."""
    record = {row["region"]: float(row["share"]) for row in geography.table(_REGIONS)}
    weight = np.array([record.get(region, 0.0) for region in regions])
    if (weight <= 0.0).any():
        weight = np.ones(len(regions))
    return weight / max(float(weight.sum()), 1e-12)


class Supply:
    """Rates at which candidates appear by stratum, for a scenario in a world.

    Attributes:
        strata: origin, group and kind by stratum, shape (strata, 3).
        base: candidates a day at the FY2013 level, shape (strata,).
        envelope: multiple of the base rate at which candidates are drawn.
        policy_free: multiples that no event in a run changes, shape (countries + 1,).
        driven: multiples that depend on the run, shape (countries + 1, kinds).
        terms: the supply terms, which change monthly.
        own: supply from a user's file, which replaces the series in the file's countries and kinds.
            None if the scenario names no file.
        other_nationalities: function of a date. It returns the hours a day that agents spend on
            people in custody who are not simulated, less the hours in FY2013.
    """

    def __init__(self, scenario: Scenario, homes: Communities) -> None:
        """Compute the base rates.

        Args:
            scenario: the settings.
            homes: origin communities.

        Raises:
            SettingError: the supply series is unknown, or the supply file is missing or invalid.
        """
        params = scenario.migrants
        self.factor = named_factor(scenario)
        self.own = own_supply(scenario)
        self.other_nationalities = other_load(scenario)
        self.envelope = params.envelope
        kinds = np.array([params.kind_share_mexican, params.kind_share_northern_triangle])
        kinds = kinds / np.maximum(kinds.sum(axis=1, keepdims=True), 1e-12)
        self.strata = np.array(
            [(o, homes.group[o], k) for o in range(homes.count) for k in range(N_KINDS)]
        )
        origin, group, kind = self.strata.T
        pool = np.array(params.pool) * scenario.supply_level * record_level(scenario)
        self.base = pool[group] * homes.share[origin] * kinds[group, kind] / 365.0
        self.group, self._kind = group, kind
        self._country = [homes.country[o] for o in origin]
        self._kept: dict[int, np.ndarray] = {}  # cached results of `keep`, by year
        #: Cached factor of the series, and the rates of `envelope_rates` computed from it.
        self._rates: tuple[np.ndarray | None, np.ndarray] = None, self.base
        self.policy_free = np.ones(OTHER + 1)  # 1 where no record exists
        self.driven = np.ones((OTHER + 1, N_KINDS))
        drivers = drivers_of(scenario.world)
        self.terms = SupplyTerms(scenario.supply_terms, drivers, scenario.start)
        self._index = np.array(
            [COUNTRIES.index(c) if c in COUNTRIES else OTHER for c in self._country]
        )
        if self.own is not None:
            self.base = self.own.bases(self._index, kind, self.base, scenario.supply_level)
        named = sorted(set(self._country))
        self._elasticities: dict[str, tuple[float, float]] = dict.fromkeys(named, (0.0, 0.0))
        if scenario.supply == "fy2013_push":
            by_country = homicide_elasticity(params, named).tolist()
            self._elasticities = {
                c: (e, params.income_elasticity) for c, e in zip(named, by_country, strict=True)
            }

    def set_drivers(self, factor: np.ndarray) -> None:
        """Set the supply multiples from the supply terms and push factors, and clear the caches.

        Args:
            factor: multiple from homicide and income, shape (countries,).
        """
        countries = len(COUNTRIES)
        self.policy_free[:countries] = self.terms.policy_free
        self.driven[:countries] = factor[:, None] * self.terms.from_run
        self._kept.clear()
        self._rates = None, self.base

    def envelope_rates(self, date: datetime.date) -> np.ndarray:
        """Return candidates a day before thinning, shape (strata,). Do not change the array."""
        factor = self.factor(date)
        factor = factor if self.own is None else self.own.replace(factor, date)
        if factor is not self._rates[0]:  # A series returns one array per month.
            level = factor[self._index, self._kind] * self.policy_free[self._index]
            self._rates = factor, self.base * level * self.envelope
        return self._rates[1]

    def keep(self, year: int = BASE_YEAR) -> np.ndarray:
        """Return the share of candidates left after thinning in a year, at most 1, by stratum."""
        if year not in self._kept:
            by_country = {c: push(c, year, *both) for c, both in self._elasticities.items()}
            moved = np.array([by_country[c] for c in self._country])
            drivers = moved * self.driven[self._index, self._kind]
            self._kept[year] = np.minimum(1.0, drivers / self.envelope)
        return self._kept[year]


def named_factor(scenario: Scenario) -> Factor:
    """Return the factor for a scenario's named series, or for `fy2013` if it names a file."""
    name = "fy2013" if is_supply_file(scenario.supply) else scenario.supply
    params = scenario.migrants
    return series_factor(name, params.supply_lead, params.supply_curve, scenario.supply_season)


def record_level(scenario: Scenario) -> np.ndarray:
    """Return the calibrated factor on each group's candidates, shape (2,).

    A series that follows the record is a ratio of apprehensions. In a run, apprehensions per
    candidate differ between FY2013 and other years. The factor corrects this difference. It is 1
    for a series that follows no record, and for a user's file.
    """
    if is_supply_file(scenario.supply) or find_series(scenario.supply).last_month is None:
        return np.ones(len(Group))
    return np.array(scenario.migrants.known_level)


def other_load(scenario: Scenario) -> Callable[[datetime.date], float]:
    """Return a function of a date: custody hours for other nationalities less FY2013 hours.

    The result is the difference in agents' hours a day. Hours in FY2013 include all nationalities,
    while a run simulates two groups. Other nationalities follow the record
    (`us/sw_monthly_by_citizenship.csv`) up to the last recorded month that the supply series uses,
    and then stay at the mean of its last twelve months. They have the same mix of kinds as Northern
    Triangle candidates [A]. The difference is 0 for a series that follows no record, for a user's
    file, and in a user's world.
    """
    if is_supply_file(scenario.supply) or scenario.world:
        return lambda date: 0.0
    persons = other_nationalities(scenario.supply)
    kinds = np.array(scenario.migrants.kind_share_northern_triangle)
    hours = float(
        (kinds * np.array(scenario.consequences.custody_hours)).sum() / max(kinds.sum(), 1e-12)
    )
    return lambda date: hours * persons(date)


def own_supply(scenario: Scenario) -> OwnSupply | None:
    """Return the supply in a scenario's file, or None if the scenario names a series.

    Raises:
        SettingError: the file is missing or invalid.
    """
    if not is_supply_file(scenario.supply):
        return None
    return read_supply_file(scenario.supply, scenario.migrants.supply_lead)


def check_supply(scenario: Scenario) -> None:
    """Raise SettingError unless a scenario's supply is a known series or a valid file.

    The error is also raised if both the supply series and the income path follow recorded incomes.
    """
    named_factor(scenario)
    own_supply(scenario)
    income_path(scenario)


def candidates_by_country(scenario: Scenario, homes: Communities) -> np.ndarray:
    """Return candidates a year at the FY2013 level, by country.

    Args:
        scenario: pools and level of supply.
        homes: origin communities.

    Returns:
        Persons a year, shape (countries,), infinite for a country without communities.
    """
    people = np.array(scenario.migrants.pool)[homes.group] * homes.share * scenario.supply_level
    codes = np.array(homes.country)
    total = np.array([people[codes == country].sum() for country in COUNTRIES])
    return np.where(total > 0.0, total, np.inf)


def homicide_elasticity(params: MigrantParams, countries: Iterable[str]) -> np.ndarray:
    """Return the elasticity of supply to the homicide rate, by country.

    Args:
        params: the elasticity and its factor by group.
        countries: two-letter country codes.

    Returns:
        Elasticities in the order of `countries`.
    """
    groups = [Group.MEXICAN if c == "MX" else Group.NORTHERN_TRIANGLE for c in countries]
    return params.homicide_elasticity * np.array(params.homicide_factor)[groups]


@functools.cache
def push(country: str, year: int, homicide: float, income: float) -> float:
    """Return a country's supply in a year relative to 2013.

    The multiple is (H / H0)^homicide * (gap / gap0)^income. H is the homicide rate (UNODC), and gap
    is U.S. income per head divided by the country's income per head (PPP). A year without a record
    gets the values of the nearest recorded year.

    Args:
        country: two-letter country code.
        year: calendar year.
        homicide, income: elasticities of supply.

    Returns:
        The multiple, 1 for a country without a record.
    """
    if homicide == income == 0.0:
        return 1.0
    try:
        violence = geography.country_series(country, "homicide_rate_unodc")
        home = geography.country_series(country, "gdp_per_capita_ppp_constant")
        us = geography.country_series("US", "gdp_per_capita_ppp_constant")
    except LookupError:
        return 1.0
    gap = {y: us[y] / home[y] for y in home if y in us}
    return _over_base(violence, year) ** homicide * _over_base(gap, year) ** income


def _over_base(series: dict[int, float], year: int) -> float:
    """Return the value in the nearest recorded year, divided by the value in the base year."""
    nearest = min(series, key=lambda y: (abs(y - year), y))
    return series[nearest] / series[BASE_YEAR]
