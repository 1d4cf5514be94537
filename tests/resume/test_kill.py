"""After kill -9 at random times, stored runs remain, and the result equals an undisturbed sweep.

``TWOBORDERS_KILLS`` is the number of kills (default 6): half of them kill a worker, the others the
process that writes. Shards are killed while they write, and merges before every call that can
write.
"""

from __future__ import annotations

import importlib.util
import itertools
import json
import multiprocessing
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
from types import FrameType, ModuleType
from typing import Any

import pandas as pd
import pytest

from experiments.sweeps.merge import merge
from experiments.sweeps.store import FILE, SweepResults
from experiments.sweeps.sweep import SweepSummary, sweep

KILLS = int(os.environ.get("TWOBORDERS_KILLS", "6"))
RUNS_PER_KILL = 12  # approximate number of stored runs between two kills
SCRIPT = Path(__file__).parent / "sweeper.py"
COSTS = ["cpu_s", "wall_s"]


@dataclass
class Session:
    """One start of the sweep, with the messages that it printed."""

    folder: Path
    reps: int
    executor: str = "processes"
    function: str = "artificial"
    shard: str = ""
    stored: set[str] = field(default_factory=set)
    workers: set[int] = field(default_factory=set)
    failed: int = 0
    over: bool = False

    def __post_init__(self) -> None:
        given = str(self.folder), str(self.reps), self.executor, self.function, self.shard
        words = [sys.executable, str(SCRIPT), *given]
        self.process = subprocess.Popen(words, stdout=subprocess.PIPE, text=True)
        self.read("begins")

    def read(self, until: str = "") -> dict[str, Any]:
        """Read one message, or messages until one has the key `until`; return {} at the end."""
        assert self.process.stdout
        for line in self.process.stdout:
            message = json.loads(line)
            self.over |= "ends" in message
            if "key" in message:
                self.stored.add(message["key"])
                self.workers.add(message["worker"])
            self.failed += "failed" in message
            if not until or until in message:
                return message
        return {}

    def wait_for(self, runs: int) -> bool:
        """Wait for a number of stored runs; return whether the sweep still runs."""
        return all("key" in self.read() for _ in range(runs))

    def kill(self) -> None:
        """Kill the writing process, and read its last messages."""
        self.process.kill()
        while self.read():
            pass
        assert self.process.wait() == (0 if self.over else -signal.SIGKILL)

    def kill_worker(self, rng: random.Random) -> None:
        """Kill one of the workers that have stored a run."""
        alive = [pid for pid in self.workers if is_alive(pid)]
        if alive:
            with suppress(ProcessLookupError):
                os.kill(rng.choice(alive), signal.SIGKILL)

    def finish(self) -> int:
        """Wait for the end of the sweep; return its exit code."""
        while self.read():
            pass
        return self.process.wait()


def is_alive(pid: int) -> bool:
    """Return whether a process runs; a zombie does not."""
    try:
        text = Path(f"/proc/{pid}/stat").read_text(encoding="utf-8")
    except OSError:
        return False
    return text.rpartition(")")[2].split()[0] != "Z"


def rows(folder: Path) -> pd.DataFrame:
    """Return the frame without the cost columns."""
    with SweepResults(folder) as store:
        return store.frame().drop(columns=COSTS)


def keys(folder: Path) -> list[str]:
    """Return the keys of the stored runs, read directly from the file."""
    with closing(sqlite3.connect(folder / FILE)) as db:
        try:
            return [key for (key,) in db.execute("select key from runs")]
        except sqlite3.OperationalError:  # killed before the tables were created
            return []


@pytest.fixture(scope="module")
def sweeper() -> ModuleType:
    """Return the script as a module, for sweeps that are not killed."""
    spec = importlib.util.spec_from_file_location("sweeper", SCRIPT)
    assert spec and spec.loader
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def reps() -> int:
    """Return enough repetitions for all kills; the design has four points."""
    return 3 * KILLS * RUNS_PER_KILL // 4


def undisturbed(sweeper: ModuleType, folder: Path) -> SweepSummary:
    """Run the missing runs in this process."""
    return sweep(sweeper.design(reps()), folder, executor="serial", run=sweeper.artificial)


def victims() -> list[tuple[str, str]]:
    """Return each session's executor, and whether a worker or the parent is killed."""
    turn = [*[("processes", "worker")] * 2, ("processes", "parent"), ("serial", "parent")]
    return [turn[kill % len(turn)] for kill in range(KILLS)]


def disturb(folder: Path, rng: random.Random) -> Iterator[Session]:
    """Kill at random times; yield each session after its kill, the last after its end."""
    session: Session | None = None
    for executor, victim in victims():
        session = session or Session(folder, reps(), executor)
        if rng.random() < 0.8:  # Otherwise, it is killed while it plans or starts its workers.
            session.wait_for(rng.randrange(1, RUNS_PER_KILL))
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


def test_sweep_killed_at_random_times_equals_a_quiet_sweep(sweeper: ModuleType, tmp_path: Path):
    stored: set[str] = set()
    workers: set[int] = set()
    for session in disturb(tmp_path, random.Random(KILLS)):
        stored |= session.stored
        workers |= session.workers
        found = keys(tmp_path)
        assert len(found) == len(set(found)) and stored <= set(found)
    last = undisturbed(sweeper, tmp_path)  # Runs whose worker was killed twice are tried again.
    assert last.failures == () and last.planned == last.stored + last.completed == 4 * reps()
    undisturbed(sweeper, tmp_path / "quiet")
    pd.testing.assert_frame_equal(rows(tmp_path), rows(tmp_path / "quiet"))
    assert len(keys(tmp_path)) == 4 * reps()
    with SweepResults(tmp_path) as store:
        assert store.failures().empty and store.done == store.planned
    wait_until_gone(workers)


def wait_until_gone(workers: set[int]) -> None:
    """Wait until all workers have ended after the process that started them."""
    for _ in range(1800):
        if not any(map(is_alive, workers)):
            return
        time.sleep(0.1)
    raise AssertionError("a worker ran for three minutes after its parent ended")


CALLS = {"execute", "executemany", "open", "unlink", "replace"}  # functions in C that touch files


def merge_until_killed(parts: list[Path], out: Path, call: int) -> None:
    """Merge shards, and kill this process before the given call."""
    count = itertools.count()

    def kill(_: FrameType, event: str, function: object) -> None:
        if event == "c_call" and getattr(function, "__name__", "") in CALLS and next(count) == call:
            os.kill(os.getpid(), signal.SIGKILL)

    sys.setprofile(kill)
    merge(parts, out)


def test_a_killed_shard_and_killed_merges_lose_nothing(sweeper: ModuleType, tmp_path: Path):
    parts, out, planned = [tmp_path / "1", tmp_path / "2"], tmp_path / "out", 4 * reps()
    assert Session(parts[1], reps(), shard="2/2").finish() == 0
    session = Session(parts[0], reps(), shard="1/2")
    assert session.wait_for(RUNS_PER_KILL)
    session.kill()
    partly = merge(parts, out)
    before = keys(out)
    assert partly.shards == ("1/2",) and partly.stored == len(before) < partly.planned == planned
    assert session.stored <= set(before)
    assert Session(parts[0], reps(), shard="1/2").finish() == 0
    undisturbed(sweeper, tmp_path / "quiet")
    whole = keys(tmp_path / "quiet")
    context, code, call = multiprocessing.get_context("forkserver"), -signal.SIGKILL, 0
    context.set_forkserver_preload([__name__])  # Otherwise, each process imports pandas.
    while code == -signal.SIGKILL:
        merging = context.Process(target=merge_until_killed, args=(parts, out, call))
        merging.start()
        merging.join()
        assert keys(out) in (before, whole)
        code, call = merging.exitcode, call + 1
    assert code == 0 and call > 40 and keys(out) == whole
    pd.testing.assert_frame_equal(rows(out), rows(tmp_path / "quiet"))


def test_runs_that_kill_or_raise_are_set_aside(sweeper: ModuleType, tmp_path: Path):
    session = Session(tmp_path, 4, function="failing")
    assert session.finish() == 0 and session.failed == 2
    with SweepResults(tmp_path) as store:
        failures = store.failures()
        assert store.done == store.planned - 2 == 14
    message = {(row["policy.fence"], row["seed"]): row for row in failures.to_dict("records")}
    assert message.keys() == {sweeper.DEADLY, sweeper.WRONG}
    assert message[sweeper.DEADLY]["kind"] == "WorkerKilled"
    assert message[sweeper.WRONG]["text"] == "made to fail"
    assert "in failing" in message[sweeper.WRONG]["trace"]
