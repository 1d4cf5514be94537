"""Write the SQLite file of a sweep: planned runs, results, failures and provenance.

``open_writer`` creates or opens the file of a folder for one process. Each run is stored in one
transaction, under a key that hashes scenario, seed and model source, so no run is stored twice.
``experiments.sweeps.store`` reads the file.
"""

from __future__ import annotations

import contextlib
import datetime
import hashlib
import json
import platform
import socket
import sqlite3
import sys
import warnings
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

from abm.scenario import SettingError
from abm.world.declaration import declaration_of
from agents.param import one_line
from experiments.runs.case import Case, Failure
from experiments.runs.files import FileLock, Locked, LockUnavailable, StorageError
from experiments.runs.model_fingerprint import model_source, versions, world_source
from experiments.sweeps.store_errors import damaged, is_busy, is_damage, reason_of, unusable
from experiments.sweeps.store_file import (
    CHECKED,
    FORMAT,
    check_present,
    connect,
    create_tables,
    find_fault,
    has_checksums,
    hash_bytes,
    insert,
    path_of,
    table_names,
)

if TYPE_CHECKING:
    from abm.scenario import Scenario
    from experiments.sweeps.design.plan import PlannedRun

LOCK = "ledger.lock"


class Plan(Protocol):
    """The planned runs of a sweep, such as a ``Design``."""

    @property
    def name(self) -> str:
        """Name of the sweep."""
        ...

    @property
    def scenario(self) -> Scenario:
        """Scenario whose world all cases have."""
        ...

    @property
    def reps(self) -> int:
        """Repetitions; a sweep may get more of them."""
        ...

    @property
    def method(self) -> str:
        """Method that chose the points."""
        ...

    @property
    def factors(self) -> tuple[str, ...]:
        """Paths of the varied values."""
        ...

    @property
    def digest(self) -> str:
        """Hash of everything but the number of repetitions, 40 hexadecimal digits."""
        ...

    def __len__(self) -> int:
        """Return the number of planned runs."""
        ...

    def plan(self) -> Iterator[PlannedRun]:
        """Yield all runs."""
        ...

    def case(self, planned: PlannedRun) -> Case:
        """Return the case of a planned run."""
        ...


@dataclass(frozen=True)
class RunRecord:
    """A result as a worker returns it.

    Attributes:
        key: of the run in the store.
        seed, digest: of the run.
        outcomes: values of the row of the frame.
        cpu_s, wall_s: seconds that the run took.
        record: the whole result as bytes (``experiments.runs.codec``).
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

    def __init__(self, db: sqlite3.Connection, path: Path, lock: FileLock, session: int) -> None:
        self._db, self._path, self._lock, self._session = db, path, lock, session
        query = "select distinct key from plan join runs using (key)"
        self.done = {key for (key,) in db.execute(query)}

    def keys(self) -> list[str]:
        """Return the keys of all planned runs, in the order of the design."""
        return [key for (key,) in self._db.execute("select key from plan order by place")]

    def add(self, run: RunRecord) -> None:
        """Store a run and delete its earlier failure; raise ``StorageError`` if it cannot be."""
        from experiments.runs.codec import outcomes_text

        row = {
            "key": run.key,
            "session": self._session,
            "worker": run.worker,
            "digest": run.digest,
            "outcomes": outcomes_text(run.outcomes),
            "cpu_s": float(run.cpu_s),
            "wall_s": float(run.wall_s),
            "record": run.record,
            "record_hash": hash_bytes(run.record),
        }
        with self._stored():
            insert(self._db, "runs", row, verb="insert or ignore")
            self._db.execute("delete from failures where key = ?", (run.key,))
        self.done.add(run.key)

    def fail(self, key: str, failure: Failure) -> None:
        """Store the failure of a run; it replaces an earlier one.

        Args:
            key: of the run.
            failure: the error.

        Raises:
            StorageError: it cannot be stored.
        """
        row = {
            "key": key,
            "session": self._session,
            "name": failure.name,
            "seed": failure.seed,
            "kind": failure.kind,
            "text": failure.text,
            "trace": failure.trace,
        }
        with self._stored():
            found = self._db.execute("select tries from failures where key = ?", (key,)).fetchone()
            tries = 1 + (found[0] if found else 0)
            insert(self._db, "failures", row | {"tries": tries}, verb="insert or replace")

    @contextlib.contextmanager
    def _stored(self) -> Iterator[None]:
        """Run the block in one transaction; raise ``StorageError`` if it cannot be stored."""
        try:
            with _transaction(self._db):
                yield
        except sqlite3.Error as error:
            reason = str(unusable(self._path, error)) if is_busy(error) else reason_of(error)
            text = f"results cannot be stored in {self._path.parent} ({reason})"
            raise StorageError(text) from error

    def close(self) -> None:
        """Store the time, merge the write-ahead log into the file and release the folder."""
        with contextlib.suppress(
            sqlite3.Error
        ):  # the log stays if the disk is full or the file is being read
            self._db.execute("pragma busy_timeout = 1000")
            _end(self._db, self._session)
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
    """Open the store of a design for writing; create it if it is missing.

    Repetitions that the store does not plan yet are added. A damaged file is repaired: a fresh file
    gets its intact runs, the damaged file gets another name, and a warning names it.

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
            or any sweep unless `resume`; or another process holds it; or it cannot be written.
    """
    lock = _lock(folder)
    path = path_of(folder)
    try:
        db = _open_existing(path, design, resume) if _holds_sweep(path) else _create(path)
        with _transaction(db):
            _plan(db, design)
            session = _begin(db, command, executor)
        return SweepWriter(db, path, lock, session)
    except BaseException as error:
        lock.close()
        if isinstance(error, sqlite3.Error | OSError):
            raise unusable(path, error) from None
        raise


def _holds_sweep(path: Path) -> bool:
    """Return whether a file has tables; it has none if its process was killed while it planned."""
    if not path.exists() or (path.is_file() and not path.stat().st_size):
        return False
    check_present(path)
    with contextlib.closing(connect(path)) as db:
        try:
            return bool(table_names(db))
        except (sqlite3.DatabaseError, UnicodeDecodeError) as error:
            if not is_damage(error):
                raise
            return True


def _create(path: Path) -> sqlite3.Connection:
    """Create the file; delete the files of a process that was killed while it planned."""
    from experiments.sweeps.store_repair import delete_with_siblings

    delete_with_siblings(path)
    return connect(path, write=True, create=True)


def _open_existing(path: Path, design: Plan, resume: bool) -> sqlite3.Connection:
    """Check a file, repair or convert it if necessary, and open it for writing."""
    from experiments.sweeps.store_repair import meta_of

    with contextlib.closing(connect(path)) as db:
        fault = find_fault(db, path, records=True)
        _check_same(meta_of(db), "" if fault else _counts(db), path, design)
        if not resume:
            raise damaged(path, fault) if fault else _held(path, meta_of(db), _counts(db))
        convert = not fault and not has_checksums(db)
    if fault or convert:
        _rebuild(path, design, fault)
    try:
        return connect(path, write=True)
    except sqlite3.OperationalError as error:
        if not is_busy(error):
            raise
    _rebuild(path, design, "")  # a program that reads the old file keeps it
    return connect(path, write=True)


def _rebuild(path: Path, design: Plan, fault: str) -> None:
    """Replace a file by a fresh one with its intact rows; a damaged file gets another name."""
    from experiments.sweeps import store_repair

    with store_repair.scratch_files(path) as (fresh, copy):
        source = store_repair.copy_readable(path, copy) if fault else path
        with contextlib.closing(connect(fresh, write=True, create=True)) as new:
            with contextlib.closing(connect(source)) as old, _transaction(new):
                _plan(new, design)
                kept = store_repair.copy_intact(old, new)
            new.execute("pragma journal_mode = delete")
        aside = store_repair.replace_file(fresh, path, keep=bool(fault))
    if fault:
        warnings.warn(
            f"{path} was damaged ({fault}): {kept:,} of {len(design):,} runs are intact and kept, "
            f"the others are run again; the damaged file is now {aside}",
            stacklevel=4,
        )


def _counts(db: sqlite3.Connection) -> str:
    """Return the numbers of stored and planned runs."""
    rows, done = (db.execute(f"select count(*) from {t}").fetchone()[0] for t in ("plan", "runs"))
    return f" ({done:,} of {rows:,} runs)"


def _held(path: Path, meta: Mapping[str, str], counts: str) -> SettingError:
    """Return the error about a sweep that may not be continued without --resume."""
    content = f"{path.parent} holds the sweep {meta['name']}{counts}"
    return SettingError("--out", content, "Continue with --resume, or give another --out.")


def _check_same(meta: Mapping[str, str], counts: str, path: Path, design: Plan) -> None:
    """Raise unless a store is of this design and this model, as far as `meta` is intact."""
    content = f"{path.parent} holds the sweep {meta.get('name', '')}{counts}"
    source = source_of(design.scenario)
    if meta.get("design", design.digest) != design.digest:
        hint = "Give another --out: a folder holds one design. Only reps may be increased."
        raise SettingError("--out", f"{content}, which is another design", hint)
    if meta.get("source", source) != source:
        hint = "Give another --out, or restore those files: runs of two versions must not be mixed."
        raise SettingError("--out", f"{content}; model or world have changed since", hint)
    reps = meta.get("reps", "")
    if reps.isdecimal() and int(reps) > design.reps:
        hint = f"Give reps = {reps} or more, or another --out."
        raise SettingError("reps", f"{content}, with {reps} repetitions", hint)


def _plan(db: sqlite3.Connection, design: Plan) -> None:
    """Store the description of the sweep and every planned run."""
    meta = dict(db.execute("select name, value from meta")) if table_names(db) else {}
    if meta.get("reps") == str(design.reps):
        return
    if not meta:
        create_tables(db)
    source = source_of(design.scenario)
    db.execute("delete from plan")
    planned = list(design.plan())
    for place, run in enumerate(planned):
        row = {
            "place": place,
            "point": run.point,
            "seed": run.seed,
            "key": key_of(design.case(run), source),
            "inputs": json.dumps(run.inputs),
        }
        insert(db, "plan", row)
    values = {
        "format": FORMAT,
        "planned": str(len(planned)),
        "name": design.name,
        "method": design.method,
        "design": design.digest,
        "source": source,
        "reps": str(design.reps),
        "factors": json.dumps(design.factors),
        "scenario": design.scenario.to_toml(),
        "note": "Model output within stated priors, not a forecast.",
    }
    if world_note := declaration_of(design.scenario.world).note:
        values["world_note"] = world_note
    for name, value in values.items():
        insert(db, "meta", {"name": name, "value": value}, verb="insert or replace")


def _begin(db: sqlite3.Connection, command: Sequence[str], executor: str) -> int:
    """Store the provenance of this session; return its number."""
    row = {
        "started": _now(),
        "host": socket.gethostname(),
        "platform": platform.platform(),
        "command": json.dumps(list(command) or sys.argv),
        "executor": executor,
        "source": model_source(),
        "versions": json.dumps(versions()),
    }
    (last,) = db.execute("select max(session) from provenance").fetchone()
    session = 1 + (last or 0)
    insert(db, "provenance", row | {"session": session, "ended": None})
    return session


def _end(db: sqlite3.Connection, session: int) -> None:
    """Store the time at which a session ended."""
    names = CHECKED["provenance"]
    query = f"select {', '.join(names)} from provenance where session = ?"
    values = db.execute(query, (session,)).fetchone()
    row = dict(zip(names, values, strict=True)) | {"ended": _now()}
    insert(db, "provenance", row, verb="insert or replace")


def _lock(folder: str | Path) -> FileLock:
    """Lock the folder for this process; raise ``SettingError`` if that is not possible."""
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
        reason = f"{name} cannot be written ({reason_of(error)})"
        raise SettingError("--out", reason, hint) from None


@contextlib.contextmanager
def _transaction(db: sqlite3.Connection) -> Iterator[None]:
    """Run the block in one transaction."""
    db.execute("begin immediate")
    try:
        yield
    except BaseException:
        if db.in_transaction:  # SQLite has ended it itself if the disk is full
            db.execute("rollback")
        raise
    db.execute("commit")


def _now() -> str:
    """Return the UTC time in ISO format, to the second."""
    return datetime.datetime.now(datetime.UTC).isoformat(timespec="seconds")
