"""A sweep's store: an SQLite file in the sweep's folder, its tables, checks and results.

``SweepResults(folder).frame()`` has a row for every finished run: ``key``, ``point``, ``seed``, the
varied settings by path, outcomes, ``cpu_s``, ``wall_s``. Each run is stored in one transaction,
under a key that hashes scenario, seed and model source, so no run is stored twice. Provenance and
failures have separate tables.

Every row ends with a checksum of its other columns. Opening a file checks all rows, so that damage
raises an error and is never read as results. When the sweep is resumed, it repairs the file. Stores
of version 0.2 and earlier have another format, which cannot be read.

One process writes (``experiments.sweeps.store_writer``). Other processes may read at the same time.
While a sweep runs, SQLite keeps a write-ahead log next to the file. The log needs a local disk and
is merged into the file when the sweep ends.
"""

from __future__ import annotations

import contextlib
import dataclasses
import hashlib
import io
import json
import math
import os
import sqlite3
import zlib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from abm.measures import CRITERIA, OUTCOMES
from abm.output_files import atomic_path
from abm.phases.indicators import INDICATORS
from abm.scenario import SettingError
from abm.scenario.tree import read_path
from agents.labels import COUNTRIES, GROUPS
from agents.outcomes import Event, Status
from agents.param import did_you_mean, one_line, plain
from experiments.rows.records import NOTE
from experiments.runs.case import FirstYear, RunResult
from experiments.runs.files import require_packages

if TYPE_CHECKING:
    import pandas as pd

FILE = "ledger.sqlite"
_ZLIB_LEVEL = 3  # takes a quarter of the default's time and 10 % more space
FORMAT = "4"
_PAGE_BYTES = 16_384  # pages of this size hold several runs with little unused space
OPEN_WAIT_S, WRITE_WAIT_S = 5.0, 60.0  # seconds to wait for another program to release the file
#: Endings of the files that SQLite keeps next to its file.
SIBLINGS = ("-wal", "-shm", "-journal")
#: Columns of every table with their types; each table also has a column ``checksum``.
_DECLARED = {
    "meta": "name text primary key, value text not null",
    "plan": "place integer primary key, point integer not null, seed integer not null, "
    "key text not null, inputs text not null",
    "runs": "key text primary key, session integer not null, worker text not null, "
    "digest text not null, outcomes blob not null, cpu_s real, wall_s real, record blob not null",
    "failures": "key text primary key, session integer not null, name text not null, "
    "seed integer not null, kind text not null, text text not null, trace text not null, "
    "tries integer not null",
    "provenance": "session integer primary key, started text not null, ended text, "
    "host text not null, platform text not null, command text not null, executor text not null, "
    "source text not null, versions text not null",
}
#: Names of the columns of every table, without the checksum.
TABLES = {
    table: tuple(column.split()[0] for column in columns.split(", "))
    for table, columns in _DECLARED.items()
}
#: Rows that every sweep has in the table ``meta``.
_META = ("format", "name", "method", "design", "source", "reps", "factors", "scenario", "names")
_HINT = "Give a folder that twoborders sweep has written, on a local disk."
#: SQLite error codes for damaged content. All other codes concern access to the file. Code 0 means
#: that a text cannot be decoded.
_DAMAGE = (
    *(0, sqlite3.SQLITE_ERROR, sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_TOOBIG),
    *(sqlite3.SQLITE_MISMATCH, sqlite3.SQLITE_NOTADB),
)


# ---- rows ----------------------------------------------------------------------------------------


def checksum(values: Iterable[Any]) -> str:
    """Hash numbers, texts and bytes. Return 16 hexadecimal digits."""
    digest = hashlib.blake2b(digest_size=8)
    for value in values:
        content = value if isinstance(value, bytes) else json.dumps(value).encode()
        digest.update(len(content).to_bytes(8) + content)
    return digest.hexdigest()


def insert(
    db: sqlite3.Connection, table: str, row: Mapping[str, Any], *, verb: str = "insert"
) -> None:
    """Insert a row with its checksum.

    Args:
        db: connection.
        table: table name.
        row: values by column. NaN is stored as null.
        verb: "insert", "insert or ignore" or "insert or replace".
    """
    values = [None if row[name] != row[name] else row[name] for name in TABLES[table]]
    values.append(checksum(values))
    marks = ", ".join("?" * len(values))
    db.execute(f"{verb} into {table} values ({marks})", values)


def create_tables(db: sqlite3.Connection) -> None:
    """Create all tables in the caller's transaction."""
    for table, columns in _DECLARED.items():
        db.execute(f"create table {table} ({columns}, checksum text not null)")


def table_names(db: sqlite3.Connection) -> set[str]:
    """Return the names of all tables."""
    return {name for (name,) in db.execute("select name from sqlite_master where type = 'table'")}


def intact_meta(db: sqlite3.Connection) -> dict[str, str]:
    """Return the rows in ``meta`` with a correct checksum. Empty if the table is unreadable.

    Raises:
        sqlite3.Error: the file cannot be accessed.
    """
    try:
        rows = db.execute("select name, value, checksum from meta").fetchall()
        return {name: value for name, value, stored in rows if checksum((name, value)) == stored}
    except (sqlite3.Error, ValueError) as error:
        if not is_damage(error):
            raise
        return {}


# ---- opening -------------------------------------------------------------------------------------


def path_of(folder: str | Path) -> Path:
    """Return the resolved path to a folder's store. Raise ``SettingError`` if it is invalid."""
    checked = read_path("folder", folder)
    try:
        return (checked / FILE).resolve()
    except (OSError, ValueError, RuntimeError) as error:
        reason = f"{one_line(str(folder), 200)} {reason_of(error)}"
        raise SettingError("folder", reason, _HINT) from None


def check_present(path: Path) -> None:
    """Raise ``SettingError`` unless a path is a file with content."""
    try:
        if not path.exists() or (path.is_file() and not path.stat().st_size):
            raise _no_sweep(path)
        if not path.is_file():
            raise _not_a_ledger(path)
    except OSError as error:
        raise unusable(path, error) from None


def connect(path: Path, *, write: bool = False, create: bool = False) -> sqlite3.Connection:
    """Open a sweep's file.

    Args:
        path: the file. A file in a folder without write permission can only be read.
        write: whether to open for writing.
        create: whether to create the file if it is missing.

    Returns:
        The connection, with explicit transactions.

    Raises:
        SettingError: the file cannot be opened.
        sqlite3.OperationalError: another program has locked the file (only if `write`).
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
        # A run is finished when the log is on disk. On disks that do not support the log (some
        # network disks), SQLite uses its older journal, which is slower but equally safe.
        db.execute(f"pragma page_size = {_PAGE_BYTES}")
        db.execute("pragma journal_mode = wal")
        db.execute("pragma synchronous = full")
        db.execute(f"pragma busy_timeout = {1000 * WRITE_WAIT_S:.0f}")
    except BaseException:
        db.close()
        raise
    return db


# ---- damage --------------------------------------------------------------------------------------


def find_fault(db: sqlite3.Connection, path: Path) -> str:
    """Check a file on opening: its structure, its format and the checksums of its rows.

    Args:
        db: connection.
        path: the file, for messages.

    Returns:
        The first fault, empty if there is none.

    Raises:
        SettingError: the file has no tables, does not belong to a sweep, has another format, or
            cannot be read.
    """
    try:
        db.execute("begin")  # one transaction reads a consistent state even while the sweep runs
        return _table_fault(db, path) or _row_fault(db)
    except SettingError:
        raise
    except (sqlite3.Error, ValueError, TypeError) as error:
        if isinstance(error, sqlite3.Error) and not is_damage(error):
            raise unusable(path, error) from None
        return one_line(" ".join(str(error).split()), 120)
    finally:
        if db.in_transaction:
            db.execute("rollback")


def _table_fault(db: sqlite3.Connection, path: Path) -> str:
    """Return a fault in the tables, the sweep's description, or the file's structure."""
    stored = table_names(db)
    if not stored:
        raise _no_sweep(path)
    if not stored & TABLES.keys():
        raise _not_a_ledger(path)
    if "meta" in stored:
        _check_format(db, path)
    for table in sorted(TABLES.keys() - stored):
        return f"the table {table} is missing"
    (result,) = db.execute("pragma integrity_check(1)").fetchone()
    return "" if result == "ok" else one_line(" ".join(str(result).split()), 120)


def _check_format(db: sqlite3.Connection, path: Path) -> None:
    """Raise ``SettingError`` if another version wrote the file in another format."""
    for (value,) in db.execute("select value from meta where name = 'format'"):
        if value != FORMAT and str(value).isdecimal():
            hint = "Read it with the version of the program that wrote it, or give another folder."
            raise SettingError("folder", f"{path} has the unknown format {value!r}", hint)


def _row_fault(db: sqlite3.Connection) -> str:
    """Name the first row with a wrong checksum, or the missing part of the description."""
    for table in TABLES:
        for number, (*values, stored) in enumerate(db.execute(f"select * from {table}"), 1):
            if checksum(values) != stored:
                return f"row {number} of the table {table}"
    missing = [name for name in _META if name not in intact_meta(db)]
    return f"meta.{missing[0]} is missing" if missing else ""


# ---- errors --------------------------------------------------------------------------------------


def is_damage(error: Exception) -> bool:
    """Return whether an SQLite error concerns a file's content rather than access to it."""
    return _code(error) in _DAMAGE


def _code(error: Exception) -> int:
    """Return an SQLite error's primary code, or 0 for other errors."""
    return getattr(error, "sqlite_errorcode", 0) & 0xFF


def damaged(path: Path, fault: str) -> SettingError:
    """Create the error for a damaged file, with a hint on how to repair it.

    Args:
        path: the store's file.
        fault: the fault from :func:`find_fault`.

    Returns:
        The error.
    """
    hint = "Run the same command with --resume: intact runs are retained, the others run again."
    return SettingError("folder", f"{path} is damaged ({fault})", hint)


def unusable(path: Path, error: Exception) -> SettingError:
    """Create the error for a file that cannot be opened, read or written.

    Args:
        path: the store's file.
        error: error from SQLite or the operating system.

    Returns:
        The error.
    """
    code = _code(error)
    if code in (sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED):
        hint = "Close that program, or wait until it ends, and try again."
        return SettingError("folder", f"{path} is held by another program", hint)
    full = code == sqlite3.SQLITE_FULL
    hint = "Free some space and run the same sweep with --resume." if full else _HINT
    return SettingError("folder", f"{path} cannot be used ({reason_of(error)})", hint)


def reason_of(error: Exception) -> str:
    """Return the reason for an SQLite or operating-system error in one line."""
    code = _code(error)
    if code == sqlite3.SQLITE_FULL:
        return "the disk is full"
    if code == sqlite3.SQLITE_IOERR:
        return "disk error, perhaps the disk is full or a limit of the file size is reached"
    text = str(getattr(error, "strerror", None) or error).lower()
    return one_line(" ".join(text.split()), 120)


def _no_sweep(path: Path) -> SettingError:
    """Create the error for a folder without a sweep."""
    return SettingError("folder", f"{path.parent} has no sweep", _HINT)


def _not_a_ledger(path: Path) -> SettingError:
    """Create the error for a file that is not a store."""
    hint = "Give another folder, or delete the file."
    return SettingError("folder", f"{path} is not a sweep ledger", hint)


# ---- results -------------------------------------------------------------------------------------


class SweepResults(contextlib.AbstractContextManager["SweepResults"]):
    """Results of a sweep, which may still be running.

    Args:
        folder: sweep folder.

    Raises:
        SettingError: the folder does not hold a sweep, or its file is damaged, has another
            version's format, or cannot be read. Every method may raise this error too, for example
            after ``close``.
    """

    def __init__(self, folder: str | Path) -> None:
        self.folder = Path(folder)
        self._path = path_of(folder)
        check_present(self._path)
        self._db, self._is_closed = connect(self._path), False
        try:
            if fault := find_fault(self._db, self._path):
                raise damaged(self._path, fault)
            self._names = self.meta["names"].encode()
        except BaseException:
            self.close()
            raise

    def __exit__(self, *_: object) -> None:
        """Close the file."""
        self.close()

    def close(self) -> None:
        """Close the file. Every later use raises ``SettingError``."""
        self._is_closed = True
        self._db.close()

    @property
    def meta(self) -> dict[str, str]:
        """Description of the sweep: ``name``, ``method``, ``factors``, ``source`` and more."""
        return dict(self._rows("select name, value from meta"))

    @property
    def keys(self) -> list[str]:
        """Keys of all finished runs, ordered like the plan."""
        query = "select key from plan join runs using (key) order by place"
        return [key for (key,) in self._rows(query)]

    @property
    def planned(self) -> int:
        """Number of frame rows when the sweep, or this shard, is complete."""
        query = "select coalesce((select value from meta where name = 'planned'), count(*))"
        return int(self._rows(f"{query} from plan")[0][0])

    @property
    def done(self) -> int:
        """Current number of frame rows."""
        return len(self.keys)

    def levels(self) -> dict[str, list[Any]]:
        """Return every varied setting's planned values, each once, in order of appearance."""
        levels: dict[str, dict[Any, None]] = {}
        for (inputs,) in self._rows("select inputs from plan group by point order by point"):
            for path, value in json.loads(inputs).items():
                levels.setdefault(path, {})[value] = None
        return {path: list(values) for path, values in levels.items()}

    @property
    def outcomes(self) -> tuple[str, ...]:
        """Names of the outcomes, empty before the first run is stored."""
        first = self._rows("select outcomes from runs limit 1")
        return tuple(json.loads(inflate(first[0][0], self._names))) if first else ()

    def frame(self, outcomes: Sequence[str] | None = None) -> pd.DataFrame:
        """Return one row per finished run, ordered like the design.

        Points with the same scenario share one run, and have one row each with the same key.
        `outcomes` selects columns (default: all, as in ``RunResult.criteria``). An undefined
        outcome is NaN. An unknown name raises ``SettingError``.
        """
        import pandas as pd

        from abm.measures import CRITERIA

        if outcomes is not None:
            self._check_outcomes(outcomes)
        records = [
            row | _floats(inflate(stored, self._names), outcomes) | {"cpu_s": cpu, "wall_s": wall}
            for row, (stored, cpu, wall) in self._joined("runs", ("outcomes", "cpu_s", "wall_s"))
        ]
        frame = pd.DataFrame(records, columns=None if records else ["key", "point", "seed"])
        frame.attrs = {"units": {name: c.unit for name, c in CRITERIA.items()}, "note": NOTE}
        return frame

    def _check_outcomes(self, names: Sequence[str]) -> None:
        """Raise ``SettingError`` for an unknown outcome. If no run is stored, any name is valid."""
        if isinstance(names, str) or not isinstance(names, Sequence):
            hint = 'Give a list such as ["got_aways"].'
            raise SettingError("outcomes", f"{plain(names)} is not a list of names", hint)
        stored = self.outcomes
        for name in names:
            if stored and name not in stored:
                hint = f"{did_you_mean(str(name), stored)}The property outcomes has all names."
                raise SettingError("outcomes", f"{plain(name)} is not in the sweep", hint)

    def failures(self) -> pd.DataFrame:
        """Return one row per failed run: key, point, seed, varied settings, error and traceback."""
        import pandas as pd

        names = ("kind", "text", "tries", "trace")
        rows = self._joined("failures", names)
        records = [row | dict(zip(names, values, strict=True)) for row, values in rows]
        columns = None if records else ["key", "point", "seed", "kind", "text"]
        return pd.DataFrame(records, columns=columns)

    def _joined(self, table: str, columns: Sequence[str]) -> list[tuple[dict[str, Any], list[Any]]]:
        """Return the frame's first columns and some columns of a table, one row per table row."""
        names = ", ".join(columns)
        rows = self._rows(
            f"select key, point, plan.seed, inputs, {names}"
            f" from plan join {table} using (key) order by place"
        )
        return [
            ({"key": key, "point": point, "seed": seed} | json.loads(inputs), values)
            for key, point, seed, inputs, *values in rows
        ]

    def provenance(self) -> pd.DataFrame:
        """Return one row for each start of the sweep: time, host, command and versions."""
        import pandas as pd

        names = TABLES["provenance"]
        rows = self._rows(f"select {', '.join(names)} from provenance order by session")
        return pd.DataFrame(rows, columns=list(names))

    def result(self, key: str) -> RunResult:
        """Return a run's result with its series. Raise ``KeyError`` if there is none."""
        return self.row(key, RunResult)

    def row[Row](self, key: str, kind: type[Row]) -> Row:
        """Return the result of another kind of run, such as a calibration draw.

        Args:
            key: key of the run.
            kind: dataclass to create.

        Returns:
            The row.

        Raises:
            KeyError: there is no such run.
        """
        records = self._rows("select outcomes, record from runs where key = ?", key)
        if not records:
            raise KeyError(key)
        outcomes, record = records[0]
        return unpack(record, kind, self._names + inflate(outcomes, self._names))

    def results(self) -> Iterator[tuple[dict[str, Any], RunResult]]:
        """Yield varied settings and the complete result for every frame row, in frame order."""
        rows = self._rows("select key, inputs from plan join runs using (key) order by place")
        for key, inputs in rows:
            yield json.loads(inputs), self.result(key)

    def to_csv(self, path: str | Path) -> Path:
        """Write the frame to a CSV file, atomically. Return the path."""
        with atomic_path(path) as part:
            self._noted_frame().to_csv(part, index=False)
        return Path(path)

    def to_parquet(self, path: str | Path) -> Path:
        """Write the frame as Parquet, atomically, with units and note (extra ``analysis``)."""
        require_packages("parquet", ["pyarrow"], "analysis")
        with atomic_path(path) as part:
            self._noted_frame().to_parquet(part, index=False, compression="zstd")
        return Path(path)

    def _noted_frame(self) -> pd.DataFrame:
        """Return the frame. A world that is not packaged adds a last column ``world_note``."""
        frame, note = self.frame(), self.meta.get("world_note")
        return frame.assign(world_note=note) if note else frame

    def _rows(self, query: str, *values: Any) -> list[Any]:
        """Return all rows of a query as a list, so that no read transaction stays open."""
        try:
            return self._db.execute(query, values).fetchall()
        except sqlite3.ProgrammingError:
            reason = "closed" if self._is_closed else "in use by the thread that opened them"
            hint = f'Open them again: SweepResults("{self.folder}").'
            raise SettingError("folder", f"the results are {reason}", hint) from None
        except (sqlite3.Error, UnicodeDecodeError) as error:
            if is_damage(error):
                raise damaged(self._path, str(error)) from None
            raise unusable(self._path, error) from None


def _floats(stored: bytes, names: Sequence[str] | None) -> dict[str, float]:
    """Decode stored outcomes, all or the named ones. Null and missing names become NaN."""
    values = json.loads(stored)
    selected = values if names is None else {name: values.get(name) for name in names}
    return {n: math.nan if v is None else float(v) for n, v in selected.items()}


# ---- results as bytes ----------------------------------------------------------------------------

# The compressed bytes contain the header's length (4 bytes, big-endian), the header (JSON), and the
# arrays in header order. In the header, an array is {"array": [dtype, shape]}. Fields that were
# added in later versions get their defaults, and reading executes no code. Compression uses a
# dictionary with names that most results contain (stored in the table meta). A record adds the
# outcomes of its run to this dictionary.

_BY_GROUP = ("apprehended_us", "set_out", "attempts", "released_us", "unlawful_entries")
_SERIES = [
    f"{series}_{kind}{place}"
    for place in (*GROUPS, *map(str.lower, COUNTRIES))
    for series in _BY_GROUP
    for kind in ("", "adults_")
]
#: Compression dictionary for outcomes and records.
NAMES = json.dumps(
    {field.name: 0 for field in dataclasses.fields(RunResult)}
    | {member.name.lower(): 0 for kind in (Status, Event) for member in kind}
    | {name: {"array": ["<f8", [1]]} for name in (*_SERIES, *INDICATORS)}
    | dict.fromkeys((*OUTCOMES, *CRITERIA), 0.0),
    separators=(",", ":"),
)


def deflate(content: bytes, names: bytes) -> bytes:
    """Compress bytes, which ``inflate`` restores with the same `names`."""
    compressor = zlib.compressobj(_ZLIB_LEVEL, zdict=names)
    return compressor.compress(content) + compressor.flush()


def inflate(packed: bytes, names: bytes) -> bytes:
    """Restore bytes that ``deflate`` compressed with the same `names`."""
    return zlib.decompressobj(zdict=names).decompress(packed)


def pack(result: Any, names: bytes = b"") -> bytes:
    """Encode a result or another dataclass. ``unpack`` restores it with the same `names`."""
    arrays: list[bytes] = []

    def encode(value: Any) -> Any:
        if isinstance(value, np.ndarray):
            arrays.append(np.ascontiguousarray(value).tobytes())
            return {"array": [value.dtype.str, value.shape]}
        return {field.name: getattr(value, field.name) for field in dataclasses.fields(value)}

    header = json.dumps(result, default=encode, separators=(",", ":")).encode()
    return deflate(b"".join([len(header).to_bytes(4, "big"), header, *arrays]), names)


def unpack[Row](packed: bytes, kind: type[Row], names: bytes = b"") -> Row:
    """Decode a result. Fields that the bytes do not contain get their defaults.

    Args:
        packed: bytes from :func:`pack`.
        kind: the encoded dataclass.
        names: the names that :func:`pack` used.

    Returns:
        An instance of `kind`. In classes other than ``RunResult``, tuples become lists.
    """
    content = inflate(packed, names)
    start = 4 + int.from_bytes(content[:4], "big")
    arrays = io.BytesIO(content[start:])
    fields = json.loads(content[4:start], object_hook=partial(_decode, arrays))
    if fields.get("first_year") is not None:
        fields["first_year"] = FirstYear(**fields["first_year"])
    return kind(**fields)


def _decode(arrays: io.BytesIO, value: dict[str, Any]) -> Any:
    """Replace each array description by the next array."""
    if value.keys() != {"array"}:
        return value
    dtype, shape = value["array"]
    count = int(np.prod(shape, dtype=int)) * np.dtype(dtype).itemsize
    return np.frombuffer(arrays.read(count), dtype).reshape(shape).copy()


def outcomes_text(outcomes: Mapping[str, float]) -> str:
    """Return outcomes as strict JSON, with NaN as null and infinity as text."""
    texts = {name: None if math.isnan(v) else str(v) for name, v in outcomes.items()}
    finite = {name: float(v) for name, v in outcomes.items() if math.isfinite(v)}
    return json.dumps(texts | finite, separators=(",", ":"))
