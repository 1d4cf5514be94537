"""Chosen portfolios on members and luck that had no part in choosing them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np

from experiments.calibration import ensemble
from experiments.optimise.search import BudgetTarget
from experiments.optimise.sides import Instruments
from experiments.optimise.trials import Evaluator, Trials

#: Seeds between those of a search and those that judge.
SEARCH_SEED_OFFSET = 1_000


@dataclass(frozen=True, eq=False)
class Score:
    """What judging members made of the portfolios that were chosen.

    ``menu``: place in ``trials`` of the portfolio of every target. ``whole``: places of the
    portfolios with all arms together, by side and budget. ``alone``: of a variant in which the
    United States alone has a world of its own, the same portfolios there.
    """

    trials: Trials
    menu: Mapping[BudgetTarget, int]
    whole: Mapping[tuple[str, float], int] = field(default_factory=dict)
    alone: Trials | None = None

    def levels(self, place: int, *, alone: bool = False) -> np.ndarray:
        """Levels of a portfolio, shape (draws, outcomes, horizons)."""
        return (self.alone if alone and self.alone else self.trials).levels[place]


def score(
    evaluator: Evaluator,
    name: str,
    instruments: Instruments,
    searched: Trials,
    chosen: Mapping[BudgetTarget, int],
    whole: Mapping[tuple[str, float], np.ndarray] | None = None,
) -> Score:
    """Play the chosen portfolios, each once."""
    distinct = list(dict.fromkeys(chosen.values()))
    rows = [searched.portfolios[k] for k in distinct] + list((whole or {}).values())
    trials = evaluator.run(name, instruments, np.array(rows))
    menu = {target: distinct.index(k) for target, k in chosen.items()}
    return Score(trials, menu, {key: len(distinct) + i for i, key in enumerate(whole or {})})


def split_members(members: int, search_members: int) -> tuple[tuple[int, ...], tuple[int, ...]]:
    """Members of the packaged ensemble that judge, and others on which portfolios are looked for.

    Both are spread over the whole ensemble.
    """
    size = len(ensemble.read().members)
    judging = ensemble.read().sample_indices(members)
    rest = [k for k in range(size) if k not in set(judging)]
    step = len(rest) / search_members
    return tuple(judging), tuple(rest[int((i + 0.5) * step)] for i in range(search_members))
