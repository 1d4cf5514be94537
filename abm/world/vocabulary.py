"""Allowed values in world files: kinds of places, travel modes, sectors and zones."""

from __future__ import annotations

from enum import IntEnum


class PlaceKind(IntEnum):
    """Codes in `World.kind` for kinds of places."""

    ORIGIN = 0
    SOUTHERN_BORDER = 1
    TRANSIT = 2
    STAGING = 3
    CROSSING = 4
    PORT_OF_ENTRY = 5
    DESTINATION = 6


class Mode(IntEnum):
    """Codes in `World.mode` for travel modes."""

    ROAD = 0
    RAIL = 1
    FOOT = 2


KIND_NAMES: dict[str, PlaceKind] = {
    "origin": PlaceKind.ORIGIN,
    "southern_border": PlaceKind.SOUTHERN_BORDER,
    "transit": PlaceKind.TRANSIT,
    "staging": PlaceKind.STAGING,
    "crossing_between_ports": PlaceKind.CROSSING,
    "port_of_entry": PlaceKind.PORT_OF_ENTRY,
    "destination": PlaceKind.DESTINATION,
}
MODE_NAMES: dict[str, Mode] = {mode.name.lower(): mode for mode in Mode}

# Sector names from west to east, in the same order as agents.labels.SECTORS.
SECTORS: tuple[str, ...] = (
    "San Diego",
    "El Centro",
    "Yuma",
    "Tucson",
    "El Paso",
    "Big Bend",
    "Del Rio",
    "Laredo",
    "Rio Grande Valley",
)
# Mexican zones from south to north.
MX_ZONES: tuple[str, ...] = ("southern_border", "isthmus", "central", "north", "northern_border")

# Corridor and place pairs whose legs are also read in reverse. The listed graph leads north and has
# no cycle. If all Mexican legs were read in both directions, the route choice would diverge.
LATERAL_CORRIDOR = "northern_border"
TWO_WAY_PAIRS: frozenset[frozenset[str]] = frozenset(
    {frozenset({"zacatecas", "saltillo"}), frozenset({"guadalajara", "irapuato"})}
)
