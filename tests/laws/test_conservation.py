"""Persons and dollars are conserved every day, and whoever breaks that is caught the same day."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest

from abm import schedule
from abm.ledger import ConservationError
from abm.measures import dollars, event_counts
from abm.model import BorderModel
from abm.policies import make, registry
from agents.outcomes import Account, Event, Status

pytestmark = pytest.mark.xdist_group("laws")

PROGRAMMES = "southern_border_control patrol_surge rural_gendarmerie cameras_and_sensors:2"


@pytest.fixture(scope="module")
def year(play: Callable[..., BorderModel]) -> BorderModel:
    """A year under programmes of both governments, every month end included."""
    return play(PROGRAMMES, scale=100, days=365, warmup_days=90)


def _vanish(model: BorderModel) -> None:
    model.ledger.day_tallies["stock"][0][1, Status.STAYED] -= model.weight


def _appear(model: BorderModel) -> None:
    model.ledger.day_tallies["stock"][0][1, Status.SETTLED] += model.weight


def _negative(model: BorderModel) -> None:
    stock = model.ledger.day_tallies["stock"][0]
    stock[1, Status.DEAD] -= 10**6
    stock[1, Status.STAYED] += 10**6


def _unborn(model: BorderModel) -> None:
    model.ledger.day_tallies["events"][0][Event.CANDIDATES, 0, 0] += model.weight


def _unpaid(model: BorderModel) -> None:
    model.ledger.day_tallies["money"][0][Account.MIGRANTS, Account.SUPPLIERS] += 1


def _gift(model: BorderModel) -> None:
    model.ledger.day_tallies["money"][0][Account.HOUSEHOLDS, Account.MIGRANTS] += 1


def _skim(model: BorderModel) -> None:
    model.market.book["cash"][0] -= 1


def _launder(model: BorderModel) -> None:
    model.ledger.day_tallies["money"][0][Account.ORGANISATIONS, Account.OFFICIALS] += 1


@pytest.mark.parametrize(
    ("tamper", "what"),
    [
        (_vanish, "persons"),
        (_appear, "persons"),
        (_negative, "persons"),
        (_unborn, "persons"),
        (_unpaid, "dollars"),
        (_gift, "dollars"),
        (_skim, "dollars"),
        (_launder, "dollars"),
    ],
)
def test_a_tampered_day_is_refused(
    tamper: Callable, what: str, build: Callable, monkeypatch: pytest.MonkeyPatch
) -> None:
    """One person or one dollar too many or too few ends the run on that day, and says which."""
    model = build(scale=1000, warmup_days=14, days=3)
    model.run_for(1)
    monkeypatch.setattr(schedule, "DAY", (*schedule.DAY[:-1], tamper, schedule.record))
    with pytest.raises(ConservationError, match=what):
        model.run_for(1)
    assert model.ledger.day == 1  # the broken day is not written down


def _enrich(model: BorderModel) -> None:
    model.migrants.live["wealth"][0] += 1


def _forgive(model: BorderModel) -> None:
    model.migrants.live["debt"][-1] -= 1


def _kidnap(model: BorderModel) -> None:
    rows = model.migrants.live
    rows["status"][rows["status"] == Status.TRAVELLING] = Status.KIDNAPPED


def _rejuvenate(model: BorderModel) -> None:
    rows = model.migrants.live
    rows["cohort"][rows["status"] == Status.TRAVELLING] = 0


@pytest.mark.parametrize(
    ("tamper", "what"),
    [(_enrich, "dollars"), (_forgive, "dollars"), (_kidnap, "persons"), (_rejuvenate, "persons")],
)
def test_tampered_rows_are_found_at_the_recount(
    tamper: Callable, what: str, play: Callable
) -> None:
    """Rows changed behind the ledger's back do not survive the monthly recount."""
    model = play(scale=1000, warmup_days=30, days=10)
    model.tidy()
    tamper(model)
    with pytest.raises(ConservationError, match=what):
        model.tidy()


def test_every_candidate_stands_somewhere_once(year: BorderModel) -> None:
    """The statuses of the persons of the run sum to its candidates, today and on every day."""
    persons = year.ledger.persons()
    candidates = persons.pop("candidates")
    assert set(persons) == {status.name.lower() for status in Status}
    assert min(persons.values()) >= 0 < candidates == sum(persons.values())
    came = year.ledger.events[:, Event.CANDIDATES].sum(axis=(1, 2)).cumsum()
    assert (year.ledger.stock[:, 1].sum(axis=1) == came).all()


def test_no_dollar_appears_or_vanishes(year: BorderModel) -> None:
    """All balances together are zero, and the books agree with what is really held."""
    balance = year.ledger.balance
    assert int(balance.sum()) == 0
    year.tidy()  # recounts what people hold, or raises
    assert int(balance[Account.ORGANISATIONS]) == int(year.market.book["cash"].sum())
    assert not year.ledger.daily_money.diagonal(axis1=1, axis2=2).any()
    assert (year.ledger.daily_money >= 0).all()


def test_programmes_receive_what_treasuries_pay(year: BorderModel) -> None:
    """365 days cost the yearly price of the policies, to the dollar, and nobody else is paid."""
    due = {"us": 0, "mexico": 0, "users": 0}
    for use in year.settings.policies:
        policy = make(use, year.settings.start, year.settings.start.replace(year=2060))
        for payer, yearly in policy.dollars().items():
            due[payer] += round(yearly)
    assert dollars(year.ledger) == due and min(due["us"], due["mexico"]) > 10**7
    money = year.ledger.money
    for treasury in (Account.US_TREASURY, Account.MEXICO_TREASURY):
        assert money[treasury].sum() == money[treasury, Account.PROGRAMMES]
    assert money[:, Account.PROGRAMMES].sum() == year.ledger.balance[Account.PROGRAMMES]


def test_treasuries_take_in_the_fees_of_the_legal_channel(year: BorderModel) -> None:
    """A fee for every application, to the United States, and nothing else to anybody."""
    money, totals = year.ledger.money, year.ledger.totals()
    fee = int(year.settings.migrants.legal_fee)
    assert money[:, Account.US_TREASURY].sum() == totals["applied"] * fee > 0
    assert not money[:, Account.MEXICO_TREASURY].any()


def test_what_follows_adds_up_to_what_happened(year: BorderModel) -> None:
    """Every event has one outcome: candidates, apprehensions of both countries, by group."""
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


def test_who_comes_up_stays_leaves_or_applies_and_who_is_refused_may_still_leave(
    year: BorderModel,
) -> None:
    """Day by day, from the second one on, in both cohorts."""
    e = year.ledger.events[1:].sum(axis=(2, 3))
    gone = np.diff(year.ledger.stock.sum(axis=1), axis=0)  # change of every status from day to day
    left_after_all = e[:, Event.REFUSED] - gone[:, Status.REFUSED]
    direct = e[:, Event.SET_OUT] - left_after_all
    assert (left_after_all >= 0).all() and e[:, Event.REFUSED].sum() > 0
    assert (e[:, Event.CANDIDATES] == gone[:, Status.STAYED] + direct + e[:, Event.APPLIED]).all()
    waiting = e[:, Event.APPLIED] - e[:, Event.ADMITTED] - e[:, Event.REFUSED]
    assert (gone[:, Status.APPLIED] == waiting).all()


@pytest.mark.parametrize("group", ["mexican", "northern_triangle"])
def test_a_newcomer_brings_capital_that_is_booked(group: str, play: Callable) -> None:
    """Where a group has no organisation at all, one enters, and its cash comes from somewhere."""
    model = play(scale=1000, warmup_days=14, days=30, changes={f"smugglers.count_{group}": 0})
    served = {g for agent in model.market.agents.values() for g in agent.groups}
    assert served == {0, 1}


def test_organisations_without_clients_leave_without_a_trace(play: Callable) -> None:
    """With nobody to guide from a country, its organisations go broke; the books still close."""
    changes = {"migrants.pool.northern_triangle": 0.0, "smugglers.cell_week": 20_000.0}
    model = play(scale=1000, warmup_days=14, days=60, changes=changes)
    assert model.ledger.balance[Account.ORGANISATIONS] == model.market.book["cash"].sum()


def test_every_policy_keeps_the_books(play: Callable) -> None:
    """All policies at once, at their largest dose, for 100 days."""
    names = [f"{name}:{cls.high:g}" for name, cls in registry().items() if name != "no_cooperation"]
    model = play(" ".join(names), scale=1000, warmup_days=30, days=100)
    model.tidy()
    assert int(model.ledger.balance.sum()) == 0
