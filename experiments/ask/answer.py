"""The answer: cells of the three claims, verdicts, what they hang on, where they fail."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

import numpy as np

from experiments.ask.scenario_discovery import Discovery, discover
from experiments.ask.stages import AskRuns
from experiments.ask.verdict import (
    CLAIMS,
    MARGIN,
    TIMES,
    ClaimCell,
    advantage,
    combined_verdict,
    human_cost_changes,
    strongest_rival,
)
from experiments.calibration.drivers import MIN_MEMBERS, Driver, find_drivers
from experiments.optimise.horizons import ENTRIES, HORIZONS, JUDGED
from experiments.optimise.score import Score
from experiments.optimise.search import BudgetTarget
from experiments.optimise.sides import ACCOUNTS, SIDES


@dataclass(frozen=True)
class Verdict:
    """A claim in one word over all its cells, and what it is contingent on."""

    claim: str
    word: str
    condition: str


@dataclass(frozen=True, eq=False)
class Answer:
    """What was played, judged.

    ``cells``: of the ensemble. ``alone``: of ``beats`` with cooperation alone in the place of both
    together. ``variants``: cells by variant. ``boxes`` and ``flips``: by claim and outcome; flips
    are told in points by which entries are lower, less the margin, so that a change of sign turns a
    win into none.
    """

    runs: AskRuns
    cells: tuple[ClaimCell, ...]
    cooperation_alone: tuple[ClaimCell, ...]
    variants: Mapping[str, tuple[ClaimCell, ...]]
    verdicts: tuple[Verdict, ...]
    boxes: tuple[Discovery, ...]
    drivers: Mapping[tuple[str, str], list[Driver]]

    def of(self, claim: str, **where: object) -> list[ClaimCell]:
        """Cells of a claim, at an account, outcome or budget."""
        return [
            cell
            for cell in self.cells
            if cell.claim == claim
            and all(getattr(cell, name) == value for name, value in where.items())
        ]

    @property
    def failures(self) -> int:
        """Runs that gave nothing."""
        scores = [self.runs.score, *self.runs.variants.values()]
        trials = [self.runs.searched, *(s.trials for s in scores), *(s.alone for s in scores)]
        return sum(len(one.failures) for one in trials if one is not None)


def answer(played: AskRuns) -> Answer:
    """Judge what was played."""
    cells = tuple(cells_of(played, played.score))
    variants = {
        name: tuple(_variant_cells(played, score)) for name, score in played.variants.items()
    }
    pairs = [(claim, outcome) for claim in CLAIMS for outcome in ENTRIES]
    found = {pair: [c for c in cells if (c.claim, c.outcome) == pair] for pair in pairs}
    boxes = [discover(own, played.numbers) for own in found.values() if own]
    return Answer(
        played,
        cells,
        tuple(_cooperation_alone_cells(played)),
        variants,
        tuple(map(verdict, CLAIMS, [cells] * 3)),
        tuple(box for box in boxes if box),
        {pair: find_flips(own, played.numbers) for pair, own in found.items() if own},
    )


def verdict(claim: str, cells: Iterable[ClaimCell]) -> Verdict:
    """One word for a claim."""
    return Verdict(claim, *combined_verdict(cell for cell in cells if cell.claim == claim))


def cells_of(played: AskRuns, score: Score) -> list[ClaimCell]:
    """All cells that the portfolios of a score allow."""
    own = {(t.side, t.account, t.outcome, t.budget) for t in score.menu}
    found = []
    for account in ACCOUNTS:
        for outcome in ENTRIES:
            for budget in played.size.budgets:
                there = {side for side in SIDES if (side, account, outcome, budget) in own}
                if there == set(SIDES):
                    found += _cells(played, score, account, outcome, budget)
    return found


def _cells(
    played: AskRuns, score: Score, account: str, outcome: str, budget: float
) -> list[ClaimCell]:
    """The three claims at one budget."""

    def level(side: str) -> np.ndarray:
        place = score.menu[BudgetTarget(side, account, outcome, budget)]
        return score.levels(place, alone=side == "us_only")

    both, us, alone = level("mixed"), level("us_only"), level("cooperative")
    rivals = np.array(
        [score.levels(place, alone=True) for place in _rivals(played, score, account, budget)]
    )
    strongest = strongest_rival(rivals, outcome)
    told = (account, outcome, budget)
    return [
        _cell("helps", told, ("cooperation alone", "status quo"), alone, score.trials.base),
        _cell("beats", told, ("both together", "U.S. alone"), both, us),
        _cell(
            "requires",
            told,
            ("both together", f"U.S. alone up to {TIMES:g} times"),
            both,
            strongest,
        ),
    ]


def _rivals(played: AskRuns, score: Score, account: str, budget: float) -> list[int]:
    """Portfolios of the United States alone, of whatever target, within four times the budget."""
    places = sorted({place for target, place in score.menu.items() if target.side == "us_only"})
    charge = played.instruments.charge(score.trials.portfolios, account)
    return [place for place in places if charge[place] <= TIMES * budget * (1.0 + 1e-9)]


def _cell(
    claim: str,
    told: tuple[str, str, float],
    sides: tuple[str, str],
    ours: np.ndarray,
    theirs: np.ndarray,
) -> ClaimCell:
    """One side against another."""
    return ClaimCell(
        claim, *told, sides, advantage(ours, theirs, told[1]), human_cost_changes(ours, theirs)
    )


def _cooperation_alone_cells(played: AskRuns) -> list[ClaimCell]:
    """Cooperation alone, without anything that the United States could do by itself."""
    score, found = played.score, []
    for target, place in score.menu.items():
        if target.side == "cooperative":
            rival = score.menu[
                BudgetTarget("us_only", target.account, target.outcome, target.budget)
            ]
            told = (target.account, target.outcome, target.budget)
            found.append(
                _cell(
                    "beats",
                    told,
                    ("cooperation alone", "U.S. alone"),
                    score.levels(place),
                    score.levels(rival),
                )
            )
    return found


def _variant_cells(played: AskRuns, score: Score) -> list[ClaimCell]:
    """The cells of a variant: one budget, joint dollars."""
    return cells_of(played, score)


def find_flips(cells: list[ClaimCell], numbers: tuple[Mapping[str, float], ...]) -> list[Driver]:
    """Assumed numbers against the advantage over the margin, the worse of the judged horizons.

    In points of percent, on average over the cells; those that are seen, the strongest first.
    """
    judged = [HORIZONS.index(years) for years in JUDGED]
    margins = [100.0 * (cell.advantage[:, judged].min(axis=1) - MARGIN) for cell in cells]
    mean = np.mean(margins, axis=0)
    if np.isfinite(mean).sum() < MIN_MEMBERS:
        return []
    return [one for one in find_drivers(numbers, mean.tolist()) if one.seen]


def verdict_words(found: Iterable[Verdict]) -> dict[str, str]:
    """Words by claim."""
    return {one.claim: one.word for one in found}
