"""A user's own supply: a CSV file with candidates by month, country and kind.

The columns are `month` (YYYY-MM), `country` and `kind` (both optional, where a blank cell or `*`
means all), and either `factor` or `persons`. Other columns are refused. A factor multiplies the
mean daily rate of FY2013 and includes the season. `persons` is the number of candidates in the
month. It is divided among the row's countries and kinds in FY2013 proportions. Months refer to the
day at the line, as in every series.

Rows with the same country and kind form a series of consecutive months. Before its first month, the
first twelve months repeat. After its last month, the last twelve months repeat. If a series has
fewer than twelve months, its first value applies before it and its last value after it.
"""

from __future__ import annotations

import calendar
import datetime
import hashlib
import os
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from abm.world.errors import WorldError
from abm.world.tables import (
    Cell,
    Columns,
    decode,
    number,
    one_of,
    optional,
    read_bytes,
    read_columns,
    read_records,
)
from agents.labels import COUNTRIES, KINDS
from agents.outcomes import N_KINDS, Group, Kind
from agents.param import SettingError, did_you_mean, listed

MOST_BYTES = 1_000_000
#: Upper bounds of a cell. Person ids limit how many candidates a day can have.
MOST_PERSONS, MOST_FACTOR = 2_000_000, 50
_ALL = "*"
#: Kinds as in the packaged data. Files may also use the short names adult, family and child.
_KINDS = {
    "single_adult": Kind.ADULT,
    "family_member": Kind.FAMILY,
    "unaccompanied_child": Kind.CHILD,
}
_SHORT: dict[str, str] = dict(zip(KINDS, _KINDS, strict=True))
_MONTH = re.compile(r"(19|20|21)[0-9]{2}-(0[1-9]|1[0-2])")
_YEAR = 12
_MAX_PATH_LENGTH = 100  # characters of a path in a message
_MEXICO = COUNTRIES.index("MX")
_MISSING = "Give the path of an existing CSV file, or the name of a series such as fy2013."
_COLUMNS = ("month", "country", "kind", "factor", "persons")
_HINT = "Fix the file: columns month, country, kind, and factor or persons."


@dataclass(frozen=True, slots=True)
class OwnSeries:
    """Series for one country and kind in a supply file.

    Attributes:
        cells: mask of countries and kinds in the series, shape (countries + 1, kinds).
        first: first month, as year * 12 + month - 1.
        values: multiples of FY2013, or persons a month, shape (months,).
        persons: whether the values are persons, not multiples.
        country: two-letter country code, or "*" for all countries.
    """

    cells: np.ndarray
    first: int
    values: np.ndarray
    persons: bool
    country: str

    def at(self, date: datetime.date) -> float:
        """Return the multiple of FY2013, or the persons a day, for a date at the line."""
        month = date.year * 12 + date.month - 1 - self.first
        value = float(self.values[_value_index(month, self.values.size)])
        if not self.persons:
            return value
        return value / calendar.monthrange(date.year, date.month)[1]


@dataclass(frozen=True, slots=True)
class OwnSupply:
    """All series in a supply file.

    Attributes:
        series: the series. No two series cover the same country and kind.
        lead: days from a decision to the line, by group.
    """

    series: tuple[OwnSeries, ...]
    lead: tuple[int, ...]

    def replace(self, factor: np.ndarray, date: datetime.date) -> np.ndarray:
        """Return multiples in which the file replaces the values for its countries and kinds.

        Args:
            factor: multiples from a named series on the same date, shape (countries + 1, kinds).
            date: day of the decision.

        Returns:
            A changed copy of `factor`. Values from a series that counts persons are persons a day.
        """
        multiples = factor.copy()
        mexican = np.arange(len(factor))[:, None] == _MEXICO
        for series in self.series:
            for group, rows in ((Group.MEXICAN, mexican), (Group.NORTHERN_TRIANGLE, ~mexican)):
                arrival = date + datetime.timedelta(days=self.lead[group])
                multiples[series.cells & rows] = series.at(arrival)
        return multiples

    def bases(
        self, index: np.ndarray, kind: np.ndarray, base: np.ndarray, level: float
    ) -> np.ndarray:
        """Return base rates by stratum. If a series counts persons, its strata have shares instead.

        Args:
            index: row for each stratum's country, shape (strata,).
            kind: kind by stratum, shape (strata,).
            base: candidates a day at the FY2013 level, shape (strata,).
            level: factor on the whole supply.

        Returns:
            A changed copy of `base`. In each series that counts persons, the shares sum to `level`.

        Raises:
            SettingError: the world has no community in a country of the file.
        """
        rates = base.copy()
        for series in self.series:
            covered = series.cells[index, kind]
            if not covered.any():
                hint = "Remove these rows, or use a world with this country."
                reason = f"the world has no community of {series.country}, which the file lists"
                raise SettingError("supply", reason, hint)
            if series.persons:
                weight = np.where(covered, base, 0.0)
                weight = weight if weight.any() else covered.astype(float)
                rates[covered] = level * (weight / weight.sum())[covered]
        return rates


def is_supply_file(supply: str) -> bool:
    """Return whether the setting `supply` names a file instead of a series."""
    return supply.lower().endswith(".csv") and "\0" not in supply


def supply_content(supply: str) -> str:
    """Return a hash of a supply file's content.

    Args:
        supply: name of a series, or path of a file.

    Returns:
        32 hexadecimal digits, or "" for a series and for a file that cannot be read.
    """
    if not is_supply_file(supply):
        return ""
    try:
        return hashlib.blake2b(read_bytes(Path(supply), MOST_BYTES), digest_size=16).hexdigest()
    except WorldError:
        return ""


def supply_label(supply: str) -> str:
    """Return a label for a supply in results: the series, or the file name with a content hash."""
    if not is_supply_file(supply):
        return supply
    return f"{Path(supply).name} ({supply_content(supply)[:12] or 'not found'})"


def in_folder(supply: str, folder: str | Path) -> str:
    """Make the path of a supply file absolute.

    Args:
        supply: name of a series, or path of a file.
        folder: folder to which the path is relative.

    Returns:
        The name of the series unchanged, or the absolute path.
    """
    return os.path.abspath(Path(folder) / supply) if is_supply_file(supply) else supply


def read_supply_file(path: str, lead: Iterable[float] = (0.0, 0.0)) -> OwnSupply:
    """Read a supply file.

    Args:
        path: path of the CSV file.
        lead: days from a decision to the line, by group.

    Returns:
        All series in the file.

    Raises:
        SettingError: the file is missing or invalid. The message names the row and the column.
    """
    try:
        label = path if len(path) <= _MAX_PATH_LENGTH else f"...{path[-90:]}"
        series = _series(label, read_bytes(Path(path), MOST_BYTES))
        return OwnSupply(series, tuple(round(days) for days in lead))
    except WorldError as error:
        hint = _HINT if os.path.isfile(path) else _MISSING
        raise SettingError("supply", str(error), hint) from None


def _series(file: str, content: bytes) -> tuple[OwnSeries, ...]:
    """Return all series in a file. Raise WorldError for the first invalid row."""
    schema = _schema(file, content)
    unit = "persons" if "persons" in schema else "factor"
    columns = read_columns(file, content, schema, lambda _: None)
    rows_by_key: dict[tuple[str, str], list[int]] = {}
    covered: dict[tuple[int, int], tuple[tuple[str, str], int]] = {}
    for i in range(len(columns)):
        key = _cell(columns, "country", i), _cell(columns, "kind", i)
        if key not in rows_by_key:
            _check_overlap(columns, i, key, covered)
        rows = rows_by_key.setdefault(key, [])
        _check_month(columns, i, rows)
        rows.append(i)
    values, months = np.array(columns[unit], dtype=float), columns["month"]
    return tuple(
        OwnSeries(_cells(*key), months[rows[0]], values[rows], unit == "persons", key[0])
        for key, rows in rows_by_key.items()
    )


def _schema(file: str, content: bytes) -> Mapping[str, Any]:
    """Return a cell reader for each column in the file's header."""
    row, header = next(iter(read_records(file, decode(file, content))), (1, []))
    _check_header(file, row, header)
    persons = "persons" in header
    schema: dict[str, Any] = {"month": month_number}
    for name, words in (("country", COUNTRIES), ("kind", tuple(_KINDS))):
        if name in header:
            schema[name] = _one_or_all(words, name)
    highest = MOST_PERSONS if persons else MOST_FACTOR
    expected = f"a number from 0 to {highest:,}"
    return schema | {"persons" if persons else "factor": number(0.0, float(highest), expected)}


def _check_header(file: str, row: int, header: list[str]) -> None:
    """Raise WorldError unless the header has commas, known columns and one value column."""
    if not header:
        return
    if len(header) == 1 and re.search("[;\t]", header[0]):
        reason = "columns are separated by semicolons or tabs: expected commas; save it as CSV"
        raise WorldError(file, row, reason=reason)
    for name in header:
        if name not in _COLUMNS:
            guess = did_you_mean(name, _COLUMNS).rstrip()
            expected = guess or f"expected only {listed(_COLUMNS)}"
            raise WorldError(file, row, name, f"unknown column in the header: {expected}")
    if ("factor" in header) == ("persons" in header):
        reason = "invalid columns in the header: expected either factor or persons"
        raise WorldError(file, row, "persons", reason)


def _one_or_all(words: tuple[str, ...], name: str) -> Cell:
    """Return a reader for cells with one of the words. Blank cells and * stand for all words."""
    read = one_of((*words, _ALL), name)
    return optional(lambda text: read(_SHORT.get(text, text)), _ALL)


def month_number(text: str) -> int:
    """Read a month such as 2014-07 as year * 12 + month - 1."""
    if not _MONTH.fullmatch(text):
        quoted = repr(text if len(text) <= 40 else text[:37] + "...")
        problem = f"invalid month {quoted}" if text else "blank cell"
        raise ValueError(f"{problem}: expected a month from 1900-01 to 2199-12 such as 2014-07")
    return int(text[:4]) * 12 + int(text[5:]) - 1


def _cell(columns: Columns, name: str, i: int) -> str:
    """Return a cell of an optional column, or "*" if the file does not have the column."""
    return columns[name][i] if name in columns.values else _ALL


def _check_month(columns: Columns, i: int, rows: list[int]) -> None:
    """Raise WorldError unless a row's month follows the last month of the same series in `rows`."""
    if not rows:
        return
    month, last = columns["month"][i], columns["month"][rows[-1]]
    if month != last + 1:
        reason = (
            f"{month_text(month)} follows {month_text(last)} of row {columns.rows[rows[-1]]}: "
            f"expected {month_text(last + 1)}; the months of a country and kind are consecutive"
        )
        raise columns.error(i, "month", reason)


def _check_overlap(
    columns: Columns,
    i: int,
    key: tuple[str, str],
    covered: dict[tuple[int, int], tuple[tuple[str, str], int]],
) -> None:
    """Raise WorldError if another series covers the same country and kind.

    Args:
        columns: columns of the file.
        i: index of the row with which the series begins.
        key: country and kind of the series.
        covered: for each country and kind so far, the key of its series and its row in the file.
            The function adds the countries and kinds of this series.
    """
    for indices in zip(*np.nonzero(_cells(*key)), strict=True):
        cell = int(indices[0]), int(indices[1])
        if cell in covered:
            (country, kind), row = covered[cell]
            reason = (
                f"country {key[0]} and kind {key[1]} overlap with country {country} and kind "
                f"{kind} of row {row}: expected each country and kind once"
            )
            raise columns.error(i, "country" if "country" in columns.values else "kind", reason)
        covered[cell] = key, columns.rows[i]


def _cells(country: str, kind: str) -> np.ndarray:
    """Return a mask of a series' countries and kinds, shape (countries + 1, kinds).

    The last row is for countries that have no record. Only "*" includes it.
    """
    cells = np.zeros((len(COUNTRIES) + 1, N_KINDS), dtype=bool)
    rows = slice(None) if country == _ALL else COUNTRIES.index(country)
    cells[rows, slice(None) if kind == _ALL else _KINDS[kind]] = True
    return cells


def _value_index(month: int, months: int) -> int:
    """Return the index of the value for a month, which may lie outside the series.

    Args:
        month: months since the first month of the series, negative before it.
        months: length of the series.
    """
    if 0 <= month < months:
        return month
    if months < _YEAR:
        return 0 if month < 0 else months - 1
    return month % _YEAR if month < 0 else months - _YEAR + (month - months) % _YEAR


def month_text(month: int) -> str:
    """Return a month as text, such as 2009-10."""
    return f"{month // 12:04d}-{month % 12 + 1:02d}"
