"""Background runs of the same worlds on other seeds: the range of a difference over seeds."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

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
_NOTHING = np.zeros(0, np.float32)


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
    """Finished runs; ``summaries``: for each world by seed; ``requested``: number of all runs."""

    requested: int = 0
    summaries: tuple[Mapping[int, RunSummary], ...] = ()

    @property
    def done(self) -> int:
        """Return the number of finished runs."""
        return sum(map(len, self.summaries))

    @property
    def waiting(self) -> bool:
        """Return whether runs are missing."""
        return self.done < self.requested

    def with_run(self, world: int, seed: int, summary: RunSummary) -> Replicates:
        """Add a run.

        Args:
            world: A (0) or B (1).
            seed: seed of the run.
            summary: its results.

        Returns:
            New replicates.
        """
        summaries = list(self.summaries)
        summaries[world] = {**summaries[world], seed: summary}
        return Replicates(self.requested, tuple(summaries))

    def band(self, world: int, name: str) -> np.ndarray:
        """Compute the range of a daily figure, as seven-day means.

        Args:
            world: A (0) or B (1).
            name: a name of ``DAILY``.

        Returns:
            Low values, then high values; empty with fewer than three runs.
        """
        if world >= len(self.summaries) or len(self.summaries[world]) < _FEWEST:
            return _NOTHING
        column = DAILY.index(name)
        runs = self.summaries[world].values()
        lines = [weekly_means(summary.daily[:, column]) for summary in runs]
        return np.quantile(np.array(lines), _INNER, axis=0).ravel()

    def change(self, name: str) -> tuple[float, float] | None:
        """Return the range of B minus A of a yearly outcome, seed by seed; None with few runs."""
        if len(self.summaries) < 2:
            return None
        a, b = self.summaries
        shared = sorted(a.keys() & b.keys())
        changes = [b[seed].outcomes[name] - a[seed].outcomes[name] for seed in shared]
        known = [change for change in changes if np.isfinite(change)]
        if len(known) < _FEWEST:
            return None
        low, high = np.quantile(known, _INNER)
        return float(low), float(high)
