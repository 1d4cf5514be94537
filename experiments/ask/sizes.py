"""Sizes of an answer: about ten minutes, or three hours."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

from experiments.ask.effectiveness import DOUBT
from experiments.ask.rate_cells import MIN_DRAWS, MIN_VARIANT_DRAWS
from experiments.ask.regimes import REGIMES
from experiments.optimise.search import SearchEffort

MILLION = 1e6


@dataclass(frozen=True, kw_only=True)
class AnswerSize:
    """All sizes that determine the number of runs.

    Attributes:
        budgets: budgets of cooperation, $ per year.
        accounts: keys of ``sides.ACCOUNTS``.
        members: draws of the score.
        search_members: other members, for the search.
        effort: effort of the search.
        variant_members: draws of the score that also run the structural variants; 0 for none.
        variant_budget: budget of the variants, $ per year.
        scale: persons per simulated migrant.
        seed: first seed.
        doubt: largest factor of a programme's effectiveness (``effectiveness.DOUBT``).
        regimes: keys of ``regimes.REGIMES``; the first one also gives claims at equal budgets.
        marginal_members: draws of the score that also run the marginal pairs; 0 for none.
        min_draws: fewest complete draws of a cell with which a claim on it has a word.
        variant_effort: effort of the search in each structural variant.
    """

    budgets: tuple[float, ...]
    accounts: tuple[str, ...]
    members: int
    search_members: int
    effort: SearchEffort
    variant_members: int
    variant_budget: float
    scale: int = 200
    seed: int = 1
    doubt: float = DOUBT
    regimes: tuple[str, ...] = ("fy2013",)
    marginal_members: int = 0
    min_draws: int = MIN_DRAWS
    variant_effort: SearchEffort = SearchEffort(per_dimension=1.0, rounds=2, confirmed=3)


#: The size of the published answer.
FULL = AnswerSize(
    budgets=(100 * MILLION, 250 * MILLION, 500 * MILLION, 1000 * MILLION),
    accounts=("joint", "us"),
    members=60,
    search_members=10,
    effort=SearchEffort(per_dimension=3.0, rounds=3, confirmed=3),
    variant_members=MIN_VARIANT_DRAWS,
    variant_budget=500 * MILLION,
    regimes=tuple(REGIMES),
    marginal_members=MIN_VARIANT_DRAWS,
)
#: A small size: two budgets, joint dollars, few draws, no variants.
QUICK = AnswerSize(
    budgets=(250 * MILLION, 1000 * MILLION),
    accounts=("joint",),
    members=12,
    search_members=2,
    effort=SearchEffort(per_dimension=0.5, rounds=1),
    variant_members=0,
    variant_budget=1000 * MILLION,
    marginal_members=12,
)


def answer_size(
    *, quick: bool = False, seed: int = 1, budgets: Sequence[float] = (), **sizes: Any
) -> AnswerSize:
    """Return the size of an answer with changes.

    Args:
        quick: change ``QUICK`` instead of ``FULL``.
        seed: first seed.
        budgets: $ per year, ascending; the variants run at the middle one.
        sizes: other fields of :class:`AnswerSize`.

    Returns:
        The size.
    """
    if budgets:
        sizes |= {"budgets": tuple(budgets), "variant_budget": budgets[len(budgets) // 2]}
    return replace(QUICK if quick else FULL, seed=seed, **sizes)
