"""Prepare a study of ten-year runs: packages, scenario, and the folder that holds its question."""

from __future__ import annotations

import dataclasses
from pathlib import Path
from typing import Any

from abm.scenario import Scenario, SettingError
from experiments.rows.records import json_text
from experiments.runs.files import write_text
from experiments.studies.optimise.horizons import HORIZONS, days_in_years
from experiments.studies.optimise.surrogate import missing_packages_hint


def check_packages(command: str) -> None:
    """Raise ``SettingError`` if the packages of a command are not installed."""
    hint = missing_packages_hint()
    if hint:
        raise SettingError(command, "it needs the packages scikit-learn and pymoo", hint)


def long_scenario(scenario: Scenario) -> Scenario:
    """Extend a scenario to the longest horizon.

    Raises:
        SettingError: the start is not the first day of a month.
    """
    if scenario.start.day != 1:
        hint = "Give a start on the first of a month: horizons are whole months."
        raise SettingError("start", f"{scenario.start} is in the middle of a month", hint)
    return scenario.with_settings({"days": days_in_years(scenario.start, max(HORIZONS))})


def claim_folder(
    folder: Path, name: str, plan: dict[str, Any], scenario: Scenario, *, resume: bool, where: str
) -> None:
    """Store in a folder which question its runs belong to; reject a folder with another one.

    Args:
        folder: folder of the study.
        name: name of the study and of the file.
        plan: the plan of the study, a dataclass, by its key in the file.
        scenario: scenario of all runs.
        resume: whether the folder may hold this question already.
        where: name of the folder's argument in error messages.

    Raises:
        SettingError: the folder cannot be created, holds another question, or holds this one
            without `resume`.
    """
    content = {key: dataclasses.asdict(value) for key, value in plan.items()}
    question = json_text(content | {"scenario": scenario.digest}) + "\n"
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        reason = f"{folder} cannot be created ({(error.strerror or '').lower()})"
        raise SettingError(where, reason, "Give a folder that can be written.") from None
    path = folder / f"{name}.json"
    if path.exists():
        if path.read_bytes() != question.encode():
            hint = f"Give another {where}, or the options that the folder was started with."
            raise SettingError(where, f"{folder} holds another question", hint)
        if not resume:
            hint = f"Continue with --resume, or give another {where}."
            raise SettingError(where, f"{folder} already holds this question", hint)
    write_text(path, question)
