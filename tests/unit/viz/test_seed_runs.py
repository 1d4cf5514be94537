"""Runs on other seeds start and stop by themselves, never hang, and belong to the shown worlds."""

from __future__ import annotations

import contextlib
import dataclasses
import random
import sys
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import Executor, Future
from concurrent.futures.process import BrokenProcessPool
from functools import partial
from types import SimpleNamespace
from typing import Any, cast

import numpy as np
import pytest

from experiments.runs.case import Case
from experiments.sweeps.backend import Backend
from viz.screen.panels.headline import answer_markup
from viz.screen.session import background as background_module
from viz.screen.session import runloop, session
from viz.screen.session.background import Background
from viz.screen.session.choice import Choice
from viz.screen.session.frames import DAILY_FIGURES, FrameLog
from viz.screen.session.replicates import SEEDS
from viz.screen.session.runloop import WINDOW, Build, Phase, RunLoop
from viz.screen.session.session import Session
from viz.screen.session.summaries import RunSummary
from viz.screen.session.visitors import Caps, VisitorLimits

DAYS = 6
BOTH = 2 * SEEDS
CHOICE = Choice(scale=500, days=DAYS)
INSTRUMENTS = ("southern_border_control:2", "southern_border_control:5", "fence:1")


class _Recorder:
    """Record empty days without a model."""

    def __init__(self, days: int) -> None:
        self.model = SimpleNamespace(run_for=lambda days: None)
        self.log = FrameLog(days, np.dtype([("flow", "f4", 2)]))

    def record(self) -> None:
        self.log.frames.append(b"")


class _Pool(Executor):
    """Run cases in threads with a random delay; workers may die, and cases may fail."""

    def __init__(self, ran: list[Case]) -> None:
        self._luck, self._ran = random.Random(7), ran
        self.delay, self.error, self.deadly = 0.002, "", 0.0
        self._used = False

    def submit(self, fn: Callable[..., RunSummary], /, *args: Any, **_: Any) -> Future:
        (case,), done = args, Future[RunSummary]()
        survives = not self._used or self._luck.random() > self.deadly
        self._used = survives  # A new worker always survives its first case.
        if not survives:
            done.set_exception(BrokenProcessPool("killed"))
            return done
        self._ran.append(case)
        if self.error:
            done.set_exception(ValueError(self.error))
        else:
            delay = self._luck.random() * self.delay
            threading.Timer(delay, lambda: done.set_result(fn(case))).start()
        return done


class _Threads(Backend):
    """A backend whose workers can be replaced."""

    def _replace(self) -> None:
        pass


def _summary(case: Case) -> RunSummary:
    """Return a result that identifies its case."""
    policies = float(hash(case.scenario.policies) % 10_007)
    outcomes = {"seed": float(case.seed), "policies": policies}
    return RunSummary(np.ones((case.scenario.days, len(DAILY_FIGURES)), np.float32), outcomes)


class _Class:
    """A server with visitors whose clock is a hundred times too fast, so that pages fall silent."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.ran: list[Case] = []
        self.pool = _Pool(self.ran)
        self.background = Background(
            _summary, idle=0.2, backend=lambda: _Threads(self.pool, 1, "threads", ahead=0)
        )
        self.limits = VisitorLimits(Caps(), lambda: 100.0 * time.monotonic())
        monkeypatch.setattr(background_module, "_CHECK", 0.01)
        monkeypatch.setattr(runloop, "FrameRecorder", lambda scenario: _Recorder(scenario.days))
        made = partial(RunLoop, build=cast(Build, lambda scenario, seed: scenario))
        monkeypatch.setattr(session, "RunLoop", made)
        monkeypatch.setattr(session, "migrants_per_year", lambda scenario: 1000)
        self.sessions: list[Session] = []

    def visit(self, name: str = "a", scale: int = CHOICE.scale) -> Session:
        """Open a page; return its session when its worlds are built."""
        self.limits.enter(name)
        made = Session(kernel=name, limits=self.limits, background=self.background)
        made.choice.set(dataclasses.replace(CHOICE, scale=scale))
        made.set_speed(60)
        self.sessions.append(made)
        made.begin()
        until(lambda: made.now.phase is Phase.PAUSED)
        return made


@pytest.fixture
def school(monkeypatch: pytest.MonkeyPatch) -> Iterator[_Class]:
    made = _Class(monkeypatch)
    yield made
    for one in made.sessions:
        one.end()
    made.background.end()
    until(lambda: not made.background._backends)


def until(what: Callable[[], object], seconds: float = 20.0) -> None:
    """Wait until a condition holds; fail if it never does."""
    end = time.monotonic() + seconds
    while not what():
        assert time.monotonic() < end, "it hangs"
        time.sleep(0.001)


def complete(one: Session) -> bool:
    """Return whether the page shows the results of all seeds of its current worlds."""
    choice, shown = one.choice.value, one.replicates.value
    if len(shown.summaries) < BOTH or shown.error:
        return False
    for (world, seed), summary in shown.summaries.items():
        policies = float(hash(choice.scenario(world).policies) % 10_007)
        assert summary.outcomes == {"seed": float(seed), "policies": policies}
        assert choice.seed <= seed < choice.seed + SEEDS
    return True


# ---- hangs -------------------------------------------------------------------------------------


def disturb(school: _Class, one: Session, luck: random.Random) -> None:
    """Disturb a page by a random action of the visitor, the network or the machine."""
    fate = luck.randrange(5)
    if fate == 0:  # Rebuild again before the first rebuild is complete.
        one.update_choice(b=(luck.choice(INSTRUMENTS),), seed=luck.randrange(1, 4))
        one.update_choice(b=(luck.choice(INSTRUMENTS),))
    elif fate == 1:
        one.toggle()
        one.toggle()
    elif fate == 2:  # Leave the worlds and come back.
        one.end()
        one.begin()
    elif fate == 3:
        school.limits.stop_silent()
    else:
        one.seek(luck.randrange(1, DAYS))


def phase_of(one: Session) -> Phase | None:
    """Return the phase of a page's loop; None without a loop."""
    return None if one.loop is None else one.loop.status.phase


def press_run(one: Session) -> bool:
    """Press Run while the page is paused before day 1; return whether a day has run.

    The guard may pause the page again, because the page falls silent.
    """
    if phase_of(one) is Phase.PAUSED and not one.now.day:
        one.toggle()
    return one.now.day > 0


@pytest.mark.slow
def test_thirty_starts_in_a_row_under_load_all_finish(school: _Class):
    """Every start gives nine seeds in spite of delays, rebuilds, silence and workers that die."""
    luck, over = random.Random(3), threading.Event()
    school.pool.deadly = 0.05

    def load() -> None:
        while not over.is_set():
            sum(range(500))

    def check() -> None:
        while not over.is_set():
            school.limits.stop_silent()
            time.sleep(0.002)

    threads = [threading.Thread(target=one, daemon=True) for one in (load, check)]
    interval = sys.getswitchinterval()
    sys.setswitchinterval(1e-4)
    try:
        for thread in threads:
            thread.start()
        one = school.visit()
        for start in range(30):
            world_b = (INSTRUMENTS[start % 3],)
            one.update_choice(b=world_b, seed=1 + start % 7)
            until(lambda: press_run(one))
            disturb(school, one, luck)
            until(lambda: phase_of(one) not in (None, Phase.BUILDING))
            one.seek(1 + start % DAYS)
            until(lambda: press_run(one) and complete(one))
            until(lambda: one.status.value.phase is phase_of(one))
    finally:
        over.set()
        sys.setswitchinterval(interval)
    until(lambda: school.limits._visitors["a"].stop is None or one.loop is None)


# ---- starts and stops ---------------------------------------------------------------------------


def test_a_changed_lever_runs_only_the_world_that_it_changes(school: _Class):
    one = school.visit()
    one.seek(2)
    until(lambda: complete(one))
    before = len(school.ran)
    one.update_choice(b=("fence:1",))
    until(lambda: complete(one) and one.now.day >= 2)  # The loop continues on its own.
    again = school.ran[before:]
    assert len(again) == SEEDS
    assert {case.scenario.policies for case in again} == {one.choice.value.scenario(1).policies}
    one.update_choice(a=("fence:1",))  # world B of the current choice
    until(lambda: complete(one))
    assert len(school.ran) == before + SEEDS


def test_a_first_answer_of_three_coarse_seeds_is_replaced_by_nine_at_the_scale_of_the_page(
    school: _Class,
):
    one, shown = school.visit(scale=100), set[tuple[int, int]]()

    def is_complete() -> bool:
        shown.add((one.seed_counts["runs"], one.seed_counts["scale"]))
        return complete(one)

    until(is_complete)
    assert (9, 100) in shown <= {*((runs, 200) for runs in range(4)), (9, 100)}
    assert [case.scenario.scale for case in school.ran] == [200] * 6 + [100] * BOTH


def test_opened_policies_start_a_first_answer_that_is_not_stored(school: _Class):
    one = school.visit(scale=100)
    until(lambda: complete(one))
    school.background._memory.clear()
    one.seed_runs.prepare()
    until(lambda: [case.scenario.scale for case in school.ran[6 + BOTH :]] == [200] * 6)


def test_a_second_visitor_with_the_same_worlds_runs_nothing(school: _Class):
    for name in ("a", "b"):
        one = school.visit(name)
        one.seek(1)
        until(lambda one=one: complete(one))
    assert len(school.ran) == BOTH


def test_runs_stop_when_the_visitor_leaves(school: _Class):
    school.pool.delay = 0.05
    one = school.visit()
    one.seek(1)
    until(lambda: len(one.replicates.value.summaries) >= 2)
    one.end()
    school.limits.leave("a")
    until(lambda: one.seed_runs._request is None)
    ran = len(school.ran)
    assert ran < BOTH
    one.seek(3)  # a late command of a closed page
    time.sleep(0.15)
    assert len(school.ran) <= ran + 1


def test_runs_wait_while_many_worlds_run_on_the_screen(school: _Class):
    for number in range(16):
        school.limits.enter(f"other{number}")
        school.limits.start(f"other{number}", 1, lambda: None)
    one = school.visit()
    until(lambda: one.seed_runs._request is not None)
    time.sleep(0.1)
    assert school.ran == [] and one.seed_runs.ahead == 16
    assert answer_markup(one).endswith("Visitors who are served first: 16.</p>")
    school.limits.end_run("other0")
    until(lambda: complete(one))


def test_a_failed_run_is_reported_and_is_not_repeated(school: _Class):
    school.pool.error = "no such port"
    one = school.visit()
    until(lambda: one.replicates.value.error)
    assert "no such port" in one.replicates.value.error
    for day in (2, 3, 4):
        one.seek(day)
        until(lambda day=day: one.now.day == day)
    assert len(school.ran) == 1
    school.pool.error = ""
    one.update_choice(b=("fence:1",))
    until(lambda: complete(one))


def test_a_loop_that_was_replaced_while_building_is_not_shown(school: _Class):
    one = school.visit()
    old = one.loop
    one.update_choice(seed=5)
    until(lambda: one.now.phase is Phase.PAUSED)
    assert old is not None
    old.on_status(dataclasses.replace(old.status, phase=Phase.ENDED))
    assert one.status.value.phase is Phase.PAUSED


@pytest.mark.parametrize("leaves", [False, True])
def test_a_late_acknowledgement_of_an_earlier_run_does_not_let_the_next_one_run_ahead(
    school: _Class, leaves: bool
):
    one = school.visit()
    one.update_choice(days=50)
    one.toggle()
    until(lambda: one.now.day > 20)
    one.seek(0)
    until(lambda: one.now.phase is Phase.PAUSED)
    assert one.loop is not None
    late = one.loop.serial
    one.live_widgets.maps[0] = cast(Any, SimpleNamespace(hold_sync=contextlib.nullcontext))
    if leaves:
        one.end()
    one.update_choice(seed=5)
    until(lambda: one.now.phase is Phase.PAUSED)
    one.acknowledge(late)
    before = one.loop.serial
    one.toggle()
    time.sleep(0.3)  # 18 days at this speed
    assert before < one.loop.serial <= before + WINDOW + 1


def test_the_day_of_an_address_is_shown_also_if_its_worlds_take_long_to_build(
    school: _Class, monkeypatch: pytest.MonkeyPatch
):
    """While it waits, the page sends nothing. It must not count as silent and stay at day 0."""
    built = threading.Event()
    build = cast(Build, lambda scenario, seed: built.wait(20.0) and scenario)
    monkeypatch.setattr(session, "RunLoop", partial(RunLoop, build=build))
    school.limits.enter("late")
    one = Session(kernel="late", limits=school.limits, background=school.background, first_day=5)
    school.sessions.append(one)
    one.choice.set(CHOICE)
    one.begin()
    until(lambda: school.limits.seconds_silent("late") > school.limits.caps.silence)
    school.limits.stop_silent()
    built.set()
    until(lambda: one.now.phase is Phase.PAUSED)
    assert one.now.day == 5 and not one.error.value


def test_a_world_with_an_interrupted_day_is_built_again(school: _Class):
    """A world that failed within a day cannot continue, even with unchanged settings."""

    def fail(days: float) -> None:
        raise RuntimeError("interrupted")

    one = school.visit()
    assert one.loop is not None
    broken = one.loop.recorders[0]
    broken.model.run_for = fail
    one.toggle()
    until(lambda: one.now.phase is Phase.FAILED)
    one.update_choice(b=INSTRUMENTS[2:])
    until(lambda: one.now.phase is Phase.PAUSED)
    assert broken not in one.loop.recorders
    one.toggle()
    until(lambda: one.now.day == DAYS)
