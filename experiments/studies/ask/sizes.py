"""Sizes of an answer: budgets, draws, and length of the runs.

A run over ten years covers all horizons. A run over three years costs about a third as much. The
table in docs/internals/decisions/program.md gives the number of runs.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

from abm.measures import ENTRIES
from abm.scenario import SettingError
from experiments.studies.ask.regimes import CORE, HEADLINES, REGIMES, Headline
from experiments.studies.ask.verdict import JOINT, MIN_DRAWS, MIN_PAIR_DRAWS, TIMES
from experiments.studies.optimise.effectiveness_prior import LARGEST_FACTOR
from experiments.studies.optimise.horizons import BOTH, JUDGED
from experiments.studies.optimise.search import BudgetTarget, SearchEffort, targets
from experiments.studies.optimise.sides import ACCOUNTS, MILLION, largest_budget
from experiments.studies.optimise.study import PortfolioPlan

_SINGLE_SIZE = 400 * MILLION  # $ per year in a one-instrument portfolio


@dataclass(frozen=True, kw_only=True)
class AnswerSize(PortfolioPlan):
    """All sizes that determine how many runs an answer needs.

    The core headline has its own budgets, effort and run length in the first regime. Later regimes
    have a smaller size (:attr:`later`), and all other headlines the smallest (:meth:`headline`).

    Attributes:
        budgets: budgets for cooperation and for both together, $ per year.
        us_budgets: further budgets for the United States alone, $ per year. If empty, these are
            ``TIMES`` times each budget.
        largest: whether the United States alone also has a portfolio with all its instruments at
            their maximum doses, which no other portfolio exceeds.
        measures: the outcomes that are judged.
        accounts: keys of ``sides.ACCOUNTS``.
        regimes: keys of ``regimes.REGIMES``.
        headlines: keys of ``regimes.HEADLINES``, the core first.
        marginal_members: number of score draws that also run the marginal pairs.
        turning_members: number of members with whose settings the assumed numbers are tested at
            their bounds.
        confirmed_draws: number of common draws on which the candidates of a search are compared.
        effort: effort of the core's search in the first regime.
        search_years: length of the search's runs in years, a value from ``horizons.JUDGED``.
        score_years: length of the runs for scores and marginal pairs, in years.
        later_budget: cooperation budget in later regimes, other headlines and marginal pairs, $ per
            year.
        later_effort, later_years: search effort and run length (years) in later regimes.
        headline_effort: search effort that other headlines add to the core's search.
        scale: persons per simulated migrant.
        largest_factor: maximum factor on a programme's effectiveness.
    """

    budgets: tuple[float, ...]
    us_budgets: tuple[float, ...] = ()
    largest: bool = True
    measures: tuple[str, ...] = ENTRIES
    accounts: tuple[str, ...]
    regimes: tuple[str, ...] = ("fy2013",)
    headlines: tuple[str, ...] = (CORE,)
    marginal_members: int = 0
    turning_members: int = 0
    confirmed_draws: int = 8
    effort: SearchEffort
    search_years: int = 10
    score_years: int = 10
    later_budget: float
    later_effort: SearchEffort = SearchEffort(
        per_dimension=0.75, rounds=2, confirmed=2, single_sizes=(_SINGLE_SIZE,)
    )
    later_years: int = 3
    headline_effort: SearchEffort = SearchEffort(
        per_dimension=0.1, rounds=1, single_sizes=(_SINGLE_SIZE,)
    )
    scale: int = 200
    largest_factor: float = LARGEST_FACTOR

    def __post_init__(self) -> None:
        """Raise ``SettingError`` if the search's runs reach no judged horizon."""
        if self.search_years not in JUDGED:
            years = " or ".join(map(str, JUDGED))
            reason = f"runs of {self.search_years} years reach no judged horizon"
            raise SettingError("search_years", reason, f"Give {years} years.")

    @property
    def outcome(self) -> str:
        """Outcome that the portfolios minimise."""
        return BOTH if self.measures == ENTRIES else self.measures[0]

    @property
    def targets(self) -> list[BudgetTarget]:
        """Search targets in joint dollars. The United States alone has further budgets."""
        budgets = list(self.budgets)
        more = {*budgets, *(self.us_budgets or (TIMES * budget for budget in budgets))}
        if self.largest:
            more.add(largest_budget(self.instruments, "us_only"))
        by_side = {"us_only": sorted(more), "cooperative": budgets, "mixed": budgets}
        return targets(by_side, outcomes=(self.outcome,))

    @property
    def later(self) -> AnswerSize:
        """Size of the later regimes, which have one budget.

        The United States alone also has portfolios at twice and ``TIMES`` times this budget. A
        frontier is interpolated between its portfolios. With fewer portfolios it is too low between
        them, and the exchange rate is too high. A size whose only budget is the later budget keeps
        its ``us_budgets``.
        """
        more = 2.0 * self.later_budget, TIMES * self.later_budget
        return replace(
            self,
            budgets=(self.later_budget,),
            us_budgets=self.us_budgets if self.budgets == (self.later_budget,) else more,
            effort=self.later_effort,
            score_years=self.later_years,
        )

    def headline(self, headline: Headline) -> AnswerSize:
        """Return the size of another headline.

        The United States alone has the later budget and ``TIMES`` times the later budget, which
        decides *requires*. It has no higher budget, so a rate above ``TIMES`` counts as out of
        reach.
        """
        return replace(
            self.later,
            us_budgets=(TIMES * self.later_budget,),
            largest=False,
            effort=self.headline_effort,
            menu=headline.menu,
            measures=headline.measures,
            accounts=(JOINT,),
        )


#: Size of the published answer.
FULL = AnswerSize(
    budgets=(250 * MILLION, 500 * MILLION, 1000 * MILLION),
    us_budgets=(2000 * MILLION, 4000 * MILLION),
    accounts=tuple(ACCOUNTS),
    regimes=tuple(REGIMES),
    headlines=tuple(HEADLINES),
    members=MIN_DRAWS,
    marginal_members=MIN_PAIR_DRAWS,
    turning_members=2,
    search_members=6,
    confirmed_draws=4,
    effort=SearchEffort(
        per_dimension=1.5, rounds=3, confirmed=2, single_sizes=(100 * MILLION, _SINGLE_SIZE)
    ),
    search_years=3,
    later_budget=500 * MILLION,
)
_QUICK_EFFORT = SearchEffort(per_dimension=0.2, rounds=1, single_sizes=(_SINGLE_SIZE,))
#: Size of a small answer: all regimes, the core headline and *enforcement only*, one budget, joint
#: dollars, few draws and three years.
QUICK = AnswerSize(
    budgets=(500 * MILLION,),
    us_budgets=(2000 * MILLION,),
    largest=False,
    accounts=(JOINT,),
    regimes=tuple(REGIMES),
    headlines=(CORE, "enforcement"),
    members=8,
    marginal_members=8,
    search_members=2,
    effort=_QUICK_EFFORT,
    search_years=3,
    score_years=3,
    later_budget=500 * MILLION,
    later_effort=_QUICK_EFFORT,
)


def answer_size(
    *, quick: bool = False, seed: int = 1, budgets: Sequence[float] = (), **sizes: Any
) -> AnswerSize:
    """Return an answer's size with changes.

    Args:
        quick: change ``QUICK`` instead of ``FULL``.
        seed: first seed.
        budgets: $ per year, ascending. Later regimes and other headlines run at the middle budget.
        sizes: other fields of :class:`AnswerSize`. A field that is None does not change.

    Returns:
        The size.
    """
    sizes = {name: value for name, value in sizes.items() if value is not None}
    if budgets:
        sizes |= {"budgets": tuple(budgets), "us_budgets": ()}
        sizes |= {"later_budget": budgets[len(budgets) // 2]}
    return replace(QUICK if quick else FULL, seed=seed, **sizes)
