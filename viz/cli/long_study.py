"""Steps that ``twoborders optimise`` and ``twoborders ask`` share: ten-year runs in stages."""

from __future__ import annotations

import dataclasses
import shlex
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from abm.scenario import Scenario
from experiments.runs.files import require_packages
from experiments.runs.study_inputs import read_budgets, read_names
from experiments.studies.optimise.study import PortfolioPlan
from experiments.studies.optimise.trials import Evaluator
from experiments.sweeps.backend import Backend
from viz.cli.folders import resumable_study
from viz.cli.inputs import read_scenario
from viz.cli.options import LongStudyOptions
from viz.cli.progress import RunProgress
from viz.cli.shell import json_head


def sizes(options: LongStudyOptions, *names: str) -> dict[str, Any]:
    """Return the fields of a study plan that the options set.

    Args:
        options: command options.
        names: names of the command's own options that set a size.

    Raises:
        SettingError: a value is invalid, or a package of the command is not installed.
    """
    require_packages(options.name, ("sklearn", "pymoo"), "analysis")
    fields = options.selected("members", "search_members", *names)
    if budgets := read_budgets(options.budgets, "--budget"):
        fields["budgets"] = budgets
    return fields | {"policies": read_names(options.policies, "--policy"), "seed": options.seed}


def read_long_scenario(options: LongStudyOptions, plan: PortfolioPlan, scale: int) -> Scenario:
    """Read the baseline, extend it to the longest horizon, and check that the plan fits it.

    Args:
        options: command options.
        plan: the study plan.
        scale: persons per simulated migrant.

    Returns:
        The scenario.

    Raises:
        SettingError: a value is invalid, or the start is not the first day of a month.
    """
    return plan.extend(read_scenario(dataclasses.replace(options, scale=scale)))


@contextmanager
def evaluator_of(
    options: LongStudyOptions, plan: PortfolioPlan, scenario: Scenario, runs: int, backend: Backend
) -> Iterator[tuple[Evaluator, RunProgress]]:
    """Open the evaluator of portfolios, show the progress, and report how to resume the command.

    Args:
        options: command options.
        plan: the study plan.
        scenario: scenario of all runs.
        runs: maximum number of runs.
        backend: executes the runs.

    Yields:
        The evaluator, which stores every run in the command's folder, and the progress.

    Raises:
        SettingError: the folder holds the runs of another plan, or of this plan without --resume,
            or another command runs in it.
    """
    with resumable_study(options, options.folder, runs) as progress:
        evaluator = plan.evaluator(
            scenario,
            options.folder,
            resume=options.resume,
            where="--out",
            executor=backend,
            on_start=progress.start,
            on_result=progress.step,
            command=options.command_words(),
        )
        yield evaluator, progress


def head(options: LongStudyOptions) -> dict[str, Any]:
    """Return the keys with which the JSON starts, and the command that repeats the study."""
    return json_head(options.name) | {"again": shlex.join(options.command_words())}
