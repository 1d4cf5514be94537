"""Rows of an answer to the question whether border security requires Mexico's cooperation.

``answer.json``, the terminal and the page of findings render these rows.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from typing import Any

import numpy as np

from abm.policies import registry
from abm.policies.base import ARMS
from experiments.rows.rate_cells import (
    claim_rows,
    claim_test_rows,
    regime_rows,
    split_rows,
    variant_rate_rows,
)
from experiments.rows.records import record
from experiments.rows.runs import scenario_keys
from experiments.studies.ask.answer import Answer
from experiments.studies.ask.verdict import ClaimCell
from experiments.studies.optimise.horizons import OUTCOMES
from experiments.studies.optimise.search import BudgetTarget

_CELL = (
    *("claim", "account", "outcome", "budget", "sides", "draws", "p_win", "p_range", "by_horizon"),
    *("verdict", "near_a_threshold=near_threshold", "trades=trade_offs", "advantage"),
)
_FLAT = ("claim", "account", "outcome", "budget", "draws", "p_win", "verdict", "near_a_threshold")
_NINE_IN_TEN = (0.05, 0.5, 0.95)


def answer_study(answer: Answer) -> dict[str, Any]:
    """Return the verdicts, the cells behind them, the portfolios and the drivers.

    ``rate_verdicts``, ``regimes``, ``turns``, ``claim_tests``, ``boxes``, ``flips`` and
    ``variant_rates`` are about the claims on the exchange rate and the next dollar. ``verdicts``,
    ``cells``, ``cooperation_alone`` and ``variants`` are about claims at equal budgets.
    """
    runs = answer.runs
    return {
        **scenario_keys(runs.scenario),
        "size": dataclasses.asdict(runs.size),
        "members": list(runs.member_indices),
        "rate_verdicts": claim_rows(answer.rate_cells),
        "verdicts": [dataclasses.asdict(verdict) for verdict in answer.verdicts],
        "cells": list(map(_cell_row, answer.cells)),
        "cooperation_alone": list(map(_cell_row, answer.cooperation_alone)),
        "variants": {name: list(map(_cell_row, cells)) for name, cells in answer.variants.items()},
        "boxes": [dataclasses.asdict(box) for box in answer.boxes],
        "flips": [
            {"claim": claim, "outcome": outcome} | dataclasses.asdict(driver)
            for (claim, outcome), drivers in answer.drivers.items()
            for driver in drivers
        ],
        "portfolios": [_portfolio_row(answer, target) for target in runs.score.menu],
        "searched": len(runs.searched),
        "failed": answer.failures,
        "regimes": regime_rows(answer),
        "turns": list(map(dataclasses.asdict, answer.turns)),
        "claim_tests": claim_test_rows(answer),
        "variant_rates": variant_rate_rows(answer),
        "splits": split_rows(answer),
    }


def _cell_row(cell: ClaimCell) -> dict[str, Any]:
    """Return one claim at one budget, account and outcome. ``advantage`` is by draw and horizon."""
    return record(cell, _CELL) | {"worse_for_people": cell.worse_shares()}


def _portfolio_row(answer: Answer, target: BudgetTarget) -> dict[str, Any]:
    """Return a target's portfolio: dollars, payers, policies and changes."""
    score, instruments = answer.runs.score, answer.runs.instruments
    place = score.menu[target]
    dollars = score.trials.portfolios[place]
    return dataclasses.asdict(target) | {
        "dollars": instruments.by_instrument(dollars),
        "payers": instruments.payers(dollars),
        "policies": [str(spec) for spec in instruments.policy_specs(dollars)],
        "changes": score.trials.changes[place],
    }


def equal_budget_rows(study: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Return the claims at equal budgets as flat rows, without cooperation alone.

    Args:
        study: rows of the answer.

    Returns:
        Rows with the 90 % interval of P(win), and the median advantage with its 90 % range.
    """
    rows = []
    for cell in study["cells"]:
        low, middle, high = advantage_range(cell)
        p_low, p_high = cell["p_range"]
        rows.append(
            {key: cell[key] for key in _FLAT}
            | {"p_low": p_low, "p_high": p_high, "advantage": middle}
            | {"advantage_low90": low, "advantage_high90": high}
        )
    return rows


def advantage_range(cell: Mapping[str, Any]) -> tuple[float, float, float]:
    """Return low90, median and high90 of the advantage over the longest horizon, in percent.

    The longest horizon is the run length. Figures are NaN without a complete run.
    """
    last = _longest_column(cell["advantage"])
    if np.isnan(last).all():
        return (np.nan, np.nan, np.nan)
    return tuple(np.nanquantile(100.0 * last, _NINE_IN_TEN).tolist())


def _longest_column(values: np.ndarray) -> np.ndarray:
    """Return the values of the longest horizon, the last axis, that any run reaches."""
    reached = np.flatnonzero(np.isfinite(values).reshape(-1, values.shape[-1]).any(axis=0))
    return values[..., int(reached[-1]) if reached.size else -1]


def median_changes(changes: np.ndarray) -> list[float]:
    """Return the median changes over the longest horizon in percent of the status quo, by outcome.

    The shape of `changes` is (draws, outcomes, horizons). The longest horizon is the run length.
    """
    columns = 100.0 * _longest_column(changes).T
    return [float(np.nanmedian(x)) if np.isfinite(x).any() else np.nan for x in columns]


def price(answer: Answer, target: BudgetTarget) -> float | None:
    """Compute the planned joint dollars per averted entry over the longest horizon.

    Args:
        answer: result of the question.
        target: target of the portfolio. Its outcome is the kind of entry.

    Returns:
        The median over draws, or None if no entry is averted.
    """
    trials, k = answer.runs.score.trials, OUTCOMES.index(target.outcome)
    place = answer.runs.score.menu[target]
    averted = (trials.base - trials.levels[place])[:, k, trials.longest]
    finite = averted[~np.isnan(averted)]
    entries = float(np.median(finite)) if finite.size else 0.0
    planned = float(trials.portfolios[place].sum())
    return planned / entries if entries > 0.0 else None


def single_rows(answer: Answer) -> list[dict[str, Any]]:
    """Return every instrument alone, by arm, with its mean changes in the search."""
    searched, instruments = answer.runs.searched, answer.runs.instruments
    rows = []
    for place in np.flatnonzero((searched.portfolios > 0.0).sum(axis=1) == 1).tolist():
        k = int(np.flatnonzero(searched.portfolios[place])[0])
        rows.append(
            {
                "arm": registry()[instruments.ids[k]].arm,
                "instrument": instruments.ids[k],
                "dollars": float(searched.portfolios[place, k]),
                "changes": 100.0 * searched.changes[place, :, :, searched.longest].mean(axis=0),
            }
        )
    order = {arm: i for i, arm in enumerate(ARMS)}
    return sorted(rows, key=lambda row: (order[row["arm"]], row["instrument"], row["dollars"]))
