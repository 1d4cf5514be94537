"""``twoborders effects``: every instrument at its full programme and at equal dollars, next to the
settings under which it acts and fails."""

from __future__ import annotations

import contextlib
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
from experiments.studies.effects import (
    SCALE,
    Effect,
    Effects,
    distinct_scenarios,
    effects,
    effects_study,
    instruments,
)
from experiments.studies.effects import plan as plan_effects
from experiments.sweeps.executors import open_backend
from viz.cli import console
from viz.cli.dry_run import print_estimate
from viz.cli.files import prepare_folder
from viz.cli.progress import run_bar
from viz.cli.run_options import read_budgets, read_ensemble, read_policies, read_scenario
from viz.cli.shell import BANNER, json_head, log, print_result, report_no_results
from viz.cli.stored_runs import StoredRuns, stored_runs
from viz.documents.effects import (
    HEADS,
    by_arm,
    change_text,
    effects_page,
    failure_verdict,
    last_outcome,
    verdict_text,
)
from viz.documents.labels import interval_text, replicates_text
from viz.figures.numbers import MISSING, dollars

if TYPE_CHECKING:
    from viz.cli import app

PAGE = Path("docs") / "reference" / "effects.md"
_CELL = "\n{} to {}"


def command(options: app.Effects) -> int:
    """Run every instrument, write and print the effects; return the exit code."""
    horizon = options.days is None and not options.sets_path("days")
    options = options.with_defaults(scale=SCALE, reps=REPS)
    scenario = read_scenario(options)
    specs = _specs(scenario, options.policies, options.dose)
    (equal,) = read_budgets([options.equal], "--equal")
    drawn = read_ensemble(options.ensemble, scenario, options.sets)
    file = options.out or (PAGE if options.markdown else None)
    scenarios = list(
        distinct_scenarios(plan_effects(scenario, specs, horizon=horizon, equal=equal))
    )
    runs = len(scenarios) * options.reps * max(1, len(drawn or ()))
    with open_backend(options.executor, options.jobs) as backend:
        if options.dry_run:
            return print_estimate(options, runs, scenarios, backend.workers)
        if file:
            prepare_folder(file.parent)
            check_output(file, "--out")
        log(
            f"{len(specs)} instruments under all conditions, "
            f"{replicates_text(len(drawn or ()), options.reps)}: {runs} runs, "
            f"{min(runs, backend.workers)} at a time"
        )
        run = partial(effects, horizon=horizon, equal=equal, seeds=options.seeds, executor=backend)
        with _stored_runs(options, file) as stored, run_bar(runs) as on_result:
            ensemble = drawn.settings if drawn else None
            run = partial(run, ensemble=ensemble, folder=stored.folder, on_result=on_result)
            found = run(scenario, specs)
    if not found.rows:
        stored.close()
        return report_no_results(found.failures)
    study = json_head("effects") | effects_study(found) | {"equal_dollars": equal}

    def write() -> None:
        if file:
            page = effects_page(found, _page_command(options), equal) if options.markdown else ""
            write_text(file, page or json_text(study) + "\n")
            log(f"written: {file}")
        stored.close(found.failures)

    tables = (lambda: None) if options.markdown else partial(_print_effects, found, equal)
    partly = bool(found.failures)
    return print_result(study, options.as_json, tables, partly=partly, write=write)


def _stored_runs(
    options: app.Effects, file: Path | None
) -> contextlib.AbstractContextManager[StoredRuns]:
    """Return the stored runs of the command: next to its file, or in the folder out."""
    folder = file.with_name(f"{file.stem}-runs") if file else Path("out") / "effects-runs"
    return stored_runs(options, folder, options.command_words())


def _specs(scenario: Scenario, texts: Sequence[str], dose: float | None) -> list[PolicySpec]:
    """Return the instruments that are named, or all; `dose` applies to those without an amount."""
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
    """Return the only instrument of an arm; reject a portfolio and the status quo."""
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


def _page_command(options: app.Effects) -> str:
    """Return the command that writes the same page."""
    return " ".join([*options.command_words(), "--markdown"])


def _print_effects(found: Effects, equal: float) -> None:
    """Print the effects of all instruments under every condition."""
    s = found.scenario
    console.line(
        f"{s.name}: {s.days:,} days from {s.start}; {s.scale} persons per simulated migrant; "
        f"{replicates_text(found.members, len(found.seeds))}.\n"
    )
    rows, heads = by_arm(found.rows), ["", "$ per year", *HEADS, "and"]
    title = (
        f"Full programme, change from the baseline: {interval_text(found.members, found.n_pairs)}"
    )
    console.table(title, heads, (_effect_cells(row, "given") for row in rows))
    title = f"At {dollars(equal)} per year, or the largest dose"
    same = [row for row in rows if "equal" in row.conditions]
    if same:
        console.table(title, heads, (_effect_cells(row, "equal") for row in same))
    acting = [row for row in rows if "acting" in row.conditions]
    heads = ["", "judged by", "in the scenario", "", "under the settings", ""]
    if acting:
        title = "Under the settings in which it acts (twoborders describe POLICY)"
        console.table(title, heads, (_settings_cells(row, "acting") for row in acting), left=2)
    title = "Under the failure settings (twoborders describe POLICY), by the judging outcome"
    console.table(title, heads, (_settings_cells(row, "failing") for row in rows), left=2)
    console.print_failures(found.failures)
    console.line(f"{found.cpu_s:,.0f} CPU seconds. {BANNER}")


def _effect_cells(effect: Effect, condition: str) -> list[str]:
    """Return a row of the tables of all outcomes."""
    measured = effect.conditions[condition]
    name, last = last_outcome(measured)
    cells = [change_text(key, row, _CELL) for key, row in list(measured.outcomes.items())[:-1]]
    also = f"{name.replace('_', ' ')}\n{change_text(name, last, _CELL)}"
    return [str(measured.pair.spec), dollars(measured.dollars), *cells, also]


def _settings_cells(effect: Effect, condition: str) -> list[str]:
    """Return a row of the tables of settings under which instruments act or fail."""
    name = effect.judged_by
    reference = effect.reference if condition == "failing" else "given"
    ordinary = change_text(name, effect.judged(reference), _CELL)
    row = effect.judged(condition)
    there = change_text(name, row, _CELL) if row else MISSING
    verdict = verdict_text(effect, reference)
    last = failure_verdict(effect) if condition == "failing" else verdict_text(effect, "acting")
    return [effect.spec.id, name.replace("_", " "), ordinary, verdict, there, last]
