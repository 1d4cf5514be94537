"""Worker processes: results equal those of one process; a killed one loses no other run."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path

from experiments.runs.case import Case, Failure, RunResult
from experiments.runs.many_runs import run_many
from experiments.scenarios import find
from experiments.sweeps.store import FILE, SweepResults

TINY = find("classroom").with_settings({"scale": 1000, "days": 30, "warmup_days": 40})
DESIGN = """
name = "tiny"
scenario = "classroom"
days = 30
scale = 1000
reps = 5000
[set]
warmup_days = 40
[grid]
"policy.fence" = [0.0, 1.0]
"""
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
class KillsWorker(Case):
    """A case that kills the process that receives it."""

    def __reduce__(self):
        """Unpickle as a call that ends the process."""
        return os._exit, (9,)


@dataclass(frozen=True)
class DiesWhileSending(Case):
    """A case whose worker dies while it sends an answer."""

    def __reduce__(self):
        """Unpickle as a call that sends a part of an answer and ends the process."""
        return exec, (PARTIAL_ANSWER,)


def check(kind: type[Case]) -> None:
    """Run three cases; the second ends its worker and is the only one that fails."""
    one, two, three = run_many([Case(TINY, 1), kind(TINY, 2), Case(TINY, 3)], jobs=2)
    assert isinstance(one, RunResult) and isinstance(three, RunResult)
    assert isinstance(two, Failure) and two.kind == "WorkerKilled" and two.seed == 2


def test_killed_worker_is_replaced_and_its_case_reported():
    check(KillsWorker)


def test_partial_answer_is_detected():
    check(DiesWhileSending)


def start(*words: str) -> subprocess.Popen[str]:
    """Start a command in a separate process group."""
    return subprocess.Popen(
        [sys.executable, "-m", "viz.cli", *words],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )


def test_an_interrupted_run_writes_nothing_and_exits_with_130(tmp_path: Path):
    process = start("run", "--days", "36500", "--out", str(tmp_path))
    time.sleep(6)
    process.send_signal(signal.SIGINT)
    out, err = process.communicate(timeout=60)
    assert process.returncode == 130 and out == ""
    assert "interrupted" in err and "Traceback" not in err
    assert list(tmp_path.iterdir()) == []


def test_an_interrupted_sweep_keeps_its_runs_and_names_resume(tmp_path: Path):
    design, out = tmp_path / "tiny.toml", tmp_path / "out"
    design.write_text(DESIGN)
    process = start("sweep", str(design), "--out", str(out), "--jobs", "1")
    while not stored(out):
        assert process.poll() is None
        time.sleep(0.2)
    os.killpg(process.pid, signal.SIGINT)  # as a terminal does: workers get it, too
    printed, err = process.communicate(timeout=120)
    assert process.returncode == 130 and printed == "" and "Traceback" not in err
    assert "--resume" in err and len(SweepResults(out).frame()) >= 1


def stored(folder: Path) -> int:
    """Return the number of runs that a folder holds."""
    if not (folder / FILE).exists():
        return 0
    try:
        return SweepResults(folder).done
    except Exception:  # the database is being created
        return 0


# ---- worker processes and this process -----------------------------------------------------------


def test_one_and_two_workers_return_equal_results():
    cases = [Case(TINY, seed) for seed in (1, 2, 3)]
    received: list[RunResult | Failure] = []
    pooled = _figures(run_many(cases, jobs=2, on_result=received.append))
    assert pooled == _figures(run_many(cases, jobs=1))
    assert [seed for seed, *_ in pooled] == [1, 2, 3]
    assert sorted(result.seed for result in received) == [1, 2, 3]


def _figures(results: list[RunResult | Failure]) -> list[tuple[int, str, dict[str, float]]]:
    """Return seed, digest and outcomes of each run; none may have failed."""
    runs = [result for result in results if isinstance(result, RunResult)]
    assert len(runs) == len(results)
    return [(run.seed, run.digest, run.outcomes) for run in runs]
