"""The table of a comparison: outcomes down, policies across."""

from __future__ import annotations

import math
import textwrap
from collections.abc import Sequence

from abm.measures import BESIDE_PRICES, GROUPS, OUTCOMES, PRICES
from experiments.compare import Arm, Comparison, Difference
from viz.cli import console
from viz.figures.numbers import amount, decimals, dollars, percent, rounded, signed, signed_amount

_MEASURES = OUTCOMES | PRICES
_LABEL_WIDTH, _ARM_WIDTH = 39, 18  # the first with the baseline's column


def tell_arms(comparison: Comparison) -> None:
    """As many policies side by side as the terminal holds."""
    fit = max(1, (console.width() - _LABEL_WIDTH) // _ARM_WIDTH)
    arms = [arm for arm in comparison.arms if arm.runs]
    names = _names(arms)
    for first in range(0, len(arms), fit):
        _block(comparison, arms[first : first + fit], names[first : first + fit])
    for name, arm in zip(names, arms, strict=True):
        paid = ", ".join(f"{console.payer(w)} {dollars(d)}" for w, d in arm.dollars.items() if d)
        console.line(f"{name} {arm.title}: {arm.written}; paid a year by {paid or 'nobody'}.")
    print()


def _names(arms: Sequence[Arm]) -> list[str]:
    """A letter for every policy, as a heading that always fits."""
    return [f"[{i}]" for i, _ in enumerate(arms, 1)]


def _block(comparison: Comparison, arms: Sequence[Arm], names: Sequence[str]) -> None:
    """Some policies, each with the difference and its range."""
    rows: list[list[str]] = []
    counted = comparison.members > 0 and len(comparison.baseline.runs) > 1
    for title, keys in groups():
        rows += [[], [title]] if rows else [[title]]
        for key in keys:
            level = comparison.baseline.outcomes.get(key)
            cells = [
                cell(key, arm.outcomes[key]) + _held(arm.outcomes[key], counted) for arm in arms
            ]
            rows.append([f"  {_MEASURES[key].label}", _level(key, level), *cells])
    heads = [
        textwrap.fill(f"{name} {arm.title}", _ARM_WIDTH - 3)  # leaves room for the labels
        for name, arm in zip(names, arms, strict=True)
    ]
    title = "Change from the baseline, median of paired runs; below it nine pairs in ten"
    title += ", and in how many of all pairs it has this sign" if counted else ""
    if len(comparison.baseline.runs) == 1:
        title = "Change from the baseline, one pair of runs: chance alone may explain it"
    console.table(title, ["a year", "baseline", *heads], rows)


def groups() -> list[tuple[str, list[str]]]:
    """Titles of the groups and their outcomes.

    The prices stand in the last group, and directly after them what they do to people.
    """
    apart = (*PRICES, *BESIDE_PRICES)
    found = {
        group: [key for key, m in OUTCOMES.items() if m.group == group and key not in apart]
        for group in GROUPS
    }
    found["cost"] += apart
    titles = GROUPS | {"cost": "Cost, in dollars and in people"}
    return [(titles[group], keys) for group, keys in found.items() if keys]


def _held(row: Difference, counted: bool) -> str:
    """In how many pairs the change has the sign of the median: what an ensemble is for."""
    known = counted and row.pairs and math.isfinite(row.difference)
    return f"\nin {row.alike} of {row.pairs}" if known else ""


def _level(key: str, level: Difference | None) -> str:
    """The baseline's own level."""
    if level is None or not math.isfinite(level.baseline):
        return "-"
    return amount(level.baseline, OUTCOMES[key].unit)


def cell(key: str, row: Difference) -> str:
    """A change in percent of the baseline (or in units) over its 90 % range."""
    if key in PRICES:
        return _price(row)
    if not math.isfinite(row.difference):
        return "not defined"
    base = row.baseline
    if not math.isfinite(base) or base <= 0:
        head, low, high = (
            signed_amount(v, OUTCOMES[key].unit) for v in (row.difference, row.low90, row.high90)
        )
    else:
        share = [100 * v / base for v in (row.difference, row.low90, row.high90)]
        places = max(1, decimals(max(abs(v) for v in share[1:])))
        head, low, high = percent(share[0]), *(signed(v, places) for v in share[1:])
    return head if row.low90 == row.high90 else f"{head}\n{low} to {high}"


def _price(row: Difference) -> str:
    """Dollars for an entry that did not happen."""
    if not math.isfinite(row.difference):
        return "none averted"
    low, high = (
        dollars(rounded(v)) if math.isfinite(v) else "no bound" for v in (row.low90, row.high90)
    )
    head = dollars(rounded(row.difference))
    return head if low == high else f"{head}\n{low} to {high}"
