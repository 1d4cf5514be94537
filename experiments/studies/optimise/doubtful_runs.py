"""Run every portfolio under its own draw of member and factors of effectiveness."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from experiments.studies.optimise.doubt import Doubt, delivered, portfolio_rng
from experiments.studies.optimise.horizons import HORIZONS, OUTCOMES, PAYERS
from experiments.studies.optimise.sides import Instruments
from experiments.studies.optimise.trials import Evaluator, Trials

if TYPE_CHECKING:
    from experiments.calibration.members import EnsembleSample


@dataclass(frozen=True, eq=False)
class DoubtfulEvaluator:
    """Runs each portfolio once; member and factors depend on the portfolio and the seed alone.

    A portfolio of one instrument is run at its declared effectiveness: the run measures the
    response to the instrument, and a run without an effect does not show it. All of them run under
    the same member, so that instruments can be compared.

    Attributes:
        evaluator: scenario, members of the search and execution.
        doubt: distribution of the factors.
        seed: seed of the choices.
        alone: the one member of portfolios of one instrument, which has no column among the members
            of the search; None to run them under a member of the search like all others.
    """

    evaluator: Evaluator
    doubt: Doubt
    seed: int
    alone: EnsembleSample | None = None

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
        spent = np.full((len(portfolios), 1, len(PAYERS), len(HORIZONS)), np.nan)
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
            np.eye(len(self.evaluator.drawn) + 1)[places, :-1],
        )

    def _factors(self, row: np.ndarray) -> np.ndarray:
        """Return the factors of effectiveness of a portfolio, shape (instruments,)."""
        if _single(row):
            return np.where(self.doubt.spike < 1.0, 1.0, 0.0)
        return self.doubt.keyed(row, self.seed)

    def _member(self, row: np.ndarray) -> int:
        """Return the place of the member of a portfolio; the last one is that of ``alone``."""
        if self.alone is not None and _single(row):
            return len(self.evaluator.drawn)
        return int(portfolio_rng(row, self.seed, "member").integers(len(self.evaluator.drawn)))

    def _at_member(self, place: int) -> Evaluator:
        """Return the evaluator of one member, with a separate folder."""
        drawn, name = self.evaluator.drawn, f"member_{place}"
        if self.alone is not None and place == len(drawn):
            own, name = self.alone, "member_alone"
        else:
            own = drawn.subset([place])
        folder = self.evaluator.folder / name
        return replace(self.evaluator, drawn=own, folder=folder, effectiveness=())


def _single(row: np.ndarray) -> bool:
    """Return whether a portfolio has at most one instrument."""
    return int((row > 0.0).sum()) <= 1
