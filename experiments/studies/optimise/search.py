"""Search for the best portfolios: run some, predict others, run the best predictions, select.

Only portfolios that have been run are selected. Selecting the best portfolios on the search members
and seeds biases their results upwards. Their score therefore comes from other members and seeds
(``Trials`` from another ``Evaluator``).
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from itertools import chain

import numpy as np

from abm.measures import ENTRIES
from experiments.studies.optimise.effectiveness_prior import AveragedSurrogate, PriorEvaluator
from experiments.studies.optimise.sides import MILLION, Instruments
from experiments.studies.optimise.surrogate import (
    Objective,
    Predictor,
    add_dollars,
    fit_surrogate,
    proposals,
)
from experiments.studies.optimise.trials import Evaluator, Trials

#: A portfolio that differs from an earlier one by less than this share of its dollars is not run.
_MIN_DIFFERENCE = 0.10
#: Keys for where a marginal pair's additional dollars are spent, and their share of the budget.
MEXICO, LINE, MARGINAL_SHARE = "mexico", "line", 0.25
#: Sides whose best portfolios are the starting points of marginal pairs. They mirror each other, so
#: the mean effect over both is 0 if both countries are equal.
STARTS = ("us_only", "cooperative")
#: Log ratio within which two portfolios are equally good.
_TOLERANCE = 0.003
#: Maximum ratio between budgets that share one optimiser run.
_NEAR = 10.0
SINGLE_SIZES = (100e6, 400e6, 1_500e6)  # $ per year in one-instrument portfolios


@dataclass(frozen=True, order=True)
class BudgetTarget:
    """A target: the fewest entries of one kind that a side can attain under a budget.

    Attributes:
        side: a value from ``sides.SIDES``.
        account: a value from ``sides.ACCOUNTS``.
        outcome: a value from ``horizons.ENTRIES``.
        budget: $ per year on the account.
    """

    side: str
    account: str
    outcome: str
    budget: float


@dataclass(frozen=True, kw_only=True)
class SearchEffort:
    """Numbers of portfolios and rounds in a search.

    Attributes:
        random_portfolios: number of random portfolios, divided equally among the sides.
        rounds: number of proposal rounds.
        seed: seed for the random portfolios.
        per_dimension: number of random portfolios per instrument that a side can buy. It replaces
            ``random_portfolios``, and each target's number of proposals is then also proportional
            to its side's number of instruments. 0 uses ``random_portfolios``.
        confirmed: number of candidates per target that are finally compared on common draws. With
            0, the selection uses predictions or results alone.
        single_sizes: $ per year in one-instrument portfolios.
        max_random: maximum $ per year in a random portfolio, used with ``per_dimension``. A side's
            highest budget is a further limit.
    """

    random_portfolios: int = 66
    rounds: int = 3
    seed: int = 1
    per_dimension: float = 0.0
    confirmed: int = 0
    single_sizes: tuple[float, ...] = SINGLE_SIZES
    max_random: float = math.inf


def targets(
    budgets: Mapping[str, Sequence[float]],
    accounts: Sequence[str] = ("joint",),
    outcomes: Sequence[str] = ENTRIES,
) -> list[BudgetTarget]:
    """Combine all sides, accounts, outcomes and budgets.

    Args:
        budgets: $ per year by side.
        accounts: keys of ``sides.ACCOUNTS``.
        outcomes: values from ``horizons.ENTRIES``.

    Returns:
        The targets.
    """
    return [
        BudgetTarget(side, account, outcome, budget)
        for side, side_budgets in budgets.items()
        for account in accounts
        for outcome in outcomes
        for budget in side_budgets
    ]


def search(
    evaluator: Evaluator | PriorEvaluator,
    aims: Sequence[BudgetTarget],
    effort: SearchEffort,
    factors: np.ndarray | None = None,
    start: Trials | None = None,
) -> Trials:
    """Run portfolios towards the targets.

    Args:
        evaluator: scenario, members, instruments and execution.
        aims: targets for which portfolios are sought.
        effort: numbers of portfolios and rounds.
        factors: drawn ratios of delivered to planned dollars, over which predictions are averaged,
            shape (draws, instruments). None if all planned dollars are delivered.
        start: trials from another search with the same members.

    Returns:
        Trials for all portfolios, including `start`.
    """
    instruments = evaluator.instruments
    rows = first_portfolios(instruments, aims, effort)
    if start is not None:
        rows = select_distinct(rows, start.portfolios)
    trials = evaluator.run("first", rows) if len(rows) else None
    if start is not None:
        start = replace(start, instruments=instruments)
        trials = start.append(trials) if trials else start
    assert trials is not None
    for number in range(1, effort.rounds + 1):
        models = fit_surrogates(trials, aims, factors)
        caution = 0.0 if number == effort.rounds else 1.0
        proposed = [
            propose(models, instruments, turn_aims, caution + 0.5 * turn, number + 100 * turn)
            for turn, turn_aims in enumerate(_repeated(instruments, aims, effort))
        ]
        rows = select_distinct(np.vstack(proposed), trials.portfolios)
        if not len(rows):
            break
        trials = trials.append(evaluator.run(f"round_{number}", rows))
    return trials


def _repeated(
    instruments: Instruments, aims: Sequence[BudgetTarget], effort: SearchEffort
) -> list[list[BudgetTarget]]:
    """Return the targets in each of a round's passes. The first pass contains all targets.

    With ``per_dimension``, a target's number of passes is its side's number of instruments,
    relative to the side with the fewest instruments.
    """
    if not effort.per_dimension:
        return [list(aims)]
    width = {t.side: int(instruments.allowed(t.side).sum()) for t in aims}
    passes = {side: round(n / min(width.values())) for side, n in width.items()}
    return [[t for t in aims if passes[t.side] > k] for k in range(max(passes.values()))]


def count_proposals(
    instruments: Instruments, aims: Sequence[BudgetTarget], effort: SearchEffort
) -> int:
    """Return how many proposals one round makes."""
    return sum(map(len, _repeated(instruments, aims, effort)))


def first_portfolios(
    instruments: Instruments, aims: Sequence[BudgetTarget], effort: SearchEffort
) -> np.ndarray:
    """Return the first portfolios: single instruments, all instruments, and random portfolios.

    Args:
        instruments: all instruments.
        aims: targets for which portfolios are sought.
        effort: number and seed of the random portfolios.

    Returns:
        $ per year, shape (n, instruments).
    """
    budgets: dict[str, list[float]] = {}
    for target in aims:
        budgets.setdefault(target.side, []).append(target.budget)
    all_arms = {(t.side, t.budget): proportional(instruments, t.side, t.budget) for t in aims}
    return np.vstack(
        [
            single_instruments(instruments, [*budgets], effort.single_sizes),
            *(instruments.rounded(row)[None] for row in all_arms.values()),
            *_random_first(instruments, budgets, effort),
        ]
    )


def _random_first(
    instruments: Instruments, budgets: Mapping[str, Sequence[float]], effort: SearchEffort
) -> Iterator[np.ndarray]:
    """Yield random portfolios, for all sides in turn or, with ``per_dimension``, for each side.

    Their dollars are between half the lowest and the highest budget and, with ``per_dimension``, at
    most ``max_random``. Without this bound, most random U.S.-only portfolios would exceed all
    U.S.-only budgets except the highest, which buys all instruments at their maximum doses.
    """
    if not effort.per_dimension:
        levels, n = [*chain(*budgets.values())], effort.random_portfolios
        low, high = 0.5 * min(levels), max(levels)
        yield random_portfolios(instruments, [*budgets], n, low, high, effort.seed)
        return
    for number, (side, levels) in enumerate(budgets.items()):
        n = round(effort.per_dimension * int(instruments.allowed(side).sum()))
        low, high = 0.5 * min(levels), min(max(levels), effort.max_random)
        yield random_portfolios(instruments, [side], n, low, high, effort.seed + number)


def propose(
    surrogates: Mapping[str, Predictor],
    instruments: Instruments,
    aims: Sequence[BudgetTarget],
    caution: float,
    seed: int,
) -> np.ndarray:
    """Return the portfolio with the best prediction for every target.

    Args:
        surrogates: predictions by outcome, as :func:`fit_surrogates` returns them.
        instruments: all instruments.
        aims: targets for which portfolios are sought.
        caution: number of standard deviations that are subtracted from predictions.
        seed: seed for the optimiser.

    Returns:
        $ per year, shape (n, instruments).
    """
    rows: list[np.ndarray] = []
    groups: dict[tuple[str, str, str], list[float]] = {}
    for t in aims:
        groups.setdefault((t.side, t.account, t.outcome), []).append(t.budget)
    for (side, account, outcome), budgets in groups.items():
        models = (surrogates[outcome], surrogates["deaths"])
        objective = Objective(instruments, side, account, *models, caution, seed)
        for near in _near_budgets(budgets):
            rows += proposals(objective, near)
    return np.array(rows).reshape(-1, len(instruments))


def _near_budgets(budgets: Iterable[float]) -> list[list[float]]:
    """Group budgets so that the highest in a group is at most ``_NEAR`` times the lowest."""
    groups: list[list[float]] = []
    for budget in sorted(budgets):
        if not groups or budget > _NEAR * groups[-1][0]:
            groups.append([])
        groups[-1].append(budget)
    return groups


def fit_surrogates(
    trials: Trials, aims: Iterable[BudgetTarget], factors: np.ndarray | None = None
) -> dict[str, Predictor]:
    """Fit a surrogate for each target outcome and for deaths.

    Args:
        trials: portfolios that have been run.
        aims: targets for which portfolios are sought.
        factors: as in :func:`search`.

    Returns:
        Predictions for planned dollars, by outcome.
    """
    names = dict.fromkeys([*(t.outcome for t in aims), "deaths"])
    shared = factors is not None  # fitting one length scale per instrument takes minutes
    fit = partial(fit_surrogate, instruments=trials.instruments, one_length=shared)
    fitted = {name: fit(trials.inputs, trials.mean_log(name)) for name in names}
    if factors is None:
        return dict(fitted)
    max_dollars = trials.instruments.max_dollars
    members = 0 if trials.member is None else trials.member.shape[1]
    return {
        name: AveragedSurrogate(surrogate, factors, max_dollars, members)
        for name, surrogate in fitted.items()
    }


def marginal_portfolios(
    trials: Trials, chosen: Mapping[BudgetTarget, int], surrogates: Mapping[str, Predictor]
) -> dict[tuple[BudgetTarget, str], np.ndarray]:
    """Add a share of the budget to portfolios, on instruments that need Mexico or on all others.

    The addition is smaller if all instruments reach their maximum doses, or if no further dollar is
    predicted to reduce entries (:func:`addition_stop`).

    Args:
        trials: portfolios that have been run.
        chosen: index in `trials` of every target's portfolio. Its side is one of ``STARTS``.
        surrogates: predictions by outcome, as :func:`fit_surrogates` returns them.

    Returns:
        $ per year, shape (instruments,), by target and by ``MEXICO`` or ``LINE``.
    """
    rows = {}
    for target, place in chosen.items():
        for where, side in ((MEXICO, "cooperative"), (LINE, "us_only")):
            models = surrogates[target.outcome], surrogates["deaths"]
            objective = Objective(trials.instruments, side, target.account, *models, caution=0.0)
            start, more = trials.portfolios[place], MARGINAL_SHARE * target.budget
            rows[target, where] = add_dollars(objective, start, more)
    return rows


def addition_stop(
    instruments: Instruments, where: str, start: np.ndarray, row: np.ndarray, dollars: float
) -> str:
    """Return the reason why an addition is smaller than the dollars offered.

    Args:
        instruments: all instruments.
        where: ``MEXICO`` or ``LINE``.
        start: portfolio before the addition, $ per year, shape (instruments,).
        row: portfolio with the addition, in the same form.
        dollars: joint dollars that were offered, $ per year.

    Returns:
        ``""`` if all dollars were added, apart from rounding to whole millions per instrument.
        ``"full"`` if every instrument is at its maximum dose. Otherwise ``"no gain"``: no further
        dollar was predicted to reduce entries.
    """
    if (row - start).sum() >= dollars - MILLION * len(instruments):
        return ""
    allowed = instruments.allowed("cooperative" if where == MEXICO else "us_only")
    room = (instruments.max_dollars - row)[allowed]
    return "full" if (room < MILLION).all() else "no gain"


def select_distinct(rows: np.ndarray, finished: np.ndarray) -> np.ndarray:
    """Select new portfolios that differ from all other portfolios by more than a tolerance.

    Args:
        rows: new portfolios, shape (n, instruments).
        finished: portfolios that have been run, shape (m, instruments).

    Returns:
        The portfolios to run, shape (k, instruments).
    """
    selected: list[np.ndarray] = []
    for row in rows:
        others = np.vstack([finished, *selected]) if selected else finished
        if np.abs(others - row).sum(axis=1).min() > _MIN_DIFFERENCE * row.sum():
            selected.append(row)
    return np.array(selected).reshape(-1, rows.shape[1])


def choose_best(
    trials: Trials, aims: Iterable[BudgetTarget], surrogates: Mapping[str, Predictor] | None = None
) -> dict[BudgetTarget, int]:
    """Select the best portfolio for every target among the portfolios that have been run.

    If several portfolios are equally good within a tolerance, a portfolio that another target has
    selected is preferred, so that targets do not differ by noise alone. Targets without a feasible
    portfolio are left out. With drawn factors, a portfolio's result comes from a single draw, so
    portfolios are then compared by predictions averaged over draws.

    Args:
        trials: portfolios that have been run.
        aims: targets for which portfolios are sought.
        surrogates: predictions by outcome, with which portfolios are compared. None compares
            results.

    Returns:
        Index in `trials` by target.
    """
    chosen: dict[BudgetTarget, int] = {}
    aims = sorted(aims)
    values = {name: trials.mean_log(name) for name in dict.fromkeys(t.outcome for t in aims)}
    if surrogates is not None:
        values = {name: surrogates[name].predict_mean(trials.portfolios) for name in values}
    for target in aims:
        allowed = _feasible(trials, target)
        if not allowed.any():
            continue
        value = np.where(allowed, values[target.outcome], np.inf)
        best = int(np.argmin(value))
        equal = [k for k in chosen.values() if value[k] <= value[best] + _TOLERANCE]
        chosen[target] = min(equal, key=lambda k: value[k]) if equal else best
    return chosen


def candidates(
    trials: Trials, aims: Sequence[BudgetTarget], surrogates: Mapping[str, Predictor], n: int
) -> dict[BudgetTarget, list[int]]:
    """Return the portfolios with the best predictions for every target.

    Args:
        trials: portfolios that have been run.
        aims: targets for which portfolios are sought.
        surrogates: predictions by outcome.
        n: maximum number of candidates per target.

    Returns:
        Indices in `trials`, the best first. Targets without a feasible portfolio are left out.
    """
    values = {t.outcome: surrogates[t.outcome].predict_mean(trials.portfolios) for t in aims}
    best = {}
    for target in sorted(aims):
        allowed = _feasible(trials, target)
        order = np.argsort(np.where(allowed, values[target.outcome], np.inf), kind="stable")
        if allowed.any():
            best[target] = order[: min(n, int(allowed.sum()))].tolist()
    return best


def choose_confirmed(
    by_target: Mapping[BudgetTarget, Sequence[int]], places: Sequence[int], confirmed: Trials
) -> dict[BudgetTarget, int]:
    """Select for every target the candidate with the best mean over common draws.

    The portfolios selected for each single side are also candidates for both together with the same
    account, outcome and budget, because both together can buy them too.

    Args:
        by_target: candidates by target, as :func:`candidates` returns them.
        places: candidate index of every portfolio in `confirmed`.
        confirmed: trials of all candidates on the same draws.

    Returns:
        The selected candidate by target. The first candidate if all runs failed.
    """
    row = {place: k for k, place in enumerate(places)}
    values = {t.outcome: confirmed.mean_log(t.outcome) for t in by_target}
    chosen = {}
    for target in sorted(by_target, key=lambda t: t.side == "mixed"):
        choices = [*by_target[target]]
        if target.side == "mixed":
            single = (chosen.get(replace(target, side=side)) for side in STARTS)
            choices += [place for place in single if place is not None and place not in choices]
        value = values[target.outcome][[row[place] for place in choices]]
        chosen[target] = choices[int(np.argmin(np.where(np.isfinite(value), value, np.inf)))]
    return chosen


def _feasible(trials: Trials, target: BudgetTarget) -> np.ndarray:
    """Return which portfolios have a result, are open to the side, and are within the budget."""
    portfolios, instruments = trials.portfolios, trials.instruments
    charge = instruments.charge(portfolios, target.account)
    within = instruments.open_to(portfolios, target.side) & (charge <= target.budget * (1.0 + 1e-9))
    return within & np.isfinite(trials.mean_log(target.outcome))


def single_instruments(
    instruments: Instruments, sides: Sequence[str], sizes: Sequence[float] = SINGLE_SIZES
) -> np.ndarray:
    """Return portfolios with one instrument each, at several sizes.

    Args:
        instruments: all instruments.
        sides: the sides whose instruments are used.
        sizes: $ per year. An instrument's maximum dose limits them.

    Returns:
        $ per year, shape (n, instruments).
    """
    allowed = np.any([instruments.allowed(side) for side in sides], axis=0)
    rows = [
        dollars * np.eye(len(instruments))[k]
        for k in np.flatnonzero(allowed)
        for dollars in dict.fromkeys(np.minimum(sizes, instruments.max_dollars[k]).tolist())
    ]
    return np.array(rows).reshape(-1, len(instruments))


def random_portfolios(
    instruments: Instruments, sides: Sequence[str], n: int, low: float, high: float, seed: int
) -> np.ndarray:
    """Draw portfolios with 2 to 8 instruments each, for the sides in turn.

    Total sizes are log-uniform. Shares are uniform on the simplex.

    Args:
        instruments: all instruments.
        sides: values from ``sides.SIDES``.
        n: number of portfolios.
        low, high: bounds on the total size, $ per year.
        seed: seed for the draws.

    Returns:
        $ per year, shape (n, instruments).
    """
    rng, rows = np.random.default_rng(seed), []
    for i in range(n):
        open_to = np.flatnonzero(instruments.allowed(sides[i % len(sides)]))
        funded = rng.choice(open_to, size=min(len(open_to), int(rng.integers(2, 9))), replace=False)
        budget = low * (high / low) ** rng.random()
        row = np.zeros(len(instruments))
        row[funded] = budget * rng.dirichlet(np.ones(len(funded)))
        rows.append(instruments.rounded(np.minimum(row, instruments.max_dollars)))
    return np.array(rows).reshape(-1, len(instruments))


def proportional(instruments: Instruments, side: str, budget: float) -> np.ndarray:
    """Return a portfolio with all of a side's instruments at the same dose.

    Args:
        instruments: all instruments.
        side: a value from ``sides.SIDES``.
        budget: $ per year over all payers.

    Returns:
        $ per year, shape (instruments,), scaled to the budget.
    """
    row = np.where(instruments.allowed(side), instruments.full_cost, 0.0)
    return instruments.scale_to_budget(row, budget, "joint")
