"""The decisions whether to leave, in which mode to travel, and whether to try again.

A nested logit with keyed noise. The upper nest is stay, legal channel or go. The lower nest is
alone, with one of the organisations that serve the community, or guided through a port of entry.
The utility of an option, in dollars, is

    V = E * gain - (1 - E) * loss - paid - aversion * violence

with E the probability of *eventual* success over the attempts that the person expects to make.
Probabilities are perceived: k * the belief of community or organisation + (1 - k) * the prior.
All people use the release after a U.S. apprehension that is expected on the day of the decision.
"""

import math

from agents.chance import draw4, gumbel
from agents.environment import Stream
from agents.jit import inlined, kernel
from agents.migrants.columns import PORT_OPTION
from agents.migrants.tallies import funds

# rows of the expected outcomes of a class
ARRIVE, BY_MEXICO, VIOLENCE, TOLL = 0, 1, 2, 3
N_EXPECTED = 4
#: Positions of the terms of an option, see :func:`option_terms`.
KNOWN, PRIOR, VIOLENCE_KNOWN, VIOLENCE_PRIOR, TOLL_KNOWN = 0, 1, 2, 3, 4
N_TERMS = 5


@kernel
def eventual_success(arrive, mexico, release, again_us, again_mx, attempts):
    """Return the probability of eventual success.

    Args:
        arrive, mexico: probability per attempt of arrival, and of a stop by Mexico.
        release: probability that a U.S. apprehension ends in release.
        again_us, again_mx: probability of another attempt after a stop by either country.
        attempts: largest number of attempts.

    Returns:
        Probability from 0 to 1.
    """
    stopped_us = max(0.0, 1.0 - arrive - mexico)
    success = arrive + stopped_us * release
    on = stopped_us * (1.0 - release) * again_us + mexico * again_mx
    total, reach = 0.0, 1.0
    for _ in range(attempts):
        total += reach * success
        reach *= on
    return min(total, 1.0)


@inlined
def success_from(outcomes, row, release, stop, attempts, p, params):
    """Return a migrant's probability of eventual success from the present place.

    Args:
        outcomes: expected outcomes or priors, shape (classes, N_EXPECTED, places).
        row: row of the class.
        release: probability of release by nation and kind.
        stop: additional chance that an attempt is stopped in the United States.
        attempts: largest number of attempts.
        p: the migrant's row.
        params: parameter record.

    Returns:
        Probability from 0 to 1.
    """
    nation = int(params.nation[p.origin])
    return eventual_success(
        outcomes[row, ARRIVE, p.place] * (1.0 - stop),
        outcomes[row, BY_MEXICO, p.place],
        release[nation, p.kind] * (1.0 - stop),
        params.again_us[nation, p.kind],
        params.again_mx[nation],
        int(attempts),
    )


@inlined
def base_success(p, prior, attempts, leg_state, params):
    """Return the probability of eventual success in the base year.

    Args:
        p: the migrant's row.
        prior: route class of the prior.
        attempts: largest number of attempts.
        leg_state, params: day-loop records.

    Returns:
        Probability from 0 to 1.
    """
    nation = int(params.nation[p.origin])
    return eventual_success(
        leg_state.prior[prior, ARRIVE, p.place],
        leg_state.prior[prior, BY_MEXICO, p.place],
        params.release_base[nation, p.kind],
        params.again_us_base[nation, p.kind],
        params.again_mx_base[nation],
        int(attempts),
    )


@kernel
def option_terms(p, learnt, prior, attempts, leg_state, params, news):
    """Return the terms of an option, which do not depend on a person's knowledge.

    Args:
        p: a migrant's row; origin, group, kind and place are read.
        learnt: route class whose beliefs the migrant shares.
        prior: route class of the prior.
        attempts: largest number of attempts.
        leg_state, params: day-loop records.
        news: 1 to believe the announcements in force, 0 to disregard them.

    Returns:
        Probability of eventual success by belief and by prior, violence by belief and by prior, and
        toll in dollars by belief.
    """
    if news > 0:
        view, stop = params.release_view, params.perceived_stop[int(params.nation[p.origin])]
    else:
        view, stop = params.release_seen, 0.0
    believed, base_year = leg_state.expected_outcomes, leg_state.prior
    return (
        success_from(believed, learnt, view, stop, attempts, p, params),
        success_from(base_year, prior, view, stop, attempts, p, params),
        believed[learnt, VIOLENCE, p.place],
        base_year[prior, VIOLENCE, p.place],
        believed[learnt, TOLL, p.place],
    )


@inlined
def perceived_success(p, learnt, prior, attempts, leg_state, params, news):
    """Return the perceived probability of eventual success of a mode.

    Args:
        p: the migrant's row.
        learnt: route class whose beliefs the migrant shares.
        prior: route class of the prior.
        attempts: largest number of attempts.
        leg_state, params: day-loop records.
        news: 1 to believe the announcements in force, 0 to disregard them.

    Returns:
        Probability from 0 to 1.
    """
    k = p.knowledge
    terms = option_terms(p, learnt, prior, attempts, leg_state, params, news)
    return k * terms[KNOWN] + (1.0 - k) * terms[PRIOR]


UNAVAILABLE = -1e15  # utility of an option that is closed or not affordable
STAY, LEGAL, GO, WAIT = 0, 1, 2, 3
MAX_WAITS = 4  # decisions after which a candidate does not wait again
SOLO = -1
PORT_TAG = 0xFFFFF  # takes the place of an organisation's uid in the key of the port option


@inlined
def solo_class(origin, surrender, informed):
    """Return the row of the route tables for migrants who travel alone.

    Args:
        origin: origin index.
        surrender: 1 if they surrender at the line.
        informed: 1 if they choose routes by the community's beliefs.

    Returns:
        Row of the route tables.
    """
    return origin * 4 + surrender * 2 + informed


@inlined
def guided_class(first, slot, group, surrender):
    """Return the row of the route tables for the clients of an organisation.

    The three classes of an organisation are Mexican, foreign evader and foreign surrenderer.

    Args:
        first: row of the first guided class.
        slot: the organisation's slot.
        group: group of the client.
        surrender: 1 if the client surrenders at the line.

    Returns:
        Row of the route tables.
    """
    return first + slot * 3 + group + (surrender if group > 0 else 0)


@kernel
def prelec(p, alpha):
    """Return Prelec's probability weighting, w(p) = exp(-(-ln p)**alpha).

    Args:
        p: probability.
        alpha: exponent; 1 does not change probabilities.

    Returns:
        Decision weight from 0 to 1.
    """
    if p <= 0.0:
        return 0.0
    if p >= 1.0:
        return 1.0
    return math.exp(-math.pow(-math.log(p), alpha))


@kernel
def expected_utility(chance, group, paid, params):
    """Return the utility of an attempt, under expected utility or prospect theory.

    Args:
        chance: probability of eventual success.
        group: the migrant's group.
        paid: $ that the attempt costs.
        params: parameter record.

    Returns:
        Dollars.
    """
    gain, loss = params.gain[group], params.loss[group]
    if params.prospect > 0.0:
        won = prelec(chance, params.prelec_alpha) * (gain - paid)
        return won - params.loss_aversion * prelec(1.0 - chance, params.prelec_alpha) * (
            loss + paid
        )
    return chance * gain - (1.0 - chance) * loss - paid


@inlined
def _perceived_utility(p, learnt, prior, attempts, leg_state, paid, params, news):
    """Return the utility of an option with perceived probabilities.

    `learnt` is the route class whose beliefs the migrant shares, `prior` the class of the prior.
    """
    k = p.knowledge
    terms = option_terms(p, learnt, prior, attempts, leg_state, params, news)
    chance = k * terms[KNOWN] + (1.0 - k) * terms[PRIOR]
    harm = k * terms[VIOLENCE_KNOWN] + (1.0 - k) * terms[VIOLENCE_PRIOR]
    dues = paid + k * terms[TOLL_KNOWN]
    return expected_utility(chance, p.group, dues, params) - params.danger_aversion * harm


@kernel
def _solo_utility(p, leg_state, params, news):
    """Return the utility of travelling alone from the present place."""
    paid = params.solo_cost[p.group]
    if funds(p, params.credit) < paid:
        return UNAVAILABLE
    learnt = solo_class(p.origin, p.surrender, 1)
    return (
        _perceived_utility(
            p, learnt, learnt - 1, params.solo_attempts, leg_state, paid, params, news
        )
        - params.solo_burden[p.group]
    )


@inlined
def _guided_utility(p, slot, leg_state, market, params, news):
    """Return the utility of a contract with an organisation from the present place."""
    row = guided_class(int(params.first_guided), slot, p.group, p.surrender)
    paid = market.price[slot, p.group]
    value = _perceived_utility(p, row, row, params.guided_attempts, leg_state, paid, params, news)
    waiting = 0.5 * market.delay[slot] * params.day_cost  # beyond the wait of the base year
    return value + params.reputation_value * market.reputation[slot] - waiting


@inlined
def _port_utility(p, leg_state, market, params, news):
    """Return the utility of a guided passage through a port, hidden or with false papers."""
    row = int(params.first_port) + p.group
    paid = market.port_price[p.group]
    value = _perceived_utility(p, row, row, params.guided_attempts, leg_state, paid, params, news)
    return value - params.port_burden[p.group]


@kernel
def mode_utilities(p, leg_state, market, params, news):
    """Fill the utility buffer with the utility of every mode.

    Entry 0 is travelling alone, entry 1 + slot an organisation, and entry PORT_OPTION the passage
    through a port, which any organisation that serves the community can arrange. The log of the
    number of sellers is subtracted, because more sellers of one service are not more reasons to
    leave.

    Args:
        p: the migrant's row.
        leg_state, market, params: day-loop records.
        news: 1 to believe the announcements in force, 0 to disregard them.

    Returns:
        Inclusive value of going in dollars, or UNAVAILABLE if no mode is affordable.
    """
    solo = _solo_utility(p, leg_state, params, news)
    leg_state.utility_buffer[0] = solo
    best, sellers, purse = UNAVAILABLE, 0, funds(p, params.credit)
    for slot in range(market.top):
        leg_state.utility_buffer[1 + slot] = UNAVAILABLE
        serves = market.active[slot] and (market.serves[slot] >> p.origin) & 1
        if serves and purse >= market.price[slot, p.group]:
            sellers += 1
            value = _guided_utility(p, slot, leg_state, market, params, news)
            leg_state.utility_buffer[1 + slot] = value
            best = max(best, value)
    crowd = params.mode_noise * math.log(max(1, sellers))
    port = UNAVAILABLE
    if sellers > 0 and params.ports > 0.0 and purse >= market.port_price[p.group]:
        port = _port_utility(p, leg_state, market, params, news)
    leg_state.utility_buffer[PORT_OPTION] = port
    best = max(best - crowd, solo, port)
    if best <= 0.5 * UNAVAILABLE:
        return UNAVAILABLE
    total = math.exp((solo - best) / params.mode_noise) if solo > 0.5 * UNAVAILABLE else 0.0
    if port > 0.5 * UNAVAILABLE:
        total += math.exp((port - best) / params.mode_noise)
    for j in range(1, market.top + 1):
        if leg_state.utility_buffer[j] > 0.5 * UNAVAILABLE:
            leg_state.utility_buffer[j] -= crowd
            total += math.exp((leg_state.utility_buffer[j] - best) / params.mode_noise)
    return best + params.mode_noise * math.log(total)


@kernel
def choose_mode(p, leg_state, market, params, seed):
    """Choose a mode by keyed Gumbel noise on the utility buffer of :func:`mode_utilities`.

    The noise is keyed by person and organisation, so that an entrant does not change the noise of
    the others. The organisation with the highest noisy utility arranges a passage through a port.

    Args:
        p: the migrant's row.
        leg_state, market, params: day-loop records.
        seed: seed for keyed draws.

    Returns:
        SOLO, the organisation's slot, or that slot plus PORT_OPTION for a passage through a
        port.
    """
    best, choice, best_guide, guide = UNAVAILABLE, SOLO, UNAVAILABLE, 0
    for j in range(market.top + 1):
        if leg_state.utility_buffer[j] > 0.5 * UNAVAILABLE:
            tag = 0 if j == 0 else market.uid[j - 1]
            u = draw4(seed, Stream.OPTION, p.uid, (tag << 12) | p.decisions)[0]
            noisy = leg_state.utility_buffer[j] + params.mode_noise * gumbel(u)
            if noisy > best:
                best, choice = noisy, j - 1
            if j > 0 and noisy > best_guide:
                best_guide, guide = noisy, j - 1
    if leg_state.utility_buffer[PORT_OPTION] > 0.5 * UNAVAILABLE:
        u = draw4(seed, Stream.OPTION, p.uid, (PORT_TAG << 12) | p.decisions)[0]
        if leg_state.utility_buffer[PORT_OPTION] + params.mode_noise * gumbel(u) > best:
            return guide + PORT_OPTION
    return choice


@kernel
def value_of_waiting(p, later, go, params):
    """Return the utility of waiting at home until an announcement wears off.

    Args:
        p: the migrant's row.
        later: inclusive value of going if the announcements in force are disregarded.
        go: inclusive value of going today.
        params: parameter record.

    Returns:
        Dollars; UNAVAILABLE if going later is not better than going today, or after MAX_WAITS.
    """
    if later <= go or later <= 0.5 * UNAVAILABLE or p.decisions >= MAX_WAITS:
        return UNAVAILABLE
    return go + params.waiting_recovery * (later - go) - params.waiting_cost[p.group]


@kernel
def choose_nest(p, go, waiting, can_apply, params, seed):
    """Choose STAY, LEGAL, GO or WAIT by keyed Gumbel noise.

    The noise of a person is the same at every decision before the departure, so a person who waits
    for the end of an announcement goes when it has worn off, as without it.

    Waiting is an alternative to going today and has the same noise. The share of people who compare
    waiting instead of going today with the other options is tanh(advantage / (2 noise)), that is
    2 P - 1 for a logit choice P between both. Without an advantage no candidate waits, so that weak
    news has a small effect.

    Args:
        p: the migrant's row.
        go: inclusive value of going, from :func:`mode_utilities`.
        waiting: utility of waiting, from :func:`value_of_waiting`.
        can_apply: whether the legal channel is an alternative.
        params: parameter record.
        seed: seed for keyed draws.

    Returns:
        STAY, LEGAL, GO or WAIT.
    """
    u = draw4(seed, Stream.NEST, p.uid, 0)
    group = p.group
    noise = params.decision_noise * params.noise_factor[group]
    stay = params.stay_value[group] + noise * gumbel(u[0])
    legal, hope = UNAVAILABLE, params.legal_hope[int(params.nation[p.origin])]
    if can_apply and hope > 0.0 and p.wealth >= params.legal_fee:
        legal = hope * params.gain[group] - params.legal_fee
        legal += params.legal_value[group] + noise * gumbel(u[1])
    going, later = UNAVAILABLE, False
    if go > 0.5 * UNAVAILABLE:
        later = waiting > go and u[3] < math.tanh((waiting - go) / (2.0 * noise))
        going = (waiting if later else go) + noise * gumbel(u[2])
    if going > stay and going > legal:
        return WAIT if later else GO
    return LEGAL if legal > stay else STAY


@kernel
def decide_departure(p, leg_state, market, params, seed):
    """Choose STAY, LEGAL, GO or WAIT. The utility buffer holds the modes of today.

    Args:
        p: the migrant's row.
        leg_state, market, params: day-loop records.
        seed: seed for keyed draws.

    Returns:
        STAY, LEGAL, GO or WAIT.
    """
    later = UNAVAILABLE
    if params.news[int(params.nation[p.origin])] > 0.0:
        later = mode_utilities(p, leg_state, market, params, 0)
    go = mode_utilities(p, leg_state, market, params, 1)
    return choose_nest(p, go, value_of_waiting(p, later, go, params), True, params, seed)


@kernel
def _prospects(p, leg_state, params):
    """Return the perceived change of the probability of success relative to the base, -1 to 1."""
    alone = p.org < 0
    prior = solo_class(p.origin, p.surrender, 0) if alone else p.route
    attempts = params.solo_attempts if alone else params.guided_attempts
    now = perceived_success(p, p.route, prior, attempts, leg_state, params, 1)
    return now - base_success(p, prior, attempts, leg_state, params)


@kernel
def retry_probability(p, leg_state, params):
    """Return the probability of another attempt after the last encounter.

    Args:
        p: the migrant's row.
        leg_state, params: day-loop records.

    Returns:
        Probability from 0 to 1.
    """
    base = params.retry[p.consequence, int(params.nation[p.origin]), p.kind]
    if base <= 0.0:
        return 0.0
    if base >= 1.0:
        return 1.0
    better = (
        _prospects(p, leg_state, params) * (params.gain[p.group] + params.loss[p.group]) / 10_000.0
    )
    odds = math.log(base / (1.0 - base)) + params.retry_value_slope * better
    odds -= params.retry_fatigue * max(0, p.caught - 1)
    return 1.0 / (1.0 + math.exp(-odds))
