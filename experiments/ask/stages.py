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

from experiments.ask.effectiveness import PREFIX, draws
from experiments.ask.sizes import Size
from experiments.ask.variants import VARIANTS, Variant
from experiments.ask.verdict import TIMES
from experiments.calibration.members import draw
from experiments.optimise import initial_portfolios
from experiments.optimise.score import FRESH, Score, places, score
from experiments.optimise.search import Target, choose, first_portfolios, search, targets
from experiments.optimise.sides import Instruments, buyable
from experiments.optimise.trials import Evaluator, Trials

if TYPE_CHECKING:
    from abm.scenario import Scenario
    from abm.scenario.policy_specs import PolicySpec


@dataclass(frozen=True, eq=False)
class Played:
    """Everything that was played for an answer."""

    size: Size
    scenario: Scenario
    instruments: Instruments
    searched: Trials
    chosen: Mapping[Target, int]
    score: Score
    variants: Mapping[str, Score]
    places: tuple[int, ...]
    numbers: tuple[Mapping[str, float], ...]


def budgets_of(size: Size) -> dict[str, list[float]]:
    """Budgets by side: the United States alone also gets four times as much."""
    own = list(size.budgets)
    more = [TIMES * budget for budget in own]
    return {"us_only": sorted({*own, *more}), "cooperative": own, "mixed": own}


def wanted(size: Size) -> list[Target]:
    """All targets of an answer."""
    return targets(budgets_of(size), size.accounts)


def play(size: Size, scenario: Scenario, evaluator: Evaluator) -> Played:
    """Play all stages, whatever of them is there already.

    `evaluator` says where and how; its members are replaced by those of each stage.
    """
    instruments, aims = buyable(), wanted(size)
    judging, searching = places(size.members, size.search_members)
    scout = replace(
        evaluator,
        scenario=scenario,
        drawn=draw(searching, scenario),
        folder=evaluator.folder / "search",
        seed=size.seed + FRESH,
    )
    searched = search(scout, instruments, aims, size.effort)
    chosen = choose(searched, instruments, aims)
    effect = draws(instruments.ids, len(judging), size.doubt, size.seed)
    judges = replace(
        evaluator,
        scenario=scenario,
        drawn=draw(judging, scenario),
        seed=size.seed,
        effectiveness=effect,
    )
    scored = score(judges, "score", instruments, searched, chosen, _whole(instruments, size))
    variants = {}
    if size.variant_members:
        few = few_of(size)
        for name, variant in VARIANTS.items():
            variants[name] = _variant(
                judges, name, variant, few, instruments, searched, _at(chosen, size.variant_budget)
            )
    numbers = tuple(
        dict(own) | {PREFIX + name: factor for name, factor in bought.items()}
        for own, bought in zip(judges.drawn.numbers, effect, strict=True)
    )
    return Played(size, scenario, instruments, searched, chosen, scored, variants, judging, numbers)


def few_of(size: Size) -> list[int]:
    """Places, among the judging members, of those that play the variants: evenly spread."""
    n = min(size.variant_members, size.members)
    return [int((i + 0.5) * size.members / n) for i in range(n)]


def _whole(instruments: Instruments, size: Size) -> dict[tuple[str, float], np.ndarray]:
    """All arms together, at every budget of cooperation."""
    return {
        ("mixed", budget): instruments.tidy(
            initial_portfolios.proportional(instruments, "mixed", budget)
        )
        for budget in size.budgets
    }


def _at(chosen: Mapping[Target, int], budget: float) -> dict[Target, int]:
    """The targets of one budget, and what the United States alone has for four times as much."""
    return {
        t: k
        for t, k in chosen.items()
        if t.account == "joint"
        and (t.budget == budget or (t.side == "us_only" and t.budget == TIMES * budget))
    }


def _variant(
    judges: Evaluator,
    name: str,
    variant: Variant,
    few: Sequence[int],
    instruments: Instruments,
    searched: Trials,
    chosen: Mapping[Target, int],
) -> Score:
    """Play one variant under a few of the judging members, by their places among these."""
    scenario = judges.scenario.with_settings(dict(variant.settings))
    places, nothing = judges.drawn.chosen, dict.fromkeys(variant.worthless, 0.0)
    effect = judges.effectiveness if variant.doubt else [{}] * len(places)
    stage = replace(
        judges,
        scenario=scenario,
        drawn=draw([places[k] for k in few], scenario),
        effectiveness=[{**effect[k], **nothing} for k in few],
    )
    scored = score(stage, f"variant_{name}", instruments, searched, chosen)
    if not variant.alone:
        return scored
    lonely = scenario.with_settings({"policies": (*scenario.policies, *_uses(variant.alone))})
    apart = replace(stage, scenario=lonely)
    own = {t: k for t, k in chosen.items() if t.side == "us_only"}
    alone = score(apart, f"variant_{name}_alone", instruments, searched, own)
    return replace(scored, alone=_aligned(scored, alone))


def _aligned(whole: Score, alone: Score) -> Trials:
    """Trials of the United States alone, in the places that its portfolios have in the score."""
    levels = np.full_like(whole.trials.levels, np.nan)
    for target, place in alone.menu.items():
        levels[whole.menu[target]] = alone.trials.levels[place]
    return replace(alone.trials, levels=levels, portfolios=whole.trials.portfolios)


def _uses(names: tuple[str, ...]) -> tuple[PolicySpec, ...]:
    """Policies at their full dose for the whole run."""
    from abm.scenario.policy_specs import PolicySpec

    return tuple(PolicySpec(id=name) for name in names)


def count(size: Size) -> int:
    """Runs of an answer at most: what the search finds twice is played once."""
    aims, instruments = wanted(size), buyable()
    looked = len(first_portfolios(instruments, aims, size.effort)) + size.effort.rounds * len(aims)
    judged = len(aims) + len(size.budgets)
    one = 2 * (2 + 1 + 1)  # outcomes times (twice the U.S. alone, cooperation, both)
    variants = size.variant_members * (len(VARIANTS) * (one + 1) + 5)
    return looked * size.search_members + (judged + 1) * size.members + variants
