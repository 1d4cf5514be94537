"""The packaged world and its map payload, shared by all visitors."""

from __future__ import annotations

from functools import cache
from typing import Any

from abm.world.routes import World, load_world
from viz.screen.naming import localised_payload
from viz.screen.widgets.world import world_payload
from viz.screen.words import Words


@cache
def packaged_world() -> World:
    """Return the places and legs of the packaged world."""
    return load_world(None)


@cache
def map_payload(language: str) -> dict[str, Any]:
    """Return the world as a map widget takes it, with names in a language; do not change it."""
    return localised_payload(Words(language), world_payload(packaged_world()))
