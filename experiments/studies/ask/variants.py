"""Structural variants: the question in models that differ in one assumption."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from experiments.studies.ask.contested import DECLARED, SAME, Position


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
        marginal: whether marginal pairs are run too.
        contested: position of both contested numbers in every draw; None if they are drawn.
    """

    title: str
    settings: Mapping[str, Any] = field(default_factory=dict)
    us_alone_policies: tuple[str, ...] = ()
    doubt: bool = True
    ineffective: tuple[str, ...] = ()
    drawn_supply: bool = False
    marginal: bool = False
    contested: Position | None = None


#: Variants in the order in which they are printed. Others are compared with the first one, which
#: has the same draws, budgets, length of runs and effort of the search.
VARIANTS: dict[str, Variant] = {
    "as_is": Variant(
        "The unchanged model, with the draws, budgets, runs and search of the variants",
        marginal=True,
    ),
    "same_limits_and_law": Variant(
        "Mexico's operations have the limits of tempo of the United States and the returns of "
        "officers",
        marginal=True,
        contested=SAME,
    ),
    "declared_limits_and_law": Variant(
        "Mexico's operations have their declared limits and returns in every draw",
        marginal=True,
        contested=DECLARED,
    ),
    "as_declared": Variant(
        "Every programme has exactly its declared effect, and Mexico's operations their declared "
        "limits and returns",
        doubt=False,
        contested=DECLARED,
    ),
    "no_accords": Variant(
        "Bilateral accords, the most cost-effective programme as declared, have no effect",
        ineffective=("bilateral_accords",),
    ),
    "no_overtime": Variant(
        "Overtime of the Border Patrol, in all its forms, has no effect",
        ineffective=("patrol_effort", "sector_surge", "joint_operations"),
    ),
    "enforcement_only": Variant(
        "Enforcement only: work visas (legal_pathways) and prosecutions of smugglers "
        "(smuggler_prosecution) have no effect, for any side",
        marginal=True,
        ineffective=("legal_pathways", "smuggler_prosecution"),
    ),
    "drawn_supply": Variant(
        "Supply follows terms and a random level that are drawn by member", drawn_supply=True
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

#: The first variant, to which the others are compared.
CONTROL = "as_is"
#: Variants of the published answer. ``as_declared`` differs from the model in two assumptions.
PUBLISHED = tuple(name for name in VARIANTS if name != "as_declared")
