"""Background runs: requests take turns, and each case runs once for all visitors."""

from __future__ import annotations

import threading
import time
from concurrent.futures import Future

import numpy as np
import pytest

from experiments.case import Case, Failure
from experiments.scenarios import find
from viz.screen.background import Background, RunSummary, SummaryOrFailure, summarise_run
from viz.screen.frames import DAILY, OUTCOMES, FrameRecorder

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
    list(one), list(other)
    assert pool.played.index(11) < pool.played.index(3)


def test_cancelled_cases_do_not_run(here):
    background, pool = here
    pool.gate.clear()
    gone = background.submit(cases(1, 2, 3, 4))
    gone.cancel()
    pool.gate.set()
    assert len(list(gone)) <= 1 and len(list(background.submit(cases(9)))) == 1
    assert set(pool.played) <= {1, 9}


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
    last = dict(zip(OUTCOMES, recorder.log.outcomes[-1].tolist(), strict=True))
    assert last == pytest.approx(told.outcomes, nan_ok=True, rel=1e-5)
    assert set(told.outcomes) == set(OUTCOMES)


def test_an_invalid_case_gives_a_failure():
    broken = TINY.with_settings({"world": "/nowhere"})
    told = summarise_run(Case(broken, 1))
    assert isinstance(told, Failure) and "nowhere" in str(told)
