"""The public functions: each reads its arguments, runs a study and returns its result.

The functions give the same figures as the commands with the same name. They share the input readers
(``experiments.runs.study_inputs``) and the functions that run the studies.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping, Sequence
from concurrent.futures import Executor
from pathlib import Path
from typing import TYPE_CHECKING, Any, Unpack

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
from experiments.sweeps.design import Design, Grid
from experiments.sweeps.design_files import load
from experiments.sweeps.sweep import sweep as run_design
from twoborders.arguments import (
    KEYWORDS,
    ScenarioSettings,
    flag,
    read_jobs,
    read_settings,
    refuse_keywords,
    warn,
    whole_number,
)
from twoborders.results.comparison import ComparisonStudy
from twoborders.results.runs import RunStudy
from twoborders.results.sweep import SweepStudy

if TYPE_CHECKING:
    from twoborders.results.answer import AnswerStudy
    from twoborders.results.validation import ValidationStudy

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
    jobs = None if jobs is None else whole_number("jobs", jobs, 1, 256)
    if executor is None or (isinstance(executor, str) and executor == "processes"):
        jobs = read_jobs(jobs)
        executor = "serial" if jobs == 1 else executor
    swept = run_design(planned, target, executor=executor, jobs=jobs, resume=flag("resume", resume))
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
    from twoborders.results.validation import ValidationStudy

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


def ask(
    folder: str | Path = "out/ask",
    *,
    quick: bool = True,
    members: int | None = None,
    search_members: int | None = None,
    variant_members: int | None = None,
    budgets: Sequence[str | float] = (),
    scale: int | None = None,
    seed: int = 1,
    settings: Mapping[str, Any] | None = None,
    jobs: int | None = None,
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
        scale: persons per simulated migrant (default: 200).
        seed: first seed.
        settings: numbers by dotted path.
        jobs: runs at a time (default: one per core).
        **keywords: ``agent_classes``. Another keyword raises an error with the nearest one.

    Returns:
        The answer.

    Raises:
        SettingError: an argument is invalid, a package is missing, or the folder holds another
            question.
    """
    from experiments.calibration.members import draw_members
    from experiments.runs.files import claim_folder
    from experiments.studies.ask.answer import answer
    from experiments.studies.ask.sizes import answer_size
    from experiments.studies.ask.stages import run_stages
    from experiments.studies.optimise.horizons import check_packages, long_scenario
    from experiments.studies.optimise.study import check_members, split_members
    from experiments.studies.optimise.trials import Evaluator
    from twoborders.results.answer import AnswerStudy

    refuse_keywords(ask, keywords, ("agent_classes",))
    quick, target, jobs = flag("quick", quick), read_path("folder", folder), read_jobs(jobs)
    check_packages("ask")
    given = {
        "members": (members, 8, 240),
        "search_members": (search_members, 1, 10),
        "variant_members": (variant_members, 0, 240),
        "scale": (scale, 1, 1000),
    }
    sizes = {
        name: whole_number(name, value, low, high)
        for name, (value, low, high) in given.items()
        if value is not None
    }
    dollars = study_inputs.read_budgets(budgets)
    seed = whole_number("seed", seed, 0, 2_000_000)
    size = answer_size(quick=quick, seed=seed, budgets=dollars, **sizes)
    changes = read_settings(ask, settings, keywords) | {"scale": size.scale}
    chosen = long_scenario(study_inputs.read_scenario("baseline", changes))
    check_members(size.members, size.search_members, chosen)
    question = {"size": dataclasses.asdict(size), "scenario": chosen.digest}
    claim_folder(target, "ask.json", question, resume=True, where="folder")
    judging, _ = split_members(size.members, size.search_members)
    sample = draw_members(judging, chosen)
    evaluator = Evaluator(chosen, sample, target / "runs", jobs=jobs)
    study = AnswerStudy(answer(run_stages(size, chosen, evaluator)))
    _report_failures(study.failures, len(study.failures) + 1)
    return study


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
