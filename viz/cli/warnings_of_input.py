"""Warnings about valid input whose results are easily misread."""

from __future__ import annotations

import statistics
from collections import Counter
from collections.abc import Iterable, Sequence
from itertools import combinations

from abm.scenario import PolicySpec, Scenario
from experiments.case import RunResult
from experiments.compare import Portfolio, policies_of
from viz.cli.shell import log

_FEW_MIGRANTS = 300  # simulated migrants who set out; fewer make yearly figures mostly chance


def warn_of_added_doses(scenario: Scenario, specs: Sequence[PolicySpec]) -> None:
    """Print a warning for every instrument that is in force twice on the same day.

    Args:
        scenario: gives the period of policies without dates.
        specs: all policies that are in force together.
    """
    pairs = combinations(policies_of(scenario, specs), 2)
    added = [a.id for a, b in pairs if a.id == b.id and max(a.start, b.start) < min(a.end, b.end)]
    for name in dict.fromkeys(added):
        log(f"warning: {name} is given more than once; doses in force on the same day are added.")


def warn_of_equal_arms(arms: Sequence[Portfolio]) -> None:
    """Print a warning for policies that are compared more than once."""
    counts = Counter("+".join(sorted(map(str, arm))) for arm in arms)
    for text, count in counts.items():
        if count > 1:
            log(f"warning: {text} is given {count} times; its arms are identical.")


def warn_of_few_migrants(results: Iterable[RunResult]) -> None:
    """Print a warning if few simulated migrants set out in a run.

    Args:
        results: runs of one scenario.
    """
    migrants = [result.events["set_out"] / result.scale for result in results]
    if migrants and (number := statistics.median(migrants)) < _FEW_MIGRANTS:
        log(
            f"warning: only {number:,.0f} simulated migrants set out in a run, so its figures per "
            "year are mostly chance; give more --days or a smaller --scale."
        )
