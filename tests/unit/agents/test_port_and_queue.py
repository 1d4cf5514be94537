"""At a port, in the queue of the legal channel, and waiting in Mexico for a hearing."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from agents.migrants.aftermath import decide_application, end_captivity, end_wait
from agents.migrants.columns import NEVER, PORT_OPTION
from agents.migrants.port import passes_port
from agents.migrants.travel import begin_trip, next_leg
from agents.outcomes import Account, Consequence, Event, Mode, Status

SEED, PORT_LEG = 5, 1


def at_port(make_hand, *, mode=Mode.PORT, find=0.3, **traits):
    """A foreign person who has just reached a port by leg 1, whose gate is place 2."""
    hand = make_hand().be(
        group=1,
        origin=1,
        mode=mode,
        status=Status.TRAVELLING,
        leg=PORT_LEG,
        gate=2,
        place=2,
        org=-1,
        **traits,
    )
    hand.leg_state.is_port[PORT_LEG] = 1
    hand.leg_state.us_hazard[PORT_LEG] = -np.log1p(-find)
    hand.leg_state.sector[PORT_LEG] = 3
    return hand


def passes(hand, uid):
    """Whether a person of this uid gets past; books are not emptied."""
    hand.be(uid=uid, line_tries=0, caught=0, status=Status.TRAVELLING, consequence=0, clock=0.0)
    return passes_port(
        hand.person,
        10,
        hand.leg_state.record,
        hand.market,
        hand.kernel_params,
        hand.day_tallies,
        SEED,
    )


def events(hand, event):
    """Persons counted for an event."""
    return int(hand.day_tallies["events"][event].sum())


@pytest.mark.parametrize("find", [0.0, 0.25, 0.8])
def test_the_hidden_are_found_as_often_as_inspection_finds(make_hand, find):
    hand, n = at_port(make_hand, find=find), 3_000
    passed = sum(passes(hand, uid) for uid in range(n))
    assert events(hand, Event.PORT_ATTEMPT) == n
    assert events(hand, Event.PORT_ENTRY) == passed
    assert events(hand, Event.INADMISSIBLE) == n - passed
    assert int(hand.day_tallies["by_sector"][Event.INADMISSIBLE, 3].sum()) == n - passed
    assert events(hand, Event.APPREHENDED_US) == 0  # a word for the open country
    assert stats.binomtest(n - passed, n, find).pvalue > 1e-4 if find else passed == n


def test_news_of_a_port_are_the_odds(make_hand):
    hand = at_port(make_hand, find=0.25).be(weight=20)
    passes(hand, 7)
    told = hand.leg_state.record["new_reports_home"][1, PORT_LEG]
    assert told[:3] == pytest.approx([20 * 0.75, 20 * 0.25, 0.0])


def test_who_asks_for_protection_is_heard_and_never_passes(make_hand):
    hand, n = at_port(make_hand, mode=Mode.SOLO, kind=1, protection=1), 500
    assert not any(passes(hand, uid) for uid in range(n))
    assert events(hand, Event.PRESENTED) == n and events(hand, Event.PORT_ATTEMPT) == 0
    assert int(hand.leg_state.presented[PORT_LEG]) == n
    freed, removed = events(hand, Event.RELEASED_PORT), events(hand, Event.REMOVED_US)
    assert freed + removed == n and freed > 0.7 * n
    assert events(hand, Event.RETURNED_UNSCREENED) == 0 and events(hand, Event.RELEASED_US) == 0


def test_who_waits_at_a_port_waits_as_long_as_its_queue(make_hand):
    for mode, port_wait in ((Mode.SOLO, 12.5), (Mode.PORT, 12.5), (Mode.SOLO, 0.0)):
        hand = make_hand().be(place=0, mode=mode, clock=3.0, route=0, group=1)
        leg_state = hand.leg_state
        leg_state.out_start[1:], leg_state.out_leg[:], leg_state.head[:] = 2, (0, 1), (1, 2)
        leg_state.cum[0], leg_state.is_port[1], leg_state.port_wait[1] = (0.0, 1.0), 1, port_wait
        next_leg(hand.person, leg_state.record, hand.kernel_params, SEED)
        waited = float(hand.person["clock"]) - 3.0
        longest = hand.settings.migrants.wait_days_guided
        assert int(hand.person["gate"]) == 0 and int(hand.person["leg"]) == 1
        assert waited == pytest.approx(port_wait) if mode == Mode.SOLO else 0 < waited <= longest


def test_a_passage_through_a_port_costs_its_own_price_and_more_per_attempt(make_hand):
    hand = make_hand().be(group=1, origin=1, wealth=20_000, place=0)
    hand.sell(3, uid=9, price=4_000.0, cost=1_500.0, tax=300.0, bribe=100.0)
    hand.market["port_price"], hand.market["port_cost"] = 7_000.0, 1_100.0
    hand.leg_state.out_start[1:], hand.leg_state.out_leg[:] = 2, (0, 1)
    hand.leg_state.cum[:] = 1.0
    begin_trip(
        hand.person,
        1.0,
        3 + PORT_OPTION,
        hand.leg_state.record,
        hand.market,
        hand.kernel_params,
        hand.day_tallies,
        SEED,
    )
    p, money = hand.person, hand.day_tallies["money"]
    assert (int(p["org"]), int(p["mode"]), int(p["wealth"])) == (3, Mode.PORT, 13_000)
    assert int(p["route"]) == int(hand.kernel_params["first_port"]) + 1
    assert money[Account.MIGRANTS, Account.ORGANISATIONS] == 7_000
    assert money[Account.ORGANISATIONS].sum() == 1_500 + 1_100
    tries = int(p["tries_left"])
    begin_trip(
        p,
        2.0,
        3 + PORT_OPTION,
        hand.leg_state.record,
        hand.market,
        hand.kernel_params,
        hand.day_tallies,
        SEED,
    )
    assert money[Account.MIGRANTS, Account.ORGANISATIONS] == 7_000  # the contract covers it
    assert int(p["tries_left"]) == tries - 1
    begin_trip(
        p, 3.0, 3, hand.leg_state.record, hand.market, hand.kernel_params, hand.day_tallies, SEED
    )
    assert money[Account.MIGRANTS, Account.ORGANISATIONS] == 11_000  # another service


# ---- the legal channel --------------------------------------------------------------------------


def applicant(make_hand, *, ticket, served, rate=10.0, refusal=0.0, **traits):
    """Somebody in the queue."""
    hand = make_hand(migrants={"legal_refusal": refusal, "stay_value": (1e5, 1e5)})
    hand.be(group=1, origin=1, status=Status.APPLIED, set_out=ticket, decisions=1, **traits)
    hand.kernel_params["legal_served"], hand.kernel_params["legal_rate"] = served, rate
    return hand


def consider(hand, today=100):
    """The day on which the case may be looked at."""
    decide_application(
        hand.person,
        today,
        hand.leg_state.record,
        hand.market,
        hand.kernel_params,
        hand.day_tallies,
        SEED,
    )


@given(st.integers(1, 100_000), st.integers(0, 100_000), st.floats(0.0, 500.0))
def test_nobody_is_decided_before_their_turn_or_waits_after_it(make_hand, ticket, served, rate):
    hand = applicant(make_hand, ticket=ticket, served=served, rate=rate)
    consider(hand)
    turn = served >= ticket
    assert (int(hand.person["status"]) == Status.ADMITTED) == turn
    assert (events(hand, Event.ADMITTED) == 1) == turn
    if not turn:  # looks again within a month, and never the same day
        assert 101 <= float(hand.person["clock"]) <= 130


def test_as_many_are_refused_as_declared_and_stay_if_home_is_better(make_hand):
    hand, n = applicant(make_hand, ticket=1, served=5, refusal=0.35), 3_000
    for uid in range(n):
        hand.be(uid=uid, status=Status.APPLIED, decisions=1)
        consider(hand)
    refused = events(hand, Event.REFUSED)
    assert stats.binomtest(refused, n, 0.35).pvalue > 1e-4
    assert events(hand, Event.ADMITTED) == n - refused and events(hand, Event.SET_OUT) == 0


def test_a_refused_person_may_go_without_papers(make_hand):
    hand = applicant(make_hand, ticket=1, served=5, refusal=1.0, wealth=9_000, knowledge=1.0)
    hand.kernel_params["stay_value"] = -1e6
    hand.leg_state.out_start[1:], hand.leg_state.out_leg[:] = 2, (0, 1)
    hand.leg_state.cum[:] = 1.0
    consider(hand)
    assert int(hand.person["status"]) == Status.TRAVELLING
    assert events(hand, Event.SET_OUT) == events(hand, Event.REFUSED) == 1


# ---- waiting in Mexico --------------------------------------------------------------------------


def waiting(make_hand, **migrants):
    """Somebody at the end of a wait on the Mexican side, at place 2."""
    hand = make_hand(migrants=migrants)
    return hand.be(
        group=1,
        origin=1,
        status=Status.WAITS_IN_MEXICO,
        gate=2,
        place=2,
        leg=0,
        consequence=Consequence.WAIT,
        surrender=1,
        wealth=5_000,
        org=-1,
    )


def test_the_end_of_a_wait_is_one_of_three_as_often_as_declared(make_hand):
    hazard, days, granted, n = 0.002, 100.0, 0.3, 4_000
    hand = waiting(
        make_hand, wait_kidnap_hazard=hazard, wait_in_mexico_days=days, wait_granted=granted
    )
    ends = np.zeros(3, int)
    for uid in range(n):
        hand.be(uid=uid, status=Status.WAITS_IN_MEXICO, consequence=Consequence.WAIT, wealth=5_000)
        end_wait(
            hand.person,
            50,
            hand.leg_state.record,
            hand.market,
            hand.kernel_params,
            hand.day_tallies,
            SEED,
        )
        ends[[Status.KIDNAPPED, Status.RELEASED, Status.RETURNED].index(hand.person["status"])] += 1
    taken = -np.expm1(-hazard * days)
    expected = n * np.array([taken, (1 - taken) * granted, (1 - taken) * (1 - granted)])
    assert stats.chisquare(ends, expected).pvalue > 1e-4
    assert events(hand, Event.KIDNAPPED) == ends[0] and events(hand, Event.GRANTED) == ends[1]
    assert int(hand.person["surrender"]) == 0  # nobody gives themselves up a second time


def test_whoever_is_taken_while_waiting_goes_on_from_the_mexican_side(make_hand):
    hand = waiting(
        make_hand, wait_kidnap_hazard=0.09, wait_in_mexico_days=1_000.0, kidnap_death=0.0
    )
    hand.leg_state.head[0] = 1  # the leg under way when apprehended led into the U.S.
    end_wait(
        hand.person,
        50,
        hand.leg_state.record,
        hand.market,
        hand.kernel_params,
        hand.day_tallies,
        SEED,
    )
    assert int(hand.person["status"]) == Status.KIDNAPPED
    end_captivity(
        hand.person, 60, hand.leg_state.record, hand.kernel_params, hand.day_tallies, SEED
    )
    assert int(hand.person["place"]) == 2 and float(hand.person["clock"]) < NEVER
