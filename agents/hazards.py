"""Hazards of the day on every leg, by the detection law (:mod:`agents.contest`)."""

from typing import NamedTuple

import numpy as np
from numba.extending import register_jitable

from agents.contest import answered_share, as_hazard, crowded, integrity, power, worked_power
from agents.jit import inlined, kernel

for law in (answered_share, as_hazard, crowded, integrity, power, worked_power):
    register_jitable(law)


class ContestedLegs(NamedTuple):
    """Legs in the base year, shape (legs,), and where the flow on a leg counts.

    Attributes:
        mx_hazard, us_hazard: hazards of interdiction and detection, per passage.
        death, kidnap: hazards per elapsed day.
        days: travel days.
        flow: persons a day, shape (legs, 3).
        line_sector: sector whose flow over the line includes the leg, -1 for none.
        zone: zone in Mexico whose flow includes the leg, -1 for none.
        place_zone: zone by place.
        zones: number of zones.
        port_legs, port_of_leg: legs into ports, and the port of each.
    """

    mx_hazard: np.ndarray
    us_hazard: np.ndarray
    death: np.ndarray
    kidnap: np.ndarray
    days: np.ndarray
    flow: np.ndarray
    line_sector: np.ndarray
    zone: np.ndarray
    place_zone: np.ndarray
    zones: int
    port_legs: np.ndarray
    port_of_leg: np.ndarray


class Forces(NamedTuple):
    """What both countries and their policies put on the legs today.

    Attributes:
        effort, strength, match: of U.S. agents by sector: operating tempo, strength over the base
            year, and the hazard on today's map over that on the agency's own.
        calls, capacity: calls on U.S. agents, and calls that they can answer, by sector.
        mexican_powers: factor from effort and strength on hazards in Mexico, for honest officers
            and for all, shape (2, places).
        watch: relative rise of the hazard in Mexico through surveillance, by leg.
        mexican_match: as `match`, for Mexico.
        response: share of encounters in Mexico with a free officer.
        leg_delay, leg_danger: levers by leg: more travel days, relative rise of the death hazard.
        violence: relative rise of the kidnapping hazard, by leg.
    """

    effort: np.ndarray
    strength: np.ndarray
    match: np.ndarray
    calls: np.ndarray
    capacity: np.ndarray
    mexican_powers: np.ndarray
    watch: np.ndarray
    mexican_match: float
    response: float
    leg_delay: np.ndarray
    leg_danger: np.ndarray
    violence: np.ndarray


@kernel
def set_hazards(leg_states, base, forces, ports, flow, eta, chi):
    """Set the hazards of the day on all legs, and their travel days.

    Args:
        leg_states: leg record, as an array of one, changed.
        base: :class:`ContestedLegs`.
        forces: :class:`Forces`.
        ports: array of :data:`agents.port_day.PORT`.
        flow: persons a day by leg, shape (legs, 3).
        eta, chi: returns to strength, and hazard reduction per excess flow.

    Returns:
        Factor on the base-year hazard of the line, by sector.
    """
    legs = leg_states[0]
    factor = _set_line_legs(legs, base, forces, flow, eta, chi)
    _set_mexican_legs(legs, base, forces, flow, chi)
    for leg in range(base.days.size):
        legs.days[leg] = base.days[leg] + forces.leg_delay[leg]
        legs.death[leg] = base.death[leg] * (1.0 + forces.leg_danger[leg])
        legs.kidnap[leg] = base.kidnap[leg] * (1.0 + forces.violence[leg])
    for k in range(base.port_legs.size):
        leg, port = base.port_legs[k], ports[base.port_of_leg[k]]
        legs.us_hazard[leg], legs.port_wait[leg] = as_hazard(port.find_person), port.asylum_wait
    return factor


@inlined
def _set_line_legs(legs, base, forces, flow, eta, chi):
    """Set detection at the line and the response of agents; return the factor by sector."""
    crowding = crowding_ratio(flow, base.flow, 0, 3, base.line_sector, forces.effort.size)
    factor, answered = np.empty(crowding.size), np.zeros(crowding.size)
    for k in range(factor.size):
        full = power(forces.effort[k] * forces.strength[k], eta)
        factor[k] = crowded(full, crowding[k], chi) * forces.match[k]
        if forces.capacity[k] > 0.0:
            answered[k] = answered_share(forces.calls[k] / max(forces.capacity[k], 1e-9))
    for leg in range(base.days.size):
        sector = legs.sector[leg]
        legs.us_hazard[leg] = base.us_hazard[leg] * factor[sector]
        legs.respond[leg] = answered[sector] if sector >= 0 else 1.0
    return factor


@inlined
def _set_mexican_legs(legs, base, forces, flow, chi):
    """Set interdiction and extortion on the legs in Mexico."""
    crowding = crowding_ratio(flow, base.flow, 1, 2, base.zone, base.zones)
    powers = forces.mexican_powers
    for leg in range(base.days.size):
        place = legs.head[leg]
        excess = crowding[base.place_zone[place]]
        honest = crowded(powers[0, place], excess, chi) * forces.mexican_match
        everybody = crowded(powers[1, place], excess, chi) * forces.mexican_match
        watched = base.mx_hazard[leg] * (1.0 + forces.watch[leg])
        legs.mx_hazard[leg] = watched * honest * forces.response
        legs.extort_hazard[leg] = watched * (everybody - honest) * forces.response


@kernel
def mexican_powers(officers, posts, effort, base, competence, bribery, eta, returns):
    """Compute the factor from effort and strength of Mexico's officers on hazards, by place.

    Organisations offer a higher bribe where the hazard has risen. Better paid and vetted officers
    require a higher one.

    Args:
        officers: officers at work by place.
        posts: the same without those of policies.
        effort: operating tempo by place.
        base: officers and honest strength by place for which hazards are declared.
        competence: of the officers in `posts`, of the others, and the share that equipment adds.
        bribery: bribe at the declared hazard, its response to the hazard, the bribe that buys half
            the officers, and its spread.
        eta, returns: returns to strength and to effort.

    Returns:
        Honest officers, shape (places,), and the factors from honest and from all officers, shape
        (2, places).
    """
    base_officers, base_strength = base
    old, new, equipment = competence
    bribe, response, pay, spread = bribery
    honest, powers = np.zeros(officers.size), np.zeros((2, officers.size))
    for k in range(officers.size):
        ratio = officers[k] / max(base_officers[k], 1e-9)
        risen = max(worked_power(effort[k], ratio, eta, returns), 1e-3)
        honest[k] = officers[k] * integrity(bribe * risen**response, pay, spread)
        joined = min(max(1.0 - posts[k] / max(officers[k], 1e-9), 0.0), 1.0)
        able = (old + joined * (new - old)) * (1.0 + equipment)
        if base_officers[k] > 0.0:
            for row, staff in enumerate((honest[k], officers[k])):
                ratio = staff * able / base_strength[k]
                powers[row, k] = worked_power(effort[k], ratio, eta, returns)
    return honest, powers


@kernel
def crowding_ratio(flow, baseline, first, end, index, size):
    """Return the flow over its baseline by sector or zone.

    Args:
        flow, baseline: persons a day, shape (legs, 3).
        first, end: columns of both that count.
        index: sector or zone by leg, -1 for a leg that does not count.
        size: sectors or zones.

    Returns:
        Ratio, shape (size,), 1 where the baseline is zero.
    """
    ratio, base = np.zeros(size), np.zeros(size)
    for leg in range(index.size):
        today, usual = 0.0, 0.0
        for column in range(first, end):
            today += flow[leg, column]
            usual += baseline[leg, column]
        if index[leg] >= 0:
            ratio[index[leg]] += today
            base[index[leg]] += usual
    for i in range(size):
        ratio[i] = ratio[i] / max(base[i], 1e-12) if base[i] > 0.0 else 1.0
    return ratio
