"""Scenario discovery: conditions under which a claim fails, from a small classification tree.

Each draw at each budget is a row: the uncertain numbers of the draw, the budget, the account, and
whether the claim holds. A tree of at most ``DEPTH`` splits divides the rows; its leaves are boxes.
With 60 draws and as many numbers, a tree finds splits in pure noise, so its accuracy is measured on
draws outside the training data and compared with the same tree on shuffled draws.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

import numpy as np

from experiments.studies.ask.rate_cells import JOINT, RATE_CLAIMS, RateCell
from experiments.studies.ask.verdict import ClaimCell

DEPTH, LEAF = 3, 0.08  # largest number of consecutive splits; smallest share of rows in a box
#: Number of shuffles. The skill of noise is among the ``_BEST`` largest of 39 + 1 in 5 % of cases.
_SHUFFLES, _BEST = 39, 2
_FOLDS = 5
Bounds = Mapping[str, tuple[float, float]]
_MIN_MEMBERS = 8  # smallest number of draws


@dataclass(frozen=True, eq=False)
class WonCell:
    """One claim on the exchange rate at all judged horizons, in the form of a ``ClaimCell``.

    A draw wins if it wins at every judged horizon.

    Attributes:
        claim: one of ``RATE_CLAIMS``.
        cells: cells that differ in the horizon only.
    """

    claim: str
    cells: tuple[RateCell, ...]

    @property
    def outcome(self) -> str:
        """Measure of the cells."""
        return self.cells[0].measure

    @property
    def account(self) -> str:
        """Account of the cells."""
        return self.cells[0].account

    @property
    def budget(self) -> float:
        """Budget of the cells, $ per year."""
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
    """A region of the parameter space.

    Attributes:
        bounds: lower and upper bound by name.
        draws: number of draws in the box.
        failed: number of these in which the claim fails.
        coverage: share of all failures that are in the box.
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
    """Boxes of a claim, highest density first, and the accuracy of the tree.

    Attributes:
        skill: balanced accuracy on draws outside the training data; 0.5 is chance level.
        chance: skill that shuffled draws exceed in at most 5 % of cases.
        failed: share of all draws in which the claim fails.
        regime: key of ``regimes.REGIMES``; empty for claims at equal budgets.
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
        """Whether the skill exceeds that of shuffled draws."""
        return self.skill > self.chance


def discover_failures(
    cells: Iterable[RateCell], numbers: Sequence[Mapping[str, float]], seed: int = 1
) -> list[Discovery]:
    """Find boxes for each claim on the exchange rate, by regime and measure, in joint dollars.

    Boxes of pure noise exceed chance in one of twenty discoveries. An answer with three regimes has
    up to eighteen discoveries.

    Args:
        cells: cells of any regimes.
        numbers: uncertain numbers of every draw, in the order of the cells' draws.
        seed: seed of the shuffles.

    Returns:
        One discovery for each regime, measure and claim with both won and lost draws.
    """
    groups: dict[tuple[str, str], dict[float, list[RateCell]]] = {}
    for cell in cells:
        if cell.judged and cell.account == JOINT:
            budgets = groups.setdefault((cell.regime, cell.measure), {})
            budgets.setdefault(cell.budget, []).append(cell)
    found = []
    for (regime, _), budgets in groups.items():
        for claim in RATE_CLAIMS:
            boxes = discover(
                [WonCell(claim, tuple(own)) for own in budgets.values()], numbers, seed
            )
            found += [replace(boxes, regime=regime)] if boxes else []
    return found


def discover(
    cells: Sequence[ClaimCell | WonCell], numbers: Sequence[Mapping[str, float]], seed: int = 1
) -> Discovery | None:
    """Find boxes for the cells of one claim and outcome.

    Args:
        cells: the cells, at several budgets or accounts.
        numbers: uncertain parameters of every draw, in the order of the cells' draws.
        seed: seed of the shuffles.

    Returns:
        The boxes; None if all draws agree or there are too few draws.
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
    """Return names of columns, rows, whether each fails, and its member."""
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
    """Compute the balanced accuracy by cross-validation over groups of members."""
    from sklearn.model_selection import GroupKFold

    predicted = np.zeros(len(fails), dtype=bool)
    for train, test in GroupKFold(min(_FOLDS, len(set(group)))).split(x, fails, group):
        if fails[train].min() == fails[train].max():
            predicted[test] = fails[train][0]
        else:
            predicted[test] = _tree().fit(x[train], fails[train]).predict(x[test])
    return float((predicted[fails].mean() + (~predicted[~fails]).mean()) / 2.0)


def _shuffled(x: np.ndarray, group: np.ndarray, rng: np.random.Generator, width: int) -> np.ndarray:
    """Return the rows with parameters exchanged between members; budgets and accounts stay."""
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
        here = leaf == number
        failed = int(fails[here].sum())
        boxes.append(Box(bounds, int(here.sum()), failed, failed / max(1, int(fails.sum()))))
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
