"""The time line of a run as a widget: the day that is shown, what is dated, and where to go."""

from __future__ import annotations

import anywidget
import traitlets

from viz.screen.widgets.script import HERE, bundle


class Scrub(anywidget.AnyWidget):
    """A line of days with a mark where something begins or ends, and the day in words.

    ``asked``: the day to which somebody went, and how often one did so far; nothing else moves it,
    so that a run is never moved by what it tells itself.
    """

    _esm = bundle("scrub")
    _css = HERE / "widgets.css"

    day = traitlets.Int(0, help="Day that is shown; 0 is the morning of the first.").tag(sync=True)
    days = traitlets.Int(365, help="Days along the line.").tag(sync=True)
    told = traitlets.List(["", ""], help="The day, and the rest of the line.").tag(sync=True)
    marks = traitlets.List(help="[day, text] of what is dated, as of charts.").tag(sync=True)
    ready = traitlets.Bool(False, help="Whether one can go anywhere yet.").tag(sync=True)
    label = traitlets.Unicode("", help="What the line is, for those who hear it.").tag(sync=True)
    asked = traitlets.List(help="[day, how often].").tag(sync=True, echo_update=False)
