"""Steps that ``twoborders optimise`` and ``twoborders ask`` share: ten-year runs in stages."""

from __future__ import annotations

import dataclasses
import shlex
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from abm.scenario import Scenario
from experiments.calibration.members import draw_members
from experiments.runs.files import claim_folder
from experiments.studies.ask.sizes import AnswerSize
from experiments.studies.optimise.horizons import check_packages, long_scenario
from experiments.studies.optimise.study import OptimisationPlan, split_members
from experiments.studies.optimise.trials import Evaluator
from experiments.sweeps.backend import Backend
from viz.cli.folders import resumable_study
from viz.cli.inputs import read_scenario
from viz.cli.options import LongStudyOptions
from viz.cli.shell import json_head

__all__ = ["check_packages", "evaluator_of", "head", "read_long_scenario"]


def read_long_scenario(options: LongStudyOptions, scale: int) -> Scenario:
    """Read the baseline and extend it to the longest horizon.

    Args:
        options: command options.
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
    plan: OptimisationPlan | AnswerSize,
    backend: Backend,
) -> Iterator[Evaluator]:
    """Open the evaluator of the portfolios, with progress and a hint how to resume.

    Args:
        options: command options.
        scenario: scenario of all runs.
        runs: how many runs there are at most.
        key, plan: the study plan, and its key in the file that claims the folder.
        backend: runs the portfolios.

    Yields:
        The evaluator, which stores every run in the command's folder.

    Raises:
        SettingError: the folder holds another question, or this one without --resume, or another
            command runs in it.
    """
    folder, name = options.folder, f"{options.name}.json"
    judging, _ = split_members(plan.members, plan.search_members)
    question = {key: dataclasses.asdict(plan), "scenario": scenario.digest}
    with resumable_study(options, folder, runs) as progress:
        claim_folder(folder, name, question, resume=options.resume, where="--out")
        yield Evaluator(
            scenario,
            draw_members(judging, scenario),
            folder / "runs",
            executor=backend,
            on_start=lambda name, *runs: progress.start(*runs, name=name),
            on_result=progress.step,
            command=options.command_words(),
        )


def head(options: LongStudyOptions) -> dict[str, Any]:
    """Return the first keys in a command's JSON."""
    return json_head(options.name) | {"again": shlex.join(options.command_words())}
