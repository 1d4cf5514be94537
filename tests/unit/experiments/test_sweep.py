"""Sweeps: each run is stored once, failures are stored, and interrupts lose no stored run."""

from __future__ import annotations

from concurrent.futures import BrokenExecutor
from pathlib import Path

import pandas as pd
import pytest

from experiments.runs.case import Case, RunResult
from experiments.scenarios import find
from experiments.sweeps.backend import ExecutorGone
from experiments.sweeps.design import Design, Grid
from experiments.sweeps.store import SweepResults
from experiments.sweeps.sweep import sweep
from tests.made_results import made_result
from tests.unit.experiments.test_executors import ImmediateExecutor, KilledWorker

TINY = find("classroom").with_settings({"scale": 1000, "days": 14, "warmup_days": 9})
DOSES = Grid({"policy.fence": [0.0, 0.5, 1.0]})
COSTS = ["cpu_s", "wall_s"]


def small_design(sample: Grid = DOSES, reps: int = 2) -> Design:
    """Return a small design of tiny runs."""
    return Design(name="test", sample=sample, scenario=TINY, reps=reps)


def fake(case: Case) -> RunResult:
    """Return an artificial result that depends on scenario and seed."""
    dose = sum(use.dose or 0.0 for use in case.scenario.policies)
    outcomes = {"got_aways": dose + case.seed}
    return made_result(case, outcomes=outcomes, cost={"cpu_s": 1.0, "wall_s": 2.0})


def rows(folder: Path) -> pd.DataFrame:
    """Return the frame without the cost columns."""
    return SweepResults(folder).frame().drop(columns=COSTS)


def test_every_run_is_stored_once(tmp_path: Path):
    received: list[object] = []
    started: list[tuple[int, int]] = []
    swept = sweep(
        small_design(),
        tmp_path,
        executor="serial",
        run=fake,
        on_result=received.append,
        on_start=lambda *n: started.append(n),
    )
    assert (swept.planned, swept.stored, swept.completed, swept.failures) == (6, 0, 6, ())
    assert started == [(6, 0)] and len(received) == 6
    frame = SweepResults(tmp_path).frame()
    assert (frame["got_aways"] == frame["policy.fence"] + frame["seed"]).all()
    second = sweep(small_design(), tmp_path, executor="serial", run=fake)
    assert (second.stored, second.completed) == (6, 0)


def test_points_with_the_same_scenario_are_run_once(tmp_path: Path):
    swept = sweep(
        small_design(Grid({"policy.fence": [0.0, 1.0], "dummy": [0.0, 0.5, 1.0]})),
        tmp_path,
        executor="serial",
        run=fake,
    )
    frame = SweepResults(tmp_path).frame()
    assert swept.planned == swept.completed == 4 and len(frame) == 12
    assert (frame.groupby(["policy.fence", "seed"])["key"].nunique() == 1).all()


def test_interrupted_sweep_keeps_results_and_ends_equal(tmp_path: Path):
    def stop(_: object) -> None:
        if len(SweepResults(tmp_path / "a").frame()) == 4:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        sweep(small_design(), tmp_path / "a", executor="serial", run=fake, on_result=stop)
    assert len(SweepResults(tmp_path / "a").frame()) == 4
    swept = sweep(small_design(), tmp_path / "a", executor="serial", run=fake)
    assert (swept.stored, swept.completed) == (4, 2)
    sweep(small_design(), tmp_path / "b", executor="serial", run=fake)
    pd.testing.assert_frame_equal(rows(tmp_path / "a"), rows(tmp_path / "b"))


def test_failed_runs_are_stored_with_traceback_and_tried_again(tmp_path: Path):
    def fail(case: Case) -> RunResult:
        if case.seed == 2:
            raise RuntimeError("made to fail")
        return fake(case)

    swept = sweep(small_design(), tmp_path, executor="serial", run=fail)
    assert len(swept.failures) == 3 and swept.completed == 3
    failures = SweepResults(tmp_path).failures()
    assert set(failures["text"]) == {"made to fail"} and failures["seed"].tolist() == [2] * 3
    assert failures["trace"].str.contains("in fail").all()
    second = sweep(small_design(), tmp_path, executor="serial", run=fake)
    assert (
        second.failures == () and second.completed == 3 and SweepResults(tmp_path).failures().empty
    )


# ---- any executor --------------------------------------------------------------------------------


def test_broken_executor_ends_the_sweep_and_keeps_results(tmp_path: Path):
    def breaks(job: object) -> None:
        if len(executor.tasks) > 3:
            raise BrokenExecutor("broken")

    executor = ImmediateExecutor(breaks)
    with pytest.raises(ExecutorGone):
        sweep(small_design(), tmp_path, executor=executor, jobs=1, run=fake)
    assert 2 <= len(SweepResults(tmp_path).frame()) <= 3
    assert sweep(small_design(), tmp_path, executor="serial", run=fake).failures == ()
    assert len(SweepResults(tmp_path).frame()) == 6


def test_consecutive_deaths_of_workers_end_the_sweep(tmp_path: Path):
    def kill(job: object) -> None:
        raise KilledWorker

    with pytest.raises(ExecutorGone, match="in a row"):
        sweep(small_design(reps=4), tmp_path, executor=ImmediateExecutor(kill), run=fake)


def test_result_of_a_worker_with_another_model_is_rejected(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    def old(case: Case) -> RunResult:
        if case.seed == 2:
            monkeypatch.setattr("experiments.sweeps.sweep.source_of", lambda scenario: "old")
        return fake(case)

    swept = sweep(small_design(), tmp_path, executor="serial", run=old)
    assert {failure.kind for failure in swept.failures} == {"OtherModel"}
    assert "another version" in swept.failures[0].text and len(SweepResults(tmp_path).frame()) == 3
