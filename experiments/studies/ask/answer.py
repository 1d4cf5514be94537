"""The answer: exchange-rate cells and claims, their drivers, and conditions of failure.

Claims at equal budgets are evaluated too.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np

from abm.measures import ENTRIES
from experiments.calibration.members import MIN_MEMBERS, Driver, find_drivers
from experiments.runs.case import Failure
from experiments.studies.ask.build_rate_cells import rate_cells
from experiments.studies.ask.conditions import (
    ClaimTest,
    Discovery,
    Turn,
    combined_margin,
    discover_failures,
    examine_claims,
)
from experiments.studies.ask.rate_cells import JOINT, RATE_CLAIMS, RateCell, pool_claim
from experiments.studies.ask.stages import AskRuns
from experiments.studies.ask.verdict import (
    CLAIMS,
    TIMES,
    ClaimCell,
    advantage,
    combined_verdict,
    human_cost_changes,
    strongest_rival,
)
from experiments.studies.optimise.horizons import HORIZONS, JUDGED
from experiments.studies.optimise.search import BudgetTarget
from experiments.studies.optimise.sides import ACCOUNTS
from experiments.studies.optimise.study import Score


@dataclass(frozen=True)
class Verdict:
    """The verdict on a claim over all its cells, and its condition if it is contingent."""

    claim: str
    word: str
    condition: str


@dataclass(frozen=True, eq=False)
class Answer:
    """The results from all stages, evaluated.

    Attributes:
        runs: results from all stages.
        cells: cells of the claims at equal budgets, under the ensemble.
        cooperation_alone: cells of ``beats`` with cooperation alone instead of both together.
        variants: cells by variant, of those whose runs reach all judged horizons.
        verdicts: one per claim at equal budgets.
        boxes: conditions under which claims on the exchange rate fail, by regime and measure.
        drivers: drivers of these claims in the first regime, by claim and measure. Only numbers
            that pass the test in ``tests``. The effect is the claim's margin, so a change of
            sign turns a won draw into a lost one.
        rate_cells: exchange-rate cells in all regimes.
        tests: tests of the numbers that move or turn a claim on these cells.
    """

    runs: AskRuns
    cells: tuple[ClaimCell, ...]
    cooperation_alone: tuple[ClaimCell, ...]
    variants: Mapping[str, tuple[ClaimCell, ...]]
    verdicts: tuple[Verdict, ...]
    boxes: tuple[Discovery, ...]
    drivers: Mapping[tuple[str, str], list[Driver]]
    rate_cells: tuple[RateCell, ...] = ()
    tests: tuple[ClaimTest, ...] = ()

    def __repr__(self) -> str:
        """Return the verdicts and the number of cells."""
        cells = self.rate_cells
        words = ", ".join(f"{claim} {pool_claim(cells, claim).word}" for claim in RATE_CLAIMS)
        return f"<Answer: {words}; {len(cells)} cells>"

    @property
    def turns(self) -> tuple[Turn, ...]:
        """Numbers that turn a claim on the exchange rate."""
        return tuple(turn for test in self.tests for turn in test.turns)

    def of(self, claim: str, **where: object) -> list[ClaimCell]:
        """Return a claim's cells.

        Args:
            claim: key in ``CLAIMS``.
            **where: values of attributes of the cell, such as ``account`` or ``budget``.

        Returns:
            The cells in their order.
        """
        return [
            cell
            for cell in self.cells
            if cell.claim == claim
            and all(getattr(cell, name) == value for name, value in where.items())
        ]

    @property
    def failed_runs(self) -> tuple[Failure, ...]:
        """Failed runs of all stages."""
        regimes = self.runs.regimes.values()
        scores = [*(run.score for run in regimes), *self.runs.variants.values()]
        trials = [run.searched for run in regimes]
        trials += [part for s in scores for part in (s.trials, s.alone, s.added)]
        return tuple(run for stage in trials if stage is not None for run in stage.failures)

    @property
    def failures(self) -> int:
        """Number of failed runs."""
        return len(self.failed_runs)


def answer(runs: AskRuns) -> Answer:
    """Evaluate the results from all stages."""
    cells = tuple(cells_of(runs, runs.score))
    longest = HORIZONS.index(max(JUDGED))
    complete = {n: score for n, score in runs.variants.items() if score.trials.longest >= longest}
    variants = {name: tuple(cells_of(runs, score)) for name, score in complete.items()}
    rates = tuple(cell for name in runs.regimes for cell in rate_cells_of(runs, name))
    tests = tuple(examine_claims(rates, runs.numbers))
    return Answer(
        runs,
        cells,
        tuple(_cooperation_alone_cells(runs.score)),
        variants,
        tuple(map(verdict, CLAIMS, [cells] * 3)),
        tuple(discover_failures(rates, runs.numbers)),
        claim_drivers(rates, runs.numbers, tests),
        rates,
        tests,
    )


def rate_cells_of(runs: AskRuns, regime: str) -> list[RateCell]:
    """Return the exchange-rate cells in one regime."""
    size, score = runs.size.at(list(runs.regimes).index(regime)), runs.regimes[regime].score
    return rate_cells(regime, score, runs.instruments, size.budgets, size.min_draws)


def verdict(claim: str, cells: Iterable[ClaimCell]) -> Verdict:
    """Combine the cells of a claim into a verdict.

    Args:
        claim: key in ``CLAIMS``.
        cells: cells of all claims.

    Returns:
        The verdict.
    """
    return Verdict(claim, *combined_verdict(cell for cell in cells if cell.claim == claim))


def cells_of(runs: AskRuns, score: Score) -> list[ClaimCell]:
    """Return all cells for which a score has portfolios of all sides.

    Args:
        runs: results from all stages.
        score: the score under the ensemble or a variant.

    Returns:
        Three cells per account, outcome and budget.
    """
    cells = []
    for key in itertools.product(ACCOUNTS, ENTRIES, runs.size.budgets):
        targets = [BudgetTarget(side, *key) for side in ("mixed", "us_only", "cooperative")]
        if not all(target in score.menu for target in targets):
            continue
        both, us, alone = (
            score.levels(score.menu[target], alone=target.side == "us_only") for target in targets
        )
        places = _rivals(runs, score, key[0], key[2])
        rivals = np.array([score.levels(place, alone=True) for place in places])
        strongest = strongest_rival(rivals, key[1])
        up_to = f"U.S. alone up to {TIMES:g} times"
        cells += [
            _cell("helps", key, ("cooperation alone", "status quo"), alone, score.trials.base),
            _cell("beats", key, ("both together", "U.S. alone"), both, us),
            _cell("requires", key, ("both together", up_to), both, strongest),
        ]
    return cells


def _rivals(runs: AskRuns, score: Score, account: str, budget: float) -> list[int]:
    """Return the U.S. portfolios whose charge is at most ``TIMES`` times the budget."""
    places = sorted({place for target, place in score.menu.items() if target.side == "us_only"})
    charge = runs.instruments.charge(score.trials.portfolios, account)
    return [place for place in places if charge[place] <= TIMES * budget * (1.0 + 1e-9)]


def _cell(
    claim: str,
    key: tuple[str, str, float],
    sides: tuple[str, str],
    ours: np.ndarray,
    theirs: np.ndarray,
) -> ClaimCell:
    """Compare one side with another."""
    return ClaimCell(
        claim, *key, sides, advantage(ours, theirs, key[1]), human_cost_changes(ours, theirs)
    )


def _cooperation_alone_cells(score: Score) -> list[ClaimCell]:
    """Compare cooperation alone with the United States alone."""
    return [
        _cell(
            "beats",
            (target.account, target.outcome, target.budget),
            ("cooperation alone", "U.S. alone"),
            score.levels(place),
            score.levels(score.menu[replace(target, side="us_only")]),
        )
        for target, place in score.menu.items()
        if target.side == "cooperative"
    ]


def claim_drivers(
    cells: Iterable[RateCell],
    numbers: Sequence[Mapping[str, float]],
    tests: Iterable[ClaimTest],
) -> dict[tuple[str, str], list[Driver]]:
    """Compare the numbers that move a claim with its margin for each measure, in the first regime.

    Args:
        cells: cells from any regimes. Judged ones of the first regime in joint dollars are used.
        numbers: uncertain numbers by draw.
        tests: tests of all numbers, at a common level for all of them.

    Returns:
        Drivers by claim and measure, in the unit of ``RateCell.margin``. Only numbers that a test
        found are compared, and one ``turns`` a claim only if it does so in the test too.
    """
    judged = [cell for cell in cells if cell.judged and cell.account == JOINT]
    first, drivers = [cell for cell in judged if cell.regime == judged[0].regime], {}
    moves = {
        (test.claim, turn.number): turn.turns
        for test in tests
        if first and test.regime == first[0].regime
        for turn in test.moving
    }
    for claim, measure in itertools.product(RATE_CLAIMS, ENTRIES):
        margin, _, _ = combined_margin((c for c in first if c.measure == measure), claim)
        if np.isfinite(margin).sum() >= MIN_MEMBERS:
            drivers[claim, measure] = [
                replace(driver, turns=driver.turns and moves[claim, driver.name])
                for driver in find_drivers(numbers, margin.tolist())
                if (claim, driver.name) in moves
            ]
    return drivers
