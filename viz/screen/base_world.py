"""The packaged_world on which all worlds of the screen lie: one for all visitors, for it never changes."""

from __future__ import annotations

from functools import cache
from typing import Any

from abm.world.routes import World, load_world
from viz.screen.naming import localised_payload
from viz.screen.widgets.world import world_payload
from viz.screen.words import Words


@cache
def packaged_world() -> World:
    """Places and legs of the packaged world."""
    return load_world(None)


@cache
def map_payload(language: str) -> dict[str, Any]:
    """What a map needs to know of it, with names in this language; not to be changed."""
    return localised_payload(Words(language), world_payload(packaged_world()))
