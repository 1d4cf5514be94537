"""Texts of the verdict: where it changes, and the exchange rate of one dollar by regime.

The functions format the rows of ``experiments.rows.rate_cells`` for the page and the terminal.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from abm.policies.base import money
from experiments.ask.variants import VARIANTS
from viz.documents.findings.words import ACCOUNT, SHORT, percent
from viz.documents.labels import joined
from viz.figures.numbers import MISSING

type Row = Mapping[str, Any]
Rows = list[list[str]]

#: Meaning of each claim in a draw.
MEANING = {
    "helps": "cooperation alone lowers entries by at least 2 %",
    "beats": "the next dollar lowers entries more in Mexico than at the line",
    "requires": "the United States alone needs more than $4 for each dollar of both together, or "
    "cannot have the same effect",
}
RULE = (
    "A claim is supported if it wins at least 80 % of the draws, refuted if it wins at most 20 %, "
    "and contingent otherwise; with too few draws it is unknown. It has one verdict only if years "
    "1 to 3 and 1 to 10, both kinds of entries, all budgets and all accounts agree."
)
RATE = (
    "Exchange rate: dollars that the United States alone needs for the effect of $1 of the best "
    "portfolio of both together. Above 1, cooperation is more cost-effective; out of reach: no "
    "portfolio of the United States alone has this effect. Brackets: range of nine draws in ten."
)
RATE_HEADS = ("regime", "$ per year", "measure", "years", "exchange rate", "out of reach")
MORE_HEADS = ("next $ in Mexico", "Mexico's share", "draws")
HUMAN_HEADS = ("deaths", "kidnappings", "returned unscreened")
_DEPENDS = {
    "regime": "who sets out",
    "account": "whose dollars count",
    "measure": "the kind of entry",
    "horizon": "the horizon",
    "budget": "the budget",
}


def turning_lines(study: Row) -> list[str]:
    """Return where the answer changes: one sentence for each claim, variant and number.

    Args:
        study: rows of the answer.

    Returns:
        Sentences: words that differ between regimes and cells, structural variants with another
        word, then uncertain numbers.
    """
    return [*_words(study), *_variants(study), *_numbers(study)]


def _words(study: Row) -> list[str]:
    """Return the word of each claim, and the attributes on which it depends."""
    lines = []
    for row in study["rate_verdicts"]:
        claim, by_word = row["claim"], dict[str, list[str]]()
        for regime in study["regimes"]:
            word = next(r["word"] for r in regime["verdicts"] if r["claim"] == claim)
            by_word.setdefault(word, []).append(regime["id"].upper())
        text = f"{claim} ({MEANING[claim]}): {row['word']}{_shares(study, claim)}"
        if row["depends_on"]:
            text += f"; it depends on {joined([_DEPENDS[name] for name in row['depends_on']])}"
        if len(by_word) > 1:
            parts = [f"{word} in {joined(names)}" for word, names in by_word.items()]
            text += f" ({', '.join(parts)})"
        lines.append(text + ".")
    return lines


def _shares(study: Row, claim: str) -> str:
    """Return the range of the shares of draws that a claim wins in the judged cells."""
    cells = [cell for regime in study["regimes"] for cell in regime["cells"] if cell["judged"]]
    own = [one for cell in cells for one in cell["claims"] if one["claim"] == claim]
    shares = [100.0 * one["share_won"] for one in own if one["draws"]]
    if not shares:
        return ""
    low, high = f"{min(shares):.0f}", f"{max(shares):.0f}"
    return f", it wins {low if low == high else f'{low} to {high}'} % of draws"


def _variants(study: Row) -> list[str]:
    """Return the structural variants in which a claim has another word than in the model."""
    lines = []
    for name, cells in study["variant_rates"].items():
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
    """Return the uncertain numbers that turn a claim, with the value at which they do."""
    lines = []
    for turn in study["turns"]:
        ends = f"{100 * turn['below']:.0f} % of draws to {100 * turn['above']:.0f} %"
        lines.append(
            f"{turn['number']} turns {turn['claim']} in {turn['regime'].upper()} at "
            f"{turn['value']:.3g}: from its lowest to its highest values, the claim wins {ends}."
        )
    if not lines:
        few = max((cell["draws"] for r in study["regimes"] for cell in r["cells"]), default=0) < 20
        reason = "there are too few draws to tell" if few else "none moves it more than chance"
        lines.append(f"No single uncertain number turns a claim: {reason}.")
    return lines


def rate_rows(study: Row, *, accounts: Sequence[str] = (), judged: bool = False) -> Rows:
    """Return the exchange rate of every regime, budget, measure and horizon as texts.

    Args:
        study: rows of the answer.
        accounts: accounts of the budgets; empty for all.
        judged: whether to leave out horizons that are not judged.

    Returns:
        Rows under ``RATE_HEADS``, ``MORE_HEADS`` and ``HUMAN_HEADS``; the budget names the account
        if there are several.
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
    """Return measure, years, rate, marginal dollar, share of Mexico, draws and human costs."""
    dollar = cell["marginal_dollar"]
    marginal = MISSING if math.isnan(dollar) else f"{dollar:+.1f} points"
    human = [percent(cell[name]) for name in ("deaths", "kidnapped", "returned_unscreened")]
    return [
        SHORT[cell["measure"]],
        "1" if cell["horizon"] == 1 else f"1 to {cell['horizon']}",
        rate_text(cell),
        f"{100 * cell['share_out_of_reach']:.0f} %" if _defined(cell) else MISSING,
        marginal,
        f"{100 * cell['mexico_share']:.0f} %",
        str(cell["draws"]),
        *human,
    ]


def _defined(cell: Row) -> bool:
    """Return whether any draw has an exchange rate."""
    return not math.isnan(cell["exchange_rate"])


def rate_text(cell: Row) -> str:
    """Return an exchange rate with its range, such as "2.1 (0.8 to out of reach)"."""
    if not _defined(cell):
        return "no effect"
    low, high = (_number(cell[key]) for key in ("low90", "high90"))
    return f"{_number(cell['exchange_rate'])} ({low} to {high})"


def _number(rate: float) -> str:
    """Return one exchange rate."""
    return "out of reach" if math.isinf(rate) else f"{rate:.2g}" if rate < 99.5 else f"{rate:.0f}"


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
    rows, first = [], next(iter(study["variant_rates"].values()), [])
    model = [own for cell in first if (own := standard_cell(study, cell)) is not None]
    named = {"Standard model": model} | {
        VARIANTS[name].title: cells for name, cells in study["variant_rates"].items()
    }
    for title, cells in named.items():
        for cell in cells:
            if cell["judged"]:
                claims = [_claim(c) for c in cell["claims"] if c["claim"] != "beats"]
                above = f"{cell['shares_above'][1.0]:.2f}"
                years = f"1 to {cell['horizon']}"
                share = f"{100 * cell['mexico_share']:.0f} %"
                head = [title, str(cell["draws"]), SHORT[cell["measure"]], years]
                rows.append([*head, rate_text(cell), above, share, *claims])
    return rows
