"""Background runs: visitors take turns, and each case runs once for all of them."""

from __future__ import annotations

import threading
import time
from concurrent.futures import Executor, Future
from typing import Any

import numpy as np
import psutil
import pytest

from abm.measures import OUTCOMES, outcomes
from experiments.runs.case import Case, Failure
from experiments.scenarios import find
from experiments.sweeps.backend import Backend
from tests.unit.viz.made_sessions import record_days
from viz.screen.session.background import Background, RunRequest
from viz.screen.session.frames import DAILY_FIGURES
from viz.screen.session.summaries import RunSummary, SummaryOrFailure, summarise_run

TINY = find("classroom").with_settings({"days": 20, "scale": 500, "warmup_days": 9})


class _Here(Executor):
    """Run cases in this process, record their seeds, and wait while the gate is closed."""

    def __init__(self) -> None:
        self.seeds: list[int] = []
        self.gate = threading.Event()
        self.gate.set()

    def submit(self, fn: Any, /, *args: Any, **_: Any) -> Future[Any]:
        self.gate.wait(10)
        self.seeds.append(args[0].seed)
        done = Future[Any]()
        done.set_result(fn(*args))
        return done


def _answer(case: Case) -> SummaryOrFailure:
    return RunSummary(
        np.full((1, len(DAILY_FIGURES)), case.seed, np.float32), {"got_aways": float(case.seed)}
    )


def _broken_on_two(case: Case) -> SummaryOrFailure:
    if case.seed == 2:
        return Failure("digest", "world A", 2, "ValueError", "no such port", "")
    return _answer(case)


@pytest.fixture
def here(request: pytest.FixtureRequest) -> tuple[Background, _Here]:
    pool, run = _Here(), getattr(request, "param", _answer)
    return Background(run, 0.05, lambda: Backend(pool, 1, "here", ahead=0)), pool


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
    assert again == [1, 2, 3] and pool.seeds == [3, 1, 2]


def test_first_answers_come_before_finer_runs_one_visitor_after_the_other(here):
    background, pool = here
    pool.gate.clear()
    blocker = background.submit(cases(99))
    finer = background.queue(RunRequest(cases(1, 2), lambda: True))
    first, second = (
        background.queue(RunRequest(cases(*seeds), lambda: True, n_first=2))
        for seeds in ((11, 12), (21, 22))
    )
    assert until(lambda: [background.ahead(one) for one in (first, second, finer)] == [0, 1, 2])
    pool.gate.set()
    for request in (blocker, finer, first, second):
        list(request)
    assert pool.seeds == [99, 11, 12, 21, 22, 1, 2]


def test_several_workers_run_no_case_twice():
    """Visitors of a class who choose the same pair wait for the same runs."""
    most = threading.Barrier(3, timeout=10.0)

    def run(case: Case) -> SummaryOrFailure:
        most.wait()  # Every worker runs a case before any of them returns.
        return _answer(case)

    pools = [_Here() for _ in range(3)]
    free = iter(pools)
    background = Background(run, 0.5, lambda: Backend(next(free), 1, "here", ahead=0), workers=3)
    requests = [background.submit(cases(*range(6))) for _ in range(4)]
    assert all(len(list(request)) == 6 for request in requests)
    assert sorted(seed for pool in pools for seed in pool.seeds) == list(range(6))


def test_visitors_take_turns(here):
    background, pool = here
    pool.gate.clear()
    one, other = background.submit(cases(1, 2, 3)), background.submit(cases(11, 12))
    pool.gate.set()
    for request in (one, other):
        list(request)
    assert pool.seeds.index(11) < pool.seeds.index(3)


@pytest.mark.parametrize("here", [_broken_on_two], indirect=True)
def test_a_failure_ends_its_request_and_no_other(here):
    """After a failure, the remaining cases of the request do not run."""
    background, pool = here
    pool.gate.clear()
    failing, other = background.submit(cases(1, 2, 3, 4)), background.submit(cases(11, 12, 13))
    pool.gate.set()
    results = [result for _, result in failing]
    assert len(results) == 2 and isinstance(results[-1], Failure)
    assert len(list(other)) == 3 and sorted(pool.seeds) == [1, 2, 11, 12, 13]


def test_runs_that_nobody_asked_for_come_last_and_wait_for_their_condition(here):
    background, pool = here
    pool.gate.clear()
    may_start = threading.Event()
    spare = background.queue(RunRequest(cases(1, 2), may_start.is_set))
    asked = background.submit(cases(11, 12))
    pool.gate.set()
    list(asked)
    assert pool.seeds == [11, 12]
    may_start.set()
    assert len(list(spare)) == 2 and pool.seeds == [11, 12, 1, 2]


def test_known_cases_are_answered_while_the_request_waits(here):
    background, _ = here
    list(background.submit(cases(1, 2)))
    waiting = background.queue(RunRequest(cases(1, 2, 3), lambda: False))
    results = iter(waiting)
    assert [next(results)[0].seed, next(results)[0].seed] == [1, 2]
    waiting.cancel()
    assert list(results) == []


def test_the_end_of_the_server_ends_every_wait(here):
    background, pool = here
    pool.gate.clear()
    requests = [background.submit(cases(1, 2)), background.submit(cases(3))]
    blocked = background.queue(RunRequest(cases(4), lambda: False))
    background.end()
    pool.gate.set()
    for request in (*requests, blocked):
        list(request)
    assert until(lambda: not background._backends)
    assert len(list(background.submit(cases(7)))) == 1


@pytest.mark.slow
def test_a_real_worker_that_is_killed_is_replaced():
    background = Background(idle=5.0)
    request = iter(background.submit(cases(1, 2, 3)))
    assert isinstance(next(request)[1], RunSummary)
    here = psutil.Process()
    worker = max(here.children(), key=lambda process: process.nice())
    assert worker.nice() > here.nice()
    worker.kill()
    assert [isinstance(summary, RunSummary) for _, summary in request] == [True, True]
    background.end()


def test_a_run_summary_equals_the_frame_log_of_the_same_case():
    told = summarise_run(Case(TINY, 4))
    assert isinstance(told, RunSummary)
    recorder = record_days(TINY, 4)
    assert np.array_equal(told.daily, recorder.log.daily) and told.daily.sum() > 0
    last = outcomes(recorder.model.ledger)
    assert last == pytest.approx(told.outcomes, nan_ok=True, rel=1e-5)
    assert set(told.outcomes) == set(OUTCOMES)


def test_an_invalid_case_gives_a_failure():
    broken = TINY.with_settings({"world": "/nowhere"})
    told = summarise_run(Case(broken, 1))
    assert isinstance(told, Failure) and "nowhere" in str(told)
