"""A journey, leg by leg: what is met on the way, the line, and what comes after.

Everything happens on arrival at the end of a leg. Draws are keyed by the person and by a counter
of the person's own (trip and hop, attempts at the line, encounters), so the same person meets the
same luck in every world.
"""

import math

from agents.chance import draw4, strikes
from agents.consequences import apprehend_mexico, apprehend_us
from agents.jit import inlined, kernel
from agents.migrants.books import (
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
from agents.migrants.columns import MOST, N_SECTORS, NEVER
from agents.migrants.decide import (
    ARRIVE,
    NO_WAY,
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
_TRAVELLING, _KIDNAPPED = int(Status.TRAVELLING), int(Status.KIDNAPPED)
_HELD_US, _RETURNED, _SETTLED = int(Status.HELD_US), int(Status.RETURNED), int(Status.SETTLED)
_RELEASED = int(Status.RELEASED)
_GAVE_UP, _DEAD, _WENT_HOME = int(Status.GAVE_UP), int(Status.DEAD), int(Status.WENT_HOME)
_C_NONE = int(Consequence.NONE)
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


@kernel
def tell(p, ground, passed, stopped, harmed):
    """News of the leg under way, for the community and for the organisation.

    Told are the odds that people ran, not how the dice fell: who lives by a route knows how
    dangerous it is. Were outcomes told, a row of a hundred persons would tell a hundred equal
    stories, and since routes are chosen by the best news, noise alone would make people hopeful.
    """
    home, org, leg, weight = p.origin, p.org, p.leg, p.weight
    ground.told_home[home, leg, PASSED] += weight * passed
    ground.told_home[home, leg, STOPPED] += weight * stopped
    ground.told_home[home, leg, HARMED] += weight * harmed
    if org >= 0:
        ground.told_org[org, leg, PASSED] += weight * passed
        ground.told_org[org, leg, STOPPED] += weight * stopped
        ground.told_org[org, leg, HARMED] += weight * harmed


@kernel
def _tell_transit(p, ground, harm, exposed):
    """News of a leg through Mexico or towards it."""
    clear = 1.0
    if p.group > 0 and ground.in_mexico[p.leg]:
        clear = math.exp(-ground.mx_hazard[p.leg] * exposed)
    tell(p, ground, (1.0 - harm) * clear, (1.0 - harm) * (1.0 - clear), harm)


@kernel
def _tell_line(p, ground, rules, exposed):
    """News of an attempt at the line; turn-backs decide nothing and are not told."""
    leg = p.leg
    seen = -math.expm1(-ground.us_hazard[leg] * exposed)
    caught = seen * rules.caught_share * ground.respond[leg]
    turned = seen * rules.turned_share * ground.respond[leg]
    tell(p, ground, 1.0 - caught - turned, caught, 0.0)


@inlined
def exposure(p, market):
    """Share of a hazard that reaches the person: guides avoid some of it."""
    return 1.0 - market.quality[p.org] if p.org >= 0 else 1.0


@inlined
def home_place(p, rules):
    """Place of the person's home community."""
    return int(rules.origin_place[p.origin])


@kernel
def begin_trip(p, now, way, ground, market, rules, books, seed):
    """Set out, alone or guided; the fee is paid unless a contract still covers the attempt."""
    covered = way >= 0 and way == p.org and p.tries_left > 0
    p.org, p.mode = way, _GUIDED if way >= 0 else _ALONE
    if way >= 0:
        if not covered:
            pay_fee(books, p, market, way)
            p.tries_left = int(rules.guided_attempts)
        p.tries_left -= 1
        pay_attempt(books, p, market, way)
        p.route = guided_class(int(rules.first_guided), way, p.group, p.surrender)
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
    u = draw4(seed, _ROUTE, p.uid, _journey_event(p))
    leg = _pick_leg(p, u[0], ground)
    p.leg = leg
    p.hop += 1
    wait_days = 0.0
    if ground.is_line[leg]:
        p.gate = p.place
        wait_days = u[1] * rules.wait_days[p.mode]
    p.clock += wait_days + ground.days[leg] * rules.pace[p.mode]


@kernel
def arrive(p, today, ground, market, rules, books, seed):
    """Reach the end of the leg under way: dangers, interdiction, the line, then onward."""
    leg, exposed = p.leg, exposure(p, market)
    books.arrivals += 1
    ground.seen[leg, p.group] += p.weight
    u = draw4(seed, _JOURNEY, p.uid, _journey_event(p))
    elapsed = ground.days[leg] * rules.pace[p.mode]
    dying, taken = _dangers(p, elapsed, ground, rules, books)
    if not (ground.is_line[leg] or ground.is_belt[leg]):
        _tell_transit(p, ground, -math.expm1(-dying - taken), exposed)
    if strikes(u[3], dying):
        _dies(p, ground, market, books)
        return
    if strikes(u[2], taken):
        _kidnapped(p, today, market, rules, books)
        return
    if p.group > 0 and ground.in_mexico[leg] and _meets_mexico(
        p, u, exposed, today, ground, rules, books, seed
    ):
        return
    if ground.is_line[leg]:
        if not _passes_line(p, exposed, today, ground, market, rules, books, seed):
            return
    elif ground.is_belt[leg] and not _passes_belt(
        p, exposed, today, ground, market, rules, books, seed
    ):
        return
    p.place = ground.head[leg]
    if ground.out_start[p.place + 1] == ground.out_start[p.place]:
        _settle(p, market, books)
    else:
        next_leg(p, ground, rules, seed)


@kernel
def _dangers(p, elapsed, ground, rules, books):
    """Hazards of dying and of kidnapping on the leg; expected deaths are added up here."""
    leg = p.leg
    season = rules.heat if ground.is_line[leg] or ground.is_belt[leg] else 1.0
    dying = ground.death[leg] * elapsed * season
    sector = ground.sector[leg]
    books.expected_deaths[sector if sector >= 0 else N_SECTORS] += dying * p.weight
    return dying, ground.kidnap[leg] * elapsed * rules.kidnap_factor[p.group]


@kernel
def _dies(p, ground, market, books):
    _count_harm(p, market)
    post_at(books, p, _E_DEATH, ground.sector[p.leg])
    finish(books, p, _DEAD)


@inlined
def _count_harm(p, market):
    """A client kidnapped or dead counts against the organisation."""
    if p.org >= 0:
        market.harmed[p.org] += p.weight


@kernel
def _kidnapped(p, today, market, rules, books):
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


@kernel
def _passes_line(p, exposed, today, ground, market, rules, books, seed):
    """The contest at the line: surrender, apprehension, turn-back, or past it."""
    leg, sector = p.leg, ground.sector[p.leg]
    post_at(books, p, _E_LINE, sector)
    if p.mode == _GUIDED and p.consequence != _C_TURNED:
        _note_trip_length(p, books)
    u = draw4(seed, _LINE, p.uid, p.line_tries)
    p.line_tries += 1
    p.known = 0
    if p.surrender:
        books.answered[sector] += p.weight
        post_at(books, p, _E_SURRENDER, sector)
        _caught(p, today, sector, market, rules, books, seed)
        return False
    post_at(books, p, _E_ATTEMPT, sector)
    _tell_line(p, ground, rules, exposed)
    if not strikes(u[0], ground.us_hazard[leg] * exposed):
        return True
    books.answered[sector] += p.weight
    if u[1] < rules.caught_share * ground.respond[leg]:
        _close_trial(p, books, True)
        _caught(p, today, sector, market, rules, books, seed)
        return False
    if u[1] >= 1.0 - rules.turned_share * ground.respond[leg]:
        _turn_back(p, today, ground, books)
        return False
    p.known = 1
    return True


@kernel
def _caught(p, today, sector, market, rules, books, seed):
    """A U.S. apprehension; a client who is released has got where they wanted."""
    apprehend_us(p, today, sector, rules, books, seed)
    if p.status == _RELEASED and p.org >= 0:
        market.arrived[p.org] += p.weight


@kernel
def _note_trip_length(p, books):
    post(books, p, _E_DONE)
    if p.clock - p.set_out <= 30.0:
        post(books, p, _E_DONE_30)


@kernel
def _turn_back(p, today, ground, books):
    p.consequence, p.place = _C_TURNED, ground.tail[p.leg]
    post_at(books, p, _E_TURNED, ground.sector[p.leg])
    wait(books, p, _RETURNED, today + 1)


@kernel
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


@kernel
def _passes_belt(p, exposed, today, ground, market, rules, books, seed):
    """Checkpoints behind the line; whoever passes them got away."""
    sector, hazard = ground.sector[p.leg], ground.us_hazard[p.leg] * exposed
    u = draw4(seed, _LINE, p.uid, p.line_tries - 1)
    clear = math.exp(-hazard)
    tell(p, ground, clear, 1.0 - clear, 0.0)
    if strikes(u[2], hazard):
        post_at(books, p, _E_BELT, sector)
        _close_trial(p, books, True)
        _caught(p, today, sector, market, rules, books, seed)
        return False
    post_at(books, p, _E_KNOWN if p.known else _E_UNSEEN, sector)
    _close_trial(p, books, False)
    return True


@inlined
def _settle(p, market, books):
    if p.org >= 0:
        market.arrived[p.org] += p.weight
    wait(books, p, _SETTLED, int(p.clock) + QUARTER)


@kernel
def end_captivity(p, today, ground, rules, books, seed):
    """The end of a kidnapping: death, or the decision whether to go on."""
    books.expected_deaths[N_SECTORS] += rules.kidnap_death * p.weight
    u = draw4(seed, _RANSOM, p.uid, _journey_event(p))
    if u[0] < rules.kidnap_death:
        post(books, p, _E_DEATH)
        finish(books, p, _DEAD)
        return
    p.consequence, p.place = _C_KIDNAP, ground.head[p.leg]
    wait(books, p, _RETURNED, today)


@kernel
def end_custody(p, today, rules, books):
    """Release from custody: Mexicans to the line, others to where they came from."""
    p_home = home_place(p, rules)
    days = rules.delay_mexico
    if p.status == _HELD_US:
        books.held[p.group] -= p.weight
        days = rules.delay_us[p.group]
        if p.group == 0:
            p_home = p.gate
    p.place = p_home
    wait(books, p, _RETURNED, today + max(1, int(days)))


@kernel
def reconsider(p, today, ground, market, rules, books, seed):
    """After an encounter: try again or give up, and if again, how."""
    u = draw4(seed, _RETRY, p.uid, p.decisions)[0]
    chance = retry_probability(p, ground, rules)
    p.decisions += 1
    books.decided += 1
    if u >= chance or _worn_out(p):
        _give_up(p, market, books)
        return
    if p.consequence == _C_TURNED or p.consequence == _C_KIDNAP:
        post(books, p, _E_RETRIED)
        move(books, p, _TRAVELLING)
        p.clock = today
        next_leg(p, ground, rules, seed)
        return
    way = p.org
    if not (way >= 0 and p.tries_left > 0 and market.active[way]):
        if weigh_ways(p, ground, market, rules) <= 0.5 * NO_WAY:
            post(books, p, _E_POOR)
            _give_up(p, market, books)
            return
        way = choose_way(p, ground, market, rules, seed)
        p.tries_left = 0
    post(books, p, _E_RETRIED)
    if p.trial == 1 and p.consequence != _C_MEXICO:
        p.trial = 2
    begin_trip(p, today, way, ground, market, rules, books, seed)


@inlined
def _worn_out(p):
    """Nobody goes on for ever; also keeps every key of chance unique."""
    return max(p.trips, p.decisions, p.line_tries, p.caught) >= MOST or p.hop > 30_000


@kernel
def _give_up(p, market, books):
    if p.org >= 0:
        market.failed[p.org] += p.weight
    post(books, p, _E_GAVE_UP)
    finish(books, p, _GAVE_UP)


@kernel
def circulate(p, today, ground, rules, books, seed):
    """A quarter in the U.S.: go home again, less so the harder it is to come back."""
    row, place = solo_class(p.origin, 0, 1), home_place(p, rules)
    now, then = ground.ahead[row, ARRIVE, place], ground.prior[row - 1, ARRIVE, place]
    easier = (now + 1e-6) / (then + 1e-6)
    rate = rules.return_rate[p.group] * math.pow(easier, rules.return_elasticity)
    u = draw4(seed, _CIRCULATION, p.uid, p.quarters)[0]
    p.quarters += 1
    if strikes(u, rate * QUARTER / 365.0):
        post(books, p, _E_HOME)
        finish(books, p, _WENT_HOME)
    else:
        p.clock = today + QUARTER if p.quarters < MAX_QUARTERS else NEVER
