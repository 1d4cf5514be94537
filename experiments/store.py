"""Read the results of a sweep: one SQLite file in its folder.

``SweepResults(folder).frame()`` has a row for every finished run: ``key``, ``point``, ``seed``, the
varied settings by path, outcomes, ``cpu_s``, ``wall_s``. Each run is stored in one transaction,
under a key that hashes scenario, seed and model source, so no run is stored twice. Provenance and
failures have separate tables.

One process writes (``experiments.sweep_writer``); others may read meanwhile. While a sweep runs,
SQLite keeps a write-ahead log next to the file, which needs a local disk; when the sweep ends, the
log is merged into the file.
"""

from __future__ import annotations

import contextlib
import importlib.util
import json
import math
import os
import sqlite3
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, Self

from abm.scenario import SettingError
from experiments.files import atomic_path

if TYPE_CHECKING:
    import pandas as pd

    from experiments.case import RunResult

FILE = "ledger.sqlite"
_TIMEOUT_S = 60.0  # seconds to wait for a reader to release the file


class SweepResults:
    """Results of a sweep, also while it is running.

    Args:
        folder: folder of the sweep.

    Raises:
        SettingError: the folder does not hold a sweep.
    """

    def __init__(self, folder: str | Path) -> None:
        self.folder = Path(folder)
        self._db = connect(self.folder)

    def __enter__(self) -> Self:
        """Return the results."""
        return self

    def __exit__(self, *_: object) -> None:
        """Close the file."""
        self.close()

    def close(self) -> None:
        """Close the file."""
        self._db.close()

    @property
    def meta(self) -> dict[str, str]:
        """Description of the sweep: ``name``, ``method``, ``factors``, ``source`` and more."""
        return dict(self._db.execute("select name, value from meta"))

    @property
    def planned(self) -> int:
        """Number of rows of the frame when the sweep is complete."""
        return self._number("select count(*) from plan")

    @property
    def done(self) -> int:
        """Number of rows of the frame now."""
        return self._number("select count(*) from plan join runs using (key)")

    @property
    def outcomes(self) -> tuple[str, ...]:
        """Names of the outcomes; empty before the first run is stored."""
        first = self._db.execute("select outcomes from runs limit 1").fetchone()
        return tuple(json.loads(first[0])) if first else ()

    def frame(self, outcomes: Sequence[str] | None = None) -> pd.DataFrame:
        """Return one row per finished run, in the order of the design.

        Points with the same scenario are run once and have one row each, with the same key.
        `outcomes` selects columns (default: all, as ``RunResult.criteria``); NaN where an outcome
        is undefined.
        """
        import pandas as pd

        rows = self._db.execute(
            "select key, point, plan.seed, inputs, outcomes, cpu_s, wall_s"
            " from plan join runs using (key) order by place"
        )
        records = [
            {"key": key, "point": point, "seed": seed}
            | json.loads(inputs)
            | _floats(stored, outcomes)
            | {"cpu_s": cpu, "wall_s": wall}
            for key, point, seed, inputs, stored, cpu, wall in rows
        ]
        return pd.DataFrame(records, columns=None if records else ["key", "point", "seed"])

    def failures(self) -> pd.DataFrame:
        """Return one row per failed run: key, point, seed, varied settings, error and traceback."""
        import pandas as pd

        rows = self._db.execute(
            "select failures.key, point, plan.seed, inputs, kind, text, tries, trace"
            " from plan join failures using (key) order by place"
        )
        records = [
            {"key": key, "point": point, "seed": seed}
            | json.loads(inputs)
            | {"kind": kind, "text": text, "tries": tries, "trace": trace}
            for key, point, seed, inputs, kind, text, tries, trace in rows
        ]
        return pd.DataFrame(
            records, columns=None if records else ["key", "point", "seed", "kind", "text"]
        )

    def provenance(self) -> pd.DataFrame:
        """Return one row per start of the sweep: time, host, command and versions."""
        import pandas as pd

        return pd.read_sql_query("select * from provenance order by session", self._db)

    def result(self, key: str) -> RunResult:
        """Return the whole result of a key, with monthly series; raise ``KeyError``."""
        from experiments.codec import unpack

        found = self._db.execute("select record from runs where key = ?", (key,)).fetchone()
        if found is None:
            raise KeyError(key)
        return unpack(found[0])

    def results(self) -> Iterator[tuple[dict[str, Any], RunResult]]:
        """Yield varied settings and whole result of every row of the frame, in its order."""
        rows = self._db.execute("select key, inputs from plan join runs using (key) order by place")
        for key, inputs in rows.fetchall():
            yield json.loads(inputs), self.result(key)

    def to_csv(self, path: str | Path) -> Path:
        """Write the frame as CSV, atomically; return the path."""
        with atomic_path(path) as part:
            self._noted_frame().to_csv(part, index=False)
        return Path(path)

    def to_parquet(self, path: str | Path) -> Path:
        """Write the frame as Parquet, atomically; needs pyarrow (extra ``analysis``)."""
        needs_pyarrow()
        with atomic_path(path) as part:
            self._noted_frame().to_parquet(part, index=False, compression="zstd")
        return Path(path)

    def _noted_frame(self) -> pd.DataFrame:
        """Return the frame; rows of another world end with a column ``world_note``."""
        frame, note = self.frame(), self.meta.get("world_note")
        return frame.assign(world_note=note) if note else frame

    def _number(self, query: str) -> int:
        """Return the single number of a query."""
        return int(self._db.execute(query).fetchone()[0])


def needs_pyarrow() -> None:
    """Raise ``SettingError`` if pyarrow is missing."""
    if importlib.util.find_spec("pyarrow") is None:
        hint = "Install the extra: uv sync --extra analysis, or pip install pyarrow."
        raise SettingError("parquet", "it needs the package pyarrow", hint)


# ---- the file ------------------------------------------------------------------------------------


def connect(folder: Path, *, write: bool = False, create: bool = False) -> sqlite3.Connection:
    """Open the file of a sweep.

    Args:
        folder: folder of the sweep; a folder without write permission can be read.
        write: whether to open for writing.
        create: whether to create the file if it is missing.

    Returns:
        The connection, with explicit transactions.

    Raises:
        SettingError: the folder does not hold a sweep, or the file cannot be read.
    """
    path = (folder / FILE).resolve()
    if not create and (not path.exists() or is_empty(folder)):
        hint = "Give a folder that twoborders sweep has written."
        raise SettingError("folder", f"there is no sweep in {folder}", hint)
    mode = "rwc" if create else "rw" if write or os.access(folder, os.W_OK) else "ro"
    uri = f"{path.as_uri()}?mode={mode}"
    try:
        db = sqlite3.connect(uri, uri=True, isolation_level=None, timeout=_TIMEOUT_S)
        if write:
            # the log is on disk before a run counts as finished; on disks without support for it
            # (some network disks) SQLite uses its older journal, which is slower and as safe
            db.execute("pragma journal_mode = wal")
            db.execute("pragma synchronous = full")
        else:
            db.execute("pragma query_only = on")
        db.execute("select count(*) from sqlite_master")
    except sqlite3.Error as error:
        hint = "Give a folder that twoborders sweep has written, on a local disk."
        raise SettingError("folder", f"{path} cannot be read ({error})", hint) from None
    return db


def is_empty(folder: Path) -> bool:
    """Return whether the file has no tables because its process was killed early."""
    with contextlib.closing(sqlite3.connect(folder / FILE, timeout=_TIMEOUT_S)) as db:
        try:
            return not has_tables(db)
        except sqlite3.DatabaseError as error:
            hint = "Give another folder, or delete the file."
            path = folder / FILE
            raise SettingError("folder", f"{path} is not a sweep ledger ({error})", hint) from None


def has_tables(db: sqlite3.Connection) -> bool:
    """Return whether the tables exist."""
    return bool(db.execute("select 1 from sqlite_master where name = 'meta'").fetchone())


def _floats(stored: str, names: Sequence[str] | None) -> dict[str, float]:
    """Decode stored outcomes, all or those named; NaN for null and for missing names."""
    found = json.loads(stored)
    selected = found if names is None else {name: found.get(name) for name in names}
    return {n: math.nan if v is None else float(v) for n, v in selected.items()}


#: Name of :class:`SweepResults` in version 0.1.
Store = SweepResults
