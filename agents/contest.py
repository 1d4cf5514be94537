"""The detection law, which holds for both countries.

    h = kappa * (effort * strength)**eta / (1 + chi * max(0, flow/baseline - 1)),   q = 1 - exp(-h)
    strength = sum over units of officers * integrity * competence * (1 + sigma_S S + sigma_F F)

Mexico and the United States differ only in parameters. `kappa` is set per U.S. sector and per
Mexican state to reproduce the base year: kappa = h0 / strength0**eta. The law uses ratios, so
strength needs no unit. At the U.S. line, effort and officers have the same decreasing returns,
because an hour of overtime adds as much as another officer's hour. For Mexico, the returns to the
operating tempo are a separate parameter (`mexico.operations_returns`): effort**returns *
strength**eta.
"""

import math
from dataclasses import dataclass
from functools import partial

import numpy as np

from agents.arithmetic import elementwise
from agents.param import param

MAX_EXCESS = 3.0  # upper bound of the excess flow, because a baseline can be tiny


@dataclass(frozen=True, slots=True, kw_only=True)
class ContestParams:
    """Parameters for the detection law."""

    eta: float = param(
        0.5963,
        unit="exponent",
        high=1.0,
        doc="Returns to officers and to their effort: 0 none, 1 proportional.",
        source="[A] middle of the members of experiments/calibration/ensemble.json; no published "
        "elasticity: NBER WP 5592 has 0.25 to 0.33 apprehensions an hour, Cornwell (DHS 2009) a "
        "correlation in time",
    )
    chi: float = param(
        0.05993,
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
        draw_range=(0.1, 1.0),
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
        doc="Maximum concentration of the weekly deployment over zones: 0 even, 1 in proportion "
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


@partial(elementwise, arguments=3)
def integrity(bribe, pay, spread):
    """Return the share of officers who are honest, 1 / (1 + exp((bribe - pay) / spread)).

    Args:
        bribe: offered bribe, in bribe units.
        pay: bribe that buys half the officers, in bribe units.
        spread: how much officers differ in the bribe that buys them, in bribe units.

    Returns:
        Share from 0 to 1.
    """
    return 1.0 / (1.0 + math.exp(min((bribe - pay) / spread, 700.0)))


def strength(officers, integrity, competence, multiplier=1.0):
    """Return the number of effective officers.

    Args:
        officers: officers at work.
        integrity: share of honest officers, 0 to 1.
        competence: competence of the officers, 0 to 1.
        multiplier: factor from sensors and fences, see :func:`lift`.

    Returns:
        Number of effective officers, in the shape of the arguments.
    """
    return officers * integrity * competence * multiplier


def lift(sensors, fence, sensor_gain, fence_gain):
    """Return the factor on strength from sensors and fence.

    Args:
        sensors, fence: shares of the line that are equipped. Values above 1 count as 1.
        sensor_gain, fence_gain: additional strength, as a share, if the whole line is equipped.
    """
    return 1.0 + sensor_gain * np.minimum(1.0, sensors) + fence_gain * np.minimum(1.0, fence)


@partial(elementwise, arguments=2)
def power(worked, returns):
    """Return the factor on a hazard from effort or strength: `worked` to the power `returns`.

    Args:
        worked: effort times strength as a ratio to the base year.
        returns: returns to effort and strength.

    Returns:
        Factor in the shape of `worked`, 0 if `worked` is 0.
    """
    return max(worked, 1e-300) ** returns if worked > 0.0 else 0.0


def worked_power(effort, ratio, eta, returns=None):
    """Return the factor on a hazard from effort and strength, 1 in the base year.

    Args:
        effort: operating tempo, 1 in the base year.
        ratio: strength today over strength in the base year.
        eta: returns to strength.
        returns: returns to effort. None means the returns to strength.

    Returns:
        Factor in the shape of the arguments, 0 if effort or strength is 0.
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
        crowding: flow as a ratio to its baseline.
        chi: effect of excess flow, which divides the hazard by 1 + chi * excess.
        returns: returns to effort. None means the returns to strength.

    Returns:
        Hazard per passage, in the shape of the arguments.
    """
    return crowded(base * worked_power(effort, ratio, eta, returns), crowding, chi)


@partial(elementwise, arguments=3)
def crowded(full, crowding, chi):
    """Return a detection hazard, which is lower if the flow exceeds its baseline.

    Args:
        full: hazard at the baseline flow.
        crowding: flow as a ratio to its baseline.
        chi: effect of excess flow, which divides the hazard by 1 + chi * excess.

    Returns:
        Hazard in the shape of the arguments.
    """
    excess = min(max(crowding - 1.0, 0.0), MAX_EXCESS)
    return full / (1.0 + chi * excess)


@elementwise
def answered_share(load):
    """Return the share of calls that are answered at a load, the ratio of calls to capacity.

    At a light load, almost all calls are answered. At a heavy load, the share is capacity divided
    by calls. The transition is smooth, because after an abrupt transition a rush would reinforce
    itself.
    """
    return 1.0 / math.sqrt(1.0 + load * load)


@elementwise
def probability(h):
    """Return the probability of at least one detection at the hazard `h`."""
    return -math.expm1(-h)


@elementwise
def as_hazard(q):
    """Return the hazard at which the probability of detection is `q`."""
    return -math.log1p(-min(q, 1.0 - 1e-12))
