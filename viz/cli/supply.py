"""``twoborders supply`` and ``doses``: estimate the terms of supply and Mexico's doses."""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import partial
from typing import TYPE_CHECKING

from abm.scenario import SettingError
from agents.outcomes import Group
from experiments.calibration.doses import EPISODES, TRIES, dose_task, find_doses
from experiments.calibration.supply_fit import SupplyFit, fit_supply
from experiments.rows import calibration as rows
from viz.cli import console
from viz.cli.shell import json_head, log, print_result

if TYPE_CHECKING:
    from viz.cli.app import Doses, Supply


def command(options: Supply) -> int:
    """Estimate the terms of both groups, print them, and return the exit code."""
    last = _month(options.last)
    try:
        fits = [fit_supply(group, last, options.keep) for group in Group]
    except SettingError as error:
        raise SettingError(f"--{error.path}", error.reason, error.hint) from None
    study = json_head("supply") | rows.supply_study(fits, options.last)
    return print_result(study, options.as_json, partial(_print_tables, fits, options.last))


def _month(text: str) -> tuple[int, int]:
    """Convert a text such as 2013-09 to the year and the month."""
    match = re.fullmatch(r"([0-9]{4})-([0-9]{2})", text)
    if not match:
        hint = "Write YYYY-MM, for example 2013-09."
        raise SettingError("--last", "this is not a month", hint)
    return int(match[1]), int(match[2])


def _print_tables(fits: Sequence[SupplyFit], last: str) -> None:
    """Print the prior and the estimates of every term, and the settings that apply them."""
    heads = ("term", "prior", *(rows.GROUP_NAMES[fit.group] for fit in fits))
    title = f"Terms of supply, October 2000 to {last} ({fits[0].months} months)"
    console.table(title, heads, rows.term_rows(fits), left=1, keep=True)
    console.line(
        "Means, and standard deviations in parentheses. Level and surge: log points a month. "
        f"{100 * fits[0].keep:g} % of the recent arrivals remain after a year (assumed)."
    )
    console.line("In a scenario:")
    for path, value in rows.settings(fits).items():
        console.line(f'  --set "{path}={value}"')


_DOSE_HEADS = ("episode", "scenario", "dose", "ratio", "recorded", "level", "known months")


def print_doses(options: Doses) -> int:
    """Determine and print the doses and levels of scenario files, and return the exit code."""
    log(f"at most {len(EPISODES) * TRIES} runs, one at a time")
    result = find_doses(dose_task("defaults", {}, options.scale, options.seed))
    study = json_head("doses") | rows.doses_study(result)

    def show() -> None:
        title = "Doses of Mexico's measures and levels of supply, default settings"
        console.table(title, _DOSE_HEADS, rows.dose_rows(study), left=2, keep=True)
        console.line(
            "Ratio: Mexican interceptions after the change over those before it. Level: "
            f"{study['level_path']}, Mexicans and Northern Triangle. Known months: simulated over "
            "recorded apprehensions of the last twelve."
        )

    return print_result(study, options.as_json, show)
