"""Conditions of a claim: numbers that move or turn it, and boxes in which it fails.

Every draw has a margin by which it wins a claim (``RateCell.margin``). A number *moves* a claim if
the number's rank correlation with the margin over the draws is larger than chance explains. It
also *turns* the claim if a monotone margin fit crosses 0 within the draws' range. Each
number's correlation is compared with the largest correlation among all numbers under permuted
draws (max-T; Westfall and Young 1993), so numbers without an effect are reported for at most one
claim in twenty.

Scenario discovery divides the draws by a classification tree of at most ``DEPTH`` splits, whose
rows are draws at each budget and whose leaves are boxes. With 60 draws and as many numbers, a tree
finds splits in pure noise, so its accuracy is measured on draws outside the training data and
compared with the same tree on shuffled draws.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

import numpy as np

from experiments.studies.ask.rate_cells import JOINT, RATE_CLAIMS, RateCell
from experiments.studies.ask.verdict import TIMES, Z80, ClaimCell

MAX_TURNS = 2  # numbers that are reported for each claim and regime
LEVEL = 0.05  # family-wise level over all numbers, for one claim in one regime
#: Largest absolute margin of one cell in the average. A rate above 16 counts as 16, and one below 1
#: as 1, so that the few draws out of reach do not outweigh all others.
MAX_MARGIN = {"requires": math.log(TIMES)}
_PERMUTATIONS = 9_999
_LEAST_DRAWS = 20
_RESAMPLES = 200
#: Tail of the bootstrap. Percentile intervals of an isotonic crossing are too narrow: between the
#: 2.5th and the 97.5th percentile are about 90 % of the true values
#: (docs/background/decisions/verdict.md).
_TAIL = 0.025
_EDGE = 0.1  # share of draws at each end over which the fit is averaged


@dataclass(frozen=True)
class Turn:
    """A number that moves a claim in a regime.

    Attributes:
        claim: a value from ``RATE_CLAIMS``.
        number: the uncertain number's name.
        value: value at which the fitted margin crosses 0. NaN if it does not cross.
        regime: key in ``regimes.REGIMES``.
        rank: Spearman's rank correlation between number and margin.
        chance: smallest absolute correlation that is reported for this claim and regime.
        p: probability that the largest correlation among all numbers is as large by chance.
        low90, high90: 90 % interval of ``value`` over bootstrap samples of draws. Infinite if the
            margin does not cross 0 within the draws' range in that share of samples.
        below, above: share of won cells by a monotone fit, in the tenth of draws with the lowest,
            and with the number's highest values.
        spread: absolute difference between both shares.
    """

    claim: str
    number: str
    value: float
    regime: str
    rank: float
    chance: float
    p: float
    low90: float
    high90: float
    below: float
    above: float
    spread: float

    @property
    def turns(self) -> bool:
        """Whether the number turns the claim within its range, and not only moves it."""
        return not math.isnan(self.value)


@dataclass(frozen=True)
class ClaimTest:
    """One claim's test with all numbers in one regime.

    Attributes:
        claim: a value from ``RATE_CLAIMS``.
        regime: key in ``regimes.REGIMES``.
        draws: draws with a margin in all cells.
        of: all draws, including those that failed or ran no marginal pair.
        cells: how many cells the margin is averaged over.
        tested: numbers that were tested. Empty with fewer than 20 draws, or if all margins agree.
        chance: smallest absolute correlation that is reported. NaN without a test.
        moving: at most ``MAX_TURNS`` numbers that move the claim, strongest first.
    """

    claim: str
    regime: str
    draws: int
    of: int
    cells: int
    tested: tuple[str, ...] = ()
    chance: float = math.nan
    moving: tuple[Turn, ...] = ()

    @property
    def turns(self) -> tuple[Turn, ...]:
        """The numbers that turn the claim."""
        return tuple(turn for turn in self.moving if turn.turns)

    @property
    def detectable(self) -> float:
        """Rank correlation detected with 80 % probability (Bonett and Wright 2000)."""
        rank = self.chance
        for _ in range(20):  # the standard error depends on the correlation
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
        for claim in RATE_CLAIMS
    ]


def combined_margin(cells: Iterable[RateCell], claim: str) -> tuple[np.ndarray, np.ndarray, int]:
    """Average a claim's margin over cells.

    Measures, budgets and horizons have equal weight. Each cell's margin is first limited to
    ``MAX_MARGIN``. A cell in which no draw has a margin is left out. A draw without a margin in
    another cell has none.

    Args:
        cells: cells from one regime.
        claim: a value from ``RATE_CLAIMS``.

    Returns:
        Margin and share of won cells, shape (draws,), NaN for a draw without a margin, and the
        cell count.
    """
    largest = MAX_MARGIN.get(claim, math.inf)
    with_margin = [cell for cell in cells if not np.isnan(cell.margin(claim)).all()]
    if not with_margin:
        return np.zeros(0), np.zeros(0), 0
    margin = np.mean(
        [np.clip(cell.margin(claim), -largest, largest) for cell in with_margin], axis=0
    )
    return margin, np.mean([cell.won(claim) for cell in with_margin], axis=0), len(with_margin)


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
    margin, won, used = combined_margin(cells, claim)
    complete = np.flatnonzero(~np.isnan(margin)).tolist()
    test = ClaimTest(claim, cells[0].regime, len(complete), len(numbers), used)
    if len(complete) < _LEAST_DRAWS or np.ptp(margin[complete]) == 0.0:
        return test
    table = np.array([[numbers[k][name] for k in complete] for name in numbers[0]])
    varies = np.ptp(table, axis=1) > 0.0
    names = tuple(name for name, differs in zip(numbers[0], varies, strict=True) if differs)
    if not names:
        return test
    test = replace(test, tested=names)
    return _with_moving(test, _Draws(table[varies], margin[complete], won[complete]), seed)


def _with_moving(test: ClaimTest, draws: _Draws, seed: int) -> ClaimTest:
    """Return the test with the numbers that move the claim more than chance explains."""
    size = np.abs(rank_correlations(draws.columns, draws.margin))
    largest = np.sort(largest_by_chance(draws.columns, draws.margin, seed))
    test = replace(test, chance=float(largest[-int(LEVEL * (len(largest) + 1))]))
    strongest = np.argsort(-size, kind="stable")[:MAX_TURNS].tolist()
    p = {k: float((1 + (largest >= size[k]).sum()) / (len(largest) + 1)) for k in strongest}
    turns = [_turn(test, draws, k, p[k], seed) for k in strongest if size[k] > test.chance]
    return replace(test, moving=tuple(turns))


def _turn(test: ClaimTest, draws: _Draws, k: int, p: float, seed: int) -> Turn:
    """Describe a number that moves a claim, by its index among the tested ones."""
    x = draws.columns[k]
    (rank,) = rank_correlations(x[None], draws.margin).tolist()
    sign = math.copysign(1.0, rank)
    rising = sign * draws.margin
    below, above = (sign * end + 0.0 for end in ends(x, sign * draws.won))  # no -0.0
    value, bounds = math.nan, (math.nan, math.nan)
    if crosses(x, rising):
        value, bounds = crossing(x, rising), crossing_interval(x, rising, seed)
    place = (test.claim, test.tested[k], value, test.regime)
    return Turn(*place, rank, test.chance, p, *bounds, below, above, abs(above - below))


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


def crosses(x: np.ndarray, margin: np.ndarray) -> bool:
    """Return whether the fit is below 0 at the draws' lower end, and above 0 at the other."""
    low, high = ends(x, margin)
    return low < 0.0 < high


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


# ---- scenario discovery --------------------------------------------------------------------------

DEPTH, LEAF = 3, 0.08  # largest number of consecutive splits; smallest share of rows in a box
#: Number of shuffles. The skill of noise is among the ``_BEST`` largest of 39 + 1 in 5 % of cases.
_SHUFFLES, _BEST = 39, 2
_FOLDS = 5
Bounds = Mapping[str, tuple[float, float]]
_MIN_MEMBERS = 8  # smallest number of draws


@dataclass(frozen=True, eq=False)
class WonCell:
    """One claim on the exchange rate at all judged horizons, as a ``ClaimCell``.

    A draw wins if it wins at every judged horizon.

    Attributes:
        claim: a value from ``RATE_CLAIMS``.
        cells: cells that differ in the horizon only.
    """

    claim: str
    cells: tuple[RateCell, ...]

    @property
    def outcome(self) -> str:
        """Measure that all cells share."""
        return self.cells[0].measure

    @property
    def account(self) -> str:
        """Account that all cells share."""
        return self.cells[0].account

    @property
    def budget(self) -> float:
        """Budget that all cells share, $ per year."""
        return self.cells[0].budget

    @cached_property
    def _won(self) -> np.ndarray:
        """Won draws by horizon, NaN without a result."""
        return np.array([cell.won(self.claim) for cell in self.cells])

    @property
    def complete(self) -> np.ndarray:
        """Draws with a result at all horizons."""
        return ~np.isnan(self._won).any(axis=0)

    @property
    def wins(self) -> np.ndarray:
        """Complete draws that win at all horizons."""
        return (self._won == 1.0).all(axis=0)


@dataclass(frozen=True)
class Box:
    """A region in the parameter space.

    Attributes:
        bounds: lower and upper bound by name.
        draws: how many draws are in the box.
        failed: in how many of them the claim fails.
        coverage: share of all failures inside the box.
    """

    bounds: Bounds
    draws: int
    failed: int
    coverage: float

    @property
    def density(self) -> float:
        """Share of its draws in which the claim fails."""
        return self.failed / self.draws if self.draws else float("nan")


@dataclass(frozen=True)
class Discovery:
    """A claim's boxes, highest density first, and the tree's accuracy.

    Attributes:
        skill: balanced accuracy on draws outside the training data. 0.5 is chance level.
        chance: skill that shuffled draws exceed with at most 5 % probability.
        failed: share of all draws in which the claim fails.
        regime: key in ``regimes.REGIMES``. Empty for claims at equal budgets.
    """

    claim: str
    outcome: str
    boxes: tuple[Box, ...]
    skill: float
    chance: float
    failed: float
    regime: str = ""

    @property
    def better_than_chance(self) -> bool:
        """Whether the skill exceeds the skill on shuffled draws."""
        return self.skill > self.chance


def discover_failures(
    cells: Iterable[RateCell], numbers: Sequence[Mapping[str, float]], seed: int = 1
) -> list[Discovery]:
    """Find boxes for each claim on the exchange rate, by regime and measure, in joint dollars.

    Boxes from pure noise exceed chance in one discovery in twenty. An answer with three regimes has
    up to eighteen discoveries.

    Args:
        cells: cells from any regimes.
        numbers: every draw's uncertain numbers, ordered like the cells' draws.
        seed: seed for the shuffles.

    Returns:
        One discovery for each regime, measure and claim with both won and lost draws.
    """
    groups: dict[tuple[str, str], dict[float, list[RateCell]]] = {}
    for cell in cells:
        if cell.judged and cell.account == JOINT:
            budgets = groups.setdefault((cell.regime, cell.measure), {})
            budgets.setdefault(cell.budget, []).append(cell)
    discoveries = []
    for (regime, _), budgets in groups.items():
        for claim in RATE_CLAIMS:
            boxes = discover(
                [WonCell(claim, tuple(budget_cells)) for budget_cells in budgets.values()],
                numbers,
                seed,
            )
            discoveries += [replace(boxes, regime=regime)] if boxes else []
    return discoveries


def discover(
    cells: Sequence[ClaimCell | WonCell], numbers: Sequence[Mapping[str, float]], seed: int = 1
) -> Discovery | None:
    """Find boxes for one claim's and outcome's cells.

    Args:
        cells: the cells, at several budgets or accounts.
        numbers: every draw's uncertain parameters, ordered like the cells' draws.
        seed: seed for the shuffles.

    Returns:
        The boxes. None if all draws agree or there are too few draws.
    """
    names, x, fails, group = _rows(cells, numbers)
    if len(set(group)) < _MIN_MEMBERS or fails.mean() in (0.0, 1.0):
        return None
    rng, width = np.random.default_rng(seed), len(numbers[0])
    boxes = _boxes(_tree().fit(x, fails), names, x, fails)
    skill = _skill(x, fails, group)
    shuffled = [_skill(_shuffled(x, group, rng, width), fails, group) for _ in range(_SHUFFLES)]
    first, chance = cells[0], float(np.sort(shuffled)[-_BEST])
    return Discovery(first.claim, first.outcome, boxes, skill, chance, float(fails.mean()))


def _rows(
    cells: Sequence[ClaimCell | WonCell], numbers: Sequence[Mapping[str, float]]
) -> tuple[list[str], np.ndarray, np.ndarray, np.ndarray]:
    """Return column names, rows, whether each fails, and its member."""
    names = [*numbers[0], "budget", "us_dollars_alone"]
    table = np.array([list(by_name.values()) for by_name in numbers])
    rows, fails, group = [], [], []
    for cell in cells:
        for member in np.flatnonzero(cell.complete):
            rows.append([*table[member], cell.budget, float(cell.account == "us")])
            fails.append(not cell.wins[member])
            group.append(int(member))
    return names, np.array(rows), np.array(fails, dtype=bool), np.array(group)


def _tree() -> Any:
    """Return a small tree with balanced class weights."""
    from sklearn.tree import DecisionTreeClassifier

    return DecisionTreeClassifier(
        max_depth=DEPTH,
        class_weight="balanced",
        random_state=0,
        min_samples_leaf=LEAF,  # pyright: ignore[reportArgumentType]  # a share is allowed
    )


def _skill(x: np.ndarray, fails: np.ndarray, group: np.ndarray) -> float:
    """Compute the balanced accuracy by cross-validation over member groups."""
    from sklearn.model_selection import GroupKFold

    predicted = np.zeros(len(fails), dtype=bool)
    for train, test in GroupKFold(min(_FOLDS, len(set(group)))).split(x, fails, group):
        if fails[train].min() == fails[train].max():
            predicted[test] = fails[train][0]
        else:
            predicted[test] = _tree().fit(x[train], fails[train]).predict(x[test])
    return float((predicted[fails].mean() + (~predicted[~fails]).mean()) / 2.0)


def _shuffled(x: np.ndarray, group: np.ndarray, rng: np.random.Generator, width: int) -> np.ndarray:
    """Return the rows with parameters exchanged between members. Budgets and accounts stay."""
    members = np.unique(group)
    other = dict(zip(members.tolist(), rng.permutation(members).tolist(), strict=True))
    first = {member: int(np.flatnonzero(group == member)[0]) for member in members.tolist()}
    shuffled = x.copy()
    shuffled[:, :width] = x[[first[other[member]] for member in group.tolist()], :width]
    return shuffled


def _boxes(tree: Any, names: list[str], x: np.ndarray, fails: np.ndarray) -> tuple[Box, ...]:
    """Return the leaves as boxes, highest density first."""
    leaf = tree.apply(x)
    boxes = []
    for number, bounds in _leaves(tree.tree_, names):
        in_box = leaf == number
        failed = int(fails[in_box].sum())
        boxes.append(Box(bounds, int(in_box.sum()), failed, failed / max(1, int(fails.sum()))))
    return tuple(sorted(boxes, key=lambda box: (-box.density, -box.draws)))


def _leaves(
    tree: Any, names: list[str], node: int = 0, bounds: Bounds | None = None
) -> list[tuple[int, Bounds]]:
    """Return the leaves under a node with their bounds."""
    bounds = dict(bounds or {})
    left, right = int(tree.children_left[node]), int(tree.children_right[node])
    if left == right:
        return [(node, bounds)]
    name, cut = names[tree.feature[node]], float(tree.threshold[node])
    low, high = bounds.get(name, (-np.inf, np.inf))
    return [
        *_leaves(tree, names, left, bounds | {name: (low, min(high, cut))}),
        *_leaves(tree, names, right, bounds | {name: (max(low, cut), high)}),
    ]
