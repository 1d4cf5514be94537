"""An emulator, history matching, and the posterior distribution of the uncertain parameters.

A ridge regression on the parameters, their squares and their products predicts how far a draw's
statistics are from the record, in tolerances. Large distances are compressed, so that distant draws
count less. The prediction error is computed by cross-validation, on draws left out of the
regression. Points of the prior at which a statistic is over ``LIMIT`` standard deviations away from
the record are ruled out (history matching: Vernon, Goldstein and Bower 2010, Bayesian Analysis 5:
619-669). From the best points, chains explore the posterior by differential evolution (ter Braak
2006, Statistics and Computing 16: 239-249). Errors in the record are assumed to be normal, and
tolerances contain 90 % of these errors.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from sklearn.linear_model import RidgeCV

from experiments.calibration import priors
from experiments.calibration.draws import STATISTICS, Draw

LIMIT = 3.0  # standard deviations
CANDIDATES = 2**13  # prior points that are compared with the record
CHAINS, STEPS, BURN_IN, KEEP_EVERY = 120, 1_500, 500, 10
TOLERANCE = 1.645  # standard deviations in a tolerance
_LINEAR_UNTIL = 2.0  # tolerances beyond which a draw's distance counts less
_PENALTIES = np.logspace(-3.0, 3.0, 13)
_LINEAR = 10.0  # scales up the linear terms, so that the ridge penalty hardly affects them
_WHOLE_STEP = 0.1  # share of full-length proposals, which can jump between modes


def sample_matrix(draws: Sequence[Draw]) -> tuple[np.ndarray, np.ndarray]:
    """Return the draws' points (draws, priors) and statistics (draws, statistics).

    Draws with an undefined statistic are left out.
    """
    unit = np.array([draw.unit for draw in draws])
    figures = np.array([[d.statistics[name] for name in STATISTICS] for d in draws])
    complete = np.isfinite(figures).all(axis=1)
    return unit[complete], figures[complete]


class Emulator:
    """Predicts distances from the record at any point in the prior.

    Attributes:
        sd: standard error of the predictions, in tolerances, shape (statistics,).
    """

    def __init__(
        self, unit: np.ndarray, figures: np.ndarray, aim: np.ndarray, tolerance: np.ndarray
    ) -> None:
        """Fit the regressions to draws.

        Args:
            unit: points of the draws, shape (draws, priors).
            figures: simulated statistics, shape (draws, statistics).
            aim, tolerance: observed values and their tolerances, shape (statistics,).
        """
        ridge = RidgeCV(_PENALTIES, alpha_per_target=True, store_cv_results=True)
        # The inverse hyperbolic sine makes the residuals less skewed.
        distance = np.arcsinh((figures - aim) / (_LINEAR_UNTIL * tolerance))
        self._model = ridge.fit(_features(unit), _LINEAR_UNTIL * distance)
        best = np.searchsorted(_PENALTIES, np.asarray(ridge.alpha_))
        errors = ridge.cv_results_[:, np.arange(figures.shape[1]), best]
        self.sd = np.sqrt(errors.mean(axis=0))

    def off(self, unit: np.ndarray) -> np.ndarray:
        """Return how far predictions are from the record, in standard deviations.

        Args:
            unit: points, shape (points, priors).

        Returns:
            Distances, shape (points, statistics).
        """
        return np.abs(self._model.predict(_features(unit))) / np.hypot(self.sd, 1.0 / TOLERANCE)

    def posterior(self, seed: int) -> tuple[np.ndarray, float]:
        """Rule out points by history matching, and explore the posterior from the best ones.

        Args:
            seed: seed for the candidates and the chains.

        Returns:
            Points in the unit cube in chain order, shape (points, priors), and the share of the
            prior that history matching does not rule out.
        """
        candidates = priors.sample(CANDIDATES, seed)
        off = self.off(candidates)
        best = np.argsort((off**2).sum(axis=1), kind="stable")[:CHAINS]
        chains, loss = candidates[best], (off[best] ** 2).sum(axis=1)
        rng, samples = np.random.default_rng(seed), []
        for step in range(STEPS):
            new = _propose(chains, rng)
            new_loss = (self.off(np.clip(new, 0.0, 1.0)) ** 2).sum(axis=1)
            accepted = np.log(rng.random(CHAINS)) < 0.5 * (loss - new_loss)
            accepted &= ((new > 0.0) & (new < 1.0)).all(axis=1)
            chains = np.where(accepted[:, np.newaxis], new, chains)
            loss = np.where(accepted, new_loss, loss)
            if step >= BURN_IN and step % KEEP_EVERY == 0:
                samples.append(chains)
        return np.concatenate(samples), float((off.max(axis=1) < LIMIT).mean())


def _features(unit: np.ndarray) -> np.ndarray:
    """Return the centred parameters, their squares and their products, one row per point."""
    centred = unit - 0.5
    first, second = np.triu_indices(unit.shape[1])
    return np.hstack([_LINEAR * centred, centred[:, first] * centred[:, second]])


def _propose(chains: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """Return a new point for every chain, moved by the difference between two other chains."""
    n, size = chains.shape
    first, second = (np.arange(n) + rng.integers(1, n, (2, n))) % n
    moved = rng.random((n, size)) < rng.choice([0.2, 0.5, 1.0], (n, 1))  # parameters that change
    length = 2.38 / np.sqrt(2.0 * np.maximum(moved.sum(axis=1, keepdims=True), 1))
    length = np.where(rng.random((n, 1)) < _WHOLE_STEP, 1.0, length)
    step = length * (chains[first] - chains[second]) + rng.normal(0.0, 1e-3, (n, size))
    return chains + np.where(moved, step, 0.0)


def coverage(
    unit: np.ndarray, figures: np.ndarray, tolerance: np.ndarray, *, worlds: int, seed: int
) -> dict[str, float]:
    """Compute how often 90 % intervals contain the true parameters behind a synthetic record.

    This is simulation-based calibration. A synthetic record consists of a draw's statistics, with
    random errors according to the tolerances. Its emulator is fitted to other draws.

    Args:
        unit, figures: the sample, as from :func:`sample_matrix`.
        tolerance: tolerances, shape (statistics,).
        worlds: number of synthetic records.
        seed: seed for the errors.

    Returns:
        Share of synthetic records by parameter, 0 to 1.
    """
    rng, hits = np.random.default_rng(seed), np.zeros(unit.shape[1])
    indices = np.linspace(0, len(unit) - 1, min(worlds, len(unit))).round().astype(int)
    for i in indices:
        aim = figures[i] + rng.normal(0.0, tolerance / TOLERANCE)
        is_other = np.arange(len(unit)) != i
        emulator = Emulator(unit[is_other], figures[is_other], aim, tolerance)
        low, high = np.quantile(emulator.posterior(seed)[0], (0.05, 0.95), 0)
        hits += (low <= unit[i]) & (unit[i] <= high)
    return dict(zip(priors.NAMES, (hits / indices.size).tolist(), strict=True))
