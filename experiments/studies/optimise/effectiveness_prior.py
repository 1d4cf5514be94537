"""Prior on programme effectiveness, and a search evaluator that draws from it.

A programme's effectiveness is the ratio of its effect to the declared effect. It is 0 with the
instrument's spike probability, and otherwise log-uniform between 1 / ``largest`` and ``largest``.
Programmes without a published evaluation have the spike probability ``SPIKE``
(docs/background/decisions/verdict.md). Dollars and agency limits follow the dose and not the factor
(``PolicySpec.effect``). A surrogate's input is *delivered* dollars: planned dollars times the
factor.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from abm.policies import registry
from experiments.studies.optimise.horizons import HORIZONS, OUTCOMES, PAYERS
from experiments.studies.optimise.sides import Instruments
from experiments.studies.optimise.surrogate import Surrogate, with_member
from experiments.studies.optimise.trials import Evaluator, Trials

if TYPE_CHECKING:
    from experiments.calibration.members import EnsembleSample


#: [A] Maximum factor, the same for all instruments, so that the uncertainty favours no side.
LARGEST_FACTOR = 2.0
#: [A] Share of draws in which a programme without an evaluation delivers nothing (0.2 to 0.3).
SPIKE = 0.25
#: Published evaluation by instrument. All other instruments have the spike.
EVALUATED = {name: cls.evaluated for name, cls in registry().items() if cls.evaluated}
#: Programmes with several forms, which share one factor: paid overtime of the Border Patrol along
#: the line, in a surge of a sector, and in joint operations.
PROGRAMMES = (("patrol_effort", "sector_surge", "joint_operations"),)
_DIGITS = 4  # decimals in a factor, which then has the same text in every file


@dataclass(frozen=True, eq=False)
class EffectivenessPrior:
    """Distribution of all instruments' factors.

    Attributes:
        largest: maximum factor, or 1 if programmes have the declared effect.
        spike: probability that an instrument has no effect, 0 to 1, shape (instruments,).
        source: for each instrument, index of the instrument whose uniform number it uses, shape
            (instruments,). All forms of a programme use the same number.
    """

    largest: float
    spike: np.ndarray
    source: np.ndarray

    def factors(self, unit: np.ndarray) -> np.ndarray:
        """Convert uniform numbers to factors.

        Args:
            unit: uniform numbers from 0 to 1, shape (..., instruments).

        Returns:
            Factors in the same shape, rounded.
        """
        unit = unit[..., self.source]
        scaled = (unit - self.spike) / np.maximum(1.0 - self.spike, 1e-12)
        return np.where(
            unit < self.spike, 0.0, np.round(self.largest ** (2.0 * scaled - 1.0), _DIGITS)
        )

    def sample(self, n: int, seed: int) -> np.ndarray:
        """Draw factors with a Latin hypercube.

        Args:
            n: number of draws.
            seed: seed for the draws.

        Returns:
            Factors, shape (n, instruments).
        """
        from scipy.stats import qmc

        unit = qmc.LatinHypercube(len(self.spike), rng=np.random.default_rng(seed)).random(n)
        return self.factors(unit)

    def keyed(self, portfolio: np.ndarray, seed: int) -> np.ndarray:
        """Draw one portfolio's factors, which depend only on portfolio and seed.

        Args:
            portfolio: $ per year, shape (instruments,).
            seed: seed for the search.

        Returns:
            Factors, shape (instruments,).
        """
        return self.factors(portfolio_rng(portfolio, seed).random(len(self.spike)))


def sources(ids: Sequence[str]) -> list[int]:
    """Return for each instrument the index in `ids` of its programme's first form."""
    first = {
        name: next(x for x in forms if x in ids)
        for forms in PROGRAMMES
        for name in forms
        if name in ids
    }
    return [list(ids).index(first.get(name, name)) for name in ids]


def first_forms(factors: Mapping[str, float]) -> dict[str, float]:
    """Return a draw's factors, one per programme, under the name of its first form."""
    ids = list(factors)
    return {name: factors[name] for k, name in enumerate(ids) if sources(ids)[k] == k}


def effectiveness_prior(ids: Sequence[str], largest: float = LARGEST_FACTOR) -> EffectivenessPrior:
    """Return the prior for some instruments.

    Args:
        ids: instruments.
        largest: maximum factor. With 1, all effects are as declared, and there is no spike.

    Returns:
        The prior, with a spike for instruments that were never evaluated.
    """
    spike = {name: SPIKE for name in ids if name not in EVALUATED and largest > 1.0}
    return EffectivenessPrior(
        largest, np.array([spike.get(name, 0.0) for name in ids]), np.array(sources(ids))
    )


def draw_factors(
    ids: Sequence[str], n: int, largest: float = LARGEST_FACTOR, seed: int = 1
) -> list[dict[str, float]]:
    """Draw factors with a Latin hypercube: uniform in the logarithm, and 0 in the spike.

    All forms of a programme have the same factor.

    Args:
        ids: instruments.
        n: number of draws.
        largest: maximum factor. The minimum factor above 0 is its inverse. Use 1 for the declared
            effects.
        seed: seed for the draws.

    Returns:
        Factors by instrument, one mapping per draw.
    """
    factors = effectiveness_prior(ids, largest).sample(n, seed)
    return [dict(zip(ids, row, strict=True)) for row in factors.tolist()]


def portfolio_rng(
    portfolio: np.ndarray, seed: int, purpose: str = "factors"
) -> np.random.Generator:
    """Return a random generator that depends only on the portfolio, the seed and the purpose.

    Args:
        portfolio: $ per year, shape (instruments,).
        seed: seed for the search.
        purpose: separates independent draws for the same portfolio.
    """
    text = f"{purpose} {seed} {portfolio.astype(float).tolist()}"
    key = hashlib.blake2b(text.encode(), digest_size=8).digest()
    return np.random.default_rng(int.from_bytes(key))


def delivered(portfolios: np.ndarray, factors: np.ndarray, max_dollars: np.ndarray) -> np.ndarray:
    """Return planned dollars times effect, at most the dollars at the maximum dose.

    Args:
        portfolios: planned $ per year, shape (..., instruments).
        factors: effectiveness factors, broadcastable to the shape of `portfolios`.
        max_dollars: $ per year at the maximum dose, shape (instruments,).
    """
    return np.minimum(portfolios * factors, max_dollars)


@dataclass(frozen=True, eq=False)
class AveragedSurrogate:
    """Predictions for planned dollars, averaged over draws of delivered dollars.

    Attributes:
        surrogate: surrogate whose input is delivered dollars.
        factors: effectiveness factors, shape (draws, instruments).
        max_dollars: $ per year at the maximum dose, shape (instruments,).
        members: number of members that are inputs of the surrogate. Each factor draw has one
            member.
    """

    surrogate: Surrogate
    factors: np.ndarray
    max_dollars: np.ndarray
    members: int = 0

    def predict(self, dollars: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Return each portfolio's mean log ratio (rows), and its standard deviation.

        The standard deviation is computed at mean factors only, because it takes far longer to
        compute than the mean.
        """
        middle = delivered(dollars, self.factors.mean(axis=0), self.max_dollars)
        if self.members:
            middle = with_member(middle, np.full((len(dollars), self.members), 1.0 / self.members))
        return self.predict_mean(dollars), self.surrogate.predict(middle)[1]

    def predict_mean(self, dollars: np.ndarray) -> np.ndarray:
        """Return the mean alone, which is several times faster."""
        mean = self.surrogate.predict_mean(self._delivered(dollars))
        return mean.reshape(len(dollars), len(self.factors)).mean(axis=1)

    def _delivered(self, dollars: np.ndarray) -> np.ndarray:
        """Return every portfolio's delivered dollars in every draw, one row each."""
        rows = delivered(dollars[:, None, :], self.factors[None], self.max_dollars)
        rows = rows.reshape(-1, dollars.shape[1])
        if not self.members:
            return rows
        member = np.eye(self.members)[np.arange(len(self.factors)) % self.members]
        return with_member(rows, np.tile(member, (len(dollars), 1)))


@dataclass(frozen=True, eq=False)
class PriorEvaluator:
    """Evaluator that runs each portfolio once, with a member and factors drawn for the portfolio.

    A one-instrument portfolio is run at declared effectiveness, because its run serves to measure
    the response to the instrument. All such portfolios run with the same member's settings, so that
    instruments can be compared.

    Attributes:
        evaluator: scenario, search members and execution.
        prior: distribution over factors.
        seed: seed with which members and factors are drawn.
        alone: member for one-instrument portfolios, which has no column among the search members.
            None to run these portfolios with a search member's settings.
    """

    evaluator: Evaluator
    prior: EffectivenessPrior
    seed: int
    alone: EnsembleSample | None = None

    @property
    def instruments(self) -> Instruments:
        """All instruments, which are the columns of portfolios."""
        return self.evaluator.instruments

    def run(self, name: str, portfolios: np.ndarray) -> Trials:
        """Run the portfolios that are not stored yet, and read all results.

        Args:
            name: name for the sweeps. There is one sweep per member.
            portfolios: planned $ per year, shape (n, instruments).

        Returns:
            Trials with one member. Levels are relative to the status quo with the settings of the
            member that ran the portfolio.
        """
        factors = np.array([self._factors(row) for row in portfolios])
        places = np.array([self._member(row) for row in portfolios])
        levels = np.full((len(portfolios), 1, len(OUTCOMES), len(HORIZONS)), np.nan)
        spent = np.full((len(portfolios), 1, len(PAYERS), len(HORIZONS)), np.nan)
        failures = []
        for place in np.unique(places).tolist():
            rows = np.flatnonzero(places == place)
            trials = self._at_member(place).run(name, portfolios[rows], factors[rows])
            levels[rows, 0] = 1.0 + trials.changes[:, 0]
            if trials.spent is not None:
                spent[rows, 0] = trials.spent[:, 0]
            failures += trials.failures
        return Trials(
            portfolios,
            levels,
            np.ones(levels.shape[1:]),
            tuple(failures),
            delivered(portfolios, factors, self.instruments.max_dollars),
            spent,
            np.eye(len(self.evaluator.members) + 1)[places, :-1],
            self.instruments,
        )

    def _factors(self, row: np.ndarray) -> np.ndarray:
        """Return a portfolio's effectiveness factors, shape (instruments,)."""
        if _single(row):
            return np.ones(len(row))
        return self.prior.keyed(row, self.seed)

    def _member(self, row: np.ndarray) -> int:
        """Return the index of a portfolio's member. The last index stands for ``alone``."""
        if self.alone is not None and _single(row):
            return len(self.evaluator.members)
        return int(portfolio_rng(row, self.seed, "member").integers(len(self.evaluator.members)))

    def _at_member(self, place: int) -> Evaluator:
        """Return the evaluator for one member, with a separate folder."""
        members, name = self.evaluator.members, f"member_{place}"
        if self.alone is not None and place == len(members):
            member, name = self.alone, "member_alone"
        else:
            member = members.subset([place])
        folder = self.evaluator.folder / name
        return replace(self.evaluator, members=member, folder=folder, effectiveness=())


def _single(row: np.ndarray) -> bool:
    """Return whether a portfolio has at most one instrument."""
    return int((row > 0.0).sum()) <= 1
