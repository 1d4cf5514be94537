"""The number of threads changes no byte of a run; a fault in a thread ends the run."""

from __future__ import annotations

import itertools
import math
import threading
import time
from collections.abc import Iterator
from fractions import Fraction
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from abm import day_threads
from abm.engines import advance
from abm.model import BorderModel
from abm.scenario import Scenario
from abm.world.errors import WorldError
from abm.world.routes import World, load_world
from agents.migrants.columns import MigrantTable
from agents.migrants.day_part import DayPart
from agents.migrants.tallies import exact
from agents.outcomes import Event
from agents.param import SettingError
from tests.laws.engine_cases import cases, differences, run
from tests.laws.test_two_engines_briefly import CHANGING
from tests.laws.test_uncompiled import LAWFUL


@pytest.fixture(autouse=True)
def threads(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Use threads on days with few people too; restore one thread afterwards."""
    monkeypatch.setattr(day_threads, "LEAST_ROWS", 0)
    monkeypatch.setattr(day_threads, "LEAST_CANDIDATES", 0)
    yield
    day_threads.set_threads(1)


def runs(scenario: Scenario, world: World, *numbers: int) -> list[BorderModel]:
    """Run a case once for each number of threads."""
    models = []
    for number in numbers:
        day_threads.set_threads(number)
        models.append(run(scenario, world, "columns", 3))
    return models


def parts_of(model: BorderModel) -> list[DayPart]:
    """Return the parts of all threads."""
    assert isinstance(model.migrants, MigrantTable)
    return model.migrants.parts


@pytest.mark.parametrize("settings", [LAWFUL, CHANGING], ids=["lawful", "changing"])
def test_threads_change_no_byte(settings: dict[str, Any]) -> None:
    """The legal channel, whose tickets depend on the order of people, is in use."""
    scenario = Scenario().with_settings(settings)
    one, two, three = runs(scenario, load_world(), 1, 2, 3)
    assert one.ledger.events[:, Event.APPLIED].sum() > 0
    assert differences(one, two) == differences(one, three) == []
    assert [len(parts_of(model)) for model in (one, two, three)] == [1, 2, 3]


@pytest.mark.parametrize("number", range(900, 906))
def test_threads_change_no_byte_in_random_worlds(number: int, tmp_path: Path) -> None:
    """Policies, numbers and changes of law are random, as in the comparison of the engines."""
    for scenario, world in cases(number, tmp_path):
        try:
            one, four = runs(scenario, world, 1, 4)
        except (SettingError, WorldError):
            continue  # try the next scenario of this number
        assert differences(one, four) == []
        return
    pytest.fail(f"no scenario of number {number} runs")


def test_every_thread_takes_part() -> None:
    """Each additional thread adds people to its part; afterwards all parts are closed."""
    day_threads.set_threads(3)
    model = BorderModel(Scenario(scale=100, days=30, warmup_days=60), rng=4)
    seen = set()
    close = DayPart.close

    def closed(part: DayPart) -> None:
        if part.is_open and part.records[3]["arrivals"][0] > 0:
            seen.add(id(part))
        close(part)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(DayPart, "close", closed)
        model.run_for(30)
    assert len(seen) == 2
    assert not any(part.is_open for part in parts_of(model))


def test_a_fault_in_a_thread_is_raised(monkeypatch: pytest.MonkeyPatch) -> None:
    """The caller receives the first error of any thread."""
    day_threads.set_threads(2)
    model = BorderModel(Scenario(scale=1000, days=3, warmup_days=10), rng=4)

    def fail(*_: Any) -> None:
        raise FloatingPointError("made up")

    monkeypatch.setattr(day_threads, "act_due", fail)
    with pytest.raises(FloatingPointError, match="made up"):
        advance(model)
    assert not any(part.is_open for part in parts_of(model))


def test_after_an_interrupt_no_thread_changes_the_model(monkeypatch: pytest.MonkeyPatch) -> None:
    """The other threads have ended when the caller gets the exception."""
    day_threads.set_threads(3)
    model = BorderModel(Scenario(scale=1000, days=3, warmup_days=10), rng=4)
    mine, running, act = threading.get_ident(), [], day_threads.act_due

    def interrupt(*arguments: Any) -> Any:
        if threading.get_ident() == mine:
            raise KeyboardInterrupt
        running.append(1)
        time.sleep(0.05)
        found = act(*arguments)
        running.pop()
        return found

    monkeypatch.setattr(day_threads, "act_due", interrupt)
    with pytest.raises(KeyboardInterrupt):
        advance(model)
    assert not running and not any(part.is_open for part in parts_of(model))


def test_the_number_of_threads_may_change_at_any_time(monkeypatch: pytest.MonkeyPatch) -> None:
    """A change between candidates and actions of a day loses no sum."""
    scenario, numbers = Scenario(scale=500, warmup_days=40, days=20), itertools.cycle([3, 1, 2])
    (one,) = runs(scenario, load_world(), 1)
    give = day_threads.give_tickets

    def change(*arguments: Any) -> None:
        give(*arguments)
        day_threads.set_threads(next(numbers))

    monkeypatch.setattr(day_threads, "give_tickets", change)
    (other,) = runs(scenario, load_world(), 2)
    assert differences(one, other) == []


def test_one_thread_does_all_if_no_other_can_start(monkeypatch: pytest.MonkeyPatch) -> None:
    """For example when Python is about to end, or when memory is limited."""
    scenario = Scenario(scale=500, warmup_days=40, days=20)
    (one,) = runs(scenario, load_world(), 1)

    def refuse(*_: Any) -> None:
        raise RuntimeError("can't start new thread")

    monkeypatch.setattr(day_threads.ThreadPoolExecutor, "submit", refuse)
    (other,) = runs(scenario, load_world(), 4)
    assert differences(one, other) == []


@pytest.mark.parametrize("number", [0, -1])
def test_at_least_one_thread_is_needed(number: int) -> None:
    """The error message contains the number."""
    with pytest.raises(ValueError, match=f"number of threads {number}: expected 1 or more"):
        day_threads.set_threads(number)


@given(st.lists(st.floats(0, 1000), max_size=6))
def test_sums_do_not_depend_on_the_order(terms: list[float]) -> None:
    """The sums are exact; each term is rounded by less than 2e-9."""
    rounded = [exact(term) for term in terms]
    assert all(abs(one - other) <= 2.0**-29 for one, other in zip(rounded, terms, strict=True))
    whole = Fraction(0) + sum(map(Fraction, rounded))
    for order in itertools.islice(itertools.permutations(rounded), 24):
        total = 0.0
        for term in order:
            total += term
        assert Fraction(total) == whole


def test_terms_beyond_the_bounds_stay_near() -> None:
    """Infinity and NaN do not change; large terms only lose digits."""
    assert exact(math.inf) == math.inf and np.isnan(exact(math.nan))
    assert exact(1e9) == pytest.approx(1e9, rel=1e-12)
