"""Both engines give the same result of one day in any situation, to the last byte."""

from __future__ import annotations

import numpy as np
import pytest

from tests.laws.random_days import TwoEngines

DAYS = 14


@pytest.fixture(scope="module")
def engines() -> TwoEngines:
    """Return a model per engine."""
    return TwoEngines()


@pytest.mark.parametrize("number", range(DAYS))
def test_people_do_the_same_in_any_situation(number: int, engines: TwoEngines) -> None:
    """Everyone who is due acts until the next day; all totals and reports agree as well."""
    engines.set_up(np.random.default_rng(number))
    engines.advance()
    assert engines.differences() == []


def test_people_leave_their_organisations_and_the_table_alike(engines: TwoEngines) -> None:
    """Clients continue alone, counts of a year begin again, and finished people are removed."""
    engines.set_up(np.random.default_rng(100))
    numbers = []
    for model in engines.models:
        people = model.migrants
        clients = people.live["org"] == 0
        people.release_clients(0)
        assert clients.any() and (people.live["org"][clients] == -1).all()
        people.forget_apprehensions()
        assert not people.live["caught_in_year"].any()
        waiting, version = people.active, people.version
        assert 0 < waiting < people.count
        removed = people.compact()
        assert people.active == people.count == waiting and people.version == version + 1
        assert people.compact() == 0 and people.version == version + 1
        numbers.append((waiting, removed))
    assert numbers[0] == numbers[1]
    assert engines.differences() == []


@pytest.mark.parametrize("number", range(DAYS))
def test_candidates_decide_the_same_in_any_situation(number: int, engines: TwoEngines) -> None:
    """Their traits, decisions and first legs agree, and so do early departures."""
    draw = np.random.default_rng(1_000 + number)
    engines.set_up(draw, people=0)
    one, other = engines.generate(draw, ahead=number % 2)
    assert one.tobytes() == other.tobytes()
    assert engines.models[0].migrants.count > 20
    assert engines.differences() == []
    engines.advance()
    assert engines.differences() == []
