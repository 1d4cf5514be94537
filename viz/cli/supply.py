"""``twoborders supply``: estimate the terms of supply from apprehensions up to a month."""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import partial
from typing import Any

from abm.scenario import SettingError
from agents.outcomes import Group
from experiments.supply_fit import PRIORS, SupplyFit, fit_supply
from viz.cli import console
from viz.cli.command_options import SupplyOptions
from viz.cli.shell import json_head, print_result

_GROUP_NAMES = {"mexican": "Mexicans", "northern_triangle": "Northern Triangle"}


def command(options: SupplyOptions) -> int:
    """Estimate both groups and print the terms; return the exit code."""
    last = _month(options.last)
    fits = [fit_supply(group, last, options.keep) for group in Group]
    study = json_head("supply") | {
        "last": options.last,
        "groups": [_row(fit) for fit in fits],
        "settings": _settings(fits),
    }
    return print_result(study, options.as_json, partial(_print_tables, fits, options.last))


def _month(text: str) -> tuple[int, int]:
    """Return year and month of a text such as 2013-09."""
    found = re.fullmatch(r"(\d{4})-(\d{2})", text)
    if not found:
        hint = "Write YYYY-MM, for example 2013-09."
        raise SettingError("--last", "the text is not a month", hint)
    return int(found[1]), int(found[2])


def _row(fit: SupplyFit) -> dict[str, Any]:
    """Return the estimates of a group as JSON types."""
    terms = {
        name: {"mean": fit.mean[name], "sd": fit.sd[name], "prior": list(PRIORS[name])}
        for name in PRIORS
    }
    return {
        "group": fit.group,
        "months": fit.months,
        "terms": terms,
        "network_keep": fit.keep,
        "level_sd": fit.level_sd,
        "surge_sd": fit.surge_sd,
        "log_likelihood": fit.log_likelihood,
    }


def _settings(fits: Sequence[SupplyFit]) -> dict[str, Any]:
    """Return the estimates as settings of a scenario."""
    both = {
        name: [round(fit.mean[name], 3) for fit in fits] for name in ("network", "construction")
    }
    return {f"supply_terms.{name}": values for name, values in both.items()} | {
        "supply_terms.network_keep": fits[0].keep,
        "supply_terms.cohort": [1.0, 1.0],
        "supply_terms.level_sd": [round(fit.level_sd, 3) for fit in fits],
        "supply_terms.surge_sd": [round(fit.surge_sd, 3) for fit in fits],
    }


def _print_tables(fits: Sequence[SupplyFit], last: str) -> None:
    """Print priors and estimates of every term, and the settings that use them."""
    rows = []
    for name, (mean, sd) in PRIORS.items():
        estimates = [f"{fit.mean[name]:.2f} ({fit.sd[name]:.2f})" for fit in fits]
        rows.append((name, f"{mean:.2f} ({sd:.2f})", *estimates))
    for label, key in (("level", "level_sd"), ("surge", "surge_sd")):
        rows.append((label, "", *(f"{getattr(fit, key):.2f}" for fit in fits)))
    heads = ("term", "prior", *(_GROUP_NAMES[fit.group] for fit in fits))
    title = f"Terms of supply, October 2000 to {last} ({fits[0].months} months)"
    console.table(title, heads, rows, left=1, keep=True)
    console.line(
        "Means, standard deviations in parentheses; level and surge in log points a month. "
        f"{100 * fits[0].keep:g} % of the recent arrivals are kept in a year, which is assumed."
    )
    console.line("In a scenario:")
    for path, value in _settings(fits).items():
        console.line(f'  --set "{path}={value}"')
