"""A migrant's departure, application, custody, captivity, further attempts and return."""

import math

import numpy as np

from agents.chance import draw4, strikes
from agents.environment import Stream
from agents.jit import inlined, shared
from agents.migrants.columns import (
    LEFT,
    MAX_EVENTS_PER_PERSON,
    MAX_HOPS,
    MAX_QUARTERS,
    N_SECTORS,
    NEVER,
    PORT_OPTION,
    QUARTER,
)
from agents.migrants.departure import (
    GO,
    LEGAL,
    STAY,
    UNAVAILABLE,
    WAIT,
    choose_departure,
    choose_mode,
    choose_nest,
    list_options,
    value_of_going,
)
from agents.migrants.prospects import ARRIVE, guided_class, retry_probability, solo_class
from agents.migrants.tallies import exact, finish, move, pay, post, post_by_nation, wait
from agents.migrants.travel import begin_trip, journey_event, kidnap, next_leg
from agents.outcomes import CONTINUING, Account, Consequence, Event, Mode, Status

#: Whether a trip continues, by consequence. Numba would take 0.1 s to compile an `in`.
_CONTINUES = np.array([consequence in CONTINUING for consequence in Consequence])


@inlined
def end_captivity(p, today, leg_state, params, day_tallies, seed):
    """End a kidnapping: the migrant dies, or decides whether to continue.

    Args:
        p: the migrant's row, changed in place.
        today: days since the warm-up began.
        leg_state, params, day_tallies: day-loop records.
        seed: seed for keyed draws.
    """
    day_tallies.expected_deaths[N_SECTORS] += exact(params.kidnap_death * p.weight)
    u = draw4(seed, Stream.RANSOM, p.uid, journey_event(p))
    if u[0] < params.kidnap_death:
        post(day_tallies, p, Event.DEATHS)
        finish(day_tallies, p, Status.DEAD)
        return
    # A migrant kidnapped while waiting for a hearing in Mexico is not on a leg.
    waited = p.consequence == Consequence.WAIT
    p.place = p.gate if waited else leg_state.head[p.leg]
    p.consequence = Consequence.KIDNAPPING
    wait(day_tallies, p, Status.RETURNED, today)


@inlined
def end_wait(p, today, market, params, day_tallies, seed):
    """End a wait for a hearing: kidnapping, admission, or a decision whether to continue.

    Args:
        p: the migrant's row, changed in place.
        today: days since the warm-up began.
        market, params, day_tallies: day-loop records.
        seed: seed for keyed draws.
    """
    u = draw4(seed, Stream.WAIT, p.uid, (1 << 16) | p.caught)
    p.surrender = 0  # Without admission, the migrant evades the Border Patrol next time.
    if p.org < 0:
        p.route = solo_class(p.origin, 0, p.informed)
    elif p.mode != Mode.PORT:
        p.route = guided_class(int(params.first_guided), p.org, p.group, 0)
    hazard = params.wait_kidnap_hazard * params.wait_in_mexico_days
    day_tallies.expected_kidnaps += exact(hazard * p.weight)
    if strikes(u[0], hazard):
        kidnap(p, today, market, params, day_tallies)
    elif u[1] < params.wait_granted:
        post(day_tallies, p, Event.GRANTED)
        finish(day_tallies, p, Status.RELEASED)
    else:
        wait(day_tallies, p, Status.RETURNED, today)


@inlined
def end_custody(p, today, params, day_tallies):
    """End custody: return the migrant home or to the line, or move the migrant to southern Mexico.

    The table `returned_to_line` says by nation and kind whether a return leads to the line.

    Args:
        p: the migrant's row, changed in place.
        today: days since the warm-up began.
        params, day_tallies: day-loop records.
    """
    place = int(params.origin_place[p.origin])
    days = params.delay_mexico
    if p.status == Status.HELD_US:
        day_tallies.held[p.group] -= p.weight
        days = params.delay_us[p.group]
        if params.returned_to_line[int(params.nation[p.origin]), p.kind] > 0.0:
            place = p.gate
        if p.consequence == Consequence.EXPULSION:
            place, days = p.place, params.delay_expulsion
    elif p.consequence == Consequence.TRANSFER:
        place, days = int(params.south_place), 0.0
    p.place = place
    wait(day_tallies, p, Status.RETURNED, today + max(1, int(days)))


@shared
def _give_up(p, market, day_tallies):
    """End a migrant's attempts, and count the organisation's failure and any remaining debt."""
    if p.org >= 0:
        market.failed[p.org] += p.weight
    post(day_tallies, p, Event.GAVE_UP)
    if p.debt > 0:
        post(day_tallies, p, Event.LEFT_IN_DEBT)
    finish(day_tallies, p, Status.GAVE_UP)


@inlined
def reconsider(p, today, leg_state, market, params, day_tallies, seed):
    """Decide after an encounter whether to try again, and in which mode.

    Args:
        p: the migrant's row, changed in place.
        today: days since the warm-up began.
        leg_state, market, params, day_tallies: day-loop records.
        seed: seed for keyed draws.
    """
    u = draw4(seed, Stream.RETRY, p.uid, p.decisions)[0]
    chance = retry_probability(p, leg_state, params)
    p.decisions += 1
    day_tallies.decided += 1
    # Within these limits, the keys of random draws are unique.
    events = max(p.trips, p.decisions, p.line_tries, p.caught)
    if u >= chance or events >= MAX_EVENTS_PER_PERSON or p.hop > MAX_HOPS:
        _give_up(p, market, day_tallies)
        return
    if _CONTINUES[p.consequence]:
        post(day_tallies, p, Event.RETRIED)
        move(day_tallies, p, Status.TRAVELLING)
        p.clock = today
        next_leg(p, leg_state, market, params, day_tallies, seed)
        return
    choice = p.org + PORT_OPTION if p.mode == Mode.PORT else p.org
    if not (p.org >= 0 and p.tries_left > 0 and market.active[p.org]):
        list_options(p, (p.surrender, p.surrender), leg_state, market, params)
        if value_of_going(p, leg_state, params) == UNAVAILABLE:
            post(day_tallies, p, Event.UNAFFORDABLE)
            _give_up(p, market, day_tallies)
            return
        choice = choose_mode(p, leg_state, params, seed)
        p.tries_left = 0
    post(day_tallies, p, Event.RETRIED)
    if p.trial == 1 and p.consequence != Consequence.RETURNED_BY_MEXICO:
        p.trial = 2
    begin_trip(p, float(today), choice, leg_state, market, params, day_tallies, seed)


@shared
def carry_out(p, day, nest, leg_state, market, params, day_tallies, seed):
    """Carry out a decision to go, to apply or to wait at home.

    Applicants take the next ticket in their nation's queue.

    Args:
        p: the migrant's row, changed in place.
        day: days since the warm-up began.
        nest: GO, LEGAL or WAIT.
        leg_state, market, params, day_tallies: day-loop records.
        seed: seed for keyed draws.
    """
    if nest == WAIT:
        u = draw4(seed, Stream.DEFERRAL, p.uid, p.decisions)[0]
        days = params.waiting_days + params.waiting_days_spread * (u - 0.5)
        p.decisions += 1
        post(day_tallies, p, Event.DEFERRED)
        wait(day_tallies, p, Status.DEFERRED, day + 1 + int(days))
    elif nest == LEGAL:
        nation = int(params.nation[p.origin])
        p.decisions += 1
        day_tallies.applied[nation] += p.weight
        day_tallies.tickets[nation] += p.weight
        p.set_out = day_tallies.tickets[nation]
        pay(day_tallies, p, Account.US_TREASURY, int(params.legal_fee))
        post(day_tallies, p, Event.APPLIED)
        wait(day_tallies, p, Status.APPLIED, day + 1)
    else:
        mode = choose_mode(p, leg_state, params, seed)
        p.decisions += 1
        post(day_tallies, p, Event.SET_OUT)
        post_by_nation(day_tallies, p, LEFT, params)
        begin_trip(p, day + 0.5, mode, leg_state, market, params, day_tallies, seed)


@inlined
def decide_again(p, day, leg_state, market, params, day_tallies, seed):
    """Decide after a wait at home whether to leave, apply, wait longer or stay.

    Args:
        p: the migrant's row, changed in place.
        day: days since the warm-up began.
        leg_state, market, params, day_tallies: day-loop records.
        seed: seed for keyed draws.
    """
    day_tallies.decided += 1
    list_options(p, (p.surrender, p.surrender), leg_state, market, params)
    nest = choose_departure(p, leg_state, params, draw4(seed, Stream.NEST, p.uid, 0))
    if nest == STAY:
        finish(day_tallies, p, Status.STAYED)
    else:
        carry_out(p, day, nest, leg_state, market, params, day_tallies, seed)


@inlined
def decide_application(p, today, leg_state, market, params, day_tallies, seed):
    """Decide an application to the legal channel, or wait until its ticket is served.

    A refused applicant decides whether to stay or to go.

    Args:
        p: the migrant's row, changed in place.
        today: days since the warm-up began.
        leg_state, market, params, day_tallies: day-loop records.
        seed: seed for keyed draws.
    """
    nation = int(params.nation[p.origin])
    waiting = p.set_out - params.legal_served[nation]
    if waiting > 0.0:
        days = waiting / max(params.legal_rate[nation], 1e-6)
        p.clock = today + min(30, 1 + int(min(days, 1e6)))
        return
    if draw4(seed, Stream.LEGAL, p.uid, 0)[0] >= params.legal_refusal:
        post(day_tallies, p, Event.ADMITTED)
        finish(day_tallies, p, Status.ADMITTED)
        return
    post(day_tallies, p, Event.REFUSED)
    list_options(p, (p.surrender, p.surrender), leg_state, market, params)
    go = value_of_going(p, leg_state, params)
    u = draw4(seed, Stream.NEST, p.uid, 0)
    if choose_nest(p, go, False, params, u) != GO:
        finish(day_tallies, p, Status.REFUSED)
        return
    carry_out(p, today, GO, leg_state, market, params, day_tallies, seed)


@inlined
def circulate(p, today, leg_state, params, day_tallies, seed):
    """Decide after a quarter in the U.S. whether to return home.

    The return rate is lower if re-entry has become harder. It is proportional to the believed
    probability of arrival divided by the prior, to the power `return_elasticity`.

    Args:
        p: the migrant's row, changed in place.
        today: days since the warm-up began.
        leg_state, params, day_tallies: day-loop records.
        seed: seed for keyed draws.
    """
    row, place = solo_class(p.origin, 0, 1), int(params.origin_place[p.origin])
    present = leg_state.expected_outcomes[row, place, ARRIVE]
    prior = leg_state.prior[row - 1, place, ARRIVE]
    easier = (present + 1e-6) / (prior + 1e-6)
    rate = params.return_rate[p.group] * math.pow(easier, params.return_elasticity)
    u = draw4(seed, Stream.CIRCULATION, p.uid, p.quarters)[0]
    p.quarters += 1
    if strikes(u, rate * QUARTER / 365.0):
        post(day_tallies, p, Event.WENT_HOME)
        finish(day_tallies, p, Status.WENT_HOME)
    else:
        p.clock = today + QUARTER if p.quarters < MAX_QUARTERS else NEVER
