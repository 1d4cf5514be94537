"""The detection law, for both countries.

    h = kappa * (effort * strength)**eta / (1 + chi * max(0, flow/baseline - 1)),   q = 1 - exp(-h)
    strength = sum over units of officers * integrity * competence * (1 + sigma_S S + sigma_F F)

Mexico and the United States differ in parameters only. `kappa` is set per sector and per Mexican
state so that the base year holds: kappa = h0 / strength0**eta. The law is written with ratios, so
that strength needs no unit. At the U.S. line an hour of overtime adds as much as another officer's
hour: effort and officers have the same decreasing returns. Mexico's operating tempo has its own
returns (`mexico.operations_returns`): effort**returns * strength**eta.
"""

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from numba.extending import register_jitable

from agents.jit import inlined, kernel
from agents.param import param

MAX_EXCESS = 3.0  # cap on the excess: the baseline flow of a small sector can be tiny


@dataclass(frozen=True, slots=True, kw_only=True)
class ContestParams:
    """Parameters for the detection law."""

    eta: float = param(
        0.5492,
        unit="exponent",
        high=1.0,
        doc="Returns to officers and to their effort: 0 none, 1 proportional.",
        source="[A] middle of the members of experiments/calibration/ensemble.json; no published "
        "elasticity: NBER WP 5592 has 0.25 to 0.33 apprehensions an hour, Cornwell (DHS 2009) a "
        "correlation in time",
    )
    chi: float = param(
        0.05994,
        unit="per relative excess",
        high=0.2,
        doc="Reduction of the hazard of detection per unit of flow above its baseline.",
        source="[A] middle of the members of experiments/calibration/ensemble.json",
    )
    sensor_gain: float = param(
        0.6,
        unit="share",
        high=3.0,
        doc="Extra strength per officer where the whole line is under sensors.",
        source="[A] no published value: GAO-12-22 and GAO-17-765T find no measure of performance",
    )
    fence_gain: float = param(
        0.25,
        unit="share",
        high=3.0,
        doc="Extra strength per officer where the whole line is fenced.",
        source="[A] no published value of this share: GAO-17-331 finds no measure; Feigenberg "
        "(2020) has total effects of 27 % and 15 %",
    )
    zone_spread: float = param(
        0.6,
        unit="log sd",
        high=2.0,
        doc="Spread of flows over the zones of a sector around their long-run shares.",
        source="[A] monthly shares of whole sectors have 0.10 (median of nine, FY2009-13, "
        "us/usbp_sector_monthly.csv), as 35 independent zones with 0.6; no record by zone found",
    )
    zone_days: float = param(
        44.0,
        unit="days",
        low=1.0,
        high=730.0,
        doc="Time in which the flows over zones lose their correlation (1/e).",
        source="[A] us/usbp_sector_monthly.csv FY2009-13, correlation of the log shares of a "
        "sector after one month (without fiscal-year and calendar-month means), median 0.50",
    )
    concentration: float = param(
        1.0,
        unit="exponent",
        high=5.0,
        doc="Largest concentration of the weekly deployment over zones: 0 even, 1 in proportion "
        "to the mapped flow. The agency uses the best value up to it.",
        source="[A] no rule of deployment by zone found in public reports",
    )
    avoidance: float = param(
        1.0,
        unit="elasticity",
        high=5.0,
        doc="Fall of the flow in a zone with the agents there, where an organisation knows the "
        "plan; at 1 a known plan is worth about as much as an even deployment.",
        source="[A]",
    )


@register_jitable
def integrity(bribe, pay, spread):
    """Return the honest share among officers: 1 / (1 + exp((bribe - pay) / spread)).

    Args:
        bribe: bribe offered, in bribe units.
        pay: bribe that buys half the officers.
        spread: how that bribe varies among officers.

    Returns:
        Share from 0 to 1.
    """
    return 1.0 / (1.0 + np.exp(np.minimum((bribe - pay) / spread, 700.0)))


def strength(officers, integrity, competence, multiplier=1.0):
    """Return effective officers.

    Args:
        officers: officers at work.
        integrity: honest share among officers.
        competence: officers' competence, 0 to 1.
        multiplier: factor that sensors and fences add.

    Returns:
        Effective officers, shaped as the arguments.
    """
    return officers * integrity * competence * multiplier


@register_jitable
def power(worked, returns):
    """Return the factor from effort or strength on a hazard: `worked` to the power `returns`.

    Args:
        worked: effort times strength over its value in the base year.
        returns: returns to both.

    Returns:
        Factor shaped as `worked`, 0 without effort or strength.
    """
    return (worked > 0.0) * np.power(np.maximum(worked, 1e-300), returns)


@register_jitable
def worked_power(effort, ratio, eta, returns=None):
    """Return the factor from effort and strength on a hazard, 1 in the base year.

    Args:
        effort: operating tempo, 1 in the base year.
        ratio: strength today over strength in the base year.
        eta: returns to strength.
        returns: returns to effort, default the returns to strength.

    Returns:
        Factor shaped as the arguments, 0 without effort or strength.
    """
    if returns is None or returns == eta:
        return power(effort * ratio, eta)
    return power(effort, returns) * power(ratio, eta)


def hazard(base, effort, ratio, eta, crowding, chi, returns=None):
    """Return the detection hazard on a leg.

    Args:
        base: base-year hazard, per passage.
        effort: operating tempo, 1 in the base year.
        ratio: strength today over strength in the base year.
        eta: returns to strength.
        crowding: flow over its baseline.
        chi: reduction per excess flow.
        returns: returns to effort, default the returns to strength.

    Returns:
        Hazard per passage, shaped as the arguments.
    """
    return crowded(base * worked_power(effort, ratio, eta, returns), crowding, chi)


@register_jitable
def crowded(full, crowding, chi):
    """Return a detection hazard, reduced where the flow is above its baseline.

    Args:
        full: hazard at the baseline flow.
        crowding: flow over its baseline.
        chi: reduction per excess flow.

    Returns:
        Hazard shaped as the arguments.
    """
    excess = np.minimum(np.maximum(crowding - 1.0, 0.0), MAX_EXCESS)
    return full / (1.0 + chi * excess)


@register_jitable
def answered_share(load):
    """Return the share of calls that are answered at this load (calls over capacity).

    The share is smooth: almost all calls at a light load, capacity over calls at a heavy one. With
    a hard edge a rush would reinforce itself.
    """
    return 1.0 / np.sqrt(1.0 + load * load)


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


def probability(h):
    """Return the probability of at least one detection at hazard `h`."""
    return -np.expm1(-h)


@register_jitable
def as_hazard(q):
    """Return the hazard that gives probability `q`."""
    return -np.log1p(-np.minimum(q, 1.0 - 1e-12))
