"""Sentences of the verdict: the claims, trade-offs, and where the answer changes.

The functions format the rows of ``experiments.rows.rate_cells`` for the page and the terminal.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from abm.measures import HUMAN_COSTS
from abm.policies.base import money
from experiments.studies.ask.exchange_rate import INERT
from experiments.studies.ask.number_labels import number_label
from experiments.studies.ask.rate_cells import (
    COMPLETE,
    FULL,
    JOINT,
    LIMITS,
    MIN_MARGIN,
    MIN_VARIANT_DRAWS,
    NOTHING,
)
from experiments.studies.ask.variants import CONTROL, VARIANTS
from experiments.studies.ask.verdict import MIN_HARM, TIMES
from viz.documents.findings.rate_tables import (
    FIRST_VARIANT,
    control_cell,
    has_rate,
    number_text,
    ordered_variants,
    rate_text,
)
from viz.documents.findings.words import SHORT, percent
from viz.documents.labels import counted, joined, signed_tenth
from viz.figures.numbers import MISSING
from viz.figures.verdict import crossing_text, short_rate

type Row = Mapping[str, Any]

RULE = (
    "A claim is supported if it wins at least 80 % of the draws, refuted if it wins at most 20 %, "
    "and contingent otherwise. The share is pooled over cells in joint dollars (both kinds of "
    "entries, years 1 to 3 and 1 to 10, all budgets): each draw has the share of cells that it "
    "wins, with equal weight of every regime, and the mean is over draws; brackets: 90 % interval "
    "over draws. Cells with too few complete draws are left out and counted. A claim depends on "
    "what single cells differ in if their word differs beyond their own interval. A draw is an "
    "assumption about what is uncertain and not a sample of worlds, so a share is no probability. "
    "Two figures are the lowest and the highest of these cases."
)

_MOST_OTHERS = 3  # cells with another word that are named

_DEPENDS = {
    "regime": "who sets out",
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
    return [*_words(study), *_composition(study)]


def turning_lines(study: Row) -> list[str]:
    """Return where the answer changes: one sentence for each variant and number.

    Args:
        study: rows of the answer.

    Returns:
        Sentences: the variant with the same limits and law for both countries, halves of the draws
        by the strength of Mexico's operations, other structural variants with another word, then
        uncertain numbers.
    """
    return [*_same_law(study), *_splits(study), *_variants(study), *_numbers(study)]


def _words(study: Row) -> list[str]:
    """Return a sentence for each claim: its word, the figures, and the conditions."""
    lines = []
    for row in study["rate_verdicts"]:
        claim, by_word = row["claim"], dict[str, list[str]]()
        for regime in study["regimes"]:
            word = next(r["word"] for r in regime["verdicts"] if r["claim"] == claim)
            by_word.setdefault(word, []).append(regime["id"].upper())
        text = row["word"] + _pooled(study, row)
        if row["depends_on"]:
            text += f"; it depends on {joined([_DEPENDS[name] for name in row['depends_on']])}"
        if len(by_word) > 1:
            parts = [f"{word} in {joined(names)}" for word, names in by_word.items()]
            text += f" ({', '.join(parts)})"
        parts = [f"{claim.capitalize()}: {text}.", *_others(row), *_figures(study, claim)]
        lines.append(" ".join(parts))
    return lines


def _pooled(study: Row, row: Row) -> str:
    """Return the pooled share of draws with its interval, or how many draws are missing."""
    if row["word"] == "unknown":
        claim = row["claim"]
        return f", too few draws ({_most_draws(study, claim)} of {_least_draws(study, claim)})"
    near = ", near a threshold" if row["near_a_threshold"] else ""
    return f", won in {_share_text(row)} of draws{near}"


def _share_text(row: Row) -> str:
    """Return a share of won draws with its interval in percent."""
    low, high = row["range"]
    return f"{100 * row['share_won']:.0f} % ({100 * low:.0f} to {100 * high:.0f})"


def _others(row: Row) -> list[str]:
    """Return the cells with another word, and how many have none, as sentences."""
    lines, others = [], row["others"]
    if others:
        named = [_other(one) for one in others[:_MOST_OTHERS]]
        rest = len(others) - len(named)
        more = [f"{rest} more"] if rest else []
        cells = f"{len(others)} of {counted(row['cells'], 'cell')}"
        lines.append(
            f"In {cells} the verdict differs beyond the interval: {joined([*named, *more])}."
        )
    if row["unknown"]:
        many = counted(row["unknown"], "cell")
        lines.append(f"{many} with too few complete draws left out.")
    return lines


def _other(one: Row) -> str:
    """Return the name of a cell with its word."""
    place = f"{money(one['budget'])}, {SHORT[one['measure']]}, years 1 to {one['horizon']}"
    return f"{one['word']} at {place}, {one['regime'].upper()}"


def _judged(study: Row) -> list[Row]:
    """Return the judged cells of all regimes in joint dollars."""
    cells = [cell for regime in study["regimes"] for cell in regime["cells"]]
    return [cell for cell in cells if cell["judged"] and cell["account"] == JOINT]


def _claims(study: Row, claim: str) -> list[Row]:
    """Return a claim in the judged cells of all regimes in joint dollars."""
    return [one for cell in _judged(study) for one in cell["claims"] if one["claim"] == claim]


def _most_draws(study: Row, claim: str) -> int:
    """Return the largest number of draws of a claim in a cell."""
    return max((one["draws"] for one in _claims(study, claim)), default=0)


def _least_draws(study: Row, claim: str) -> int:
    """Return the fewest draws with which a claim has a word."""
    least = study["size"]["min_draws"]
    return math.ceil(COMPLETE * (min(MIN_VARIANT_DRAWS, least) if claim == "beats" else least))


def _figures(study: Row, claim: str) -> list[str]:
    """Return by how much and how often a claim is won, as sentences; none without draws."""
    shares = sorted(100.0 * one["share_won"] for one in _claims(study, claim) if one["draws"])
    size = _size(study, claim)
    if not shares or not size:
        return []
    text = _SENTENCES[claim].format(size=size, share=_span(f"{x:.0f}" for x in _both(shares)))
    more = {"beats": _next_dollars, "requires": _benchmarks}.get(claim)
    return [text, *(more(study) if more else [])]


_SENTENCES = {
    "helps": "Cooperation alone lowers entries by {size} (median of draws), and by at least "
    f"{100 * INERT:g} % in {{share}} % of draws.",
    "beats": "A quarter of the budget more with Mexico lowers entries by {size} more than the same "
    "addition without Mexico (median of draws; negative: by less), and by more than "
    f"{MIN_MARGIN:g} points more in {{share}} % of draws.",
    "requires": "For the effect of $1 of both together, the United States alone needs {size} "
    f"dollars (median of draws); it needs more than {TIMES:g} dollars, or cannot have this effect, "
    "in {share} % of draws.",
}

_STARTS = {"us_only": "the United States alone", "cooperative": "cooperation alone"}


def _next_dollars(study: Row) -> list[str]:
    """Return the next dollar from both starting points, and in how many draws it does more."""
    cells = [cell for cell in _judged(study) if cell["additions"]]
    if not cells:
        return []
    lines = [_start(start, cells) for start in _STARTS]
    parts = [
        f"{words} in {_share_span(cell['next_shares'][key] for cell in cells)} % of draws"
        for key, words in (
            ("with", "more with Mexico"),
            ("without", "more without Mexico"),
            ("same", f"a difference within {MIN_MARGIN:g} points"),
        )
    ]
    needed = [cell["marginal_needed"] for cell in cells]
    lines.append(
        f"The mean of both starting points is {joined(parts)}; refuted does not mean that the "
        "next dollar does more without Mexico. Each of the four runs of a draw has the noise of "
        f"its seed: at the spread of these draws, supported needs a median of {_span_of(needed)} "
        "points."
    )
    states = [a[k]["state"] for c in cells for a in c["additions"] for k in _ADDITIONS]
    lines += [
        f"{words} in {states.count(state)} of {len(states)} additions."
        for state, words in _STATES.items()
        if state in states
    ]
    return lines


_ADDITIONS = ("with_mexico", "without_mexico")

_STATES = {
    LIMITS: "Limits left most of the dollars unspent",
    FULL: "All instruments were at their largest doses",
    NOTHING: "The search predicted no gain for most of the dollars",
}


def _start(start: str, cells: Sequence[Row]) -> str:
    """Return the median gains of both additions to one starting point."""
    own = [a for cell in cells for a in cell["additions"] if a["start"] == start]
    gains = [_span_of([a[name]["gain"]["median"] for a in own]) for name in _ADDITIONS]
    return f"From {_STARTS[start]}: {gains[0]} points with Mexico, {gains[1]} without."


def _span_of(values: Sequence[float]) -> str:
    """Return the smallest and the largest known value with signs; a dash without any."""
    known = sorted(value for value in values if not math.isnan(value))
    return _span(signed_tenth(value) for value in _both(known)) if known else MISSING


def _share_span(shares: Iterable[float]) -> str:
    """Return the smallest and the largest known share in percent."""
    known = sorted(100.0 * share for share in shares if not math.isnan(share))
    return _span(f"{share:.0f}" for share in _both(known)) if known else MISSING


def _benchmarks(study: Row) -> list[str]:
    """Return the rate of two equal countries, and that of cooperation alone."""
    cells = _judged(study)
    equal = sorted(c["rate_equal"] for c in cells if not math.isnan(c["rate_equal"]))
    lines = []
    if equal:
        limit = min(cell["rate_limit"] for cell in cells)
        rates = _span(number_text(rate, limit) for rate in _both(equal))
        share = _share_span(cell["share_beyond_equal"] for cell in cells)
        lines.append(
            f"Two equal countries would have {rates}; both together do more than these in {share} "
            "% of draws."
        )
    known = sorted((c for c in (c["cooperation_alone"] for c in cells) if has_rate(c)), key=_order)
    if known:
        rates = _span(number_text(c["exchange_rate"], c["rate_limit"]) for c in _both(known))
        lines.append(
            f"For the effect of $1 of cooperation alone, the United States alone needs {rates} "
            "dollars (equal countries: 1)."
        )
    return lines


def _composition(study: Row) -> list[str]:
    """Return a sentence with the results of the dollars of the United States alone."""
    shares = [cell["enforcement_share"] for cell in _judged(study)]
    if not any(not math.isnan(share) for share in shares):
        return []
    return [
        f"Without Mexico: {_share_span(shares)} % of the planned dollars of the United States "
        "alone are for agents, sensors, fence and consequences; the others are for instruments "
        "without Mexico such as legal pathways, prosecution of smugglers and ports. The variant in "
        "which pathways and prosecution have no effect asks about enforcement alone."
    ]


def _both(ordered: Sequence[Any]) -> Sequence[Any]:
    """Return the first and the last of ordered values."""
    return ordered[:: len(ordered) - 1 or 1]


def _span(texts: Iterable[str]) -> str:
    """Return "a to b", or one text if both are the same."""
    return " to ".join(dict.fromkeys(texts))


def _size(study: Row, claim: str) -> str:
    """Return the range of the medians of the judged cells; empty without any."""
    cells = _judged(study)
    if claim == "requires":
        known = sorted((c for c in cells if has_rate(c)), key=_order)
        return _span(number_text(c["exchange_rate"], c["rate_limit"]) for c in _both(known))
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
    cells = _judged(study)
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


def _same_law(study: Row) -> list[str]:
    """Return exchange rate and words if both countries have the same limits and law."""
    lines = []
    for cell in study["variant_rates"].get(FIRST_VARIANT, []):
        own = control_cell(study, cell)
        if cell["judged"] and own:
            words = [f"{claim['claim']} {claim['word']}" for claim in cell["claims"]]
            title, measure = VARIANTS[FIRST_VARIANT].title, SHORT[cell["measure"]]
            rates = f"{rate_text(cell)} instead of {rate_text(own)}"
            alone = [rate_text(one["cooperation_alone"]) for one in (cell, own)]
            lines.append(
                f"{title}: the exchange rate for {measure} is {rates}, and that of cooperation "
                f"alone {alone[0]} instead of {alone[1]}; {joined(words)}."
            )
    return lines


_HALVES = {"weak": "weaker", "strong": "stronger"}


def _splits(study: Row) -> list[str]:
    """Return the claims in both halves of the draws by Mexico's operations, and without spikes."""
    lines = []
    for row in study["splits"]:
        where, rates = row["regime"].upper(), _rate_span(row["rates"])
        if row["part"] in _HALVES and row["claims"]:
            claims = [
                f"{one['claim']} wins {_share_text(one)}" for one in row["claims"] if one["draws"]
            ]
            if claims:
                lines.append(
                    f"{where}, half of the draws with {_HALVES[row['part']]} operations of Mexico: "
                    f"{joined(claims)} of draws; exchange rate {rates}."
                )
        elif row["part"] not in _HALVES and any(row["draws"]):
            few, many = min(row["draws"]), max(row["draws"])
            lines.append(
                f"{where}, draws in which no programme of both together is without effect "
                f"({_span([str(few), str(many)])} draws): exchange rate {rates}."
            )
    return [*lines, PRIOR] if lines else []


def _rate_span(rates: Sequence[float]) -> str:
    """Return the lowest and the highest median rate of the cells."""
    if any(map(math.isnan, rates)):
        return MISSING
    return _span("out of reach" if math.isinf(r) else short_rate(r) for r in rates)


#: What the prior of the contested numbers says, with the figures of the record (0050, 0056).
PRIOR = (
    "Mexico's limit of tempo and its returns are uniform between those of the United States and "
    "the declared ones. This is a sceptical prior: in 2014-15 interceptions rose 1.86 times; they "
    "rise 1.80 times at the declared values and 1.48 times in the median draw. 20 % of draws are "
    "within 14 % of the record, and no draw exceeds the declared values."
)


def _variants(study: Row) -> list[str]:
    """Return the structural variants in which a claim has another word than in the control."""
    lines, unknown = [], []
    for name, cells in ordered_variants(study).items():
        pairs = [(cell, control_cell(study, cell)) for cell in cells if cell["judged"]]
        found = [_change(cell, own) for cell, own in pairs if own and name != CONTROL]
        changes = dict.fromkeys(text for one in found for text in one)
        if changes:
            lines.append(f"{VARIANTS[name].title}: {', '.join(changes)}.")
        if any(claim["word"] == "unknown" for c, _ in pairs for claim in _with_draws(c)):
            unknown.append(name)
    if not study["variant_rates"]:
        return []
    if unknown:
        lines.append(f"{counted(len(unknown), 'variant')} with too few draws for some words.")
    elif CONTROL not in study["variant_rates"]:
        lines.append("The variants cannot be compared: the model was not run in their size.")
    elif not lines:
        lines.append("No structural variant changes the word of a claim.")
    return lines


def _with_draws(cell: Row) -> list[Row]:
    """Return the claims of a cell that were run: without marginal pairs, all but *beats*."""
    return [one for one in cell["claims"] if one["claim"] != "beats" or cell["additions"]]


def _change(cell: Row, control: Row) -> list[str]:
    """Return the claims with another word than in the control, with both shares."""
    changes = []
    for claim, own in zip(cell["claims"], control["claims"], strict=True):
        words = {claim["word"], own["word"]}
        if len(words) == 2 and "unknown" not in words:
            shares = f"{claim['share_won']:.2f} and {own['share_won']:.2f} of draws"
            changes.append(
                f"{claim['claim']} for {SHORT[cell['measure']]} {claim['word']} instead of "
                f"{own['word']} ({shares})"
            )
    return changes


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
        lines.append("No uncertain number was tested: there are too few draws.")
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
