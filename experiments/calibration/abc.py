"""Regression-adjusted approximate Bayesian computation (ABC).

Draws near the observed figures get Epanechnikov weights and are adjusted along a weighted ridge
regression of the parameters on the figures (Beaumont, Zhang and Balding 2002, Genetics 162:
2025-2035). Parameters are fitted as log-odds of their position within the prior, so they stay
inside it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from experiments.calibration import priors
from experiments.calibration.draws import STATISTICS, Draw

KEPT_SHARE = 0.5  # share of the draws that get weight
RIDGE = 1.0  # prior observations behind each slope
_MIN_SHARE = 1e-3
_MAX_LOG_ODDS = 12.0  # log-odds at the edge of a prior


@dataclass(frozen=True, eq=False)
class AbcFit:
    """A fitted sample.

    Attributes:
        unit: adjusted points of the fitted parameters in the unit cube, shape (selected, fitted).
        weight: weights with sum 1, shape (selected,).
        selected: indices of the draws that get weight, shape (selected,).
        distance: distances of these draws in tolerances, shape (selected,).
    """

    unit: np.ndarray
    weight: np.ndarray
    selected: np.ndarray
    distance: np.ndarray

    def interval(self, k: int) -> tuple[float, float]:
        """Compute the central 90 % of the fitted parameter `k` in ``priors.FITTED``."""
        return weighted_interval(self.unit[:, k], self.weight)


def weighted_interval(
    values: Sequence[float] | np.ndarray, weights: Sequence[float] | np.ndarray
) -> tuple[float, float]:
    """Compute the central 90 % of weighted values.

    Args:
        values: values in any order.
        weights: their weights.

    Returns:
        The lowest and the highest of the central values.
    """
    order = np.argsort(values, kind="stable")
    mass = np.cumsum(np.asarray(weights)[order])
    ends = np.searchsorted(mass, np.array([0.05, 0.95]) * mass[-1])
    low, high = np.asarray(values)[order][ends]
    return float(low), float(high)


def sample_matrix(draws: Sequence[Draw]) -> tuple[np.ndarray, np.ndarray]:
    """Return points of the fitted parameters and figures of the draws.

    The shapes are (draws, fitted) and (draws, figures).
    """
    columns = [priors.NAMES.index(name) for name in priors.FITTED]
    unit = np.array([draw.unit for draw in draws])[:, columns]
    return unit, np.array([[d.statistics[name] for name in STATISTICS] for d in draws])


def fit(unit: np.ndarray, figures: np.ndarray, aim: np.ndarray, scale: np.ndarray) -> AbcFit:
    """Fit the parameters to observed figures.

    Args:
        unit: points of the draws in the unit cube, shape (draws, fitted).
        figures: simulated figures, shape (draws, figures).
        aim: observed figures, shape (figures,).
        scale: tolerances, the unit of distance of each figure, shape (figures,).

    Returns:
        The adjusted and weighted draws.
    """
    z = (figures - aim) / scale
    distance = np.sqrt((z**2).mean(axis=1))
    order = np.argsort(distance, kind="stable")[: max(30, round(KEPT_SHARE * len(z)))]
    reach = distance[order].max() * (1.0 + 1e-9)
    weight = 1.0 - (distance[order] / max(reach, 1e-12)) ** 2
    weight /= weight.sum()
    inside = np.clip(unit[order], _MIN_SHARE, 1.0 - _MIN_SHARE)
    logit = np.log(inside / (1.0 - inside))
    moved = logit - z[order] @ _slopes(z[order], logit, weight)
    # the residuals of a regression underestimate the scatter: correct for the degrees of freedom of
    # the slopes, and add the error of the slopes for a new world
    centre, free = weight @ moved, 1.0 / float((weight**2).sum())
    slopes = z.shape[1] + 1.0
    widen = np.sqrt((free + slopes) / max(free - slopes, 1.0))
    moved = np.clip(centre + widen * (moved - centre), -_MAX_LOG_ODDS, _MAX_LOG_ODDS)
    return AbcFit(1.0 / (1.0 + np.exp(-moved)), weight, order, distance[order])


def _slopes(z: np.ndarray, y: np.ndarray, weight: np.ndarray) -> np.ndarray:
    """Compute weighted ridge slopes of y on z, shape (figures, fitted)."""
    n = z.shape[0]
    zc, yc = z - weight @ z, y - weight @ y
    scale = np.sqrt(weight @ zc**2) + 1e-12
    zs = zc / scale
    gram = (zs * weight[:, None]).T @ zs * n + RIDGE * np.eye(z.shape[1])
    return np.linalg.solve(gram, (zs * weight[:, None]).T @ yc * n) / scale[:, None]


def coverage(draws: Sequence[Draw], scale: np.ndarray, *, worlds: int) -> dict[str, float]:
    """Compute how often 90 % intervals contain the true parameters of a synthetic world.

    This is simulation-based calibration. Each world is a draw that is left out of the fit. Its
    figures serve as the observed ones.

    Args:
        draws: the whole sample.
        scale: tolerances, shape (figures,).
        worlds: number of draws to use as synthetic worlds.

    Returns:
        Share of worlds by fitted parameter, 0 to 1.
    """
    unit, figures = sample_matrix(draws)
    hits = np.zeros(len(priors.FITTED))
    chosen = np.linspace(0, len(draws) - 1, min(worlds, len(draws))).round().astype(int)
    for i in chosen:
        others = np.arange(len(draws)) != i
        fitted = fit(unit[others], figures[others], figures[i], scale)
        for k in range(hits.size):
            low, high = fitted.interval(k)
            hits[k] += low <= unit[i, k] <= high
    return dict(zip(priors.FITTED, (hits / chosen.size).tolist(), strict=True))


def shrinkage(fitted: AbcFit) -> Mapping[str, float]:
    """Return 1 - width / prior width of the 90 % interval of each fitted parameter."""
    return {
        name: 1.0 - (fitted.interval(k)[1] - fitted.interval(k)[0]) / 0.9
        for k, name in enumerate(priors.FITTED)
    }
