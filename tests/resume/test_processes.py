"""A worker that ends while it sends an answer loses only that run."""

from __future__ import annotations

from dataclasses import dataclass

from experiments.runs.case import Case, Failure, RunResult
from experiments.runs.many_runs import run_many
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
        """Return a call that sends a part of an answer and ends the process when unpickled."""
        return exec, (PARTIAL_ANSWER,)


def test_a_worker_that_dies_while_it_sends_an_answer_loses_that_run_alone():
    cases = [Case(TINY, 1), DiesWhileSending(TINY, 2), Case(TINY, 3)]
    first, second, third = run_many(cases, jobs=2)
    assert isinstance(first, RunResult) and isinstance(third, RunResult)
    assert isinstance(second, Failure) and second.kind == "WorkerKilled" and second.seed == 2
