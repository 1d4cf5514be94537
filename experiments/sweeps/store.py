"""Read a sweep's results: one SQLite file in its folder.

``SweepResults(folder).frame()`` has a row for every finished run: ``key``, ``point``, ``seed``, the
varied settings by path, outcomes, ``cpu_s``, ``wall_s``. Each run is stored in one transaction,
under a key that hashes scenario, seed and model source, so no run is stored twice. Provenance and
failures have separate tables.

One process writes (``experiments.sweeps.store_writer``). Others may read meanwhile. While a sweep
runs, SQLite keeps a write-ahead log next to the file, which needs a local disk. When the sweep
ends, the log is merged into the file. A damaged file is an error, and the next start of its sweep
repairs it.
"""

from __future__ import annotations

import importlib.util
import json
import math
import sqlite3
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, Self

from abm.output_files import atomic_path
from abm.scenario import SettingError
from agents.param import meant, plain
from experiments.runs.case import RunResult
from experiments.runs.codec import unpack
from experiments.sweeps.store_file import (
    FILE,
    TABLES,
    check_present,
    connect,
    damaged,
    find_fault,
    is_damage,
    path_of,
    unusable,
)

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["FILE", "SweepResults", "needs_pyarrow"]


class SweepResults:
    """Results of a sweep, also while it is running.

    Args:
        folder: sweep folder.

    Raises:
        SettingError: the folder does not hold a sweep, or its file is damaged, has the format of
            another version, or cannot be read. Every method may raise it as well, also after
            ``close``.
    """

    def __init__(self, folder: str | Path) -> None:
        self.folder = Path(folder)
        self._path = path_of(folder)
        check_present(self._path)
        self._db, self._is_closed = connect(self._path), False
        try:
            if fault := find_fault(self._db, self._path):
                raise damaged(self._path, fault)
        except BaseException:
            self.close()
            raise

    def __enter__(self) -> Self:
        """Return the results."""
        return self

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
        """Keys of the finished runs, ordered like the plan."""
        return [
            key
            for (key,) in self._rows("select key from plan join runs using (key) order by place")
        ]

    @property
    def planned(self) -> int:
        """Number of rows of the frame when the sweep is complete."""
        return self._number("select count(*) from plan")

    @property
    def done(self) -> int:
        """Number of rows of the frame now."""
        return self._number("select count(*) from plan join runs using (key)")

    def plan(self) -> list[tuple[int, int, dict[str, Any]]]:
        """Return point, seed and varied settings of every planned run, ordered like the design.

        Also for runs that are not finished.
        """
        rows = self._rows("select point, seed, inputs from plan order by place")
        return [(point, seed, json.loads(inputs)) for point, seed, inputs in rows]

    def levels(self) -> dict[str, list[Any]]:
        """Return the planned values of every varied setting, each once, in order of appearance."""
        levels: dict[str, dict[Any, None]] = {}
        for (inputs,) in self._rows("select inputs from plan group by point order by point"):
            for path, value in json.loads(inputs).items():
                levels.setdefault(path, {})[value] = None
        return {path: list(values) for path, values in levels.items()}

    @property
    def outcomes(self) -> tuple[str, ...]:
        """Names of the outcomes, empty before the first run is stored."""
        first = self._rows("select outcomes from runs limit 1")
        return tuple(json.loads(first[0][0])) if first else ()

    def frame(self, outcomes: Sequence[str] | None = None) -> pd.DataFrame:
        """Return one row per finished run, ordered like the design.

        Points with the same scenario are run once and have one row each, with the same key.
        `outcomes` selects columns (default: all, as ``RunResult.criteria``), NaN where an outcome
        is undefined. An unknown name raises ``SettingError``.
        """
        import pandas as pd

        if outcomes is not None:
            self._check_outcomes(outcomes)
        rows = self._rows(
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

    def _check_outcomes(self, names: Sequence[str]) -> None:
        """Raise ``SettingError`` unless all names are outcomes. Before the first run all may be."""
        if isinstance(names, str) or not isinstance(names, Sequence):
            hint = 'Give a list such as ["got_aways"].'
            raise SettingError("outcomes", f"{plain(names)} is not a list of names", hint)
        stored = self.outcomes
        for name in names:
            if stored and name not in stored:
                hint = f"{meant(str(name), stored)}The property outcomes has all names."
                raise SettingError("outcomes", f"{plain(name)} is not in the sweep", hint)

    def failures(self) -> pd.DataFrame:
        """Return one row per failed run: key, point, seed, varied settings, error and traceback."""
        import pandas as pd

        rows = self._rows(
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

        names = TABLES["provenance"]
        rows = self._rows(f"select {', '.join(names)} from provenance order by session")
        return pd.DataFrame(rows, columns=list(names))

    def result(self, key: str) -> RunResult:
        """Return the whole result of a key, with monthly series. Raise ``KeyError``."""
        return unpack(self._record(key))

    def row[Row](self, key: str, kind: type[Row]) -> Row:
        """Return what a run of another kind returned, such as a draw of a calibration.

        Args:
            key: key of the run.
            kind: dataclass of the row.

        Returns:
            The row.

        Raises:
            KeyError: there is no such run.
        """
        return unpack(self._record(key), kind)

    def _record(self, key: str) -> bytes:
        """Return the packed result of a key."""
        records = self._rows("select record from runs where key = ?", key)
        if not records:
            raise KeyError(key)
        return records[0][0]

    def results(self) -> Iterator[tuple[dict[str, Any], RunResult]]:
        """Yield varied settings and whole result of every row of the frame, in its order."""
        rows = self._rows("select key, inputs from plan join runs using (key) order by place")
        for key, inputs in rows:
            yield json.loads(inputs), self.result(key)

    def to_csv(self, path: str | Path) -> Path:
        """Write the frame as CSV, atomically. Return the path."""
        with atomic_path(path) as part:
            self._noted_frame().to_csv(part, index=False)
        return Path(path)

    def to_parquet(self, path: str | Path) -> Path:
        """Write the frame as Parquet, atomically. Needs pyarrow (extra ``analysis``)."""
        needs_pyarrow()
        with atomic_path(path) as part:
            self._noted_frame().to_parquet(part, index=False, compression="zstd")
        return Path(path)

    def _noted_frame(self) -> pd.DataFrame:
        """Return the frame. Rows of another world end with a column ``world_note``."""
        frame, note = self.frame(), self.meta.get("world_note")
        return frame.assign(world_note=note) if note else frame

    def _number(self, query: str) -> int:
        """Return the single number of a query."""
        return int(self._rows(query)[0][0])

    def _rows(self, query: str, *values: Any) -> list[Any]:
        """Return all rows of a query, so that no read transaction stays open."""
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


def needs_pyarrow() -> None:
    """Raise ``SettingError`` if pyarrow is missing."""
    if importlib.util.find_spec("pyarrow") is None:
        hint = "Run uv sync --inexact --extra analysis, or pip install pyarrow."
        raise SettingError("parquet", "it needs the package pyarrow", hint)


def _floats(stored: str, names: Sequence[str] | None) -> dict[str, float]:
    """Decode stored outcomes, all or those named, NaN for null and for missing names."""
    values = json.loads(stored)
    selected = values if names is None else {name: values.get(name) for name in names}
    return {n: math.nan if v is None else float(v) for n, v in selected.items()}
