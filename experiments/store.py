"""The ledger of a sweep: one SQLite file in its folder, read with one line.

``Store(folder).frame()`` gives a row for every run that is done: ``key``, ``point``, ``seed``, what
varies by path, outcomes, ``cpu_s``, ``wall_s``. A run is in the ledger whole or not at all, under a
key made of the content of scenario, seed and model source, so it is never there twice. Provenance
and failures have tables of their own.

One process writes (``experiments.sweep_writer``); others may read meanwhile. While a sweep runs, the file
has a log beside it, which needs a local disk; when the sweep ends the file stands alone.
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

if TYPE_CHECKING:
    import pandas as pd

    from experiments.run import RunResult

FILE = "ledger.sqlite"
_PATIENCE = 60.0  # seconds to wait for a reader to let go


class SweepResults:
    """What a sweep has left in its folder, to be read; also while it is running.

    Raises ``SettingError`` where there is no ledger.
    """

    def __init__(self, folder: str | Path) -> None:
        self.folder = Path(folder)
        self._db = connect(self.folder)

    def __enter__(self) -> Self:
        """Give itself."""
        return self

    def __exit__(self, *_: object) -> None:
        """Close the file."""
        self.close()

    def close(self) -> None:
        """Close the file."""
        self._db.close()

    @property
    def meta(self) -> dict[str, str]:
        """What the sweep is: ``name``, ``method``, ``factors``, ``scenario``, ``source``..."""
        return dict(self._db.execute("select name, value from meta"))

    @property
    def planned(self) -> int:
        """Rows that the frame has when the sweep is complete."""
        return self._number("select count(*) from plan")

    @property
    def done(self) -> int:
        """Rows that the frame has now."""
        return self._number("select count(*) from plan join runs using (key)")

    @property
    def outcomes(self) -> tuple[str, ...]:
        """Names of the outcomes that runs have here; none before the first is done."""
        first = self._db.execute("select outcomes from runs limit 1").fetchone()
        return tuple(json.loads(first[0])) if first else ()

    def frame(self, outcomes: Sequence[str] | None = None) -> pd.DataFrame:
        """One row for every run that is done, in the order of the design.

        Points that come to the same scenario are played once and have a row each, with one key.
        Outcomes are those of ``RunResult.criteria``, or those named; NaN where one is not defined.
        """
        import pandas as pd

        rows = self._db.execute(
            "select key, point, plan.seed, inputs, outcomes, cpu_s, wall_s"
            " from plan join runs using (key) order by place"
        )
        told = [
            {"key": key, "point": point, "seed": seed}
            | json.loads(inputs)
            | _floats(found, outcomes)
            | {"cpu_s": cpu, "wall_s": wall}
            for key, point, seed, inputs, found, cpu, wall in rows
        ]
        return pd.DataFrame(told, columns=None if told else ["key", "point", "seed"])

    def failures(self) -> pd.DataFrame:
        """One row for every run that gave nothing: key, point, seed, what varies, why, trace."""
        import pandas as pd

        rows = self._db.execute(
            "select failures.key, point, plan.seed, inputs, kind, text, tries, trace"
            " from plan join failures using (key) order by place"
        )
        told = [
            {"key": key, "point": point, "seed": seed}
            | json.loads(inputs)
            | {"kind": kind, "text": text, "tries": tries, "trace": trace}
            for key, point, seed, inputs, kind, text, tries, trace in rows
        ]
        return pd.DataFrame(
            told, columns=None if told else ["key", "point", "seed", "kind", "text"]
        )

    def provenance(self) -> pd.DataFrame:
        """One row for every time the sweep was started: when, where, which command and versions."""
        import pandas as pd

        return pd.read_sql_query("select * from provenance order by session", self._db)

    def result(self, key: str) -> RunResult:
        """The whole run of a key, monthly series included; raises ``KeyError``."""
        from experiments.codec import unpack

        found = self._db.execute("select record from runs where key = ?", (key,)).fetchone()
        if found is None:
            raise KeyError(key)
        return unpack(found[0])

    def results(self) -> Iterator[tuple[dict[str, Any], RunResult]]:
        """What varies, and the whole run, for every row of the frame, in its order."""
        rows = self._db.execute("select key, inputs from plan join runs using (key) order by place")
        for key, inputs in rows.fetchall():
            yield json.loads(inputs), self.result(key)

    def to_csv(self, path: str | Path) -> Path:
        """Write the frame as CSV, whole or not at all."""
        return _whole(Path(path), lambda part: self.frame().to_csv(part, index=False))

    def to_parquet(self, path: str | Path) -> Path:
        """Write the frame as Parquet, whole or not at all; needs pyarrow (extra ``analysis``)."""
        needs_pyarrow()
        return _whole(
            Path(path), lambda part: self.frame().to_parquet(part, index=False, compression="zstd")
        )

    def _number(self, query: str) -> int:
        """The one number that a query gives."""
        return int(self._db.execute(query).fetchone()[0])


def needs_pyarrow() -> None:
    """Refuse in words where pyarrow is missing."""
    if importlib.util.find_spec("pyarrow") is None:
        hint = "Install the extra: uv sync --extra analysis, or pip install pyarrow."
        raise SettingError("parquet", "it needs the package pyarrow", hint)


# ---- the file ------------------------------------------------------------------------------------


def connect(folder: Path, *, write: bool = False, create: bool = False) -> sqlite3.Connection:
    """Open the file; a folder that cannot be written can still be read."""
    path = (folder / FILE).resolve()
    if not create and (not path.exists() or is_empty(folder)):
        hint = "Give a folder that twoborders sweep has written."
        raise SettingError("folder", f"there is no sweep in {folder}", hint)
    mode = "rwc" if create else "rw" if write or os.access(folder, os.W_OK) else "ro"
    uri = f"{path.as_uri()}?mode={mode}"
    try:
        db = sqlite3.connect(uri, uri=True, isolation_level=None, timeout=_PATIENCE)
        if write:
            # the log is on disk before a run counts as done; where it cannot be kept (some network
            # disks) SQLite stays with its older, slower way, which is as safe
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
    """Whether the file was made but killed before anything was entered."""
    with contextlib.closing(sqlite3.connect(folder / FILE, timeout=_PATIENCE)) as db:
        try:
            return not has_tables(db)
        except sqlite3.DatabaseError as error:
            hint = "Give another folder, or take the file away."
            path = folder / FILE
            raise SettingError("folder", f"{path} is no ledger ({error})", hint) from None


def has_tables(db: sqlite3.Connection) -> bool:
    """Whether the tables are there."""
    return bool(db.execute("select 1 from sqlite_master where name = 'meta'").fetchone())


def _whole(path: Path, write: Any) -> Path:
    """Write a file through one beside it, so that nobody sees half of it."""
    part = path.with_name(f".{path.name}.{os.getpid()}.part")
    try:
        write(part)
        os.replace(part, path)
    except BaseException:
        part.unlink(missing_ok=True)
        raise
    return path


def _floats(written: str, names: Sequence[str] | None) -> dict[str, float]:
    """Outcomes as they were, those named or all."""
    found = json.loads(written)
    wanted = found if names is None else {name: found.get(name) for name in names}
    return {n: math.nan if v is None else float(v) for n, v in wanted.items()}


#: Name of :class:`SweepResults` in version 0.1.
Store = SweepResults
