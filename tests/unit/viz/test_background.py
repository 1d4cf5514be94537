"""Background runs: requests take turns, and each case runs once for all visitors."""

from __future__ import annotations

import threading
import time
from concurrent.futures import BrokenExecutor, Future
from types import SimpleNamespace

import numpy as np
import psutil
import pytest

from abm.measures import OUTCOMES, outcomes
from experiments.runs.case import Case, Failure
from experiments.scenarios import find
from viz.screen.session import background as background_module
from viz.screen.session.background import (
    Background,
    Rests,
    RunRequest,
    RunSummary,
    SummaryOrFailure,
    summarise_run,
)
from viz.screen.session.frames import DAILY, FrameRecorder

TINY = find("classroom").with_settings({"days": 20, "scale": 500, "warmup_days": 30})


class _Here:
    """A pool that runs in this process, counts, and waits while the gate is closed."""

    def __init__(self) -> None:
        self.played: list[int] = []
        self.gate = threading.Event()
        self.gate.set()

    def submit(self, play, case: Case) -> Future:
        self.gate.wait(10)
        self.played.append(case.seed)
        done: Future = Future()
        done.set_result(play(case))
        return done

    def shutdown(self, **_: object) -> None:
        self.gate.set()


def _answer(case: Case) -> SummaryOrFailure:
    return RunSummary(
        np.full((1, len(DAILY)), case.seed, np.float32), {"got_aways": float(case.seed)}
    )


@pytest.fixture
def here(monkeypatch: pytest.MonkeyPatch) -> tuple[Background, _Here]:
    pool, background = _Here(), Background(_answer, idle=0.05)
    monkeypatch.setattr(background, "_worker", lambda: pool)
    return background, pool


def cases(*seeds: int) -> list[Case]:
    return [Case(TINY, seed) for seed in seeds]


def until(what, seconds: float = 10.0) -> bool:
    end = time.monotonic() + seconds
    while time.monotonic() < end and not what():
        time.sleep(0.005)
    return what()


def test_results_are_in_order_and_each_case_runs_once(here):
    background, pool = here
    first = [
        (case.seed, told.outcomes["got_aways"]) for case, told in background.submit(cases(3, 1))
    ]
    assert first == [(3, 3.0), (1, 1.0)]
    again = [case.seed for case, _ in background.submit(cases(1, 2, 3))]
    assert again == [1, 2, 3] and pool.played == [3, 1, 2]


def test_visitors_take_turns(here):
    background, pool = here
    pool.gate.clear()
    one, other = background.submit(cases(1, 2, 3)), background.submit(cases(11, 12))
    pool.gate.set()
    for request in (one, other):
        list(request)
    assert pool.played.index(11) < pool.played.index(3)


def test_cancelled_cases_do_not_run(here):
    background, pool = here
    pool.gate.clear()
    gone = background.submit(cases(1, 2, 3, 4))
    gone.cancel()
    pool.gate.set()
    assert len(list(gone)) <= 1 and len(list(background.submit(cases(9)))) == 1
    assert set(pool.played) <= {1, 9}


def test_a_failure_ends_its_request_and_no_other(monkeypatch: pytest.MonkeyPatch):
    """The cases that follow would fail, too, and their results would not be read."""
    broken = Failure("digest", "world A", 2, "ValueError", "no such port", "")
    pool = _Here()
    background = Background(lambda case: broken if case.seed == 2 else _answer(case), idle=0.05)
    monkeypatch.setattr(background, "_worker", lambda: pool)
    pool.gate.clear()
    failing, other = background.submit(cases(1, 2, 3, 4)), background.submit(cases(11, 12, 13))
    pool.gate.set()
    results = [result for _, result in failing]
    assert len(results) == 2 and results[-1] is broken
    assert len(list(other)) == 3 and sorted(pool.played) == [1, 2, 11, 12, 13]


def test_runs_that_nobody_asked_for_come_last_and_wait_for_their_condition(here):
    background, pool = here
    pool.gate.clear()
    may_start = threading.Event()
    spare = background.queue(RunRequest(cases(1, 2), may_start.is_set))
    asked = background.submit(cases(11, 12))
    pool.gate.set()
    list(asked)
    assert pool.played == [11, 12]
    may_start.set()
    assert len(list(spare)) == 2 and pool.played == [11, 12, 1, 2]


def test_known_cases_are_answered_while_the_request_waits(here):
    background, _ = here
    list(background.submit(cases(1, 2)))
    waiting = background.queue(RunRequest(cases(1, 2, 3), lambda: False))
    results = iter(waiting)
    assert [next(results)[0].seed, next(results)[0].seed] == [1, 2]
    waiting.cancel()
    assert list(results) == []


@pytest.mark.parametrize("watched", [True, False])
@pytest.mark.parametrize("asked", [True, False])
def test_the_worker_rests_while_worlds_run_unless_a_visitor_waits(here, watched, asked):
    background, _ = here
    background._rests, background._is_watched = threading.Event(), lambda: watched
    request = RunRequest(cases(1), None if asked else lambda: True)
    list(background.queue(request))
    assert background._rests.is_set() == (watched and not asked)


def test_a_worker_rests_after_each_day_of_its_run(monkeypatch):
    slept: list[float] = []
    monkeypatch.setattr(background_module.time, "sleep", slept.append)
    rests = threading.Event()
    monkeypatch.setattr(Rests, "is_on", rests)
    summarise_run(Case(TINY, 1))
    assert not slept
    rests.set()
    summarise_run(Case(TINY, 1))
    assert len(slept) == TINY.days and min(slept) > 0


class _Dying(_Here):
    """A pool whose worker dies while it runs some cases; the last worker runs the rest."""

    def __init__(self, deaths: int, noticed: bool) -> None:
        super().__init__()
        self.deaths, self.noticed, self.killed = deaths, noticed, 0
        self._processes: dict[int, SimpleNamespace] = {}

    def kill(self) -> None:
        self.killed += 1
        self._processes.clear()

    def submit(self, play, case: Case) -> Future:
        if not self.deaths:
            return super().submit(play, case)
        self.deaths -= 1
        future: Future = Future()
        if self.noticed:
            future.set_exception(BrokenExecutor("a worker has died"))
        else:  # killed in the middle of its answer
            self._processes[1] = SimpleNamespace(exitcode=-9, kill=self.kill)
        return future

    def shutdown(self, **_: object) -> None:
        pass


@pytest.mark.parametrize("noticed", [True, False])
@pytest.mark.parametrize(("deaths", "failed"), [(1, False), (2, True)])
def test_a_case_whose_worker_dies_runs_once_more(
    monkeypatch: pytest.MonkeyPatch, noticed: bool, deaths: int, failed: bool
):
    pool, background = _Dying(deaths, noticed), Background(_answer, idle=0.05)
    monkeypatch.setattr(background, "_worker", lambda: pool)
    monkeypatch.setattr("viz.screen.session.background._CHECK", 0.01)
    ((_, first),) = background.submit(cases(1))
    assert isinstance(first, Failure) is failed and pool.killed == (0 if noticed else deaths)
    ((_, second),) = background.submit(cases(1))  # a failure is not remembered
    assert isinstance(second, RunSummary)


def test_the_end_of_the_server_ends_every_wait(here):
    background, pool = here
    pool.gate.clear()
    requests = [background.submit(cases(1, 2)), background.submit(cases(3))]
    blocked = background.queue(RunRequest(cases(4), lambda: False))
    background.end()
    pool.gate.set()
    for request in (*requests, blocked):
        list(request)
    assert until(lambda: background.is_idle)
    assert len(list(background.submit(cases(7)))) == 1


@pytest.mark.slow
def test_a_real_worker_that_is_killed_is_replaced():
    background = Background(idle=5.0)
    request = iter(background.submit(cases(1, 2, 3)))
    assert isinstance(next(request)[1], RunSummary)
    assert background._pool is not None
    for process in background._pool._processes.values():
        assert psutil.Process(process.pid).nice() > 0
        process.kill()
    assert [isinstance(summary, RunSummary) for _, summary in request] == [True, True]
    background.end()


def test_the_worker_ends_when_idle_and_starts_again(here):
    background, _ = here
    list(background.submit(cases(1)))
    assert until(lambda: background.is_idle)
    assert [case.seed for case, _ in background.submit(cases(5))] == [5]


def test_a_run_summary_equals_the_frame_log_of_the_same_case():
    told = summarise_run(Case(TINY, 4))
    assert isinstance(told, RunSummary)
    from abm.model import BorderModel

    recorder = FrameRecorder(BorderModel(TINY, rng=4))
    for _ in range(TINY.days):
        recorder.model.run_for(1)
        recorder.record()
    assert np.array_equal(told.daily, recorder.log.daily) and told.daily.sum() > 0
    last = {name: recorder.log.outcome(name, TINY.days) for name in OUTCOMES}
    assert last == pytest.approx(told.outcomes, nan_ok=True, rel=1e-5)
    assert set(told.outcomes) == set(OUTCOMES)


def test_the_outcomes_of_an_earlier_day_are_those_of_a_run_that_ends_then():
    from abm.model import BorderModel

    recorder = FrameRecorder(BorderModel(TINY, rng=4))
    then = []
    for _ in range(TINY.days):
        recorder.model.run_for(1)
        recorder.record()
        then.append(outcomes(recorder.model.ledger))
    for day in (TINY.days // 2, 1, TINY.days):
        found = {name: recorder.log.outcome(name, day) for name in OUTCOMES}
        assert found == pytest.approx(then[day - 1], nan_ok=True)
    assert np.isnan(recorder.log.outcome("deaths", 0))


def test_an_invalid_case_gives_a_failure():
    broken = TINY.with_settings({"world": "/nowhere"})
    told = summarise_run(Case(broken, 1))
    assert isinstance(told, Failure) and "nowhere" in str(told)
