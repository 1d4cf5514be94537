"""Prosecution of smugglers in the United States."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from abm.policies.base import Cost, Inputs, Levers
from abm.policies.policy_params import amount_param, share_param
from abm.policies.sentences import PRISON_SOURCE, Sentencing


@dataclass(frozen=True, slots=True, kw_only=True)
class SmugglerProsecution(Sentencing):
    """Prosecutes guides and drivers under U.S. law and seizes funds; reaches one side only."""

    id = "smuggler_prosecution"
    title = "Prosecution of smugglers in the United States"
    arm = "legal_accords"
    basis = "used"
    claim = (
        "Law enforcement and courts should target the organisations that smuggle people; U.S. law "
        "reaches those who work on its side, without Mexico."
    )
    mechanism = (
        "Guides and drivers arrested in the United States are sentenced to prison, so a failed "
        "attempt costs an organisation more, and a part of its funds is seized. Organisers in "
        "Mexico are out of reach: a sentence has half the effect of one under accords."
    )
    expect = "Fees rise, and some people stay; each further sentence adds less."
    fails_when = (
        "Guides are cheap to replace: organisations hire others and pay little for the risk of "
        "prison."
    )
    lever_names = ("penalty", "pressure")
    high = 4.0
    #: a failed attempt costs the organisation a fifth of the default, the hire of another guide [A]
    failing: ClassVar = {
        "smugglers.penalty.mexican": 60.0,
        "smugglers.penalty.northern_triangle": 160.0,
    }
    switched_off: ClassVar = {
        "policies.smuggler_prosecution.penalty": 0.0,
        "policies.smuggler_prosecution.seized": 0.0,
    }

    cases: float = amount_param(
        2_000.0,
        "sentences/year",
        "Additional sentences at dose 1.",
        high=20_000.0,
        source="[A] about as many again as in the base year; the number of FY2013 was not found "
        "(U.S. Sentencing Commission, overview of FY2013)",
    )
    penalty: float = share_param(
        0.54,
        "Relative increase of an organisation's loss from a failed attempt at dose 1, before "
        "saturation. 0: sentences deter nobody.",
        high=5.0,
        source="[A] 2,000 sentences as in abm/policies/sentences.py, times a reach of one half: "
        "organisers in Mexico are not sentenced",
    )
    seized: float = amount_param(
        0.1,
        "per year",
        "Rate at which organisations' funds in the United States are seized at dose 1.",
        high=2.0,
    )

    @property
    def costs(self) -> tuple[Cost, ...]:
        """Return the costs of cases and prisons."""
        each = self.us_price()
        return (
            Cost(
                "us",
                self.cases * each,
                "Investigations, courts and prisons.",
                f"{PRISON_SOURCE}; case [A]",
            ),
        )

    def _pull(self, levers: Levers, day: int, inputs: Inputs, dose: float) -> None:
        """Raise the loss from a failed attempt and the rate of seizure."""
        ready = self.sentenced(day, dose)
        levers.penalty += self.penalty * ready
        levers.pressure += 1.0 - (1.0 - min(self.seized, 1.0)) ** ready
