"""``twoborders export``: flows by leg and place as a file for maps and other programs."""

from __future__ import annotations

from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING

from abm.output_files import check_output
from agents.param import check_name
from experiments.comparison.compare import without_runs
from experiments.rows.runs import failure_row, scenario_keys
from experiments.studies.flows import PERIODS, check_format, run_flows, write_flows
from viz.cli import console
from viz.cli.folders import prepare_folder
from viz.cli.inputs import read_ensemble, read_policies, read_scenario
from viz.cli.progress import run_bar
from viz.cli.shell import BANNER, json_head, print_result
from viz.documents.labels import scale_text

if TYPE_CHECKING:
    from viz.cli.app import Export


def command(options: Export) -> int:
    """Run the scenario and every arm, write the flows, and return the exit code."""
    options = options.with_defaults()
    check_name("--per", options.per, PERIODS)
    check_format(options.out.suffix, "--out")
    prepare_folder(options.out.parent)
    check_output(options.out, "--out")
    scenario = read_scenario(options)
    arms = read_policies(scenario, options.policies, "POLICY")
    sample = read_ensemble(options.members, scenario, options.sets)
    comparison = without_runs(scenario, arms, sample.settings if sample else None)
    comparison = replace(comparison, seeds=tuple(options.seeds))
    where = options.selected("jobs", "executor")
    runs = (1 + len(arms)) * len(comparison.order)
    with run_bar(runs) as on_result:
        flows = run_flows(comparison, options.per, **where, on_result=on_result)
    study = json_head("export") | scenario_keys(scenario)
    study |= {"file": str(options.out), "per": options.per, "runs": runs}
    study["policies"] = [arm.spec_text for arm in comparison.arms]
    study["failed"] = [failure_row(failure) for failure in flows.failures]

    text = f"{scale_text(scenario)}; {runs} runs: {options.out}\n{BANNER}"
    write, show = partial(write_flows, flows, options.out), partial(console.line, text)
    return print_result(study, options.as_json, show, partly=bool(flows.failures), write=write)
