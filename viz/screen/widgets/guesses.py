"""The widget on which the outcomes of a lesson are predicted."""

from __future__ import annotations

import anywidget
import traitlets

from viz.screen.widgets.script import bundle


class Guesses(anywidget.AnyWidget):
    """Columns on one axis, each with a guess and later a result, and the map of their places.

    A column is a dict: key, label, against (the worlds that are compared), question; asked, locked,
    guess (None before the visitor answers), sure, near (0 for a direction), same, zones (names of
    fewer, same, more), in_points (whether the unit is points); result (None, or median, low, high,
    text, tone), right; badges (numbers of claims in the text), at (a point of the map, or None).
    """

    _esm = bundle("guesses")

    columns = traitlets.List(help="Columns from left to right.").tag(sync=True)
    axis = traitlets.List([-60, 60], help="Bounds of the axis, percent.").tag(sync=True)
    ground = traitlets.Dict(help="Land, border, names and core of the map.").tag(sync=True)
    deepest = traitlets.Int(300, help="Height of the map, pixels.").tag(sync=True)
    phase = traitlets.Unicode("guess", help="guess, run or result.").tag(sync=True)
    texts = traitlets.Dict(help="Texts of the drawing.").tag(sync=True)
    moved = traitlets.List(
        help="Number of changes; key, guess and confidence of each changed column."
    ).tag(sync=True, echo_update=False)
