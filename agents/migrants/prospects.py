"""A migrant's expectations: eventual success, expected utility, and probability of a retry.

An attempt ends with arrival, a stop by Mexico or a stop by the United States. The probability of
*eventual* success adds up all attempts that the person expects to make. Probabilities are
perceived: k * the belief of the community or organisation + (1 - k) * the prior. Everyone uses the
release probability that people expect on the day of the decision.
"""

import math

import numpy as np

from agents.jit import inlined, shared
from agents.outcomes import Consequence

# Rows in a class's expected outcomes.
ARRIVE, BY_MEXICO, VIOLENCE, TOLL = 0, 1, 2, 3
N_EXPECTED = 4
#: Positions of an option's terms, see :func:`option_terms`.
BELIEVED, PRIOR, VIOLENCE_BELIEVED, VIOLENCE_PRIOR, TOLL_BELIEVED = 0, 1, 2, 3, 4


@shared
def eventual_success(arrive, mexico, release, again_us, again_mx, attempts):
    """Return the probability of eventual success.

    Args:
        arrive, mexico: probability per attempt that it ends in arrival, or in a stop by Mexico.
        release: probability that a U.S. apprehension ends in release.
        again_us, again_mx: probability of another attempt after a stop by either country.
        attempts: maximum number of attempts.

    Returns:
        Probability from 0 to 1.
    """
    stopped_us = max(0.0, 1.0 - arrive - mexico)
    success = arrive + stopped_us * release
    another = stopped_us * (1.0 - release) * again_us + mexico * again_mx
    total, reach = 0.0, 1.0
    for _ in range(attempts):
        total += reach * success
        reach *= another
    return min(total, 1.0)


@inlined
def success_from(outcomes, row, release, again, attempts, p, params):
    """Return a migrant's probability of eventual success, starting from the present place.

    Args:
        outcomes: expected outcomes, or their priors, shape (classes, places, N_EXPECTED).
        row: the class's row.
        release: probability of release by nation and kind.
        again: probability of another attempt, after a stop by the United States by nation and kind,
            and after a stop by Mexico by nation.
        attempts: maximum number of attempts.
        p: the migrant's row.
        params: parameter record.

    Returns:
        Probability from 0 to 1.
    """
    nation = int(params.nation[p.origin])
    return eventual_success(
        outcomes[row, p.place, ARRIVE],
        outcomes[row, p.place, BY_MEXICO],
        release[nation, p.kind],
        again[0][nation, p.kind],
        again[1][nation],
        int(attempts),
    )


@inlined
def base_success(p, prior, attempts, leg_state, params):
    """Return the probability of eventual success in the base year.

    Args:
        p: the migrant's row.
        prior: route class for the prior.
        attempts: maximum number of attempts.
        leg_state, params: day-loop records.

    Returns:
        Probability from 0 to 1.
    """
    release, again = params.release_base, (params.again_us_base, params.again_mx_base)
    return success_from(leg_state.prior, prior, release, again, attempts, p, params)


@shared
def option_terms(p, learnt, prior, attempts, leg_state, params):
    """Return an option's terms, which do not depend on a person's knowledge.

    Args:
        p: a migrant's row, with origin, group, kind and place.
        learnt: route class with the beliefs that the migrant shares.
        prior: route class for the prior.
        attempts: maximum number of attempts.
        leg_state, params: day-loop records.

    Returns:
        Probability of eventual success by belief and by prior, violence by belief and by prior, and
        toll in dollars by belief.
    """
    believed, base_year = leg_state.expected_outcomes, leg_state.prior
    view, again = params.release_view, (params.again_us, params.again_mx)
    return (
        success_from(believed, learnt, view, again, attempts, p, params),
        success_from(base_year, prior, view, again, attempts, p, params),
        believed[learnt, p.place, VIOLENCE],
        base_year[prior, p.place, VIOLENCE],
        believed[learnt, p.place, TOLL],
    )


@shared
def perceived(p, terms, believed, prior):
    """Return the mean of two terms, weighted by the person's knowledge.

    Args:
        p: the migrant's row.
        terms: an option's terms, from :func:`option_terms`.
        believed, prior: positions of the two terms.

    Returns:
        A probability, or expected violence.
    """
    k = np.float64(p.knowledge)
    return k * terms[believed] + (1.0 - k) * terms[prior]


@inlined
def perceived_success(p, learnt, prior, attempts, leg_state, params):
    """Return a mode's perceived probability of eventual success.

    Args:
        p, learnt, prior, attempts, leg_state, params: as for :func:`option_terms`.

    Returns:
        Probability from 0 to 1.
    """
    terms = option_terms(p, learnt, prior, attempts, leg_state, params)
    return perceived(p, terms, BELIEVED, PRIOR)


@inlined
def solo_class(origin, surrender, informed):
    """Return the row in the route tables for migrants who travel alone.

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
    """Return the row in the route tables for an organisation's clients.

    An organisation has three classes: Mexican, foreign evader and foreign surrenderer.

    Args:
        first: row of the first guided class.
        slot: the organisation's slot.
        group: the client's group.
        surrender: 1 if the client surrenders at the line.

    Returns:
        Row of the route tables.
    """
    return first + slot * 3 + group + (surrender if group > 0 else 0)


@inlined
def prelec(p, alpha):
    """Return Prelec's probability weight, w(p) = exp(-(-ln p)**alpha).

    Args:
        p: probability.
        alpha: exponent. The value 1 leaves probabilities unchanged.

    Returns:
        Decision weight from 0 to 1.
    """
    if p <= 0.0:
        return 0.0
    if p >= 1.0:
        return 1.0
    return math.exp(-math.pow(-math.log(p), alpha))


@inlined
def expected_utility(chance, p, paid, params):
    """Return an attempt's utility, under expected utility or prospect theory.

    Args:
        chance: probability of eventual success.
        p: the migrant's row.
        paid: cost of the attempt, $.
        params: parameter record.

    Returns:
        Dollars.
    """
    gain, nation = params.gain[p.group], int(params.nation[p.origin])
    loss = params.loss[p.group] + params.bar_loss[nation, p.kind]
    if params.prospect > 0.0:
        won = prelec(chance, params.prelec_alpha) * (gain - paid)
        return won - params.loss_aversion * prelec(1.0 - chance, params.prelec_alpha) * (
            loss + paid
        )
    return chance * gain - (1.0 - chance) * loss - paid


@inlined
def retry_probability(p, leg_state, params):
    """Return the probability that the migrant tries again after the last encounter.

    Args:
        p: the migrant's row.
        leg_state, params: day-loop records.

    Returns:
        Probability from 0 to 1.
    """
    nation = int(params.nation[p.origin])
    base = params.retry[p.consequence, nation, p.kind]
    if p.consequence == Consequence.EXPULSION and p.place != p.gate:  # expelled home
        base = params.retry[Consequence.VOLUNTARY_RETURN, nation, p.kind]
    if base <= 0.0 or base >= 1.0:
        return min(max(base, 0.0), 1.0)
    is_solo = p.org < 0
    prior = solo_class(p.origin, p.surrender, 0) if is_solo else p.route
    attempts = params.solo_attempts if is_solo else params.guided_attempts
    rise = perceived_success(p, p.route, prior, attempts, leg_state, params)
    rise -= base_success(p, prior, attempts, leg_state, params)
    better = rise * (params.gain[p.group] + params.loss[p.group]) / 10_000.0
    odds = math.log(base / (1.0 - base)) + params.retry_value_slope * better
    odds -= params.retry_fatigue * max(0, p.caught - 1)
    return 1.0 / (1.0 + math.exp(-odds))
