"""Any two tables of places and legs run and conserve, or are refused with file, row and column."""

from __future__ import annotations

import csv
import io
import random
from collections.abc import Callable
from functools import partial
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from abm.scenario import Scenario
from abm.world.checks import EDGE_COLUMNS, NODE_COLUMNS
from abm.world.routes import PACKAGED, World, load_world
from abm.world.vocabulary import KIND_NAMES, SECTORS
from tests.reliability.cases import Counts, run
from tests.reliability.tries import TRIES

FILES = ("nodes.csv", "edges.csv")
Table = list[list[str]]
WORDS = (
    *("", "0", "1", "2", "-1", "1e400", "nan", "5e-324", "1e-9", "0.001", "1000", "9" * 40, "½"),
    *("MX", "US", "XX", "tijuana", "x_yuma", "new place", "a\nb", "\x00", "\u202e", "x" * 400, '"'),
    *KIND_NAMES,
    *("northern_border", "desert", "foot", "rail", "road", "Tucson", "Yuma", "central"),
)


def packaged() -> dict[str, Table]:
    """Return the packaged tables as rows of text."""
    return {
        name: list(csv.reader(io.StringIO((PACKAGED / name).read_text(encoding="utf-8"))))
        for name in FILES
    }


def write(folder: Path, tables: dict[str, Table]) -> None:
    """Write tables to a folder."""
    for name, rows in tables.items():
        stream = io.StringIO()
        csv.writer(stream).writerows(rows)
        (folder / name).write_bytes(stream.getvalue().encode("utf-8", "surrogatepass"))


def accept(world: World) -> None:
    """Run an accepted world; the ledger checks that a passage counts at most one got-away."""
    run(Scenario(), world)


def judged(counts: Counts, folder: Path, tables: dict[str, Table], what: str) -> None:
    """Count a world as accepted or refused; any other failure names the case."""
    write(folder, tables)
    before = len(counts.messages)
    try:
        counts.judge(partial(load_world, folder), accept)
    except Exception as error:
        raise AssertionError(f"{what}: {error!r}") from error
    for message in counts.messages[before:]:
        assert message.startswith(("nodes.csv", "edges.csv")), message


# ---- the packaged world with damage -------------------------------------------------------------


def damage(tables: dict[str, Table], chance: random.Random) -> None:
    """Change, exchange, remove or repeat cells and rows; redirect legs; change kinds of places."""
    name = chance.choice(FILES)
    rows = tables[name]
    k, column = chance.randrange(len(rows)), chance.randrange(len(rows[0]))
    kind = chance.randrange(9)
    if kind == 0:
        rows[k][column % len(rows[k])] = chance.choice(WORDS)
    elif kind == 1:
        rows[k][column % len(rows[k])] = _cell(chance.choice(rows), column)
    elif kind == 2 and len(rows) > 2:
        del rows[k]
    elif kind == 3:
        rows.insert(k, list(chance.choice(rows)))
    elif kind == 4:
        rows[k] = rows[k][: chance.randrange(1, len(rows[k]) + 2)]
    else:
        _rewire(tables, chance, kind)


def _cell(row: list[str], column: int) -> str:
    """Return a cell from a row that may be shorter than the header."""
    return row[column % len(row)]


def _rewire(tables: dict[str, Table], chance: random.Random, kind: int) -> None:
    """Change a leg, a flag, a length or a kind of place so that all cells remain valid."""
    nodes, edges = tables["nodes.csv"], tables["edges.csv"]
    if len(nodes) < 3 or len(edges) < 3:
        return
    row = chance.randrange(1, len(edges))
    cells = dict(zip(edges[0], edges[row], strict=False))
    if kind == 5:
        source, target = (chance.choice(nodes[1:]) for _ in range(2))
        cells |= {"source": source[0], "target": target[0]}
        cells["crosses_country_border"] = str(int(source[2:3] != target[2:3]))
        cells["mx_zone"] = "central" if source[2:3] == ["MX"] else ""
        edges.append(list(cells.values()))
    elif kind == 6:
        cells["us_checkpoint_belt"] = str(chance.randrange(2))
        edges[row] = list(cells.values())
    elif kind == 7:
        days = chance.choice([1e-9, 0.01, 1.0, 30.0, 1000.0])
        cells |= {"travel_days": repr(days), "distance_km": repr(100.0 * days)}
        edges[row] = list(cells.values())
    else:
        at = chance.randrange(1, len(nodes))
        place = dict(zip(nodes[0], nodes[at], strict=False))
        kind_of = chance.choice(list(KIND_NAMES))
        place |= {"kind": kind_of, "usbp_sector": chance.choice([*SECTORS, ""])}
        nodes[at] = list(place.values())


def test_a_damaged_packaged_world_runs_or_is_refused(
    tmp_path: Path, record_property: Callable[..., None]
) -> None:
    counts = Counts()
    for number in range(TRIES):
        chance = random.Random(f"damage {number}")
        tables = packaged()
        for _ in range(chance.randint(1, 3)):
            damage(tables, chance)
        judged(counts, tmp_path, tables, f"try {number}")
    assert min(counts.accepted, counts.refused) > 0.1 * TRIES
    counts.record(record_property)


# ---- small worlds -------------------------------------------------------------------------------


def small(chance: random.Random) -> dict[str, Table]:
    """Generate up to 14 places in layers from origins to destinations, with some wild legs."""
    layers = [
        ("GT", "origin", chance.randint(1, 2)),
        ("MX", "transit", chance.randint(1, 4)),
        ("MX", "staging", chance.randint(1, 3)),
        ("US", "crossing_between_ports", chance.randint(1, 3)),
        ("US", "port_of_entry", chance.randint(0, 2)),
        ("US", "transit", chance.choice([0, 0, 1])),
        ("US", "destination", chance.randint(1, 2)),
    ]
    places = [
        (f"{kind}_{layer}_{i}", country, kind, layer)
        for layer, (country, kind, count) in enumerate(layers)
        for i in range(count)
    ]
    region = chance.random() < 0.8
    nodes = [list(NODE_COLUMNS)]
    for place, country, kind, layer in places:
        sector = chance.choice(SECTORS) if layer in (3, 4) else ""
        flag = str(int(layer == 1 and region))
        own = [place, place, country, "Sonora", "20", "-100", kind, "", str(chance.randrange(4))]
        nodes.append([*own, chance.choice(["desert", "x"]), sector, flag, "0", "z", "", "made up"])
    share, wild = chance.choice([1.0, 1.0, 1.0, 0.8]), chance.random() < 0.2
    pairs = {
        (a, b): None
        for i, a in enumerate(places)
        for b in places[i + 1 :]
        if _next_layer(a[3], b[3]) and chance.random() < share
    }
    for _ in range(chance.choice([0, 0, 0, 1, 2])):
        pairs[chance.choice(places), chance.choice(places)] = None
    edges = [list(EDGE_COLUMNS)]
    for (a, ca, _, la), (b, cb, _, lb) in pairs:
        belt = la == 3 if not wild or chance.random() < 0.8 else chance.random() < 0.5
        days = repr(chance.choice([0.01, 0.5, 1.0, 1.0, 2.0, 9.0]))
        corridor = chance.choice(["north", "north", "gulf", "northern_border"])
        if max(la, lb) > 2 and not wild:  # Legs of some corridors also count in reverse.
            corridor = "north"
        zone = "central" if ca == "MX" else ""
        own = [a, b, chance.choice(["road", "rail", "foot"]), corridor, "90", "1.2", "108", days]
        edges.append(
            [*own, str(chance.randint(1, 5)), str(int(ca != cb)), str(int(belt)), zone, "x"]
        )
    return {"nodes.csv": nodes, "edges.csv": edges}


def _next_layer(a: int, b: int) -> bool:
    """Return whether an ordinary world has legs from one layer to another."""
    pairs = ["01", "11", "12", "22", "23", "24", "36", "46", "35", "56"]
    return f"{a}{b}" in pairs


def test_a_small_world_runs_or_is_refused(
    tmp_path: Path, record_property: Callable[..., None]
) -> None:
    counts = Counts()
    for number in range(TRIES):
        chance = random.Random(f"small {number}")
        judged(counts, tmp_path, small(chance), f"try {number}")
    assert min(counts.accepted, counts.refused) > 0.1 * TRIES
    counts.record(record_property)


@settings(max_examples=max(20, TRIES // 2), deadline=None, suppress_health_check=list(HealthCheck))
@given(
    name=st.sampled_from(FILES),
    at=st.floats(0.0, 1.0),
    cut=st.integers(0, 300),
    new=st.binary(max_size=20) | st.sampled_from([w.encode() for w in WORDS]),
)
def test_any_bytes_run_or_are_refused(
    tmp_path_factory: pytest.TempPathFactory, name: str, at: float, cut: int, new: bytes
) -> None:
    folder = tmp_path_factory.mktemp("bytes")
    for file in FILES:
        content = (PACKAGED / file).read_bytes()
        if file == name:
            place = int(at * len(content))
            content = content[:place] + new + content[place + cut :]
        (folder / file).write_bytes(content)
    Counts().judge(partial(load_world, folder), accept)
