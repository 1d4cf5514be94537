"""Predict outcomes from portfolios that have been run, and propose portfolios to run next.

A Gaussian process models the logarithm of entries relative to the status quo: a linear trend in
each instrument's dollars on a scale with diminishing returns, and a smooth residual for
interactions. The surrogate only selects the portfolios to run next. It never enters a reported
result. Proposals come from a greedy path and from NSGA-II over predicted entries, deaths and
dollars.
"""

from __future__ import annotations

import warnings
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Protocol

import numpy as np

from experiments.studies.optimise.sides import MILLION, Instruments

_BEND = 150e6  # $ per year at which an instrument's returns begin to diminish
_SEED = 1
_MEMBER = 1.5  # distance between members on the feature scale


def features(dollars: np.ndarray) -> np.ndarray:
    """Return dollars on a scale with diminishing returns, from 0 to about 3, elementwise."""
    return np.log1p(dollars / _BEND)


def with_member(dollars: np.ndarray, member: np.ndarray) -> np.ndarray:
    """Return portfolios with one more column for each member of the ensemble.

    Args:
        dollars: portfolios, shape (n, instruments).
        member: weight of each member in each row, shape (n, members): 1 for the member with whose
            settings the portfolio was run, or equal weights for a mean over members.

    Returns:
        Inputs, shape (n, instruments + members).
    """
    return np.hstack([dollars, _BEND * np.expm1(_MEMBER * member)])


class Predictor(Protocol):
    """Protocol: predictions for planned dollars, as the optimisers need them."""

    def predict(self, dollars: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Return each portfolio's mean and standard deviation of the log ratio (rows)."""
        ...

    def predict_mean(self, dollars: np.ndarray) -> np.ndarray:
        """Return the mean alone."""
        ...


@dataclass(frozen=True)
class Surrogate:
    """A fitted Gaussian process."""

    process: Any

    def predict(self, dollars: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Return each portfolio's mean and standard deviation of the log ratio (rows)."""
        mean, spread = self.process.predict(features(dollars), return_std=True)
        return mean, spread

    def predict_mean(self, dollars: np.ndarray) -> np.ndarray:
        """Return the mean alone, which is several times faster."""
        return self.process.predict(features(dollars))


def fit_surrogate(
    dollars: np.ndarray,
    log_ratio: np.ndarray,
    instruments: Instruments,
    *,
    one_length: bool = False,
) -> Surrogate:
    """Fit a Gaussian process to portfolios that have been run.

    Args:
        dollars: portfolios, $ per year, shape (n, instruments).
        log_ratio: log of entries relative to the status quo, shape (n,). NaN rows are left out.
        instruments: all instruments.
        one_length: whether all instruments share one length scale, which is much faster to fit.

    Returns:
        The surrogate.
    """
    from sklearn.exceptions import ConvergenceWarning
    from sklearn.gaussian_process import GaussianProcessRegressor

    finite = np.isfinite(log_ratio)
    x, y = features(dollars[finite]), log_ratio[finite]
    kernel = _kernel(1 if one_length else len(instruments), float(y.std()) or 1e-3)
    process = GaussianProcessRegressor(kernel, random_state=_SEED, alpha=1e-10)
    with warnings.catch_warnings():
        # A hyperparameter at its bound is no reason for a warning.
        warnings.simplefilter("ignore", ConvergenceWarning)
        process.fit(x, y)
    return Surrogate(process)


def _kernel(width: int, size: float) -> Any:
    """Return a kernel with trend, smooth residual and noise. `size` is the data's spread."""
    from sklearn.gaussian_process.kernels import RBF, ConstantKernel, DotProduct, WhiteKernel

    variance = size**2
    bounds = (1e-4 * variance, 1e2 * variance)
    trend = ConstantKernel(variance, bounds) * DotProduct(0.0, "fixed")
    residual = ConstantKernel(variance, bounds) * RBF(lengths(width), (0.3, 30.0))
    return trend + residual + WhiteKernel(0.01 * variance, (1e-6 * variance, variance))


def lengths(width: int) -> Any:
    """Return initial length scales on the feature scale, one per instrument or one for all."""
    return np.full(width, 2.0) if width > 1 else 2.0


_STEP, _GROWTH = 5e6, 0.05  # $ per early step; later steps are a share of the dollars so far
_POPULATION, _GENERATIONS = 80, 50
_MIN_BUDGET_SHARE = 0.5  # portfolios above this share of a budget are scaled to the budget


@dataclass(frozen=True)
class Objective:
    """Predicted entries of one kind, for a side and an account.

    Attributes:
        instruments: all instruments.
        side: a value from ``sides.SIDES``.
        account: a value from ``sides.ACCOUNTS``.
        entries, deaths: predictions of the log ratio to the status quo.
        caution: number of standard deviations that are subtracted from predicted entries, so that
            uncertain portfolios are also proposed.
        seed: seed of NSGA-II.
    """

    instruments: Instruments
    side: str
    account: str
    entries: Predictor
    deaths: Predictor
    caution: float = 1.0
    seed: int = 1

    def optimistic_entries(self, rows: np.ndarray) -> np.ndarray:
        """Return the predicted log ratio for entries minus ``caution`` standard deviations."""
        mean, spread = self.entries.predict(rows)
        return mean - self.caution * spread

    def charge(self, rows: np.ndarray) -> np.ndarray:
        """Return how much of the budget portfolios use, $ per year."""
        return self.instruments.charge(rows, self.account)


def proposals(objective: Objective, budgets: Sequence[float]) -> list[np.ndarray]:
    """Propose a portfolio for every budget.

    Args:
        objective: predictions for a side and an account.
        budgets: $ per year.

    Returns:
        One portfolio per budget, shape (instruments,), in whole millions.
    """
    path = greedy(objective, max(budgets))
    pool = np.vstack([path, nsga2(objective, path, max(budgets))])
    return [_best_for_budget(objective, pool, budget) for budget in budgets]


def _best_for_budget(objective: Objective, pool: np.ndarray, budget: float) -> np.ndarray:
    """Return the portfolio with the best prediction near a budget, scaled to the budget."""
    charge = objective.charge(pool)
    near = pool[(charge >= _MIN_BUDGET_SHARE * budget) & (charge <= budget / _MIN_BUDGET_SHARE)]
    fitted = [objective.instruments.scale_to_budget(row, budget, objective.account) for row in near]
    rows = objective.instruments.rounded(np.array([*pool[charge <= budget], *fitted]))
    return rows[int(np.argmin(objective.optimistic_entries(rows)))]


def add_dollars(objective: Objective, row: np.ndarray, dollars: float) -> np.ndarray:
    """Add dollars to the instruments for which the prediction falls most.

    The addition is charged as a separate portfolio, so that on the account ``us`` Mexico matches
    only the added dollars.

    Args:
        objective: predictions, and the side whose instruments may be added.
        row: portfolio, shape (instruments,).
        dollars: maximum charge of the addition, $ per year.

    Returns:
        The larger portfolio. The addition is in whole millions. It is smaller if all instruments
        reach their maximum dose or no prediction falls.
    """
    more = greedy(objective, dollars, row)[-1]
    if objective.charge(more) > dollars:  # the last step may have exceeded the dollars
        more = objective.instruments.scale_to_budget(more, dollars, objective.account)
    return row + np.floor(more / MILLION) * MILLION


def greedy(objective: Objective, max_charge: float, start: np.ndarray | float = 0.0) -> np.ndarray:
    """Build a path of additions, each to the instrument with the best ratio of effect to charge.

    Args:
        objective: predictions for a side and an account.
        max_charge: charge for all additions at which the path ends, $ per year.
        start: portfolio at which the path starts, shape (instruments,). 0 for the empty portfolio.

    Returns:
        Cumulative additions from none up to the charge, shape (n, instruments).
    """
    open_to = np.flatnonzero(objective.instruments.allowed(objective.side))
    room = np.maximum(objective.instruments.max_dollars - start, 0.0)
    row = np.zeros(len(objective.instruments))
    path = [row]
    while objective.charge(row) < max_charge:
        step = max(_STEP, _GROWTH * float(row.sum()))
        tries = np.repeat(row[None], len(open_to), axis=0)
        tries[np.arange(len(open_to)), open_to] += step
        tries = np.minimum(tries, room)
        cost = objective.charge(tries) - objective.charge(row)
        before = objective.entries.predict_mean((start + row)[None])
        change = objective.entries.predict_mean(start + tries) - before
        # An instrument without a charge on this account is added as long as it helps. An instrument
        # at its maximum dose is never added.
        ratio = np.where(tries.sum(axis=1) > row.sum(), change / np.maximum(cost, 1e3), np.inf)
        best = int(np.argmin(ratio))
        if not ratio[best] < 0.0:
            break
        row = tries[best]
        path.append(row)
    return np.array(path)


def nsga2(objective: Objective, first: np.ndarray, max_charge: float) -> np.ndarray:
    """Compute a front over predicted entries, predicted deaths and dollars with NSGA-II (Deb 2002).

    Args:
        objective: predictions for a side and an account.
        first: portfolios of the first population, shape (n, instruments).
        max_charge: maximum charge, $ per year.

    Returns:
        Portfolios in the last population, shape (n, instruments).
    """
    from pymoo.algorithms.moo.nsga2 import NSGA2
    from pymoo.optimize import minimize

    problem = _problem(objective, max_charge)
    spaced = np.unique(np.linspace(0, len(first) - 1, _POPULATION // 2).astype(int))
    start = problem.shrunk(first[spaced])
    rng = np.random.default_rng(objective.seed)
    random_rows = rng.random((_POPULATION - len(start), problem.n_var)) ** 4  # most are small
    sampling: Any = np.vstack([start, random_rows])  # pymoo also accepts rows as a sampler
    algorithm = NSGA2(pop_size=_POPULATION, sampling=sampling)
    ends = ("n_gen", _GENERATIONS)
    optimum: Any = minimize(problem, algorithm, ends, seed=objective.seed, verbose=False)
    return problem.portfolios(np.atleast_2d(optimum.pop.get("X")))


def _problem(objective: Objective, max_charge: float) -> Any:
    """Return the three objectives as a pymoo problem.

    Variables are square roots of each amount as a share of its maximum. Small amounts then have as
    much space as large amounts.
    """
    from pymoo.core.problem import Problem

    open_to = np.flatnonzero(objective.instruments.allowed(objective.side))
    largest = np.minimum(objective.instruments.max_dollars[open_to], max_charge)

    class Aims(Problem):
        """Problem with three objectives: entries, deaths and dollars."""

        def __init__(self) -> None:
            """Declare the variables, objectives and the budget constraint."""
            super().__init__(n_var=len(open_to), n_obj=3, n_ieq_constr=1, xl=0.0, xu=1.0)

        def portfolios(self, x: np.ndarray) -> np.ndarray:
            """Convert variables to dollars per year, shape (n, instruments)."""
            rows = np.zeros((len(x), len(objective.instruments)))
            rows[:, open_to] = x**2 * largest
            return rows

        def shrunk(self, rows: np.ndarray) -> np.ndarray:
            """Convert portfolios to variables."""
            return np.sqrt(np.minimum(rows[:, open_to] / largest, 1.0))

        def _evaluate(self, x: np.ndarray, out: dict[str, Any], *_: Any, **more: Any) -> None:
            """Compute a population's objectives and constraint."""
            rows = self.portfolios(x)
            charge = objective.charge(rows)
            deaths = objective.deaths.predict_mean(rows)
            out["F"] = np.column_stack(
                [objective.optimistic_entries(rows), deaths, charge / max_charge]
            )
            out["G"] = charge / max_charge - 1.0

    return Aims()
