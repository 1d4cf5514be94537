"""Compute the simulated statistics that ``targets.csv`` names from run results.

Each function takes results and returns statistics by name. A statistic that a run does not
determine is NaN. Like published figures, statistics come from what agencies can observe. The
probability of apprehension is the estimate that an agency could make, and ``estimator`` computes
its distance from the true value.
"""

from __future__ import annotations

import calendar
import datetime
import functools
import itertools
import math
from collections.abc import Mapping, Sequence

from abm.world import geography
from abm.world.vocabulary import SECTORS
from agents.labels import SECTORS as LABELS
from experiments.runs.case import FirstYear, RunResult
from experiments.validation.targets import (
    RELEASED_AFTER,
    order_agreement,
    release_windows,
    released_before,
    sector_rates,
    target,
    total_variation,
)

#: Column in the record, by group.
GROUPS = {"mexican": "Mexico", "northern_triangle": "NTCA"}
#: Windows: first and last month, inclusive.
BEFORE_2014, AFTER_2014 = ("2013-08", "2014-07"), ("2014-08", "2015-07")
REBOUND_2014 = ("2015-08", "2016-07")
WINTER_BEFORE, WINTER_AFTER = ("2013-10", "2014-04"), ("2014-10", "2015-04")
BEFORE_2019, AFTER_2019 = ("2019-03", "2019-05"), ("2019-07", "2019-09")
MAY_2019, SEPTEMBER_2019 = ("2019-05", "2019-05"), ("2019-09", "2019-09")
#: Window in which responses to more staff are measured: the second year, after prices and beliefs
#: have had a year to adjust.
SETTLED = ("2013-10", "2014-09")
#: Months in which the response to the end of release is measured. They begin two months after the
#: end.
AFTER_RELEASE = {"hn": ("2005-11", "2006-07"), "sv": ("2006-10", "2007-06")}
#: Rise in the released share of adults, for the response in the base year.
MORE_RELEASE = 0.5
#: Name of each country in the record, and the country with which it is compared.
_RELEASED = {"hn": ("Honduras", "sv"), "sv": ("El Salvador", "gt")}
#: Months before and after the deadline that ``experiments.validation.episodes`` announces.
RUSH, DIP = ("2013-02", "2013-02"), ("2013-04", "2013-11")
_STATES = ("Chiapas", "Veracruz", "Tabasco")
_DEATHS = ("Tucson", "Laredo", "Rio Grande Valley", "San Diego")
_LINE_US = "apprehended_us_northern_triangle"
_BOTH = f"apprehended_mexico+{_LINE_US}"
#: Parts of a change in log apprehensions at the U.S. line, and their sum.
LINE_CHANGE = ("departures", "attempts", "not_stopped", "apprehension", "line")

Window = tuple[str, str]
Figures = dict[str, float]


# ---- months -------------------------------------------------------------------------------------


def whole_months(run: RunResult) -> list[str]:
    """Return the calendar months that a run covers completely."""
    first = datetime.date.fromisoformat(run.start)
    end = first + datetime.timedelta(days=run.days)
    months = run.months[1:] if first.day > 1 else run.months
    return months[:-1] if end.day > 1 else months


def total(run: RunResult, name: str, window: Window) -> float:
    """Sum a monthly series over a window.

    Args:
        run: run result.
        name: series name, or several joined by ``+``.
        window: first and last month, ``YYYY-MM``, both included.

    Returns:
        The sum. NaN if the run does not cover the whole window or has no such series.
    """
    inside = [month for month in whole_months(run) if window[0] <= month <= window[1]]
    covered, names = inside and (inside[0], inside[-1]) == window, name.split("+")
    if not covered or not run.series.keys() >= set(names):
        return math.nan
    start = run.months.index(inside[0])
    return float(sum(run.series[each][start : start + len(inside)].sum() for each in names))


def change(run: RunResult, name: str, before: Window, after: Window) -> float:
    """Compute a monthly series' change between two windows.

    Args:
        run: run result.
        name: as in :func:`total`.
        before, after: windows, as in :func:`total`.

    Returns:
        Change in percent between the sums. NaN if a window is not covered.
    """
    return 100.0 * (ratio(total(run, name, after), total(run, name, before)) - 1.0)


def mexico_share(run: RunResult, window: Window) -> float:
    """Compute Mexico's share of all interceptions of Northern Triangle migrants.

    Args:
        run: run result.
        window: as in :func:`total`.

    Returns:
        Share, 0 to 1. NaN if the window is not covered.
    """
    return ratio(total(run, "apprehended_mexico", window), total(run, _BOTH, window))


def ratio(a: float, b: float) -> float:
    """Return `a / b`, or NaN if `b` is 0."""
    return a / b if b else math.nan


# ---- the base year ------------------------------------------------------------------------------


def first_year(run: RunResult) -> FirstYear:
    """Return the measures of a run's first year. Raise ``ValueError`` if the run is shorter."""
    if run.first_year is None:
        raise ValueError(
            "the run is too short for a comparison with a year: expected at least 365 days"
        )
    return run.first_year


def base_year(run: RunResult) -> Figures:
    """Compute fiscal year 2013's statistics from a baseline run over at least 365 days.

    Raises:
        ValueError: the run is shorter.
    """
    year = first_year(run)
    figures = dict(year.rates)
    for group in GROUPS:
        figures[f"apprehended_{group}"] = float(year.events[group]["apprehended_us"])
        shares = year.sector_shares[group]
        figures[f"sector_distance_{group}"] = total_variation(shares, record_shares(group))
    families = target("P4.families_and_children").observed
    figures["entries_per_apprehension_fy2015_mix"] = entries_at_mix(run, families)
    first = int(run.start[:4])
    figures["mexico_share_october_april"] = mexico_share(run, (f"{first}-10", f"{first + 1}-04"))
    figures["seized_at_ports"] = _seized_at_ports(run)
    return figures | _by_place(year)


def _by_place(year: FirstYear) -> Figures:
    """Compute interceptions by Mexican state, deaths by sector, and the sectors' order."""
    stopped = sum(year.interceptions_by_state.values())
    figures = {
        f"state_share_{state.lower()}": ratio(year.interceptions_by_state.get(state, 0.0), stopped)
        for state in _STATES
    }
    figures["deaths_per_10000"] = year.rates["deaths_per_10000_apprehensions"]
    rates = {sector: year.deaths_per_10000[sector] for sector in _DEATHS}
    for sector, rate in rates.items():
        figures[f"deaths_per_10000_{LABELS[SECTORS.index(sector)]}"] = rate
    figures["deaths_order"] = order_agreement(rates, sector_rates(target("P10.rank").row))
    return figures


def entries_at_mix(run: RunResult, families: float) -> float:
    """Compute entries per apprehension in the first twelve months at a given family share.

    Adults have more entries between ports per apprehension than families and unaccompanied
    children, who often surrender. The ratios of both are weighted by their shares of apprehensions.

    Args:
        run: result of a run over at least twelve months.
        families: family and child share among apprehensions, 0 to 1.

    Returns:
        Entries per apprehension.
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
def record_shares(group: str) -> Mapping[str, float]:
    """Return each sector's share of a group's recorded apprehensions in FY2013."""
    counts = geography.apprehensions_by_sector(2013, GROUPS[group])
    return {sector: count / sum(counts.values()) for sector, count in counts.items()}


def _seized_at_ports(run: RunResult) -> float:
    """Compute the ports' share of the weight of hard drugs seized in the first twelve months."""
    days = [calendar.monthrange(int(m[:4]), int(m[5:]))[1] for m in run.months[:12]]
    at_ports, open_country = (
        sum(d * float(v) for d, v in zip(days, run.gauges[name][:12], strict=False))
        for name in ("seized_ports", "seized_open_country")
    )
    return ratio(at_ports, at_ports + open_country)


# ---- responses (not fitted) ---------------------------------------------------------------------


def responses(runs: Mapping[str, RunResult]) -> Figures:
    """Compute elasticities, displacement and the response to a deadline from runs of one seed.

    Args:
        runs: results by role of `experiments.validation.episodes.roles`: ``base`` (the baseline
            over two years, of which the second is compared), ``staff:FACTOR``, ``surge:SECTOR``,
            ``news`` and ``more_release``.

    Returns:
        Statistics by name. Statistics for roles that have no runs are left out.
    """
    figures: Figures = {}
    base = runs["base"]
    for role, run in runs.items():
        kind, _, suffix = role.partition(":")
        if kind == "surge":
            figures[f"displaced_{suffix}"] = displaced_share(base, run, suffix)
        elif kind == "news":
            figures |= deadline(base, run)
        elif kind == "more_release":
            name = "apprehended_us_adults_northern_triangle"
            adults = (total(each, name, SETTLED) for each in (run, base))
            figures["release_response_base_year"] = _log_ratio(*adults) / MORE_RELEASE
        elif kind == "staff":
            for group in GROUPS:
                fees = (fee(each, group) for each in (base, run))
                flows = (total(each, f"set_out_{group}", SETTLED) for each in (base, run))
                for name, (before, after) in (("fee", fees), ("flow", flows)):
                    figure = f"{name}_elasticity_{group}_x{suffix}"
                    figures[figure] = elasticity(before, after, float(suffix))
    return figures


def fee(run: RunResult, group: str) -> float:
    """Compute the mean contract fee in the second year.

    Args:
        run: result of a run over two years.
        group: key in ``GROUPS``.

    Returns:
        Fee in $. NaN if no contracts exist.
    """
    return ratio(total(run, f"fees_{group}", SETTLED), total(run, f"contracts_{group}", SETTLED))


def elasticity(before: float, after: float, factor: float) -> float:
    """Compute ln(after / before) / ln(factor).

    Args:
        before, after: levels in the same unit.
        factor: ratio between the inputs.

    Returns:
        The elasticity. NaN if a level is not above 0.
    """
    return _log_ratio(after, before) / math.log(factor)


def displaced_share(base: RunResult, run: RunResult, sector: str) -> float:
    """Divide the rise in attempts in all other sectors by the fall in a reinforced sector.

    Args:
        base: result of the baseline.
        run: the run with more agents in `sector`, on the same seed.
        sector: the reinforced sector's label.

    Returns:
        1 if all attempts move to other sectors, 0 if they leave the whole line, below 0 if attempts
        fall in the other sectors as well. NaN if attempts do not fall in the reinforced sector.
    """
    gained = {
        name: total(run, f"attempts_{name}", SETTLED) - total(base, f"attempts_{name}", SETTLED)
        for name in LABELS
    }
    lost = -gained.pop(sector)
    return sum(gained.values()) / lost if lost > 0.0 else math.nan


# ---- held out -----------------------------------------------------------------------------------


def episode_2014(run: RunResult) -> Figures:
    """Compute changes at the line around the Southern Border Plan, and :func:`line_change`."""
    northern, mexican = (
        change(run, f"apprehended_us_{group}", BEFORE_2014, AFTER_2014)
        for group in ("northern_triangle", "mexican")
    )
    return line_change(run, BEFORE_2014, AFTER_2014) | {
        "line_change_northern_triangle": northern,
        "line_change_gap": northern - mexican,
        "mexico_share_rise": _share_rise(run, WINTER_BEFORE, WINTER_AFTER),
        "both_countries_change": change(run, _BOTH, WINTER_BEFORE, WINTER_AFTER),
        "line_rebound_northern_triangle": change(run, _LINE_US, AFTER_2014, REBOUND_2014),
    }


def episode_2019(run: RunResult) -> Figures:
    """Compute changes at the line around the declaration of June 2019, as in 2014."""
    figures = {
        f"line_change_2019_{group}": change(run, f"apprehended_us_{group}", BEFORE_2019, AFTER_2019)
        for group in GROUPS
    }
    figures["mexico_share_rise_2019"] = _share_rise(run, MAY_2019, SEPTEMBER_2019)
    return figures | line_change(run, BEFORE_2019, AFTER_2019)


def _share_rise(run: RunResult, before: Window, after: Window) -> float:
    """Return the rise in Mexico's share between two windows, in percentage points."""
    return 100.0 * (mexico_share(run, after) - mexico_share(run, before))


def line_change(run: RunResult, before: Window, after: Window) -> Figures:
    """Decompose the change in log Northern Triangle apprehensions at the U.S. line.

    Apprehensions are departures, times attempts per departure, times the share of the attempts that
    Mexico does not stop, times apprehensions per attempt at the line. Every apprehension by Mexico
    counts as an attempt, and so does every attempt between ports, even by a person who tries again.

    Args:
        run: run result.
        before, after: windows, as in :func:`total`.

    Returns:
        The change in the log of each factor, and their sum ``line``, by ``LINE_CHANGE``.
    """
    tried = "attempts_northern_triangle"
    counts = ("set_out_northern_triangle", f"apprehended_mexico+{tried}", tried, _LINE_US)
    logs = [_log_ratio(total(run, each, after), total(run, each, before)) for each in counts]
    parts = [log - last for last, log in itertools.pairwise([0.0, *logs])]
    return dict(zip(LINE_CHANGE, (*parts, logs[-1]), strict=True))


def episode_2005(run: RunResult) -> Figures:
    """Return FY2005 levels from the first year of a run that starts with FY2005."""
    rates = run.first_year.rates if run.first_year else {}
    return {
        f"{name}_2005": rates.get(name, math.nan)
        for name in ("apprehension_probability_rtm", "entries_per_apprehension")
    }


# ---- release and announcements (not fitted) -----------------------------------------------------


def end_of_release(ended: RunResult, kept: RunResult) -> Figures:
    """Compute how adults respond when their release ends in 2005-06, by country.

    Args:
        ended: result of the run in which releases end.
        kept: result with the same seed, in which releases continue for Hondurans and Salvadorans.

    Returns:
        Falls in log apprehensions and in log departures over ``AFTER_RELEASE`` per unit of the
        released share, and changes in log apprehensions relative to the comparison country over the
        windows of the record (``experiments.validation.targets.release_windows``).
    """
    figures: Figures = {}
    released = released_before() - RELEASED_AFTER
    for country, window in AFTER_RELEASE.items():
        for count in ("apprehended_us", "set_out"):
            name = f"{count}_adults_{country}"
            fall = _log_ratio(total(kept, name, window), total(ended, name, window))
            figures[f"release_response_{count}_{country}"] = fall / released
    for country, (name, compared) in _RELEASED.items():
        changes = []
        for run in (ended, kept):
            before, after = (
                ratio(_adults(run, country, months), _adults(run, compared, months))
                for months in release_windows(name)
            )
            changes.append(_log_ratio(after, before))
        figures[f"release_fall_{country}"] = changes[0] - changes[1]
    return figures


def _adults(run: RunResult, country: str, months: Sequence[str]) -> float:
    """Return how many of a country's adults are apprehended in consecutive months."""
    return total(run, f"apprehended_us_adults_{country}", (months[0], months[-1]))


def deadline(plain: RunResult, announced: RunResult) -> Figures:
    """Compute the rush before an announced deadline and the dip after it.

    Args:
        plain: result of the base year.
        announced: result with the same seed and the announcement.

    Returns:
        By group, the log ratio of departures with the announcement to departures without it in the
        last whole month before the deadline, and the same log ratio of apprehensions in eight
        months after it.
    """
    windows = {"rush": ("set_out", RUSH), "dip": ("apprehended_us", DIP)}
    return {
        f"{name}_{group}": _log_ratio(
            *(total(run, f"{count}_{group}", window) for run in (announced, plain))
        )
        for name, (count, window) in windows.items()
        for group in GROUPS
    }


def _log_ratio(a: float, b: float) -> float:
    """Return ln(a / b). NaN unless both are above 0."""
    return math.log(a / b) if a > 0.0 and b > 0.0 else math.nan


# ---- the repeated-trials estimator --------------------------------------------------------------


def estimator(year: FirstYear) -> Figures:
    """Compute an evader's true apprehension probability and three estimates.

    - ``evaders``: repeated trials, evaders only.
    - ``everybody``: repeated trials with every person known by fingerprint, including people who
      surrender: the share apprehended again in the year, divided by the share of evaders who try
      again.
    - ``counts``: apprehensions divided by apprehensions and entries, including people who
      surrender.

    ``bias_...`` is an estimate minus the true value. ``surrendered_share`` is the share of people
    who surrender among all apprehensions.
    """
    count = {
        name: sum(group[name] for group in year.events.values())
        for name in next(iter(year.events.values()))
    }
    away = count["got_away_known"] + count["got_away_undetected"]
    evaders = count["apprehended_us"] - count["surrendered"]
    again = ratio(count["evader_retried"], count["evader_first_caught"])
    truth = ratio(evaders, evaders + away)
    estimates = {
        "evaders": ratio(count["evader_retry_caught"], count["evader_retried"]),
        "everybody": ratio(
            ratio(count["repeat_apprehension_fy"], count["first_apprehension_fy"]), again
        ),
        "counts": ratio(count["apprehended_us"], count["apprehended_us"] + away),
    }
    bias = {f"bias_{name}": value - truth for name, value in estimates.items()}
    surrendered = ratio(count["surrendered"], count["apprehended_us"])
    return {"true": truth} | estimates | bias | {"surrendered_share": surrendered}
