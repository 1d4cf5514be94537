"""Public functions. Each function reads its arguments, runs a study and returns the result.

The functions return the same results as the commands with the same names, because both use the same
input readers (``experiments.runs.study_inputs``) and the same studies.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import Executor
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pandas as pd

from abm.measures import ENTRIES
from abm.policies import Policy
from abm.scenario import PolicySpec, Scenario, SettingError
from abm.scenario.tree import read_path
from agents.param import plain
from experiments.comparison.compare import DEFAULT_ARMS, REPS
from experiments.comparison.compare import compare as compare_arms
from experiments.rows.records import json_text
from experiments.runs import study_inputs
from experiments.runs.case import Case, Failure, RunResult
from experiments.runs.files import require_packages, write_text
from experiments.runs.many_runs import RunOptions, run_many
from experiments.runs.run import run_one
from experiments.runs.study_inputs import LARGEST_SEED, PolicyInput
from experiments.sweeps.design import Design, Grid
from experiments.sweeps.design_files import load
from experiments.sweeps.executors import ExecutorInput
from experiments.sweeps.sweep import SweepSummary, sweep_all
from experiments.sweeps.sweep import sweep as run_design
from twoborders import arguments
from twoborders.results import (
    AnswerStudy,
    ComparisonStudy,
    ForecastStudy,
    RunStudy,
    SweepStudy,
    TableStudy,
    ValidationStudy,
)

if TYPE_CHECKING:
    from experiments.studies.optimise.study import PortfolioPlan

_MAX_REPS = 10_000

type ScenarioInput = str | Path | Scenario
type ArmsInput = PolicyInput | Sequence[PolicyInput]
type Changes = Mapping[str, Any]  # settings by path or by keyword


def run(
    scenario: ScenarioInput = "baseline",
    policies: ArmsInput = (),
    *,
    seed: int = 1,
    reps: int = 1,
    settings: Mapping[str, Any] | None = None,
    folder: str | Path | None = None,
    jobs: int | None = None,
    executor: Executor | str | None = None,
    **keywords: Any,
) -> RunStudy:
    """Run a scenario with one or several seeds.

    Args:
        scenario: packaged name, TOML file, or a scenario.
        policies: policies that are added to the scenario's, all in force together.
        seed: the first seed.
        reps: number of runs, with consecutive seeds.
        settings: further settings by dotted path, such as ``{"contest.eta": 0.5}``.
        folder: folder of the stored runs, which are not run again (default: no run is stored).
        jobs: number of runs at a time (default: one per core).
        executor: as in ``experiments.sweeps.executors.open_backend``.
        **keywords: scenario settings that are not in a group, such as ``days`` or ``scale``.

    Returns:
        The runs.

    Raises:
        SettingError: an argument is invalid.
        RuntimeError: no run succeeded.
    """
    chosen = _scenario(scenario, arguments.read_settings(run, settings, keywords))
    chosen = _with_policies(chosen, policies)
    cases = [Case(chosen, run_seed) for run_seed in _seeds(seed, reps)]
    if len(cases) == 1 and folder is executor is None:
        arguments.optional_number("jobs", jobs, 1, 256)
        returned = [run_one(cases[0])]
    else:
        with _places(folder, jobs, executor, [chosen]) as places:
            returned = run_many(cases, **places)
    results = tuple(item for item in returned if isinstance(item, RunResult))
    failures = tuple(item for item in returned if isinstance(item, Failure))
    arguments.report_failures(failures, len(results))
    arguments.warn(study_inputs.result_warnings(results, chosen))
    return RunStudy(results, scenario=chosen, failures=failures, where=(jobs, executor))


def compare(
    policies: ArmsInput = DEFAULT_ARMS,
    scenario: ScenarioInput = "baseline",
    *,
    reps: int | None = None,
    seed: int = 1,
    members: int | None = None,
    settings: Mapping[str, Any] | None = None,
    folder: str | Path | None = None,
    jobs: int | None = None,
    executor: Executor | str | None = None,
    **keywords: Any,
) -> ComparisonStudy:
    """Compare policies with a baseline on the same seeds.

    Args:
        policies: one arm per item. An item is a text such as ``fence:0.5`` or ``a+b``, a
            ``Policy``, its class (at dose 1), a ``PolicySpec``, or a list of policies that are in
            force together.
        scenario: the baseline, as a packaged name, a TOML file, or a scenario.
        reps: number of seeds per arm (default: 8, with an ensemble 1 per member).
        seed: the first seed.
        members: number of parameter sets from the calibrated ensemble, each run on all seeds.
        settings: further settings by dotted path, such as ``{"contest.eta": 0.5}``.
        folder: folder of the stored runs, which are not run again (default: no run is stored).
        jobs: number of runs at a time (default: one per core).
        executor: as in ``experiments.sweeps.executors.open_backend``.
        **keywords: scenario settings that are not in a group, such as ``days`` or ``scale``.

    Returns:
        The comparison.

    Raises:
        SettingError: an argument is invalid.
        RuntimeError: the baseline or every arm failed.
    """
    changes = arguments.read_settings(compare, settings, keywords)
    base = _scenario(scenario, changes)
    arms = _portfolios(base, policies)
    if not arms:
        raise SettingError("policies", "the list is empty", "Give at least one policy.")
    arguments.warn(study_inputs.equal_arms(arms))
    for arm in dict.fromkeys(arms):
        arguments.warn(study_inputs.added_doses(base, (*base.policies, *arm)))
    sample, seeds = _replicates(base, changes, members, seed, reps)
    ensemble = sample.settings if sample else None
    scenarios = [study_inputs.with_policies(base, arm) for arm in arms]
    with _places(folder, jobs, executor, scenarios) as places:
        comparison = compare_arms(base, arms, seeds=seeds, ensemble=ensemble, **places)
    baseline, *runs = [len(arm.runs) for arm in (comparison.baseline, *comparison.arms)]
    lost, useful = comparison.failures, baseline > 0 and any(runs)
    arguments.report_failures(lost, baseline + sum(runs) if useful else 0)
    arguments.warn(study_inputs.result_warnings(comparison.baseline.runs.values(), base))
    return ComparisonStudy(comparison, sample, scenario=base, failures=lost, where=(jobs, executor))


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
    **keywords: Any,
) -> SweepStudy:
    """Run a design and store every run. The same call continues an interrupted sweep.

    Args:
        design: packaged name, TOML file, ``Design``, or values by factor, which form a grid:
            ``{"policy.fence": [0, 1]}``.
        folder: folder of the stored runs (default: a folder in ``out/sweep``).
        scenario, reps, seed, settings: as in :func:`compare`, for a grid only. A design contains
            them.
        jobs: number of runs at a time (default: one per core).
        executor: as in ``experiments.sweeps.executors.open_backend``.
        resume: whether to continue with the runs that the folder holds.
        **keywords: scenario settings of a grid, such as ``days`` or ``scale``.

    Returns:
        The stored runs.

    Raises:
        SettingError: an argument is invalid.
        RuntimeError: no run succeeded.
    """
    resume = arguments.flag("resume", resume)
    given: dict[str, Any] = {"scenario": scenario, "reps": reps, "seed": seed, "settings": settings}
    given = {name: value for name, value in (given | keywords).items() if value is not None}
    if isinstance(design, Mapping):
        changes = arguments.read_settings(sweep, settings, keywords)
        base = _scenario("baseline" if scenario is None else scenario, changes)
        seeds = {name: given[name] for name in ("reps", "seed") if name in given}
        planned = Design(name="grid", sample=Grid(design), scenario=base, **seeds)
        default = f"grid-{planned.digest[:8]}"
    else:
        arguments.refuse_keywords(sweep, keywords, arguments.KEYWORDS)
        for name in given:
            hint = "Give it in the design, or give a mapping of factors to values."
            raise SettingError(name, "a design has its own", hint)
        planned = design if isinstance(design, Design) else load(design)
        default = planned.name
    target = Path("out", "sweep", default) if folder is None else read_path("folder", folder)
    with arguments.backend(jobs, executor) as backend:
        swept = run_design(planned, target, executor=backend, resume=resume)
    arguments.report_failures(swept.failures, swept.stored + swept.completed)
    return SweepStudy(planned, swept, scenario=planned.scenario, failures=swept.failures)


def validate(
    *,
    reps: int | None = None,
    seed: int = 1,
    scale: int | None = None,
    members: int | None = None,
    scores: bool = False,
    settings: Mapping[str, Any] | None = None,
    folder: str | Path | None = None,
    jobs: int | None = None,
    executor: Executor | str | None = None,
    **keywords: Any,
) -> ValidationStudy:
    """Compare the model with official records.

    Args:
        reps: number of seeds per episode (default: 3, with an ensemble 1).
        seed: the first seed.
        scale: persons per simulated migrant (default: 50).
        members: number of members from the calibrated ensemble, at most the 30 members with doses.
        scores: whether fiscal years 2009 to 2019 are scored, with 18 more runs per member and seed.
        settings: numbers by dotted path, applied to every episode.
        folder: folder of the stored runs, which are not run again (default: no run is stored).
        jobs: number of runs at a time (default: one per core).
        executor: as in ``experiments.sweeps.executors.open_backend``.
        **keywords: scenario settings that no episode fixes, such as ``agent_classes``.

    Returns:
        The validation.

    Raises:
        SettingError: an argument is invalid.
        RuntimeError: no run succeeded.
    """
    from experiments.calibration import ensemble as packaged
    from experiments.validation import validate as validation
    from experiments.validation.episodes import refuse_fixed_settings

    scores = arguments.flag("scores", scores)
    changes = arguments.read_settings(validate, settings, keywords)
    refuse_fixed_settings(changes)
    count = arguments.optional_number("members", members, 1, 10_000)
    ensemble = packaged.read().with_doses(count) if count else None
    seeds = _seeds(seed, reps, 1 if ensemble else validation.REPS)
    scale = validation.SCALE if scale is None else arguments.whole_number("scale", scale, 1, 1000)
    chosen: Any = {"settings": changes, "ensemble": ensemble, "scores": scores}
    with _places(folder, jobs, executor) as places:
        results = validation.validate(seeds=seeds, scale=scale, **chosen, **places)
    total = len(results.digests) * len(seeds) * results.members
    arguments.report_failures(results.failures, total - len(results.failures))
    return ValidationStudy(results, failures=results.failures)


def forecast(
    record: str | Path,
    folder: str | Path = "out/forecast",
    *,
    policies: ArmsInput = (),
    horizon: int = 12,
    scenario: ScenarioInput = "history",
    scale: int = 200,
    reps: int = 1,
    seed: int = 1,
    members: int | None = 40,
    settings: Mapping[str, Any] | None = None,
    jobs: int | None = None,
    executor: Executor | str | None = None,
    **keywords: Any,
) -> ForecastStudy:
    """Forecast the months after a record, and write the forecast to a file that can be scored.

    The file is ``forecast.json`` in the folder. It holds the record, the conditions, all samples
    and their hash. The runs are stored, and the same call continues an interrupted forecast.

    Args:
        record: CSV file with a column ``month`` and a column of apprehended persons for each group,
            for at least twelve consecutive months.
        folder: folder for the file and the stored runs.
        policies: policies that are added to the scenario's, all in force together.
        horizon: number of months to forecast.
        scenario: packaged name, TOML file, or a scenario, from which policies, staff and drivers
            are taken.
        scale: persons per simulated migrant.
        reps: number of seeds per member.
        seed: the first seed.
        members: number of parameter sets from the calibrated ensemble, or None for the scenario's
            own parameters.
        settings: further settings by dotted path.
        jobs: number of runs at a time (default: one per core).
        executor: as in ``experiments.sweeps.executors.open_backend``.
        **keywords: scenario settings that are not in a group and do not follow from the record.

    Returns:
        The median and the central 50 % and 90 % by outcome and month.

    Raises:
        SettingError: the record or another argument is invalid.
        RuntimeError: no run succeeded.
    """
    from experiments.rows.forecast import forecast_study
    from experiments.studies import forecast as forecasts
    from experiments.validation.episodes import refuse_fixed_settings

    changes = arguments.read_settings(forecast, settings, keywords)
    refuse_fixed_settings(changes, forecasts.FROM_RECORD, forecasts.REASON)
    base = _with_policies(_scenario(scenario, changes | {"scale": scale}), policies)
    sample, seeds = _replicates(base, changes, members, seed, reps)
    months = forecasts.read_record(read_path("record", record))
    size: Any = {"horizon": arguments.whole_number("horizon", horizon, 1, 60), "reps": len(seeds)}
    plan = forecasts.ForecastPlan(record=months, scenario=base, members=sample, seed=seed, **size)
    target = read_path("folder", folder)
    with arguments.backend(jobs, executor) as backend:
        (runs,), failures = forecasts.run_plans([plan], target / "samples", executor=backend)
    arguments.report_failures(failures, len(runs))
    result = forecasts.make_forecast(plan, runs)
    rows, lost = forecast_study(result), tuple(failures)
    write_text(target / "forecast.json", json_text(rows) + "\n")
    return ForecastStudy(result, rows, rows["rows"], scenario=plan.base, failures=lost)


def score_forecast(forecast: str | Path | ForecastStudy, observed: str | Path) -> pd.DataFrame:
    """Score a forecast by the months that followed, next to three naive forecasts.

    Args:
        forecast: the result of :func:`forecast`, or its file. A changed file is refused.
        observed: CSV file with a column ``month`` and one column per outcome.

    Returns:
        One row per outcome and method. Outcomes with a better naive forecast come first. Columns
        are ``outcome``, ``figures`` (number of scored months), ``method``, ``crps`` and
        ``log_score`` (in logs, lower is better), ``coverage90``, ``within10`` and ``within25``
        (shares of the months).

    Raises:
        SettingError: a file is invalid, or holds no month of the forecast.
    """
    from experiments.rows.forecast import score_rows
    from experiments.studies import forecast as forecasts
    from experiments.studies.forecast_scores import score_forecast as score

    months = forecasts.read_record(read_path("observed", observed), needs=(), where="observed")
    if isinstance(forecast, ForecastStudy):
        return pd.DataFrame(score_rows(score(forecast.result, months)))
    result = forecasts.read_forecast(read_path("forecast", forecast))
    return pd.DataFrame(score_rows(score(result, months)))


def curve(
    instruments: Sequence[str | type[Policy]] = (),
    folder: str | Path = "out/curve",
    *,
    budgets: Sequence[str | float] = (),
    scenario: ScenarioInput = "baseline",
    scale: int = 100,
    reps: int | None = None,
    seed: int = 1,
    members: int | None = None,
    settings: Mapping[str, Any] | None = None,
    jobs: int | None = None,
    executor: Executor | str | None = None,
    **keywords: Any,
) -> TableStudy:
    """Compute the agents, miles or dollars that reach a goal, with and without cooperation.

    The runs are stored, and the same call continues an interrupted study.

    Args:
        instruments: policies that do not need Mexico, as ids, classes or ``module:Class``, and
            ``us_only``, the portfolio of the scenario ``us_only`` (default: four policies and
            ``us_only``).
        folder: folder of the stored runs.
        budgets: dollars per year, as numbers or texts such as ``250M`` (default: 0, 100M, 250M,
            500M, 1B, 2B, 4B). Zero and the maximum dose are always included.
        scenario: packaged name, TOML file, or a scenario.
        scale: persons per simulated migrant.
        reps: number of seeds per point (default: 8, with an ensemble 1 per member).
        seed: the first seed.
        members: number of parameter sets from the calibrated ensemble.
        settings: further settings by dotted path.
        jobs: number of runs at a time (default: one per core).
        executor: as in ``experiments.sweeps.executors.open_backend``.
        **keywords: scenario settings that are not in a group, such as ``days``.

    Returns:
        The outcomes at every budget, and what every goal requires.

    Raises:
        SettingError: an argument is invalid, or the folder holds another study.
        RuntimeError: no run succeeded.
    """
    from experiments.rows import curve as curve_rows
    from experiments.rows.comparison import ensemble_json
    from experiments.studies.curve import plan_curves, read_curves

    changes = arguments.read_settings(curve, settings, keywords)
    base = _scenario(scenario, changes | {"scale": scale})
    sample, seeds = _replicates(base, changes, members, seed, reps)
    chosen: Any = {"instruments": instruments, "budgets": budgets, "reps": len(seeds)}
    plan = plan_curves(base, sample, **chosen, seed=seed)
    target, _, failures = _run_designs(plan.designs, folder, jobs, executor)
    lines = read_curves(plan, target)
    rows = curve_rows.curve_study(plan, lines, ensemble_json(sample), failures)
    return TableStudy(lines, rows, [*curve_rows.csv_rows(rows)], scenario=base, failures=failures)


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

    The runs are stored, and the same call continues an interrupted study.

    Args:
        outcomes: names of outcomes or criteria (default: both kinds of entries, and all human costs
            except debt).
        folder: folder of the stored runs.
        method: ``morris`` (screening) or ``sobol`` (shares).
        policies: policies whose effects, in percent, are analysed instead of the level of the
            outcome.
        factors: names of priors, paths of parameters, or ``policy.ID`` for a dose, each also with
            bounds as ``NAME=LOW..HIGH`` (default: every prior of the calibration).
        n: number of trajectories (default: 10) or, for ``sobol``, of base samples, which is a power
            of two (default: 128).
        scenario: packaged name, TOML file, or a scenario.
        scale: persons per simulated migrant.
        reps: number of seeds over which outcomes are averaged.
        seed: the first seed.
        settings: further settings by dotted path.
        jobs: number of runs at a time (default: one per core).
        executor: as in ``experiments.sweeps.executors.open_backend``.
        **keywords: scenario settings that are not in a group, such as ``days``.

    Returns:
        The indices of every factor.

    Raises:
        SettingError: an argument is invalid, or the folder holds another study.
        RuntimeError: no run succeeded.
    """
    from experiments.studies.sensitivity import study as indices

    changes = arguments.read_settings(sensitivity, settings, keywords)
    base = _scenario(scenario, changes | {"scale": scale})
    study, warnings = indices.plan_study(
        base,
        arguments.texts("factors", factors),
        study_inputs.setting_leaves(changes.items()),
        outcomes=arguments.texts("outcomes", outcomes),
        method=method,
        n=arguments.optional_number("n", n, 1, 65_536),
        policies=tuple(_portfolios(base, policies)),
        reps=len(_seeds(seed, reps)),
        seed=seed,
    )
    arguments.warn(warnings)
    target, swept, failures = _run_designs(study.designs, folder, jobs, executor)
    results = indices.read_results(study, target)
    if not any(result.indices for result in results):
        raise RuntimeError("too few runs succeeded; the same call repeats the failed ones")
    rows = indices.sensitivity_study(study, swept, failures, results)
    return TableStudy(results, rows, [*indices.csv_rows(rows)], scenario=base, failures=failures)


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

    The runs are stored, and the same call continues an interrupted study.

    Args:
        budgets: dollars per year, as numbers or texts (default: 250M, 500M, 1B).
        folder: folder of the stored runs.
        sides: ``us_only``, ``cooperative`` or ``mixed``.
        account: account on which budgets are defined: ``joint``, ``governments`` or ``us``.
        outcomes: the kinds of entries that portfolios minimise.
        policies: user-defined classes that can also be bought, as classes or ``module:Class``.
        members: number of members for the score.
        search_members: number of other members, for the search.
        random_portfolios: number of random portfolios at the start.
        rounds: number of rounds of proposals.
        scale: persons per simulated migrant.
        seed: first seed.
        settings: numbers by dotted path.
        jobs: number of runs at a time (default: one per core).
        executor: as in ``experiments.sweeps.executors.open_backend``.
        **keywords: ``agent_classes``. Any other keyword raises an error.

    Returns:
        The best portfolio of every side, budget and outcome.

    Raises:
        SettingError: an argument is invalid, a package is missing, or the folder holds another
            study.
    """
    from experiments.studies.optimise import study as portfolios
    from experiments.studies.optimise.search import SearchEffort

    count = arguments.whole_number("random_portfolios", random_portfolios, 1, 10_000)
    rounds = arguments.whole_number("rounds", rounds, 1, 100)
    plan = portfolios.OptimisationPlan(
        budgets=study_inputs.read_budgets(budgets) or portfolios.OptimisationPlan.budgets,
        sides=arguments.texts("sides", sides),
        account=account,
        outcomes=arguments.texts("outcomes", outcomes),
        policies=study_inputs.read_names(policies),
        members=arguments.whole_number("members", members, 1, 240),
        search_members=arguments.whole_number("search_members", search_members, 1, 10),
        effort=SearchEffort(random_portfolios=count, rounds=rounds),
        seed=arguments.whole_number("seed", seed, 0, 2_000_000),
    )
    target = read_path("folder", folder)
    base = _long_scenario(optimise, plan, scale, settings, keywords)
    with arguments.backend(jobs, executor) as backend:
        result = portfolios.optimise(plan, plan.evaluator(base, target, executor=backend))
    failures = (*result.searched.failures, *result.scored.trials.failures)
    arguments.report_failures(failures)
    rows = portfolios.optimisation_study(result)
    return TableStudy(result, rows, [*portfolios.best_rows(rows)], scenario=base, failures=failures)


def ask(
    folder: str | Path = "out/ask",
    *,
    quick: bool = False,
    members: int | None = None,
    search_members: int | None = None,
    turning_members: int | None = None,
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

    The runs are stored, and the same call continues an interrupted study.

    Args:
        folder: folder of the stored runs.
        quick: whether to compute a first answer with fewer runs.
        members: number of members for the verdict (default: 60, quick 8).
        search_members: number of other members, for the search (default: 6, quick 2).
        turning_members: number of members with whose settings every assumed number is tested at its
            bounds (default: 2, quick 0).
        budgets: dollars per year, as numbers or texts such as ``250M``.
        policies: user-defined classes that can also be bought, as classes or ``module:Class``.
        scale: persons per simulated migrant (default: 200).
        seed: first seed.
        settings: numbers by dotted path.
        jobs: number of runs at a time (default: one per core).
        executor: as in ``experiments.sweeps.executors.open_backend``.
        **keywords: ``agent_classes``. Any other keyword raises an error.

    Returns:
        The answer.

    Raises:
        SettingError: an argument is invalid, a package is missing, or the folder holds another
            question.
    """
    from experiments.rows.answer import answer_study, claim_rows
    from experiments.studies.ask.answer import answer
    from experiments.studies.ask.sizes import answer_size
    from experiments.studies.ask.stages import run_stages

    size = answer_size(
        quick=arguments.flag("quick", quick),
        budgets=study_inputs.read_budgets(budgets),
        policies=study_inputs.read_names(policies),
        members=arguments.optional_number("members", members, 8, 240),
        search_members=arguments.optional_number("search_members", search_members, 1, 10),
        turning_members=arguments.optional_number("turning_members", turning_members, 0, 10),
        scale=arguments.optional_number("scale", scale, 1, 1000),
        seed=arguments.whole_number("seed", seed, 0, 2_000_000),
    )
    target = read_path("folder", folder)
    base = _long_scenario(ask, size, size.scale, settings, keywords)
    with arguments.backend(jobs, executor) as backend:
        result = answer(run_stages(size, size.evaluator(base, target, executor=backend)))
    arguments.report_failures(result.failed_runs)
    rows = answer_study(result)
    return AnswerStudy(result, rows, claim_rows(rows), scenario=base, failures=result.failed_runs)


# ---- where runs take place -----------------------------------------------------------------------


@contextmanager
def _places(
    folder: str | Path | None,
    jobs: int | None,
    executor: Executor | str | None,
    scenarios: Sequence[Scenario] = (),
) -> Iterator[RunOptions]:
    """Yield the backend and the folder for a call's cases."""
    target = None if folder is None else read_path("folder", folder)
    with arguments.backend(jobs, executor, scenarios) as backend:
        yield {"executor": backend, "folder": target}


def _run_designs(
    designs: Mapping[str, Design], folder: str | Path, jobs: int | None, executor: ExecutorInput
) -> tuple[Path, list[SweepSummary], tuple[Failure, ...]]:
    """Run a study's designs. Return their parent folder, run counts and failed runs."""
    target = read_path("folder", folder)
    with arguments.backend(jobs, executor) as backend:
        swept = sweep_all(designs, target, executor=backend)
    failures = tuple(failure for each in swept for failure in each.failures)
    finished = sum(each.stored + each.completed for each in swept)
    arguments.report_failures(failures, finished)
    return target, swept, failures


# ---- arguments and failures ----------------------------------------------------------------------


def _scenario(scenario: ScenarioInput, changes: Changes) -> Scenario:
    """Read and check a call's scenario, and warn about settings without effect."""
    if not isinstance(scenario, str | Path | Scenario):
        hint = "Give a packaged name, a .toml file, or a Scenario."
        raise SettingError("scenario", f"{plain(scenario)} is not a scenario", hint)
    chosen = study_inputs.read_scenario(scenario, changes)
    arguments.warn(study_inputs.scenario_warnings(chosen))
    return chosen


def _long_scenario(
    function: Any, plan: PortfolioPlan, scale: int, settings: Changes | None, keywords: Changes
) -> Scenario:
    """Return the baseline at the longest horizon, with a portfolio study's settings."""
    arguments.refuse_keywords(function, keywords, ("agent_classes",))
    require_packages(function.__name__, ("sklearn", "pymoo"), "analysis")
    changes = arguments.read_settings(function, settings, {"scale": scale, **keywords})
    return plan.extend(_scenario("baseline", changes))


def _with_policies(scenario: Scenario, policies: ArmsInput) -> Scenario:
    """Add a call's policies to its scenario."""
    specs = tuple(spec for arm in _portfolios(scenario, policies) for spec in arm)
    combined = study_inputs.with_policies(scenario, specs)
    arguments.warn(study_inputs.added_doses(combined, combined.policies))
    return combined


def _portfolios(scenario: Scenario, policies: ArmsInput) -> list[study_inputs.Portfolio]:
    """Read a call's policies, one portfolio per item."""
    if isinstance(policies, str | PolicySpec | Policy | type):
        policies = [policies]
    if not isinstance(policies, Sequence):
        hint = 'Give a list such as ["patrol_surge:250M", "fence:0.5"].'
        raise SettingError("policies", f"{plain(policies)} is not a list of policies", hint)
    arms = study_inputs.read_portfolios(scenario, policies)
    specs = [spec for arm in arms for spec in arm]
    arguments.warn(study_inputs.policies_never_in_force(scenario, specs))
    return arms


def _seeds(seed: int, reps: int | None, default: int = 1) -> range:
    """Check and return a call's seeds."""
    first = arguments.whole_number("seed", seed, 0, LARGEST_SEED)
    count = default if reps is None else arguments.whole_number("reps", reps, 1, _MAX_REPS)
    return study_inputs.seed_range(first, count)


def _replicates(
    base: Scenario, changes: Changes, members: int | None, seed: int, reps: int | None
) -> tuple[study_inputs.EnsembleSample | None, range]:
    """Return a call's members and seeds, and warn about parameters that members do not vary."""
    count = arguments.optional_number("members", members, 1, 10_000)
    sample = study_inputs.read_members(count, base, changes.items())
    arguments.warn(study_inputs.fixed_parameters(sample))
    return sample, _seeds(seed, reps, 1 if sample else REPS)
