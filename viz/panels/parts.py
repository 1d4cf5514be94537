"""Small parts that panels share: raw elements, and tables as HTML whose every text is escaped."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import solara

from viz.report.markup import el, esc
from viz.report.numbers import plain, rounded, signed


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


def change(a: float, b: float) -> str:
    """B minus A, with percent where that means something."""
    told = signed(rounded(b - a))
    return f"{told} ({100.0 * (b / a - 1.0):+.0f} %)".replace("-", "\u2212") if a > 0 else told


def figures(heads: Sequence[str], rows: Sequence[tuple[str, float, float, bool]]) -> str:
    """A table: words, A, B, B minus A; the last says whether it is a cost to people."""
    top = el("tr", el("th", ""), *(el("th", esc(head), scope="col") for head in heads))
    body = [
        el("tr", el("th", ("◆ " if human else "") + esc(name), scope="row"),
           *(el("td", esc(cell)) for cell in (number(a), number(b), change(a, b))))
        for name, a, b, human in rows
    ]  # fmt: skip
    return el("table", el("thead", top), el("tbody", *body), class_="tb-outcomes")


def widget(kind: type, **traits: Any) -> Any:
    """An element of one of our widgets; reacton gives every widget class this way of being made."""
    return kind.element(**traits)  # pyright: ignore[reportAttributeAccessIssue]
