"""A copy of the packaged world that tests may change, and functions that change one cell."""

from __future__ import annotations

import csv
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from abm.world.routes import PACKAGED

Edit = Callable[[str, int, str, str], None]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Return a copy of the packaged world that a test may change."""
    for name in ("nodes.csv", "edges.csv"):
        shutil.copy(PACKAGED / name, tmp_path / name)
    return tmp_path


@pytest.fixture
def records(folder: Path) -> Callable[[str], list[list[str]]]:
    """Return a function that reads a file; spreadsheet row r is records[r - 1]."""

    def read(file: str) -> list[list[str]]:
        with (folder / file).open(encoding="utf-8", newline="") as stream:
            return list(csv.reader(stream))

    return read


@pytest.fixture
def write(folder: Path) -> Callable[[str, list[list[str]]], None]:
    """Return a function that writes a file of the copy."""

    def put(file: str, rows: list[list[str]]) -> None:
        with (folder / file).open("w", encoding="utf-8", newline="") as stream:
            csv.writer(stream).writerows(rows)

    return put


@pytest.fixture
def edit(records: Callable, write: Callable) -> Edit:
    """Return a function that changes the cell at a spreadsheet row and a column."""

    def change(file: str, row: int, column: str, text: str) -> None:
        rows = records(file)
        rows[row - 1][rows[0].index(column)] = text
        write(file, rows)

    return change
