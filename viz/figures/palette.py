"""Okabe-Ito colours, each with a dash and a shape, so that colour never speaks alone."""

from __future__ import annotations

from dataclasses import dataclass

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


@dataclass(frozen=True)
class ArmStyle:
    """How one arm is drawn wherever it appears."""

    colour: str
    dash: str
    shape: str


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
    """Style of the arm in this position; the baseline has position -1."""
    if index < 0:
        return BASELINE
    style, turn = _ARMS[index % len(_ARMS)], index // len(_ARMS)
    if turn == 0:
        return style
    return ArmStyle(style.colour, _MORE_DASHES[(turn - 1) % len(_MORE_DASHES)], "circle")


def marker(shape: str, x: float, y: float, size: float, **attrs: object) -> str:
    """A small shape centred on a point; `size` is about its radius."""
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
    """The outline of a plus sign, rays of length a and half-width b."""
    corner = [(b, b), (b, a), (-b, a), (-b, b), (-a, b), (-a, -b)]
    return corner + [(-b, -b), (-b, -a), (b, -a), (b, -b), (a, -b), (a, b)]
