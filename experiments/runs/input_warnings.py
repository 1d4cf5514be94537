"""Warnings about valid inputs whose results are easily misread, as sentences."""

from __future__ import annotations

import datetime
import statistics
from collections import Counter
from collections.abc import Iterable, Sequence
from itertools import combinations
from typing import TYPE_CHECKING

from abm.policies import policies_of
from agents.supply_terms import TERMS

if TYPE_CHECKING:
    from abm.scenario import PolicySpec, Scenario
    from experiments.calibration.members import EnsembleSample
    from experiments.comparison.compare import Portfolio
    from experiments.runs.case import RunResult

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
        f"{spec} is never in force in a run from {start} to before {end}, so it changes nothing: "
        f"it {'begins after the end' if (spec.start or start) >= end else 'ends before the start'} "
        "of the run."
        for spec in specs
        if (spec.start or start) >= end or (spec.end or end) <= start
    ]


def changes_never_in_force(scenario: Scenario) -> list[str]:
    """Return a warning for every change of consequences whose period is outside the run.

    A change that is in force in the warm-up alone counts as outside.

    Args:
        scenario: gives the changes and the period of the run.

    Returns:
        The warnings.
    """
    start, end = scenario.start, scenario.start + datetime.timedelta(days=scenario.days)
    return [
        f"the change of consequences from {change.start or start} to {change.end or end} "
        f"(exclusive) is never in force in a run from {start} to before {end}."
        for change in scenario.consequence_changes
        if (change.start or start) >= end or (change.end or end) <= start
    ]


def terms_before_the_start(scenario: Scenario) -> list[str]:
    """Return a warning for terms of supply that follow the run, from a date before its start.

    Args:
        scenario: gives the terms and the first day of the run.

    Returns:
        One warning or none.
    """
    terms, start = scenario.supply_terms, scenario.start
    since: dict[str, float] = dict(zip(TERMS, terms.since, strict=True))
    used = {"network": any(terms.network), "awareness": terms.awareness_speed > 0.0}
    first = start.year + (start.month - 1) / 12.0
    early = [name for name, on in used.items() if on and 0.0 < since[name] < first - 0.01]
    if not early:
        return []
    return [
        f"supply_terms.since of {' and '.join(early)} is before the start of the run; these terms "
        f"follow the run, so they act from {start} relative to their state on that date."
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
    if not drawn or not drawn.fixed_paths:
        return []
    paths = ", ".join(drawn.fixed_paths)
    return [f"the ensemble varies {paths}; set here, so the same in every member."]
