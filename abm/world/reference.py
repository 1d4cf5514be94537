"""Tables in the guide to worlds, generated from the checks of world files.

``python -m abm.world.reference`` prints the tables in docs/guides/worlds.md.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

from abm.world.checks import EDGE_COLUMNS, NODE_COLUMNS
from abm.world.declaration import MAX_WORD, PACKAGED_WORDS
from abm.world.tables import Cell

#: Meaning and unit of every column, in the same order as in the files.
MEANINGS: dict[str, str] = {
    "id": "identifier of the place, unique",
    "name": "name in outputs",
    "country": "country; `MX` is the country of transit, where officers and kidnappers act",
    "admin": "state or province; in `MX` it decides the base hazard",
    "lat": "latitude, degrees",
    "lon": "longitude, degrees",
    "kind": "type of place",
    "population": "persons; selects the southern town to which Mexico moves people, nothing else",
    "remoteness": "distance from help, a grade",
    "terrain": "at the line, `urban`, `semi_arid`, `river`, `mountain` and `desert` have a risk of "
    "dying; other values get the mean",
    "usbp_sector": "slot of the sector; required for crossings and ports of entry",
    "mx_origin_region": "1: people of the first group start here; only in `MX`",
    "rail_hub": "information only",
    "zone": "zone of a place in `MX`: the values of `mx_zone`",
    "geonameid": "information only",
    "coord_source": "source of the position",
    "source": "id of the place where the leg starts",
    "target": "id of the place where it ends",
    "mode": "mode of travel; one leg per pair and mode",
    "corridor": "key; legs of `northern_border` are also read in reverse, `pacific_south` and "
    "`gulf` have constants",
    "great_circle_km": "straight distance, km; information only",
    "factor": "distance over straight distance; information only",
    "distance_km": "distance, km",
    "travel_days": "moving time, days; waits are added",
    "hazard_class": "danger, a grade; 1 adds no danger",
    "crosses_country_border": "1 if the countries of the two places differ",
    "us_checkpoint_belt": "1 for a leg from a crossing past checkpoints behind the line",
    "mx_zone": "slot of the zone; required for legs out of a place in `MX`",
    "basis": "source of the figures",
}
_PROBES = ("", "?")  # A reader that does not accept every text refuses one of the two.


def columns_markdown() -> str:
    """Return tables of the columns in `nodes.csv` and `edges.csv` as Markdown."""
    tables = {"nodes.csv": NODE_COLUMNS, "edges.csv": EDGE_COLUMNS}
    return "\n".join(line for name, columns in tables.items() for line in _columns(name, columns))


def words_markdown() -> str:
    """Return a table of the keys in `world.toml` as Markdown."""
    rows = ((f"`{key}`", word) for key, word in PACKAGED_WORDS.items())
    return "\n".join(_table(("key", f"word if not declared (own words: up to {MAX_WORD})"), rows))


def _columns(name: str, columns: Mapping[str, Cell]) -> Iterator[str]:
    """Yield one file's heading and table, line by line."""
    rows = ((f"`{name}`", MEANINGS[name], _allowed(cell)) for name, cell in columns.items())
    yield from (f"### `{name}`", "", *_table(("column", "meaning and unit", "allowed"), rows), "")


def _allowed(cell: Cell) -> str:
    """Return a description of valid values, from the error message that a cell reader raises."""
    for text in _PROBES:
        try:
            cell(text)
        except ValueError as error:
            return str(error).partition("expected ")[2]
    return "any text"


def _table(heads: Iterable[str], rows: Iterable[Iterable[str]]) -> Iterator[str]:
    """Yield a Markdown table line by line."""
    heads = list(heads)
    for cells in (heads, ["---"] * len(heads), *rows):
        yield f"| {' | '.join(cells)} |"


if __name__ == "__main__":
    print(columns_markdown(), words_markdown(), sep="\n")
