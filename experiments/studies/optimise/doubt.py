"""Doubt about the effect of programmes: factors, and predictions averaged over them.

A factor is the effect of a programme over the declared one. It is 0 with the probability of the
instrument's spike, and otherwise log-uniform between 1 / ``largest`` and ``largest``. Dollars do
not depend on it. The input of a surrogate is *delivered* dollars: planned dollars times the factor.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass

import numpy as np

from experiments.studies.optimise.surrogate import Surrogate, with_member

_DIGITS = 4  # of a factor, so that it has the same text in every file


@dataclass(frozen=True, eq=False)
class Doubt:
    """Distribution of the factors of all instruments.

    Attributes:
        largest: largest factor; 1 if programmes have the declared effect.
        spike: probability that an instrument has no effect, 0 to 1, shape (instruments,).
        source: index of the instrument whose uniform number an instrument uses, shape
            (instruments,): forms of one programme share a factor; None for independent factors.
    """

    largest: float
    spike: np.ndarray
    source: np.ndarray | None = None

    def factors(self, unit: np.ndarray) -> np.ndarray:
        """Convert uniform numbers to factors.

        Args:
            unit: between 0 and 1, shape (..., instruments).

        Returns:
            Factors in the same shape, rounded.
        """
        unit = unit if self.source is None else unit[..., self.source]
        rest = (unit - self.spike) / np.maximum(1.0 - self.spike, 1e-12)
        return np.where(
            unit < self.spike, 0.0, np.round(self.largest ** (2.0 * rest - 1.0), _DIGITS)
        )

    def sample(self, n: int, seed: int) -> np.ndarray:
        """Draw factors with a Latin hypercube.

        Args:
            n: number of draws.
            seed: seed of the draws.

        Returns:
            Factors, shape (n, instruments).
        """
        from scipy.stats import qmc

        unit = qmc.LatinHypercube(len(self.spike), rng=np.random.default_rng(seed)).random(n)
        return self.factors(unit)

    def keyed(self, portfolio: np.ndarray, seed: int) -> np.ndarray:
        """Draw the factors of one portfolio, which depend on it and the seed alone.

        Args:
            portfolio: $ per year, shape (instruments,).
            seed: seed of the search.

        Returns:
            Factors, shape (instruments,).
        """
        return self.factors(portfolio_rng(portfolio, seed).random(len(self.spike)))


def portfolio_rng(
    portfolio: np.ndarray, seed: int, purpose: str = "factors"
) -> np.random.Generator:
    """Return the random generator of a portfolio, which does not depend on other portfolios.

    Args:
        portfolio: $ per year, shape (instruments,).
        seed: seed of the search.
        purpose: separates independent draws of the same portfolio.
    """
    text = f"{purpose} {seed} {portfolio.astype(float).tolist()}"
    key = hashlib.blake2b(text.encode(), digest_size=8).digest()
    return np.random.default_rng(int.from_bytes(key))


def delivered(portfolios: np.ndarray, factors: np.ndarray, most: np.ndarray) -> np.ndarray:
    """Return planned dollars times effect, at most the dollars of the largest dose.

    Args:
        portfolios: planned $ per year, shape (..., instruments).
        factors: factors, broadcastable to the shape of `portfolios`.
        most: $ per year at the largest dose, shape (instruments,).
    """
    return np.minimum(portfolios * factors, most)


@dataclass(frozen=True, eq=False)
class AveragedSurrogate:
    """Predictions for planned dollars, averaged over draws of delivered dollars.

    Attributes:
        surrogate: predicts delivered dollars.
        factors: draws, shape (draws, instruments).
        most: $ per year at the largest dose, shape (instruments,).
        members: number of members that are inputs; each draw of the factors has one of them.
    """

    surrogate: Surrogate
    factors: np.ndarray
    most: np.ndarray
    members: int = 0

    def predict(self, dollars: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Return the mean log ratio of portfolios (rows), and its standard deviation.

        The standard deviation is that of the portfolio at mean factors, because it takes far longer
        to compute than the mean.
        """
        middle = delivered(dollars, self.factors.mean(axis=0), self.most)
        if self.members:
            middle = with_member(middle, np.full((len(dollars), self.members), 1.0 / self.members))
        return self.predict_mean(dollars), self.surrogate.predict(middle)[1]

    def predict_mean(self, dollars: np.ndarray) -> np.ndarray:
        """Return the mean alone, which is several times faster."""
        mean = self.surrogate.predict_mean(self._delivered(dollars))
        return mean.reshape(len(dollars), len(self.factors)).mean(axis=1)

    def _delivered(self, dollars: np.ndarray) -> np.ndarray:
        """Return delivered dollars of every portfolio in every draw, one row each."""
        rows = delivered(dollars[:, None, :], self.factors[None], self.most)
        rows = rows.reshape(-1, dollars.shape[1])
        if not self.members:
            return rows
        own = np.eye(self.members)[np.arange(len(self.factors)) % self.members]
        return with_member(rows, np.tile(own, (len(dollars), 1)))
