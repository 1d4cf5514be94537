"""An invalid file raises WorldError with file, row, column and reason."""

from __future__ import annotations

from pathlib import Path

import pytest

from abm.world.checks import EDGE_COLUMNS, NODE_COLUMNS
from abm.world.errors import WorldError
from abm.world.routes import PACKAGED, load_world

MAY_BE_BLANK = {"population", "geonameid", "usbp_sector", "mx_zone"}
# Row 14 of nodes.csv is Frontera Comalapa, row 56 the first port, row 71 the first crossing;
# rows 24 and 25 of edges.csv are Tapachula to Arriaga by road and on foot.
CELLS = [
    ("nodes.csv", 14, "lat", "abc", "invalid number 'abc': expected degrees north"),
    ("nodes.csv", 14, "lat", "nan", "invalid number"),
    ("nodes.csv", 14, "lon", "-180.5", "out of range"),
    ("nodes.csv", 14, "id", "two words", "invalid key"),
    ("nodes.csv", 14, "id", "tapachula", "duplicate place"),
    ("nodes.csv", 14, "kind", "orgin", "expected origin, southern_border"),
    ("nodes.csv", 14, "country", "mx", "two capital letters"),
    ("nodes.csv", 14, "population", "-1", "out of range"),
    ("nodes.csv", 14, "remoteness", "1.5", "invalid whole number"),
    ("nodes.csv", 14, "mx_origin_region", "yes", "invalid number"),
    ("nodes.csv", 2, "mx_origin_region", "1", "for a place in GT"),
    ("nodes.csv", 14, "terrain", "lava field", "invalid key"),
    ("nodes.csv", 56, "usbp_sector", "", "expected the sector of a"),
    ("nodes.csv", 71, "usbp_sector", "Maverick", "expected San Diego"),
    ("edges.csv", 24, "source", "tapachulla", "did you mean tapachula"),
    ("edges.csv", 24, "target", "atlantis", "not in nodes.csv"),
    ("edges.csv", 24, "target", "tapachula", "equals the source"),
    ("edges.csv", 24, "mode", "plane", "expected road, rail or foot"),
    ("edges.csv", 25, "mode", "road", "duplicate leg"),
    ("edges.csv", 24, "distance_km", "-5", "above 0"),
    ("edges.csv", 24, "travel_days", "0", "above 0"),
    ("edges.csv", 24, "factor", "0.9", "from 1 to 10"),
    ("edges.csv", 24, "hazard_class", "0", "from 1 to 5"),
    ("edges.csv", 24, "us_checkpoint_belt", "2", "0 or 1"),
    ("edges.csv", 24, "crosses_country_border", "1", "from MX to MX: expected 0"),
    ("edges.csv", 24, "mx_zone", "atlantic", "expected southern_border, isthmus"),
]


def error_of(folder: Path) -> WorldError:
    """Return the error for a folder that must not load."""
    with pytest.raises(WorldError) as caught:
        load_world(folder)
    return caught.value


@pytest.mark.parametrize(("file", "row", "column", "text", "reason"), CELLS)
def test_an_invalid_cell_is_named(folder, edit, file, row, column, text, reason):
    edit(file, row, column, text)
    error = error_of(folder)
    assert (error.file, error.row, error.column) == (file, row, column)
    assert reason in error.reason
    assert str(error) == f"{file}, row {row}, column {column}: {error.reason}"


@pytest.mark.parametrize(
    ("file", "column"),
    [("nodes.csv", c) for c in NODE_COLUMNS] + [("edges.csv", c) for c in EDGE_COLUMNS],
)
class TestEveryColumn:
    def test_missing_is_named(self, folder, edit, file, column):
        edit(file, 1, column, "something_else")
        error = error_of(folder)
        assert (error.file, error.row, error.column) == (file, 1, column)
        assert "missing column" in error.reason

    def test_a_blank_cell_raises_an_error_unless_allowed(self, folder, edit, file, column):
        # Row 24 of both files is an ordinary Mexican place or leg.
        edit(file, 24, column, "  ")
        if column in MAY_BE_BLANK - {"mx_zone"}:
            assert load_world(folder).n_places == 81
        else:
            error = error_of(folder)
            assert (error.file, error.row, error.column) == (file, 24, column)
            assert "blank" in error.reason


def test_the_first_problem_in_file_order_is_reported(folder, edit):
    edit("edges.csv", 90, "travel_days", "soon")
    edit("edges.csv", 40, "source", "nowhere_at_all")
    assert (error_of(folder).row, error_of(folder).column) == (40, "source")
    edit("nodes.csv", 80, "lat", "north")
    assert (error_of(folder).file, error_of(folder).row) == ("nodes.csv", 80)


@pytest.mark.parametrize(("change", "column"), [(-1, "coord_source"), (1, "coord_source")])
def test_a_row_of_the_wrong_length_is_named(folder, records, write, change, column):
    rows = records("nodes.csv")
    rows[9] = rows[9][:-1] if change < 0 else [*rows[9], "more"]
    write("nodes.csv", rows)
    error = error_of(folder)
    assert (error.row, error.column) == (10, column)
    assert f"{len(rows[9])} cells" in error.reason


@pytest.mark.parametrize("file", ["nodes.csv", "edges.csv"])
class TestWholeFiles:
    def test_missing(self, folder, file):
        (folder / file).unlink()
        assert error_of(folder).file == file

    @pytest.mark.parametrize("content", [b"", b"\n\n", b"\xef\xbb\xbf"])
    def test_empty(self, folder, file, content):
        (folder / file).write_bytes(content)
        error = error_of(folder)
        assert error.file == file
        assert "empty" in error.reason

    def test_semicolons_are_recognised(self, folder, file):
        (folder / file).write_bytes((PACKAGED / file).read_bytes().replace(b",", b";"))
        error = error_of(folder)
        assert (error.file, error.row) == (file, 1)
        assert "use commas" in error.reason

    def test_wrong_encoding_names_the_row(self, folder, file):
        lines = (PACKAGED / file).read_bytes().splitlines(keepends=True)
        lines[6] = lines[6].replace(b"san", b"s\xe1n", 1)
        (folder / file).write_bytes(b"".join(lines))
        error = error_of(folder)
        assert (error.file, error.row) == (file, 7)
        assert "UTF-8" in error.reason

    def test_byte_order_mark_and_other_line_ends_are_accepted(self, folder, file, world):
        text = (PACKAGED / file).read_text(encoding="utf-8")
        ends = text.replace("\n", "\r\n").encode("utf-8-sig")
        (folder / file).write_bytes(ends)
        assert load_world(folder).leg_ids == world.leg_ids

    def test_additional_columns_and_another_order_are_accepted(
        self, folder, records, write, file, world
    ):
        write(file, [[f"x{i}", *row[::-1]] for i, row in enumerate(records(file))])
        loaded = load_world(folder)
        assert (loaded.days == world.days).all()
        assert (loaded.place_sector == world.place_sector).all()

    def test_blank_rows_are_skipped_but_counted(self, folder, records, write, file):
        rows = records(file)
        rows.insert(3, [""] * len(rows[0]))
        write(file, rows)
        assert load_world(folder).n_places == 81
        rows[9][rows[0].index("country" if file == "nodes.csv" else "mode")] = "?"
        write(file, rows)
        assert error_of(folder).row == 10


def drop_legs(records, write, condition) -> None:
    """Remove from edges.csv the legs for which condition(source, target) is true."""
    head, *rows = records("edges.csv")
    write("edges.csv", [head, *(row for row in rows if not condition(row[0], row[1]))])


class TestConnection:
    def test_a_crossing_that_some_origin_cannot_reach(self, folder, records, write):
        # Ojinaga is the only way to Big Bend, and Chihuahua the only way to Ojinaga.
        drop_legs(records, write, lambda a, b: b == "ojinaga")
        error = error_of(folder)
        ids = [row[0] for row in records("nodes.csv")]
        assert (error.file, error.column) == ("nodes.csv", "id")
        assert ids[error.row - 1] == "x_big_bend"
        assert "origin 'guatemala_city'" in error.reason

    def test_a_crossing_without_a_path_to_a_destination(self, folder, records, write):
        drop_legs(records, write, lambda a, b: a == "x_yuma")
        error = error_of(folder)
        assert records("nodes.csv")[error.row - 1][0] == "x_yuma"
        assert "to a destination" in error.reason

    @pytest.mark.parametrize("kind", ["origin", "crossing_between_ports", "destination"])
    def test_a_world_without_a_required_kind(self, folder, records, write, kind):
        rows = records("nodes.csv")
        at = {name: i for i, name in enumerate(rows[0])}
        for row in rows[1:]:
            row[at["kind"]] = "transit" if row[at["kind"]] == kind else row[at["kind"]]
            row[at["mx_origin_region"]] = "0"
        write("nodes.csv", rows)
        error = error_of(folder)
        assert (error.file, error.column) == ("nodes.csv", "kind")
        assert f"no place of kind {kind}" in error.reason


@pytest.mark.parametrize("create", [False, True])
def test_a_folder_is_named_once_and_no_sentence_has_two_marks(tmp_path: Path, create: bool):
    folder = tmp_path / "mine"
    if create:
        folder.mkdir()
    with pytest.raises(WorldError) as error:
        load_world(folder)
    text = str(error.value.as_setting_error("--world", str(folder)))
    assert text.startswith("--world: ") and text.count(str(folder)) == 1
    assert "?." not in text and ".." not in text
