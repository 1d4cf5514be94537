"""Convert a conflict of the Flee data set to a world of Two Borders.

Usage: ``python docs/examples/flee_world.py SOURCE FOLDER``. SOURCE is a folder of
``conflict_input`` in Flee (https://github.com/djgroen/flee), FOLDER receives ``nodes.csv``,
``edges.csv`` and ``world.toml``. ``python -m benchmarks.conflicts`` simulates the conflicts with
the people and the closed legs of each day, which :class:`Conflict`, :func:`registered` and
:func:`departures` give.

A place of conflict becomes an origin, any other place but a camp a place of transit. A camp becomes
two places at the same position: a crossing of the border, and behind it a destination. A route is
read in both directions, but from a forwarding hub only to places nearer to a camp. A route between
two camps leads from the crossing of the one to the other camp, because journeys end at a
destination.
"""

from __future__ import annotations

import datetime
import shutil
import sys
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NamedTuple

import networkx as nx
import numpy as np
import pandas as pd

from abm.world.checks import EDGE_COLUMNS, NODE_COLUMNS
from abm.world.errors import WorldError
from abm.world.tables import decode, number, one_of, optional, read_bytes, read_records, words
from abm.world.tables import whole_number as whole
from abm.world.vocabulary import SECTORS

KM_PER_DAY = 360.0  # Flee: max_move_speed
STAY_DAYS = 1 / 0.3 - 1  # in a town, which people leave with a chance of 0.3 a day in Flee
CAMP_KM = 1.0  # [A] from a crossing to its camp
GATE = "border_"  # of the id of a crossing
_COUNTRIES = (
    "Mali:ML Mauritania:MR Burkina_Faso:BF Niger:NE CAR:CF Chad:TD Cameroon:CM DRC:CD RC:CG "
    "Burundi:BI Tanzania:TZ Rwanda:RW Uganda:UG South_Sudan:SS Sudan:SD Ethiopia:ET Kenya:KE "
    "Eritrea:ER Djibouti:DJ Syria:SY Iraq:IQ Jordan:JO Lebanon:LB Turkey:TR"
)
CODES = {country[:-3]: country[-2:] for country in _COUNTRIES.split()}
_SPELLINGS = {"lat": "latitude", "lon": "longitude"}
_CLOSURE = one_of(("country", "location", "link", "remove_forced_redirection"), "closure")
_COUNTRY = one_of(CODES, "country")
_DAY = whole(-1, 10_000, "a day since the start, or -1 for the end")
_PERSONS = whole(0, 10**9, "persons")
_LEVEL = optional(number(0, 1e6, "intensity of the conflict"), 0.0)
_PLACE: dict[str, Callable[[str], Any]] = {
    "country": _COUNTRY,
    "region": optional(words, "unknown"),
    "latitude": number(-90, 90, "degrees north"),
    "longitude": number(-180, 180, "degrees east"),
    "location_type": one_of(("conflict_zone", "town", "forwarding_hub", "camp"), "type of place"),
    "population": optional(_PERSONS, 0),
}


type Series = tuple[np.ndarray, np.ndarray]  # days and persons


class Row(dict[str, str]):
    """Cells of a row by column, with the file and the row for errors."""

    def __init__(self, file: str, row: int, cells: Iterable[tuple[str, str]]) -> None:
        """Store the cells and their position."""
        super().__init__(cells)
        self.file, self.row = file, row

    def read(self, column: str, reader: Callable[[str], Any]) -> Any:
        """Return the value of a cell, or raise WorldError with file, row and column."""
        try:
            return reader(self.get(column, ""))
        except ValueError as error:
            raise WorldError(self.file, self.row, column, str(error)) from None


class Place(NamedTuple):
    """A row of `locations.csv`: population is the capacity of a camp."""

    country: str
    region: str
    latitude: float
    longitude: float
    type: str
    population: int


class Leg(NamedTuple):
    """A leg of the world: ids of its ends, the names of both places, and its length in km."""

    source: str
    target: str
    start: str
    end: str
    km: float


@dataclass(frozen=True)
class Conflict:
    """The files of one conflict.

    Attributes:
        first: first day.
        days: number of days.
        places: connected places by name.
        left_out: places without a route between a place of conflict and a camp.
        level: intensity of the conflict by place, shape (days,), for places that have one.
        legs: legs of the world.
        closures: rows of `closures.csv`.
    """

    first: datetime.date
    days: int
    places: dict[str, Place]
    left_out: list[str]
    level: dict[str, np.ndarray]
    legs: list[Leg]
    closures: list[Row]

    @property
    def camps(self) -> list[str]:
        """Names of the camps."""
        return [name for name, place in self.places.items() if place.type == "camp"]

    def is_zone(self, name: str) -> bool:
        """Return whether a place has a conflict on at least half of the days."""
        return name in self.level and bool((self.level[name] > 0).mean() >= 0.5)

    def closed(self, day: int, full: Iterable[str] = ()) -> set[tuple[str, str]]:
        """Return the ends of the legs that are closed on a day, also to camps that are full."""
        legs = [leg for leg in self.legs if leg.end in full]
        for row in self.closures:
            last = int(row["closure_end"])
            if int(row["closure_start"]) <= day < (last if last >= 0 else self.days):
                legs += [leg for leg in self.legs if self._meets(row, leg)]
        legs = [leg for leg in legs if leg.start != leg.end]  # people before a camp enter it
        return {(min(leg[:2]), max(leg[:2])) for leg in legs}

    def _meets(self, row: Row, leg: Leg) -> bool:
        """Return whether a row of closures concerns a leg."""
        ends, names = {leg.start, leg.end}, {row["name1"], row["name2"]}
        if row["closure_type"] == "location":
            return row["name1"] in ends
        countries = {self.places[name].country for name in ends}
        return names == {"country": countries, "link": ends}.get(row["closure_type"], set())


def _rows(path: Path, columns: Sequence[str] = ()) -> list[Row]:
    """Return the rows of a file, whose columns are named here or in its first row."""
    records = list(read_records(path.name, decode(path.name, read_bytes(path))))
    if not columns and records:
        heads = [head.strip('#" ') for head in records.pop(0)[1]]
        columns = [_SPELLINGS.get(head, head) for head in heads]
    rows = [Row(path.name, i, zip(columns, cells, strict=False)) for i, cells in records]
    return [row for row in rows if not row[columns[0]].startswith("#")]


def read_conflict(source: Path) -> Conflict:
    """Read a folder of `conflict_input`.

    Args:
        source: folder with `locations.csv`, `routes.csv`, `closures.csv`, `conflicts.csv` and
            `sim_period.csv`.

    Raises:
        WorldError: for the first invalid cell, with file, row and column.
    """
    period = [*_rows(source / "sim_period.csv", ("key", "value")), Row("sim_period.csv", 2, ())]
    first, days = period[0].read("value", _date), period[1].read("value", whole(1, 10_000, "days"))
    places: dict[str, Place] = {}
    for row in _rows(source / "locations.csv"):
        cells = [row.read(column, reader) for column, reader in _PLACE.items()]
        places[row.read("name", words)] = Place(*cells)
    place, roads = one_of(places or ["none"], "place"), nx.Graph()
    for row in _rows(source / "routes.csv"):
        ends = row.read("name1", place), row.read("name2", place)
        roads.add_edge(*ends, weight=row.read("distance", number(0.1, 20_000, "kilometres")))
    closures = _rows(source / "closures.csv")
    for row in closures:
        name = _COUNTRY if row.read("closure_type", _CLOSURE) == "country" else place
        second = words if row["closure_type"] == "location" else name
        columns = {"name1": name, "name2": second, "closure_start": _DAY, "closure_end": _DAY}
        _ = [row.read(column, reader) for column, reader in columns.items()]
    level = _levels(source / "conflicts.csv", places, days)
    camps = {name for name, place in places.items() if place.type == "camp"}
    parts = [p for p in nx.connected_components(roads) if p & level.keys() and p & camps]
    if not parts:
        raise WorldError("routes.csv", reason="no route from a place of conflict to a camp")
    roads = roads.subgraph(set().union(*parts))
    left_out = [name for name in places if name not in roads]
    places = {name: place for name, place in places.items() if name in roads}
    return Conflict(first, days, places, left_out, level, _legs(places, roads), closures)


def _date(text: str) -> datetime.date:
    """Return a date, or raise ValueError."""
    try:
        return datetime.date.fromisoformat(text)
    except ValueError:
        raise ValueError(f"invalid date {text[:40]!r}: expected one such as 2012-02-29") from None


def _levels(path: Path, places: Mapping[str, Place], days: int) -> dict[str, np.ndarray]:
    """Return the intensity of the conflict by day in each place that has one."""
    rows = _rows(path)[:days]
    if len(rows) < days:
        raise WorldError(path.name, reason=f"{len(rows)} days: expected at least {days}")
    values = {name: np.array([row.read(name, _LEVEL) for row in rows]) for name in places}
    return {name: value for name, value in values.items() if value.any()}


def _legs(places: Mapping[str, Place], roads: nx.Graph) -> list[Leg]:
    """Return the legs of the world."""
    camps = [name for name, place in places.items() if place.type == "camp"]
    entered = [name for name in camps if {*roads[name]} - {*camps}]
    to_camp = nx.multi_source_dijkstra_path_length(roads, set(camps))
    legs = [Leg(_id(name, GATE), _id(name), name, name, CAMP_KM) for name in entered]
    for start, end, km in roads.to_directed().edges(data="weight"):
        if places[start].type == "forwarding_hub" and to_camp[end] >= to_camp[start]:
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
    """Write the world of one conflict.

    Args:
        source: folder as for :func:`read_conflict`; its `world.toml`, if there is one, is copied.
        folder: folder of the world; it is created.

    Raises:
        WorldError: for the first invalid cell, with file, row and column.
    """
    conflict = read_conflict(source)
    folder.mkdir(parents=True, exist_ok=True)
    nodes = pd.DataFrame(_nodes(conflict), columns=[*NODE_COLUMNS])
    nodes.to_csv(folder / "nodes.csv", index=False)
    edges = (_edge(conflict, leg) for leg in conflict.legs)
    pd.DataFrame(edges, columns=[*EDGE_COLUMNS]).to_csv(folder / "edges.csv", index=False)
    if (source / "world.toml").exists():
        shutil.copyfile(source / "world.toml", folder / "world.toml")
    else:
        (folder / "world.toml").write_text(_declaration(conflict, source.name), encoding="utf-8")
    return conflict


def _abroad(conflict: Conflict) -> dict[str, str]:
    """Return the sector of each country with camps."""
    countries = dict.fromkeys(conflict.places[name].country for name in conflict.camps)
    return dict(zip(countries, SECTORS, strict=False))


def _declaration(conflict: Conflict, name: str) -> str:
    """Return the text of `world.toml`."""
    home = conflict.places[next(iter(conflict.level))].country.replace("_", " ")
    tables = {
        "world": {"name": f"{home} ({name})", "source": "Flee (github.com/djgroen/flee), BSD-3"},
        "names": {"transit": home, "destination": "the camps", "agency": "border guards"},
        "groups": {"mexican": "other people (none)", "northern_triangle": f"people of {home}"},
        "sectors": {_id(s): f"Camps in {country}" for country, s in _abroad(conflict).items()},
    }
    lines = [[f"[{t}]", *(f'{k} = "{v}"' for k, v in rows.items())] for t, rows in tables.items()]
    return "\n".join([line for table in lines for line in table]) + "\n"


def _nodes(conflict: Conflict) -> Iterator[dict[str, Any]]:
    """Yield the rows of `nodes.csv`: every place, and a crossing for every camp that is entered."""
    fixed = {"remoteness": 0, "terrain": "unknown", "mx_origin_region": 0, "rail_hub": 0}
    fixed |= {"zone": "none", "geonameid": "", "coord_source": "Flee, locations.csv"}
    entered = {leg.start for leg in conflict.legs if leg.start == leg.end}
    for name, place in conflict.places.items():
        node = fixed | {"id": _id(name), "name": name, "country": CODES[place.country]}
        node |= {"lat": place.latitude, "lon": place.longitude, "admin": place.region}
        kind = "origin" if name in conflict.level else "transit"
        kind = "destination" if place.type == "camp" else kind
        yield node | {"kind": kind, "population": place.population}
        if name in entered:
            node |= {"id": _id(name, GATE), "name": f"Border before {name}"}
            sector = _abroad(conflict)[place.country]
            yield node | {"kind": "crossing_between_ports", "usbp_sector": sector}


def _edge(conflict: Conflict, leg: Leg) -> dict[str, Any]:
    """Return the row of `edges.csv` of a leg."""
    start, end = conflict.places[leg.start], conflict.places[leg.end]
    lat, lon = np.radians([[p.latitude for p in (start, end)], [p.longitude for p in (start, end)]])
    cosine = np.sin(lat).prod() + np.cos(lat).prod() * np.cos(lon[0] - lon[1])
    straight = min(leg.km, max(0.1, 6371.0 * float(np.arccos(min(1.0, cosine)))))
    is_town = start.type in ("town", "conflict_zone") and not conflict.is_zone(leg.start)
    return {
        "source": leg.source,
        "target": leg.target,
        "mode": "road",
        "distance_km": leg.km,
        "corridor": "pacific_south" if conflict.is_zone(leg.end) else "road",  # has a constant
        "great_circle_km": f"{straight:.1f}",
        "factor": f"{min(10.0, leg.km / straight):.3f}",
        "travel_days": f"{leg.km / KM_PER_DAY + STAY_DAYS * is_town:.3f}",
        "hazard_class": 1,
        "crosses_country_border": int(start.country != end.country),
        "us_checkpoint_belt": int(start.type == "camp"),
        "basis": "Flee, routes.csv",
    }


def registered(folder: Path, conflict: Conflict, corrections: Path) -> dict[str, np.ndarray]:
    """Return the people registered in each camp by day, as Flee reads them.

    Args:
        folder: folder of `conflict_validation` with `data_layout.csv`.
        conflict: the conflict, for its days.
        corrections: `registration_corrections.csv`, or a path without a file. The numbers before a
            date in it are scaled so that they meet the number of that date.

    Returns:
        Persons by camp, shape (days,), interpolated between the dates on record.

    Raises:
        WorldError: for the first invalid cell, with file, row and column.
    """
    fixes = _rows(corrections, ("name", "date")) if corrections.exists() else []
    dates = {row["name"]: (row.read("date", _date) - conflict.first).days for row in fixes}
    people: dict[str, np.ndarray] = {}
    for row in _rows(folder / "data_layout.csv", ("name", "file", "second"))[1:]:  # after the total
        day, persons = _series(folder / row.read("file", words), conflict.first)
        if row.get("second"):
            day, persons = _added((day, persons), _series(folder / row["second"], conflict.first))
        if (fixed := dates.get(row["name"], 0)) in day[1:] and fixed >= 0:
            at = int(np.flatnonzero(day == fixed)[0])
            persons[:at] *= persons[at] / max(1.0, persons[at - 1])
        people[row["name"]] = np.interp(np.arange(conflict.days), day, persons)
    return people


def _series(path: Path, first: datetime.date) -> Series:
    """Return days since the first one and persons of a file, whose first row may be a header."""
    rows = [row for row in _rows(path, ("date", "persons")) if row.get("persons")]
    rows = rows[1:] if rows and rows[0]["date"].startswith("Date") else rows
    if not rows:
        raise WorldError(path.name, reason="no rows: expected dates and persons")
    days = [(row.read("date", _date) - first).days for row in rows]
    return np.array(days), np.array([row.read("persons", _PERSONS) for row in rows], float)


def _added(one: Series, other: Series) -> Series:
    """Add two files of a camp as Flee does: the next number of one, the last of the other."""
    both = np.union1d(one[0], other[0])
    both = both[both <= min(one[0][-1], other[0][-1])]
    before = np.maximum(np.searchsorted(other[0], both, "right") - 1, 0)
    return both, one[1][np.searchsorted(one[0], both)] + other[1][before]


def departures(conflict: Conflict, people: Mapping[str, np.ndarray]) -> dict[str, np.ndarray]:
    """Return the persons who leave each place of conflict by day, shape (days,).

    Everybody whom the camps together register leaves on that day. After a fall of their total
    nobody leaves until it is reached again, as in Flee. Places share by population.
    """
    total = np.maximum.accumulate(np.sum(list(people.values()), axis=0))
    weight = {n: conflict.places[n].population * level for n, level in conflict.level.items()}
    rate = np.diff(total, prepend=total[0]) / np.maximum(sum(weight.values()), 1e-9)
    return {name: rate * value for name, value in weight.items()}


def main(arguments: Sequence[str]) -> None:
    """Convert the folder named first into the folder named second."""
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
