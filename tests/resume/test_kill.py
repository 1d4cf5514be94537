"""Kill -9 at random moments: what was entered stays, and the end is that of a quiet sweep.

``TWOBORDERS_KILLS`` says at how many moments (default 6): half of them kill a worker, the others
the process that writes.
"""

from __future__ import annotations

import importlib.util
import json
import os
import random
import signal
import sqlite3
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import closing, suppress
from dataclasses import dataclass, field
from pathlib import Path
from types import ModuleType
from typing import Any

import pandas as pd
import pytest

from experiments.store import FILE, SweepResults
from experiments.sweep import Swept, sweep

KILLS = int(os.environ.get("TWOBORDERS_KILLS", "6"))
RUNS_A_KILL = 12  # runs that are entered, more or less, between two of them
SCRIPT = Path(__file__).parent / "sweeper.py"
COSTS = ["cpu_s", "wall_s"]


@dataclass
class Session:
    """One start of the sweep, and what it has told."""

    folder: Path
    reps: int
    executor: str = "processes"
    play: str = "made_up"
    entered: set[str] = field(default_factory=set)
    workers: set[int] = field(default_factory=set)
    failed: int = 0
    over: bool = False

    def __post_init__(self) -> None:
        words = [
            sys.executable,
            str(SCRIPT),
            str(self.folder),
            str(self.reps),
            self.executor,
            self.play,
        ]
        self.process = subprocess.Popen(words, stdout=subprocess.PIPE, text=True)
        self.read("begins")

    def read(self, until: str = "") -> dict[str, Any]:
        """Take one line, or lines until one of a kind; an empty answer is the end."""
        assert self.process.stdout
        for line in self.process.stdout:
            told = json.loads(line)
            self.over |= "ends" in told
            if "key" in told:
                self.entered.add(told["key"])
                self.workers.add(told["worker"])
            self.failed += "failed" in told
            if not until or until in told:
                return told
        return {}

    def wait_for(self, runs: int) -> bool:
        """Wait until so many more runs are entered; say whether the sweep is still going on."""
        return all("key" in self.read() for _ in range(runs))

    def kill(self) -> None:
        """Kill the process that writes, and hear its last words."""
        self.process.kill()
        while self.read():
            pass
        assert self.process.wait() == (0 if self.over else -signal.SIGKILL)

    def kill_worker(self, rng: random.Random) -> None:
        """Kill one of the workers that have played."""
        alive = [pid for pid in self.workers if is_alive(pid)]
        if alive:
            with suppress(ProcessLookupError):
                os.kill(rng.choice(alive), signal.SIGKILL)

    def finish(self) -> int:
        """Let it go on to its end."""
        while self.read():
            pass
        return self.process.wait()


def is_alive(pid: int) -> bool:
    """Whether a process runs; one that is dead and not yet buried does not."""
    try:
        text = Path(f"/proc/{pid}/stat").read_text(encoding="utf-8")
    except OSError:
        return False
    return text.rpartition(")")[2].split()[0] != "Z"


def rows(folder: Path) -> pd.DataFrame:
    """The frame without what the computer took for it."""
    with SweepResults(folder) as store:
        return store.frame().drop(columns=COSTS)


def keys(folder: Path) -> list[str]:
    """Keys of the runs in the file, read without the help of the store."""
    with closing(sqlite3.connect(folder / FILE)) as db:
        try:
            return [key for (key,) in db.execute("select key from runs")]
        except sqlite3.OperationalError:  # killed before the tables were there
            return []


@pytest.fixture(scope="module")
def sweeper() -> ModuleType:
    """The script, to play here what nobody disturbs."""
    spec = importlib.util.spec_from_file_location("sweeper", SCRIPT)
    assert spec and spec.loader
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def reps() -> int:
    """Enough runs for all moments; there are four points."""
    return 3 * KILLS * RUNS_A_KILL // 4


def undisturbed(sweeper: ModuleType, folder: Path) -> Swept:
    """Play what the folder lacks, in this process."""
    return sweep(sweeper.design(reps()), folder, executor="serial", play=sweeper.made_up)


def victims() -> list[tuple[str, str]]:
    """Executor of the session that is killed at each moment, and who in it."""
    turn = [
        ("processes", "worker"),
        ("processes", "worker"),
        ("processes", "parent"),
        ("serial", "parent"),
    ]
    return [turn[kill % len(turn)] for kill in range(KILLS)]


def disturb(folder: Path, rng: random.Random) -> Iterator[Session]:
    """Kill at every moment; give each session when it has been killed, and the last one over."""
    session: Session | None = None
    for executor, victim in victims():
        session = session or Session(folder, reps(), executor)
        if rng.random() < 0.8:  # else: while it plans, or starts its workers
            session.wait_for(rng.randrange(1, RUNS_A_KILL))
        time.sleep(rng.uniform(0.0, 0.03))
        if victim == "worker":
            session.kill_worker(rng)
            continue
        session.kill()
        yield session
        session = None
    session = session or Session(folder, reps())
    assert session.finish() == 0 and session.over
    yield session


def test_a_sweep_killed_at_random_moments_ends_as_a_quiet_one(sweeper: ModuleType, tmp_path: Path):
    entered: set[str] = set()
    workers: set[int] = set()
    for session in disturb(tmp_path, random.Random(KILLS)):
        entered |= session.entered
        workers |= session.workers
        found = keys(tmp_path)
        assert len(found) == len(set(found)) and entered <= set(found)
    last = undisturbed(sweeper, tmp_path)  # a run whose worker was killed twice is tried again
    assert last.failures == () and last.planned == last.found + last.played == 4 * reps()
    undisturbed(sweeper, tmp_path / "quiet")
    pd.testing.assert_frame_equal(rows(tmp_path), rows(tmp_path / "quiet"))
    assert len(keys(tmp_path)) == 4 * reps()
    with SweepResults(tmp_path) as store:
        assert store.failures().empty and store.done == store.planned
    wait_until_gone(workers)


def wait_until_gone(workers: set[int]) -> None:
    """Workers end with the process that started them."""
    for _ in range(600):
        if not any(map(is_alive, workers)):
            return
        time.sleep(0.1)
    raise AssertionError("a worker outlived its parent by a minute")


def test_a_run_that_kills_and_one_that_raises_are_set_aside(sweeper: ModuleType, tmp_path: Path):
    session = Session(tmp_path, 4, play="ill")
    assert session.finish() == 0 and session.failed == 2
    with SweepResults(tmp_path) as store:
        failures = store.failures()
        assert store.done == store.planned - 2 == 14
    told = {(row["policy.fence"], row["seed"]): row for row in failures.to_dict("records")}
    assert told.keys() == {sweeper.DEADLY, sweeper.WRONG}
    assert told[sweeper.DEADLY]["kind"] == "WorkerKilled"
    assert told[sweeper.WRONG]["text"] == "a wheel came off"
    assert "in ill" in told[sweeper.WRONG]["trace"]
