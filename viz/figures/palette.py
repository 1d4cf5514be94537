"""Okabe-Ito colours, each with a dash pattern and a marker shape.

Every difference that is shown by colour is also shown by a dash pattern or a shape.
"""

from dataclasses import dataclass
from typing import Any

from viz.figures.markup import el

INK = "#16283a"
MUTED = "#4f6273"
GRID = "#dde4ec"
WATER = "#e4edf3"
LAND = "#fbf8f0"
LAND_EDGE = "#b9c2cb"
MORE = "#D55E00"
FEWER = "#0072B2"
#: Texts of worlds and policies A and B, dark enough on white.
TEXTS = ("#00507d", "#9c3f00")
#: Marks of changes that are not clear.
UNCLEAR = "#6b7c8c"
FLOW = ("#7fb8dc", "#3d8fc4", "#0072B2", "#0b4f82", "#0b3558")


_A, _B = 1.2, 0.45  # length and half width of the rays of a cross
#: Shapes: marker of matplotlib, and outline in units of the size. All others are circles.
_SHAPES: dict[str, tuple[Any, list[tuple[float, float]]]] = {
    "square": ("s", [(-1, -1), (1, -1), (1, 1), (-1, 1)]),
    "triangle": ("^", [(0, -1.25), (1.2, 0.95), (-1.2, 0.95)]),
    "down": ("v", [(0, 1.25), (1.2, -0.95), (-1.2, -0.95)]),
    "diamond": ("D", [(0, -1.4), (1.4, 0), (0, 1.4), (-1.4, 0)]),  # human costs only
    "bar": (
        [(-1.0, 0.36), (1.0, 0.36), (1.0, -0.36), (-1.0, -0.36)],
        [(-1.1, -0.4), (1.1, -0.4), (1.1, 0.4), (-1.1, 0.4)],
    ),
    "cross": (
        "P",
        [(_B, _B), (_B, _A), (-_B, _A), (-_B, _B), (-_A, _B), (-_A, -_B)]
        + [(-_B, -_B), (-_B, -_A), (_B, -_A), (_B, -_B), (_A, -_B), (_A, _B)],
    ),
}


@dataclass(frozen=True)
class ArmStyle:
    """Colour, dash pattern (SVG, in points) and marker shape of one arm in all figures."""

    colour: str
    dash: str
    shape: str

    def mark(self, size: float) -> dict[str, Any]:
        """Return colour, marker and size of marks without a line as arguments of matplotlib."""
        marker = _SHAPES[self.shape][0] if self.shape in _SHAPES else "o"
        return {"color": self.colour, "marker": marker, "markersize": size, "linestyle": "none"}

    def stroke(self, width: float) -> dict[str, Any]:
        """Return colour, width and dashes of a line as arguments of matplotlib.

        Matplotlib multiplies dashes by the line width, SVG does not.
        """
        pattern = tuple(float(length) / width for length in self.dash.split())
        look: dict[str, Any] = {"color": self.colour, "linewidth": width}
        return look | {"linestyle": (0.0, pattern) if pattern else "-"}


#: World A is blue, solid and round; world B vermillion, dashed and square.
WORLDS = (ArmStyle(FEWER, "", "circle"), ArmStyle(MORE, "7 4", "square"))
BASELINE = ArmStyle("#333333", "2 3", "bar")
#: The first two policies look like the worlds A and B; no policy has the diamond of human costs.
_ARMS = (
    *WORLDS,
    ArmStyle("#009E73", "9 3 2 3", "triangle"),
    ArmStyle("#CC79A7", "4 2", "cross"),
    ArmStyle("#E69F00", "12 3", "down"),
    ArmStyle("#56B4E9", "1.5 3", "square"),
)
_MORE_DASHES = ("5 1.5", "3 5", "10 2 2 2 2 2")


def arm_style(index: int) -> ArmStyle:
    """Return the style of the arm at a position; the baseline has position -1."""
    if index < 0:
        return BASELINE
    turn, place = divmod(index, len(_ARMS))
    dash = _MORE_DASHES[(turn - 1) % len(_MORE_DASHES)]
    return ArmStyle(_ARMS[place].colour, dash, "circle") if turn else _ARMS[place]


def marker(shape: str, x: float, y: float, size: float, **attrs: object) -> str:
    """Return a small shape centred on a point as an SVG element.

    Args:
        shape: circle, square, triangle, down, diamond, cross or bar.
        x, y: the centre.
        size: about the radius.
        attrs: attributes of the element, named as in `markup.el`.

    Returns:
        The element.
    """
    if shape not in _SHAPES:
        return el("circle", cx=float(x), cy=float(y), r=float(size), **attrs)
    outline = _SHAPES[shape][1]
    points = " ".join(f"{x + size * dx:.1f},{y + size * dy:.1f}" for dx, dy in outline)
    return el("polygon", points=points, **attrs)
