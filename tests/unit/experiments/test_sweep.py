"""Sweeps: every run once, whoever plays it; what fails is on record; an interrupt loses nothing."""

from __future__ import annotations

from concurrent.futures import BrokenExecutor, Executor, Future, ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from abm.scenario import SettingError
from experiments import sweep as sweeps
from experiments.design import Design, Grid
from experiments.job_queue import ExecutorGone
from experiments.run import Case, RunResult
from experiments.scenarios import find
from experiments.store import SweepResults
from experiments.sweep import sweep
from experiments.sweep_writer import RunRecord

TINY = find("classroom").with_settings({"scale": 1000, "days": 30, "warmup_days": 40})
DOSES = Grid({"policy.fence": [0.0, 0.5, 1.0]})
COSTS = ["cpu_s", "wall_s"]


def a_design(sample: Grid = DOSES, reps: int = 2) -> Design:
    """A small design of tiny runs."""
    return Design(name="test", sample=sample, scenario=TINY, reps=reps)


def fake(case: Case) -> RunResult:
    """A run in no time that depends on scenario and seed."""
    dose = sum(use.dose or 0.0 for use in case.scenario.policies)
    return RunResult(
        case=case.digest,
        name="made up",
        seed=case.seed,
        start="2012-10-01",
        days=1,
        scale=1,
        persons={},
        events={},
        rates={},
        outcomes={"got_aways": dose + case.seed},
        sector_shares={},
        interceptions_by_state={},
        deaths_per_10000={},
        months=[],
        series={},
        leg_flow=np.ones(2),
        dollars={},
        digest="",
        cost={"cpu_s": 1.0, "wall_s": 2.0},
    )


def rows(folder: Path) -> pd.DataFrame:
    """The frame without what the computer took for it."""
    return SweepResults(folder).frame().drop(columns=COSTS)


def test_every_run_is_played_once(tmp_path: Path):
    heard: list[object] = []
    began: list[tuple[int, int]] = []
    swept = sweep(
        a_design(),
        tmp_path,
        executor="serial",
        play=fake,
        on_result=heard.append,
        on_start=lambda *n: began.append(n),
    )
    assert (swept.planned, swept.found, swept.played, swept.failures) == (6, 0, 6, ())
    assert began == [(6, 0)] and len(heard) == 6
    frame = SweepResults(tmp_path).frame()
    assert (frame["got_aways"] == frame["policy.fence"] + frame["seed"]).all()
    again = sweep(a_design(), tmp_path, executor="serial", play=fake)
    assert (again.found, again.played) == (6, 0)


def test_points_that_come_to_one_scenario_are_played_once(tmp_path: Path):
    swept = sweep(
        a_design(Grid({"policy.fence": [0.0, 1.0], "dummy": [0.0, 0.5, 1.0]})),
        tmp_path,
        executor="serial",
        play=fake,
    )
    frame = SweepResults(tmp_path).frame()
    assert swept.planned == swept.played == 4 and len(frame) == 12
    assert (frame.groupby(["policy.fence", "seed"])["key"].nunique() == 1).all()


def test_an_interrupt_keeps_what_is_done_and_the_end_is_the_same(tmp_path: Path):
    def stop(_: object) -> None:
        if len(SweepResults(tmp_path / "a").frame()) == 4:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        sweep(a_design(), tmp_path / "a", executor="serial", play=fake, on_result=stop)
    assert len(SweepResults(tmp_path / "a").frame()) == 4
    swept = sweep(a_design(), tmp_path / "a", executor="serial", play=fake)
    assert (swept.found, swept.played) == (4, 2)
    sweep(a_design(), tmp_path / "b", executor="serial", play=fake)
    pd.testing.assert_frame_equal(rows(tmp_path / "a"), rows(tmp_path / "b"))


def test_what_raises_is_recorded_with_its_trace_and_tried_again(tmp_path: Path):
    def fail(case: Case) -> RunResult:
        if case.seed == 2:
            raise RuntimeError("a wheel came off")
        return fake(case)

    swept = sweep(a_design(), tmp_path, executor="serial", play=fail)
    assert len(swept.failures) == 3 and swept.played == 3
    failures = SweepResults(tmp_path).failures()
    assert set(failures["text"]) == {"a wheel came off"} and failures["seed"].tolist() == [2] * 3
    assert failures["trace"].str.contains("in fail").all()
    mended = sweep(a_design(), tmp_path, executor="serial", play=fake)
    assert mended.failures == () and mended.played == 3 and SweepResults(tmp_path).failures().empty


def test_another_policy_of_no_effect_makes_a_difference_of_exactly_zero(tmp_path: Path):
    sweep(a_design(Grid({"policy.status_quo": [0.0, 1.0]})), tmp_path, executor="serial")
    frame = SweepResults(tmp_path).frame()
    assert frame["key"].nunique() == 4
    nothing, null = (frame[frame["policy.status_quo"] == dose].reset_index() for dose in (0.0, 1.0))
    apart = ["index", "key", "point", "policy.status_quo", *COSTS]
    pd.testing.assert_frame_equal(
        nothing.drop(columns=apart), null.drop(columns=apart), check_exact=True
    )
    assert frame.groupby("seed")["got_aways"].nunique().tolist() == [1, 1]


def test_processes_and_this_process_give_the_same_rows(tmp_path: Path):
    design = a_design(Grid({"policy.patrol_surge": [0.0, 1.0]}))
    spread = sweep(design, tmp_path / "two", jobs=2)
    alone = sweep(design, tmp_path / "one", executor="serial")
    assert spread.played == alone.played == 4
    pd.testing.assert_frame_equal(rows(tmp_path / "two"), rows(tmp_path / "one"))
    (_, result), *_ = SweepResults(tmp_path / "two").results()
    assert result.days == 30 and result.criteria["got_aways"] > 0.0


# ---- any executor --------------------------------------------------------------------------------


def test_threads_of_somebody_else_are_left_running(tmp_path: Path):
    with ThreadPoolExecutor(2) as executor:
        assert sweep(a_design(), tmp_path, executor=executor, play=fake).played == 6
        assert executor.submit(int, "3").result() == 3
    assert SweepResults(tmp_path).provenance()["executor"].tolist() == ["ThreadPoolExecutor"]


class Here(Executor):
    """Plays at once, in this process; `spoil` says what becomes of an answer."""

    def __init__(self, spoil: Any = lambda n, answer: answer) -> None:
        self.spoil, self.count, self.inside = spoil, 0, 0

    def submit(self, fn: Any, /, *args: Any, **kwargs: Any) -> Future[Any]:
        """Play and give an answer that is there already."""
        future: Future[Any] = Future()
        self.count += 1
        try:
            future.set_result(self.spoil(self.count, fn(*args, **kwargs)))
        except BaseException as error:
            future.set_exception(error)
        return future


def test_an_executor_that_breaks_ends_the_sweep_and_keeps_what_is_done(tmp_path: Path):
    def breaks(n: int, answer: Any) -> Any:
        if n > 3:
            raise BrokenExecutor("gone")
        return answer

    with pytest.raises(ExecutorGone):
        sweep(a_design(), tmp_path, executor=Here(breaks), jobs=1, play=fake)
    assert 2 <= len(SweepResults(tmp_path).frame()) <= 3
    assert sweep(a_design(), tmp_path, executor="serial", play=fake).failures == ()
    assert len(SweepResults(tmp_path).frame()) == 6


class KilledWorker(Exception):
    """As Dask tells of a run whose workers died."""


def test_a_run_that_kills_workers_of_a_cluster_twice_is_set_aside(tmp_path: Path):
    tries: list[str] = []

    def kill(n: int, answer: RunRecord) -> RunRecord:
        if answer.outcomes["got_aways"] == 1.5:
            tries.append(answer.key)
            raise KilledWorker
        return answer

    swept = sweep(a_design(), tmp_path, executor=Here(kill), play=fake)
    (failure,) = swept.failures
    assert failure.kind == "WorkerKilled" and swept.played == 5 and len(tries) == 2


def test_a_run_that_kills_once_is_played(tmp_path: Path):
    def kill(n: int, answer: RunRecord) -> RunRecord:
        if n == 2:
            raise KilledWorker
        return answer

    swept = sweep(a_design(), tmp_path, executor=Here(kill), play=fake)
    assert swept.failures == () and swept.played == 6


def test_workers_that_only_die_end_the_sweep(tmp_path: Path):
    def kill(n: int, answer: RunRecord) -> RunRecord:
        raise KilledWorker

    with pytest.raises(ExecutorGone, match="in a row"):
        sweep(a_design(reps=4), tmp_path, executor=Here(kill), play=fake)


def test_a_worker_with_another_model_gives_no_run(tmp_path: Path):
    def old(n: int, answer: RunRecord) -> RunRecord:
        return replace(answer, source="old") if n == 1 else answer

    swept = sweep(a_design(), tmp_path, executor=Here(old), play=fake)
    (failure,) = swept.failures
    assert failure.kind == "OtherModel" and "another version" in failure.text
    assert len(SweepResults(tmp_path).frame()) == 5


@pytest.mark.parametrize("executor", ["threads", "dask:/127.0.0.1:1", 7])
def test_an_executor_that_is_not_known(tmp_path: Path, executor: Any):
    with pytest.raises(SettingError, match="processes, serial or dask://HOST:PORT"):
        sweep(a_design(), tmp_path, executor=executor, play=fake)
    assert list(tmp_path.iterdir()) == []


def test_a_scheduler_that_is_not_there(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    pytest.importorskip("distributed", reason="the extra cluster is not installed")
    monkeypatch.setattr(sweeps, "_CALL", 1)
    with pytest.raises(SettingError, match="no scheduler answers at"):
        sweep(a_design(), tmp_path, executor="dask://127.0.0.1:9", play=fake)
    assert list(tmp_path.iterdir()) == []
