"""Worker processes: if one dies, the others continue and only its own job is suspected."""

from __future__ import annotations

import os
import signal
import sys
import threading
from multiprocessing import get_context
from types import SimpleNamespace
from typing import Any

import pytest

from experiments.scenarios import find
from experiments.sweeps.executors import open_backend
from experiments.sweeps.job_queue import Work
from experiments.sweeps.pool import _Marks, run_in_pool

TINY = find("classroom").with_settings({"scale": 1000, "days": 30, "warmup_days": 40})


def marks(at: dict[int, int]) -> Any:
    """Create marks: the number of the current job by process, 0 between jobs."""
    created = _Marks(get_context("spawn"), len(at))
    created.pids[:], created.jobs[:] = list(at), list(at.values())
    return created


@pytest.mark.parametrize(
    ("exit_codes", "blamed"),
    [
        ({10: -9, 11: -15}, {1}),  # killed at job 1; the pool ended the other worker
        ({10: -15, 11: 1}, {2}),
        ({10: -9, 11: -9}, {1, 2}),
        ({10: -9, 11: None}, {1}),  # the other worker still runs
        ({12: -9, 11: -15}, {1, 3, 4}),  # between jobs: any job that no other worker ran
        ({10: -15, 11: -15}, {1, 2, 3, 4}),  # unknown
    ],
)
def test_only_the_current_job_of_a_dead_worker_is_blamed(
    exit_codes: dict[int | None, int | None], blamed: set[int]
):
    assert marks({10: 1, 11: 2, 12: 0}).blamed(exit_codes, {1, 2, 3, 4}) == blamed


def test_a_program_from_standard_input_runs_in_one_process(monkeypatch: pytest.MonkeyPatch):
    """A worker would import the main module again, from a file that does not exist."""
    program = SimpleNamespace(__file__="<stdin>", __spec__=None)
    monkeypatch.setitem(sys.modules, "__main__", program)
    answers: dict[int, Any] = {}
    own = threading.get_ident()  # a function of this process, which no worker could return

    def run(job: int) -> tuple[int, float]:
        return own, 1 / job

    with pytest.warns(UserWarning, match="standard input"):
        run_in_pool([1, 2, 0], Work(run, answers.__setitem__, lambda job, error: error), 2)
    assert answers[1] == (own, 1.0) and answers[2] == (own, 0.5)
    assert isinstance(answers[0], ZeroDivisionError)


def process_of(job: int) -> int:
    """Return the process that runs a job."""
    return os.getpid()


@pytest.mark.slow
def test_processes_are_kept_between_calls_replaced_if_killed_and_ended():
    found: list[int] = []
    work = Work(process_of, lambda job, pid: found.append(pid), lambda job, error: -1)
    with open_backend("processes", 1) as backend:
        backend.run([1, 2], work)
        backend.run([3], work)
        assert len(set(found)) == 1 and found[0] != os.getpid()
        os.kill(found[0], signal.SIGKILL)  # between two calls
        backend.run([4, 5], work)
        assert len(found) == 5 and found[3] == found[4] != found[0]
    with pytest.raises(ProcessLookupError):
        os.kill(found[-1], 0)
