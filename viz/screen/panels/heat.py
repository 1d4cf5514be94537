"""A heat map as a table of buttons: figures in its squares, so that colour never speaks alone."""

from __future__ import annotations

import bisect
import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import solara

from viz.figures.markup import esc
from viz.screen.panels.parts import box, raw

#: Ten colours of the scale Cividis (Nuñez, Anderton and Renslow 2018, PLoS ONE 13(7) e0199239).
CIVIDIS = (
    "#00224E",
    "#123570",
    "#3B496C",
    "#575D6D",
    "#707173",
    "#8A8678",
    "#A59C74",
    "#C3B369",
    "#E1CC55",
    "#FEE838",
)
#: Fewer, no change, more: blue and vermillion of Okabe and Ito, towards white in the middle.
CHANGES = (
    "#0072B2",
    "#3D94C6",
    "#7FB8DC",
    "#BFDCEE",
    "#F5F5F5",
    "#F9D9C4",
    "#F0AE82",
    "#E4813F",
    "#D55E00",
)
EMPTY = "#FFFFFF"
_LIGHT, _DARK = "#FFFFFF", "#000000"  # one of them has 4.5 to 1 on any colour


@dataclass(frozen=True, slots=True)
class HeatCell:
    """One square: what it says, what it is called in full, colour, and its mark (A, B or none)."""

    text: str
    label: str
    colour: str
    mark: str = ""


def scale(values: Sequence[float], *, changes: bool) -> Callable[[float], str]:
    """Colours for values: from the lowest to the highest, or both ways from no change."""
    known = [value for value in values if math.isfinite(value)]
    high = max(map(abs, known), default=0.0) if changes else max(known, default=0.0)
    low = -high if changes else min(known, default=0.0)
    colours = CHANGES if changes else CIVIDIS
    steps = [low + (high - low) * (k + 1) / len(colours) for k in range(len(colours) - 1)]

    def colour(value: float) -> str:
        if not math.isfinite(value):
            return EMPTY
        if high <= low:
            return colours[len(colours) // 2]
        return colours[bisect.bisect_left(steps, value)]

    return colour


def ink(colour: str) -> str:
    """Letters that can be read on a colour, by the contrast of WCAG 2."""
    ours = _luminance(colour)
    light, dark = (_contrast(ours, _luminance(letters)) for letters in (_LIGHT, _DARK))
    return _LIGHT if light > dark else _DARK


def _contrast(one: float, other: float) -> float:
    return (max(one, other) + 0.05) / (min(one, other) + 0.05)


def _luminance(colour: str) -> float:
    """Relative luminance of a colour like ``#0072B2``."""
    parts = [int(colour[k : k + 2], 16) / 255.0 for k in (1, 3, 5)]
    linear = [c / 12.92 if c <= 0.03928 else ((c + 0.055) / 1.055) ** 2.4 for c in parts]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


@solara.component
def Heat(
    title: str,
    across: tuple[str, Sequence[str]],
    down: tuple[str, Sequence[str]],
    squares: Sequence[Sequence[HeatCell]],
    on_choose: Callable[[int, int], None],
):
    """A table of squares, a row a level of `down`; a press gives column and row."""
    with box(cls="tb-heat-room"), box(cls="tb-heat", tag="table"):
        raw(esc(title), tag="caption")
        _heads(across, down[0])
        with box(tag="tbody"):
            for row, (name, line) in enumerate(zip(down[1], squares, strict=True)):
                with box(tag="tr"):
                    box(name, tag="th", scope="row")
                    for column, square in enumerate(line):
                        _Square(square, lambda column=column, row=row: on_choose(column, row))


def _heads(across: tuple[str, Sequence[str]], down: str) -> None:
    """What varies across, above its levels; what varies down, beside them."""
    name, levels = across
    names = f'<td class="tb-axis">{esc(down)} ↓</td>'
    names += f'<th class="tb-axis" scope="colgroup" colspan="{len(levels)}">{esc(name)} →</th>'
    cells = "".join(f'<th scope="col">{esc(level)}</th>' for level in levels)
    raw(f"<tr>{names}</tr><tr><td></td>{cells}</tr>", tag="thead")


@solara.component
def _Square(square: HeatCell, on_press: Callable[[], None]):
    """A square that can be pressed, also by keys."""
    attributes: dict[str, Any] = {
        "type": "button",
        "aria-label": square.label,
        "title": square.label,
    }
    look = f"background:{square.colour};color:{ink(square.colour)}"
    with box(tag="td"):
        button = solara.v.Html(
            tag="button",
            class_=f"tb-square tb-square-{square.mark.lower() or 'none'}",
            style_=look,
            attributes=attributes,
            children=[*_mark(square.mark), square.text],
        )
        solara.v.use_event(button, "click", lambda *_: on_press())


def _mark(name: str) -> list[Any]:
    """The letter of A or B; an element that nobody takes would stand beside the square."""
    return [solara.v.Html(tag="b", class_="tb-square-mark", children=[name])] if name else []
