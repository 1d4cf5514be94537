"""Write texts on changes and sentences on comparisons for reports, the terminal and the screen.

Reports and the terminal use the texts in `PAPER`. The screen has its own texts in two languages.
The rule in ``experiments.runs.pairs`` decides whether an outcome is lower, higher, about equal or
unclear. A single pair of runs has no range, so its sentence names every change of at least 2 %.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence

from abm.measures import ENTRIES, HUMAN_COSTS, OUTCOMES
from experiments.rows.comparison import OutcomeRow
from experiments.runs.pairs import LEAST, Difference, Finding
from viz.figures.numbers import (
    MINUS,
    NBSP,
    RangedTexts,
    dollars,
    is_single,
    ranged,
    ranged_percent,
    supported_places,
)

type Words = Callable[[str], str]
#: Change of each outcome by name, or None if the change is unknown.
type Changes = Mapping[str, Difference | None]

#: Outcomes that a sentence of a report names, in this order.
NAMED = (*ENTRIES, *HUMAN_COSTS)
PAPER = {
    "and": "{} and {}",
    "but": "{}, but {}",
    "or": "{} or {}",
    "range": " ({} to {})",
    "alike": "about as many {}",
    "too_few": "there are too few runs to know whether more or fewer {}",
    "not_known": "it is not known whether more or fewer {}: the range includes zero",
    "not_reached": "it is not known whether at least 2 % more or fewer {}",
    "not_known_not_reached": "it is not known whether more or fewer {} (range includes zero), nor "
    "whether at least 2 % more or fewer {}",
}
_VERBS = {
    "got_aways": "get away",
    "unlawful_entries": "enter unlawfully",
    "deaths": "die",
    "kidnapped": "are kidnapped",
    "extorted": "are extorted by officers",
    "returned_unscreened": "are sent back without a hearing",
}
for _name, _verb in _VERBS.items():
    PAPER |= {f"{_name}_{word}": f"{{}} {word} {_verb}" for word in ("fewer", "more")}
    PAPER[f"{_name}_unknown"] = _verb
NO_CHANGE = "no meaningful change"
RULE = (
    f"{NO_CHANGE}, that is a change below {100 * LEAST:g}{NBSP}%, or one whose 90{NBSP}% range "
    "includes zero."
)
MEANINGFUL = (
    f"A change is meaningful if it is at least {100 * LEAST:g}{NBSP}% of the baseline and its "
    "range excludes zero."
)
BELOW, WITH_ZERO = f"below {100 * LEAST:g}{NBSP}%", "the range includes zero"
#: Verdict on each finding, and the reason why such a change is not meaningful.
_VERDICTS = {
    Finding.FEWER: ("fewer", ""),
    Finding.MORE: ("more", ""),
    Finding.SAME: ("alike", BELOW),
    Finding.SMALL: ("not_reached", BELOW),
    Finding.ZERO: ("not_known", WITH_ZERO),
    Finding.FEW: ("too_few", "too few runs"),
}


# ---- one change ---------------------------------------------------------------------------------


def why_not(change: Difference) -> str:
    """Return why a change is not meaningful, or "" if it is or has a single pair of runs."""
    if change.pairs <= 1 or not math.isfinite(change.difference):
        return ""
    return _VERDICTS[change.finding][1]


def figure_texts(change: Difference, unit: str) -> RangedTexts:
    """Format a change and its range in percent, or in its unit if the baseline is zero."""
    share = change.percent
    return ranged_percent(share) if share else ranged(change.interval, unit)


def change_texts(row: OutcomeRow, change: Difference) -> tuple[str, str]:
    """Format an outcome's change and its 90 % range, in percent or in the outcome's unit.

    Args:
        row: the outcome.
        change: its change under one arm.

    Returns:
        The change and the range, with as many digits as the range supports. The range is empty for
        a single pair of runs and for an undefined change.
    """
    if not math.isfinite(change.difference):
        return "no price" if row.is_price else "not defined", ""
    texts = price_texts(change) if row.is_price else figure_texts(change, row.measure.unit)
    return texts.median, "" if is_single(change.interval) else f"{texts.low} to {texts.high}"


def price_texts(change: Difference) -> RangedTexts:
    """Format the dollars per averted entry and their range.

    Args:
        change: the price.

    Returns:
        The texts, "no bound" for an infinite or negative price. Every number has at least two
        digits, even if the width of the range supports fewer, because a price that is rounded
        further could lie outside its range.
    """
    price = change.interval
    values = (price.median, price.low90, price.high90)
    return RangedTexts(*(_price(value, supported_places(*values)) for value in values))


def _price(value: float, places: int) -> str:
    """Format a price with `places` decimals but at least two digits, or return "no bound"."""
    if not math.isfinite(value) or value < 0.0:
        return "no bound"
    two_digits = 1 - math.floor(math.log10(value)) if value > 0.0 else 0
    return dollars(round(value, max(places, two_digits)))


# ---- a comparison -------------------------------------------------------------------------------


def verdict(change: Difference | None) -> str:
    """Return the verdict on a change.

    Args:
        change: the change, or None if it is unknown.

    Returns:
        "fewer", "more" or "alike". "not_known" if the range includes zero, "not_reached" if the
        range includes the margin of 2 %, and "too_few" if there are too few runs.
    """
    if change is None:
        return "not_known"
    if change.pairs == 1:
        size = change.relative
        return "alike" if abs(size) < LEAST else "more" if size > 0.0 else "fewer"
    return _VERDICTS[change.finding][0]


def clauses(words: Words, changes: Changes) -> list[str]:
    """State which outcomes change, which stay about equal, and which changes are unclear.

    Args:
        words: returns the text of a key in `PAPER`, or in the ``answer`` texts of the screen.
        changes: changes by outcome, in order. Only the first outcome is printed with its range.

    Returns:
        Clauses without a capital letter and a full stop, which name each outcome once.
    """
    verdicts = {name: verdict(change) for name, change in changes.items()}
    unknown: dict[str, list[str]] = {"not_known": [], "not_reached": [], "too_few": []}
    for name, word in verdicts.items():
        if word in unknown:
            unknown[word].append(words(f"{name}_unknown"))
    texts = {why: _listed(words, names, "or") for why, names in unknown.items() if names}
    open_clauses = [words(why).format(text) for why, text in texts.items()]
    if "not_known" in texts and "not_reached" in texts:
        both = words("not_known_not_reached").format(texts["not_known"], texts["not_reached"])
        open_clauses = [both, *open_clauses[2:]]
    certain = _joined(words, changes, verdicts)
    return [certain, *open_clauses] if certain else open_clauses


def _joined(words: Words, changes: Changes, verdicts: Mapping[str, str]) -> str:
    """Join the clauses on the first outcome, decreases, ties and increases, in this order.

    The increases follow "but" if any outcome decreases.
    """
    first_name = next(iter(changes), "")
    parts: dict[str, list[str]] = {"first": [], "fewer": [], "more": []}
    alike = [words(f"{name}_unknown") for name, word in verdicts.items() if word == "alike"]
    for name, change in changes.items():
        word = verdicts[name]
        if change and word in ("fewer", "more"):
            is_first = name == first_name
            parts["first" if is_first else word].append(_moved(words, name, change, word, is_first))
    equal = [words("alike").format(_listed(words, alike, "and"))] if alike else []
    rest = [*parts["first"], *parts["fewer"], *equal]
    if not parts["first"]:
        rest = [*equal, *parts["fewer"]]
    if parts["more"] and "fewer" in verdicts.values():
        texts = (_listed(words, items, "and") for items in (rest, parts["more"]))
        return words("but").format(*texts)
    return _listed(words, [*rest, *parts["more"]], "and")


def _moved(words: Words, name: str, change: Difference, word: str, with_range: bool) -> str:
    """Return a clause such as "12 % fewer die", with the range if `with_range`."""
    texts = figure_texts(change, OUTCOMES[name].unit)
    size, *ends = (text.lstrip(f"+{MINUS}") for text in texts)
    text = words(f"{name}_{word}").format(size)
    if not with_range or is_single(change.interval):
        return text
    return text + words("range").format(*(ends if change.difference > 0.0 else ends[::-1]))


def _listed(words: Words, items: Sequence[str], joint: str) -> str:
    """Join items with commas, and the last item with the word of the key `joint`."""
    if len(items) < 2:
        return "".join(items)
    return words(joint).format(", ".join(items[:-1]), items[-1])


def sentence(clause: str) -> str:
    """Turn a clause into a sentence with a capital letter and a full stop."""
    return clause[:1].upper() + clause[1:] + "."
