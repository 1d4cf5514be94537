"""Sample the unit cube, and compute sensitivity indices from the values at its points.

*Morris* changes one factor at a time along trajectories and estimates the mean elementary effect
``mu``, the mean of its absolute value ``mu_star`` and its standard deviation ``sigma`` (Morris
1991; Campolongo et al. 2007). *Sobol'* estimates which share of an outcome's variance is due to a
factor alone (first order) and with all its interactions (total), on Saltelli's sample. Both use
SALib. Points form *blocks*: a trajectory, or a base sample with its crossings. Leaving out one
block does not affect other blocks.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from abm.scenario import SettingError
from experiments.runs.files import require_packages
from experiments.sweeps.design import DUMMY

if TYPE_CHECKING:
    import numpy as np

MORRIS, SOBOL = "morris", "sobol"
METHODS = (MORRIS, SOBOL)
#: Minimum number of blocks by method.
MIN_BLOCKS = {MORRIS: 4, SOBOL: 8}
LEVELS = 4  # levels of a factor on a trajectory; a step is two thirds of the range
CONFIDENCE = 0.95
#: Number of bootstrap samples, and maximum number of resampled blocks in memory.
_RESAMPLES, _MAX_RESAMPLED_BLOCKS = 1000, 2_000_000


@dataclass(frozen=True, slots=True)
class IndexEstimate:
    """An estimate with its 95 % interval from block resampling."""

    value: float
    low: float
    high: float


@dataclass(frozen=True, slots=True)
class FactorIndices:
    """A factor's indices.

    Attributes:
        factor: name of the factor.
        strength: index by which factors are ranked. Morris: mu*, the mean absolute effect over the
            whole range, in the outcome's unit. Sobol': the total index, which is the factor's share
            of the outcome's variance with all interactions.
        mu, sigma: Morris: mean and standard deviation of the effect. The standard deviation is 0 if
            the effect is linear and does not depend on other factors. NaN for Sobol'.
        first: Sobol': share of the variance that is due to the factor alone. None for Morris.
    """

    factor: str
    strength: IndexEstimate
    mu: float = math.nan
    sigma: float = math.nan
    first: IndexEstimate | None = None


def block_size(method: str, factors: int) -> int:
    """Return the number of points per block.

    Args:
        method: a value from ``METHODS``.
        factors: number of factors, including the dummy.

    Returns:
        factors + 1 (Morris) or factors + 2 (Sobol').
    """
    return factors + (1 if method == MORRIS else 2)


def check_size(method: str, n: int) -> None:
    """Check the number of blocks.

    Args:
        method: a value from ``METHODS``.
        n: number of blocks.

    Raises:
        SettingError: the number is too low or, for Sobol', not a power of two.
    """
    minimum = MIN_BLOCKS[method]
    if n < minimum:
        blocks = "trajectories" if method == MORRIS else "base samples"
        raise SettingError("-n", f"too few {blocks}: {n}", f"Give {minimum} or more.")
    power = n.bit_length() - 1
    if method == SOBOL and n != 2**power:
        hint = f"Give {2**power} or {2 ** (power + 1)}: other sizes do not fill space evenly."
        raise SettingError("-n", f"{n} is not a power of two", hint)


def cube(method: str, names: Sequence[str], n: int, seed: int) -> np.ndarray:
    """Sample points of the unit cube.

    Args:
        method: a value from ``METHODS``.
        names: names of the factors.
        n: number of blocks.
        seed: seed for the sample.

    Returns:
        Points, shape (n * block, factors), block by block.

    Raises:
        SettingError: the size is invalid, or SALib is not installed.
    """
    check_size(method, n)
    if method == MORRIS:
        return _salib("sample.morris").sample(_problem(names), n, num_levels=LEVELS, seed=seed)
    sample = _salib("sample.sobol").sample
    return sample(_problem(names), n, calc_second_order=False, seed=seed)


def analyse(
    method: str, names: Sequence[str], points: np.ndarray, values: np.ndarray, seed: int = 0
) -> tuple[FactorIndices, ...]:
    """Compute the indices of every factor.

    Args:
        method: a value from ``METHODS``.
        names: names of the factors, ordered like the columns.
        points: complete blocks from :func:`cube`, shape (blocks * block, factors).
        values: outcome at each point, shape (blocks * block,).
        seed: seed for the resampling.

    Returns:
        Indices by decreasing strength, the dummy last. For a constant outcome, shares are NaN.
    """

    def rank(line: FactorIndices) -> tuple[bool, bool, float]:
        value = line.strength.value
        return line.factor == DUMMY, math.isnan(value), -value

    lines = (_morris if method == MORRIS else _sobol)(names, points, values, seed + 1)
    return tuple(sorted(lines, key=rank))


def distinguishable(line: FactorIndices, dummy: FactorIndices) -> bool:
    """Return whether a factor's strength exceeds the dummy's beyond both 95 % intervals.

    Args:
        line: the factor's indices.
        dummy: the dummy's indices. Both estimates are treated as independent.

    Returns:
        True if the difference is larger than its interval.
    """
    strength, other = line.strength, dummy.strength
    return strength.value - other.value > math.hypot(
        strength.high - strength.value, other.high - other.value
    )


def _morris(
    names: Sequence[str], points: np.ndarray, values: np.ndarray, seed: int
) -> list[FactorIndices]:
    """Compute Morris indices."""
    analyse = _salib("analyze.morris").analyze
    options = _options(MORRIS, names, values, seed)
    estimates = analyse(_problem(names), points, values, num_levels=LEVELS, **options)
    effects = estimates["mu"].tolist(), estimates["sigma"].tolist()
    rows = zip(names, _estimates(estimates, "mu_star"), *effects, strict=True)
    return [FactorIndices(*row) for row in rows]


def _sobol(
    names: Sequence[str], points: np.ndarray, values: np.ndarray, seed: int
) -> list[FactorIndices]:
    """Compute Sobol' indices."""
    if float(values.std()) == 0.0:  # also if the variance underflows to 0
        undefined = IndexEstimate(math.nan, math.nan, math.nan)
        return [FactorIndices(name, undefined, first=undefined) for name in names]
    analyse = _salib("analyze.sobol").analyze
    options = _options(SOBOL, names, values, seed)
    estimates = analyse(_problem(names), values, calc_second_order=False, **options)
    shares = zip(names, _estimates(estimates, "ST"), _estimates(estimates, "S1"), strict=True)
    return [FactorIndices(name, total, first=first) for name, total, first in shares]


def _options(method: str, names: Sequence[str], values: np.ndarray, seed: int) -> dict[str, Any]:
    """Return options for SALib's resampling. Memory limits how many bootstrap samples are used."""
    blocks = values.size // block_size(method, len(names))
    samples = min(_RESAMPLES, max(100, _MAX_RESAMPLED_BLOCKS // blocks))
    return {"num_resamples": samples, "conf_level": CONFIDENCE, "seed": seed}


def _estimates(estimates: Any, key: str) -> list[IndexEstimate]:
    """Return SALib's estimates for an index, with intervals."""
    pairs = zip(estimates[key].tolist(), estimates[f"{key}_conf"].tolist(), strict=True)
    return [IndexEstimate(middle, middle - half, middle + half) for middle, half in pairs]


def _problem(names: Sequence[str]) -> dict[str, Any]:
    """Return the unit cube as a SALib problem."""
    return {"num_vars": len(names), "names": list(names), "bounds": [[0.0, 1.0]] * len(names)}


def _salib(name: str) -> Any:
    """Import a SALib module. Raise ``SettingError`` with an installation hint if it is missing."""
    import importlib

    require_packages("--method", ["SALib"], "analysis")
    return importlib.import_module(f"SALib.{name}")
