"""Small parts that panels share: raw elements, and tables as HTML whose every text is escaped."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import solara
from solara.widgets import HTML

from viz.figures.markup import el, esc
from viz.figures.numbers import amount, plain, rounded, signed, signed_amount
from viz.screen.live_traits import LiveTrait, LiveWidgets

if TYPE_CHECKING:
    from viz.screen.words import Words


def box(*children: Any, tag: str = "div", cls: str = "", **attributes: str) -> Any:
    """A raw element with children that are elements."""
    more: dict[str, Any] = {"attributes": attributes} if attributes else {}
    return solara.v.Html(tag=tag, class_=cls, children=list(children), **more)


def raw(html: str, cls: str = "", tag: str = "div") -> Any:
    """Markup made here; every text in it has passed ``esc``."""
    return solara.HTML(tag=tag, unsafe_innerHTML=html, classes=[cls] if cls else [])


def heading(text: str, level: int = 2) -> Any:
    """A heading."""
    return raw(esc(text), cls="tb-heading", tag=f"h{level}")


def note(text: str) -> Any:
    """Small words."""
    return raw(esc(text), cls="tb-note", tag="p")


def number(value: float) -> str:
    """A figure as the screen shows it."""
    return plain(rounded(value))


def change(t: Words, a: float, b: float, unit: str = "") -> str:
    """B minus A, with percent where that means something."""
    if not math.isfinite(b - a):
        return "–"
    told = t.translate(signed_amount(b - a, unit))
    return told if a <= 0 else f"{told} ({signed(100.0 * (b / a - 1.0), 0)} %)"


@dataclass(frozen=True)
class Row:
    """A line of a table: words, a figure a world, and the range of B minus A over seeds, if known.

    ``human``: whether it is a cost to people.
    """

    name: str
    values: Sequence[float]
    human: bool = False
    unit: str = ""
    span: tuple[float, float] | None = None


def figures(t: Words, heads: Sequence[str], rows: Sequence[Row]) -> str:
    """A table of one world, or of A, B and B minus A; ``heads`` name its columns."""
    top = el("tr", el("th", ""), *(el("th", esc(head), scope="col") for head in heads))
    body = el("tbody", *(_row(t, row) for row in rows))
    return el("table", el("thead", top), body, class_="tb-outcomes")


def _row(t: Words, row: Row) -> str:
    """One line; a range stands under the difference."""
    cells = [
        esc("–" if not math.isfinite(v) else t.translate(amount(v, row.unit))) for v in row.values
    ]
    if len(row.values) == 2:
        a, b = row.values
        told = esc(change(t, a, b, row.unit))
        if row.span is not None:
            low, high = (t.translate(signed_amount(end, row.unit)) for end in row.span)
            told += el("small", esc(f"{low} … {high}"))
        cells.append(told)
    head = el("th", ("◆ " if row.human else "") + esc(row.name), scope="row")
    return el("tr", head, *(el("td", cell) for cell in cells))


@solara.component
def Fold(title: str, inside: Callable[[], None]):
    """A part that is made only while it is open: what nobody sees costs nothing."""
    is_open, set_open = solara.use_state(False)
    shown = 0 if is_open else None
    panels = solara.v.ExpansionPanels(v_model=shown, on_v_model=lambda k: set_open(k is not None))
    with panels, solara.v.ExpansionPanel():
        solara.v.ExpansionPanelHeader(children=[title])
        with solara.v.ExpansionPanelContent():
            if is_open:
                inside()


def widget(kind: type, **traits: Any) -> Any:
    """An element of one of our widgets; reacton gives every widget class this way of being made."""
    return kind.element(**traits)  # pyright: ignore[reportAttributeAccessIssue]


def follow(
    live_widgets: LiveWidgets,
    element: Any,
    tell: Callable[[], Mapping[str, Any]],
    every: float = 0.3,
) -> None:
    """Let an element follow the run: ``tell`` gives traits, none of which is an argument of it."""

    def keep() -> Callable[[], None]:
        return live_widgets.add(LiveTrait(solara.get_widget(element), tell, every))

    solara.use_effect(keep)  # after every rendering, for then it tells something else


@solara.component
def LiveMarkup(
    live_widgets: LiveWidgets,
    tell: Callable[[], str],
    cls: str = "",
    tag: str = "div",
    every: float = 0.3,
):
    """Markup that follows the run; as of ``raw``, every text in it has passed ``esc``."""
    element = widget(HTML, tag=tag, attributes={"class": cls})
    follow(live_widgets, element, lambda: {"unsafe_innerHTML": tell()}, every)
