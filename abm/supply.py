"""Supply: the number of candidates who decide about migrating, by community, kind and month.

The scenario names its supply series or a user's file. Candidates are drawn at an envelope rate that
no policy changes and thinned by a draw per person, so the same people face every policy.

The supply terms have drivers: construction, cohorts, arrivals before the start, income. Yearly
figures belong to the middle of their year and are interpolated. Before the first and after the last
year on record they are held. Apprehensions are read only for the months before a run starts and in
the base year.

A run counts the people who arrive, while the record counts apprehensions. The record is therefore
converted: an attempt that ends in an arrival or an apprehension gives (1 - p) / p arrivals per
apprehension, where p is the published FY2005 apprehension probability, changed by the number of
agents.

The path of Mexican income is dated: it is 0 until its first day and relative to that day. The
record is the ratio of incomes per head (PPP) in `drivers/country_year.csv`.
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
_FIRST = (1999, 10)  # month of the record of apprehensions
#: Change of the log hazard of apprehension per log point of agents, the middle of the prior of
#: `contest.eta` [A].
HAZARD_OF_STAFF = 0.55
_KNOWN_PROBABILITY = 2005  # fiscal year of the published probability that is read


class RecordedDrivers(DriverRecord):
    """The packaged record."""

    def log_construction(self, year: float) -> float:
        """Return the log of construction employment in the United States at a date."""
        return float(np.interp(year, *_log_series(_CONSTRUCTION, "employees_thousands")))

    def log_cohort(self, year: float) -> np.ndarray:
        """Return the log of the people aged 15 to 24 at a date, by country."""
        series = (_log_series(_COHORT, "age_15_24", country=country) for country in COUNTRIES)
        return np.array([np.interp(year, *points) for points in series])

    def arrivals_before(self, date: datetime.date, keep: float) -> tuple[np.ndarray, np.ndarray]:
        """Return the stock of recent arrivals at a date, from apprehensions before it.

        Apprehensions times :func:`arrivals_per_apprehension` are a proxy for arrivals, so only
        ratios are used. First-year arrivals would sustain the October 1999 stock.

        Args:
            date: months before this date are read, and the base year.
            keep: share of the stock that is left after a month.

        Returns:
            By country, the stock over its base-year mean, and over the stock that last year's
            arrivals would sustain. Ones for a date in the record's first year.
        """
        months = min(max(_number(date.year, date.month), 0), len(_record()))
        if months < 12:
            return super().arrivals_before(date, keep)
        flow, stock = _arrivals(), _stocks(keep)
        sustained = flow[months - 12 : months].mean(axis=0) / (1.0 - keep)
        return stock[months] / _base_stock(keep), stock[months] / sustained


def drivers_of(world: str) -> DriverRecord:
    """Return the drivers of a world.

    Args:
        world: folder of the world, or empty for the packaged one.
    """
    return DriverRecord() if world else RecordedDrivers()


def log_staff(times: Sequence[float] | np.ndarray) -> np.ndarray:
    """Return log Border Patrol agents over FY2005, at some times.

    Args:
        times: years with decimals.

    Returns:
        Logs, shape (times,).
    """
    return np.asarray(np.interp(times, *_staff_by_year()))


def apprehension_probability(times: Sequence[float] | np.ndarray) -> np.ndarray:
    """Return the probability that an attempt ends in an apprehension, at some times.

    It is the published FY2005 value. Its log hazard changes with the number of agents.

    Args:
        times: years with decimals.

    Returns:
        Probabilities, shape (times,).
    """
    file, metric = "us/border_metrics.csv", "apprehension_probability_RTM_between_POE"
    row = geography.rows_where(file, metric=metric, fiscal_year=str(_KNOWN_PROBABILITY))[0]
    hazard = -log(1.0 - float(row["value"])) * exp(HAZARD_OF_STAFF * log_staff(times))
    return 1.0 - exp(-hazard)


def arrivals_per_apprehension(times: Sequence[float] | np.ndarray) -> np.ndarray:
    """Return (1 - p) / p for the apprehension probability p, at some times.

    Args:
        times: years with decimals.

    Returns:
        Ratios, shape (times,).
    """
    caught = apprehension_probability(times)
    return (1.0 - caught) / caught


@functools.cache
def _staff_by_year() -> tuple[np.ndarray, np.ndarray]:
    """Return fiscal years at their middle and log staff relative to FY2005."""
    years = range(FIRST_STAFF, LAST_STAFF + 1)
    agents = log([float(staffing(year).sum()) for year in (_KNOWN_PROBABILITY, *years)])
    return np.array(years) + 0.25, agents[1:] - agents[0]


@functools.cache
def _log_series(file: str, column: str, **match: str) -> tuple[np.ndarray, np.ndarray]:
    """Return the middle of each year and the log of a column, in the rows that match."""
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
    """Return the stock at the start of each month, and after the last, by country."""
    flow = _arrivals()
    stock = [flow[:12].mean(axis=0) / (1.0 - keep)]
    for month in flow:
        stock.append(keep * stock[-1] + month)
    return np.array(stock)


@functools.cache
def _base_stock(keep: float) -> np.ndarray:
    """Return the mean stock in the base year, by country."""
    first = _number(BASE_YEAR - 1, 10)
    return _stocks(keep)[first : first + 12].mean(axis=0)


def _number(year: int, month: int) -> int:
    """Return a recorded month's number, counted from zero."""
    return 12 * (year - _FIRST[0]) + month - _FIRST[1]


_INCOME = "gdp_per_capita_ppp_constant"


@dataclass(frozen=True, slots=True)
class GrowthPath:
    """Log of Mexican over U.S. income, relative to a date.

    Attributes:
        since: first day, as a year with decimals.
        years, log_income: knots of the path, between which it is interpolated.
    """

    since: float
    years: tuple[float, ...]
    log_income: tuple[float, ...]

    def __call__(self, day: int) -> float:
        """Return the value on a day (ordinal), 0 until the first day."""
        income, start_income = np.interp(
            [max(_year(day), self.since), self.since], self.years, self.log_income
        )
        return float(income - start_income)


def income_path(scenario: Scenario) -> GrowthPath | None:
    """Return the path of a scenario, or None for a constant gap.

    Raises:
        SettingError: the path and the supply series contain the same record.
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
    """Raise SettingError if the supply series follows the recorded incomes already."""
    if scenario.supply == "fy2013_push":
        raise SettingError(
            "push.growth_path",
            'the supply series "fy2013_push" contains the recorded incomes already',
            'Choose "none", or "rate" for a growth in addition to the record, or the series '
            '"fy2013".',
        )


def _year(day: int) -> float:
    """Return a day (ordinal) as a year with decimals."""
    date = datetime.date.fromordinal(day)
    first = datetime.date(date.year, 1, 1).toordinal()
    return date.year + (day - first) / (365 + calendar.isleap(date.year))


_REGIONS = "mexico/origin_regions.csv"


@dataclass(frozen=True, slots=True)
class Communities:
    """Communities of origin.

    Attributes:
        place: index of the place, shape (communities,).
        group: group of the candidates (:class:`agents.outcomes.Group`).
        share: share of the group's candidates.
        country: two-letter code of the country.
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
    """Return a world's communities: Mexican regions, then foreign places where people start.

    Northern Triangle countries are weighted by FY2013 apprehensions, and communities in one country
    equally [A]. Mexican regions in the packaged world are weighted by `mexico/origin_regions.csv`,
    other Mexican regions equally.
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
    """Return the shares of Mexican regions, equal unless the record has all of them."""
    record = {row["region"]: float(row["share"]) for row in geography.table(_REGIONS)}
    weight = np.array([record.get(region, 0.0) for region in regions])
    if (weight <= 0.0).any():
        weight = np.ones(len(regions))
    return weight / max(float(weight.sum()), 1e-12)


class Supply:
    """Envelope rates and strata of a scenario in a world.

    Attributes:
        strata: origin, group and kind, shape (strata, 3).
        base: candidates a day at the level of FY2013, shape (strata,).
        envelope: multiple of the base rate at which candidates are drawn.
        policy_free: multiples by origin country that no event of a run changes.
        driven: multiples by origin country and kind, from the state of each country.
        terms: the terms of supply.
        own: supply of a user's file, which replaces the series in its countries and kinds, or None
            without a file.
        other_nationalities: agents' hours a day, less the FY2013 hours, for people in custody who
            are not simulated, as a function of the date.
    """

    def __init__(self, scenario: Scenario, homes: Communities) -> None:
        """Compute the base rates.

        Args:
            scenario: the settings.
            homes: origin communities.

        Raises:
            SettingError: if the supply series is unknown, or its file is missing or invalid.
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
        self._kept: dict[int, np.ndarray] = {}  # by year, until the drivers change
        self._rates: tuple[np.ndarray | None, np.ndarray] = None, self.base  # of a series' factor
        self.policy_free = np.ones(OTHER + 1)  # 1 for a country without a record
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
        """Set the supply multiples from the terms and from push factors.

        Args:
            factor: multiple by country in agents.labels.COUNTRIES, from homicide and income.
        """
        countries = len(COUNTRIES)
        self.policy_free[:countries] = self.terms.policy_free
        self.driven[:countries] = factor[:, None] * self.terms.from_run
        self._kept.clear()
        self._rates = None, self.base

    def envelope_rates(self, date: datetime.date) -> np.ndarray:
        """Return the candidates a day by stratum, before thinning. Do not change the array."""
        factor = self.factor(date)
        factor = factor if self.own is None else self.own.replace(factor, date)
        if factor is not self._rates[0]:  # a series returns the same array during a month
            level = factor[self._index, self._kind] * self.policy_free[self._index]
            self._rates = factor, self.base * level * self.envelope
        return self._rates[1]

    def keep(self, year: int = BASE_YEAR) -> np.ndarray:
        """Return the share of drawn candidates accepted in a year, by stratum, at most 1."""
        if year not in self._kept:
            by_country = {c: push(c, year, *both) for c, both in self._elasticities.items()}
            moved = np.array([by_country[c] for c in self._country])
            drivers = moved * self.driven[self._index, self._kind]
            self._kept[year] = np.minimum(1.0, drivers / self.envelope)
        return self._kept[year]


def named_factor(scenario: Scenario) -> Factor:
    """Return a scenario's named series, or the FY2013 series next to a user's file."""
    name = "fy2013" if is_supply_file(scenario.supply) else scenario.supply
    params = scenario.migrants
    return series_factor(name, params.supply_lead, params.supply_curve, scenario.supply_season)


def record_level(scenario: Scenario) -> np.ndarray:
    """Return the factor on the candidates of each group, shape (2,).

    A series that follows the record is a ratio of apprehensions, and a run in other years has other
    apprehensions per candidate than FY2013. The factor corrects the level. It is 1 for a series
    without known months and for a user's file.
    """
    if is_supply_file(scenario.supply) or find_series(scenario.supply).last_month is None:
        return np.ones(len(Group))
    return np.array(scenario.migrants.known_level)


def other_load(scenario: Scenario) -> Callable[[datetime.date], float]:
    """Return agents' hours a day for other nationalities, less the FY2013 hours, by date.

    The FY2013 hours include all nationalities, while a run simulates two groups. The others follow
    the record (`us/sw_monthly_by_citizenship.csv`) to the last month that the supply series knows,
    and then the twelve-month mean. They have the mix of kinds of candidates from the Northern
    Triangle [A]. Without such a series, or in another world, their load is the FY2013 load.
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
    """Return the supply from a scenario's file, or None. Raise SettingError if it is invalid."""
    if not is_supply_file(scenario.supply):
        return None
    return read_supply_file(scenario.supply, scenario.migrants.supply_lead)


def check_supply(scenario: Scenario) -> None:
    """Raise SettingError unless the supply of a scenario is a known series or a valid file.

    A path of incomes that the series contains already is an error too.
    """
    named_factor(scenario)
    own_supply(scenario)
    income_path(scenario)


def candidates_by_country(scenario: Scenario, homes: Communities) -> np.ndarray:
    """Return the candidates a year at the level of FY2013, by country in agents.labels.COUNTRIES.

    Args:
        scenario: pools and level of supply.
        homes: origin communities.

    Returns:
        Persons a year, infinite for a country without communities.
    """
    people = np.array(scenario.migrants.pool)[homes.group] * homes.share * scenario.supply_level
    codes = np.array(homes.country)
    total = np.array([people[codes == country].sum() for country in COUNTRIES])
    return np.where(total > 0.0, total, np.inf)


def homicide_elasticity(params: MigrantParams, countries: Iterable[str]) -> np.ndarray:
    """Return the response of supply to homicide, by country.

    Args:
        params: elasticity, and its factor by group.
        countries: two-letter codes.

    Returns:
        Elasticities in the order of `countries`.
    """
    groups = [Group.MEXICAN if c == "MX" else Group.NORTHERN_TRIANGLE for c in countries]
    return params.homicide_elasticity * np.array(params.homicide_factor)[groups]


@functools.cache
def push(country: str, year: int, homicide: float, income: float) -> float:
    """Return a country's supply in a year over 2013.

    (H / H0)^homicide * (gap / gap0)^income, where H is the homicide rate (UNODC) and gap the ratio
    of U.S. income per head to the country's (PPP). Outside the record the nearest year is used.

    Args:
        country: two-letter code.
        year: calendar year.
        homicide, income: elasticities.

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
    """Return the value of the nearest year on record over the base year."""
    nearest = min(series, key=lambda y: (abs(y - year), y))
    return series[nearest] / series[BASE_YEAR]
