"""How much is played for an answer: in ten minutes, or in three hours."""

from __future__ import annotations

from dataclasses import dataclass

from experiments.ask.effectiveness import DOUBT
from experiments.optimise.search import SearchEffort

MILLION = 1e6


@dataclass(frozen=True, kw_only=True)
class AnswerSize:
    """Everything that decides how many runs an answer takes.

    ``budgets``: $ a year of cooperation. ``accounts``: of ``sides.ACCOUNTS``. ``members``: draws
    that judge. ``search_members``: others, on which portfolios are looked for. ``variant_members``:
    of the judging ones, those that also play the structural variants, at ``variant_budget``; 0
    leaves the variants out. ``scale``: persons that a simulated migrant stands for. ``doubt``:
    factor by which a programme may deliver more or less than declared (``effectiveness.DOUBT``).
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


#: The answer that is quoted.
FULL = AnswerSize(
    budgets=(100 * MILLION, 250 * MILLION, 500 * MILLION, 1000 * MILLION),
    accounts=("joint", "us"),
    members=50,
    search_members=2,
    effort=SearchEffort(together=66, rounds=3),
    variant_members=10,
    variant_budget=500 * MILLION,
)
#: A first look: two budgets, joint dollars, few draws, no variants.
QUICK = AnswerSize(
    budgets=(250 * MILLION, 1000 * MILLION),
    accounts=("joint",),
    members=12,
    search_members=2,
    effort=SearchEffort(together=20, rounds=1),
    variant_members=0,
    variant_budget=1000 * MILLION,
)
