"""A sweep on a real Dask scheduler with workers that join, leave and are killed."""

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
    """A scheduler and workers, started as described in the guide."""

    def __init__(self, folder: Path) -> None:
        self.folder, self.started = folder, list[subprocess.Popen[bytes]]()
        self.go = folder / "go"  # runs wait until it exists
        file = folder / "scheduler.json"
        self.start(
            "scheduler",
            "--host",
            "127.0.0.1",
            "--port",
            "0",
            "--no-dashboard",
            "--scheduler-file",
            str(file),
        )
        while not file.exists() or not file.read_text():
            assert self.started[0].poll() is None, "the scheduler did not start"
            time.sleep(0.1)
        self.address = json.loads(file.read_text())["address"].removeprefix("tcp://")

    def start(self, *words: str) -> subprocess.Popen[bytes]:
        """Start a command of Dask."""
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
        """Start a worker with one thread."""
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
        """Wait until a number of workers is connected."""
        with distributed.Client(f"tcp://{self.address}", set_as_default=False) as client:
            client.wait_for_workers(count, timeout=120)

    def close(self) -> None:
        """End all started processes."""
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
    cluster = Cluster(folder)
    yield cluster
    cluster.close()


def start(folder: Path, executor: str, function: str = "artificial") -> subprocess.Popen[str]:
    """Start a sweep of artificial runs in a separate process."""
    words = [sys.executable, str(SCRIPT), str(folder), str(REPS), executor, function]
    return subprocess.Popen(words, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)


def stored_runs(process: subprocess.Popen[str]) -> Iterator[int]:
    """Yield the process id of the worker of every stored run."""
    assert process.stdout
    for line in process.stdout:
        message = json.loads(line)
        assert "failed" not in message
        if "worker" in message:
            yield message["worker"]


def rows(folder: Path) -> pd.DataFrame:
    """Return the frame without the cost columns."""
    return SweepResults(folder).frame().drop(columns=COSTS)


def test_new_worker_is_used_and_killed_worker_loses_no_run(cluster: Cluster, tmp_path: Path):
    cluster.add_worker()
    process = start(tmp_path / "dask", f"dask://{cluster.address}", "waiting")
    runs = stored_runs(process)
    first = next(runs)
    cluster.add_worker()
    cluster.wait_for_workers(2)
    os.kill(first, signal.SIGKILL)  # during a run, because most runs wait
    cluster.go.touch()
    others = set(runs) - {first}
    assert process.stderr
    assert process.wait() == 0, process.stderr.read()
    assert others
    quiet = start(tmp_path / "quiet", "serial")
    assert len(list(stored_runs(quiet))) == 4 * REPS and quiet.wait() == 0
    pd.testing.assert_frame_equal(rows(tmp_path / "dask"), rows(tmp_path / "quiet"))
    assert SweepResults(tmp_path / "dask").failures().empty


def test_sweep_ends_with_its_scheduler_and_can_be_continued(cluster: Cluster, tmp_path: Path):
    cluster.add_worker()
    process = start(tmp_path / "a", f"dask://{cluster.address}", "waiting")
    runs = stored_runs(process)
    for _ in range(3):
        next(runs)
    cluster.close()
    done = 3 + sum(1 for _ in runs)
    assert process.stderr
    assert "ExecutorGone" in process.stderr.read() and process.wait() == 1
    assert done <= SweepResults(tmp_path / "a").done < 4 * REPS
    again = start(tmp_path / "a", "serial")
    list(stored_runs(again))
    assert again.wait() == 0 and SweepResults(tmp_path / "a").done == 4 * REPS
