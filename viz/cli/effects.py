"""``twoborders effects``: every instrument at its full programme and at equal dollars, next to the
settings under which it acts and fails."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from abm.output_files import check_output
from abm.policies import registry
from abm.scenario import Scenario, SettingError
from abm.scenario.policy_specs import PolicySpec
from experiments.comparison.compare import REPS, Portfolio
from experiments.rows.records import json_text
from experiments.runs.files import write_text
from experiments.runs.study_inputs import read_budgets
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
from viz.documents.labels import replicates_text

if TYPE_CHECKING:
    from viz.cli import app

PAGE = Path("docs") / "reference" / "effects.md"


def command(options: app.Effects) -> int:
    """Run every instrument, write and print the effects, and return the exit code."""
    horizon = options.days is None and not options.sets_path("days")
    options = options.with_defaults(scale=SCALE, reps=REPS)
    scenario = read_scenario(options)
    specs = _specs(scenario, options.policies, options.dose)
    (equal,) = read_budgets([options.equal], "--equal")
    sample = read_ensemble(options.ensemble, scenario, options.sets)
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
            found = run(scenario, specs)
    if not found.rows:
        stored.close()
        return report_no_results(found.failures)
    study = json_head("effects") | effects_study(found) | {"equal_dollars": equal}

    def write() -> None:
        if file:
            command = " ".join([*options.command_words(), "--markdown"])
            page = effects_page(found, command, equal) if options.markdown else ""
            write_text(file, page or json_text(study) + "\n")
            log(f"written: {file}")
        stored.close(found.failures)

    tables = (lambda: None) if options.markdown else partial(_print_effects, found, equal)
    partly = bool(found.failures)
    return print_result(study, options.as_json, tables, partly=partly, write=write)


def _specs(scenario: Scenario, texts: Sequence[str], dose: float | None) -> list[PolicySpec]:
    """Return the instruments that are named, or all. `dose` applies to those without an amount."""
    specs = [_single(arm) for arm in read_policies(scenario, texts)] or instruments()
    if dose is None:
        return specs if texts else _addable(scenario, specs)
    with_amount = [str(spec) for spec in specs if spec.dose != 1.0]
    if with_amount:
        hint = "Leave out --dose, or the amount after the colon."
        raise SettingError("--dose", f"{with_amount[0]} already has an amount", hint)
    if not texts:
        return _addable(scenario, [_limited(spec, dose) for spec in specs])
    specs = [dataclasses.replace(spec, dose=dose) for spec in specs]
    read_policies(scenario, [str(spec) for spec in specs])
    return specs


def _single(arm: Portfolio) -> PolicySpec:
    """Return the only instrument of an arm. Reject a portfolio and the status quo."""
    spec, *more = arm
    if more or spec.id == "status_quo":
        hint = "Name one instrument at a time; use twoborders compare for a portfolio."
        raise SettingError("POLICY", f"{'+'.join(map(str, arm))} is not one instrument", hint)
    return spec


def _limited(spec: PolicySpec, dose: float) -> PolicySpec:
    """Return an instrument at a dose, limited to its largest dose."""
    high = registry()[spec.id].high
    if dose > high:
        log(f"warning: {spec.id} runs at {high:g}, its largest dose.")
    return dataclasses.replace(spec, dose=min(dose, high))


def _addable(scenario: Scenario, specs: Sequence[PolicySpec]) -> list[PolicySpec]:
    """Leave out instruments that the scenario itself has, where both doses exceed the largest."""
    found = []
    for spec in specs:
        try:
            plan_effects(scenario, [spec])
        except SettingError as error:
            log(f"warning: {spec.id} is left out: {error.reason}.")
        else:
            found.append(spec)
    return found


def _print_effects(found: Effects, equal: float) -> None:
    """Print the effects of all instruments under every condition."""
    s = found.scenario
    console.line(
        f"{s.name}: {s.days:,} days from {s.start}; {s.scale} persons per simulated migrant; "
        f"{replicates_text(found.members, len(found.seeds))}.\n"
    )
    for condition, table in effect_tables(found, equal).items():
        left = 1 if condition in ("given", "equal") else 2
        console.print_table(table.without("Arm", "Settings"), left=left)
    console.print_failures(found.failures)
    console.line(f"{found.cpu_s:,.0f} CPU seconds. {BANNER}")
