"""Ports, the queue of the legal channel, and the wait in Mexico for a hearing."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from agents.migrants.aftermath import decide_application
from agents.migrants.columns import PORT_OPTION
from agents.migrants.line import passes_port
from agents.migrants.travel import begin_trip, next_leg
from agents.outcomes import Account, Event, Mode, Status

SEED, PORT_LEG = 5, 1


def shared(records):
    """Return the arguments that all kernels of a day take."""
    legs, params = records.leg_state.records[0], records.kernel_params
    return legs, records.market, params, records.day_tallies, SEED


def at_port(make_records, *, mode=Mode.PORT, find=0.3, **traits):
    """Return a foreign person who has just reached a port by leg 1 with gate 2."""
    records = make_records().be(
        group=1, origin=1, mode=mode, leg=PORT_LEG, gate=2, place=2, org=-1, **traits
    )
    records.leg_state.is_port[PORT_LEG] = 1
    records.leg_state.us_hazard[PORT_LEG] = -np.log1p(-find)
    records.leg_state.sector[PORT_LEG] = 3
    return records


def passes(records, uid):
    """Return whether a person with this uid passes; the tallies are not reset."""
    records.be(uid=uid, line_tries=0, caught=0, status=Status.TRAVELLING, consequence=0, clock=0.0)
    return passes_port(records.person, 10, *shared(records))


def events(records, event):
    """Return the persons counted for an event."""
    return int(records.day_tallies["events"][event].sum())


@pytest.mark.parametrize("find", [0.0, 0.25, 0.8])
def test_hidden_migrants_are_detected_at_the_inspection_probability(make_records, find):
    records, n = at_port(make_records, find=find), 3_000
    passed = sum(passes(records, uid) for uid in range(n))
    assert events(records, Event.PORT_ATTEMPT) == n
    assert events(records, Event.PORT_ENTRY) == passed
    assert events(records, Event.INADMISSIBLE) == n - passed
    assert int(records.day_tallies["by_sector"][Event.INADMISSIBLE, 3].sum()) == n - passed
    assert events(records, Event.APPREHENDED_US) == 0  # they are counted between ports only
    assert stats.binomtest(n - passed, n, find).pvalue > 1e-4 if find else passed == n


def test_protection_requests_are_processed_and_never_pass(make_records):
    records, n = at_port(make_records, mode=Mode.SOLO, kind=1, protection=1), 500
    assert not any(passes(records, uid) for uid in range(n))
    assert events(records, Event.PRESENTED) == n and events(records, Event.PORT_ATTEMPT) == 0
    assert int(records.leg_state.presented[PORT_LEG]) == n
    freed, removed = events(records, Event.RELEASED_PORT), events(records, Event.REMOVED_US)
    assert freed + removed == n and freed > 0.7 * n
    assert (
        events(records, Event.RETURNED_UNSCREENED) == 0 and events(records, Event.RELEASED_US) == 0
    )


def test_protection_requests_wait_for_the_queue_of_the_port(make_records):
    for mode, port_wait in ((Mode.SOLO, 12.5), (Mode.PORT, 12.5), (Mode.SOLO, 0.0)):
        records = make_records().be(place=0, mode=mode, clock=3.0, route=0, group=1)
        leg_state = records.leg_state
        leg_state.out_start[1:], leg_state.out_leg[:], leg_state.head[:] = 2, (0, 1), (1, 2)
        leg_state.cum[0], leg_state.is_port[1], leg_state.port_wait[1] = (0.0, 1.0), 1, port_wait
        next_leg(records.person, leg_state.records[0], *shared(records)[1:])
        waited = float(records.person["clock"]) - 3.0
        longest = records.settings.migrants.wait_days_guided
        assert int(records.person["gate"]) == 0 and int(records.person["leg"]) == 1
        assert waited == pytest.approx(port_wait) if mode == Mode.SOLO else 0 < waited <= longest


def test_a_port_passage_has_a_separate_price_and_extra_cost_per_attempt(make_records):
    records = make_records().be(group=1, origin=1, wealth=20_000, place=0)
    records.sell(3, uid=9, price=4_000.0, cost=1_500.0, tax=300.0, bribe=100.0)
    records.market["port_price"], records.market["port_cost"] = 7_000.0, 1_100.0
    records.leg_state.out_start[1:], records.leg_state.out_leg[:] = 2, (0, 1)
    records.leg_state.cum[:] = 1.0
    begin_trip(records.person, 1.0, 3 + PORT_OPTION, *shared(records))
    p, money = records.person, records.day_tallies["money"]
    assert (int(p["org"]), int(p["mode"]), int(p["wealth"])) == (3, Mode.PORT, 13_000)
    assert int(p["route"]) == int(records.kernel_params["first_port"]) + 1
    assert money[Account.MIGRANTS, Account.ORGANISATIONS] == 7_000
    assert money[Account.ORGANISATIONS].sum() == 1_500 + 1_100
    tries = int(p["tries_left"])
    begin_trip(p, 2.0, 3 + PORT_OPTION, *shared(records))
    assert money[Account.MIGRANTS, Account.ORGANISATIONS] == 7_000  # the contract covers it
    assert int(p["tries_left"]) == tries - 1
    begin_trip(p, 3.0, 3, *shared(records))
    paid = money[Account.MIGRANTS, Account.ORGANISATIONS]
    assert paid == 11_000  # a passage through a port needs another contract


# ---- the legal channel --------------------------------------------------------------------------


def applicant(make_records, *, ticket, served, rate=10.0, refusal=0.0, **traits):
    """Return an applicant in the queue."""
    records = make_records(migrants={"legal_refusal": refusal, "stay_value": (1e5, 1e5)})
    records.be(group=1, origin=1, status=Status.APPLIED, set_out=ticket, decisions=1, **traits)
    records.kernel_params["legal_served"], records.kernel_params["legal_rate"] = served, rate
    return records


def consider(records, today=100):
    """Call the kernel on a day on which the application may be decided."""
    decide_application(records.person, today, *shared(records))


@given(st.integers(1, 100_000), st.integers(0, 100_000), st.floats(0.0, 500.0))
def test_applications_are_decided_exactly_when_due(make_records, ticket, served, rate):
    records = applicant(make_records, ticket=ticket, served=served, rate=rate)
    consider(records)
    turn = served >= ticket
    assert (int(records.person["status"]) == Status.ADMITTED) == turn
    assert (events(records, Event.ADMITTED) == 1) == turn
    if not turn:  # the next check is within a month, and never on the same day
        assert 101 <= float(records.person["clock"]) <= 130
