"""The widget of the forking line of one person."""

from __future__ import annotations

import anywidget
import traitlets

from viz.screen.widgets.script import bundle, style_sheet


class ForkLine(anywidget.AnyWidget):
    """A drawing made for the width of its place, and lists of the same events.

    The browser sets ``width`` and ``chosen``; elements with the attribute ``data-event`` are the
    events that can be selected.
    """

    _esm = bundle("forkline")
    _css = style_sheet("widgets")

    drawing = traitlets.Unicode("", help="The drawing, as SVG.").tag(sync=True)
    lists = traitlets.Unicode("", help="The events as lists, as HTML.").tag(sync=True)
    summary = traitlets.Unicode("", help="Title of the lists.").tag(sync=True)
    width = traitlets.Int(0, help="Width of the place, pixels.").tag(sync=True, echo_update=False)
    chosen = traitlets.List(traitlets.Int(), help="[event, number of selections].").tag(
        sync=True, echo_update=False
    )
