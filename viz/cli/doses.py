"""``twoborders doses``: doses of Mexico's measures and levels of supply of the default settings."""

from __future__ import annotations

from typing import TYPE_CHECKING

from experiments.calibration.doses import EPISODES, TRIES, dose_task, find_doses
from experiments.rows.calibration import dose_rows, doses_study
from viz.cli import console
from viz.cli.shell import json_head, log, print_result

if TYPE_CHECKING:
    from viz.cli.app import Doses

_HEADS = ("episode", "scenario", "dose", "ratio", "recorded", "level", "known months")


def command(options: Doses) -> int:
    """Determine and print doses and levels, for the scenario files; return the exit code."""
    log(f"at most {len(EPISODES) * TRIES} runs, one at a time")
    found = find_doses(dose_task("defaults", {}, options.scale, options.seed))
    study = json_head("doses") | doses_study(found)

    def show() -> None:
        title = "Doses of Mexico's measures and levels of supply, default settings"
        console.table(title, _HEADS, dose_rows(study), left=2, keep=True)
        console.line(
            "Ratio: Mexican interceptions after the change over those before it. Level: "
            f"{study['level_path']}, Mexicans and Northern Triangle. Known months: simulated over "
            "recorded apprehensions of the last twelve."
        )

    return print_result(study, options.as_json, show)
