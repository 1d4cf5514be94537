"""The option --dry-run: print the number of runs and the time they take, and run none of them."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial

from abm.scenario import Scenario
from experiments.pool import cores
from experiments.run import Case, run_one
from experiments.warmup import forget
from viz.cli import console
from viz.cli.options import ResultOptions
from viz.cli.progress import duration
from viz.cli.shell import json_head, print_result

HOW = (
    "from a timed trial on this machine: a short and a longer run of the scenario, extrapolated to "
    "its days, each run with its own warm-up"
)
_SHORT, _LONG = 1, 60  # days of the two runs whose difference is the time per day
_SEED = 2**31 - 1  # of the trial


def print_estimate(
    options: ResultOptions, runs: int, scenarios: Sequence[Scenario], *, upto: bool = False
) -> int:
    """Print the number of runs and the time that they take; run none of the study.

    Args:
        options: options of the command.
        runs: number of runs of the study.
        scenarios: scenarios of the study, of which each takes the same share of the runs; the
            first one is timed, the others differ in their days.
        upto: `runs` is the largest number.

    Returns:
        The exit code.
    """
    start, daily = _time(scenarios[0])
    days = [scenario.days for scenario in scenarios]
    run_s = start + daily * sum(days) / len(days)
    jobs = min(options.jobs or cores(), runs)
    seconds = run_s * runs / jobs
    row = {"dry_run": True, "runs": runs, "jobs": jobs, "seconds": seconds}
    row |= {"seconds_a_run": run_s, "estimate": HOW}
    count = f"{'At most ' if upto else ''}{runs:,} run{'s' if runs > 1 else ''}"
    text = f"{count}, {jobs} at a time: about {duration(seconds)}, {run_s:.2g} s per run, {HOW}."
    return print_result(json_head(options.name) | row, options.as_json, partial(console.line, text))


def _time(scenario: Scenario) -> tuple[float, float]:
    """Return the seconds of start and warm-up, and those of a simulated day."""
    _trial_seconds(scenario, _SHORT)  # compiles and loads
    start = _trial_seconds(scenario, _SHORT)
    longer = _trial_seconds(scenario, _LONG)
    return start, max(0.0, longer - start) / (_LONG - _SHORT)


def _trial_seconds(scenario: Scenario, days: int) -> float:
    """Return the wall seconds of a run of a given length, with its warm-up."""
    forget()
    return run_one(Case(scenario.with_settings({"days": days}), _SEED)).cost["wall_s"]
