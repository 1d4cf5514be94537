"""Scenario discovery: conditions under which a claim fails, from a small classification tree.

Each draw at each budget is a row: the uncertain parameters of its member, the budget, the account,
and whether the claim holds. A tree of at most ``DEPTH`` splits divides the rows; its leaves are
boxes. With 50 members and 25 parameters, a tree finds splits in pure noise, so its accuracy is
measured on members outside the training data and compared with the same tree on shuffled members.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from experiments.ask.verdict import ClaimCell

DEPTH, LEAF = 3, 0.08  # largest number of consecutive splits; smallest share of rows in a box
_SHUFFLES = 40
_FOLDS = 10
Bounds = Mapping[str, tuple[float, float]]
_MIN_MEMBERS = 8  # smallest number of members


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
        skill: balanced accuracy on members outside the training data; 0.5 is chance level.
        chance: 95th percentile of the skill with shuffled members.
        failed: share of all draws in which the claim fails.
    """

    claim: str
    outcome: str
    boxes: tuple[Box, ...]
    skill: float
    chance: float
    failed: float

    @property
    def better_than_chance(self) -> bool:
        """Whether the skill exceeds that of shuffled members."""
        return self.skill > self.chance


def discover(
    cells: Sequence[ClaimCell], numbers: Sequence[Mapping[str, float]], seed: int = 1
) -> Discovery | None:
    """Find boxes for the cells of one claim and outcome.

    Args:
        cells: the cells, at several budgets or accounts.
        numbers: uncertain parameters of every draw, in the order of the cells' draws.
        seed: seed of the shuffles.

    Returns:
        The boxes; None if all draws agree or there are too few members.
    """
    names, x, fails, group = _rows(cells, numbers)
    if len(set(group)) < _MIN_MEMBERS or fails.mean() in (0.0, 1.0):
        return None
    boxes = _boxes(_tree().fit(x, fails), names, x, fails)
    skill = _skill(x, fails, group)
    rng = np.random.default_rng(seed)
    shuffled = [
        _skill(_shuffled(x, group, rng, len(numbers[0])), fails, group) for _ in range(_SHUFFLES)
    ]
    first = cells[0]
    return Discovery(
        first.claim,
        first.outcome,
        boxes,
        skill,
        float(np.quantile(shuffled, 0.95)),
        float(fails.mean()),
    )


def _rows(
    cells: Sequence[ClaimCell], numbers: Sequence[Mapping[str, float]]
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
    return names, np.array(rows), np.array(fails), np.array(group)


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
