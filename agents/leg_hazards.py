"""Compiled arithmetic of the hazards of the day by leg, and of flows relative to their baseline.

The functions of the law itself are in :mod:`agents.contest`. Here its results by sector and by
place are written to the legs.
"""

from __future__ import annotations

import numpy as np

from agents.contest import MAX_EXCESS
from agents.jit import internal, kernel


@kernel
def crowding(flow, baseline, legs, columns, index, size):
    """Return the flow over its baseline by sector or zone.

    Args:
        flow, baseline: persons a day, shape (legs, 3).
        legs: legs that count.
        columns: columns of `flow` that count.
        index: sector or zone of each of `legs`.
        size: number of sectors or zones.

    Returns:
        Ratio of the sums, shape (size,); 1 where the baseline is zero.
    """
    now, then = np.zeros(size), np.zeros(size)
    for n in range(legs.size):
        leg = legs[n]
        of_leg, before = 0.0, 0.0
        for column in columns:
            of_leg += flow[leg, column]
            before += baseline[leg, column]
        now[index[n]] += of_leg
        then[index[n]] += before
    for k in range(size):
        now[k] = now[k] / max(then[k], 1e-12) if then[k] > 0.0 else 1.0
    return now


@internal
def _crowded(full, crowding, chi):
    """Return a hazard reduced by the flow above its baseline; see contest.crowded."""
    return full / (1.0 + chi * min(max(crowding - 1.0, 0.0), MAX_EXCESS))


@kernel
def set_line_legs(us_hazard, respond, sector, base_hazard, power, match, crowding, chi, load):
    """Set detection and response on the legs of the line.

    Args:
        us_hazard, respond: hazard and share of answered detections by leg; changed.
        sector: sector by leg, -1 elsewhere.
        base_hazard: hazard of the base year by leg.
        power: factor of effort and strength on the hazard, by sector.
        match: hazard on today's map over that on the agency's own, by sector.
        crowding: flow over its baseline, by sector.
        chi: reduction of the hazard per unit of excess flow.
        load: calls on agents over those that they can answer, by sector.

    Returns:
        Factor on the hazard of the base year, by sector.
    """
    factor, answered = np.empty(power.size), np.empty(power.size)
    for k in range(power.size):
        factor[k] = _crowded(power[k], crowding[k], chi) * match[k]
        answered[k] = 1.0 / np.sqrt(1.0 + load[k] * load[k])  # contest.answered_share
    for leg in range(sector.size):
        us_hazard[leg] = base_hazard[leg] * factor[sector[leg]]
        respond[leg] = answered[sector[leg]] if sector[leg] >= 0 else 1.0
    return factor


@kernel
def set_mexican_legs(
    mx_hazard, extort_hazard, head, base_hazard, watch, powers, crowding, chi, match, response
):
    """Set interdiction and extortion on the legs in Mexico.

    Args:
        mx_hazard, extort_hazard: hazards by leg; changed.
        head: place at which each leg ends.
        base_hazard: hazard of interdiction of the base year by leg.
        watch: relative rise of the hazard by surveillance, by leg.
        powers: factor of effort and strength on the hazard, of honest officers and of all
            officers, shape (2, places).
        crowding: flow over its baseline, by place.
        chi: reduction of the hazard per unit of excess flow.
        match: hazard on today's map over that on the agencies' own.
        response: share of encounters for which an officer is free.
    """
    for leg in range(head.size):
        place = head[leg]
        watched = base_hazard[leg] * (1.0 + watch[leg])
        honest = _crowded(powers[0, place], crowding[place], chi) * match
        met = _crowded(powers[1, place], crowding[place], chi) * match
        mx_hazard[leg] = watched * honest * response
        extort_hazard[leg] = watched * (met - honest) * response
