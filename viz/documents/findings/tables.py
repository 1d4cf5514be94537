"""Answer tables for the page and the terminal: exchange rates by regime and by variant.

The functions format the rows of ``experiments.rows.answer``.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any

from abm.measures import ENTRIES, HUMAN_COSTS, OUTCOMES
from abm.policies.base import money
from experiments.studies.ask.regimes import CONTROL, VARIANTS
from experiments.studies.ask.verdict import JOINT
from viz.documents.labels import signed_tenth
from viz.figures.answer import number_text
from viz.figures.numbers import MISSING

type Row = Mapping[str, Any]
Rows = list[list[str]]

#: Panels of the frontier: outcome, and the kind of entry for which the portfolios were chosen.
PANELS = (
    *((name, name) for name in ENTRIES),
    *((name, "unlawful_entries") for name in HUMAN_COSTS),
)
RATE = (
    "Exchange rate: dollars that the United States alone needs for the effect of $1 of both "
    "together; only dollars that are spent over the years count. Two equal countries also have a "
    "rate above 1, because each dollar of a second country is a first dollar: *if equal* is the "
    "rate that the United States would have together with a second one like it. *Cooperation "
    "alone* is the rate of instruments that need Mexico without any other, the only one that "
    'compares the countries; two equal countries have 1. "More than 40": the largest portfolio of '
    "the United States alone costs 40 times as much and does not have this effect. Brackets: range "
    "of nine draws in ten, with the noise of single seeds. U.S. alone, both: median change of "
    "entries from the status quo at the same budget, each by the portfolio with the best mean "
    "within the budget; both together can also buy the portfolios of a single side."
)
NEXT = (
    "Next $: fall of entries if a quarter of the budget is added with Mexico (instruments that "
    "need it), minus the fall if it is added without Mexico, in points; the mean of two starting "
    "points. A star: less than half of an addition was planned or spent."
)
RATE_HEADS = ("$/year", "years", "U.S.", "both", "exchange rate", "if equal", "coop.", "next $")
VARIANT_HEADS = ("model", "draws", "measure", "years", "exchange rate", "if equal")
#: The variant in which the numbers that were set with the record in view are equal for both.
FIRST_VARIANT = "same_limits_and_law"


def percent(value: float) -> str:
    """Return a change in percent with its sign. 0.0 has none, and NaN is missing."""
    return MISSING if math.isnan(value) else f"{signed_tenth(value)} %"


# ---- exchange rates -----------------------------------------------------------------------------


def rate_tables(study: Row) -> dict[str, Rows]:
    """Return the judged exchange rates in joint dollars by title.

    Args:
        study: answer rows.

    Returns:
        Rows under ``RATE_HEADS`` by regime and measure.
    """
    tables: dict[str, Rows] = {}
    for regime in study["regimes"]:
        for cell in regime["cells"]:
            if cell["judged"] and cell["account"] == JOINT:
                label = OUTCOMES[cell["measure"]].label
                title = f"Effect of one dollar, {regime['id'].upper()}: {label} (joint dollars)"
                tables.setdefault(title, []).append(_rate_row(cell))
    return tables


def _rate_row(cell: Row) -> list[str]:
    """Return budget, years, reach of both sides, exchange rates and the next dollar."""
    reach = [cell["reach"][side]["median"] for side in ("us_only", "mixed")]
    alone = cell["cooperation_alone"]
    row = [
        money(cell["budget"]),
        _years(cell),
        *(percent(-fall) for fall in reach),
        rate_text(cell),
        _equal_text(cell),
        number_text(alone["exchange_rate"], alone["rate_limit"]),
        _next_dollar(cell),
    ]
    return [text.replace("more than ", ">") for text in row]


def _years(cell: Row) -> str:
    """Return the years that a cell covers."""
    return "1" if cell["horizon"] == 1 else f"1 to {cell['horizon']}"


def _equal_text(cell: Row) -> str:
    """Return the median exchange rate if both countries are equal."""
    return number_text(cell["rate_equal"], cell["rate_limit"])


def _next_dollar(cell: Row) -> str:
    """Return the next dollar, with a star if most of an addition was not planned or spent."""
    dollar = cell["marginal_dollar"]
    if math.isnan(dollar):
        return MISSING
    return f"{signed_tenth(dollar)}{'' if cell['all_spent'] else ' *'}"


def rate_text(cell: Row) -> str:
    """Return an exchange rate with its range, such as "2.1 (0.8 to more than 40)"."""
    if math.isnan(cell["exchange_rate"]):
        return "no effect"
    keys = ("low90", "exchange_rate", "high90")
    low, middle, high = (number_text(cell[key], cell["rate_limit"]) for key in keys)
    return middle if low == high else f"{middle} ({low} to {high})"


# ---- structural variants ------------------------------------------------------------------------


def control_cell(study: Row, cell: Row) -> Row | None:
    """Return the ``CONTROL`` cell with the same key as a variant's cell, if there is one."""
    return _with_key(study["variants"].get(CONTROL, []), cell)


def _with_key(cells: Sequence[Row], cell: Row) -> Row | None:
    """Return the cell with the same account, measure, horizon and budget, if there is one."""
    names = ("account", "measure", "horizon", "budget")
    key = [cell[name] for name in names]
    return next((row for row in cells if [row[name] for name in names] == key), None)


def variant_rows(study: Row) -> Rows:
    """Return judged exchange rates by variant and measure, under ``VARIANT_HEADS``.

    The first rows belong to the first regime at full size. ``CONTROL`` is comparable.
    """
    full = study["regimes"][0]["cells"]
    same = [_with_key(full, cell) for cell in study["variants"].get(CONTROL, [])]
    titles = {VARIANTS[name].title: cells for name, cells in study["variants"].items()}
    return [
        [
            title,
            str(cell["draws"]),
            OUTCOMES[cell["measure"]].label,
            _years(cell),
            rate_text(cell),
            _equal_text(cell),
        ]
        for title, cells in ({"FY2013 in full": same} | titles).items()
        for cell in cells
        if cell and cell["judged"]
    ]
