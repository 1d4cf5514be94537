"""The answer: exchange-rate cells for every regime and headline, and tests of uncertain numbers.

Every draw supports a claim by a margin, which may be negative (``RateCell.margin``). A number
influences a claim (*moves* it) if the rank correlation between the number and the margin over the
draws is stronger than chance explains. Each number's absolute correlation is compared with the
maximum over all numbers under permuted draws (max-T; Westfall and Young 1993). Numbers without an
effect are therefore reported for at most one claim in twenty. ``turning`` tests which numbers
reverse a claim.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from experiments.runs.case import Failure
from experiments.studies.ask.rate_cells import RateCell, rate_cells
from experiments.studies.ask.regimes import CORE
from experiments.studies.ask.stages import AskRuns
from experiments.studies.ask.turning import turning_rows
from experiments.studies.ask.verdict import CLAIMS, JOINT, Z80

MAX_NUMBERS = 2  # maximum number of influential numbers that are reported per claim and regime
LEVEL = 0.05  # family-wise level over all numbers, for one claim in one regime
_PERMUTATIONS = 9_999
_MIN_TEST_DRAWS = 20


@dataclass(frozen=True)
class InfluentialParameter:
    """A number that influences a claim in a regime.

    Attributes:
        claim: a value from ``CLAIMS``.
        number: the uncertain number's name.
        regime: key in ``regimes.REGIMES``.
        rank: Spearman's rank correlation between number and margin.
        p: probability that, by chance alone, the maximum absolute correlation over all numbers is
            at least this strong.
    """

    claim: str
    number: str
    regime: str
    rank: float
    p: float


@dataclass(frozen=True)
class ClaimTest:
    """Test of all numbers on one claim in one regime.

    Attributes:
        claim: a value from ``CLAIMS``.
        regime: key in ``regimes.REGIMES``.
        draws: number of draws with a margin in all cells.
        tested: names of the tested numbers. Empty with fewer than 20 draws, or if all margins are
            equal.
        chance: critical value that a reported number's absolute correlation exceeds. NaN if no
            number was tested.
        moving: at most ``MAX_NUMBERS`` numbers that influence the claim, strongest first.
    """

    claim: str
    regime: str
    draws: int
    tested: tuple[str, ...] = ()
    chance: float = math.nan
    moving: tuple[InfluentialParameter, ...] = ()

    @property
    def detectable(self) -> float:
        """Rank correlation that the test detects with 80 % probability (Bonett and Wright 2000)."""
        rank = self.chance
        for _ in range(20):  # The standard error depends on the correlation.
            error = math.sqrt((1.0 + 0.5 * rank**2) / (self.draws - 3)) if self.tested else math.nan
            rank = math.tanh(math.atanh(self.chance) + Z80 * error)
        return rank


def examine_claims(
    cells: Iterable[RateCell], numbers: Sequence[Mapping[str, float]], seed: int = 1
) -> list[ClaimTest]:
    """Test which numbers influence each claim in each regime.

    The level holds for one claim in one regime. Of nine tests (three claims in three regimes), up
    to 0.45 are expected to report a number that has no effect.

    Args:
        cells: cells, which may be from several regimes. Only judged cells in joint dollars are
            used.
        numbers: uncertain numbers by name, one mapping per draw, in the cells' draw order.
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


def combined_margin(cells: Iterable[RateCell], claim: str) -> np.ndarray:
    """Average a claim's margin over cells.

    Measures, budgets and horizons have equal weight. Each cell's margin is first limited to
    ``rate_cells.MAX_MARGIN``. A cell in which no draw has a margin is left out. A draw that lacks a
    margin in any of the remaining cells has no combined margin.

    Args:
        cells: cells from one regime.
        claim: a value from ``CLAIMS``.

    Returns:
        Combined margin, shape (draws,). NaN for a draw that has no combined margin. Empty if no
        cell has a margin.
    """
    margins = [cell.limited_margin(claim) for cell in cells]
    margins = [margin for margin in margins if not np.isnan(margin).all()]
    return np.mean(margins, axis=0) if margins else np.zeros(0)


def _examine(
    claim: str, cells: Sequence[RateCell], numbers: Sequence[Mapping[str, float]], seed: int
) -> ClaimTest:
    """Test all numbers on one claim in one regime."""
    margin = combined_margin(cells, claim)
    complete = np.flatnonzero(~np.isnan(margin)).tolist()
    test = ClaimTest(claim, cells[0].regime, len(complete))
    if len(complete) < _MIN_TEST_DRAWS or np.ptp(margin[complete]) == 0.0:
        return test
    table = np.array([[numbers[k][name] for k in complete] for name in numbers[0]])
    varies = np.ptp(table, axis=1) > 0.0
    names = tuple(name for name, differs in zip(numbers[0], varies, strict=True) if differs)
    if not names:
        return test
    columns, values = table[varies], margin[complete]
    ranks = rank_correlations(columns, values)
    largest = np.sort(largest_by_chance(columns, values, seed))
    count = len(largest) + 1
    test = replace(test, tested=names, chance=float(largest[-int(LEVEL * count)]))
    moving = []
    for k in np.argsort(-np.abs(ranks), kind="stable")[:MAX_NUMBERS].tolist():
        rank = float(ranks[k])
        if abs(rank) > test.chance:
            p = float((1 + (largest >= abs(rank)).sum()) / count)
            moving.append(InfluentialParameter(claim, names[k], test.regime, rank, p))
    return replace(test, moving=tuple(moving))


def rank_correlations(columns: np.ndarray, margin: np.ndarray) -> np.ndarray:
    """Return Spearman's rank correlation of each number with the margin.

    Args:
        columns: values of the numbers, shape (numbers, draws). No row is constant.
        margin: margin in every draw, shape (draws,).

    Returns:
        Correlations, shape (numbers,).
    """
    return _standard_ranks(columns) @ _standard_ranks(margin)


def largest_by_chance(columns: np.ndarray, margin: np.ndarray, seed: int) -> np.ndarray:
    """Return the maximum absolute correlation over all numbers for each permutation of the draws.

    Args:
        columns, margin: as in `rank_correlations`.
        seed: seed for the permutations.

    Returns:
        Maximum absolute correlations, shape (permutations,).
    """
    ranks = np.tile(_standard_ranks(margin), (_PERMUTATIONS, 1))
    permuted = np.random.default_rng(seed).permuted(ranks, axis=1)
    return np.abs(permuted @ _standard_ranks(columns).T).max(axis=1)


def _standard_ranks(values: np.ndarray) -> np.ndarray:
    """Return ranks along the last axis, centred and scaled so that their squares sum to 1."""
    from scipy.stats import rankdata

    ranks = rankdata(values, axis=-1)
    ranks = ranks - ranks.mean(axis=-1, keepdims=True)
    return ranks / np.sqrt((ranks**2).sum(axis=-1, keepdims=True))


# ---- the answer ----------------------------------------------------------------------------------


@dataclass(frozen=True, eq=False, repr=False)
class Answer:
    """Evaluated results from all stages.

    Attributes:
        runs: results from all stages.
        cells: exchange-rate cells for the core in all regimes.
        headlines: exchange-rate cells for every other headline in all regimes.
        turning: effect of every assumed number and every variant on the claims
            (`turning.turning_rows`).
        tests: which numbers influence a claim, one test per regime and claim.
    """

    runs: AskRuns
    cells: tuple[RateCell, ...]
    headlines: Mapping[str, Sequence[RateCell]]
    turning: Sequence[Mapping[str, Any]]
    tests: tuple[ClaimTest, ...]

    @property
    def failed_runs(self) -> tuple[Failure, ...]:
        """Failed runs in all stages."""
        groups = [self.runs.regimes, *self.runs.headlines.values()]
        runs = [run for regimes in groups for run in regimes.values()]
        trials = [part for r in runs for part in (r.searched, r.score.trials, r.score.added)]
        trials += [s.trials for s in self.runs.turned.scores.values()] if self.runs.turned else []
        failures = [run for stage in trials if stage is not None for run in stage.failures]
        return tuple({id(run): run for run in failures}.values())  # Headlines share runs.


def answer(runs: AskRuns) -> Answer:
    """Evaluate results from all stages."""
    size = runs.size
    later, cells = size.later, []
    for number, (regime, result) in enumerate(runs.regimes.items()):
        cells += rate_cells(regime, result.score, later.budgets if number else size.budgets)
    headlines = {
        name: [
            cell
            for regime, result in regimes.items()
            for cell in rate_cells(regime, result.score, later.budgets)
        ]
        for name, regimes in runs.headlines.items()
    }
    first = {
        name: [cell for cell in rates if cell.regime == size.regimes[0]]
        for name, rates in {CORE: cells, **headlines}.items()
    }
    rows = turning_rows(runs.turned, first) if runs.turned else []
    tests = tuple(examine_claims(cells, runs.numbers))
    return Answer(runs, tuple(cells), headlines, rows, tests)
