"""What `nodes.csv` and `edges.csv` must hold: each column once, with its reader and its range."""

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
    whole,
    words,
)
from abm.world.vocabulary import KIND_NAMES, MODE_NAMES, MX_ZONES, SECTORS

_FLAG = whole(0, 1, "0 or 1")
_TINY = 1e-9  # a leg of no length or no time would make a detour free
_ID = whole(0, 2**53, "a GeoNames number or nothing")

NODE_COLUMNS: dict[str, Cell] = {
    "id": slug,
    "name": words,
    "country": country,
    "admin": words,
    "lat": number(-90, 90, "degrees north between -90 and 90"),
    "lon": number(-180, 180, "degrees east between -180 and 180"),
    "kind": one_of(KIND_NAMES, "kind of place"),
    "population": optional(number(0, 1e10, "persons, 0 or more, or nothing"), math.nan),
    "remoteness": whole(0, 10, "a whole number from 0 (city) to 10"),
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
    "hazard_class": whole(1, 5, "a whole number from 1 to 5"),
    "crosses_country_border": _FLAG,
    "us_checkpoint_belt": _FLAG,
    "mx_zone": optional(one_of(MX_ZONES, "Mexican zone"), ""),
    "basis": words,
}
_MAX_CORRIDORS = 127  # stored as int8
_AT_THE_LINE = ("crossing_between_ports", "port_of_entry")


def read_nodes(content: bytes) -> Columns:
    """Return the places of `nodes.csv`; WorldError about the first broken cell."""
    nodes = read_columns("nodes.csv", content, NODE_COLUMNS, _node_check())
    for kind in ("origin", "crossing_between_ports", "destination"):
        if kind not in nodes["kind"] and not (kind == "origin" and any(nodes["mx_origin_region"])):
            raise nodes.error(len(nodes) - 1, "kind", f"the file ends without any {kind}")
    return nodes


def read_edges(content: bytes, nodes: Columns) -> Columns:
    """Return the legs of `edges.csv`; WorldError about the first broken cell or loose end."""
    return read_columns("edges.csv", content, EDGE_COLUMNS, _edge_check(nodes))


def near(name: str, known: Iterable[str]) -> str:
    """Return `; did you mean a or b?` for a misspelt name, or nothing."""
    close = difflib.get_close_matches(name, list(known), n=2)
    return f"; did you mean {' or '.join(close)}?" if close else ""


def _node_check() -> RowCheck:
    seen: set[str] = set()

    def check(row: Mapping[str, Any]) -> None:
        if row["id"] in seen:
            raise RowProblem("id", f"{row['id']!r} is listed twice; each place once")
        seen.add(row["id"])
        if row["kind"] in _AT_THE_LINE and not row["usbp_sector"]:
            reason = f"is blank; a {row['kind']} belongs to a sector, such as {SECTORS[0]}"
            raise RowProblem("usbp_sector", reason)
        if row["mx_origin_region"] and row["country"] != "MX":
            raise RowProblem("mx_origin_region", f"is 1 for a place in {row['country']}; give 0")

    return check


def _edge_check(nodes: Columns) -> RowCheck:
    countries: dict[str, str] = dict(zip(nodes["id"], nodes["country"], strict=True))
    seen: set[tuple[str, str, str]] = set()
    corridors: set[str] = set()

    def check(row: Mapping[str, Any]) -> None:
        _check_ends(row, countries)
        key = (row["source"], row["target"], row["mode"])
        if key in seen:
            raise RowProblem("mode", f"{key[0]} to {key[1]} by {key[2]} is listed twice")
        seen.add(key)
        corridors.add(row["corridor"])
        if len(corridors) > _MAX_CORRIDORS:
            raise RowProblem("corridor", f"is corridor number {len(corridors)}; at most 127")
        _check_jurisdiction(row, countries)

    return check


def _check_ends(row: Mapping[str, Any], places: Mapping[str, str]) -> None:
    for column in ("source", "target"):
        if row[column] not in places:
            reason = f"{row[column]!r} is no place of nodes.csv{near(row[column], places)}"
            raise RowProblem(column, reason)
    if row["source"] == row["target"]:
        raise RowProblem("target", f"{row['target']!r} is also the source; a leg needs two places")


def _check_jurisdiction(row: Mapping[str, Any], countries: Mapping[str, str]) -> None:
    ends = (countries[row["source"]], countries[row["target"]])
    if (ends[0] != ends[1]) != bool(row["crosses_country_border"]):
        wanted = int(ends[0] != ends[1])
        reason = f"the leg goes from {ends[0]} to {ends[1]}; give {wanted}"
        raise RowProblem("crosses_country_border", reason)
    # Mexican interdiction is calibrated by zone: a Mexican leg without one could not be policed.
    if ends[0] == "MX" and not row["mx_zone"]:
        reason = f"is blank; a leg out of a Mexican place needs one of {', '.join(MX_ZONES)}"
        raise RowProblem("mx_zone", reason)
