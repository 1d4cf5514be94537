"""The option --dry-run: print the number of runs and the time they take, and run none of them."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial

from abm.scenario import Scenario
from experiments.sweeps.timed_trial import compile_and_load, time_run
from viz.cli import console
from viz.cli.options import ResultOptions
from viz.cli.progress import duration
from viz.cli.shell import json_head, print_result

HOW = (
    "from a timed trial on this machine: a short and a longer run of the scenario, extrapolated to "
    "its days, each run with its own warm-up"
)
SEED = 2**31 - 1  # of the trial


def print_estimate(
    options: ResultOptions,
    runs: int,
    scenarios: Sequence[Scenario],
    workers: int,
    *,
    upto: bool = False,
) -> int:
    """Print the number of runs and the time that they take; run none of the study.

    Args:
        options: options of the command.
        runs: number of runs of the study.
        scenarios: scenarios of the study, each with the same share of the runs. The first one of
            each scale is timed; the time of the others is scaled by their days.
        workers: number of runs at a time.
        upto: `runs` is the largest number.

    Returns:
        The exit code.
    """
    compile_and_load(scenarios[0], SEED)
    times = {one.scale: one for one in reversed(scenarios)}
    timed = {scale: time_run(one, SEED) for scale, one in sorted(times.items())}
    run_s = sum(timed[one.scale].of(one.days) for one in scenarios) / len(scenarios)
    jobs = min(workers, runs)
    seconds = run_s * runs / jobs
    row = {"dry_run": True, "runs": runs, "jobs": jobs, "seconds": seconds}
    row |= {"seconds_a_run": run_s, "estimate": HOW}
    count = f"{'At most ' if upto else ''}{runs:,} run{'s' if runs > 1 else ''}"
    text = f"{count}, {jobs} at a time: about {duration(seconds)}, {run_s:.2g} s per run, {HOW}."
    return print_result(json_head(options.name) | row, options.as_json, partial(console.line, text))
