"""The map of flows as a widget: it draws frames and tells what was drawn and selected."""

from __future__ import annotations

import anywidget
import traitlets

from viz.screen.widgets.script import HERE, bundle

WORDS = {
    "locale": "en",
    "map": "map",
    "name_united_states": "UNITED STATES",
    "name_mexico": "MEXICO",
    "name_pacific_ocean": "Pacific Ocean",
    "name_gulf_of_mexico": "Gulf of Mexico",
    "kind_origin": "origin",
    "kind_southern_border": "at Mexico's southern border",
    "kind_transit": "on the way",
    "kind_staging": "staging city",
    "kind_crossing_between_ports": "crossing between ports",
    "kind_port_of_entry": "port of entry",
    "kind_destination": "destination",
    "mode_road": "by road",
    "mode_rail": "by rail",
    "mode_foot": "on foot",
    "sector_of": "{name} sector",
    "flow": "persons a day",
    "arriving": "arriving a day",
    "leaving": "leaving a day",
    "officers": "Mexican officers",
    "stopped": "stopped by Mexico, 7 days",
    "cells": "cells of smuggling organisations",
    "agents": "Border Patrol agents",
    "caught": "apprehended, 7 days",
    "away": "got away, 7 days",
    "deaths_here": "deaths expected since the start",
    "since_start": "Since the start",
    "deaths": "deaths (expected)",
    "deaths_mexico": "of them in Mexico",
    "kidnapped": "kidnapped",
    "legend": "What the marks mean",
    "legend_stopped": "stopped by Mexico",
    "legend_column": "Border Patrol agents; filled: share apprehended",
    "legend_deaths": "deaths expected since the start",
    "zoom_in": "Zoom in",
    "zoom_out": "Zoom out",
    "zoom_reset": "Show the whole map",
}
"""All words of the map, in English; a translation has the same keys. `locale` writes numbers."""
SHOW = {"flow": True, "enforcement": True, "organisations": True, "harm": True}
"""What is drawn: all of it, unless asked otherwise."""
BLUE, VERMILLION = "#0072B2", "#D55E00"
"""The accents of worlds A and B."""


class FlowMap(anywidget.AnyWidget):
    """Flows, enforcement, organisations and harm on the route map, frame by frame.

    Send a frame and then its number, in one ``hold_sync``; the script draws the newest and writes
    its number to ``ack``. Keep at most two frames unanswered. Of a pair only the map that gets its
    frame last need answer: a page draws both in the same picture, in the order in which they came.
    ``full`` is the flow (persons a day) at full width: give both maps of a pair the same.
    """

    _esm = bundle("flowmap")
    _css = HERE / "widgets.css"

    world = traitlets.Dict(help="`viz.screen.widgets.world.world_payload`, sent once.").tag(
        sync=True
    )
    frame = traitlets.Bytes(b"", help="One record of `frame_dtype`; empty on day 0.").tag(sync=True)
    serial = traitlets.Int(0, help="Number of the frame sent.").tag(sync=True)
    ack = traitlets.Int(-1, help="Number of the frame drawn.").tag(sync=True, echo_update=False)
    answers = traitlets.Bool(True, help="Whether it writes ``ack``.").tag(sync=True)
    full = traitlets.Float(0.0, help="Persons a day at full width.").tag(sync=True)
    colour = traitlets.Unicode(BLUE, help="Accent.").tag(sync=True)
    title = traitlets.Unicode("").tag(sync=True)
    show = traitlets.Dict(SHOW, help="What is drawn.").tag(sync=True)
    selected = traitlets.Int(-1, help="Place that is selected, -1: none.").tag(sync=True)
    path = traitlets.List(traitlets.Int(), help="Legs of a followed person.").tag(sync=True)
    at = traitlets.Int(-1, help="Place of the followed person, -1: none.").tag(sync=True)
    text = traitlets.Unicode("", help="The map in words.").tag(sync=True)
    words = traitlets.Dict(WORDS, help="Words of the map.").tag(sync=True)
