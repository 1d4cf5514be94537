"""Official statistics for comparison with the first fiscal year of a run.

All figures are of fiscal year 2013 or before July 2014, except the level statistics of FY2015 that
are declared as targets and survey averages over several years. Each name states the period.
"""

from __future__ import annotations

import functools
import math
import operator
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from abm.world import geography
from abm.world.routes import declaration_of
from experiments.runs.case import FirstYear, RunResult
from experiments.validation.targets import target

FIRST_DAY = "2012-10-01"
#: Sectors below this share of a group's apprehensions are left out.
SMALL_SHARE = 0.05

RecordComparison = tuple[str, float, float, str]
_GROUPS = (("mexican", "Mexican", "Mexicans"), ("northern_triangle", "NTCA", "Northern Triangle"))
_SECTOR_FILE, _DEATHS_FILE = "us/usbp_sector_fy.csv", "us/deaths_sector_fy.csv"
_METRICS, _STATES = "us/border_metrics.csv", "mexico/mx_inm_by_state.csv"
_SHARE = "mexico/mexico_share_of_apprehensions.csv"


@dataclass(frozen=True)
class Statistic:
    """A published figure and a function that reads the same figure from a simulated first year."""

    name: str
    observed: float
    source: str
    read: Callable[[FirstYear], float]


def observed_median(results: Sequence[RunResult], world: str = "") -> list[RecordComparison]:
    """Compare the median of runs with the record, for their first fiscal year.

    Args:
        results: runs of one scenario.
        world: world folder. A world with a `world.toml` has no statistics in the record.

    Returns:
        Tuples (name, simulated, observed, source). Empty unless the runs start on 1 October 2012
        and last a year.
    """
    if declaration_of(world).has_file:
        return []
    years = [r.first_year for r in results if r.start == FIRST_DAY and r.first_year]
    if not years:
        return []
    return [
        (s.name, _median([s.read(y) for y in years]), s.observed, s.source) for s in statistics()
    ]


def percent_error(simulated: float, published: float) -> float:
    """Compute the absolute error in percent of the published figure.

    Args:
        simulated, published: figures in the same unit.

    Returns:
        The error. Infinite if a figure is not finite or `published` is 0.
    """
    if not (math.isfinite(simulated) and math.isfinite(published)) or published == 0:
        return math.inf
    return abs(simulated / published - 1.0) * 100.0


def _median(values: list[float]) -> float:
    """Return the median of the finite values. NaN without any."""
    finite = [v for v in values if math.isfinite(v)]
    return float(np.median(finite)) if finite else math.nan


@functools.cache
def statistics() -> tuple[Statistic, ...]:
    """Return all statistics of the packaged record."""
    return (*_apprehensions(), *_sectors(), *_mexico(), *_line(), *_deaths(), *_journeys())


def _apprehensions() -> list[Statistic]:
    """Apprehensions by group."""
    rows = []
    for group, citizenship, words in _GROUPS:
        total = geography.apprehensions_total(2013, citizenship)
        source = geography.source_of(_SECTOR_FILE, fiscal_year=2013, sector="SOUTHWEST TOTAL")
        read = _figure("events", group, "apprehended_us")
        rows.append(Statistic(f"Apprehensions FY2013, {words}", total, source, read))
    return rows


def _sectors() -> list[Statistic]:
    """Sector shares of apprehensions by group, for sectors above ``SMALL_SHARE``."""
    rows = []
    for group, citizenship, words in _GROUPS:
        count = geography.apprehensions_by_sector(2013, citizenship)
        source = geography.source_of(_SECTOR_FILE, fiscal_year=2013)
        for sector, n in count.items():
            share = n / sum(count.values())
            if share >= SMALL_SHARE:
                name = f"Share of apprehensions FY2013, {words}, {sector}"
                rows.append(Statistic(name, share, source, _figure("sector_shares", group, sector)))
    return rows


def _mexico() -> list[Statistic]:
    """Mexico's share of interceptions, and the shares of Mexican states."""
    share = geography.rows_where(_SHARE, period="Oct 2013-Apr 2014")[0]
    name = "Mexico's share of interceptions, Northern Triangle, Oct 2013-Apr 2014"
    rows = [
        Statistic(
            name, float(share["mexico_share_pct"]) / 100, share["source"], _rate("mexico_share")
        )
    ]
    national = geography.mexican_interceptions_national("2014-01")
    for state, n in geography.mexican_interceptions_by_state("2014-01").items():
        source = geography.source_of(_STATES, period="2014-01", state=state)
        name = f"Share of Mexican interceptions, Jan 2014, {state}"
        rows.append(Statistic(name, n / national, source, _state_share(state)))
    return rows


def _line() -> list[Statistic]:
    """Level statistics of the border line, some of FY2015 or FY2011."""
    entries = geography.rows_where(
        _METRICS, metric="successful_illegal_entries_IDA", fiscal_year=2015
    )[0]
    middle = (float(entries["value_low"]) + float(entries["value_high"])) / 2
    per = middle / geography.apprehensions_total(2015)
    return [
        Statistic("Turn-backs FY2013", *_metric("turn_backs_SW", 2013), _total("turned_back")),
        Statistic(
            "Apprehension probability FY2015, repeated trials",
            *_metric("apprehension_probability_RTM_between_POE", 2015),
            _rate("apprehension_probability_rtm"),
        ),
        Statistic(
            "Evading entries per apprehension FY2015",
            per,
            entries["source"],
            _rate("entries_per_apprehension"),
        ),
        Statistic(
            "Interdiction effectiveness FY2015",
            *_metric("interdiction_effectiveness_rate", 2015),
            _rate("interdiction_effectiveness"),
        ),
        Statistic(
            "Recidivism FY2011",
            *_metric("recidivism_rate_CRS_unique_persons", 2011),
            _rate("recidivism"),
        ),
    ]


def _deaths() -> list[Statistic]:
    """Deaths per 10,000 apprehensions, in total and for three sectors."""
    deaths, caught = geography.deaths_by_sector(2013), geography.apprehensions_by_sector(2013)
    source = geography.source_of(_DEATHS_FILE, fiscal_year=2013)
    name = "Deaths per 10,000 apprehensions FY2013"
    rate = 1e4 * sum(deaths.values()) / geography.apprehensions_total(2013)
    rows = [Statistic(f"{name}, southwest", rate, source, _rate("deaths_per_10000_apprehensions"))]
    for sector in ("Tucson", "Laredo", "Rio Grande Valley"):
        rate = 1e4 * deaths[sector] / caught[sector]
        rows.append(
            Statistic(f"{name}, {sector}", rate, source, _figure("deaths_per_10000", sector))
        )
    return rows


def _journeys() -> list[Statistic]:
    """Use of guides, fees and durations, from surveys."""
    names = (
        ("Share with a guide 2012, Mexicans", "P9.use_mexican"),
        ("Share with a guide 2010-19, Northern Triangle", "P9.use_northern_triangle"),
        ("Fee in $ 2010, Mexicans (crossing)", "P9.fee_mexican"),
        ("Fee in $ 2010-19, Northern Triangle (journey)", "P9.fee_northern_triangle"),
        ("Guided journeys done within 30 days, 2010-19", "P11.guided"),
    )
    parts = [(name, target(part)) for name, part in names]
    return [Statistic(name, t.observed, t.sources[0], _rate(t.statistic)) for name, t in parts]


def _metric(metric: str, year: int) -> tuple[float, str]:
    """Return a border metric of a year and its source."""
    row = geography.rows_where(_METRICS, metric=metric, fiscal_year=year)[0]
    return float(row["value"]), row["source"]


def _figure(table: str, *keys: str) -> Callable[[FirstYear], float]:
    """Return a function that reads a figure of a table, such as ``"rates"``, by its keys."""
    return lambda year: float(functools.reduce(operator.getitem, keys, getattr(year, table)))


def _rate(name: str) -> Callable[[FirstYear], float]:
    """Return a function that reads a rate."""
    return _figure("rates", name)


def _total(event: str) -> Callable[[FirstYear], float]:
    """Return a function that reads the count of an event for all groups."""
    return lambda year: float(sum(group[event] for group in year.events.values()))


def _state_share(state: str) -> Callable[[FirstYear], float]:
    """Return a function that reads the share of a Mexican state in interceptions."""

    def read(year: FirstYear) -> float:
        """Return the share of the state. NaN without interceptions."""
        total = sum(year.interceptions_by_state.values())
        return year.interceptions_by_state.get(state, 0.0) / total if total else math.nan

    return read
