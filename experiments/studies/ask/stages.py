"""The plan of an answer, the runs of its stages, and their number.

A plan is a list of questions: one for each regime, and one for each structural variant. Every
question has the same stages, and each stage stores its runs in sweeps that can be resumed:

1. ``search``: search for portfolios, each under its own draw of member and factors of
   effectiveness, on members that are not used for the score.
2. ``score``: run the selected portfolios under the members of the score, with other seeds.
3. ``marginal``: run the best portfolios of the United States alone and of cooperation alone with
   additional dollars on instruments that need Mexico or on others.

One portfolio for each side and budget is selected for both kinds of entries. Budgets on other
accounts than joint dollars choose among the same portfolios. A portfolio is within a budget if its
*planned* dollars are, and it may spend less.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

import numpy as np

from abm.measures import ENTRIES
from abm.scenario.policy_specs import PolicySpec
from experiments.calibration import ensemble
from experiments.calibration.members import EnsembleSample, draw_members
from experiments.calibration.supply_draws import member_supply
from experiments.studies.ask.regimes import (
    REGIMES,
    UNCHANGED,
    VARIANTS,
    Regime,
    Variant,
    regime_scenario,
)
from experiments.studies.ask.sizes import AnswerSize
from experiments.studies.ask.uncertain_numbers import (
    DECLARED,
    PREFIX,
    draw_positions,
    with_positions,
)
from experiments.studies.ask.verdict import TIMES
from experiments.studies.optimise.effectiveness_prior import (
    PriorEvaluator,
    draw_factors,
    effectiveness_prior,
    first_forms,
)
from experiments.studies.optimise.horizons import BOTH, days_in_years
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
    proportional,
    random_portfolios,
    search,
)
from experiments.studies.optimise.sides import Instruments, buyable
from experiments.studies.optimise.study import SEARCH_SEED_OFFSET, Score, score, split_members
from experiments.studies.optimise.surrogate import Predictor
from experiments.studies.optimise.trials import Evaluator, Trials

if TYPE_CHECKING:
    from abm.scenario import Scenario

#: Draws of effectiveness over which the predictions of the search are averaged.
_AVERAGED = 16
#: Parts of the plan, in the order of their runs.
STAGES = ("first regime", "later regimes", "variants")


@dataclass(frozen=True)
class Batch:
    """Runs of one length.

    Attributes:
        years: length of each run.
        portfolios, status_quo: largest number of runs with and without policies.
        warmups: one for each draw, shared by its runs.
    """

    years: int
    portfolios: int
    status_quo: int
    warmups: int


@dataclass(frozen=True, kw_only=True)
class Question:
    """The question in one model: a search, the score of its portfolios, and marginal pairs.

    Attributes:
        part: one of ``STAGES``.
        name: key of ``REGIMES`` or ``VARIANTS``.
        size: budgets, accounts and effort.
        regime: people of the model.
        draws: draws of the score that run the portfolios.
        years: length of the runs of the score.
        pair_draws: places in ``draws`` that also run the marginal pairs.
        pair_years: length of these runs.
        variant: assumptions that differ.
        all_arms: whether portfolios of all instruments are scored too.
    """

    part: str
    name: str
    size: AnswerSize
    regime: Regime
    draws: Sequence[int]
    years: int
    pair_draws: Sequence[int]
    pair_years: int
    variant: Variant = UNCHANGED
    all_arms: bool = False

    @property
    def searches(self) -> list[list[BudgetTarget]]:
        """Targets of each search. The United States alone is apart if it has more policies."""
        targets = self.size.targets
        if not self.variant.us_alone_policies:
            return [targets]
        return [[t for t in targets if (t.side == "us_only") == alone] for alone in (False, True)]

    def batches(self) -> Iterator[Batch]:
        """Yield the runs of all stages, as if no two of them were identical."""
        size, effort, instruments = self.size, self.size.effort, buyable()
        members = size.search_members + 1  # The last member runs portfolios of one instrument.
        draws = min(size.confirmed_draws, size.search_members)
        for targets in self.searches:
            portfolios = len(first_portfolios(instruments, targets, effort))
            portfolios += effort.rounds * count_proposals(instruments, targets, effort)
            status_quo = (effort.rounds + 1) * members
            yield Batch(size.search_years, portfolios, status_quo, members)
            if effort.confirmed:
                confirmed = effort.confirmed * len(targets) * draws
                yield Batch(size.search_years, confirmed, draws, draws)
        scored = [len(size.targets) + self.all_arms * len(size.budgets)]
        for n in scored + [len(targets) for targets in self.searches[1:]]:
            yield Batch(self.years, n * len(self.draws), len(self.draws), len(self.draws))
        if self.pair_draws:
            pairs, n = 2 * len(STARTS) * len(size.budgets), len(self.pair_draws)
            yield Batch(self.pair_years, pairs * n, n, n)


def plan(size: AnswerSize) -> list[Question]:
    """Return the questions of an answer: its regimes, then its structural variants."""
    questions = []
    for number, name in enumerate(size.regimes):
        regime_size = size.at(number)
        questions.append(
            Question(
                part=STAGES[min(number, 1)],
                name=name,
                size=regime_size,
                regime=REGIMES[name],
                draws=range(size.members),
                years=regime_size.score_years,
                pair_draws=_spread(size.marginal_members, size.members),
                pair_years=regime_size.marginal_years,
                all_arms=size.all_arms,
            )
        )
    draws = _spread(size.variant_members, size.members)
    for name in size.variants if draws else ():
        variant = VARIANTS[name]
        questions.append(
            Question(
                part=STAGES[2],
                name=name,
                size=size.of_variants,
                regime=REGIMES[size.regimes[0]],
                draws=draws,
                years=size.variant_years,
                pair_draws=range(len(draws) if variant.marginal else 0),
                pair_years=size.variant_years,
                variant=variant,
            )
        )
    return questions


def count_runs(size: AnswerSize, stages: Sequence[str] = STAGES) -> dict[int, int]:
    """Return the largest possible number of runs of some stages, by years of a run."""
    counts = Counter[int]()
    for question in plan(size):
        if question.part in stages:
            for batch in question.batches():
                counts[batch.years] += batch.portfolios + batch.status_quo
    return dict(sorted(counts.items()))


def count_warmups(size: AnswerSize) -> int:
    """Return the largest number of warm-ups."""
    return sum(batch.warmups for question in plan(size) for batch in question.batches())


def typical_portfolio(size: AnswerSize) -> tuple[PolicySpec, ...]:
    """Return the policies of a random portfolio of the search, for an estimate of the time."""
    instruments, budget = buyable(), size.variant_budget
    rows = random_portfolios(instruments, ["mixed"], 1, budget, 2.0 * budget, size.seed)
    return instruments.policy_specs(rows[0])


def _spread(count: int, members: int) -> tuple[int, ...]:
    """Return at most `count` indices, spread over all members."""
    n = min(count, members)
    return tuple(int((i + 0.5) * members / n) for i in range(n))


# ---- runs ---------------------------------------------------------------------------------------


@dataclass(frozen=True, eq=False)
class QuestionRuns:
    """Search and score of one question.

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

    Attributes:
        size: the size of the answer.
        regimes: results by regime.
        variants: scores by structural variant.
        member_indices: members of the score.
        numbers: uncertain numbers by draw.
    """

    size: AnswerSize
    regimes: Mapping[str, QuestionRuns]
    variants: Mapping[str, Score] = field(default_factory=dict)
    member_indices: tuple[int, ...] = ()
    numbers: tuple[Mapping[str, float], ...] = ()

    def __repr__(self) -> str:
        """Return the score and the number of variants."""
        return f"<AskRuns: {self.score!r}, {len(self.variants)} variants>"

    @property
    def first(self) -> QuestionRuns:
        """Results of the first regime."""
        return self.regimes[self.size.regimes[0]]

    @property
    def scenario(self) -> Scenario:
        """Scenario of the first regime."""
        return self.first.scenario

    @property
    def searched(self) -> Trials:
        """Portfolios of the search in the first regime."""
        return self.first.searched

    @property
    def score(self) -> Score:
        """Score of the first regime."""
        return self.first.score

    @property
    def instruments(self) -> Instruments:
        """All instruments."""
        return buyable()


@dataclass(frozen=True, eq=False)
class _Search:
    """Portfolios of a search, the index of each target's portfolio, and the last predictions."""

    trials: Trials
    chosen: Mapping[BudgetTarget, int]
    surrogates: Mapping[str, Predictor]


def run_stages(size: AnswerSize, scenario: Scenario, evaluator: Evaluator) -> AskRuns:
    """Run all stages. Stored runs are used again.

    Args:
        size: sizes.
        scenario: the scenario, as long as the longest horizon.
        evaluator: folder and execution. Its members are replaced by those of each stage.

    Returns:
        The results.
    """
    members, _ = split_members(size.members, size.search_members)
    factors = draw_factors(buyable().ids, len(members), size.doubt, size.seed)
    evaluator = replace(evaluator, seed=size.seed, effectiveness=factors)
    regimes, variants = {}, {}
    for question in plan(size):
        if question.part == "variants":
            variants[question.name] = _run(question, scenario, evaluator).score
            continue
        folder = evaluator.folder / question.name if regimes else evaluator.folder
        regime_evaluator = replace(evaluator, folder=folder, label=f"{question.name} ")
        regimes[question.name] = _run(question, scenario, regime_evaluator)
    first = regimes[size.regimes[0]].scenario
    sample = _members_of(UNCHANGED, members, first, size.seed)
    numbers = tuple(
        dict(values) | {PREFIX + name: factor for name, factor in first_forms(row).items()}
        for values, row in zip(sample.numbers, factors, strict=True)
    )
    return AskRuns(size, regimes, variants, members, numbers)


def _run(question: Question, scenario: Scenario, evaluator: Evaluator) -> QuestionRuns:
    """Search and score the portfolios of a question, and run its marginal pairs."""
    size, instruments = question.size, buyable()
    scenario = shortened(regime_scenario(scenario, question.regime), question.years)
    scenario = scenario.with_settings(dict(question.variant.settings))
    stage = _score_evaluator(question, replace(evaluator, scenario=scenario))
    prefix = f"variant_{question.name}" if question.part == "variants" else ""
    name, score_name = f"{prefix}_search".lstrip("_"), prefix or "score"
    targets, *alone = question.searches
    if alone:
        return _run_with_us_alone(question, stage, score_name)
    searched = _search(question, stage, targets, name)
    answered = answered_targets(size, searched)
    all_arms = {}
    if question.all_arms:
        all_arms = {
            ("mixed", budget): instruments.rounded(proportional(instruments, "mixed", budget))
            for budget in size.budgets
        }
    scored = score(stage, score_name, instruments, searched.trials, answered, all_arms)
    if question.pair_draws:
        scored = _run_pairs(question, stage, f"{prefix}_marginal".lstrip("_"), searched, scored)
    return QuestionRuns(scenario, searched.trials, answered, scored)


def _score_evaluator(question: Question, evaluator: Evaluator) -> Evaluator:
    """Return the evaluator of the draws of the score."""
    size, variant = question.size, question.variant
    members, _ = split_members(size.members, size.search_members)
    sample = _members_of(variant, members, evaluator.scenario, size.seed)
    factors = evaluator.effectiveness if variant.doubt else [{}] * size.members
    ineffective = dict.fromkeys(variant.ineffective, 0.0)
    return replace(
        evaluator,
        members=sample.subset(question.draws),
        effectiveness=[{**factors[k], **ineffective} for k in question.draws],
    )


def shortened(scenario: Scenario, years: int) -> Scenario:
    """Return a scenario over a number of years."""
    return scenario.with_settings({"days": days_in_years(scenario.start, years)})


def _search(
    question: Question, stage: Evaluator, targets: Sequence[BudgetTarget], name: str
) -> _Search:
    """Search for portfolios on members and seeds that are not used for the score."""
    size, variant, instruments = question.size, question.variant, buyable()
    effort = replace(size.effort, most_random=TIMES * max(size.budgets))
    _, members = split_members(size.members, size.search_members)
    seed = size.seed + SEARCH_SEED_OFFSET
    scenario = shortened(stage.scenario, size.search_years)
    prior = effectiveness_prior(
        instruments.ids, size.doubt if variant.doubt else 1.0, variant.ineffective
    )
    runs = replace(
        stage,
        folder=stage.folder / name,
        label=f"{stage.label}{name} ",
        members=_members_of(variant, members, scenario, seed),
        seed=seed,
        scenario=scenario,
    )
    factors = prior.sample(_AVERAGED, seed)
    alone = _member_alone(variant, members, scenario)
    trials = search(PriorEvaluator(runs, prior, seed, alone), instruments, targets, effort, factors)
    surrogates = fit_surrogates(trials, instruments, targets, factors)
    if not effort.confirmed:
        return _Search(trials, choose_best(trials, instruments, targets, surrogates), surrogates)
    best = candidates(trials, instruments, targets, surrogates, effort.confirmed)
    places = sorted({place for candidate_places in best.values() for place in candidate_places})
    # Results are stored by member, so each member runs the candidates once.
    common = members[: size.confirmed_draws]
    rows = prior.sample(len(common), seed + 1).tolist()
    confirmed = replace(
        runs,
        members=_members_of(variant, common, scenario, seed + 1),
        seed=seed + 1,
        effectiveness=[dict(zip(instruments.ids, row, strict=True)) for row in rows],
    ).run("confirmed", instruments, trials.portfolios[places])
    return _Search(trials, choose_confirmed(best, places, confirmed), surrogates)


def _members_of(
    variant: Variant, indices: Sequence[int], scenario: Scenario, seed: int
) -> EnsembleSample:
    """Return members of the ensemble in a variant, each with its contested numbers."""
    sample = draw_members(indices, scenario)
    if variant.drawn_supply:
        members = [ensemble.read().members[k] for k in sample.chosen]
        pairs = zip(sample.settings, map(member_supply, members), strict=True)
        sample = replace(
            sample, settings=tuple({**settings, **supply} for settings, supply in pairs)
        )
    n, position = len(sample), variant.contested
    return with_positions(sample, scenario, [position] * n if position else draw_positions(n, seed))


def _member_alone(variant: Variant, members: Sequence[int], scenario: Scenario) -> EnsembleSample:
    """Return the member of all portfolios of one instrument: declared limits and returns."""
    declared = replace(variant, contested=variant.contested or DECLARED)
    return _members_of(declared, members[:1], scenario, seed=0)


def answered_targets(size: AnswerSize, searched: _Search) -> dict[BudgetTarget, int]:
    """Return the portfolio of every account and kind of entry, among those that a search chose.

    A budget on another account than joint dollars uses the chosen portfolio of its side with the
    best prediction that is within the budget on this account. The search does not use this
    account, which can only understate the reach of a side.

    Args:
        size: budgets and accounts.
        searched: portfolios of the search, with their predictions.

    Returns:
        Index of the portfolio by account, kind of entry, side and budget.
    """
    instruments, answered = buyable(), {}
    for target, place in searched.chosen.items():
        places = sorted({k for t, k in searched.chosen.items() if t.side == target.side})
        portfolios = searched.trials.portfolios[places]
        entries = searched.surrogates[BOTH].predict_mean(portfolios)
        for account in size.accounts:
            charge = instruments.charge(portfolios, account)
            within = np.where(charge <= target.budget * (1.0 + 1e-9), entries, np.inf)
            best = place if account == "joint" else places[int(np.argmin(within))]
            for measure in ENTRIES:
                answered[replace(target, account=account, outcome=measure)] = best
    return answered


def _run_pairs(
    question: Question, stage: Evaluator, name: str, searched: _Search, scored: Score
) -> Score:
    """Run the marginal pairs on some draws of a score, and add them to the score.

    All accounts and both kinds of entries share the pairs of joint dollars.
    """
    size, draws = question.size, question.pair_draws
    some = replace(
        stage,
        scenario=shortened(stage.scenario, question.pair_years),
        members=stage.members.subset(draws),
        effectiveness=[stage.effectiveness[k] for k in draws],
    )
    starts = {
        t: k for t, k in searched.chosen.items() if t.side in STARTS and t.budget in size.budgets
    }
    rows = marginal_portfolios(searched.trials, buyable(), starts, searched.surrogates)
    portfolios, places = np.unique(np.array(list(rows.values())), axis=0, return_inverse=True)
    added = some.run(name, buyable(), portfolios)
    additions = {
        (replace(target, account=account, outcome=measure), where): place
        for (target, where), place in zip(rows, places.ravel().tolist(), strict=True)
        for account in size.accounts
        for measure in ENTRIES
    }
    return replace(scored, additions=additions, added=added, added_draws=tuple(draws))


def _run_with_us_alone(question: Question, stage: Evaluator, name: str) -> QuestionRuns:
    """Search and score if the United States alone has further policies in force."""
    scenario, instruments = stage.scenario, buyable()
    more = tuple(PolicySpec(id=policy) for policy in question.variant.us_alone_policies)
    us_stage = replace(
        stage, scenario=scenario.with_settings({"policies": (*scenario.policies, *more)})
    )
    with_mexico, us_only = question.searches
    joint = _search(question, stage, with_mexico, f"{name}_search")
    us = _search(question, us_stage, us_only, f"{name}_alone_search")
    us_chosen = answered_targets(question.size, us)
    chosen = answered_targets(question.size, joint)
    chosen |= {target: len(joint.trials) + place for target, place in us_chosen.items()}
    portfolios = np.vstack([joint.trials.portfolios, us.trials.portfolios])
    trials = replace(joint.trials, portfolios=portfolios)
    scored = score(stage, name, instruments, trials, chosen)
    alone = score(us_stage, f"{name}_alone", instruments, us.trials, us_chosen)
    return QuestionRuns(scenario, trials, chosen, replace(scored, alone=_align(scored, alone)))


def _align(scored: Score, alone: Score) -> Trials:
    """Return trials of the United States alone at the indices of its portfolios in the score."""
    levels = np.full_like(scored.trials.levels, np.nan)
    spent = None if scored.trials.spent is None else np.full_like(scored.trials.spent, np.nan)
    for target, place in alone.menu.items():
        levels[scored.menu[target]] = alone.trials.levels[place]
        if spent is not None and alone.trials.spent is not None:
            spent[scored.menu[target]] = alone.trials.spent[place]
    return replace(alone.trials, levels=levels, spent=spent, portfolios=scored.trials.portfolios)
