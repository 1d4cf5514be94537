"""Surges that both countries plan jointly on one corridor."""

from __future__ import annotations

import functools
from dataclasses import dataclass
from types import MappingProxyType
from typing import TYPE_CHECKING

import numpy as np

from abm.policies.base import Cost, Policy, Seen
from abm.world.vocabulary import PlaceKind
from agents.labels import SECTORS
from agents.param import param

if TYPE_CHECKING:
    from abm.world.routes import World
    from agents.levers import Levers

_WAGES = "[A] share of us/enforcement_costs_infrastructure.csv cost_per_CBP_officer_year_usd 2013"


@dataclass(frozen=True, slots=True, kw_only=True)
class JointOperations(Policy):
    """Raises the tempo of both countries in one sector and on its approach, in surges.

    The yearly cost is the mean over surges and pauses.
    """

    id = "joint_operations"
    title = "Joint operations"
    arm = "institutions"
    needs_mexico = True
    area = "operations"
    claim = "Closer cooperation could let both countries plan their operations together."
    mechanism = (
        "For some weeks at a time, agents of one U.S. sector and Mexican officers in the towns "
        "that lead to it work longer hours together, so that people cannot wait on the other "
        "side."
    )
    expect = (
        "More people are stopped in that sector during a surge; part of the flow waits or moves "
        "to the neighbouring sectors."
    )
    fails_when = "Routes change during the surge: people learn of it in time and cross elsewhere."
    lever_names = ("us_effort", "mx_effort")
    high = 4.0
    failing = MappingProxyType(
        {
            "migrants.belief_half_life": 30.0,
            "migrants.belief_prior": 150.0,
            "migrants.knowledge_mean": 1.0,
            "routes.noise_solo": 100.0,
            "routes.noise_guided": 100.0,
            "routes.hazard_cost_guided": 2_500.0,
        }
    )

    sector: str = param(
        "rio_grande_valley",
        unit="name",
        low=0,
        high=0,
        choices=SECTORS,
        doc="U.S. sector of the surge.",
    )
    days_on: int = param(28, unit="days", low=1, high=365, doc="Length of a surge.")
    days_off: int = param(56, unit="days", low=0, high=365, doc="Pause between two surges.")
    us_rise: float = param(
        0.5,
        unit="share",
        low=0.0,
        high=2.0,
        doc="Increase of the U.S. tempo in the sector at dose 1, during a surge.",
    )
    mx_rise: float = param(
        1.0,
        unit="share",
        low=0.0,
        high=5.0,
        doc="Increase of the Mexican tempo on the approach at dose 1, during a surge.",
    )
    agents: tuple[float, ...] = param(
        (2_572.0, 1_141.0, 911.0, 4_135.0, 2_631.0, 623.0, 1_598.0, 1_803.0, 3_086.0),
        unit="agents",
        low=0.0,
        high=20_000.0,
        labels=SECTORS,
        doc="Agents by sector, for the cost.",
        source="us/usbp_staffing.csv fiscal year 2013",
    )
    wage: float = param(
        171_400.0,
        unit="$/agent-year",
        low=100_000.0,
        high=300_000.0,
        doc="Yearly cost of an agent.",
        source="us/enforcement_costs_infrastructure.csv cost_per_CBP_officer_year_usd 2013",
    )
    mx_officers: float = param(
        300.0,
        unit="officers",
        low=0.0,
        high=20_000.0,
        doc="Mexican officers whose tempo is increased, for the cost.",
    )
    mx_wage: float = param(
        30_000.0,
        unit="$/officer-year",
        low=5_000.0,
        high=150_000.0,
        doc="Cost of a Mexican officer, including equipment.",
        source="[A] after drivers/costs.csv Mexico Federal Police, net pay per month",
    )
    effort_share: float = param(
        0.65,
        unit="share of wages",
        low=0.3,
        high=1.0,
        doc="Cost of a unit of additional tempo.",
    )

    @property
    def costs(self) -> tuple[Cost, ...]:
        """Return the costs of overtime in both countries."""
        unit = self.effort_share * self.days_on / (self.days_on + self.days_off)
        agents = self.agents[SECTORS.index(self.sector)]
        return (
            Cost(
                payer="us",
                dollars_per_year=self.us_rise * agents * self.wage * unit,
                what="Agents' overtime.",
                source=_WAGES,
                lever="us_effort",
            ),
            Cost(
                payer="mexico",
                dollars_per_year=self.mx_rise * self.mx_officers * self.mx_wage * unit,
                what="Mexican officers' overtime.",
                source="[A]",
                lever="mx_effort",
            ),
        )

    def _pull(self, levers: Levers, day: int, seen: Seen, dose: float) -> None:
        """Raise both tempos during a surge."""
        if (day - self.start) % (self.days_on + self.days_off) >= self.days_on:
            return
        sector = SECTORS.index(self.sector)
        levers.us_effort[sector] += self.us_rise * dose
        levers.mx_effort[_approach(seen.world, sector)] += self.mx_rise * dose


@functools.lru_cache(maxsize=16)
def _approach(world: World, sector: int) -> np.ndarray:
    """Return the Mexican staging places with a leg over the line into the sector."""
    leads = world.tail[world.is_line & (world.leg_sector == sector)]
    staging = (world.kind == PlaceKind.STAGING) & (np.array(world.country) == "MX")
    return np.intersect1d(leads, np.flatnonzero(staging))
