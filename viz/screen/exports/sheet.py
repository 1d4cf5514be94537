"""The sheet on which every picture is drawn: a title above, and below it what the picture is."""

from __future__ import annotations

from collections.abc import Sequence

from viz.figures.markup import el, svg, text, wrap
from viz.figures.palette import INK, MUTED
from viz.screen.exports.view import View

A, B = "#0072B2", "#D55E00"
DASHES = ("", "7 4")
"""World A is blue and solid, world B vermillion and dashed."""
PAD, TITLE, SMALL = 16.0, 20.0, 12.0
"""Margins and sizes of letters."""


def sheet(view: View, width: float, height: float, title: str, desc: str, *body: str) -> str:
    """A whole picture in SVG; `body` is drawn in a field of this size between title and notes."""
    head = wrap(title, width, TITLE)
    said = [line for told in (*_told(view), *view.said) for line in wrap(told, width, SMALL, 8)]
    top = PAD + 1.3 * TITLE * len(head)
    tall = top + height + 8 + 1.4 * SMALL * len(said) + PAD
    wide = width + 2 * PAD
    lines = [
        *_lines(head, PAD + TITLE * 0.8, 1.3 * TITLE, TITLE, fill=INK, font_weight=600),
        *_lines(said, top + height + 8 + SMALL, 1.4 * SMALL, SMALL, fill=MUTED),
    ]
    field = el("svg", *body, x=PAD, y=top, width=width, height=height)
    return svg(
        wide,
        tall,
        title,
        desc,
        el("rect", width=wide, height=tall, fill="#fff"),
        *lines,
        field,
        width_=wide,
        height_=tall,
    )


def _told(view: View) -> list[str]:
    """The day, and every world."""
    t = view.words
    day = f"{t('day')} {view.day} {t('of')} {view.days}, {view.date(view.day)}"
    return [day, *(view.title(world) for world in range(len(view.logs)))]


def _lines(lines: Sequence[str], y: float, step: float, size: float, **look: object) -> list[str]:
    return [text(PAD, y + step * i, line, size, **look) for i, line in enumerate(lines)]
