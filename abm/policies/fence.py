"""Additional miles of fence."""

from __future__ import annotations

import functools
from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

import numpy as np

from abm.policies.base import Cost, Inputs, Levers, Policy
from abm.policies.policy_params import amount_param, days_param, life_years, line_miles, share_param
from agents.param import param

if TYPE_CHECKING:
    from abm.world.routes import World

_MILE = (
    "drivers/costs.csv fence, pedestrian primary, per mile: mean of the first 140 miles "
    "(GAO-09-244R). It lies within $3.6M to $4.3M for the mix of pedestrian and vehicle fence of "
    "2005-15: $2.4 billion for 670 miles, $2.3 billion for 535 (GAO-18-614). GAO means are $6.5M "
    "pedestrian, $1.8M vehicle"
)

_REMOTE = 2  # lowest remoteness at the end of a remote leg


@functools.lru_cache(maxsize=8)
def _unfenced(
    fence_base: tuple[float, ...], line_miles: tuple[float, ...]
) -> tuple[np.ndarray, np.ndarray, float]:
    """Return miles of line and unfenced share by sector, and the sum of unfenced miles."""
    miles, bare = np.array(line_miles), 1.0 - np.array(fence_base)
    return miles, bare, float((bare * miles).sum())


@functools.lru_cache(maxsize=8)
def _line_legs(world: World) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return indices of all legs across the line, their sectors, and indices of remote legs."""
    line = np.flatnonzero(world.is_line)
    return line, world.leg_sector[line], line[world.remoteness[world.head[line]] >= _REMOTE]


@dataclass(frozen=True, slots=True, kw_only=True)
class Fence(Policy):
    """Builds primary fence on unfenced line. The effect ends with the policy.

    Dollars for miles beyond the unfenced line are not spent.
    """

    id = "fence"
    title = "More miles of fence"
    arm = "sensors_fence"
    claim = "A count of fence miles does not define a secure line, least of all in rugged country."
    mechanism = (
        "Miles are distributed in proportion to unfenced line and built at a constant rate. "
        "Crossing a fenced sector costs days and money, and agents there detect more; the risk "
        "of death on remote legs rises."
    )
    expect = "Crossings move to other sectors, fees rise, and deaths rise on remote legs."
    fails_when = (
        "The line is long, people cross elsewhere, and agents gain little from a fence: entries "
        "stay the same, and deaths rise in other places."
    )
    evaluated = "Feigenberg 2020; Allen, Dobbin and Morten 2018: municipalities near a new fence"
    acts_when = "A fence slows people enough that agents arrive in time."
    lever_names = ("fence", "leg_cost", "leg_delay", "leg_danger")
    high = 4.0
    monotone: ClassVar = {"DEATHS": 1}
    #: With this gain, the effect is at most the lowest estimate, -0.8 % for 548 miles (Allen,
    #: Dobbin and Morten 2018).
    failing: ClassVar = {"contest.fence_gain": 0.1}
    #: With the default gain, 300 miles change got-aways by half a per cent. Studies range from -0.8
    #: to -35 % (docs/background/evidence-numbers.md).
    acting: ClassVar = {"contest.fence_gain": 1.0}
    switched_off: ClassVar = {"contest.fence_gain": 0.0}

    miles: float = amount_param(300.0, "miles", "Miles built at dose 1.", high=1_954.0)
    cost_per_mile: float = param(
        3.9e6,
        unit="$/mile",
        low=0.4e6,
        high=15.1e6,
        doc="Construction cost per mile of primary barrier, in the mix of 2005-15 that fence_base "
        "counts; pedestrian fence alone costs 6.5 million.",
        source=f"{_MILE}; forecast of September 2008 for pedestrian fence, $7.5M (GAO-08-1141T)",
        draw_range=(3.6e6, 7.5e6),
    )
    life_years: float = life_years(
        20.0,
        "[A] 20 years of life-cycle cost, GAO-09-896 (September 2009, nbcnews.com/id/32898302)",
    )
    upkeep: float = amount_param(
        0.05,
        "share of cost a year",
        "Maintenance of a mile, as a share of its construction cost.",
        high=0.5,
        source="[A] at most 0.075: all operation and maintenance of fence, roads, lights, towers "
        "and sensors, $191M for 654 miles (FY2014 request, Defense Daily 2013). 0.13 was planned "
        "with roads and lights (GAO-09-896)",
        draw_range=(0.02, 0.075),
    )
    build_days: float = days_param(365.0, "Days until all miles are built.", high=3_650.0)
    delay: float = amount_param(
        0.5, "days", "Delay where a whole sector is newly fenced.", high=10.0
    )
    toll: float = amount_param(
        60.0, "$", "Cost where a whole sector is newly fenced.", high=2_000.0
    )
    danger: float = share_param(
        1.0,
        "Increase of the risk of death on remote legs if the whole line were newly fenced.",
        high=5.0,
    )
    line_miles: tuple[float, ...] = line_miles()

    @property
    def costs(self) -> tuple[Cost, ...]:
        """Return the cost of upkeep, and of construction spread over the fence's life."""
        built = self.miles * self.cost_per_mile
        return (
            Cost(
                "us",
                built / self.life_years,
                "Construction, spread over its lifetime.",
                "cost_per_mile over life_years; years [A]",
            ),
            Cost("us", built * self.upkeep, "Upkeep.", "cost_per_mile times upkeep"),
        )

    def deliverable(self, inputs: Inputs) -> float:
        """Return the share of the requested miles that fits on unfenced line."""
        unfenced = _unfenced(inputs.settings.border_patrol.fence_base, self.line_miles)[2]
        return min(1.0, unfenced / max(self.miles * self.dose, 1e-9))

    def _pull(self, levers: Levers, day: int, inputs: Inputs, dose: float) -> None:
        """Fence the same share of the unfenced line in every sector."""
        fence_base = inputs.settings.border_patrol.fence_base
        miles, bare, unfenced = _unfenced(fence_base, self.line_miles)
        built = self.miles * dose * self.ramp(day, self.build_days)
        new = bare * min(1.0, built / max(unfenced, 1e-9))
        levers.fence += new
        line, sector, remote = _line_legs(inputs.world)
        fenced = new[sector]
        levers.leg_cost[line] += self.toll * fenced
        levers.leg_delay[line] += self.delay * fenced
        levers.leg_danger[remote] += self.danger * float((new * miles).sum() / miles.sum())
