"""Test which assumed number reverses which cell, by setting one number at a time to a bound.

The chosen portfolios and marginal pairs of the core and of *enforcement only* run again with other
parameter sets. The *middle* set has a member's settings, all other numbers as declared, and
contested numbers at one half. Every other set has the same member and seed, but differs in one
number (at a bound of its range, or a price or limit halved or doubled within its range) or in one
structural variant. The difference of a claim's margin from the middle is its *shift*. The number
*turns* a cell if the shift of every single member, added to the margins of all draws, would give
the cell another verdict.

If a number acts on nothing that a portfolio buys, all runs with its parameter set equal the runs
with the middle set. The *screen* detects such numbers with the first member. It runs the status quo
and one portfolio with all instruments that any tested portfolio buys. Shifts of these numbers are
0.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, NamedTuple

import numpy as np

from experiments.calibration import ensemble
from experiments.calibration.ensemble import seed_offset
from experiments.calibration.members import EnsembleSample, draw_members
from experiments.calibration.supply_fit import member_supply
from experiments.studies.ask.rate_cells import ClaimShare, RateCell, pool_claim, rate_cells
from experiments.studies.ask.regimes import VARIANTS, Variant
from experiments.studies.ask.sizes import AnswerSize
from experiments.studies.ask.uncertain_numbers import NAMES, with_numbers
from experiments.studies.ask.verdict import CLAIMS, JOINT, TIMES, UNKNOWN
from experiments.studies.optimise.drawn_numbers import DrawnNumber, drawn_numbers, policy_numbers
from experiments.studies.optimise.horizons import OUTCOMES
from experiments.studies.optimise.search import BudgetTarget
from experiments.studies.optimise.sides import largest_budget
from experiments.studies.optimise.study import Score, distinct_portfolios
from experiments.studies.optimise.trials import Evaluator, Trials
from experiments.sweeps.design import ParameterSet

#: Name in the column ``measure`` for a headline's verdict over all its cells in the first regime.
VERDICT = "verdict"
_MIDDLE = 0.5  # middle position of both contested numbers
_BOUGHT = 0.3  # expected share of portfolios that buy an instrument, for the estimate of runs
_ACTIVE = 0.6  # expected share of settings that act on a tested portfolio, for the estimate


class Change(NamedTuple):
    """A difference from the middle set: numbers by name, or a variant. Empty for the middle."""

    name: str
    bound: str = ""
    values: Mapping[str, float] = {}
    variant: Variant = Variant("")


def changes() -> list[Change]:
    """Return the middle, every number at each of its points, and all variants."""
    points = {name: {"low": 0.0, "high": 1.0} for name in NAMES}
    points |= {number.name: _points(number) for number in drawn_numbers()}
    single = [Change(k, end, {k: x}) for k, ends in points.items() for end, x in ends.items()]
    return [Change("middle"), *single, *(Change(k, "", v.values, v) for k, v in VARIANTS.items())]


def _points(number: DrawnNumber) -> dict[str, float]:
    """Return a number's bounds, and half and twice a price or limit within these bounds.

    Numbers of policies, and settings in dollars or per year, count as prices and limits.
    """
    (low, high), declared = number.bounds, number.declared
    ends = {"low": low, "high": high}
    if number.of_policies or "$" in declared.unit or "/year" in declared.unit:
        ends["half"] = max(low, 0.5 * declared.value)
        ends["double"] = min(high, 2.0 * declared.value)
    return ends


def count_runs(portfolios: int, members: int) -> tuple[int, int]:
    """Estimate how many runs and warm-ups all parameter sets need.

    A number that belongs to an instrument changes only the portfolios that buy the instrument.
    """
    policies = {number.name for number in drawn_numbers() if number.of_policies}
    worlds = {(c.name in policies, c.name, *c.values.values()) for c in changes()}
    alone = sum(of_policies for of_policies, *_ in worlds)
    everywhere = members * round(_ACTIVE * (len(worlds) - alone))
    screen = len(worlds) + everywhere // members
    runs = everywhere * (portfolios + 1) + round(members * alone * _BOUGHT * portfolios)
    return runs + screen, everywhere + len(worlds) - alone


@dataclass(frozen=True, eq=False)
class TurningRuns:
    """Results for some headlines' portfolios with every parameter set whose change has an effect.

    Attributes:
        scores: the scored portfolios by headline, with parameter sets in place of draws.
        worlds: change in each of a member's parameter sets, the middle first. All members have the
            same changes.
        members: number of members.
        budget: budget for both together, $ per year.
    """

    scores: Mapping[str, Score]
    worlds: Sequence[Change]
    members: int
    budget: float


def run_numbers(
    evaluator: Evaluator, scored: Mapping[str, Score], members: Sequence[int], size: AnswerSize
) -> TurningRuns:
    """Run the later budget's portfolios and marginal pairs with every change that has an effect.

    Args:
        evaluator: scenario over the later years, folder and execution.
        scored: scores by headline, the core headline first.
        members: indices of the members in the ensemble.
        size: budgets, seeds and run counts of the study.

    Returns:
        Scores with parameter sets in place of draws.
    """
    selected = {
        (name, key): row
        for name, result in scored.items()
        for key, row in _portfolios(result, size).items()
    }
    rows, place_of = distinct_portfolios(selected)
    common = rows[rows.sum(axis=1) <= 1.01 * TIMES * size.later_budget].max(axis=0)
    screen = _run(evaluator, "screen", common[None], members[:1], changes(), size.seed)
    worlds = [change for k, change in enumerate(changes()) if not k or _acts(screen, k, size)]
    trials = _run(evaluator, "worlds", rows, members, worlds, size.seed)
    scores = {}
    for name, result in scored.items():
        places = {key: place for (of, key), place in place_of.items() if of == name}
        adapted = replace(trials, instruments=result.trials.instruments)
        scores[name] = Score(
            adapted,
            {key: k for key, k in places.items() if isinstance(key, BudgetTarget)},
            additions={key: k for key, k in places.items() if not isinstance(key, BudgetTarget)},
            added=adapted if result.added else None,
            added_draws=tuple(range(len(adapted.base))),
        )
    return TurningRuns(scores, worlds, len(members), size.later_budget)


def _portfolios(
    scored: Score, size: AnswerSize
) -> dict[BudgetTarget | tuple[BudgetTarget, str], np.ndarray]:
    """Return the tested portfolios from a score, by target and by addition.

    For the United States alone, a portfolio with all instruments at their maximum doses is added.
    Without this portfolio, a rate just above the last budget would be infinite.
    """
    instruments = scored.trials.instruments
    tested = {(target.side, target.budget) for target in size.later.targets}
    largest = largest_budget(instruments, "us_only")
    everything = np.where(instruments.allowed("us_only"), instruments.max_dollars, 0.0)
    rows: dict[Any, np.ndarray] = {
        BudgetTarget("us_only", JOINT, measure, largest): everything for measure in size.measures
    }
    for target, place in scored.menu.items():
        if (target.side, target.budget) in tested and target.account == JOINT:
            rows[target] = scored.trials.portfolios[place]
    for (target, where), place in scored.additions.items():
        if scored.added and target.account == JOINT:
            rows[target, where] = scored.added.portfolios[place]
    return rows


def _run(
    evaluator: Evaluator,
    name: str,
    portfolios: np.ndarray,
    members: Sequence[int],
    worlds: Sequence[Change],
    seed: int,
) -> Trials:
    """Run portfolios with every member's parameter sets."""
    samples = [draw_members([member], evaluator.scenario) for member in members]
    cases = ((sample, change) for sample in samples for change in worlds)
    sets, seeds = zip(*(_world(evaluator, *case, seed) for case in cases), strict=True)
    return evaluator.run_worlds(name, portfolios, sets, seeds)


def _acts(screen: Trials, world: int, size: AnswerSize) -> bool:
    """Return whether a judged measure or the spent dollars in the screen differ from the middle."""
    at = [OUTCOMES.index(measure) for measure in size.measures]
    parts = [screen.base[:, at], screen.levels[0][:, at], np.asarray(screen.spent)[0]]
    return not all(np.array_equal(part[world], part[0], equal_nan=True) for part in parts)


def _world(
    evaluator: Evaluator, plain: EnsembleSample, change: Change, seed: int
) -> tuple[ParameterSet, int]:
    """Return the parameter set for a sample of one member and a change, and the member's seed."""
    member, variant = plain.chosen[0], change.variant
    contested = dict.fromkeys(NAMES, _MIDDLE) | dict(change.values)
    if variant.contested is not None:
        contested |= dict(zip(NAMES, variant.contested, strict=True))
    sample = with_numbers(plain, evaluator.scenario, [contested])
    settings: dict[str, Any] = {**sample.settings[0], **variant.settings}
    if variant.drawn_supply:
        settings |= member_supply(ensemble.read().members[member])
    effect = dict.fromkeys(variant.ineffective, 0.0)
    priced = evaluator.instruments.at_prices(policy_numbers(sample.numbers[0]))
    return ParameterSet(member, settings, effect, *priced), seed + seed_offset(plain.settings[0])


# ---- evaluation ----------------------------------------------------------------------------------


def turning_rows(
    runs: TurningRuns, cells: Mapping[str, Iterable[RateCell]]
) -> list[dict[str, Any]]:
    """Return every number's and variant's effect on every claim, in cells at the later budget.

    Args:
        runs: the portfolios' results with every parameter set.
        cells: verdict cells in the first regime, by headline.

    Returns:
        One row per headline, claim, number, bound and measure: ``shift`` (mean over members), the
        verdict ``word``, ``word_there`` (the verdict after the shift), and whether the number
        ``turns`` it. The measure ``VERDICT`` has the verdict over all the headline's cells, each
        shifted by the shift of its measure.
    """
    rows, places = [], {change[:2]: k for k, change in enumerate(runs.worlds)}
    for headline, score in runs.scores.items():
        judged = [cell for cell in cells[headline] if cell.judged and cell.account == JOINT]
        worlds = {(c.measure, c.horizon): c for c in rate_cells("", score, (runs.budget,))}
        tested = [c for c in judged if c.budget == runs.budget and (c.measure, c.horizon) in worlds]
        measures = [cell.measure for cell in tested]
        for claim in CLAIMS if tested else ():
            moves = [_shifts(runs, worlds[c.measure, c.horizon], claim) for c in tested]
            pooled = pool_claim(judged, claim).share
            for change in changes()[1:]:
                shifts = [by_world[places.get(change[:2], 0)] for by_world in moves]
                if np.isnan(shifts).any():  # marginal pairs are missing, or a run failed
                    continue
                head = {"headline": headline, "number": change.name, "bound": change.bound}
                head |= {"value": change.values.get(change.name), "regime": tested[0].regime}
                head |= {"budget": runs.budget, "claim": claim}
                for cell, shift in zip(tested, shifts, strict=True):
                    head |= {"measure": cell.measure, "horizon": cell.horizon}
                    shares = [cell.share(claim, by) for by in shift.tolist()]
                    rows.append(head | _turn(cell.share(claim), cell.word(claim), shares, shift))
                moved = [dict(zip(measures, by, strict=True)) for by in zip(*shifts, strict=True)]
                shares = [pool_claim(judged, claim, by).share for by in moved]
                turn = _turn(pooled, pooled.word, shares, np.mean(shifts, axis=0))
                rows.append(head | {"measure": VERDICT, "horizon": None} | turn)
    return rows


def _shifts(runs: TurningRuns, cell: RateCell, claim: str) -> np.ndarray:
    """Return the shifts of a claim's margin from the middle, shape (parameter sets, members)."""
    margins = cell.limited_margin(claim).reshape(runs.members, -1)
    return (margins - margins[:, :1]).T


def _turn(
    share: ClaimShare, word: str, shares: Sequence[ClaimShare], shifts: np.ndarray
) -> dict[str, Any]:
    """Return a number's effect on a verdict, from all members' shares and shifts."""
    words = {share_at.word if word != UNKNOWN else UNKNOWN for share_at in shares}
    return {
        "shift": float(np.mean(shifts)),
        "share_won": share.value,
        "share_there": float(np.mean([share_at.value for share_at in shares])),
        "word": word,
        "word_there": " or ".join(sorted(words)),
        "turns": word not in words,
    }
