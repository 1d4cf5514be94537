"""A gendarme force for rural Mexico."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from abm.policies.base import Cost, Inputs, Levers, Policy
from abm.policies.policy_params import OFFICER_PAY, amount_param, officer_cost

_FORCE = "mexico/cooperation_inputs.csv Gendarmerie, actual Aug 2014"


@dataclass(frozen=True, slots=True, kw_only=True)
class RuralGendarmerie(Policy):
    """Companies of gendarmes that patrol rural legs.

    Dose 1 is the force launched (5,000 officers), dose 2 the force planned (10,000) and dose 8 the
    force proposed (40,000).
    """

    id = "rural_gendarmerie"
    title = "Rural gendarmerie"
    arm = "institutions"
    needs_mexico = True
    area = "operations"
    claim = "Mexico plans a gendarme force that can police its countryside."
    mechanism = (
        "Companies of gendarmes are hired within a yearly limit, paid as they are on board, patrol "
        "rural legs, and move to where the map shows most people."
    )
    expect = (
        "More people are stopped on rural legs or pay a bribe to continue; routes shift to other "
        "legs."
    )
    fails_when = "Integrity is low: extortion rises faster than interdiction."
    lever_names = ("gendarmes",)
    high = 8.0
    monotone: ClassVar = {"EXTORTED": 1}
    failing: ClassVar = {"mexico.bribe": 3.0}  # about 2 officers of 100 are not bought

    officers: float = amount_param(
        5_000.0, "officers", "Gendarmes at dose 1.", high=40_000.0, source=_FORCE
    )
    cost_per_officer: float = officer_cost("Yearly cost of a gendarme, including equipment.")

    @property
    def costs(self) -> tuple[Cost, ...]:
        """Return the costs of pay and equipment."""
        dollars = self.officers * self.cost_per_officer
        return (
            Cost(
                "mexico", dollars, "Gendarmes' pay and equipment.", OFFICER_PAY, lever="gendarmes"
            ),
        )

    def _pull(self, levers: Levers, day: int, inputs: Inputs, dose: float) -> None:
        """Request gendarmes. The model hires them within its limit."""
        levers.gendarmes += self.officers * dose
