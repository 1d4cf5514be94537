"""Hidden passage through a port. `laws/test_random_days` compares the other rules of a port."""

import numpy as np
import pytest
from scipy import stats

from agents.migrants.line import passes_port
from agents.outcomes import Event, Mode, Status

SEED, PORT_LEG = 5, 1


def shared(records):
    """Return the arguments that all kernels of a day take."""
    legs, params = records.leg_state.records[0], records.kernel_params
    return legs, records.market, params, records.day_tallies, SEED


def at_port(make_records, *, mode=Mode.PORT, find=0.3, **traits):
    """Return the records of a foreign person who has just reached a port by leg 1 with gate 2."""
    records = make_records().be(
        group=1, origin=1, mode=mode, leg=PORT_LEG, gate=2, place=2, org=-1, **traits
    )
    records.leg_state.is_port[PORT_LEG] = 1
    records.leg_state.us_hazard[PORT_LEG] = -np.log1p(-find)
    records.leg_state.sector[PORT_LEG] = 3
    return records


def passes(records, uid):
    """Return whether a person with this uid passes. The tallies accumulate over calls."""
    records.be(uid=uid, line_tries=0, caught=0, status=Status.TRAVELLING, consequence=0, clock=0.0)
    return passes_port(records.person, 10, *shared(records))


def events(records, event):
    """Return how many persons are counted for an event."""
    return int(records.day_tallies["events"][event].sum())


@pytest.mark.parametrize("find", [0.0, 0.25, 0.8])
def test_hidden_migrants_are_detected_at_the_inspection_probability(make_records, find):
    records, n = at_port(make_records, find=find), 3_000
    passed = sum(passes(records, uid) for uid in range(n))
    assert events(records, Event.PORT_ATTEMPT) == n
    assert events(records, Event.PORT_ENTRY) == passed
    assert events(records, Event.INADMISSIBLE) == n - passed
    assert int(records.day_tallies["by_sector"][Event.INADMISSIBLE, 3].sum()) == n - passed
    assert events(records, Event.APPREHENDED_US) == 0  # counted only between ports
    assert stats.binomtest(n - passed, n, find).pvalue > 1e-4 if find else passed == n
