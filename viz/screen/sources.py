"""From where the figures of the model are, read from the data's own tables of credits and files."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import abm.world

_DATA = Path(abm.world.__file__).with_name("data")
_LINK = re.compile(r"\[([^\]]*)\]\(([^)]*)\)")


@dataclass(frozen=True, slots=True)
class Credit:
    """What is taken from whom, and under which terms."""

    what: str
    source: str
    terms: str


@dataclass(frozen=True, slots=True)
class File:
    """Files of the data (a pattern may name several), what they hold, and how far to trust it.

    ``rows``: lines of figures in them, without heads.
    """

    names: str
    what: str
    trust: str
    rows: int


@cache
def credits() -> tuple[Credit, ...]:
    """Credits and licences."""
    return tuple(
        Credit(*cells[:3]) for heads, cells in _rows() if heads[:3] == ("what", "from", "terms")
    )


@cache
def files() -> tuple[File, ...]:
    """Every file of the data that is described."""
    return tuple(
        File(cells[0], cells[1], cells[2], sum(map(_lines, paths_of(cells[0]))))
        for heads, cells in _rows()
        if heads[0] == "file"
    )


def paths_of(names: str) -> list[Path]:
    """The files that a cell names, by name or by pattern."""
    return sorted({path for name in names.split(", ") for path in _DATA.rglob(name)})


def tables() -> list[Path]:
    """All tables of figures that the package has."""
    return sorted(_DATA.rglob("*.csv"))


def _lines(path: Path) -> int:
    """Rows of a table without its head; nothing for a picture of outlines."""
    if path.suffix != ".csv":
        return 0
    import csv

    with path.open(encoding="utf-8", newline="") as file:
        return max(0, sum(1 for _ in csv.reader(file)) - 1)


def _rows() -> Iterator[tuple[tuple[str, ...], tuple[str, ...]]]:
    """Rows of all tables of the data's own page, with the heads of their table."""
    heads: tuple[str, ...] = ()
    for line in (_DATA / "README.md").read_text(encoding="utf-8").splitlines():
        if not line.startswith("|"):
            heads = ()
            continue
        cells = tuple(_plain(cell) for cell in line.strip("|").split("|"))
        if not heads:
            heads = cells
        elif set(line) - set("|-: "):
            yield heads, cells


def _plain(cell: str) -> str:
    """A cell without marks of Markdown; a link gives its words."""
    return _LINK.sub(r"\1", cell).replace("`", "").replace("**", "").strip()
