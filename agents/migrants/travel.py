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
from agents.migrants.columns import N_SECTORS, PORT_WAY
from agents.migrants.decisions import guided_class, solo_class
from agents.migrants.line import passes_belt, passes_line
from agents.migrants.news import exposure, tell_transit
from agents.migrants.port import passes_port
from agents.migrants.tallies import (
    finish,
    means,
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
def begin_trip(p, now, way, ground, market, rules, books, seed):
    """Set out, alone or guided; the fee is paid unless a contract still covers the attempt.

    `way` as :func:`agents.migrants.decisions.choose_way` gives it.
    """
    mode = _GUIDED if way >= 0 else _ALONE
    if way >= PORT_WAY:
        way, mode = way - PORT_WAY, _HIDDEN
    covered = way >= 0 and way == p.org and mode == p.mode and p.tries_left > 0
    p.org, p.mode = way, mode
    if way >= 0:
        if not covered:
            pay_fee(books, p, market, way)
            p.tries_left = int(rules.guided_attempts)
        p.tries_left -= 1
        pay_attempt(books, p, market, way)
        p.route = guided_class(int(rules.first_guided), way, p.group, p.surrender)
        if mode == _HIDDEN:
            p.route = int(rules.first_port) + p.group
    else:
        p.tries_left = 0
        pay(books, p, _SUPPLIERS, int(rules.solo_cost[p.group]))
        p.route = solo_class(p.origin, p.surrender, p.knows)
    p.trips += 1
    p.hop, p.set_out, p.clock, p.consequence = 0, now, now, _C_NONE
    post(books, p, _E_TRIP)
    move(books, p, _TRAVELLING)
    next_leg(p, ground, rules, seed)


@kernel
def _pick_leg(p, u, ground):
    """Draw from the choice table of the place; nobody turns on their heel.

    The recursive logit gives a way back the value of all that lies behind it, so without this a
    part of the people would pace to and fro along the legs that are read both ways.
    """
    first, end = ground.out_start[p.place], ground.out_start[p.place + 1]
    came_from = -1
    if p.hop > 0 and ground.head[p.leg] == p.place:
        came_from = ground.tail[p.leg]
    open_share, below = 0.0, 0.0
    for j in range(first, end):
        if ground.head[ground.out_leg[j]] != came_from:
            open_share += ground.cum[p.route, j] - below
        below = ground.cum[p.route, j]
    if open_share < 1e-6:
        came_from, open_share = -1, 1.0
    target, choice, below = u * open_share, end - 1, 0.0
    for j in range(first, end):
        share = ground.cum[p.route, j] - below
        below = ground.cum[p.route, j]
        if ground.head[ground.out_leg[j]] != came_from:
            choice = j
            target -= share
            if target < 0.0:
                break
    return ground.out_leg[choice]


@kernel
def next_leg(p, ground, rules, seed):
    """Choose the next leg at the place reached and start on it, waiting first at the line."""
    u = draw4(seed, _ROUTE, p.uid, journey_event(p))
    leg = _pick_leg(p, u[0], ground)
    p.leg = leg
    p.hop += 1
    wait_days = 0.0
    if ground.is_line[leg] or ground.is_port[leg]:
        p.gate = p.place
        wait_days = u[1] * rules.wait_days[p.mode]
        if ground.is_port[leg] and p.mode != _HIDDEN:  # the queue of those who ask for protection
            wait_days = ground.port_wait[leg]
    p.clock += wait_days + ground.days[leg] * rules.pace[p.mode]


@kernel
def _dangers(p, elapsed, ground, rules, books):
    """Hazards of dying and of kidnapping on the leg; what can be expected is added up here."""
    leg = p.leg
    season = rules.heat if ground.is_line[leg] or ground.is_belt[leg] else 1.0
    dying = ground.death[leg] * elapsed * season
    sector = ground.sector[leg]
    books.expected_deaths[sector if sector >= 0 else N_SECTORS] += dying * p.weight
    taken = ground.kidnap[leg] * elapsed * rules.kidnap_factor[p.group]
    books.expected_kidnaps += taken * p.weight
    return dying, taken


@inlined
def _count_harm(p, market):
    """A client kidnapped or dead counts against the organisation."""
    if p.org >= 0:
        market.harmed[p.org] += p.weight


@kernel
def _dies(p, ground, market, books):
    _count_harm(p, market)
    post_at(books, p, _E_DEATH, ground.sector[p.leg])
    finish(books, p, _DEAD)


@kernel
def kidnap(p, today, market, rules, books):
    """Taken for ransom, as far as the family can pay."""
    _count_harm(p, market)
    post(books, p, _E_KIDNAP)
    pay(books, p, _CRIMINAL, min(int(rules.ransom), int(means(p, rules.credit))))
    wait(books, p, _KIDNAPPED, today + max(1, int(rules.kidnap_days)))


@kernel
def _meets_mexico(p, u, exposed, today, ground, rules, books, seed):
    """Officers in Mexico: stopped, or let go for money, or not met; True if stopped."""
    if not strikes(u[0], ground.mx_hazard[p.leg] * exposed):
        if strikes(u[1], ground.extort_hazard[p.leg] * exposed):
            post(books, p, _E_EXTORTED)
            pay(books, p, _OFFICIALS, min(int(rules.extortion), int(means(p, rules.credit))))
        return False
    ground.seen[p.leg, 2] += p.weight
    return not apprehend_mexico(p, today, rules, books, seed)


@inlined
def _settle(p, market, books):
    if p.org >= 0:
        market.arrived[p.org] += p.weight
    wait(books, p, _SETTLED, int(p.clock) + QUARTER)


@kernel
def arrive(p, today, ground, market, rules, books, seed):
    """Reach the end of the leg under way: dangers, interdiction, the line, then onward."""
    leg, exposed = p.leg, exposure(p, market)
    books.arrivals += 1
    ground.seen[leg, p.group] += p.weight
    u = draw4(seed, _JOURNEY, p.uid, journey_event(p))
    elapsed = ground.days[leg] * rules.pace[p.mode]
    dying, taken = _dangers(p, elapsed, ground, rules, books)
    if not (ground.is_line[leg] or ground.is_belt[leg] or ground.is_port[leg]):
        tell_transit(p, ground, -math.expm1(-dying - taken), exposed)
    if strikes(u[3], dying):
        _dies(p, ground, market, books)
        return
    if strikes(u[2], taken):
        kidnap(p, today, market, rules, books)
        return
    if (
        p.group > 0
        and ground.in_mexico[leg]
        and _meets_mexico(p, u, exposed, today, ground, rules, books, seed)
    ):
        return
    if ground.is_line[leg]:
        if not passes_line(p, exposed, today, ground, market, rules, books, seed):
            return
    elif ground.is_belt[leg]:
        if not passes_belt(p, exposed, today, ground, market, rules, books, seed):
            return
    elif ground.is_port[leg] and not passes_port(p, today, ground, market, rules, books, seed):
        return
    p.place = ground.head[leg]
    if ground.out_start[p.place + 1] == ground.out_start[p.place]:
        _settle(p, market, books)
    else:
        next_leg(p, ground, rules, seed)
