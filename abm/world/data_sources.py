"""Sources of the packaged data, read from tables in the README of the data folder."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path

_DATA = Path(__file__).with_name("data")
_LINK = re.compile(r"\[([^\]]*)\]\(([^)]*)\)")


@dataclass(frozen=True, slots=True)
class Credit:
    """Credit for a source: which data come from it, its name, and its terms of use."""

    figures: str
    source: str
    terms: str


@dataclass(frozen=True, slots=True)
class DataFile:
    """Description of data files: name or pattern, content, reliability and number of rows."""

    names: str
    content: str
    trust: str
    rows: int


@cache
def credits() -> tuple[Credit, ...]:
    """Return all credits, with their terms of use."""
    return tuple(
        Credit(*cells[:3]) for heads, cells in _rows() if heads[:3] == ("what", "from", "terms")
    )


@cache
def files() -> tuple[DataFile, ...]:
    """Return all data file descriptions in the README."""
    return tuple(
        DataFile(cells[0], cells[1], cells[2], sum(map(_count_rows, paths_of(cells[0]))))
        for heads, cells in _rows()
        if heads[0] == "file"
    )


def paths_of(names: str) -> list[Path]:
    """Return the paths to data files, given a comma-separated list of names or patterns."""
    return sorted({path for name in names.split(", ") for path in _DATA.rglob(name)})


def _count_rows(path: Path) -> int:
    """Return the number of rows in a CSV file without its header, and 0 for other files."""
    if path.suffix != ".csv":
        return 0
    import csv

    with path.open(encoding="utf-8", newline="") as file:
        return max(0, sum(1 for _ in csv.reader(file)) - 1)


def _rows() -> Iterator[tuple[tuple[str, ...], tuple[str, ...]]]:
    """Yield headings and cells of every table row in the README."""
    heads: tuple[str, ...] = ()
    for line in (_DATA / "README.md").read_text(encoding="utf-8").splitlines():
        if not line.startswith("|"):
            heads = ()
            continue
        plain = _LINK.sub(r"\1", line).replace("`", "").replace("**", "")  # Remove Markdown.
        cells = tuple(cell.strip() for cell in plain.strip("|").split("|"))
        if not heads:
            heads = cells
        elif set(line) - set("|-: "):
            yield heads, cells
