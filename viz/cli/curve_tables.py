"""Tables of instrument curves: outcomes at every budget, and what every goal requires."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any

from abm.policies.base import money
from viz.cli import console
from viz.cli.shell import BANNER
from viz.documents.curve import amount_text, goal_text, requirement_text, state_text

Row = Mapping[str, Any]

#: Heading of an outcome, and the size of the unit of its column.
_HEADS = {
    "apprehension_probability": ("% apprehended per attempt", 0.01),
    "got_aways": ("got-aways, 1,000s", 1e3),
    "unlawful_entries": ("all unlawful entries, 1,000s", 1e3),
    "deaths": ("◆ deaths", 1.0),
    "returned_unscreened": ("◆ returned unscreened, 1,000s", 1e3),
}


def print_study(study: Row, runs: str) -> None:
    """Print the levels and the requirements of every instrument.

    Args:
        study: rows of the curves, see ``experiments.rows.curve``.
        runs: number of members and seeds, in words.
    """
    s, ensemble = study["scenario"], study["ensemble"]
    console.line(
        f"{s['name']}: {s['days']:,} days from {s['start']}; {s['scale']} persons per simulated "
        f"migrant; {runs}."
    )
    if ensemble:
        console.line(
            f"Ensemble {ensemble['digest']}: {ensemble['of']} members, equivalent to "
            f"{ensemble['effective']:.3g} of equal weight."
        )
    print()
    states = {state["id"]: state for state in study["states"]}
    for one in study["instruments"]:
        curves = [curve for curve in study["curves"] if curve["instrument"] == one["id"]]
        for curve in curves:
            _print_levels(one, states[curve["state"]], curve["points"])
        _print_requirements(one, [states[curve["state"]] for curve in curves], curves)
    console.print_failures(study["failed"])
    console.line(
        "◆ marks costs to people. Dollars are per year and those of the instrument; a cooperation "
        'programme costs extra. "Of the base year": relative to the base year without spending; '
        '"of the same state": relative to the same state of cooperation without spending. Goals '
        "are interpolated between the simulated budgets and never extrapolated: "
        '"not with" the largest dose means not reached.'
    )
    console.line(BANNER)


def _print_levels(instrument: Row, state: Row, points: Sequence[Row]) -> None:
    """Print the outcomes at every budget in one state."""
    unit, rows = instrument["unit"], []
    for point in points:
        spent = money(point["dollars"]) + (" (largest)" if point["largest"] else "")
        amount = [amount_text(point["amount"])] if unit else []
        cells = [_level(point["outcomes"][name], size) for name, (_, size) in _HEADS.items()]
        rows.append([spent, *amount, *cells])
    title = f"{instrument['title']}. {state['title']}: median, and below it nine in ten"
    heads = ["$ a year", *([unit] if unit else []), *(head for head, _ in _HEADS.values())]
    console.table(title, heads, rows, keep=True)


def _level(level: Row, size: float) -> str:
    """Return the median and the range of an outcome, in units of `size`."""
    if not math.isfinite(level["median"]):
        return "not defined"
    values = [level[name] / size for name in ("median", "low90", "high90")]
    places = 0 if values[0] >= 100.0 else 1 if values[0] >= 10.0 else 3
    middle, low, high = (f"{value:,.{places}f}" for value in values)
    return middle if level["low90"] == level["high90"] else f"{middle}\n{low} to {high}"


def _print_requirements(instrument: Row, states: Sequence[Row], curves: Sequence[Row]) -> None:
    """Print what every goal requires, one column per state."""
    columns = [curve["needed"] for curve in curves]
    rows = [
        [goal_text(cells[0]), *(requirement_text(cell, instrument["unit"]) for cell in cells)]
        for cells in zip(*columns, strict=True)
    ]
    title = (
        f"{instrument['title']}. What a goal requires, by state of cooperation: median, and nine "
        "in ten"
    )
    console.table(title, ["", *map(state_text, states)], rows, keep=True)
