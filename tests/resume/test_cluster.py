"""A sweep on a real Dask scheduler and workers, on the loopback: they may come, go, be killed."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import pandas as pd
import pytest

from experiments.store import SweepResults

distributed = pytest.importorskip("distributed", reason="the extra cluster is not installed")

SCRIPT = Path(__file__).parent / "sweeper.py"
REPS = 12  # of four points
COSTS = ["cpu_s", "wall_s"]


class Cluster:
    """A scheduler and workers, started as the guide says."""

    def __init__(self, folder: Path) -> None:
        self.folder, self.started = folder, list[subprocess.Popen[bytes]]()
        self.go = folder / "go"  # runs are held until it is there
        told = folder / "scheduler.json"
        self.start(
            "scheduler",
            "--host",
            "127.0.0.1",
            "--port",
            "0",
            "--no-dashboard",
            "--scheduler-file",
            str(told),
        )
        while not told.exists() or not told.read_text():
            assert self.started[0].poll() is None, "the scheduler did not start"
            time.sleep(0.1)
        self.address = json.loads(told.read_text())["address"].removeprefix("tcp://")

    def start(self, *words: str) -> subprocess.Popen[bytes]:
        """One of Dask's own commands."""
        with (self.folder / "dask.log").open("ab") as log:
            process = subprocess.Popen(
                [sys.executable, "-m", "dask", *words],
                stdout=log,
                stderr=log,
                cwd=self.folder,
                env=os.environ | {"GO": str(self.go)},
            )
        self.started.append(process)
        return process

    def add_worker(self) -> None:
        """A worker with one thread."""
        self.start(
            "worker",
            self.address,
            "--nthreads",
            "1",
            "--no-dashboard",
            "--host",
            "127.0.0.1",
            "--local-directory",
            str(self.folder),
        )

    def wait_for_workers(self, count: int) -> None:
        """Wait until so many are there."""
        with distributed.Client(f"tcp://{self.address}", set_as_default=False) as client:
            client.wait_for_workers(count, timeout=120)

    def close(self) -> None:
        """End all that was started."""
        for process in reversed(self.started):
            process.terminate()
        for process in reversed(self.started):
            with suppress(subprocess.TimeoutExpired):
                process.wait(timeout=20)
            process.kill()
            process.wait()


@pytest.fixture
def cluster(tmp_path: Path) -> Iterator[Cluster]:
    """A scheduler without workers."""
    folder = tmp_path / "cluster"
    folder.mkdir()
    made = Cluster(folder)
    yield made
    made.close()


def start(folder: Path, executor: str, play: str = "made_up") -> subprocess.Popen[str]:
    """A sweep of made-up runs in a process of its own."""
    words = [sys.executable, str(SCRIPT), str(folder), str(REPS), executor, play]
    return subprocess.Popen(words, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)


def entered(process: subprocess.Popen[str]) -> Iterator[int]:
    """Process of the worker of every run, as it is entered."""
    assert process.stdout
    for line in process.stdout:
        told = json.loads(line)
        assert "failed" not in told
        if "worker" in told:
            yield told["worker"]


def rows(folder: Path) -> pd.DataFrame:
    """The frame without what the computer took for it."""
    return SweepResults(folder).frame().drop(columns=COSTS)


def test_a_worker_that_comes_helps_and_one_that_is_killed_loses_nothing(
    cluster: Cluster, tmp_path: Path
):
    cluster.add_worker()
    process = start(tmp_path / "dask", f"dask://{cluster.address}", "held")
    runs = entered(process)
    first = next(runs)
    cluster.add_worker()
    cluster.wait_for_workers(2)
    os.kill(first, signal.SIGKILL)  # in the middle of a run, because most of them are held
    cluster.go.touch()
    others = set(runs) - {first}
    assert process.stderr
    assert process.wait() == 0, process.stderr.read()
    assert others
    quiet = start(tmp_path / "quiet", "serial")
    assert len(list(entered(quiet))) == 4 * REPS and quiet.wait() == 0
    pd.testing.assert_frame_equal(rows(tmp_path / "dask"), rows(tmp_path / "quiet"))
    assert SweepResults(tmp_path / "dask").failures().empty


def test_a_scheduler_that_dies_ends_the_sweep_which_goes_on_later(cluster: Cluster, tmp_path: Path):
    cluster.add_worker()
    process = start(tmp_path / "a", f"dask://{cluster.address}", "held")
    runs = entered(process)
    for _ in range(3):
        next(runs)
    cluster.close()
    done = 3 + sum(1 for _ in runs)
    assert process.stderr
    assert "ExecutorGone" in process.stderr.read() and process.wait() == 1
    assert done <= SweepResults(tmp_path / "a").done < 4 * REPS
    again = start(tmp_path / "a", "serial")
    list(entered(again))
    assert again.wait() == 0 and SweepResults(tmp_path / "a").done == 4 * REPS
