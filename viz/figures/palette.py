"""Okabe-Ito colours, each with a dash pattern and a marker shape.

Every difference that is shown by colour is also shown by a dash pattern or a shape.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from viz.figures.markup import el

INK = "#243b53"
MUTED = "#52667a"
GRID = "#dde4ec"
WATER = "#dfe9f2"
LAND = "#fbf8ef"
LAND_EDGE = "#b9c2cb"
MORE = "#D55E00"
FEWER = "#0072B2"
FLOW = ("#7fb8dc", "#3d8fc4", "#0072B2", "#0b4f82", "#0b3558")


#: Shapes as markers of matplotlib.
_SYMBOLS = {"square": "s", "triangle": "^", "diamond": "D", "cross": "P", "down": "v"}


@dataclass(frozen=True)
class ArmStyle:
    """Colour, dash pattern (SVG, in points) and marker shape of one arm in all figures."""

    colour: str
    dash: str
    shape: str

    @property
    def symbol(self) -> str:
        """The shape as a marker of matplotlib."""
        return _SYMBOLS.get(self.shape, "o")

    def stroke(self, width: float) -> dict[str, Any]:
        """Return colour, width and dashes of a line as arguments of matplotlib.

        Matplotlib multiplies dashes by the line width, SVG does not.
        """
        pattern = tuple(float(length) / width for length in self.dash.split())
        look = {"color": self.colour, "linewidth": width, "linestyle": "-"}
        return look | ({"linestyle": (0.0, pattern)} if pattern else {})


BASELINE = ArmStyle("#333333", "", "circle")
_ARMS = (
    ArmStyle("#0072B2", "7 3", "square"),
    ArmStyle("#D55E00", "2.5 2.5", "triangle"),
    ArmStyle("#009E73", "9 3 2 3", "diamond"),
    ArmStyle("#CC79A7", "4 2", "cross"),
    ArmStyle("#E69F00", "12 3", "down"),
    ArmStyle("#56B4E9", "1.5 3", "square"),
)
_MORE_DASHES = ("5 1.5", "3 5", "10 2 2 2 2 2")


def arm_style(index: int) -> ArmStyle:
    """Return the style of the arm at a position; the baseline has position -1."""
    if index < 0:
        return BASELINE
    style, turn = _ARMS[index % len(_ARMS)], index // len(_ARMS)
    if turn == 0:
        return style
    return ArmStyle(style.colour, _MORE_DASHES[(turn - 1) % len(_MORE_DASHES)], "circle")


def marker(shape: str, x: float, y: float, size: float, **attrs: object) -> str:
    """Return a small shape centred on a point as an SVG element.

    Args:
        shape: circle, square, triangle, down, diamond or cross.
        x, y: the centre.
        size: about the radius.
        attrs: attributes of the element, named as in `markup.el`.

    Returns:
        The element.
    """
    s = size
    outlines = {
        "square": [(-s, -s), (s, -s), (s, s), (-s, s)],
        "triangle": [(0, -1.25 * s), (1.2 * s, 0.95 * s), (-1.2 * s, 0.95 * s)],
        "down": [(0, 1.25 * s), (1.2 * s, -0.95 * s), (-1.2 * s, -0.95 * s)],
        "diamond": [(0, -1.4 * s), (1.4 * s, 0), (0, 1.4 * s), (-1.4 * s, 0)],
        "cross": _cross(s * 1.2, s * 0.45),
    }
    if shape not in outlines:
        return el("circle", cx=float(x), cy=float(y), r=float(s), **attrs)
    points = " ".join(f"{x + dx:.1f},{y + dy:.1f}" for dx, dy in outlines[shape])
    return el("polygon", points=points, **attrs)


def _cross(a: float, b: float) -> list[tuple[float, float]]:
    """Return the outline of a plus sign with rays of length a and half-width b."""
    corner = [(b, b), (b, a), (-b, a), (-b, b), (-a, b), (-a, -b)]
    return corner + [(-b, -b), (-b, -a), (b, -a), (b, -b), (a, -b), (a, b)]
