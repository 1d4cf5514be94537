"""Surges planned jointly by both countries on one corridor, and the base class of surges."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

import numpy as np

from abm.policies.base import Cost, Inputs, Levers, Policy
from abm.policies.failure_conditions import pools_of
from abm.policies.policy_params import (
    AGENT_BUDGET,
    agent_cost,
    amount_param,
    effort_share,
    operations_price,
    share_param,
    wage_of_tempo,
)
from abm.world.vocabulary import PlaceKind
from agents.labels import SECTORS
from agents.param import param

if TYPE_CHECKING:
    from abm.world.routes import World


@dataclass(frozen=True, slots=True, kw_only=True)
class SurgePolicy(Policy):
    """Base class of instruments that act in surges: dates, sector and U.S. overtime."""

    sector: str = param(
        "rio_grande_valley",
        unit="name",
        choices=SECTORS,
        doc="U.S. sector of the surge.",
    )
    days_on: int = param(28, unit="days", low=1, high=365, doc="Length of a surge.")
    days_off: int = param(56, unit="days", low=0, high=365, doc="Pause between two surges.")
    us_rise: float = share_param(
        0.5, "Increase of the U.S. tempo in the sector at dose 1, during a surge.", high=2.0
    )
    agents: tuple[float, ...] = amount_param(
        (2_572.0, 1_141.0, 911.0, 4_135.0, 2_631.0, 623.0, 1_598.0, 1_803.0, 3_086.0),
        "agents",
        "Agents by sector, for the cost.",
        high=20_000.0,
        labels=SECTORS,
        source="us/usbp_staffing.csv fiscal year 2013",
    )
    wage: float = agent_cost()
    effort_share: float = effort_share("U.S. agents")

    def surging(self, day: int) -> bool:
        """Return whether an ordinal day in force is part of a surge."""
        return (day - self.start) % (self.days_on + self.days_off) < self.days_on

    @property
    def sector_index(self) -> int:
        """Index of the sector in agents.labels.SECTORS."""
        return SECTORS.index(self.sector)

    @property
    def cost_of_tempo(self) -> float:
        """Yearly cost of a unit of tempo, as a share of wages, mean over surges and pauses."""
        return self.effort_share * self.days_on / (self.days_on + self.days_off)

    @property
    def us_overtime(self) -> Cost:
        """Cost of the agents' overtime at dose 1."""
        agents = self.agents[self.sector_index]
        return Cost(
            "us",
            self.us_rise * agents * self.wage * self.cost_of_tempo,
            "Agents' overtime.",
            f"[A] share of {AGENT_BUDGET}",
            lever="us_effort",
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class JointOperations(SurgePolicy):
    """Raises the tempo of both countries in one sector and on its approach, in surges.

    Nearly the whole effect comes from the U.S. half, which `sector_surge` provides without Mexico.
    Joint plans have no measured effect. The yearly cost is the mean over surges and pauses.
    """

    id = "joint_operations"
    title = "Joint operations"
    arm = "institutions"
    needs_mexico = True
    area = "operations"
    claim = "Closer cooperation could let both countries plan their operations together."
    mechanism = (
        "For some weeks at a time, agents of one U.S. sector and Mexican officers on the approach "
        "work longer hours on the same days, so that people cannot wait on the other side, and "
        "both sides deploy on one map, which is as precise as their two maps together."
    )
    expect = (
        "More people are stopped in that sector during a surge; part of the flow waits or moves "
        "to the neighbouring sectors."
    )
    fails_when = "Routes change during the surge: people learn of it in time and cross elsewhere."
    acts_when = (
        "The surge is doubled and never pauses, and half of the flow is foreign; nearly all of the "
        "effect is U.S. overtime."
    )
    lever_names = ("us_effort", "mx_effort", "map_noise")
    high = 4.0
    acting: ClassVar = {
        **pools_of(2016),
        "policies.joint_operations.days_off": 0,
        "policies.joint_operations.dose": 2.0,
    }
    without_us_part: ClassVar = {"us_rise": 0.0}  # `sector_surge` provides it.
    failing: ClassVar = {
        "migrants.belief_half_life": 30.0,
        "migrants.belief_prior": 150.0,
        "migrants.knowledge_mean": 1.0,
        "routes.noise_solo": 100.0,
        "routes.noise_guided": 100.0,
        "routes.hazard_cost_guided": 2_500.0,
    }

    mx_rise: float = share_param(
        1.0, "Increase of the Mexican tempo on the approach at dose 1, during a surge.", high=5.0
    )
    mx_officers: float = amount_param(
        300.0, "officers", "Mexican officers whose tempo is increased, for the cost.", high=20_000.0
    )
    mx_wage: float = wage_of_tempo()
    mx_price: float = operations_price()
    joint_map: float = share_param(
        0.14,
        "Reduction of the noise of the U.S. map during a joint surge, at most.",
        source="[S] border_patrol.map_noise and mexico.map_noise as independent errors, weighted "
        "by precision; no study measures joint planning",
    )

    @property
    def costs(self) -> tuple[Cost, ...]:
        """Return the cost of overtime in both countries."""
        wages = self.mx_officers * self.mx_wage * self.mx_price
        return (
            self.us_overtime,
            Cost(
                "mexico",
                self.mx_rise * wages * self.cost_of_tempo,
                "Mexican officers' overtime.",
                "[A]",
                lever="mx_effort",
            ),
        )

    def _pull(self, levers: Levers, day: int, inputs: Inputs, dose: float) -> None:
        """Raise both countries' tempo during a surge, and improve the U.S. map."""
        if not self.surging(day):
            return
        levers.us_effort[self.sector_index] += self.us_rise * dose
        levers.mx_effort[_approach(inputs.world, self.sector_index)] += self.mx_rise * dose
        levers.map_noise += self.joint_map * min(dose, 1.0)


def _approach(world: World, sector: int) -> np.ndarray:
    """Return indices of Mexican staging places with a leg across the line into a sector."""
    tails = world.tail[world.is_line & (world.leg_sector == sector)]
    staging = (world.kind == PlaceKind.STAGING) & (np.array(world.country) == "MX")
    return np.intersect1d(tails, np.flatnonzero(staging))
