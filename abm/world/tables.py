"""CSV read strictly: every cell is checked by the reader of its column, or refused by name."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from abm.world.errors import WorldError

Cell = Callable[[str], Any]
"""Reads one cell; raises ValueError with what to give instead."""
RowCheck = Callable[[Mapping[str, Any]], None]
"""Looks at one row as a whole; raises RowProblem."""

# Indices of places and legs are stored as int16, and a leg may be read both ways.
MAX_ROWS = 16_000
# Plain decimal notation. Python's float() would also take "1_000", "nan" and Arabic digits.
_NUMBER = re.compile(r"[+-]?([0-9]+\.?[0-9]*|\.[0-9]+)([eE][+-]?[0-9]+)?")
_SLUG = re.compile(r"[^\W]([\w-]*)")
_COUNTRY = re.compile(r"[A-Z]{2}")


class RowProblem(Exception):
    """A row whose cells are fine one by one but not together."""

    def __init__(self, column: str, reason: str) -> None:
        """Keep the column to blame and the reason."""
        super().__init__(reason)
        self.column, self.reason = column, reason


@dataclass(frozen=True)
class Columns:
    """A checked file by column: `values[column][i]` came from spreadsheet row `rows[i]`."""

    file: str
    values: dict[str, list[Any]]
    rows: list[int]

    def __getitem__(self, column: str) -> list[Any]:
        """Return the values of one column, in file order."""
        return self.values[column]

    def __len__(self) -> int:
        """Return the number of rows of data."""
        return len(self.rows)

    def error(self, i: int, column: str, reason: str) -> WorldError:
        """Return (not raise) the complaint about one cell of data row `i`."""
        return WorldError(self.file, self.rows[i], column, reason)


def read_bytes(path: Path) -> bytes:
    """Return the content of a file; WorldError if it cannot be opened."""
    try:
        return path.read_bytes()
    except FileNotFoundError:
        raise WorldError(path.name, reason=f"there is no such file in {path.parent}") from None
    except OSError as error:
        raise WorldError(path.name, reason=f"cannot be read: {error.strerror}") from None


def decode(file: str, content: bytes) -> str:
    """Return the text of a UTF-8 file, with or without a byte-order mark."""
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        row = content.count(b"\n", 0, error.start) + 1
        reason = "is not UTF-8 text; save the file as CSV UTF-8"
        raise WorldError(file, row, reason=reason) from None


def read_records(file: str, text: str) -> Iterable[tuple[int, list[str]]]:
    """Yield (spreadsheet row, stripped cells) of each row that is not blank."""
    # StringIO, not splitlines(): a form feed or U+2028 inside a cell is no end of row.
    reader = csv.reader(io.StringIO(text, newline=""), strict=True)
    number = 0
    try:
        for number, record in enumerate(reader, start=1):
            cells = [cell.strip() for cell in record]
            if any(cells):
                yield number, cells
    except csv.Error as error:
        raise WorldError(file, number + 1, reason=f"is not valid CSV: {error}") from None


def read_columns(file: str, content: bytes, schema: Mapping[str, Cell], check: RowCheck) -> Columns:
    """Read a whole CSV file, or raise WorldError about the first thing wrong in file order.

    Args:
        file: the name to put into complaints.
        content: the bytes of the file.
        schema: the columns that must be there and the reader of each; others are ignored.
        check: called with each row once its cells are read.
    """
    records = iter(read_records(file, decode(file, content)))
    header = _header(file, next(records, None), schema)
    columns = Columns(file, {name: [] for name in schema}, [])
    for number, cells in records:
        _add_row(columns, number, _row(file, number, header, cells, schema), check)
    if not columns.rows:
        raise WorldError(file, reason="has a header but no rows")
    return columns


def _header(
    file: str, first: tuple[int, list[str]] | None, schema: Mapping[str, Cell]
) -> list[str]:
    if first is None:
        raise WorldError(file, reason="is empty; the first row must name the columns")
    number, header = first
    hint = "; use commas between columns" if len(header) == 1 and ";" in header[0] else ""
    for name in schema:
        if name not in header:
            raise WorldError(file, number, name, f"the column is missing from the header{hint}")
        if header.count(name) > 1:
            raise WorldError(file, number, name, "the column is named twice in the header")
    return header


def _row(
    file: str, number: int, header: list[str], cells: list[str], schema: Mapping[str, Cell]
) -> dict[str, Any]:
    """Return the values of one row; the first bad cell from the left is refused."""
    if len(cells) != len(header):
        blame = header[len(cells)] if len(cells) < len(header) else header[-1]
        counts = f"the row has {len(cells)} cells where the header has {len(header)}"
        raise WorldError(file, number, blame, counts)
    values: dict[str, Any] = {}
    for name, cell in zip(header, cells, strict=True):
        if name in schema:
            try:
                values[name] = schema[name](cell)
            except ValueError as error:
                raise WorldError(file, number, name, str(error)) from None
    return values


def _add_row(columns: Columns, number: int, values: dict[str, Any], check: RowCheck) -> None:
    if len(columns) >= MAX_ROWS:
        raise WorldError(columns.file, number, reason=f"more than {MAX_ROWS:,} rows")
    try:
        check(values)
    except RowProblem as problem:
        raise WorldError(columns.file, number, problem.column, problem.reason) from None
    columns.rows.append(number)
    for name, value in values.items():
        columns.values[name].append(value)


def optional(cell: Cell, blank: Any) -> Cell:
    """Return a reader that gives `blank` for an empty cell."""
    return lambda text: cell(text) if text else blank


def number(low: float, high: float, give: str) -> Cell:
    """Return a reader of finite decimal numbers from `low` to `high`, both included."""

    def read(text: str) -> float:
        if not text:
            raise ValueError(f"is blank; give {give}")
        if not _NUMBER.fullmatch(text):
            raise ValueError(f"{_quoted(text)} is not a number; give {give}")
        value = float(text)
        if not low <= value <= high:  # also refuses 1e999, which is infinite
            raise ValueError(f"{_quoted(text)} is out of range; give {give}")
        return value

    return read


def whole(low: int, high: int, give: str) -> Cell:
    """Return a reader of whole numbers; `2.0` counts, as spreadsheets write it so."""
    decimal = number(low, high, give)

    def read(text: str) -> int:
        value = decimal(text)
        if value != int(value):
            raise ValueError(f"{_quoted(text)} is not a whole number; give {give}")
        return int(value)

    return read


def one_of(words: Iterable[str], what: str) -> Cell:
    """Return a reader that takes only the listed words and returns the word."""
    known = list(words)
    give = f"give {', '.join(known[:-1])} or {known[-1]}"

    def read(text: str) -> str:
        if text not in known:
            said = f"{_quoted(text)} is not a known {what}" if text else "is blank"
            raise ValueError(f"{said}; {give}")
        return text

    return read


def slug(text: str) -> str:
    """Read a key: letters, digits, `_` and `-` only, as legs are written `a>b:mode`."""
    if not _SLUG.fullmatch(text):
        said = f"{_quoted(text)} is not a key" if text else "is blank"
        raise ValueError(f"{said}; give letters, digits, _ or - without spaces")
    return text


def words(text: str) -> str:
    """Read any text that is not blank."""
    if not text:
        raise ValueError("is blank; give some text")
    return text


def country(text: str) -> str:
    """Read a two-letter country code."""
    if not _COUNTRY.fullmatch(text):
        said = f"{_quoted(text)} is not a country code" if text else "is blank"
        raise ValueError(f"{said}; give two capital letters such as GT, HN, SV, MX or US")
    return text


def _quoted(text: str) -> str:
    """Return a cell for a message: escaped, and short however long the cell is."""
    return repr(text if len(text) <= 40 else text[:37] + "...")
