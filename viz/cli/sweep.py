"""``twoborders sweep``: run a design and store every run, so that the sweep can be resumed."""

from __future__ import annotations

from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from abm.output_files import check_output
from abm.scenario import SettingError
from agents.param import plain
from experiments.rows.sweep import count_row, design_row
from experiments.runs.files import require_packages
from experiments.runs.study_inputs import read_scenario
from experiments.sweeps import design_files as designs
from experiments.sweeps.backend import Backend
from experiments.sweeps.design import Design, Shard, places_of
from experiments.sweeps.executors import open_backend
from experiments.sweeps.store import FILE, SweepResults
from experiments.sweeps.sweep import SweepSummary, sweep
from viz.cli import console
from viz.cli.folders import prepare_folder, resumable_study
from viz.cli.inputs import class_sets, read_sets
from viz.cli.progress import print_estimate
from viz.cli.shell import BANNER, json_head, log, print_result, report_no_results
from viz.documents.labels import counted
from viz.documents.runs import MOST_POINTS, median_table

if TYPE_CHECKING:
    from viz.cli.app import Sweep


def command(options: Sweep) -> int:
    """Run the design, print the result, and return the exit code."""
    design = designs.load(options.design)
    if changes := read_sets(class_sets(options), options.selected("engine")):
        design = replace(design, scenario=read_scenario(design.scenario, changes))
    if options.shard is not None:
        design = replace(design, shard=Shard.read(options.shard))
    _check_export(options.export)
    folder = options.out or Path("out") / "sweep" / design.name
    with open_backend(options.executor, options.jobs) as backend:
        if options.dry_run:
            last = len(design.points) - 1
            scenarios = [design.scenario_at(point) for point in sorted({0, last // 2, last})]
            more = {"done": _done(folder, design), "rows": design_row(design)}
            runs = len(places_of(design))
            return print_estimate(options, runs, scenarios, backend.workers, **more)
        summary = _run(options, design, folder, backend)
    study = json_head("sweep") | design_row(design) | count_row(summary)
    tables = partial(_print_summary, design, summary)
    export, partly = partial(_export, folder, options.export), bool(summary.failures)
    code = print_result(study, options.as_json, tables, partly=partly, write=export)
    has_runs = summary.stored + summary.completed > 0
    return code if has_runs or not partly else report_no_results(summary.failures)


def _export(folder: Path, file: Path | None) -> None:
    """Write all runs of a sweep to the --export file, if the user gave one."""
    if file:
        with SweepResults(folder) as store:
            (store.to_csv if file.suffix == ".csv" else store.to_parquet)(file)
        log(f"written: {file}")


def _run(options: Sweep, design: Design, folder: Path, backend: Backend) -> SweepSummary:
    """Run the runs of a design that are not yet stored, and show the progress."""

    def start(planned: int, stored: int) -> None:
        seeds = counted(design.reps, "paired seed" if design.paired else "seed") + " each"
        members = f"{len(design.members)} members of the ensemble, " if design.members else ""
        points = f"{len(design.points):,} points over {', '.join(design.factors)}"
        log(f"{design.name}: {points}; {members}{seeds}")
        progress.start("", planned, stored)

    is_again = options.resume and not options.shard  # A merge replaces the folder of a shard.
    words = options.resume_words() if is_again else options.command_words()
    run = partial(sweep, design, folder, resume=options.resume, command=words)
    with resumable_study(options, folder, locks=False) as progress:
        return run(executor=backend, on_start=start, on_result=progress.step)


def _done(folder: Path, design: Design) -> int:
    """Return how many runs of the design are stored in a folder."""
    try:
        with SweepResults(folder) as store:
            return store.done if store.meta["design"] == design.digest else 0
    except SettingError:
        return 0


def _check_export(path: Path | None) -> None:
    """Raise ``SettingError`` before any run if the export file cannot be written."""
    if path is None:
        return
    if path.suffix not in (".csv", ".parquet"):
        hint = "Give a file that ends in .csv or .parquet."
        raise SettingError("--export", f"unknown format of {plain(str(path))}", hint)
    if path.suffix == ".parquet":
        require_packages("parquet", ["pyarrow"], "analysis")
    prepare_folder(path.parent)
    check_output(path, "--export")


def _print_summary(design: Design, summary: SweepSummary) -> None:
    """Print the counts, the medians of a small design, and how to read the runs."""
    done = summary.stored + summary.completed
    console.line(
        f"{done:,} of {summary.planned:,} runs are in {summary.folder / FILE}; "
        f"{summary.completed:,} were run now.\n"
    )
    if len(design.points) <= MOST_POINTS and done:
        console.print_table(median_table(design, summary.folder), left=0)
    if summary.failures:
        console.line(
            f"{len(summary.failures)} runs failed; SweepResults.failures() lists the errors, and "
            "--resume repeats these runs."
        )
    console.line(f'In pandas: experiments.sweeps.store.SweepResults("{summary.folder}").frame()')
    console.line(BANNER)
