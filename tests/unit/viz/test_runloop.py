"""The loop runs both worlds in step, rewinds without a new simulation, and pauses at once."""

from __future__ import annotations

import itertools
import time
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from abm.model import BorderModel
from abm.scenario import Scenario, parse_policy
from agents.outcomes import Event
from experiments.runs.case import Case
from experiments.runs.run import run_one
from experiments.scenarios import find
from tests.unit.viz.made_sessions import record_days
from viz.screen.session.frames import DAILY_FIGURES, WEEK, FrameRecorder
from viz.screen.session.runloop import LoopStatus, Phase, RunLoop
from viz.screen.widgets.world import frame_dtype

TINY = find("classroom").with_settings({"days": 30, "scale": 200, "warmup_days": 40})
CONTROL = TINY.with_settings({"policies": [parse_policy("southern_border_control:6")]})


class Watcher:
    """Collect the statuses of a loop and wait for one of them."""

    def __init__(self) -> None:
        self.statuses: list[LoopStatus] = []
        self.loop: RunLoop | None = None

    def __call__(self, status: LoopStatus) -> None:
        self.statuses.append(status)
        if self.loop:
            self.loop.acknowledge(self.loop.serial)

    def until(self, what: Callable[[LoopStatus], bool], seconds: float = 60.0) -> LoopStatus:
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            if self.loop and what(self.loop.status):
                return self.loop.status
            time.sleep(0.005)
        raise AssertionError(f"never came; last {self.statuses[-1:]}")


@pytest.fixture
def start():
    """Return a function that starts loops; they end with the test."""
    loops: list[RunLoop] = []

    def go(*scenarios: Scenario, speed: float = 60.0, **more: Any) -> tuple[RunLoop, Watcher]:
        watcher = Watcher()
        loop = RunLoop(scenarios or (TINY, CONTROL), 3, watcher, speed=speed, **more)
        watcher.loop = loop
        loops.append(loop)
        loop.begin()
        watcher.until(lambda status: status.phase is not Phase.BUILDING)
        return loop, watcher

    yield go
    for loop in loops:
        loop.end(wait=20.0)


def test_a_complete_run_equals_the_same_case_of_run_one(start):
    loop, watcher = start(TINY)
    loop.run()
    watcher.until(lambda status: status.day == TINY.days and status.phase is Phase.PAUSED)
    assert loop.recorders[0].model.ledger.digest == run_one(Case(TINY, 3)).digest


def test_every_day_is_shown_once_and_in_order(start):
    loop, watcher = start()
    loop.run()
    watcher.until(lambda status: status.day == TINY.days)
    days = [status.day for status in watcher.statuses]
    assert sorted(set(days)) == list(range(TINY.days + 1)) and days == sorted(days)


def test_rewinding_simulates_nothing_again(start):
    loop, watcher = start()
    loop.seek(20)
    watcher.until(lambda status: status.day == 20)
    work, frames = loop.work_s, [list(log.frames) for log in loop.logs]
    for day in (3, 19, 0, 20):
        loop.seek(day)
        watcher.until(lambda status, day=day: status.day == day)
    assert loop.work_s == work and [log.frames for log in loop.logs] == frames
    loop.seek(19)
    watcher.until(lambda status: status.day == 19)
    loop.seek(20)
    watcher.until(lambda status: status.day == 20)
    assert loop.simulated == 20


def test_frames_stop_without_acknowledgements(start):
    loop, watcher = start()
    watcher.loop = None  # The page stops sending acknowledgements.
    shown = loop.serial
    loop.acknowledge(shown)
    loop.run()
    time.sleep(0.5)
    assert loop.serial - shown <= 3
    watcher.loop = loop


def test_an_ended_loop_simulates_nothing_more(start):
    loop, watcher = start(speed=60.0)
    loop.run()
    watcher.until(lambda status: status.day >= 2)
    loop.end(wait=20.0)
    played = loop.simulated
    assert loop._thread is not None and not loop._thread.is_alive()
    loop.run()
    assert loop.status.phase is Phase.ENDED and loop.simulated == played


def test_an_exception_sets_the_error_and_ends_the_loop():
    def broken(scenario: Scenario, seed: int) -> BorderModel:
        raise ValueError("no such\nworld")

    watcher = Watcher()
    loop = watcher.loop = RunLoop((TINY,), 1, watcher, build=broken)
    loop.begin()
    status = watcher.until(lambda status: status.phase is Phase.FAILED)
    assert status.error == "no such world"


def test_an_unchanged_world_is_not_simulated_again(start):
    loop, watcher = start()
    loop.seek(12)
    watcher.until(lambda status: status.day == 12)
    loop.end(wait=20.0)
    old = loop.recorders[0]
    again, watcher = start(reused=(old, None))
    again.seek(14)
    watcher.until(lambda status: status.day == 14)
    assert again.recorders[0] is old and again.recorders[1] is not loop.recorders[1]
    assert [len(log) for log in again.logs] == [14, 14]
    # The world is the same case, so its frames are equal.
    assert again.logs[1].frames[:12] == loop.logs[1].frames


# ---- frames and journeys -------------------------------------------------------------------------


@pytest.fixture(scope="module")
def filmed() -> tuple[FrameRecorder, FrameRecorder]:
    """Record two worlds over 30 days; the second has control in the south."""
    return record_days(TINY), record_days(CONTROL)


def test_figures_are_those_of_the_outcomes(filmed: tuple[FrameRecorder, FrameRecorder]):
    outcomes = run_one(Case(TINY, 3)).outcomes
    for name in DAILY_FIGURES:
        if name != "in_transit":
            told = filmed[0].log.series(name).sum() * 365 / TINY.days
            assert told == pytest.approx(outcomes[name], rel=1e-4), name


def test_a_frame_agrees_with_the_model(filmed: tuple[FrameRecorder, FrameRecorder]):
    for recorder in filmed:
        model, frame = recorder.model, recorder.log.record(TINY.days)
        assert frame is not None and frame["day"] == TINY.days
        assert frame["dead"].sum() / 1000 == pytest.approx(
            model.ledger.expected_deaths.sum(), abs=1
        )
        assert np.allclose(frame["officers"], model.forces.standing_officers(), atol=0.5)
        assert frame["cells"].sum() == sum(len(a.cells) for a in model.market.agents.values())
        assert frame["caught"].sum() == recorder.log.series("apprehended_us")[-WEEK:].sum()
    legs, places = filmed[0].model.world.n_legs, filmed[0].model.world.n_places
    assert len(filmed[0].log.frame(1)) == frame_dtype(legs, places).itemsize <= 5_000
    assert filmed[0].log.frame(0) == b"" and filmed[0].log.record(0) is None


def test_the_same_people_are_followed_in_both_worlds(filmed: tuple[FrameRecorder, FrameRecorder]):
    a, b = (recorder.log.journey_log for recorder in filmed)
    followed = sorted(a.journeys.keys() & b.journeys.keys())
    assert len(followed) > 0.8 * max(len(a), len(b)) > 10
    for uid in followed:
        one, other = a.journeys[uid], b.journeys[uid]
        assert (one.origin, one.group, one.kind) == (other.origin, other.group, other.kind)
        first = [journey.entries[0] for journey in (one, other)]
        assert first[0].day == first[1].day and first[0].wealth + 1 > 0
    differ = [a.journeys[uid].entries != b.journeys[uid].entries for uid in followed]
    assert any(differ) and followed == sorted(followed)


def test_a_journey_is_in_order_and_agrees_with_the_model(
    filmed: tuple[FrameRecorder, FrameRecorder],
):
    recorder = filmed[1]
    rows = {int(row["uid"]): row for row in recorder.model.migrants.live}
    for uid, journey in recorder.log.journey_log.journeys.items():
        days = [entry.day for entry in journey.entries]
        assert days == sorted(set(days)) and not journey.until(days[0] - 1)
        last = journey.until(TINY.days)[-1]
        if uid in rows and last is not None:
            assert (last.status, last.place) == (rows[uid]["status"], rows[uid]["place"])
        world = recorder.model.world
        legs = journey.legs(TINY.days)
        assert legs == [entry.leg for entry in journey.entries]
        assert all(-1 <= leg < world.n_legs for leg in legs)
        changed = [
            (e.status, e.place, e.leg, e.org, e.consequence, e.trips) for e in journey.entries
        ]
        assert all(one != other for one, other in itertools.pairwise(changed))


def test_journeys_have_every_change_also_when_the_table_drops_rows():
    recorder = FrameRecorder(BorderModel(TINY.with_settings({"days": 70}), rng=3))
    people, log, expected = recorder.model.migrants, recorder.log.journey_log, {}
    version = people.version
    for _ in range(70):
        recorder.model.run_for(1)
        recorder.record()
        for row in people.live:
            state = row[["status", "place", "leg", "org", "consequence", "trips"]].item()
            states = expected.setdefault(int(row["uid"]), [])
            states += [state] if states[-1:] != [state] else []
    assert people.version > version
    for uid, journey in log.journeys.items():
        assert [entry[1:7] for entry in journey.entries] == expected[uid]


def test_the_rings_of_the_map_count_apprehensions_of_the_week_and_no_one_turned_back(filmed):
    recorder = filmed[1]
    last = recorder.log.record(TINY.days)
    week = recorder.model.ledger.events[-WEEK:].sum(axis=(0, 2, 3))
    assert last["stopped"].sum() == week[Event.APPREHENDED_MEXICO] > 0
    assert last["caught"].sum() == week[Event.APPREHENDED_US] > 0
    assert week[Event.TURNED_BACK] > 0, "turned back, and in none of the rings"
