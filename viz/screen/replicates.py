"""The same worlds on other seeds, played in the background: how much of a difference is luck."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np

from experiments.run import Case
from viz.screen.frames import DAILY
from viz.screen.live_traits import weekly_means

if TYPE_CHECKING:
    from abm.scenario import Scenario
    from viz.screen.background import RunSummary

SEEDS = 9  # of each world, its own among them
_FEWEST = 3  # runs of which a band is drawn
#: [A] what a band holds: nine runs in ten, by interpolation between those that were played.
_INNER = (0.05, 0.95)
_NOTHING = np.zeros(0, np.float32)


def cases(scenarios: Sequence[Scenario], seed: int) -> list[Case]:
    """What is to be played, the worlds of one seed next to each other."""
    return [Case(one, seed + k) for k in range(SEEDS) for one in scenarios]


@dataclass(frozen=True)
class Replicates:
    """What has come so far. ``echoes``: by seed, of each world; ``asked``: runs in all."""

    asked: int = 0
    echoes: tuple[Mapping[int, RunSummary], ...] = field(default=())

    @property
    def done(self) -> int:
        """Runs that have come."""
        return sum(map(len, self.echoes))

    @property
    def waiting(self) -> bool:
        """Whether more will come."""
        return self.done < self.asked

    def plus(self, world: int, seed: int, told: RunSummary) -> Replicates:
        """One more."""
        echoes = list(self.echoes)
        echoes[world] = {**echoes[world], seed: told}
        return Replicates(self.asked, tuple(echoes))

    def band(self, world: int, name: str) -> np.ndarray:
        """Low and then high values of a daily figure, weekly_means means; empty while there are few."""
        if world >= len(self.echoes) or len(self.echoes[world]) < _FEWEST:
            return _NOTHING
        column = DAILY.index(name)
        lines = [weekly_means(echo.daily[:, column]) for echo in self.echoes[world].values()]
        return np.quantile(np.array(lines), _INNER, axis=0).ravel()

    def spread(self, world: int, name: str) -> tuple[float, float] | None:
        """Range of a yearly outcome in one world; None while there are few."""
        if world >= len(self.echoes):
            return None
        return _range([echo.outcomes[name] for echo in self.echoes[world].values()])

    def change(self, name: str) -> tuple[float, float] | None:
        """Range of B minus A of a yearly outcome, seed by seed; None while there are few."""
        if len(self.echoes) < 2:
            return None
        a, b = self.echoes
        shared = sorted(a.keys() & b.keys())
        return _range([b[seed].outcomes[name] - a[seed].outcomes[name] for seed in shared])


def _range(values: Sequence[float]) -> tuple[float, float] | None:
    """The inner range of values that are defined."""
    known = [value for value in values if np.isfinite(value)]
    if len(known) < _FEWEST:
        return None
    low, high = np.quantile(known, _INNER)
    return float(low), float(high)
