"""Visitors enter, run, fall silent and leave, and a simple model checks the limits."""

from __future__ import annotations

from collections import Counter
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from abm.scenario import Scenario
from viz.screen.session.choice import migrants_per_year
from viz.screen.session.visitors import ALONE, CLASS, Caps, VisitorLimits


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


def test_the_guide_lists_the_caps():
    guide = Path(__file__).resolve().parents[3] / "docs" / "guides" / "serve.md"
    text = guide.read_text(encoding="utf-8")
    told = (
        f"| {ALONE.visitors} |",
        f"| {ALONE.sockets} and {ALONE.sockets_per_address} |",
        f"{ALONE.persons:,}:",
        f"{CLASS.persons:,}:",
        f"| {ALONE.silence:g} s |",
        f"| {ALONE.idle:g} s |",
        f"| {ALONE.cull:g} s |",
        f"| {ALONE.body / 1e6:g} MB |",
    )
    assert [one for one in told if one not in text] == []


def test_a_class_of_thirty_fits_and_each_has_two_worlds_of_ten_thousand():
    worlds = 2 * migrants_per_year(Scenario(scale=40))
    assert CLASS.visitors >= 30 and CLASS.sockets_per_address >= 30
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


def test_runs_of_silent_visitors_stop_once_and_the_visitors_stay(clock: Clock):
    limits, stopped = visits(clock, silence=10.0), []
    for name in ("a", "b"):
        limits.enter(name)
        limits.start(name, 10, lambda name=name: stopped.append(name))
    clock.now += 10.0
    limits.stop_silent()
    assert stopped == []
    limits.touch("b")
    clock.now += 0.5
    for _ in range(2):
        limits.stop_silent()
        assert stopped == ["a"] and "a" in limits and limits.n_running == 1
    limits.leave("a")
    assert stopped == ["a"]
    limits.enter("a")
    assert not limits.start("a", 10, nothing)


def test_an_error_while_stopping_a_run_does_not_affect_others(clock: Clock):
    limits, stopped = visits(clock), []

    def broken() -> None:
        raise RuntimeError

    for name, stop in (("a", broken), ("b", lambda: stopped.append(1))):
        limits.enter(name)
        limits.start(name, 1, stop)
    clock.now += limits.caps.silence + 1.0
    limits.stop_silent()
    assert stopped == [1] and limits.n_running == 0


def test_refusals_name_the_limit(clock: Clock):
    limits = visits(clock, visitors=2, persons=2000)
    assert "no longer connected" in limits.start("a", 1, nothing)
    for name in "ab":
        arrive(limits, name, "10.0.0.1")
    assert "visitors are here" in limits.entry_refusal("c", "10.0.0.1")
    assert not limits.entry_refusal("a", "10.0.0.1")
    refusal = limits.start("a", 2001, nothing)
    assert "2,001 simulated" in refusal and "2,000 are allowed" in refusal
    assert not limits.n_running
    assert not limits.start("a", 2000, nothing) and limits.n_running == 1


def arrive(limits: VisitorLimits, name: str, address: str) -> None:
    limits.connect(name, address)
    limits.enter(name)


def test_a_newcomer_takes_the_longest_silent_page_of_the_address_with_the_most(clock: Clock):
    limits, dismissed = visits(clock, visitors=5), []
    limits.dismiss = dismissed.append
    for name, address in (("guest", "10.0.0.1"), *((f"held{k}", "10.0.0.9") for k in range(4))):
        arrive(limits, name, address)
        clock.now += 1
    limits.touch("held0")
    assert not limits.entry_refusal("new", "10.0.0.2")
    assert limits.connect("new", "10.0.0.2") == "held1" and dismissed == ["held1"]
    assert limits.connect("new", "10.0.0.2") is None, "the second websocket of a page"
    assert limits.connect("other", "10.0.0.2") == "held2"
    for address in ("10.0.0.1", "10.0.0.2", "10.0.0.9"):  # They have one, two and two pages.
        assert "visitors are here" in limits.entry_refusal("another", address)


@given(st.lists(st.sampled_from("abc"), max_size=40))
def test_active_addresses_share_the_places_evenly(addresses: list[str]):
    """An address has every place it requested, or no address has two places more."""
    clock = Clock()
    limits = visits(clock, visitors=9)
    for k, address in enumerate(addresses):
        clock.now += 1
        if not limits.entry_refusal(f"page{k}", address):
            arrive(limits, f"page{k}", address)
    pages = Counter(visitor.address for visitor in limits._visitors.values())
    assert limits.n_visitors == min(9, len(addresses))
    for address, asked in Counter(addresses).items():
        assert pages[address] == asked or pages[address] + 1 >= max(pages.values())


def test_a_client_that_opens_and_drops_pages_loses_its_own_places_first(clock: Clock):
    limits, dismissed = visits(clock, visitors=6), []
    limits.dismiss = dismissed.append
    arrive(limits, "student", "10.0.0.1")
    limits.disconnect("student")  # a network failure before the other visitors came
    for k in range(50):
        clock.now += 0.01
        arrive(limits, f"dropped{k}", "10.0.0.9")
        limits.disconnect(f"dropped{k}")
    assert "student" in limits and len(dismissed) == 45
    arrive(limits, "new", "10.0.0.2")
    assert "student" in limits and "new" in limits and limits.n_visitors == 6


def test_the_data_of_an_absent_page_is_deleted_in_time(clock: Clock):
    limits, dismissed = visits(clock, cull=60.0), []
    limits.dismiss = dismissed.append
    for name in ("absent", "back", "present"):
        arrive(limits, name, "10.0.0.1")
    limits.connect("back", "10.0.0.1")  # a second websocket while the page reloads
    limits.enter("without guard")
    for name in ("absent", "back"):
        limits.disconnect(name)
    clock.now += 60.0
    limits.touch("absent")  # An absent page sends nothing.
    limits.dismiss_absent()
    assert dismissed == []
    clock.now += 0.1
    limits.dismiss_absent()
    assert dismissed == ["absent"] and limits.n_visitors == 3


@given(st.lists(st.tuples(st.sampled_from("elsrtw"), st.sampled_from("abcd")), max_size=60))
def test_the_limits_agree_with_a_simple_model(actions: list[tuple[str, str]]):
    clock = Clock()
    limits, stopped = VisitorLimits(Caps(visitors=3, silence=10.0), clock), []
    last_message: dict[str, float] = {}
    running: set[str] = set()
    for action, who in actions:
        if action == "e" and not limits.entry_refusal(who, "10.0.0.1"):
            arrive(limits, who, "10.0.0.1")
            last_message.setdefault(who, clock.now)
        elif action == "l":
            limits.leave(who)
            last_message.pop(who, None)
        elif action == "s" and who in last_message:
            limits.touch(who)
            last_message[who] = clock.now
        elif action == "r":
            refusal = limits.start(who, 1, lambda who=who: stopped.append(who))
            assert bool(refusal) == (who not in last_message)
            running |= {who} & last_message.keys()
        elif action == "t":
            limits.end_run(who)
            running.discard(who)
        elif action == "w":
            clock.now += 4.0
            limits.stop_silent()
        silent = {name for name, time in last_message.items() if clock.now - time > 10.0}
        if action == "w":
            running -= silent
        running &= last_message.keys()
        assert limits.n_visitors == len(last_message) <= 3
        assert limits.n_running == len(running)
