"""Simulated statistics: from results of runs to the figures that ``targets.csv`` names.

Each function takes results and gives figures by name; what a run cannot say is NaN. Observables
are compared with observables: the probability of apprehension is the estimate that an agency could
make, and ``estimator`` shows how far it is from the truth.
"""

from __future__ import annotations

import calendar
import datetime
import functools
import math
from collections.abc import Mapping, Sequence

from abm.world import geography
from abm.world.vocabulary import SECTORS
from agents.labels import SECTORS as LABELS
from experiments.run import FirstYear, RunResult
from experiments.targets import order_agreement, sector_rates, target, total_variation

GROUPS = {"mexican": "Mexican", "northern_triangle": "NTCA"}
#: Months of a window, both ends included.
BEFORE_2014, AFTER_2014 = ("2013-08", "2014-07"), ("2014-08", "2015-07")
REBOUND_2014 = ("2015-08", "2016-07")
WINTER_BEFORE, WINTER_AFTER = ("2013-10", "2014-04"), ("2014-10", "2015-04")
BEFORE_2019, AFTER_2019 = ("2019-03", "2019-05"), ("2019-07", "2019-09")
MAY_2019, SEPTEMBER_2019 = ("2019-05", "2019-05"), ("2019-09", "2019-09")
#: The months in which responses to more staff are measured: the second year, when prices and
#: beliefs have had a year to settle.
SETTLED = ("2013-10", "2014-09")
_STATES = ("Chiapas", "Veracruz", "Tabasco")
_DEATHS = ("Tucson", "Laredo", "Rio Grande Valley", "San Diego")
_LINE_US = "apprehended_us_northern_triangle"

Window = tuple[str, str]
Figures = dict[str, float]


# ---- months -------------------------------------------------------------------------------------


def whole_months(run: RunResult) -> list[str]:
    """The calendar months that a run plays from their first day to their last."""
    first = datetime.date.fromisoformat(run.start)
    end = first + datetime.timedelta(days=run.days)
    return [name for name in run.months if _first(name) >= first and _next(name) <= end]


def total(run: RunResult, name: str, window: Window) -> float:
    """Sum of a monthly series over a window; NaN where the run does not play all of it."""
    inside = [m for m in run.months if window[0] <= m <= window[1]]
    years, months = (int(b) - int(a) for a, b in zip(*(w.split("-") for w in window), strict=True))
    complete = set(inside) <= set(whole_months(run)) and len(inside) == years * 12 + months + 1
    if not complete or name not in run.series:
        return math.nan
    start = run.months.index(inside[0])
    return float(run.series[name][start : start + len(inside)].sum())


def change(run: RunResult, name: str, before: Window, after: Window) -> float:
    """Change of a monthly series from one window to another, in percent."""
    return 100.0 * (ratio(total(run, name, after), total(run, name, before)) - 1.0)


def mexico_share(run: RunResult, window: Window) -> float:
    """Mexico's share of both countries' interceptions of Northern Triangle people, 0 to 1."""
    mexico, line = total(run, "apprehended_mexico", window), total(run, _LINE_US, window)
    return ratio(mexico, mexico + line)


def ratio(a: float, b: float) -> float:
    """`a / b`, NaN where there is nothing to divide by."""
    return a / b if b else math.nan


def _first(month: str) -> datetime.date:
    return datetime.date(int(month[:4]), int(month[5:]), 1)


def _next(month: str) -> datetime.date:
    first = _first(month)
    days = calendar.monthrange(first.year, first.month)[1]
    return first + datetime.timedelta(days=days)


# ---- the base year ------------------------------------------------------------------------------


def base_year(run: RunResult) -> Figures:
    """Figures of fiscal year 2013, from a run of the baseline that lasts a year or longer."""
    year = run.first_year
    if year is None:
        raise ValueError("the base year needs a run of at least 365 days")
    answer = {
        name: year.rates[name]
        for name in (
            "apprehension_probability",
            "apprehension_probability_rtm",
            "interdiction_effectiveness",
            "entries_per_apprehension",
            "recidivism",
            "children_and_families_share",
            "mexico_share",
            "smuggler_use_mexican",
            "smuggler_use_northern_triangle",
            "fee_mexican",
            "fee_northern_triangle",
            "guided_within_30_days",
        )
    }
    for group in GROUPS:
        answer[f"apprehended_{group}"] = float(year.events[group]["apprehended_us"])
        shares = year.sector_shares[group]
        answer[f"sector_distance_{group}"] = total_variation(shares, record_shares(group))
    answer["entries_per_apprehension_fy2015_mix"] = entries_at_mix(run, family_share_2015())
    first = int(run.start[:4])
    answer["mexico_share_october_april"] = mexico_share(run, (f"{first}-10", f"{first + 1}-04"))
    answer["seized_at_ports"] = _seized_at_ports(run)
    return answer | _by_place(year)


def _by_place(year: FirstYear) -> Figures:
    """Interceptions by Mexican state, deaths by sector and their order."""
    stopped = sum(year.interceptions_by_state.values())
    answer = {
        f"state_share_{state.lower()}": ratio(year.interceptions_by_state.get(state, 0.0), stopped)
        for state in _STATES
    }
    answer["deaths_per_10000"] = year.rates["deaths_per_10000_apprehensions"]
    rates = {sector: year.deaths_per_10000[sector] for sector in _DEATHS}
    answer |= {f"deaths_per_10000_{_sector_label(sector)}": rate for sector, rate in rates.items()}
    answer["deaths_order"] = order_agreement(rates, record_deaths())
    return answer


def _sector_label(sector: str) -> str:
    return LABELS[SECTORS.index(sector)]


def entries_at_mix(run: RunResult, families: float) -> float:
    """Entries per apprehension in the first twelve months, weighed to a share of families.

    Entries between ports per apprehension differ between adults and families or unaccompanied
    children, many of whom surrender. Both ratios are weighed with their shares of apprehensions.
    """
    count = {
        name: float(run.series[name][:12].sum())
        for name in (
            "got_aways_adults",
            "got_aways_families",
            "apprehended_us_adults",
            "apprehended_us_families",
        )
    }
    adults, others = (
        ratio(count[f"got_aways_{kind}"], count[f"apprehended_us_{kind}"])
        for kind in ("adults", "families")
    )
    return (1.0 - families) * adults + families * others


@functools.cache
def family_share_2015() -> float:
    """Share of families and children among apprehensions of fiscal year 2015, from the record."""
    return target("P4.families_and_children").observed


@functools.cache
def record_shares(group: str) -> Mapping[str, float]:
    """Sector shares of a group's apprehensions in fiscal year 2013, from the record."""
    counts = geography.apprehensions_by_sector(2013, GROUPS[group])
    return {sector: count / sum(counts.values()) for sector, count in counts.items()}


@functools.cache
def record_deaths() -> Mapping[str, float]:
    """Deaths per 10,000 apprehensions in fiscal year 2013 of four sectors, from the record."""
    return sector_rates(target("P10.rank").row)


def _seized_at_ports(run: RunResult) -> float:
    """Share of hard drugs seized at ports over the first twelve months, by weight."""
    days = [(_next(m) - _first(m)).days for m in run.months[:12]]
    at_ports, open_country = (
        sum(d * float(v) for d, v in zip(days, run.gauges[name][:12], strict=False))
        for name in ("seized_ports", "seized_open_country")
    )
    return ratio(at_ports, at_ports + open_country)


# ---- responses, never fitted --------------------------------------------------------------------


def responses(
    base: RunResult, staff: Mapping[float, RunResult], surges: Mapping[str, RunResult]
) -> Figures:
    """Elasticities and displacement, from runs of the same seed.

    Args:
        base: the baseline over two years; the second is looked at.
        staff: the same with so many times the agents, by factor.
        surges: the same with a stronger sector, by label of the sector.
    """
    answer: Figures = {}
    for factor, run in staff.items():
        for group in GROUPS:
            name = f"{group}_x{factor:g}"
            answer[f"fee_elasticity_{name}"] = elasticity(fee(base, group), fee(run, group), factor)
            before, after = (total(r, f"set_out_{group}", SETTLED) for r in (base, run))
            answer[f"flow_elasticity_{name}"] = elasticity(before, after, factor)
    return answer | {f"displaced_{s}": displaced_share(base, run, s) for s, run in surges.items()}


def fee(run: RunResult, group: str) -> float:
    """Mean fee of a contract of a group in the settled year, $."""
    return ratio(total(run, f"fees_{group}", SETTLED), total(run, f"contracts_{group}", SETTLED))


def elasticity(before: float, after: float, factor: float) -> float:
    """ln(after / before) over ln(factor); NaN where one of them is nothing."""
    if not (before > 0.0 and after > 0.0):
        return math.nan
    return math.log(after / before) / math.log(factor)


def displaced_share(base: RunResult, run: RunResult, sector: str) -> float:
    """Attempts gained by all other sectors over those lost by a stronger one.

    1 if everybody goes elsewhere, 0 if those who keep away stay away from the whole line; below 0
    if other sectors lose as well; NaN if the stronger sector lost nobody.
    """
    gained = {
        name: total(run, f"attempts_{name}", SETTLED) - total(base, f"attempts_{name}", SETTLED)
        for name in LABELS
    }
    lost = -gained.pop(sector)
    return sum(gained.values()) / lost if lost > 0.0 else math.nan


# ---- held out -----------------------------------------------------------------------------------


def episode_2014(run: RunResult) -> Figures:
    """Changes at the line around the Southern Border Plan, in percent or points."""
    northern, mexican = (
        change(run, f"apprehended_us_{group}", BEFORE_2014, AFTER_2014)
        for group in ("northern_triangle", "mexican")
    )
    shares = [mexico_share(run, window) for window in (WINTER_BEFORE, WINTER_AFTER)]
    both = [
        total(run, "apprehended_mexico", window) + total(run, _LINE_US, window)
        for window in (WINTER_BEFORE, WINTER_AFTER)
    ]
    return {
        "line_change_northern_triangle": northern,
        "line_change_gap": northern - mexican,
        "mexico_share_rise": 100.0 * (shares[1] - shares[0]),
        "both_countries_change": 100.0 * (ratio(both[1], both[0]) - 1.0),
        "line_rebound_northern_triangle": change(run, _LINE_US, AFTER_2014, REBOUND_2014),
    }


def episode_2019(run: RunResult) -> Figures:
    """Changes at the line around the declaration of June 2019, in percent or points."""
    shares = [mexico_share(run, window) for window in (MAY_2019, SEPTEMBER_2019)]
    answer = {
        f"line_change_2019_{group}": change(run, f"apprehended_us_{group}", BEFORE_2019, AFTER_2019)
        for group in GROUPS
    }
    return answer | {"mexico_share_rise_2019": 100.0 * (shares[1] - shares[0])}


def episode_2005(run: RunResult) -> Figures:
    """Levels of fiscal year 2005, from the first year of a run that starts with it."""
    rates = run.first_year.rates if run.first_year else {}
    return {
        f"{name}_2005": rates.get(name, math.nan)
        for name in ("apprehension_probability_rtm", "entries_per_apprehension")
    }


# ---- the repeated-trials estimator --------------------------------------------------------------


def estimator(year: FirstYear) -> Figures:
    """The true chance of an evader to be apprehended, and three ways to estimate it.

    ``evaders``: repeated trials of evaders alone. ``everybody``: the same from everybody whom an
    agency knows by fingerprint, those who surrender included: the share apprehended again in the
    year, over the share of evaders who tried again. ``counts``: apprehensions over all encounters
    of people who got in or were apprehended, with those who surrender. ``bias_...``: each of them
    less the truth. ``surrendered_share``: of all apprehensions.
    """
    e = {
        name: sum(group[name] for group in year.events.values())
        for name in next(iter(year.events.values()))
    }
    away = e["got_away_known"] + e["got_away_undetected"]
    evaders = e["apprehended_us"] - e["surrendered"]
    again = ratio(e["evader_retried"], e["evader_first_caught"])
    truth = ratio(evaders, evaders + away)
    found = {
        "evaders": ratio(e["evader_retry_caught"], e["evader_retried"]),
        "everybody": ratio(ratio(e["repeat_apprehension_fy"], e["first_apprehension_fy"]), again),
        "counts": ratio(e["apprehended_us"], e["apprehended_us"] + away),
    }
    bias = {f"bias_{name}": value - truth for name, value in found.items()}
    surrendered = ratio(e["surrendered"], e["apprehended_us"])
    return {"true": truth} | found | bias | {"surrendered_share": surrendered}


def statistic_names(figures: Sequence[Figures]) -> list[str]:
    """All names that occur, in their order."""
    return list(dict.fromkeys(name for one in figures for name in one))
