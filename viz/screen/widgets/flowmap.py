"""The map of flows: it draws frames, and reports which frame is drawn and which place selected."""

from __future__ import annotations

import anywidget
import traitlets

from viz.screen.widgets.script import HERE, bundle
from viz.screen.words import Words

WORDS = Words("en").part("map")
"""The English words of the map; a translation has the same keys. `locale` formats numbers."""
SHOW = {"flow": True, "enforcement": True, "organisations": True, "harm": True}
"""The layers; all are shown by default."""
BLUE = "#0072B2"


class FlowMap(anywidget.AnyWidget):
    """Flows, enforcement, organisations and human costs on the route map, frame by frame.

    Set a frame and its number in one ``hold_sync``; the script draws the newest frame and writes
    its number to ``ack``. Keep at most two frames unacknowledged. Of a pair of maps only the one
    that gets its frame last needs ``answers``: the browser draws both together, in the order in
    which their frames arrive. Both maps of a pair need the same ``full``.
    """

    _esm = bundle("flowmap")
    _css = HERE / "widgets.css"

    world = traitlets.Dict(help="Result of `world.world_payload`, sent once.").tag(sync=True)
    frame = traitlets.Bytes(b"", help="One record of `frame_dtype`; empty on day 0.").tag(sync=True)
    serial = traitlets.Int(0, help="Number of the frame.").tag(sync=True)
    ack = traitlets.Int(-1, help="Number of the frame drawn.").tag(sync=True, echo_update=False)
    answers = traitlets.Bool(True, help="Whether the map writes ``ack``.").tag(sync=True)
    full = traitlets.Float(0.0, help="Persons a day at full width.").tag(sync=True)
    colour = traitlets.Unicode(BLUE, help="Accent colour.").tag(sync=True)
    title = traitlets.Unicode("").tag(sync=True)
    show = traitlets.Dict(SHOW, help="Layers to draw.").tag(sync=True)
    selected = traitlets.Int(-1, help="Selected place; -1 for none.").tag(sync=True)
    path = traitlets.List(traitlets.Int(), help="Legs of the followed person.").tag(sync=True)
    at = traitlets.Int(-1, help="Place of the followed person; -1 for none.").tag(sync=True)
    text = traitlets.Unicode("", help="Text alternative of the map.").tag(sync=True)
    words = traitlets.Dict(WORDS, help="Words of the map.").tag(sync=True)
