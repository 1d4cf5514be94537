"""Search for the best portfolios under budgets and score them on other members and seeds."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from abm.measures import ENTRIES
from experiments.calibration.members import draw_members
from experiments.studies.optimise.score import SEARCH_SEED_OFFSET, Score, score, split_members
from experiments.studies.optimise.search import (
    BudgetTarget,
    SearchEffort,
    choose_best,
    first_portfolios,
    search,
    targets,
)
from experiments.studies.optimise.sides import Instruments, buyable
from experiments.studies.optimise.trials import Evaluator, Trials

if TYPE_CHECKING:
    from abm.scenario import Scenario


@dataclass(frozen=True, kw_only=True)
class OptimisationPlan:
    """Targets and effort of an optimisation.

    Attributes:
        sides: keys of ``sides.SIDES``.
        budgets: $ per year on the ``account``.
        account: one of ``sides.ACCOUNTS``.
        outcomes: values from ``horizons.ENTRIES``.
        members: ensemble members for the score.
        search_members: other members, for the search.
        effort: portfolios and rounds of the search.
        seed: first seed.
    """

    sides: Sequence[str] = ("us_only", "mixed")
    budgets: Sequence[float] = (250e6, 500e6, 1e9)
    account: str = "joint"
    outcomes: Sequence[str] = ENTRIES
    members: int = 12
    search_members: int = 2
    effort: SearchEffort = SearchEffort()
    seed: int = 1

    @property
    def targets(self) -> list[BudgetTarget]:
        """All combinations of sides, budgets and outcomes."""
        budgets = {side: list(self.budgets) for side in self.sides}
        return targets(budgets, [self.account], self.outcomes)

    def count(self) -> int:
        """Return the largest possible number of runs."""
        aims = self.targets
        first = len(first_portfolios(buyable(), aims, self.effort))
        looked = first + self.effort.rounds * (len(aims) + 1) + 1
        return looked * self.search_members + (len(aims) + 1) * self.members


@dataclass(frozen=True, eq=False)
class OptimisationResult:
    """Trials of the search, the portfolio of every target, and their score."""

    plan: OptimisationPlan
    scenario: Scenario
    instruments: Instruments
    searched: Trials
    chosen: Mapping[BudgetTarget, int]
    scored: Score


def optimise(
    plan: OptimisationPlan, scenario: Scenario, evaluator: Evaluator
) -> OptimisationResult:
    """Search for the best portfolios and score them; stored runs are used again.

    Args:
        plan: targets and effort.
        scenario: the scenario, as long as the longest horizon.
        evaluator: folder and execution; its scenario, members and seeds are replaced.

    Returns:
        The result.
    """
    instruments, (judging, searching) = buyable(), split_members(plan.members, plan.search_members)
    scout = replace(
        evaluator,
        scenario=scenario,
        drawn=draw_members(searching, scenario),
        folder=evaluator.folder / "search",
        seed=plan.seed + SEARCH_SEED_OFFSET,
    )
    searched = search(scout, instruments, plan.targets, plan.effort)
    chosen = choose_best(searched, instruments, plan.targets)
    judges = replace(
        evaluator, scenario=scenario, drawn=draw_members(judging, scenario), seed=plan.seed
    )
    scored = score(judges, "score", instruments, searched, chosen)
    return OptimisationResult(plan, scenario, instruments, searched, chosen, scored)


def pareto_front(best: OptimisationResult, side: str, outcome: str) -> list[int]:
    """Return the portfolios of the search that are non-dominated in entries, deaths and dollars.

    Args:
        best: the result of an optimisation.
        side: one of ``sides.SIDES``.
        outcome: one of ``horizons.ENTRIES``.

    Returns:
        Indices in ``best.searched``, by increasing cost.
    """
    trials, instruments = best.searched, best.instruments
    barred = trials.portfolios[:, ~instruments.allowed(side)].sum(axis=1) > 0.0
    charge = instruments.charge(trials.portfolios, best.plan.account)
    aims = np.column_stack([trials.mean_log(outcome), trials.mean_log("deaths"), charge])
    good = np.flatnonzero(~barred & np.isfinite(aims).all(axis=1))
    front = good[non_dominated(aims[good])]
    return sorted(front.tolist(), key=lambda k: (charge[k], k))


def non_dominated(aims: np.ndarray) -> np.ndarray:
    """Return which rows no other row dominates (as low in all columns and lower in one)."""
    undominated = np.ones(len(aims), dtype=bool)
    for k, row in enumerate(aims):
        undominated[k] = not ((aims <= row).all(axis=1) & (aims < row).any(axis=1)).any()
    return undominated
