"""Colours, dashes and shapes from `palette.json`, which the scripts of the screen read too.

Every difference in colour is also a difference in dash pattern or shape.
"""

import json
import math
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from viz.figures.markup import el

#: Content of the file. World A is blue, solid and round; world B is orange, dashed and square.
PALETTE: dict[str, Any] = json.loads(Path(__file__).with_suffix(".json").read_text("utf-8"))
INK, MUTED, GRID = (PALETTE[name] for name in ("ink", "muted", "grid"))
WATER, LAND, NORTH = (PALETTE[name] for name in ("water", "land", "north"))
LAND_EDGE, OTHER_LAND = PALETTE["land_edge"], PALETTE["other_land"]
UNCLEAR, ACCEPTED, HIT, MISS = (PALETTE[n] for n in ("unclear", "accepted", "hit", "miss"))
#: Widths, radii and limits of the marks on maps, in points for a map that is 700 points wide.
SIZES: dict[str, float] = PALETTE["sizes"]
FEWER, MORE = (world["colour"] for world in PALETTE["worlds"])
_MARKERS = {"square": "s", "triangle": "^", "down": "v", "diamond": "D", "cross": "P"}
_MARKERS |= {"bar": [(-1.0, 0.36), (1.0, 0.36), (1.0, -0.36), (-1.0, -0.36)]}


@dataclass(frozen=True)
class ArmStyle:
    """Colour, SVG dash pattern in points, and marker shape of an arm in all figures."""

    colour: str
    dash: str
    shape: str

    def mark(self, size: float) -> dict[str, Any]:
        """Return matplotlib arguments for marks without a line."""
        marker = _MARKERS.get(self.shape, "o")
        return {"color": self.colour, "marker": marker, "markersize": size, "linestyle": "none"}

    def stroke(self, width: float) -> dict[str, Any]:
        """Return matplotlib arguments for a line.

        Dashes are divided by the line width, because Matplotlib, unlike SVG, multiplies by it.
        """
        pattern = tuple(float(length) / width for length in self.dash.split())
        look: dict[str, Any] = {"color": self.colour, "linewidth": width}
        return look | {"linestyle": (0.0, pattern) if pattern else "-"}


def _style(entry: dict[str, str]) -> ArmStyle:
    """Convert an entry of the palette to a style."""
    return ArmStyle(entry["colour"], entry["dash"], entry["shape"])


WORLDS = tuple(map(_style, PALETTE["worlds"]))
BASELINE = _style(PALETTE["baseline"])
#: The first two policies look like worlds A and B. The diamond is reserved for human costs.
_ARMS = (*WORLDS, *map(_style, PALETTE["further_arms"]))
_MORE_DASHES = ("5 1.5", "3 5", "10 2 2 2 2 2")


def arm_style(index: int) -> ArmStyle:
    """Return the style of the arm at a position. The baseline has the position -1."""
    if index < 0:
        return BASELINE
    turn, place = divmod(index, len(_ARMS))
    dash = _MORE_DASHES[(turn - 1) % len(_MORE_DASHES)]
    return ArmStyle(_ARMS[place].colour, dash, "circle") if turn else _ARMS[place]


def marker(shape: str, x: float, y: float, size: float, **attrs: object) -> str:
    """Return a small shape centred on a point as an SVG element.

    Args:
        shape: key of a shape in the palette. Any other key draws a circle.
        x, y: centre of the shape.
        size: approximate radius.
        attrs: element attributes, named as in `markup.el`.

    Returns:
        The element.
    """
    if shape not in PALETTE["shapes"]:
        return el("circle", cx=float(x), cy=float(y), r=float(size), **attrs)
    outline = PALETTE["shapes"][shape]
    points = " ".join(f"{x + size * dx:.1f},{y + size * dy:.1f}" for dx, dy in outline)
    return el("polygon", points=points, **attrs)


def css_variables() -> str:
    """Return the colours as CSS variables, such as ``--ink``, ``--a-text`` and ``--b-fill``."""
    values = {name: value for name, value in PALETTE.items() if isinstance(value, str)}
    for letter, world in zip("ab", PALETTE["worlds"], strict=True):
        values[letter] = world["colour"]
        values |= {f"{letter}-{part}": world[part] for part in ("fill", "text", "pale")}
    return f":root {{ {' '.join(f'--{name}: {value};' for name, value in values.items())} }}\n"


def people_per_point(busiest: float, least: float = SIZES["people_per_point"]) -> float:
    """Return how many people per day one point of ribbon width represents.

    Args:
        busiest: people per day on the busiest section of all maps that are compared.
        least: default scale. It is doubled until the widest ribbon fits.
    """
    return least * 2.0 ** max(
        0, math.ceil(math.log2(max(busiest, 1.0) / (least * SIZES["widest"])))
    )
