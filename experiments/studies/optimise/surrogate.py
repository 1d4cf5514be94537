"""Surrogate: predict the outcome of a portfolio from those that have been run.

A Gaussian process models the logarithm of entries relative to the status quo: a linear trend in
each instrument's dollars on a scale with diminishing returns, and a smooth residual for
interactions. It only selects the portfolios to run next; no reported result depends on it.
"""

from __future__ import annotations

import warnings
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Protocol

import numpy as np

if TYPE_CHECKING:
    from experiments.studies.optimise.sides import Instruments

_BEND = 150e6  # $ per year at which the returns of an instrument begin to diminish
_SEED = 1
_MEMBER = 1.5  # distance of a member from the others on the scale of ``features``


def missing_packages_hint() -> str | None:
    """Return an installation hint if scikit-learn or pymoo is missing, else None."""
    import importlib.util

    if importlib.util.find_spec("sklearn") and importlib.util.find_spec("pymoo"):
        return None
    return "Run uv sync --inexact --extra analysis, or pip install scikit-learn pymoo."


def features(dollars: np.ndarray) -> np.ndarray:
    """Return dollars on a scale with diminishing returns, about 0 to 3, in their shape."""
    return np.log1p(dollars / _BEND)


def with_member(dollars: np.ndarray, member: np.ndarray) -> np.ndarray:
    """Return portfolios with one more column for each member of the ensemble.

    Args:
        dollars: portfolios, shape (n, instruments).
        member: share of each member in a row, 1 for the member of a run, shape (n, members).

    Returns:
        Inputs, shape (n, instruments + members).
    """
    return np.hstack([dollars, _BEND * np.expm1(_MEMBER * member)])


class Predictor(Protocol):
    """Interface of a surrogate for an optimiser: predictions for planned dollars."""

    def predict(self, dollars: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Return mean and standard deviation of the log ratio of portfolios (rows)."""
        ...

    def predict_mean(self, dollars: np.ndarray) -> np.ndarray:
        """Return the mean alone."""
        ...


@dataclass(frozen=True)
class Surrogate:
    """A fitted Gaussian process."""

    process: Any

    def predict(self, dollars: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Return mean and standard deviation of the log ratio of portfolios (rows)."""
        mean, spread = self.process.predict(features(dollars), return_std=True)
        return mean, spread

    def predict_mean(self, dollars: np.ndarray) -> np.ndarray:
        """Return the mean alone, which is several times faster."""
        return self.process.predict(features(dollars))


def fit_surrogate(
    dollars: np.ndarray,
    log_ratio: np.ndarray,
    instruments: Instruments,
    *,
    one_length: bool = False,
) -> Surrogate:
    """Fit a Gaussian process to portfolios that have been run.

    Args:
        dollars: portfolios, $ per year, shape (n, instruments).
        log_ratio: log of entries relative to the status quo, shape (n,); NaN rows are left out.
        instruments: all instruments.
        one_length: whether all instruments share one length scale, which is much faster to fit.

    Returns:
        The surrogate.
    """
    from sklearn.exceptions import ConvergenceWarning
    from sklearn.gaussian_process import GaussianProcessRegressor

    known = np.isfinite(log_ratio)
    x, y = features(dollars[known]), log_ratio[known]
    kernel = _kernel(1 if one_length else len(instruments), float(y.std()) or 1e-3)
    process = GaussianProcessRegressor(kernel, random_state=_SEED, alpha=1e-10)
    with warnings.catch_warnings():
        warnings.simplefilter(
            "ignore", ConvergenceWarning
        )  # reaching a bound of a hyperparameter is acceptable
        process.fit(x, y)
    return Surrogate(process)


def _kernel(width: int, size: float) -> Any:
    """Return trend, smooth residual and noise; `size` is the standard deviation of the data."""
    from sklearn.gaussian_process.kernels import RBF, ConstantKernel, DotProduct, WhiteKernel

    variance = size**2
    bounds = (1e-4 * variance, 1e2 * variance)
    trend = ConstantKernel(variance, bounds) * DotProduct(0.0, "fixed")
    rest = ConstantKernel(variance, bounds) * RBF(lengths(width), (0.3, 30.0))
    return trend + rest + WhiteKernel(0.01 * variance, (1e-6 * variance, variance))


def lengths(width: int) -> Any:
    """Return initial length scales on the feature scale, one per instrument or one for all."""
    return np.full(width, 2.0) if width > 1 else 2.0
