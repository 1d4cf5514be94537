"""Where the outcomes of lessons are on the map."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from agents.labels import SECTORS


def sector_at(payload: Mapping[str, Any], sector: str) -> list[float] | None:
    """Return the middle of a sector's crossings on the map.

    Args:
        payload: the world as `viz.screen.widgets.world.world_payload` returns it.
        sector: the sector; "" for an outcome that has no place.

    Returns:
        The point in map units; None without one.
    """
    return payload["sectors"][SECTORS.index(sector)]["at"] if sector else None


def ground(payload: Mapping[str, Any], names: Mapping[str, str]) -> dict[str, Any]:
    """Return land, border, names and the box around the sectors, for a drawing without flows.

    Args:
        payload: the world.
        names: names of countries and seas by key.
    """
    named = [[names.get(key, ""), x, y, sea] for key, x, y, sea in payload["names"]]
    xs, ys = zip(*(one["at"] for one in payload["sectors"] if one["at"]), strict=True)
    core = [min(xs), min(ys), max(xs), max(ys)]
    return {key: payload[key] for key in ("land", "border")} | {"core": core, "names": named}
