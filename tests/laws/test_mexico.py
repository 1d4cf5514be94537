"""Mexican enforcement: its effects, its limits, and cases without any effect of its budget."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from abm.measures import event_counts
from abm.model import BorderModel
from agents.border_patrol import Detachment, PatrolTeam, SectorCommand
from agents.gendarmes import GendarmeCompany, InmPost
from agents.outcomes import Event, Group, Status

#: All officers accept bribes; the share who refuse is e**-200.
BOUGHT: dict[str, Any] = {
    "mexico.pay": 0.0,
    "mexico.bribe": 10.0,
    "mexico.bribe_spread": 0.05,
    "mexico.bribe_response": 0.0,
}
ENTRIES = [
    Event.GOT_AWAY_KNOWN,
    Event.GOT_AWAY_UNDETECTED,
    Event.RELEASED_US,
    Event.APPREHENDED_US,
    Event.REACHED_LINE,
]
MONEY = [
    "southern_border_control:6",
    "rural_gendarmerie:8",
    "southern_border_control rural_gendarmerie",
    "mexican_border_patrol:4",
    "military_cooperation:4",
    "merida_initiative:2 trainers:10 assurance_conditionality:2",
]
FORCES = "southern_border_control:6 rural_gendarmerie:8 patrol_surge:6"


@pytest.fixture(scope="module")
def bought(play: Callable[..., BorderModel]) -> BorderModel:
    """Run a Mexico without integrity and without programmes."""
    return play(changes=BOUGHT | {"mexico.extortion": 0.0})


@pytest.mark.parametrize("money", MONEY)
def test_without_integrity_money_has_no_effect_on_interdictions(
    money: str, play: Callable, bought: BorderModel
) -> None:
    """Without integrity and extortion, Mexico stops no person, and U.S. entries do not change."""
    funded = play(money, changes=BOUGHT | {"mexico.extortion": 0.0})
    for model in (funded, bought):
        assert not model.ledger.events[:, Event.APPREHENDED_MEXICO].any()
    assert np.array_equal(funded.ledger.events[:, ENTRIES], bought.ledger.events[:, ENTRIES])
    assert funded.ledger.money[:, 8].sum() > 0


def test_without_integrity_officers_extort_instead(play: Callable, bought: BorderModel) -> None:
    """The same officers extort people of the Northern Triangle and let them continue."""
    counts = event_counts(play(changes=BOUGHT).ledger)[Event.EXTORTED].sum(axis=1)
    assert counts[Group.NORTHERN_TRIANGLE] > 0 == counts[Group.MEXICAN]
    assert bought.ledger.totals()["extorted"] > 0


def test_with_integrity_the_same_money_raises_interceptions(play: Callable) -> None:
    before = play(days=90).ledger.totals()["apprehended_mexico"]
    after = play("southern_border_control", days=90).ledger.totals()["apprehended_mexico"]
    assert after > 1.2 * before > 0


def test_without_transit_southern_policies_change_no_entry(play: Callable) -> None:
    """Without candidates from the Northern Triangle, only programme dollars differ."""
    changes = {"migrants.pool.northern_triangle": 0.0, "smugglers.adaptive_entry": False}
    records = ("events", "stock", "fees", "contracts", "flow", "by_sector", "expected_deaths")
    without = play(changes=changes).ledger
    for money in MONEY:
        under = play(money, changes=changes).ledger
        for name in records:
            assert np.array_equal(getattr(without, name), getattr(under, name)), name
        moved = under.daily_money - without.daily_money
        assert moved[:, :, 8].any()
        moved[:, :, 8] = 0
        assert not moved.any()
    assert without.events[:, Event.GOT_AWAY_UNDETECTED].any()


@pytest.fixture(scope="module")
def walked(build: Callable[..., BorderModel]) -> tuple[BorderModel, list[tuple[type, str]]]:
    """Run a year of every force at its maximum dose; record the country of each unit every week."""
    model = build(FORCES, warmup_days=60, days=365, changes={"mexico.hiring": 100_000.0})
    country = model.world.country
    visits: list[tuple[type, str]] = []
    for _ in range(52):
        model.run_for(7)
        units = (a for a in model.non_migrants if getattr(a, "cell", None) is not None)
        visits += [(type(a), country[a.cell.coordinate]) for a in units]
    return model, visits


def test_us_units_never_enter_mexico(walked: tuple) -> None:
    """Teams, detachments and commands are in the United States every week."""
    ours = PatrolTeam | SectorCommand | Detachment
    visits = {(kind, where) for kind, where in walked[1] if issubclass(kind, ours)}
    assert visits == {(kind, "US") for kind in (PatrolTeam, SectorCommand, Detachment)}


def test_mexican_units_never_leave_mexico(walked: tuple) -> None:
    """Posts and companies are in Mexico every week, and both kinds exist."""
    theirs = [(k, where) for k, where in walked[1] if issubclass(k, InmPost | GendarmeCompany)]
    assert {where for _, where in theirs} == {"MX"}
    assert {kind for kind, _ in theirs} == {InmPost, GendarmeCompany}


def test_mexico_never_stops_a_mexican_national(walked: tuple) -> None:
    """The law holds for posts, companies and extortion under the largest programmes."""
    counts = event_counts(walked[0].ledger).sum(axis=2)
    for event in (
        Event.APPREHENDED_MEXICO,
        Event.RETURNED_BY_MEXICO,
        Event.ASYLUM_REFERRED,
        Event.RELEASED_MEXICO,
        Event.EXTORTED,
    ):
        assert counts[event, Group.MEXICAN] == 0, event.name
        assert counts[event, Group.NORTHERN_TRIANGLE] > 0, event.name


def test_the_us_stops_people_only_on_us_legs(walked: tuple) -> None:
    """U.S. hazards and apprehensions exist only at the line, on the belt and at ports."""
    model = walked[0]
    world, leg_state = model.world, model.network.leg_state
    here = world.is_line | world.is_belt | world.is_port
    assert (leg_state.us_hazard[here] > 0.0).all() and not leg_state.us_hazard[~here].any()
    heads = np.array([world.country[h] for h in world.head])
    assert set(heads[here]) == {"US"}
    assert not (leg_state.mx_hazard[here].any() or leg_state.extort_hazard[here].any())
    assert set(heads[leg_state.mx_hazard > 0.0]) == {"MX"}
    rows = model.migrants.live
    held = rows["status"] == Status.HELD_US
    assert held.sum() > 10 and here[rows["leg"][held]].all()


def test_only_hidden_people_and_asylum_seekers_come_to_ports(walked: tuple) -> None:
    """Ordinary journeys cannot use legs through ports, nor hidden people legs across the line."""
    model, counts = walked[0], event_counts(walked[0].ledger).sum(axis=(1, 2))
    at_ports = model.ledger.flow[model.world.is_port, :2].sum()
    assert at_ports == counts[Event.PORT_ATTEMPT] + counts[Event.PRESENTED] > 0
    reached = counts[Event.LINE_ATTEMPT] + counts[Event.SURRENDERED]
    assert reached > 0
    # People who die or are kidnapped on the leg do not reach the line.
    lost = model.ledger.flow[model.world.is_line, :2].sum() - reached
    assert 0 <= lost <= counts[Event.DEATHS] + counts[Event.KIDNAPPED]
