"""A bank of anchored draws: played in worker processes, kept line by line, resumed where it ended.

A line of the file is a draw, whole or not at all: a line cut short by a kill is dropped and its
draw is played again.
"""

from __future__ import annotations

import hashlib
import itertools
import json
import os
from collections.abc import Callable, Iterable, Mapping
from concurrent.futures import FIRST_COMPLETED, Future, ProcessPoolExecutor, wait
from concurrent.futures.process import BrokenProcessPool
from dataclasses import asdict, dataclass
from multiprocessing import get_context
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar, Protocol

import numpy as np

from experiments import statistics
from experiments.calibration import priors
from experiments.pool import WorkerKilled, kill, start_worker

if TYPE_CHECKING:
    from abm.scenario import Scenario
    from experiments.run import FirstYear, RunResult

LOST = 2  # times that workers may die in a row before it is given up
#: What a draw is held against beside the figures that anchor it: rates of the first year, and
#: the criterion of where drugs are seized.
STATISTICS = (
    "apprehension_probability_rtm", "entries_per_apprehension_fy2015_mix",
    "interdiction_effectiveness", "recidivism", "turn_backs_per_apprehension",
    "guided_within_30_days", "seized_at_ports",
)  # fmt: skip


class Keyed(Protocol):
    """What a bank holds: a frozen dataclass with a key."""

    __dataclass_fields__: ClassVar[dict[str, Any]]

    @property
    def key(self) -> str:
        """Names the row in its bank."""
        ...


@dataclass(frozen=True)
class Task:
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


def tasks(scenario: Scenario, units: Iterable[Iterable[float]], *, name: str, seed: int,
          rounds: int) -> list[Task]:
    """Tasks for points of the unit cube; draw k is played with seed `seed` + k.

    The key says all that a draw depends on, so that a bank never gives the answer to another
    question.
    """
    text = scenario.to_toml()
    told = [(tuple(map(float, unit)), seed + k) for k, unit in enumerate(units)]
    return [Task(f"{name}-{k:05d}-{mark(unit, text, own, rounds)}", unit, text, own, rounds)
            for k, (unit, own) in enumerate(told)]  # fmt: skip


def mark(*content: Any) -> str:
    """Eight hexadecimal digits of whatever can be written as JSON."""
    return hashlib.blake2b(json.dumps(content).encode(), digest_size=4).hexdigest()


def play(task: Task) -> Draw:
    """Anchor a draw and read off what came out."""
    from abm.scenario import load_scenario
    from experiments.calibration.anchor import anchor

    numbers = priors.values(np.array(task.unit))
    found, result = anchor(load_scenario(task.scenario), priors.settings(numbers),
                           seed=task.seed, rounds=task.rounds)  # fmt: skip
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
    held = {f"apprehended_{g}": float(year.events[g]["apprehended_us"])
            for g in ("mexican", "northern_triangle")}  # fmt: skip
    names = ("mexico_share", "smuggler_use_mexican", "smuggler_use_northern_triangle",
             "fee_mexican", "fee_northern_triangle", "deaths_per_10000_apprehensions")  # fmt: skip
    return held | {name: float(year.rates[name]) for name in names}


# ---- the file -----------------------------------------------------------------------------------


def read[Row: Keyed](path: Path, kind: type[Row]) -> dict[str, Row]:
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


def fill[Row: Keyed, Job: Keyed](
    path: Path, wanted: list[Job], play_one: Callable[[Job], Row], kind: type[Row], *, jobs: int,
    told: Callable[[Mapping[str, Row], int], object] | None = None,
) -> dict[str, Row]:  # fmt: skip
    """Play what the bank does not hold yet; `told(rows so far, wanted)` after each.

    What cannot be played (values that do not settle, for example) is left out.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    done = read(path, kind)
    _mend(path, done)
    keys = [task.key for task in wanted]
    todo = [task for task in wanted if task.key not in done]
    with path.open("a", encoding="utf-8") as file:
        for draw in _played(todo, jobs, play_one):
            file.write(json.dumps(asdict(draw)) + "\n")
            file.flush()
            os.fsync(file.fileno())
            done[draw.key] = draw
            if told:
                told({key: done[key] for key in keys if key in done}, len(wanted))
    return {key: done[key] for key in keys if key in done}


def _mend(path: Path, done: Mapping[str, Any]) -> None:
    """Write a file whose last line was cut short afresh, so that nothing is appended to it."""
    if path.exists():
        text = path.read_text(encoding="utf-8")
        if text and (not text.endswith("\n") or text.count("\n") != len(done)):
            fresh = path.with_suffix(".mending")
            fresh.write_text("".join(json.dumps(asdict(d)) + "\n" for d in done.values()),
                             encoding="utf-8")  # fmt: skip
            fresh.replace(path)


def _played[Row, Job: Keyed](todo: list[Job], jobs: int, play_one: Callable[[Job], Row]
                             ) -> Iterable[Row]:
    """Rows as they come; a pool whose worker dies is built anew, twice without any row between."""
    if jobs <= 1:
        yield from (row for row in (_tried(play_one, t) for t in todo) if row is not None)
        return
    waiting = {task.key: task for task in todo}
    lost = 0
    while waiting and lost <= LOST:
        try:
            for task, row in _pooled(list(waiting.values()), jobs, play_one):
                del waiting[task.key]
                lost = 0
                if row is not None:
                    yield row
        except BrokenProcessPool:
            lost += 1
    if waiting:
        raise WorkerKilled(
            f"workers died {LOST + 1} times in a row, for want of memory perhaps; {len(waiting)} "
            "are left to play. The same command goes on where it ended; try fewer --jobs.")


def _pooled[Row, Job](todo: list[Job], jobs: int, play_one: Callable[[Job], Row]
                      ) -> Iterable[tuple[Job, Row | None]]:
    pool = ProcessPoolExecutor(jobs, mp_context=get_context("spawn"), initializer=start_worker)
    queue, running = iter(todo), dict[Future[Row | None], Job]()
    try:
        while True:
            for task in itertools.islice(queue, 2 * jobs - len(running)):
                running[pool.submit(_tried, play_one, task)] = task
            if not running:
                return
            for future in wait(running, return_when=FIRST_COMPLETED).done:
                yield running.pop(future), future.result()
    finally:
        kill(pool)  # a draw takes minutes: nobody who interrupts waits for it


def _tried[Row, Job](play_one: Callable[[Job], Row], task: Job) -> Row | None:
    try:
        return play_one(task)
    except ValueError:  # settings that cannot be played: outside what settles
        return None
