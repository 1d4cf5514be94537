"""The public functions: each reads its arguments, runs a study and returns its result.

The functions give the same figures as the commands with the same name. They share the input readers
(``experiments.runs.study_inputs``) and the functions that run the studies.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import Executor
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any, Unpack

from abm.measures import ENTRIES
from abm.policies import Policy
from abm.scenario import PolicySpec, Scenario, SettingError
from abm.scenario.tree import read_path
from agents.param import plain
from experiments.comparison.compare import DEFAULT_ARMS, REPS
from experiments.comparison.compare import compare as compare_arms
from experiments.runs import study_inputs
from experiments.runs.case import Case, Failure, RunResult
from experiments.runs.many_runs import run_many
from experiments.runs.run import run_one
from experiments.runs.study_inputs import LARGEST_SEED, PolicyInput
from experiments.sweeps.backend import Backend
from experiments.sweeps.design import Design, Grid
from experiments.sweeps.design_files import load
from experiments.sweeps.executors import open_backend
from experiments.sweeps.sweep import SweepSummary, sweep_all
from experiments.sweeps.sweep import sweep as run_design
from twoborders.arguments import (
    KEYWORDS,
    ScenarioSettings,
    flag,
    read_jobs,
    read_settings,
    refuse_keywords,
    texts,
    warn,
    whole_number,
)
from twoborders.results import ComparisonStudy, RunStudy, SweepStudy

if TYPE_CHECKING:
    from experiments.studies.optimise.study import PortfolioPlan
    from experiments.studies.optimise.trials import Evaluator
    from twoborders.study_results import AnswerStudy, TableStudy, ValidationStudy

_MOST_REPS = 10_000
_INPUT_ERRORS = ("SettingError", "WorldError")

type ScenarioInput = str | Path | Scenario
type ArmsInput = PolicyInput | Sequence[PolicyInput]


def run(
    scenario: ScenarioInput = "baseline",
    policies: ArmsInput = (),
    *,
    seed: int = 1,
    reps: int = 1,
    settings: Mapping[str, Any] | None = None,
    jobs: int | None = None,
    **keywords: Unpack[ScenarioSettings],
) -> RunStudy:
    """Run a scenario.

    Args:
        scenario: packaged name, TOML file, or a scenario.
        policies: policies in addition to the scenario's, all in force together.
        seed: the first seed.
        reps: number of runs, with consecutive seeds.
        settings: further settings by dotted path, such as ``{"contest.eta": 0.5}``.
        jobs: runs at a time (default: one per core).
        **keywords: scenario settings that are not in a group, such as ``days`` or ``scale``.

    Returns:
        The runs.

    Raises:
        SettingError: an argument is invalid.
        RuntimeError: no run succeeded.
    """
    jobs = None if jobs is None else whole_number("jobs", jobs, 1, 256)
    chosen = _scenario(run, scenario, settings, keywords)
    specs = [spec for arm in _portfolios(chosen, policies) for spec in arm]
    chosen = chosen.with_settings({"policies": (*chosen.policies, *specs)})
    warn(study_inputs.added_doses(chosen, chosen.policies))
    seeds = _seeds(seed, reps)
    if len(seeds) == 1:
        answers = [run_one(Case(chosen, seeds[0]))]
    else:
        cases = [Case(chosen, run_seed) for run_seed in seeds]
        answers = run_many(cases, jobs=read_jobs(jobs, [chosen]))
    results = tuple(answer for answer in answers if isinstance(answer, RunResult))
    failures = tuple(answer for answer in answers if isinstance(answer, Failure))
    _report_failures(failures, len(answers))
    warn(study_inputs.few_migrants(results))
    return RunStudy(chosen, results, failures)


def compare(
    policies: ArmsInput = DEFAULT_ARMS,
    scenario: ScenarioInput = "baseline",
    *,
    reps: int | None = None,
    seed: int = 1,
    ensemble: int | None = None,
    settings: Mapping[str, Any] | None = None,
    jobs: int | None = None,
    **keywords: Unpack[ScenarioSettings],
) -> ComparisonStudy:
    """Compare policies with a baseline on the same seeds.

    Args:
        policies: one arm per item: a text such as ``fence:0.5`` or ``a+b``, a ``Policy``, its class
            (at dose 1), a ``PolicySpec``, or a list of them that is in force together.
        scenario: the baseline: packaged name, TOML file, or a scenario.
        reps: seeds per arm (default: 8, with an ensemble 1 per member).
        seed: the first seed.
        ensemble: how many parameter sets from the calibrated ensemble, each run on all seeds.
        settings: further settings by dotted path, such as ``{"contest.eta": 0.5}``.
        jobs: runs at a time (default: one per core).
        **keywords: scenario settings that are not in a group, such as ``days`` or ``scale``.

    Returns:
        The comparison.

    Raises:
        SettingError: an argument is invalid.
        RuntimeError: the baseline or every arm failed.
    """
    base = _scenario(compare, scenario, settings, keywords)
    arms = _portfolios(base, policies)
    if not arms:
        raise SettingError("policies", "the list is empty", "Give at least one policy.")
    warn(study_inputs.equal_arms(arms))
    for arm in dict.fromkeys(arms):
        warn(study_inputs.added_doses(base, (*base.policies, *arm)))
    sample = _members(ensemble, base, {**(settings or {}), **keywords})
    seeds = _seeds(seed, (1 if sample else REPS) if reps is None else reps)
    members = sample.settings if sample else None
    jobs = read_jobs(jobs, [study_inputs.with_policies(base, arm) for arm in arms])
    comparison = compare_arms(base, arms, seeds=seeds, ensemble=members, jobs=jobs)
    runs = [len(arm.runs) for arm in comparison.arms]
    total = (len(runs) + 1) * len(seeds) * max(1, comparison.members)
    _report_failures(comparison.failures, total if comparison.baseline.runs and any(runs) else 0)
    warn(study_inputs.few_migrants(comparison.baseline.runs.values()))
    return ComparisonStudy(comparison, sample)


def sweep(
    design: str | Path | Design | Mapping[str, Sequence[Any]],
    folder: str | Path | None = None,
    *,
    scenario: ScenarioInput | None = None,
    reps: int | None = None,
    seed: int | None = None,
    settings: Mapping[str, Any] | None = None,
    jobs: int | None = None,
    executor: Executor | str | None = None,
    resume: bool = True,
    **keywords: Unpack[ScenarioSettings],
) -> SweepStudy:
    """Run a design and store every run. The same call continues an interrupted sweep.

    Args:
        design: packaged name, TOML file, ``Design``, or values by factor, which form a grid:
            ``{"policy.fence": [0, 1]}``.
        folder: folder of the stored runs (default: a folder in ``out/sweep``).
        scenario, reps, seed, settings: of a grid. A design has its own.
        jobs: runs at a time (default: one per core).
        executor: as in ``experiments.sweeps.sweep.sweep``.
        resume: continue with the runs that the folder holds.
        **keywords: scenario settings of a grid, such as ``days`` or ``scale``.

    Returns:
        The stored runs.

    Raises:
        SettingError: an argument is invalid.
        RuntimeError: no run succeeded.
    """
    given = {"scenario": scenario, "reps": reps, "seed": seed, "settings": settings, **keywords}
    given = {name: value for name, value in given.items() if value is not None}
    if isinstance(design, Mapping):
        planned = _grid(design, **given)
        default = f"grid-{planned.digest[:8]}"
    else:
        refuse_keywords(sweep, keywords, KEYWORDS)
        for name in given:
            hint = "Give it in the design, or give a mapping of factors to values."
            raise SettingError(name, "a design has its own", hint)
        planned = design if isinstance(design, Design) else load(design)
        default = planned.name
    target = Path("out", "sweep", default) if folder is None else read_path("folder", folder)
    with _backend(jobs, executor) as backend:
        swept = run_design(planned, target, executor=backend, resume=flag("resume", resume))
    finished = swept.stored + swept.completed
    _report_failures(swept.failures, swept.planned if finished else 0)
    return SweepStudy(planned, swept)


def validate(
    *,
    reps: int | None = None,
    seed: int = 1,
    scale: int | None = None,
    ensemble: int | None = None,
    scores: bool = False,
    settings: Mapping[str, Any] | None = None,
    jobs: int | None = None,
    **keywords: Any,
) -> ValidationStudy:
    """Compare the model with official records.

    Args:
        reps: seeds per episode (default: 3, with an ensemble 1).
        seed: the first seed.
        scale: persons per simulated migrant (default: 50).
        ensemble: how many members from the calibrated ensemble, at most the 24 with doses.
        scores: whether fiscal years 2009 to 2019 are scored, with 21 more runs per member and seed.
        settings: numbers by dotted path, applied to every episode.
        jobs: runs at a time (default: one per core).
        **keywords: ``agent_classes``. Another keyword raises an error with the nearest one.

    Returns:
        The validation.

    Raises:
        SettingError: an argument is invalid.
        RuntimeError: no run succeeded.
    """
    from experiments.calibration import ensemble as packaged
    from experiments.validation import validate as validation
    from experiments.validation.episodes import refuse_fixed_settings
    from twoborders.study_results import ValidationStudy

    scores = flag("scores", scores)
    refuse_fixed_settings(keywords)
    refuse_keywords(validate, keywords, ("agent_classes",))
    changes = read_settings(validate, settings, keywords)
    refuse_fixed_settings(changes)
    members = None
    if ensemble is not None:
        members = packaged.read().with_doses(whole_number("ensemble", ensemble, 1, 10_000))
    default = validation.REPS if ensemble is None else 1
    seeds = _seeds(seed, default if reps is None else reps)
    scale = validation.SCALE if scale is None else whole_number("scale", scale, 1, 1000)
    results = validation.validate(
        seeds=seeds,
        scale=scale,
        settings=changes,
        ensemble=members,
        scores=scores,
        jobs=read_jobs(jobs),
    )
    _report_failures(results.failures, len(results.digests) * len(seeds) * results.members)
    return ValidationStudy(results)


def curve(
    instruments: Sequence[str | type[Policy]] = (),
    folder: str | Path = "out/curve",
    *,
    budgets: Sequence[str | float] = (),
    scenario: ScenarioInput = "baseline",
    scale: int = 100,
    reps: int | None = None,
    seed: int = 1,
    ensemble: int | None = None,
    settings: Mapping[str, Any] | None = None,
    jobs: int | None = None,
    executor: Executor | str | None = None,
    **keywords: Any,
) -> TableStudy:
    """Compute how many agents, miles or dollars reach a goal, with and without cooperation.

    The runs are stored, and the same call continues an interrupted one.

    Args:
        instruments: policies that need no Mexico, as ids, classes or ``module:Class``, and
            ``us_only``, the portfolio of that scenario (default: four policies and ``us_only``).
        folder: folder of the stored runs.
        budgets: dollars per year, as numbers or texts such as ``250M`` (default: 0, 100M, 250M,
            500M, 1B, 2B, 4B). Zero and the largest dose are always included.
        scenario: packaged name, TOML file, or a scenario.
        scale: persons per simulated migrant.
        reps: seeds per point (default: 8, with an ensemble 1 per member).
        seed: the first seed.
        ensemble: how many parameter sets from the calibrated ensemble.
        settings: further settings by dotted path.
        jobs: runs at a time (default: one per core).
        executor: as in ``experiments.sweeps.sweep.sweep``.
        **keywords: scenario settings that are not in a group, such as ``days``.

    Returns:
        The outcomes at every budget, and what every goal requires.

    Raises:
        SettingError: an argument is invalid, or the folder holds another study.
        RuntimeError: no run succeeded.
    """
    from experiments.rows.comparison import ensemble_json
    from experiments.rows.curve import csv_rows, curve_study
    from experiments.studies.curve import plan_curves, read_curves
    from twoborders.study_results import TableStudy

    base = _scenario(curve, scenario, settings, {"scale": scale, **keywords})
    sample = _members(ensemble, base, {**(settings or {}), **keywords})
    seeds = _seeds(seed, (1 if sample else REPS) if reps is None else reps)
    chosen: dict[str, Any] = {"instruments": instruments, "budgets": budgets}
    plan = plan_curves(base, sample, **chosen, reps=len(seeds), seed=seed)
    target, _, failures = _run_designs(plan.designs, folder, jobs, executor)
    lines = read_curves(plan, target)
    rows = curve_study(plan, lines, ensemble_json(sample), failures)
    return TableStudy(lines, rows, tuple(csv_rows(rows)), failures)


def sensitivity(
    outcomes: Sequence[str] = (),
    folder: str | Path = "out/sensitivity",
    *,
    method: str = "morris",
    policies: ArmsInput = (),
    factors: Sequence[str] = (),
    n: int | None = None,
    scenario: ScenarioInput = "baseline",
    scale: int = 100,
    reps: int = 2,
    seed: int = 1,
    settings: Mapping[str, Any] | None = None,
    jobs: int | None = None,
    executor: Executor | str | None = None,
    **keywords: Any,
) -> TableStudy:
    """Identify the uncertain parameters on which an outcome depends.

    The runs are stored, and the same call continues an interrupted one.

    Args:
        outcomes: outcomes or criteria (default: both kinds of entries, all human costs except
            debt).
        folder: folder of the stored runs.
        method: ``morris`` (screening) or ``sobol`` (shares).
        policies: analyse the change under each of them, in percent, instead of the level.
        factors: a prior, a path of a parameter, or ``policy.ID`` for a dose, also as
            ``NAME=LOW..HIGH`` (default: every prior of the calibration).
        n: trajectories, or base samples of ``sobol``, a power of two (default: 10, ``sobol`` 128).
        scenario: packaged name, TOML file, or a scenario.
        scale: persons per simulated migrant.
        reps: seeds averaged for each answer.
        seed: the first seed.
        settings: further settings by dotted path.
        jobs: runs at a time (default: one per core).
        executor: as in ``experiments.sweeps.sweep.sweep``.
        **keywords: scenario settings that are not in a group, such as ``days``.

    Returns:
        The indices of every factor.

    Raises:
        SettingError: an argument is invalid, or the folder holds another study.
        RuntimeError: no run succeeded.
    """
    from experiments.studies.sensitivity import study as study_of
    from twoborders.study_results import TableStudy

    base = _scenario(sensitivity, scenario, settings, {"scale": scale, **keywords})
    by_hand = study_inputs.setting_leaves({**(settings or {}), **keywords}.items())
    study, warnings = study_of.plan_study(
        base,
        texts("factors", factors),
        by_hand,
        outcomes=texts("outcomes", outcomes),
        method=method,
        n=None if n is None else whole_number("n", n, 1, 65_536),
        policies=tuple(_portfolios(base, policies)),
        reps=len(_seeds(seed, reps)),
        seed=seed,
    )
    warn(warnings)
    target, swept, failures = _run_designs(study.designs, folder, jobs, executor)
    results = study_of.read_results(study, target)
    if not any(result.indices for result in results):
        raise RuntimeError("too few runs succeeded; the same call repeats the failed ones")
    rows = study_of.sensitivity_study(study, swept, failures, results)
    return TableStudy(results, rows, tuple(study_of.csv_rows(rows)), failures)


def optimise(
    budgets: Sequence[str | float] = (),
    folder: str | Path = "out/optimise",
    *,
    sides: Sequence[str] = ("us_only", "mixed"),
    account: str = "joint",
    outcomes: Sequence[str] = ENTRIES,
    policies: Sequence[str | type[Policy]] = (),
    members: int = 12,
    search_members: int = 2,
    random_portfolios: int = 66,
    rounds: int = 3,
    scale: int = 200,
    seed: int = 1,
    settings: Mapping[str, Any] | None = None,
    jobs: int | None = None,
    executor: Executor | str | None = None,
    **keywords: Any,
) -> TableStudy:
    """Search for the best portfolios under a budget, of one side or both, over ten years.

    The runs are stored, and the same call continues an interrupted one.

    Args:
        budgets: dollars per year, as numbers or texts (default: 250M, 500M, 1B).
        folder: folder of the stored runs.
        sides: ``us_only``, ``cooperative`` or ``mixed``.
        account: whose dollars count: ``joint``, ``governments`` or ``us``.
        outcomes: the kinds of entries that portfolios are chosen for.
        policies: classes of yours that can be bought as well, also as ``module:Class``.
        members: scoring members.
        search_members: other members, on which portfolios are searched for.
        random_portfolios: random portfolios at the start.
        rounds: rounds of proposals.
        scale: persons per simulated migrant.
        seed: first seed.
        settings: numbers by dotted path.
        jobs: runs at a time (default: one per core).
        executor: as in ``experiments.sweeps.sweep.sweep``.
        **keywords: ``agent_classes``. Another keyword raises an error with the nearest one.

    Returns:
        The best portfolio of every side, budget and outcome.

    Raises:
        SettingError: an argument is invalid, a package is missing, or the folder holds another
            study.
    """
    from experiments.studies.optimise import study as study_of
    from experiments.studies.optimise.search import SearchEffort
    from twoborders.study_results import TableStudy

    effort = SearchEffort(
        random_portfolios=whole_number("random_portfolios", random_portfolios, 1, 10_000),
        rounds=whole_number("rounds", rounds, 1, 100),
    )
    dollars = study_inputs.read_budgets(budgets)
    plan = study_of.OptimisationPlan(
        **({"budgets": dollars} if dollars else {}),
        sides=texts("sides", sides),
        account=account,
        outcomes=texts("outcomes", outcomes),
        policies=study_inputs.read_names(policies),
        members=whole_number("members", members, 1, 240),
        search_members=whole_number("search_members", search_members, 1, 10),
        effort=effort,
        seed=whole_number("seed", seed, 0, 2_000_000),
    )
    with _evaluator(optimise, plan, folder, scale, settings, jobs, executor, keywords) as evaluator:
        result = study_of.optimise(plan, evaluator)
    failures = (*result.searched.failures, *result.scored.trials.failures)
    _report_failures(failures, len(failures) + 1)
    rows = study_of.optimisation_study(result)
    return TableStudy(result, rows, tuple(study_of.best_rows(rows)), failures)


def ask(
    folder: str | Path = "out/ask",
    *,
    quick: bool = True,
    members: int | None = None,
    search_members: int | None = None,
    variant_members: int | None = None,
    budgets: Sequence[str | float] = (),
    policies: Sequence[str | type[Policy]] = (),
    scale: int | None = None,
    seed: int = 1,
    settings: Mapping[str, Any] | None = None,
    jobs: int | None = None,
    executor: Executor | str | None = None,
    **keywords: Any,
) -> AnswerStudy:
    """Test whether tighter U.S. border security requires Mexico's cooperation.

    The runs are stored, and the same call continues an interrupted one.

    Args:
        folder: folder of the stored runs.
        quick: a first answer with fewer runs.
        members: judging members (default: 60, quick 8).
        search_members: other members, on which portfolios are searched for (default: 6, quick 2).
        variant_members: members on which the structural variants run (default: 30, quick 0).
        budgets: dollars per year, as numbers or texts such as ``250M``.
        policies: classes of yours that can be bought as well, also as ``module:Class``.
        scale: persons per simulated migrant (default: 200).
        seed: first seed.
        settings: numbers by dotted path.
        jobs: runs at a time (default: one per core).
        executor: as in ``experiments.sweeps.sweep.sweep``.
        **keywords: ``agent_classes``. Another keyword raises an error with the nearest one.

    Returns:
        The answer.

    Raises:
        SettingError: an argument is invalid, a package is missing, or the folder holds another
            question.
    """
    from experiments.studies.ask.answer import answer
    from experiments.studies.ask.sizes import answer_size
    from experiments.studies.ask.stages import run_stages
    from twoborders.study_results import AnswerStudy

    given = {
        "members": (members, 8, 240),
        "search_members": (search_members, 1, 10),
        "variant_members": (variant_members, 0, 240),
        "scale": (scale, 1, 1000),
        "seed": (seed, 0, 2_000_000),
    }
    sizes = {
        name: whole_number(name, value, low, high)
        for name, (value, low, high) in given.items()
        if value is not None
    }
    dollars, more = study_inputs.read_budgets(budgets), study_inputs.read_names(policies)
    size = answer_size(quick=flag("quick", quick), budgets=dollars, policies=more, **sizes)
    with _evaluator(ask, size, folder, size.scale, settings, jobs, executor, keywords) as evaluator:
        study = AnswerStudy(answer(run_stages(size, evaluator)))
    _report_failures(study.failures, len(study.failures) + 1)
    return study


# ---- where runs take place -----------------------------------------------------------------------


def _backend(jobs: int | None, executor: Executor | str | None) -> AbstractContextManager[Backend]:
    """Open the backend of a call's runs, in this process if workers cannot take part."""
    jobs = None if jobs is None else whole_number("jobs", jobs, 1, 256)
    if executor is None or (isinstance(executor, str) and executor == "processes"):
        jobs = read_jobs(jobs)
        executor = "serial" if jobs == 1 else executor
    return open_backend(executor, jobs)


def _run_designs(
    designs: Mapping[str, Design],
    folder: str | Path,
    jobs: int | None,
    executor: Executor | str | None,
) -> tuple[Path, list[SweepSummary], tuple[Failure, ...]]:
    """Run a study's designs, and return their parent folder, their counts and the failed runs."""
    target = read_path("folder", folder)
    with _backend(jobs, executor) as backend:
        swept = sweep_all(designs, target, executor=backend)
    failures = tuple(failure for each in swept for failure in each.failures)
    finished = sum(each.stored + each.completed for each in swept)
    _report_failures(failures, finished + len(failures) if finished else 0)
    return target, swept, failures


@contextmanager
def _evaluator(
    function: Any,
    plan: PortfolioPlan,
    folder: str | Path,
    scale: int,
    settings: Mapping[str, Any] | None,
    jobs: int | None,
    executor: Executor | str | None,
    keywords: Mapping[str, Any],
) -> Iterator[Evaluator]:
    """Check a call's study of portfolios, and open the evaluator that runs them."""
    from experiments.studies.optimise.horizons import check_packages, long_scenario

    refuse_keywords(function, keywords, ("agent_classes",))
    check_packages(function.__name__)
    target, scale = read_path("folder", folder), whole_number("scale", scale, 1, 1000)
    changes = read_settings(function, settings, keywords) | {"scale": scale}
    scenario = long_scenario(study_inputs.read_scenario("baseline", changes))
    plan.check(scenario)
    with _backend(jobs, executor) as backend:
        yield plan.evaluator(scenario, target, executor=backend)


# ---- arguments and failures ----------------------------------------------------------------------


def _scenario(
    function: Any,
    scenario: ScenarioInput,
    settings: Mapping[str, Any] | None,
    keywords: Mapping[str, Any],
) -> Scenario:
    """Return a call's scenario, checked, and warn of policies that are never in force."""
    if not isinstance(scenario, str | Path | Scenario):
        hint = "Give a packaged name, a .toml file, or a Scenario."
        raise SettingError("scenario", f"{plain(scenario)} is not a scenario", hint)
    chosen = study_inputs.read_scenario(scenario, read_settings(function, settings, keywords))
    warn(study_inputs.scenario_warnings(chosen))
    return chosen


def _portfolios(scenario: Scenario, policies: ArmsInput) -> list[study_inputs.Portfolio]:
    """Return a call's policies, one portfolio per item."""
    if isinstance(policies, str | PolicySpec | Policy | type):
        policies = [policies]
    if not isinstance(policies, Sequence):
        hint = 'Give a list such as ["patrol_surge:250M", "fence:0.5"].'
        raise SettingError("policies", f"{plain(policies)} is not a list of policies", hint)
    arms = study_inputs.read_portfolios(scenario, policies)
    specs = [spec for arm in arms for spec in arm]
    warn(study_inputs.policies_never_in_force(scenario, specs))
    return arms


def _seeds(seed: int, reps: int) -> range:
    """Return a call's seeds."""
    first = whole_number("seed", seed, 0, LARGEST_SEED)
    return study_inputs.seed_range(first, whole_number("reps", reps, 1, _MOST_REPS))


def _members(
    ensemble: int | None, scenario: Scenario, settings: Mapping[str, Any]
) -> study_inputs.EnsembleSample | None:
    """Return a call's members, and warn of parameters that they do not vary."""
    count = None if ensemble is None else whole_number("ensemble", ensemble, 1, 10_000)
    sample = study_inputs.read_members(count, scenario, settings.items())
    warn(study_inputs.fixed_parameters(sample))
    return sample


def _grid(
    values: Mapping[str, Sequence[Any]],
    *,
    scenario: ScenarioInput = "baseline",
    reps: int = REPS,
    seed: int = 1,
    settings: Mapping[str, Any] | None = None,
    **keywords: Any,
) -> Design:
    """Return the full grid of values by factor."""
    base = _scenario(sweep, scenario, settings, keywords)
    return Design(name="grid", sample=Grid(values), scenario=base, reps=reps, seed=seed)


def _report_failures(failures: Sequence[Failure], total: int) -> None:
    """Warn of failed runs, or raise if no run succeeded.

    Args:
        failures: failed runs.
        total: how many runs, 0 if the others are useless.

    Raises:
        SettingError: no run succeeded because of invalid input.
        RuntimeError: no run succeeded for another reason.
    """
    if not failures:
        return
    first = failures[0]
    if len(failures) < total:
        warn([f"{len(failures)} of {total} runs failed and are left out; the first: {first}"])
        return
    if all(failure.kind in _INPUT_ERRORS for failure in failures):
        raise SettingError(first.name, first.text, "No run succeeded.")
    raise RuntimeError(f"no run succeeded; the first error: {first}")
