"""How many pairs were played, until when, and what the interval at the stop is."""

from __future__ import annotations

import math

from viz.documents.comparison.sentences import joined, lower
from viz.documents.comparison.tables import row, table
from viz.figures.inputs import CompareReport, UntilInfo
from viz.figures.markup import el, esc
from viz.figures.numbers import NBSP, percent, plain, signed

MEAN = (
    f"This is an interval of the mean (Student t), which narrows as pairs are added; the 90{NBSP}% "
    "ranges elsewhere are those of nine pairs in ten and keep their width."
)
CAUTION = (
    "Whoever looks again and again stops a little too often when the spread happens to look small, "
    f"so these intervals are slightly narrow: of those of 90{NBSP}%, about 87 to 90 in a hundred "
    "hold the mean."
)
MEMBERS = (
    "The interval is over members, one value each: seeds of one member share its parameters, so "
    "more of them do not stand in for more members."
)
_WHY = {
    "most": "that was not reached with the {most} pairs allowed",
    "members": "that cannot be reached with more seeds, because members differ by more: it takes "
    "more members",
    "undefined": "that has no meaning, because the baseline has none of it",
    "failed": "that could not be seen, because runs failed",
}


def asked(info: UntilInfo) -> str:
    """What was asked, and whether it was reached with how many pairs."""
    names = joined([lower(name) for name in info.outcomes])
    goal = (
        f"until the 90{NBSP}% interval of the mean change of {names} was at most "
        f"{plain(info.width)}{NBSP}% of the baseline wide under every policy"
    )
    if info.stopped == "reached":
        return f"Pairs were added {goal}; that took {info.pairs} pairs."
    why = _WHY[info.stopped].format(most=info.most)
    wide = f"; the widest is {plain(info.widest)}{NBSP}%" if math.isfinite(info.widest) else ""
    return f"Pairs were to be added {goal}; {why}{wide} ({info.pairs} pairs were played)."


def note(report: CompareReport) -> str:
    """The sentence for the top of the report; nothing where the number of pairs was fixed."""
    return asked(report.until) if report.until else ""


def means(report: CompareReport) -> str:
    """The mean changes with their intervals, and how to read them."""
    info = report.until
    if info is None:
        return ""
    labels = ["Outcome", "Mean change", f"90{NBSP}% interval of the mean"]
    rows = [
        row(
            esc(name),
            [
                esc(outcome),
                el("b", esc(told(mean, mean, mean)[0])),
                esc(" to ".join(told(mean, low, high)[1:])),
            ],
            labels,
        )
        for name, outcome, mean, low, high in info.means
    ]
    words = [asked(info), MEAN, *([MEMBERS] if report.ensemble else []), CAUTION]
    grid = table("How well the mean changes are known", ["Policy", *labels], rows)
    return "".join(el("p", esc(sentence)) for sentence in words) + grid


def told(mean: float, low: float, high: float) -> tuple[str, str, str]:
    """A mean change and its bounds in percent, with the digits that the interval supports."""
    if not math.isfinite(high - low):
        return percent(mean), "not known", "not known"
    places = places_of(high - low)
    return (signed(mean, places) + NBSP + "%", signed(low, places), signed(high, places))


def places_of(width: float) -> int:
    """Decimals that show an interval of this width."""
    return 2 if width <= 0.0 else max(0, min(4, 1 - math.floor(math.log10(width))))
