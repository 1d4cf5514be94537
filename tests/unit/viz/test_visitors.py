"""Visitors enter, run, fall silent and leave; a simple model checks the limits."""

from __future__ import annotations

import copy
import math
import queue
import threading
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from abm.scenario import Scenario
from agents.param import params_of
from viz.screen.session.visitors import (
    ALONE,
    CLASS,
    Caps,
    Refusal,
    RefusalError,
    VisitorLimits,
    migrants_per_year,
)


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


def test_the_guide_lists_the_caps():
    guide = Path(__file__).resolve().parents[3] / "docs" / "guides" / "serve.md"
    text = guide.read_text(encoding="utf-8")
    told = (
        f"| {ALONE.visitors} |",
        f"| {ALONE.sockets} and {ALONE.sockets_per_address} |",
        f"| {ALONE.runs} |",
        f"{ALONE.persons:,}:",
        f"{CLASS.persons:,}:",
        f"| {ALONE.silence:g} s |",
        f"| {ALONE.idle:g} s |",
        f"| {ALONE.cull:g} s, but",
        f"at a time | {ALONE.builds} |",
        f"| {ALONE.body / 1e6:g} MB |",
    )
    assert [one for one in told if one not in text] == []


def test_a_class_of_thirty_fits_and_each_has_two_worlds_of_ten_thousand():
    worlds = 2 * migrants_per_year(Scenario(scale=40))
    assert CLASS.visitors >= 30 <= CLASS.runs and CLASS.sockets_per_address >= 30
    assert 2 * 10_000 < worlds <= CLASS.persons
    assert 2 * migrants_per_year(Scenario(scale=1)) <= ALONE.persons
    assert CLASS.sockets_per_address < min(CLASS.visitors, CLASS.sockets)


def test_migrants_per_year_are_the_candidates_of_the_model():
    from experiments.runs.case import Case
    from experiments.runs.run import run_one

    scenario = Scenario(scale=200, days=365, warmup_days=1)
    candidates = run_one(Case(scenario, 3)).persons["candidates"]
    assert migrants_per_year(scenario) == pytest.approx(candidates / 200, rel=0.05)
    year = migrants_per_year(Scenario(scale=100))
    assert migrants_per_year(Scenario(scale=100, days=1000)) == year
    assert migrants_per_year(Scenario(scale=50)) == pytest.approx(2 * year, abs=1)


def test_a_visitor_enters_sends_messages_and_leaves(clock: Clock):
    limits = visits(clock)
    assert "a" not in limits and limits.seconds_silent("a") == math.inf
    limits.enter("a")
    clock.now += 7.0
    assert "a" in limits and limits.n_visitors == 1 and limits.seconds_silent("a") == 7.0
    limits.enter("a")  # the same page again does not make it younger
    assert limits.seconds_silent("a") == 7.0
    limits.touch("a")
    assert limits.seconds_silent("a") == 0.0
    clock.now -= 5.0
    assert limits.seconds_silent("a") == 0.0
    limits.leave("a")
    limits.touch("a")
    limits.leave("a")
    assert "a" not in limits and limits.seconds_silent("a") == math.inf


def test_leaving_stops_only_the_visitors_own_runs(clock: Clock):
    limits, stopped = visits(clock), []
    for name in ("a", "b"):
        limits.enter(name)
        limits.start(name, 10, lambda name=name: stopped.append(name))
    limits.leave("a")
    assert stopped == ["a"] and limits.n_running == 1


def test_runs_of_silent_visitors_stop_once_and_the_visitors_stay(clock: Clock):
    limits, stopped = visits(clock, silence=10.0), []
    for name in ("a", "b"):
        limits.enter(name)
        limits.start(name, 10, lambda name=name: stopped.append(name))
    clock.now += 10.0
    assert limits.stop_silent() == 0
    limits.touch("b")
    clock.now += 0.5
    assert limits.stop_silent() == 1 and stopped == ["a"]
    assert "a" in limits and limits.n_running == 1 and limits.stop_silent() == 0
    limits.leave("a")
    assert stopped == ["a"]
    limits.enter("a")
    assert limits.start_refusal("a", 10) is None


def test_background_runs_do_not_count_and_continue_until_the_visitor_leaves(clock: Clock):
    limits, stopped = visits(clock, runs=1, persons=1000), []
    assert limits.follow("a", nothing) is None
    limits.enter("a")
    run = limits.follow("a", lambda: stopped.append("a"))
    other = limits.follow("a", lambda: stopped.append("other"))
    assert run is not None and other is not None and limits.n_running == 0
    limits.start("a", 1000, nothing)
    clock.now += 3600.0
    assert limits.stop_silent() == 1 and stopped == []
    other.end()
    limits.leave("a")
    assert stopped == ["a"]


def test_many_runs_on_the_screen_make_the_server_busy(clock: Clock):
    limits = visits(clock)
    limits.enter("a")
    runs = [limits.start("a", 1, nothing) for _ in range(16)]
    assert limits.is_busy
    limits.follow("a", nothing)
    runs[0].end()
    assert not limits.is_busy


def test_an_error_while_stopping_a_run_does_not_affect_others(clock: Clock):
    limits, stopped = visits(clock), []

    def broken() -> None:
        raise RuntimeError

    limits.enter("a")
    limits.start("a", 1, broken)
    limits.start("a", 1, lambda: stopped.append(1))
    limits.leave("a")
    assert stopped == [1] and limits.n_running == 0


def test_a_run_may_use_the_limits_while_it_is_stopped(clock: Clock):
    limits = visits(clock)
    limits.enter("a")
    run = limits.start("a", 1, lambda: (run.end(), limits.n_running))
    done = threading.Thread(target=limits.leave, args=("a",), daemon=True)
    done.start()
    done.join(5)
    assert not done.is_alive()


def test_refusals_name_the_limit(clock: Clock):
    limits = visits(clock, visitors=2, runs=2, persons=2000)
    assert key(limits.start_refusal("a", 1)) == "gone"
    for name in "ab":
        limits.connect(name, "10.0.0.1")
        limits.enter(name)
    assert key(limits.entry_refusal("c", "10.0.0.1")) == "full"
    assert limits.entry_refusal("a", "10.0.0.1") is None
    run = limits.start("a", 1500, nothing)
    refusal = limits.start_refusal("a", 501)
    assert key(refusal) == "persons" and "2,001" in str(refusal) and "2,000" in str(refusal)
    assert limits.start_refusal("a", 500) is None and limits.start_refusal("b", 2000) is None
    limits.start("b", 1, nothing)
    assert key(limits.start_refusal("a", 1)) == "runs"
    with pytest.raises(RefusalError, match="2 runs are under way"):
        limits.start("a", 1, nothing)
    run.end()
    run.end()
    assert limits.n_running == 1 and limits.start_refusal("a", 2000) is None


def arrive(limits: VisitorLimits, name: str, address: str) -> None:
    limits.connect(name, address)
    limits.enter(name)


def test_the_place_of_an_absent_visitor_goes_to_a_newcomer(clock: Clock):
    limits, dismissed = visits(clock, visitors=3), []
    limits.dismiss = dismissed.append
    arrive(limits, "present", "10.0.0.1")
    arrive(limits, "absent", "10.0.0.2")
    arrive(limits, "later", "10.0.0.3")
    assert key(limits.entry_refusal("new")) == "full"
    limits.disconnect("absent")
    clock.now += 1
    limits.disconnect("later")
    assert limits.entry_refusal("new") is None
    arrive(limits, "new", "10.0.0.4")
    assert dismissed == ["absent"] and "absent" not in limits and limits.n_visitors == 3
    arrive(limits, "later", "10.0.0.3")  # connects again and keeps the place
    assert key(limits.entry_refusal("other")) == "full" and dismissed == ["absent"]


def test_a_guest_takes_the_longest_silent_page_of_the_address_with_the_most(clock: Clock):
    limits, dismissed = visits(clock, visitors=4), []
    limits.dismiss = dismissed.append
    for name, address in (("guest", "10.0.0.1"), *((f"held{k}", "10.0.0.9") for k in range(3))):
        arrive(limits, name, address)
        clock.now += 1
    limits.touch("held0")
    assert limits.entry_refusal("new", "10.0.0.2") is None
    assert limits.connect("new", "10.0.0.2") == "held1" and dismissed == ["held1"]
    limits.enter("new")
    assert limits.connect("new", "10.0.0.2") is None, "the second websocket of a page"
    assert key(limits.entry_refusal("other", "10.0.0.2")) == "full", "not the first of its address"


def test_a_new_address_takes_no_place_of_addresses_with_a_single_page(clock: Clock):
    limits = visits(clock, visitors=2)
    arrive(limits, "a", "10.0.0.1")
    arrive(limits, "b", "10.0.0.2")
    assert key(limits.entry_refusal("new", "10.0.0.3")) == "full"
    assert limits.connect("new", "10.0.0.3") is None and "a" in limits


def test_pages_that_arrive_at_the_same_time_take_one_place_each(clock: Clock):
    limits, dismissed = visits(clock, visitors=3), []
    limits.dismiss = dismissed.append
    for k in range(3):
        arrive(limits, f"held{k}", "10.0.0.9")
        clock.now += 1
    for k in range(2):  # neither has entered when the other connects
        limits.connect(f"new{k}", f"10.0.0.{k}")
    assert dismissed == ["held0", "held1"]
    assert key(limits.entry_refusal("new2", "10.0.0.0")) == "full"


def test_active_pages_of_one_address_keep_their_places(clock: Clock):
    """A class behind one router; neither a pupil nor a stranger with ten pages displaces one."""
    limits = visits(clock)
    class_, stranger = [f"pupil{k}" for k in range(30)], [f"held{k}" for k in range(10)]
    for names, address in ((class_, "10.0.0.1"), (stranger, "10.0.0.9")):
        for name in names:
            assert limits.entry_refusal(name, address) is None
            arrive(limits, name, address)
    clock.now += limits.caps.idle
    for address in ("10.0.0.1", "10.0.0.9"):
        assert key(limits.entry_refusal("more", address)) == "full"
        assert limits.connect(f"more {address}", address) is None
        limits.disconnect(f"more {address}")
    for name in (*class_[:7], *class_[8:]):
        limits.touch(name)
    clock.now += 1
    assert limits.connect("second page", "10.0.0.1") == "pupil7"


def test_a_client_that_opens_and_drops_pages_loses_its_own_places_first(clock: Clock):
    limits, dismissed = visits(clock, visitors=6), []
    limits.dismiss = dismissed.append
    arrive(limits, "student", "10.0.0.1")
    limits.disconnect("student")  # a network failure, before the others came
    for k in range(50):
        clock.now += 0.01
        arrive(limits, f"dropped{k}", "10.0.0.9")
        limits.disconnect(f"dropped{k}")
    assert "student" in limits and len(dismissed) == 45
    arrive(limits, "new", "10.0.0.2")
    assert "student" in limits and "new" in limits and limits.n_visitors == 6


def test_a_page_may_be_absent_for_as_long_as_it_was_open(clock: Clock):
    limits, dismissed = visits(clock, cull=60.0), []
    limits.dismiss = dismissed.append
    for name, seconds in (("long", 100.0), ("short", 20.0), ("dropped", 0.1)):
        arrive(limits, name, "10.0.0.1")
        clock.now += seconds
        limits.disconnect(name)
        clock.now -= seconds
    limits.enter("without guard")
    left = {}
    for second in range(200):
        clock.now += 1.0
        limits.dismiss_absent()
        left |= {name: second for name in dismissed if name not in left}
        limits.touch("short")  # an absent page sends nothing
    assert left["dropped"] == 5 and left["short"] == 40 and left["long"] == 160
    assert "without guard" in limits


def test_a_build_waits_for_the_connection_and_for_its_turn(clock: Clock):
    limits = visits(clock, builds=1)
    for name in "ab":
        arrive(limits, name, "10.0.0.1")
    arrive(limits, "other", "10.0.0.2")
    begun, release = queue.Queue(), threading.Event()

    def build(name: str) -> None:
        with limits.building(name, lambda: name == "c"):
            begun.put(name)
            release.wait(10)

    threads = [threading.Thread(target=build, args=(name,), daemon=True) for name in "ab"]
    threads[0].start()
    assert begun.get(timeout=10) == "a"
    limits.disconnect("b")
    threads[1].start()
    with limits.building("other", lambda: False), limits.building("unknown", lambda: False):
        pass
    release.set()
    threads[0].join(10)
    assert begun.empty(), "b has no connection"
    limits.connect("b", "10.0.0.1")
    assert begun.get(timeout=10) == "b"
    limits.disconnect("a")
    with limits.building("a", lambda: True):
        pass
    threads[1].join(10)
    assert not limits._builds


def key(refusal: Refusal | None) -> str:
    return refusal.key if refusal else ""


def test_a_refusal_can_be_copied_and_translated():
    refusal = Refusal("runs", "{most} runs", {"most": 1234})
    assert str(copy.deepcopy(refusal)) == "1,234 runs" and refusal.values == {"most": 1234}


@given(
    st.lists(
        st.tuples(st.sampled_from("elsrtw"), st.sampled_from("abcd"), st.integers(1000, 4000)),
        max_size=60,
    )
)
def test_the_limits_agree_with_a_simple_model(deeds: list[tuple[str, str, int]]):
    clock = Clock()
    caps = Caps(visitors=3, runs=4, persons=6000, silence=10.0)
    limits, stopped = VisitorLimits(caps, clock), set()
    seen: dict[str, float] = {}
    plays: dict[int, tuple[str, int]] = {}
    runs: dict[int, Any] = {}
    for n, (deed, who, number) in enumerate(deeds):
        if deed == "e" and limits.entry_refusal(who) is None:
            arrive(limits, who, "10.0.0.1")
            seen.setdefault(who, clock.now)
        elif deed == "l":
            limits.leave(who)
            seen.pop(who, None)
            plays = {k: play for k, play in plays.items() if play[0] != who}
        elif deed == "s":
            limits.touch(who)
            if who in seen:
                seen[who] = clock.now
        elif deed == "r":
            mine = sum(persons for name, persons in plays.values() if name == who)
            may = who in seen and mine + number <= 6000 and len(plays) < 4
            assert (limits.start_refusal(who, number) is None) == may
            if may:
                plays[n] = (who, number)
                runs[n] = limits.start(who, number, lambda n=n: stopped.add(n))
        elif deed == "t" and plays:
            ended = min(plays)
            del plays[ended]
            runs[ended].end()
            assert ended not in stopped
        elif deed == "w":
            clock.now += number / 1000
            plays = {k: p for k, p in plays.items() if clock.now - seen[p[0]] <= 10.0}
            limits.stop_silent()
        assert limits.n_visitors == len(seen) <= 3 and limits.n_running == len(plays) <= 4
        assert all(
            (k in plays) != (k in stopped or run not in _live(limits)) for k, run in runs.items()
        )


def _live(limits: VisitorLimits) -> list[Any]:
    return [run for visitor in limits._visitors.values() for run in visitor.runs]


def test_many_threads_leave_nothing_behind():
    limits = VisitorLimits(Caps(runs=5, visitors=50))
    most = []

    def life(name: str) -> None:
        limits.enter(name)
        for _ in range(50):
            try:
                run = limits.start(name, 1, nothing)
            except RefusalError:
                continue
            most.append(limits.n_running)
            run.end()
        limits.leave(name)

    threads = [threading.Thread(target=life, args=(f"v{k}",)) for k in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert limits.n_visitors == limits.n_running == 0 and max(most) <= 5
