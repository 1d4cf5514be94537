"""Deployment within a sector or district on the map of flows, for both countries.

The line of a sector consists of many zones, which are finer than the legs of the route graph. The
flow into zone i is f_i = F exp(s g_i) with g_i standard normal: s is the spread of the flows around
their long-run shares, which everybody knows. The map shows s g_i as it was `lag` days ago, with
noise of standard deviation sigma, so that it explains the share

    R2 = exp(-2 lag / T) s**2 / (s**2 + sigma**2)

of the variance of today's log flows. Every week a fixed number of agents is divided over the zones
in proportion to the expected flow to the power k. The law of detection in a zone is that of
`contest`, elasticity eta in agents. The mean of the hazard over all persons, relative to agents who
are divided evenly, is for many zones

    M = exp(eta R2 s**2 (k - (1 - eta) k**2 / 2)),

largest at k = 1 / (1 - eta). Persons whose organisation knows the plan avoid the zones with agents:
they divide over zones as f_i a_i**-w, with a_i the share of agents in zone i. For them the exponent
is lower by eta R2 s**2 w k**2. Hazards of the base year were measured under each agency's own map;
therefore only the ratio to that map counts.

Sources: Koopman (1957), Operations Research 5: 613-626 (optimal distribution of search effort over
cells under decreasing returns); lognormal moments.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from agents.contest import ContestParams
    from agents.levers import Levers


class MapParams(Protocol):
    """Noise (log sd) and delay (days) of an agency's map of flows."""

    @property
    def map_noise(self) -> float:
        """Noise of the map."""
        ...

    @property
    def map_lag(self) -> float:
        """Delay of the map."""
        ...


def explained(shape: ContestParams, noise: float, lag: float) -> float:
    """Return the share of the variance of log flows over zones that a map explains.

    Args:
        shape: spread and persistence of the flows.
        noise: noise of the map, log sd.
        lag: delay of the map, days.

    Returns:
        Share from 0 to 1; 1 for a map without noise and delay.
    """
    signal = shape.zone_spread**2
    if signal <= 0.0:
        return 0.0
    return math.exp(-2.0 * lag / shape.zone_days) * signal / (signal + noise**2)


def match(shape: ContestParams, share: float, leak: float) -> float:
    """Return the mean hazard under deployment on a map, relative to an even deployment.

    Args:
        shape: returns to strength, and rule of deployment.
        share: share of the variance of log flows that the map explains.
        leak: share of the persons whose organisation knows the plan.

    Returns:
        Ratio; 1 if agents do not follow the map.
    """
    eta = shape.eta
    known = eta * share * shape.zone_spread**2
    k = min(shape.concentration, 1.0 / max(1.0 - eta, 1e-9))
    secret = known * (k - 0.5 * (1.0 - eta) * k**2)
    if leak <= 0.0:
        return math.exp(secret)
    avoided = secret - known * shape.avoidance * k**2
    return (1.0 - leak) * math.exp(secret) + leak * math.exp(avoided)


def match_ratio(shape: ContestParams, own: MapParams, levers: Levers) -> float:
    """Return the match of deployment to flows over that under the agency's own map.

    Args:
        shape: flows over zones and rule of deployment.
        own: the agency's own map.
        levers: levers of the day, which change the map and leak plans.

    Returns:
        Ratio; exactly 1 if no policy changes the map or leaks plans.
    """
    noise = own.map_noise * (1.0 - min(1.0, float(levers.map_noise[0])))
    lag = own.map_lag * (1.0 - min(1.0, float(levers.map_lag[0])))
    leak = min(1.0, float(levers.leak[0]))
    base = match(shape, explained(shape, own.map_noise, own.map_lag), 0.0)
    return match(shape, explained(shape, noise, lag), leak) / base
