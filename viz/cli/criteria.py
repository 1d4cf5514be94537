"""``twoborders criteria``: the definitions of criteria, and their values in runs."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from abm.measures import (
    AVERTED,
    BESIDE_PRICES,
    CRITERIA,
    GROUPS,
    PRICES,
    Criterion,
    DiscountParams,
    seen_as,
)
from abm.measures.criteria_definitions import UNDEFINED
from viz.cli import console
from viz.cli.shell import print_json
from viz.figures.numbers import amount

if TYPE_CHECKING:
    from experiments.run import RunResult


def print_definitions(markdown: bool, as_json: bool) -> None:
    """Print every criterion: label, unit, definition, and who can observe it.

    Args:
        markdown: print the reference page.
        as_json: print one JSON object.
    """
    from abm.measures.criteria_page import criteria_markdown

    if markdown:
        print(criteria_markdown(), end="")
    elif as_json:
        rows = [_criterion_row(name, c) for name, c in CRITERIA.items()]
        print_json({"criteria": rows, "prices": _price_rows()})
    else:
        _print_lists()


def _criterion_row(name: str, c: Criterion) -> dict[str, Any]:
    """Return one criterion for JSON."""
    return {
        "name": name,
        "label": c.label,
        "unit": c.unit,
        "meaning": c.doc,
        "group": c.group,
        "seen": c.seen,
        "truth": c.truth or None,
        "missing": c.missing,
    }


def _price_rows() -> list[dict[str, Any]]:
    """Return the prices, which only a comparison has, for JSON."""
    rate = DiscountParams().rate
    return [
        {
            "name": name,
            "label": m.label,
            "unit": m.unit,
            "meaning": m.doc,
            "averted": AVERTED[name],
            "beside": list(BESIDE_PRICES),
            "discount_rate": rate,
        }
        for name, m in PRICES.items()
    ]


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


# ---- values in runs ----------------------------------------------------------------------------


def print_values(results: Sequence[RunResult]) -> None:
    """Print all criteria of a run, or their medians over several: as observed, and true."""
    values = medians([result.criteria for result in results])
    for group, title in GROUPS.items():
        console.table(title, ("", "unit", "as seen", "true"), _rows(group, values), left=2)
    for name, c in CRITERIA.items():
        if math.isnan(values[name]) and c.missing != UNDEFINED:
            console.line(f"{c.label}: {c.missing}. {c.doc}")


def _rows(group: str, values: Mapping[str, float]) -> list[tuple[str, str, str, str]]:
    """Return label, unit, observed value and true value of the criteria of a group.

    An observed criterion is in the row of its true counterpart.
    """
    partner, rows = seen_as(), []
    for name, c in CRITERIA.items():
        if c.group != group or c.truth:
            continue
        label, seen = c.label, _cell(name, values) if c.seen else ""
        if name in partner:
            label += f"\n  seen: {CRITERIA[partner[name]].label}"
            seen = _cell(partner[name], values)
        rows.append((label, c.unit, seen, "" if c.seen else _cell(name, values)))
    return rows


def _cell(name: str, values: Mapping[str, float]) -> str:
    """Return a value, or why it is missing."""
    c, value = CRITERIA[name], values[name]
    return amount(value, c.unit) if math.isfinite(value) else c.missing


def medians(runs: Sequence[Mapping[str, float]]) -> dict[str, float]:
    """Return the median of each criterion over the runs in which it is defined."""
    return {name: _median([run[name] for run in runs], c) for name, c in CRITERIA.items()}


def _median(values: Sequence[float], c: Criterion) -> float:
    """Return the median; NaN is infinite for a sum that is out of reach, and excluded elsewhere."""
    import numpy as np

    known = np.array([v for v in values if math.isfinite(v)])
    if c.missing != UNDEFINED:
        known = np.array([v if math.isfinite(v) else math.inf for v in values])
    middle = float(np.median(known)) if known.size else math.nan
    return middle if math.isfinite(middle) else math.nan
