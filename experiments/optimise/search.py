"""Best portfolios: play some, guess at all, play what looks best, and choose among what was played.

Nothing that was not played is ever chosen. What is chosen was best on the members and seeds of the
search, which flatters it: its score belongs to fresh ones (``Trials`` of another ``Evaluator``).
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

_MIN_DIFFERENCE = (
    0.10  # share of its dollars by which a portfolio must differ from all others to be played
)
_TOLERANCE = (
    0.003  # log ratio within which a portfolio that is chosen already is as good as another
)


@dataclass(frozen=True, order=True)
class BudgetTarget:
    """What is looked for: the fewest entries of a kind that a side can have for a budget.

    ``budget``: $ a year on the account.
    """

    side: str
    account: str
    outcome: str
    budget: float


@dataclass(frozen=True, kw_only=True)
class SearchEffort:
    """How much is played: portfolios at random beside every instrument alone, and rounds."""

    together: int = 66
    rounds: int = 3
    seed: int = 1


def targets(
    budgets: Mapping[str, Sequence[float]],
    accounts: Sequence[str] = ("joint",),
    outcomes: Sequence[str] = ENTRIES,
) -> list[BudgetTarget]:
    """Every combination, sides with budgets of their own."""
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
    """Play towards the targets; give everything that was played."""
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
    """Every instrument alone, all together at every budget, and some at random."""
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
    """What looks best for every target, shape (n, instruments)."""
    guesses = {
        name: fit_surrogate(trials.portfolios, trials.mean_log(name), instruments)
        for name in dict.fromkeys([*(t.outcome for t in wanted), "deaths"])
    }
    rows: list[np.ndarray] = []
    aims: dict[tuple[str, str, str], list[float]] = {}
    for t in wanted:
        aims.setdefault((t.side, t.account, t.outcome), []).append(t.budget)
    for (side, account, outcome), own in aims.items():
        fewest = (guesses[outcome], guesses["deaths"])
        objective = Objective(instruments, side, account, *fewest, caution, seed)
        rows += proposals(objective, own)
    return np.array(rows)


def select_distinct(rows: np.ndarray, played: np.ndarray) -> np.ndarray:
    """Those that differ from everything played and from each other by more than a little."""
    kept: list[np.ndarray] = []
    for row in rows:
        known = np.vstack([played, *kept]) if kept else played
        if np.abs(known - row).sum(axis=1).min() > _MIN_DIFFERENCE * row.sum():
            kept.append(row)
    return np.array(kept).reshape(-1, rows.shape[1])


def choose_best(
    trials: Trials, instruments: Instruments, wanted: Iterable[BudgetTarget]
) -> dict[BudgetTarget, int]:
    """The best portfolio that was played for every target, by its place in `trials`.

    Of portfolios that are as good as each other one that was chosen before is taken again, so that
    targets do not differ by chance alone. A target for which nothing was played is left out.
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
    """Which portfolios a side may have for a budget."""
    barred = portfolios[:, ~instruments.allowed(target.side)].sum(axis=1) > 0.0
    charge = instruments.charge(portfolios, target.account)
    return ~barred & (charge <= target.budget * (1.0 + 1e-9))
