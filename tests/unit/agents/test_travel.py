"""The next leg of a journey: as often as the choice table says, never back, never a closed one."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from agents.chance import draw4_array
from agents.environment import Stream
from agents.migrants.columns import LegState
from agents.migrants.decisions import N_EXPECTED
from agents.migrants.travel import next_leg

SEED, ROUTE = 3, 5
SHARES = st.lists(st.floats(0.0, 1.0), min_size=2, max_size=6).filter(lambda s: sum(s) > 0.01)


def fork(make_hand, shares, *, back=None, line=()):
    """A person at place 0 with a leg to each of the places 1, 2, ...; leg `n` leads back.

    With `back` the person has just come from that place.
    """
    n = len(shares)
    hand = make_hand().be(route=ROUTE, place=0)
    hand.leg_state = LegState(places=n + 1, legs=n + 1, out=n, origins=2, expected=N_EXPECTED)
    leg_state = hand.leg_state
    leg_state.tail[:n], leg_state.head[:n], leg_state.out_leg[:] = (
        0,
        np.arange(1, n + 1),
        np.arange(n),
    )
    leg_state.tail[n], leg_state.head[n] = (back or 1), 0
    leg_state.out_start[1:] = n
    leg_state.days[:n] = np.arange(1, n + 1)
    leg_state.is_line[list(line)] = 1
    leg_state.cum[ROUTE] = np.cumsum(shares) / np.sum(shares)
    if back is not None:
        hand.be(leg=n, hop=1)
    return hand


def goes(hand, uid, **traits):
    """Leg that a person of this uid takes."""
    for name, value in {"uid": uid, "place": 0, "clock": 10.0, **traits}.items():
        hand.person[name] = value
    next_leg(hand.person, hand.leg_state.record, hand.kernel_params, SEED)
    return int(hand.person["leg"])


def test_legs_are_taken_as_often_as_the_table_says(make_hand):
    shares = np.array([0.15, 0.0, 0.5, 0.35])
    hand = fork(make_hand, shares)
    counts = np.bincount([goes(hand, uid, hop=0) for uid in range(4_000)], minlength=4)
    assert counts[1] == 0
    assert stats.chisquare(counts[[0, 2, 3]], shares[[0, 2, 3]] * 4_000).pvalue > 1e-4


@settings(max_examples=150)
@given(SHARES, st.integers(0, 2**40))
def test_a_leg_without_a_share_is_never_taken_not_even_the_last(make_hand, shares, uid):
    hand = fork(make_hand, [*shares, 0.0, 0.0])
    leg = goes(hand, uid, hop=0)
    cum = np.concatenate(([0.0], hand.leg_state.cum[ROUTE].astype(float)))
    assert cum[leg + 1] > cum[leg]


def test_nobody_turns_on_their_heel_and_the_others_keep_their_odds(make_hand):
    shares = np.array([0.5, 0.2, 0.3])
    hand = fork(make_hand, shares, back=1)
    counts = np.zeros(3)
    for uid in range(3_000):
        counts[goes(hand, uid, hop=1, leg=3)] += 1
    assert counts[0] == 0
    assert stats.chisquare(counts[1:], 3_000 * shares[1:] / 0.5).pvalue > 1e-4


def test_where_back_is_the_only_way_people_go_back(make_hand):
    hand = fork(make_hand, [1.0, 0.0], back=1)
    assert {goes(hand, uid, hop=1, leg=2) for uid in range(200)} == {0}


@given(st.integers(0, 2**40), st.integers(0, 1), st.floats(0.0, 500.0))
def test_a_leg_takes_its_days_and_only_the_line_is_waited_for(make_hand, uid, mode, clock):
    m = make_hand().settings.migrants
    pace = (m.pace_solo, m.pace_guided)[mode]
    longest = (m.wait_days_solo, m.wait_days_guided)[mode]
    for line in ((), (0, 1)):
        hand = fork(make_hand, [0.4, 0.6], line=line)
        leg = goes(hand, uid, hop=0, mode=mode, clock=clock)
        start = float(np.float32(clock))
        wait = draw4_array(SEED, int(Stream.ROUTE), np.array([uid]), 0)[1, 0] * longest
        days = hand.leg_state.days[leg] * pace + (wait if line else 0.0)
        assert float(hand.person["clock"]) == pytest.approx(start + days, abs=1e-3)
        assert int(hand.person["gate"]) == (0 if line else -1)
        assert int(hand.person["hop"]) == 1
