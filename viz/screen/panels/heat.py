"""A heat map as a table of buttons, with figures in its cells, so that colour is never alone."""

from __future__ import annotations

import bisect
import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import solara
from matplotlib import colormaps
from matplotlib.colors import to_hex

from viz.figures.markup import esc
from viz.screen.panels.parts import box, raw

#: Ten colours of the scale Cividis (Nuñez, Anderton and Renslow 2018, PLoS ONE 13(7) e0199239).
CIVIDIS = tuple(to_hex(colormaps["cividis"].resampled(10)(k)).upper() for k in range(10))
#: Fewer, no change, more: blue and vermillion of Okabe and Ito, towards white in the middle.
CHANGES = (
    *("#0072B2", "#3D94C6", "#7FB8DC", "#BFDCEE"),
    "#F5F5F5",
    *("#F9D9C4", "#F0AE82", "#E4813F", "#D55E00"),
)
EMPTY = "#FFFFFF"
_LIGHT, _DARK = "#FFFFFF", "#000000"  # one of them has a contrast of 4.5 to 1 on any colour


@dataclass(frozen=True, slots=True)
class HeatCell:
    """A cell of a heat map.

    Attributes:
        text: text inside the cell.
        label: full label, for readers who do not see the colour.
        colour: background, as "#RRGGBB".
        mark: "A", "B" or empty.
    """

    text: str
    label: str
    colour: str
    mark: str = ""


def scale(values: Sequence[float], *, changes: bool) -> Callable[[float], str]:
    """Create a colour scale.

    Args:
        values: the values of the map.
        changes: whether the scale is symmetric around 0 instead of lowest to highest.

    Returns:
        A function from a value to its colour.
    """
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
    """Return the text colour with the higher contrast on a background, by WCAG 2."""
    # the contrasts 1.05 / (L + 0.05) with white and (L + 0.05) / 0.05 with black are equal here
    return _LIGHT if _luminance(colour) + 0.05 < math.sqrt(1.05 * 0.05) else _DARK


def _luminance(colour: str) -> float:
    """Return the relative luminance of a colour like ``#0072B2``."""
    parts = [int(colour[k : k + 2], 16) / 255.0 for k in (1, 3, 5)]
    linear = [c / 12.92 if c <= 0.03928 else ((c + 0.055) / 1.055) ** 2.4 for c in parts]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


@solara.component
def Heat(
    title: str,
    across: tuple[str, Sequence[str]],
    down: tuple[str, Sequence[str]],
    cells: Sequence[Sequence[HeatCell]],
    on_choose: Callable[[int, int], None],
):
    """Show a heat map.

    Args:
        title: caption of the table.
        across, down: name and levels of the factors of the columns and of the rows.
        cells: cells by row.
        on_choose: called with column and row of a cell.
    """
    with box(cls="tb-heat-room"), box(cls="tb-heat", tag="table"):
        raw(esc(title), tag="caption")
        _heads(across, down[0])
        with box(tag="tbody"):
            for row, (name, line) in enumerate(zip(down[1], cells, strict=True)):
                with box(tag="tr"):
                    box(name, tag="th", scope="row")
                    for column, cell in enumerate(line):
                        _Cell(cell, lambda column=column, row=row: on_choose(column, row))


def _heads(across: tuple[str, Sequence[str]], down: str) -> None:
    """Show the names of both factors and the levels of the columns."""
    name, levels = across
    names = f'<td class="tb-axis">{esc(down)} ↓</td>'
    names += f'<th class="tb-axis" scope="colgroup" colspan="{len(levels)}">{esc(name)} →</th>'
    cells = "".join(f'<th scope="col">{esc(level)}</th>' for level in levels)
    raw(f"<tr>{names}</tr><tr><td></td>{cells}</tr>", tag="thead")


@solara.component
def _Cell(cell: HeatCell, on_press: Callable[[], None]):
    """Show a cell as a button."""
    attributes = {"type": "button", "aria-label": cell.label, "title": cell.label}
    # an element that is created and not used would appear next to the cell
    marks = [cell.mark] if cell.mark else []
    with box(tag="td"):
        button = solara.v.Html(
            tag="button",
            class_=f"tb-square tb-square-{cell.mark.lower() or 'none'}",
            style_=f"background:{cell.colour};color:{ink(cell.colour)}",
            attributes=attributes,
            children=[*(box(mark, tag="b", cls="tb-square-mark") for mark in marks), cell.text],
        )
        solara.v.use_event(button, "click", lambda *_: on_press())
