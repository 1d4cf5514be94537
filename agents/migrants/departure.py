"""The departure: a candidate's traits, whether to leave, and in which mode to travel.

The decision is a nested logit with keyed noise. The upper choice is to stay, to use the legal
channel, to go or to wait. The lower choice is to travel alone, with an organisation that serves the
community, or guided through a port of entry. The utility of an option, in dollars, is

    V = E * gain - (1 - E) * loss - paid - aversion * violence + bonus

with E the probability of *eventual* success over all attempts that the person expects to make. The
bonus values reputation, and charges for waiting and for the burden of a mode. If prospect theory is
on, it weights E and losses. Probabilities are perceived: k * the belief of the community or
organisation + (1 - k) * the prior.

An option's terms do not depend on a person's knowledge, so :func:`list_options` computes them once
for all candidates in a stratum. The same functions decide for candidates, for people who decide
again, and for people who change their mode on the way.
"""

import math

import numpy as np

from agents.chance import draw4, draw4_many, gumbel, normal
from agents.environment import Stream
from agents.jit import inlined, shared
from agents.migrants.columns import PORT_OPTION
from agents.migrants.prospects import (
    BELIEVED,
    PRIOR,
    TOLL_BELIEVED,
    VIOLENCE_BELIEVED,
    VIOLENCE_PRIOR,
    base_success,
    expected_utility,
    guided_class,
    option_terms,
    perceived,
    solo_class,
)
from agents.migrants.tallies import funds
from agents.outcomes import Kind, Status

UNAVAILABLE = -1e15  # utility of an option that is closed or not affordable
_OPEN = 0.5 * UNAVAILABLE  # Options that can be chosen have a higher utility.
STAY, LEGAL, GO, WAIT = 0, 1, 2, 3
MAX_WAITS = 4  # decisions after which a candidate does not wait again
SOLO = -1
PORT_TAG = 0xFFFFF  # used instead of an organisation's uid in the port option's key
_LARGEST_WEALTH = 1e6  # $


# ---- options ------------------------------------------------------------------------------------
@shared
def _add_option(o, p, slot, plans, leg_state, params):
    """Add an option, with its terms under each plan (to evade or to surrender)."""
    j = o.count
    o.slot[j], o.count = slot, j + 1
    for plan in range(plans[0], plans[1] + 1):
        attempts = params.guided_attempts
        if slot == SOLO:
            learnt, attempts = solo_class(p.origin, plan, 1), params.solo_attempts
            prior = learnt - 1
        elif slot == PORT_OPTION:
            learnt = prior = int(params.first_port) + p.group
        else:
            learnt = prior = guided_class(int(params.first_guided), slot, p.group, plan)
        terms = option_terms(p, learnt, prior, attempts, leg_state, params)
        for term in range(len(terms)):
            o.terms[plan, j, term] = terms[term]


@shared
def list_options(p, plans, leg_state, market, params):
    """List the options for people with the same origin, group, kind and place.

    The first option is to travel alone. In a world with ports, the last option is a passage through
    a port, which any organisation that serves the community can arrange.

    Args:
        p: a row with origin, group, kind and place.
        plans: first and last plan for which terms are computed. Plan 0 is to evade, plan 1 is to
            surrender.
        leg_state: day-loop record, whose options are replaced.
        market, params: day-loop records.
    """
    o, group = leg_state.options, p.group
    o.count, o.tag[0], o.price[0] = 0, 0, params.solo_cost[group]
    o.bonus[0] = -params.solo_burden[group]
    _add_option(o, p, SOLO, plans, leg_state, params)
    for slot in range(market.top):
        if market.active[slot] and (market.serves[slot] >> p.origin) & 1:
            j = o.count
            o.tag[j], o.price[j] = market.uid[slot], market.price[slot, group]
            waiting = 0.5 * market.delay[slot] * params.day_cost  # $, beyond the base year's wait
            o.bonus[j] = params.reputation_value * market.reputation[slot] - waiting
            _add_option(o, p, slot, plans, leg_state, params)
    if params.ports > 0.0:
        j = o.count
        o.tag[j], o.price[j] = PORT_TAG, market.port_price[group]
        o.bonus[j] = -params.port_burden[group]
        _add_option(o, p, PORT_OPTION, plans, leg_state, params)


@inlined
def _utility(p, j, o, params):
    """Return an option's utility with perceived probabilities and tolls, in dollars."""
    terms = o.terms[p.surrender, j]
    chance = perceived(p, terms, BELIEVED, PRIOR)
    harm = perceived(p, terms, VIOLENCE_BELIEVED, VIOLENCE_PRIOR)
    paid = o.price[j] + np.float64(p.knowledge) * terms[TOLL_BELIEVED]
    value = expected_utility(chance, p, paid, params)
    return value - params.danger_aversion * harm + o.bonus[j]


@shared
def value_of_going(p, leg_state, params):
    """Compute the utilities of the listed options, and return their inclusive value.

    The noise scale times the log number of sellers is subtracted from each organisation's utility,
    because more sellers of the same service are not more reasons to leave.

    Args:
        p: the migrant's row.
        leg_state: day-loop record with the options of :func:`list_options`, changed in place.
        params: parameter record.

    Returns:
        Dollars, or UNAVAILABLE if no option is affordable.
    """
    o, budget, sellers = leg_state.options, funds(p, params.credit), 0
    for j in range(o.count):
        o.utility[j] = _utility(p, j, o, params) if budget >= o.price[j] else UNAVAILABLE
        sellers += o.utility[j] > _OPEN and o.slot[j] != SOLO and o.slot[j] != PORT_OPTION
    crowding, best = params.mode_noise * o.log_sellers[sellers], UNAVAILABLE
    for j in range(o.count):
        if o.slot[j] == PORT_OPTION:
            o.utility[j] = o.utility[j] if sellers > 0 else UNAVAILABLE
        elif o.slot[j] != SOLO:
            o.utility[j] -= crowding
        best = max(best, o.utility[j])
    if best <= _OPEN:
        return UNAVAILABLE
    total = 0.0
    for j in range(o.count):
        if o.utility[j] > _OPEN:  # Skips exponentials that would be 0.
            total += math.exp((o.utility[j] - best) / params.mode_noise)
    return best + params.mode_noise * math.log(total)


# ---- choices ------------------------------------------------------------------------------------
@shared
def choose_mode(p, leg_state, params, seed):
    """Choose a mode by keyed Gumbel noise on the utilities of :func:`value_of_going`.

    The noise is keyed by person and organisation, so an entrant does not change the noise for other
    organisations. The organisation with the highest noisy utility arranges a port passage.

    Args:
        p: the migrant's row.
        leg_state, params: day-loop records.
        seed: seed for keyed draws.

    Returns:
        SOLO, the organisation's slot, or that slot plus PORT_OPTION for a passage through a port.
    """
    o, best, choice, best_guide, guide = leg_state.options, UNAVAILABLE, SOLO, UNAVAILABLE, 0
    for j in range(o.count):
        o.uid[j], o.event[j] = p.uid, (o.tag[j] << 12) | p.decisions
    draw4_many(seed, Stream.OPTION, o.uid, o.event, o.count, o.uniforms)
    for j in range(o.count):
        if o.utility[j] <= _OPEN:
            continue
        noisy, slot = o.utility[j] + params.mode_noise * gumbel(o.uniforms[0, j]), o.slot[j]
        if slot != SOLO and slot != PORT_OPTION and noisy > best_guide:
            best_guide, guide = noisy, slot
        if noisy > best:
            best, choice = noisy, guide + PORT_OPTION if slot == PORT_OPTION else slot
    return choice


@shared
def choose_nest(p, go, can_apply, params, u):
    """Choose STAY, LEGAL, GO or WAIT by keyed Gumbel noise.

    A person's noise is the same at every decision before the departure. Suppose that a person would
    go. An announcement deters this person if the fourth uniform is below the share deterred today.
    Deterred people whose uniform is close to that share wait, and go once belief in the
    announcement has fallen enough. All other deterred people stay or apply.

    Args:
        p: the migrant's row.
        go: inclusive value of going, from :func:`value_of_going`.
        can_apply: whether the legal channel is an alternative.
        params: parameter record.
        u: four uniforms of the stream NEST, from the event 0.

    Returns:
        STAY, LEGAL, GO or WAIT.
    """
    group, nation = p.group, int(params.nation[p.origin])
    noise = params.decision_noise * params.noise_factor[group]
    stay = params.stay_value[group] + noise * gumbel(u[0])
    legal, hope = UNAVAILABLE, params.legal_hope[nation]
    if can_apply and hope > 0.0 and p.wealth >= params.legal_fee:
        legal = hope * params.gain[group] - params.legal_fee
        legal += params.legal_value[group] + noise * gumbel(u[1])
    if go > _OPEN:
        going = go + noise * gumbel(u[2])
        if p.kind == Kind.ADULT:  # Adults look for work.
            going += params.work_value[group]
        if going > stay and going > legal:
            deterred = params.deterred[nation, p.kind]
            if u[3] >= deterred:
                return GO
            if u[3] >= deterred * (1.0 - params.waiting_share) and p.decisions < MAX_WAITS:
                return WAIT
    return LEGAL if legal > stay else STAY


@shared
def choose_departure(p, leg_state, params, u):
    """Choose STAY, LEGAL, GO or WAIT, given the options from :func:`list_options`.

    Afterwards, the options contain today's utilities.

    Args:
        p: the migrant's row.
        leg_state: day-loop record, changed in place.
        params: parameter record.
        u: four uniforms of the stream NEST, from the event 0.

    Returns:
        STAY, LEGAL, GO or WAIT.
    """
    return choose_nest(p, value_of_going(p, leg_state, params), True, params, u)


# ---- candidates ---------------------------------------------------------------------------------
@inlined
def set_stratum(p, s, strata, params):
    """Set the origin, group, kind and place that all candidates in a stratum share.

    Args:
        p: a row, changed in place.
        s: index of the stratum.
        strata: origin, group and kind by stratum, shape (strata, 3).
        params: parameter record.
    """
    p.origin, p.group, p.kind = strata[s, 0], strata[s, 1], strata[s, 2]
    p.place = int(params.origin_place[p.origin])


@inlined
def list_stratum(p, leg_state, market, params):
    """List a stratum's options, with terms for each plan that the stratum allows.

    All strata can plan to evade. Some can also plan to surrender.

    Args:
        p: a row with origin, group, kind and place.
        leg_state: day-loop record, whose options are replaced.
        market, params: day-loop records.
    """
    share, o = params.surrender[int(params.nation[p.origin]), p.kind], leg_state.options
    list_options(p, (0, 1 if share > 0.0 else 0), leg_state, market, params)
    prior = solo_class(p.origin, 0, 0)
    for plan in range(2):
        o.base[plan] = base_success(p, prior + 2 * plan, params.solo_attempts, leg_state, params)
    o.log_odds = math.log(share / (1.0 - share)) if 0.0 < share < 1.0 else 0.0


@inlined
def surrender_share(p, leg_state, params):
    """Return the probability that a candidate plans to surrender at the line.

    The base year's log-odds shift with the advantage of surrendering over evading. The advantage is
    measured in dollars relative to the base year, for a person who travels alone.

    Args:
        p: the migrant's row.
        leg_state: day-loop record with the options of :func:`list_stratum`.
        params: parameter record.

    Returns:
        Probability from 0 to 1.
    """
    base, o = params.surrender[int(params.nation[p.origin]), p.kind], leg_state.options
    if base <= 0.0 or base >= 1.0:
        return base
    evading, surrendering = o.terms[0, 0], o.terms[1, 0]
    better = (perceived(p, surrendering, BELIEVED, PRIOR) - o.base[1]) - (
        perceived(p, evading, BELIEVED, PRIOR) - o.base[0]
    )
    stakes = (params.gain[p.group] + params.loss[p.group]) / 10_000.0
    odds = o.log_odds + params.surrender_slope * (better * stakes)
    return 1.0 / (1.0 + math.exp(-odds))


@inlined
def draw_traits(p, leg_state, params, u):
    """Draw the traits on which a candidate's decision to leave depends.

    Args:
        p: a row with uid, origin, group, kind and place. Wealth, debt, knowledge, the plan to
            surrender and the number of decisions are set.
        leg_state: day-loop record with the options of :func:`list_stratum`.
        params: parameter record.
        u: four uniforms of the stream TRAITS, from the event 0.
    """
    wealth = params.wealth_median[p.group] * math.exp(params.wealth_log_sd * normal(u[0], u[1]))
    p.wealth, p.debt = int(min(wealth, _LARGEST_WEALTH)), 0
    knowledge = params.knowledge_mean + params.knowledge_spread * (u[2] - 0.5)
    p.knowledge = min(1.0, max(0.0, knowledge))
    p.surrender = 1 if u[3] < surrender_share(p, leg_state, params) else 0
    p.decisions = 0


@inlined
def complete_traits(p, params, seed):
    """Draw the traits needed only after the departure, and set the journey's counters to zero.

    Args:
        p: a row with the traits from :func:`draw_traits`, changed in place.
        params: parameter record.
        seed: seed for keyed draws.
    """
    u = draw4(seed, Stream.TRAITS_2, p.uid, 0)
    p.protection = 1 if p.group > 0 and u[0] < params.need_of_protection else 0
    p.informed = 1 if u[1] < p.knowledge else 0
    p.set_out, p.leg, p.gate, p.org, p.route = 0.0, -1, -1, -1, 0
    p.trips, p.hop, p.line_tries, p.caught, p.trial, p.detected = 0, 0, 0, 0, 0, 0
    p.caught_year, p.caught_in_year, p.quarters, p.past_line = 0, 0, 0, 0
    p.tries_left, p.consequence, p.mode, p.status = 0, 0, 0, Status.STAYED
