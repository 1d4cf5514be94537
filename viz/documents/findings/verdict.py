"""Texts of the verdict: the claims, where they change, and the exchange rate of one dollar.

The functions format the rows of ``experiments.rows.rate_cells`` for the page and the terminal.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from abm.policies.base import money
from experiments.ask.exchange_rate import INERT
from experiments.ask.rate_cells import MIN_MARGIN
from experiments.ask.variants import VARIANTS
from experiments.ask.verdict import TIMES
from experiments.optimise.horizons import HUMAN_COSTS
from viz.documents.findings.words import ACCOUNT, SHORT, percent
from viz.documents.labels import joined, signed_tenth
from viz.figures.numbers import MISSING
from viz.figures.verdict import short_rate

type Row = Mapping[str, Any]
Rows = list[list[str]]

#: Meaning of each claim in a draw.
MEANING = {
    "helps": f"cooperation alone lowers entries by at least {100 * INERT:g} %",
    "beats": f"the next dollar lowers entries by more than {MIN_MARGIN:g} points more in Mexico "
    "than at the line",
    "requires": f"the United States alone needs more than ${TIMES:g} for each dollar of both "
    "together, or cannot have the same effect",
}
RULE = (
    "A claim is supported if it wins at least 80 % of the draws, refuted if it wins at most 20 %, "
    "and contingent otherwise; with too few draws it is unknown. It has one verdict only if years "
    "1 to 3 and 1 to 10, both kinds of entries, all budgets and all accounts agree."
)
RATE = (
    "Exchange rate: dollars that the United States alone needs for the effect of $1 of the best "
    "portfolio of both together; only dollars that are spent count. Above 1, cooperation is more "
    'cost-effective. "More than 40": the largest portfolio of the United States alone costs 40 '
    "times as much and does not have this effect. Brackets: range of nine draws in ten."
)
RATE_HEADS = ("regime", "$ per year", "measure", "years")
REACH_HEADS = ("U.S. alone", "both", "difference", "exchange rate", "draws above 1")
MORE_HEADS = ("next $ in Mexico", "Mexico's share", "draws")
HUMAN_HEADS = tuple(SHORT[name] for name in HUMAN_COSTS)
#: The variant that is printed first: what 0050 set with the record in view is equal for both.
FIRST_VARIANT = "same_limits_and_law"
_DEPENDS = {
    "regime": "who sets out",
    "account": "whose dollars count",
    "measure": "the kind of entry",
    "horizon": "the horizon",
    "budget": "the budget",
}


def answer_lines(study: Row) -> list[str]:
    """Return one sentence for each claim: its word, by how much, and on what it depends.

    Args:
        study: rows of the answer.

    Returns:
        Sentences in the order of the claims.
    """
    return _words(study)


def turning_lines(study: Row) -> list[str]:
    """Return where the answer changes: one sentence for each variant and number.

    Args:
        study: rows of the answer.

    Returns:
        Sentences: the variant with the same limits and law for both countries, other structural
        variants with another word, then uncertain numbers.
    """
    return [*_same_law(study), *_variants(study), *_numbers(study)]


def _words(study: Row) -> list[str]:
    """Return the word of each claim, and the attributes on which it depends."""
    lines = []
    for row in study["rate_verdicts"]:
        claim, by_word = row["claim"], dict[str, list[str]]()
        for regime in study["regimes"]:
            word = next(r["word"] for r in regime["verdicts"] if r["claim"] == claim)
            by_word.setdefault(word, []).append(regime["id"].upper())
        size = _size(study, claim)
        text = f"{claim} ({MEANING[claim]}): {row['word']}{_shares(study, claim)}{size}"
        if row["depends_on"]:
            text += f"; it depends on {joined([_DEPENDS[name] for name in row['depends_on']])}"
        if len(by_word) > 1:
            parts = [f"{word} in {joined(names)}" for word, names in by_word.items()]
            text += f" ({', '.join(parts)})"
        lines.append(text + ".")
    return lines


def _judged(study: Row) -> list[Row]:
    """Return the judged cells of all regimes."""
    return [cell for regime in study["regimes"] for cell in regime["cells"] if cell["judged"]]


def _shares(study: Row, claim: str) -> str:
    """Return the range of the shares of draws that a claim wins in the judged cells."""
    own = [one for cell in _judged(study) for one in cell["claims"] if one["claim"] == claim]
    shares = [100.0 * one["share_won"] for one in own if one["draws"]]
    if not shares:
        return ""
    low, high = f"{min(shares):.0f}", f"{max(shares):.0f}"
    return f", it wins {low if low == high else f'{low} to {high}'} % of draws"


def _size(study: Row, claim: str) -> str:
    """Return by how much, as the range of the medians of the judged cells in joint dollars."""
    cells = [cell for cell in _judged(study) if cell["account"] == "joint"]
    if claim == "requires":
        known = sorted((c for c in cells if _defined(c)), key=_order)
        words = [
            _number(c["exchange_rate"], c["rate_limit"]) for c in known[:: len(known) - 1 or 1]
        ]
        named = "exchange rate"
    elif claim == "helps":
        values = sorted(cell["reach"]["cooperative"]["median"] for cell in cells)
        words, named = [f"{value:.1f} %" for value in values[:: len(values) - 1 or 1]], "fall"
    else:
        dollars = [cell["marginal_dollar"] for cell in cells]
        values = sorted(value for value in dollars if not math.isnan(value))
        words = [f"{signed_tenth(value)} points" for value in values[:: len(values) - 1 or 1]]
        named = "difference"
    return f" ({named}: {' to '.join(dict.fromkeys(words))})" if words else ""


def _order(cell: Row) -> tuple[float, float]:
    """Return the order of exchange rates; those out of reach by their lower bound."""
    return cell["exchange_rate"], cell["rate_limit"]


def ordered_variants(study: Row) -> dict[str, list[Row]]:
    """Return the cells of the variants, with ``FIRST_VARIANT`` first."""
    variants = study["variant_rates"]
    return {name: variants[name] for name in sorted(variants, key=lambda n: n != FIRST_VARIANT)}


def _same_law(study: Row) -> list[str]:
    """Return exchange rate and words if both countries have the same limits and law."""
    lines = []
    for cell in study["variant_rates"].get(FIRST_VARIANT, []):
        own = standard_cell(study, cell)
        if cell["judged"] and own:
            words = [f"{claim['claim']} {claim['word']}" for claim in cell["claims"]]
            title, measure = VARIANTS[FIRST_VARIANT].title, SHORT[cell["measure"]]
            rates = f"{rate_text(cell)} instead of {rate_text(own)}"
            lines.append(f"{title}: the exchange rate for {measure} is {rates}; {joined(words)}.")
    return lines


def _variants(study: Row) -> list[str]:
    """Return the structural variants in which a claim has another word than in the model."""
    lines = []
    for name, cells in ordered_variants(study).items():
        other = []
        for cell in cells:
            own = standard_cell(study, cell)
            for claim, model in zip(cell["claims"], own["claims"] if own else (), strict=False):
                words = {claim["word"], model["word"]}
                if cell["judged"] and len(words) == 2 and "unknown" not in words:
                    change = f"{claim['claim']} for {SHORT[cell['measure']]} {claim['word']}"
                    other.append(f"{change} instead of {model['word']}")
        if other:
            lines.append(f"{VARIANTS[name].title}: {', '.join(dict.fromkeys(other))}.")
    if study["variant_rates"] and not lines:
        lines.append("No structural variant changes the word of a claim.")
    return lines


def standard_cell(study: Row, cell: Row) -> Row | None:
    """Return the cell of the first regime with the key of a variant's cell, if there is one."""
    names = ("account", "measure", "horizon", "budget")
    key = [cell[name] for name in names]
    cells = study["regimes"][0]["cells"] if study["regimes"] else []
    return next((one for one in cells if [one[name] for name in names] == key), None)


def _numbers(study: Row) -> list[str]:
    """Return the uncertain numbers that turn or move a claim, and what was tested."""
    lines = []
    for turn in study["turns"]:
        ends = f"{100 * turn['below']:.0f} % of draws to {100 * turn['above']:.0f} %"
        lines.append(
            f"{turn['number']} turns {turn['claim']} in {turn['regime'].upper()} at "
            f"{turn['value']:.3g}: from its lowest to its highest values, the claim wins {ends}."
        )
    tests = study["claim_tests"]
    for move in (move for test in tests for move in test["moves"]):
        if math.isnan(move["value"]):
            lines.append(
                f"{move['number']} moves {move['claim']} in {move['regime'].upper()} without "
                f"turning it (rank correlation {move['rank']:+.2f})."
            )
    tested = [test for test in tests if test["tested"]]
    if not study["turns"]:
        reason = "none crosses the threshold" if tested else "there are too few draws to tell"
        lines.append(f"No single uncertain number turns a claim: {reason}.")
    if tested:
        least = max(test["detectable"] for test in tested)
        numbers = max(test["tested"] for test in tested)
        lines.append(
            f"{numbers} numbers were tested; one with a rank correlation of {least:.2f} or more is "
            "found in four cases of five."
        )
    return lines


def rate_rows(study: Row, *, accounts: Sequence[str] = (), judged: bool = False) -> Rows:
    """Return the exchange rate of every regime, budget, measure and horizon as texts.

    Args:
        study: rows of the answer.
        accounts: accounts of the budgets; empty for all.
        judged: whether to leave out horizons that are not judged.

    Returns:
        Rows under ``RATE_HEADS``, ``REACH_HEADS``, ``MORE_HEADS`` and ``HUMAN_HEADS``; the budget
        names the account if there are several.
    """
    rows = []
    for regime in study["regimes"]:
        for cell in regime["cells"]:
            if (accounts and cell["account"] not in accounts) or (judged and not cell["judged"]):
                continue
            several = len(accounts) != 1
            counted = f" in {ACCOUNT[cell['account']]}" if several else ""
            budget = money(cell["budget"]) + counted
            rows.append([regime["id"].upper(), budget, *_rate_row(cell)])
    return rows


def _rate_row(cell: Row) -> list[str]:
    """Return measure, years, reach, rate, marginal dollar, share of Mexico and human costs."""
    reach = [cell["reach"][side]["median"] for side in ("us_only", "mixed")]
    return [
        SHORT[cell["measure"]],
        "1" if cell["horizon"] == 1 else f"1 to {cell['horizon']}",
        *(percent(-fall) for fall in reach),
        f"{signed_tenth(-cell['difference']['median'])} points",
        rate_text(cell),
        above_text(cell),
        _marginal(cell),
        f"{100 * cell['mexico_share']:.0f} %",
        str(cell["draws"]),
        *(percent(cell[name]) for name in HUMAN_COSTS),
    ]


def _marginal(cell: Row) -> str:
    """Return the marginal dollar; a star if the addition at the line could not be spent."""
    dollar = cell["marginal_dollar"]
    if math.isnan(dollar):
        return MISSING
    return f"{signed_tenth(dollar)} points{' *' if cell['line_full'] else ''}"


def above_text(cell: Row) -> str:
    """Return the share of draws with an exchange rate above 1."""
    above = cell["shares_above"][1.0]
    return MISSING if math.isnan(above) else f"{100 * above:.0f} %"


def _defined(cell: Row) -> bool:
    """Return whether any draw has an exchange rate."""
    return not math.isnan(cell["exchange_rate"])


def rate_text(cell: Row) -> str:
    """Return an exchange rate with its range, such as "2.1 (0.8 to more than 40)"."""
    if not _defined(cell):
        return "no effect"
    keys = ("low90", "exchange_rate", "high90")
    low, middle, high = (_number(cell[key], cell["rate_limit"]) for key in keys)
    return middle if low == high else f"{middle} ({low} to {high})"


def _number(rate: float, limit: float) -> str:
    """Return one exchange rate; one that is out of reach by its lower bound."""
    return f"more than {short_rate(limit)}" if math.isinf(rate) else short_rate(rate)


def claim_shares(cells: Iterable[Row]) -> Rows:
    """Return, for every cell of one regime, the share of draws that each claim wins."""
    return [
        [
            money(cell["budget"]),
            ACCOUNT[cell["account"]],
            SHORT[cell["measure"]],
            "1" if cell["horizon"] == 1 else f"1 to {cell['horizon']}",
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
    """Return the exchange rate and the claims of the model and of every variant, by measure."""
    rows, variants = [], ordered_variants(study)
    first = next(iter(variants.values()), [])
    model = [own for cell in first if (own := standard_cell(study, cell)) is not None]
    titles = {VARIANTS[name].title: cells for name, cells in variants.items()}
    named = {"Standard model": model} | titles
    for title, cells in named.items():
        for cell in cells:
            if cell["judged"]:
                claims = [_claim(claim) for claim in cell["claims"]]
                years = f"1 to {cell['horizon']}"
                share = f"{100 * cell['mexico_share']:.0f} %"
                head = [title, str(cell["draws"]), SHORT[cell["measure"]], years]
                rows.append([*head, rate_text(cell), above_text(cell), share, *claims])
    return rows
