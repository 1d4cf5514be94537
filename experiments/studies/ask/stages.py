"""Stages of an answer; each stores its runs in sweeps that can be resumed.

1. ``search``: search for portfolios, each under its own draw of member and factors of
   effectiveness, on members that are not used for the score.
2. ``score``: run the selected portfolios under the members of the score, with other seeds.
3. ``marginal``: run the best portfolios of the United States alone and of cooperation alone with
   additional dollars on instruments that need Mexico or on others.
4. ``variant_...``: search and score again at one budget in structurally different models, and in
   the unchanged model for comparison.

Stages 1 to 3 are repeated in every regime; later regimes have a separate folder, fewer budgets and
shorter runs (``AnswerSize.at``). One portfolio for each side and budget is chosen for both kinds of
entries, and budgets on other accounts than joint dollars choose among the same portfolios. A
portfolio is within a budget if its *planned* dollars are; it may spend less.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

import numpy as np

from abm.measures import ENTRIES
from experiments.calibration import ensemble
from experiments.calibration.members import EnsembleSample, draw_members
from experiments.calibration.supply_draws import member_supply
from experiments.studies.ask.contested import DECLARED, Position, draw_positions, with_positions
from experiments.studies.ask.effectiveness import PREFIX, distinct, doubt_of, draw_factors
from experiments.studies.ask.regimes import REGIMES, Regime, regime_scenario
from experiments.studies.ask.sizes import AnswerSize
from experiments.studies.ask.variants import VARIANTS, Variant
from experiments.studies.ask.verdict import TIMES
from experiments.studies.optimise import initial_portfolios
from experiments.studies.optimise.doubtful_runs import DoubtfulEvaluator
from experiments.studies.optimise.horizons import BOTH, days_in_years
from experiments.studies.optimise.score import SEARCH_SEED_OFFSET, Score, score, split_members
from experiments.studies.optimise.search import (
    STARTS,
    BudgetTarget,
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
from experiments.studies.optimise.sides import Instruments, buyable, largest_budget
from experiments.studies.optimise.surrogate import Predictor
from experiments.studies.optimise.trials import Evaluator, Trials

if TYPE_CHECKING:
    from abm.scenario import Scenario
    from abm.scenario.policy_specs import PolicySpec

#: Draws of effectiveness over which the predictions of the search are averaged.
_AVERAGED = 16


#: Parts of the plan, in the order of their runs.
STAGES = ("first regime", "later regimes", "variants")

type Chosen = dict[BudgetTarget, int]
#: Portfolios of a search, the index of that of every target, and the last predictions.
type Found = tuple[Trials, Chosen, dict[str, Predictor]]


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

    A budget on another account than joint dollars uses the chosen portfolio of its side with the
    best prediction that is within the budget on this account. The search does not use this
    account, which can only understate the reach of a side.

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
    variants = {}
    if size.variant_members:
        short, own = shortened(first.scenario, size.variant_years), size.of_variants
        scorer = replace(judge, scenario=short)
        variants = {name: _run_variant(own, scorer, name) for name in size.variants}
    drawn = _draws_of_score(size, first.scenario)
    numbers = tuple(
        dict(own) | {PREFIX + name: factor for name, factor in distinct(bought).items()}
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
    folder = evaluator.folder / regime if number else evaluator.folder
    return replace(evaluator, folder=folder, label=f"{regime} ")


def _run_regime(
    size: AnswerSize, regime: Regime, scenario: Scenario, judge: Evaluator
) -> RegimeRuns:
    """Search and score the portfolios of one regime."""
    instruments, aims = buyable(), search_targets(size)
    scenario = shortened(regime_scenario(scenario, regime), size.score_years)
    found = _search(size, replace(judge, scenario=scenario), aims)
    searched, chosen, surrogates = found
    scorer = replace(judge, scenario=scenario, drawn=_draws_of_score(size, scenario))
    answered = answered_targets(size, searched, chosen, surrogates)
    whole = _all_arms(instruments, size) if size.all_arms else {}
    scored = score(scorer, "score", instruments, searched, answered, whole)
    if size.marginal_members:
        draws = _spread(size.marginal_members, size.members)
        some = replace(
            scorer,
            scenario=shortened(scenario, size.marginal_years),
            drawn=scorer.drawn.subset(draws),
            effectiveness=[scorer.effectiveness[k] for k in draws],
        )
        scored = _run_marginal(size, some, "marginal", found, scored, draws)
    return RegimeRuns(scenario, searched, answered, scored)


def _draws_of_score(
    size: AnswerSize, scenario: Scenario, variant: Variant | None = None
) -> EnsembleSample:
    """Return the members of the score, each with its contested numbers."""
    judging, _ = split_members(size.members, size.search_members)
    return _members_of(variant or Variant(""), judging, scenario, size.seed)


def _search(
    size: AnswerSize,
    judge: Evaluator,
    aims: Sequence[BudgetTarget],
    variant: Variant | None = None,
    name: str = "search",
) -> Found:
    """Search for portfolios on members and seeds that are not used for the score.

    Returns:
        The portfolios, the index of that of every target, and the last predictions.
    """
    instruments, variant = buyable(), variant or Variant("")
    effort = replace(size.effort, most_random=TIMES * max(size.budgets))
    _, searching = split_members(size.members, size.search_members)
    seed = size.seed + SEARCH_SEED_OFFSET
    largest = size.doubt if variant.doubt else 1.0
    doubt = doubt_of(instruments.ids, largest, variant.ineffective)
    short = shortened(judge.scenario, size.search_years)
    drawn = _members_of(variant, searching, short, seed)
    label = f"{judge.label}{name} "
    runs = replace(judge, folder=judge.folder / name, label=label, drawn=drawn)
    runs = replace(runs, seed=seed, scenario=short)
    averaged = doubt.sample(_AVERAGED, seed)
    searcher = DoubtfulEvaluator(runs, doubt, seed, _member_alone(variant, searching, short))
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
        drawn=_members_of(variant, members, short, seed + 1),
        seed=seed + 1,
        effectiveness=[dict(zip(instruments.ids, row, strict=True)) for row in factors.tolist()],
    )
    confirmed = common.run("confirmed", instruments, searched.portfolios[places])
    return searched, choose_confirmed(own, places, confirmed), surrogates


def _members_of(
    variant: Variant, indices: Sequence[int], scenario: Scenario, seed: int
) -> EnsembleSample:
    """Return members of the ensemble in a variant, each with its contested numbers."""
    drawn = draw_members(indices, scenario)
    if variant.drawn_supply:
        members = [ensemble.read().members[k] for k in drawn.chosen]
        pairs = zip(drawn.settings, map(member_supply, members), strict=True)
        drawn = replace(drawn, settings=tuple({**own, **supply} for own, supply in pairs))
    return with_positions(drawn, scenario, _positions_of(variant, len(drawn), seed))


def _member_alone(variant: Variant, searching: Sequence[int], scenario: Scenario) -> EnsembleSample:
    """Return the member of all portfolios of one instrument: declared limits and returns."""
    declared = replace(variant, contested=variant.contested or DECLARED)
    return _members_of(declared, searching[:1], scenario, seed=0)


def _positions_of(variant: Variant, n: int, seed: int) -> list[Position]:
    """Return the contested numbers of every draw in a variant."""
    return [variant.contested] * n if variant.contested else draw_positions(n, seed)


def _run_marginal(
    size: AnswerSize,
    stage: Evaluator,
    name: str,
    found: Found,
    scored: Score,
    draws: Sequence[int],
) -> Score:
    """Run the marginal pairs on some draws of a score, and add them to the score.

    All accounts and both kinds of entries share the pairs of joint dollars.
    """
    searched, chosen, surrogates = found
    own = {t: k for t, k in chosen.items() if t.side in STARTS and t.budget in size.budgets}
    rows = marginal_portfolios(searched, buyable(), own, surrogates)
    distinct = np.unique(np.array(list(rows.values())), axis=0)
    added = stage.run(name, buyable(), distinct)
    places = {
        (replace(target, account=account, outcome=measure), where): int(
            np.flatnonzero((distinct == row).all(axis=1))[0]
        )
        for (target, where), row in rows.items()
        for account in size.accounts
        for measure in ENTRIES
    }
    return replace(scored, additions=places, added=added, added_draws=tuple(draws))


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


def _run_variant(size: AnswerSize, scorer: Evaluator, name: str) -> Score:
    """Search in one variant, and score under some of the draws of the score."""
    variant, draws = VARIANTS[name], variant_members(size)
    scenario = scorer.scenario.with_settings(dict(variant.settings))
    stage = _stage_of_variant(size, replace(scorer, scenario=scenario), variant, draws)
    size, label = replace(size, accounts=("joint",)), f"variant_{name}"
    if variant.us_alone_policies:
        return _run_with_us_alone(size, stage, variant, label)
    found = _search(size, stage, search_targets(size), variant, f"{label}_search")
    searched, chosen, models = found
    answered = answered_targets(size, searched, chosen, models)
    scored = score(stage, label, buyable(), searched, answered)
    if not variant.marginal:
        return scored
    every = range(len(draws))
    return _run_marginal(size, stage, f"{label}_marginal", found, scored, every)


def _stage_of_variant(
    size: AnswerSize, scorer: Evaluator, variant: Variant, draws: Sequence[int]
) -> Evaluator:
    """Return the evaluator of some draws of the score in a variant."""
    ineffective = dict.fromkeys(variant.ineffective, 0.0)
    effect = scorer.effectiveness if variant.doubt else [{}] * size.members
    return replace(
        scorer,
        drawn=_draws_of_score(size, scorer.scenario, variant).subset(draws),
        effectiveness=[{**effect[k], **ineffective} for k in draws],
    )


def _run_with_us_alone(size: AnswerSize, stage: Evaluator, variant: Variant, label: str) -> Score:
    """Search and score if the United States alone has further policies in force."""
    instruments, aims = buyable(), search_targets(size)
    scenario = stage.scenario
    us_alone = scenario.with_settings(
        {"policies": (*scenario.policies, *_full_dose_policies(variant.us_alone_policies))}
    )
    us_stage = replace(stage, scenario=us_alone)

    def found(at: Evaluator, own: Sequence[BudgetTarget], name: str) -> tuple[Trials, Chosen]:
        """Search for some targets."""
        searched, chosen, models = _search(size, at, own, variant, name)
        return searched, answered_targets(size, searched, chosen, models)

    ours, theirs = _by_us_alone(aims)
    both, chosen = found(stage, ours, f"{label}_search")
    us, us_chosen = found(us_stage, theirs, f"{label}_alone_search")
    every = replace(both, portfolios=np.vstack([both.portfolios, us.portfolios]))
    chosen |= {target: len(both) + place for target, place in us_chosen.items()}
    scored = score(stage, label, instruments, every, chosen)
    alone = score(us_stage, f"{label}_alone", instruments, us, us_chosen)
    return replace(scored, alone=_align(scored, alone))


def _by_us_alone(aims: Sequence[BudgetTarget]) -> tuple[list[BudgetTarget], list[BudgetTarget]]:
    """Return the targets of cooperation, and those of the United States alone."""
    ours = [t for t in aims if t.side != "us_only"]
    return ours, [t for t in aims if t.side == "us_only"]


def _align(whole: Score, alone: Score) -> Trials:
    """Return trials of the United States alone at the indices of its portfolios in the score."""
    levels = np.full_like(whole.trials.levels, np.nan)
    spent = None if whole.trials.spent is None else np.full_like(whole.trials.spent, np.nan)
    for target, place in alone.menu.items():
        levels[whole.menu[target]] = alone.trials.levels[place]
        if spent is not None and alone.trials.spent is not None:
            spent[whole.menu[target]] = alone.trials.spent[place]
    return replace(alone.trials, levels=levels, spent=spent, portfolios=whole.trials.portfolios)


def _full_dose_policies(names: tuple[str, ...]) -> tuple[PolicySpec, ...]:
    """Return policies at their full dose for the whole run."""
    from abm.scenario.policy_specs import PolicySpec

    return tuple(PolicySpec(id=name) for name in names)


@dataclass(frozen=True)
class RunCount:
    """Largest possible number of runs of an answer.

    Attributes:
        portfolios: runs of portfolios by years of a run.
        status_quo: runs of the status quo by years of a run.
        warmups: warm-ups, one for each draw of a stage, which its runs share.
    """

    portfolios: Mapping[int, int]
    status_quo: Mapping[int, int]
    warmups: int

    @property
    def by_years(self) -> dict[int, int]:
        """All runs by years of a run."""
        years = sorted({*self.portfolios, *self.status_quo})
        return {n: self.portfolios.get(n, 0) + self.status_quo.get(n, 0) for n in years}

    def seconds(self, portfolio: float, status_quo: float, warmup: float) -> float:
        """Return the processor time.

        Args:
            portfolio, status_quo: seconds of a simulated year.
            warmup: seconds of a warm-up.
        """
        years = sum(n * own for n, own in self.portfolios.items()) * portfolio
        years += sum(n * own for n, own in self.status_quo.items()) * status_quo
        return years + self.warmups * warmup


def count(size: AnswerSize, stages: Sequence[str] = STAGES) -> RunCount:
    """Count the runs of an answer as if no two of them were identical.

    Args:
        size: the size.
        stages: which of ``STAGES`` are counted.

    Returns:
        The largest possible numbers.
    """
    rows = [row for stage, *row in _planned(size) if stage in stages]
    portfolios, status_quo = Counter[int](), Counter[int]()
    for years, draws, n, _ in rows:
        portfolios[years] += n
        status_quo[years] += draws
    warmups = sum(new for *_, new in rows)
    return RunCount(_above_zero(portfolios), _above_zero(status_quo), warmups)


def count_runs(size: AnswerSize, stages: Sequence[str] = STAGES) -> dict[int, int]:
    """Return the largest possible number of runs of some stages, by years of a run."""
    return count(size, stages).by_years


def count_warmups(size: AnswerSize) -> int:
    """Return the largest number of warm-ups: one for each draw of a stage, shared by its runs."""
    return count(size).warmups


def _above_zero(numbers: Mapping[int, int]) -> dict[int, int]:
    """Return the entries above 0, by ascending key."""
    return {key: n for key, n in sorted(numbers.items()) if n}


def _planned(size: AnswerSize) -> Iterator[tuple[str, int, int, int, int]]:
    """Yield stage, years of a run, runs of the status quo, of portfolios, and warm-ups."""
    for number, _ in enumerate(size.regimes):
        own = size.at(number)
        stage = "later regimes" if number else "first regime"
        yield from _planned_search(own, stage, search_targets(own))
        yield from _planned_score(own, stage, own.members, own.score_years)
        if own.marginal_members:
            yield _planned_marginal(own, stage, own.marginal_members, own.marginal_years)
    for name in size.variants if size.variant_members else ():
        own, variant = size.of_variants, VARIANTS[name]
        parts = _by_us_alone(search_targets(own)) if variant.us_alone_policies else ()
        for part in parts or [search_targets(own)]:
            yield from _planned_search(own, "variants", part)
        yield from _planned_score(own, "variants", own.variant_members, own.variant_years)
        for part in parts[1:]:
            runs = len(part) * own.variant_members
            draws = own.variant_members
            yield "variants", own.variant_years, draws, runs, draws
        if variant.marginal:
            yield _planned_marginal(own, "variants", own.variant_members, own.variant_years)


def _planned_search(
    size: AnswerSize, stage: str, aims: Sequence[BudgetTarget]
) -> Iterator[tuple[str, int, int, int, int]]:
    """Yield the runs of a search for some targets."""
    instruments, effort = buyable(), size.effort
    members = size.search_members + 1  # the last one runs portfolios of one instrument
    runs = len(first_portfolios(instruments, aims, effort))
    runs += effort.rounds * count_proposals(instruments, aims, effort)
    yield stage, size.search_years, (effort.rounds + 1) * members, runs, members
    if effort.confirmed:
        draws = min(size.confirmed_draws, size.search_members)
        yield stage, size.search_years, draws, effort.confirmed * len(aims) * draws, draws


def _planned_score(
    size: AnswerSize, stage: str, draws: int, years: int
) -> Iterator[tuple[str, int, int, int, int]]:
    """Yield the runs of a score."""
    whole = len(size.budgets) if size.all_arms else 0
    yield stage, years, draws, (len(search_targets(size)) + whole) * draws, draws


def _planned_marginal(
    size: AnswerSize, stage: str, draws: int, years: int
) -> tuple[str, int, int, int, int]:
    """Return the runs of the marginal pairs: four portfolios for each budget."""
    return stage, years, draws, 2 * len(STARTS) * len(size.budgets) * draws, draws


def typical_portfolio(size: AnswerSize) -> tuple[PolicySpec, ...]:
    """Return the policies of a random portfolio of the search, for an estimate of the time."""
    instruments, budget = buyable(), size.variant_budget
    rows = initial_portfolios.random_portfolios(
        instruments, ["mixed"], 1, budget, 2.0 * budget, size.seed
    )
    return instruments.policy_specs(rows[0])
