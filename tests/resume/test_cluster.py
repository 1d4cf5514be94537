"""Studies on a real Dask scheduler with workers that join, leave and are killed."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pandas as pd
import pytest

from abm.scenario import SettingError
from experiments.runs.case import RunResult
from experiments.scenarios import find
from experiments.sweeps import dask_cluster
from experiments.sweeps.design import Design, Grid
from experiments.sweeps.executors import open_backend
from experiments.sweeps.store import SweepResults, pack
from experiments.sweeps.sweep import sweep
from tests.resume.cluster import Cluster

SCRIPT = Path(__file__).parent / "sweeper.py"
REPS = 12  # of four points
TINY = find("classroom").with_settings({"scale": 1000, "days": 30, "warmup_days": 40})
COSTS = ["cpu_s", "wall_s"]


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


# ---- the same results everywhere -----------------------------------------------------------------


def content(result: RunResult) -> bytes:
    """Return a result as bytes, without the time that it took."""
    return pack(replace(result, cost={}))


def stored(folder: Path, executor: str) -> list[bytes]:
    """Run a small sweep; return its results."""
    sample = Grid({"policy.patrol_surge": [0.0, 1.0]})
    design = Design(name="test", sample=sample, scenario=TINY, reps=2)
    assert sweep(design, folder, executor=executor, jobs=2).completed == 4
    with SweepResults(folder) as store:
        assert store.provenance()["executor"].tolist() == [executor]
        return [content(result) for _, result in store.results()]


def test_every_executor_gives_the_same_bytes(two_workers: Cluster, tmp_path: Path):
    executors = ("serial", "processes", two_workers.executor)
    sweeps = [stored(tmp_path / str(k), one) for k, one in enumerate(executors)]
    assert sweeps[0] == sweeps[1] == sweeps[2] and len(set(sweeps[0])) == 4


# ---- errors --------------------------------------------------------------------------------------


def test_an_interrupt_cancels_the_tasks_of_the_cluster(cluster: Cluster, tmp_path: Path):
    cluster.add_worker()
    process = start(tmp_path / "dask", cluster.executor, "waiting")
    next(stored_runs(process))
    process.send_signal(signal.SIGINT)
    assert process.stderr
    assert process.wait() != 0 and "KeyboardInterrupt" in process.stderr.read()
    while cluster.tasks():  # ends because they are cancelled, although no run can end
        time.sleep(0.2)
    assert 0 < SweepResults(tmp_path / "dask").done < 4 * REPS
    cluster.go.touch()


def test_another_program_at_the_port_is_reported_in_one_line(monkeypatch: pytest.MonkeyPatch):
    """It accepts the connection and never answers, as a web server does."""
    monkeypatch.setattr(dask_cluster, "_CONNECT_S", 1)
    with socket.create_server(("127.0.0.1", 0)) as server:
        address = f"127.0.0.1:{server.getsockname()[1]}"
        with (
            pytest.raises(SettingError, match=f"no scheduler answers at {address}.*may use this"),
            open_backend(f"dask://{address}"),
        ):
            pass
