"""Sizes of an answer.

One ten-year run gives all horizons. Runs of three years cost a third. The table of runs
is in docs/background/decisions/search.md.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

from abm.scenario import SettingError
from experiments.studies.ask.rate_cells import MIN_DRAWS, MIN_VARIANT_DRAWS
from experiments.studies.ask.regimes import PUBLISHED, REGIMES
from experiments.studies.ask.verdict import TIMES
from experiments.studies.optimise.effectiveness_prior import DOUBT
from experiments.studies.optimise.horizons import BOTH, JUDGED
from experiments.studies.optimise.search import BudgetTarget, SearchEffort, targets
from experiments.studies.optimise.sides import ACCOUNTS, buyable, largest_budget

MILLION = 1e6
#: Multiples of a budget that the United States alone also has in later regimes and variants: a
#: frontier with fewer portfolios is lower between them, which raises the exchange rate.
US_MULTIPLES = (2.0, TIMES)


@dataclass(frozen=True, kw_only=True)
class AnswerSize:
    """All sizes that determine the number of runs.

    Attributes:
        budgets: budgets of cooperation, $ per year, in the first regime.
        accounts: keys of ``sides.ACCOUNTS``.
        members: score draws.
        search_members: other members, for the search.
        effort: effort of the search.
        variant_members: score draws that also run the structural variants, or 0 for none.
        variant_budget: budget of the variants, $ per year.
        scale: persons per simulated migrant.
        seed: first seed.
        doubt: largest factor of a programme's effectiveness (``effectiveness_prior.DOUBT``).
        regimes: keys of ``regimes.REGIMES``. The first one also gives claims at equal budgets.
        marginal_members: score draws that also run the marginal pairs, or 0 for none.
        min_draws: smallest number of complete draws of a cell with which its claims have a word.
        variant_effort: effort of the search in each structural variant.
        us_budgets: further budgets of the United States alone in the first regime, $ per year.
            Empty for ``TIMES`` times each budget. Variants, and later regimes with separate
            budgets, have ``US_MULTIPLES`` of each budget.
        regime_budgets: budgets of cooperation in all regimes but the first. Empty for ``budgets``.
        regime_effort: effort of the search in all regimes but the first.
        search_years: length of the search's runs, one of ``horizons.JUDGED``.
        score_years: length of the score's runs.
        marginal_years: run length of the marginal pairs.
        regime_years: length of both in all regimes but the first.
        variant_years: run length for scoring the structural variants, and for their pairs.
        variants: keys of ``regimes.VARIANTS``.
        confirmed_draws: common draws on which the candidates of a search are compared.
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
    us_budgets: tuple[float, ...] = ()
    regime_budgets: tuple[float, ...] = ()
    regime_effort: SearchEffort = SearchEffort(per_dimension=1.0, rounds=2, confirmed=3)
    search_years: int = 10
    score_years: int = 10
    marginal_years: int = 10
    regime_years: int = 10
    variant_years: int = 10
    variants: tuple[str, ...] = PUBLISHED
    confirmed_draws: int = 8

    def __post_init__(self) -> None:
        """Refuse a search whose runs reach no judged horizon: nothing could be compared."""
        if self.search_years not in JUDGED:
            years = " or ".join(map(str, JUDGED))
            raise SettingError(
                "search_years",
                f"runs of {self.search_years} years reach no judged horizon",
                f"Give {years} years.",
            )

    @property
    def side_budgets(self) -> dict[str, list[float]]:
        """Budgets by side, $ per year.

        The United States alone also has further budgets (by default ``TIMES`` times each budget),
        and the dollars of all its instruments at their largest doses, which no portfolio exceeds.
        """
        budgets = list(self.budgets)
        more = self.us_budgets or tuple(TIMES * budget for budget in budgets)
        us_only = sorted({*budgets, *more, largest_budget(buyable(), "us_only")})
        return {"us_only": us_only, "cooperative": budgets, "mixed": budgets}

    @property
    def targets(self) -> list[BudgetTarget]:
        """Targets of a search: joint dollars, and both kinds of entries together."""
        return targets(self.side_budgets, outcomes=(BOTH,))

    def at(self, number: int) -> AnswerSize:
        """Return the size of the regime at a position: its budgets and the effort of its search."""
        if not number:
            return self
        budgets = self.regime_budgets or self.budgets
        us = _us_budgets(self.regime_budgets) or self.us_budgets
        years = {"score_years": self.regime_years, "marginal_years": self.regime_years}
        return replace(self, budgets=budgets, us_budgets=us, effort=self.regime_effort, **years)

    @property
    def of_variants(self) -> AnswerSize:
        """Size of the structural variants: one budget, and the effort of their search."""
        budgets = (self.variant_budget,)
        return replace(
            self,
            accounts=("joint",),
            budgets=budgets,
            us_budgets=_us_budgets(budgets),
            effort=self.variant_effort,
        )


def _us_budgets(budgets: Sequence[float]) -> tuple[float, ...]:
    """Return the further budgets of the United States alone in later regimes and variants."""
    return tuple(times * budget for budget in budgets for times in US_MULTIPLES)


_SINGLE = 400 * MILLION  # $ per year of an instrument alone, where there is one size
#: Effort in a regime after the first, and in a variant.
_LESS = SearchEffort(per_dimension=0.75, rounds=2, confirmed=2, single_sizes=(_SINGLE,))
#: The size of the published answer.
FULL = AnswerSize(
    budgets=(250 * MILLION, 500 * MILLION, 1000 * MILLION),
    accounts=tuple(ACCOUNTS),
    members=60,
    search_members=6,
    effort=SearchEffort(
        per_dimension=1.5, rounds=3, confirmed=2, single_sizes=(100 * MILLION, _SINGLE)
    ),
    variant_members=MIN_VARIANT_DRAWS,
    variant_budget=500 * MILLION,
    regimes=tuple(REGIMES),
    marginal_members=MIN_VARIANT_DRAWS,
    # half of the smallest budget: two equal countries would each have it
    us_budgets=(125 * MILLION, 2000 * MILLION, 4000 * MILLION),
    regime_budgets=(500 * MILLION,),
    regime_effort=_LESS,
    variant_effort=_LESS,
    search_years=3,
    regime_years=3,
    variant_years=3,
    confirmed_draws=4,
)
#: The size of a small answer: two budgets, joint dollars, few draws, and no variants.
QUICK = AnswerSize(
    budgets=(250 * MILLION, 1000 * MILLION),
    accounts=("joint",),
    members=8,
    search_members=2,
    effort=SearchEffort(per_dimension=0.4, rounds=1, single_sizes=(_SINGLE,)),
    variant_members=0,
    variant_budget=1000 * MILLION,
    marginal_members=8,
    us_budgets=(4000 * MILLION,),
    search_years=3,
)


def answer_size(
    *, quick: bool = False, seed: int = 1, budgets: Sequence[float] = (), **sizes: Any
) -> AnswerSize:
    """Return the size of an answer with changes.

    Args:
        quick: change ``QUICK`` instead of ``FULL``.
        seed: first seed.
        budgets: $ per year, ascending. Variants and later regimes run at the middle one.
        sizes: other fields of :class:`AnswerSize`.

    Returns:
        The size.
    """
    if budgets:
        middle = budgets[len(budgets) // 2]
        sizes |= {"budgets": tuple(budgets), "variant_budget": middle}
        sizes |= {"us_budgets": (), "regime_budgets": () if quick else (middle,)}
    return replace(QUICK if quick else FULL, seed=seed, **sizes)
