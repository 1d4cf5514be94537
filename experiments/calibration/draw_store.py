"""Anchored draws: run in worker processes and stored as JSON lines, so that a run can be resumed.

Each line holds one complete draw. An incomplete last line, left by a killed process, is removed
and its draw is run again.
"""

from __future__ import annotations

import contextlib
import errno
import hashlib
import json
import os
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import asdict, dataclass
from functools import partial
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, ClassVar, Protocol

import numpy as np

from experiments.calibration import priors
from experiments.runs.files import StorageError, write_text
from experiments.sweeps.executors import ExecutorInput, open_backend
from experiments.sweeps.job_queue import Work
from experiments.validation import statistics

if TYPE_CHECKING:
    from abm.scenario import Scenario
    from experiments.runs.case import FirstYear, RunResult

#: Figures that a draw is fitted to, in addition to those that anchor it: rates of the first year,
#: and the share of drugs seized at ports.
STATISTICS = (
    "apprehension_probability_rtm",
    "entries_per_apprehension_fy2015_mix",
    "interdiction_effectiveness",
    "recidivism",
    "turn_backs_per_apprehension",
    "guided_within_30_days",
    "seized_at_ports",
)

_DISK_ERRORS = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG, errno.EIO)


class Keyed(Protocol):
    """A frozen dataclass with a key, as the store holds it."""

    __dataclass_fields__: ClassVar[dict[str, Any]]

    @property
    def key(self) -> str:
        """Key of the row in its file."""
        ...


@dataclass(frozen=True)
class DrawTask:
    """A draw to be run.

    Attributes:
        key: identifies all inputs.
        unit: point in the unit cube, one value per prior.
        scenario: the base scenario as TOML.
        seed: seed of all runs.
        rounds, early: as `experiments.calibration.anchoring.anchor` takes them.
    """

    key: str
    unit: tuple[float, ...]
    scenario: str
    seed: int
    rounds: int
    early: Mapping[str, Any] = MappingProxyType({})


@dataclass(frozen=True)
class Draw:
    """A finished draw.

    Attributes:
        key: identifies all inputs.
        unit: point in the unit cube, one value per prior.
        numbers: uncertain parameters by name.
        settings: all settings that differ from the scenario.
        statistics: figures of :data:`STATISTICS`.
        held: simulated figures of the base year that the constants were solved for.
    """

    key: str
    unit: tuple[float, ...]
    numbers: dict[str, float]
    settings: dict[str, Any]
    statistics: dict[str, float]
    held: dict[str, float]

    def __post_init__(self) -> None:
        """Convert the point to a tuple; JSON has lists only."""
        object.__setattr__(self, "unit", tuple(self.unit))


def draw_tasks(
    scenario: Scenario,
    units: Iterable[Iterable[float]],
    *,
    name: str,
    seed: int,
    rounds: int,
    early: Mapping[str, Any] = MappingProxyType({}),
) -> list[DrawTask]:
    """Return the tasks of points in the unit cube; draw k has seed `seed` + k.

    Args:
        scenario: the base scenario.
        units: points, shape (draws, priors).
        name: first part of the keys.
        seed: seed of the first draw.
        rounds: rounds of anchoring.
        early: dotted settings of the runs of all rounds but the last.

    Returns:
        Tasks whose keys identify all inputs, so a stored draw is never used for other inputs.
    """
    text = scenario.to_toml()
    points = [(tuple(map(float, unit)), seed + k) for k, unit in enumerate(units)]
    return [
        DrawTask(
            f"{name}-{k:05d}-{content_hash(unit, text, own, rounds, dict(early))}",
            unit,
            text,
            own,
            rounds,
            dict(early),
        )
        for k, (unit, own) in enumerate(points)
    ]


def content_hash(*content: Any) -> str:
    """Return eight hexadecimal digits that identify content; it must be JSON-serializable."""
    return hashlib.blake2b(json.dumps(content).encode(), digest_size=4).hexdigest()


def run_draw(task: DrawTask) -> Draw:
    """Anchor a draw and compute its statistics."""
    from abm.scenario import load_scenario
    from experiments.calibration.anchoring import anchor

    numbers = priors.values(np.array(task.unit))
    changes, result = anchor(
        load_scenario(task.scenario),
        priors.settings(numbers),
        seed=task.seed,
        rounds=task.rounds,
        early=task.early,
    )
    return Draw(task.key, task.unit, numbers, changes, _statistics(result), _held(result))


def _year(result: RunResult) -> FirstYear:
    """Return the first year of a run; raise ``ValueError`` for a shorter run."""
    if result.first_year is None:
        raise ValueError(
            "the run is too short for a comparison with a year: expected at least 365 days"
        )
    return result.first_year


def _statistics(result: RunResult) -> dict[str, float]:
    """Return the figures of :data:`STATISTICS`."""
    year = _year(result)
    values = year.rates | statistics.base_year(result)
    return {name: float(values[name]) for name in STATISTICS}


def _held(result: RunResult) -> dict[str, float]:
    """Return the figures of the base year that the constants were solved for."""
    year = _year(result)
    held = {
        f"apprehended_{g}": float(year.events[g]["apprehended_us"])
        for g in ("mexican", "northern_triangle")
    }
    names = (
        "mexico_share",
        "smuggler_use_mexican",
        "smuggler_use_northern_triangle",
        "fee_mexican",
        "fee_northern_triangle",
        "deaths_per_10000_apprehensions",
    )
    return held | {name: float(year.rates[name]) for name in names}


# ---- files ---------------------------------------------------------------------------------------


def read_rows[Row: Keyed](path: Path, kind: type[Row]) -> dict[str, Row]:
    """Read the rows of a file by key; an incomplete last line is ignored.

    Args:
        path: file of JSON lines; it may be missing.
        kind: dataclass of the rows.

    Returns:
        Rows by key in the order of the file.
    """
    if not path.exists():
        return {}
    rows: dict[str, Row] = {}
    for line in path.read_text(encoding="utf-8").splitlines():
        try:
            row = kind(**json.loads(line))
        except (ValueError, TypeError):
            continue
        rows[row.key] = row
    return rows


def run_missing[Row: Keyed, Job: Keyed](
    path: Path,
    wanted: list[Job],
    run_task: Callable[[Job], Row],
    kind: type[Row],
    *,
    executor: ExecutorInput = None,
    jobs: int | None = None,
    on_progress: Callable[[Mapping[str, Row], int], object] | None = None,
) -> dict[str, Row]:
    """Run the tasks that a file does not hold yet, and append each row when it is complete.

    Tasks that raise ``ValueError`` (for example, because values do not converge) are omitted.
    Other errors end the call.

    Args:
        path: file of JSON lines; it is created if missing.
        wanted: all tasks.
        run_task: function that runs a task; workers must be able to import it.
        kind: dataclass of the rows.
        executor, jobs: where the tasks run, as in ``experiments.sweeps.executors.open_backend``.
        on_progress: called after each task with the finished rows and the number of tasks.

    Returns:
        Rows of the wanted tasks by key, in the order of the tasks.

    Raises:
        StorageError: the disk is full; stored rows are not lost.
        ExecutorGone: the workers ended and cannot be replaced; stored rows are not lost.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    done = read_rows(path, kind)
    _repair(path, done)
    keys = [task.key for task in wanted]
    with _storage_errors(path), path.open("a", encoding="utf-8") as file:

        def keep(task: Job, row: Row | None) -> None:
            """Append a row to the file."""
            if row is None:
                return
            file.write(json.dumps(asdict(row)) + "\n")
            file.flush()
            os.fsync(file.fileno())
            done[task.key] = row
            if on_progress:
                on_progress({key: done[key] for key in keys if key in done}, len(wanted))

        with open_backend(executor, jobs) as backend:
            work = Work(partial(_try_task, run_task), keep, _raise)
            backend.run([task for task in wanted if task.key not in done], work)
    return {key: done[key] for key in keys if key in done}


@contextlib.contextmanager
def _storage_errors(path: Path) -> Iterator[None]:
    """Replace the error of a full disk by one that names the folder."""
    try:
        yield
    except OSError as error:
        if error.errno not in _DISK_ERRORS:
            raise
        reason = (error.strerror or "disk error").lower()
        raise StorageError(f"results cannot be stored in {path.parent} ({reason})") from error


def _repair(path: Path, done: Mapping[str, Any]) -> None:
    """Rewrite a file whose last line is incomplete."""
    if path.exists():
        text = path.read_text(encoding="utf-8")
        if text and (not text.endswith("\n") or text.count("\n") != len(done)):
            write_text(path, "".join(json.dumps(asdict(row)) + "\n" for row in done.values()))


def _raise(task: Any, error: BaseException) -> Any:
    """End the call with the error of a task."""
    raise error


def _try_task[Row, Job](run_task: Callable[[Job], Row], task: Job) -> Row | None:
    """Run a task; return None for settings that do not settle."""
    try:
        return run_task(task)
    except ValueError:  # the settings do not settle
        return None
