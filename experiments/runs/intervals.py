"""Intervals: a middle value with 50 % and 90 % ranges, for a sample or for a mean.

- ``Interval.of`` describes a sample, such as levels over runs or effects over parameter sets, by
  its median and quantiles. A quantile has rank p (n + 1) (Weibull; type 6 in Hyndman and Fan,
  1996), so that the 90 % range contains a further value with a probability of 90 %. This requires
  19 values. With fewer, the range extends from the lowest to the highest value, as
  :func:`range_words` reports.
- ``Interval.of_mean`` estimates a mean, such as the effect of a policy over seeds: the mean with
  Student's t intervals, which narrow as values are added.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import numpy as np

#: Nominal coverage of the wider range.
LEVEL = 0.90
#: Quantile probability of each field in :class:`Interval`, in field order.
PROBABILITIES = (0.5, 0.25, 0.75, 0.05, 0.95)


@dataclass(frozen=True, slots=True)
class Interval:
    """A middle value with 50 % and 90 % ranges. All fields are NaN if no values exist.

    Attributes:
        median: the median of a sample, or the estimate of a mean.
        low50, high50, low90, high90: bounds of the ranges.
    """

    median: float
    low50: float
    high50: float
    low90: float
    high90: float

    @classmethod
    def of(cls, values: Iterable[float]) -> Interval:
        """Describe a sample of finite values by its quantiles. NaN is ignored."""
        import numpy as np

        array = np.asarray(list(values), float)
        array = array[~np.isnan(array)]
        if array.size == 0:
            return NO_INTERVAL
        bounds = (float(q) for q in sample_quantiles(array, PROBABILITIES[1:]))
        return cls(float(np.median(array)), *bounds)

    @classmethod
    def of_mean(cls, values: Sequence[float] | np.ndarray) -> Interval:
        """Estimate the mean of independent finite values. One value has an interval of zero width.

        Args:
            values: shape (n,).

        Returns:
            The mean with its intervals by Student's t distribution.
        """
        import numpy as np

        ordered = np.sort(np.asarray(values, float))  # rounding must not depend on the order
        if ordered.size < 2:
            return cls.exactly(float(ordered[0])) if ordered.size else NO_INTERVAL
        mean, *narrow = map(float, mean_interval(ordered, 0.5))
        return cls(mean, *narrow, *map(float, mean_interval(ordered)[1:]))

    @classmethod
    def with_infinity(cls, values: Iterable[float]) -> Interval:
        """Compute the quantiles of values that may be infinite. NaN is ignored.

        A quantile between a finite value and infinity is infinite here, whereas numpy returns NaN.
        """
        ordered = sorted(float(value) for value in values if not math.isnan(value))
        if not ordered:
            return NO_INTERVAL
        return cls(*(_quantile(ordered, probability) for probability in PROBABILITIES))

    @classmethod
    def exactly(cls, value: float) -> Interval:
        """Return an interval of zero width at `value`."""
        return cls(*[value] * len(PROBABILITIES))


NO_INTERVAL = Interval.exactly(math.nan)


def sample_quantiles(
    values: Sequence[float] | Sequence[np.ndarray] | np.ndarray, probabilities: Sequence[float]
) -> np.ndarray:
    """Compute quantiles of the Weibull type along the first axis.

    Args:
        values: finite values, shape (n, ...) with n of 1 or more.
        probabilities: quantile probabilities, 0 to 1.

    Returns:
        The quantiles, shape (len(probabilities), ...). A quantile below the first rank is the
        lowest value, above the last rank the highest.
    """
    import numpy as np

    return np.quantile(np.asarray(values, float), probabilities, axis=0, method="weibull")


def mean_interval(
    values: Sequence[float] | np.ndarray, level: float = LEVEL
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Compute means along the first axis with Student's t intervals.

    Args:
        values: independent values, shape (n, ...).
        level: coverage, 0 to 1.

    Returns:
        Means, lower and upper bounds, each of shape (...). The mean is NaN if no values exist,
        and the bounds are infinite for fewer than two values.
    """
    import numpy as np

    array = np.asarray(values, float)
    n, shape = len(array), array.shape[1:]
    if n < 2:
        mean = array[0] if n else np.full(shape, math.nan)
        return mean, np.full(shape, -math.inf), np.full(shape, math.inf)
    low, high = array.min(axis=0), array.max(axis=0)
    mean = np.clip(array.mean(axis=0), low, high)  # rounding could move the mean of equal values
    half = _student(n - 1, level) * np.where(low == high, 0.0, array.std(axis=0, ddof=1))
    half = half / math.sqrt(n)
    return mean, mean - half, mean + half


def range_words(count: int, values: str = "runs") -> str:
    """Describe which values of a sample the 90 % range from `sample_quantiles` covers.

    Args:
        count: sample size.
        values: plural noun for the values, such as "runs".

    Returns:
        Text such as "middle 36 of 40 runs" or, for a sample that is too small for 90 %, "lowest to
        highest of 3 runs".
    """
    first = math.ceil((count + 1) * PROBABILITIES[3])  # rank of the first value inside the range
    if first <= 1:
        return f"lowest to highest of {count} {values}"
    return f"middle {count - 2 * (first - 1)} of {count} {values}"


@cache
def _student(degrees: int, level: float) -> float:
    """Return Student's t quantile for a two-sided interval."""
    from scipy.special import stdtrit

    return float(stdtrit(degrees, 0.5 + level / 2.0))


def _quantile(ordered: Sequence[float], probability: float) -> float:
    """Interpolate linearly at rank p (n + 1), limited to the first and last rank."""
    place = min(max(probability * (len(ordered) + 1) - 1.0, 0.0), len(ordered) - 1.0)
    low, high = ordered[math.floor(place)], ordered[math.ceil(place)]
    return low if low == high else low + (place - math.floor(place)) * (high - low)
