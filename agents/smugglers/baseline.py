"""Market baseline: means over the last warm-up year, to which all ratios refer."""

from __future__ import annotations

from collections import deque

import numpy as np

YEAR = 52  # weeks
NEGLIGIBLE = 1e-9  # a smaller relative change is rounding error of a mean


def ratio_to_level(figures: np.ndarray, level: np.ndarray) -> np.ndarray:
    """Divide figures by their baseline level.

    Args:
        figures: present figures.
        level: baseline levels, shaped as `figures`.

    Returns:
        The ratios, exactly 1 where the change is negligible or the level is not positive.
    """
    positive = level > NEGLIGIBLE
    ratio = np.where(positive, figures / np.where(positive, level, 1.0), 1.0)
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
        """Store a week's figure, or do nothing once the means are fixed.

        Args:
            name: the figure's name.
            figure: weekly value.
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

    def ratio(self, name: str, figure: np.ndarray | float) -> np.ndarray:
        """Divide a figure by its baseline.

        Args:
            name: the figure's name.
            figure: present value.

        Returns:
            The ratio, 1 where no baseline exists.
        """
        level, figure = self._level.get(name), np.asarray(figure, float)
        return np.ones_like(figure) if level is None else ratio_to_level(figure, level)


class Ewma:
    """Exponentially weighted means of weekly figures by name. Each starts at its first week."""

    def __init__(self) -> None:
        self._mean: dict[str, np.ndarray] = {}

    def __getitem__(self, name: str) -> np.ndarray:
        """Return the present mean of a figure."""
        return self._mean[name]

    def update(self, name: str, figure: np.ndarray | float, weeks: float) -> np.ndarray:
        """Add a week's figure.

        Args:
            name: the figure's name.
            figure: weekly value.
            weeks: time constant (1/e).

        Returns:
            The new mean.
        """
        value = np.array(figure, float)
        mean = self._mean.get(name)
        self._mean[name] = value if mean is None else mean + (value - mean) / weeks
        return self._mean[name]
