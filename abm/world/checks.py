"""Columns in `nodes.csv` and `edges.csv` with cell readers and ranges, and row checks."""

from __future__ import annotations

import difflib
import math
from collections.abc import Iterable, Mapping
from typing import Any

from abm.world.tables import (
    Cell,
    Columns,
    RowCheck,
    RowProblem,
    country,
    number,
    one_of,
    optional,
    read_columns,
    slug,
    whole_number,
    words,
)
from abm.world.vocabulary import KIND_NAMES, MODE_NAMES, MX_ZONES, SECTORS

_FLAG = whole_number(0, 1, "0 or 1")
_TINY = 1e-9  # a leg of length or time 0 would be a free detour
_ID = whole_number(0, 2**53, "a GeoNames number or a blank cell")

NODE_COLUMNS: dict[str, Cell] = {
    "id": slug,
    "name": words,
    "country": country,
    "admin": words,
    "lat": number(-90, 90, "degrees north between -90 and 90"),
    "lon": number(-180, 180, "degrees east between -180 and 180"),
    "kind": one_of(KIND_NAMES, "kind of place"),
    "population": optional(number(0, 1e10, "persons, 0 or more, or a blank cell"), math.nan),
    "remoteness": whole_number(0, 10, "a whole number from 0 (city) to 10"),
    "terrain": slug,
    "usbp_sector": optional(one_of(SECTORS, "Border Patrol sector"), ""),
    "mx_origin_region": _FLAG,
    "rail_hub": _FLAG,
    "zone": slug,
    "geonameid": optional(_ID, -1),
    "coord_source": words,
}
EDGE_COLUMNS: dict[str, Cell] = {
    "source": slug,
    "target": slug,
    "mode": one_of(MODE_NAMES, "mode of travel"),
    "corridor": slug,
    "great_circle_km": number(_TINY, 20_100, "kilometres above 0, at most 20,100"),
    "factor": number(1, 10, "road km per straight km, from 1 to 10"),
    "distance_km": number(_TINY, 100_000, "kilometres above 0, at most 100,000"),
    "travel_days": number(_TINY, 1_000, "days above 0, at most 1,000"),
    "hazard_class": whole_number(1, 5, "a whole number from 1 to 5"),
    "crosses_country_border": _FLAG,
    "us_checkpoint_belt": _FLAG,
    "mx_zone": optional(one_of(MX_ZONES, "Mexican zone"), ""),
    "basis": words,
}
_MAX_CORRIDORS = 127  # stored as int8
_AT_THE_LINE = ("crossing_between_ports", "port_of_entry")


def read_nodes(content: bytes) -> Columns:
    """Return the checked columns of `nodes.csv`. Raise WorldError for the first invalid cell."""
    nodes = read_columns("nodes.csv", content, NODE_COLUMNS, _node_check())
    for kind in ("origin", "crossing_between_ports", "destination"):
        if kind not in nodes["kind"] and not (kind == "origin" and any(nodes["mx_origin_region"])):
            reason = f"no place of kind {kind}: expected at least one"
            raise nodes.error(len(nodes) - 1, "kind", reason)
    return nodes


def read_edges(content: bytes, nodes: Columns) -> Columns:
    """Return the checked columns of `edges.csv`.

    Args:
        content: bytes of the file.
        nodes: columns in `nodes.csv`.

    Returns:
        The columns, with one row per listed leg.

    Raises:
        WorldError: a cell is invalid or names an unknown place. The error refers to the first such
            cell.
    """
    return read_columns("edges.csv", content, EDGE_COLUMNS, _edge_check(nodes))


def near(name: str, allowed: Iterable[str]) -> str:
    """Return an ending for an error message that suggests the right spelling of a name.

    Args:
        name: the unknown name.
        allowed: the allowed names.

    Returns:
        A text such as `; did you mean a or b?`, or "" if no allowed name is similar.
    """
    close = difflib.get_close_matches(name, list(allowed), n=2)
    return f"; did you mean {' or '.join(close)}?" if close else ""


def _node_check() -> RowCheck:
    """Return a row check for `nodes.csv`: unique ids, sectors at the line, Mexican origins."""
    ids: set[str] = set()

    def check(row: Mapping[str, Any]) -> None:
        if row["id"] in ids:
            raise RowProblem("id", f"duplicate place {row['id']!r}: expected one row per place")
        ids.add(row["id"])
        if row["kind"] in _AT_THE_LINE and not row["usbp_sector"]:
            reason = f"blank cell: expected the sector of a {row['kind']}, such as {SECTORS[0]}"
            raise RowProblem("usbp_sector", reason)
        if row["mx_origin_region"] and row["country"] != "MX":
            reason = f"invalid flag 1 for a place in {row['country']}: expected 0"
            raise RowProblem("mx_origin_region", reason)

    return check


def _edge_check(nodes: Columns) -> RowCheck:
    """Return a row check for `edges.csv`: known places, unique legs, corridors, countries."""
    countries: dict[str, str] = dict(zip(nodes["id"], nodes["country"], strict=True))
    legs: set[tuple[str, str, str]] = set()
    corridors: set[str] = set()

    def check(row: Mapping[str, Any]) -> None:
        _check_ends(row, countries)
        key = (row["source"], row["target"], row["mode"])
        if key in legs:
            reason = f"duplicate leg {key[0]} to {key[1]} by {key[2]}: expected one row"
            raise RowProblem("mode", reason)
        legs.add(key)
        corridors.add(row["corridor"])
        if len(corridors) > _MAX_CORRIDORS:
            reason = f"corridor number {len(corridors)}: expected at most {_MAX_CORRIDORS}"
            raise RowProblem("corridor", reason)
        _check_jurisdiction(row, countries)

    return check


def _check_ends(row: Mapping[str, Any], places: Mapping[str, str]) -> None:
    for column in ("source", "target"):
        if row[column] not in places:
            reason = f"unknown place {row[column]!r} (not in nodes.csv){near(row[column], places)}"
            raise RowProblem(column, reason)
    if row["source"] == row["target"]:
        reason = f"target {row['target']!r} equals the source: expected another place"
        raise RowProblem("target", reason)


def _check_jurisdiction(row: Mapping[str, Any], countries: Mapping[str, str]) -> None:
    ends = (countries[row["source"]], countries[row["target"]])
    if (ends[0] != ends[1]) != bool(row["crosses_country_border"]):
        expected = int(ends[0] != ends[1])
        reason = f"invalid flag for a leg from {ends[0]} to {ends[1]}: expected {expected}"
        raise RowProblem("crosses_country_border", reason)
    # Interdiction in Mexico is calibrated by zone, so every leg from a Mexican place needs a zone.
    if ends[0] == "MX" and not row["mx_zone"]:
        reason = f"blank cell on a leg from a Mexican place: expected one of {', '.join(MX_ZONES)}"
        raise RowProblem("mx_zone", reason)
