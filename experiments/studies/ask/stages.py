"""An answer's plan, the runs in its stages, and how many.

A plan is a list of questions: one for each regime, and one for each structural variant. Every
question has the same stages, and each stage stores its runs in sweeps that can be resumed:

1. ``search``: search for portfolios, each under its own drawn member and effectiveness
   factors, on members that are not used for the score.
2. ``score``: run the selected portfolios under the score members, with other seeds.
3. ``marginal``: run the best U.S.-only and cooperation-only portfolios with
   additional dollars on instruments that need Mexico or on others.

One portfolio for each side and budget is selected for both entry kinds. Budgets on other
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
from experiments.calibration.supply_fit import member_supply
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
_FIRST, _LATER, _VARIANT = STAGES


@dataclass(frozen=True)
class Batch:
    """Runs with the same length.

    Attributes:
        years: length per run.
        portfolios, status_quo: how many runs at most, with and without policies.
        warmups: one for each draw, shared by its runs.
    """

    years: int
    portfolios: int
    status_quo: int
    warmups: int


@dataclass(frozen=True, kw_only=True)
class Question:
    """The question in one model: a search, its portfolios' score, and marginal pairs.

    Attributes:
        part: a value from ``STAGES``.
        name: key in ``REGIMES`` or ``VARIANTS``.
        size: budgets, accounts and effort.
        regime: the model's people.
        draws: score draws that run the portfolios.
        years: length of the score's runs.
        pair_draws: places in ``draws`` that also run the marginal pairs.
        pair_years: length per pair run.
        variant: assumptions that differ.
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

    @property
    def searches(self) -> list[list[BudgetTarget]]:
        """Targets for each search. The United States alone is apart if it has more policies."""
        targets = self.size.targets
        if not self.variant.us_alone_policies:
            return [targets]
        return [[t for t in targets if (t.side == "us_only") == alone] for alone in (False, True)]

    def sweep(self, stage: str = "") -> str:
        """Return a stage's folder name. Without one, the score's."""
        if self.part == _VARIANT:
            return "_".join(filter(None, ("variant", self.name, stage)))
        return stage or "score"

    def batches(self) -> Iterator[Batch]:
        """Yield the runs in all stages, as if no two were identical."""
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
        for targets in (size.targets, *self.searches[1:]):
            yield Batch(self.years, len(targets) * len(self.draws), *[len(self.draws)] * 2)
        if self.pair_draws:
            pairs, n = 2 * len(STARTS) * len(size.budgets), len(self.pair_draws)
            yield Batch(self.pair_years, pairs * n, n, n)


def plan(size: AnswerSize) -> list[Question]:
    """Return an answer's questions: its regimes, then its structural variants."""
    draws = _spread(size.variant_members, size.members)
    variants = size.variants if draws else ()
    return [
        *(_regime_question(size, number) for number in range(len(size.regimes))),
        *(_variant_question(size, name, draws) for name in variants),
    ]


def _regime_question(size: AnswerSize, number: int) -> Question:
    """Return the question in the regime at a position in the size."""
    at_regime, name = size.at(number), size.regimes[number]
    return Question(
        part=_LATER if number else _FIRST,
        name=name,
        size=at_regime,
        regime=REGIMES[name],
        draws=range(size.members),
        years=at_regime.score_years,
        pair_draws=_spread(size.marginal_members, size.members),
        pair_years=at_regime.marginal_years,
    )


def _variant_question(size: AnswerSize, name: str, draws: Sequence[int]) -> Question:
    """Return the question in a structural variant, on some score draws."""
    variant = VARIANTS[name]
    return Question(
        part=_VARIANT,
        name=name,
        size=size.of_variants,
        regime=REGIMES[size.regimes[0]],
        draws=draws,
        years=size.variant_years,
        pair_draws=range(len(draws) if variant.marginal else 0),
        pair_years=size.variant_years,
        variant=variant,
    )


def count_runs(size: AnswerSize, stages: Sequence[str] = STAGES) -> dict[int, int]:
    """Return how many runs some stages can need at most, by years per run."""
    counts = Counter[int]()
    for question in plan(size):
        if question.part in stages:
            for batch in question.batches():
                counts[batch.years] += batch.portfolios + batch.status_quo
    return dict(sorted(counts.items()))


def count_warmups(size: AnswerSize) -> int:
    """Return how many warm-ups are run at most."""
    return sum(batch.warmups for question in plan(size) for batch in question.batches())


def typical_portfolio(size: AnswerSize) -> tuple[PolicySpec, ...]:
    """Return the policies in a random search portfolio, to estimate the time."""
    instruments, budget = buyable(), size.variant_budget
    rows = random_portfolios(instruments, ["mixed"], 1, budget, 2.0 * budget, size.seed)
    return instruments.policy_specs(rows[0])


def shortened(scenario: Scenario, years: int) -> Scenario:
    """Return a scenario over some years."""
    return scenario.with_settings({"days": days_in_years(scenario.start, years)})


def _spread(count: int, members: int) -> tuple[int, ...]:
    """Return at most `count` indices, spread over all members."""
    n = min(count, members)
    return tuple(int((i + 0.5) * members / n) for i in range(n))


# ---- runs ---------------------------------------------------------------------------------------


@dataclass(frozen=True, eq=False)
class QuestionRuns:
    """Search and score for one question.

    Attributes:
        scenario: the scenario with the regime's people.
        searched: portfolios in the search.
        score: all targets' portfolios on the score members, with their marginal pairs.
    """

    scenario: Scenario
    searched: Trials
    score: Score


@dataclass(frozen=True, eq=False)
class AskRuns:
    """Results from all stages.

    Attributes:
        size: the answer's size.
        regimes: results by regime.
        variants: scores by structural variant.
        member_indices: score members.
        numbers: uncertain numbers by draw.
    """

    size: AnswerSize
    regimes: Mapping[str, QuestionRuns]
    variants: Mapping[str, Score] = field(default_factory=dict)
    member_indices: tuple[int, ...] = ()
    numbers: tuple[Mapping[str, float], ...] = ()

    def __repr__(self) -> str:
        """Return the score and how many variants there are."""
        return f"<AskRuns: {self.score!r}, {len(self.variants)} variants>"

    @property
    def first(self) -> QuestionRuns:
        """Results in the first regime."""
        return self.regimes[self.size.regimes[0]]

    @property
    def scenario(self) -> Scenario:
        """Scenario in the first regime."""
        return self.first.scenario

    @property
    def searched(self) -> Trials:
        """Search portfolios in the first regime."""
        return self.first.searched

    @property
    def score(self) -> Score:
        """Score in the first regime."""
        return self.first.score

    @property
    def instruments(self) -> Instruments:
        """All instruments."""
        return buyable()


def run_stages(size: AnswerSize, scenario: Scenario, evaluator: Evaluator) -> AskRuns:
    """Run all stages. Stored runs are used again.

    Args:
        size: sizes.
        scenario: the scenario, as long as the longest horizon.
        evaluator: folder and execution. Each stage replaces its members.

    Returns:
        The results.
    """
    members, _ = split_members(size.members, size.search_members)
    factors = draw_factors(buyable().ids, len(members), size.doubt, size.seed)
    evaluator = replace(evaluator, seed=size.seed, effectiveness=factors)
    regimes, variants = {}, {}
    for question in plan(size):
        runs = _run(question, scenario, evaluator)
        if question.part == _VARIANT:
            variants[question.name] = runs.score
        else:
            regimes[question.name] = runs
    sample = members_of(UNCHANGED, members, regimes[size.regimes[0]].scenario, size.seed)
    numbers = tuple(
        dict(values) | {PREFIX + name: factor for name, factor in first_forms(row).items()}
        for values, row in zip(sample.numbers, factors, strict=True)
    )
    return AskRuns(size, regimes, variants, members, numbers)


def _run(question: Question, scenario: Scenario, evaluator: Evaluator) -> QuestionRuns:
    """Search and score a question's portfolios, and run its marginal pairs."""
    judges = _judges(question, scenario, evaluator)
    if question.variant.us_alone_policies:
        return _run_with_us_alone(question, judges)
    result = _search(question, judges, question.size.targets, question.sweep("search"))
    scored = score(judges, question.sweep(), buyable(), result.trials, result.menu(question.size))
    if question.pair_draws:
        scored = _with_pairs(question, judges, result, scored)
    return QuestionRuns(judges.scenario, result.trials, scored)


def _judges(question: Question, scenario: Scenario, evaluator: Evaluator) -> Evaluator:
    """Return the score's evaluator: a question's model, draws and folder."""
    size, variant = question.size, question.variant
    scenario = shortened(regime_scenario(scenario, question.regime), question.years)
    scenario = scenario.with_settings(dict(variant.settings))
    members, _ = split_members(size.members, size.search_members)
    factors = evaluator.effectiveness if variant.doubt else [{}] * size.members
    ineffective = dict.fromkeys(variant.ineffective, 0.0)
    folder = evaluator.folder
    return replace(
        evaluator,
        scenario=scenario,
        members=members_of(variant, members, scenario, size.seed).subset(question.draws),
        effectiveness=[{**factors[k], **ineffective} for k in question.draws],
        folder=folder / question.name if question.part == _LATER else folder,
        label=evaluator.label if question.part == _VARIANT else f"{question.name} ",
    )


def members_of(
    variant: Variant, indices: Sequence[int], scenario: Scenario, seed: int
) -> EnsembleSample:
    """Select ensemble members in a variant, each with its contested numbers.

    Args:
        variant: the variant, which may fix the contested numbers or draw supply.
        indices: positions in the packaged ensemble.
        scenario: scenario to run.
        seed: seed for the contested numbers.

    Returns:
        The members.
    """
    sample = draw_members(indices, scenario)
    if variant.drawn_supply:
        members = [ensemble.read().members[k] for k in sample.chosen]
        pairs = zip(sample.settings, map(member_supply, members), strict=True)
        sample = replace(
            sample, settings=tuple({**settings, **supply} for settings, supply in pairs)
        )
    n, position = len(sample), variant.contested
    return with_positions(sample, scenario, [position] * n if position else draw_positions(n, seed))


# ---- search -------------------------------------------------------------------------------------


@dataclass(frozen=True, eq=False)
class _SearchResult:
    """A search's portfolios, the index of each target's portfolio, and the last predictions."""

    trials: Trials
    chosen: Mapping[BudgetTarget, int]
    surrogates: Mapping[str, Predictor]

    def menu(self, size: AnswerSize) -> dict[BudgetTarget, int]:
        """Return the portfolio for every account and entry kind, among the targets' portfolios.

        A budget on another account than joint dollars uses the chosen portfolio on its side with
        the best prediction that is within the budget on this account. The search does not use this
        account, which can only understate a side's reach.
        """
        instruments, menu = buyable(), {}
        for target, place in self.chosen.items():
            places = sorted({k for t, k in self.chosen.items() if t.side == target.side})
            portfolios = self.trials.portfolios[places]
            entries = self.surrogates[BOTH].predict_mean(portfolios)
            for account in size.accounts:
                charge = instruments.charge(portfolios, account)
                within = np.where(charge <= target.budget * (1.0 + 1e-9), entries, np.inf)
                best = place if account == "joint" else places[int(np.argmin(within))]
                for measure in ENTRIES:
                    menu[replace(target, account=account, outcome=measure)] = best
        return menu


def _search(
    question: Question, judges: Evaluator, targets: Sequence[BudgetTarget], name: str
) -> _SearchResult:
    """Search for portfolios on members and seeds that are not used for the score."""
    size, variant, instruments = question.size, question.variant, buyable()
    effort = replace(size.effort, most_random=TIMES * max(size.budgets))
    runner = _scouts(question, judges, name)
    factors = runner.prior.sample(_AVERAGED, runner.seed)
    trials = search(runner, instruments, targets, effort, factors)
    surrogates = fit_surrogates(trials, instruments, targets, factors)
    if not effort.confirmed:
        return _SearchResult(
            trials, choose_best(trials, instruments, targets, surrogates), surrogates
        )
    best = candidates(trials, instruments, targets, surrogates, effort.confirmed)
    places = sorted({place for candidate_places in best.values() for place in candidate_places})
    common = _common_draws(size, variant, runner)
    confirmed = common.run("confirmed", instruments, trials.portfolios[places])
    return _SearchResult(trials, choose_confirmed(best, places, confirmed), surrogates)


def _scouts(question: Question, judges: Evaluator, name: str) -> PriorEvaluator:
    """Return a search's evaluator: other members and seeds, and shorter runs."""
    size, variant, ids = question.size, question.variant, buyable().ids
    _, indices = split_members(size.members, size.search_members)
    seed = size.seed + SEARCH_SEED_OFFSET
    scenario = shortened(judges.scenario, size.search_years)
    scouts = replace(
        judges,
        folder=judges.folder / name,
        label=f"{judges.label}{name} ",
        members=members_of(variant, indices, scenario, seed),
        seed=seed,
        scenario=scenario,
    )
    prior = effectiveness_prior(ids, size.doubt if variant.doubt else 1.0, variant.ineffective)
    # all portfolios of one instrument run under one member, with declared limits and returns
    declared = replace(variant, contested=variant.contested or DECLARED)
    return PriorEvaluator(scouts, prior, seed, members_of(declared, indices[:1], scenario, seed=0))


def _common_draws(size: AnswerSize, variant: Variant, runner: PriorEvaluator) -> Evaluator:
    """Return the evaluator for candidates on common draws.

    Results are stored by member, so each member runs the candidates once.
    """
    scouts, seed = runner.evaluator, runner.seed + 1
    _, indices = split_members(size.members, size.search_members)
    indices = indices[: size.confirmed_draws]
    rows = runner.prior.sample(len(indices), seed).tolist()
    return replace(
        scouts,
        members=members_of(variant, indices, scouts.scenario, seed),
        seed=seed,
        effectiveness=[dict(zip(buyable().ids, row, strict=True)) for row in rows],
    )


# ---- further runs of a score --------------------------------------------------------------------


def _with_pairs(
    question: Question, judges: Evaluator, result: _SearchResult, scored: Score
) -> Score:
    """Run the marginal pairs on some of a score's draws, and add them to the score.

    All accounts and both entry kinds share the pairs for joint dollars.
    """
    size, draws = question.size, question.pair_draws
    some = replace(
        judges,
        scenario=shortened(judges.scenario, question.pair_years),
        members=judges.members.subset(draws),
        effectiveness=[judges.effectiveness[k] for k in draws],
    )
    starts = {
        t: k for t, k in result.chosen.items() if t.side in STARTS and t.budget in size.budgets
    }
    rows = marginal_portfolios(result.trials, buyable(), starts, result.surrogates)
    portfolios, places = np.unique(np.array(list(rows.values())), axis=0, return_inverse=True)
    added = some.run(question.sweep("marginal"), buyable(), portfolios)
    additions = {
        (replace(target, account=account, outcome=measure), where): place
        for (target, where), place in zip(rows, places.ravel().tolist(), strict=True)
        for account in size.accounts
        for measure in ENTRIES
    }
    return replace(scored, additions=additions, added=added, added_draws=tuple(draws))


def _run_with_us_alone(question: Question, judges: Evaluator) -> QuestionRuns:
    """Search and score if the United States alone has further policies in force."""
    size, instruments, scenario = question.size, buyable(), judges.scenario
    more = tuple(PolicySpec(id=policy) for policy in question.variant.us_alone_policies)
    us_scenario = scenario.with_settings({"policies": (*scenario.policies, *more)})
    us_judges = replace(judges, scenario=us_scenario)
    with_mexico, us_only = question.searches
    joint = _search(question, judges, with_mexico, question.sweep("search"))
    us = _search(question, us_judges, us_only, question.sweep("alone_search"))
    us_menu, menu = us.menu(size), joint.menu(size)
    menu |= {target: len(joint.trials) + place for target, place in us_menu.items()}
    portfolios = np.vstack([joint.trials.portfolios, us.trials.portfolios])
    trials = replace(joint.trials, portfolios=portfolios)
    scored = score(judges, question.sweep(), instruments, trials, menu)
    alone = score(us_judges, question.sweep("alone"), instruments, us.trials, us_menu)
    return QuestionRuns(scenario, trials, replace(scored, alone=_align(scored, alone)))


def _align(scored: Score, alone: Score) -> Trials:
    """Return U.S.-only trials at their portfolios' indices in the score."""
    levels = np.full_like(scored.trials.levels, np.nan)
    spent = None if scored.trials.spent is None else np.full_like(scored.trials.spent, np.nan)
    for target, place in alone.menu.items():
        levels[scored.menu[target]] = alone.trials.levels[place]
        if spent is not None and alone.trials.spent is not None:
            spent[scored.menu[target]] = alone.trials.spent[place]
    return replace(alone.trials, levels=levels, spent=spent, portfolios=scored.trials.portfolios)
