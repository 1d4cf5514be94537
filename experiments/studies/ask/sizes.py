"""Sizes of an answer.

One ten-year run gives all horizons. Runs of three years cost a third. The table of runs
is in docs/background/decisions/search.md.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

from abm.scenario import SettingError
from experiments.studies.ask.regimes import REGIMES, VARIANTS
from experiments.studies.ask.verdict import MIN_DRAWS, MIN_VARIANT_DRAWS, TIMES
from experiments.studies.optimise.effectiveness_prior import LARGEST_FACTOR
from experiments.studies.optimise.horizons import BOTH, JUDGED
from experiments.studies.optimise.search import BudgetTarget, SearchEffort, targets
from experiments.studies.optimise.sides import ACCOUNTS, MILLION, largest_budget
from experiments.studies.optimise.study import PortfolioPlan

_SINGLE_SIZE = 400 * MILLION  # $ per year of an instrument alone


@dataclass(frozen=True, kw_only=True)
class AnswerSize(PortfolioPlan):
    """All sizes that determine the number of runs.

    The first regime has its own budgets, effort and length of runs. All later regimes and the
    structural variants share another, smaller size (:attr:`later`).

    Attributes:
        budgets: budgets of cooperation, $ per year.
        us_budgets: further budgets of the United States alone, $ per year. Empty for ``TIMES``
            times each budget.
        accounts: keys of ``sides.ACCOUNTS``.
        regimes: keys of ``regimes.REGIMES``.
        variants: keys of ``regimes.VARIANTS``.
        marginal_members: score draws that also run the marginal pairs, or 0 for none.
        variant_members: score draws that also run the structural variants, or 0 for none.
        confirmed_draws: common draws on which the candidates of a search are compared.
        effort: effort of the search.
        search_years: length of the search's runs, one of ``horizons.JUDGED``.
        score_years: length of the score's runs, and of the marginal pairs.
        later_budget: budget of cooperation in later regimes and variants, $ per year.
        later_effort, later_years: the same of later regimes and variants.
        scale: persons per simulated migrant.
        largest_factor: largest factor of a programme's effectiveness.
    """

    budgets: tuple[float, ...]
    us_budgets: tuple[float, ...] = ()
    accounts: tuple[str, ...]
    regimes: tuple[str, ...] = ("fy2013",)
    variants: tuple[str, ...] = tuple(VARIANTS)
    marginal_members: int = 0
    variant_members: int
    confirmed_draws: int = 8
    effort: SearchEffort
    search_years: int = 10
    score_years: int = 10
    later_budget: float
    later_effort: SearchEffort = SearchEffort(
        per_dimension=0.75, rounds=2, confirmed=2, single_sizes=(_SINGLE_SIZE,)
    )
    later_years: int = 3
    scale: int = 200
    largest_factor: float = LARGEST_FACTOR

    def __post_init__(self) -> None:
        """Refuse a search whose runs reach no judged horizon: nothing could be compared."""
        if self.search_years not in JUDGED:
            years = " or ".join(map(str, JUDGED))
            reason = f"runs of {self.search_years} years reach no judged horizon"
            raise SettingError("search_years", reason, f"Give {years} years.")

    @property
    def targets(self) -> list[BudgetTarget]:
        """Targets of a search: joint dollars, and both kinds of entries together.

        The United States alone also has its further budgets, and the dollars of all its instruments
        at their largest doses, which no portfolio exceeds.
        """
        budgets = list(self.budgets)
        more = self.us_budgets or tuple(TIMES * budget for budget in budgets)
        us_only = sorted({*budgets, *more, largest_budget(self.instruments, "us_only")})
        by_side = {"us_only": us_only, "cooperative": budgets, "mixed": budgets}
        return targets(by_side, outcomes=(BOTH,))

    @property
    def later(self) -> AnswerSize:
        """Size of the later regimes and of the variants, which have one budget.

        The United States alone also has twice the budget: a frontier with fewer portfolios is lower
        between them, which raises the exchange rate.
        """
        return replace(
            self,
            budgets=(self.later_budget,),
            us_budgets=(2.0 * self.later_budget, TIMES * self.later_budget),
            effort=self.later_effort,
            score_years=self.later_years,
        )


#: The size of the published answer.
FULL = AnswerSize(
    budgets=(250 * MILLION, 500 * MILLION, 1000 * MILLION),
    # Two equal countries would each have half of the smallest budget.
    us_budgets=(125 * MILLION, 2000 * MILLION, 4000 * MILLION),
    accounts=tuple(ACCOUNTS),
    regimes=tuple(REGIMES),
    members=MIN_DRAWS,
    marginal_members=MIN_VARIANT_DRAWS,
    variant_members=MIN_VARIANT_DRAWS,
    search_members=6,
    confirmed_draws=4,
    effort=SearchEffort(
        per_dimension=1.5, rounds=3, confirmed=2, single_sizes=(100 * MILLION, _SINGLE_SIZE)
    ),
    search_years=3,
    later_budget=500 * MILLION,
)
#: The size of a small answer: two budgets, joint dollars, few draws, and no variants.
QUICK = AnswerSize(
    budgets=(250 * MILLION, 1000 * MILLION),
    accounts=("joint",),
    members=8,
    marginal_members=8,
    variant_members=0,
    search_members=2,
    effort=SearchEffort(per_dimension=0.4, rounds=1, single_sizes=(_SINGLE_SIZE,)),
    search_years=3,
    later_budget=1000 * MILLION,
)


def answer_size(
    *, quick: bool = False, seed: int = 1, budgets: Sequence[float] = (), **sizes: Any
) -> AnswerSize:
    """Return the size of an answer with changes.

    Args:
        quick: change ``QUICK`` instead of ``FULL``.
        seed: first seed.
        budgets: $ per year, ascending. Variants and later regimes run at the middle one.
        sizes: other fields of :class:`AnswerSize`, None for those that do not change.

    Returns:
        The size.
    """
    sizes = {name: value for name, value in sizes.items() if value is not None}
    if budgets:
        sizes |= {"budgets": tuple(budgets), "us_budgets": ()}
        sizes |= {"later_budget": budgets[len(budgets) // 2]}
    return replace(QUICK if quick else FULL, seed=seed, **sizes)
