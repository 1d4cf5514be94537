"""The writer of a sweep's ledger: what is planned, what is done, what failed.

``open_ledger`` makes or opens the file of a folder for one process. A run is entered whole or not
at all, under a key made of the content of scenario, seed and model source, so never twice.
``experiments.store`` reads it.
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
from typing import TYPE_CHECKING, Any

from abm.scenario import SettingError
from experiments.model_fingerprint import model_source, versions, world_source
from experiments.pool import Failure
from experiments.store import FILE, connect, has_tables, is_empty

if TYPE_CHECKING:
    from abm.scenario import Scenario
    from experiments.design import Design
    from experiments.run import Case

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
    """A run as a worker hands it over: figures of a row, and the whole run as bytes.

    ``source`` is the fingerprint of the model that the worker has, ``worker`` its host and process.
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
    """Fingerprint of the model and, where the scenario has one, of the files of another world."""
    return model_source() + world_source(scenario.world)


def key_of(case: Case, source: str) -> str:
    """Key of a run: fingerprint of scenario, seed and model source, 40 hexadecimal digits."""
    told = [case.scenario.digest, case.seed, source]
    return hashlib.blake2b(json.dumps(told).encode(), digest_size=20).hexdigest()


class SweepWriter:
    """The one writer of a folder: what is planned, what is done, what failed.

    Every method leaves the file whole, whenever the process is killed.
    """

    def __init__(self, db: sqlite3.Connection, lock: Any, session: int) -> None:
        self._db, self._lock, self._session = db, lock, session
        self.done = {key for (key,) in db.execute("select key from runs")}

    def keys(self) -> list[str]:
        """Keys of all planned runs, in the order of the design."""
        return [key for (key,) in self._db.execute("select key from plan order by place")]

    def add(self, played: RunRecord) -> None:
        """Enter a run; one that failed before is no failure any more."""
        outcomes = json.dumps({n: _written(v) for n, v in played.outcomes.items()})
        row = (
            played.key,
            self._session,
            played.worker,
            played.digest,
            outcomes,
            played.cpu_s,
            played.wall_s,
            played.record,
        )
        with _whole_or_not(self._db):
            self._db.execute("insert or ignore into runs values (?, ?, ?, ?, ?, ?, ?, ?)", row)
            self._db.execute("delete from failures where key = ?", (played.key,))
        self.done.add(played.key)

    def fail(self, key: str, failure: Failure) -> None:
        """Enter why a run gave nothing; the last reason stands."""
        row = (
            key,
            self._session,
            failure.name,
            failure.seed,
            failure.kind,
            failure.text,
            failure.trace,
        )
        with _whole_or_not(self._db):
            self._db.execute(
                "insert into failures values (?, ?, ?, ?, ?, ?, ?, 1) on conflict (key) do update"
                " set session = excluded.session, kind = excluded.kind, text = excluded.text,"
                " trace = excluded.trace, tries = tries + 1",
                row,
            )

    def close(self) -> None:
        """Say when it ended, fold the log into the file, and let go of the folder."""
        ended = "update provenance set ended = ? where session = ?"
        with contextlib.suppress(sqlite3.Error):  # a full disk, or somebody reads: the log stays
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
    """Open the ledger of a design for writing, and make it if there is none.

    More repetitions than the ledger has planned are added. Raises ``SettingError`` for a folder
    that holds the sweep of another design or of another version of the model, that another process
    is writing to, or that holds a sweep at all unless `resume`.
    """
    folder = Path(folder)
    lock = _lock(folder)
    try:
        if (folder / FILE).exists() and not is_empty(folder):
            db = connect(folder, write=True)
            _check_same(db, folder, design, resume)
        else:
            (folder / FILE).unlink(missing_ok=True)  # what was killed before it planned anything
            db = connect(folder, write=True, create=True)
        with _whole_or_not(db):
            _plan(db, design)
            session = _begin(db, command, executor)
        return SweepWriter(db, lock, session)
    except BaseException:
        lock.close()
        raise


def _check_same(db: sqlite3.Connection, folder: Path, design: Design, resume: bool) -> None:
    """Refuse a ledger that is not this design's, or that was not asked for."""
    meta = dict(db.execute("select name, value from meta"))
    rows, done = (db.execute(f"select count(*) from {t}").fetchone()[0] for t in ("plan", "runs"))
    held = f"{folder} holds the sweep {meta['name']} ({done:,} of {rows:,} runs)"
    if meta["design"] != design.digest:
        hint = "Give another --out: one folder holds one design. More reps may be added."
        raise SettingError("--out", f"{held}, which is another design", hint)
    if not resume:
        raise SettingError("--out", held, "Go on with --resume, or give another --out.")
    if meta["source"] != source_of(design.scenario):
        hint = "Give another --out, or go back to those files: their runs must not be mixed."
        raise SettingError("--out", f"{held}; model or world have changed since", hint)
    if int(meta["reps"]) > design.reps:
        hint = f"Give reps = {meta['reps']} or more, or another --out."
        raise SettingError("reps", f"{held}, with {meta['reps']} repetitions", hint)


def _plan(db: sqlite3.Connection, design: Design) -> None:
    """Write down what the sweep is and every run that it plans."""
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
    told = {
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
    db.executemany("insert or replace into meta values (?, ?)", told.items())


def _begin(db: sqlite3.Connection, command: Sequence[str], executor: str) -> int:
    """Put a session on record; give its number."""
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


def _lock(folder: Path) -> Any:
    """Take the folder for this process; the system lets go of it however the process ends."""
    import fcntl

    folder.mkdir(parents=True, exist_ok=True)
    file = (folder / LOCK).open("a+", encoding="utf-8")
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        file.close()
        hint = "Wait for it, or give another --out."
        raise SettingError("--out", f"another sweep is writing to {folder}", hint) from None
    return file


@contextlib.contextmanager
def _whole_or_not(db: sqlite3.Connection) -> Iterator[None]:
    """A transaction: all of it or nothing."""
    db.execute("begin immediate")
    try:
        yield
    except BaseException:
        db.execute("rollback")
        raise
    db.execute("commit")


def _now() -> str:
    """The time, to the second, with its zone."""
    return datetime.datetime.now(datetime.UTC).isoformat(timespec="seconds")


def _written(value: float) -> float | str | None:
    """A number for strict JSON: what is not one is null, infinity a word."""
    if math.isfinite(value):
        return float(value)
    return None if math.isnan(value) else str(value)
