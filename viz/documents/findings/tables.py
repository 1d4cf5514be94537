"""Tables of an answer, as rows of texts for the page and the terminal.

The functions format the rows of ``experiments.rows.answer``.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from abm.policies.base import money
from experiments.ask.answer import Answer
from experiments.ask.verdict import CLAIMS, MARGIN, REFUTED, SUPPORTED
from experiments.optimise.horizons import ENTRIES, HORIZONS, OUTCOMES
from experiments.optimise.search import BudgetTarget
from experiments.optimise.sides import ACCOUNTS
from experiments.rows import answer as rows_of
from viz.documents.findings.words import ACCOUNT, SHORT, percent
from viz.figures.frontier import SIDE_NAMES
from viz.figures.numbers import MINUS

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
    *((name, "unlawful_entries") for name in ("deaths", "kidnapped", "returned_unscreened")),
)
CELL_HEADS = [
    "$ a year",
    "counted in",
    "measure",
    "reduction of entries over 10 years",
    "P(win)",
    f"P over {' / '.join(map(str, HORIZONS))} years alone",
    "verdict",
    "trade-offs of a win",
]
PORTFOLIO_HEADS = [
    "side",
    "chosen for",
    "$ a year",
    *(SHORT[name] for name in OUTCOMES),
    "$ per averted entry",
    "portfolio",
]
COMBINED_HEADS = [
    "$ a year",
    *(SHORT[name] for name in OUTCOMES),
    *(f"P(win) against U.S. alone, {SHORT[name]}" for name in ENTRIES),
]
SINGLE_HEADS = ["arm", "instrument", "$ a year", *(SHORT[name] for name in OUTCOMES)]
VARIANT_HEADS = [
    "model",
    "draws",
    *(f"{claim}: {SHORT[outcome]}" for claim in CLAIMS for outcome in ENTRIES),
]
BOX_HEADS = ["conditions", "draws that fail", "share", "of all failures"]
DRIVER_HEADS = ["claim", "measure", "parameter", "margin where low", "where high", ""]


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
    return [
        [
            money(cell["budget"]),
            ACCOUNT[cell["account"]],
            SHORT[cell["outcome"]],
            _advantage(cell),
            f"{cell['p_win']:.2f} ({cell['p_range'][0]:.2f} to {cell['p_range'][1]:.2f})",
            " / ".join(f"{p:.2f}" for p in cell["by_horizon"].values()),
            cell["verdict"] + (", near a threshold" if cell["near_a_threshold"] else ""),
            _trade_offs(cell),
        ]
        for cell in cells
    ]


def _advantage(cell: Row) -> str:
    """Return the median advantage over the longest horizon, and its range."""
    low, middle, high = rows_of.advantage_range(cell)
    return f"{_tenth(middle)} % ({_tenth(low)} to {_tenth(high)})"


def _tenth(value: float) -> str:
    """Return a number with one decimal and a typographic minus."""
    return f"{MINUS if value < -0.05 else ''}{abs(value):.1f}"


def _trade_offs(cell: Row) -> str:
    """Return the human costs that are higher in most of the draws that are won."""
    worse = cell["worse_for_people"]
    texts = [f"{SHORT[name]} ({100 * worse[name]:.0f} %)" for name in cell["trades"]]
    return ", ".join(texts) or "-"


def portfolio_rows(answer: Answer, study: Row, account: str) -> Rows:
    """Return the portfolios of every side, by measure and budget.

    Args:
        answer: result of the question.
        study: its rows.
        account: account in which the budgets are counted.

    Returns:
        Side, measure, budget, changes, price of an averted entry, and dollars by instrument.
    """
    rows = []
    for row in rows_of.sorted_portfolios(study, account):
        target = BudgetTarget(row["side"], account, row["outcome"], row["budget"])
        price = rows_of.price(answer, target)
        bought = ", ".join(f"{name} {money(x)}" for name, x in row["dollars"].items())
        rows.append(
            [
                SIDE_NAMES[row["side"]],
                SHORT[row["outcome"]],
                money(row["budget"]),
                *map(percent, rows_of.median_changes(row["changes"])),
                "none averted" if price is None else f"${price:,.0f}",
                bought or "nothing",
            ]
        )
    return rows


def combined_rows(answer: Answer) -> Rows:
    """Return all arms together by budget: changes, and P(win) against the United States alone."""
    return [
        [
            money(row["budget"]),
            *map(percent, row["changes"]),
            *(f"{p:.2f}" for p in row["p_win"].values()),
        ]
        for row in rows_of.combined_rows(answer)
    ]


def single_rows(answer: Answer) -> Rows:
    """Return every instrument alone, by arm, with its changes in the search."""
    return [
        [
            row["arm"].replace("_", " "),
            row["instrument"],
            money(row["dollars"]),
            *map(percent, row["changes"]),
        ]
        for row in rows_of.single_rows(answer)
    ]


def variant_rows(answer: Answer) -> Rows:
    """Return P(win) and verdict of every claim and measure, by structural variant."""
    return [
        [
            row["title"],
            str(row["draws"]),
            *(f"{cell['p_win']:.2f} {cell['verdict']}" for cell in row["cells"]),
        ]
        for row in rows_of.variant_rows(answer)
    ]


def box_rows(boxes: Sequence[Row]) -> Rows:
    """Return the conditions of every box, and how many of its draws fail."""
    return [
        [
            " and ".join(_bound(name, *bounds) for name, bounds in box["bounds"].items()),
            f"{box['failed']} of {box['draws']}",
            f"{100 * box['failed'] / box['draws'] if box['draws'] else math.nan:.0f} %",
            f"{100 * box['coverage']:.0f} %",
        ]
        for box in boxes
    ]


def _bound(name: str, low: float, high: float) -> str:
    """Return one condition of a box."""
    if name == "us_dollars_alone":
        return "U.S. dollars alone" if low > -math.inf else "joint dollars"
    show = money if name == "budget" else "{:.3g}".format
    if low == -math.inf:
        return f"{name} up to {show(high)}"
    return f"{name} above {show(low)}" + ("" if high == math.inf else f" up to {show(high)}")


def driver_rows(study: Row) -> Rows:
    """Return the assumed parameters that move the margin of a claim."""
    return [
        [
            row["claim"],
            SHORT[row["outcome"]],
            row["name"],
            f"{row['low']:+.1f}",
            f"{row['high']:+.1f}",
            "could reverse it" if row["turns"] else "",
        ]
        for row in rows_of.driver_rows(study)
    ]
