"""Copy the intact rows of a sweep into a fresh file, and replace the file by it in one step.

That repairs a damaged file, adds checksums to a file of format 1, and continues a sweep whose file
another program keeps open for reading: that program keeps the old file.
"""

from __future__ import annotations

import contextlib
import os
import shutil
import sqlite3
import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from experiments.runs.codec import frame_values, outcomes_text, unpack
from experiments.sweeps.store_errors import SIBLINGS, is_damage
from experiments.sweeps.store_file import (
    CHECKED,
    hash_bytes,
    insert,
    intact_meta,
    row_checksum,
)

_SPARE = 1_000  # row numbers beyond the planned ones that are searched
_LONGEST_END = 100  # length of a file before its end was lost, relative to the rest


def copy_intact(old: sqlite3.Connection, new: sqlite3.Connection) -> int:
    """Copy planned runs, their failures and the provenance, each row only if it is intact.

    Args:
        old: the file to read.
        new: a file whose runs are planned, in a transaction.

    Returns:
        The number of copied runs.
    """
    planned = {key for (key,) in new.execute("select key from plan")}
    for row in _rows(old, "runs", len(planned)):
        if row.get("key") in planned and _is_intact_run(row):
            stored = {name: row[name] for name in CHECKED["runs"] if name in row}
            content = {"record": row["record"], "record_hash": hash_bytes(row["record"])}
            insert(new, "runs", stored | content, verb="insert or ignore")
    done = {key for (key,) in new.execute("select key from runs")}
    for row in _rows(old, "failures", len(planned)):
        if row.get("key") in planned - done:
            _copy_row(new, "failures", row)
    for row in _rows(old, "provenance", 0):
        _copy_row(new, "provenance", row)
    return len(done)


def _rows(db: sqlite3.Connection, table: str, planned: int) -> Iterator[dict[str, Any]]:
    """Yield every row that can be read, by column; a damaged page loses only its own rows."""
    for number in range(1, planned + _SPARE):
        try:
            cursor = db.execute(f"select * from {table} where rowid = ?", (number,))
            values = cursor.fetchone()
        except (sqlite3.Error, UnicodeDecodeError) as error:
            if not is_damage(error):
                raise
            continue
        if values is not None:
            names = [column[0] for column in cursor.description]
            yield dict(zip(names, values, strict=True))


def _copy_row(new: sqlite3.Connection, table: str, row: dict[str, Any]) -> None:
    """Copy a row unless its checksum is wrong."""
    if row.keys() >= set(CHECKED[table]) and _has_valid_checksum(table, row):
        values = {name: row[name] for name in CHECKED[table]}
        insert(new, table, values, verb="insert or ignore")


def _has_valid_checksum(table: str, row: dict[str, Any]) -> bool:
    """Return whether a row can be hashed and its checksum is correct; format 1 has none."""
    try:
        found = row_checksum(table, row)
    except (TypeError, KeyError):  # bytes in place of a number or text, or a lost column
        return False
    return row.get("checksum", found) == found


def _is_intact_run(row: dict[str, Any]) -> bool:
    """Return whether a run is intact; without checksums its packed result must agree with it."""
    if "checksum" in row:
        record = row.get("record")
        same = isinstance(record, bytes) and hash_bytes(record) == row.get("record_hash")
        return same and _has_valid_checksum("runs", row)
    try:
        insertable = row | {"record_hash": hash_bytes(row["record"])}
        if not _has_valid_checksum("runs", insertable):
            return False
        result = unpack(row["record"])
        costs = [result.cost.get(name, 0.0) for name in ("cpu_s", "wall_s")]
        packed = [result.digest, outcomes_text(frame_values(result)), *costs]
        return packed == [row[name] for name in ("digest", "outcomes", "cpu_s", "wall_s")]
    except (zlib.error, ValueError, TypeError, KeyError, AttributeError):
        return False


def meta_of(db: sqlite3.Connection) -> dict[str, str]:
    """Return the intact part of the description of a sweep; empty if it cannot be read."""
    try:
        return intact_meta(db)
    except (sqlite3.Error, ValueError, TypeError):
        return {}


# ---- files ---------------------------------------------------------------------------------------


@contextlib.contextmanager
def scratch_files(path: Path) -> Iterator[tuple[Path, Path]]:
    """Yield the paths of two temporary SQLite files next to ``path``; delete both on exit."""
    names = path.with_name(f"{path.name}.new"), path.with_name(f"{path.name}.copy")
    for name in names:
        delete_with_siblings(name)
    try:
        yield names
    finally:
        with contextlib.suppress(OSError):
            for name in names:
                delete_with_siblings(name)


def copy_readable(path: Path, copy: Path) -> Path:
    """Copy a damaged file and pad its missing end with zeros, so that SQLite can open it.

    Args:
        path: the damaged file.
        copy: the copy.

    Returns:
        The copy.
    """
    for suffix in ("", "-wal"):
        if Path(f"{path}{suffix}").exists():
            shutil.copyfile(f"{path}{suffix}", f"{copy}{suffix}")
    with copy.open("rb") as file:
        head = file.read(32)
    size = copy.stat().st_size
    declared = int.from_bytes(head[16:18], "big") * int.from_bytes(head[28:32], "big")
    if size < declared < _LONGEST_END * size:
        os.truncate(copy, declared)
    return copy


def delete_with_siblings(path: Path) -> None:
    """Delete a file of SQLite and the files next to it, the file itself last."""
    for suffix in (*SIBLINGS, ""):
        Path(f"{path}{suffix}").unlink(missing_ok=True)


def replace_file(fresh: Path, path: Path, *, keep: bool) -> Path | None:
    """Replace a file of SQLite in one step.

    Args:
        fresh: the new file, without a log.
        path: the file to replace.
        keep: whether to keep the old file under another name.

    Returns:
        The old file; None unless `keep`.
    """
    aside = _set_aside(path) if keep else None
    for suffix in SIBLINGS:
        Path(f"{path}{suffix}").unlink(missing_ok=True)
    os.replace(fresh, path)
    with contextlib.suppress(OSError):  # not every file system can do this with a folder
        _flush(path.parent)
    return aside


def _set_aside(path: Path) -> Path:
    """Give a file and its log a second name; return it."""
    number = 1
    while (aside := path.with_name(f"{path.stem}.damaged-{number}{path.suffix}")).exists():
        number += 1
    for suffix in ("", *SIBLINGS):
        source = Path(f"{path}{suffix}")
        if source.exists():
            _link(source, Path(f"{aside}{suffix}"))
    return aside


def _link(source: Path, target: Path) -> None:
    """Link a file, or copy it where the file system has no links."""
    try:
        os.link(source, target)
    except OSError:
        shutil.copyfile(source, target)


def _flush(folder: Path) -> None:
    """Write the entries of a folder to disk."""
    number = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(number)
    finally:
        os.close(number)
