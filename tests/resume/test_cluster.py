"""Studies on a real Dask scheduler with workers that join, leave and are killed."""

from __future__ import annotations

import json
import shlex
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import pytest

from abm.scenario import SettingError
from experiments.sweeps import dask_cluster
from experiments.sweeps.executors import open_backend
from experiments.sweeps.store import SweepResults, pack
from tests.resume.cluster import Cluster

SCRIPT = Path(__file__).parent / "sweeper.py"
REPS = 12  # repetitions of each of four points


def start(folder: Path, executor: str, function: str = "artificial") -> subprocess.Popen[str]:
    """Start a sweep of artificial runs in a separate process."""
    words = [sys.executable, str(SCRIPT), str(folder), str(REPS), executor, function]
    return subprocess.Popen(words, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)


def stored_runs(process: subprocess.Popen[str]) -> Iterator[int]:
    """Yield the process id of the worker for every stored run."""
    assert process.stdout
    for line in process.stdout:
        message = json.loads(line)
        assert "failed" not in message
        if "worker" in message:
            yield message["worker"]


def contents(folder: Path) -> list[tuple[dict[str, object], bytes]]:
    """Return the inputs and results in a store, to the last byte, without their costs."""
    with SweepResults(folder) as store:
        assert store.failures().empty
        return [(inputs, pack(replace(result, cost={}))) for inputs, result in store.results()]


def test_both_of_two_workers_work_and_a_killed_one_loses_no_run(cluster: Cluster, tmp_path: Path):
    """The second worker joins while the sweep runs."""
    first = cluster.add_worker("--no-nanny")
    process = start(tmp_path / "dask", cluster.executor, "waiting")
    runs = stored_runs(process)
    assert next(runs) == first.pid
    second = cluster.add_worker("--no-nanny")
    cluster.wait_for_workers(2)
    first.kill()  # The worker is running a case, because most runs wait.
    cluster.go.touch()
    assert set(runs) - {first.pid} == {second.pid}
    assert process.stderr
    assert process.wait() == 0, process.stderr.read()
    quiet = start(tmp_path / "quiet", "serial")
    assert len(list(stored_runs(quiet))) == 4 * REPS and quiet.wait() == 0
    assert contents(tmp_path / "dask") == contents(tmp_path / "quiet")


def test_a_sweep_ends_with_its_scheduler_and_continues_on_a_new_one(
    cluster: Cluster, tmp_path: Path
):
    """No run is lost or repeated."""
    cluster.add_worker()
    process = start(tmp_path / "a", cluster.executor, "waiting")
    runs = stored_runs(process)
    for _ in range(3):
        next(runs)
    cluster.close()
    done = 3 + sum(1 for _ in runs)
    assert process.stderr
    assert "ExecutorGone" in process.stderr.read() and process.wait() == 1
    with SweepResults(tmp_path / "a") as store:
        assert done <= store.done < 4 * REPS
        missing = 4 * REPS - store.done
    with closing(Cluster(tmp_path, cluster.address.rpartition(":")[2])) as restarted:
        restarted.add_worker()
        again = start(tmp_path / "a", cluster.executor)  # the same address
        assert len(list(stored_runs(again))) == missing and again.wait() == 0


# ---- errors --------------------------------------------------------------------------------------


def test_an_interrupt_cancels_the_tasks_of_the_cluster(cluster: Cluster, tmp_path: Path):
    cluster.add_worker()
    process = start(tmp_path / "dask", cluster.executor, "waiting")
    next(stored_runs(process))
    process.send_signal(signal.SIGINT)
    assert process.stderr
    assert process.wait() != 0 and "KeyboardInterrupt" in process.stderr.read()
    # This loop ends only if the tasks are cancelled, because no run can end.
    while cluster.tasks():
        time.sleep(0.2)
    assert 0 < SweepResults(tmp_path / "dask").done < 4 * REPS
    cluster.go.touch()


def test_an_encrypted_cluster_takes_the_certificates_of_dasks_configuration(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    """Without certificates, a command refuses at once and says how to provide them."""
    key, certificate = tmp_path / "key.pem", tmp_path / "certificate.pem"
    words = (
        f"openssl req -x509 -newkey rsa:2048 -nodes -subj /CN=x -keyout {key} -out {certificate}"
    )
    subprocess.run(shlex.split(words), check=True, capture_output=True)
    monkeypatch.setenv("DASK_DISTRIBUTED__COMM__REQUIRE_ENCRYPTION", "true")
    monkeypatch.setenv("DASK_DISTRIBUTED__COMM__TLS__CA_FILE", str(certificate))
    for role in ("SCHEDULER", "WORKER", "CLIENT"):
        monkeypatch.setenv(f"DASK_DISTRIBUTED__COMM__TLS__{role}__CERT", str(certificate))
        monkeypatch.setenv(f"DASK_DISTRIBUTED__COMM__TLS__{role}__KEY", str(key))
    with closing(Cluster(tmp_path, protocol="tls")) as cluster:
        assert cluster.executor.startswith("tls://127.0.0.1:")
        worker = cluster.add_worker("--no-nanny")
        process = start(tmp_path / "dask", cluster.executor)
        assert [*stored_runs(process)] == [worker.pid] * 4 * REPS and process.wait() == 0
        reason = "no certificates.*Set DASK_DISTRIBUTED__COMM__TLS__CA_FILE, .*CLIENT__CERT and"
        with pytest.raises(SettingError, match=reason), open_backend(cluster.executor):
            pass  # This process has already read its configuration.


def test_another_program_at_the_port_is_reported_in_one_line(monkeypatch: pytest.MonkeyPatch):
    """The other program accepts the connection and never answers, as a web server does."""
    monkeypatch.setattr(dask_cluster, "_CONNECT_S", 1)
    with socket.create_server(("127.0.0.1", 0)) as server:
        address = f"127.0.0.1:{server.getsockname()[1]}"
        with (
            pytest.raises(SettingError, match=f"no scheduler answers at {address}.*may use this"),
            open_backend(f"dask://{address}"),
        ):
            pass
