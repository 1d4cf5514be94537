"""Attempts at the U.S. line and at the checkpoints behind it."""

import math

from agents.chance import draw4, strikes
from agents.consequences import apprehend_us
from agents.environment import Stream
from agents.jit import kernel
from agents.migrants.news import report_line_outcome, report_outcome
from agents.migrants.tallies import begin_past_line, end_past_line, post, post_at, wait
from agents.outcomes import Consequence, Event, Mode, Status


@kernel
def count_trip_length(p, day_tallies):
    """Count a guided trip that reached the line, and whether it took at most 30 days.

    Args:
        p: row of the migrant.
        day_tallies: record of the day loop.
    """
    post(day_tallies, p, Event.GUIDED_DONE)
    if p.clock - p.set_out <= 30.0:
        post(day_tallies, p, Event.GUIDED_DONE_30)


@kernel
def _turn_back(p, today, leg_state, day_tallies):
    """Send a migrant back to the start of the line leg, to decide tomorrow."""
    p.consequence, p.place = Consequence.TURNED_BACK, leg_state.tail[p.leg]
    post_at(day_tallies, p, Event.TURNED_BACK, leg_state.sector[p.leg])
    wait(day_tallies, p, Status.RETURNED, today + 1)


@kernel
def _close_trial(p, day_tallies, caught):
    """Update the state from which the repeated-trials estimator is computed."""
    if p.trial == 2:
        post(day_tallies, p, Event.EVADER_RETRIED)
        if caught:
            post(day_tallies, p, Event.EVADER_RETRY_CAUGHT)
    if p.trial == 0 and caught:
        p.trial = 1
        post(day_tallies, p, Event.EVADER_FIRST_CAUGHT)
    else:
        p.trial = 3


@kernel
def _apprehend(p, today, sector, market, params, day_tallies, seed):
    """Apply a U.S. apprehension; a client who is released counts as an arrival."""
    apprehend_us(p, today, sector, params, day_tallies, seed)
    if p.status == Status.RELEASED and p.org >= 0:
        market.arrived[p.org] += p.weight


@kernel
def passes_line(p, exposed, today, leg_state, market, params, day_tallies, seed):
    """Resolve an attempt at the line: surrender, apprehension, turn-back or passage.

    Args:
        p: row of the migrant; changed.
        exposed: share of the hazard that reaches the migrant.
        today: days since the warm-up began.
        leg_state, market, params, day_tallies: records of the day loop.
        seed: seed of the keyed draws.

    Returns:
        True if the migrant passes the line.
    """
    leg, sector = p.leg, leg_state.sector[p.leg]
    post_at(day_tallies, p, Event.REACHED_LINE, sector)
    if p.mode == Mode.GUIDED and p.consequence != Consequence.TURNED_BACK:
        count_trip_length(p, day_tallies)
    u = draw4(seed, Stream.LINE, p.uid, p.line_tries)
    p.line_tries += 1
    p.detected = 0
    if p.surrender:
        day_tallies.calls[sector] += p.weight
        post_at(day_tallies, p, Event.SURRENDERED, sector)
        _apprehend(p, today, sector, market, params, day_tallies, seed)
        return False
    post_at(day_tallies, p, Event.LINE_ATTEMPT, sector)
    report_line_outcome(p, leg_state, params, exposed)
    if not strikes(u[0], leg_state.us_hazard[leg] * exposed):
        begin_past_line(day_tallies, p)
        return True
    day_tallies.calls[sector] += p.weight
    if u[1] < params.caught_share * leg_state.respond[leg]:
        _close_trial(p, day_tallies, True)
        _apprehend(p, today, sector, market, params, day_tallies, seed)
        return False
    if u[1] >= 1.0 - params.turned_share * leg_state.respond[leg]:
        _turn_back(p, today, leg_state, day_tallies)
        return False
    p.detected = 1
    begin_past_line(day_tallies, p)
    return True


@kernel
def passes_checkpoint(p, exposed, today, leg_state, market, params, day_tallies, seed):
    """Resolve the checkpoints behind the line and count a got-away, once per passage of the line.

    Args:
        p: row of the migrant; changed.
        exposed: share of the hazard that reaches the migrant.
        today: days since the warm-up began.
        leg_state, market, params, day_tallies: records of the day loop.
        seed: seed of the keyed draws.

    Returns:
        True if the migrant passes the checkpoints.
    """
    sector, hazard = leg_state.sector[p.leg], leg_state.us_hazard[p.leg] * exposed
    u = draw4(seed, Stream.LINE, p.uid, p.line_tries - 1)
    evaded = math.exp(-hazard)
    report_outcome(p, leg_state, evaded, 1.0 - evaded, 0.0)
    if strikes(u[2], hazard):
        end_past_line(day_tallies, p, 0)
        post_at(day_tallies, p, Event.APPREHENDED_BELT, sector)
        if p.mode != Mode.PORT:
            _close_trial(p, day_tallies, True)
        _apprehend(p, today, sector, market, params, day_tallies, seed)
        return False
    if end_past_line(day_tallies, p, 1):  # entries through a port are counted at the port
        event = Event.GOT_AWAY_KNOWN if p.detected else Event.GOT_AWAY_UNDETECTED
        post_at(day_tallies, p, event, sector)
        _close_trial(p, day_tallies, False)
    return True
