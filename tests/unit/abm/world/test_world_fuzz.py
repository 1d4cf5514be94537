"""Any file content loads or raises WorldError, and no other error."""

from __future__ import annotations

import csv
import io
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from abm.world.errors import WorldError
from abm.world.routes import PACKAGED, World, load_world


@pytest.fixture(scope="module")
def fuzzed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a folder that the fuzz tests overwrite."""
    return tmp_path_factory.mktemp("fuzzed")


def world_or_error(folder: Path, contents: dict[str, bytes]) -> World | WorldError:
    """Load a world and return it or its WorldError."""
    for name in ("nodes.csv", "edges.csv"):
        (folder / name).write_bytes(contents.get(name, (PACKAGED / name).read_bytes()))
    try:
        return load_world(folder)
    except WorldError as error:
        return error


NUMBERISH = st.one_of(
    st.text(max_size=12),
    st.floats().map(repr),
    st.integers().map(str),
    st.sampled_from(["", "0", "-0", "1e400", "0x10", "١٢", "½", "x_yuma", "tijuana", "MX", "\0"]),
    st.just('"'),
)


@settings(max_examples=150, deadline=None)
@given(data=st.data(), file=st.sampled_from(["nodes.csv", "edges.csv"]), text=NUMBERISH)
def test_any_text_in_any_cell_loads_or_raises_a_world_error(fuzzed, data, file, text):
    rows = list(csv.reader(io.StringIO((PACKAGED / file).read_text(encoding="utf-8"))))
    row = data.draw(st.integers(0, len(rows) - 1))
    column = data.draw(st.integers(0, len(rows[0]) - 1))
    rows[row][column] = text
    stream = io.StringIO()
    csv.writer(stream).writerows(rows)
    content = stream.getvalue().encode("utf-8", "surrogatepass")
    got = world_or_error(fuzzed, {file: content})
    if isinstance(got, WorldError):
        assert got.reason
        assert got.file in {"nodes.csv", "edges.csv"}
    else:
        assert (got.n_places, got.n_listed) == (81, 179)
        assert (got.days > 0).all()


@settings(max_examples=60, deadline=None)
@given(st.data(), st.sampled_from(["nodes.csv", "edges.csv"]))
def test_any_bytes_anywhere_load_or_raise_a_world_error(fuzzed, data, file):
    content = (PACKAGED / file).read_bytes()
    at = data.draw(st.integers(0, len(content)))
    until = data.draw(st.integers(at, min(len(content), at + 300)))
    content = content[:at] + data.draw(st.binary(max_size=20)) + content[until:]
    got = world_or_error(fuzzed, {file: content})
    assert isinstance(got, WorldError) or got.n_places >= 1
