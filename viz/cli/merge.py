"""``twoborders merge``: merge the stores of shards into the store that one process would write."""

from __future__ import annotations

import shlex
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from experiments.sweeps.merge import MergeSummary, merge
from viz.cli import console
from viz.cli.shell import json_head, print_result

if TYPE_CHECKING:
    from viz.cli.app import Merge


def command(options: Merge) -> int:
    """Merge the folders, print the counts and the missing runs, and return the exit code."""
    summary = merge([Path(folder) for folder in options.folders], options.out)
    study = json_head("merge") | {"folder": str(options.out), "planned": summary.planned}
    study |= {"stored": summary.stored, "missing": summary.planned - summary.stored}
    study |= {"shards": list(summary.shards), "again": shlex.join(summary.resume_command)}
    tables, partly = partial(_print_summary, summary, options.out), summary.stored < summary.planned
    return print_result(study, options.as_json, tables, partly=partly)


def _print_summary(summary: MergeSummary, folder: Path) -> None:
    """Print the counts, the incomplete shards and the command that completes the study."""
    console.line(f"{summary.stored:,} of {summary.planned:,} runs are in {folder}.")
    if summary.shards:
        console.line(f"Incomplete shards: {', '.join(summary.shards)}.")
    missing = "Missing runs and results" if summary.stored < summary.planned else "Results"
    console.line(f"{missing}: {shlex.join(summary.resume_command)}")
