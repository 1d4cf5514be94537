"""In any situation, both engines give byte-identical results for one day."""

from __future__ import annotations

import numpy as np
import pytest

from abm.engines import generate
from agents.chance import draw4
from agents.environment import Stream
from agents.migrants import departure, prospects
from agents.migrants.columns import PORT_OPTION
from agents.migrants.kernels import EARLY
from agents.outcomes import Event, Mode
from agents.plain.choices import ALONE, THROUGH_PORT, Way
from agents.plain.migrant import MigrantAgent
from tests.laws.random_days import TwoEngines

DAYS = 10


def utilities_by_way(options: np.void) -> dict[Way, float]:
    """Return the utility of every listed option."""
    special = {departure.SOLO: ALONE, PORT_OPTION: THROUGH_PORT}
    utilities = {}
    for slot, utility in zip(options["slot"], options["utility"][: options["count"]], strict=False):
        utilities[special.get(int(slot), Way(Mode.GUIDED, int(slot)))] = float(utility)
    return utilities


@pytest.fixture(scope="module")
def engines() -> TwoEngines:
    """Return one model for each engine."""
    return TwoEngines()


@pytest.mark.parametrize("number", range(DAYS))
def test_people_do_the_same_in_any_situation(number: int, engines: TwoEngines) -> None:
    """All people act whose next action is due; all totals and reports agree, too."""
    engines.set_up(np.random.default_rng(number))
    engines.advance()
    assert engines.differences() == []


@pytest.mark.parametrize("number", range(4))
def test_people_value_their_options_equally_in_any_situation(
    number: int, engines: TwoEngines
) -> None:
    """Utilities of modes, choices and probabilities of another attempt agree."""
    draw = np.random.default_rng(200 + number)
    engines.set_up(draw, people=100)
    columns, objects = engines.models
    legs, market = columns.network.leg_state.records[0], columns.market.books[0]
    params, people = columns.kernel_params[0], objects.agents_of(MigrantAgent)
    engines.look()
    for row, person in zip(columns.migrants.live, people, strict=True):
        plan = int(row["surrender"])
        departure.list_options(row, (plan, plan), legs, market, params)
        found = person.inclusive_value(utilities := person.utilities())
        value = departure.value_of_going(row, legs, params)
        assert found == (None if value == departure.UNAVAILABLE else pytest.approx(value))
        utility = utilities_by_way(legs["options"])
        assert set(utilities) <= set(utility)
        for way, entry in utility.items():
            assert utilities.get(way, departure.UNAVAILABLE) == pytest.approx(entry), way
        if utilities:
            mode = departure.choose_mode(row, legs, params, columns.seed)
            way = person.choose_way(utilities)
            assert mode == (way.org + PORT_OPTION if way.mode == Mode.PORT else way.org)
        go, apply = draw.uniform(-5_000.0, 20_000.0), bool(draw.integers(2))
        noise = draw4(columns.seed, Stream.NEST, row["uid"], 0)
        nest = departure.choose_nest(row, go, apply, params, noise)
        assert nest == person.choose_nest(go, can_apply=apply)
        again = prospects.retry_probability(row, legs, params)
        assert person.retry_probability() == pytest.approx(again, rel=1e-12, abs=1e-300)


def test_people_leave_their_organisations_and_the_table_alike(engines: TwoEngines) -> None:
    """Clients continue alone, yearly counts restart, and finished people are removed."""
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
    """Traits, decisions, first legs and early departures agree."""
    draw = np.random.default_rng(2_000 + number)
    engines.set_up(draw, people=0)
    one, other = engines.generate(draw, ahead=number % 2)
    assert one.tobytes() == other.tobytes()
    assert engines.models[0].migrants.count > 5, "some leave, apply or wait"
    assert engines.differences() == []
    engines.advance()
    assert engines.differences() == []


def test_a_share_of_the_candidates_decides_before_a_deadline(engines: TwoEngines) -> None:
    """Each candidate of a date decides exactly once, before the deadline or on the date."""
    engines.set_up(np.random.default_rng(300), people=0)
    for model in engines.models:
        n, date, share = len(model.supply.strata), model.today + 4, 0.3
        early, counted = np.zeros((n, 3)), []
        early[:, EARLY] = share
        for record, ahead in ((early, 1), (early, 0), (np.zeros((n, 3)), 0)):
            events = model.ledger.day_tallies[0]["events"]
            events[:] = 0
            generate(model, date, np.full(n, 20.0), np.full(n, 0.5), record, ahead)
            counted.append(int(events[Event.CANDIDATES].sum()))
            assert events[Event.BROUGHT_FORWARD].sum() == (counted[0] if ahead else 0)
        assert counted[0] + counted[1] == counted[2]
        assert counted[0] / counted[2] == pytest.approx(share, abs=0.05)
        assert (early[:, EARLY] == share).all()
