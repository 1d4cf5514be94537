"""Write a sweep's SQLite file: planned runs, results, failures and provenance.

``open_writer`` creates or opens a folder's file for one process. Each run is stored in one
transaction, under a key that hashes scenario, seed and model source, so no run is stored twice. If
the file is damaged, its intact runs are copied to a new file and all other runs are repeated.
``experiments.sweeps.store`` reads the file.
"""

from __future__ import annotations

import contextlib
import datetime
import hashlib
import json
import os
import platform
import shutil
import socket
import sqlite3
import sys
import time
import warnings
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

from abm.policies import policy_class
from abm.scenario import Scenario, SettingError
from abm.supply_file import supply_content
from abm.world.routes import declaration_of
from agents.param import one_line
from experiments.rows.records import NOTE
from experiments.runs.case import Case, Failure, class_source, model_source, versions, world_source
from experiments.runs.files import FileLock, Locked, LockUnavailable, StorageError
from experiments.runs.study_inputs import refuse_local_classes
from experiments.sweeps import store
from experiments.sweeps.design import Plan, places_of

LOCK = "ledger.lock"
_SESSIONS = 1_000_000  # start numbers per shard, so that merged starts differ
_SYNC_S = 1.0  # seconds between forced writes to the disk
_SPARE = 10_000  # a damaged table ends after this many consecutive missing rows
_LONGEST_END = 100  # maximum ratio between a truncated file's declared and present length


@dataclass(frozen=True)
class RunRecord:
    """A run's result, as a worker returns it.

    Attributes:
        key: the run's key in the store.
        digest: hash of the run's result.
        outcomes: values for the run's row in the results frame.
        cpu_s, wall_s: seconds that the run took.
        record: the whole result as bytes (``experiments.sweeps.store``).
        worker: host and process id of the worker.
    """

    key: str
    digest: str
    outcomes: dict[str, float]
    cpu_s: float
    wall_s: float
    record: bytes
    worker: str


def source_of(scenario: Scenario) -> str:
    """Return the model's hash, followed by the world's hash for a world that is not packaged."""
    return model_source() + world_source(scenario.world)


def key_of(case: Case, source: str) -> str:
    """Compute a run's key.

    Args:
        case: scenario and seed, or a case with further inputs.
        source: hash over model and world, as from :func:`source_of`. The key also depends on the
            hash over the user's classes in the case.

    Returns:
        The key, 40 hexadecimal digits.
    """
    scenario = case.scenario
    if type(case) is Case:
        digest = f"{_digest(scenario, supply_content(scenario.supply))}:{case.seed}"
    else:  # other kinds of cases have further inputs
        digest = case.digest
    content = f"{digest}:{source}{own_source(scenario)}"
    return hashlib.blake2b(content.encode(), digest_size=20).hexdigest()


@lru_cache(maxsize=4096)
def _digest(scenario: Scenario, _supply: str) -> str:
    """Return a scenario's digest, cached for all seeds until its supply file changes."""
    return scenario.digest


def own_source(scenario: Scenario) -> str:
    """Return a hash over a scenario's user-defined classes and the modules they import.

    Returns:
        Hexadecimal digits, empty for a scenario without such classes.

    Raises:
        SettingError: a class is not in a file.
    """
    refuse_local_classes(scenario, "its runs cannot be stored")
    kinds = [policy_class(spec.id) for spec in scenario.policies]
    if scenario.agent_classes:
        from abm.build_agents import own_classes  # deferred, as it imports the model

        kinds += own_classes(scenario).values()
    return "".join(sorted({class_source(kind) for kind in kinds}))


class SweepWriter:
    """The only object that writes to a store.

    Every method is one transaction, so the file is consistent even if the process is killed.
    ``done`` holds the keys of the stored runs.
    """

    def __init__(
        self, db: sqlite3.Connection, path: Path, lock: FileLock, start: dict[str, Any]
    ) -> None:
        self._db, self._path, self._lock, self._start = db, path, lock, start
        query = "select distinct key from plan join runs using (key)"
        self.done = {key for (key,) in db.execute(query)}
        self._has_log = db.execute("pragma journal_mode").fetchone() == ("wal",)
        self._synced_at = -_SYNC_S

    def keys(self) -> list[str]:
        """Return the keys of all planned runs, ordered like the design."""
        return [key for (key,) in self._db.execute("select key from plan order by place")]

    def add(self, run: RunRecord) -> None:
        """Store a run and delete its earlier failure. Raise ``StorageError`` if that fails."""
        text = store.outcomes_text(run.outcomes).encode()
        row = vars(run) | {
            "session": self._start["session"],
            "outcomes": store.deflate(text, store.NAMES.encode()),
            "cpu_s": float(run.cpu_s),
            "wall_s": float(run.wall_s),
        }
        with self._stored():
            store.insert(self._db, "runs", row, verb="insert or ignore")
            self._db.execute("delete from failures where key = ?", (run.key,))
        self.done.add(run.key)

    def fail(self, key: str, failure: Failure) -> None:
        """Store a run's failure in place of an earlier failure.

        Args:
            key: the run's key in the store.
            failure: error and traceback of the run.

        Raises:
            StorageError: the failure cannot be stored.
        """
        row = vars(failure) | {"key": key, "session": self._start["session"]}
        with self._stored():
            tries = self._db.execute("select tries from failures where key = ?", (key,)).fetchone()
            row["tries"] = 1 + (tries[0] if tries else 0)
            store.insert(self._db, "failures", row, verb="insert or replace")

    @contextlib.contextmanager
    def _stored(self) -> Iterator[None]:
        """Run the block in one transaction. Raise ``StorageError`` if its rows cannot be stored.

        A killed process loses nothing. The log is forced to the disk at most once per second, so a
        power failure can lose runs from the last second. These are run again.
        """
        try:
            is_due = time.monotonic() - self._synced_at >= _SYNC_S or not self._has_log
            self._db.execute(f"pragma synchronous = {'full' if is_due else 'normal'}")
            with transaction(self._db):
                yield
            self._synced_at = time.monotonic() if is_due else self._synced_at
        except sqlite3.Error as error:
            text = f"results cannot be stored in {self._path.parent} ({store.reason_of(error)})"
            raise StorageError(text) from error

    def close(self) -> None:
        """Store the end time, merge the write-ahead log into the file and release the folder."""
        # The log is not merged if the disk is full or another program reads the file.
        with contextlib.suppress(sqlite3.Error):
            self._db.execute("pragma busy_timeout = 1000")
            ended = self._start | {"ended": _time()}
            store.insert(self._db, "provenance", ended, verb="insert or replace")
            self._db.execute("pragma journal_mode = delete")
        self._db.close()
        self._lock.close()


def open_writer(
    folder: str | Path,
    design: Plan,
    *,
    resume: bool,
    command: Sequence[str] = (),
    executor: str = "",
) -> SweepWriter:
    """Open a design's store for writing. Create it if it is missing.

    The planned runs replace the plan in the file. Stored results are kept. A damaged file is
    repaired: its intact runs are copied to a new file, the damaged file is renamed, and a warning
    names it.

    Args:
        folder: store folder, created if missing.
        design: the planned runs.
        resume: whether the folder may already hold this design's sweep.
        command: command line to store as provenance (default: this process's command line).
        executor: name of the executor, stored as provenance.

    Returns:
        The writer, which holds the folder's lock until it is closed.

    Raises:
        SettingError: the folder holds the sweep of another design or another version of the model,
            holds any sweep without `resume`, is locked by another process, or cannot be written.
    """
    lock = lock_store(folder)
    path = store.path_of(folder)
    try:
        if _holds_sweep(path):
            db = _open_existing(path, design, resume)
        else:
            delete_file(path)  # a process was killed while it stored the plan
            db = store.connect(path, write=True, create=True)
        with transaction(db):
            _plan(db, design)
            start = _begin(db, design, command, executor)
        return SweepWriter(db, path, lock, start)
    except BaseException as error:
        lock.close()
        if isinstance(error, sqlite3.Error | OSError):
            raise store.unusable(path, error) from None
        raise


def lock_store(folder: str | Path) -> FileLock:
    """Lock the folder for this process. Raise ``SettingError`` if that is not possible."""
    name, hint = one_line(str(folder), 200), "Give a folder that can be written."
    try:
        Path(folder).mkdir(parents=True, exist_ok=True)
        return FileLock(Path(folder) / LOCK)
    except Locked:
        hint = "Wait until it ends, or give another --out."
        raise SettingError("--out", f"another sweep is writing to {name}", hint) from None
    except LockUnavailable as error:
        raise SettingError("--out", str(error), "Give a folder on a local disk.") from None
    except (OSError, ValueError) as error:
        reason = f"{name} cannot be written ({store.reason_of(error)})"
        raise SettingError("--out", reason, hint) from None


def _holds_sweep(path: Path) -> bool:
    """Return whether a file has tables. It has none if its process was killed during planning."""
    if not path.exists() or (path.is_file() and not path.stat().st_size):
        return False
    store.check_present(path)
    unreadable = contextlib.suppress(sqlite3.Error, UnicodeDecodeError)  # opening reports these
    with unreadable, contextlib.closing(store.connect(path)) as db:
        return bool(store.table_names(db))
    return True


def delete_file(path: Path) -> None:
    """Delete an SQLite file after the files that SQLite keeps next to it."""
    for suffix in (*store.SIBLINGS, ""):
        Path(f"{path}{suffix}").unlink(missing_ok=True)


def _open_existing(path: Path, design: Plan, resume: bool) -> sqlite3.Connection:
    """Check a file, repair it if it is damaged, and open it for writing."""
    with contextlib.closing(store.connect(path)) as db:
        fault = store.find_fault(db, path)
        meta = store.intact_meta(db)
        counts = "" if fault else f" ({_counts(db)} runs)"
    _check_same(meta, counts, path, design)
    if not resume:
        if fault:
            raise store.damaged(path, fault)
        content = f"{path.parent} holds the sweep {meta['name']}{counts}"
        raise SettingError("--out", content, "Continue with --resume, or give another --out.")
    if fault:
        _repair(path, design, fault)
    return store.connect(path, write=True)


def _counts(db: sqlite3.Connection) -> str:
    """Return text that says how many planned runs are stored."""
    query = "select count(runs.key), count(*) from plan left join runs using (key)"
    stored, planned = db.execute(query).fetchone()
    return f"{stored:,} of {planned:,}"


def _check_same(meta: Mapping[str, str], counts: str, path: Path, design: Plan) -> None:
    """Refuse a store of another design or model, as far as `meta` is intact."""
    content = f"{path.parent} holds the sweep {meta.get('name', '')}{counts}"
    source = source_of(design.scenario)
    if meta.get("design", design.digest) != design.digest:
        hint = "Give another --out: a folder holds one design. Only reps may be changed."
        raise SettingError("--out", f"{content}, which is another design", hint)
    shard = meta.get("shard", "").partition(" ")[0]
    if counts and shard != str(design.shard or ""):
        hint = "Give each shard a separate folder, and merge all folders with twoborders merge."
        raise SettingError("--shard", f"{content}, shard {shard or 'none'}", hint)
    if meta.get("source", source) != source:
        hint = "Give another --out, or restore those files: runs of two versions must not be mixed."
        raise SettingError("--out", f"{content}; model or world have changed since", hint)


@contextlib.contextmanager
def replacement(path: Path) -> Iterator[sqlite3.Connection]:
    """Yield a new file. It replaces a store when the block ends without an error."""
    new_path = path.with_name(f"{path.name}.new")
    delete_file(new_path)
    try:
        with contextlib.closing(store.connect(new_path, write=True, create=True)) as db:
            yield db
            db.execute("pragma journal_mode = delete")
        for suffix in store.SIBLINGS:  # files that belong to the old store
            Path(f"{path}{suffix}").unlink(missing_ok=True)
        os.replace(new_path, path)
    finally:
        delete_file(new_path)


# ---- repair --------------------------------------------------------------------------------------


def _repair(path: Path, design: Plan, fault: str) -> None:
    """Replace a damaged file by a new file with its intact runs. Keep the damaged file as a copy.

    The replacement takes place when the new file is complete.
    """
    number = 1 + len(list(path.parent.glob(f"{path.stem}.damaged-*{path.suffix}")))
    backup = path.with_name(f"{path.stem}.damaged-{number}{path.suffix}")
    try:
        for suffix in ("", "-wal"):
            if Path(f"{path}{suffix}").exists():
                shutil.copyfile(f"{path}{suffix}", f"{backup}{suffix}")
        _pad(backup)
        with replacement(path) as new, transaction(new):
            _plan(new, design)
            counts = _copy_intact(backup, new)
    except BaseException:
        delete_file(backup)
        raise
    warnings.warn(
        f"{path} was damaged ({fault}): {counts} runs are intact and kept, "
        f"the others are run again; the damaged file is now {backup}",
        stacklevel=4,
    )


def _pad(path: Path) -> None:
    """Append zeros to a truncated file, because SQLite does not open it otherwise."""
    with path.open("rb") as file:
        head = file.read(32)
    size = path.stat().st_size
    declared = int.from_bytes(head[16:18]) * int.from_bytes(head[28:32])
    if size < declared < _LONGEST_END * size:
        os.truncate(path, declared)


def _copy_intact(backup: Path, new: sqlite3.Connection) -> str:
    """Copy all intact rows for planned runs and provenance. Return the counts as text.

    Failures are not copied, because the failed cases are run again.
    """
    with contextlib.closing(store.connect(backup)) as old:
        for table in ("runs", "provenance"):
            for row in _intact_rows(old, table):
                store.insert(new, table, row, verb="insert or ignore")
    new.execute("delete from runs where key not in (select key from plan)")
    return _counts(new)


def _intact_rows(db: sqlite3.Connection, table: str) -> Iterator[dict[str, Any]]:
    """Yield the rows whose checksum is correct. A damaged page loses only its own rows."""
    number, missing, names = 0, 0, store.TABLES[table]
    query = f"select {', '.join(names)}, checksum from {table} where rowid = ?"
    while missing < _SPARE:
        number, missing = number + 1, missing + 1
        try:
            row = db.execute(query, (number,)).fetchone()
        except (sqlite3.Error, UnicodeDecodeError) as error:
            if not store.is_damage(error):
                raise
            continue
        if row is not None:
            missing = 0
            if store.checksum(row[:-1]) == row[-1]:
                yield dict(zip(names, row, strict=False))


# ---- rows ----------------------------------------------------------------------------------------


def _plan(db: sqlite3.Connection, design: Plan) -> None:
    """Store the sweep's description and every planned run in place of earlier rows."""
    if not store.table_names(db):
        store.create_tables(db)
    source = source_of(design.scenario)
    db.execute("delete from plan")
    db.execute("delete from meta")
    for place, (run, case) in zip(places_of(design), design.cases(), strict=True):
        row = {"place": place, "key": key_of(case, source), "inputs": json.dumps(run.inputs)}
        store.insert(db, "plan", vars(run) | row)
    values = {
        "format": store.FORMAT,
        "name": design.name,
        "method": design.method,
        "design": design.digest,
        "source": source,
        "reps": str(design.reps),
        "factors": json.dumps(design.factors),
        "scenario": design.scenario.to_toml(),
        "names": store.NAMES,
        "note": NOTE,
    }
    if world_note := declaration_of(design.scenario.world).note:
        values["world_note"] = world_note
    if design.shard:
        values["shard"] = f"{design.shard} of {len(design)}"
    for name, value in values.items():
        store.insert(db, "meta", {"name": name, "value": value})


def _begin(
    db: sqlite3.Connection, design: Plan, command: Sequence[str], executor: str
) -> dict[str, Any]:
    """Store this session's provenance and return its row."""
    first = design.shard.number * _SESSIONS if design.shard else 0
    query = "select max(session) from provenance where session between ? and ?"
    (last,) = db.execute(query, (first, first + _SESSIONS)).fetchone()
    row = {
        "session": 1 + (last or first),
        "started": _time(),
        "ended": None,
        "host": socket.gethostname(),
        "platform": platform.platform(),
        "command": json.dumps(list(command) or sys.argv),
        "executor": executor,
        "source": model_source(),
        "versions": json.dumps(versions()),
    }
    store.insert(db, "provenance", row)
    return row


@contextlib.contextmanager
def transaction(db: sqlite3.Connection) -> Iterator[None]:
    """Run the block in one transaction."""
    db.execute("begin immediate")
    try:
        yield
    except BaseException:
        if db.in_transaction:  # SQLite has already ended the transaction if the disk is full
            db.execute("rollback")
        raise
    db.execute("commit")


def _time() -> str:
    """Return the UTC time in ISO format, to the second."""
    return datetime.datetime.now(datetime.UTC).isoformat(timespec="seconds")
