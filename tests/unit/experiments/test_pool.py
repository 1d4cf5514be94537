"""Worker processes: whichever way one dies, the others go on and only its own job is doubted."""

from __future__ import annotations

from dataclasses import dataclass
from multiprocessing import get_context
from typing import Any

import pytest

from experiments.pool import Failure, _Marks, run_many
from experiments.run import Case, RunResult
from experiments.scenarios import find

TINY = find("classroom").with_settings({"scale": 1000, "days": 30, "warmup_days": 40})
HALF_AN_ANSWER = """
import os, struct, sys
frame = sys._getframe()
while "result_queue" not in frame.f_locals:
    frame = frame.f_back
pipe = frame.f_locals["result_queue"]._writer.fileno()
os.write(pipe, struct.pack("!i", 1_000_000) + b"the first words of a long answer")
os._exit(9)
"""


@dataclass(frozen=True)
class Stutter(Case):
    """A case whose worker dies while it sends an answer."""

    def __reduce__(self):
        """Arrive as a call that begins an answer and ends the process."""
        return exec, (HALF_AN_ANSWER,)


def test_half_an_answer_is_noticed():
    one, two, three = run_many([Case(TINY, 1), Stutter(TINY, 2), Case(TINY, 3)], jobs=2)
    assert isinstance(one, RunResult) and isinstance(three, RunResult)
    assert isinstance(two, Failure) and two.kind == "WorkerKilled"


def marks(at: dict[int, int]) -> Any:
    """Marks of workers by process: the number of the job that each is at, 0 between jobs."""
    made = _Marks(get_context("spawn"), len(at))
    made.pids[:], made.jobs[:] = list(at), list(at.values())
    return made


@pytest.mark.parametrize(
    ("ends", "blamed"),
    [
        ({10: -9, 11: -15}, {1}),  # killed at job 1; the pool ended the other one
        ({10: -15, 11: 1}, {2}),
        ({10: -9, 11: -9}, {1, 2}),
        ({10: -9, 11: None}, {1}),  # the other one still runs
        ({12: -9, 11: -15}, {1, 3, 4}),  # between jobs: whatever no other worker was at
        ({10: -15, 11: -15}, {1, 2, 3, 4}),  # nobody knows
    ],
)
def test_only_what_a_worker_was_at_is_blamed_for_its_end(
    ends: dict[int | None, int | None], blamed: set[int]
):
    assert marks({10: 1, 11: 2, 12: 0}).blamed(ends, {1, 2, 3, 4}) == blamed
