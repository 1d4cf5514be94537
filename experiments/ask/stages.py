"""Stages of an answer; each stores its runs in sweeps that can be resumed.

1. ``search``: search for portfolios, each under its own draw of member and factors of
   effectiveness, on members that are not used for the score.
2. ``score``: run the selected portfolios under the members of the score, with other seeds.
3. ``marginal``: run portfolios of the United States alone with additional dollars in Mexico or at
   the line.
4. ``variant_...``: search and score again at one budget in structurally different models.

Stages 1 to 3 are repeated in every regime; later regimes have a separate folder and fewer
budgets (``AnswerSize.at``). One portfolio for each side and budget is chosen for both kinds of
entries, and budgets in U.S. dollars choose among the same portfolios.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import partial
from typing import TYPE_CHECKING, Any

import numpy as np

from experiments.ask.effectiveness import PREFIX, doubt_of, draw_factors
from experiments.ask.regimes import REGIMES, Regime, regime_scenario
from experiments.ask.sizes import AnswerSize
from experiments.ask.variants import VARIANTS, Variant
from experiments.ask.verdict import TIMES
from experiments.calibration import ensemble
from experiments.calibration.members import EnsembleSample, draw_members
from experiments.calibration.supply_draws import member_supply
from experiments.optimise import initial_portfolios
from experiments.optimise.doubtful_runs import DoubtfulEvaluator
from experiments.optimise.horizons import BOTH, ENTRIES, HORIZONS, days_in_years
from experiments.optimise.score import SEARCH_SEED_OFFSET, Score, score, split_members
from experiments.optimise.search import (
    BudgetTarget,
    SearchEffort,
    candidates,
    choose_best,
    choose_confirmed,
    count_proposals,
    first_portfolios,
    fit_surrogates,
    marginal_portfolios,
    search,
    targets,
)
from experiments.optimise.sides import Instruments, buyable, largest_budget
from experiments.optimise.trials import Evaluator, Trials

if TYPE_CHECKING:
    from abm.scenario import Scenario
    from abm.scenario.policy_specs import PolicySpec
    from experiments.optimise.surrogate import Predictor

_YEARS = max(HORIZONS)
#: Draws of effectiveness over which the predictions of the search are averaged.
_AVERAGED = 16


type Chosen = dict[BudgetTarget, int]


@dataclass(frozen=True, eq=False)
class RegimeRuns:
    """Search and score of one regime.

    Attributes:
        scenario: the scenario with the people of the regime.
        searched: portfolios of the search.
        chosen: index in ``searched`` of the portfolio of every account, measure, side and budget.
        score: these portfolios on the members of the score, with their marginal pairs.
    """

    scenario: Scenario
    searched: Trials
    chosen: Mapping[BudgetTarget, int]
    score: Score


@dataclass(frozen=True, eq=False)
class AskRuns:
    """Results of all stages.

    ``scenario``, ``searched``, ``chosen`` and ``score`` are those of the first regime.
    """

    size: AnswerSize
    scenario: Scenario
    instruments: Instruments
    searched: Trials
    chosen: Mapping[BudgetTarget, int]
    score: Score
    variants: Mapping[str, Score]
    member_indices: tuple[int, ...]
    numbers: tuple[Mapping[str, float], ...]
    regimes: Mapping[str, RegimeRuns] = field(default_factory=dict)

    def __repr__(self) -> str:
        """Return the score and the number of variants."""
        return f"<AskRuns: {self.score!r}, {len(self.variants)} variants>"


def budgets_of(size: AnswerSize) -> dict[str, list[float]]:
    """Return budgets by side.

    The United States alone also has further budgets (by default ``TIMES`` times each budget), and
    the dollars of all its instruments at their largest doses, which no portfolio exceeds.
    """
    own = list(size.budgets)
    more = size.us_budgets or tuple(TIMES * budget for budget in own)
    return {
        "us_only": sorted({*own, *more, largest_budget(buyable(), "us_only")}),
        "cooperative": own,
        "mixed": own,
    }


def search_targets(size: AnswerSize) -> list[BudgetTarget]:
    """Return the targets of a search: joint dollars, and both kinds of entries together."""
    return targets(budgets_of(size), outcomes=(BOTH,))


def answered_targets(
    size: AnswerSize,
    searched: Trials,
    chosen: Mapping[BudgetTarget, int],
    surrogates: Mapping[str, Predictor],
) -> dict[BudgetTarget, int]:
    """Return the portfolio of every account and kind of entry, among those that a search chose.

    A budget in U.S. dollars uses the chosen portfolio of its side with the best prediction that is
    within the budget on this account. No portfolio is searched for on that account, which can only
    understate what cooperation reaches.

    Args:
        size: budgets and accounts.
        searched: portfolios of the search.
        chosen: index in `searched` by target of the search.
        surrogates: predictions by outcome.

    Returns:
        Index in `searched` by account, kind of entry, side and budget.
    """
    instruments, found = buyable(), {}
    for target, place in chosen.items():
        own = sorted({k for t, k in chosen.items() if t.side == target.side})
        value = surrogates[BOTH].predict_mean(searched.portfolios[own])
        for account in size.accounts:
            charge = instruments.charge(searched.portfolios[own], account)
            within = np.where(charge <= target.budget * (1.0 + 1e-9), value, np.inf)
            best = place if account == "joint" else own[int(np.argmin(within))]
            for measure in ENTRIES:
                found[replace(target, account=account, outcome=measure)] = best
    return found


def shortened(scenario: Scenario, years: int) -> Scenario:
    """Return a scenario over a number of years."""
    return scenario.with_settings({"days": days_in_years(scenario.start, years)})


def run_stages(size: AnswerSize, scenario: Scenario, evaluator: Evaluator) -> AskRuns:
    """Run all stages; stored runs are used again.

    Args:
        size: sizes.
        scenario: the scenario, as long as the longest horizon.
        evaluator: folder and execution; its members are replaced by those of each stage.

    Returns:
        The results.
    """
    instruments = buyable()
    judging, _ = split_members(size.members, size.search_members)
    effect = draw_factors(instruments.ids, len(judging), size.doubt, size.seed)
    judge = replace(evaluator, seed=size.seed, effectiveness=effect)
    regimes = {
        name: _run_regime(size.at(number), REGIMES[name], scenario, _in_folder(judge, number, name))
        for number, name in enumerate(size.regimes)
    }
    first = regimes[size.regimes[0]]
    drawn = draw_members(judging, first.scenario)
    variants = {}
    if size.variant_members:
        short = shortened(first.scenario, size.variant_years)
        scorer, own = replace(judge, scenario=short, drawn=drawn), size.of_variants
        variants = {name: _run_variant(own, scorer, name, VARIANTS[name]) for name in VARIANTS}
    numbers = tuple(
        dict(own) | {PREFIX + name: factor for name, factor in bought.items()}
        for own, bought in zip(drawn.numbers, effect, strict=True)
    )
    return AskRuns(
        size,
        first.scenario,
        instruments,
        first.searched,
        first.chosen,
        first.score,
        variants,
        judging,
        numbers,
        regimes,
    )


def _in_folder(evaluator: Evaluator, number: int, regime: str) -> Evaluator:
    """Return an evaluator with the folder of a regime; the first one has the folder itself."""
    return replace(evaluator, folder=evaluator.folder / regime) if number else evaluator


def _run_regime(
    size: AnswerSize, regime: Regime, scenario: Scenario, judge: Evaluator
) -> RegimeRuns:
    """Search and score the portfolios of one regime."""
    instruments, aims = buyable(), search_targets(size)
    judging, _ = split_members(size.members, size.search_members)
    scenario = regime_scenario(scenario, regime)
    found = _search(size, replace(judge, scenario=scenario), aims, size.effort)
    searched, chosen, surrogates = found
    scorer = replace(judge, scenario=scenario, drawn=draw_members(judging, scenario))
    answered = answered_targets(size, searched, chosen, surrogates)
    whole = _all_arms(instruments, size) if size.all_arms else {}
    scored = score(scorer, "score", instruments, searched, answered, whole)
    if size.marginal_members:
        own = {t: k for t, k in chosen.items() if t.side == "us_only" and t.budget in size.budgets}
        rows = marginal_portfolios(searched, instruments, own, surrogates)
        rows = {
            (replace(target, account=account, outcome=measure), where): row
            for (target, where), row in rows.items()
            for account in size.accounts
            for measure in ENTRIES
        }
        scored = _run_marginal(size, scorer, instruments, rows, scored)
    return RegimeRuns(scenario, searched, answered, scored)


def _search(
    size: AnswerSize,
    judge: Evaluator,
    aims: Sequence[BudgetTarget],
    effort: SearchEffort,
    variant: Variant | None = None,
    name: str = "search",
) -> tuple[Trials, dict[BudgetTarget, int], dict[str, Predictor]]:
    """Search for portfolios on members and seeds that are not used for the score.

    Returns:
        The portfolios, the index of that of every target, and the last predictions.
    """
    instruments, variant = buyable(), variant or Variant("")
    _, searching = split_members(size.members, size.search_members)
    seed = size.seed + SEARCH_SEED_OFFSET
    largest = size.doubt if variant.doubt else 1.0
    doubt = doubt_of(instruments.ids, largest, variant.ineffective)
    short = shortened(judge.scenario, size.search_years)
    runs = replace(judge, folder=judge.folder / name, seed=seed, scenario=short)
    draw = partial(_members_of, variant)
    averaged = doubt.sample(_AVERAGED, seed)
    searcher = DoubtfulEvaluator(runs, searching, doubt, seed, draw)
    searched = search(searcher, instruments, aims, effort, averaged)
    surrogates = fit_surrogates(searched, instruments, aims, averaged)
    if not effort.confirmed:
        return searched, choose_best(searched, instruments, aims, surrogates), surrogates
    own = candidates(searched, instruments, aims, surrogates, effort.confirmed)
    places = sorted({place for found in own.values() for place in found})
    members = searching[: size.confirmed_draws]  # each member once: results are stored by member
    factors = doubt.sample(len(members), seed + 1)
    common = replace(
        runs,
        drawn=draw(members, runs.scenario),
        seed=seed + 1,
        effectiveness=[dict(zip(instruments.ids, row, strict=True)) for row in factors.tolist()],
    )
    confirmed = common.run("confirmed", instruments, searched.portfolios[places])
    return searched, choose_confirmed(own, places, confirmed), surrogates


def _members_of(variant: Variant, indices: Sequence[int], scenario: Scenario) -> EnsembleSample:
    """Return members of the ensemble in a variant."""
    drawn = draw_members(indices, scenario)
    if variant.copied:
        tree = scenario.to_mapping()
        copies = [
            {path: one.get(source, _value(tree, source)) for path, source in variant.copied.items()}
            for one in drawn.settings
        ]
        pairs = zip(drawn.settings, copies, strict=True)
        return replace(drawn, settings=tuple({**own, **copy} for own, copy in pairs))
    if not variant.drawn_supply:
        return drawn
    members = [ensemble.read().members[k] for k in drawn.chosen]
    settings = zip(drawn.settings, map(member_supply, members), strict=True)
    return replace(drawn, settings=tuple({**own, **supply} for own, supply in settings))


def _value(tree: Mapping[str, Any], path: str) -> Any:
    """Return the value of a dotted path in nested mappings."""
    for name in path.split("."):
        tree = tree[name]
    return tree


def _run_marginal(
    size: AnswerSize,
    scorer: Evaluator,
    instruments: Instruments,
    rows: Mapping[tuple[BudgetTarget, str], np.ndarray],
    scored: Score,
) -> Score:
    """Run the marginal pairs on some draws of the score, and add them to the score."""
    distinct = np.unique(np.array(list(rows.values())), axis=0)
    draws = _spread(size.marginal_members, size.members)
    stage = _some_draws(scorer, draws, scorer.scenario)
    added = stage.run("marginal", instruments, distinct)
    places = {
        key: int(np.flatnonzero((distinct == row).all(axis=1))[0]) for key, row in rows.items()
    }
    return replace(scored, additions=places, added=added, added_draws=tuple(draws))


def _some_draws(scorer: Evaluator, draws: Sequence[int], scenario: Scenario) -> Evaluator:
    """Return the evaluator of some draws of the score, in a scenario."""
    places = scorer.drawn.chosen
    return replace(
        scorer,
        scenario=scenario,
        drawn=draw_members([places[k] for k in draws], scenario),
        effectiveness=[scorer.effectiveness[k] for k in draws],
    )


def variant_members(size: AnswerSize) -> list[int]:
    """Return the indices, among the draws of the score, of those that run the variants."""
    return _spread(size.variant_members, size.members)


def _spread(wanted: int, members: int) -> list[int]:
    """Return at most `wanted` indices, spread over all draws."""
    n = min(wanted, members)
    return [int((i + 0.5) * members / n) for i in range(n)]


def _all_arms(instruments: Instruments, size: AnswerSize) -> dict[tuple[str, float], np.ndarray]:
    """Return portfolios of all instruments together, at every budget of cooperation."""
    return {
        ("mixed", budget): instruments.rounded(
            initial_portfolios.proportional(instruments, "mixed", budget)
        )
        for budget in size.budgets
    }


def _run_variant(size: AnswerSize, scorer: Evaluator, name: str, variant: Variant) -> Score:
    """Search in one variant, and score under some of the members of the score."""
    scenario = scorer.scenario.with_settings(dict(variant.settings))
    instruments, members = buyable(), variant_members(size)
    places, ineffective = scorer.drawn.chosen, dict.fromkeys(variant.ineffective, 0.0)
    effect = scorer.effectiveness if variant.doubt else [{}] * len(places)
    stage = replace(
        scorer,
        scenario=scenario,
        drawn=_members_of(variant, [places[k] for k in members], scenario),
        effectiveness=[{**effect[k], **ineffective} for k in members],
    )
    label, aims = f"variant_{name}", search_targets(size)
    size = replace(size, accounts=("joint",))

    def found(at: Evaluator, own: Sequence[BudgetTarget], name: str) -> tuple[Trials, Chosen]:
        """Search for some targets."""
        searched, chosen, models = _search(size, at, own, size.effort, variant, name)
        return searched, answered_targets(size, searched, chosen, models)

    if not variant.us_alone_policies:
        return score(stage, label, instruments, *found(stage, aims, f"{label}_search"))
    us_alone = scenario.with_settings(
        {"policies": (*scenario.policies, *_full_dose_policies(variant.us_alone_policies))}
    )
    us_stage = replace(stage, scenario=us_alone)
    ours, theirs = ([t for t in aims if (t.side == "us_only") == alone] for alone in (False, True))
    both, chosen = found(stage, ours, f"{label}_search")
    us, us_chosen = found(us_stage, theirs, f"{label}_alone_search")
    every = replace(both, portfolios=np.vstack([both.portfolios, us.portfolios]))
    chosen |= {target: len(both) + place for target, place in us_chosen.items()}
    scored = score(stage, label, instruments, every, chosen)
    alone = score(us_stage, f"{label}_alone", instruments, us, us_chosen)
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


def count_runs(size: AnswerSize) -> dict[int, int]:
    """Return the largest possible number of runs of an answer, by years of a run."""
    runs = dict.fromkeys(sorted({size.search_years, size.variant_years, _YEARS}), 0)
    for number, _ in enumerate(size.regimes):
        own = size.at(number)
        runs[size.search_years] += _count_search(own)
        scored = len(search_targets(own)) + (len(own.budgets) if own.all_arms else 0)
        runs[_YEARS] += (scored + 1) * size.members
        runs[_YEARS] += (2 * len(own.budgets) + 1) * size.marginal_members
    if size.variant_members:
        own = size.of_variants
        aims = search_targets(own)
        split = [[t for t in aims if (t.side == "us_only") == alone] for alone in (False, True)]
        for variant in VARIANTS.values():
            stages = split if variant.us_alone_policies else [aims]
            runs[size.search_years] += sum(_count_search(own, part) for part in stages)
            scored = [aims, *stages[1:]]
            runs[size.variant_years] += sum(len(part) + 1 for part in scored) * own.variant_members
    return {years: n for years, n in runs.items() if n}


def count_warmups(size: AnswerSize) -> int:
    """Return the largest number of warm-ups: one for each draw of a stage, shared by its runs."""
    search = size.search_members + min(size.confirmed_draws, size.search_members)
    regimes = len(size.regimes) * (size.members + size.marginal_members + search)
    alone = sum(bool(variant.us_alone_policies) for variant in VARIANTS.values())
    variants = (len(VARIANTS) + alone) * (size.variant_members + search)
    return regimes + (variants if size.variant_members else 0)


def _count_search(size: AnswerSize, aims: Sequence[BudgetTarget] = ()) -> int:
    """Return the largest possible number of runs of a search for some or all targets."""
    instruments, effort = buyable(), size.effort
    aims = aims or search_targets(size)
    searched = len(first_portfolios(instruments, aims, effort))
    searched += effort.rounds * count_proposals(instruments, aims, effort)
    searched += (effort.rounds + 1) * size.search_members  # the status quo
    if effort.confirmed:
        draws = min(size.confirmed_draws, size.search_members)
        searched += (effort.confirmed * len(aims) + 1) * draws
    return searched


def typical_portfolio(size: AnswerSize) -> tuple[PolicySpec, ...]:
    """Return the policies of a random portfolio of the search, for an estimate of the time."""
    instruments, budget = buyable(), size.variant_budget
    rows = initial_portfolios.random_portfolios(
        instruments, ["mixed"], 1, budget, 2.0 * budget, size.seed
    )
    return instruments.policy_specs(rows[0])
