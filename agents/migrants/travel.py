"""A journey, leg by leg: departure, choice of legs, dangers and officers.

All events take place on arrival at the end of a leg. Draws are keyed by the person and the person's
counters (trip and hop, attempts at the line, encounters), so they do not depend on other people.
"""

import math

from agents.chance import draw4, strikes
from agents.consequences import apprehend_mexico
from agents.environment import Stream
from agents.jit import inlined, shared
from agents.migrants.columns import N_SECTORS, PORT_OPTION, QUARTER
from agents.migrants.line import (
    exposure,
    passes_checkpoint,
    passes_line,
    passes_port,
    report_transit_outcome,
)
from agents.migrants.prospects import guided_class, solo_class
from agents.migrants.tallies import (
    end_past_line,
    exact,
    finish,
    funds,
    move,
    pay,
    pay_attempt,
    pay_fee,
    post,
    post_at,
    wait,
)
from agents.outcomes import Account, Consequence, Event, Mode, Status


@shared
def journey_event(p):
    """Return the event number for draws on the present leg, from the numbers of trip and hop."""
    return ((p.trips & 0xFFF) << 16) | (p.hop & 0xFFFF)


@shared
def begin_trip(p, moment, choice, leg_state, market, params, day_tallies, seed):
    """Start a trip, alone or guided, and pay the fee unless a contract covers the attempt.

    Args:
        p: the migrant's row, changed in place.
        moment: departure, in days since the warm-up began.
        choice: mode, as :func:`agents.migrants.departure.choose_mode` returns it.
        leg_state, market, params, day_tallies: day-loop records.
        seed: seed for keyed draws.
    """
    mode = Mode.GUIDED if choice >= 0 else Mode.SOLO
    if choice >= PORT_OPTION:
        choice, mode = choice - PORT_OPTION, Mode.PORT
    covered = choice >= 0 and choice == p.org and mode == p.mode and p.tries_left > 0
    p.org, p.mode = choice, mode
    if choice >= 0:
        if not covered:
            pay_fee(day_tallies, p, market, choice)
            p.tries_left = int(params.guided_attempts)
        p.tries_left -= 1
        pay_attempt(day_tallies, p, market, choice)
        p.route = guided_class(int(params.first_guided), choice, p.group, p.surrender)
        if mode == Mode.PORT:
            p.route = int(params.first_port) + p.group
    else:
        p.tries_left = 0
        pay(day_tallies, p, Account.SUPPLIERS, int(params.solo_cost[p.group]))
        p.route = solo_class(p.origin, p.surrender, p.informed)
    p.trips += 1
    p.hop, p.set_out, p.clock, p.consequence = 0, moment, moment, Consequence.NONE
    post(day_tallies, p, Event.TRIP)
    move(day_tallies, p, Status.TRAVELLING)
    next_leg(p, leg_state, market, params, day_tallies, seed)


@inlined
def _pick_leg(p, u, leg_state):
    """Draw the next leg, except the leg back, from the place's choice table. Return -1 if none.

    In the recursive logit, the leg back has the value of all places beyond it. If it were allowed,
    some migrants would move back and forth along legs that exist in both directions.
    """
    first, end = leg_state.out_start[p.place], leg_state.out_start[p.place + 1]
    cum, out_leg, head = leg_state.cum[p.route], leg_state.out_leg, leg_state.head
    if cum[end - 1] < 0.0:
        return -1
    came_from, open_share, below = -1, cum[end - 1], 0.0
    if p.hop > 0 and leg_state.has_return[p.leg] and head[p.leg] == p.place:
        came_from, open_share = leg_state.tail[p.leg], 0.0
        for j in range(first, end):
            if head[out_leg[j]] != came_from:
                open_share += cum[j] - below
            below = cum[j]
        if open_share < 1e-6:
            came_from, open_share = -1, 1.0
    target, choice, below = u * open_share, end - 1, 0.0
    for j in range(first, end):
        share = cum[j] - below
        below = cum[j]
        if share > 0.0 and head[out_leg[j]] != came_from:
            choice = j
            target -= share
            if target < 0.0:
                break
    return leg_state.out_leg[choice]


@shared
def next_leg(p, leg_state, market, params, day_tallies, seed):
    """Choose the next leg and start on it, after a wait before the line or at a port.

    Clients of an overloaded organisation wait longer. If closed legs leave no way on, the migrant
    is turned back and decides tomorrow whether to try again.

    Args:
        p: the migrant's row, changed in place.
        leg_state, market, params, day_tallies: day-loop records.
        seed: seed for keyed draws.
    """
    u = draw4(seed, Stream.ROUTE, p.uid, journey_event(p))
    _start_leg(p, u[0], u[1], leg_state, market, params, day_tallies)


@shared
def _start_leg(p, choice, patience, leg_state, market, params, day_tallies):
    """Start on the leg that `choice` selects, after the share `patience` of the longest wait.

    Both are uniforms.
    """
    leg = _pick_leg(p, choice, leg_state)
    if leg < 0:
        end_past_line(day_tallies, p, 0)
        p.consequence = Consequence.TURNED_BACK
        wait(day_tallies, p, Status.RETURNED, int(p.clock) + 1)
        return
    p.leg = leg
    p.hop += 1
    wait_days = 0.0
    if leg_state.is_line[leg] or leg_state.is_port[leg]:
        p.gate = p.place
        longest = params.wait_days[p.mode]
        if p.org >= 0:
            longest += market.delay[p.org]
        wait_days = patience * longest
        if leg_state.is_port[leg] and p.mode != Mode.PORT:  # This is a request for protection.
            wait_days = leg_state.port_wait[leg]
    p.clock += wait_days + leg_state.days[leg] * params.pace[p.mode]


@inlined
def _dangers(p, leg, leg_state, params, day_tallies):
    """Return the leg's hazards of death and kidnapping, and add them to the expected totals."""
    elapsed, weight = leg_state.days[leg] * params.pace[p.mode], p.weight
    season = params.heat if leg_state.is_line[leg] or leg_state.is_belt[leg] else 1.0
    dying = leg_state.death[leg] * elapsed * season
    sector = leg_state.sector[leg]
    day_tallies.expected_deaths[sector if sector >= 0 else N_SECTORS] += exact(dying * weight)
    kidnapping = leg_state.kidnap[leg] * elapsed * params.kidnap_factor[p.group]
    day_tallies.expected_kidnaps += exact(kidnapping * weight)
    return dying, kidnapping


@inlined
def _count_harm(p, market):
    """Count a client's kidnapping or death as harm by the organisation."""
    if p.org >= 0:
        market.harmed[p.org] += p.weight


@shared
def kidnap(p, today, market, params, day_tallies):
    """Kidnap a migrant. The ransom is at most what the family can raise.

    Args:
        p: the migrant's row, changed in place.
        today: days since the warm-up began.
        market, params, day_tallies: day-loop records.
    """
    end_past_line(day_tallies, p, 0)
    _count_harm(p, market)
    post(day_tallies, p, Event.KIDNAPPED)
    ransom = min(int(params.ransom), int(funds(p, params.credit)))
    pay(day_tallies, p, Account.CRIMINAL_GROUPS, ransom)
    wait(day_tallies, p, Status.KIDNAPPED, today + max(1, int(params.kidnap_days)))


@inlined
def _stopped_by_mexico(p, leg, u, exposed, today, leg_state, params, day_tallies, seed):
    """Return whether Mexican officers stop the migrant. Officers may take a bribe instead."""
    if strikes(u[0], leg_state.mx_hazard[leg] * exposed):
        leg_state.traffic[leg, 2] += p.weight
        end_past_line(day_tallies, p, 0)
        return not apprehend_mexico(p, today, params, day_tallies, seed)
    if strikes(u[1], leg_state.extort_hazard[leg] * exposed):
        post(day_tallies, p, Event.EXTORTED)
        bribe = min(int(params.extortion), int(funds(p, params.credit)))
        pay(day_tallies, p, Account.OFFICIALS, bribe)
    return False


@inlined
def arrive(p, u, route, today, leg_state, market, params, day_tallies, seed):
    """Complete a leg: dangers, interdiction, the line or a port, then the next leg.

    Args:
        p: the migrant's row, changed in place.
        u: four uniforms of the stream JOURNEY.
        route: two uniforms of the stream ROUTE, for the next leg and the wait.
        today: days since the warm-up began.
        leg_state, market, params, day_tallies: day-loop records.
        seed: seed for keyed draws.
    """
    leg, group, exposed = p.leg, p.group, exposure(p, market)
    day_tallies.arrivals += 1
    leg_state.traffic[leg, group] += p.weight
    dying, kidnapping = _dangers(p, leg, leg_state, params, day_tallies)
    if not (leg_state.is_line[leg] or leg_state.is_belt[leg] or leg_state.is_port[leg]):
        report_transit_outcome(p, leg_state, -math.expm1(-dying - kidnapping), exposed, day_tallies)
    if strikes(u[3], dying):
        end_past_line(day_tallies, p, 0)
        _count_harm(p, market)
        post_at(day_tallies, p, Event.DEATHS, leg_state.sector[leg])
        finish(day_tallies, p, Status.DEAD)
        return
    if strikes(u[2], kidnapping):
        kidnap(p, today, market, params, day_tallies)
        return
    if (
        group > 0
        and leg_state.in_mexico[leg]
        and _stopped_by_mexico(p, leg, u, exposed, today, leg_state, params, day_tallies, seed)
    ):
        return
    if leg_state.is_line[leg]:
        if not passes_line(p, exposed, today, leg_state, market, params, day_tallies, seed):
            return
    elif leg_state.is_belt[leg]:
        if not passes_checkpoint(p, exposed, today, leg_state, market, params, day_tallies, seed):
            return
    elif leg_state.is_port[leg] and not passes_port(
        p, today, leg_state, market, params, day_tallies, seed
    ):
        return
    place = p.place = leg_state.head[leg]
    if leg_state.out_start[place + 1] == leg_state.out_start[place]:
        if p.org >= 0:
            market.arrived[p.org] += p.weight
        day_tallies.settled[p.origin] += p.weight
        wait(day_tallies, p, Status.SETTLED, int(p.clock) + QUARTER)
    else:
        _start_leg(p, route[0], route[1], leg_state, market, params, day_tallies)
