"""Texts and tables of the answer: claims, trade-offs, turning points and exchange rates.

The functions format the rows of ``experiments.rows.answer`` for the pages and the terminal.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Mapping, Sequence
from operator import itemgetter
from typing import Any

from abm.measures import ENTRIES, HUMAN_COSTS, OUTCOMES
from abm.policies.base import money
from experiments.studies.ask import verdict as rules
from experiments.studies.ask.regimes import CORE, VARIANTS, turning_label
from experiments.studies.ask.turning import VERDICT
from experiments.studies.ask.uncertain_numbers import number_label
from viz.documents.html import Cell, Table
from viz.documents.labels import counted, joined, signed_tenth
from viz.figures.answer import number_text
from viz.figures.numbers import MISSING

type Row = Mapping[str, Any]

QUESTION = "Does tighter U.S. border security require Mexico's cooperation?"
#: Panels of the frontier: an outcome, and the kind of entry by which portfolios were chosen.
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
    "the United States alone costs 40 times as much and does not have this effect. A draw in which "
    "the dollars lower entries by less than 2 % is inert and has a rate of 0; *inert here*: more "
    "than half of the draws are. Brackets: range of nine draws in ten, with the noise of single "
    "seeds. U.S. alone, both: median change of "
    "entries from the status quo at the same budget, each by the portfolio with the best mean "
    "within the budget; both together can also buy the portfolios of a single side."
)
NEXT = (
    "Next $: fall of entries if a quarter of the budget is added with Mexico (instruments that "
    "need it), minus the fall if it is added without Mexico, in points; the mean of two starting "
    "points. A star: less than half of an addition was planned or spent."
)
_RATE_HEADS = ("people", "$/year", "years", "U.S.", "both", "rate", "if equal", "coop.", "next $")
_TURNING_HEADS = ("number", "at", "claim", "cell", "draws won", "there", "word", "there")
_MAX_TURNING = 24  # printed rows; the data files contain all rows
_MAX_NAMES = 3  # maximum number of names in a sentence

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

_REGIME_HEADS = (
    "people who set out",
    "helps",
    "beats",
    "requires",
    "median dollars of the United States alone for $1 of both together, lowest to highest cell",
    "for $1 of cooperation alone",
    "if equal",
)

_DEPENDS = {
    "regime": "who sets out",
    "measure": "the kind of entry",
    "horizon": "the horizon",
    "budget": "the budget",
}


def answer_lines(study: Row) -> list[str]:
    """Return the verdict on each claim with the results behind it.

    Args:
        study: answer rows.

    Returns:
        One text per claim, and a sentence on what the United States alone buys.
    """
    lines = []
    for row in study["verdicts"]:
        text = row["word"] + _pooled(study, row)
        if row["depends_on"]:
            text += f"; it depends on {joined([_DEPENDS[name] for name in row['depends_on']])}"
        figures = _figures(study, row["claim"])
        lines.append(" ".join([f"{row['claim'].capitalize()}: {text}.", *_others(row), *figures]))
    return [*lines, _composition(study)]


def regime_table(study: Row) -> Table:
    """Return a table of verdicts and exchange rates, one row per headline and regime."""
    rows = []
    for headline in study["headlines"]:
        for regime in headline["regimes"]:
            cells = _judged({"regimes": [regime]})
            words = {row["claim"]: _word(row) for row in regime["verdicts"]}
            alone = _rates_range(cell["cooperation_alone"] for cell in cells)
            rates = _rates_range(cells), alone, _rates_range(cells, "rate_equal")
            title = f"{regime['id'].upper()}: {headline['title']}"
            texts = (title, *(words[name] for name in rules.CLAIMS), *rates)
            rows.append(list(map(Cell, texts)))
    return Table(QUESTION, _REGIME_HEADS, rows)


def _word(row: Row) -> str:
    """Return the verdict on a claim, or a dash if no cell tests it."""
    return row["word"] if row["cells"] or row["unknown"] else MISSING


def headline_lines(study: Row) -> list[str]:
    """Return one sentence per headline except the core: its menu and its pooled verdicts."""
    lines = []
    for row in study["headlines"]:
        words = [
            f"{claim['claim']} {claim['word']}"
            + (f" ({_share_text(claim)} of draws)" if claim["draws"] else "")
            for claim in row["verdicts"]
            if _word(claim) != MISSING
        ]
        if row["id"] != CORE:
            lines.append(f"{row['title'].capitalize()} ({row['menu']}): {joined(words)}.")
    return lines


def turning_lines(study: Row) -> list[str]:
    """Return sentences on the conditions under which the answer changes.

    Args:
        study: answer rows.

    Returns:
        How many cells and verdicts change with a single number, then the numbers on which the draws
        depend.
    """
    return [*([turning_sentence(study)] if study["turning"] else []), *_numbers(study)]


def turning_table(study: Row) -> Table:
    """Return a table of the numbers and variants that most change the share of supporting draws."""
    moves = [row for row in study["turning"] if row["share_there"] != row["share_won"]]
    moves.sort(key=lambda row: (not row["turns"], -_move(row)))
    rows = [
        (
            turning_label(row["number"]),
            row["bound"] if row["value"] is None else f"{row['value']:.4g}",
            row["claim"],
            _cell_name(row),
            f"{row['share_won']:.2f}",
            f"{row['share_there']:.2f}",
            row["word"],
            f"**{row['word_there']}**" if row["turns"] else row["word_there"],
        )
        for row in moves[:_MAX_TURNING]
    ]
    caption = f"{turning_sentence(study)} {TURNING}" if rows else ""
    return Table(caption, _TURNING_HEADS, [list(map(Cell, row)) for row in rows])


TURNING = (
    "Share of draws that support the claim, and the verdict, if every draw's margin moves as far "
    "as with this number at a value and the others at the middle; *all cells*: if all move that far"
)


def turning_sentence(study: Row) -> str:
    """Say how many cells change if a number is halved or doubled, and what changes the verdict."""
    rows = study["turning"]
    if {row["word"] for row in rows} == {rules.UNKNOWN}:
        return "The verdicts are unknown, so no number reverses them."
    single = [r for r in rows if r["bound"] in ("half", "double") and r["measure"] != VERDICT]
    all_rows = [r for r in rows if r["measure"] == VERDICT and r["number"] not in VARIANTS]
    cells = [_turned(single, "claim", claim, _cell_name, "cell") for claim in rules.CLAIMS]
    heads = dict.fromkeys(row["headline"] for row in all_rows)
    number = itemgetter("number")
    numbers = [_turned(all_rows, "headline", name, number, "number") for name in heads]
    return (
        "Halving or doubling a price or limit within its published range changes "
        f"{joined(cells)}; assumed numbers that turn the {rows[0]['regime'].upper()} verdict "
        f"alone: {joined(numbers)}."
    )


def _turned(
    rows: Sequence[Row], key: str, value: str, unit: Callable[[Row], str], noun: str
) -> str:
    """Count the units with a turned verdict among the rows with a value, and name the numbers.

    Args:
        rows: turning rows.
        key, value: column and value that select rows.
        unit: returns what is counted, such as the cell of a row.
        noun: noun for the unit.
    """
    matching = [row for row in rows if row[key] == value]
    turned = sorted((row for row in matching if row["turns"]), key=_move, reverse=True)
    text = f"{len(set(map(unit, turned)))} of {counted(len(set(map(unit, matching))), noun)}"
    names = list(dict.fromkeys(turning_label(row["number"]) for row in turned))
    more = [f"{len(names) - _MAX_NAMES} more"] if len(names) > _MAX_NAMES else []
    text += f" of *{value}*"
    return f"{text} ({joined([*names[:_MAX_NAMES], *more])})" if names else text


def _move(row: Row) -> float:
    """Return by how much a number changes the share of draws that support a claim, without sign."""
    return abs(row["share_there"] - row["share_won"])


def _cell_name(row: Row) -> str:
    """Return the headline and measure of a row of turning numbers, or "all cells"."""
    whole = row["measure"] == VERDICT
    return f"{row['headline']}: {'all cells' if whole else OUTCOMES[row['measure']].label}"


def _pooled(study: Row, row: Row) -> str:
    """Return a clause with the share of supporting draws and its interval, or the missing draws."""
    if row["word"] == "unknown":
        draws = [claim["draws"] for claim in _claims(study, row["claim"])]
        required = math.ceil(rules.required_draws(row["claim"], rules.MIN_DRAWS))
        return f", too few draws ({max(draws, default=0)} of {required})"
    near = ", near a threshold" if row["near_a_threshold"] else ""
    return f", won in {_share_text(row)} of draws{near}"


def _share_text(row: Row) -> str:
    """Format the share of draws that support a claim, and its interval, in percent."""
    low, high = row["range"]
    return f"{100 * row['share_won']:.0f} % ({100 * low:.0f} to {100 * high:.0f})"


def _others(row: Row) -> list[str]:
    """Return sentences on the cells with another verdict and the cells without a verdict."""
    lines = []
    if row["others"]:
        cells = f"{len(row['others'])} of {counted(row['cells'], 'cell')}"
        lines.append(f"In {cells} the verdict differs beyond the interval.")
    if row["unknown"]:
        lines.append(f"{counted(row['unknown'], 'cell')} with too few complete draws left out.")
    return lines


def _judged(study: Row) -> list[Row]:
    """Return the judged cells in joint dollars, over all regimes."""
    cells = [cell for regime in study["regimes"] for cell in regime["cells"]]
    return [cell for cell in cells if cell["judged"] and cell["account"] == rules.JOINT]


def _claims(study: Row, claim: str) -> list[Row]:
    """Return the rows of a claim in the judged cells in joint dollars."""
    return [row for cell in _judged(study) for row in cell["claims"] if row["claim"] == claim]


def _figures(study: Row, claim: str) -> list[str]:
    """Return sentences on the margin and the frequency with which draws support a claim.

    The list is empty if no draws exist.
    """
    shares = [row["share_won"] for row in _claims(study, claim) if row["draws"]]
    size = _size(study, claim)
    if not shares or size == MISSING:
        return []
    text = _SENTENCES[claim].format(size=size, share=_shares_range(shares))
    return [text, *(_next_dollars(study) if claim == "beats" else [])]


_SENTENCES = {
    "helps": "Cooperation alone lowers entries by {size} (median of draws), and by at least "
    f"{100 * rules.MIN_FALL:g} % in {{share}} % of draws.",
    "beats": "A quarter of the budget more with Mexico lowers entries by {size} more than the same "
    "addition without Mexico (median of draws; negative: by less), and by more than "
    f"{rules.MIN_MARGIN:g} points more in {{share}} % of draws.",
    "requires": "For the effect of $1 of both together, the United States alone needs {size} "
    f"dollars (median of draws); it needs more than {rules.TIMES:g} dollars, or cannot have this "
    "effect, in {share} % of draws.",
}

_STARTS = {"us_only": "the United States alone", "cooperative": "cooperation alone"}


def _next_dollars(study: Row) -> list[str]:
    """Return sentences on the next dollar with and without Mexico, from both starting points."""
    cells = [cell for cell in _judged(study) if cell["additions"]]
    more, less, same = (
        _shares_range(cell["next_shares"][key] for cell in cells)
        for key in ("with", "without", "same")
    )
    return [
        *(_start(start, cells) for start in _STARTS),
        f"The mean of both starting points is more with Mexico in {more} % of draws, more without "
        f"Mexico in {less} % of draws and a difference within {rules.MIN_MARGIN:g} points in "
        f"{same} % of draws; refuted does not mean that the next dollar does more without Mexico.",
    ]


def _start(start: str, cells: Sequence[Row]) -> str:
    """Return a sentence with the median gains of both additions to one starting point."""
    pairs = [pair for cell in cells for pair in cell["additions"] if pair["start"] == start]
    gains = [
        _range((pair[name]["gain"]["median"] for pair in pairs), signed_tenth)
        for name in ("with_mexico", "without_mexico")
    ]
    return f"From {_STARTS[start]}: {gains[0]} points with Mexico, {gains[1]} without."


def _range(values: Iterable[float], text: Callable[[float], str]) -> str:
    """Return "lowest to highest", one text if both are equal, or a dash if there are no values."""
    ordered = sorted(value for value in values if not math.isnan(value))
    return " to ".join(dict.fromkeys(map(text, (ordered[0], ordered[-1])))) if ordered else MISSING


def _shares_range(shares: Iterable[float]) -> str:
    """Format the range of shares in percent."""
    return _range(shares, lambda share: f"{round(100.0 * share)}")


def _rates_range(cells: Iterable[Row], key: str = "exchange_rate") -> str:
    """Format the range of a rate over cells. Rates out of reach are sorted by their limit."""
    rates = sorted((c[key], c["rate_limit"]) for c in cells if not math.isnan(c[key]))
    texts = [number_text(rate, limit) for rate, limit in (*rates[:1], *rates[-1:])]
    return " to ".join(dict.fromkeys(texts)) or MISSING


def _composition(study: Row) -> str:
    """Return a sentence on what the United States alone spends its dollars on."""
    shares = _shares_range(cell["enforcement_share"] for cell in _judged(study))
    return (
        f"Without Mexico: {shares} % of the planned dollars of the United States "
        "alone are for agents, sensors, fence and consequences; the others are for instruments "
        "without Mexico such as legal pathways, prosecution of smugglers and ports."
    )


def _size(study: Row, claim: str) -> str:
    """Format the range of a claim's medians over the judged cells."""
    cells = _judged(study)
    if claim == "requires":
        return _rates_range(cells)
    if claim == "helps":
        medians = (cell["reach"]["cooperative"]["median"] for cell in cells)
        return _range(medians, lambda value: f"{value:.1f} %")
    points = _range((cell["marginal_dollar"] for cell in cells), signed_tenth)
    return points if points == MISSING else f"{points} points"


def trade_off_lines(study: Row) -> list[str]:
    """Return sentences on the human costs that rise with cooperation.

    Args:
        study: answer rows.

    Returns:
        One sentence per side and cost: in how many judged cells the cost rises by more than
        ``MIN_HARM`` in most draws that support the claim, and its highest median change. A side on
        which no cost rises has one sentence.
    """
    cells, lines = _judged(study), []
    sides = {"Cooperation alone": [cell["cooperation_alone"] for cell in cells]}
    for side, rows in (sides | {"Both together": cells}).items():
        rising = []
        for name in HUMAN_COSTS:
            worse = [row[name] for row in rows if name in row["trade_offs"]]
            if worse:
                rising.append(
                    f'{side}: "{OUTCOMES[name].label}" rises above the status quo by more than '
                    f"{100 * rules.MIN_HARM:g} % in most draws that support the claim, in "
                    f"{len(worse)} of {len(cells)} cells of budget, measure and years (median: up "
                    f"to {percent(max(worse))})."
                )
        lines += rising or [f"{side}: no human cost rises in most draws that support the claim."]
    return lines


def _numbers(study: Row) -> list[str]:
    """Return sentences on the uncertain numbers that affect a claim, and on the test's power."""
    lines, tested = [], [test for test in study["claim_tests"] if test["tested"]]
    for move in (move for test in tested for move in test["moves"]):
        number, regime = number_label(move["number"]), move["regime"].upper()
        rank = f"rank correlation {move['rank']:+.2f}, corrected p {move['p']:.2g}"
        lines.append(f"{number} changes *{move['claim']}* in {regime} ({rank}).")
    if not tested:
        return ["No uncertain number was tested: there are too few draws. Run without --quick."]
    detectable = max(test["detectable"] for test in tested)
    numbers = max(test["tested"] for test in tested)
    lines.append(
        f"{numbers} numbers were tested together for each claim in each regime (level 5 %); "
        f"a rank correlation of {detectable:.2f} or more is detected in four cases of five."
    )
    return lines


def percent(value: float) -> str:
    """Format a change in percent with its sign, or as a dash if it is NaN."""
    return MISSING if math.isnan(value) else f"{signed_tenth(value)} %"


# ---- exchange rates -----------------------------------------------------------------------------


def rate_tables(study: Row) -> list[Table]:
    """Return one table of exchange rates in joint dollars per headline and measure."""
    tables: dict[str, list[list[Cell]]] = {}
    for headline in study["headlines"]:
        for regime in headline["regimes"]:
            for cell in _judged({"regimes": [regime]}):
                label = OUTCOMES[cell["measure"]].label
                title = f"Effect of one dollar, {headline['title']}: {label} (joint dollars)"
                row = [Cell(regime["id"].upper()), *_rate_row(cell)]
                tables.setdefault(title, []).append(row)
    return [Table(title, _RATE_HEADS, rows) for title, rows in tables.items()]


def _rate_row(cell: Row) -> list[Cell]:
    """Return the cells of a row: budget, years, reach of both sides, rates, next dollar."""
    reach = [cell["reach"][side]["median"] for side in ("us_only", "mixed")]
    alone = cell["cooperation_alone"]
    row = [
        money(cell["budget"]),
        "1" if cell["horizon"] == 1 else f"1 to {cell['horizon']}",
        *(percent(-fall) for fall in reach),
        rate_text(cell),
        number_text(cell["rate_equal"], cell["rate_limit"]),
        number_text(alone["exchange_rate"], alone["rate_limit"]),
        _next_dollar(cell),
    ]
    return [Cell(text.replace("more than ", ">")) for text in row]


def _next_dollar(cell: Row) -> str:
    """Format the effect of the next dollar, starred if most of an addition was not spent."""
    dollar = cell["marginal_dollar"]
    if math.isnan(dollar):
        return MISSING
    return f"{signed_tenth(dollar)}{'' if cell['all_spent'] else ' *'}"


def rate_text(cell: Row) -> str:
    """Format an exchange rate and its range, as in "2.1 (0.8 to more than 40; inert 5 %)"."""
    keys = ("low90", "exchange_rate", "high90")
    low, middle, high = (number_text(cell[key], cell["rate_limit"]) for key in keys)
    inert = f"; inert {100.0 * cell['share_inert']:.0f} %" if cell["share_inert"] > 0.0 else ""
    return middle if low == high else f"{middle} ({low} to {high}{inert})"
