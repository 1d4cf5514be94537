"""Plan an answer's questions, count their runs, and run them in stages.

There is one question for each headline in each regime. Every question has the same stages, and each
stage stores its runs in sweeps that can be resumed:

1. ``search``: search for portfolios on members that are not used for the score. Each portfolio has
   its own drawn member and effectiveness factors. A headline continues the core's search.
2. ``score``: run the selected portfolios with the score members' settings and other seeds. A
   regime's headlines share these runs.
3. ``marginal``: run the best U.S.-only and cooperation-only portfolios with additional dollars on
   instruments that need Mexico or on other instruments.
4. ``turning``: run the portfolios of the core and of *enforcement only* again, with every assumed
   number at its bounds.

One portfolio for each side and budget is selected for both kinds of entries. Budgets on accounts
other than joint dollars choose among the same portfolios. A portfolio is within a budget if its
*planned* dollars are. It may spend less.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from abm.measures import ENTRIES
from abm.scenario import SettingError
from abm.scenario.policy_specs import PolicySpec
from experiments.calibration.members import EnsembleSample, draw_members
from experiments.studies.ask import turning
from experiments.studies.ask.regimes import CORE, HEADLINES, REGIMES, regime_scenario
from experiments.studies.ask.sizes import AnswerSize
from experiments.studies.ask.uncertain_numbers import PREFIX, draw_numbers, with_numbers
from experiments.studies.ask.verdict import JOINT, TIMES
from experiments.studies.optimise import search
from experiments.studies.optimise.effectiveness_prior import (
    PriorEvaluator,
    draw_factors,
    effectiveness_prior,
    first_forms,
)
from experiments.studies.optimise.horizons import days_in_years
from experiments.studies.optimise.sides import buyable
from experiments.studies.optimise.study import SEARCH_SEED_OFFSET, Score, distinct_portfolios, score
from experiments.studies.optimise.surrogate import Predictor
from experiments.studies.optimise.trials import Evaluator, Trials

if TYPE_CHECKING:
    from abm.scenario import Scenario

#: Effectiveness draws over which the search averages its predictions.
_AVERAGED = 16
_PAIRS = 2 * len(search.STARTS)  # portfolios in the marginal pairs


class Batch(NamedTuple):
    """Maximum number of runs of one length in a stage, and of warm-ups that these runs share."""

    years: int
    runs: int
    warmups: int


@dataclass(frozen=True, kw_only=True)
class Question:
    """The question for one headline in one regime.

    Attributes:
        headline: key in ``HEADLINES``.
        regime: key in ``REGIMES``.
        size: menu, measures, budgets, accounts, effort and length of runs.
        pair_draws: indices of the draws that also run the marginal pairs.
    """

    headline: str
    regime: str
    size: AnswerSize
    pair_draws: Sequence[int]

    @property
    def name(self) -> str:
        """Folder name."""
        return self.regime if self.headline == CORE else f"{self.regime}_{self.headline}"

    def batches(self) -> Iterator[Batch]:
        """Yield the runs in all stages. The core includes the status quo for search and score."""
        size, effort, instruments = self.size, self.size.effort, self.size.instruments
        targets, core = size.targets, self.headline == CORE
        # The last search member runs the one-instrument portfolios.
        members = core * (size.search_members + 1)
        first = effort if core else replace(effort, single_sizes=())
        portfolios = len(search.first_portfolios(instruments, targets, first))
        if not core:  # The core has already run its instruments alone.
            more = instruments.on_menu & ~buyable(size.policies).on_menu
            portfolios += len(effort.single_sizes) * int(more.sum())
        portfolios += effort.rounds * search.count_proposals(instruments, targets, effort)
        yield Batch(size.search_years, portfolios + members, members)
        if effort.confirmed:
            draws = min(size.confirmed_draws, size.search_members)
            yield Batch(size.search_years, (effort.confirmed * len(targets) + 1) * draws, draws)
        yield Batch(size.score_years, (len(targets) + core) * size.members, size.members)
        if draws := len(self.pair_draws):
            yield Batch(size.later_years, _PAIRS * draws, draws)


def questions(size: AnswerSize, regime: str) -> list[Question]:
    """Return every headline's question in a regime, the core first."""
    core = size if regime == size.regimes[0] else size.later
    draws = _spread(size.marginal_members, size.members)
    sizes = {n: core if n == CORE else size.headline(HEADLINES[n]) for n in size.headlines}
    return [
        Question(
            headline=name,
            regime=regime,
            size=question_size,
            pair_draws=draws if HEADLINES[name].marginal else (),
        )
        for name, question_size in sizes.items()
    ]


def _spread(count: int, members: int) -> tuple[int, ...]:
    """Return at most `count` indices, spread over all members."""
    n = min(count, members)
    return tuple(int((i + 0.5) * members / n) for i in range(n))


def batches(size: AnswerSize) -> list[Batch]:
    """Return the runs for all questions and for the turning numbers."""
    batches = [
        batch for name in size.regimes for q in questions(size, name) for batch in q.batches()
    ]
    if size.score_years != size.later_years:  # the status quo is run again with this length
        draws = size.members if len(size.headlines) > 1 else size.marginal_members
        batches.append(Batch(size.later_years, draws, draws))
    if size.turning_members:
        others = [q for q in questions(size, size.regimes[0])[1:] if q.headline in _turned(size)]
        portfolios = len(size.later.targets) + _PAIRS
        portfolios += sum(len(q.size.targets) + 1 + _PAIRS for q in others)
        counts = turning.count_runs(portfolios, size.turning_members)
        batches.append(Batch(size.later_years, *counts))
    return batches


def _turned(size: AnswerSize) -> list[str]:
    """Return the headlines whose portfolios are run with numbers at their bounds."""
    of = {name: HEADLINES[name] for name in size.headlines}
    return [name for name, head in of.items() if head.marginal and head.measures == ENTRIES]


def count_runs(size: AnswerSize) -> dict[int, int]:
    """Return the maximum number of runs in an answer, by years per run."""
    counts = Counter[int]()
    for batch in batches(size):
        counts[batch.years] += batch.runs
    return dict(sorted(counts.items()))


def typical_portfolio(size: AnswerSize) -> tuple[PolicySpec, ...]:
    """Return a random portfolio's policies, with which the time per run is estimated."""
    instruments, budget = size.instruments, size.later_budget
    rows = search.random_portfolios(instruments, ["mixed"], 1, budget, 2.0 * budget, size.seed)
    return instruments.policy_specs(rows[0])


def shortened(scenario: Scenario, years: int) -> Scenario:
    """Return a scenario that lasts some years."""
    return scenario.with_settings({"days": days_in_years(scenario.start, years)})


# ---- runs ---------------------------------------------------------------------------------------


@dataclass(frozen=True, eq=False)
class QuestionRuns:
    """Search and score results for one question.

    Attributes:
        scenario: the regime's scenario.
        searched: trials of the search.
        score: results for every target's portfolio with the score members' settings, and marginal
            pairs.
    """

    scenario: Scenario
    searched: Trials
    score: Score


@dataclass(frozen=True, eq=False, repr=False)
class AskRuns:
    """Results from all stages.

    Attributes:
        size: size of the answer.
        regimes: results for the core, by regime.
        headlines: results for all other headlines, by headline and regime.
        member_indices: indices of the score members in the ensemble.
        numbers: uncertain numbers by name, one mapping per draw.
        turned: the first regime's runs with every assumed number at its bounds. None if they were
            not run.
    """

    size: AnswerSize
    regimes: Mapping[str, QuestionRuns]
    headlines: Mapping[str, Mapping[str, QuestionRuns]]
    member_indices: tuple[int, ...]
    numbers: tuple[Mapping[str, float], ...]
    turned: turning.TurningRuns | None = None

    @property
    def first(self) -> QuestionRuns:
        """Results for the core in the first regime."""
        return self.regimes[self.size.regimes[0]]


def run_stages(size: AnswerSize, evaluator: Evaluator) -> AskRuns:
    """Run all stages. Stored runs are used again.

    Args:
        size: size of the answer.
        evaluator: scenario, folder and execution. Every stage sets its own members.

    Returns:
        The results.
    """
    members, _ = size.split
    evaluator = _under_factors(size, evaluator)
    factors = evaluator.effectiveness
    runs = {name: _run_regime(questions(size, name), evaluator) for name in size.regimes}
    regimes = {name: row[CORE] for name, row in runs.items()}
    first = regimes[size.regimes[0]]
    sample = members_of(members, first.scenario, size.seed)
    numbers = tuple(
        dict(values) | {PREFIX + name: factor for name, factor in first_forms(row).items()}
        for values, row in zip(sample.numbers, factors, strict=True)
    )
    turned = None
    if size.turning_members:
        scenario = shortened(first.scenario, size.later_years)
        shorter = replace(evaluator, scenario=scenario, folder=evaluator.folder / "turning")
        scored = {name: runs[size.regimes[0]][name].score for name in _turned(size)}
        turned = turning.run_numbers(shorter, scored, members[: size.turning_members], size)
    others = {
        name: {r: results[name] for r, results in runs.items()} for name in size.headlines[1:]
    }
    return AskRuns(size, regimes, others, members, numbers, turned)


def run_shard(size: AnswerSize, evaluator: Evaluator) -> None:
    """Run the evaluator's shard of scores and marginal pairs, or the search (number 0).

    Neither the search nor the turning numbers can be divided, because each search round depends on
    all earlier results, and the turning numbers depend on a screen. Scores depend on the search
    only.

    Args:
        size: size of the answer.
        evaluator: as in :func:`run_stages`.

    Raises:
        SettingError: a run of the search is not stored.
    """
    for name in size.regimes:
        _run_regime(questions(size, name), _under_factors(size, evaluator))


def _under_factors(size: AnswerSize, evaluator: Evaluator) -> Evaluator:
    """Return the evaluator with the scoring seed and each scoring draw's effectiveness."""
    members, _ = size.split
    factors = draw_factors(size.instruments.ids, len(members), size.largest_factor, size.seed)
    return replace(evaluator, seed=size.seed, effectiveness=factors)


def _run_regime(questions: Sequence[Question], evaluator: Evaluator) -> dict[str, QuestionRuns]:
    """Search portfolios for a regime's questions, score them, and run the marginal pairs."""
    results: dict[str, _SearchResult] = {}
    for question in questions:
        scorer = _score_evaluator(question, evaluator)
        results[question.headline] = _search(question, scorer, results.get(CORE))
    scores = _scores(questions, results, evaluator)
    return {
        q.headline: QuestionRuns(
            _score_evaluator(q, evaluator).scenario,
            results[q.headline].trials,
            _with_pairs(q, evaluator, results[q.headline], scores[q.headline]),
        )
        for q in questions
    }


def _scores(
    questions: Sequence[Question], results: Mapping[str, _SearchResult], evaluator: Evaluator
) -> dict[str, Score]:
    """Score the core's portfolios, then the portfolios of all other headlines in one sweep."""
    core, *others = questions
    result = results[CORE]
    run = _score_evaluator(core, evaluator).run
    scores = {CORE: score(run, "score", result.trials, result.menu(core.size))}
    if not others:
        return scores
    menus = {q.headline: results[q.headline].menu(q.size) for q in others}
    selected = {
        (name, place): results[name].trials.portfolios[place]
        for name, menu in menus.items()
        for place in menu.values()
    }
    rows, place_of = distinct_portfolios(selected)
    scorer = _score_evaluator(others[0], evaluator)
    trials = replace(scorer, folder=evaluator.folder / core.name).run("headlines", rows)
    for q in others:
        menu = {t: place_of[q.headline, place] for t, place in menus[q.headline].items()}
        scores[q.headline] = Score(replace(trials, instruments=q.size.instruments), menu)
    return scores


def _score_evaluator(question: Question, evaluator: Evaluator) -> Evaluator:
    """Return the scoring evaluator with a question's scenario, instruments and folder."""
    size = question.size
    regime = REGIMES[question.regime]
    scenario = shortened(regime_scenario(evaluator.scenario, regime), size.score_years)
    members, _ = size.split
    return replace(
        evaluator,
        scenario=scenario,
        members=members_of(members, scenario, size.seed),
        folder=evaluator.folder / question.name,
        label=f"{question.name} ",
        instruments=size.instruments,
    )


def members_of(indices: Sequence[int], scenario: Scenario, seed: int | None) -> EnsembleSample:
    """Select ensemble members, each with its contested and drawn numbers.

    Args:
        indices: positions in the packaged ensemble.
        scenario: scenario to run.
        seed: seed for these numbers. None for the declared numbers.

    Returns:
        The members.
    """
    sample = draw_members(indices, scenario)
    n = len(sample)
    return with_numbers(sample, scenario, [{}] * n if seed is None else draw_numbers(n, seed))


# ---- search -------------------------------------------------------------------------------------


@dataclass(frozen=True, eq=False)
class _SearchResult:
    """A search's trials, the index of each target's portfolio, and the last predictions."""

    trials: Trials
    chosen: Mapping[search.BudgetTarget, int]
    surrogates: Mapping[str, Predictor]

    def additions(self, question: Question) -> dict[tuple[search.BudgetTarget, str], np.ndarray]:
        """Return the portfolios in the marginal pairs."""
        budget = question.size.later_budget
        starts = {
            t: k for t, k in self.chosen.items() if t.side in search.STARTS and t.budget == budget
        }
        return search.marginal_portfolios(self.trials, starts, self.surrogates)

    def menu(self, size: AnswerSize) -> dict[search.BudgetTarget, int]:
        """Return the index of the portfolio for every account and measure.

        On an account other than joint dollars, a budget uses the portfolio with the best prediction
        among the side's chosen portfolios that are within the budget on this account. The search
        does not optimise for this account, which can only understate a side's reach.
        """
        instruments, menu = size.instruments, {}
        for target, place in self.chosen.items():
            places = sorted({k for t, k in self.chosen.items() if t.side == target.side})
            portfolios = self.trials.portfolios[places]
            entries = self.surrogates[size.outcome].predict_mean(portfolios)
            for account in size.accounts:
                charge = instruments.charge(portfolios, account)
                within = np.where(charge <= target.budget * (1.0 + 1e-9), entries, np.inf)
                best = place if account == JOINT else places[int(np.argmin(within))]
                for measure in size.measures:
                    menu[replace(target, account=account, outcome=measure)] = best
        return menu


def _search(question: Question, scorer: Evaluator, core: _SearchResult | None) -> _SearchResult:
    """Search for portfolios on members and seeds that are not used for the score.

    If the search continues the core's search, the core's portfolios come first and keep their
    indices.
    """
    size, targets = question.size, question.size.targets
    effort = replace(size.effort, max_random=TIMES * max(size.budgets))
    runner = _search_evaluator(question, scorer)
    factors = runner.prior.sample(_AVERAGED, runner.seed)
    trials = search.search(runner, targets, effort, factors, core.trials if core else None)
    surrogates = search.fit_surrogates(trials, targets, factors)
    if not effort.confirmed:
        return _SearchResult(trials, search.choose_best(trials, targets, surrogates), surrogates)
    best = search.candidates(trials, targets, surrogates, effort.confirmed)
    places = sorted({place for candidate_places in best.values() for place in candidate_places})
    common = _common_draws(question, runner)
    confirmed = common.run("confirmed", trials.portfolios[places])
    return _SearchResult(trials, search.choose_confirmed(best, places, confirmed), surrogates)


def _search_evaluator(question: Question, scorer: Evaluator) -> PriorEvaluator:
    """Return the search evaluator, with other members, other seeds and shorter runs."""
    size = question.size
    _, indices = size.split
    seed = size.seed + SEARCH_SEED_OFFSET
    scenario = shortened(scorer.scenario, size.search_years)
    evaluator = replace(
        scorer,
        folder=scorer.folder / "search",
        label=f"{scorer.label}search ",
        members=members_of(indices, scenario, seed),
        seed=seed,
        scenario=scenario,
        shard=None,
    )
    if scorer.shard and scorer.shard.number:
        evaluator = replace(evaluator, on_start=_check_stored)
    prior = effectiveness_prior(size.instruments.ids, size.largest_factor)
    # All one-instrument portfolios run with one member's settings and the declared numbers.
    return PriorEvaluator(evaluator, prior, seed, members_of(indices[:1], scenario, seed=None))


def _check_stored(name: str, planned: int, stored: int) -> None:
    """Raise ``SettingError`` unless all runs in a search sweep are stored."""
    if stored < planned:
        reason = f"{planned - stored} runs of {name} are not stored, and a search is not divided"
        hint = "Run --shard 0/N, then copy its --out for every other shard, with --resume."
        raise SettingError("--shard", reason, hint)


def _common_draws(question: Question, runner: PriorEvaluator) -> Evaluator:
    """Return the evaluator that compares candidates on common draws.

    Results are stored by member, so each member runs the candidates once.
    """
    size, scenario, seed = question.size, runner.evaluator.scenario, runner.seed + 1
    _, indices = size.split
    indices = indices[: size.confirmed_draws]
    rows = runner.prior.sample(len(indices), seed).tolist()
    return replace(
        runner.evaluator,
        members=members_of(indices, scenario, seed),
        seed=seed,
        effectiveness=[dict(zip(size.instruments.ids, row, strict=True)) for row in rows],
    )


# ---- marginal pairs -----------------------------------------------------------------------------


def _with_pairs(
    question: Question, evaluator: Evaluator, result: _SearchResult, scored: Score
) -> Score:
    """Run the marginal pairs on some of a score's draws, and add them to the score.

    All accounts and measures share the pairs for joint dollars.
    """
    size, draws = question.size, question.pair_draws
    if not draws:
        return scored
    scorer = _score_evaluator(question, evaluator)
    some_draws = replace(
        scorer,
        scenario=shortened(scorer.scenario, size.later_years),
        members=scorer.members.subset(draws),
        effectiveness=[scorer.effectiveness[k] for k in draws],
    )
    portfolios, places = distinct_portfolios(result.additions(question))
    added = some_draws.run("marginal", portfolios)
    additions = {
        (replace(target, account=account, outcome=measure), where): place
        for (target, where), place in places.items()
        for account in size.accounts
        for measure in size.measures
    }
    return replace(scored, additions=additions, added=added, added_draws=tuple(draws))
