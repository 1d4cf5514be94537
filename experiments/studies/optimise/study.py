"""Search for the best portfolios under budgets and score them on other members and seeds.

The score uses members and seeds that were not used to select the portfolios.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from abm.measures import ENTRIES
from agents.param import check_name
from experiments.calibration import ensemble
from experiments.calibration.members import draw_members
from experiments.rows.runs import scenario_keys
from experiments.runs.files import claim_folder
from experiments.studies.optimise.horizons import HORIZONS, OUTCOMES, PAYERS, long_scenario
from experiments.studies.optimise.search import (
    BudgetTarget,
    SearchEffort,
    choose_best,
    first_portfolios,
    search,
    targets,
)
from experiments.studies.optimise.sides import ACCOUNTS, SIDES, Instruments, account_charge, buyable
from experiments.studies.optimise.trials import Evaluator, Trials

if TYPE_CHECKING:
    from abm.scenario import Scenario

SCALE = 200  # persons per simulated migrant
#: Offset between the seeds of a search and the seeds of the score.
SEARCH_SEED_OFFSET = 1_000

type RunPortfolios = Callable[[str, np.ndarray], Trials]


@dataclass(frozen=True, eq=False)
class Score:
    """Results for the selected portfolios with the score members' settings.

    Attributes:
        trials: all scored portfolios.
        menu: every target's portfolio, as an index in ``trials``.
        additions: index in ``added`` by target and by ``MEXICO`` or ``LINE``. The portfolio is the
            target's portfolio (U.S. only or cooperation only) with more dollars on instruments that
            need Mexico or on all other instruments.
        added: trials of the portfolios with additions.
        added_draws: the draws in ``added``, as indices of draws in ``trials``.
    """

    trials: Trials
    menu: Mapping[BudgetTarget, int]
    additions: Mapping[tuple[BudgetTarget, str], int] = field(default_factory=dict)
    added: Trials | None = None
    added_draws: tuple[int, ...] = ()

    def __repr__(self) -> str:
        """Return how many targets there are, and the trials."""
        return f"<Score of {len(self.menu)} targets: {self.trials!r}>"


def charge_of(
    trials: Trials, place: int, account: str, horizon: int, draws: Sequence[int] = ()
) -> float:
    """Return the dollars that a portfolio spends on an account.

    Agency limits leave dollars unspent, mostly in the first years. Unspent dollars are not charged.

    Args:
        trials: trials that include the portfolio.
        place: index of the portfolio.
        account: key in ``sides.ACCOUNTS``.
        horizon: years, one of ``horizons.HORIZONS``.
        draws: draws over which the mean is taken. Empty for all.

    Returns:
        Mean $ per year over the horizon and the draws, or the planned dollars if spending was not
        read in any draw.
    """
    paid = spent_dollars(trials, place, horizon)[list(draws) or slice(None)]
    complete = paid[~np.isnan(paid).any(axis=1)]
    if not len(complete):
        planned = trials.instruments.payers(trials.portfolios[place])
        return float(account_charge(planned, account))
    by_payer: dict[str, Any] = dict(zip(PAYERS, complete.T, strict=True))
    return float(np.mean(account_charge(by_payer, account)))


def spent_dollars(trials: Trials, place: int, horizon: int) -> np.ndarray:
    """Return a portfolio's spent dollars a year over a horizon, shape (draws, payers).

    NaN if spending was not read.
    """
    if trials.spent is None:
        return np.full((len(trials.base), len(PAYERS)), np.nan)
    return trials.spent[place, :, :, HORIZONS.index(horizon)]


def score(
    run: RunPortfolios, name: str, searched: Trials, chosen: Mapping[BudgetTarget, int]
) -> Score:
    """Run the selected portfolios, each once.

    Args:
        run: function that runs portfolios in a named sweep, as ``Evaluator.run`` does.
        name: name of the sweep.
        searched: trials of the search.
        chosen: every target's portfolio, as an index in `searched`.

    Returns:
        The score.
    """
    distinct = list(dict.fromkeys(chosen.values()))
    trials = run(name, searched.portfolios[distinct])
    return Score(trials, {target: distinct.index(k) for target, k in chosen.items()})


def distinct_portfolios[K](rows: Mapping[K, np.ndarray]) -> tuple[np.ndarray, dict[K, int]]:
    """Return each distinct portfolio once, and every key's index in this list."""
    portfolios, places = np.unique(np.array([*rows.values()]), axis=0, return_inverse=True)
    return portfolios, dict(zip(rows, places.ravel().tolist(), strict=True))


@dataclass(frozen=True, kw_only=True)
class PortfolioPlan:
    """Fields that the plans of all portfolio studies share.

    Attributes:
        members: number of ensemble members for the score.
        search_members: number of other members, for the search.
        policies: further policies that can be bought, as ids or user-defined classes.
        menu: key in ``sides.MENUS``.
        seed: first seed.
    """

    members: int
    search_members: int
    policies: tuple[str, ...] = ()
    menu: str = "core"
    seed: int = 1

    @cached_property
    def instruments(self) -> Instruments:
        """All instruments that can be bought."""
        return buyable(self.policies, self.menu)

    @property
    def split(self) -> tuple[tuple[int, ...], tuple[int, ...]]:
        """Divide the packaged ensemble into members for the score and members for the search.

        Returns:
            Indices of both groups. Each group is spread over the whole ensemble.
        """
        packaged, n = ensemble.read(), self.search_members
        judging = packaged.sample_indices(self.members)
        pool = [k for k in range(len(packaged.members)) if k not in set(judging)]
        return tuple(judging), tuple(pool[int((i + 0.5) * (len(pool) / n))] for i in range(n))

    def extend(self, scenario: Scenario) -> Scenario:
        """Extend a scenario to the longest horizon, and check that every member fits it.

        Raises:
            SettingError: the start is not the first day of a month, or a member does not fit.
        """
        extended = long_scenario(scenario)
        for indices in self.split:
            draw_members(indices, extended)
        return extended

    def evaluator(
        self,
        scenario: Scenario,
        folder: Path,
        *,
        resume: bool = True,
        where: str = "folder",
        **options: Any,
    ) -> Evaluator:
        """Claim a folder for this plan, and return the evaluator that stores its runs there.

        Args:
            scenario: scenario that is as long as the longest horizon.
            folder: folder of the runs, created if missing.
            resume: whether to continue if the folder holds this plan's runs.
            where: name of the folder's argument in error messages.
            options: further fields of ``Evaluator``.

        Raises:
            SettingError: the folder holds another plan, or this plan without `resume`.
        """
        settings = {"plan": dataclasses.asdict(self), "scenario": scenario.digest}
        claim_folder(folder, "plan.json", settings, resume=resume, where=where)
        judging, _ = self.split
        return Evaluator(
            scenario,
            draw_members(judging, scenario),
            folder / "runs",
            instruments=self.instruments,
            **options,
        )


# ---- optimisation -------------------------------------------------------------------------------


@dataclass(frozen=True, kw_only=True)
class OptimisationPlan(PortfolioPlan):
    """Targets and effort of an optimisation.

    Attributes:
        sides: keys in ``sides.SIDES``.
        budgets: $ per year on the ``account``.
        account: a value from ``sides.ACCOUNTS``.
        outcomes: values from ``horizons.ENTRIES``.
        effort: how many portfolios and rounds the search has.
    """

    sides: Sequence[str] = ("us_only", "mixed")
    budgets: Sequence[float] = (250e6, 500e6, 1e9)
    account: str = "joint"
    outcomes: Sequence[str] = ENTRIES
    members: int = 12
    search_members: int = 2
    effort: SearchEffort = SearchEffort()

    def __post_init__(self) -> None:
        """Raise ``SettingError`` for an unknown account, side or outcome."""
        check_name("--account", self.account, ACCOUNTS)
        for side in self.sides:
            check_name("--side", side, SIDES)
        for outcome in self.outcomes:
            check_name("--outcome", outcome, ENTRIES)

    @property
    def targets(self) -> list[BudgetTarget]:
        """Targets for all combinations of sides, budgets and outcomes."""
        budgets = {side: list(self.budgets) for side in self.sides}
        return targets(budgets, [self.account], self.outcomes)

    def count(self) -> int:
        """Return the maximum number of runs."""
        aims = self.targets
        first = len(first_portfolios(self.instruments, aims, self.effort))
        n_searched = first + self.effort.rounds * (len(aims) + 1) + 1
        return n_searched * self.search_members + (len(aims) + 1) * self.members


@dataclass(frozen=True, eq=False)
class OptimisationResult:
    """An optimisation's search trials, every target's portfolio, and the score."""

    plan: OptimisationPlan
    scenario: Scenario
    searched: Trials
    chosen: Mapping[BudgetTarget, int]
    scored: Score


def optimise(plan: OptimisationPlan, evaluator: Evaluator) -> OptimisationResult:
    """Search for the best portfolios and score them. Stored runs are used again.

    Args:
        plan: targets and effort.
        evaluator: scenario, folder and execution. Its members and seeds are replaced.

    Returns:
        The result.
    """
    scenario, (judging, searching) = evaluator.scenario, plan.split
    searcher = replace(
        evaluator,
        members=draw_members(searching, scenario),
        folder=evaluator.folder / "search",
        seed=plan.seed + SEARCH_SEED_OFFSET,
    )
    searched = search(searcher, plan.targets, plan.effort)
    chosen = choose_best(searched, plan.targets)
    scorer = replace(evaluator, members=draw_members(judging, scenario), seed=plan.seed)
    scored = score(scorer.run, "score", searched, chosen)
    return OptimisationResult(plan, scenario, searched, chosen, scored)


def pareto_front(best: OptimisationResult, side: str, outcome: str) -> list[int]:
    """Return the search portfolios that are non-dominated in entries, deaths and dollars.

    Args:
        best: an optimisation's result.
        side: a value from ``sides.SIDES``.
        outcome: a value from ``horizons.ENTRIES``.

    Returns:
        Indices in ``best.searched``, by increasing cost.
    """
    from pymoo.util.nds.non_dominated_sorting import find_non_dominated

    trials, instruments = best.searched, best.searched.instruments
    charge = instruments.charge(trials.portfolios, best.plan.account)
    aims = np.column_stack([trials.mean_log(outcome), trials.mean_log("deaths"), charge])
    is_open = instruments.open_to(trials.portfolios, side)
    good = np.flatnonzero(is_open & np.isfinite(aims).all(axis=1))
    front = good[find_non_dominated(aims[good])]
    return sorted(front.tolist(), key=lambda k: (charge[k], k))


# ---- rows of best.json, the terminal and portfolios.csv ------------------------------------------


def optimisation_study(result: OptimisationResult) -> dict[str, Any]:
    """Return every target's best portfolio, and the portfolios on the fronts."""
    plan, sides = result.plan, list(SIDES)
    chosen = sorted(result.chosen, key=lambda t: (sides.index(t.side), t.outcome, t.budget))
    return {
        **scenario_keys(result.scenario),
        "plan": dataclasses.asdict(plan),
        "searched": len(result.searched),
        "best": [_best_row(result, target) for target in chosen],
        "front": [
            _front_row(result, side, outcome, place)
            for side in plan.sides
            for outcome in plan.outcomes
            for place in pareto_front(result, side, outcome)
        ],
        "failed": len(result.searched.failures) + len(result.scored.trials.failures),
    }


def _best_row(result: OptimisationResult, target: BudgetTarget) -> dict[str, Any]:
    """Return a target's best portfolio with its search result and its score."""
    place, trials = result.scored.menu[target], result.scored.trials
    dollars = trials.portfolios[place]
    searched = result.searched.mean_log(target.outcome)[result.chosen[target]]
    return dataclasses.asdict(target) | {
        "dollars": result.searched.instruments.by_instrument(dollars),
        "payers": result.searched.instruments.payers(dollars),
        "policies": [str(spec) for spec in result.searched.instruments.policy_specs(dollars)],
        "in_the_search": float(np.expm1(searched)),
        "scored": float(np.expm1(trials.mean_log(target.outcome)[place])),
        "changes": {
            name: _interval(trials.changes[place, :, k, -1]) for k, name in enumerate(OUTCOMES)
        },
    }


def best_rows(study: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
    """Yield every outcome's change under every best portfolio, by column."""
    for best in study["best"]:
        head = {name: best[name] for name in ("side", "account", "budget")}
        head |= {"chosen_for": best["outcome"], "policies": "+".join(best["policies"])}
        for outcome, change in best["changes"].items():
            yield head | {"outcome": outcome} | change


def _interval(values: np.ndarray) -> dict[str, float]:
    """Return the median and the 90 % range."""
    low, middle, high = np.nanquantile(values, [0.05, 0.5, 0.95])
    return {"low90": float(low), "median": float(middle), "high90": float(high)}


def _front_row(result: OptimisationResult, side: str, outcome: str, place: int) -> dict[str, Any]:
    """Return a portfolio on a front, with its search results."""
    trials, dollars = result.searched, result.searched.portfolios[place]
    return {
        "side": side,
        "outcome": outcome,
        "charge": float(result.searched.instruments.charge(dollars, result.plan.account)),
        "entries": float(np.expm1(trials.mean_log(outcome)[place])),
        "deaths": float(np.expm1(trials.mean_log("deaths")[place])),
        "dollars": result.searched.instruments.by_instrument(dollars),
    }


def searched_columns(result: OptimisationResult) -> list[str]:
    """Return the columns of ``searched_rows``."""
    return [*result.searched.instruments.ids, *(f"change_{name}" for name in OUTCOMES)]


def searched_rows(result: OptimisationResult) -> Iterator[list[str]]:
    """Yield the dollars and mean changes for every search portfolio."""
    changes = np.column_stack([np.expm1(result.searched.mean_log(name)) for name in OUTCOMES])
    for dollars, change in zip(result.searched.portfolios, changes, strict=True):
        yield [*(f"{value:.0f}" for value in dollars), *(f"{value:.5f}" for value in change)]
