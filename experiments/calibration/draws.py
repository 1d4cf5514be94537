"""Anchored draws: tasks for worker processes, with stored rows that allow resuming.

Each calibration stage has a folder with an ``experiments.sweeps`` store, whose runs are draws or
doses.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from types import MappingProxyType
from typing import Any, ClassVar

from abm.scenario import Scenario, SettingError
from experiments.runs.case import Case, Failure
from experiments.runs.many_runs import run_stored
from experiments.sweeps.backend import WorkerKilled
from experiments.sweeps.executors import ExecutorInput
from experiments.sweeps.store import FILE, SweepResults
from experiments.sweeps.sweep import Storable

#: Targets to which draws are fitted, by statistic. Statistics that anchor a draw are excluded.
#: Recidivism has two targets, which are averaged. Turn-backs have no target.
TARGETS: dict[str, tuple[str, ...]] = {
    "apprehension_probability_rtm": ("P3.evaders",),
    "entries_per_apprehension_fy2015_mix": ("P4.entries",),
    "interdiction_effectiveness": ("P5.known",),
    "recidivism": ("P6.fy2011", "P6.fy2015"),
    "turn_backs_per_apprehension": (),
    "guided_within_30_days": ("P11.guided",),
    "seized_at_ports": ("P12.ports",),
    "fee_elasticity_mexican_x3": ("E1.mexican_x3",),
    "fee_elasticity_mexican_x1.5": ("E1.mexican_x1.5",),
    "flow_elasticity_mexican_x3": ("E2.mexican_x3",),
    "flow_elasticity_mexican_x1.5": ("E2.mexican_x1.5",),
    "release_response_apprehended_us_hn": ("E4.honduras",),
    "release_response_apprehended_us_sv": ("E4.el_salvador",),
    "release_response_base_year": ("E4.base_year",),
    "release_fall_hn": ("E5.honduras",),
    "release_fall_sv": ("E5.el_salvador",),
    "dip_mexican": ("E6.dip_mexican",),
    "dip_northern_triangle": ("E6.dip",),
}
STATISTICS = tuple(TARGETS)
#: Base-year statistics that the anchored constants reproduce.
ANCHORED = (
    *("apprehended_mexican", "apprehended_northern_triangle", "mexico_share"),
    *("smuggler_use_mexican", "smuggler_use_northern_triangle"),
    *("fee_mexican", "fee_northern_triangle", "deaths_per_10000_apprehensions"),
)


@dataclass(frozen=True)
class Task(Case):
    """Base class: a case that represents several runs. ``key`` identifies all inputs."""

    key: str = ""

    @property
    def digest(self) -> str:
        """Hash of the key, 40 hexadecimal digits."""
        return hashlib.blake2b(self.key.encode(), digest_size=20).hexdigest()


@dataclass(frozen=True)
class DrawTask(Task):
    """A draw to run from a base scenario, with the same seed for all its runs.

    Attributes:
        unit: point in the unit cube, one value per prior.
        rounds, early: as in `experiments.calibration.anchoring.anchor`.
        response_scale: persons per simulated migrant in the runs for responses.
    """

    unit: tuple[float, ...] = ()
    rounds: int = 0
    early: Mapping[str, Any] = MappingProxyType({})
    response_scale: int = 200


@dataclass(frozen=True)
class Draw:
    """An anchored draw and its statistics.

    Attributes:
        key: identifies all inputs.
        unit: point in the unit cube, one value per prior.
        numbers: values of the uncertain parameters by name.
        settings: all settings that differ from the base scenario, by dotted path.
        statistics: values by name in :data:`STATISTICS`.
        anchored: values by name in :data:`ANCHORED`.
    """

    digest: ClassVar[str] = ""
    cost: ClassVar[dict[str, float]] = {}

    key: str
    unit: tuple[float, ...]
    numbers: dict[str, float]
    settings: dict[str, Any]
    statistics: dict[str, float]
    anchored: dict[str, float]

    def __post_init__(self) -> None:
        """Convert the point to a tuple, because a store returns a list."""
        object.__setattr__(self, "unit", tuple(self.unit))

    @property
    def frame_values(self) -> dict[str, float]:
        """Parameters and statistics, for a row of the results frame."""
        return self.numbers | self.statistics | self.anchored


def draw_tasks(
    scenario: Scenario,
    units: Iterable[Iterable[float]],
    *,
    name: str,
    seed: int,
    rounds: int,
    early: Mapping[str, Any] = MappingProxyType({}),
) -> list[DrawTask]:
    """Create one task per point of the unit cube. Draw k uses the seed `seed` + k.

    Args:
        scenario: the base scenario.
        units: points, shape (draws, priors).
        name: first part of the keys.
        seed: seed for the first draw.
        rounds: number of adjustment steps in the anchoring.
        early: settings by dotted path for the runs of all steps except the last.

    Returns:
        The tasks. Keys identify all inputs, so a stored draw is never used for other inputs.
    """
    text = scenario.to_toml()
    tasks = []
    for k, unit in enumerate(units):
        point = tuple(map(float, unit))
        content = content_hash(point, text, seed + k, rounds, dict(early))
        key = f"{name}-{k:05d}-{content}"
        tasks.append(DrawTask(scenario, seed + k, key, point, rounds, dict(early)))
    return tasks


def content_hash(*content: Any) -> str:
    """Return eight hexadecimal digits that identify JSON-serializable content."""
    return hashlib.blake2b(json.dumps(content).encode(), digest_size=4).hexdigest()


# ---- stored rows ---------------------------------------------------------------------------------


class NotSettled(ValueError):
    """A task's settings do not converge."""


def read_rows[Row: Any](folder: Path, kind: type[Row]) -> dict[str, Row]:
    """Read a folder's rows by key. The mapping is empty if no readable store exists.

    Args:
        folder: folder of a calibration stage. It may be missing.
        kind: dataclass of the rows.

    Returns:
        Rows by key in the order of the tasks.
    """
    rows: list[Row] = []
    if (folder / FILE).exists():
        with contextlib.suppress(SettingError), SweepResults(folder) as store:
            rows = [store.row(key, kind) for key in store.keys]
    return {row.key: row for row in rows}


def run_missing[Row: Any](
    folder: Path,
    tasks: Sequence[Task],
    run_task: Callable[[Any], Storable],
    kind: type[Row],
    *,
    executor: ExecutorInput,
    on_progress: Callable[[int, int], object] = lambda *_: None,
) -> dict[str, Row]:
    """Run the tasks that a folder does not hold yet, and store each row when its task ends.

    Tasks that raise ``ValueError`` (for example, because values do not converge) are omitted.

    Args:
        folder: store folder. It is created if missing.
        tasks: all tasks.
        run_task: function that runs a task. Workers must be able to import it.
        kind: dataclass of the rows.
        executor: where the tasks run, as in ``experiments.sweeps.executors.open_backend``.
        on_progress: called after each new row with the numbers of rows and tasks.

    Returns:
        Rows of the tasks by key, ordered like the tasks.

    Raises:
        SettingError: the folder holds rows of another version of the model.
        StorageError: the disk is full. Stored rows are not lost.
        ExecutorGone: the workers ended and cannot be replaced. Stored rows are not lost.
        WorkerKilled: a task's worker was killed twice.
        RuntimeError: a task raised another error.
    """
    n_rows = 0

    def count(result: Any) -> None:
        """Count a row. None represents a row that is already stored."""
        nonlocal n_rows
        n_rows += not isinstance(result, Failure)
        if result is not None and not isinstance(result, Failure):
            on_progress(n_rows, len(tasks))

    run = partial(_run_settled, run_task)
    results = run_stored(tasks, folder, run, kind, executor=executor, on_result=count)
    rows: dict[str, Row] = {}
    for task, result in zip(tasks, results, strict=True):
        if not isinstance(result, Failure):
            rows[task.key] = result
        elif result.kind == WorkerKilled.__name__:
            raise WorkerKilled(result.text)
        elif result.kind != NotSettled.__name__:
            raise RuntimeError(f"{result.kind}: {result.text}")
    return rows


def _run_settled(run_task: Callable[[Any], Storable], task: Task) -> Storable:
    """Run a task. Raise ``NotSettled`` if its settings do not converge."""
    try:
        return run_task(task)
    except ValueError as error:
        raise NotSettled(str(error)) from error
