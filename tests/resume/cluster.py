"""A Dask scheduler and workers on the loopback, started as the guide describes."""

from __future__ import annotations

import json
import os
import shlex
import signal
import subprocess
import sys
import time
from contextlib import suppress
from pathlib import Path
from typing import Any

PATIENCE = 1200  # seconds; processes start slowly on a busy machine


class Cluster:
    """A scheduler and its workers, started as the guide describes."""

    def __init__(self, folder: Path, port: str = "0", protocol: str = "tcp") -> None:
        self.folder, self.started = folder, list[subprocess.Popen[bytes]]()
        self.go = folder / "go"  # Runs wait until this file exists.
        file = folder / "scheduler.json"
        words = shlex.split(f"--host 127.0.0.1 --port {port} --no-dashboard --scheduler-file")
        self.start("scheduler", "--protocol", protocol, *words, str(file))
        while not file.exists() or not file.read_text():
            assert self.started[0].poll() is None, "the scheduler did not start"
            time.sleep(0.1)
        self.address = json.loads(file.read_text())["address"].removeprefix("tcp://")

    def start(self, *words: str) -> subprocess.Popen[bytes]:
        """Start a Dask command."""
        with (self.folder / "dask.log").open("ab") as log:
            process = subprocess.Popen(
                [sys.executable, "-m", "dask", *words],
                stdout=log,
                stderr=log,
                cwd=self.folder,
                env=os.environ
                | {
                    "GO": str(self.go),
                    "DASK_DISTRIBUTED__COMM__TIMEOUTS__CONNECT": f"{PATIENCE} s",
                },
            )
        self.started.append(process)
        return process

    @property
    def executor(self) -> str:
        """Return the value for --executor."""
        return self.address if "://" in self.address else f"dask://{self.address}"

    def add_worker(self, *options: str) -> subprocess.Popen[bytes]:
        """Start a worker with one thread."""
        words = shlex.split("--nthreads 1 --no-dashboard --host 127.0.0.1 --local-directory")
        return self.start("worker", self.address, *words, str(self.folder), *options)

    def client(self) -> Any:
        """Return a connection to the scheduler."""
        from distributed import Client

        address = f"tcp://{self.address}"
        return Client(address, timeout=PATIENCE, set_as_default=False)

    def wait_for_workers(self, count: int) -> None:
        """Wait until the given number of workers is connected."""
        with self.client() as client:
            client.wait_for_workers(count, timeout=PATIENCE)

    def tasks(self) -> int:
        """Return the number of tasks that the scheduler knows."""
        with self.client() as client:
            return client.run_on_scheduler(lambda dask_scheduler: len(dask_scheduler.tasks))

    def close(self) -> None:
        """End all started processes."""
        for process in reversed(self.started):
            process.terminate()
        for process in reversed(self.started):
            with suppress(subprocess.TimeoutExpired):
                process.wait(timeout=20)
            process.kill()
            process.wait()

    def kill_a_worker(self) -> None:
        """Kill a worker's process without a warning."""
        with self.client() as client:
            pid = next(iter(client.run(os.getpid).values()))
        os.kill(pid, signal.SIGKILL)
