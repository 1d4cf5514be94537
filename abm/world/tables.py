"""Strict reading of CSV files: each column has a cell reader, and errors name row and column."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from abm.world.errors import WorldError
from agents.param import hidden_in

Cell = Callable[[str], Any]
"""Function that reads one cell, and raises ValueError with the expected value."""
RowCheck = Callable[[Mapping[str, Any]], None]
"""Function that checks one row as a whole, and raises RowProblem."""

# Place and leg indices are stored as int16, and a row can become a leg in each direction.
MAX_ROWS = 16_000
MAX_BYTES = 20_000_000  # bytes; 16,000 rows have about 2 MB
# Plain decimal notation only, because float() also accepts "1_000", "nan" and Arabic digits.
_NUMBER = re.compile(r"[+-]?([0-9]+\.?[0-9]*|\.[0-9]+)([eE][+-]?[0-9]+)?")
_SLUG = re.compile(r"[^\W]([\w-]*)")
_COUNTRY = re.compile(r"[A-Z]{2}")


class RowProblem(Exception):
    """Raised if the cells of a row are valid one by one, but not together."""

    def __init__(self, column: str, reason: str) -> None:
        """Store the column and the reason.

        Args:
            column: name of the invalid column.
            reason: the problem and the expected value.
        """
        super().__init__(reason)
        self.column, self.reason = column, reason


@dataclass(frozen=True)
class Columns:
    """Checked contents of a file, by column.

    Attributes:
        file: file name, for error messages.
        values: list of values by column.
        rows: row number of each entry, as in a spreadsheet.
    """

    file: str
    values: dict[str, list[Any]]
    rows: list[int]

    def __getitem__(self, column: str) -> list[Any]:
        """Return the values of one column, in file order."""
        return self.values[column]

    def __len__(self) -> int:
        """Return the number of data rows."""
        return len(self.rows)

    def error(self, i: int, column: str, reason: str) -> WorldError:
        """Create the error for one cell. The caller raises it.

        Args:
            i: index of the data row.
            column: name of the column.
            reason: the problem and the expected value.

        Returns:
            The error.
        """
        return WorldError(self.file, self.rows[i], column, reason)


def read_bytes(path: Path, max_bytes: int = MAX_BYTES) -> bytes:
    """Return the content of a regular file.

    Args:
        path: path of the file.
        max_bytes: maximum size in bytes.

    Returns:
        The bytes of the file.

    Raises:
        WorldError: the file is missing, too large, or not a regular file.
    """
    try:
        if path.exists() and not (path.is_file() or path.is_dir()):  # reading a pipe may never end
            raise WorldError(path.name, reason="not a regular file: expected a file")
        if path.is_file() and path.stat().st_size > max_bytes:
            raise WorldError(path.name, reason=f"too large: expected at most {max_bytes:,} bytes")
        return path.read_bytes()
    except FileNotFoundError:
        raise WorldError(path.name, reason=f"no such file in {path.parent}") from None
    except OSError as error:
        raise WorldError(path.name, reason=f"cannot be read: {error.strerror}") from None


def decode(file: str, content: bytes) -> str:
    """Return a UTF-8 file's text, with or without a byte-order mark.

    Args:
        file: name of the file, for error messages.
        content: bytes of the file.

    Returns:
        The text of the file.

    Raises:
        WorldError: the bytes are not UTF-8.
    """
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        row = content.count(b"\n", 0, error.start) + 1
        reason = "invalid encoding: expected UTF-8; save the file as UTF-8"
        raise WorldError(file, row, reason=reason) from None


def read_records(file: str, text: str) -> Iterable[tuple[int, list[str]]]:
    """Yield every row in a CSV file that is not blank.

    Args:
        file: name of the file, for error messages.
        text: text of the file.

    Yields:
        Row number as in a spreadsheet, and the cells without surrounding blanks.

    Raises:
        WorldError: the text is not valid CSV.
    """
    # splitlines() would also split at a form feed or U+2028 inside a cell.
    reader = csv.reader(io.StringIO(text, newline=""), strict=True)
    number = 0
    try:
        for number, record in enumerate(reader, start=1):
            cells = [cell.strip() for cell in record]
            if any(cells):
                yield number, cells
    except csv.Error as error:
        raise WorldError(file, number + 1, reason=f"invalid CSV: {error}") from None


def read_columns(file: str, content: bytes, schema: Mapping[str, Cell], check: RowCheck) -> Columns:
    """Read and check a whole CSV file.

    Args:
        file: name of the file, for error messages.
        content: bytes of the file.
        schema: a cell reader for each required column. Other columns are ignored.
        check: function that is called with every row after its cells have been read.

    Returns:
        The checked columns.

    Raises:
        WorldError: a row or cell is invalid. The error refers to the first problem in file order.
    """
    records = iter(read_records(file, decode(file, content)))
    header = _header(file, next(records, None), schema)
    columns = Columns(file, {name: [] for name in schema}, [])
    for number, cells in records:
        _add_row(columns, number, _row(file, number, header, cells, schema), check)
    if not columns.rows:
        raise WorldError(file, reason="no rows: expected at least one row after the header")
    return columns


def _header(
    file: str, first: tuple[int, list[str]] | None, schema: Mapping[str, Cell]
) -> list[str]:
    """Return the column names in the header. Raise WorldError unless each column occurs once."""
    if first is None:
        raise WorldError(file, reason="empty file: expected column names in the first row")
    number, header = first
    hint = "; use commas between columns" if len(header) == 1 and ";" in header[0] else ""
    for name in schema:
        if name not in header:
            raise WorldError(file, number, name, f"missing column in the header{hint}")
        if header.count(name) > 1:
            raise WorldError(file, number, name, "duplicate column in the header: expected one")
    return header


def _row(
    file: str, number: int, header: list[str], cells: list[str], schema: Mapping[str, Cell]
) -> dict[str, Any]:
    """Return the values in one row. Raise WorldError for the first invalid cell from the left."""
    if len(cells) != len(header):
        column = header[len(cells)] if len(cells) < len(header) else header[-1]
        counts = f"{len(cells)} cells: expected {len(header)}, as in the header"
        raise WorldError(file, number, column, counts)
    values: dict[str, Any] = {}
    for name, cell in zip(header, cells, strict=True):
        if name in schema:
            try:
                values[name] = schema[name](cell)
            except ValueError as error:
                raise WorldError(file, number, name, str(error)) from None
    return values


def _add_row(columns: Columns, number: int, values: dict[str, Any], check: RowCheck) -> None:
    """Check one row as a whole and append its values to the columns."""
    if len(columns) >= MAX_ROWS:
        reason = f"too many rows: expected at most {MAX_ROWS:,}"
        raise WorldError(columns.file, number, reason=reason)
    try:
        check(values)
    except RowProblem as problem:
        raise WorldError(columns.file, number, problem.column, problem.reason) from None
    columns.rows.append(number)
    for name, value in values.items():
        columns.values[name].append(value)


def optional(cell: Cell, blank: Any) -> Cell:
    """Return a cell reader that also accepts blank cells.

    Args:
        cell: reader for cells that are not blank.
        blank: value for a blank cell.

    Returns:
        The reader.
    """
    return lambda text: cell(text) if text else blank


def number(low: float, high: float, expected: str) -> Cell:
    """Return a cell reader for finite decimal numbers.

    Args:
        low, high: minimum and maximum valid value.
        expected: description of a valid value, for error messages.

    Returns:
        The reader.
    """

    def read(text: str) -> float:
        if not text:
            raise ValueError(f"blank cell: expected {expected}")
        if not _NUMBER.fullmatch(text):
            raise ValueError(f"invalid number {_quoted(text)}: expected {expected}")
        value = float(text)
        if not low <= value <= high:  # also rejects 1e999, which is infinite
            raise ValueError(f"{_quoted(text)} is out of range: expected {expected}")
        return value

    return read


def whole_number(low: int, high: int, expected: str) -> Cell:
    """Return a cell reader for whole numbers, including `2.0`, which spreadsheets may write.

    Args:
        low, high: minimum and maximum valid value.
        expected: description of a valid value, for error messages.

    Returns:
        The reader.
    """
    decimal = number(low, high, expected)

    def read(text: str) -> int:
        value = decimal(text)
        if value != int(value):
            raise ValueError(f"invalid whole number {_quoted(text)}: expected {expected}")
        return int(value)

    return read


def one_of(words: Iterable[str], name: str) -> Cell:
    """Return a cell reader that accepts only certain words.

    Args:
        words: the allowed words.
        name: noun for the words, for error messages.

    Returns:
        The reader.
    """
    allowed = list(words)
    expected = f"expected {', '.join(allowed[:-1])} or {allowed[-1]}"

    def read(text: str) -> str:
        if text not in allowed:
            problem = f"unknown {name} {_quoted(text)}" if text else "blank cell"
            raise ValueError(f"{problem}: {expected}")
        return text

    return read


def slug(text: str) -> str:
    """Read a key of letters, digits, `_` and `-`, because leg ids have the form `a>b:mode`."""
    if not _SLUG.fullmatch(text):
        problem = f"invalid key {_quoted(text)}" if text else "blank cell"
        raise ValueError(f"{problem}: expected letters, digits, _ or - without spaces")
    return text


def words(text: str) -> str:
    """Read any text on one line that is not blank."""
    if not text:
        raise ValueError("blank cell: expected some text")
    if hidden := hidden_in(text):
        raise ValueError(f"invalid text: expected one line without the character {hidden}")
    return text


def country(text: str) -> str:
    """Read a two-letter country code."""
    if not _COUNTRY.fullmatch(text):
        problem = f"invalid country code {_quoted(text)}" if text else "blank cell"
        raise ValueError(f"{problem}: expected two capital letters such as GT, HN, SV, MX or US")
    return text


def _quoted(text: str) -> str:
    """Return a cell in quotation marks, escaped and cut to 40 characters, for a message."""
    return repr(text if len(text) <= 40 else text[:37] + "...")
