"""The chart of days as a widget: one figure of worlds A and B, growing as they run."""

from __future__ import annotations

import anywidget
import traitlets

from viz.screen.widgets.script import HERE, bundle

WORDS = {
    "locale": "en",
    "chart": "chart",
    "difference": "B minus A",
    "range": "{low} to {high}",
}
"""All words of the chart, in English; a translation has the same keys."""


class LiveChart(anywidget.AnyWidget):
    """Daily figures of A (solid) and B (dashed) with bands over other runs, if there are any.

    ``a`` and ``b``: float32, little-endian, one value a day so far, the first on ``start``. Bands
    hold all low values and then all high ones. ``day`` counts from 1, as frames do: the cursor
    stands on the value of that day. ``marks``: index of a day (0 is the start) and a text.
    """

    _esm = bundle("chart")
    _css = HERE / "widgets.css"

    title = traitlets.Unicode("").tag(sync=True)
    unit = traitlets.Unicode("").tag(sync=True)
    start = traitlets.Unicode("2012-10-01", help="First day, in ISO form.").tag(sync=True)
    days = traitlets.Int(365, help="Days along the axis.").tag(sync=True)
    a = traitlets.Bytes(b"").tag(sync=True)
    b = traitlets.Bytes(b"").tag(sync=True)
    band_a = traitlets.Bytes(b"").tag(sync=True)
    band_b = traitlets.Bytes(b"").tag(sync=True)
    day = traitlets.Int(0, help="Day on which the cursor stands.").tag(sync=True)
    marks = traitlets.List(help="[day, text] of what is dated.").tag(sync=True)
    names = traitlets.List(["A", "B"], help="Names at the ends of the lines.").tag(sync=True)
    text = traitlets.Unicode("", help="The chart in words.").tag(sync=True)
    words = traitlets.Dict(WORDS, help="Words of the chart.").tag(sync=True)
