"""Run every portfolio under its own draw of member and factors of effectiveness."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

import numpy as np

from experiments.calibration.members import draw_members
from experiments.optimise.doubt import Doubt, delivered, portfolio_rng
from experiments.optimise.horizons import HORIZONS, OUTCOMES
from experiments.optimise.sides import Instruments
from experiments.optimise.trials import Evaluator, Trials

if TYPE_CHECKING:
    from abm.scenario import Scenario
    from experiments.calibration.members import EnsembleSample


@dataclass(frozen=True, eq=False)
class DoubtfulEvaluator:
    """Runs each portfolio once; member and factors depend on the portfolio and the seed alone.

    A portfolio of one instrument is run at its declared effectiveness: the run measures the
    response to the instrument, which a run in which it delivers nothing does not show.

    Attributes:
        evaluator: scenario and execution; its members are replaced.
        members: indices of the ensemble members of the search.
        doubt: distribution of the factors.
        seed: seed of the choices.
        draw: returns the members of indices for a scenario.
    """

    evaluator: Evaluator
    members: Sequence[int]
    doubt: Doubt
    seed: int
    draw: Callable[[Sequence[int], Scenario], EnsembleSample] = field(
        default_factory=lambda: draw_members  # a class attribute would be documented twice
    )

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
        dollars = np.array([self._delivered(row, instruments) for row in portfolios])
        places = np.array([self._member(row) for row in portfolios])
        levels = np.full((len(portfolios), 1, len(OUTCOMES), len(HORIZONS)), np.nan)
        failures = []
        for place in np.unique(places).tolist():
            own = np.flatnonzero(places == place)
            trials = self._at_member(place).run(name, instruments, dollars[own])
            levels[own, 0] = 1.0 + trials.changes[:, 0]
            failures += trials.failures
        base = np.ones(levels.shape[1:])
        member = np.eye(len(self.members))[places]
        return Trials(portfolios, levels, base, tuple(failures), dollars, member=member)

    def _delivered(self, row: np.ndarray, instruments: Instruments) -> np.ndarray:
        """Return the delivered dollars of a portfolio."""
        factors = self.doubt.keyed(row, self.seed)
        if (row > 0.0).sum() <= 1:
            factors = np.where(self.doubt.spike < 1.0, 1.0, 0.0)
        return delivered(row, factors, instruments.max_dollars)

    def _member(self, row: np.ndarray) -> int:
        """Return the place in ``members`` of the member of a portfolio."""
        return int(portfolio_rng(row, self.seed, "member").integers(len(self.members)))

    def _at_member(self, place: int) -> Evaluator:
        """Return the evaluator of one member, with a separate folder."""
        scenario = self.evaluator.scenario
        return replace(
            self.evaluator,
            drawn=self.draw([self.members[place]], scenario),
            folder=self.evaluator.folder / f"member_{place}",
            effectiveness=(),
        )
