"""Structural variants: the question in models that differ in one assumption."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from abm.scenario import Scenario
from abm.scenario.tree import paths_of


@dataclass(frozen=True)
class Variant:
    """A structural variant.

    Attributes:
        title: description.
        settings: dotted settings for the scenario of every side.
        us_alone_policies: policies in force only with portfolios of the United States alone.
        doubt: whether the effectiveness of programmes is uncertain.
        ineffective: programmes that have no effect.
        drawn_supply: whether supply follows terms and a random level that each member draws.
        copied: dotted paths that have, in each member, the value of another path.
    """

    title: str
    settings: Mapping[str, Any] = field(default_factory=dict)
    us_alone_policies: tuple[str, ...] = ()
    doubt: bool = True
    ineffective: tuple[str, ...] = ()
    drawn_supply: bool = False
    copied: Mapping[str, str] = field(default_factory=dict)

    @property
    def exists(self) -> bool:
        """Whether the model has all parameters that the variant copies."""
        known = set(paths_of(Scenario()))
        return known.issuperset((*self.copied, *self.copied.values()))


_DECLARED: dict[str, Variant] = {
    "as_declared": Variant("Every programme has exactly its declared effect", doubt=False),
    "no_accords": Variant(
        "Bilateral accords, the most cost-effective programme as declared, have no effect",
        ineffective=("bilateral_accords",),
    ),
    "no_overtime": Variant(
        "Overtime of the Border Patrol has no effect", ineffective=("patrol_effort",)
    ),
    "drawn_supply": Variant(
        "Supply follows terms and a random level that are drawn by member", drawn_supply=True
    ),
    "operations_returns": Variant(
        "Tempo of Mexican operations has the same returns as officers",
        copied={"mexico.operations_returns": "contest.eta"},
    ),
    "prospect_theory": Variant(
        "Migrants decide by prospect theory", {"migrants.theory": "prospect"}
    ),
    "stackelberg": Variant(
        "The Border Patrol equalises marginal apprehensions (Stackelberg heuristic)",
        {"border_patrol.rule": "greedy"},
    ),
    "strategic_mexico": Variant(
        "Mexico cooperates only if aid and its own benefit exceed the cost",
        {"governments.mexico": "strategic"},
    ),
    "closed_entry": Variant(
        "No new smuggling organisations enter when margins stay high",
        {"smugglers.adaptive_entry": False},
    ),
    "withdrawn": Variant(
        "With the United States alone, Mexico also withdraws the cooperation of 2012",
        us_alone_policies=("no_cooperation",),
    ),
}

#: Variants whose parameters the model has.
VARIANTS = {name: variant for name, variant in _DECLARED.items() if variant.exists}
