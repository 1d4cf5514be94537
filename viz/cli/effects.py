"""``twoborders effects``: measure every instrument at its full programme and at equal dollars, and
under the conditions in which it is declared to act and to fail."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from abm.output_files import check_output
from abm.scenario import Scenario, SettingError
from abm.scenario.policy_specs import PolicySpec
from experiments.rows.records import json_text
from experiments.runs.files import write_text
from experiments.runs.pairs import REPS
from experiments.runs.study_inputs import Portfolio, read_budgets
from experiments.studies.effects import (
    SCALE,
    Effects,
    distinct_scenarios,
    effects,
    effects_study,
    instruments,
)
from experiments.studies.effects import plan as plan_effects
from experiments.sweeps.executors import open_backend
from viz.cli import console
from viz.cli.folders import prepare_folder, stored_runs
from viz.cli.inputs import read_ensemble, read_policies, read_scenario
from viz.cli.progress import print_estimate, run_bar
from viz.cli.shell import BANNER, json_head, log, print_result, report_no_results
from viz.documents.effects import effect_tables, effects_page
from viz.documents.labels import replicates_text, scale_text

if TYPE_CHECKING:
    from viz.cli import app

PAGE = Path("docs") / "reference" / "effects.md"
RECORD = Path("docs") / "records" / "effects.json"  # source of the page of claims


def command(options: app.Effects) -> int:
    """Run every instrument, write and print the effects, and return the exit code."""
    horizon = options.days is None and not options.sets_path("days")
    options = options.with_defaults(scale=SCALE, reps=REPS)
    scenario = read_scenario(options)
    specs = _specs(scenario, options.policies)
    (equal,) = read_budgets([options.equal], "--equal")
    sample = read_ensemble(options.members, scenario, options.sets)
    file = options.out or (PAGE if options.markdown else None)
    scenarios = list(
        distinct_scenarios(plan_effects(scenario, specs, horizon=horizon, equal=equal))
    )
    runs = len(scenarios) * options.reps * max(1, len(sample or ()))
    with open_backend(options.executor, options.jobs) as backend:
        if options.dry_run:
            return print_estimate(options, runs, scenarios, backend.workers)
        if file:
            prepare_folder(file.parent)
            check_output(file, "--out")
        log(
            f"{len(specs)} instruments under all conditions, "
            f"{replicates_text(len(sample or ()), options.reps)}: {runs} runs, "
            f"{min(runs, backend.workers)} at a time"
        )
        run = partial(effects, horizon=horizon, equal=equal, seeds=options.seeds, executor=backend)
        folder = file.with_name(f"{file.stem}-runs") if file else Path("out") / "effects-runs"
        saved = stored_runs(options, folder, options.command_words())
        with saved as stored, run_bar(runs) as on_result:
            ensemble = sample.settings if sample else None
            run = partial(run, ensemble=ensemble, folder=stored.folder, on_result=on_result)
            result = run(scenario, specs)
    if not result.rows:
        stored.close()
        return report_no_results(result.failures)
    study = json_head("effects") | effects_study(result) | {"equal_dollars": equal}

    def write() -> None:
        if file:
            command = " ".join([*options.command_words(), "--markdown"])
            page = effects_page(result, command, equal) if options.markdown else ""
            write_text(file, page or json_text(study) + "\n")
            if file == PAGE:
                write_text(RECORD, json_text(study) + "\n")
            log(f"written: {file}")
        stored.close(result.failures)

    tables = (lambda: None) if options.markdown else partial(_print_effects, result, equal)
    partly = bool(result.failures)
    return print_result(study, options.as_json, tables, partly=partly, write=write)


def _specs(scenario: Scenario, texts: Sequence[str]) -> list[PolicySpec]:
    """Return the instruments in `texts`, or all instruments that can be added to the scenario.

    An instrument that the scenario contains is left out if the sum of both doses is too high.
    """
    if texts:
        return [_single(arm) for arm in read_policies(scenario, texts)]
    specs = []
    for spec in instruments():
        try:
            plan_effects(scenario, [spec])
        except SettingError as error:
            log(f"warning: {spec.id} is left out: {error.reason}.")
        else:
            specs.append(spec)
    return specs


def _single(arm: Portfolio) -> PolicySpec:
    """Return the only instrument of an arm, or raise an error for a portfolio or the status quo."""
    spec, *more = arm
    if more or spec.id == "status_quo":
        hint = "Name one instrument at a time; use twoborders compare for a portfolio."
        raise SettingError("POLICY", f"{'+'.join(map(str, arm))} is not one instrument", hint)
    return spec


def _print_effects(result: Effects, equal: float) -> None:
    """Print the effects of all instruments under every condition."""
    replicates = replicates_text(result.members, len(result.seeds))
    console.line(f"{scale_text(result.scenario)}; {replicates}.\n")
    for condition, table in effect_tables(result, equal).items():
        left = 1 if condition in ("given", "equal") else 2
        console.print_table(table.without("Arm"), left=left)
    console.print_failures(result.failures)
    console.line(f"{result.cpu_s:,.0f} CPU seconds. {BANNER}")
