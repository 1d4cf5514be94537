"""Tables of the verdict: exchange rates, claims by cell, variants, and tests of numbers.

The functions format the rows of ``experiments.rows.rate_cells`` for the page and the terminal.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from abm.measures import HUMAN_COSTS
from abm.policies.base import money
from experiments.studies.ask.rate_cells import JOINT
from experiments.studies.ask.regimes import CONTROL, VARIANTS
from experiments.studies.ask.uncertain_numbers import number_label
from viz.documents.findings.words import ACCOUNT, SHORT, percent
from viz.documents.labels import signed_tenth
from viz.figures.numbers import MISSING
from viz.figures.verdict import crossing_text, short_rate

type Row = Mapping[str, Any]
Rows = list[list[str]]

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
RATE_HEADS = ("regime", "$ per year", "measure", "years")
REACH_HEADS = (
    "U.S. alone",
    "both",
    "exchange rate",
    "if equal",
    "draws above that",
    "cooperation alone",
)
MORE_HEADS = (
    "next $ with Mexico",
    "with / same / without",
    "Mexico's share",
    "enforcement of U.S. alone",
    "a single side does more",
    "draws",
)

#: Columns of the terminal, which names regime and measure in the title.
SHORT_HEADS = ("$/year", "years", "U.S.", "both", "exchange rate", "if equal", "coop.", "next $")
SENSITIVITY_HEADS = (
    "regime",
    "$ per year",
    "counted in",
    "measure",
    "years",
    "exchange rate",
    "if equal",
    "cooperation alone",
    "draws",
)
HUMAN_HEADS = tuple(SHORT[name] for name in HUMAN_COSTS)

#: The variant that is printed first: the numbers set with the record in view are equal for both.
FIRST_VARIANT = "same_limits_and_law"
TEST_HEADS = (
    "claim",
    "regime",
    "draws",
    "tested",
    "counts from",
    "found from",
    "number",
    "correlation",
    "corrected p",
    "turns at",
)

_POWER = ("chance", "detectable")
VARIANT_HEADS = (
    "model",
    "draws",
    "measure",
    "years",
    "exchange rate",
    "if equal",
    "cooperation alone",
    "Mexico's share",
    "helps",
    "beats",
    "requires",
)


def ordered_variants(study: Row) -> dict[str, list[Row]]:
    """Return the cells of the variants: ``CONTROL`` and ``FIRST_VARIANT`` first."""
    variants, first = study["variant_rates"], (CONTROL, FIRST_VARIANT)
    order = [name for name in first if name in variants]
    return {name: variants[name] for name in [*order, *(n for n in variants if n not in first)]}


def control_cell(study: Row, cell: Row) -> Row | None:
    """Return the cell of ``CONTROL`` with the key of a variant's cell, if there is one."""
    return _with_key(study["variant_rates"].get(CONTROL, []), cell)


def standard_cell(study: Row, cell: Row) -> Row | None:
    """Return the cell of the first regime with the key of a variant's cell, if there is one."""
    return _with_key(study["regimes"][0]["cells"] if study["regimes"] else [], cell)


def _with_key(cells: Sequence[Row], cell: Row) -> Row | None:
    """Return the cell with the same account, measure, horizon and budget, if there is one."""
    names = ("account", "measure", "horizon", "budget")
    key = [cell[name] for name in names]
    return next((row for row in cells if [row[name] for name in names] == key), None)


def rows_of_tests(study: Row) -> Rows:
    """Return what was tested for each claim and regime, with a row for each number that moves it.

    Args:
        study: rows of the answer.

    Returns:
        Rows under ``TEST_HEADS``.
    """
    rows = []
    for test in study["claim_tests"]:
        power = [f"{test[name]:.2f}" if test["tested"] else MISSING for name in _POWER]
        head = [test["claim"], test["regime"].upper(), str(test["draws"]), str(test["tested"])]
        nothing = ["none" if test["tested"] else "not tested", *([MISSING] * 3)]
        moves = [_move(move) for move in test["moves"]] or [nothing]
        rows += [[*head, *power, *move] for move in moves]
    return rows


def _move(move: Row) -> list[str]:
    """Return number, correlation, corrected p, and the value at which it turns the claim."""
    at = "no crossing" if math.isnan(move["value"]) else crossing_text(move)
    return [number_label(move["number"]), f"{move['rank']:+.2f}", f"{move['p']:.2g}", at]


def rate_rows(study: Row) -> Rows:
    """Return the exchange rate of every regime, budget, measure and horizon in joint dollars.

    Args:
        study: rows of the answer.

    Returns:
        Rows under ``RATE_HEADS``, ``REACH_HEADS``, ``MORE_HEADS`` and ``HUMAN_HEADS``.
    """
    return [
        [regime["id"].upper(), money(cell["budget"]), *_rate_row(cell)]
        for regime in study["regimes"]
        for cell in regime["cells"]
        if cell["account"] == JOINT
    ]


def sensitivity_rows(study: Row) -> Rows:
    """Return the exchange rates on the other accounts, under ``SENSITIVITY_HEADS``."""
    return [
        [
            regime["id"].upper(),
            money(cell["budget"]),
            ACCOUNT[cell["account"]],
            SHORT[cell["measure"]],
            _years(cell),
            rate_text(cell),
            equal_text(cell),
            rate_text(cell["cooperation_alone"]),
            str(cell["draws"]),
        ]
        for regime in study["regimes"]
        for cell in regime["cells"]
        if cell["account"] != JOINT and cell["judged"]
    ]


def _years(cell: Row) -> str:
    """Return the years of a cell."""
    return "1" if cell["horizon"] == 1 else f"1 to {cell['horizon']}"


def _rate_row(cell: Row) -> list[str]:
    """Return measure, years, reach, rates, next dollar, shares, draws and human costs."""
    reach = [cell["reach"][side]["median"] for side in ("us_only", "mixed")]
    more = cell["single_more"]
    return [
        SHORT[cell["measure"]],
        _years(cell),
        *(percent(-fall) for fall in reach),
        rate_text(cell),
        equal_text(cell),
        _share(cell["share_beyond_equal"]),
        rate_text(cell["cooperation_alone"]),
        _marginal(cell, ranges=True),
        " / ".join(_share(cell["next_shares"][key]) for key in ("with", "same", "without")),
        _share(cell["mexico_share"]),
        _share(cell["enforcement_share"]),
        f"U.S. {more['us_only']}, cooperation {more['cooperative']}",
        str(cell["draws"]),
        *(percent(cell[name]) for name in HUMAN_COSTS),
    ]


def _share(share: float) -> str:
    """Return a share in percent; a dash if it is not known."""
    return MISSING if math.isnan(share) else f"{100 * share:.0f} %"


def equal_text(cell: Row) -> str:
    """Return the median exchange rate of two equal countries."""
    equal = cell["rate_equal"]
    return MISSING if math.isnan(equal) else number_text(equal, cell["rate_limit"])


def short_rate_tables(study: Row) -> dict[str, Rows]:
    """Return the judged exchange rates in joint dollars by title, for a narrow terminal.

    Args:
        study: rows of the answer.

    Returns:
        Rows under ``SHORT_HEADS`` by regime and measure.
    """
    tables: dict[str, Rows] = {}
    for regime in study["regimes"]:
        for cell in regime["cells"]:
            if cell["judged"] and cell["account"] == JOINT:
                title = f"Effect of one dollar, {regime['id'].upper()}: {SHORT[cell['measure']]}"
                alone = cell["cooperation_alone"]
                coop = number_text(alone["exchange_rate"], alone["rate_limit"])
                row = [money(cell["budget"]), *_rate_row(cell)[1:6]]
                row += [coop if has_rate(alone) else MISSING, _marginal(cell)]
                texts = [text.replace("more than ", ">").replace(" points", "") for text in row]
                tables.setdefault(f"{title} (joint dollars)", []).append(texts)
    return tables


def _marginal(cell: Row, *, ranges: bool = False) -> str:
    """Return the marginal dollar; a star if most of an addition was not planned or spent.

    With `ranges`, the 90 % interval of the median follows.
    """
    dollar = cell["marginal_dollar"]
    if math.isnan(dollar):
        return MISSING
    ends = " to ".join(map(signed_tenth, cell["marginal_median90"]))
    interval = f" ({ends})" if ranges and "inf" not in ends else ""
    return f"{signed_tenth(dollar)} points{interval}{'' if cell['all_spent'] else ' *'}"


def has_rate(cell: Row) -> bool:
    """Return whether any draw has an exchange rate."""
    return not math.isnan(cell["exchange_rate"])


def rate_text(cell: Row) -> str:
    """Return an exchange rate with its range, such as "2.1 (0.8 to more than 40)"."""
    if not has_rate(cell):
        return "no effect"
    keys = ("low90", "exchange_rate", "high90")
    low, middle, high = (number_text(cell[key], cell["rate_limit"]) for key in keys)
    return middle if low == high else f"{middle} ({low} to {high})"


def number_text(rate: float, limit: float) -> str:
    """Return one exchange rate; one that is out of reach by its lower bound."""
    return f"more than {short_rate(limit)}" if math.isinf(rate) else short_rate(rate)


def claim_shares(cells: Iterable[Row]) -> Rows:
    """Return, for every cell of one regime, the share of draws that each claim wins."""
    return [
        [
            money(cell["budget"]),
            ACCOUNT[cell["account"]],
            SHORT[cell["measure"]],
            _years(cell),
            *(_claim(claim) for claim in cell["claims"]),
        ]
        for cell in cells
    ]


def _claim(claim: Row) -> str:
    """Return the share of won draws of a claim with its interval, and the word."""
    if not claim["draws"]:
        return MISSING
    low, high = claim["range"]
    near = ", near a threshold" if claim["near_a_threshold"] and claim["word"] != "unknown" else ""
    return f"{claim['share_won']:.2f} ({low:.2f} to {high:.2f}) {claim['word']}{near}"


def variant_rows(study: Row) -> Rows:
    """Return exchange rates and claims by variant and measure, under ``VARIANT_HEADS``.

    The first rows are those of the first regime at full size; ``CONTROL`` is comparable.
    """
    rows, variants = [], ordered_variants(study)
    first = next(iter(variants.values()), [])
    model = [row for cell in first if (row := standard_cell(study, cell)) is not None]
    titles = {VARIANTS[name].title: cells for name, cells in variants.items()}
    for title, cells in ({"FY2013 in full": model} | titles).items():
        for cell in cells:
            if cell["judged"]:
                claims = [_claim(claim) for claim in cell["claims"]]
                alone, share = rate_text(cell["cooperation_alone"]), _share(cell["mexico_share"])
                head = [title, str(cell["draws"]), SHORT[cell["measure"]], _years(cell)]
                rows.append([*head, rate_text(cell), equal_text(cell), alone, share, *claims])
    return rows
