"""The file ``plan.json`` of a calibration folder: the settings that its results depend on."""

from __future__ import annotations

import dataclasses
import hashlib
import json
from collections.abc import Mapping
from importlib.metadata import version
from pathlib import Path
from typing import Any

from abm.scenario import Scenario, SettingError
from experiments.calibration import draws, priors
from experiments.calibration.calibrate import CalibrationPlan
from experiments.calibration.draws import STATISTICS, Draw
from experiments.runs.files import write_text
from experiments.sweeps.store_file import FILE

_NAME = "plan.json"
#: Sizes that may change when a calibration is resumed.
_SIZES = ("draws", "members", "dose_members")
_CONFLICTS = {
    "scenario": "of another scenario",
    "priors": "with other priors or figures",
    "version": "of another version of this program",
}


def stored_draws(folder: Path, plan: CalibrationPlan) -> list[Draw]:
    """Read the draws of a plan that a folder holds.

    Args:
        folder: folder of the calibration.
        plan: its sizes. The seed and the number of draws determine the sample.

    Returns:
        The draws.
    """
    sample = {tuple(map(float, unit)) for unit in priors.sample(plan.draws, plan.seed)}
    rows = draws.read_rows(folder / "first", Draw).values()
    return [row for row in rows if row.unit in sample]


def plan_row(plan: CalibrationPlan, scenario: Scenario) -> dict[str, Any]:
    """Return everything that the results of a calibration depend on.

    Args:
        plan: sizes of the calibration.
        scenario: base scenario.

    Returns:
        Plain data. The stores have the fingerprint of the model.
    """
    sizes = {name: v for name, v in dataclasses.asdict(plan).items() if name != "jobs"}
    uncertain = repr((list(priors.PRIORS.items()), STATISTICS)).encode()
    return sizes | {
        "scale": scenario.scale,
        "version": version("twoborders"),
        "priors": hashlib.blake2b(uncertain, digest_size=8).hexdigest(),
        "scenario": scenario.digest,  # contains the middle of the priors
    }


def open_folder(folder: Path, plan: CalibrationPlan, scenario: Scenario) -> str:
    """Check that a folder holds this calibration or none, and store the plan.

    The sample of draws is a sequence, so more draws are appended. Members are drawn from the fit:
    other numbers of draws or members give other members, and earlier ones stay in the store.

    Args:
        folder: folder of the calibration.
        plan, scenario: as in ``plan_row``.

    Returns:
        A line about the stored results, for the user.

    Raises:
        SettingError: the folder holds another calibration.
    """
    row, before = plan_row(plan, scenario), _read(folder)
    if before is not None:
        _check_same(folder, before, row)
    elif stores := sorted(folder.glob(f"*/{FILE}")):
        reason = f"{folder} holds {stores[0].parent.name} but no {_NAME}, which has its settings"
        raise SettingError("--out", reason, "Give another folder.")
    write_text(folder / _NAME, json.dumps(row, indent=2) + "\n")
    stored = len(stored_draws(folder, plan))
    return (
        f"{folder}: {stored} of {plan.draws} draws are stored, {plan.draws - stored} are missing; "
        f"then {_members_text(folder, plan, before or row)}; {plan.jobs} at a time, each "
        f"{plan.rounds + 1} runs of a year"
    )


def _members_text(folder: Path, plan: CalibrationPlan, before: Mapping[str, Any]) -> str:
    """Return the number of members, and how many are stored."""
    stored = min(plan.members, len(draws.read_rows(folder / "second", Draw)))
    if (before["draws"], before["members"]) != (plan.draws, plan.members):
        return f"{plan.members} members" + (", drawn again" if stored else "")
    return f"{plan.members} members" + (f", of which {stored} are stored" if stored else "")


def _read(folder: Path) -> dict[str, Any] | None:
    """Return the stored plan. None if there is none."""
    path = folder / _NAME
    if not path.exists():
        return None
    try:
        row = json.loads(path.read_text(encoding="utf-8"))
        return row | {n: int(row[n]) for n in _SIZES}
    except (OSError, ValueError, KeyError, TypeError):
        hint = "Give another folder."
        raise SettingError("--out", f"{path} is not a plan of a calibration", hint) from None


def _check_same(folder: Path, before: Mapping[str, Any], row: Mapping[str, Any]) -> None:
    """Reject a folder of another calibration. A difference that has an option is named first."""
    for name in [name for name in row if name not in _SIZES]:
        if before.get(name) != row[name]:
            other = f"with {name} {before.get(name, 'not stored')}, not {row[name]}"
            hint = "Give another folder, or the options that it was started with."
            what = _CONFLICTS.get(name, other)
            raise SettingError("--out", f"{folder} holds a calibration {what}", hint)
