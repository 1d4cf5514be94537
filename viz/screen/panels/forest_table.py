"""A table of outcomes with the change from A to B, its range over seeds, and a mark on one axis."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Protocol

from viz.figures.markup import el, esc
from viz.figures.numbers import MISSING, amount, signed
from viz.screen.words import Words

#: Ends of the axis, percent; the first one is used that holds every range.
_LIMITS = (10.0, 20.0, 40.0, 60.0)
_WIDTH, _HEIGHT = 130.0, 22.0
_HEAD, _MARGIN = 8.0, 12.0  # length of an arrowhead; from the axis to the edge of the drawing
_FINE = 5.0  # percentage points; a narrower range supports a decimal
_MORE, _FEWER, _UNCLEAR, _LINE = "#c04f00", "#0072B2", "#4f6273", "#c3ced8"


class Change(Protocol):
    """An outcome of both worlds; the range is None with too few runs."""

    @property
    def name(self) -> str:
        """Name of the outcome."""
        ...

    @property
    def a(self) -> float:
        """Count in A."""
        ...

    @property
    def b(self) -> float:
        """Count in B."""
        ...

    @property
    def human(self) -> bool:
        """Whether it is a human cost."""
        ...

    @property
    def median(self) -> float | None:
        """Median change, percent."""
        ...

    @property
    def low(self) -> float | None:
        """Low end of the range, percent."""
        ...

    @property
    def high(self) -> float | None:
        """High end of the range, percent."""
        ...

    @property
    def clear(self) -> bool:
        """Whether the change is meaningful."""
        ...


def forest_table(t: Words, changes: Sequence[Change]) -> str:
    """Build the table; human costs form a separate group.

    Args:
        t: the words of the language.
        changes: the outcomes, in the order of the rows; without any the result is empty.

    Returns:
        Markup.
    """
    if not changes:
        return ""
    limit = _limit(changes)
    groups = [(t("difference_view.journey"), [c for c in changes if not c.human])]
    groups.append((f"◆ {t('difference_view.costs')}", [c for c in changes if c.human]))
    bodies = [_group(t, title, rows, limit) for title, rows in groups if rows]
    note = el("p", esc(t("difference_view.note")), class_="tb-note")
    return el("table", _heads(t, limit), *bodies, class_="tb-forest") + note


def _limit(changes: Iterable[Change]) -> float:
    """Return the end of the axis; ranges beyond the largest one get an arrow."""
    ends = [abs(end) for one in changes for end in (one.low, one.high) if end is not None]
    most = max(ends, default=0.0)
    return next((limit for limit in _LIMITS if limit >= most), _LIMITS[-1])


def _heads(t: Words, limit: float) -> str:
    """Build the heads: both worlds, the axis, and the change."""
    badges = [el("i", letter, class_=f"tb-badge tb-badge-{letter.lower()}") for letter in "AB"]
    ticks = [f"{signed(tick, 0)} %" if tick else "0" for tick in (-limit, 0.0, limit)]
    axis = el("span", *(el("span", esc(tick)) for tick in ticks), class_="tb-forest-axis")
    cells = ["", *badges, axis, esc(t("difference_view.change"))]
    return el("thead", el("tr", *(el("th", cell, scope="col") for cell in cells)))


def _group(t: Words, title: str, changes: Sequence[Change], limit: float) -> str:
    """Build the rows of a group below its title."""
    head = el("tr", el("th", esc(title), scope="rowgroup", colspan=5), class_="tb-group")
    return el("tbody", head, *(_row(t, change, limit) for change in changes))


def _row(t: Words, change: Change, limit: float) -> str:
    """Build the row of an outcome."""
    texts = (t.translate(amount(n, "")) if n >= 0.0 else MISSING for n in (change.a, change.b))
    counts = [el("td", esc(text)) for text in texts]
    name = el("th", esc(t(f"since.name.{change.name}")), scope="row")
    mark = el("td", _mark(t, change, limit), class_="tb-forest-mark")
    return el("tr", name, *counts, mark, el("td", _change(t, change), class_="tb-change"))


def _kind(change: Change) -> str:
    """Return whether B has clearly more, clearly fewer, or neither."""
    if not change.clear or change.median is None:
        return "same"
    return "more" if change.median > 0 else "fewer"


def _change(t: Words, change: Change) -> str:
    """Format the median and its range; without a range, the change in the run on the screen."""
    if change.median is None or change.low is None or change.high is None:
        own = f"{signed(100.0 * (change.b / change.a - 1.0), 0)} %" if change.a > 0 else "–"
        return el("b", esc(own), class_="tb-b-same") + el(
            "small", esc(t("difference_view.one_run"))
        )
    places, (low, high) = _places(change.low, change.high), _ends(change.low, change.high)
    median = el("b", esc(f"{signed(change.median, places)} %"), class_=f"tb-b-{_kind(change)}")
    return median + el("small", esc(t("difference_view.range").format(low=low, high=high)))


def _places(low: float, high: float) -> int:
    """Return the decimals that a range supports."""
    return 1 if high - low < _FINE else 0


def _ends(low: float, high: float) -> tuple[str, str]:
    """Format both ends of a range."""
    places = _places(low, high)
    return signed(low, places), signed(high, places)


def _mark(t: Words, change: Change, limit: float) -> str:
    """Draw the range on the axis: square for more in B, round for fewer, hollow if unclear."""
    middle, y = _WIDTH / 2, _HEIGHT / 2
    parts = [
        el("line", x1=0.0, x2=_WIDTH, y1=y, y2=y, stroke="#e3e9ee"),
        el("line", x1=middle, x2=middle, y1=2.0, y2=_HEIGHT - 2, stroke=_LINE, stroke_width=1.5),
    ]
    if change.median is not None and change.low is not None and change.high is not None:
        parts += _interval(change, change.low, change.median, change.high, limit)
        if max(-change.low, change.high) > limit:
            low, high = _ends(change.low, change.high)
            parts.insert(
                0, el("title", esc(t("difference_view.beyond").format(low=low, high=high)))
            )
    box = f"0 0 {_WIDTH:g} {_HEIGHT:g}"
    return el("svg", *parts, viewBox=box, width=_WIDTH, height=_HEIGHT, aria_hidden="true")


def _interval(change: Change, low: float, median: float, high: float, limit: float) -> list[str]:
    """Draw a range, with arrowheads where it leaves the axis, and its median if it is inside."""
    kind, y, middle = _kind(change), _HEIGHT / 2, _WIDTH / 2
    colour = {"more": _MORE, "fewer": _FEWER, "same": _UNCLEAR}[kind]
    unit = (middle - _MARGIN) / limit
    x0, x, x1 = (middle + unit * max(-limit, min(limit, v)) for v in (low, median, high))
    parts = []
    if low < -limit:
        x0 = _HEAD
        parts.append(_head(0.0, x0, colour))
    if high > limit:
        x1 = _WIDTH - _HEAD
        parts.append(_head(_WIDTH, x1, colour))
    dash = "4 3" if kind == "more" else None
    look = {"stroke": colour, "stroke_width": 2.5, "stroke_dasharray": dash}
    parts.append(el("line", x1=x0, x2=x1, y1=y, y2=y, **look))
    if abs(median) > limit:
        return parts
    if kind == "more":
        return [*parts, el("rect", x=x - 4.5, y=y - 4.5, width=9.0, height=9.0, fill=colour)]
    fill = colour if kind == "fewer" else "#fff"
    return [*parts, el("circle", cx=x, cy=y, r=4.5, fill=fill, stroke=colour, stroke_width=1.8)]


def _head(tip: float, back: float, colour: str) -> str:
    """Draw an arrowhead at an end of the axis."""
    y = _HEIGHT / 2
    return el("polygon", points=f"{tip:g},{y:g} {back:g},{y - 5:g} {back:g},{y + 5:g}", fill=colour)
