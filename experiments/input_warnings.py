"""Warnings about valid inputs whose results are easily misread, as sentences."""

from __future__ import annotations

import datetime
import statistics
from collections import Counter
from collections.abc import Iterable, Sequence
from itertools import combinations
from typing import TYPE_CHECKING

from abm.policies import policies_of

if TYPE_CHECKING:
    from abm.scenario import PolicySpec, Scenario
    from experiments.calibration.members import EnsembleSample
    from experiments.case import RunResult
    from experiments.compare import Portfolio

_FEW_MIGRANTS = 300  # simulated migrants who set out; fewer make yearly figures mostly chance


def policies_never_in_force(scenario: Scenario, specs: Iterable[PolicySpec]) -> list[str]:
    """Return a warning for every policy whose period is outside the run.

    Args:
        scenario: gives the period of the run.
        specs: the policies.

    Returns:
        The warnings.
    """
    start, end = scenario.start, scenario.start + datetime.timedelta(days=scenario.days)
    return [
        f"{spec} is never in force in a run from {start} to before {end}."
        for spec in specs
        if (spec.start or start) >= end or (spec.end or end) <= start
    ]


def added_doses(scenario: Scenario, specs: Sequence[PolicySpec]) -> list[str]:
    """Return a warning for every instrument that is in force twice on the same day.

    Args:
        scenario: gives the period of policies without dates.
        specs: all policies that are in force together.

    Returns:
        The warnings.
    """
    pairs = combinations(policies_of(scenario, specs), 2)
    added = [a.id for a, b in pairs if a.id == b.id and max(a.start, b.start) < min(a.end, b.end)]
    return [
        f"{name} is given more than once; doses in force on the same day are added."
        for name in dict.fromkeys(added)
    ]


def equal_arms(arms: Iterable[Portfolio]) -> list[str]:
    """Return a warning for all policies that are compared more than once."""
    counts = Counter("+".join(sorted(map(str, arm))) for arm in arms)
    return [
        f"{text} is given {count} times; its arms are identical."
        for text, count in counts.items()
        if count > 1
    ]


def few_migrants(results: Iterable[RunResult]) -> list[str]:
    """Return a warning if few simulated migrants set out in a run.

    Args:
        results: runs of one scenario.

    Returns:
        One warning or none.
    """
    migrants = [result.events["set_out"] / result.scale for result in results]
    if not migrants or (number := statistics.median(migrants)) >= _FEW_MIGRANTS:
        return []
    return [
        f"only {number:,.0f} simulated migrants set out in a run, so its figures per year are "
        "mostly chance; give more days or a smaller scale."
    ]


def fixed_parameters(drawn: EnsembleSample | None) -> list[str]:
    """Return a warning for the parameters that the ensemble varies and the user has set."""
    if not drawn or not drawn.held:
        return []
    held = ", ".join(drawn.held)
    return [f"the ensemble varies {held}; set here, so the same in every member."]
