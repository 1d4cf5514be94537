"""Tables of a sensitivity study."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from typing import Any

from viz.cli import console
from viz.documents.sensitivity import title
from viz.figures.numbers import amount, plain, signed_amount

Row = Mapping[str, Any]

_HEADS = {
    "morris": ("", "mu*", "in 95 %", "mu", "sigma"),
    "sobol": ("", "total", "in 95 %", "alone", "in 95 %"),
}
_EXPLANATIONS = {
    "morris": "mu*: mean absolute change when a parameter moves over its whole range; mu: mean "
    "change with its sign; sigma: standard deviation of the change over the values of the other "
    "parameters.",
    "sobol": "total: share of the variance that would remain if all other parameters were known; "
    "alone: share that would disappear if this parameter were known.",
}
_DUMMY = (
    "The dummy changes only the seeds: its apparent effect is chance. A factor is distinct from "
    "the dummy if its effect exceeds that of the dummy by more than their two intervals explain."
)


def print_study(study: Row, runs: str) -> None:
    """Print a table for every result, and the factors that are not distinct from the dummy.

    Args:
        study: rows of the study, see ``experiments.rows.sensitivity``.
        runs: scenario and method, in words.
    """
    for result in study["answers"]:
        if result["factors"]:
            _print_result(result, study["method"])
    console.line(_EXPLANATIONS[study["method"]])
    console.line(_DUMMY)
    console.line(runs)


def _print_result(result: Row, method: str) -> None:
    """Print the factors that are distinct from the dummy, then the dummy."""
    unit, indistinct = result["unit"], result["not_told_from_dummy"]
    shown = [factor for factor in result["factors"] if factor["name"] not in indistinct]
    level = (signed_amount if result["policy"] else amount)(result["mean"], unit)
    cells = _morris_cells if method == "morris" else _sobol_cells
    console.table(
        f"{title(result['outcome'], result['policy'])} ({unit}): {level} on average, standard "
        f"deviation {amount(result['sd'], unit)}",
        _HEADS[method],
        [(factor["name"], *cells(factor, unit)) for factor in shown],
    )
    if indistinct:
        hint = " More --reps reduce its effect, a larger -n narrows the intervals."
        names = ", ".join(indistinct)
        console.line(f"Not distinct from the dummy: {names}.{'' if shown[:-1] else hint}\n")


def _morris_cells(factor: Row, unit: str) -> tuple[str, ...]:
    """Return the cells of a factor under the method of Morris."""
    mu, sigma = signed_amount(factor["mu"], unit), amount(factor["sigma"], unit)
    return (*_estimate(factor, "mu_star", lambda value: amount(value, unit)), mu, sigma)


def _sobol_cells(factor: Row, unit: str) -> tuple[str, ...]:
    """Return the cells of a factor under the method of Sobol'; shares have no unit."""
    return (*_estimate(factor, "total", _share), *_estimate(factor, "first", _share))


def _estimate(factor: Row, name: str, text: Callable[[float], str]) -> tuple[str, str]:
    """Return an estimate and its interval."""
    return text(factor[name]), f"{text(factor[f'{name}_low'])} to {text(factor[f'{name}_high'])}"


def _share(value: float) -> str:
    """Return a share of the variance."""
    return "not defined" if math.isnan(value) else plain(value, 2)
