"""What is usual: means over the last year of the warm-up, against which change is measured."""

from __future__ import annotations

from collections import deque

import numpy as np

YEAR = 52  # weeks
NOTHING = 1e-9  # a relative change below this one is the last digit of a mean, and none


def over(now: np.ndarray, level: np.ndarray) -> np.ndarray:
    """A figure over its usual level: exactly 1 where it has not changed or nothing is usual."""
    known = level > NOTHING
    ratio = np.where(known, now / np.where(known, level, 1.0), 1.0)
    return np.where(np.abs(ratio - 1.0) < NOTHING, 1.0, ratio)


class BaselineMeans:
    """Weekly figures of the warm-up by name; their means are fixed when it ends.

    Without a warm-up nothing is usual: every ratio is 1.
    """

    def __init__(self) -> None:
        self._seen: dict[str, deque[np.ndarray]] = {}
        self._level: dict[str, np.ndarray] = {}
        self.settled = False

    def note(self, name: str, figure: np.ndarray | float) -> None:
        """Keep a week's figure; once settled, nothing is kept any more."""
        if not self.settled:
            self._seen.setdefault(name, deque(maxlen=YEAR)).append(np.array(figure, float))

    def settle(self) -> None:
        """Fix the means; a figure that never changed keeps its exact value."""
        for name, weeks in self._seen.items():
            mean = weeks[0].copy()
            for n, week in enumerate(weeks, 1):
                mean += (week - mean) / n
            self._level[name] = mean
        self._seen.clear()
        self.settled = True

    def level(self, name: str) -> np.ndarray | None:
        """The usual level, or None as long as it is not known."""
        return self._level.get(name)

    def ratio(self, name: str, now: np.ndarray | float) -> np.ndarray:
        """A figure over its usual level; 1 where nothing is usual."""
        level, now = self._level.get(name), np.asarray(now, float)
        return np.ones_like(now) if level is None else over(now, level)


class Ewma:
    """Moving means of weekly figures by name; the first week is taken as it is."""

    def __init__(self) -> None:
        self._mean: dict[str, np.ndarray] = {}

    def __getitem__(self, name: str) -> np.ndarray:
        """The mean as it stands."""
        return self._mean[name]

    def follow(self, name: str, figure: np.ndarray | float, weeks: float) -> np.ndarray:
        """Take in a week's figure; gives the mean over about so many `weeks` (1/e)."""
        now = np.array(figure, float)
        mean = self._mean.get(name)
        self._mean[name] = now if mean is None else mean + (now - mean) / weeks
        return self._mean[name]
