"""Background runs of the same worlds on other seeds: the range of a difference over seeds."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np

from abm.scenario import Scenario
from experiments.run import Case
from viz.screen.background import RunSummary
from viz.screen.frames import DAILY
from viz.screen.live_traits import weekly_means

SEEDS = 9  # of each world, including its own
_FEWEST = 3  # runs needed for a range
#: [A] quantiles of a range: nine runs in ten, interpolated.
_INNER = (0.05, 0.95)


def cases(scenarios: Sequence[Scenario], seed: int) -> list[Case]:
    """List the runs of all worlds, seed by seed.

    Args:
        scenarios: the scenario of each world.
        seed: the first seed.

    Returns:
        `SEEDS` cases for each scenario.
    """
    return [Case(one, seed + k) for k in range(SEEDS) for one in scenarios]


@dataclass(frozen=True)
class Replicates:
    """Finished runs by world (0: A, 1: B) and seed; ``requested``: number of all runs."""

    requested: int = 0
    summaries: Mapping[tuple[int, int], RunSummary] = field(default_factory=dict)

    @property
    def done(self) -> int:
        """Return the number of finished runs."""
        return len(self.summaries)

    @property
    def waiting(self) -> bool:
        """Return whether runs are missing."""
        return self.done < self.requested

    def with_run(self, world: int, seed: int, summary: RunSummary) -> Replicates:
        """Return replicates with another run.

        Args:
            world: A (0) or B (1).
            seed: seed of the run.
            summary: its results.
        """
        return Replicates(self.requested, {**self.summaries, (world, seed): summary})

    def band(self, world: int, name: str) -> np.ndarray:
        """Compute the range of a daily figure, as seven-day means.

        Args:
            world: A (0) or B (1).
            name: a name of ``DAILY``.

        Returns:
            Low values, then high values; empty with fewer than three runs.
        """
        column = DAILY.index(name)
        days = [run.daily[:, column] for (one, _), run in self.summaries.items() if one == world]
        if len(days) < _FEWEST:
            return np.zeros(0, np.float32)
        return np.quantile([weekly_means(line) for line in days], _INNER, axis=0).ravel()

    def change(self, name: str) -> tuple[float, float] | None:
        """Return the range of B minus A of a yearly outcome, seed by seed; None with few runs."""
        outcomes = {run: summary.outcomes[name] for run, summary in self.summaries.items()}
        seeds = [seed for world, seed in outcomes if world == 0 and (1, seed) in outcomes]
        changes = [outcomes[1, seed] - outcomes[0, seed] for seed in seeds]
        known = [change for change in changes if np.isfinite(change)]
        if len(known) < _FEWEST:
            return None
        low, high = np.quantile(known, _INNER)
        return float(low), float(high)
