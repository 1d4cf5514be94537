"""A quick guess at what a portfolio does, learnt from those that were played.

A Gaussian process on the logarithm of entries over those of the status quo: a trend in each
instrument's dollars, which bends as money runs into diminishing returns, and a smooth rest for what
instruments do together. It only says what is worth playing next; no answer rests on it.
"""

from __future__ import annotations

import warnings
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from experiments.optimise.sides import Instruments

_BEND = 150e6  # $ a year beyond which the returns of an instrument are taken to bend
_SEED = 1


def missing_packages_hint() -> str | None:
    """What to install where scikit-learn is missing; None where it is there."""
    import importlib.util

    if importlib.util.find_spec("sklearn") and importlib.util.find_spec("pymoo"):
        return None
    return "Install the extra: uv sync --extra analysis, or pip install scikit-learn pymoo."


def features(dollars: np.ndarray) -> np.ndarray:
    """Dollars on a bent scale, about 0 to 3, in their shape."""
    return np.log1p(dollars / _BEND)


@dataclass(frozen=True)
class Surrogate:
    """A fitted guess; ``centre`` is what an empty portfolio has, 0."""

    process: Any

    def predict(self, dollars: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Mean and standard deviation of the log ratio for portfolios (rows)."""
        mean, spread = self.process.predict(features(dollars), return_std=True)
        return mean, spread

    def predict_mean(self, dollars: np.ndarray) -> np.ndarray:
        """Mean alone, several times quicker."""
        return self.process.predict(features(dollars))


def fit_surrogate(
    dollars: np.ndarray, log_ratio: np.ndarray, instruments: Instruments
) -> Surrogate:
    """Fit to portfolios (rows) and the log of their ratio; rows without a number are left out."""
    from sklearn.exceptions import ConvergenceWarning
    from sklearn.gaussian_process import GaussianProcessRegressor

    known = np.isfinite(log_ratio)
    x, y = features(dollars[known]), log_ratio[known]
    process = GaussianProcessRegressor(
        _kernel(len(instruments), float(y.std()) or 1e-3), random_state=_SEED, alpha=1e-10
    )
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ConvergenceWarning)  # a bound that is reached is no harm
        process.fit(x, y)
    return Surrogate(process)


def _kernel(width: int, size: float) -> Any:
    """Trend, smooth rest, and noise, in units of the spread `size` of what is fitted."""
    from sklearn.gaussian_process.kernels import RBF, ConstantKernel, DotProduct, WhiteKernel

    variance = size**2
    bounds = (1e-4 * variance, 1e2 * variance)
    trend = ConstantKernel(variance, bounds) * DotProduct(0.0, "fixed")
    rest = ConstantKernel(variance, bounds) * RBF(lengths(width), (0.3, 30.0))
    return trend + rest + WhiteKernel(0.01 * variance, (1e-6 * variance, variance))


def lengths(width: int) -> Any:
    """How far, on the bent scale, dollars of an instrument tell of more: one for each, at first."""
    return np.full(width, 2.0)
