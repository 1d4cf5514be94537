"""Merge the shards' stores into the store that one process would have written.

Rows are copied byte for byte, each run once and in plan order. If the output folder already holds a
store, this store is merged too. A killed merge loses nothing, because the new file replaces the old
one only when it is complete.
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from abm.scenario import SettingError
from agents.param import plain
from experiments.runs.files import write_text
from experiments.sweeps.design import Shard
from experiments.sweeps.store import (
    FILE,
    TABLES,
    SweepResults,
    create_tables,
    insert,
    path_of,
    unusable,
)
from experiments.sweeps.store_writer import lock_store, replacement

_HINT = "Merge the shards of one command, of one version of the program."
_PER_PART = "('shard', 'planned')"  # rows in ``meta`` that may differ between parts of one plan
#: For each table, the condition under which two rows with the same first column are contradictory.
_CONFLICTS = {
    "meta": f"a.value != b.value and name not in {_PER_PART}",
    "plan": "a.key != b.key",
    "runs": "a.digest != b.digest or a.outcomes != b.outcomes",
}
_RUNS_IN_ORDER = (
    "insert or ignore into runs select b.* from part.runs b join "
    "(select key, min(place) as place from part.plan group by key) using (key) order by place"
)


@dataclass(frozen=True)
class MergeSummary:
    """The result of a merge.

    Attributes:
        planned, stored: numbers of planned and stored runs, over all stores.
        shards: shards with missing runs.
        resume_command: words of the command that runs the missing cases and completes the study.
    """

    planned: int
    stored: int
    shards: tuple[str, ...]
    resume_command: tuple[str, ...]


def merge(folders: Sequence[Path], out: Path) -> MergeSummary:
    """Merge stores that have the same relative path in several folders.

    Args:
        folders: output folders of one command's shards. Some shards may be missing, and some
            folders may be empty.
        out: folder of the merged stores, created if missing.

    Returns:
        The counts.

    Raises:
        SettingError: a folder holds no store, a store of another study, or a run that differs from
            the same run in another folder; `out` contains a folder, is inside one, or cannot be
            written.
    """
    stores: dict[Path, list[Path]] = {}
    claims: dict[Path, str] = {}
    for folder in (*folders, out):
        a, b = out.resolve(), folder.resolve()
        if folder != out and (a in b.parents or b in a.parents):
            raise SettingError(
                "--out", f"{out} or {folder} contains the other", "Give another one."
            )
        files = [*folder.rglob(FILE)]
        is_empty = folder.is_dir() and not any(folder.iterdir())  # its shard stored nothing
        if not files and not (stores if folder is out else is_empty):
            raise SettingError("FOLDER", f"{folder} has no sweep", "Give the --out of shards.")
        for file in files:
            stores.setdefault(file.parent.relative_to(folder), []).append(file.parent)
        for file in folder.rglob("*.json"):
            try:
                text = file.read_text("utf-8")
            except UnicodeDecodeError:
                raise SettingError("FOLDER", f"{file} is not text in UTF-8", _HINT) from None
            if claims.setdefault(file.relative_to(folder), text) != text:
                raise SettingError("FOLDER", f"{folder} holds another study", _HINT)
    merged = [_merge_store(parts, out / name) for name, parts in sorted(stores.items())]
    for path, text in claims.items():
        write_text(out / path, text)
    with SweepResults(out / min(stores)) as store:
        command = json.loads(str(store.provenance()["command"].iloc[0]))
    return MergeSummary(
        sum(planned for planned, _, _ in merged),
        sum(stored for _, stored, _ in merged),
        tuple(dict.fromkeys(shard for *_, shards in merged for shard in shards)),
        (*command, "--out", str(out), "--resume"),
    )


def _merge_store(parts: list[Path], out: Path) -> tuple[int, int, list[str]]:
    """Merge one store. Return how many runs are planned and stored, and the incomplete shards."""
    shards, total = {}, 0
    for part in parts:
        with SweepResults(part) as store:
            label = store.meta.get("shard", f"0/1 of {store.planned}").split()
        shards[part], total = Shard.read(label[0], first=0), max(total, int(label[2]))
    path = path_of(out)
    with lock_store(out):
        try:
            with replacement(path) as db:
                create_tables(db)
                for part in sorted(parts, key=lambda part: (part == out, shards[part].number)):
                    _add_part(db, part)
                db.execute("delete from failures where key in (select key from runs)")
                if db.execute("select count(*) from plan").fetchone() != (total,):
                    insert(db, "meta", {"name": "planned", "value": str(total)})
                query = "select place from plan join runs using (key)"
                stored = {place for (place,) in db.execute(query)}
        except (sqlite3.Error, OSError) as error:
            raise unusable(path, error) from None
    count = max(shard.count for shard in shards.values())
    blocks = [Shard(number, count) for number in range(1, count + 1)] if count > 1 else []
    return total, len(stored), [str(b) for b in blocks if not stored.issuperset(b.places(total))]


def _add_part(db: sqlite3.Connection, part: Path) -> None:
    """Copy a part's rows that the new store lacks. Refuse rows that contradict stored rows."""
    db.execute("attach ? as part", (str(path_of(part)),))
    for table, condition in _CONFLICTS.items():
        query = f"select * from main.{table} a join part.{table} b using ({TABLES[table][0]})"
        if row := db.execute(f"{query} where {condition} limit 1").fetchone():
            raise _contradiction(db, table, str(row[0]), part)
    db.execute("insert or ignore into meta select * from part.meta where name not in " + _PER_PART)
    for table in ("plan", "failures", "provenance"):
        db.execute(f"insert or ignore into {table} select * from part.{table}")
    db.execute(_RUNS_IN_ORDER)
    db.execute("detach part")


def _contradiction(db: sqlite3.Connection, table: str, key: str, part: Path) -> SettingError:
    """Return the error for a row that contradicts a row of an earlier folder."""
    if table != "runs":
        reason = f"{part} has another {table} ({key}) than the folders before it"
        return SettingError("FOLDER", reason, _HINT)
    query = "select seed, inputs from part.plan where key = ?"
    seed, inputs = db.execute(query, (key,)).fetchone()
    varied = "".join(f", {name} {plain(value)}" for name, value in json.loads(inputs).items())
    reason = f"the run with seed {seed}{varied} differs in {part} from an earlier folder"
    hint = "Equal cases give equal results: run both shards again in new folders."
    return SettingError("FOLDER", reason, hint)
