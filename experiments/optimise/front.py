"""The search on guesses: a path of best next dollars, and NSGA-II over entries, deaths, dollars."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from experiments.optimise.sides import Instruments
from experiments.optimise.surrogate import Surrogate

_STEP, _GROWTH = 5e6, 0.05  # $ of the first steps, then a share of what is spent
_POPULATION, _GENERATIONS = 80, 50
_MIN_BUDGET_SHARE = 0.5  # share of a budget from which a portfolio is worth scaling up to it


@dataclass(frozen=True)
class Objective:
    """What is looked for: the fewest entries of a kind by a side under an account.

    ``entries`` and ``deaths`` guess log ratios; ``caution`` standard deviations are taken off the
    guess, so that what nobody has tried is tried.
    """

    instruments: Instruments
    side: str
    account: str
    entries: Surrogate
    deaths: Surrogate
    caution: float = 1.0
    seed: int = 1

    def optimistic_entries(self, rows: np.ndarray) -> np.ndarray:
        """The guess, less its doubt."""
        mean, spread = self.entries.predict(rows)
        return mean - self.caution * spread

    def charge(self, rows: np.ndarray) -> np.ndarray:
        """What counts against the budget."""
        return self.instruments.charge(rows, self.account)


def proposals(objective: Objective, budgets: Sequence[float]) -> list[np.ndarray]:
    """For every budget the portfolio that looks best, tidy; raises nothing."""
    path = greedy(objective, max(budgets))
    pool = np.vstack([path, nsga2(objective, path, max(budgets))])
    return [_best_for_budget(objective, pool, budget) for budget in budgets]


def _best_for_budget(objective: Objective, pool: np.ndarray, budget: float) -> np.ndarray:
    """The most hopeful of those near a budget, scaled to use it up."""
    charge = objective.charge(pool)
    near = pool[(charge >= _MIN_BUDGET_SHARE * budget) & (charge <= budget / _MIN_BUDGET_SHARE)]
    fitted = [objective.instruments.scale_to_budget(row, budget, objective.account) for row in near]
    rows = objective.instruments.rounded(np.array([*pool[charge <= budget], *fitted]))
    return rows[int(np.argmin(objective.optimistic_entries(rows)))]


def greedy(objective: Objective, most: float) -> np.ndarray:
    """A path of portfolios from nothing up to a budget, each dollar where it looks best next."""
    open_to = np.flatnonzero(objective.instruments.allowed(objective.side))
    row = np.zeros(len(objective.instruments))
    path = [row]
    while objective.charge(row) < most:
        step = max(_STEP, _GROWTH * float(row.sum()))
        tries = np.repeat(row[None], len(open_to), axis=0)
        tries[np.arange(len(open_to)), open_to] += step
        tries = np.minimum(tries, objective.instruments.max_dollars)
        paid = objective.charge(tries) - objective.charge(row)
        gained = objective.entries.predict_mean(tries) - objective.entries.predict_mean(row[None])
        # what costs nothing on this account is bought as long as it helps; what is sold out, never
        worth = np.where(tries.sum(axis=1) > row.sum(), gained / np.maximum(paid, 1e3), np.inf)
        best = int(np.argmin(worth))
        if not worth[best] < 0.0:
            break
        row = tries[best]
        path.append(row)
    return np.array(path)


def nsga2(objective: Objective, first: np.ndarray, most: float) -> np.ndarray:
    """The front over guessed entries, guessed deaths and dollars, shape (n, instruments).

    `first` are portfolios to begin with.
    """
    from pymoo.algorithms.moo.nsga2 import NSGA2
    from pymoo.optimize import minimize

    problem = _problem(objective, most)
    start = problem.shrunk(_thinned(first, _POPULATION // 2))
    rng = np.random.default_rng(objective.seed)
    others = rng.random((_POPULATION - len(start), problem.n_var)) ** 4  # mostly small amounts
    sampling: Any = np.vstack([start, others])  # pymoo takes rows as well as a sampler
    algorithm = NSGA2(pop_size=_POPULATION, sampling=sampling)
    ends = ("n_gen", _GENERATIONS)
    found: Any = minimize(problem, algorithm, ends, seed=objective.seed, verbose=False)
    return problem.portfolios(np.atleast_2d(found.pop.get("X")))


def _thinned(rows: np.ndarray, n: int) -> np.ndarray:
    """At most `n` of the rows, evenly spread."""
    return rows[np.unique(np.linspace(0, len(rows) - 1, n).astype(int))]


def _problem(objective: Objective, most: float) -> Any:
    """The three aims as pymoo knows them; variables are shares of the largest amount, square root.

    The root gives small amounts as much room as large ones.
    """
    from pymoo.core.problem import Problem

    open_to = np.flatnonzero(objective.instruments.allowed(objective.side))
    largest = np.minimum(objective.instruments.max_dollars[open_to], most)

    class Aims(Problem):
        """Entries, deaths, dollars."""

        def __init__(self) -> None:
            super().__init__(n_var=len(open_to), n_obj=3, n_ieq_constr=1, xl=0.0, xu=1.0)

        def portfolios(self, x: np.ndarray) -> np.ndarray:
            """Dollars a year, shape (n, instruments)."""
            rows = np.zeros((len(x), len(objective.instruments)))
            rows[:, open_to] = x**2 * largest
            return rows

        def shrunk(self, rows: np.ndarray) -> np.ndarray:
            """The variables that stand for portfolios."""
            return np.sqrt(np.minimum(rows[:, open_to] / largest, 1.0))

        def _evaluate(self, x: np.ndarray, out: dict[str, Any], *_: Any, **more: Any) -> None:
            rows = self.portfolios(x)
            charge = objective.charge(rows)
            deaths = objective.deaths.predict_mean(rows)
            out["F"] = np.column_stack([objective.optimistic_entries(rows), deaths, charge / most])
            out["G"] = charge / most - 1.0

    return Aims()
