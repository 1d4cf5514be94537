"""The chart of a daily figure of worlds A and B, which grows as they run."""

from __future__ import annotations

import anywidget
import traitlets

from viz.screen.widgets.script import HERE, bundle
from viz.screen.words import Words

WORDS = Words("en").part("chart")
"""The English words of the chart; a translation has the same keys."""


class LiveChart(anywidget.AnyWidget):
    """Daily figures of A (solid) and B (dashed), with bands over other runs if there are any.

    ``a`` and ``b`` are float32, little-endian, one value per day from ``start`` on. A band holds
    all low values and then all high ones. ``day`` counts from 1 like frames; the cursor marks the
    value of that day. ``marks`` are pairs of the index of a day (0 is the start) and a text.
    """

    _esm = bundle("chart")
    _css = HERE / "widgets.css"

    title = traitlets.Unicode("").tag(sync=True)
    unit = traitlets.Unicode("").tag(sync=True)
    start = traitlets.Unicode("2012-10-01", help="First day, in ISO form.").tag(sync=True)
    days = traitlets.Int(365, help="Days of the axis.").tag(sync=True)
    a = traitlets.Bytes(b"").tag(sync=True)
    b = traitlets.Bytes(b"").tag(sync=True)
    band_a = traitlets.Bytes(b"").tag(sync=True)
    band_b = traitlets.Bytes(b"").tag(sync=True)
    day = traitlets.Int(0, help="Day of the cursor.").tag(sync=True)
    marks = traitlets.List(help="[day, text] of dated events.").tag(sync=True)
    names = traitlets.List(["A", "B"], help="Names at the ends of the lines.").tag(sync=True)
    text = traitlets.Unicode("", help="Text alternative of the chart.").tag(sync=True)
    words = traitlets.Dict(WORDS, help="Words of the chart.").tag(sync=True)
