"""Daily hazards on every leg, by the detection law (:mod:`agents.contest`)."""

from collections import namedtuple

import numpy as np
from numba.extending import overload, register_jitable

from agents.contest import answered_share, as_hazard, crowded, integrity, lift, power, worked_power
from agents.jit import inlined, kernel, shared

for law in (lift, worked_power):
    register_jitable(error_model="numpy", no_cfunc_wrapper=True)(law)
for law in (answered_share, as_hazard, crowded, integrity, power):
    overload(law, strict=False)(lambda *_, law=law: law.of_numbers)

LEAST_FIELD = 0.1  # minimum time in the field, as a ratio to the base year


#: Legs in the base year, shape (legs,), and the sectors and zones to which their flow is added.
#:
#: Fields, in their order:
#:
#: - mx_hazard, us_hazard: hazards of interdiction and detection, per passage.
#: - death, kidnap: hazards per elapsed day.
#: - days: travel days.
#: - flow: persons a day, shape (legs, 3).
#: - line_sector: sector to whose flow the leg belongs, -1 for legs away from the line.
#: - zone: Mexican zone to whose flow the leg belongs, -1 for legs outside the zones.
#: - place_zone: zone by place.
#: - zones: number of zones.
#: - port_legs, port_of_leg: legs into ports, and the port at each leg's end.
ContestedLegs = namedtuple(
    "ContestedLegs",
    "mx_hazard us_hazard death kidnap days flow line_sector zone place_zone zones port_legs "
    "port_of_leg",
)


#: U.S. agents and their equipment today, by sector.
#:
#: Fields, in their order:
#:
#: - effort, agents: operating tempo, and agents at work.
#: - sensors, fence: shares of the line with sensors and fence in the fiscal year.
#: - more_sensors, more_fence: shares that policies add.
#: - anchor, strength: agents and strength in the year to which declared hazards refer.
#: - match: hazard with today's map divided by the hazard with the agency's map.
#: - gains: additional strength per agent if the whole line has sensors, and if it has a fence.
#: - response: calls that an agent can answer per day.
#: - tied_up, duty_hours: share of custody hours that agents lack in the field, and an agent's hours
#:   on duty.
LineForces = namedtuple(
    "LineForces",
    "effort agents sensors fence more_sensors more_fence anchor strength match gains response "
    "tied_up duty_hours",
)


#: Mexico's officers today, by place.
#:
#: Fields, in their order:
#:
#: - officers: officers at work.
#: - posts: officers at posts, without officers added by policies.
#: - effort: operating tempo.
#: - base, strength: officers and honest strength to which declared hazards refer.
#: - competence: competence of officers in `posts`, competence of other officers, and the share that
#:   equipment adds.
#: - bribery: bribe at the declared hazard, its response to the hazard, the bribe that buys half the
#:   officers, and the spread between officers.
#: - returns: returns to effort.
#: - match: hazard with today's map divided by the hazard with the agencies' map.
#: - response: encounters that an officer can answer per day.
#: - integrity: yesterday's share of honest officers.
MexicanOfficers = namedtuple(
    "MexicanOfficers",
    "officers posts effort base strength competence bribery returns match response integrity",
)


#: Demands on the forces, and levers that change legs.
#:
#: Fields, in their order:
#:
#: - flow: persons a day by leg, shape (legs, 3).
#: - calls: calls on U.S. agents by sector.
#: - hours, base_hours: agents' hours a day for people in custody by sector, today and in the base
#:   year.
#: - other_hours: agents' hours a day for people of other nationalities, over all sectors.
#: - met: persons a day whom officers in Mexico would encounter if all officers were free.
#: - watch: relative rise in Mexico's hazard through surveillance, by leg.
#: - delay, danger: levers by leg: additional travel days, and relative rise in the death hazard.
#: - violence: relative rise in the kidnapping hazard, by leg.
Load = namedtuple("Load", "flow calls hours base_hours other_hours met watch delay danger violence")


@kernel
def set_hazards(leg_states, base, line, mexico, load, ports, eta, chi):
    """Set today's hazards and travel days on all legs.

    Args:
        leg_states: leg record, as a one-record array, changed in place.
        base: :class:`ContestedLegs`.
        line: :class:`LineForces`.
        mexico: :class:`MexicanOfficers`.
        load: :class:`Load`.
        ports: array of :data:`agents.port_day.PORT`.
        eta, chi: returns to strength, and reduction of the hazard per unit of excess flow.

    Returns:
        Factor on the base-year hazard at the line by sector, share of honest officers in Mexico,
        and share of encounters in Mexico for which an officer is free.
    """
    legs = leg_states[0]
    factor = _set_line_legs(legs, base, line, load, eta, chi)
    honest, response = _set_mexican_legs(legs, base, mexico, load, eta, chi)
    for leg in range(base.days.size):
        legs.days[leg] = base.days[leg] + load.delay[leg]
        legs.death[leg] = base.death[leg] * (1.0 + load.danger[leg])
        legs.kidnap[leg] = base.kidnap[leg] * (1.0 + load.violence[leg])
    for k in range(base.port_legs.size):
        leg, port = base.port_legs[k], ports[base.port_of_leg[k]]
        legs.us_hazard[leg], legs.port_wait[leg] = as_hazard(port.find_person), port.asylum_wait
    return factor, honest, response


@inlined
def _set_line_legs(legs, base, line, load, eta, chi):
    """Set detection at the line and agents' response. Return the factor by sector."""
    crowding = crowding_ratio(load.flow, base.flow, 0, 3, base.line_sector, line.effort.size)
    factor, answered = np.empty(crowding.size), np.zeros(crowding.size)
    share = field_share(line, load)
    for k in range(factor.size):
        full = power(line.effort[k] * (line_strength(line, k) * share), eta)
        factor[k] = crowded(full, crowding[k], chi) * line.match[k]
        capacity = line.response * line.agents[k] * line.effort[k]
        if capacity > 0.0:
            answered[k] = answered_share(load.calls[k] / max(capacity, 1e-9))
    for leg in range(base.days.size):
        sector = legs.sector[leg]
        legs.us_hazard[leg] = base.us_hazard[leg] * factor[sector]
        legs.respond[leg] = answered[sector] if sector >= 0 else 1.0
    return factor


@inlined
def line_strength(line, k):
    """Return a sector's strength as a ratio to the year to which declared hazards refer."""
    sensors, fence = line.sensors[k] + line.more_sensors[k], line.fence[k] + line.more_fence[k]
    return line.agents[k] * lift(sensors, fence, line.gains[0], line.gains[1]) / line.strength[k]


@inlined
def field_share(line, load):
    """Return an agent's time in the field as a ratio to the base year.

    Field time in the base year already excludes custody work, so only a change in custody hours per
    agent matters. The change reduces field time by the same share as it reduces all hours on duty.
    All sectors share the hours, because agents are detailed to busy sectors, and people are taken
    to other sectors for processing.

    Returns:
        Ratio of at least LEAST_FIELD, below 1 if custody takes more time per agent.
    """
    if line.tied_up <= 0.0:
        return 1.0
    hours = np.empty(load.hours.size)
    for k in range(hours.size):
        hours[k] = load.hours[k] + load.other_hours
    base_load = numpy_sum(load.base_hours) / numpy_sum(line.anchor)
    more = numpy_sum(hours) / max(numpy_sum(line.agents), 1e-9) - base_load
    return max(LEAST_FIELD, 1.0 - line.tied_up * more / line.duty_hours)


@kernel
def worked_tempo(requested, acting, takes_full_effect, days_above, limits):
    """Return the tempo at which an agency works, see `agents.agency_params.AgencyLimits.tempo`.

    Args:
        requested, acting: tempo beyond the base year, as requested and as it takes effect.
        takes_full_effect: whether `acting` equals `requested`.
        days_above: days above the sustainable tempo, by place or sector.
        limits: sustainable tempo, days until it applies, and maximum tempo.
    """
    tempo, (sustained, tempo_days, cap) = np.empty(requested.size), limits
    for k in range(requested.size):
        highest = min(sustained, cap) if days_above[k] >= tempo_days else cap
        tempo[k] = min(max(1.0 + requested[k], 0.0), highest)
        if not takes_full_effect:
            share = (tempo[k] - 1.0) / requested[k] if requested[k] > 0.0 else 1.0
            tempo[k] = max(1.0 + acting[k] * share, 0.0)
    return tempo


@shared
def numpy_sum(values):
    """Return an array's sum, added in numpy's order and therefore equal bit for bit."""
    return _add_part(values, 0, values.size)


@shared
def _add_part(values, first, end):
    """Return the sum of a part of an array. Slices would take long to compile."""
    size = end - first
    if size > 128:
        half = first + size // 16 * 8
        return _add_part(values, first, half) + _add_part(values, half, end)
    s, tail = np.zeros(8), end - size % 8
    for i in range(first, tail):
        s[(i - first) % 8] += values[i]
    total = ((s[0] + s[1]) + (s[2] + s[3])) + ((s[4] + s[5]) + (s[6] + s[7]))
    for i in range(tail, end):
        total += values[i]
    return total


@inlined
def _set_mexican_legs(legs, base, mexico, load, eta, chi):
    """Set interdiction and extortion in Mexico. Return the shares of honest and free officers."""
    crowding = crowding_ratio(load.flow, base.flow, 1, 2, base.zone, base.zones)
    powers, honest_share = mexican_powers(mexico, eta)
    working = np.empty(mexico.officers.size)
    for k in range(working.size):
        working[k] = mexico.officers[k] * mexico.effort[k]
    response = answered_share(load.met / max(mexico.response * numpy_sum(working), 1e-9))
    for leg in range(base.days.size):
        place = legs.head[leg]
        excess = crowding[base.place_zone[place]]
        honest = crowded(powers[0, place], excess, chi) * mexico.match
        total = crowded(powers[1, place], excess, chi) * mexico.match
        watched = base.mx_hazard[leg] * (1.0 + load.watch[leg])
        legs.mx_hazard[leg] = watched * honest * response
        legs.extort_hazard[leg] = watched * (total - honest) * response
    return honest_share, response


@shared
def mexican_powers(mexico, eta):
    """Compute factors on hazards from the effort and strength of Mexico's officers, by place.

    Strength is a ratio to the honest strength to which declared hazards refer. Extortion is the
    hazard from all officers less the hazard from honest officers. Organisations offer a higher
    bribe where the hazard has risen. Better paid and vetted officers require a higher bribe.

    Args:
        mexico: :class:`MexicanOfficers`.
        eta: returns to strength.

    Returns:
        Factors from honest officers and from all officers, shape (2, places), and the share of
        honest officers.
    """
    old, new, equipment = mexico.competence
    bribe, response, pay, spread = mexico.bribery
    returns, size = mexico.returns, mexico.officers.size
    honest, powers = np.zeros(size), np.zeros((2, size))
    for k in range(size):
        officers, effort, base = mexico.officers[k], mexico.effort[k], mexico.base[k]
        if officers == 0.0:
            continue
        factor = max(worked_power(effort, officers / max(base, 1e-9), eta, returns), 1e-3)
        honest[k] = officers * integrity(bribe * factor**response, pay, spread)
        joined = min(max(1.0 - mexico.posts[k] / max(officers, 1e-9), 0.0), 1.0)
        able = (old + joined * (new - old)) * (1.0 + equipment)
        if base > 0.0:
            for row in range(2):
                ratio = (officers if row else honest[k]) * able / mexico.strength[k]
                powers[row, k] = worked_power(effort, ratio, eta, returns)
    total = numpy_sum(mexico.officers)
    return powers, numpy_sum(honest) / max(total, 1e-9) if total > 0.0 else mexico.integrity


@shared
def crowding_ratio(flow, baseline, first, end, index, size):
    """Return the flow as a ratio to its baseline, by sector or zone.

    Args:
        flow, baseline: persons a day, shape (legs, 3).
        first, end: first column that is added, and the column after the last.
        index: sector or zone by leg, -1 for a leg in no sector or zone.
        size: number of sectors or zones.

    Returns:
        Ratio, shape (size,), 1 where the baseline is zero.
    """
    ratio, base = np.zeros(size), np.zeros(size)
    for leg in range(index.size):
        today, base_flow = 0.0, 0.0
        for column in range(first, end):
            today += flow[leg, column]
            base_flow += baseline[leg, column]
        if index[leg] >= 0:
            ratio[index[leg]] += today
            base[index[leg]] += base_flow
    for i in range(size):
        ratio[i] = ratio[i] / max(base[i], 1e-12) if base[i] > 0.0 else 1.0
    return ratio
