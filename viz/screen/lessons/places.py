"""Where the outcomes of lessons are on the map."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from agents.labels import SECTORS

Point = Sequence[float]
_KINDS = {
    "south": "southern_border",
    "staging": "staging",
    "ports": "port_of_entry",
    "home": "origin",
    "inland": "destination",
}
_WAY = ("Villahermosa", "Tierra Blanca", "Querétaro", "San Luis Potosí", "Culiacán")


def points(payload: Mapping[str, Any], place: str) -> list[Point]:
    """Return the points of the map that represent a place.

    Args:
        payload: the world as `viz.screen.widgets.world.world_payload` returns it.
        place: a name of `viz.screen.lessons.lesson.PLACES`, a sector, or all but a sector.

    Returns:
        At least one point, in map units.
    """
    kind, _, sector = place.partition(":")
    middles: dict[str, Point] = {
        name: one["at"] for name, one in zip(SECTORS, payload["sectors"], strict=True)
    }
    if kind == "sector":
        return [middles[sector]]
    if kind in ("line", "others"):
        return [at for name, at in middles.items() if at and name != sector]
    inside = [one for one in payload["places"] if one["inside"]]
    if kind == "way":
        return [[one["x"], one["y"]] for one in inside if one["name"] in _WAY]
    return [[one["x"], one["y"]] for one in inside if one["kind"] == _KINDS[kind]]


def path(payload: Mapping[str, Any], place: str) -> str:
    """Return the path of a place that is a line; empty for others."""
    return payload["border"] if place == "line" else ""


def ground(payload: Mapping[str, Any], names: Mapping[str, str]) -> dict[str, Any]:
    """Return land, border, names and core of the map, for a drawing without flows.

    Args:
        payload: the world.
        names: names of countries and seas by key.
    """
    named = [[names.get(key, ""), x, y, sea] for key, x, y, sea in payload["names"]]
    return {key: payload[key] for key in ("land", "border", "core")} | {"names": named}
