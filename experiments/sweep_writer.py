"""Write the SQLite file of a sweep: planned runs, results, failures and provenance.

``open_writer`` creates or opens the file of a folder for one process. Each run is stored in one
transaction, under a key that hashes scenario, seed and model source, so no run is stored twice.
``experiments.store`` reads the file.
"""

from __future__ import annotations

import contextlib
import datetime
import hashlib
import json
import math
import platform
import socket
import sqlite3
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from abm.scenario import SettingError
from abm.world.declaration import declaration_of
from experiments.case import Case, Failure
from experiments.files import FileLock, Locked, LockUnavailable
from experiments.model_fingerprint import model_source, versions, world_source
from experiments.store import FILE, connect, has_tables, is_empty

if TYPE_CHECKING:
    from abm.scenario import Scenario
    from experiments.design import Design

LOCK = "ledger.lock"
_FORMAT = "1"
_TABLES = """
create table meta (name text primary key, value text not null);
create table plan (
    place integer primary key, point integer not null, seed integer not null, key text not null,
    inputs text not null);
create table runs (
    key text primary key, session integer not null, worker text not null, digest text not null,
    outcomes text not null, cpu_s real, wall_s real, record blob not null);
create table failures (
    key text primary key, session integer not null, name text not null, seed integer not null,
    kind text not null, text text not null, trace text not null, tries integer not null);
create table provenance (
    session integer primary key, started text not null, ended text, host text not null,
    platform text not null, command text not null, executor text not null, source text not null,
    versions text not null);
"""


@dataclass(frozen=True)
class RunRecord:
    """A result as a worker returns it.

    Attributes:
        key: of the run in the store.
        seed, digest: of the run.
        outcomes: values of the row of the frame.
        cpu_s, wall_s: seconds that the run took.
        record: the whole result as bytes (``experiments.codec``).
        source: hash of the model that the worker has.
        worker: host and process id of the worker.
    """

    key: str
    seed: int
    digest: str
    outcomes: dict[str, float]
    cpu_s: float
    wall_s: float
    record: bytes
    source: str
    worker: str


def source_of(scenario: Scenario) -> str:
    """Return the hash of the model, followed by that of the world unless it is the packaged one."""
    return model_source() + world_source(scenario.world)


def key_of(case: Case, source: str) -> str:
    """Compute the key of a run.

    Args:
        case: scenario and seed.
        source: hash of model and world, as from :func:`source_of`.

    Returns:
        A hash of 40 hexadecimal digits.
    """
    content = [case.scenario.digest, case.seed, source]
    return hashlib.blake2b(json.dumps(content).encode(), digest_size=20).hexdigest()


class SweepWriter:
    """The only writer of a folder.

    Every method is one transaction, so the file is consistent whenever the process is killed.
    ``done`` holds the keys of the stored runs.
    """

    def __init__(self, db: sqlite3.Connection, lock: FileLock, session: int) -> None:
        self._db, self._lock, self._session = db, lock, session
        self.done = {key for (key,) in db.execute("select key from runs")}

    def keys(self) -> list[str]:
        """Return the keys of all planned runs, in the order of the design."""
        return [key for (key,) in self._db.execute("select key from plan order by place")]

    def add(self, run: RunRecord) -> None:
        """Store a run and delete its earlier failure."""
        outcomes = json.dumps({n: _json_number(v) for n, v in run.outcomes.items()})
        row = (
            run.key,
            self._session,
            run.worker,
            run.digest,
            outcomes,
            run.cpu_s,
            run.wall_s,
            run.record,
        )
        with _transaction(self._db):
            self._db.execute("insert or ignore into runs values (?, ?, ?, ?, ?, ?, ?, ?)", row)
            self._db.execute("delete from failures where key = ?", (run.key,))
        self.done.add(run.key)

    def fail(self, key: str, failure: Failure) -> None:
        """Store the failure of a run; it replaces an earlier one.

        Args:
            key: of the run.
            failure: the error.
        """
        row = (
            key,
            self._session,
            failure.name,
            failure.seed,
            failure.kind,
            failure.text,
            failure.trace,
        )
        with _transaction(self._db):
            self._db.execute(
                "insert into failures values (?, ?, ?, ?, ?, ?, ?, 1) on conflict (key) do update"
                " set session = excluded.session, kind = excluded.kind, text = excluded.text,"
                " trace = excluded.trace, tries = tries + 1",
                row,
            )

    def close(self) -> None:
        """Store the time, merge the write-ahead log into the file and release the folder."""
        ended = "update provenance set ended = ? where session = ?"
        with contextlib.suppress(
            sqlite3.Error
        ):  # the log stays if the disk is full or the file is being read
            self._db.execute("pragma busy_timeout = 1000")
            self._db.execute(ended, (_now(), self._session))
            self._db.execute("pragma journal_mode = delete")
        self._db.close()
        self._lock.close()


def open_writer(
    folder: str | Path,
    design: Design,
    *,
    resume: bool,
    command: Sequence[str] = (),
    executor: str = "",
) -> SweepWriter:
    """Open the store of a design for writing; create it if it is missing.

    Repetitions that the store does not plan yet are added.

    Args:
        folder: folder of the store, created if missing.
        design: the planned runs.
        resume: whether the folder may hold a sweep of this design.
        command: stored as provenance; by default the command line of this process.
        executor: name of the executor, stored as provenance.

    Returns:
        The writer, which holds the lock of the folder until it is closed.

    Raises:
        SettingError: the folder holds the sweep of another design or another version of the model,
            or any sweep unless `resume`; or another process is writing to it.
    """
    folder = Path(folder)
    lock = _lock(folder)
    try:
        if (folder / FILE).exists() and not is_empty(folder):
            db = connect(folder, write=True)
            _check_same(db, folder, design, resume)
        else:
            (folder / FILE).unlink(
                missing_ok=True
            )  # left by a process that was killed while it planned
            db = connect(folder, write=True, create=True)
        with _transaction(db):
            _plan(db, design)
            session = _begin(db, command, executor)
        return SweepWriter(db, lock, session)
    except BaseException:
        lock.close()
        raise


def _check_same(db: sqlite3.Connection, folder: Path, design: Design, resume: bool) -> None:
    """Raise unless the store is of this design and may be continued."""
    meta = dict(db.execute("select name, value from meta"))
    rows, done = (db.execute(f"select count(*) from {t}").fetchone()[0] for t in ("plan", "runs"))
    content = f"{folder} holds the sweep {meta['name']} ({done:,} of {rows:,} runs)"
    if meta["design"] != design.digest:
        hint = "Give another --out: a folder holds one design. Only reps may be increased."
        raise SettingError("--out", f"{content}, which is another design", hint)
    if not resume:
        raise SettingError("--out", content, "Continue with --resume, or give another --out.")
    if meta["source"] != source_of(design.scenario):
        hint = "Give another --out, or restore those files: runs of two versions must not be mixed."
        raise SettingError("--out", f"{content}; model or world have changed since", hint)
    if int(meta["reps"]) > design.reps:
        hint = f"Give reps = {meta['reps']} or more, or another --out."
        raise SettingError("reps", f"{content}, with {meta['reps']} repetitions", hint)


def _plan(db: sqlite3.Connection, design: Design) -> None:
    """Store the description of the sweep and every planned run."""
    meta = dict(db.execute("select name, value from meta")) if has_tables(db) else {}
    if meta.get("reps") == str(design.reps):
        return
    if not meta:
        for statement in _TABLES.split(";"):
            db.execute(statement)
    source = source_of(design.scenario)
    rows = (
        (place, run.point, run.seed, key_of(design.case(run), source), json.dumps(run.inputs))
        for place, run in enumerate(design.plan())
    )
    db.execute("delete from plan")
    db.executemany("insert into plan values (?, ?, ?, ?, ?)", rows)
    values = {
        "format": _FORMAT,
        "name": design.name,
        "method": design.sample.method,
        "design": design.digest,
        "source": source,
        "reps": str(design.reps),
        "factors": json.dumps(design.factors),
        "scenario": design.scenario.to_toml(),
        "note": "Model output within stated priors, not a forecast.",
    }
    if world_note := declaration_of(design.scenario.world).note:
        values["world_note"] = world_note
    db.executemany("insert or replace into meta values (?, ?)", values.items())


def _begin(db: sqlite3.Connection, command: Sequence[str], executor: str) -> int:
    """Store the provenance of this session; return its number."""
    words = json.dumps(list(command) or sys.argv)
    row = (
        _now(),
        None,
        socket.gethostname(),
        platform.platform(),
        words,
        executor,
        model_source(),
        json.dumps(versions()),
    )
    query = "insert into provenance values (null, ?, ?, ?, ?, ?, ?, ?, ?)"
    return int(db.execute(query, row).lastrowid or 0)


def _lock(folder: Path) -> FileLock:
    """Lock the folder for this process; raise ``SettingError`` if that is not possible."""
    folder.mkdir(parents=True, exist_ok=True)
    try:
        return FileLock(folder / LOCK)
    except Locked:
        hint = "Wait until it ends, or give another --out."
        raise SettingError("--out", f"another sweep is writing to {folder}", hint) from None
    except LockUnavailable as error:
        raise SettingError("--out", str(error), "Give a folder on a local disk.") from None


@contextlib.contextmanager
def _transaction(db: sqlite3.Connection) -> Iterator[None]:
    """Run the block in one transaction."""
    db.execute("begin immediate")
    try:
        yield
    except BaseException:
        db.execute("rollback")
        raise
    db.execute("commit")


def _now() -> str:
    """Return the UTC time in ISO format, to the second."""
    return datetime.datetime.now(datetime.UTC).isoformat(timespec="seconds")


def _json_number(value: float) -> float | str | None:
    """Convert a number for strict JSON: NaN to null, infinity to a string."""
    if math.isfinite(value):
        return float(value)
    return None if math.isnan(value) else str(value)
