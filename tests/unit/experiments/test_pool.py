"""Worker processes: if one dies, the others continue and only its own job is suspected."""

from __future__ import annotations

from dataclasses import dataclass
from multiprocessing import get_context
from typing import Any

import pytest

from experiments.case import Case, Failure, RunResult
from experiments.pool import _Marks, run_many
from experiments.scenarios import find

TINY = find("classroom").with_settings({"scale": 1000, "days": 30, "warmup_days": 40})
PARTIAL_ANSWER = """
import os, struct, sys
frame = sys._getframe()
while "result_queue" not in frame.f_locals:
    frame = frame.f_back
pipe = frame.f_locals["result_queue"]._writer.fileno()
os.write(pipe, struct.pack("!i", 1_000_000) + b"the start of a long answer")
os._exit(9)
"""


@dataclass(frozen=True)
class DiesWhileSending(Case):
    """A case whose worker dies while it sends an answer."""

    def __reduce__(self):
        """Unpickle as a call that sends a part of an answer and ends the process."""
        return exec, (PARTIAL_ANSWER,)


def test_partial_answer_is_detected():
    one, two, three = run_many([Case(TINY, 1), DiesWhileSending(TINY, 2), Case(TINY, 3)], jobs=2)
    assert isinstance(one, RunResult) and isinstance(three, RunResult)
    assert isinstance(two, Failure) and two.kind == "WorkerKilled"


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
