"""Texts about instrument curves: states of cooperation, goals and requirements.

The functions format the rows of ``experiments.rows.curve``.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any

from abm.policies.base import money
from experiments.studies.curve import BASE_YEAR
from viz.figures.numbers import plain, rounded

Row = Mapping[str, Any]

#: Short names of the states, for headings and labels.
STATE_NAMES = {
    "base_year": "as in the base year",
    "cooperation": "with a programme",
    "withdrawn": "withdrawn",
}


def state_text(state: Row) -> str:
    """Return the short name of a state, with its cost."""
    cost = f" (+{money(state['dollars'])})" if state["dollars"] else ""
    return STATE_NAMES[state["id"]] + cost


def goal_text(goal: Row) -> str:
    """Return a goal in words."""
    if not goal["cut"]:
        return f"{100 * goal['level']:.0f} % apprehended per attempt"
    of = "of the base year" if goal["relative_to"] == BASE_YEAR else "of the same state"
    return f"got-aways −{100 * goal['cut']:.0f} % {of}"


def requirement_text(requirement: Row, unit: str | None) -> str:
    """Return the dollars that a goal requires, or a statement that the goal is not reached.

    Args:
        requirement: row of the goal, see ``experiments.rows.curve``.
        unit: unit of the amount that the dollars buy, if it can be counted.

    Returns:
        Up to three lines: the median, its amount, and the range.
    """
    if not requirement["replicates"]:
        return "not defined"
    middle, low, high = (requirement["dollars"][key] for key in ("median", "low90", "high90"))
    if not math.isfinite(middle):
        reached = requirement["reached"]
        some = f"\nonly in {reached} of {requirement['replicates']}" if reached else ""
        return f"not with {money(requirement['largest_budget'])}{some}"
    if high == 0.0:
        return "already reached"
    lines = [money(middle)]
    if unit:
        lines.append(f"{amount_text(requirement['amount']['median'])} {unit}")
    if low != high:
        lines.append(f"{money(low)} to {money(high) if math.isfinite(high) else 'never'}")
    return "\n".join(lines)


def prices_text(points: Sequence[Row]) -> str:
    """Return the dollars per 1 % fewer got-aways at every budget above zero, in one line.

    Args:
        points: rows of the budgets in one state, see ``experiments.rows.curve``.

    Returns:
        The median of every budget, followed by its range; empty if no budget
        has a price.
    """
    prices = [(point["dollars"], _price_text(point["dollars_per_percent"])) for point in points]
    parts = [f"{price} at {money(dollars)}" for dollars, price in prices if price]
    return f"Spent per 1 % fewer got-aways: {'; '.join(parts)}." if parts else ""


def _price_text(price: Row) -> str:
    """Return the dollars per 1 % fewer got-aways: the median and its range."""
    middle, low, high = (price[key] for key in ("median", "low90", "high90"))
    if math.isnan(middle):
        return ""
    if not math.isfinite(middle):
        return "no fewer"
    if low == high:
        return money(middle)
    return f"{money(middle)} ({money(low)} to {money(high) if math.isfinite(high) else 'none'})"


def published_text(published: Row) -> str:
    """Return the published dollars per 1 % less migration, with their sources."""
    low, high = money(published["low"]), money(published["high"])
    return f"Published, per 1 % less migration: {low} to {high} a year. {published['source']}."


def amount_text(value: float) -> str:
    """Return a number of agents, miles or towers in three digits."""
    return plain(rounded(value), 0)
