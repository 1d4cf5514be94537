"""The SQLite file of a sweep: its tables, the checksums of its rows, and the check on opening.

Every row ends with a checksum of its other columns; the packed result of a run has its own hash, so
that a frame can be checked without reading it. Files of format 1 have no checksums. They can be
read, and ``experiments.sweeps.sweep_writer`` converts them when their sweep continues.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
import sqlite3
from collections.abc import Iterable, Mapping
from functools import cache
from pathlib import Path
from typing import Any

from abm.scenario import SettingError
from abm.scenario.tree import read_path
from agents.param import one_line
from experiments.sweeps.store_errors import (
    HINT,
    is_damage,
    not_a_ledger,
    one_line_of,
    reason_of,
    unusable,
)

FILE = "ledger.sqlite"
FORMAT = "2"
_FORMAT_WITHOUT_CHECKSUMS = "1"
OPEN_WAIT_S, WRITE_WAIT_S = 5.0, 60.0  # seconds to wait for another program to release the file
_HEADER = b"SQLite format 3\0"
_TABLES = """
create table meta (name text primary key, value text not null, checksum text not null);
create table plan (
    place integer primary key, point integer not null, seed integer not null, key text not null,
    inputs text not null, checksum text not null);
create table runs (
    key text primary key, session integer not null, worker text not null, digest text not null,
    outcomes text not null, cpu_s real, wall_s real, record blob not null,
    record_hash text not null, checksum text not null);
create table failures (
    key text primary key, session integer not null, name text not null, seed integer not null,
    kind text not null, text text not null, trace text not null, tries integer not null,
    checksum text not null);
create table provenance (
    session integer primary key, started text not null, ended text, host text not null,
    platform text not null, command text not null, executor text not null, source text not null,
    versions text not null, checksum text not null);
"""
_NOT_CHECKED = ("record", "checksum")  # a packed result has its own hash
#: Rows of the table ``meta`` that every sweep has.
_META = ("format", "name", "method", "design", "source", "reps", "factors", "scenario")


def _checked_columns() -> dict[str, tuple[str, ...]]:
    """Return the columns of every table that its checksum covers."""
    with contextlib.closing(sqlite3.connect(":memory:")) as db:
        db.executescript(_TABLES)
        tables = db.execute("select name from sqlite_master where type = 'table'").fetchall()
        columns = {table: db.execute(f"pragma table_info({table})") for (table,) in tables}
        return {
            table: tuple(name for _, name, *_ in found if name not in _NOT_CHECKED)
            for table, found in columns.items()
        }


CHECKED = _checked_columns()
"""Columns of every table that its checksum covers."""


# ---- rows ----------------------------------------------------------------------------------------


def checksum(values: Iterable[Any]) -> str:
    """Return a hash of numbers and texts, 16 hexadecimal digits."""
    return hash_bytes(json.dumps(list(values)).encode())


def hash_bytes(content: bytes) -> str:
    """Return a hash of bytes, 16 hexadecimal digits."""
    return hashlib.blake2b(content, digest_size=8).hexdigest()


def row_checksum(table: str, row: Mapping[str, Any]) -> str:
    """Return the checksum of a row.

    Args:
        table: name of the table.
        row: values by column.

    Returns:
        The hash of the columns in ``CHECKED``.
    """
    return checksum(row[name] for name in CHECKED[table])


def insert(
    db: sqlite3.Connection, table: str, row: Mapping[str, Any], *, verb: str = "insert"
) -> int:
    """Insert a row with its checksum.

    Args:
        db: connection.
        table: name of the table.
        row: values by column; NaN is stored as null.
        verb: "insert", "insert or ignore" or "insert or replace".

    Returns:
        The number of the row.
    """
    known = {name: None if value != value else value for name, value in row.items()}
    known["checksum"] = row_checksum(table, known)
    marks = ", ".join("?" * len(known))
    query = f"{verb} into {table} ({', '.join(known)}) values ({marks})"
    return int(db.execute(query, tuple(known.values())).lastrowid or 0)


def create_tables(db: sqlite3.Connection) -> None:
    """Create all tables; they are part of the transaction of the caller."""
    for statement in _TABLES.split(";"):
        db.execute(statement)


# ---- opening -------------------------------------------------------------------------------------


def path_of(folder: str | Path) -> Path:
    """Return the file of a folder, links resolved; raise ``SettingError`` for an invalid name."""
    checked = read_path("folder", folder)
    try:
        return (checked / FILE).resolve()
    except (OSError, ValueError, RuntimeError) as error:
        raise SettingError(
            "folder", f"{one_line(str(folder), 200)} {reason_of(error)}", HINT
        ) from None


def connect(path: Path, *, write: bool = False, create: bool = False) -> sqlite3.Connection:
    """Open the file of a sweep.

    Args:
        path: the file; in a folder without write permission it can be read.
        write: whether to open for writing.
        create: whether to create the file if it is missing.

    Returns:
        The connection, with explicit transactions.

    Raises:
        SettingError: the file cannot be opened.
        sqlite3.OperationalError: another program holds the file (only if `write`).
    """
    mode = "rwc" if create else "rw" if write or os.access(path.parent, os.W_OK) else "ro"
    try:
        uri = f"{path.as_uri()}?mode={mode}"
        db = sqlite3.connect(uri, uri=True, isolation_level=None, timeout=OPEN_WAIT_S)
    except (sqlite3.Error, ValueError) as error:
        raise unusable(path, error) from None
    if not write:
        db.execute("pragma query_only = on")
        return db
    try:
        # the log is on disk before a run counts as finished; on disks without support for it
        # (some network disks) SQLite uses its older journal, which is slower and as safe
        db.execute("pragma journal_mode = wal")
        db.execute("pragma synchronous = full")
        db.execute(f"pragma busy_timeout = {1000 * WRITE_WAIT_S:.0f}")
    except BaseException:
        db.close()
        raise
    return db


def check_present(path: Path) -> None:
    """Raise ``SettingError`` unless a path is a file that SQLite may have written."""
    try:
        if not path.exists() or (path.is_file() and not path.stat().st_size):
            raise SettingError("folder", f"there is no sweep in {path.parent}", HINT)
        if not path.is_file():
            raise not_a_ledger(path)
        with path.open("rb") as file:
            if file.read(len(_HEADER)) != _HEADER:
                raise not_a_ledger(path)
    except OSError as error:
        raise unusable(path, error) from None


def table_names(db: sqlite3.Connection) -> set[str]:
    """Return the names of all tables."""
    return {name for (name,) in db.execute("select name from sqlite_master where type = 'table'")}


# ---- checks --------------------------------------------------------------------------------------


def find_fault(db: sqlite3.Connection, path: Path, *, records: bool = False) -> str:
    """Check a file on opening: its structure, its format and the checksums of its rows.

    Args:
        db: connection.
        path: the file, for messages.
        records: check the packed results as well.

    Returns:
        The first fault; empty if there is none.

    Raises:
        SettingError: the file has no tables, is not of a sweep, has another format or cannot be
            read.
    """
    try:
        db.execute("begin")  # one state of the file, also while its sweep runs
        fault = _find_fault(db, path)
        return fault or (_record_fault(db) if records and has_checksums(db) else "")
    except sqlite3.Error as error:
        if not is_damage(error):
            raise unusable(path, error) from None
        return one_line_of(error)
    except SettingError:
        raise
    except (ValueError, TypeError) as error:
        return one_line_of(error)
    finally:
        if db.in_transaction:
            db.execute("rollback")


def _find_fault(db: sqlite3.Connection, path: Path) -> str:
    """Return the first fault; any error of SQLite is one as well."""
    names = table_names(db)
    if not names:
        raise SettingError("folder", f"there is no sweep in {path.parent}", HINT)
    if not names & CHECKED.keys():
        raise not_a_ledger(path)
    if missing := CHECKED.keys() - names:
        return f"the table {min(missing)} is missing"
    sealed = has_checksums(db)
    fault = _meta_fault(db, path, sealed)
    (found,) = db.execute("pragma integrity_check(1)").fetchone()
    if fault or found != "ok":
        return fault or one_line_of(found)
    return _row_fault(db) if sealed else _text_fault(db)


def has_checksums(db: sqlite3.Connection) -> bool:
    """Return whether the rows have checksums; those of format 1 do not."""
    return any(row[1] == "checksum" for row in db.execute("pragma table_info(meta)"))


def _meta_fault(db: sqlite3.Connection, path: Path, sealed: bool) -> str:
    """Check the description of the sweep; raise ``SettingError`` for an unknown format."""
    meta = intact_meta(db)
    found = meta.get("format", "")
    if found and found != (FORMAT if sealed else _FORMAT_WITHOUT_CHECKSUMS):
        hint = "Read it with the version of the program that wrote it, or give another folder."
        raise SettingError("folder", f"{path} has the unknown format {found!r}", hint)
    missing = [name for name in _META if name not in meta]
    return f"meta.{missing[0]} is missing or damaged" if missing else ""


def intact_meta(db: sqlite3.Connection) -> dict[str, str]:
    """Return the rows of the table ``meta`` whose checksum is correct, or all of format 1."""
    if not has_checksums(db):
        return dict(db.execute("select name, value from meta"))
    rows = db.execute("select name, value, checksum from meta")
    return {name: value for name, value, found in rows if checksum((name, value)) == found}


def _row_fault(db: sqlite3.Connection) -> str:
    """Return the first row whose checksum is wrong, or a table that is not as declared."""
    declared = dict(db.execute("select name, sql from sqlite_master where type = 'table'"))
    for table, sql in _declared_tables().items():
        if declared[table] != sql:
            return f"the table {table} is not as declared"
        names = CHECKED[table]
        rows = db.execute(f"select {', '.join(names)}, checksum from {table}")
        for number, (*values, found) in enumerate(rows, 1):
            if checksum(values) != found:
                return f"row {number} of the table {table}"
    (planned,) = db.execute("select count(*) from plan").fetchone()
    (meta,) = db.execute("select value from meta where name = 'planned'").fetchone()
    return "" if str(planned) == meta else f"{planned:,} of {meta} planned runs are left"


def _record_fault(db: sqlite3.Connection) -> str:
    """Return the first packed result whose hash is wrong."""
    for key, record, found in db.execute("select key, record, record_hash from runs"):
        if hash_bytes(record) != found:
            return f"the result of the run {key}"
    return ""


def _text_fault(db: sqlite3.Connection) -> str:
    """Return the first row of a file without checksums whose text cannot be read."""
    for table, column in (("plan", "inputs"), ("runs", "outcomes")):
        for number, (text,) in enumerate(db.execute(f"select {column} from {table}"), 1):
            if not isinstance(json.loads(text), dict):
                return f"row {number} of the table {table}"
    return ""


@cache
def _declared_tables() -> dict[str, str]:
    """Return the declaration of every table as SQLite stores it."""
    with contextlib.closing(sqlite3.connect(":memory:")) as db:
        create_tables(db)
        return dict(db.execute("select name, sql from sqlite_master where type = 'table'"))
