"""The decision to leave, how to go, and whether to try again.

A nested logit with keyed noise. The upper nest is stay, legal channel or go; the lower is alone,
with one of the organisations that serve the community, or guided through a port of entry. Every
option is worth, in dollars,

    V = E * gain - (1 - E) * loss - paid - aversion * violence

with E the chance of *eventual* success over the attempts the person reckons with. Chances are
perceived: k * what the community or organisation has learnt + (1 - k) * the prior.
"""

import math

from agents.chance import draw4, gumbel
from agents.environment import Stream
from agents.jit import inlined, kernel
from agents.migrants.columns import PORT_OPTION
from agents.migrants.tallies import funds
from agents.outcomes import N_KINDS

_NEST, _OPTION = int(Stream.NEST), int(Stream.OPTION)
UNAVAILABLE = -1e15  # worth of an option that is not open or not affordable
STAY, LEGAL, GO = 0, 1, 2
ARRIVE, BY_MEXICO, VIOLENCE, TOLL, CHANCE = 0, 1, 2, 3, 4  # rows of what a class expects
N_EXPECTED = CHANCE + N_KINDS
SOLO = -1
_PORT_TAG = 0xFFFFF  # stands for the port where an organisation's number stands in a key


@inlined
def solo_class(origin, surrender, informed):
    """Row of the route tables for those who travel alone."""
    return origin * 4 + surrender * 2 + informed


@inlined
def guided_class(first, slot, group, surrender):
    """Row of the route tables for clients: Mexican, foreign evader, foreign surrenderer."""
    return first + slot * 3 + group + (surrender if group > 0 else 0)


@kernel
def eventual_success(arrive, mexico, release, again_us, again_mx, attempts):
    """Chance of eventual success.

    Args:
        arrive, mexico: chance per attempt to arrive unstopped, to be stopped by Mexico.
        release: chance that a U.S. apprehension ends in release.
        again_us, again_mx: chance to try again after a stop by either country.
        attempts: how many attempts are reckoned with.
    """
    stopped_us = max(0.0, 1.0 - arrive - mexico)
    success = arrive + stopped_us * release
    on = stopped_us * (1.0 - release) * again_us + mexico * again_mx
    total, reach = 0.0, 1.0
    for _ in range(attempts):
        total += reach * success
        reach *= on
    return min(total, 1.0)


@kernel
def success_probabilities(expected_outcomes, release, again_us, again_mx, attempts):
    """Fill the chances of eventual success by kind, for every place.

    Args:
        ahead: expectations of a class, shape (N_EXPECTED, places).
        release: by kind; the rest as in :func:`eventual`.
    """
    for place in range(expected_outcomes.shape[1]):
        for kind in range(N_KINDS):
            expected_outcomes[CHANCE + kind, place] = eventual_success(
                expected_outcomes[ARRIVE, place],
                expected_outcomes[BY_MEXICO, place],
                release[kind],
                again_us,
                again_mx,
                attempts,
            )


@kernel
def prelec(p, alpha):
    """Prelec's probability weighting, w(p) = exp(-(-ln p)**alpha)."""
    if p <= 0.0:
        return 0.0
    if p >= 1.0:
        return 1.0
    return math.exp(-math.pow(-math.log(p), alpha))


@kernel
def expected_utility(chance, group, paid, params):
    """Dollar worth of a try with this chance of eventual success."""
    gain, loss = params.gain[group], params.loss[group]
    if params.prospect > 0.0:
        won = prelec(chance, params.prelec_alpha) * (gain - paid)
        return won - params.loss_aversion * prelec(1.0 - chance, params.prelec_alpha) * (
            loss + paid
        )
    return chance * gain - (1.0 - chance) * loss - paid


@inlined
def _perceived_utility(p, learnt, prior, leg_state, paid, params):
    """Worth of a way of going, perceived: learnt by class `learnt`, prior by class `prior`."""
    k, place, kind = p.knowledge, p.place, CHANCE + p.kind
    chance = (
        k * leg_state.expected_outcomes[learnt, kind, place]
        + (1.0 - k) * leg_state.prior[prior, kind, place]
    )
    harm = k * leg_state.expected_outcomes[learnt, VIOLENCE, place]
    harm += (1.0 - k) * leg_state.prior[prior, VIOLENCE, place]
    dues = paid + k * leg_state.expected_outcomes[learnt, TOLL, place]
    return expected_utility(chance, p.group, dues, params) - params.danger_aversion * harm


@kernel
def _solo_utility(p, leg_state, params):
    """Worth of going alone from where the person is."""
    paid = params.solo_cost[p.group]
    if funds(p, params.credit) < paid:
        return UNAVAILABLE
    learnt = solo_class(p.origin, p.surrender, 1)
    return (
        _perceived_utility(p, learnt, learnt - 1, leg_state, paid, params)
        - params.solo_burden[p.group]
    )


@inlined
def _guided_utility(p, slot, leg_state, market, params):
    """Worth of a contract with an organisation, from where the person is."""
    row = guided_class(int(params.first_guided), slot, p.group, p.surrender)
    value = _perceived_utility(p, row, row, leg_state, market.price[slot, p.group], params)
    return value + params.reputation_value * market.reputation[slot]


@inlined
def _port_utility(p, leg_state, market, params):
    """Worth of being guided through a port, hidden or with false papers."""
    row = int(params.first_port) + p.group
    value = _perceived_utility(p, row, row, leg_state, market.port_price[p.group], params)
    return value - params.port_burden[p.group]


@kernel
def mode_utilities(p, leg_state, market, params):
    """Fill the scratch with the worth of going alone [0], with each organisation [1 + slot], and
    through a port [PORT_WAY], which any organisation that serves the community can arrange.

    Returns the inclusive value of going, or NO_WAY if nothing is affordable. The number of
    sellers is taken out: more sellers of the same service are not more reasons to leave.
    """
    solo = _solo_utility(p, leg_state, params)
    leg_state.utility_buffer[0] = solo
    best, sellers, purse = UNAVAILABLE, 0, funds(p, params.credit)
    for slot in range(market.top):
        leg_state.utility_buffer[1 + slot] = UNAVAILABLE
        serves = market.active[slot] and (market.serves[slot] >> p.origin) & 1
        if serves and purse >= market.price[slot, p.group]:
            sellers += 1
            value = _guided_utility(p, slot, leg_state, market, params)
            leg_state.utility_buffer[1 + slot] = value
            best = max(best, value)
    crowd = params.mode_noise * math.log(max(1, sellers))
    port = UNAVAILABLE
    if sellers > 0 and params.ports > 0.0 and purse >= market.port_price[p.group]:
        port = _port_utility(p, leg_state, market, params)
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
    """SOLO, the slot of the organisation chosen, or that plus PORT_WAY for a way through a port.

    Takes the scratch as :func:`weigh_ways` left it. The noise belongs to the person and the
    organisation, so an entrant changes nobody's taste for the others. The way through a port is
    arranged by the organisation that the person likes best.
    """
    best, choice, best_guide, guide = UNAVAILABLE, SOLO, UNAVAILABLE, 0
    for j in range(market.top + 1):
        if leg_state.utility_buffer[j] > 0.5 * UNAVAILABLE:
            tag = 0 if j == 0 else market.uid[j - 1]
            u = draw4(seed, _OPTION, p.uid, (tag << 12) | p.decisions)[0]
            noisy = leg_state.utility_buffer[j] + params.mode_noise * gumbel(u)
            if noisy > best:
                best, choice = noisy, j - 1
            if j > 0 and noisy > best_guide:
                best_guide, guide = noisy, j - 1
    if leg_state.utility_buffer[PORT_OPTION] > 0.5 * UNAVAILABLE:
        u = draw4(seed, _OPTION, p.uid, (_PORT_TAG << 12) | p.decisions)[0]
        if leg_state.utility_buffer[PORT_OPTION] + params.mode_noise * gumbel(u) > best:
            return guide + PORT_OPTION
    return choice


@kernel
def choose_nest(p, go, params, seed):
    """STAY, LEGAL or GO, by keyed Gumbel noise on the three."""
    u = draw4(seed, _NEST, p.uid, p.decisions)
    noise, group = params.decision_noise, p.group
    stay = params.stay_value[group] + noise * gumbel(u[0])
    legal = UNAVAILABLE
    if params.legal_hope[group] > 0.0 and p.wealth >= params.legal_fee:
        legal = params.legal_hope[group] * params.gain[group] - params.legal_fee
        legal += params.legal_value[group] + noise * gumbel(u[1])
    going = go + noise * gumbel(u[2]) if go > 0.5 * UNAVAILABLE else UNAVAILABLE
    if going > stay and going > legal:
        return GO
    return LEGAL if legal > stay else STAY


@kernel
def prospects(p, leg_state):
    """How much better eventual success looks than under the prior, -1 to 1."""
    base = solo_class(p.origin, p.surrender, 0) if p.org < 0 else p.route
    kind = CHANCE + p.kind
    now, then = (
        leg_state.expected_outcomes[p.route, kind, p.place],
        leg_state.prior[base, kind, p.place],
    )
    return p.knowledge * (now - then)


@kernel
def retry_probability(p, leg_state, params):
    """Chance to try again after the last encounter."""
    base = params.retry[p.consequence, p.group]
    if base <= 0.0:
        return 0.0
    if base >= 1.0:
        return 1.0
    better = prospects(p, leg_state) * (params.gain[p.group] + params.loss[p.group]) / 10_000.0
    odds = math.log(base / (1.0 - base)) + params.retry_value_slope * better
    odds -= params.retry_fatigue * max(0, p.caught - 1)
    return 1.0 / (1.0 + math.exp(-odds))
