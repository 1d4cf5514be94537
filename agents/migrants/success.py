"""Probabilities of eventual success, as people perceive them, and the terms of an option to travel.

The terms of an option that depend on beliefs are equal for all people of one community, group,
kind, plan and place. Candidates of a stratum decide at home on the same day, so their terms are
computed once (:mod:`agents.migrants.candidate_batch`).
"""

from agents.jit import inlined, kernel

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
        p: row of the migrant.
        params: record of the parameters.

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
        p: row of the migrant.
        prior: route class of the prior.
        attempts: largest number of attempts.
        leg_state, params: records of the day loop.

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
        p: row of a migrant; origin, group, kind and place are read.
        learnt: route class whose beliefs the migrant shares.
        prior: route class of the prior.
        attempts: largest number of attempts.
        leg_state, params: records of the day loop.
        news: 1 to believe the announcements in force, 0 to disregard them.

    Returns:
        Probability of eventual success by belief and by prior, violence by belief and by prior, and
        toll in dollars by belief.
    """
    if news > 0:
        view, stop = params.release_view, params.perceived_stop[int(params.nation[p.origin])]
    else:
        view, stop = params.release_seen, 0.0
    known, guess = leg_state.expected_outcomes, leg_state.prior
    return (
        success_from(known, learnt, view, stop, attempts, p, params),
        success_from(guess, prior, view, stop, attempts, p, params),
        known[learnt, VIOLENCE, p.place],
        guess[prior, VIOLENCE, p.place],
        known[learnt, TOLL, p.place],
    )


@inlined
def perceived_success(p, learnt, prior, attempts, leg_state, params, news):
    """Return the perceived probability of eventual success of a mode.

    Args:
        p: row of the migrant.
        learnt: route class whose beliefs the migrant shares.
        prior: route class of the prior.
        attempts: largest number of attempts.
        leg_state, params: records of the day loop.
        news: 1 to believe the announcements in force, 0 to disregard them.

    Returns:
        Probability from 0 to 1.
    """
    k = p.knowledge
    terms = option_terms(p, learnt, prior, attempts, leg_state, params, news)
    return k * terms[KNOWN] + (1.0 - k) * terms[PRIOR]
