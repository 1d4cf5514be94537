"""Intervals: a median with its central 50 % and 90 % ranges.

Quantiles are interpolated linearly between order statistics (numpy's default method; Hyndman and
Fan, 1996, type 7).
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np

#: Probabilities of the fields of :class:`Interval`, in their order.
PROBABILITIES = (0.5, 0.25, 0.75, 0.05, 0.95)


@dataclass(frozen=True, slots=True)
class Interval:
    """A median with its central 50 % and 90 % ranges; all fields are NaN without values."""

    median: float
    low50: float
    high50: float
    low90: float
    high90: float

    @classmethod
    def of(cls, values: Iterable[float]) -> Interval:
        """Compute the interval of finite values; NaN is ignored."""
        array = np.asarray(list(values), float)
        array = array[~np.isnan(array)]
        if array.size == 0:
            return NO_INTERVAL
        return cls(*(float(q) for q in np.quantile(array, PROBABILITIES)))

    @classmethod
    def with_infinity(cls, values: Iterable[float]) -> Interval:
        """Compute the interval of values that may be infinite; NaN is ignored.

        A quantile between a finite value and infinity is infinite. numpy returns NaN there.
        """
        ordered = sorted(float(value) for value in values if not math.isnan(value))
        if not ordered:
            return NO_INTERVAL
        return cls(*(_quantile(ordered, probability) for probability in PROBABILITIES))

    @classmethod
    def exactly(cls, value: float) -> Interval:
        """Return the interval whose median and bounds are all `value`."""
        return cls(*[value] * len(PROBABILITIES))


NO_INTERVAL = Interval.exactly(math.nan)


def _quantile(ordered: Sequence[float], probability: float) -> float:
    """Interpolate linearly between the neighbouring order statistics."""
    place = probability * (len(ordered) - 1)
    low, high = ordered[math.floor(place)], ordered[math.ceil(place)]
    return low if low == high else low + (place - math.floor(place)) * (high - low)
