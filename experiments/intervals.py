"""Intervals: a median with its central 50 % and 90 % ranges, by one rule for quantiles."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np

#: Probabilities of the bounds, in the order of the fields of :class:`Interval`.
PROBABILITIES = (0.5, 0.25, 0.75, 0.05, 0.95)


@dataclass(frozen=True, slots=True)
class Interval:
    """A median with its central 50 % and 90 % ranges; NaN where there are no values."""

    median: float
    low50: float
    high50: float
    low90: float
    high90: float

    @classmethod
    def of(cls, values: Iterable[float]) -> Interval:
        """Compute the interval of a sample, ignoring NaN, by linear interpolation of quantiles."""
        array = np.asarray(list(values), float)
        array = array[~np.isnan(array)]
        if array.size == 0:
            return NO_INTERVAL
        return cls(*(float(q) for q in np.quantile(array, PROBABILITIES)))


NO_INTERVAL = Interval(*[float("nan")] * 5)
