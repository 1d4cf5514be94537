"""The same question in a model that is built differently, one difference at a time."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True)
class Variant:
    """A structural variant: settings laid over the scenario of every side.

    ``alone``: policies in force beside the portfolios of the United States alone, and only there.
    ``doubt``: whether programmes deliver more or less than declared. ``worthless``: programmes that
    deliver nothing for what is paid.
    """

    title: str
    settings: Mapping[str, Any] = field(default_factory=dict)
    us_alone_policies: tuple[str, ...] = ()
    doubt: bool = True
    ineffective: tuple[str, ...] = ()


VARIANTS: dict[str, Variant] = {
    "as_declared": Variant("Every programme delivers just what is declared", doubt=False),
    "no_accords": Variant(
        "Bilateral accords, the best bargain as declared, deliver nothing",
        ineffective=("bilateral_accords",),
    ),
    "prospect_theory": Variant(
        "Migrants weigh chances and losses as in prospect theory", {"migrants.theory": "prospect"}
    ),
    "stackelberg": Variant(
        "The Border Patrol equalises marginal apprehensions (Stackelberg heuristic)",
        {"border_patrol.rule": "greedy"},
    ),
    "strategic_mexico": Variant(
        "Mexico takes part only where aid and its own benefit outweigh the cost",
        {"governments.mexico": "strategic"},
    ),
    "closed_entry": Variant(
        "No new smuggling organisations enter when margins last",
        {"smugglers.adaptive_entry": False},
    ),
    "withdrawn": Variant(
        "Alone means alone: without it, Mexico withdraws the cooperation of 2012, too",
        us_alone_policies=("no_cooperation",),
    ),
}
