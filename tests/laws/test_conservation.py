"""Persons and dollars are conserved every day, and a violation raises an error on that day."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest

from abm import schedule
from abm.ledger import ConservationError
from abm.measures import dollars, dollars_unspent, event_counts
from abm.model import BorderModel
from abm.policies.registry import make, registry
from agents.outcomes import Account, Event, Status
from agents.strategy import ARMS

PROGRAMMES = "southern_border_control patrol_surge rural_gendarmerie cameras_and_sensors:2"


@pytest.fixture(scope="module")
def year(play: Callable[..., BorderModel]) -> BorderModel:
    """Run a year with programmes of both governments, which includes every month end."""
    return play(PROGRAMMES, scale=100, days=365)


def add(name: str, *index: int, persons: int = 0, dollars: int = 0) -> Callable:
    """Return a function that adds persons (in rows) or dollars to one of the day's tallies."""

    def tamper(model: BorderModel) -> None:
        model.ledger.day_tallies[name][(0, *index)] += persons * model.weight + dollars

    return tamper


def negative(model: BorderModel) -> None:
    add("stock", 1, Status.DEAD, persons=-1_000)(model)
    add("stock", 1, Status.STAYED, persons=1_000)(model)


def skim(model: BorderModel) -> None:
    model.market.book["cash"][0] -= 1


@pytest.mark.parametrize(
    ("tamper", "what"),
    [
        (add("stock", 1, Status.STAYED, persons=-1), "persons"),
        (add("stock", 1, Status.SETTLED, persons=1), "persons"),
        (negative, "persons"),
        (add("events", Event.CANDIDATES, 0, 0, persons=1), "persons"),
        (add("events", Event.GOT_AWAY_UNDETECTED, 0, 0, persons=1), "past the line and not"),
        (add("past_line", persons=1), "past the line and not counted as got-aways"),
        (add("money", Account.MIGRANTS, Account.SUPPLIERS, dollars=1), "dollars"),
        (add("money", Account.HOUSEHOLDS, Account.MIGRANTS, dollars=1), "dollars"),
        (skim, "dollars"),
        (add("money", Account.ORGANISATIONS, Account.OFFICIALS, dollars=1), "dollars"),
    ],
)
def test_an_unbalanced_day_raises_an_error(
    tamper: Callable, what: str, build: Callable, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A single person or dollar too many or too few is detected, and the error names the kind."""
    model = build(scale=1000, warmup_days=14, days=3)
    model.run_for(1)
    monkeypatch.setattr(schedule, "DAY", (*schedule.DAY[:-1], tamper, schedule.record))
    with pytest.raises(ConservationError, match=what):
        model.run_for(1)
    assert model.ledger.day == 1  # the invalid day is not recorded


def test_the_end_of_a_month_recounts_the_rows(play: Callable) -> None:
    """The recount detects rows that changed without the ledger.

    `Ledger.recount` has its own tests.
    """
    model = play(scale=1000, warmup_days=30, days=10)
    model.tidy()
    model.migrants.live["cohort"] = 0
    with pytest.raises(ConservationError, match="persons"):
        model.tidy()


def test_every_candidate_has_exactly_one_status(year: BorderModel) -> None:
    """On every day, the persons by status sum to the candidates."""
    persons = year.ledger.persons()
    candidates = persons.pop("candidates")
    assert set(persons) == {status.name.lower() for status in Status}
    assert min(persons.values()) >= 0 < candidates == sum(persons.values())
    came = year.ledger.events[:, Event.CANDIDATES].sum(axis=(1, 2)).cumsum()
    assert (year.ledger.stock[:, 1].sum(axis=1) == came).all()


def test_dollars_are_conserved(year: BorderModel) -> None:
    """All balances sum to zero, and the ledger agrees with the dollars that agents hold."""
    balance = year.ledger.balance
    assert int(balance.sum()) == 0
    year.tidy()  # recounts the dollars of migrants; raises an error if they differ
    assert int(balance[Account.ORGANISATIONS]) == int(year.market.book["cash"].sum())
    assert not year.ledger.daily_money.diagonal(axis1=1, axis2=2).any()
    assert (year.ledger.daily_money >= 0).all()


def test_programmes_receive_what_treasuries_pay(year: BorderModel) -> None:
    """365 days cost the policies' yearly price to the dollar, which programmes receive or keep."""
    due = {"us": 0, "mexico": 0, "users": 0}
    for use in year.settings.policies:
        policy = make(use, year.settings.start, year.settings.start.replace(year=2060))
        for payer, yearly in policy.dollars().items():
            due[payer] += round(yearly)
    spent, left = dollars(year.ledger), dollars_unspent(year.ledger)
    assert {payer: spent[payer] + left[payer] for payer in due} == due
    assert min(due["us"], due["mexico"]) > 10**7
    money = year.ledger.money
    for treasury in (Account.US_TREASURY, Account.MEXICO_TREASURY):
        assert money[treasury].sum() == money[treasury, Account.PROGRAMMES]
    assert money[:, Account.PROGRAMMES].sum() == year.ledger.balance[Account.PROGRAMMES]


def test_outcomes_sum_to_the_events_that_cause_them(year: BorderModel) -> None:
    """Every candidate and every apprehension in either country has one outcome, by group."""
    n = event_counts(year.ledger).sum(axis=2)
    us = n[
        [
            Event.RELEASED_US,
            Event.RELEASED_PORT,
            Event.SENT_TO_WAIT,
            Event.VOLUNTARY_RETURN,
            Event.REMOVED_US,
            Event.PROSECUTED,
        ]
    ]
    met = n[[Event.APPREHENDED_US, Event.INADMISSIBLE, Event.PRESENTED]]
    assert (met.sum(axis=0) == us.sum(axis=0)).all() and (met.sum(axis=1) > 0).all()
    tried = n[[Event.PORT_ATTEMPT]].sum(axis=0)
    assert (tried == n[Event.INADMISSIBLE] + n[Event.PORT_ENTRY]).all()
    mexico = n[[Event.RETURNED_BY_MEXICO, Event.ASYLUM_REFERRED, Event.RELEASED_MEXICO]]
    assert (n[Event.APPREHENDED_MEXICO] == mexico.sum(axis=0)).all()
    line = n[[Event.LINE_ATTEMPT, Event.SURRENDERED, Event.PORT_ATTEMPT, Event.PRESENTED]]
    assert (n[Event.REACHED_LINE] == line.sum(axis=0)).all()
    by_sector = year.ledger.by_sector.sum(axis=1)
    for event in (Event.REACHED_LINE, Event.APPREHENDED_US, Event.TURNED_BACK):
        assert (by_sector[event] == n[event]).all(), event.name
    assert year.ledger.flow[:, 2].sum() == n[Event.APPREHENDED_MEXICO].sum()


def test_every_candidate_stays_leaves_or_applies_and_refused_applicants_may_leave(
    year: BorderModel,
) -> None:
    """The sum is checked for both cohorts together on every day from the second day on."""
    e = year.ledger.events[1:].sum(axis=(2, 3))
    # Daily change in the number of persons with each status.
    gone = np.diff(year.ledger.stock.sum(axis=1), axis=0)
    left_after_all = e[:, Event.REFUSED] - gone[:, Status.REFUSED]
    direct = e[:, Event.SET_OUT] - left_after_all
    assert (left_after_all >= 0).all() and e[:, Event.REFUSED].sum() > 0
    assert (e[:, Event.CANDIDATES] == gone[:, Status.STAYED] + direct + e[:, Event.APPLIED]).all()
    waiting = e[:, Event.APPLIED] - e[:, Event.ADMITTED] - e[:, Event.REFUSED]
    assert (gone[:, Status.APPLIED] == waiting).all()


@pytest.mark.parametrize("group", ["mexican", "northern_triangle"])
def test_the_capital_of_a_new_organisation_is_booked(group: str, play: Callable) -> None:
    """If a group has no organisation, one enters, and the ledger has the source of its cash."""
    model = play(scale=1000, warmup_days=14, days=30, changes={f"smugglers.count_{group}": 0})
    served = {agent.group for agent in model.market.agents.values()}
    assert served == {0, 1}


def test_all_policies_together_conserve_persons_and_dollars(play: Callable) -> None:
    """They run at their maximum dose for 100 days."""
    names = [f"{name}:{cls.high:g}" for name, cls in registry().items() if name != "no_cooperation"]
    model = play(" ".join(names), scale=1000, warmup_days=30, days=60)
    model.tidy()
    assert int(model.ledger.balance.sum()) == 0


def test_dollars_of_a_strategy_in_which_mexico_takes_no_part_return_to_its_treasury(
    build: Callable[..., BorderModel],
) -> None:
    """A 365th of the dollars for the idle part of Mexico's arm returns each day."""
    model = build("anti_crime_strategy:2", scale=1_000, warmup_days=20, days=12)
    model.run_for(1)
    model.governments.cooperation["southern_border"] = 0.25
    model.run_for(11)
    returned = model.ledger.daily_money[:, Account.PROGRAMMES, Account.MEXICO_TREASURY]
    yearly = 200e6 * model.strategy.share[ARMS.index("mx_effort")] * 0.75
    assert returned.tolist() == [0, *[round(yearly / 365.0)] * 11] and yearly > 0.0
