"""Convert a conflict of the Flee data set to a world of Two Borders.

Usage: ``python docs/examples/flee_world.py SOURCE FOLDER``. SOURCE holds ``locations.csv`` and
``routes.csv`` of one conflict (https://github.com/djgroen/flee, folder conflict_input) and the
``world.toml`` of the world; FOLDER receives ``nodes.csv``, ``edges.csv`` and a copy of the latter.

A conflict zone becomes an origin, a town a place of transit. A camp becomes two places at the same
position: a crossing of the border, and behind it a destination. A route within the country is read
in both directions. A route between two camps becomes a way from the crossing of the one to the
other camp, because journeys end at a destination.
"""

from __future__ import annotations

import csv
import math
import shutil
import sys
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from abm.world.checks import EDGE_COLUMNS, NODE_COLUMNS
from abm.world.vocabulary import SECTORS

KM_PER_DAY = 200.0  # [A] by vehicle, as in Suleimenova, Bell and Groen (2017)
CAMP_KM = 1.0  # [A] from a crossing to its camp
CODES = {"Mali": "ML", "Mauritania": "MR", "Burkina_Faso": "BF", "Niger": "NE"}
_KINDS = {"conflict_zone": "origin", "town": "transit", "camp": "destination"}
_RADIUS_KM = 6371.0

Row = Mapping[str, str]


def convert(source: Path, folder: Path, codes: Mapping[str, str] = CODES) -> None:
    """Write the world of one conflict.

    Args:
        source: folder with `locations.csv` and `routes.csv` of Flee, and `world.toml`.
        folder: folder of the world; it is created.
        codes: two-letter code of each country; its order from the second on is that of the
            sectors, so that each neighbouring country has a separate sector.
    """
    places = {row["name"]: row for row in _read(source / "locations.csv")}
    routes = [(r["name1"], r["name2"], float(r["distance"])) for r in _read(source / "routes.csv")]
    folder.mkdir(parents=True, exist_ok=True)
    entered = {name for route in routes for name in _border_camps(route, places)}
    _write(folder / "nodes.csv", NODE_COLUMNS, _nodes(places, entered, codes))
    _write(folder / "edges.csv", EDGE_COLUMNS, _edges(places, routes, entered))
    shutil.copyfile(source / "world.toml", folder / "world.toml")


def _read(path: Path) -> list[Row]:
    """Return the rows of a file of Flee, whose first column name starts with #."""
    with path.open(encoding="utf-8", newline="") as file:
        head, *rows = csv.reader(file)
    names = [name.strip().lstrip("#") for name in head]
    return [dict(zip(names, row, strict=True)) for row in rows if row]


def _border_camps(route: tuple[str, str, float], places: Mapping[str, Row]) -> list[str]:
    """Return the camp of a route between the country and a camp; none for other routes."""
    camps = [name for name in route[:2] if places[name]["location_type"] == "camp"]
    return camps if len(camps) == 1 else []


def _nodes(
    places: Mapping[str, Row], entered: set[str], codes: Mapping[str, str]
) -> Iterator[dict[str, Any]]:
    """Yield the rows of `nodes.csv`: every place, and a crossing for every camp that is entered."""
    countries = list(codes)
    for name, row in places.items():
        kind, country = row["location_type"], row["country"]
        node = {
            "id": _key(name),
            "name": name,
            "country": codes[country],
            "admin": row["region"],
            "lat": row["latitude"],
            "lon": row["longitude"],
            "kind": _KINDS[kind],
            "population": row["population"],
            "remoteness": 0,
            "terrain": "unknown",
            "usbp_sector": "",
            "mx_origin_region": 0,
            "rail_hub": 0,
            "zone": "none",
            "geonameid": "",
            "coord_source": "Flee, locations.csv",
        }
        yield node
        if name in entered:
            crossing = {"id": _gate(name), "name": f"Border before {name}", "population": ""}
            sector = SECTORS[countries.index(country) - 1]
            yield node | crossing | {"kind": "crossing_between_ports", "usbp_sector": sector}


def _edges(
    places: Mapping[str, Row], routes: Iterable[tuple[str, str, float]], entered: set[str]
) -> Iterator[dict[str, Any]]:
    """Yield the rows of `edges.csv`."""
    for name in sorted(entered):
        yield _leg(_gate(name), _key(name), CAMP_KM, CAMP_KM, belt=1)
    for a, b, km in routes:
        straight = min(km, _straight_km(places[a], places[b]))
        for start, end in ((a, b), (b, a)):
            kinds = [places[name]["location_type"] == "camp" for name in (start, end)]
            if kinds == [False, False]:
                yield _leg(_key(start), _key(end), km, straight)
            elif kinds == [False, True]:
                yield _leg(_key(start), _gate(end), km, straight, border=1)
            elif kinds == [True, True] and start in entered:
                crosses = int(places[start]["country"] != places[end]["country"])
                yield _leg(_gate(start), _key(end), km, straight, border=crosses, belt=1)


def _leg(
    source: str, target: str, km: float, straight: float, *, border: int = 0, belt: int = 0
) -> dict[str, Any]:
    """Return a row of `edges.csv`."""
    return {
        "source": source,
        "target": target,
        "mode": "road",
        "corridor": "road",
        "great_circle_km": f"{straight:.1f}",
        "factor": f"{max(1.0, km / straight):.3f}",
        "distance_km": km,
        "travel_days": f"{km / KM_PER_DAY:.3f}",
        "hazard_class": 1,
        "crosses_country_border": border,
        "us_checkpoint_belt": belt,
        "mx_zone": "",
        "basis": "Flee, routes.csv",
    }


def _key(name: str) -> str:
    """Return the id of a place."""
    return name.lower().replace("-", "_").replace(" ", "_")


def _gate(name: str) -> str:
    """Return the id of the crossing before a camp."""
    return f"border_{_key(name)}"


def _straight_km(a: Row, b: Row) -> float:
    """Return the great-circle distance between two places."""
    lat1, lon1, lat2, lon2 = (
        math.radians(float(row[key])) for row in (a, b) for key in ("latitude", "longitude")
    )
    half = math.sin((lat2 - lat1) / 2) ** 2
    half += math.cos(lat1) * math.cos(lat2) * math.sin((lon2 - lon1) / 2) ** 2
    return max(0.1, 2 * _RADIUS_KM * math.asin(math.sqrt(half)))


def _write(path: Path, columns: Iterable[str], rows: Iterable[Mapping[str, Any]]) -> None:
    """Write a table."""
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, list(columns), lineterminator="\n")
        writer.writeheader()
        writer.writerows(rows)


def main(words: Sequence[str]) -> None:
    """Convert the folder named first into the folder named second."""
    if len(words) != 2:
        sys.exit(__doc__)
    try:
        convert(Path(words[0]), Path(words[1]))
    except OSError as error:
        sys.exit(f"error: {error.filename}: {str(error.strerror).lower()}")


if __name__ == "__main__":
    main(sys.argv[1:])
