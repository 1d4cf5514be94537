"""Regression-ABC: from a bank of draws to what the figures say about the uncertain numbers.

Draws near the observed figures are kept with Epanechnikov weights and moved along a weighted ridge
regression of the numbers on the figures (Beaumont, Zhang and Balding 2002, Genetics 162:
2025-2035). Numbers are fitted as log-odds of their place within the prior, so they stay inside it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from experiments.calibration import priors
from experiments.calibration.draw_store import STATISTICS, Draw

KEPT_SHARE = 0.5  # share of the bank that gets weight
RIDGE = 1.0  # prior observations behind each slope
_MIN_SHARE = 1e-3
_MAX_LOG_ODDS = 12.0  # log-odds at which a number is as good as on the edge of its prior


@dataclass(frozen=True, eq=False)
class AbcFit:
    """A fitted sample.

    Attributes:
        unit: adjusted points of the fitted numbers in the unit cube, shape (kept, fitted).
        weight: of each, with sum 1.
        chosen: which draws of the bank were kept.
        distance: of each kept draw, in tolerances.
    """

    unit: np.ndarray
    weight: np.ndarray
    kept: np.ndarray
    distance: np.ndarray

    def interval(self, k: int, level: float = 0.9) -> tuple[float, float]:
        """Central interval of the k-th fitted number, in the unit cube."""
        order = np.argsort(self.unit[:, k], kind="stable")
        mass = np.cumsum(self.weight[order])
        tail = (1.0 - level) / 2.0
        values = self.unit[order, k]
        low = values[np.searchsorted(mass, tail)]
        high = values[min(np.searchsorted(mass, 1.0 - tail), values.size - 1)]
        return float(low), float(high)

    @property
    def effective(self) -> float:
        """Effective number of draws."""
        return float(1.0 / (self.weight**2).sum())


def sample_matrix(draws: Sequence[Draw]) -> tuple[np.ndarray, np.ndarray]:
    """Points of the fitted numbers, and the figures, of a bank."""
    columns = [priors.NAMES.index(name) for name in priors.FITTED]
    unit = np.array([draw.unit for draw in draws])[:, columns]
    return unit, np.array([[d.statistics[name] for name in STATISTICS] for d in draws])


def fit(unit: np.ndarray, figures: np.ndarray, aim: np.ndarray, scale: np.ndarray) -> AbcFit:
    """Fit the numbers to the figures `aim`.

    Args:
        unit: points of the bank, shape (draws, fitted).
        figures: what came out, shape (draws, figures).
        aim: observed figures.
        scale: what counts as one unit of distance, by figure (the tolerance).
    """
    z = (figures - aim) / scale
    distance = np.sqrt((z**2).mean(axis=1))
    order = np.argsort(distance, kind="stable")[: max(30, round(KEPT_SHARE * len(z)))]
    reach = distance[order].max() * (1.0 + 1e-9)
    weight = 1.0 - (distance[order] / max(reach, 1e-12)) ** 2
    weight /= weight.sum()
    logit = _logit(unit[order])
    moved = logit - z[order] @ _slopes(z[order], logit, weight)
    # a regression leaves less scatter than there is: what its slopes have used up is given back,
    # and a new world lies off by the error of the slopes besides
    centre, free = weight @ moved, 1.0 / float((weight**2).sum())
    slopes = z.shape[1] + 1.0
    widen = np.sqrt((free + slopes) / max(free - slopes, 1.0))
    moved = np.clip(centre + widen * (moved - centre), -_MAX_LOG_ODDS, _MAX_LOG_ODDS)
    return AbcFit(1.0 / (1.0 + np.exp(-moved)), weight, order, distance[order])


def _logit(unit: np.ndarray) -> np.ndarray:
    inside = np.clip(unit, _MIN_SHARE, 1.0 - _MIN_SHARE)
    return np.log(inside / (1.0 - inside))


def _slopes(z: np.ndarray, y: np.ndarray, weight: np.ndarray) -> np.ndarray:
    """Weighted ridge slopes of y on z, shape (figures, fitted)."""
    n = z.shape[0]
    zc, yc = z - weight @ z, y - weight @ y
    scale = np.sqrt(weight @ zc**2) + 1e-12
    zs = zc / scale
    gram = (zs * weight[:, None]).T @ zs * n + RIDGE * np.eye(z.shape[1])
    return np.linalg.solve(gram, (zs * weight[:, None]).T @ yc * n) / scale[:, None]


def coverage(
    draws: Sequence[Draw], scale: np.ndarray, *, worlds: int, level: float = 0.9
) -> dict[str, float]:
    """Simulation-based calibration: how often intervals hold the truth of a synthetic world.

    Every world is a draw of the bank, taken out of it; its own figures are the observed ones.
    """
    unit, figures = sample_matrix(draws)
    hits = np.zeros(len(priors.FITTED))
    chosen = np.linspace(0, len(draws) - 1, min(worlds, len(draws))).round().astype(int)
    for i in chosen:
        others = np.arange(len(draws)) != i
        found = fit(unit[others], figures[others], figures[i], scale)
        for k in range(hits.size):
            low, high = found.interval(k, level)
            hits[k] += low <= unit[i, k] <= high
    return dict(zip(priors.FITTED, (hits / chosen.size).tolist(), strict=True))


def shrinkage(found: AbcFit) -> Mapping[str, float]:
    """How much narrower than its prior each fitted number has become: 1 - width / prior width."""
    return {
        name: 1.0 - (found.interval(k)[1] - found.interval(k)[0]) / 0.9
        for k, name in enumerate(priors.FITTED)
    }
