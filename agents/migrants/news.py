"""Reports of leg outcomes to the migrant's community and organisation, as probabilities."""

import math

from agents.beliefs import HARMED, PASSED, STOPPED
from agents.jit import inlined, kernel
from agents.migrants.tallies import exact


@inlined
def exposure(p, market):
    """Return the share of a hazard that reaches the migrant; guides avoid the rest.

    Args:
        p: row of the migrant.
        market: record of the market.

    Returns:
        Share from 0 to 1; 1 without a guide.
    """
    return 1.0 - market.quality[p.org] if p.org >= 0 else 1.0


@kernel
def report_outcome(p, leg_state, passed, stopped, harmed):
    """Report the outcome probabilities of the leg under way to community and organisation.

    The reports are the probabilities that the migrant faced, not the drawn outcome. With drawn
    outcomes, a row of a hundred persons would report a hundred identical outcomes, and because
    routes are chosen by the best reports, noise alone would bias beliefs towards optimism.

    Args:
        p: row of the migrant.
        leg_state: record of the legs; the new reports are added to it.
        passed, stopped, harmed: probabilities of the three outcomes.
    """
    home, org, leg, weight = p.origin, p.org, p.leg, p.weight
    leg_state.new_reports_home[home, leg, PASSED] += exact(weight * passed)
    leg_state.new_reports_home[home, leg, STOPPED] += exact(weight * stopped)
    leg_state.new_reports_home[home, leg, HARMED] += exact(weight * harmed)
    if org >= 0:
        leg_state.new_reports_org[org, leg, PASSED] += exact(weight * passed)
        leg_state.new_reports_org[org, leg, STOPPED] += exact(weight * stopped)
        leg_state.new_reports_org[org, leg, HARMED] += exact(weight * harmed)


@kernel
def report_transit_outcome(p, leg_state, harm, exposed):
    """Report the outcome of a leg through Mexico or towards it.

    Args:
        p: row of the migrant.
        leg_state: record of the legs; the new reports are added to it.
        harm: probability of kidnapping or death.
        exposed: share of the hazard that reaches the migrant.
    """
    evaded = 1.0
    if p.group > 0 and leg_state.in_mexico[p.leg]:
        evaded = math.exp(-leg_state.mx_hazard[p.leg] * exposed)
    report_outcome(p, leg_state, (1.0 - harm) * evaded, (1.0 - harm) * (1.0 - evaded), harm)


@kernel
def report_line_outcome(p, leg_state, params, exposed):
    """Report the outcome of an attempt at the line; a turn-back counts as neither pass nor stop.

    Args:
        p: row of the migrant.
        leg_state: record of the legs; the new reports are added to it.
        params: record of the parameters.
        exposed: share of the hazard that reaches the migrant.
    """
    leg = p.leg
    detected = -math.expm1(-leg_state.us_hazard[leg] * exposed)
    caught = detected * params.caught_share * leg_state.respond[leg]
    turned = detected * params.turned_share * leg_state.respond[leg]
    report_outcome(p, leg_state, 1.0 - caught - turned, caught, 0.0)
