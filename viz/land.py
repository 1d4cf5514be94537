"""The land on which all worlds of the screen lie: one for all visitors, for it never changes."""

from __future__ import annotations

from functools import cache
from typing import Any

from abm.world.routes import World, load_world
from viz.naming import told_world
from viz.widgets.world import world_payload
from viz.words import Words


@cache
def land() -> World:
    """Places and legs of the packaged world."""
    return load_world(None)


@cache
def on_maps(language: str) -> dict[str, Any]:
    """What a map needs to know of it, with names in this language; not to be changed."""
    return told_world(Words(language), world_payload(land()))
