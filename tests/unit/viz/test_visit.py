"""Visitors come, play, fall silent and go; the registry is held to a plain account of it."""

from __future__ import annotations

import copy
import math
import threading
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from abm.scenario import Scenario
from agents.param import params_of
from viz.screen.visitors import ALONE, CLASS, Caps, Refusal, Refused, VisitorLimits, rows_a_year


class Clock:
    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


def visits(clock: Clock, **caps: Any) -> VisitorLimits:
    return VisitorLimits(Caps(**caps), clock)


def nothing() -> None:
    pass


def test_every_cap_is_declared_and_marked_as_assumed():
    declared = params_of(Caps)
    assert set(declared) == set(Caps.__slots__)
    assert all(cap.assumed for cap in declared.values())
    assert (ALONE.silence, ALONE.cull, ALONE.body) == (10.0, 60.0, 1_000_000)


def test_the_guide_tells_the_caps():
    guide = Path(__file__).resolve().parents[3] / "docs" / "guides" / "serve.md"
    text = guide.read_text(encoding="utf-8")
    told = (
        f"| {ALONE.visitors} |",
        f"| {ALONE.sockets} and {ALONE.sockets_per_address} |",
        f"| {ALONE.runs} |",
        f"{ALONE.persons:,}:",
        f"{CLASS.persons:,}:",
        f"| {ALONE.silence:g} s |",
        f"| {ALONE.cull:g} s |",
        f"| {ALONE.body / 1e6:g} MB |",
    )
    assert [one for one in told if one not in text] == []


def test_a_class_of_thirty_fits_and_each_has_two_worlds_of_ten_thousand():
    worlds = 2 * rows_a_year(Scenario(scale=40))
    assert CLASS.visitors >= 30 <= CLASS.runs and CLASS.sockets_per_address >= 30
    assert 2 * 10_000 < worlds <= CLASS.persons
    assert 2 * rows_a_year(Scenario(scale=1)) <= ALONE.persons
    assert CLASS.sockets_per_address < min(CLASS.visitors, CLASS.sockets)


def test_rows_are_the_candidates_of_the_model():
    from experiments.run import Case, run_one

    scenario = Scenario(scale=200, days=365, warmup_days=1)
    candidates = run_one(Case(scenario, 3)).persons["candidates"]
    assert rows_a_year(scenario) == pytest.approx(candidates / 200, rel=0.05)
    year = rows_a_year(Scenario(scale=100))
    assert rows_a_year(Scenario(scale=100, days=1000)) == year
    assert rows_a_year(Scenario(scale=50)) == pytest.approx(2 * year, abs=1)


def test_a_visitor_comes_is_heard_and_goes(clock: Clock):
    here = visits(clock)
    assert "a" not in here and here.silent_for("a") == math.inf
    here.enter("a")
    clock.now += 7.0
    assert "a" in here and here.here == 1 and here.silent_for("a") == 7.0
    here.enter("a")  # the same page again does not make it younger
    assert here.silent_for("a") == 7.0
    here.seen("a")
    assert here.silent_for("a") == 0.0
    clock.now -= 5.0
    assert here.silent_for("a") == 0.0
    here.leave("a")
    here.seen("a")
    here.leave("a")
    assert "a" not in here and here.silent_for("a") == math.inf


def test_whoever_leaves_stops_what_they_play_and_nobody_else(clock: Clock):
    here, stopped = visits(clock), []
    for name in ("a", "b"):
        here.enter(name)
        here.start(name, 10, lambda name=name: stopped.append(name))
    here.leave("a")
    assert stopped == ["a"] and here.running == 1


def test_the_silent_are_stopped_once_and_stay(clock: Clock):
    here, stopped = visits(clock, silence=10.0), []
    for name in ("a", "b"):
        here.enter(name)
        here.start(name, 10, lambda name=name: stopped.append(name))
    clock.now += 10.0
    assert here.sweep() == 0
    here.seen("b")
    clock.now += 0.5
    assert here.sweep() == 1 and stopped == ["a"]
    assert "a" in here and here.running == 1 and here.sweep() == 0
    here.leave("a")
    assert stopped == ["a"]
    here.enter("a")
    assert here.may_start("a", 10) is None


def test_a_run_that_breaks_when_stopped_spares_the_others(clock: Clock):
    here, stopped = visits(clock), []

    def broken() -> None:
        raise RuntimeError

    here.enter("a")
    here.start("a", 1, broken)
    here.start("a", 1, lambda: stopped.append(1))
    here.leave("a")
    assert stopped == [1] and here.running == 0


def test_a_run_may_ask_while_it_is_stopped(clock: Clock):
    here = visits(clock)
    here.enter("a")
    run = here.start("a", 1, lambda: (run.end(), here.running))
    done = threading.Thread(target=here.leave, args=("a",), daemon=True)
    done.start()
    done.join(5)
    assert not done.is_alive()


def test_refusals_say_why(clock: Clock):
    here = visits(clock, visitors=2, runs=2, persons=2000)
    assert key(here.may_start("a", 1)) == "gone"
    here.enter("a")
    here.enter("b")
    assert key(here.admits("c")) == "full" and here.admits("a") is None
    run = here.start("a", 1500, nothing)
    refusal = here.may_start("a", 501)
    assert key(refusal) == "persons" and "2,001" in str(refusal) and "2,000" in str(refusal)
    assert here.may_start("a", 500) is None and here.may_start("b", 2000) is None
    here.start("b", 1, nothing)
    assert key(here.may_start("a", 1)) == "runs"
    with pytest.raises(Refused, match="2 runs are being played"):
        here.start("a", 1, nothing)
    run.end()
    run.end()
    assert here.running == 1 and here.may_start("a", 2000) is None


def key(refusal: Refusal | None) -> str:
    return refusal.key if refusal else ""


def test_a_refusal_can_be_copied_and_said_in_another_language():
    refusal = Refusal("runs", "{most} runs", {"most": 1234})
    assert str(copy.deepcopy(refusal)) == "1,234 runs" and refusal.values == {"most": 1234}


@given(
    st.lists(
        st.tuples(st.sampled_from("elsrtw"), st.sampled_from("abcd"), st.integers(1000, 4000)),
        max_size=60,
    )
)
def test_the_registry_agrees_with_a_plain_account(deeds: list[tuple[str, str, int]]):
    clock = Clock()
    caps = Caps(visitors=3, runs=4, persons=6000, silence=10.0)
    here, stopped = VisitorLimits(caps, clock), set()
    seen: dict[str, float] = {}
    plays: dict[int, tuple[str, int]] = {}
    runs: dict[int, Any] = {}
    for n, (deed, who, number) in enumerate(deeds):
        if deed == "e" and here.admits(who) is None:
            here.enter(who)
            seen.setdefault(who, clock.now)
        elif deed == "l":
            here.leave(who)
            seen.pop(who, None)
            plays = {k: play for k, play in plays.items() if play[0] != who}
        elif deed == "s":
            here.seen(who)
            if who in seen:
                seen[who] = clock.now
        elif deed == "r":
            mine = sum(persons for name, persons in plays.values() if name == who)
            may = who in seen and mine + number <= 6000 and len(plays) < 4
            assert (here.may_start(who, number) is None) == may
            if may:
                plays[n] = (who, number)
                runs[n] = here.start(who, number, lambda n=n: stopped.add(n))
        elif deed == "t" and plays:
            ended = min(plays)
            del plays[ended]
            runs[ended].end()
            assert ended not in stopped
        elif deed == "w":
            clock.now += number / 1000
            plays = {k: p for k, p in plays.items() if clock.now - seen[p[0]] <= 10.0}
            here.sweep()
        assert here.here == len(seen) <= 3 and here.running == len(plays) <= 4
        assert all(
            (k in plays) != (k in stopped or run not in _live(here)) for k, run in runs.items()
        )


def _live(here: VisitorLimits) -> list[Any]:
    return [run for visitor in here._visitors.values() for run in visitor.runs]


def test_many_threads_leave_nothing_behind():
    here = VisitorLimits(Caps(runs=5, visitors=50))
    most = []

    def life(name: str) -> None:
        here.enter(name)
        for _ in range(50):
            try:
                run = here.start(name, 1, nothing)
            except Refused:
                continue
            most.append(here.running)
            run.end()
        here.leave(name)

    threads = [threading.Thread(target=life, args=(f"v{k}",)) for k in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert here.here == here.running == 0 and max(most) <= 5
