"""What communities and organisations believe about legs: counts with forgetting and a prior.

Beliefs live in communities and organisations, not in persons; a person adds how much of them
they know. All counts are in persons, so a belief weighs the same at every scale.
"""

from __future__ import annotations

import numpy as np

PASSED, STOPPED, HARMED = 0, 1, 2


class Beliefs:
    """Counts of what was told, shape (believers, legs, 3), in persons.

    `told` collects the current week; :meth:`learn` folds it in and forgets.
    """

    def __init__(self, new_reports: np.ndarray, prior_weight: float, half_life: float) -> None:
        """Start without experience; news comes in through `told`; `half_life` in days."""
        self.new_reports = new_reports
        self.counts = np.zeros(new_reports.shape)
        self.prior_weight = prior_weight
        self.keep = 0.5 ** (7.0 / half_life)

    def learn(self) -> None:
        """Forget a week's worth and add what was told this week."""
        self.counts *= self.keep
        self.counts += self.new_reports
        self.new_reports.fill(0)

    def forget(self, believer: int) -> None:
        """A new organisation in this row knows nothing yet."""
        self.counts[believer] = 0.0
        self.new_reports[believer] = 0

    def inherit(self, heir: int, believer: int) -> None:
        """A splinter knows what its parent knew."""
        self.counts[heir] = self.counts[believer]

    def stop(self, believer: int, prior: np.ndarray) -> np.ndarray:
        """Believed chance to be stopped, by leg; `prior` is the base-year chance by leg."""
        passed, stopped = self.counts[believer, :, PASSED], self.counts[believer, :, STOPPED]
        return (self.prior_weight * prior + stopped) / (self.prior_weight + passed + stopped)

    def harm(self, believer: int, prior: np.ndarray) -> np.ndarray:
        """Believed chance of kidnapping or death, by leg."""
        seen = self.counts[believer].sum(axis=1)
        return (self.prior_weight * prior + self.counts[believer, :, HARMED]) / (
            self.prior_weight + seen
        )
