"""Stages of an answer; each stores its runs in sweeps that can be resumed.

1. ``search``: search for portfolios, on members that are not used for the score.
2. ``score``: run the selected portfolios under the members of the score, with other seeds.
3. ``variant_...``: run the same portfolios at one budget in structurally different models.
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
    """Results of all stages."""

    size: AnswerSize
    scenario: Scenario
    instruments: Instruments
    searched: Trials
    chosen: Mapping[BudgetTarget, int]
    score: Score
    variants: Mapping[str, Score]
    member_indices: tuple[int, ...]
    numbers: tuple[Mapping[str, float], ...]

    def __repr__(self) -> str:
        """Return the score and the number of variants."""
        return f"<AskRuns: {self.score!r}, {len(self.variants)} variants>"


def budgets_of(size: AnswerSize) -> dict[str, list[float]]:
    """Return budgets by side; the United States alone also has ``TIMES`` times each budget."""
    own = list(size.budgets)
    more = [TIMES * budget for budget in own]
    return {"us_only": sorted({*own, *more}), "cooperative": own, "mixed": own}


def search_targets(size: AnswerSize) -> list[BudgetTarget]:
    """Return all targets of an answer."""
    return targets(budgets_of(size), size.accounts)


def run_stages(size: AnswerSize, scenario: Scenario, evaluator: Evaluator) -> AskRuns:
    """Run all stages; stored runs are used again.

    Args:
        size: sizes.
        scenario: the scenario, as long as the longest horizon.
        evaluator: folder and execution; its members are replaced by those of each stage.

    Returns:
        The results.
    """
    instruments, aims = buyable(), search_targets(size)
    judging, searching = split_members(size.members, size.search_members)
    searcher = replace(
        evaluator,
        scenario=scenario,
        drawn=draw_members(searching, scenario),
        folder=evaluator.folder / "search",
        seed=size.seed + SEARCH_SEED_OFFSET,
    )
    searched = search(searcher, instruments, aims, size.effort)
    chosen = choose_best(searched, instruments, aims)
    effect = draw_factors(instruments.ids, len(judging), size.doubt, size.seed)
    scorer = replace(
        evaluator,
        scenario=scenario,
        drawn=draw_members(judging, scenario),
        seed=size.seed,
        effectiveness=effect,
    )
    scored = score(scorer, "score", instruments, searched, chosen, _all_arms(instruments, size))
    variants = {}
    if size.variant_members:
        members = variant_members(size)
        for name, variant in VARIANTS.items():
            variants[name] = _run_variant(
                scorer,
                name,
                variant,
                members,
                instruments,
                searched,
                _at_budget(chosen, size.variant_budget),
            )
    numbers = tuple(
        dict(own) | {PREFIX + name: factor for name, factor in bought.items()}
        for own, bought in zip(scorer.drawn.numbers, effect, strict=True)
    )
    return AskRuns(
        size, scenario, instruments, searched, chosen, scored, variants, judging, numbers
    )


def variant_members(size: AnswerSize) -> list[int]:
    """Return the indices, among the draws of the score, of those that run the variants."""
    n = min(size.variant_members, size.members)
    return [int((i + 0.5) * size.members / n) for i in range(n)]


def _all_arms(instruments: Instruments, size: AnswerSize) -> dict[tuple[str, float], np.ndarray]:
    """Return portfolios of all instruments together, at every budget of cooperation."""
    return {
        ("mixed", budget): instruments.rounded(
            initial_portfolios.proportional(instruments, "mixed", budget)
        )
        for budget in size.budgets
    }


def _at_budget(chosen: Mapping[BudgetTarget, int], budget: float) -> dict[BudgetTarget, int]:
    """Return the targets of one budget, and of the United States alone with ``TIMES`` times it."""
    return {
        t: k
        for t, k in chosen.items()
        if t.account == "joint"
        and (t.budget == budget or (t.side == "us_only" and t.budget == TIMES * budget))
    }


def _run_variant(
    scorer: Evaluator,
    name: str,
    variant: Variant,
    members: Sequence[int],
    instruments: Instruments,
    searched: Trials,
    chosen: Mapping[BudgetTarget, int],
) -> Score:
    """Run one variant under some of the members of the score."""
    scenario = scorer.scenario.with_settings(dict(variant.settings))
    places, ineffective = scorer.drawn.chosen, dict.fromkeys(variant.ineffective, 0.0)
    effect = scorer.effectiveness if variant.doubt else [{}] * len(places)
    stage = replace(
        scorer,
        scenario=scenario,
        drawn=draw_members([places[k] for k in members], scenario),
        effectiveness=[{**effect[k], **ineffective} for k in members],
    )
    scored = score(stage, f"variant_{name}", instruments, searched, chosen)
    if not variant.us_alone_policies:
        return scored
    us_alone = scenario.with_settings(
        {"policies": (*scenario.policies, *_full_dose_policies(variant.us_alone_policies))}
    )
    us_evaluator = replace(stage, scenario=us_alone)
    own = {t: k for t, k in chosen.items() if t.side == "us_only"}
    alone = score(us_evaluator, f"variant_{name}_alone", instruments, searched, own)
    return replace(scored, alone=_align(scored, alone))


def _align(whole: Score, alone: Score) -> Trials:
    """Return trials of the United States alone at the indices of its portfolios in the score."""
    levels = np.full_like(whole.trials.levels, np.nan)
    for target, place in alone.menu.items():
        levels[whole.menu[target]] = alone.trials.levels[place]
    return replace(alone.trials, levels=levels, portfolios=whole.trials.portfolios)


def _full_dose_policies(names: tuple[str, ...]) -> tuple[PolicySpec, ...]:
    """Return policies at their full dose for the whole run."""
    from abm.scenario.policy_specs import PolicySpec

    return tuple(PolicySpec(id=name) for name in names)


def count_runs(size: AnswerSize) -> int:
    """Return the largest possible number of runs of an answer."""
    aims, instruments = search_targets(size), buyable()
    searched = len(first_portfolios(instruments, aims, size.effort)) + size.effort.rounds * len(
        aims
    )
    scored = len(aims) + len(size.budgets)
    per_variant = 2 * (2 + 1 + 1)  # outcomes times (twice the U.S. alone, cooperation, both)
    variants = size.variant_members * (len(VARIANTS) * (per_variant + 1) + 5)
    return searched * size.search_members + (scored + 1) * size.members + variants
