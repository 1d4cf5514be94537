"""``twoborders criteria``: the list of measures; and the page of them that a run prints."""

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

_BESIDE = (
    "Prices never stand alone: directly beside them are the differences in people returned "
    "unscreened and in deaths."
)


def command(markdown: bool, as_json: bool) -> None:
    """Every criterion: label, unit, meaning, who can know it, which truth belongs to it."""
    from abm.measures.criteria_page import criteria_markdown

    if markdown:
        print(criteria_markdown(), end="")
    elif as_json:
        print_json(
            {"criteria": [_told(name, c) for name, c in CRITERIA.items()], "prices": _prices()}
        )
    else:
        _list()


def _told(name: str, c: Criterion) -> dict[str, Any]:
    """One criterion for JSON."""
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


def _prices() -> list[dict[str, Any]]:
    """What only a comparison has, for JSON."""
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


def _list() -> None:
    """The list for a person, a table a group."""
    from abm.measures.criteria_page import known_to

    for group, title in GROUPS.items():
        rows = [
            (name, f"{c.label}, {c.unit}. {c.doc} Known to {known_to(c).replace('`', '')}.")
            for name, c in CRITERIA.items()
            if c.group == group
        ]
        console.table(title, ("name", "what"), rows, left=2, keep=True)
    rows = [(name, f"{m.label}, {m.unit}. {m.doc}") for name, m in PRICES.items()]
    console.table("In comparisons only", ("name", "what"), rows, left=2, keep=True)
    console.line(f"{_BESIDE} Discounted at {100 * DiscountParams().rate:g} % a year.")


# ---- the page of a run -------------------------------------------------------------------------


def tell(results: Sequence[RunResult]) -> None:
    """All criteria of a run, or their medians over several, the truth beside what is seen."""
    values = medians([result.criteria for result in results])
    for group, title in GROUPS.items():
        console.table(title, ("", "unit", "as seen", "true"), rows(group, values), left=2)
    for name, c in CRITERIA.items():
        if math.isnan(values[name]) and c.missing != UNDEFINED:
            console.line(f"{c.label}: {c.missing}. {c.doc}")


def rows(group: str, values: Mapping[str, float]) -> list[tuple[str, str, str, str]]:
    """The rows of a group: label, unit, as agencies see it, as it is.

    What an agency sees in place of a truth stands in the row of that truth.
    """
    partner, found = seen_as(), []
    for name, c in CRITERIA.items():
        if c.group != group or c.truth:
            continue
        label, seen = c.label, _cell(name, values) if c.seen else ""
        if name in partner:
            label += f"\n  seen: {CRITERIA[partner[name]].label}"
            seen = _cell(partner[name], values)
        found.append((label, c.unit, seen, "" if c.seen else _cell(name, values)))
    return found


def _cell(name: str, values: Mapping[str, float]) -> str:
    """A value, or why there is none."""
    c, value = CRITERIA[name], values[name]
    return amount(value, c.unit) if math.isfinite(value) else c.missing


def medians(runs: Sequence[Mapping[str, float]]) -> dict[str, float]:
    """Median of each criterion over the runs that have it; what is out of reach counts as most."""
    return {name: _median([run[name] for run in runs], c) for name, c in CRITERIA.items()}


def _median(values: Sequence[float], c: Criterion) -> float:
    """Of dollars that never do, NaN is without bound; elsewhere it is left out."""
    import numpy as np

    known = np.array([v for v in values if math.isfinite(v)])
    if c.missing != UNDEFINED:
        known = np.array([v if math.isfinite(v) else math.inf for v in values])
    middle = float(np.median(known)) if known.size else math.nan
    return middle if math.isfinite(middle) else math.nan
