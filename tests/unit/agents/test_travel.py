"""The choice of the next leg: table probabilities, no reversal, no closed leg."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from agents.chance import draw4
from agents.environment import Stream
from agents.migrants.columns import LegState
from agents.migrants.prospects import N_EXPECTED
from agents.migrants.travel import next_leg

SEED, ROUTE = 3, 5


def fork(make_records, shares, *, back=None, line=()):
    """Return a person at place 0 with a leg to each of the places 1, 2, ...; leg `n` leads back.

    With `back` the person has just come from that place.
    """
    n = len(shares)
    records = make_records().be(route=ROUTE, place=0)
    records.leg_state = LegState(places=n + 1, legs=n + 1, out=n, origins=2, expected=N_EXPECTED)
    leg_state = records.leg_state
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
        leg_state.has_return[n] = 1
        records.be(leg=n, hop=1)
    return records


def goes(records, uid, **traits):
    """Return the leg that a person with this uid takes."""
    for name, value in {"uid": uid, "place": 0, "clock": 10.0, **traits}.items():
        records.person[name] = value
    next_leg(
        records.person,
        records.leg_state.records[0],
        records.market,
        records.kernel_params,
        records.day_tallies,
        SEED,
    )
    return int(records.person["leg"])


def test_legs_are_taken_with_the_probabilities_of_the_table(make_records):
    shares = np.array([0.15, 0.0, 0.5, 0.35])
    records = fork(make_records, shares)
    counts = np.bincount([goes(records, uid, hop=0) for uid in range(4_000)], minlength=4)
    assert counts[1] == 0
    assert stats.chisquare(counts[[0, 2, 3]], shares[[0, 2, 3]] * 4_000).pvalue > 1e-4


def test_migrants_do_not_reverse_direction_and_other_odds_are_unchanged(make_records):
    shares = np.array([0.5, 0.2, 0.3])
    records = fork(make_records, shares, back=1)
    counts = np.zeros(3)
    for uid in range(3_000):
        counts[goes(records, uid, hop=1, leg=3)] += 1
    assert counts[0] == 0
    assert stats.chisquare(counts[1:], 3_000 * shares[1:] / 0.5).pvalue > 1e-4


@given(st.integers(0, 2**40), st.integers(0, 1), st.floats(0.0, 500.0))
def test_a_leg_takes_its_days_and_only_the_line_adds_a_wait(make_records, uid, mode, clock):
    m = make_records().settings.migrants
    pace = (m.pace_solo, m.pace_guided)[mode]
    longest = (m.wait_days_solo, m.wait_days_guided)[mode]
    for line in ((), (0, 1)):
        records = fork(make_records, [0.4, 0.6], line=line)
        leg = goes(records, uid, hop=0, mode=mode, clock=clock)
        start = float(np.float32(clock))
        wait = draw4(SEED, Stream.ROUTE, uid, 0)[1] * longest
        days = records.leg_state.days[leg] * pace + (wait if line else 0.0)
        assert float(records.person["clock"]) == pytest.approx(start + days, abs=1e-3)
        assert int(records.person["gate"]) == (0 if line else -1)
        assert int(records.person["hop"]) == 1
