"""Print the tables of a comparison, and tables of documents."""

from __future__ import annotations

import math
import textwrap

from experiments.compare import Arm, Comparison
from experiments.pairs import Difference
from experiments.rows.comparison import OutcomeRow, outcome_groups, outcome_rows, percent_change
from viz.cli import console
from viz.documents.html_table import Table
from viz.documents.labels import payer_label
from viz.figures.numbers import amount, decimals, dollars, percent, rounded, signed, signed_amount

_LABEL_WIDTH, _ARM_WIDTH = 39, 18  # the first with the column of the baseline


def print_table(table: Table, *, left: int = 1, keep: bool = False) -> None:
    """Print a table of a document; the second line of a cell is printed below the first.

    Args:
        table: the table.
        left, keep: as for ``console.table``.
    """
    rows = [[f"{c.text}\n{c.detail}" if c.detail else c.text for c in row] for row in table.rows]
    console.table(table.caption, table.heads, rows, left=left, keep=keep)


def print_arms(comparison: Comparison) -> None:
    """Print all outcomes, with as many policies next to each other as the terminal holds."""
    fit = max(1, (console.width() - _LABEL_WIDTH) // _ARM_WIDTH)
    positions = [i for i, arm in enumerate(comparison.arms) if arm.runs]
    names = {position: f"[{i}]" for i, position in enumerate(positions, 1)}
    for first in range(0, len(positions), fit):
        _print_block(comparison, {i: names[i] for i in positions[first : first + fit]})
    for i, name in names.items():
        console.line(f"{name} {_policy(comparison.arms[i])}")
    print()


def _policy(arm: Arm) -> str:
    """Return title, specification and payers of a policy."""
    paid = ", ".join(f"{payer_label(p)} {dollars(d)}" for p, d in arm.dollars.items() if d)
    return f"{arm.title}: {arm.spec_text}; cost per year: {paid or 'none'}."


def _print_block(comparison: Comparison, names: dict[int, str]) -> None:
    """Print the changes under the policies at these positions."""
    counted = comparison.members > 0 and len(comparison.baseline.runs) > 1
    found, rows = outcome_rows(comparison), []
    for title, keys in outcome_groups(found, human_costs_with_prices=True):
        rows += [[], [title]] if rows else [[title]]
        for row in (found[key] for key in keys):
            cells = [_change(row, row.changes[i]) + _sign(row.changes[i], counted) for i in names]
            rows.append([f"  {row.measure.label}", _level(row), *cells])
    heads = [
        textwrap.fill(f"{name} {comparison.arms[i].title}", _ARM_WIDTH - 3)
        for i, name in names.items()
    ]
    title = "Change from the baseline: median of paired runs, and the range of nine pairs in ten"
    title += ", and the pairs in which it has this sign" if counted else ""
    if len(comparison.baseline.runs) == 1:
        title = "Change from the baseline, one pair of runs: chance alone may explain it"
    console.table(title, ["per year", "baseline", *heads], rows)


def _level(row: OutcomeRow) -> str:
    """Return the level of the baseline."""
    return amount(row.level, row.measure.unit) if math.isfinite(row.level) else "-"


def _sign(change: Difference, counted: bool) -> str:
    """Return in how many pairs a change has the sign of the median."""
    known = counted and change.pairs and math.isfinite(change.difference)
    return f"\nin {change.same_sign} of {change.pairs}" if known else ""


def _change(row: OutcomeRow, change: Difference) -> str:
    """Return a change in percent of the baseline, or in its unit, above its 90 % range."""
    if row.is_price:
        return _price(change)
    if not math.isfinite(change.difference):
        return "not defined"
    share = percent_change(change)
    if share is None:
        numbers = (change.difference, change.low90, change.high90)
        return _lines(change, *(signed_amount(v, row.measure.unit) for v in numbers))
    places = max(1, decimals(max(abs(share.low90), abs(share.high90))))
    bounds = (signed(share.low90, places), signed(share.high90, places))
    return _lines(change, percent(share.median), *bounds)


def _price(change: Difference) -> str:
    """Return dollars per averted entry above their range."""
    if not math.isfinite(change.difference):
        return "none averted"
    low, high = (
        dollars(rounded(v)) if math.isfinite(v) else "no bound"
        for v in (change.low90, change.high90)
    )
    head = dollars(rounded(change.difference))
    return head if low == high else f"{head}\n{low} to {high}"


def _lines(change: Difference, head: str, low: str, high: str) -> str:
    """Return a number above its range; the number alone for a single run."""
    return head if change.low90 == change.high90 else f"{head}\n{low} to {high}"
