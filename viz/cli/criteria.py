"""``twoborders criteria``: the definitions of criteria; and their values in runs."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from abm.measures import CRITERIA, GROUPS, PRICES, DiscountParams
from experiments.rows.criteria import (
    criterion_rows,
    is_out_of_reach,
    medians,
    price_rows,
    value_rows,
)
from viz.cli import console
from viz.cli.command_options import CriteriaOptions
from viz.cli.shell import print_json
from viz.figures.numbers import amount

if TYPE_CHECKING:
    from experiments.case import RunResult


def print_definitions(options: CriteriaOptions) -> None:
    """Print every criterion: label, unit, definition, and who can observe it."""
    from abm.measures.criteria_page import criteria_markdown

    if options.markdown:
        print(criteria_markdown(), end="")
    elif options.as_json:
        print_json({"criteria": criterion_rows(), "prices": price_rows()})
    else:
        _print_lists()


def _print_lists() -> None:
    """Print the definitions, one table per group."""
    from abm.measures.criteria_page import known_to

    for group, title in GROUPS.items():
        rows = [
            (name, f"{c.label}, {c.unit}. {c.doc} Known to {known_to(c).replace('`', '')}.")
            for name, c in CRITERIA.items()
            if c.group == group
        ]
        console.table(title, ("name", "definition"), rows, left=2, keep=True)
    rows = [(name, f"{m.label}, {m.unit}. {m.doc}") for name, m in PRICES.items()]
    console.table("In comparisons only", ("name", "definition"), rows, left=2, keep=True)
    console.line(
        "Prices are always printed together with the differences in people returned unscreened and "
        f"in deaths. They are discounted at {100 * DiscountParams().rate:g} % a year."
    )


def print_values(results: Sequence[RunResult]) -> None:
    """Print all criteria of a run, or their medians over several: as observed, and true."""
    values = medians([result.criteria for result in results])
    for group, title in GROUPS.items():
        rows = []
        for name, seen, true in value_rows(group):
            label = CRITERIA[name].label
            if seen and true:
                label += f"\n  seen: {CRITERIA[seen].label}"
            rows.append((label, CRITERIA[name].unit, _cell(seen, values), _cell(true, values)))
        console.table(title, ("", "unit", "as seen", "true"), rows, left=2)
    for name, c in CRITERIA.items():
        if is_out_of_reach(name, values[name]):
            console.line(f"{c.label}: {c.missing}. {c.doc}")


def _cell(name: str | None, values: Mapping[str, float]) -> str:
    """Return a value, or why it is missing."""
    if name is None:
        return ""
    c, value = CRITERIA[name], values[name]
    return amount(value, c.unit) if math.isfinite(value) else c.missing
