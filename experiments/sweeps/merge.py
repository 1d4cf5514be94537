"""Merge the stores of shards into the store that one process would have written.

The runs are in the order of the plan, each once, and all rows but those on times, machines and
starts are the same bytes. A store that the folder holds already takes part in the merge. A killed
merge changes nothing, because each new file replaces its predecessor when it is complete.
"""

from __future__ import annotations

import contextlib
import json
import os
import sqlite3
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from abm.scenario import SettingError
from agents.param import plain
from experiments.runs.files import write_text
from experiments.sweeps.design import Shard
from experiments.sweeps.store import (
    FILE,
    SIBLINGS,
    TABLES,
    check_present,
    connect,
    create_tables,
    damaged,
    find_fault,
    inflate,
    insert,
    intact_meta,
    path_of,
    unusable,
)
from experiments.sweeps.store_writer import delete_file, lock_store, transaction

_HINT = "Merge the shards of one command, of one version of the program."
_OWN = ("shard", "planned")  # rows of meta that differ between the parts of one plan
_STORED = "select place from plan join runs using (key)"
_IN_ORDER = "join (select key, min(place) as first from plan group by key) using (key)"


@dataclass(frozen=True)
class MergeSummary:
    """What a merge has written.

    Attributes:
        folder: the folder of the merged stores.
        planned, stored: runs of all stores.
        shards: shards without some of their runs.
        command: words of the command whose runs these are.
    """

    folder: Path
    planned: int
    stored: int
    shards: tuple[str, ...]
    command: tuple[str, ...]

    @property
    def again(self) -> list[str]:
        """Words of the command that runs what is missing, and completes the study."""
        return [*self.command, "--out", str(self.folder), "--resume"]


def merge(folders: Sequence[Path], out: Path) -> MergeSummary:
    """Merge the stores that folders hold, each with those at the same place in other folders.

    Args:
        folders: folders of the shards of one command. Shards may be missing.
        out: folder of the merged stores, created if missing.

    Returns:
        The counts.

    Raises:
        SettingError: a folder holds no store, one of another study, or a run that differs from the
            same run of another folder. Or `out` cannot be written.
    """
    folders = [folder for folder in folders if folder.resolve() != out.resolve()]
    for folder in folders:
        if next(folder.rglob(FILE), None) is None:
            hint = "Give folders that were the --out of shards."
            raise SettingError("FOLDER", f"there is no sweep in {folder}", hint)
    stores = [file.parent.relative_to(folder) for folder in folders for file in folder.rglob(FILE)]
    claims = _read_claims([*folders, out])
    merged = []
    for name in sorted({*stores}):
        parts = [folder / name for folder in (*folders, out) if (folder / name / FILE).exists()]
        merged.append(_Merge([_read_part(part) for part in parts], out / name).write())
    for path, text in claims.items():
        (out / path).parent.mkdir(parents=True, exist_ok=True)
        write_text(out / path, text)
    return MergeSummary(
        out,
        sum(planned for planned, _, _ in merged),
        sum(stored for _, stored, _ in merged),
        tuple(dict.fromkeys(shard for *_, shards in merged for shard in shards)),
        _command(path_of(out / min(stores))),
    )


def _read_claims(folders: Sequence[Path]) -> dict[Path, str]:
    """Return the files that name the study of folders. Raise if the last one has other files."""
    *parts, _ = folders
    names = {file.relative_to(folder) for folder in parts for file in folder.rglob("*.json")}
    claims: dict[Path, str] = {}
    for folder in folders:
        for name in names:
            text = (folder / name).read_text("utf-8") if (folder / name).exists() else None
            if text is not None and claims.setdefault(name, text) != text:
                raise SettingError("FOLDER", f"{folder} holds another study", _HINT)
    return claims


def _command(path: Path) -> tuple[str, ...]:
    """Return the command of the first start of a store."""
    with contextlib.closing(connect(path)) as db:
        first = db.execute("select command from provenance order by session limit 1").fetchone()
    return tuple(json.loads(first[0])) if first else ()


@dataclass(frozen=True)
class _Part:
    """A store that is merged: its description, its first place and the runs of the whole plan."""

    folder: Path
    meta: dict[str, str]
    first: int
    planned: int


def _read_part(folder: Path) -> _Part:
    """Check a store and read its description."""
    path = path_of(folder)
    check_present(path)
    with contextlib.closing(connect(path)) as db:
        if fault := find_fault(db, path):
            raise damaged(path, fault)
        meta = intact_meta(db)
        first, rows = db.execute("select coalesce(min(place), 0), count(*) from plan").fetchone()
    total = meta.get("shard", "").rpartition(" ")[2] or meta.get("planned") or str(rows)
    return _Part(folder, meta, first, int(total))


@dataclass
class _Merge:
    """Writes one store from its parts."""

    parts: list[_Part]
    out: Path
    sessions: dict[tuple[Path, int], int] = field(default_factory=dict)
    origin: dict[str, Path] = field(default_factory=dict)  # part of each run, by key

    def write(self) -> tuple[int, int, list[str]]:
        """Write the store. Return its planned and stored runs, and the incomplete shards."""
        self.parts.sort(key=lambda part: (part.folder == self.out, part.first))
        first, path = self.parts[0], path_of(self.out)
        common = {name: value for name, value in first.meta.items() if name not in _OWN}
        for part in self.parts:
            if common != {name: value for name, value in part.meta.items() if name not in _OWN}:
                reason = f"{part.folder} holds another design or version than {first.folder}"
                raise SettingError("FOLDER", reason, _HINT)
        fresh, planned = path.with_name(f"{path.name}.new"), max(p.planned for p in self.parts)
        with lock_store(self.out):
            delete_file(fresh)
            try:
                with contextlib.closing(connect(fresh, write=True, create=True)) as new:
                    with transaction(new):
                        self._fill(new)
                        (rows,) = new.execute("select count(*) from plan").fetchone()
                        more = {"planned": str(planned)} if rows < planned else {}
                        for name, value in (common | more).items():
                            insert(new, "meta", {"name": name, "value": value})
                    stored = {place for (place,) in new.execute(_STORED)}
                    new.execute("pragma journal_mode = delete")
                if path.exists():  # a log that a killed process has left belongs to the old file
                    with contextlib.closing(connect(path, write=True)) as old:
                        old.execute("pragma journal_mode = delete")
                for suffix in SIBLINGS:
                    Path(f"{path}{suffix}").unlink(missing_ok=True)
                os.replace(fresh, path)
            except (sqlite3.Error, OSError) as error:
                raise unusable(path, error) from None
            finally:
                delete_file(fresh)
        return planned, len(stored), self._incomplete(planned, stored)

    def _incomplete(self, planned: int, stored: set[int]) -> list[str]:
        """Return the shards without some of their runs."""
        label = next((p.meta["shard"] for p in self.parts if "shard" in p.meta), "1/1 of")
        count = Shard.read(label.partition(" ")[0], first=0).count
        shards = [Shard(number, count) for number in range(1, count + 1)] if count > 1 else []
        return [str(shard) for shard in shards if not stored.issuperset(shard.places(planned))]

    def _fill(self, new: sqlite3.Connection) -> None:
        """Copy the plans, then the runs in the order of the plan, then failures of other runs."""
        create_tables(new)
        for copy in (self._copy_plan, self._copy_runs, self._copy_failures):
            for part in self.parts:
                with contextlib.closing(connect(path_of(part.folder))) as old:
                    copy(new, old, part.folder)

    def _copy_plan(self, new: sqlite3.Connection, old: sqlite3.Connection, folder: Path) -> None:
        """Copy planned runs."""
        for row in _rows(old, "plan"):
            query = "select key from plan where place = ?"
            before = new.execute(query, (row["place"],)).fetchone()
            if before is None:
                insert(new, "plan", row)
            elif before != (row["key"],):
                reason = f"{folder} has another case as run {row['place'] + 1} of the plan"
                raise SettingError("FOLDER", reason, _HINT)

    def _copy_runs(self, new: sqlite3.Connection, old: sqlite3.Connection, folder: Path) -> None:
        """Copy the runs that the new store lacks. Refuse others that differ from its runs."""
        names = self.parts[0].meta["names"].encode()
        for row in _rows(old, "runs", f"{_IN_ORDER} order by first"):
            if earlier := self.origin.get(row["key"]):
                query = "select digest, outcomes from runs where key = ?"
                before = new.execute(query, (row["key"],)).fetchone()
                digest, outcomes = before
                same = inflate(outcomes, names) == inflate(row["outcomes"], names)
                if digest != row["digest"] or not same:
                    raise _differs(new, row["key"], folder, earlier)
                continue
            self.origin[row["key"]] = folder
            insert(new, "runs", row | {"session": self._session(new, old, folder, row)})

    def _copy_failures(
        self, new: sqlite3.Connection, old: sqlite3.Connection, folder: Path
    ) -> None:
        """Copy the failures of runs that no part holds."""
        for row in _rows(old, "failures"):
            if row["key"] not in self.origin:
                row |= {"session": self._session(new, old, folder, row)}
                insert(new, "failures", row, verb="insert or ignore")

    def _session(
        self, new: sqlite3.Connection, old: sqlite3.Connection, folder: Path, row: dict[str, Any]
    ) -> int:
        """Return the new number of the start in which a row was stored. Copy its provenance."""
        start = folder, row["session"]
        if start not in self.sessions:
            self.sessions[start] = len(self.sessions) + 1
            (source,) = _rows(old, "provenance", f"where session = {row['session']:d}")
            insert(new, "provenance", source | {"session": self.sessions[start]})
        return self.sessions[start]


def _rows(db: sqlite3.Connection, table: str, rest: str = "") -> Iterator[dict[str, Any]]:
    """Yield the rows of a table by column."""
    names = TABLES[table]
    for row in db.execute(f"select {', '.join(names)} from {table} {rest}"):
        yield dict(zip(names, row, strict=True))


def _differs(db: sqlite3.Connection, key: str, folder: Path, earlier: Path) -> SettingError:
    """Return the error about a run with two results."""
    query = "select seed, inputs from plan where key = ? order by place"
    seed, inputs = db.execute(query, (key,)).fetchone()
    varied = "".join(f", {name} {plain(value)}" for name, value in json.loads(inputs).items())
    reason = f"the run with seed {seed}{varied} differs between {earlier} and {folder}"
    hint = "Equal cases give equal results: run both shards again, and report it."
    return SettingError("FOLDER", reason, hint)
