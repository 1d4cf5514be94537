"""What is told of a leg: the odds that people ran, to their community and organisation."""

import math

from agents.beliefs import HARMED, PASSED, STOPPED
from agents.jit import inlined, kernel


@inlined
def exposure(p, market):
    """Share of a hazard that reaches the person: guides avoid some of it."""
    return 1.0 - market.quality[p.org] if p.org >= 0 else 1.0


@kernel
def report_outcome(p, leg_state, passed, stopped, harmed):
    """News of the leg under way, for the community and for the organisation.

    Told are the odds that people ran, not how the dice fell: who lives by a route knows how
    dangerous it is. Were outcomes told, a row of a hundred persons would tell a hundred equal
    stories, and since routes are chosen by the best news, noise alone would make people hopeful.
    """
    home, org, leg, weight = p.origin, p.org, p.leg, p.weight
    leg_state.new_reports_home[home, leg, PASSED] += weight * passed
    leg_state.new_reports_home[home, leg, STOPPED] += weight * stopped
    leg_state.new_reports_home[home, leg, HARMED] += weight * harmed
    if org >= 0:
        leg_state.new_reports_org[org, leg, PASSED] += weight * passed
        leg_state.new_reports_org[org, leg, STOPPED] += weight * stopped
        leg_state.new_reports_org[org, leg, HARMED] += weight * harmed


@kernel
def report_transit_outcome(p, leg_state, harm, exposed):
    """News of a leg through Mexico or towards it."""
    clear = 1.0
    if p.group > 0 and leg_state.in_mexico[p.leg]:
        clear = math.exp(-leg_state.mx_hazard[p.leg] * exposed)
    report_outcome(p, leg_state, (1.0 - harm) * clear, (1.0 - harm) * (1.0 - clear), harm)


@kernel
def report_line_outcome(p, leg_state, params, exposed):
    """News of an attempt at the line; turn-backs decide nothing and are not told."""
    leg = p.leg
    seen = -math.expm1(-leg_state.us_hazard[leg] * exposed)
    caught = seen * params.caught_share * leg_state.respond[leg]
    turned = seen * params.turned_share * leg_state.respond[leg]
    report_outcome(p, leg_state, 1.0 - caught - turned, caught, 0.0)
