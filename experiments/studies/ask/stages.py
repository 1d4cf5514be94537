"""An answer's questions, how many runs each needs, and their runs in stages.

There is one question for each regime, and one for each structural variant. Every question has the
same stages, and each stage stores its runs in sweeps that can be resumed:

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
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from abm.measures import ENTRIES
from abm.scenario.policy_specs import PolicySpec
from experiments.calibration import ensemble
from experiments.calibration.members import EnsembleSample, draw_members
from experiments.calibration.supply_fit import member_supply
from experiments.runs.study_inputs import with_policies
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
from experiments.studies.ask.verdict import JOINT, TIMES
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
from experiments.studies.optimise.study import SEARCH_SEED_OFFSET, Score, score
from experiments.studies.optimise.surrogate import Predictor
from experiments.studies.optimise.trials import Evaluator, Trials

if TYPE_CHECKING:
    from abm.scenario import Scenario

#: Draws of effectiveness over which the predictions of the search are averaged.
_AVERAGED = 16


class Batch(NamedTuple):
    """How many runs of one length a stage has at most, and how many warm-ups they share."""

    years: int
    runs: int
    warmups: int


@dataclass(frozen=True, kw_only=True)
class Question:
    """The question in one model: a search, its portfolios' score, and marginal pairs.

    Attributes:
        name: key in ``REGIMES`` or ``VARIANTS``, and the folder's name.
        size: budgets, accounts, effort and length of runs.
        regime: the model's people.
        variant: assumptions that differ.
        draws: score draws that run the portfolios.
        pair_draws: places in ``draws`` that also run the marginal pairs.
    """

    name: str
    size: AnswerSize
    regime: Regime
    variant: Variant = UNCHANGED
    draws: Sequence[int]
    pair_draws: Sequence[int]

    @property
    def searches(self) -> list[list[BudgetTarget]]:
        """Targets for each search. The United States alone is apart if it has more policies."""
        targets = self.size.targets
        if not self.variant.us_alone_policies:
            return [targets]
        return [[t for t in targets if (t.side == "us_only") == alone] for alone in (False, True)]

    def batches(self) -> Iterator[Batch]:
        """Yield the runs of all stages, the status quo's included, as if no two were identical."""
        size, effort, instruments = self.size, self.size.effort, self.size.instruments
        members = size.search_members + 1  # The last member runs portfolios of one instrument.
        draws = min(size.confirmed_draws, size.search_members)
        for targets in self.searches:
            portfolios = len(first_portfolios(instruments, targets, effort))
            portfolios += effort.rounds * count_proposals(instruments, targets, effort)
            yield Batch(size.search_years, portfolios + (effort.rounds + 1) * members, members)
            if effort.confirmed:
                confirmed = effort.confirmed * len(targets) + 1
                yield Batch(size.search_years, confirmed * draws, draws)
        for targets in (size.targets, *self.searches[1:]):
            yield Batch(size.score_years, (len(targets) + 1) * len(self.draws), len(self.draws))
        if self.pair_draws:
            pairs, draws = 2 * len(STARTS) * len(size.budgets), len(self.pair_draws)
            yield Batch(size.score_years, (pairs + 1) * draws, draws)


def regime_questions(size: AnswerSize) -> list[Question]:
    """Return the question in every regime."""
    return [
        Question(
            name=name,
            size=size.later if number else size,
            regime=REGIMES[name],
            draws=range(size.members),
            pair_draws=_spread(size.marginal_members, size.members),
        )
        for number, name in enumerate(size.regimes)
    ]


def variant_questions(size: AnswerSize) -> list[Question]:
    """Return the question in every structural variant, on some score draws."""
    draws = _spread(size.variant_members, size.members)
    return [
        Question(
            name=name,
            size=replace(size.later, accounts=(JOINT,)),
            regime=REGIMES[size.regimes[0]],
            variant=VARIANTS[name],
            draws=draws,
            pair_draws=range(len(draws) if VARIANTS[name].marginal else 0),
        )
        for name in size.variants
        if draws
    ]


def _spread(count: int, members: int) -> tuple[int, ...]:
    """Return at most `count` indices, spread over all members."""
    n = min(count, members)
    return tuple(int((i + 0.5) * members / n) for i in range(n))


def batches(size: AnswerSize) -> list[Batch]:
    """Return the runs of all questions."""
    questions = [*regime_questions(size), *variant_questions(size)]
    return [batch for question in questions for batch in question.batches()]


def count_runs(size: AnswerSize) -> dict[int, int]:
    """Return how many runs an answer needs at most, by years per run."""
    counts = Counter[int]()
    for batch in batches(size):
        counts[batch.years] += batch.runs
    return dict(sorted(counts.items()))


def typical_portfolio(size: AnswerSize) -> tuple[PolicySpec, ...]:
    """Return the policies in a random search portfolio, to estimate the time."""
    instruments, budget = size.instruments, size.later_budget
    rows = random_portfolios(instruments, ["mixed"], 1, budget, 2.0 * budget, size.seed)
    return instruments.policy_specs(rows[0])


def shortened(scenario: Scenario, years: int) -> Scenario:
    """Return a scenario over some years."""
    return scenario.with_settings({"days": days_in_years(scenario.start, years)})


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


@dataclass(frozen=True, eq=False, repr=False)
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
    variants: Mapping[str, Score]
    member_indices: tuple[int, ...]
    numbers: tuple[Mapping[str, float], ...]

    @property
    def first(self) -> QuestionRuns:
        """Results in the first regime."""
        return self.regimes[self.size.regimes[0]]


def run_stages(size: AnswerSize, evaluator: Evaluator) -> AskRuns:
    """Run all stages. Stored runs are used again.

    Args:
        size: sizes.
        evaluator: scenario, folder and execution. Each stage replaces its members.

    Returns:
        The results.
    """
    members, _ = size.split
    factors = draw_factors(size.instruments.ids, len(members), size.largest_factor, size.seed)
    evaluator = replace(evaluator, seed=size.seed, effectiveness=factors)
    regimes = {q.name: _run(q, evaluator) for q in regime_questions(size)}
    variants = {q.name: _run(q, evaluator).score for q in variant_questions(size)}
    sample = members_of(UNCHANGED, members, regimes[size.regimes[0]].scenario, size.seed)
    numbers = tuple(
        dict(values) | {PREFIX + name: factor for name, factor in first_forms(row).items()}
        for values, row in zip(sample.numbers, factors, strict=True)
    )
    return AskRuns(size, regimes, variants, members, numbers)


def _run(question: Question, evaluator: Evaluator) -> QuestionRuns:
    """Search and score a question's portfolios, and run its marginal pairs."""
    scorer = _score_evaluator(question, evaluator)
    if question.variant.us_alone_policies:
        return _run_with_us_alone(question, scorer)
    result = _search(question, scorer, question.size.targets, "search")
    scored = score(scorer.run, "score", result.trials, result.menu(question.size))
    if question.pair_draws:
        scored = _with_pairs(question, scorer, result, scored)
    return QuestionRuns(scorer.scenario, result.trials, scored)


def _score_evaluator(question: Question, evaluator: Evaluator) -> Evaluator:
    """Return the score's evaluator: a question's model, draws and folder."""
    size, variant = question.size, question.variant
    scenario = shortened(regime_scenario(evaluator.scenario, question.regime), size.score_years)
    scenario = scenario.with_settings(dict(variant.settings))
    members, _ = size.split
    ineffective = dict.fromkeys(variant.ineffective, 0.0)
    return replace(
        evaluator,
        scenario=scenario,
        members=members_of(variant, members, scenario, size.seed).subset(question.draws),
        effectiveness=[{**evaluator.effectiveness[k], **ineffective} for k in question.draws],
        folder=evaluator.folder / question.name,
        label=f"{question.name} ",
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
        instruments, menu = size.instruments, {}
        for target, place in self.chosen.items():
            places = sorted({k for t, k in self.chosen.items() if t.side == target.side})
            portfolios = self.trials.portfolios[places]
            entries = self.surrogates[BOTH].predict_mean(portfolios)
            for account in size.accounts:
                charge = instruments.charge(portfolios, account)
                within = np.where(charge <= target.budget * (1.0 + 1e-9), entries, np.inf)
                best = place if account == JOINT else places[int(np.argmin(within))]
                for measure in ENTRIES:
                    menu[replace(target, account=account, outcome=measure)] = best
        return menu


def _search(
    question: Question, scorer: Evaluator, targets: Sequence[BudgetTarget], name: str
) -> _SearchResult:
    """Search for portfolios on members and seeds that are not used for the score."""
    size = question.size
    effort = replace(size.effort, max_random=TIMES * max(size.budgets))
    runner = _search_evaluator(question, scorer, name)
    factors = runner.prior.sample(_AVERAGED, runner.seed)
    trials = search(runner, targets, effort, factors)
    surrogates = fit_surrogates(trials, targets, factors)
    if not effort.confirmed:
        chosen = choose_best(trials, targets, surrogates)
        return _SearchResult(trials, chosen, surrogates)
    best = candidates(trials, targets, surrogates, effort.confirmed)
    places = sorted({place for candidate_places in best.values() for place in candidate_places})
    common = _common_draws(question, runner)
    confirmed = common.run("confirmed", trials.portfolios[places])
    return _SearchResult(trials, choose_confirmed(best, places, confirmed), surrogates)


def _search_evaluator(question: Question, scorer: Evaluator, name: str) -> PriorEvaluator:
    """Return a search's evaluator: other members and seeds, and shorter runs."""
    size, variant = question.size, question.variant
    _, indices = size.split
    seed = size.seed + SEARCH_SEED_OFFSET
    scenario = shortened(scorer.scenario, size.search_years)
    evaluator = replace(
        scorer,
        folder=scorer.folder / name,
        label=f"{scorer.label}{name} ",
        members=members_of(variant, indices, scenario, seed),
        seed=seed,
        scenario=scenario,
    )
    prior = effectiveness_prior(size.instruments.ids, size.largest_factor, variant.ineffective)
    # All portfolios of one instrument run under one member, with declared limits and returns.
    declared = replace(variant, contested=variant.contested or DECLARED)
    alone = members_of(declared, indices[:1], scenario, seed=0)
    return PriorEvaluator(evaluator, prior, seed, alone)


def _common_draws(question: Question, runner: PriorEvaluator) -> Evaluator:
    """Return the evaluator for candidates on common draws.

    Results are stored by member, so each member runs the candidates once.
    """
    size, scenario, seed = question.size, runner.evaluator.scenario, runner.seed + 1
    _, indices = size.split
    indices = indices[: size.confirmed_draws]
    rows = runner.prior.sample(len(indices), seed).tolist()
    return replace(
        runner.evaluator,
        members=members_of(question.variant, indices, scenario, seed),
        seed=seed,
        effectiveness=[dict(zip(size.instruments.ids, row, strict=True)) for row in rows],
    )


# ---- further runs of a score --------------------------------------------------------------------


def _with_pairs(
    question: Question, scorer: Evaluator, result: _SearchResult, scored: Score
) -> Score:
    """Run the marginal pairs on some of a score's draws, and add them to the score.

    All accounts and both entry kinds share the pairs for joint dollars.
    """
    size, draws = question.size, question.pair_draws
    some_draws = replace(
        scorer,
        members=scorer.members.subset(draws),
        effectiveness=[scorer.effectiveness[k] for k in draws],
    )
    starts = {
        t: k for t, k in result.chosen.items() if t.side in STARTS and t.budget in size.budgets
    }
    rows = marginal_portfolios(result.trials, starts, result.surrogates)
    portfolios, places = np.unique(np.array(list(rows.values())), axis=0, return_inverse=True)
    added = some_draws.run("marginal", portfolios)
    additions = {
        (replace(target, account=account, outcome=measure), where): place
        for (target, where), place in zip(rows, places.ravel().tolist(), strict=True)
        for account in size.accounts
        for measure in ENTRIES
    }
    return replace(scored, additions=additions, added=added, added_draws=tuple(draws))


def _run_with_us_alone(question: Question, scorer: Evaluator) -> QuestionRuns:
    """Search and score if the United States alone has further policies in force."""
    size, scenario = question.size, scorer.scenario
    more = tuple(PolicySpec(id=policy) for policy in question.variant.us_alone_policies)
    us_scorer = replace(scorer, scenario=with_policies(scenario, more))
    with_mexico, us_only = question.searches
    joint = _search(question, scorer, with_mexico, "search")
    us = _search(question, us_scorer, us_only, "alone_search")
    us_menu, menu = us.menu(size), joint.menu(size)
    menu |= {target: len(joint.trials) + place for target, place in us_menu.items()}
    portfolios = np.vstack([joint.trials.portfolios, us.trials.portfolios])
    trials = replace(joint.trials, portfolios=portfolios)
    scored = score(scorer.run, "score", trials, menu)
    alone = score(us_scorer.run, "alone", us.trials, us_menu)
    return QuestionRuns(scenario, trials, replace(scored, alone=_align(scored, alone)))


def _align(scored: Score, alone: Score) -> Trials:
    """Return U.S.-only trials at their portfolios' indices in the score."""
    place_of = {scored.menu[target]: place for target, place in alone.menu.items()}
    aligned = {}
    for name in ("levels", "spent"):
        values = getattr(alone.trials, name)
        if values is not None:
            aligned[name] = np.full((len(scored.trials), *values.shape[1:]), np.nan)
            aligned[name][list(place_of)] = values[list(place_of.values())]
    return replace(alone.trials, portfolios=scored.trials.portfolios, **aligned)
