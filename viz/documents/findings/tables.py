"""Verdicts and cells of an answer, as rows of texts for the page and the terminal.

The functions format the rows of ``experiments.rows.answer``.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from abm.measures import ENTRIES, HUMAN_COSTS
from abm.policies.base import money
from experiments.rows import answer as rows_of
from experiments.studies.ask.verdict import MARGIN, REFUTED, SUPPORTED
from experiments.studies.optimise.sides import ACCOUNTS
from viz.documents.findings.words import ACCOUNT, SHORT
from viz.figures.numbers import MINUS, MISSING

__all__ = ["ACCOUNTS", "SHORT"]

Row = Mapping[str, Any]
Rows = list[list[str]]

RULE = (
    f"A draw is won if entries are at least {100 * MARGIN:g} % lower over years 1 to 3 and over "
    f"years 1 to 10. P(win) of {SUPPORTED:g} or more: supported; {REFUTED:g} or less: refuted; "
    "otherwise: contingent."
)
#: Panels of the frontier: outcome, and the kind of entry for which the portfolios were chosen.
PANELS = (
    *((name, name) for name in ENTRIES),
    *((name, "unlawful_entries") for name in HUMAN_COSTS),
)


def verdict_rows(study: Row) -> Rows:
    """Return claim, verdict, its conditions, and the number of cells with each verdict."""
    rows = []
    for verdict in study["verdicts"]:
        words = [c["verdict"] for c in study["cells"] if c["claim"] == verdict["claim"]]
        count = ", ".join(f"{words.count(w)} {w}" for w in dict.fromkeys(sorted(words)))
        rows.append([verdict["claim"], verdict["word"], verdict["condition"], count])
    return rows


def cell_rows(cells: Iterable[Row]) -> Rows:
    """Return budget, account, measure, advantage, P(win), verdict and trade-offs of cells."""
    return list(map(_cell_row, cells))


def short_cell_row(cell: Row) -> list[str]:
    """Return budget, account, measure, P(win), verdict and trade-offs without any range."""
    harm = ", ".join(SHORT[name] for name in cell["trades"]) or MISSING
    head = [money(cell["budget"]), cell["account"], SHORT[cell["outcome"]]]
    return [*head, f"{cell['p_win']:.2f}", cell["verdict"], harm]


def _cell_row(cell: Row) -> list[str]:
    """Return the row of a cell; the advantage is the median over the longest horizon."""
    low, middle, high = map(_tenth, rows_of.advantage_range(cell))
    p_low, p_high = cell["p_range"]
    worse = cell["worse_for_people"]
    trade_offs = [f"{SHORT[name]} ({100 * worse[name]:.0f} %)" for name in cell["trades"]]
    return [
        money(cell["budget"]),
        ACCOUNT[cell["account"]],
        SHORT[cell["outcome"]],
        f"{middle} % ({low} to {high})",
        f"{cell['p_win']:.2f} ({p_low:.2f} to {p_high:.2f})",
        " / ".join(f"{p:.2f}" for p in cell["by_horizon"].values()),
        cell["verdict"] + (", near a threshold" if cell["near_a_threshold"] else ""),
        ", ".join(trade_offs) or MISSING,
    ]


def _tenth(value: float) -> str:
    """Return a number with one decimal and a typographic minus."""
    return f"{MINUS if value < -0.05 else ''}{abs(value):.1f}"
