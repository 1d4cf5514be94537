"""A journey, leg by leg: setting out, choosing legs, dangers and officers on the way.

Everything happens on arrival at the end of a leg. Draws are keyed by the person and by a counter
of the person's own (trip and hop, attempts at the line, encounters), so the same person meets the
same luck in every world.
"""

import math

from agents.chance import draw4, strikes
from agents.consequences import apprehend_mexico
from agents.environment import Stream
from agents.jit import inlined, kernel
from agents.migrants.columns import N_SECTORS, PORT_OPTION
from agents.migrants.decisions import guided_class, solo_class
from agents.migrants.line import passes_checkpoint, passes_line
from agents.migrants.news import exposure, report_transit_outcome
from agents.migrants.port import passes_port
from agents.migrants.tallies import (
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

_ROUTE = int(Stream.ROUTE)
_JOURNEY = int(Stream.JOURNEY)
_SUPPLIERS = int(Account.SUPPLIERS)
_CRIMINAL = int(Account.CRIMINAL_GROUPS)
_OFFICIALS = int(Account.OFFICIALS)
_TRAVELLING = int(Status.TRAVELLING)
_KIDNAPPED = int(Status.KIDNAPPED)
_SETTLED = int(Status.SETTLED)
_DEAD = int(Status.DEAD)
_C_NONE = int(Consequence.NONE)
_GUIDED = int(Mode.GUIDED)
_ALONE, _HIDDEN = int(Mode.SOLO), int(Mode.PORT)
_E_TRIP = int(Event.TRIP)
_E_EXTORTED = int(Event.EXTORTED)
_E_KIDNAP = int(Event.KIDNAPPED)
_E_DEATH = int(Event.DEATHS)
QUARTER = 91


@inlined
def journey_event(p):
    """Key of what happens on the leg under way: trip and hop."""
    return ((p.trips & 0xFFF) << 16) | (p.hop & 0xFFFF)


@kernel
def begin_trip(p, now, way, leg_state, market, params, day_tallies, seed):
    """Set out, alone or guided; the fee is paid unless a contract still covers the attempt.

    `way` as :func:`agents.migrants.decisions.choose_way` gives it.
    """
    mode = _GUIDED if way >= 0 else _ALONE
    if way >= PORT_OPTION:
        way, mode = way - PORT_OPTION, _HIDDEN
    covered = way >= 0 and way == p.org and mode == p.mode and p.tries_left > 0
    p.org, p.mode = way, mode
    if way >= 0:
        if not covered:
            pay_fee(day_tallies, p, market, way)
            p.tries_left = int(params.guided_attempts)
        p.tries_left -= 1
        pay_attempt(day_tallies, p, market, way)
        p.route = guided_class(int(params.first_guided), way, p.group, p.surrender)
        if mode == _HIDDEN:
            p.route = int(params.first_port) + p.group
    else:
        p.tries_left = 0
        pay(day_tallies, p, _SUPPLIERS, int(params.solo_cost[p.group]))
        p.route = solo_class(p.origin, p.surrender, p.informed)
    p.trips += 1
    p.hop, p.set_out, p.clock, p.consequence = 0, now, now, _C_NONE
    post(day_tallies, p, _E_TRIP)
    move(day_tallies, p, _TRAVELLING)
    next_leg(p, leg_state, params, seed)


@kernel
def _pick_leg(p, u, leg_state):
    """Draw from the choice table of the place; nobody turns on their heel.

    The recursive logit gives a way back the value of all that lies behind it, so without this a
    part of the people would pace to and fro along the legs that are read both ways.
    """
    first, end = leg_state.out_start[p.place], leg_state.out_start[p.place + 1]
    came_from = -1
    if p.hop > 0 and leg_state.head[p.leg] == p.place:
        came_from = leg_state.tail[p.leg]
    open_share, below = 0.0, 0.0
    for j in range(first, end):
        if leg_state.head[leg_state.out_leg[j]] != came_from:
            open_share += leg_state.cum[p.route, j] - below
        below = leg_state.cum[p.route, j]
    if open_share < 1e-6:
        came_from, open_share = -1, 1.0
    target, choice, below = u * open_share, end - 1, 0.0
    for j in range(first, end):
        share = leg_state.cum[p.route, j] - below
        below = leg_state.cum[p.route, j]
        if leg_state.head[leg_state.out_leg[j]] != came_from:
            choice = j
            target -= share
            if target < 0.0:
                break
    return leg_state.out_leg[choice]


@kernel
def next_leg(p, leg_state, params, seed):
    """Choose the next leg at the place reached and start on it, waiting first at the line."""
    u = draw4(seed, _ROUTE, p.uid, journey_event(p))
    leg = _pick_leg(p, u[0], leg_state)
    p.leg = leg
    p.hop += 1
    wait_days = 0.0
    if leg_state.is_line[leg] or leg_state.is_port[leg]:
        p.gate = p.place
        wait_days = u[1] * params.wait_days[p.mode]
        if (
            leg_state.is_port[leg] and p.mode != _HIDDEN
        ):  # the queue of those who ask for protection
            wait_days = leg_state.port_wait[leg]
    p.clock += wait_days + leg_state.days[leg] * params.pace[p.mode]


@kernel
def _dangers(p, elapsed, leg_state, params, day_tallies):
    """Hazards of dying and of kidnapping on the leg; what can be expected is added up here."""
    leg = p.leg
    season = params.heat if leg_state.is_line[leg] or leg_state.is_belt[leg] else 1.0
    dying = leg_state.death[leg] * elapsed * season
    sector = leg_state.sector[leg]
    day_tallies.expected_deaths[sector if sector >= 0 else N_SECTORS] += dying * p.weight
    taken = leg_state.kidnap[leg] * elapsed * params.kidnap_factor[p.group]
    day_tallies.expected_kidnaps += taken * p.weight
    return dying, taken


@inlined
def _count_harm(p, market):
    """A client kidnapped or dead counts against the organisation."""
    if p.org >= 0:
        market.harmed[p.org] += p.weight


@kernel
def _record_death(p, leg_state, market, day_tallies):
    _count_harm(p, market)
    post_at(day_tallies, p, _E_DEATH, leg_state.sector[p.leg])
    finish(day_tallies, p, _DEAD)


@kernel
def kidnap(p, today, market, params, day_tallies):
    """Taken for ransom, as far as the family can pay."""
    _count_harm(p, market)
    post(day_tallies, p, _E_KIDNAP)
    pay(
        day_tallies,
        p,
        _CRIMINAL,
        min(int(params.ransom), int(funds(p, params.credit))),
    )
    wait(day_tallies, p, _KIDNAPPED, today + max(1, int(params.kidnap_days)))


@kernel
def _stopped_by_mexico(p, u, exposed, today, leg_state, params, day_tallies, seed):
    """Officers in Mexico: stopped, or let go for money, or not met; True if stopped."""
    if not strikes(u[0], leg_state.mx_hazard[p.leg] * exposed):
        if strikes(u[1], leg_state.extort_hazard[p.leg] * exposed):
            post(day_tallies, p, _E_EXTORTED)
            pay(
                day_tallies,
                p,
                _OFFICIALS,
                min(int(params.extortion), int(funds(p, params.credit))),
            )
        return False
    leg_state.traffic[p.leg, 2] += p.weight
    return not apprehend_mexico(p, today, params, day_tallies, seed)


@inlined
def _settle(p, market, day_tallies):
    if p.org >= 0:
        market.arrived[p.org] += p.weight
    wait(day_tallies, p, _SETTLED, int(p.clock) + QUARTER)


@kernel
def arrive(p, today, leg_state, market, params, day_tallies, seed):
    """Reach the end of the leg under way: dangers, interdiction, the line, then onward."""
    leg, exposed = p.leg, exposure(p, market)
    day_tallies.arrivals += 1
    leg_state.traffic[leg, p.group] += p.weight
    u = draw4(seed, _JOURNEY, p.uid, journey_event(p))
    elapsed = leg_state.days[leg] * params.pace[p.mode]
    dying, taken = _dangers(p, elapsed, leg_state, params, day_tallies)
    if not (leg_state.is_line[leg] or leg_state.is_belt[leg] or leg_state.is_port[leg]):
        report_transit_outcome(p, leg_state, -math.expm1(-dying - taken), exposed)
    if strikes(u[3], dying):
        _record_death(p, leg_state, market, day_tallies)
        return
    if strikes(u[2], taken):
        kidnap(p, today, market, params, day_tallies)
        return
    if (
        p.group > 0
        and leg_state.in_mexico[leg]
        and _stopped_by_mexico(p, u, exposed, today, leg_state, params, day_tallies, seed)
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
    p.place = leg_state.head[leg]
    if leg_state.out_start[p.place + 1] == leg_state.out_start[p.place]:
        _settle(p, market, day_tallies)
    else:
        next_leg(p, leg_state, params, seed)
