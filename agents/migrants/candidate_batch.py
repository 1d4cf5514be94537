"""Traits and first decisions of up to 256 candidates of one stratum, computed together.

Candidates of a stratum share community, group, kind and place, so they have the same options to
travel, and an option has the same terms for all of them (:mod:`agents.migrants.decisions`). Wealth,
knowledge, the plan to surrender and noise differ. Each step is a loop over an array without
branches, which the compiler turns into vector instructions; loops run to a multiple of
`agents.chance.AT_ONCE`, and results beyond the batch have no meaning. The rules are those of
:mod:`agents.migrants.decisions`, whose functions decide for one person at a time.
"""

import math

import numpy as np

from agents.chance import draw4_many, padded
from agents.environment import Stream
from agents.jit import kernel
from agents.migrants.columns import PORT_OPTION, SLOTS
from agents.migrants.decisions import (
    GO,
    KNOWN,
    LEGAL,
    N_TERMS,
    PORT_TAG,
    PRIOR,
    SOLO,
    STAY,
    TOLL_KNOWN,
    UNAVAILABLE,
    VIOLENCE_KNOWN,
    VIOLENCE_PRIOR,
    WAIT,
    base_success,
    expected_utility,
    guided_class,
    option_terms,
    solo_class,
)
from agents.vector_math import cos_of_turn, fast_exp, fast_gumbel, fast_log

BATCH = 256  # candidates at a time; a multiple of `agents.chance.AT_ONCE`
_OPTIONS = SLOTS + 2  # alone, with an organisation, through a port

CANDIDATES = np.dtype(
    [
        ("uid", "i8", (BATCH,)),
        ("event", "i8", (BATCH,)),  # keys of draws
        ("traits", "f8", (4, BATCH)),  # uniforms by stream
        ("traits_2", "f8", (4, BATCH)),
        ("nest_draws", "f8", (4, BATCH)),
        ("mode_draws", "f8", (4, BATCH)),
        ("wealth", "f8", (BATCH,)),  # whole dollars
        ("purse", "f8", (BATCH,)),  # dollars at hand and on credit
        ("knowledge", "f4", (BATCH,)),
        ("surrender", "f8", (BATCH,)),  # 1 to surrender at the line
        ("chance", "f8", (BATCH,)),  # of an option: perceived success, violence, and dollars paid
        ("harm", "f8", (BATCH,)),
        ("paid", "f8", (BATCH,)),
        ("utility", "f8", (_OPTIONS, BATCH)),  # by option and candidate, $
        ("best", "f8", (BATCH,)),  # largest utility so far, $
        ("sellers", "i8", (BATCH,)),  # organisations that are affordable
        ("crowding", "f8", (BATCH,)),  # subtracted for their number, $
        ("total", "f8", (BATCH,)),  # sum of exponentials
        ("later", "f8", (BATCH,)),  # inclusive value of going without announcements, $
        ("go", "f8", (BATCH,)),  # inclusive value of going today, $
        ("stay", "f8", (BATCH,)),  # utilities of the other alternatives with noise, $
        ("legal", "f8", (BATCH,)),
        ("go_noise", "f8", (BATCH,)),
        ("nest", "i8", (BATCH,)),  # STAY, LEGAL, GO or WAIT
        ("leaver", "i8", (BATCH,)),  # positions of those who go
        ("leaver_uid", "i8", (BATCH,)),
        ("best_guide", "f8", (BATCH,)),  # largest noisy utility of an organisation, by leaver
        ("guide", "i8", (BATCH,)),  # its slot
        ("mode", "i8", (BATCH,)),  # choice by leaver, as `decisions.choose_mode` returns it
        ("slot", "i8", (_OPTIONS,)),  # options of the stratum: SOLO, slot or PORT_OPTION
        ("tag", "i8", (_OPTIONS,)),  # part of the key of its noise
        ("price", "f8", (_OPTIONS,)),  # $
        ("plus", "f8", (_OPTIONS,)),  # dollars added to the utility, and subtracted
        ("minus", "f8", (_OPTIONS,)),
        ("terms", "f8", (2, 2, _OPTIONS, N_TERMS)),  # by plan to surrender, news and option
        ("options", "i8"),
        ("crowd", "f8", (_OPTIONS,)),  # noise times log of a number of sellers, $
        ("plans", "i8"),  # 2 if some of the stratum surrender, 1 otherwise
        ("announced", "i8"),  # 1 if an announcement concerns the stratum
    ],
    align=True,
)


def empty_batch() -> np.ndarray:
    """Return space for a batch of candidates, as an array of one record."""
    return np.zeros(1, CANDIDATES)


_LARGEST_WEALTH = 1e6
_LEAST_TOTAL = 1e-300  # of sums of exponentials; a sum of open options is at least 1
_OPEN = 0.5 * UNAVAILABLE  # utilities of options that can be chosen are above


@kernel
def _add_option(b, p, slot, learnt, prior, attempts, leg_state, params):
    """Add an option of the stratum with its terms under each plan, with and without news.

    `learnt` and `prior` are the route classes of people who evade.
    """
    j, step = b.options, 1 if p.group > 0 else 0  # see `guided_class`
    if slot == SOLO:
        step = 2  # see `solo_class`
    elif slot == PORT_OPTION:
        step = 0
    b.slot[j], b.options = slot, j + 1
    for plan in range(b.plans):
        for news in range(1 - b.announced, 2):
            believed, base = learnt + plan * step, prior + plan * step
            option = option_terms(p, believed, base, attempts, leg_state, params, news)
            for term in range(N_TERMS):
                b.terms[plan, news, j, term] = option[term]


@kernel
def _add_sellers(b, p, leg_state, market, params):
    """Add the organisations that serve the community."""
    for slot in range(market.top):
        if market.active[slot] and (market.serves[slot] >> p.origin) & 1:
            j = b.options
            b.tag[j], b.price[j] = market.uid[slot], market.price[slot, p.group]
            b.plus[j] = params.reputation_value * market.reputation[slot]
            b.minus[j] = 0.5 * market.delay[slot] * params.day_cost
            b.crowd[j] = params.mode_noise * math.log(j)
            row = guided_class(int(params.first_guided), slot, p.group, 0)
            _add_option(b, p, slot, row, row, params.guided_attempts, leg_state, params)


@kernel
def list_options(b, p, leg_state, market, params):
    """List the options of a stratum in the order of `decisions.mode_utilities`.

    Args:
        b: the batch. Its options are replaced.
        p: row with the origin, group, kind and place of the stratum.
        leg_state, market, params: day-loop records.
    """
    nation = int(params.nation[p.origin])
    b.plans = 2 if params.surrender[nation, p.kind] > 0.0 else 1
    b.announced = 1 if params.news[nation] > 0.0 else 0
    b.options, b.tag[0], b.price[0] = 0, 0, params.solo_cost[p.group]
    b.plus[0], b.minus[0], b.crowd[0] = 0.0, params.solo_burden[p.group], 0.0
    learnt = solo_class(p.origin, 0, 1)
    _add_option(b, p, SOLO, learnt, learnt - 1, params.solo_attempts, leg_state, params)
    _add_sellers(b, p, leg_state, market, params)
    j, row = b.options, int(params.first_port) + p.group
    b.tag[j], b.price[j] = PORT_TAG, market.port_price[p.group]
    b.plus[j], b.minus[j] = 0.0, params.port_burden[p.group]
    _add_option(b, p, PORT_OPTION, row, row, params.guided_attempts, leg_state, params)


@kernel
def draw_candidates(b, n, p, leg_state, params, seed):
    """Draw wealth, knowledge and the plan to surrender of the candidates of a batch.

    Args:
        b: the batch, with the uids and options of the candidates, changed.
        n: number of candidates.
        p: row with the origin, group, kind and place of the stratum.
        leg_state, params: day-loop records.
        seed: seed for keyed draws.
    """
    for i in range(padded(n)):
        b.event[i] = 0
    draw4_many(seed, Stream.TRAITS, b.uid, b.event, n, b.traits)
    draw4_many(seed, Stream.TRAITS_2, b.uid, b.event, n, b.traits_2)
    draw4_many(seed, Stream.NEST, b.uid, b.event, n, b.nest_draws)
    u, wealth, purse, knowledge = b.traits, b.wealth, b.purse, b.knowledge
    median, log_sd = params.wealth_median[p.group], params.wealth_log_sd
    mean, spread, credit = params.knowledge_mean, params.knowledge_spread, max(0.0, params.credit)
    for i in range(padded(n)):
        z = math.sqrt(-2.0 * fast_log(u[0, i])) * cos_of_turn(u[1, i])
        wealth[i] = np.floor(min(median * fast_exp(log_sd * z), _LARGEST_WEALTH))
        purse[i] = wealth[i] + credit
        knowledge[i] = min(1.0, max(0.0, mean + spread * (u[2, i] - 0.5)))
    plan_surrender(b, n, p, leg_state, params)


@kernel
def plan_surrender(b, n, p, leg_state, params):
    """Draw who plans to surrender at the line.

    The log-odds of the base year move with the advantage of surrender over evading, in dollars
    relative to the base year, both computed for a person who travels alone.

    Args:
        b: the batch, with draws, knowledge and options, changed.
        n: number of candidates.
        p: row with the origin, group, kind and place of the stratum.
        leg_state, params: day-loop records.
    """
    u, surrender, knowledge = b.traits, b.surrender, b.knowledge
    base = params.surrender[int(params.nation[p.origin]), p.kind]
    if base <= 0.0 or base >= 1.0:
        for i in range(padded(n)):
            surrender[i] = 1.0 if u[3, i] < base else 0.0
        return
    prior, tries = solo_class(p.origin, 0, 0), params.solo_attempts
    believed, base_year = b.terms[0, 1, 0, KNOWN], b.terms[0, 1, 0, PRIOR]
    believed_s, base_year_s = b.terms[1, 1, 0, KNOWN], b.terms[1, 1, 0, PRIOR]
    then = base_success(p, prior, tries, leg_state, params)
    then_s = base_success(p, prior + 2, tries, leg_state, params)
    stakes = (params.gain[p.group] + params.loss[p.group]) / 10_000.0
    odds, slope = math.log(base / (1.0 - base)), params.surrender_slope
    for i in range(padded(n)):
        k = np.float64(knowledge[i])
        better = (k * believed_s + (1.0 - k) * base_year_s - then_s) - (
            k * believed + (1.0 - k) * base_year - then
        )
        share = 1.0 / (1.0 + fast_exp(-(odds + slope * (better * stakes))))
        surrender[i] = 1.0 if u[3, i] < share else 0.0


@kernel
def _value_option(b, n, j, g, news, params):
    """Compute the utility of an option for each candidate; UNAVAILABLE if it is not affordable."""
    knowledge, surrender, purse = b.knowledge, b.surrender, b.purse
    chance, harm, paid, utility = b.chance, b.harm, b.paid, b.utility[j]
    t, price = b.terms[0, news, j], b.price[j]
    s = b.terms[b.plans - 1, news, j]
    believed, prior, toll = t[KNOWN], t[PRIOR], t[TOLL_KNOWN]
    violence, violence_prior = t[VIOLENCE_KNOWN], t[VIOLENCE_PRIOR]
    believed_s, prior_s, toll_s = s[KNOWN], s[PRIOR], s[TOLL_KNOWN]
    violence_s, violence_prior_s = s[VIOLENCE_KNOWN], s[VIOLENCE_PRIOR]
    for i in range(padded(n)):
        k, evades = np.float64(knowledge[i]), surrender[i] < 0.5
        chance[i] = k * (believed if evades else believed_s) + (1.0 - k) * (
            prior if evades else prior_s
        )
        harm[i] = k * (violence if evades else violence_s) + (1.0 - k) * (
            violence_prior if evades else violence_prior_s
        )
        paid[i] = price + k * (toll if evades else toll_s)
    aversion, plus, minus = params.danger_aversion, b.plus[j], b.minus[j]
    if params.prospect > 0.0:
        for i in range(n):
            utility[i] = expected_utility(chance[i], g, paid[i], params)
    else:
        gain, loss = params.gain[g], params.loss[g]
        for i in range(padded(n)):
            utility[i] = chance[i] * gain - (1.0 - chance[i]) * loss - paid[i]
    for i in range(padded(n)):
        value = utility[i] - aversion * harm[i] + plus - minus
        utility[i] = value if purse[i] >= price else UNAVAILABLE


@kernel
def _inclusive_values(b, n, g, news, params, into):
    """Compute the utilities of all options and their inclusive value, in dollars.

    `into` is filled with the value, or with UNAVAILABLE where no option is affordable.
    """
    best, sellers, crowding, total, last = b.best, b.sellers, b.crowding, b.total, b.options - 1
    crowd, noise, size = b.crowd, params.mode_noise, padded(n)
    for i in range(size):
        best[i], sellers[i] = UNAVAILABLE, 0
    for j in range(b.options):
        _value_option(b, n, j, g, news, params)
    for j in range(1, last):
        value = b.utility[j]
        for i in range(size):
            best[i] = max(best[i], value[i])
            sellers[i] += 1 if value[i] > _OPEN else 0
    alone, port, open_ports = b.utility[0], b.utility[last], params.ports > 0.0
    for i in range(size):
        port[i] = port[i] if open_ports and sellers[i] > 0 else UNAVAILABLE
        crowding[i] = crowd[sellers[i]]
        best[i] = max(max(best[i] - crowding[i], alone[i]), port[i])
    for i in range(size):
        first = fast_exp((alone[i] - best[i]) / noise)
        second = fast_exp((port[i] - best[i]) / noise)
        total[i] = (first if alone[i] > _OPEN else 0.0) + (second if port[i] > _OPEN else 0.0)
    for j in range(1, last):
        value = b.utility[j]
        for i in range(size):
            value[i] -= crowding[i]
            total[i] += fast_exp((value[i] - best[i]) / noise) if value[i] > _OPEN else 0.0
    for i in range(size):
        going = best[i] + noise * fast_log(max(total[i], _LEAST_TOTAL))
        into[i] = going if best[i] > _OPEN else UNAVAILABLE


@kernel
def _add_noise(b, n, p, params):
    """Compute the noisy utilities of staying and of the legal channel, and the noise of going."""
    g, w = p.group, b.nest_draws
    stay, legal, go_noise, wealth = b.stay, b.legal, b.go_noise, b.wealth
    noise, at_home = params.decision_noise * params.noise_factor[g], params.stay_value[g]
    hope, fee = params.legal_hope[int(params.nation[p.origin])], params.legal_fee
    abroad, value = hope * params.gain[g] - fee, params.legal_value[g]
    for i in range(padded(n)):
        stay[i] = at_home + noise * fast_gumbel(w[0, i])
        applied = abroad + (value + noise * fast_gumbel(w[1, i]))
        legal[i] = applied if hope > 0.0 and wealth[i] >= fee else UNAVAILABLE
        go_noise[i] = noise * fast_gumbel(w[2, i])


@kernel
def decide(b, n, p, params):
    """Choose STAY, LEGAL, GO or WAIT for each candidate; see `decisions.choose_nest`.

    Args:
        b: the batch; `nest` is changed, and `utility` has the modes of today.
        n: number of candidates.
        p: row with the origin, group and kind of the stratum.
        params: parameter record.
    """
    g = p.group
    if b.announced:
        _inclusive_values(b, n, g, 0, params, b.later)
    else:
        for i in range(n):
            b.later[i] = UNAVAILABLE
    _inclusive_values(b, n, g, 1, params, b.go)
    _add_noise(b, n, p, params)
    noise = params.decision_noise * params.noise_factor[g]
    for i in range(n):
        go, later, going, waits = b.go[i], b.later[i], UNAVAILABLE, False
        if go > _OPEN:
            going = go
            if later > go:
                waiting = go + params.waiting_recovery * (later - go) - params.waiting_cost[g]
                better = waiting - go
                waits = better > 0.0 and b.nest_draws[3, i] < math.tanh(better / (2.0 * noise))
                going = waiting if waits else go
            going += b.go_noise[i]
        if going > b.stay[i] and going > b.legal[i]:
            b.nest[i] = WAIT if waits else GO
        else:
            b.nest[i] = LEGAL if b.legal[i] > b.stay[i] else STAY


@kernel
def choose_modes(b, n, params, seed):
    """Choose the modes of those who go; see `decisions.choose_mode`.

    Args:
        b: the batch after :func:`decide`; `mode` is filled for the leavers, in order.
        n: number of candidates.
        params: parameter record.
        seed: seed for keyed draws.
    """
    leaver, uid, event, u = b.leaver, b.leaver_uid, b.event, b.mode_draws
    best, best_guide, guide, mode = b.best, b.best_guide, b.guide, b.mode
    count = 0
    for i in range(n):
        leaver[count], uid[count] = i, b.uid[i]
        count += b.nest[i] == GO
    if count == 0:
        return
    for i in range(count):
        best[i], mode[i], best_guide[i], guide[i] = UNAVAILABLE, SOLO, UNAVAILABLE, 0
    for j in range(b.options):
        value, slot = b.utility[j], b.slot[j]
        for i in range(count):
            event[i] = b.tag[j] << 12
        draw4_many(seed, Stream.OPTION, uid, event, count, u)
        for i in range(padded(count)):
            u[0, i] = fast_gumbel(u[0, i])
        for i in range(count):
            worth = value[leaver[i]]
            noisy = worth + params.mode_noise * u[0, i] if worth > _OPEN else UNAVAILABLE
            if slot != SOLO and slot != PORT_OPTION and noisy > best_guide[i]:
                best_guide[i], guide[i] = noisy, slot
            if noisy > best[i]:
                best[i] = noisy
                mode[i] = guide[i] + PORT_OPTION if slot == PORT_OPTION else slot
