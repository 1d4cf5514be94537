"""Worker processes: results equal those of one process; a killed one loses no other run."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd

from experiments.runs.case import Case, Failure, RunResult
from experiments.runs.many_runs import run_many
from experiments.scenarios import find
from experiments.sweeps.design import Design, Grid
from experiments.sweeps.store import FILE, SweepResults
from experiments.sweeps.sweep import sweep
from viz.screen.session.background import Background, RunSummary, SummaryOrFailure
from viz.screen.session.frames import DAILY

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


def test_a_sweep_in_worker_processes_and_in_this_process_has_equal_rows(tmp_path: Path):
    sample = Grid({"policy.patrol_surge": [0.0, 1.0]})
    design = Design(name="test", sample=sample, scenario=TINY, reps=2)
    pooled = sweep(design, tmp_path / "two", jobs=2)
    alone = sweep(design, tmp_path / "one", executor="serial")
    assert pooled.completed == alone.completed == 4
    one, two = (SweepResults(tmp_path / name).frame() for name in ("one", "two"))
    costs = ["cpu_s", "wall_s"]
    pd.testing.assert_frame_equal(two.drop(columns=costs), one.drop(columns=costs))
    (_, result), *_ = SweepResults(tmp_path / "two").results()
    assert result.days == 30 and result.criteria["got_aways"] > 0.0


def test_a_background_worker_that_dies_gives_a_failure_and_is_replaced():
    background = Background(_die_on_two, idle=0.05)
    cases = [Case(TINY, seed) for seed in (1, 2, 3)]
    results = {case.seed: result for case, result in background.submit(cases)}
    assert isinstance(results[1], RunSummary) and isinstance(results[2], Failure)
    assert 3 not in results, "a failure ends its request"
    results = {case.seed: result for case, result in background.submit(cases[2:])}
    assert isinstance(results[3], RunSummary)
    end = time.monotonic() + 10
    while time.monotonic() < end and not background.is_idle:
        time.sleep(0.01)
    assert background.is_idle


def _die_on_two(case: Case) -> SummaryOrFailure:
    """Summarise a case, or end the process at seed 2."""
    if case.seed == 2:
        os._exit(9)
    return RunSummary(np.zeros((1, len(DAILY)), np.float32), {})
