"""The answer: exchange-rate cells of every regime and variant, and tests of uncertain numbers."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from experiments.runs.case import Failure
from experiments.studies.ask.build_rate_cells import rate_cells
from experiments.studies.ask.conditions import ClaimTest, examine_claims
from experiments.studies.ask.rate_cells import RateCell
from experiments.studies.ask.stages import AskRuns
from experiments.studies.ask.verdict import MIN_VARIANT_DRAWS


@dataclass(frozen=True, eq=False, repr=False)
class Answer:
    """The results from all stages, evaluated.

    Attributes:
        runs: results from all stages.
        cells: exchange-rate cells in all regimes.
        variants: exchange-rate cells by structural variant.
        tests: tests of the numbers that move or turn a claim.
    """

    runs: AskRuns
    cells: tuple[RateCell, ...]
    variants: Mapping[str, list[RateCell]]
    tests: tuple[ClaimTest, ...]

    @property
    def failed_runs(self) -> tuple[Failure, ...]:
        """Failed runs of all stages."""
        regimes = self.runs.regimes.values()
        scores = [*(run.score for run in regimes), *self.runs.variants.values()]
        trials = [run.searched for run in regimes]
        trials += [part for s in scores for part in (s.trials, s.alone, s.added)]
        return tuple(run for stage in trials if stage is not None for run in stage.failures)


def answer(runs: AskRuns) -> Answer:
    """Evaluate the results from all stages."""
    size = runs.size
    later, cells = size.later, []
    for number, (regime, result) in enumerate(runs.regimes.items()):
        cells += rate_cells(regime, result.score, later.budgets if number else size.budgets)
    variants = {
        name: rate_cells(name, score, later.budgets, MIN_VARIANT_DRAWS)
        for name, score in runs.variants.items()
    }
    return Answer(runs, tuple(cells), variants, tuple(examine_claims(cells, runs.numbers)))
