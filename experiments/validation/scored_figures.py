"""Scores of a validation: yearly figures of the scored runs, and the held-out patterns.

``history`` scores the run over all years (role ``path``): apprehensions in FY2009-19 and FY2014-19,
and the share of families and children in FY2015. Ids that end with ``.from_2013`` score the run
that starts in October 2013 instead, and ids that end with ``.expected`` the run of a member without
its random level of supply. Naive forecasts use the years before the first scored year.
``one_year_ahead`` scores a forecast of each fiscal year; its naive forecasts use the years before
that year. Announcements dated inside the forecast year are left out, except in the score whose id
ends with ``.announced``. ``held_out`` scores each part of H1 to H9 in the unit of the part, under
the declared supply. ``drawn`` scores the parts of 2014 and 2019 again, with a random level of
supply from the last known month on.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Mapping, Sequence

from agents.labels import GROUPS
from experiments.runs.case import RunResult
from experiments.validation.naive_samples import Values, target_samples, yearly_samples
from experiments.validation.scored_runs import (
    EXPECTED_PATH,
    LATE_PATH,
    PATH,
    YEARS,
    announced_role,
    announced_years,
    forecast_year,
    recorded_family_shares,
    recorded_years,
    simulated_family_share,
    simulated_year,
    year_role,
)
from experiments.validation.scores import (
    NO_FIGURES,
    ForecastScore,
    figures,
    paired_interval,
    score_of,
)
from experiments.validation.targets import Target

_LATE = range(2014, 2020)
_SHARE_YEAR = 2015
#: Role, ending of the id and scored years of every run over several years.
_PATHS = (
    (PATH, "", (YEARS, _LATE)),
    (EXPECTED_PATH, ".expected", (YEARS, _LATE)),
    (LATE_PATH, ".from_2013", (_LATE,)),
)

ByRole = Mapping[str, RunResult]


def yearly_scores(runs: Sequence[ByRole]) -> tuple[ForecastScore, ...]:
    """Score apprehensions by fiscal year.

    Args:
        runs: results by role, one mapping per member and seed.

    Returns:
        The scores; empty if neither the path nor a run of a single year has succeeded.
    """
    scores = []
    for role, ending, spans in _PATHS:
        path = [by_role[role] for by_role in runs if role in by_role]
        if path:
            scores += [_path_score(path, g, years, ending) for g in GROUPS for years in spans]
            scores.append(_share_score(path, ending))
    if any(year_role(year) in by_role for by_role in runs for year in YEARS):
        scores += [_ahead_score(runs, group, year_role) for group in GROUPS]
    if any(announced_role(year) in by_role for by_role in runs for year in YEARS):
        later = announced_years()
        scores += [
            _ahead_score(runs, g, lambda y: announced_role(y) if y in later else year_role(y))
            for g in GROUPS
        ]
    return tuple(scores)


def held_out_scores(
    targets: Iterable[Target],
    values: Mapping[str, Mapping[str, Sequence[float]]],
    series: str = "held_out",
) -> tuple[ForecastScore, ...]:
    """Score the held-out parts.

    Args:
        targets: all parts.
        values: simulated values by episode and statistic.
        series: ``held_out``, or ``drawn`` for runs with a random level of supply; in the second
            case, ids end with ``.drawn`` and episodes without such runs are left out.

    Returns:
        One score per held-out part, in their order.
    """
    drawn = series == "drawn"
    scores = []
    for target in targets:
        if target.kind == "held_out" and (not drawn or values.get(target.episode)):
            naive = target_samples(target)
            sample = values.get(target.episode, {}).get(target.statistic, ())
            model, last, trend = (
                figures([one], [target.observed], logs=False)
                for one in (sample, naive.last, naive.trend)
            )
            name = f"{target.id}.drawn" if drawn else target.id
            scores.append(score_of((name, series, target.part), model, last, trend))
    return tuple(scores)


def _path_score(path: Sequence[RunResult], group: str, years: range, ending: str) -> ForecastScore:
    """Score the path of a group over some years; naive forecasts use the years before them."""
    name = (f"history.{group}.{years[0]}_{years[-1] % 100}{ending}", "history", group)
    record = recorded_years(group, years[-1])
    samples = [[simulated_year(run, group, year) for run in path] for year in years]
    return _yearly(name, samples, record, years, lambda year: years[0] - 1)


def _share_score(path: Sequence[RunResult], ending: str) -> ForecastScore:
    """Score the share of families and children."""
    group = "families_and_children"
    name = (f"history.{group}.{_SHARE_YEAR}{ending}", "history", group)
    samples = [[simulated_family_share(run, _SHARE_YEAR) for run in path]]
    years = range(_SHARE_YEAR, _SHARE_YEAR + 1)
    record = recorded_family_shares(_SHARE_YEAR)
    return _yearly(name, samples, record, years, lambda year: year - 1)


def _ahead_score(
    runs: Sequence[ByRole], group: str, role_of: Callable[[int], str]
) -> ForecastScore:
    """Score the forecasts of a group one year ahead; the years are independent."""
    ending = "" if role_of is year_role else ".announced"
    span = f"{YEARS[0]}_{YEARS[-1] % 100}"
    name = (f"one_year_ahead.{group}.{span}{ending}", "one_year_ahead", group)
    samples = [
        [forecast_year(by_role[role], group, year) for by_role in runs if role in by_role]
        for year, role in ((year, role_of(year)) for year in YEARS)
    ]
    record = recorded_years(group, YEARS[-1])
    return _yearly(name, samples, record, YEARS, lambda year: year - 1, paired=True)


def _yearly(
    name: tuple[str, str, str],
    samples: Sequence[Sequence[float]],
    record: Values,
    years: Sequence[int],
    known: Callable[[int], int],
    *,
    paired: bool = False,
) -> ForecastScore:
    """Score samples by year.

    `known` gives the last year that naive forecasts of a year use; `paired` compares both by year.
    """
    naive = [yearly_samples(record, known(year), year) for year in years]
    observed = [record[year] for year in years]
    last, trend = (
        figures(one, observed, logs=True) if all(sample.size for sample in one) else NO_FIGURES
        for one in ([n.last for n in naive], [n.trend for n in naive])
    )
    lasts = [n.last for n in naive]
    less_last = paired_interval(samples, lasts, observed) if paired else (math.nan, math.nan)
    return score_of(name, figures(samples, observed, logs=True), last, trend, less_last)
