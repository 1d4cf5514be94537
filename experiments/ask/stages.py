"""What is played for an answer, stage by stage, each into ledgers that can be gone on with.

1. ``search``: portfolios are looked for, on members that judge nothing.
2. ``score``: those that were chosen play the members that judge, on fresh luck.
3. ``variant_...``: at one budget, the same portfolios in models that are built differently.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from experiments.ask.effectiveness import PREFIX, draw_factors
from experiments.ask.sizes import AnswerSize
from experiments.ask.variants import VARIANTS, Variant
from experiments.ask.verdict import TIMES
from experiments.calibration.members import draw_members
from experiments.optimise import initial_portfolios
from experiments.optimise.score import SEARCH_SEED_OFFSET, Score, score, split_members
from experiments.optimise.search import BudgetTarget, choose_best, first_portfolios, search, targets
from experiments.optimise.sides import Instruments, buyable
from experiments.optimise.trials import Evaluator, Trials

if TYPE_CHECKING:
    from abm.scenario import Scenario
    from abm.scenario.policy_specs import PolicySpec


@dataclass(frozen=True, eq=False)
class AskRuns:
    """Everything that was played for an answer."""

    size: AnswerSize
    scenario: Scenario
    instruments: Instruments
    searched: Trials
    chosen: Mapping[BudgetTarget, int]
    score: Score
    variants: Mapping[str, Score]
    member_indices: tuple[int, ...]
    numbers: tuple[Mapping[str, float], ...]


def budgets_of(size: AnswerSize) -> dict[str, list[float]]:
    """Budgets by side: the United States alone also gets four times as much."""
    own = list(size.budgets)
    more = [TIMES * budget for budget in own]
    return {"us_only": sorted({*own, *more}), "cooperative": own, "mixed": own}


def search_targets(size: AnswerSize) -> list[BudgetTarget]:
    """All targets of an answer."""
    return targets(budgets_of(size), size.accounts)


def run_stages(size: AnswerSize, scenario: Scenario, evaluator: Evaluator) -> AskRuns:
    """Play all stages, whatever of them is there already.

    `evaluator` says where and how; its members are replaced by those of each stage.
    """
    instruments, aims = buyable(), search_targets(size)
    judging, searching = split_members(size.members, size.search_members)
    scout = replace(
        evaluator,
        scenario=scenario,
        drawn=draw_members(searching, scenario),
        folder=evaluator.folder / "search",
        seed=size.seed + SEARCH_SEED_OFFSET,
    )
    searched = search(scout, instruments, aims, size.effort)
    chosen = choose_best(searched, instruments, aims)
    effect = draw_factors(instruments.ids, len(judging), size.doubt, size.seed)
    judges = replace(
        evaluator,
        scenario=scenario,
        drawn=draw_members(judging, scenario),
        seed=size.seed,
        effectiveness=effect,
    )
    scored = score(judges, "score", instruments, searched, chosen, _all_arms(instruments, size))
    variants = {}
    if size.variant_members:
        few = variant_members(size)
        for name, variant in VARIANTS.items():
            variants[name] = _run_variant(
                judges,
                name,
                variant,
                few,
                instruments,
                searched,
                _at_budget(chosen, size.variant_budget),
            )
    numbers = tuple(
        dict(own) | {PREFIX + name: factor for name, factor in bought.items()}
        for own, bought in zip(judges.drawn.numbers, effect, strict=True)
    )
    return AskRuns(
        size, scenario, instruments, searched, chosen, scored, variants, judging, numbers
    )


def variant_members(size: AnswerSize) -> list[int]:
    """Places, among the judging members, of those that play the variants: evenly spread."""
    n = min(size.variant_members, size.members)
    return [int((i + 0.5) * size.members / n) for i in range(n)]


def _all_arms(instruments: Instruments, size: AnswerSize) -> dict[tuple[str, float], np.ndarray]:
    """All arms together, at every budget of cooperation."""
    return {
        ("mixed", budget): instruments.rounded(
            initial_portfolios.proportional(instruments, "mixed", budget)
        )
        for budget in size.budgets
    }


def _at_budget(chosen: Mapping[BudgetTarget, int], budget: float) -> dict[BudgetTarget, int]:
    """The targets of one budget, and what the United States alone has for four times as much."""
    return {
        t: k
        for t, k in chosen.items()
        if t.account == "joint"
        and (t.budget == budget or (t.side == "us_only" and t.budget == TIMES * budget))
    }


def _run_variant(
    judges: Evaluator,
    name: str,
    variant: Variant,
    few: Sequence[int],
    instruments: Instruments,
    searched: Trials,
    chosen: Mapping[BudgetTarget, int],
) -> Score:
    """Play one variant under a few of the judging members, by their places among these."""
    scenario = judges.scenario.with_settings(dict(variant.settings))
    places, nothing = judges.drawn.chosen, dict.fromkeys(variant.ineffective, 0.0)
    effect = judges.effectiveness if variant.doubt else [{}] * len(places)
    stage = replace(
        judges,
        scenario=scenario,
        drawn=draw_members([places[k] for k in few], scenario),
        effectiveness=[{**effect[k], **nothing} for k in few],
    )
    scored = score(stage, f"variant_{name}", instruments, searched, chosen)
    if not variant.us_alone_policies:
        return scored
    lonely = scenario.with_settings(
        {"policies": (*scenario.policies, *_full_dose_policies(variant.us_alone_policies))}
    )
    apart = replace(stage, scenario=lonely)
    own = {t: k for t, k in chosen.items() if t.side == "us_only"}
    alone = score(apart, f"variant_{name}_alone", instruments, searched, own)
    return replace(scored, alone=_align(scored, alone))


def _align(whole: Score, alone: Score) -> Trials:
    """Trials of the United States alone, in the places that its portfolios have in the score."""
    levels = np.full_like(whole.trials.levels, np.nan)
    for target, place in alone.menu.items():
        levels[whole.menu[target]] = alone.trials.levels[place]
    return replace(alone.trials, levels=levels, portfolios=whole.trials.portfolios)


def _full_dose_policies(names: tuple[str, ...]) -> tuple[PolicySpec, ...]:
    """Policies at their full dose for the whole run."""
    from abm.scenario.policy_specs import PolicySpec

    return tuple(PolicySpec(id=name) for name in names)


def count_runs(size: AnswerSize) -> int:
    """Runs of an answer at most: what the search finds twice is played once."""
    aims, instruments = search_targets(size), buyable()
    looked = len(first_portfolios(instruments, aims, size.effort)) + size.effort.rounds * len(aims)
    judged = len(aims) + len(size.budgets)
    one = 2 * (2 + 1 + 1)  # outcomes times (twice the U.S. alone, cooperation, both)
    variants = size.variant_members * (len(VARIANTS) * (one + 1) + 5)
    return looked * size.search_members + (judged + 1) * size.members + variants
