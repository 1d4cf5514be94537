"""Score a forecast against the months that followed, next to three naive forecasts.

*Last year* repeats the mean over the last twelve known months. *Same month* repeats the same
calendar month in the last known year. *Trend* continues the value of *same month* by the mean
yearly change in the record. A naive forecast's sample is the forecast plus, with both signs, the
log errors that the same method makes at the same lead within the record.

Coverage, the shares within 10 and 25 %, and CRPS are computed as in
``experiments.validation.scores``, in logs. The log score is minus the log density of a normal
distribution with the mean and standard deviation of the sample's logs. Lower CRPS and log scores
are better.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from agents.param import SettingError
from experiments.studies.forecast import Forecast, MonthlyRecord
from experiments.validation.baseline_forecasts import spread_around
from experiments.validation.scores import coverage, figures

_YEAR = 12
_CLOSE = (0.1, 0.25)
MODEL = "model"


@dataclass(frozen=True, slots=True)
class SampleScores:
    """One forecast method's scores over several observations. NaN if a score is not defined.

    Attributes:
        crps, log_score: means over the observations, in logs.
        coverage90: share of the observations inside the central 90 % of their samples.
        within10, within25: share of the observations within 10 and 25 % of the median.
    """

    crps: float
    log_score: float
    coverage90: float
    within10: float
    within25: float


@dataclass(frozen=True, slots=True)
class OutcomeScores:
    """Scores for one outcome: the model's and, if the record has the outcome, naive forecasts'.

    Attributes:
        outcome: name of the outcome, or of a backtest's series.
        figures: number of scored observations.
        by_method: scores by method, which is ``model`` or a name in :data:`NAIVE`.
    """

    outcome: str
    figures: int
    by_method: Mapping[str, SampleScores]

    @property
    def worse(self) -> bool:
        """Whether a naive forecast has a lower CRPS than the model."""
        return any(s.crps < self.by_method[MODEL].crps for s in self.by_method.values())


def score_forecast(forecast: Forecast, observed: MonthlyRecord) -> list[OutcomeScores]:
    """Score a forecast by outcome. Outcomes with a better naive forecast come first.

    Args:
        forecast: forecast to score.
        observed: persons by month. Some months must follow the forecast's record.

    Returns:
        Scores for every outcome that both the forecast and `observed` contain.

    Raises:
        SettingError: `observed` has no month or no outcome of the forecast.
    """
    first = forecast.record.last + 1
    leads = [
        k for k in range(len(forecast.months)) if 0 <= first + k - observed.first < len(observed)
    ]
    if not leads:
        reason = f"no month from {forecast.months[0]} to {forecast.months[-1]} is in the file"
        raise SettingError("observed", reason, "Give persons in months that the forecast covers.")
    scores = []
    for name in observed.values:
        values = observed.values[name][[first + k - observed.first for k in leads]]
        samples = {MODEL: [forecast.samples[name][:, k] for k in leads]}
        if name in forecast.record.values:
            past = forecast.record.values[name]
            for method in NAIVE:
                samples[method] = [naive_sample(past, method, (k,)) for k in leads]
        scores.append(score_samples(name, samples, values.tolist()))
    return sorted(scores, key=lambda score: not score.worse)


def score_samples(
    outcome: str, samples: Mapping[str, Sequence[np.ndarray]], observed: Sequence[float]
) -> OutcomeScores:
    """Score several methods' forecasts of the same observations.

    Args:
        outcome: name of the series.
        samples: one sample per observation, by method.
        observed: observed values, ordered like the samples.

    Returns:
        The scores.
    """
    by_method = {method: _scores(sample, observed) for method, sample in samples.items()}
    return OutcomeScores(outcome, len(observed), by_method)


def _scores(samples: Sequence[np.ndarray], observed: Sequence[float]) -> SampleScores:
    """Return one method's scores."""
    errors = [
        abs(np.median(sample) / y - 1.0) if y > 0.0 else math.nan
        for sample, y in zip(samples, observed, strict=True)
    ]
    within = [float(np.mean(np.array(errors) <= close)) for close in _CLOSE]
    scores = figures(samples, observed, logs=True)
    return SampleScores(
        scores.crps, _log_score(samples, observed), coverage(samples, observed), *within
    )


def _log_score(samples: Sequence[np.ndarray], observed: Sequence[float]) -> float:
    """Return the mean log score. NaN if a log or a spread is not defined."""
    from scipy.stats import norm

    total = 0.0
    for sample, y in zip(samples, observed, strict=True):
        if y <= 0.0 or sample.min(initial=1.0) <= 0.0 or sample.size < 2:
            return math.nan
        logs = np.log(sample)
        if (sd := float(logs.std(ddof=1))) <= 0.0:
            return math.nan
        total -= float(norm.logpdf(math.log(y), logs.mean(), sd))
    return total / len(observed)


# ---- naive forecasts -----------------------------------------------------------------------------


def _same_month(past: np.ndarray, lead: int) -> float:
    """Return the same calendar month's value in the last known year."""
    return float(past[lead % _YEAR - _YEAR])


def _trend(past: np.ndarray, lead: int) -> float:
    """Continue the same calendar month's value by the mean yearly change in twelve-month sums."""
    years = past.size // _YEAR
    first, last = past[-years * _YEAR :][:_YEAR].sum(), past[-_YEAR:].sum()
    if years < 2 or first <= 0.0 or last <= 0.0:
        return math.nan
    growth = math.log(last / first) / (years - 1)
    return _same_month(past, lead) * math.exp(growth * (lead // _YEAR + 1))


NAIVE: dict[str, Callable[[np.ndarray, int], float]] = {
    "last_year": lambda past, _: float(past[-_YEAR:].mean()),
    "same_month": _same_month,
    "trend": _trend,
}


def naive_sample(record: np.ndarray, method: str, leads: Sequence[int]) -> np.ndarray:
    """Return a naive forecast's sample for the sum over some months.

    Args:
        record: persons by month, at least twelve.
        method: name in :data:`NAIVE`.
        leads: months in the sum. 0 is the first month after the record.

    Returns:
        Persons. A single value if the record allows no past errors, and empty if the method has no
        forecast.
    """

    def forecast(before: np.ndarray) -> float:
        return sum(NAIVE[method](before, k) for k in leads)

    point = forecast(record)
    if not point > 0.0:
        return np.empty(0)
    errors = []
    for end in range(_YEAR, record.size - max(leads)):
        past, value = forecast(record[:end]), sum(record[end + k] for k in leads)
        if past > 0.0 and value > 0.0:
            errors.append(math.log(value / past))
    return np.exp(spread_around(math.log(point), errors))
