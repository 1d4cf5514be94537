"""The pictures of the table of parts, in the language of the visitor; all as markup."""

from __future__ import annotations

import math

from experiments.validate import PartResult
from viz.documents.html_table import Cell
from viz.documents.validation.tables import PART_COLUMNS, Column
from viz.documents.validation.words import ValidationText
from viz.figures.markup import el, svg
from viz.figures.palette import FEWER, GRID, INK, MORE, marker
from viz.figures.validation import tolerance_place

_WIDTH, _HEIGHT, _MARGIN = 150.0, 20.0, 6.0


def picture(text: ValidationText, part: PartResult) -> str:
    """Draw tolerance, observed figure, and simulated median with its 90 % interval.

    Args:
        text: texts of the language.
        part: the part of a pattern.

    Returns:
        SVG markup; empty without a tolerance or a simulated figure.
    """
    target, simulated, y = part.target, part.simulated, _HEIGHT / 2
    if not target.judged or not math.isfinite(simulated.median):
        return ""
    low, high = _x(part, target.low), _x(part, target.high)
    drawn = [
        el("line", x1=2, x2=_WIDTH - 2, y1=y, y2=y, stroke=GRID),
        el("rect", x=low, y=y - 6, width=max(high - low, 2.0), height=12, fill=GRID),
    ]
    if math.isfinite(target.observed):
        x = _x(part, target.observed)
        drawn.append(el("line", x1=x, x2=x, y1=y - 8, y2=y + 8, stroke=INK, stroke_width=2))
    colour, shape = (FEWER, "circle") if part.inside else (MORE, "triangle")
    ends = {"x1": _x(part, simulated.low90), "x2": _x(part, simulated.high90), "y1": y, "y2": y}
    drawn.append(el("line", **ends, stroke=colour, stroke_width=2.2))
    drawn.append(marker(shape, _x(part, simulated.median), y, 4.4, fill=colour, stroke="#fff"))
    return svg(_WIDTH, _HEIGHT, text.label(target), text.verdict(part), *drawn)


def _x(part: PartResult, value: float) -> float:
    """Return the horizontal place of a value."""
    return _MARGIN + (_WIDTH - 2 * _MARGIN) * tolerance_place(part.target, value)


def _picture_cell(text: ValidationText, part: PartResult) -> Cell:
    """Return the picture of a part as a cell."""
    return Cell("", markup=picture(text, part))


#: Columns of the table of parts on the screen.
COLUMNS: dict[str, Column] = {
    "part": PART_COLUMNS["part"],
    "picture": _picture_cell,
} | PART_COLUMNS
