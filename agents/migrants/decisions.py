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
from agents.migrants.columns import PORT_WAY
from agents.migrants.tallies import means
from agents.outcomes import N_KINDS

_NEST, _OPTION = int(Stream.NEST), int(Stream.OPTION)
NO_WAY = -1e15  # worth of an option that is not open or not affordable
STAY, LEGAL, GO = 0, 1, 2
ARRIVE, BY_MEXICO, VIOLENCE, TOLL, CHANCE = 0, 1, 2, 3, 4  # rows of what a class expects
N_EXPECTED = CHANCE + N_KINDS
SOLO = -1
_PORT_TAG = 0xFFFFF  # stands for the port where an organisation's number stands in a key


@inlined
def solo_class(origin, surrender, knows):
    """Row of the route tables for those who travel alone."""
    return origin * 4 + surrender * 2 + knows


@inlined
def guided_class(first, slot, group, surrender):
    """Row of the route tables for clients: Mexican, foreign evader, foreign surrenderer."""
    return first + slot * 3 + group + (surrender if group > 0 else 0)


@kernel
def eventual(arrive, mexico, release, again_us, again_mx, attempts):
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
def reckon(expected_outcomes, release, again_us, again_mx, attempts):
    """Fill the chances of eventual success by kind, for every place.

    Args:
        ahead: expectations of a class, shape (N_EXPECTED, places).
        release: by kind; the rest as in :func:`eventual`.
    """
    for place in range(expected_outcomes.shape[1]):
        for kind in range(N_KINDS):
            expected_outcomes[CHANCE + kind, place] = eventual(
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
def worth(chance, group, paid, kernel_params):
    """Dollar worth of a try with this chance of eventual success."""
    gain, loss = kernel_params.gain[group], kernel_params.loss[group]
    if kernel_params.prospect > 0.0:
        won = prelec(chance, kernel_params.prelec_alpha) * (gain - paid)
        return won - kernel_params.loss_aversion * prelec(
            1.0 - chance, kernel_params.prelec_alpha
        ) * (loss + paid)
    return chance * gain - (1.0 - chance) * loss - paid


@inlined
def _worth(p, learnt, prior, leg_state, paid, kernel_params):
    """Worth of a way of going, perceived: learnt by class `learnt`, prior by class `prior`."""
    k, place, kind = p.knowledge, p.place, CHANCE + p.kind
    chance = (
        k * leg_state.expected_outcomes[learnt, kind, place]
        + (1.0 - k) * leg_state.prior[prior, kind, place]
    )
    harm = k * leg_state.expected_outcomes[learnt, VIOLENCE, place]
    harm += (1.0 - k) * leg_state.prior[prior, VIOLENCE, place]
    dues = paid + k * leg_state.expected_outcomes[learnt, TOLL, place]
    return worth(chance, p.group, dues, kernel_params) - kernel_params.danger_aversion * harm


@kernel
def worth_solo(p, leg_state, kernel_params):
    """Worth of going alone from where the person is."""
    paid = kernel_params.solo_cost[p.group]
    if means(p, kernel_params.credit) < paid:
        return NO_WAY
    learnt = solo_class(p.origin, p.surrender, 1)
    return (
        _worth(p, learnt, learnt - 1, leg_state, paid, kernel_params)
        - kernel_params.solo_burden[p.group]
    )


@inlined
def worth_guided(p, slot, leg_state, market, kernel_params):
    """Worth of a contract with an organisation, from where the person is."""
    row = guided_class(int(kernel_params.first_guided), slot, p.group, p.surrender)
    value = _worth(p, row, row, leg_state, market.price[slot, p.group], kernel_params)
    return value + kernel_params.reputation_value * market.reputation[slot]


@inlined
def worth_port(p, leg_state, market, kernel_params):
    """Worth of being guided through a port, hidden or with false papers."""
    row = int(kernel_params.first_port) + p.group
    value = _worth(p, row, row, leg_state, market.port_price[p.group], kernel_params)
    return value - kernel_params.port_burden[p.group]


@kernel
def weigh_ways(p, leg_state, market, kernel_params):
    """Fill the scratch with the worth of going alone [0], with each organisation [1 + slot], and
    through a port [PORT_WAY], which any organisation that serves the community can arrange.

    Returns the inclusive value of going, or NO_WAY if nothing is affordable. The number of
    sellers is taken out: more sellers of the same service are not more reasons to leave.
    """
    solo = worth_solo(p, leg_state, kernel_params)
    leg_state.scratch[0] = solo
    best, sellers, purse = NO_WAY, 0, means(p, kernel_params.credit)
    for slot in range(market.top):
        leg_state.scratch[1 + slot] = NO_WAY
        serves = market.active[slot] and (market.serves[slot] >> p.origin) & 1
        if serves and purse >= market.price[slot, p.group]:
            sellers += 1
            value = worth_guided(p, slot, leg_state, market, kernel_params)
            leg_state.scratch[1 + slot] = value
            best = max(best, value)
    crowd = kernel_params.mode_noise * math.log(max(1, sellers))
    port = NO_WAY
    if sellers > 0 and kernel_params.ports > 0.0 and purse >= market.port_price[p.group]:
        port = worth_port(p, leg_state, market, kernel_params)
    leg_state.scratch[PORT_WAY] = port
    best = max(best - crowd, solo, port)
    if best <= 0.5 * NO_WAY:
        return NO_WAY
    total = math.exp((solo - best) / kernel_params.mode_noise) if solo > 0.5 * NO_WAY else 0.0
    if port > 0.5 * NO_WAY:
        total += math.exp((port - best) / kernel_params.mode_noise)
    for j in range(1, market.top + 1):
        if leg_state.scratch[j] > 0.5 * NO_WAY:
            leg_state.scratch[j] -= crowd
            total += math.exp((leg_state.scratch[j] - best) / kernel_params.mode_noise)
    return best + kernel_params.mode_noise * math.log(total)


@kernel
def choose_way(p, leg_state, market, kernel_params, seed):
    """SOLO, the slot of the organisation chosen, or that plus PORT_WAY for a way through a port.

    Takes the scratch as :func:`weigh_ways` left it. The noise belongs to the person and the
    organisation, so an entrant changes nobody's taste for the others. The way through a port is
    arranged by the organisation that the person likes best.
    """
    best, choice, best_guide, guide = NO_WAY, SOLO, NO_WAY, 0
    for j in range(market.top + 1):
        if leg_state.scratch[j] > 0.5 * NO_WAY:
            tag = 0 if j == 0 else market.uid[j - 1]
            u = draw4(seed, _OPTION, p.uid, (tag << 12) | p.decisions)[0]
            noisy = leg_state.scratch[j] + kernel_params.mode_noise * gumbel(u)
            if noisy > best:
                best, choice = noisy, j - 1
            if j > 0 and noisy > best_guide:
                best_guide, guide = noisy, j - 1
    if leg_state.scratch[PORT_WAY] > 0.5 * NO_WAY:
        u = draw4(seed, _OPTION, p.uid, (_PORT_TAG << 12) | p.decisions)[0]
        if leg_state.scratch[PORT_WAY] + kernel_params.mode_noise * gumbel(u) > best:
            return guide + PORT_WAY
    return choice


@kernel
def choose_nest(p, go, kernel_params, seed):
    """STAY, LEGAL or GO, by keyed Gumbel noise on the three."""
    u = draw4(seed, _NEST, p.uid, p.decisions)
    noise, group = kernel_params.decision_noise, p.group
    stay = kernel_params.stay_value[group] + noise * gumbel(u[0])
    legal = NO_WAY
    if kernel_params.legal_hope[group] > 0.0 and p.wealth >= kernel_params.legal_fee:
        legal = (
            kernel_params.legal_hope[group] * kernel_params.gain[group] - kernel_params.legal_fee
        )
        legal += kernel_params.legal_value[group] + noise * gumbel(u[1])
    going = go + noise * gumbel(u[2]) if go > 0.5 * NO_WAY else NO_WAY
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
def retry_probability(p, leg_state, kernel_params):
    """Chance to try again after the last encounter."""
    base = kernel_params.retry[p.consequence, p.group]
    if base <= 0.0:
        return 0.0
    if base >= 1.0:
        return 1.0
    better = (
        prospects(p, leg_state)
        * (kernel_params.gain[p.group] + kernel_params.loss[p.group])
        / 10_000.0
    )
    odds = math.log(base / (1.0 - base)) + kernel_params.retry_value_slope * better
    odds -= kernel_params.retry_fatigue * max(0, p.caught - 1)
    return 1.0 / (1.0 + math.exp(-odds))
