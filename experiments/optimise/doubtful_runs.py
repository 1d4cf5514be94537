"""Run every portfolio under its own draw of member and factors of effectiveness."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from experiments.optimise.doubt import Doubt, delivered, portfolio_rng
from experiments.optimise.horizons import HORIZONS, OUTCOMES
from experiments.optimise.sides import Instruments
from experiments.optimise.trials import PAYERS, Evaluator, Trials


@dataclass(frozen=True, eq=False)
class DoubtfulEvaluator:
    """Runs each portfolio once; member and factors depend on the portfolio and the seed alone.

    A portfolio of one instrument is run at its declared effectiveness: the run measures the
    response to the instrument, which a run in which it delivers nothing does not show.

    Attributes:
        evaluator: scenario, members of the search and execution.
        doubt: distribution of the factors.
        seed: seed of the choices.
    """

    evaluator: Evaluator
    doubt: Doubt
    seed: int

    def run(self, name: str, instruments: Instruments, portfolios: np.ndarray) -> Trials:
        """Run the portfolios that are not stored yet, and read all results.

        Args:
            name: name of the sweeps, one for each member.
            instruments: all instruments.
            portfolios: planned $ per year, shape (n, instruments).

        Returns:
            Trials with one member, whose levels are relative to the status quo of the member that
            the portfolio was run under.
        """
        factors = np.array([self._factors(row) for row in portfolios])
        places = np.array([self._member(row) for row in portfolios])
        levels = np.full((len(portfolios), 1, len(OUTCOMES), len(HORIZONS)), np.nan)
        spent = np.full((len(portfolios), 1, len(PAYERS)), np.nan)
        failures = []
        for place in np.unique(places).tolist():
            own = np.flatnonzero(places == place)
            at = self._at_member(place)
            trials = at.run(name, instruments, portfolios[own], factors[own])
            levels[own, 0] = 1.0 + trials.changes[:, 0]
            if trials.spent is not None:
                spent[own, 0] = trials.spent[:, 0]
            failures += trials.failures
        return Trials(
            portfolios,
            levels,
            np.ones(levels.shape[1:]),
            tuple(failures),
            delivered(portfolios, factors, instruments.max_dollars),
            spent,
            np.eye(len(self.evaluator.drawn))[places],
        )

    def _factors(self, row: np.ndarray) -> np.ndarray:
        """Return the factors of effectiveness of a portfolio, shape (instruments,)."""
        if (row > 0.0).sum() <= 1:
            return np.where(self.doubt.spike < 1.0, 1.0, 0.0)
        return self.doubt.keyed(row, self.seed)

    def _member(self, row: np.ndarray) -> int:
        """Return the place of the member of a portfolio among those of the search."""
        return int(portfolio_rng(row, self.seed, "member").integers(len(self.evaluator.drawn)))

    def _at_member(self, place: int) -> Evaluator:
        """Return the evaluator of one member, with a separate folder."""
        return replace(
            self.evaluator,
            drawn=self.evaluator.drawn.subset([place]),
            folder=self.evaluator.folder / f"member_{place}",
            effectiveness=(),
        )
