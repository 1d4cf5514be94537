"""Surges that both countries plan jointly on one corridor."""

from __future__ import annotations

import functools
from dataclasses import dataclass
from types import MappingProxyType
from typing import TYPE_CHECKING

import numpy as np

from abm.policies.base import Cost, Inputs
from abm.policies.surges import SurgePolicy
from abm.world.vocabulary import PlaceKind
from agents.param import param

if TYPE_CHECKING:
    from abm.world.routes import World
    from agents.levers import Levers


@dataclass(frozen=True, slots=True, kw_only=True)
class JointOperations(SurgePolicy):
    """Raises the tempo of both countries in one sector and on its approach, in surges.

    Nearly all of the effect is that of the U.S. half, which `sector_surge` buys without Mexico. The
    yearly cost is the mean over surges and pauses.
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

    mx_rise: float = param(
        1.0,
        unit="share",
        low=0.0,
        high=5.0,
        doc="Increase of the Mexican tempo on the approach at dose 1, during a surge.",
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

    @property
    def costs(self) -> tuple[Cost, ...]:
        """Return the costs of overtime in both countries."""
        wages = self.mx_officers * self.mx_wage
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
        """Raise both tempos during a surge."""
        if not self.surging(day):
            return
        levers.us_effort[self.sector_index] += self.us_rise * dose
        levers.mx_effort[_approach(inputs.world, self.sector_index)] += self.mx_rise * dose


@functools.lru_cache(maxsize=16)
def _approach(world: World, sector: int) -> np.ndarray:
    """Return the Mexican staging places with a leg over the line into the sector."""
    leads = world.tail[world.is_line & (world.leg_sector == sector)]
    staging = (world.kind == PlaceKind.STAGING) & (np.array(world.country) == "MX")
    return np.intersect1d(leads, np.flatnonzero(staging))
