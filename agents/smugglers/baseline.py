"""Baseline of the market: means over the last warm-up year, the reference of all ratios."""

from __future__ import annotations

from collections import deque

import numpy as np

YEAR = 52  # weeks
NEGLIGIBLE = 1e-9  # a smaller relative change is rounding error of a mean


def ratio_to_level(now: np.ndarray, level: np.ndarray) -> np.ndarray:
    """Divide figures by their baseline level.

    Args:
        now: figures.
        level: baseline levels, in the shape of `now`.

    Returns:
        The ratios; exactly 1 where the change is negligible or the level is not positive.
    """
    positive = level > NEGLIGIBLE
    ratio = np.where(positive, now / np.where(positive, level, 1.0), 1.0)
    return np.where(np.abs(ratio - 1.0) < NEGLIGIBLE, 1.0, ratio)


class BaselineMeans:
    """Weekly figures of the warm-up by name. Their means are fixed when the warm-up ends.

    Without a warm-up, no baseline exists and every ratio is 1.
    """

    def __init__(self) -> None:
        self._weeks: dict[str, deque[np.ndarray]] = {}
        self._level: dict[str, np.ndarray] = {}
        self.settled = False

    def record(self, name: str, figure: np.ndarray | float) -> None:
        """Store the figure of a week; do nothing once the means are fixed.

        Args:
            name: name of the figure.
            figure: value of the week.
        """
        if not self.settled:
            self._weeks.setdefault(name, deque(maxlen=YEAR)).append(np.array(figure, float))

    def settle(self) -> None:
        """Fix the means. The mean of a constant figure is exactly its value."""
        for name, weeks in self._weeks.items():
            mean = weeks[0].copy()
            for n, week in enumerate(weeks, 1):
                mean += (week - mean) / n
            self._level[name] = mean
        self._weeks.clear()
        self.settled = True

    def level(self, name: str) -> np.ndarray | None:
        """Return the mean of a figure, or None before it is fixed."""
        return self._level.get(name)

    def ratio(self, name: str, now: np.ndarray | float) -> np.ndarray:
        """Divide a figure by its baseline.

        Args:
            name: name of the figure.
            now: present value.

        Returns:
            The ratio; 1 where no baseline exists.
        """
        level, now = self._level.get(name), np.asarray(now, float)
        return np.ones_like(now) if level is None else ratio_to_level(now, level)


class Ewma:
    """Exponentially weighted means of weekly figures by name. Each starts at its first week."""

    def __init__(self) -> None:
        self._mean: dict[str, np.ndarray] = {}

    def __getitem__(self, name: str) -> np.ndarray:
        """Return the present mean of a figure."""
        return self._mean[name]

    def update(self, name: str, figure: np.ndarray | float, weeks: float) -> np.ndarray:
        """Add the figure of a week.

        Args:
            name: name of the figure.
            figure: value of the week.
            weeks: time constant of the mean (1/e).

        Returns:
            The new mean.
        """
        now = np.array(figure, float)
        mean = self._mean.get(name)
        self._mean[name] = now if mean is None else mean + (now - mean) / weeks
        return self._mean[name]
