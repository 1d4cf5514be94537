"""A journey, leg by leg: what is met on the way, the line, and what comes after.

Everything happens on arrival at the end of a leg. Draws are keyed by the person and by a counter
of the person's own (trip and hop, attempts at the line, encounters), so the same person meets the
same luck in every world.
"""

import math

from agents.jit import inlined, kernel

from agents.chance import draw4, strikes
from agents.consequences import apprehend_mexico, apprehend_us
from agents.migrants.books import (
    finish,
    means,
    move,
    pay,
    pay_attempt,
    pay_fee,
    post,
    post_at,
)
from agents.migrants.columns import NEVER
from agents.migrants.decide import (
    NO_WAY,
    SOLO,
    choose_way,
    guided_class,
    retry_probability,
    solo_class,
    weigh_ways,
)
from agents.outcomes import Account, Consequence, Event, Mode, Status
from agents.stage import Stream

_ROUTE, _JOURNEY, _LINE = int(Stream.ROUTE), int(Stream.JOURNEY), int(Stream.LINE)
_RETRY, _RANSOM, _CIRCULATION = int(Stream.RETRY), int(Stream.RANSOM), int(Stream.CIRCULATION)
_SUPPLIERS, _CRIMINAL = int(Account.SUPPLIERS), int(Account.CRIMINAL_GROUPS)
_OFFICIALS = int(Account.OFFICIALS)
_TRAVELLING, _KIDNAPPED, _HELD_MX = (
    int(Status.TRAVELLING), int(Status.KIDNAPPED), int(Status.HELD_MEXICO))
_HELD_US, _RETURNED, _SETTLED = int(Status.HELD_US), int(Status.RETURNED), int(Status.SETTLED)
_GAVE_UP, _DEAD, _WENT_HOME = int(Status.GAVE_UP), int(Status.DEAD), int(Status.WENT_HOME)
_C_TURNED, _C_KIDNAP = int(Consequence.TURNED_BACK), int(Consequence.KIDNAPPING)
_C_MEXICO = int(Consequence.RETURNED_BY_MEXICO)
_GUIDED, _ALONE = int(Mode.GUIDED), int(Mode.SOLO)
_E_TRIP, _E_LINE, _E_ATTEMPT = (
    int(Event.TRIP), int(Event.REACHED_LINE), int(Event.LINE_ATTEMPT))
_E_SURRENDER, _E_BELT, _E_TURNED = (
    int(Event.SURRENDERED), int(Event.APPREHENDED_BELT), int(Event.TURNED_BACK))
_E_KNOWN, _E_UNSEEN = int(Event.GOT_AWAY_KNOWN), int(Event.GOT_AWAY_UNDETECTED)
_E_EXTORTED, _E_KIDNAP, _E_DEATH = (
    int(Event.EXTORTED), int(Event.KIDNAPPED), int(Event.DEATHS))
_E_RETRIED, _E_GAVE_UP, _E_HOME = (
    int(Event.RETRIED), int(Event.GAVE_UP), int(Event.WENT_HOME))
_E_DONE, _E_DONE_30 = int(Event.GUIDED_DONE), int(Event.GUIDED_DONE_30)
_E_FIRST, _E_AGAIN, _E_AGAIN_CAUGHT = (
    int(Event.EVADER_FIRST_CAUGHT), int(Event.EVADER_RETRIED), int(Event.EVADER_RETRY_CAUGHT))
_E_POOR = int(Event.UNAFFORDABLE)

PASSED, STOPPED, HARMED = 0, 1, 2  # what is told of a leg
QUARTER, MAX_QUARTERS = 91, 12


@inlined
def _journey_event(p):
    return ((p.trips & 0xFFF) << 16) | (p.hop & 0xFFFF)


@inlined
def tell(p, leg, what, told_home, told_org):
    """News of a leg, for the community and for the organisation."""
    told_home[p.origin, leg, what] += p.weight
    if p.org >= 0:
        told_org[p.org, leg, what] += p.weight


@kernel
def begin_trip(i, p, due, now, way, legs, orgs, par, books, out_start, out_leg, cum, seed):
    """Set out, alone or guided; the fee is paid unless a contract still covers the attempt."""
    covered = way >= 0 and way == p.org and p.tries_left > 0
    p.org, p.mode = way, _GUIDED if way >= 0 else _ALONE
    if way >= 0:
        if not covered:
            pay_fee(books, p, orgs[way])
            p.tries_left = int(par.guided_attempts)
        p.tries_left -= 1
        pay_attempt(books, p, orgs[way])
        p.route = guided_class(int(par.first_guided), way, p.group, p.surrender)
    else:
        p.tries_left = 0
        pay(books, p, _SUPPLIERS, int(par.solo_cost[p.group]))
        p.route = solo_class(p.origin, p.surrender, p.knows)
    p.trips += 1
    p.hop, p.set_out, p.clock = 0, now, now
    post(books, p, _E_TRIP)
    move(books, p, _TRAVELLING)
    next_leg(i, p, due, legs, par, books, out_start, out_leg, cum, seed)


@inlined
def next_leg(i, p, due, legs, par, books, out_start, out_leg, cum, seed):
    """Choose the next leg at the place reached and start on it, waiting first at the line."""
    first, last = out_start[p.place], out_start[p.place + 1] - 1
    u = draw4(seed, _ROUTE, p.uid, _journey_event(p))
    j = first
    while j < last and u[0] >= cum[p.route, j]:
        j += 1
    p.leg = out_leg[j]
    p.hop += 1
    leg = legs[p.leg]
    pace = par.pace[p.mode]
    if leg.is_line:
        p.gate = p.place
        p.clock += u[1] * par.wait_days[p.mode]
    p.clock += leg.days * pace
    due[i] = int(p.clock)


@inlined
def arrive(i, p, due, today, legs, orgs, par, books, out_start, out_leg, cum, told_home, told_org, seen, seed):
    """Reach the end of the leg under way: dangers, interdiction, the line, then onward."""
    leg = legs[p.leg]
    books.arrivals += 1
    seen[p.leg, p.group] += p.weight
    u = draw4(seed, _JOURNEY, p.uid, _journey_event(p))
    if _dies(i, p, due, leg, u[3], par, books, orgs, told_home, told_org):
        return
    if leg.in_mexico and leg.is_line == 0:
        if _kidnapped(i, p, due, today, leg, u[2], par, books, orgs, told_home, told_org):
            return
        if p.group > 0 and _meets_mexico(
            i, p, due, today, leg, u, par, books, orgs, told_home, told_org, seen, seed
        ):
            return
    if leg.is_line:
        if not _passes_line(i, p, due, today, leg, orgs, par, books, told_home, told_org, seed):
            return
    elif leg.is_belt and not _passes_belt(
        i, p, due, today, leg, orgs, par, books, told_home, told_org, seed
    ):
        return
    p.place = leg.head
    if out_start[p.place + 1] == out_start[p.place]:
        _settle(i, p, due, orgs, par, books)
    else:
        next_leg(i, p, due, legs, par, books, out_start, out_leg, cum, seed)


@inlined
def _dies(i, p, due, leg, u, par, books, orgs, told_home, told_org):
    season = par.heat if (leg.is_line or leg.is_belt) else 1.0
    h = leg.death * leg.days * par.pace[p.mode] * season
    where = leg.sector if leg.sector >= 0 else books.expected_deaths.size - 1
    books.expected_deaths[where] += h * p.weight
    if not strikes(u, h):
        return False
    _lost(p, orgs)
    tell(p, p.leg, HARMED, told_home, told_org)
    post_at(books, p, _E_DEATH, leg.sector)
    finish(books, p, due, i, _DEAD)
    return True


@inlined
def _lost(p, orgs):
    if p.org >= 0:
        orgs[p.org].harmed += p.weight


@inlined
def _kidnapped(i, p, due, today, leg, u, par, books, orgs, told_home, told_org):
    h = leg.kidnap * leg.days * par.pace[p.mode] * par.kidnap_factor[p.group]
    if not strikes(u, h):
        return False
    _lost(p, orgs)
    tell(p, p.leg, HARMED, told_home, told_org)
    post(books, p, _E_KIDNAP)
    pay(books, p, _CRIMINAL, min(int(par.ransom), means(p, par.credit)))
    move(books, p, _KIDNAPPED)
    due[i] = today + int(par.kidnap_days)
    return True


@inlined
def _meets_mexico(i, p, due, today, leg, u, par, books, orgs, told_home, told_org, seen, seed):
    """Interdiction or extortion by officers in Mexico; True if the journey stops here."""
    exposed = 1.0 - orgs[p.org].quality if p.org >= 0 else 1.0
    if strikes(u[1], leg.extort_hazard * exposed):
        post(books, p, _E_EXTORTED)
        pay(books, p, _OFFICIALS, min(int(par.extortion), means(p, par.credit)))
    if not strikes(u[0], leg.mx_hazard * exposed):
        tell(p, p.leg, PASSED, told_home, told_org)
        return False
    tell(p, p.leg, STOPPED, told_home, told_org)
    seen[p.leg, 2] += p.weight
    return not apprehend_mexico(i, p, due, today, par, books, seed)


@inlined
def _passes_line(i, p, due, today, leg, orgs, par, books, told_home, told_org, seed):
    """The contest at the line: surrender, apprehension, turn-back, or past it."""
    post_at(books, p, _E_LINE, leg.sector)
    if p.mode == _GUIDED:
        _note_trip_length(p, books)
    u = draw4(seed, _LINE, p.uid, p.line_tries)
    p.line_tries += 1
    if p.surrender:
        post_at(books, p, _E_SURRENDER, leg.sector)
        apprehend_us(i, p, due, today, leg.sector, par, books, seed)
        return False
    post_at(books, p, _E_ATTEMPT, leg.sector)
    p.known = 0
    exposed = 1.0 - orgs[p.org].quality if p.org >= 0 else 1.0
    if not strikes(u[0], leg.us_hazard * exposed):
        tell(p, p.leg, PASSED, told_home, told_org)
        return True
    books.detected[leg.sector] += p.weight
    if u[1] < par.caught_share * leg.respond:
        tell(p, p.leg, STOPPED, told_home, told_org)
        _close_trial(p, books, True)
        apprehend_us(i, p, due, today, leg.sector, par, books, seed)
        return False
    if u[1] >= 1.0 - par.turned_share * leg.respond:
        _turn_back(i, p, due, today, leg, books)
        return False
    p.known = 1
    tell(p, p.leg, PASSED, told_home, told_org)
    return True


@inlined
def _note_trip_length(p, books):
    post(books, p, _E_DONE)
    if p.clock - p.set_out <= 30.0:
        post(books, p, _E_DONE_30)


@kernel
def _turn_back(i, p, due, today, leg, books):
    p.consequence, p.place = _C_TURNED, leg.tail
    post_at(books, p, _E_TURNED, leg.sector)
    move(books, p, _RETURNED)
    due[i] = today + 1


@inlined
def _close_trial(p, books, caught):
    """Keep the record from which the repeated-trials estimator is computed."""
    if p.trial == 2:
        post(books, p, _E_AGAIN)
        if caught:
            post(books, p, _E_AGAIN_CAUGHT)
    if p.trial == 0 and caught:
        p.trial = 1
        post(books, p, _E_FIRST)
    else:
        p.trial = 3


@inlined
def _passes_belt(i, p, due, today, leg, orgs, par, books, told_home, told_org, seed):
    """Checkpoints behind the line; whoever passes them got away."""
    exposed = 1.0 - orgs[p.org].quality if p.org >= 0 else 1.0
    u = draw4(seed, _LINE, p.uid, p.line_tries - 1)
    if strikes(u[2], leg.us_hazard * exposed):
        tell(p, p.leg, STOPPED, told_home, told_org)
        post_at(books, p, _E_BELT, leg.sector)
        _close_trial(p, books, True)
        apprehend_us(i, p, due, today, leg.sector, par, books, seed)
        return False
    tell(p, p.leg, PASSED, told_home, told_org)
    post_at(books, p, _E_KNOWN if p.known else _E_UNSEEN, leg.sector)
    _close_trial(p, books, False)
    return True


@inlined
def _settle(i, p, due, orgs, par, books):
    if p.org >= 0:
        orgs[p.org].arrived += p.weight
    move(books, p, _SETTLED)
    due[i] = int(p.clock) + QUARTER


@kernel
def end_captivity(i, p, due, today, legs, orgs, par, books, out_start, out_leg, cum, seed):
    """The end of a kidnapping: death, or the decision whether to go on."""
    u = draw4(seed, _RANSOM, p.uid, _journey_event(p))
    if u[0] < par.kidnap_death:
        post(books, p, _E_DEATH)
        finish(books, p, due, i, _DEAD)
        return
    p.consequence = _C_KIDNAP
    p.place = legs[p.leg].head
    move(books, p, _RETURNED)
    due[i] = today


@kernel
def end_custody(i, p, due, today, par, books):
    """Release from custody: Mexicans to the line, others to where they came from."""
    if p.status == _HELD_US:
        books.held[p.group] -= p.weight
        p.place = p.gate if p.group == 0 else par_origin(par, p)
        wait = par.delay_us[p.group]
    else:
        p.place = par_origin(par, p)
        wait = par.delay_mexico
    move(books, p, _RETURNED)
    due[i] = today + max(1, int(wait))


@inlined
def par_origin(par, p):
    """Place of the person's home community."""
    return int(par.origin_place[p.origin])


@kernel
def reconsider(i, p, due, today, legs, orgs, par, books, out_start, out_leg, cum, ahead, prior, scratch, seed):
    """After an encounter: try again or give up, and if again, how."""
    u = draw4(seed, _RETRY, p.uid, p.decisions)[0]
    chance = retry_probability(p, par, ahead, prior)
    p.decisions += 1
    books.decided += 1
    if u >= chance:
        _give_up(i, p, due, orgs, books)
        return
    post(books, p, _E_RETRIED)
    if p.consequence == _C_TURNED or p.consequence == _C_KIDNAP:
        p.clock = float(today)
        move(books, p, _TRAVELLING)
        next_leg(i, p, due, legs, par, books, out_start, out_leg, cum, seed)
        return
    way = p.org
    if not (way >= 0 and p.tries_left > 0 and orgs[way].active):
        if weigh_ways(p, orgs, par, ahead, prior, scratch) <= 0.5 * NO_WAY:
            post(books, p, _E_POOR)
            _give_up(i, p, due, orgs, books)
            return
        way = choose_way(p, orgs, par, seed, scratch)
        p.tries_left = 0
    if p.trial == 1 and p.consequence != _C_MEXICO:
        p.trial = 2
    begin_trip(i, p, due, float(today), way, legs, orgs, par, books, out_start, out_leg, cum, seed)


@inlined
def _give_up(i, p, due, orgs, books):
    if p.org >= 0:
        orgs[p.org].failed += p.weight
    post(books, p, _E_GAVE_UP)
    finish(books, p, due, i, _GAVE_UP)


@kernel
def circulate(i, p, due, today, par, ahead, prior, books, seed):
    """A quarter in the U.S.: go home again, less so the harder it is to come back."""
    row = solo_class(p.origin, 0, 1)
    base = solo_class(p.origin, 0, 0)
    place = par_origin(par, p)
    easier = (ahead[row][0, place] + 1e-6) / (prior[base][0, place] + 1e-6)
    rate = par.return_rate[p.group] * math.pow(easier, par.return_elasticity) * QUARTER / 365.0
    u = draw4(seed, _CIRCULATION, p.uid, p.quarters)[0]
    p.quarters += 1
    if strikes(u, rate):
        post(books, p, _E_HOME)
        finish(books, p, due, i, _WENT_HOME)
    else:
        due[i] = today + QUARTER if p.quarters < MAX_QUARTERS else NEVER
