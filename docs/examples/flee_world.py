"""Convert a conflict of the Flee data set to a world of Two Borders.

Usage: ``python docs/examples/flee_world.py SOURCE FOLDER``. SOURCE is a folder of
``conflict_input`` in Flee (https://github.com/djgroen/flee), FOLDER receives ``nodes.csv``,
``edges.csv`` and ``world.toml``. ``python -m benchmarks.conflicts`` simulates the conflicts with
the people registered and the legs that :meth:`Conflict.closed` closes on each day.

A place of conflict becomes an origin, and any other place except a camp becomes a place of
transit. A camp becomes two places at the same position: a border crossing and, behind it, a
destination. A route becomes a leg in each direction, but a leg from a forwarding hub leads only to
places nearer to a camp. A route between two camps leads from the crossing of one camp to the other
camp, because journeys end at a destination. A file with an error is refused, with the row, the
column and the expected value.
"""

from __future__ import annotations

import datetime
import sys
from collections.abc import Callable, Hashable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NamedTuple

import networkx as nx
import numpy as np
import pandas as pd

from abm.world.checks import EDGE_COLUMNS, NODE_COLUMNS
from abm.world.errors import WorldError
from abm.world.tables import Cell, decode, number, one_of, optional, read_bytes, read_records, words
from abm.world.tables import whole_number as whole
from abm.world.vocabulary import SECTORS
from agents.param import did_you_mean

KM_PER_DAY = 360.0  # max_move_speed in Flee
STAY_DAYS = 1 / 0.3 - 1  # stay in a town, which people leave with a chance of 0.3 a day in Flee
CAMP_KM = 1.0  # [A] distance from a crossing to its camp
GATE = "border_"  # prefix of a crossing's id
_COUNTRIES = (
    "Mali:ML Mauritania:MR Burkina_Faso:BF Niger:NE CAR:CF Chad:TD Cameroon:CM DRC:CD RC:CG "
    "Burundi:BI Tanzania:TZ Rwanda:RW Uganda:UG South_Sudan:SS Sudan:SD Ethiopia:ET Kenya:KE "
    "Eritrea:ER Djibouti:DJ Syria:SY Iraq:IQ Jordan:JO Lebanon:LB Turkey:TR"
)
CODES = {country[:-3]: country[-2:] for country in _COUNTRIES.split()}
_SPELLINGS = {"lat": "latitude", "lon": "longitude"}
_KINDS = ("conflict_zone", "town", "forwarding_hub", "camp")
_CLOSURES = ("country", "location", "link", "remove_forced_redirection")
_DAY, _LEVEL = whole(0, 10_000, "a day since the start"), number(0, 1e6, "intensity of conflict")
_PLACE: dict[str, Cell] = {
    "name": words,
    "country": one_of(CODES, "country"),
    "region": optional(words, "unknown"),
    "latitude": number(-90, 90, "degrees north"),
    "longitude": number(-180, 180, "degrees east"),
    "location_type": one_of(_KINDS, "type of place"),
    "population": optional(whole(0, 10**9, "persons"), 0),
}


class Leg(NamedTuple):
    """A leg of the world: ids of both ends, names of both places, and length in km."""

    source: str
    target: str
    start: str
    end: str
    km: float


class Row(dict[str, Any]):
    """Values of a row by column, with the file and the row number for error messages."""

    file, number = "", 0

    def error(self, column: str, reason: str) -> WorldError:
        """Return the error for a column of this row."""
        return WorldError(self.file, self.number, column, reason)

    def read(self, column: str, reader: Cell) -> Any:
        """Replace the text of a cell by its value; return the value."""
        text = self[column]
        try:
            self[column] = reader(text)
        except ValueError as error:
            point = "; decimals have a point, no comma" if "," in text else ""
            raise self.error(column, f"{error}{point}") from None
        return self[column]


@dataclass(frozen=True)
class Conflict:
    """The files of one conflict.

    Attributes:
        first, days: first day and number of days.
        places, left_out: connected places by name, and names of places without a route between a
            place of conflict and a camp.
        level: intensity of the conflict by place, shape (days,), for places that have one.
        legs, closures: legs of the world, and rows of `closures.csv`.
    """

    first: datetime.date
    days: int
    places: dict[str, Row]
    left_out: list[str]
    level: dict[str, np.ndarray]
    legs: list[Leg]
    closures: list[Row]

    @property
    def camps(self) -> list[str]:
        """Names of the camps."""
        return [name for name, place in self.places.items() if place["location_type"] == "camp"]

    def is_zone(self, name: str) -> bool:
        """Return whether a place has a conflict on at least half of the days."""
        return name in self.level and bool((self.level[name] > 0).mean() >= 0.5)

    def closed(self, day: int, full: Iterable[str] = ()) -> set[tuple[str, str]]:
        """Return the ends of the legs that are closed on a day, including legs to full camps."""
        legs = [leg for leg in self.legs if leg.end in full]
        for row in self.closures:
            last = row["closure_end"] if row["closure_end"] >= 0 else self.days
            if row["closure_start"] <= day < last:
                legs += [leg for leg in self.legs if self._meets(row, leg)]
        # People at the border before a camp can still enter it.
        return {(min(leg[:2]), max(leg[:2])) for leg in legs if leg.start != leg.end}

    def _meets(self, row: Row, leg: Leg) -> bool:
        """Return whether a row of closures applies to a leg."""
        ends, names = {leg.start, leg.end}, {row["name1"], row["name2"]}
        if row["closure_type"] == "location":
            return row["name1"] in ends
        countries = {self.places[name]["country"] for name in ends}
        return names == {"country": countries, "link": ends}.get(row["closure_type"], set())


def read_rows(
    path: Path, schema: Mapping[str, Cell], key: Callable[[Row], Hashable], heads: bool = True
) -> list[Row]:
    """Read the rows of a file, except comments, which begin with #.

    Args:
        path: the file.
        schema: readers of columns. Cells of other columns stay text.
        key: returns what no two rows have in common.
        heads: whether the first row names the columns. Without it, one that says Date is skipped.

    Raises:
        WorldError: for the first invalid cell, with file, row and column.
    """
    file, columns, rows = path.name, [*schema], dict[Hashable, Row]()
    records = list(read_records(file, decode(file, read_bytes(path))))
    if heads:
        names = [name.strip('#" ') for name in (records.pop(0)[1] if records else ())]
        columns = [_SPELLINGS.get(name, name) for name in names]
    for name in (*schema, *filter(None, columns)):
        if (n := columns.count(name)) != 1:
            reason = (
                f"{n} columns of this name: expected 1. {did_you_mean(name, {*columns} - {name})}"
            )
            raise WorldError(file, 1, name, reason.rstrip())
    for i, cells in records:
        if cells[0].startswith("#" if heads else ("#", "Date")):
            continue
        row = Row(zip(columns, cells + [""] * len(columns), strict=False))
        row.file, row.number = file, i
        if any(cells[len(columns) :]):
            reason = f"{len(cells)} cells: expected {len(columns)}; decimals have a point, no comma"
            raise row.error(columns[-1], reason)
        for column, reader in schema.items():
            row.read(column, reader)
        if (first := rows.setdefault(key(row), row)) is not row:
            raise row.error(columns[0], f"the same as row {first.number}: remove one of them")
    return [*rows.values()]


def read_date(text: str) -> datetime.date:
    """Return a date, or raise ValueError."""
    try:
        return datetime.date.fromisoformat(text)
    except ValueError:
        raise ValueError(f"invalid date {text[:40]!r}: expected one such as 2012-02-29") from None


def read_conflict(source: Path) -> Conflict:
    """Read a folder of `conflict_input`.

    Args:
        source: folder with `locations.csv`, `routes.csv`, `closures.csv`, `conflicts.csv` and
            `sim_period.csv`.

    Raises:
        WorldError: for the first invalid cell, with file, row and column.
    """
    lines = {"key": one_of(("StartDate", "Length"), "key"), "value": words}
    period = read_rows(source / "sim_period.csv", lines, lambda row: row["key"], heads=False)
    if [row["key"] for row in period] != ["StartDate", "Length"]:
        raise WorldError("sim_period.csv", reason="expected the rows StartDate and Length")
    first = period[0].read("value", read_date)
    days = period[1].read("value", whole(1, 10_000, "days"))
    rows = read_rows(source / "locations.csv", _PLACE, lambda row: _id(row["name"]))
    if not (places := {row["name"]: row for row in rows}):
        raise WorldError("locations.csv", reason="no rows: expected at least one place")
    roads = _roads(source / "routes.csv", places)
    level = _levels(source / "conflicts.csv", places, days)
    camps = {name for name, place in places.items() if place["location_type"] == "camp"}
    parts = [p for p in nx.connected_components(roads) if p & level.keys() and p & camps]
    if not parts:
        raise WorldError("routes.csv", reason="no route from a place of conflict to a camp")
    roads = roads.subgraph(set().union(*parts))
    closures = _closures(source / "closures.csv", places)
    left_out = [name for name in places if name not in roads]
    places = {name: place for name, place in places.items() if name in roads}
    level = {name: value for name, value in level.items() if name in roads}
    return Conflict(first, days, places, left_out, level, _legs(places, roads), closures)


def _roads(path: Path, places: Mapping[str, Row]) -> nx.Graph:
    """Return the routes, weighted by kilometres."""
    place, km = one_of(places, "place"), number(0.1, 20_000, "kilometres")
    schema = {"name1": place, "name2": place, "distance": km}
    schema |= {"forced_redirection": optional(whole(0, 2, "0, 1 or 2"), 0)}
    roads = nx.Graph()
    for row in read_rows(path, schema, lambda row: frozenset((row["name1"], row["name2"]))):
        if row["name1"] == row["name2"]:
            raise row.error("name2", "the same as name1: expected another place")
        roads.add_edge(row["name1"], row["name2"], weight=row["distance"])
    return roads


def _closures(path: Path, places: Mapping[str, Row]) -> list[Row]:
    """Return the closures, whose names are countries or places."""
    schema = {"closure_type": one_of(_CLOSURES, "closure"), "name1": words, "name2": words}
    schema |= {"closure_start": _DAY, "closure_end": whole(-1, 10_000, "a day, or -1 for the end")}
    rows = read_rows(path, schema, lambda row: tuple(row.values()))
    countries = one_of({place["country"]: place for place in places.values()}, "country")
    for row in rows:
        kind, start, end = row["closure_type"], row["closure_start"], row["closure_end"]
        name = countries if kind == "country" else one_of(places, "place")
        row.read("name1", name)
        if kind != "location":
            row.read("name2", name)
        if 0 <= end <= start and kind != "remove_forced_redirection":
            raise row.error("closure_end", f"{end}: expected a day after day {start}, or -1")
    return rows


def _levels(path: Path, places: Mapping[str, Row], days: int) -> dict[str, np.ndarray]:
    """Return the intensity of the conflict by place, shape (days,), for places with a conflict."""
    zones = (name for name, place in places.items() if place["location_type"] == "conflict_zone")
    rows = read_rows(path, {"Day": _DAY} | dict.fromkeys(zones, str), lambda row: row["Day"])
    for day, row in enumerate(rows):
        if row["Day"] != day:
            raise row.error("Day", f"{row['Day']}: expected {day}, the day after the row above")
        for name in [name for name in row if name not in ("", "Day")]:
            if row.read(name, _LEVEL) and name not in places:
                raise row.error(
                    name, f"not in locations.csv: correct it. {did_you_mean(name, places)}"
                )
    if len(rows) < days:
        raise WorldError(path.name, reason=f"{len(rows)} days: expected at least {days}")
    level = {name: np.array([row.get(name, 0.0) for row in rows[:days]]) for name in places}
    return {name: value for name, value in level.items() if value.any()}


def _legs(places: Mapping[str, Row], roads: nx.Graph) -> list[Leg]:
    """Return the legs of the world."""
    camps = [name for name, place in places.items() if place["location_type"] == "camp"]
    entered = [name for name in camps if {*roads[name]} - {*camps}]
    to_camp = nx.multi_source_dijkstra_path_length(roads, set(camps))
    legs = [Leg(_id(name, GATE), _id(name), name, name, CAMP_KM) for name in entered]
    for start, end, km in roads.to_directed().edges(data="weight"):
        if places[start]["location_type"] == "forwarding_hub" and to_camp[end] >= to_camp[start]:
            continue
        if start not in camps:
            legs.append(Leg(_id(start), _id(end, GATE * (end in camps)), start, end, km))
        elif end in camps and start in entered:
            legs.append(Leg(_id(start, GATE), _id(end), start, end, km))
    return legs


def _id(name: str, before: str = "") -> str:
    """Return the id of a place, or of the crossing before a camp."""
    return before + name.lower().replace("-", "_").replace(" ", "_")


def convert(source: Path, folder: Path) -> Conflict:
    """Write the world of one conflict, as :func:`read_conflict` returns it.

    Args:
        source: folder of the conflict; its `world.toml`, if there is one, is copied.
        folder: folder of the world; it is created.
    """
    conflict = read_conflict(source)
    folder.mkdir(parents=True, exist_ok=True)
    nodes, edges = ([*columns] for columns in (NODE_COLUMNS, EDGE_COLUMNS))
    pd.DataFrame(_nodes(conflict), columns=nodes).to_csv(folder / "nodes.csv", index=False)
    pd.DataFrame(_edges(conflict), columns=edges).to_csv(folder / "edges.csv", index=False)
    own = source / "world.toml"
    declared = own.read_bytes() if own.exists() else _declaration(conflict, source.name).encode()
    (folder / "world.toml").write_bytes(declared)
    return conflict


def _abroad(conflict: Conflict) -> dict[str, str]:
    """Return the sector of each country that has camps."""
    countries = dict.fromkeys(conflict.places[name]["country"] for name in conflict.camps)
    return dict(zip(countries, SECTORS, strict=False))


def _declaration(conflict: Conflict, name: str) -> str:
    """Return the text of `world.toml`."""
    home = conflict.places[next(iter(conflict.level))]["country"].replace("_", " ")
    tables = {
        "world": {"name": f"{home} ({name})", "source": "Flee (github.com/djgroen/flee), BSD-3"},
        "names": {"transit": home, "destination": "the camps", "agency": "border guards"},
        "groups": {"mexican": "other people (none)", "northern_triangle": f"people of {home}"},
        "sectors": {_id(s): f"Camps in {country}" for country, s in _abroad(conflict).items()},
    }
    lines = [[f"[{t}]", *(f'{k} = "{v}"' for k, v in rows.items())] for t, rows in tables.items()]
    return "\n".join([line for table in lines for line in table]) + "\n"


def _nodes(conflict: Conflict) -> Iterator[dict[str, Any]]:
    """Yield the rows of `nodes.csv`: places, and crossings before camps with other neighbours."""
    fixed = {"remoteness": 0, "terrain": "unknown", "mx_origin_region": 0, "rail_hub": 0}
    fixed |= {"zone": "none", "geonameid": "", "coord_source": "Flee, locations.csv"}
    entered = {leg.start for leg in conflict.legs if leg.start == leg.end}
    for name, place in conflict.places.items():
        node = fixed | {"id": _id(name), "name": name, "country": CODES[place["country"]]}
        node |= {"lat": place["latitude"], "lon": place["longitude"], "admin": place["region"]}
        kind = "origin" if name in conflict.level else "transit"
        kind = "destination" if place["location_type"] == "camp" else kind
        yield node | {"kind": kind, "population": place["population"]}
        if name in entered:
            node |= {"id": _id(name, GATE), "name": f"Border before {name}"}
            sector = _abroad(conflict)[place["country"]]
            yield node | {"kind": "crossing_between_ports", "usbp_sector": sector}


def _edges(conflict: Conflict) -> Iterator[dict[str, Any]]:
    """Yield the rows of `edges.csv`."""
    for leg in conflict.legs:
        start, end = ends = conflict.places[leg.start], conflict.places[leg.end]
        lat, lon = np.radians([[place[key] for place in ends] for key in ("latitude", "longitude")])
        cosine = np.sin(lat).prod() + np.cos(lat).prod() * np.cos(lon[0] - lon[1])
        straight = min(leg.km, max(0.1, 6371.0 * float(np.arccos(min(1.0, cosine)))))
        is_town = start["location_type"] in _KINDS[:2] and not conflict.is_zone(leg.start)
        edge = {"source": leg.source, "target": leg.target, "mode": "road", "hazard_class": 1}
        edge |= {"distance_km": leg.km, "great_circle_km": f"{straight:.1f}"}
        edge |= {"basis": "Flee, routes.csv", "factor": f"{min(10.0, leg.km / straight):.3f}"}
        edge["travel_days"] = f"{leg.km / KM_PER_DAY + STAY_DAYS * is_town:.3f}"
        # The costs of distance include a constant for this corridor.
        edge["corridor"] = "pacific_south" if conflict.is_zone(leg.end) else "road"
        edge["crosses_country_border"] = int(start["country"] != end["country"])
        yield edge | {"us_checkpoint_belt": int(start["location_type"] == "camp")}


def main(arguments: Sequence[str]) -> None:
    """Convert the conflict in the first folder to a world in the second folder."""
    if len(arguments) != 2:
        sys.exit(__doc__)
    try:
        conflict = convert(*map(Path, arguments))
        if conflict.left_out:
            print("left out, without a route to a camp:", ", ".join(conflict.left_out))
    except (OSError, ValueError) as error:
        sys.exit(f"error: {error}")


if __name__ == "__main__":
    main(sys.argv[1:])
