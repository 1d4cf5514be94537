"""Rows for a forecast and its scores, for the terminal, JSON and CSV."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from experiments.rows.records import record
from experiments.studies.forecast import NOTE, Forecast, fan
from experiments.studies.forecast_scores import OutcomeScores
from experiments.validation.validate import MonthlyBands

BOUNDS = ("low90", "low50", "median", "high50", "high90")
_MONTHS = 36  # recorded months that a figure shows before the forecast
SCORES = ("crps", "log_score", "coverage90", "within10", "within25")


def forecast_rows(forecast: Forecast) -> list[dict[str, Any]]:
    """Return one row for each outcome and month: the median and the bounds of both ranges."""
    return [
        {"outcome": name, "month": month, **dict(zip(BOUNDS, values, strict=True))}
        for name, samples in forecast.samples.items()
        for month, values in zip(forecast.months, fan(samples).T.round(1).tolist(), strict=True)
    ]


def forecast_study(forecast: Forecast) -> dict[str, Any]:
    """Return a forecast's JSON object: its rows, and all values that its hash covers."""
    return {"note": NOTE, "rows": forecast_rows(forecast)} | forecast.values()


def score_rows(scores: Sequence[OutcomeScores]) -> list[dict[str, Any]]:
    """Return one row for each outcome and method."""
    return [
        {"outcome": score.outcome, "figures": score.figures, "method": method}
        | record(method_scores, SCORES)
        for score in scores
        for method, method_scores in score.by_method.items()
    ]


def forecast_bands(forecast: Forecast, following: Mapping[str, np.ndarray]) -> MonthlyBands:
    """Return monthly bands for the last recorded months and for the forecast.

    At most three years of recorded months are included. Their bands have no width.

    Args:
        forecast: forecast with its record.
        following: recorded persons by outcome in the forecast's months, if the record has them.
    """
    months_before = min(_MONTHS, len(forecast.record))
    months = [*forecast.record.months[-months_before:], *forecast.months]
    simulated, observed, empty = {}, {}, np.full(len(forecast.months), np.nan)
    for name, samples in forecast.samples.items():
        past = forecast.record.values.get(name, np.full(months_before, np.nan))[-months_before:]
        simulated[name] = np.hstack([np.tile(past, (5, 1)), fan(samples)])
        observed[name] = np.concatenate([past, following.get(name, empty)])
    return MonthlyBands(months, forecast.record.months[-1], simulated, observed)
