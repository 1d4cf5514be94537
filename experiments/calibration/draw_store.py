"""A bank of anchored draws: played in worker processes, kept line by line, resumed where it ended.

A line of the file is a draw, whole or not at all: a line cut short by a kill is dropped and its
draw is played again.
"""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Callable, Iterable, Mapping
from dataclasses import asdict, dataclass
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar, Protocol

import numpy as np

from experiments import statistics
from experiments.calibration import priors
from experiments.job_queue import Work
from experiments.pool import run_in_pool

if TYPE_CHECKING:
    from abm.scenario import Scenario
    from experiments.run import FirstYear, RunResult

#: What a draw is held against beside the figures that anchor it: rates of the first year, and
#: the criterion of where drugs are seized.
STATISTICS = (
    "apprehension_probability_rtm",
    "entries_per_apprehension_fy2015_mix",
    "interdiction_effectiveness",
    "recidivism",
    "turn_backs_per_apprehension",
    "guided_within_30_days",
    "seized_at_ports",
)


class Keyed(Protocol):
    """What a bank holds: a frozen dataclass with a key."""

    __dataclass_fields__: ClassVar[dict[str, Any]]

    @property
    def key(self) -> str:
        """Names the row in its bank."""
        ...


@dataclass(frozen=True)
class DrawTask:
    """A draw to be played: its key, the point in the unit cube, scenario text, seed, rounds."""

    key: str
    unit: tuple[float, ...]
    scenario: str
    seed: int
    rounds: int


@dataclass(frozen=True)
class Draw:
    """A draw that was played: numbers, all settings that differ from the scenario, what came out.

    `statistics` are those of :data:`STATISTICS`; `held` are the figures of the base year that the
    constants were solved for, as they came out.
    """

    key: str
    unit: tuple[float, ...]
    numbers: dict[str, float]
    settings: dict[str, Any]
    statistics: dict[str, float]
    held: dict[str, float]

    def __post_init__(self) -> None:
        """Make the point a tuple, which a line of the file does not know."""
        object.__setattr__(self, "unit", tuple(self.unit))


def draw_tasks(
    scenario: Scenario, units: Iterable[Iterable[float]], *, name: str, seed: int, rounds: int
) -> list[DrawTask]:
    """Tasks for points of the unit cube; draw k is played with seed `seed` + k.

    The key says all that a draw depends on, so that a bank never gives the answer to another
    question.
    """
    text = scenario.to_toml()
    told = [(tuple(map(float, unit)), seed + k) for k, unit in enumerate(units)]
    return [
        DrawTask(f"{name}-{k:05d}-{content_hash(unit, text, own, rounds)}", unit, text, own, rounds)
        for k, (unit, own) in enumerate(told)
    ]


def content_hash(*content: Any) -> str:
    """Eight hexadecimal digits of whatever can be written as JSON."""
    return hashlib.blake2b(json.dumps(content).encode(), digest_size=4).hexdigest()


def run_draw(task: DrawTask) -> Draw:
    """Anchor a draw and read off what came out."""
    from abm.scenario import load_scenario
    from experiments.calibration.anchoring import anchor

    numbers = priors.values(np.array(task.unit))
    found, result = anchor(
        load_scenario(task.scenario), priors.settings(numbers), seed=task.seed, rounds=task.rounds
    )
    return Draw(task.key, task.unit, numbers, found, _statistics(result), _held(result))


def _year(result: RunResult) -> FirstYear:
    if result.first_year is None:
        raise ValueError("a run of at least 365 days is needed to hold it against a year")
    return result.first_year


def _statistics(result: RunResult) -> dict[str, float]:
    year = _year(result)
    values = year.rates | statistics.base_year(result)
    return {name: float(values[name]) for name in STATISTICS}


def _held(result: RunResult) -> dict[str, float]:
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


# ---- the file -----------------------------------------------------------------------------------


def read_rows[Row: Keyed](path: Path, kind: type[Row]) -> dict[str, Row]:
    """The rows of a bank by key; a last line cut short is left out."""
    if not path.exists():
        return {}
    found: dict[str, Row] = {}
    for line in path.read_text(encoding="utf-8").splitlines():
        try:
            row = kind(**json.loads(line))
        except (ValueError, TypeError):
            continue
        found[row.key] = row
    return found


def run_missing[Row: Keyed, Job: Keyed](
    path: Path,
    wanted: list[Job],
    run_task: Callable[[Job], Row],
    kind: type[Row],
    *,
    jobs: int,
    on_progress: Callable[[Mapping[str, Row], int], object] | None = None,
) -> dict[str, Row]:
    """Play what the bank does not hold yet; `told(rows so far, wanted)` after each.

    What cannot be played (values that do not settle, for example) is left out.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    done = read_rows(path, kind)
    _repair(path, done)
    keys = [task.key for task in wanted]
    with path.open("a", encoding="utf-8") as file:

        def keep(task: Job, row: Row | None) -> None:
            if row is None:
                return
            file.write(json.dumps(asdict(row)) + "\n")
            file.flush()
            os.fsync(file.fileno())
            done[task.key] = row
            if on_progress:
                on_progress({key: done[key] for key in keys if key in done}, len(wanted))

        _run_all([task for task in wanted if task.key not in done], run_task, keep, jobs)
    return {key: done[key] for key in keys if key in done}


def _repair(path: Path, done: Mapping[str, Any]) -> None:
    """Write a file whose last line was cut short afresh, so that nothing is appended to it."""
    if path.exists():
        text = path.read_text(encoding="utf-8")
        if text and (not text.endswith("\n") or text.count("\n") != len(done)):
            fresh = path.with_suffix(".mending")
            fresh.write_text(
                "".join(json.dumps(asdict(d)) + "\n" for d in done.values()), encoding="utf-8"
            )
            fresh.replace(path)


def _run_all[Row, Job](
    todo: list[Job],
    play_one: Callable[[Job], Row],
    keep: Callable[[Job, Row | None], object],
    jobs: int,
) -> None:
    """Play in worker processes, or with one job in this one; what is raised ends it."""

    def fail(task: Job, error: BaseException) -> Row | None:
        raise error

    work = Work(partial(_try_task, play_one), keep, fail)
    if jobs > 1:
        run_in_pool(todo, work, jobs)
        return
    for task in todo:
        keep(task, work.run(task))


def _try_task[Row, Job](play_one: Callable[[Job], Row], task: Job) -> Row | None:
    try:
        return play_one(task)
    except ValueError:  # settings that cannot be played: outside what settles
        return None
