"""Attempts at the line, at checkpoints and at ports, and reports on the outcomes of legs.

Communities and organisations learn from the reports, which contain probabilities.
"""

import math

from agents.chance import draw4, strikes
from agents.consequences import apprehend_us, process_protection_request, refuse_entry
from agents.environment import Stream
from agents.jit import inlined, shared
from agents.migrants.tallies import begin_past_line, end_past_line, exact, post, post_at, wait
from agents.outcomes import Consequence, Event, Mode, Status
from agents.port_day import REMOVED


@inlined
def exposure(p, market):
    """Return the share of a hazard that reaches the migrant. Guides avoid the remaining share.

    Args:
        p: the migrant's row.
        market: market record.

    Returns:
        Share from 0 to 1, exactly 1 if the migrant has no guide.
    """
    return 1.0 - market.quality[p.org] if p.org >= 0 else 1.0


@shared
def report_outcome(p, leg_state, passed, stopped, harmed):
    """Report the outcome probabilities on the present leg to the community and organisation.

    The reports contain the probabilities that the migrant faced, not the outcome that was drawn.
    With outcomes, a row of a hundred persons would report the same outcome a hundred times. Because
    people choose routes with the best reports, noise alone would bias beliefs towards optimism.

    Args:
        p: the migrant's row.
        leg_state: leg record, to which the new reports are added.
        passed, stopped, harmed: probabilities of the three outcomes.
    """
    origin, org, leg, weight = p.origin, p.org, p.leg, p.weight
    for kind, chance in enumerate((passed, stopped, harmed)):  # in the order of agents.plans
        term = exact(weight * chance)
        leg_state.new_reports_home[origin, leg, kind] += term
        if org >= 0:
            leg_state.new_reports_org[org, leg, kind] += term


@inlined
def report_transit_outcome(p, leg_state, harm, exposed, day_tallies):
    """Report the outcome on a leg in Mexico or towards Mexico.

    Args:
        p: the migrant's row.
        leg_state, day_tallies: day-loop records, to which reports and expected stops are added.
        harm: probability of kidnapping or death.
        exposed: hazard share that reaches the migrant.
    """
    evaded = 1.0
    if p.group > 0 and leg_state.in_mexico[p.leg]:
        evaded = math.exp(-leg_state.mx_hazard[p.leg] * exposed)
        stopped = (1.0 - harm) * (1.0 - evaded)
        day_tallies.expected_stops[0, p.group] += exact(stopped * p.weight)
    report_outcome(p, leg_state, (1.0 - harm) * evaded, (1.0 - harm) * (1.0 - evaded), harm)


@inlined
def report_line_outcome(p, leg_state, params, exposed, day_tallies):
    """Report the outcome of an attempt at the line. A turn-back is neither a passage nor a stop.

    Args:
        p: the migrant's row.
        leg_state, day_tallies: day-loop records, to which reports and expected stops are added.
        params: parameter record.
        exposed: hazard share that reaches the migrant.
    """
    leg = p.leg
    detected = -math.expm1(-leg_state.us_hazard[leg] * exposed)
    caught = detected * params.caught_share * leg_state.respond[leg]
    turned = detected * params.turned_share * leg_state.respond[leg]
    day_tallies.expected_stops[1, p.group] += exact(caught * p.weight)
    report_outcome(p, leg_state, max(1.0 - caught - turned, 0.0), caught, 0.0)


@inlined
def count_trip_length(p, day_tallies):
    """Count a guided trip that reached the line, and whether it took at most 30 days.

    Args:
        p: the migrant's row.
        day_tallies: day-loop record.
    """
    post(day_tallies, p, Event.GUIDED_DONE)
    if p.clock - p.set_out <= 30.0:
        post(day_tallies, p, Event.GUIDED_DONE_30)


@shared
def _close_trial(p, day_tallies, caught):
    """Update the state for the repeated-trials estimator."""
    if p.trial == 2:
        post(day_tallies, p, Event.EVADER_RETRIED)
        if caught:
            post(day_tallies, p, Event.EVADER_RETRY_CAUGHT)
    if p.trial == 0 and caught:
        p.trial = 1
        post(day_tallies, p, Event.EVADER_FIRST_CAUGHT)
    else:
        p.trial = 3


@shared
def _apprehend(p, today, sector, market, params, day_tallies, seed):
    """Apply a U.S. apprehension. A client who is released counts as an arrival."""
    apprehend_us(p, today, sector, params, day_tallies, seed)
    _count_arrival(p, market)


@inlined
def passes_line(p, exposed, today, leg_state, market, params, day_tallies, seed):
    """Resolve an attempt at the line: surrender, apprehension, turn-back or passage.

    Surrender is impossible in a sector without agents.

    Args:
        p: the migrant's row, changed in place.
        exposed: hazard share that reaches the migrant.
        today: days since the warm-up began.
        leg_state, market, params, day_tallies: day-loop records.
        seed: seed for keyed draws.

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
    if p.surrender and leg_state.respond[leg] > 0.0:
        day_tallies.calls[sector] += p.weight
        post_at(day_tallies, p, Event.SURRENDERED, sector)
        _apprehend(p, today, sector, market, params, day_tallies, seed)
        return False
    post_at(day_tallies, p, Event.LINE_ATTEMPT, sector)
    report_line_outcome(p, leg_state, params, exposed, day_tallies)
    if not strikes(u[0], leg_state.us_hazard[leg] * exposed):
        begin_past_line(day_tallies, p)
        return True
    day_tallies.calls[sector] += p.weight
    if u[1] < params.caught_share * leg_state.respond[leg]:
        _close_trial(p, day_tallies, True)
        _apprehend(p, today, sector, market, params, day_tallies, seed)
        return False
    if u[1] >= 1.0 - params.turned_share * leg_state.respond[leg]:
        # The person is at the start of the leg again and decides tomorrow.
        p.consequence, p.place = Consequence.TURNED_BACK, leg_state.tail[leg]
        post_at(day_tallies, p, Event.TURNED_BACK, sector)
        wait(day_tallies, p, Status.RETURNED, today + 1)
        return False
    p.detected = 1
    begin_past_line(day_tallies, p)
    return True


@inlined
def passes_checkpoint(p, exposed, today, leg_state, market, params, day_tallies, seed):
    """Resolve the checkpoints behind the line. Count a got-away at most once per passage.

    Args:
        p: the migrant's row, changed in place.
        exposed: hazard share that reaches the migrant.
        today: days since the warm-up began.
        leg_state, market, params, day_tallies: day-loop records.
        seed: seed for keyed draws.

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
    if end_past_line(day_tallies, p, 1):  # Port entries are counted at the port.
        event = Event.GOT_AWAY_KNOWN if p.detected else Event.GOT_AWAY_UNDETECTED
        post_at(day_tallies, p, event, sector)
        _close_trial(p, day_tallies, False)
    return True


@inlined
def passes_port(p, today, leg_state, market, params, day_tallies, seed):
    """Resolve an attempt at a port. People who request protection never pass undetected.

    At a removed port, everyone is turned back and decides again tomorrow.

    Args:
        p: the migrant's row, changed in place.
        today: days since the warm-up began.
        leg_state, market, params, day_tallies: day-loop records.
        seed: seed for keyed draws.

    Returns:
        True if the migrant enters undetected.
    """
    if leg_state.port_wait[p.leg] == REMOVED:
        p.consequence = Consequence.TURNED_BACK
        wait(day_tallies, p, Status.RETURNED, today + 1)
        return False
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
    p.trial = 3  # The repeated-trials estimator covers only attempts between ports.
    evaded = math.exp(-leg_state.us_hazard[p.leg])
    report_outcome(p, leg_state, evaded, 1.0 - evaded, 0.0)
    if strikes(u[0], leg_state.us_hazard[p.leg]):
        refuse_entry(p, today, sector, params, day_tallies, seed)
        _count_arrival(p, market)
        return False
    post_at(day_tallies, p, Event.PORT_ENTRY, sector)
    return True


@inlined
def _count_arrival(p, market):
    """Count a released client as an arrival for the organisation."""
    if p.status == Status.RELEASED and p.org >= 0:
        market.arrived[p.org] += p.weight
