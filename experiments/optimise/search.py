"""Search for the best portfolios: run some, predict others, run the best predictions, select.

Only portfolios that have been run are selected. The selected ones are the best on the members and
seeds of the search, which biases their results upwards: their score comes from other members and
seeds (``Trials`` of another ``Evaluator``).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from experiments.optimise import initial_portfolios
from experiments.optimise.front import Objective, proposals
from experiments.optimise.horizons import ENTRIES
from experiments.optimise.sides import Instruments
from experiments.optimise.surrogate import fit_surrogate
from experiments.optimise.trials import Evaluator, Trials

#: Portfolios that differ by less than this share of their dollars are not run again.
_MIN_DIFFERENCE = 0.10
#: Log ratio within which two portfolios are equally good.
_TOLERANCE = 0.003


@dataclass(frozen=True, order=True)
class BudgetTarget:
    """A target: the fewest entries of one kind that a side can reach under a budget.

    Attributes:
        side: one of ``sides.SIDES``.
        account: one of ``sides.ACCOUNTS``.
        outcome: one of ``horizons.ENTRIES``.
        budget: $ per year on the account.
    """

    side: str
    account: str
    outcome: str
    budget: float


@dataclass(frozen=True, kw_only=True)
class SearchEffort:
    """Effort of a search: number of random portfolios, number of rounds, and seed."""

    together: int = 66
    rounds: int = 3
    seed: int = 1


def targets(
    budgets: Mapping[str, Sequence[float]],
    accounts: Sequence[str] = ("joint",),
    outcomes: Sequence[str] = ENTRIES,
) -> list[BudgetTarget]:
    """Return all combinations of sides, accounts, outcomes and budgets.

    Args:
        budgets: $ per year by side.
        accounts: keys of ``sides.ACCOUNTS``.
        outcomes: values from ``horizons.ENTRIES``.

    Returns:
        The targets.
    """
    return [
        BudgetTarget(side, account, outcome, budget)
        for side, own in budgets.items()
        for account in accounts
        for outcome in outcomes
        for budget in own
    ]


def search(
    evaluator: Evaluator,
    instruments: Instruments,
    wanted: Sequence[BudgetTarget],
    effort: SearchEffort,
) -> Trials:
    """Run portfolios towards the targets.

    Args:
        evaluator: scenario, members and execution.
        instruments: all instruments.
        wanted: the targets.
        effort: number of portfolios and rounds.

    Returns:
        All portfolios that were run.
    """
    trials = evaluator.run("first", instruments, first_portfolios(instruments, wanted, effort))
    for number in range(1, effort.rounds + 1):
        last = number == effort.rounds
        rows = propose(trials, instruments, wanted, 0.0 if last else 1.0, number)
        rows = select_distinct(rows, trials.portfolios)
        if not len(rows):
            break
        trials = trials.append(evaluator.run(f"round_{number}", instruments, rows))
    return trials


def first_portfolios(
    instruments: Instruments, wanted: Sequence[BudgetTarget], effort: SearchEffort
) -> np.ndarray:
    """Return single instruments, all instruments at every budget, and random portfolios.

    Args:
        instruments: all instruments.
        wanted: the targets.
        effort: number of random portfolios, and seed.

    Returns:
        $ per year, shape (n, instruments).
    """
    sides = list(dict.fromkeys(target.side for target in wanted))
    budgets = [target.budget for target in wanted]
    whole = {
        (t.side, t.budget): initial_portfolios.proportional(instruments, t.side, t.budget)
        for t in wanted
    }
    low, high = 0.5 * min(budgets), max(budgets)
    return np.vstack(
        [
            initial_portfolios.single_instruments(instruments, sides),
            *(instruments.rounded(row)[None] for row in whole.values()),
            initial_portfolios.random_portfolios(
                instruments, sides, effort.together, low, high, effort.seed
            ),
        ]
    )


def propose(
    trials: Trials,
    instruments: Instruments,
    wanted: Sequence[BudgetTarget],
    caution: float,
    seed: int,
) -> np.ndarray:
    """Return the portfolio with the best prediction for every target.

    Args:
        trials: portfolios that have been run.
        instruments: all instruments.
        wanted: the targets.
        caution: standard deviations that are subtracted from predictions.
        seed: seed of the optimiser.

    Returns:
        $ per year, shape (n, instruments).
    """
    surrogates = {
        name: fit_surrogate(trials.portfolios, trials.mean_log(name), instruments)
        for name in dict.fromkeys([*(t.outcome for t in wanted), "deaths"])
    }
    rows: list[np.ndarray] = []
    aims: dict[tuple[str, str, str], list[float]] = {}
    for t in wanted:
        aims.setdefault((t.side, t.account, t.outcome), []).append(t.budget)
    for (side, account, outcome), own in aims.items():
        fewest = (surrogates[outcome], surrogates["deaths"])
        objective = Objective(instruments, side, account, *fewest, caution, seed)
        rows += proposals(objective, own)
    return np.array(rows)


def select_distinct(rows: np.ndarray, finished: np.ndarray) -> np.ndarray:
    """Return the rows that differ from all others by more than a tolerance.

    Args:
        rows: new portfolios, shape (n, instruments).
        finished: portfolios that have been run, shape (m, instruments).

    Returns:
        The rows to run.
    """
    kept: list[np.ndarray] = []
    for row in rows:
        known = np.vstack([finished, *kept]) if kept else finished
        if np.abs(known - row).sum(axis=1).min() > _MIN_DIFFERENCE * row.sum():
            kept.append(row)
    return np.array(kept).reshape(-1, rows.shape[1])


def choose_best(
    trials: Trials, instruments: Instruments, wanted: Iterable[BudgetTarget]
) -> dict[BudgetTarget, int]:
    """Select the best portfolio for every target among those that have been run.

    If several portfolios are equally good within a tolerance, one that was selected before is
    preferred, so that targets do not differ by noise alone. Targets without a feasible portfolio
    are left out.

    Args:
        trials: portfolios that have been run.
        instruments: all instruments.
        wanted: the targets.

    Returns:
        Index in `trials` by target.
    """
    chosen: dict[BudgetTarget, int] = {}
    for target in sorted(wanted):
        value = trials.mean_log(target.outcome)
        allowed = _feasible(trials.portfolios, instruments, target) & np.isfinite(value)
        if not allowed.any():
            continue
        value = np.where(allowed, value, np.inf)
        best = int(np.argmin(value))
        taken = [k for k in chosen.values() if value[k] <= value[best] + _TOLERANCE]
        chosen[target] = min(taken, key=lambda k: value[k]) if taken else best
    return chosen


def _feasible(portfolios: np.ndarray, instruments: Instruments, target: BudgetTarget) -> np.ndarray:
    """Return which portfolios are allowed for the side and within the budget."""
    barred = portfolios[:, ~instruments.allowed(target.side)].sum(axis=1) > 0.0
    charge = instruments.charge(portfolios, target.account)
    return ~barred & (charge <= target.budget * (1.0 + 1e-9))
