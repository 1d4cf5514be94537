"""Steps that ``twoborders optimise`` and ``twoborders ask`` share: ten-year runs in stages."""

from __future__ import annotations

import dataclasses
import shlex
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from typing import Any

from abm.scenario import Scenario
from experiments.calibration.members import draw_members
from experiments.studies.ask.sizes import AnswerSize
from experiments.studies.optimise.horizons import check_packages, claim_folder, long_scenario
from experiments.studies.optimise.study import OptimisationPlan, split_members
from experiments.studies.optimise.trials import Evaluator
from experiments.sweeps.backend import Backend
from experiments.sweeps.timed_trial import compile_and_load, time_run
from viz.cli import console
from viz.cli.dry_run import HOW, SEED
from viz.cli.files import lock_folder, prepare_resumable
from viz.cli.options import LongStudyOptions
from viz.cli.progress import RunProgress, duration, resumable
from viz.cli.run_options import read_scenario
from viz.cli.shell import json_head, print_result

__all__ = ["check_packages", "evaluator_of", "head", "print_estimate", "read_long_scenario"]

type Plan = OptimisationPlan | AnswerSize

_TRIAL_DAYS = 120  # of the longer run of the trial


def read_long_scenario(options: LongStudyOptions, scale: int) -> Scenario:
    """Read the baseline and extend it to the longest horizon.

    Args:
        options: options of the command.
        scale: persons per simulated migrant.

    Returns:
        The scenario.

    Raises:
        SettingError: a value is invalid, or the start is not the first day of a month.
    """
    return long_scenario(read_scenario(dataclasses.replace(options, scale=scale)))


@contextmanager
def evaluator_of(
    options: LongStudyOptions,
    scenario: Scenario,
    runs: int,
    key: str,
    plan: Plan,
    backend: Backend,
) -> Iterator[Evaluator]:
    """Open the evaluator of the portfolios, with progress and a hint how to resume.

    Args:
        options: options of the command.
        scenario: scenario of all runs.
        runs: largest number of runs.
        key, plan: the plan of the study, and its key in the file that claims the folder.
        backend: runs the portfolios.

    Yields:
        The evaluator, which stores every run in the folder of the command.

    Raises:
        SettingError: the folder holds another question, or this one without --resume, or another
            command runs in it.
    """
    folder, command = prepare_resumable(options.folder, options.resume), options.command_words()
    judging, _ = split_members(plan.members, plan.search_members)
    progress = RunProgress(runs)
    evaluator = Evaluator(
        scenario,
        draw_members(judging, scenario),
        folder / "runs",
        executor=backend,
        on_start=lambda name, *runs: progress.start(*runs, name=name),
        on_result=progress.step,
        command=command,
    )
    question = {key: plan}
    with lock_folder(folder, "another command runs in"):
        claim_folder(folder, options.name, question, scenario, resume=options.resume, where="--out")
        with resumable(options.resume_words()), progress:
            yield evaluator


def head(options: LongStudyOptions) -> dict[str, Any]:
    """Return the first keys of the JSON of a command."""
    return json_head(options.name) | {"again": shlex.join(options.command_words())}


def print_estimate(options: LongStudyOptions, runs: int, scenario: Scenario, jobs: int) -> int:
    """Print the number of runs and the time that they take, from a short trial.

    Args:
        options: options of the command.
        runs: largest number of runs.
        scenario: scenario of all runs.
        jobs: number of runs at a time.

    Returns:
        The exit code.
    """
    compile_and_load(scenario, SEED)
    seconds = time_run(scenario, SEED, _TRIAL_DAYS).of(scenario.days) * runs / jobs
    text = (
        f"At most {runs:,} runs of ten years, {jobs} at a time: about {duration(seconds)}, {HOW}. "
        "Identical runs are run once."
    )
    study = head(options) | {"dry_run": True, "runs": runs, "seconds": seconds, "jobs": jobs}
    study["estimate"] = HOW
    return print_result(study, options.as_json, partial(console.line, text))
