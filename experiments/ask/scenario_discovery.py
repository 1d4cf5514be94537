"""Where the thesis fails: boxes in the space of what nobody knows, found by a small tree.

Each draw at each budget is a row: the uncertain numbers of its member, the budget, whose dollars
count; and whether the claim was won. A tree of two or three questions splits the rows; its leaves
are boxes. With fifty members and twenty-five numbers a tree finds something in any noise, so its
skill is measured on members that it has not seen, beside the same tree on shuffled members.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from experiments.ask.verdict import ClaimCell

DEPTH, LEAF = 3, 0.08  # questions in a row; share of the rows that a box holds at least
_SHUFFLES = 40
_FOLDS = 10
Bounds = Mapping[str, tuple[float, float]]
_FEWEST = 8  # members below which nothing is looked for


@dataclass(frozen=True)
class Box:
    """A part of the space: its bounds by name, how many draws, and how many of them fail.

    ``coverage``: share of all failures that lie in it.
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
    """Boxes of a claim, most failures first, and whether the tree knows anything.

    ``skill``: balanced accuracy on members not seen, 0.5 is a coin. ``chance``: its 95th percentile
    where members are shuffled. ``failed``: share of all draws in which the claim fails.
    """

    claim: str
    outcome: str
    boxes: tuple[Box, ...]
    skill: float
    chance: float
    failed: float

    @property
    def better_than_chance(self) -> bool:
        """Whether the boxes may be believed."""
        return self.skill > self.chance


def discover(
    cells: Sequence[ClaimCell], numbers: Sequence[Mapping[str, float]], seed: int = 1
) -> Discovery | None:
    """Boxes for the cells of one claim and outcome; None where all draws or too few say the same.

    `numbers`: uncertain numbers of every draw, in the order of the cells' draws.
    """
    names, x, fails, group = _rows(cells, numbers)
    if len(set(group)) < _FEWEST or fails.mean() in (0.0, 1.0):
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
    """Names of columns, rows, whether each fails, and which member it is of."""
    names = [*numbers[0], "budget", "us_dollars_alone"]
    table = np.array([list(one.values()) for one in numbers])
    rows, fails, group = [], [], []
    for cell in cells:
        for member in np.flatnonzero(cell.complete):
            rows.append([*table[member], cell.budget, float(cell.account == "us")])
            fails.append(not cell.wins[member])
            group.append(int(member))
    return names, np.array(rows), np.array(fails), np.array(group)


def _tree() -> Any:
    """A small tree that counts failures and wins as equally important."""
    from sklearn.tree import DecisionTreeClassifier

    return DecisionTreeClassifier(
        max_depth=DEPTH,
        class_weight="balanced",
        random_state=0,
        min_samples_leaf=LEAF,  # pyright: ignore[reportArgumentType]  # a share is allowed
    )


def _skill(x: np.ndarray, fails: np.ndarray, group: np.ndarray) -> float:
    """Balanced accuracy on members that the tree has not seen."""
    from sklearn.model_selection import GroupKFold

    told = np.zeros(len(fails), dtype=bool)
    for known, unknown in GroupKFold(min(_FOLDS, len(set(group)))).split(x, fails, group):
        if fails[known].min() == fails[known].max():
            told[unknown] = fails[known][0]
        else:
            told[unknown] = _tree().fit(x[known], fails[known]).predict(x[unknown])
    return float((told[fails].mean() + (~told[~fails]).mean()) / 2.0)


def _shuffled(x: np.ndarray, group: np.ndarray, rng: np.random.Generator, width: int) -> np.ndarray:
    """The rows with the numbers of members exchanged; budgets and accounts stay."""
    members = np.unique(group)
    other = dict(zip(members.tolist(), rng.permutation(members).tolist(), strict=True))
    first = {member: int(np.flatnonzero(group == member)[0]) for member in members.tolist()}
    mixed = x.copy()
    mixed[:, :width] = x[[first[other[member]] for member in group.tolist()], :width]
    return mixed


def _boxes(tree: Any, names: list[str], x: np.ndarray, fails: np.ndarray) -> tuple[Box, ...]:
    """The leaves as boxes, those with most failures first."""
    leaf = tree.apply(x)
    found = []
    for number, bounds in _leaves(tree.tree_, names):
        here = leaf == number
        failed = int(fails[here].sum())
        found.append(Box(bounds, int(here.sum()), failed, failed / max(1, int(fails.sum()))))
    return tuple(sorted(found, key=lambda box: (-box.density, -box.draws)))


def _leaves(
    tree: Any, names: list[str], node: int = 0, bounds: Bounds | None = None
) -> list[tuple[int, Bounds]]:
    """Leaves under a node with the bounds that lead to them."""
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
