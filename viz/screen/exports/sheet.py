"""The layout of every exported image: a title above it, and notes on the run below it."""

from __future__ import annotations

from collections.abc import Sequence

from viz.figures.markup import el, svg, text, wrap
from viz.figures.palette import INK, MUTED
from viz.screen.exports.view import View

#: World A is blue, world B vermillion.
A, B = "#0072B2", "#D55E00"
_PAD, _TITLE, _SMALL = 16.0, 20.0, 12.0  # margin and type sizes


def sheet(view: View, width: float, height: float, title: str, desc: str, *body: str) -> str:
    """Build a whole SVG image.

    Args:
        view: the worlds, which the notes describe.
        width, height: size of the field between title and notes.
        title, desc: title, and text alternative.
        body: elements in the field.

    Returns:
        The SVG document.
    """
    t = view.words
    day = f"{t('day')} {view.day} {t('of')} {view.days}, {view.date(view.day)}"
    titles = [view.title(world) for world in range(len(view.logs))]
    head = wrap(title, width, _TITLE)
    foot = [line for note in (day, *titles, *view.notes) for line in wrap(note, width, _SMALL, 8)]
    top = _PAD + 1.3 * _TITLE * len(head)
    tall = top + height + 8 + 1.4 * _SMALL * len(foot) + _PAD
    wide = width + 2 * _PAD
    elements = [
        el("rect", width=wide, height=tall, fill="#fff"),
        *_lines(head, _PAD + _TITLE * 0.8, 1.3 * _TITLE, _TITLE, fill=INK, font_weight=600),
        *_lines(foot, top + height + 8 + _SMALL, 1.4 * _SMALL, _SMALL, fill=MUTED),
        el("svg", *body, x=_PAD, y=top, width=width, height=height),
    ]
    return svg(wide, tall, title, desc, *elements, width_=wide, height_=tall)


def _lines(lines: Sequence[str], y: float, step: float, size: float, **attrs: object) -> list[str]:
    return [text(_PAD, y + step * i, line, size, **attrs) for i, line in enumerate(lines)]
