"""Rows of an optimisation: every target's best portfolio, and the search's fronts.

The rows appear in ``best.json``, on the terminal and in ``portfolios.csv``.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator
from typing import Any

import numpy as np

from experiments.rows.runs import scenario_keys
from experiments.studies.optimise.horizons import OUTCOMES
from experiments.studies.optimise.search import BudgetTarget
from experiments.studies.optimise.sides import SIDES
from experiments.studies.optimise.study import OptimisationResult, pareto_front


def optimisation_study(result: OptimisationResult) -> dict[str, Any]:
    """Return every target's best portfolio, and the portfolios of the fronts."""
    plan, sides = result.plan, list(SIDES)
    chosen = sorted(result.chosen, key=lambda t: (sides.index(t.side), t.outcome, t.budget))
    return {
        **scenario_keys(result.scenario),
        "plan": dataclasses.asdict(plan),
        "searched": len(result.searched),
        "best": [_best_row(result, target) for target in chosen],
        "front": [
            _front_row(result, side, outcome, place)
            for side in plan.sides
            for outcome in plan.outcomes
            for place in pareto_front(result, side, outcome)
        ],
        "failed": len(result.searched.failures) + len(result.scored.trials.failures),
    }


def _best_row(result: OptimisationResult, target: BudgetTarget) -> dict[str, Any]:
    """Return the best portfolio of a target: its result in the search, and its score."""
    place, trials = result.scored.menu[target], result.scored.trials
    dollars = trials.portfolios[place]
    searched = result.searched.mean_log(target.outcome)[result.chosen[target]]
    return dataclasses.asdict(target) | {
        "dollars": result.instruments.by_instrument(dollars),
        "payers": result.instruments.payers(dollars),
        "policies": [str(spec) for spec in result.instruments.policy_specs(dollars)],
        "in_the_search": float(np.expm1(searched)),
        "scored": float(np.expm1(trials.mean_log(target.outcome)[place])),
        "changes": {
            name: _interval(trials.changes[place, :, k, -1]) for k, name in enumerate(OUTCOMES)
        },
    }


def _interval(values: np.ndarray) -> dict[str, float]:
    """Return the median and the range of nine values in ten."""
    low, middle, high = np.nanquantile(values, [0.05, 0.5, 0.95])
    return {"low90": float(low), "median": float(middle), "high90": float(high)}


def _front_row(result: OptimisationResult, side: str, outcome: str, place: int) -> dict[str, Any]:
    """Return one portfolio of a front, with its results in the search."""
    trials, dollars = result.searched, result.searched.portfolios[place]
    return {
        "side": side,
        "outcome": outcome,
        "charge": float(result.instruments.charge(dollars, result.plan.account)),
        "entries": float(np.expm1(trials.mean_log(outcome)[place])),
        "deaths": float(np.expm1(trials.mean_log("deaths")[place])),
        "dollars": result.instruments.by_instrument(dollars),
    }


def searched_columns(result: OptimisationResult) -> list[str]:
    """Return the columns of ``searched_rows``."""
    return [*result.instruments.ids, *(f"change_{name}" for name in OUTCOMES)]


def searched_rows(result: OptimisationResult) -> Iterator[list[str]]:
    """Yield the dollars and the mean changes of every portfolio of the search."""
    changes = np.column_stack([np.expm1(result.searched.mean_log(name)) for name in OUTCOMES])
    for dollars, change in zip(result.searched.portfolios, changes, strict=True):
        yield [*(f"{value:.0f}" for value in dollars), *(f"{value:.5f}" for value in change)]
