"""Print warnings about valid input whose results are easily misread."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from abm.scenario import PolicySpec, Scenario
from experiments.comparison.compare import Portfolio
from experiments.runs import input_warnings
from experiments.runs.case import RunResult
from viz.cli.shell import log


def warn(texts: Iterable[str]) -> None:
    """Print a line on stderr for every warning."""
    for text in texts:
        log(f"warning: {text}")


def warn_of_added_doses(scenario: Scenario, specs: Sequence[PolicySpec]) -> None:
    """Print a warning for every instrument that is in force twice on the same day.

    Args:
        scenario: gives the period of policies without dates.
        specs: all policies that are in force together.
    """
    warn(input_warnings.added_doses(scenario, specs))


def warn_of_equal_arms(arms: Sequence[Portfolio]) -> None:
    """Print a warning for policies that are compared more than once."""
    warn(input_warnings.equal_arms(arms))


def warn_of_few_migrants(results: Iterable[RunResult]) -> None:
    """Print a warning if few simulated migrants set out in a run.

    Args:
        results: runs of one scenario.
    """
    warn(input_warnings.few_migrants(results))
