"""A Mexican border patrol on the approach to the line."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from abm.policies.base import Cost, Inputs, Levers, Policy
from abm.policies.failure_conditions import pools_of
from abm.policies.policy_params import OFFICER_PAY, amount_param, officer_cost
from abm.world.vocabulary import PlaceKind


@dataclass(frozen=True, slots=True, kw_only=True)
class MexicanBorderPatrol(Policy):
    """Posts Mexican officers in towns near the line, in proportion to U.S. agents across the line.

    The limit on officers who act with the migration institute (`mexico.gendarmes_per_officer`) does
    not apply to these officers [A], because a border patrol counts as part of the institute, which
    may check papers.
    """

    id = "mexican_border_patrol"
    title = "A Mexican border patrol"
    arm = "institutions"
    needs_mexico = True
    area = "operations"
    claim = "A border patrol is among the projects that Mexico might take up."
    mechanism = (
        "Officers are hired within a yearly limit, paid as they are on board, and posted at "
        "staging places in proportion to the U.S. agents on the other side. They may stop "
        "foreigners only."
    )
    expect = "A second barrier just before the first: fewer Northern Triangle arrivals at the line."
    fails_when = (
        "It duplicates U.S. enforcement: few foreigners come, or they would have been stopped a "
        "day later, or they pay a bribe to continue."
    )
    acts_when = "Half of the flow is foreign, and twice as many officers refuse nearly all bribes."
    lever_names = ("mx_officers",)
    high = 4.0
    failing: ClassVar = pools_of(2011)  # 12 % foreigners, as in FY2011
    #: Half of the people are foreigners, as in FY2016. The first plan for the Gendarmerie had the
    #: same 10,000 officers (mexico/cooperation_inputs.csv, 2012).
    acting: ClassVar = {
        **pools_of(2016),
        "mexico.bribe": 0.1,
        "policies.mexican_border_patrol.dose": 2.0,
    }
    switched_off: ClassVar = {"mexico.bribe": 10.0}  # Every officer takes bribes.

    officers: float = amount_param(
        5_000.0,
        "officers",
        "Officers at dose 1.",
        high=40_000.0,
        source="[A] as large as mexico/cooperation_inputs.csv Gendarmerie, actual Aug 2014",
    )
    cost_per_officer: float = officer_cost()
    hiring: float = amount_param(
        5_000.0,
        "officers/year",
        "Officers of this force that can be hired per year, within the hiring of all forces.",
        high=100_000.0,
        source="[A] after mexico/cooperation_inputs.csv Gendarmerie, actual Aug 2014",
    )

    @property
    def costs(self) -> tuple[Cost, ...]:
        """Return the cost of pay and equipment."""
        return (
            Cost(
                "mexico",
                self.officers * self.cost_per_officer,
                "Officers' pay and equipment.",
                OFFICER_PAY,
                lever="mx_officers",
                ramp_days=365.0 * self.officers * self.dose / max(self.hiring, 1e-9),
            ),
        )

    @property
    def days_to_hire(self) -> float:
        """Return the days until all officers are hired, plus one day for rounding."""
        return 365.0 * self.officers * self.delivered_dose / max(self.hiring, 1e-9) + 1.0

    def _pull(self, levers: Levers, day: int, inputs: Inputs, dose: float) -> None:
        """Post the officers who are hired by the day."""
        hired = min(self.officers * dose, self.hiring * (day - self.start + 1) / 365.0)
        share = _opposite(inputs)
        levers.mx_officers += hired * share / max(float(share.sum()), 1e-9)


def _opposite(inputs: Inputs) -> np.ndarray:
    """Return a weight by place, shape (places,).

    A staging place is weighted by the U.S. agents across the line. If no staging place has a leg
    across the line, all staging places have equal weights.
    """
    world, us_base = inputs.world, inputs.us_base
    staging = (world.kind == PlaceKind.STAGING) & (np.array(world.country) == "MX")
    line = np.flatnonzero(world.is_line)
    sector = world.leg_sector[line]
    legs = np.bincount(sector, minlength=us_base.size)
    weight = np.bincount(world.tail[line], us_base[sector] / legs[sector], world.n_places)
    weight = np.where(staging, weight, 0.0)
    return weight if weight.any() else staging.astype(float)
