"""U.S. trainers for Mexican officers."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from abm.policies.base import Cost, Inputs, Levers, Policy
from abm.policies.failure_conditions import pools_of
from abm.policies.policy_params import amount_param
from agents.param import param


@dataclass(frozen=True, slots=True, kw_only=True)
class Trainers(Policy):
    """Sends unarmed civilian trainers to Mexican academies. The trainers do not stop people."""

    id = "trainers"
    title = "Trainers for Mexican officers"
    arm = "institutions"
    needs_mexico = True
    area = "training"
    claim = "Closer cooperation could send more U.S. trainers to Mexico, without any soldiers."
    mechanism = (
        "Unarmed civilian trainers teach Mexican officers, whose competence rises with "
        "diminishing returns; it decays as trained officers leave."
    )
    expect = "The same number of Mexican officers stops more people, after a year or two."
    fails_when = "Turnover is high: trained officers leave as fast as new ones are trained."
    acts_when = "Half of the people who arrive are foreigners, and four times as much is paid."
    lever_names = ("trainers",)
    high = 10.0
    acting: ClassVar = {**pools_of(2016), "policies.trainers.dose": 4.0}
    failing: ClassVar = {"mexico.turnover": 1.0, "mexico.trained": 8.0}

    trainers: float = amount_param(
        200.0, "trainers", "Additional trainers at dose 1.", high=5_000.0
    )
    cost_per_trainer: float = param(
        0.3e6,
        unit="$/trainer-year",
        low=0.1e6,
        high=1e6,
        doc="Yearly cost of a trainer, including travel and courses.",
        draw_range=(0.15e6, 0.6e6),
    )

    @property
    def costs(self) -> tuple[Cost, ...]:
        """Return the additional trainers' yearly cost."""
        return (
            Cost(
                "us",
                self.trainers * self.cost_per_trainer,
                "Trainers' pay, travel and courses.",
                "[A]",
            ),
        )

    def _pull(self, levers: Levers, day: int, inputs: Inputs, dose: float) -> None:
        """Add trainers in proportion to the dose."""
        levers.trainers += self.trainers * dose
