"""Score probabilistic forecasts by coverage, CRPS and log error, next to naive forecasts.

A forecast is a sample, for example one value per ensemble member and seed. Three measures score it
against the observed value:

- ``rms_log_error``: root mean square of ln(median / observed), which scores the median alone.
- ``coverage90``: share of observations within the central 90 % of their sample, at best 0.9. The
  bounds are the values at ranks 0.05 (n + 1) and 0.95 (n + 1) in a sorted sample with n values
  (Hyndman and Fan, 1996, type 6), which contain an exchangeable observation in 90 % of cases. With
  fewer than 19 values the bounds are the extremes of the sample, which contain such an observation
  with a probability of (n - 1) / (n + 1), for example one half for three values.
- ``crps``: continuous ranked probability score, E|X - y| - E|X - X'| / 2 for draws X and X' from
  the sample (Gneiting and Raftery 2007). It is the absolute error if all values are equal. Lower is
  better. Values by fiscal year are scored as logs, so that years with many apprehensions do not
  dominate. Each value of an episode is scored in its unit.

The sample is scored without a correction for its size. A naive forecast with 16 to 36 values
therefore has a CRPS that is 3 to 4 % higher than with a large sample. Two naive forecasts are
scored in the same way (``experiments.validation.baseline_forecasts``).

Forecasts for several years are compared by paired CRPS differences. If the 90 % interval for the
mean difference (Student's t over years) contains 0, the comparison is a tie. All years of one run
share a random supply walk and count as one observation, so their comparison has no interval.

``history`` scores the run over all years (role ``path``): apprehensions in FY2009-19 and FY2014-19,
and the family and child share in FY2015. Ids that end with ``.from_2013`` refer to the run that
starts in October 2013, and ids that end with ``.expected`` refer to a member's run without its
random supply level. ``one_year_ahead`` scores a forecast for each fiscal year. Announcements dated
inside the forecast year are left out, except in the score whose id ends with ``.announced``.
``held_out`` scores each part in H1 to H9 in its unit, with the declared supply. ``drawn`` scores
the parts for 2014 and 2019 again, with a random supply level from the last known month on.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from agents.labels import GROUPS
from experiments.runs.case import RunResult
from experiments.runs.intervals import mean_interval
from experiments.validation.baseline_forecasts import Values, target_samples, yearly_samples
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
from experiments.validation.targets import Target

_CENTRAL = (0.05, 0.95)  # probabilities at the bounds of the central 90 %
_MIN_PAIRS = 3

Sample = Sequence[float] | np.ndarray


@dataclass(frozen=True, slots=True)
class ScoreFigures:
    """A forecast's error, coverage and CRPS. An undefined score is NaN.

    Attributes:
        rms_log_error: error of the medians in log points. NaN if a median or an observation is not
            above 0.
        coverage90: share of observations within the central 90 % of their sample, 0 to 1. NaN if a
            sample has a single value.
        crps: mean score over the observations.
    """

    rms_log_error: float = math.nan
    coverage90: float = math.nan
    crps: float = math.nan


NO_FIGURES = ScoreFigures()


@dataclass(frozen=True, slots=True)
class ForecastScore:
    """The model's score in one series, with the scores of two naive forecasts.

    Attributes:
        id: name such as ``history.mexican.2014_19``, or the id of a target.
        series: ``history`` (one run over all years), ``one_year_ahead`` or ``held_out``.
        group: migrant group, or part of a pattern.
        model: the model's scores.
        naive_last: scores of last year's value.
        naive_trend: scores of a trend.
        less_last_low, less_last_high: 90 % interval for the mean difference in CRPS between the
            model and last year's value, paired by year. NaN if the years are not independent.
    """

    id: str
    series: str
    group: str
    model: ScoreFigures
    naive_last: ScoreFigures = NO_FIGURES
    naive_trend: ScoreFigures = NO_FIGURES
    less_last_low: float = math.nan
    less_last_high: float = math.nan

    @property
    def over_last(self) -> float:
        """Model's CRPS divided by the CRPS of last year's value. NaN if either is missing."""
        if self.naive_last.crps == 0.0:
            return math.inf if self.model.crps > 0.0 else math.nan
        return self.model.crps / self.naive_last.crps

    @property
    def worse(self) -> bool:
        """Whether the model has a higher CRPS than last year's value, and they are not tied."""
        return self.over_last > 1.0 and not self.tied

    @property
    def tied(self) -> bool:
        """Whether the interval for the difference from last year's value contains 0."""
        return self.less_last_low <= 0.0 <= self.less_last_high


def misses_first(scores: Sequence[ForecastScore]) -> list[ForecastScore]:
    """Sort scores. Scores that are worse than last year's value come first, the worst at the top.

    Args:
        scores: scores in any order.

    Returns:
        All scores. Scores that are not worse keep their order and come last.
    """
    return sorted(scores, key=lambda score: -score.over_last if score.worse else 0.0)


def figures(samples: Sequence[Sample], observed: Sequence[float], *, logs: bool) -> ScoreFigures:
    """Score forecasts for several observations.

    Args:
        samples: one sample per observation. NaN in a sample is ignored.
        observed: observed values, ordered like the forecasts.
        logs: whether samples and observations are scored as logs. They must be above 0.

    Returns:
        The scores. All are NaN if no observation exists, a sample has no value, or a log is
        undefined.
    """
    finite = [_finite(sample) for sample in samples]
    if not finite or not all(sample.size for sample in finite):
        return NO_FIGURES
    values, medians = list(observed), [float(np.median(sample)) for sample in finite]
    if logs:
        if min(min(sample.min() for sample in finite), *observed) <= 0.0:
            return NO_FIGURES
        finite, values = [np.log(sample) for sample in finite], np.log(observed).tolist()
        medians = [math.exp(np.median(sample)) for sample in finite]
    year_scores = [crps(sample, value) for sample, value in zip(finite, values, strict=True)]
    error = rms_log_error(medians, observed)
    return ScoreFigures(error, coverage(finite, values), float(np.mean(year_scores)))


def paired_interval(
    samples: Sequence[Sample], naive: Sequence[Sample], observed: Sequence[float]
) -> tuple[float, float]:
    """Return the 90 % interval for the mean difference in CRPS over logs between two forecasts.

    Args:
        samples: one sample of the model per observation. Observations must be independent.
        naive: samples of the other forecast.
        observed: observed values, ordered like the forecasts.

    Returns:
        Bounds of Student's t interval for the mean paired difference. NaN with fewer than three
        observations, or if a log is undefined.
    """
    pairs = list(zip(samples, naive, observed, strict=True))
    values = [_finite(sample) for model, other, _ in pairs for sample in (model, other)]
    if len(pairs) < _MIN_PAIRS or not all(v.size and v.min() > 0.0 for v in values):
        return math.nan, math.nan
    differences = np.array(
        [
            crps(np.log(_finite(model)), math.log(y)) - crps(np.log(_finite(other)), math.log(y))
            for model, other, y in pairs
        ]
    )
    _, low, high = mean_interval(differences)
    return float(low), float(high)


def crps(sample: Sample, observed: float) -> float:
    """Compute the continuous ranked probability score of a sample.

    Args:
        sample: values of the forecast, in any order.
        observed: the observed value.

    Returns:
        The score in the unit of the values, at least 0. NaN if no values exist.
    """
    values = np.sort(_finite(sample))
    n = values.size
    if n == 0:
        return math.nan
    weights = 2.0 * np.arange(1, n + 1) - n - 1.0
    between = float(weights @ values) / n**2  # half the mean distance between pairs of values
    return float(np.abs(values - observed).mean()) - between


def coverage(samples: Sequence[Sample], observed: Sequence[float]) -> float:
    """Compute the share of observations that are within the central 90 % of their sample.

    Args:
        samples: one sample per observation.
        observed: observed values, ordered like the forecasts.

    Returns:
        Share, 0 to 1. NaN if a sample has fewer than two values.
    """
    values = [_finite(sample) for sample in samples]
    if not values or min(sample.size for sample in values) < 2:
        return math.nan
    bounds = [np.quantile(sample, _CENTRAL, method="weibull") for sample in values]
    inside = [low <= y <= high for (low, high), y in zip(bounds, observed, strict=True)]
    return float(np.mean(inside))


def rms_log_error(medians: Sequence[float], observed: Sequence[float]) -> float:
    """Compute the root mean square of ln(median / observed).

    Args:
        medians: medians of the forecasts.
        observed: observed values, ordered like the forecasts.

    Returns:
        The error in log points. NaN if no values exist, or if a value is not above 0.
    """
    pairs = list(zip(medians, observed, strict=True))
    if not pairs or not all(m > 0.0 and y > 0.0 for m, y in pairs):
        return math.nan
    return math.sqrt(sum(math.log(m / y) ** 2 for m, y in pairs) / len(pairs))


def _finite(sample: Sample) -> np.ndarray:
    """Return a sample's values without NaN."""
    values = np.asarray(sample, float)
    return values[~np.isnan(values)]


_LATE = range(2014, 2020)
_SHARE_YEAR = 2015
#: For every run over several years: role, id ending and scored years.
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
        The scores. Empty if no run for scores has succeeded.
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
        series: ``held_out``, or ``drawn`` for runs with a random supply level. With ``drawn``, ids
            end with ``.drawn`` and episodes without such runs are left out.

    Returns:
        One score per held-out part, ordered like `targets`.
    """
    random_level = series == "drawn"
    scores = []
    for target in targets:
        if target.kind == "held_out" and (not random_level or values.get(target.episode)):
            naive = target_samples(target)
            sample = values.get(target.episode, {}).get(target.statistic, ())
            model, last, trend = (
                figures([values_of_part], [target.observed], logs=False)
                for values_of_part in (sample, naive.last, naive.trend)
            )
            name = f"{target.id}.drawn" if random_level else target.id
            scores.append(ForecastScore(name, series, target.part, model, last, trend))
    return tuple(scores)


def _path_score(path: Sequence[RunResult], group: str, years: range, ending: str) -> ForecastScore:
    """Score a group's path over some years. Naive forecasts use the years before these years."""
    name = (f"history.{group}.{years[0]}_{years[-1] % 100}{ending}", "history", group)
    record = recorded_years(group, years[-1])
    samples = [[simulated_year(run, group, year) for run in path] for year in years]
    return _yearly(name, samples, record, years, lambda year: years[0] - 1)


def _share_score(path: Sequence[RunResult], ending: str) -> ForecastScore:
    """Score the family and child share."""
    group = "families_and_children"
    name = (f"history.{group}.{_SHARE_YEAR}{ending}", "history", group)
    samples = [[simulated_family_share(run, _SHARE_YEAR) for run in path]]
    years = range(_SHARE_YEAR, _SHARE_YEAR + 1)
    record = recorded_family_shares(_SHARE_YEAR)
    return _yearly(name, samples, record, years, lambda year: year - 1)


def _ahead_score(
    runs: Sequence[ByRole], group: str, role_of: Callable[[int], str]
) -> ForecastScore:
    """Score a group's forecasts one year ahead. The years are independent."""
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
    last_known: Callable[[int], int],
    *,
    paired: bool = False,
) -> ForecastScore:
    """Score samples by year.

    `last_known` returns the last year that naive forecasts for a year may use. `paired` adds the
    interval for the comparison with last year's value.
    """
    naive = [yearly_samples(record, last_known(year), year) for year in years]
    observed = [record[year] for year in years]
    last, trend = (
        figures(rows, observed, logs=True) if all(row.size for row in rows) else NO_FIGURES
        for rows in ([n.last for n in naive], [n.trend for n in naive])
    )
    lasts = [n.last for n in naive]
    less_last = paired_interval(samples, lasts, observed) if paired else (math.nan, math.nan)
    return ForecastScore(*name, figures(samples, observed, logs=True), last, trend, *less_last)
