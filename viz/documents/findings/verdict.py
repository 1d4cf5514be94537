"""Texts of the verdict: the claims, where they change, and the exchange rate of one dollar.

The functions format the rows of ``experiments.rows.rate_cells`` for the page and the terminal.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from abm.policies.base import money
from experiments.ask.exchange_rate import INERT
from experiments.ask.number_labels import number_label
from experiments.ask.rate_cells import MIN_MARGIN, MIN_VARIANT_DRAWS
from experiments.ask.variants import VARIANTS
from experiments.ask.verdict import MIN_HARM, TIMES
from experiments.optimise.horizons import HUMAN_COSTS
from viz.documents.findings.words import ACCOUNT, SHORT, percent
from viz.documents.labels import joined, signed_tenth
from viz.figures.numbers import MISSING
from viz.figures.verdict import crossing_text, short_rate

type Row = Mapping[str, Any]
Rows = list[list[str]]

RULE = (
    "A claim is supported if it wins at least 80 % of the draws, refuted if it wins at most 20 %, "
    "and contingent otherwise; with too few draws it is unknown. It has one verdict only if years "
    "1 to 3 and 1 to 10, both kinds of entries, all budgets and all accounts agree. Two "
    "figures are the lowest and the highest of these cases."
)
RATE = (
    "Exchange rate: dollars that the United States alone needs for the effect of $1 of the best "
    "portfolio of both together; only dollars that are spent count. Above 1, cooperation is more "
    'cost-effective. "More than 40": the largest portfolio of the United States alone costs 40 '
    "times as much and does not have this effect. Brackets: range of nine draws in ten. U.S. "
    "alone, both: median change of entries from the status quo under the best portfolio at the "
    "same budget."
)
NEXT = (
    "Next $: fall of entries if a quarter of the budget is added in Mexico, minus the fall if it "
    "is added at the line, in points; a star if the line could not spend half of it."
)
RATE_HEADS = ("regime", "$ per year", "measure", "years")
REACH_HEADS = ("U.S. alone", "both", "exchange rate", "draws above 1")
MORE_HEADS = ("next $ in Mexico", "Mexico's share", "draws")
#: Columns of the terminal, which names regime and measure in the title.
SHORT_HEADS = ("$ a year", "years", "U.S. alone", "both", "exchange rate", "above 1", "next $")
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
    """Return a sentence for each claim: its word, the figures, and on what it depends."""
    lines = []
    for row in study["rate_verdicts"]:
        claim, by_word = row["claim"], dict[str, list[str]]()
        for regime in study["regimes"]:
            word = next(r["word"] for r in regime["verdicts"] if r["claim"] == claim)
            by_word.setdefault(word, []).append(regime["id"].upper())
        text = row["word"]
        if row["word"] == "unknown":
            text += f", too few draws ({_most_draws(study, claim)} of {_least_draws(study, claim)})"
        if row["depends_on"]:
            text += f"; it depends on {joined([_DEPENDS[name] for name in row['depends_on']])}"
        if len(by_word) > 1:
            parts = [f"{word} in {joined(names)}" for word, names in by_word.items()]
            text += f" ({', '.join(parts)})"
        lines.append(f"{claim.capitalize()}: {text}. {_figures(study, claim)}".strip())
    return lines


def _judged(study: Row) -> list[Row]:
    """Return the judged cells of all regimes."""
    return [cell for regime in study["regimes"] for cell in regime["cells"] if cell["judged"]]


def _claims(study: Row, claim: str) -> list[Row]:
    """Return a claim in the judged cells of all regimes."""
    return [one for cell in _judged(study) for one in cell["claims"] if one["claim"] == claim]


def _most_draws(study: Row, claim: str) -> int:
    """Return the largest number of draws of a claim in a cell."""
    return max((one["draws"] for one in _claims(study, claim)), default=0)


def _least_draws(study: Row, claim: str) -> int:
    """Return the fewest draws with which a claim has a word."""
    least = study["size"]["min_draws"]
    return min(MIN_VARIANT_DRAWS, least) if claim == "beats" else least


def _figures(study: Row, claim: str) -> str:
    """Return by how much and how often a claim is won, as a sentence; empty without draws."""
    shares = sorted(100.0 * one["share_won"] for one in _claims(study, claim) if one["draws"])
    size = _size(study, claim)
    if not shares or not size:
        return ""
    return _SENTENCES[claim].format(size=size, share=_span(f"{x:.0f}" for x in _both(shares)))


_SENTENCES = {
    "helps": "Cooperation alone lowers entries by {size} (median of draws), and by at least "
    f"{100 * INERT:g} % in {{share}} % of draws.",
    "beats": "A quarter of the budget more in Mexico lowers entries by {size} more than the same "
    "addition at the line (median of draws; negative: by less), and by more than "
    f"{MIN_MARGIN:g} points more in {{share}} % of draws.",
    "requires": "For the effect of $1 of both together, the United States alone needs {size} "
    f"dollars (median of draws); it needs more than {TIMES:g} dollars, or cannot have this effect, "
    "in {share} % of draws.",
}


def _both(ordered: Sequence[Any]) -> Sequence[Any]:
    """Return the first and the last of ordered values."""
    return ordered[:: len(ordered) - 1 or 1]


def _span(texts: Iterable[str]) -> str:
    """Return "a to b", or one text if both are the same."""
    return " to ".join(dict.fromkeys(texts))


def _size(study: Row, claim: str) -> str:
    """Return the range of the medians of the judged cells in joint dollars; empty without any."""
    cells = [cell for cell in _judged(study) if cell["account"] == "joint"]
    if claim == "requires":
        known = sorted((c for c in cells if _defined(c)), key=_order)
        return _span(_number(c["exchange_rate"], c["rate_limit"]) for c in _both(known))
    if claim == "helps":
        values = sorted(cell["reach"]["cooperative"]["median"] for cell in cells)
        return _span(f"{value:.1f} %" for value in _both(values))
    dollars = [cell["marginal_dollar"] for cell in cells]
    values = sorted(value for value in dollars if not math.isnan(value))
    span = _span(signed_tenth(value) for value in _both(values))
    return f"{span} points" if span else ""


def trade_off_lines(study: Row) -> list[str]:
    """Return which human costs rise with cooperation: one sentence for each side and cost.

    Args:
        study: rows of the answer.

    Returns:
        Sentences with the number of judged cells in joint dollars in which the cost rises by more
        than ``MIN_HARM`` in most won draws, and its largest median change; or that none does.
    """
    cells = [cell for cell in _judged(study) if cell["account"] == "joint"]
    sides = {"Cooperation alone": [cell["cooperation_alone"] for cell in cells]}
    sides["Both together"] = cells
    return [line for side, own in sides.items() for line in _rising(side, own)]


def _rising(side: str, cells: Sequence[Row]) -> list[str]:
    """Return the human costs that rise under a side."""
    lines = []
    for name in HUMAN_COSTS:
        worse = [cell[name] for cell in cells if name in cell["trade_offs"]]
        if worse:
            lines.append(
                f"{side}: {SHORT[name]} rise above the status quo by more than "
                f"{100 * MIN_HARM:g} % in most won draws, in {len(worse)} of {len(cells)} cells of "
                f"budget, measure and years (median: up to {percent(max(worse))})."
            )
    return lines or [f"{side}: no human cost rises in most won draws."]


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
    tests, lines = study["claim_tests"], []
    for move in (move for test in tests for move in test["moves"]):
        number, where = number_label(move["number"]), f"{move['claim']} in {move['regime'].upper()}"
        rank = f"rank correlation {move['rank']:+.2f}, corrected p {move['p']:.2g}"
        if math.isnan(move["value"]):
            lines.append(f"{number} moves {where} without turning it ({rank}).")
        else:
            ends = f"{100 * move['below']:.0f} % of draws to {100 * move['above']:.0f} %"
            lines.append(
                f"{number} turns {where} at {crossing_text(move)}; {rank}: from its lowest to its "
                f"highest values, the claim wins {ends}."
            )
    tested = [test for test in tests if test["tested"]]
    if not tested:
        lines.append("No uncertain number was tested: there are too few draws to tell.")
    elif not study["turns"]:
        lines.append("No single uncertain number turns a claim: none crosses the threshold.")
    if tested:
        least = max(test["detectable"] for test in tested)
        numbers = max(test["tested"] for test in tested)
        lines.append(
            f"{numbers} numbers were tested together for each claim in each regime (level 5 %); "
            f"one with a rank correlation of {least:.2f} or more is found in four cases of five."
        )
    return lines


TEST_HEADS = ("claim", "regime", "draws", "tested", "counts from", "found from", "number")
TEST_HEADS += ("correlation", "corrected p", "turns at")


def rows_of_tests(study: Row) -> Rows:
    """Return what was tested for each claim and regime, with a row for each number that moves it.

    Args:
        study: rows of the answer.

    Returns:
        Rows under ``TEST_HEADS``.
    """
    rows = []
    for test in study["claim_tests"]:
        least = [f"{test[name]:.2f}" if test["tested"] else MISSING for name in _POWER]
        head = [test["claim"], test["regime"].upper(), str(test["draws"]), str(test["tested"])]
        nothing = ["none" if test["tested"] else "not tested", *([MISSING] * 3)]
        moves = [_move(move) for move in test["moves"]] or [nothing]
        rows += [[*head, *least, *move] for move in moves]
    return rows


_POWER = ("chance", "detectable")


def _move(move: Row) -> list[str]:
    """Return number, correlation, corrected p, and the value at which it turns the claim."""
    at = "no crossing" if math.isnan(move["value"]) else crossing_text(move)
    return [number_label(move["number"]), f"{move['rank']:+.2f}", f"{move['p']:.2g}", at]


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
        rate_text(cell),
        above_text(cell),
        _marginal(cell),
        f"{100 * cell['mexico_share']:.0f} %",
        str(cell["draws"]),
        *(percent(cell[name]) for name in HUMAN_COSTS),
    ]


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
            if cell["judged"] and cell["account"] == "joint":
                title = f"Effect of one dollar, {regime['id'].upper()}: {SHORT[cell['measure']]}"
                row = [money(cell["budget"]), *_rate_row(cell)[1:6]]
                row[4] = row[4].replace("more than ", ">")
                rows = tables.setdefault(f"{title} (joint dollars)", [])
                rows.append([*row, _marginal(cell).replace(" points", "")])
    return tables


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
