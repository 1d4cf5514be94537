"""The answer: exchange-rate cells of every regime and variant, and tests of uncertain numbers.

Every draw has a margin by which it wins a claim (``RateCell.margin``). A number *moves* a claim if
the number's rank correlation with the margin over the draws is larger than chance explains. It
also *turns* the claim if a monotone margin fit crosses 0 within the draws' range. Each
number's correlation is compared with the largest correlation among all numbers under permuted
draws (max-T; Westfall and Young 1993), so numbers without an effect are reported for at most one
claim in twenty.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np

from experiments.runs.case import Failure
from experiments.studies.ask.rate_cells import RateCell, rate_cells
from experiments.studies.ask.stages import AskRuns
from experiments.studies.ask.verdict import CLAIMS, JOINT, MIN_VARIANT_DRAWS, TIMES, Z80

MAX_NUMBERS = 2  # reported for each claim and regime
LEVEL = 0.05  # family-wise level over all numbers, for one claim in one regime
#: Largest absolute margin of one cell in the average. A rate above 16 counts as 16, and one below 1
#: as 1, so that the few draws out of reach do not outweigh all others.
MAX_MARGIN = {"requires": math.log(TIMES)}
_PERMUTATIONS = 9_999
_MIN_TEST_DRAWS = 20
_RESAMPLES = 200
#: Tail of the bootstrap. Percentile intervals of an isotonic crossing are too narrow: between the
#: 2.5th and the 97.5th percentile are about 90 % of the true values
#: (docs/background/decisions/verdict.md).
_TAIL = 0.025
_EDGE = 0.1  # share of draws at each end over which the fit is averaged


@dataclass(frozen=True)
class MovingNumber:
    """A number that moves a claim in a regime.

    Attributes:
        claim: a value from ``CLAIMS``.
        number: the uncertain number's name.
        value: value at which the fitted margin crosses 0 and turns the claim. NaN if it does not
            cross.
        regime: key in ``regimes.REGIMES``.
        rank: Spearman's rank correlation between number and margin.
        p: probability that the largest correlation among all numbers is as large by chance.
        low90, high90: 90 % interval of ``value`` over bootstrap samples of draws. Infinite if the
            margin does not cross 0 within the draws' range in that share of samples.
        below, above: share of won cells by a monotone fit, in the tenth of draws with the lowest,
            and with the number's highest values.
    """

    claim: str
    number: str
    value: float
    regime: str
    rank: float
    p: float
    low90: float
    high90: float
    below: float
    above: float


@dataclass(frozen=True)
class ClaimTest:
    """One claim's test with all numbers in one regime.

    Attributes:
        claim: a value from ``CLAIMS``.
        regime: key in ``regimes.REGIMES``.
        draws: draws with a margin in all cells.
        tested: numbers that were tested. Empty with fewer than 20 draws, or if all margins agree.
        chance: smallest absolute correlation that is reported. NaN without a test.
        moving: at most ``MAX_NUMBERS`` numbers that move the claim, strongest first.
    """

    claim: str
    regime: str
    draws: int
    tested: tuple[str, ...] = ()
    chance: float = math.nan
    moving: tuple[MovingNumber, ...] = ()

    @property
    def detectable(self) -> float:
        """Rank correlation detected with 80 % probability (Bonett and Wright 2000)."""
        rank = self.chance
        for _ in range(20):  # The standard error depends on the correlation.
            error = math.sqrt((1.0 + 0.5 * rank**2) / (self.draws - 3)) if self.tested else math.nan
            rank = math.tanh(math.atanh(self.chance) + Z80 * error)
        return rank


def examine_claims(
    cells: Iterable[RateCell], numbers: Sequence[Mapping[str, float]], seed: int = 1
) -> list[ClaimTest]:
    """Test which numbers move each claim in each regime.

    The level holds for one claim in one regime. With three claims in three regimes, up to 0.45
    numbers without an effect are expected among the reported ones.

    Args:
        cells: cells from any regimes. Only judged ones in joint dollars are used.
        numbers: every draw's uncertain numbers, ordered like the cells' draws.
        seed: seed for permutations and bootstrap.

    Returns:
        One test for each regime and claim, including tests without a result.
    """
    judged = [cell for cell in cells if cell.judged and cell.account == JOINT]
    regimes = dict.fromkeys(cell.regime for cell in judged)
    return [
        _examine(claim, [cell for cell in judged if cell.regime == regime], numbers, seed)
        for regime in regimes
        for claim in CLAIMS
    ]


def combined_margin(cells: Iterable[RateCell], claim: str) -> tuple[np.ndarray, np.ndarray]:
    """Average a claim's margin over cells.

    Measures, budgets and horizons have equal weight. Each cell's margin is first limited to
    ``MAX_MARGIN``. A cell in which no draw has a margin is left out. A draw without a margin in
    another cell has none.

    Args:
        cells: cells from one regime.
        claim: a value from ``CLAIMS``.

    Returns:
        Margin and share of won cells, shape (draws,), NaN for a draw without a margin. Empty if no
        cell has a margin.
    """
    largest = MAX_MARGIN.get(claim, math.inf)
    with_margin = [cell for cell in cells if not np.isnan(cell.margin(claim)).all()]
    if not with_margin:
        return np.zeros(0), np.zeros(0)
    margins = [np.clip(cell.margin(claim), -largest, largest) for cell in with_margin]
    return np.mean(margins, axis=0), np.mean([cell.won(claim) for cell in with_margin], axis=0)


@dataclass(frozen=True, eq=False)
class _Draws:
    """A claim's complete draws: numbers, shape (numbers, draws), margin and share of won cells."""

    columns: np.ndarray
    margin: np.ndarray
    won: np.ndarray


def _examine(
    claim: str, cells: Sequence[RateCell], numbers: Sequence[Mapping[str, float]], seed: int
) -> ClaimTest:
    """Test all numbers for one claim in one regime."""
    margin, won = combined_margin(cells, claim)
    complete = np.flatnonzero(~np.isnan(margin)).tolist()
    test = ClaimTest(claim, cells[0].regime, len(complete))
    if len(complete) < _MIN_TEST_DRAWS or np.ptp(margin[complete]) == 0.0:
        return test
    table = np.array([[numbers[k][name] for k in complete] for name in numbers[0]])
    varies = np.ptp(table, axis=1) > 0.0
    names = tuple(name for name, differs in zip(numbers[0], varies, strict=True) if differs)
    if not names:
        return test
    draws = _Draws(table[varies], margin[complete], won[complete])
    size = np.abs(rank_correlations(draws.columns, draws.margin))
    largest = np.sort(largest_by_chance(draws.columns, draws.margin, seed))
    count = len(largest) + 1
    test = replace(test, tested=names, chance=float(largest[-int(LEVEL * count)]))
    moving = [
        _moving_number(test, draws, k, p=float((1 + (largest >= size[k]).sum()) / count), seed=seed)
        for k in np.argsort(-size, kind="stable")[:MAX_NUMBERS].tolist()
        if size[k] > test.chance
    ]
    return replace(test, moving=tuple(moving))


def _moving_number(test: ClaimTest, draws: _Draws, k: int, *, p: float, seed: int) -> MovingNumber:
    """Describe a number that moves a claim, by its index among the tested ones."""
    x = draws.columns[k]
    (rank,) = rank_correlations(x[None], draws.margin).tolist()
    sign = math.copysign(1.0, rank)
    rising = sign * draws.margin
    below, above = (sign * end + 0.0 for end in ends(x, sign * draws.won))  # The sum has no -0.0.
    low, high = ends(x, rising)
    turns = low < 0.0 < high
    bounds = crossing_interval(x, rising, seed) if turns else (math.nan, math.nan)
    return MovingNumber(
        claim=test.claim,
        number=test.tested[k],
        value=crossing(x, rising) if turns else math.nan,
        regime=test.regime,
        rank=rank,
        p=p,
        low90=bounds[0],
        high90=bounds[1],
        below=below,
        above=above,
    )


def rank_correlations(columns: np.ndarray, margin: np.ndarray) -> np.ndarray:
    """Return Spearman's rank correlation of each number with the margin.

    Args:
        columns: each number's values, shape (numbers, draws). None is constant.
        margin: each draw's margin, shape (draws,).

    Returns:
        Correlations, shape (numbers,).
    """
    return _standard_ranks(columns) @ _standard_ranks(margin)


def largest_by_chance(columns: np.ndarray, margin: np.ndarray, seed: int) -> np.ndarray:
    """Return the largest absolute correlation among all numbers under permuted draws.

    Args:
        columns, margin: as in `rank_correlations`.
        seed: seed for the permutations.

    Returns:
        One value for each permutation.
    """
    ranks = np.tile(_standard_ranks(margin), (_PERMUTATIONS, 1))
    permuted = np.random.default_rng(seed).permuted(ranks, axis=1)
    return np.abs(permuted @ _standard_ranks(columns).T).max(axis=1)


def _standard_ranks(values: np.ndarray) -> np.ndarray:
    """Return ranks along the last axis, centred and with squares that sum to 1."""
    from scipy.stats import rankdata

    ranks = rankdata(values, axis=-1)
    ranks = ranks - ranks.mean(axis=-1, keepdims=True)
    return ranks / np.sqrt((ranks**2).sum(axis=-1, keepdims=True))


def fit_rising(x: np.ndarray, margin: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Fit the margin as a non-decreasing function of a number by least squares.

    Args:
        x: the number's values, shape (draws,).
        margin: each draw's margin, shape (draws,).

    Returns:
        The number's distinct values, ascending, the fit there, and how many draws have each value.
    """
    from scipy.optimize import isotonic_regression

    values, group, count = np.unique(x, return_inverse=True, return_counts=True)
    mean = np.bincount(group, margin) / count
    return values, isotonic_regression(mean, weights=count).x, count


def ends(x: np.ndarray, margin: np.ndarray) -> tuple[float, float]:
    """Return the mean fit over the tenth of draws with the lowest, and the highest values.

    Arguments as in `fit_rising`.
    """
    _, fit, count = fit_rising(x, margin)
    by_draw, edge = np.repeat(fit, count), max(1, int(_EDGE * len(x)))
    return float(by_draw[:edge].mean()), float(by_draw[-edge:].mean())


def crossing(x: np.ndarray, margin: np.ndarray) -> float:
    """Return the value at which a number's fit crosses 0.

    Arguments as in `fit_rising`.

    Returns:
        Midway between the last value with a fit below 0 and the next one. Minus infinity if no fit
        is below 0, and infinity if all are.
    """
    values, fit, _ = fit_rising(x, margin)
    k = int(np.searchsorted(fit, 0.0))
    if k in (0, len(fit)):
        return math.inf if k else -math.inf
    return float(0.5 * (values[k - 1] + values[k]))


def crossing_interval(x: np.ndarray, margin: np.ndarray, seed: int) -> tuple[float, float]:
    """Return the 90 % interval for a crossing from bootstrap samples of draws.

    Args:
        x, margin: as in `fit_rising`.
        seed: seed for the bootstrap.

    Returns:
        Lower and upper bound. Infinite if the fit does not cross 0 in that share of samples.
    """
    draws = np.random.default_rng(seed).integers(0, len(x), (_RESAMPLES, len(x)))
    crossings = np.sort([crossing(x[sample], margin[sample]) for sample in draws])
    k = int(_TAIL * _RESAMPLES)
    return float(crossings[k]), float(crossings[-1 - k])


# ---- the answer ----------------------------------------------------------------------------------


@dataclass(frozen=True, eq=False, repr=False)
class Answer:
    """The results from all stages, evaluated.

    Attributes:
        runs: results from all stages.
        cells: exchange-rate cells in all regimes.
        variants: exchange-rate cells by structural variant.
        tests: tests of the numbers that move or turn a claim.
    """

    runs: AskRuns
    cells: tuple[RateCell, ...]
    variants: Mapping[str, list[RateCell]]
    tests: tuple[ClaimTest, ...]

    @property
    def failed_runs(self) -> tuple[Failure, ...]:
        """Failed runs of all stages."""
        regimes = self.runs.regimes.values()
        scores = [*(run.score for run in regimes), *self.runs.variants.values()]
        trials = [run.searched for run in regimes]
        trials += [part for s in scores for part in (s.trials, s.alone, s.added)]
        return tuple(run for stage in trials if stage is not None for run in stage.failures)


def answer(runs: AskRuns) -> Answer:
    """Evaluate the results from all stages."""
    size = runs.size
    later, cells = size.later, []
    for number, (regime, result) in enumerate(runs.regimes.items()):
        cells += rate_cells(regime, result.score, later.budgets if number else size.budgets)
    variants = {
        name: rate_cells(name, score, later.budgets, MIN_VARIANT_DRAWS)
        for name, score in runs.variants.items()
    }
    return Answer(runs, tuple(cells), variants, tuple(examine_claims(cells, runs.numbers)))
