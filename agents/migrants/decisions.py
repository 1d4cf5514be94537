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
def reckon(ahead, release, again_us, again_mx, attempts):
    """Fill the chances of eventual success by kind, for every place.

    Args:
        ahead: expectations of a class, shape (N_EXPECTED, places).
        release: by kind; the rest as in :func:`eventual`.
    """
    for place in range(ahead.shape[1]):
        for kind in range(N_KINDS):
            ahead[CHANCE + kind, place] = eventual(
                ahead[ARRIVE, place],
                ahead[BY_MEXICO, place],
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
def worth(chance, group, paid, rules):
    """Dollar worth of a try with this chance of eventual success."""
    gain, loss = rules.gain[group], rules.loss[group]
    if rules.prospect > 0.0:
        won = prelec(chance, rules.prelec_alpha) * (gain - paid)
        return won - rules.loss_aversion * prelec(1.0 - chance, rules.prelec_alpha) * (loss + paid)
    return chance * gain - (1.0 - chance) * loss - paid


@inlined
def _worth(p, learnt, prior, ground, paid, rules):
    """Worth of a way of going, perceived: learnt by class `learnt`, prior by class `prior`."""
    k, place, kind = p.knowledge, p.place, CHANCE + p.kind
    chance = k * ground.ahead[learnt, kind, place] + (1.0 - k) * ground.prior[prior, kind, place]
    harm = k * ground.ahead[learnt, VIOLENCE, place]
    harm += (1.0 - k) * ground.prior[prior, VIOLENCE, place]
    dues = paid + k * ground.ahead[learnt, TOLL, place]
    return worth(chance, p.group, dues, rules) - rules.danger_aversion * harm


@kernel
def worth_solo(p, ground, rules):
    """Worth of going alone from where the person is."""
    paid = rules.solo_cost[p.group]
    if means(p, rules.credit) < paid:
        return NO_WAY
    learnt = solo_class(p.origin, p.surrender, 1)
    return _worth(p, learnt, learnt - 1, ground, paid, rules) - rules.solo_burden[p.group]


@inlined
def worth_guided(p, slot, ground, market, rules):
    """Worth of a contract with an organisation, from where the person is."""
    row = guided_class(int(rules.first_guided), slot, p.group, p.surrender)
    value = _worth(p, row, row, ground, market.price[slot, p.group], rules)
    return value + rules.reputation_value * market.reputation[slot]


@inlined
def worth_port(p, ground, market, rules):
    """Worth of being guided through a port, hidden or with false papers."""
    row = int(rules.first_port) + p.group
    value = _worth(p, row, row, ground, market.port_price[p.group], rules)
    return value - rules.port_burden[p.group]


@kernel
def weigh_ways(p, ground, market, rules):
    """Fill the scratch with the worth of going alone [0], with each organisation [1 + slot], and
    through a port [PORT_WAY], which any organisation that serves the community can arrange.

    Returns the inclusive value of going, or NO_WAY if nothing is affordable. The number of
    sellers is taken out: more sellers of the same service are not more reasons to leave.
    """
    solo = worth_solo(p, ground, rules)
    ground.scratch[0] = solo
    best, sellers, purse = NO_WAY, 0, means(p, rules.credit)
    for slot in range(market.top):
        ground.scratch[1 + slot] = NO_WAY
        serves = market.active[slot] and (market.serves[slot] >> p.origin) & 1
        if serves and purse >= market.price[slot, p.group]:
            sellers += 1
            value = worth_guided(p, slot, ground, market, rules)
            ground.scratch[1 + slot] = value
            best = max(best, value)
    crowd = rules.mode_noise * math.log(max(1, sellers))
    port = NO_WAY
    if sellers > 0 and rules.ports > 0.0 and purse >= market.port_price[p.group]:
        port = worth_port(p, ground, market, rules)
    ground.scratch[PORT_WAY] = port
    best = max(best - crowd, solo, port)
    if best <= 0.5 * NO_WAY:
        return NO_WAY
    total = math.exp((solo - best) / rules.mode_noise) if solo > 0.5 * NO_WAY else 0.0
    if port > 0.5 * NO_WAY:
        total += math.exp((port - best) / rules.mode_noise)
    for j in range(1, market.top + 1):
        if ground.scratch[j] > 0.5 * NO_WAY:
            ground.scratch[j] -= crowd
            total += math.exp((ground.scratch[j] - best) / rules.mode_noise)
    return best + rules.mode_noise * math.log(total)


@kernel
def choose_way(p, ground, market, rules, seed):
    """SOLO, the slot of the organisation chosen, or that plus PORT_WAY for a way through a port.

    Takes the scratch as :func:`weigh_ways` left it. The noise belongs to the person and the
    organisation, so an entrant changes nobody's taste for the others. The way through a port is
    arranged by the organisation that the person likes best.
    """
    best, choice, best_guide, guide = NO_WAY, SOLO, NO_WAY, 0
    for j in range(market.top + 1):
        if ground.scratch[j] > 0.5 * NO_WAY:
            tag = 0 if j == 0 else market.uid[j - 1]
            u = draw4(seed, _OPTION, p.uid, (tag << 12) | p.decisions)[0]
            noisy = ground.scratch[j] + rules.mode_noise * gumbel(u)
            if noisy > best:
                best, choice = noisy, j - 1
            if j > 0 and noisy > best_guide:
                best_guide, guide = noisy, j - 1
    if ground.scratch[PORT_WAY] > 0.5 * NO_WAY:
        u = draw4(seed, _OPTION, p.uid, (_PORT_TAG << 12) | p.decisions)[0]
        if ground.scratch[PORT_WAY] + rules.mode_noise * gumbel(u) > best:
            return guide + PORT_WAY
    return choice


@kernel
def choose_nest(p, go, rules, seed):
    """STAY, LEGAL or GO, by keyed Gumbel noise on the three."""
    u = draw4(seed, _NEST, p.uid, p.decisions)
    noise, group = rules.decision_noise, p.group
    stay = rules.stay_value[group] + noise * gumbel(u[0])
    legal = NO_WAY
    if rules.legal_hope[group] > 0.0 and p.wealth >= rules.legal_fee:
        legal = rules.legal_hope[group] * rules.gain[group] - rules.legal_fee
        legal += rules.legal_value[group] + noise * gumbel(u[1])
    going = go + noise * gumbel(u[2]) if go > 0.5 * NO_WAY else NO_WAY
    if going > stay and going > legal:
        return GO
    return LEGAL if legal > stay else STAY


@kernel
def prospects(p, ground):
    """How much better eventual success looks than under the prior, -1 to 1."""
    base = solo_class(p.origin, p.surrender, 0) if p.org < 0 else p.route
    kind = CHANCE + p.kind
    now, then = ground.ahead[p.route, kind, p.place], ground.prior[base, kind, p.place]
    return p.knowledge * (now - then)


@kernel
def retry_probability(p, ground, rules):
    """Chance to try again after the last encounter."""
    base = rules.retry[p.consequence, p.group]
    if base <= 0.0:
        return 0.0
    if base >= 1.0:
        return 1.0
    better = prospects(p, ground) * (rules.gain[p.group] + rules.loss[p.group]) / 10_000.0
    odds = math.log(base / (1.0 - base)) + rules.retry_value_slope * better
    odds -= rules.retry_fatigue * max(0, p.caught - 1)
    return 1.0 / (1.0 + math.exp(-odds))
