"""``twoborders optimise``: the best portfolios under a budget, and the Pareto fronts."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from abm.measures import HUMAN_COSTS
from abm.measures import OUTCOMES as MEASURES
from abm.policies.base import money
from experiments.rows.records import csv_text, json_text
from experiments.runs.files import write_text
from experiments.studies.optimise.horizons import OUTCOMES
from experiments.studies.optimise.search import SearchEffort
from experiments.studies.optimise.sides import ACCOUNTS
from experiments.studies.optimise.study import (
    SCALE,
    OptimisationPlan,
    OptimisationResult,
    optimisation_study,
    optimise,
    searched_columns,
    searched_rows,
)
from experiments.sweeps.executors import open_backend
from viz.cli import console, long_study
from viz.cli.progress import print_estimate
from viz.cli.shell import BANNER, log, print_result
from viz.documents.findings.verdict import percent
from viz.figures.answer import SIDE_NAMES, plot_frontier
from viz.figures.svg import svg

if TYPE_CHECKING:
    from viz.cli.app import Optimise


def command(options: Optimise) -> int:
    """Search for portfolios, score them, write and print the best, and return the exit code."""
    plan = _plan(options)
    scenario = long_study.read_long_scenario(options, plan, options.scale or SCALE)
    with open_backend(options.executor, options.jobs) as backend:
        if options.dry_run:
            return print_estimate(options, plan.count(), [scenario], backend.workers, upto=True)
        opened = long_study.evaluator_of(options, plan, scenario, plan.count(), backend)
        with opened as (evaluator, _):
            result = optimise(plan, evaluator)
    study = long_study.head(options) | optimisation_study(result)
    write = partial(_write_files, options.folder, result, study)
    tables = partial(_print_study, study, options.folder)
    return print_result(study, options.as_json, tables, partly=bool(study["failed"]), write=write)


def _plan(options: Optimise) -> OptimisationPlan:
    """Return the plan of the search, or raise ``SettingError`` for an invalid option."""
    effort = SearchEffort(**options.selected("random_portfolios", "rounds"))
    names = {"sides": tuple(options.sides), "outcomes": tuple(options.outcomes)}
    chosen = {name: value for name, value in names.items() if value}
    return OptimisationPlan(
        account=options.account, effort=effort, **chosen, **long_study.sizes(options)
    )


def _write_files(folder: Path, result: OptimisationResult, study: Mapping[str, Any]) -> None:
    """Write the JSON, all searched portfolios, the chart, and a scenario per best portfolio."""
    write_text(folder / "best.json", json_text(study) + "\n")
    rows, note = searched_rows(result), study.get("world_note", "")
    write_text(folder / "portfolios.csv", csv_text(searched_columns(result), rows, note))
    plan, score = result.plan, result.scored
    panels = [(name, name) for name in plan.outcomes]
    panels += [(name, plan.outcomes[-1]) for name in HUMAN_COSTS]
    title = f"Best portfolios, counted in {ACCOUNTS[plan.account]}"
    figure = plot_frontier(score, panels, account=plan.account, title=title, columns=2)
    write_text(folder / "front.svg", svg(figure, title, "The numbers are in best.json."))
    for target, place in score.menu.items():
        name = f"{target.side}_{target.outcome}_{target.budget / 1e6:.0f}M"
        specs = result.searched.instruments.policy_specs(score.trials.portfolios[place])
        doc = f'The portfolio with the lowest "{MEASURES[target.outcome].label}" for '
        doc += f"{money(target.budget)} a year, of {len(result.searched)} portfolios."
        changes = {"name": name, "doc": doc, "policies": specs}
        write_text(folder / f"{name}.toml", result.scenario.with_settings(changes).to_toml())
    files = f"portfolios.csv, front.svg and {len(result.chosen)} scenarios"
    log(f"written: {folder / 'best.json'}, {files}")


def _print_study(study: Mapping[str, Any], folder: Path) -> None:
    """Print the median changes under the best portfolios, and what each portfolio contains."""
    rows, texts = [], []
    for best in study["best"]:
        side, label = SIDE_NAMES[best["side"]], MEASURES[best["outcome"]].label
        budget = money(best["budget"])
        changes = [percent(100.0 * best["changes"][name]["median"]) for name in OUTCOMES]
        rows.append([side, label, budget, *changes])
        bought = ", ".join(f"{name} {money(x)}" for name, x in best["dollars"].items())
        texts.append(f'{side}, lowest "{label}", {budget}: {bought or "nothing"}.')
    heads = ["side", "chosen for", "$ per year", *(MEASURES[name].label for name in OUTCOMES)]
    members = study["plan"]["members"]
    title = f"Median change over ten years, {members} members that were not used in the search"
    console.table(title, heads, rows, left=2)
    for text in texts:
        console.line(text)
    gaps = [100.0 * (best["scored"] - best["in_the_search"]) for best in study["best"]]
    console.line(
        f"\nIn the search the results were better by {sum(gaps) / len(gaps):.1f} points on "
        "average, because selection favours chance results on the members of the search. The "
        "scores use other members."
    )
    console.line(
        f"{folder} contains all searched portfolios, the fronts, and a scenario for each of these "
        f"portfolios. {BANNER}"
    )
