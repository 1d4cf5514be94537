"""Official statistics for comparison with the first fiscal year of a run.

Most of them are fitted targets. All figures are of fiscal year 2013 or before July 2014, except the
level statistics of FY2015 that are declared as targets and survey averages over several years. Each
name states the period.
"""

from __future__ import annotations

import functools
import math
from collections.abc import Sequence

from abm.world import geography
from abm.world.routes import declaration_of
from experiments.runs.case import RunResult
from experiments.runs.intervals import Interval
from experiments.validation.statistics import GROUPS, base_year, record_shares
from experiments.validation.targets import Target, target

FIRST_DAY = "2012-10-01"
#: Sectors below this share of a group's apprehensions are left out.
SMALL_SHARE = 0.05

RecordComparison = tuple[str, float, float, str]
#: Targets whose figure is compared with another simulated figure than their statistic.
_OTHER_FIGURES = {"P4.entries": "entries_per_apprehension", "P7.october_april": "mexico_share"}
_LEVELS = ("P3.evaders", "P4.entries", "P5.known", "P6.fy2011")
_PLACES = (
    *("P7.october_april", "P8.veracruz", "P8.tabasco", "P8.chiapas"),
    *("P10.southwest", "P10.tucson", "P10.laredo", "P10.rio_grande_valley"),
)
_JOURNEYS = (
    *("P9.use_mexican", "P9.use_northern_triangle", "P9.fee_mexican", "P9.fee_northern_triangle"),
    "P11.guided",
)


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
    runs = [_figures(run) for run in results if run.start == FIRST_DAY and run.first_year]
    if not runs:
        return []
    return [
        (name, _median([figures[key] for figures in runs]), observed, source)
        for key, name, observed, source in statistics()
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


def _median(values: Sequence[float]) -> float:
    """Return the median of the finite values. NaN without any."""
    return Interval.of(filter(math.isfinite, values)).median


def _figures(run: RunResult) -> dict[str, float]:
    """Return the simulated figures of a run's first year by the keys of ``statistics``."""
    figures = base_year(run)
    if year := run.first_year:
        figures["turn_backs"] = float(sum(group["turned_back"] for group in year.events.values()))
        for group in GROUPS:
            shares = year.sector_shares[group]
            figures |= {f"{group}.{sector}": shares[sector] for sector in record_shares(group)}
    return figures


@functools.cache
def statistics() -> tuple[tuple[str, str, float, str], ...]:
    """Return key, name, figure and source of all statistics in the packaged record."""
    totals = [target(f"P1.{group}") for group in GROUPS]
    row = geography.rows_where("us/border_metrics.csv", metric="turn_backs_SW", fiscal_year=2013)[0]
    turn_backs = ("turn_backs", "Turn-backs FY2013", float(row["value"]), row["source"])
    return (
        *map(_of_target, totals),
        *(share for total in totals for share in _sector_shares(total)),
        turn_backs,
        *(_of_target(target(part)) for part in (*_LEVELS, *_PLACES, *_JOURNEYS)),
    )


def _of_target(part: Target) -> tuple[str, str, float, str]:
    """Return a target's statistic."""
    key = _OTHER_FIGURES.get(part.id, part.statistic)
    return key, part.label, part.observed, part.sources[0]


def _sector_shares(total: Target) -> list[tuple[str, str, float, str]]:
    """Return the sector shares of a group's apprehensions, for sectors above ``SMALL_SHARE``."""
    label = total.label.replace("Apprehensions", "Share of apprehensions")
    return [
        (f"{total.part}.{sector}", f"{label}, {sector}", share, total.sources[0])
        for sector, share in record_shares(total.part).items()
        if share >= SMALL_SHARE
    ]
