"""The land on which all worlds of the screen lie: one for all visitors, for it never changes."""

from __future__ import annotations

from functools import cache
from typing import Any

from abm.world.routes import World, load_world
from viz.screen.naming import told_world
from viz.screen.widgets.world import world_payload
from viz.screen.words import Words


@cache
def land() -> World:
    """Places and legs of the packaged world."""
    return load_world(None)


@cache
def on_maps(language: str) -> dict[str, Any]:
    """What a map needs to know of it, with names in this language; not to be changed."""
    return told_world(Words(language), world_payload(land()))
