"""Attempts at the U.S. line and at the checkpoints behind it."""

import math

from agents.chance import draw4, strikes
from agents.consequences import apprehend_us
from agents.environment import Stream
from agents.jit import internal
from agents.migrants.news import report_line_outcome, report_outcome
from agents.migrants.tallies import begin_past_line, end_past_line, post, post_at, wait
from agents.outcomes import Consequence, Event, Mode, Status

_LINE = int(Stream.LINE)
_RETURNED = int(Status.RETURNED)
_RELEASED = int(Status.RELEASED)
_C_TURNED = int(Consequence.TURNED_BACK)
_GUIDED, _PORT = int(Mode.GUIDED), int(Mode.PORT)
_E_LINE = int(Event.REACHED_LINE)
_E_ATTEMPT = int(Event.LINE_ATTEMPT)
_E_SURRENDER = int(Event.SURRENDERED)
_E_BELT = int(Event.APPREHENDED_BELT)
_E_TURNED = int(Event.TURNED_BACK)
_E_KNOWN = int(Event.GOT_AWAY_KNOWN)
_E_UNSEEN = int(Event.GOT_AWAY_UNDETECTED)
_E_DONE = int(Event.GUIDED_DONE)
_E_DONE_30 = int(Event.GUIDED_DONE_30)
_E_FIRST = int(Event.EVADER_FIRST_CAUGHT)
_E_AGAIN = int(Event.EVADER_RETRIED)
_E_AGAIN_CAUGHT = int(Event.EVADER_RETRY_CAUGHT)


@internal
def count_trip_length(p, day_tallies):
    """Count a guided trip that reached the line, and whether it took at most 30 days.

    Args:
        p: row of the migrant.
        day_tallies: record of the day loop.
    """
    post(day_tallies, p, _E_DONE)
    if p.clock - p.set_out <= 30.0:
        post(day_tallies, p, _E_DONE_30)


@internal
def _turn_back(p, today, leg_state, day_tallies):
    """Send a migrant back to the start of the line leg, to decide tomorrow."""
    p.consequence, p.place = _C_TURNED, leg_state.tail[p.leg]
    post_at(day_tallies, p, _E_TURNED, leg_state.sector[p.leg])
    wait(day_tallies, p, _RETURNED, today + 1)


@internal
def _close_trial(p, day_tallies, caught):
    """Update the state from which the repeated-trials estimator is computed."""
    if p.trial == 2:
        post(day_tallies, p, _E_AGAIN)
        if caught:
            post(day_tallies, p, _E_AGAIN_CAUGHT)
    if p.trial == 0 and caught:
        p.trial = 1
        post(day_tallies, p, _E_FIRST)
    else:
        p.trial = 3


@internal
def _apprehend(p, today, sector, market, params, day_tallies, seed):
    """Apply a U.S. apprehension; a client who is released counts as an arrival."""
    apprehend_us(p, today, sector, params, day_tallies, seed)
    if p.status == _RELEASED and p.org >= 0:
        market.arrived[p.org] += p.weight


@internal
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
    post_at(day_tallies, p, _E_LINE, sector)
    if p.mode == _GUIDED and p.consequence != _C_TURNED:
        count_trip_length(p, day_tallies)
    u = draw4(seed, _LINE, p.uid, p.line_tries)
    p.line_tries += 1
    p.detected = 0
    if p.surrender:
        day_tallies.calls[sector] += p.weight
        post_at(day_tallies, p, _E_SURRENDER, sector)
        _apprehend(p, today, sector, market, params, day_tallies, seed)
        return False
    post_at(day_tallies, p, _E_ATTEMPT, sector)
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


@internal
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
    u = draw4(seed, _LINE, p.uid, p.line_tries - 1)
    evaded = math.exp(-hazard)
    report_outcome(p, leg_state, evaded, 1.0 - evaded, 0.0)
    if strikes(u[2], hazard):
        end_past_line(day_tallies, p, 0)
        post_at(day_tallies, p, _E_BELT, sector)
        if p.mode != _PORT:
            _close_trial(p, day_tallies, True)
        _apprehend(p, today, sector, market, params, day_tallies, seed)
        return False
    if end_past_line(day_tallies, p, 1):  # entries through a port are counted at the port
        post_at(day_tallies, p, _E_KNOWN if p.detected else _E_UNSEEN, sector)
        _close_trial(p, day_tallies, False)
    return True
