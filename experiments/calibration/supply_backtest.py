"""Forecasts of past years by the terms of supply, estimated on the months before each.

They compare sets of terms on years before a scenario starts, so that a term is chosen without the
years that it is meant to predict. Forecasts feed on their own arrivals. Drivers either keep their
last value, as a forecaster would know them, or follow the record.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

import numpy as np

from agents.outcomes import Group
from experiments.calibration.supply_fit import (
    BEFORE,
    KEEP,
    TERMS,
    Panel,
    fit_panel,
    log_stock,
    panel_of,
    priors_of,
)

FIRST_YEAR, LAST_YEAR, HORIZON = 2004, 2013, 3  # fiscal years
_OFF = (0.0, 1e-6)  # prior of a term that is left out
#: Sets of terms that are compared.
SETS: tuple[tuple[str, ...], ...] = (
    TERMS,
    tuple(name for name in TERMS if name != "drift"),
    ("network",),
    (),
)


@dataclass(frozen=True, slots=True)
class BacktestRow:
    """Errors of a set of terms.

    Attributes:
        group: name of the group.
        terms: terms that are used.
        held: whether drivers keep their last value.
        one_year: rms of the log error one year ahead.
        all_years: the same over one to three years ahead.
        bias: mean log error over one to three years ahead; above 0 if forecasts are too high.
    """

    group: str
    terms: tuple[str, ...]
    held: bool
    one_year: float
    all_years: float
    bias: float


def backtests(last_year: int = LAST_YEAR) -> list[BacktestRow]:
    """Compare the sets of terms for both groups, with recorded and with held drivers.

    Args:
        last_year: last fiscal year that is forecast.

    Returns:
        One row per group, treatment of the drivers and set of ``SETS``, in this order.
    """
    return [
        backtest(group, terms, held=held, last_year=last_year)
        for group in Group
        for held in (False, True)
        for terms in SETS
    ]


def backtest(
    group: Group, terms: Collection[str] = TERMS, *, held: bool = False, last_year: int = LAST_YEAR
) -> BacktestRow:
    """Forecast one to three fiscal years ahead from every year since FY2004.

    Args:
        group: the group; its countries are added.
        terms: terms of ``TERMS`` that are used.
        held: whether drivers keep their last value instead of following the record.
        last_year: last fiscal year that is forecast.

    Returns:
        The errors.
    """
    errors = [
        log_errors(group, year, min(HORIZON, last_year - year), terms, held=held)
        for year in range(FIRST_YEAR, last_year)
    ]
    first, everything = np.array([error[0] for error in errors]), np.concatenate(errors)
    return BacktestRow(
        group=group.name.lower(),
        terms=tuple(name for name in TERMS if name in terms),
        held=held,
        one_year=_rms(first),
        all_years=_rms(everything),
        bias=float(everything.mean()),
    )


def log_errors(
    group: Group, year: int, years: int, terms: Collection[str], *, held: bool
) -> np.ndarray:
    """Forecast the apprehensions of some fiscal years from the months to September of a year.

    Args:
        group: the group.
        year: last fiscal year that is known.
        years: fiscal years to forecast.
        terms: terms that are used.
        held: whether drivers keep their last value.

    Returns:
        Log of the forecast over the record by fiscal year, shape (years,).
    """
    known, future = panel_of(group, (year, 9)), panel_of(group, (year + years, 9))
    priors = {
        name: prior if name in terms else _OFF
        for name, prior in priors_of(group.name.lower()).items()
    }
    fit = fit_panel(known, group.name.lower(), priors=priors)
    flow = _continue(known, future, np.array([fit.mean[name] for name in TERMS]), held)
    recorded = future.flow[BEFORE + known.months.size :]
    by_year = flow.reshape(years, 12, -1).sum(axis=(1, 2))
    return np.log(by_year / recorded.reshape(years, 12, -1).sum(axis=(1, 2)))


def _continue(known: Panel, future: Panel, beta: np.ndarray, held: bool) -> np.ndarray:
    """Return the forecast flow by month and country, from the level of the last twelve months."""
    n, monthly = known.months.size, KEEP ** (1.0 / 12.0)
    terms = np.concatenate([log_stock(known, KEEP)[None], known.drivers])
    rest = known.log_flow - np.tensordot(beta, terms, 1)
    season = np.array([rest[known.months == m].mean(axis=0) for m in range(12)])
    season -= season.mean(axis=0)
    level = (rest - season[known.months])[-12:].mean(axis=0)
    added = np.log(future.flow[BEFORE:]) - future.log_flow  # cohort and enforcement
    arrived = known.flow * known.arrivals[:, None]
    stock = arrived[:BEFORE].mean(axis=0) / (1.0 - monthly)
    for persons in arrived:
        stock = monthly * stock + persons
    flows = []
    for t in range(n, future.months.size):
        drivers = future.drivers[:, n - 1 if held else t].copy()
        drivers[-1] = future.drivers[-1, t]  # time passes in any case
        log = beta[0] * np.log(stock) + beta[1:] @ drivers + level + season[future.months[t]]
        at = n - 1 if held else t  # month whose enforcement applies
        flows.append(np.exp(log + added[at]))
        stock = monthly * stock + flows[-1] * future.arrivals[BEFORE + at]
    return np.array(flows)


def _rms(errors: np.ndarray) -> float:
    return float(np.sqrt((errors**2).mean()))
