"""Backtests: forecasts for every quarter of FY2010-19, scored against the later record.

A forecast reads the packaged record up to its last known month, supply terms estimated from months
up to the September before the forecast, and the dated policies in scenario ``history`` without
later announcements. Staff, barriers, detention, consequences and supply drivers follow the record
even in the forecast year. Sums over the next three and the next twelve months are scored by group.
"""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np

from abm.supply_file import month_number, month_text
from agents.labels import GROUPS
from experiments import scenarios
from experiments.calibration.members import EnsembleSample
from experiments.calibration.supply_fit import mean_supply
from experiments.studies.forecast import Forecast, ForecastPlan, MonthlyRecord, first_day
from experiments.studies.forecast_scores import (
    MODEL,
    NAIVE,
    OutcomeScores,
    naive_sample,
    score_samples,
)
from experiments.validation import statistics
from experiments.validation.baseline_forecasts import monthly_record
from experiments.validation.scored_runs import known_policies

#: First months of the forecasts, and the last scored month.
ORIGINS = [month_text(m) for m in range(month_number("2009-10"), month_number("2019-09"), 3)]
LAST = "2019-09"
SHOWN = -4  # index of the last origin that a whole recorded year follows
SPANS = {"next_quarter": 3, "next_year": 12}  # months


def recorded(last: str) -> MonthlyRecord:
    """Return both groups' packaged record up to a month."""
    values = {
        f"apprehended_us_{group}": np.array(
            list(monthly_record(statistics.GROUPS[group], last).values())
        )
        for group in GROUPS
    }
    return MonthlyRecord(month_number(last) + 1 - next(iter(values.values())).size, values)


def plan_of(origin: str, scale: int, members: EnsembleSample | None, **seeds: int) -> ForecastPlan:
    """Plan the forecast that begins in a month.

    Args:
        origin: first month of the forecast.
        scale: persons per simulated migrant.
        members: ensemble members.
        seeds: ``seed``, the first seed, and ``reps``, the number of seeds per member.
    """
    month, history = month_number(origin), scenarios.find("history")
    last_september = (month - 9) // 12, 9
    policies = known_policies(history, first_day(month), first_day(month + 12))
    settings = mean_supply(last_september) | {"scale": scale, "policies": policies}
    return ForecastPlan(
        record=recorded(month_text(month - 1)),
        scenario=history.with_settings(settings),
        members=members,
        **seeds,
    )


def score_backtests(forecasts: Iterable[Forecast]) -> list[OutcomeScores]:
    """Score forecasts by group and span. Series with a better naive forecast come first."""
    observed, results = recorded(LAST), list(forecasts)
    scores = []
    for name in observed.values:
        for span, months in SPANS.items():
            samples: dict[str, list[np.ndarray]] = {method: [] for method in (MODEL, *NAIVE)}
            values = []
            for forecast in results:
                first = forecast.record.last + 1 - observed.first
                if first + months <= len(observed):
                    values.append(float(observed.values[name][first : first + months].sum()))
                    samples[MODEL].append(forecast.samples[name][:, :months].sum(axis=1))
                    past = forecast.record.values[name]
                    for method in NAIVE:
                        samples[method].append(naive_sample(past, method, range(months)))
            scores.append(score_samples(f"{name}.{span}", samples, values))
    return sorted(scores, key=lambda score: not score.worse)
