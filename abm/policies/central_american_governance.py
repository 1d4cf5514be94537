"""Support for courts, police and public services in Central America."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from abm.policies.base import Cost, Inputs, Levers, Policy
from abm.policies.policy_params import dollars_param, share_param
from agents.labels import COUNTRIES

_CARSI = "[A] after drivers/merida_by_year.csv CARSI FY2012 total appropriated"
_NORTHERN_TRIANGLE = COUNTRIES[:3]


@dataclass(frozen=True, slots=True, kw_only=True)
class CentralAmericanGovernance(Policy):
    """Pays for governance in Guatemala, Honduras and El Salvador, with a delay of years."""

    id = "central_american_governance"
    title = "Governance in Central America"
    arm = "governance"
    claim = (
        "Both countries worry that criminal organisations could bring some states of Central "
        "America to the point of failure."
    )
    mechanism = (
        "Money for courts, police and public services lowers state failure, which crime raises. "
        "With fewer homicides, fewer people leave."
    )
    expect = (
        "Nothing for three years or more; then fewer people set out from the Northern Triangle."
    )
    fails_when = (
        "The money is below the threshold at which governance outweighs the income of crime, or "
        "it arrives too slowly to have a visible effect."
    )
    acts_when = "The programme is four times as large."
    lever_names = ("governance",)
    high = 4.0
    judged_by = "departures_northern_triangle"
    years = 10
    #: CARSI as disbursed: $189 million in five years (drivers/merida_by_year.csv, June 2013).
    failing: ClassVar = {"policies.central_american_governance.support": 38e6}
    #: All U.S. assistance to Central America in FY2013-18: $3.7 billion (GAO-20-163R).
    acting: ClassVar = {"policies.central_american_governance.support": 620e6}
    switched_off: ClassVar = {"push.governance_gain": 0.0}

    support: float = dollars_param(
        150e6, "Support for all three countries at dose 1.", high=1e9, source=_CARSI
    )
    share: tuple[float, ...] = share_param(
        (0.51, 0.29, 0.20),
        "Distribution of the support by country; only the proportions count.",
        labels=_NORTHERN_TRIANGLE,
        source="drivers/country_year.csv population 2013",
    )

    @property
    def costs(self) -> tuple[Cost, ...]:
        """Return the yearly appropriation."""
        return (
            Cost("us", self.support, "Support for courts, police and public services.", _CARSI),
        )

    def _pull(self, levers: Levers, day: int, inputs: Inputs, dose: float) -> None:
        """Divide the support among countries. The model spends the money with a delay."""
        share = np.array(self.share) / max(sum(self.share), 1e-9)
        levers.governance[: len(_NORTHERN_TRIANGLE)] += self.support * dose * share
