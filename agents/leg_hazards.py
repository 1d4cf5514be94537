"""Compiled arithmetic of the hazards of the day by leg, and of flows relative to their baseline.

The functions of the law itself are in :mod:`agents.contest`. Here its results by sector and by
place are written to the legs.
"""

from __future__ import annotations

import numpy as np

from agents.jit import kernel


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


@kernel
def set_line_legs(us_hazard, respond, sector, base_hazard, by_sector, answered):
    """Set detection and response on the legs of the line.

    Args:
        us_hazard, respond: hazard and share of answered detections by leg; changed.
        sector: sector by leg, -1 elsewhere.
        base_hazard: hazard of the base year by leg.
        by_sector: factor on the hazard.
        answered: share of calls that agents can answer, by sector.
    """
    for leg in range(sector.size):
        us_hazard[leg] = base_hazard[leg] * by_sector[sector[leg]]
        respond[leg] = answered[sector[leg]] if sector[leg] >= 0 else 1.0


@kernel
def set_mexican_legs(mx_hazard, extort_hazard, head, base_hazard, watch, multiple, response):
    """Set interdiction and extortion on the legs in Mexico.

    Args:
        mx_hazard, extort_hazard: hazards by leg; changed.
        head: place at which each leg ends.
        base_hazard: hazard of interdiction of the base year by leg.
        watch: relative rise of the hazard by surveillance, by leg.
        multiple: factor on the hazard of honest officers, and of all officers, shape (2, places).
        response: share of encounters for which an officer is free.
    """
    for leg in range(head.size):
        watched = base_hazard[leg] * (1.0 + watch[leg])
        honest, met = multiple[0, head[leg]], multiple[1, head[leg]]
        mx_hazard[leg] = watched * honest * response
        extort_hazard[leg] = watched * (met - honest) * response
