"""Rows for instrument curves: outcomes at every budget, and the dollars that each goal requires.

``curve.json`` contains these rows. The terminal and ``curve.csv`` render them.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from abm.measures import OUTCOMES as MEASURES
from experiments.rows.records import FIGURES, record
from experiments.rows.runs import failure_row, scenario_keys
from experiments.runs.case import Failure
from experiments.runs.intervals import Interval
from experiments.studies.curve import (
    GOALS,
    OUTCOMES,
    PRICED,
    PUBLISHED,
    CurveLine,
    CurvePlan,
    Instrument,
    Requirement,
    requirement,
)


def curve_study(
    plan: CurvePlan,
    lines: Sequence[CurveLine],
    ensemble: Mapping[str, Any] | None,
    failures: Sequence[Failure],
) -> dict[str, Any]:
    """Return every curve point by point, and every goal's requirement.

    Args:
        plan: instruments, budgets, states and seeds in the study.
        lines: curves, by instrument and state.
        ensemble: JSON object that describes the members, or None for one parameter set.
        failures: runs that failed.

    Returns:
        Plain values by key. Required dollars are infinite if the maximum dose does not reach the
        goal.
    """
    return {
        **scenario_keys(plan.scenario),
        "ensemble": ensemble,
        "reps": plan.reps,
        "seed": plan.seed,
        "budgets": list(plan.budgets),
        "states": [
            record(state, ("id", "title", "dollars")) | {"policies": list(map(str, state.specs))}
            for state in plan.states
        ],
        "instruments": [
            record(instrument, ("id", "title", "shares"))
            | {
                "unit": instrument.unit or None,
                "dollars_a_unit": 1.0 / instrument.units_per_dollar,
                "maximum": instrument.maximum,
                "published": PUBLISHED.get(instrument.id),
            }
            for instrument in plan.instruments
        ],
        "curves": [_curve_row(line) for line in lines],
        "failed": [failure_row(failure) for failure in failures],
    }


def _curve_row(line: CurveLine) -> dict[str, Any]:
    """Return one curve. Changes are in percent of the base-year state at zero dollars."""
    levels = {name: line.intervals(name) for name in OUTCOMES}
    changes = {name: line.changes(name) for name in OUTCOMES}
    joint, amounts = (line.dollars + line.state.dollars).tolist(), line.amounts.tolist()
    prices, next_prices = line.dollars_per_percent(), line.dollars_per_next_percent()
    return {
        "instrument": line.instrument.id,
        "state": line.state.id,
        "points": [
            {
                "dollars": dollars,
                "joint": joint[i],
                "amount": amounts[i],
                "largest": i == len(line.dollars) - 1,
                "spent": Interval.of(line.spent[i]).median,
                "dollars_per_percent": record(prices[i]),
                "dollars_per_next_percent": record(next_prices[i]),
                "outcomes": {
                    name: record(levels[name][i]) | {"change": record(changes[name][i])}
                    for name in OUTCOMES
                },
            }
            for i, dollars in enumerate(line.dollars.tolist())
        ],
        "requirements": [
            requirement_row(line.instrument, requirement(line, goal)) for goal in GOALS
        ],
    }


def requirement_row(instrument: Instrument, required: Requirement) -> dict[str, Any]:
    """Return how much of an instrument one goal requires.

    Args:
        instrument: instrument of the curve.
        required: goal, and dollars per year that reach it, infinite if the goal is not reached.

    Returns:
        The goal, the dollars per year, the amount in the instrument's unit, how many replicates
        reach the goal, and the highest budget.
    """
    goal, dollars = required.goal, record(required.dollars)
    return {
        **record(goal, ("outcome", "level")),
        "cut": goal.cut or None,
        "relative_to": goal.of or None,
        "dollars": dollars,
        "amount": {name: instrument.units_per_dollar * value for name, value in dollars.items()},
        **record(required, ("reached=n_reached", "replicates", "largest_budget=max_dollars")),
    }


def csv_rows(study: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
    """Yield one row per curve, outcome and budget, by column."""
    units = {row["id"]: row["unit"] or "" for row in study["instruments"]}
    for curve in study["curves"]:
        for outcome in OUTCOMES:
            for point in curve["points"]:
                figures, price = point["outcomes"][outcome], point["dollars_per_percent"]
                prices = {
                    "spent_a_year": point["spent"],
                    "dollars_per_percent": price["median"],
                    **{f"dollars_per_percent_{name}": price[name] for name in FIGURES[1:]},
                    "dollars_per_next_percent": point["dollars_per_next_percent"]["median"],
                }
                yield {
                    "instrument": curve["instrument"],
                    "state": curve["state"],
                    "dollars_a_year": point["dollars"],
                    "joint_dollars_a_year": point["joint"],
                    "amount": point["amount"],
                    "amount_unit": units[curve["instrument"]],
                    "largest": int(point["largest"]),
                    "outcome": outcome,
                    "unit": MEASURES[outcome].unit,
                    **{name: figures[name] for name in FIGURES},
                    **{f"change_{name}": figures["change"][name] for name in FIGURES},
                    **(prices if outcome == PRICED else dict.fromkeys(prices, "")),
                }
