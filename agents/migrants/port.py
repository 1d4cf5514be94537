"""Attempts at a port of entry: hidden or with false papers, or a request for protection."""

import math

from agents.chance import draw4, strikes
from agents.consequences import process_protection_request, refuse_entry
from agents.environment import Stream
from agents.jit import kernel
from agents.migrants.line import count_trip_length
from agents.migrants.news import report_outcome
from agents.migrants.tallies import post_at
from agents.outcomes import Event, Mode, Status


@kernel
def passes_port(p, today, leg_state, market, params, day_tallies, seed):
    """Resolve an attempt at a port; a request for protection never passes the inspection.

    Args:
        p: row of the migrant; changed.
        today: days since the warm-up began.
        leg_state, market, params, day_tallies: records of the day loop.
        seed: seed of the keyed draws.

    Returns:
        True if the migrant enters undetected.
    """
    sector = leg_state.sector[p.leg]
    post_at(day_tallies, p, Event.REACHED_LINE, sector)
    if p.mode != Mode.PORT:
        leg_state.presented[p.leg] += p.weight
        post_at(day_tallies, p, Event.PRESENTED, sector)
        process_protection_request(p, today, params, day_tallies, seed)
        _count_arrival(p, market)
        return False
    count_trip_length(p, day_tallies)
    post_at(day_tallies, p, Event.PORT_ATTEMPT, sector)
    u = draw4(seed, Stream.PORT, p.uid, p.line_tries)
    p.line_tries += 1
    p.trial = 3  # the repeated-trials estimator covers attempts between ports only
    evaded = math.exp(-leg_state.us_hazard[p.leg])
    report_outcome(p, leg_state, evaded, 1.0 - evaded, 0.0)
    if strikes(u[0], leg_state.us_hazard[p.leg]):
        refuse_entry(p, today, sector, params, day_tallies, seed)
        _count_arrival(p, market)
        return False
    post_at(day_tallies, p, Event.PORT_ENTRY, sector)
    return True


@kernel
def _count_arrival(p, market):
    """Count a client who is released at the port as an arrival of the organisation."""
    if p.status == Status.RELEASED and p.org >= 0:
        market.arrived[p.org] += p.weight
