"""Beliefs of communities and organisations about legs: counts with forgetting and a prior.

Beliefs are held by communities and organisations, not by persons; `knowledge` of a person weighs
them. All counts are in persons, so that a belief has the same weight at every scale.
"""

from __future__ import annotations

import numpy as np

PASSED, STOPPED, HARMED = 0, 1, 2


class Beliefs:
    """Reported outcomes by leg, shape (believers, legs, 3), in persons.

    `new_reports` collects the current week; :meth:`learn` adds it to `counts`.
    """

    def __init__(self, new_reports: np.ndarray, prior_weight: float, half_life: float) -> None:
        """Start without experience.

        Args:
            new_reports: array of the week's reports, shape (believers, legs, 3); the day loop fills
                it.
            prior_weight: weight of the prior, in persons.
            half_life: half-life of a report, in days.
        """
        self.new_reports = new_reports
        self.counts = np.zeros(new_reports.shape)
        self.prior_weight = prior_weight
        self.keep = 0.5 ** (7.0 / half_life)

    def learn(self, believers: int | None = None) -> None:
        """Discount the counts by a week and add the reports of the week.

        Args:
            believers: number of rows in use, if no later row is (default: all).
        """
        counts, new_reports = self.counts[:believers], self.new_reports[:believers]
        counts *= self.keep
        counts += new_reports
        new_reports.fill(0)

    def forget(self, believer: int) -> None:
        """Clear the beliefs of a row for a new organisation."""
        self.counts[believer] = 0.0
        self.new_reports[believer] = 0

    def inherit(self, heir: int, believer: int) -> None:
        """Copy the beliefs of a parent organisation to a splinter.

        Args:
            heir: row of the splinter.
            believer: row of the parent.
        """
        self.counts[heir] = self.counts[believer]

    def stop(self, believer: int | np.ndarray, prior: np.ndarray) -> np.ndarray:
        """Return the believed probability of a stop, by leg.

        Args:
            believer: row of the community or organisation, or n rows.
            prior: base-year probability by leg, shape (legs,), or (n, legs).

        Returns:
            Probabilities, in the shape of `prior`.
        """
        passed, stopped = self.counts[believer, :, PASSED], self.counts[believer, :, STOPPED]
        return (self.prior_weight * prior + stopped) / (self.prior_weight + passed + stopped)

    def harm(self, believer: int, prior: np.ndarray) -> np.ndarray:
        """Return the believed probability of kidnapping or death, by leg.

        Args:
            believer: row of the community or organisation.
            prior: base-year probability by leg.

        Returns:
            Probabilities, shape (legs,).
        """
        passed, stopped, harmed = self.counts[believer].T
        reports = passed + stopped + harmed
        return (self.prior_weight * prior + harmed) / (self.prior_weight + reports)
