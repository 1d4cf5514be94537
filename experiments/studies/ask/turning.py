"""Which single number turns which cell: every assumed number at its bounds, the rest at the middle.

The chosen portfolios and marginal pairs of the core run again in *worlds*: a member with all
numbers as declared and contested numbers at one half (the middle), and the same member and seed
with one number at a bound of its range or with one structural variant. The margin of a claim moves
by the difference from the middle. If every draw of the verdict moved as much, a cell could have
another word: the number *turns* it, if this is so with each member.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np

from experiments.calibration import ensemble
from experiments.calibration.ensemble import seed_offset
from experiments.calibration.members import draw_members
from experiments.calibration.supply_fit import member_supply
from experiments.studies.ask.rate_cells import RateCell, rate_cells
from experiments.studies.ask.regimes import VARIANTS, Variant
from experiments.studies.ask.sizes import AnswerSize
from experiments.studies.ask.uncertain_numbers import NAMES, with_numbers
from experiments.studies.ask.verdict import CLAIMS, JOINT, UNKNOWN
from experiments.studies.optimise.drawn_numbers import drawn_numbers, policy_numbers
from experiments.studies.optimise.study import Score, distinct_portfolios
from experiments.studies.optimise.trials import Evaluator
from experiments.sweeps.design import ParameterSet

_MIDDLE = 0.5  # of both contested numbers
_BOUGHT = 0.3  # expected share of the portfolios that buy an instrument, for the count of runs


class Change(NamedTuple):
    """What differs from the middle: numbers by name, or a variant. The middle has neither."""

    name: str
    bound: str = ""
    values: Mapping[str, float] = {}
    variant: Variant = Variant("")


def changes() -> list[Change]:
    """Return the middle, both bounds of every number, and the structural variants."""
    ends = dict.fromkeys(NAMES, (0.0, 1.0))
    ends |= {number.name: number.bounds for number in drawn_numbers()}
    bounds = [
        Change(name, bound, {name: value})
        for name, pair in ends.items()
        for bound, value in zip(("low", "high"), pair, strict=True)
    ]
    return [Change("middle"), *bounds, *(Change(k, variant=v) for k, v in VARIANTS.items())]


def count_runs(portfolios: int) -> tuple[int, int]:
    """Return about how many runs and warm-ups a member needs.

    A number of an instrument changes only the portfolios that buy it.
    """
    alone = 2 * sum(number.of_policies for number in drawn_numbers())
    everywhere = len(changes()) - alone
    runs = everywhere * (portfolios + 1) + round(alone * _BOUGHT * portfolios)
    return runs, everywhere


@dataclass(frozen=True, eq=False)
class TurningRuns:
    """The core's portfolios in every world.

    Attributes:
        score: the scored portfolios, with worlds in place of draws.
        worlds: change of each world. The worlds of a member follow each other, the middle first.
        members: how many members there are.
        budget: budget of both together, $ per year.
    """

    score: Score
    worlds: Sequence[Change]
    members: int
    budget: float


def run_numbers(
    evaluator: Evaluator, scored: Score, members: Sequence[int], size: AnswerSize
) -> TurningRuns:
    """Run the core's portfolios and marginal pairs for the later budget in every world.

    Args:
        evaluator: scenario over the later years, folder and execution.
        scored: score of the core.
        members: indices of the members.
        size: sizes of the answer.
    """
    tested = {(target.side, target.budget) for target in size.later.targets}
    menu = {
        target: scored.trials.portfolios[place]
        for target, place in scored.menu.items()
        if (target.side, target.budget) in tested and target.account == JOINT
    }
    added = {
        key: scored.added.portfolios[place]
        for key, place in scored.additions.items()
        if scored.added and key[0].account == JOINT
    }
    portfolios, place_of = distinct_portfolios({**menu, **added})
    every = [(member, change) for member in members for change in changes()]
    sets, seeds = zip(*(_world(evaluator, *world, size.seed) for world in every), strict=True)
    trials = evaluator.run_worlds("worlds", portfolios, sets, seeds)
    score = Score(
        trials,
        {target: place_of[target] for target in menu},
        additions={key: place_of[key] for key in added},
        added=trials if added else None,
        added_draws=tuple(range(len(every))),
    )
    worlds = [change for _, change in every]
    return TurningRuns(score, worlds, len(members), size.later_budget)


def _world(
    evaluator: Evaluator, member: int, change: Change, seed: int
) -> tuple[ParameterSet, int]:
    """Return the parameter set and the seed of a member's world. The seed is the member's."""
    scenario, variant = evaluator.scenario, change.variant
    plain = draw_members([member], scenario)
    contested = dict.fromkeys(NAMES, _MIDDLE) | dict(change.values)
    if variant.contested is not None:
        contested |= dict(zip(NAMES, variant.contested, strict=True))
    sample = with_numbers(plain, scenario, [contested])
    settings: dict[str, Any] = {**sample.settings[0], **variant.settings}
    if variant.drawn_supply:
        settings |= member_supply(ensemble.read().members[member])
    effect = dict.fromkeys(variant.ineffective, 0.0)
    priced = evaluator.instruments.at_prices(policy_numbers(sample.numbers[0]))
    return ParameterSet(member, settings, effect, *priced), seed + seed_offset(plain.settings[0])


# ---- evaluation ----------------------------------------------------------------------------------


def turning_rows(runs: TurningRuns, cells: Iterable[RateCell]) -> list[dict[str, Any]]:
    """Return how every number and variant moves every claim in every cell of the later budget.

    Args:
        runs: the core's portfolios in every world.
        cells: cells of the verdict, of which those with the same regime, years and budget are used.

    Returns:
        One row per number, bound, measure and claim: ``shift`` of the margin from the middle (mean
        over members), the word of the verdict, ``word_there``, and whether the number ``turns`` it.
    """
    rows, judged = [], {(c.measure, c.horizon): c for c in cells if _is_tested(c, runs.budget)}
    for cell in rate_cells("", runs.score, (runs.budget,)):
        for claim in CLAIMS if (cell.measure, cell.horizon) in judged else ():
            margins = cell.margin(claim).reshape(runs.members, -1)
            shifts = (margins - margins[:, :1]).T[1:]
            rows += [
                _turning_row(judged[cell.measure, cell.horizon], claim, change, shift)
                for change, shift in zip(runs.worlds[1:], shifts, strict=False)
            ]
    return rows


def _is_tested(cell: RateCell, budget: float) -> bool:
    """Return whether a cell of the verdict has the budget and account of the worlds."""
    return cell.judged and (cell.account, cell.budget) == (JOINT, budget)


def _turning_row(cell: RateCell, claim: str, change: Change, shifts: np.ndarray) -> dict[str, Any]:
    """Return one number's effect on a claim in a cell, from the shift of each member."""
    word, shares = cell.word(claim), [cell.share(claim, shift) for shift in shifts.tolist()]
    there = {share.word if word != UNKNOWN else UNKNOWN for share in shares}
    return {
        "number": change.name,
        "bound": change.bound,
        "value": change.values.get(change.name),
        "regime": cell.regime,
        "measure": cell.measure,
        "horizon": cell.horizon,
        "budget": cell.budget,
        "claim": claim,
        "shift": float(np.mean(shifts)),
        "share_won": cell.share(claim).value,
        "share_there": float(np.mean([share.value for share in shares])),
        "word": word,
        "word_there": " or ".join(sorted(there)),
        "turns": word not in there,
    }
