"""The time line of a run: the current day, dated policies, and the day that the user selects."""

from __future__ import annotations

import anywidget
import traitlets

from viz.screen.widgets.script import HERE, bundle


class Scrub(anywidget.AnyWidget):
    """A line of days with a mark for each date of a policy, and the current day as text.

    ``asked`` is the day that the user selected and a counter of selections. Only the user changes
    it, so that updates of ``day`` by a run do not move the run.
    """

    _esm = bundle("scrub")
    _css = HERE / "widgets.css"

    day = traitlets.Int(0, help="Current day; 0 is before the first.").tag(sync=True)
    days = traitlets.Int(365, help="Days of the line.").tag(sync=True)
    told = traitlets.List(["", ""], help="Texts: the day, and the rest.").tag(sync=True)
    marks = traitlets.List(help="[day, text] of dated events, as for charts.").tag(sync=True)
    ready = traitlets.Bool(False, help="Whether a day can be selected.").tag(sync=True)
    label = traitlets.Unicode("", help="Accessible name of the line.").tag(sync=True)
    asked = traitlets.List(help="[day, number of selections].").tag(sync=True, echo_update=False)
