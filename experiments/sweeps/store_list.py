"""List and read the sweep stores that the screen may open. All are below one folder.

The folder is ``out`` in the server's working directory, or the folder that ``twoborders serve
--stores`` or the environment names. A visitor chooses a name from the list and cannot enter a path.
Links are not followed.
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from agents.param import SettingError, one_line, plain
from experiments.runs.case import model_source
from experiments.sweeps.store import FILE, SweepResults

if TYPE_CHECKING:
    import pandas as pd

VARIABLE = "TWOBORDERS_STORES"
#: [A] Maximum search depth, number of listed stores, and number of searched folders.
_DEPTH, _LISTED, _FOLDERS = 6, 200, 5_000
_FAILED = 20  # maximum number of failed runs that are listed


@dataclass(frozen=True, slots=True)
class StoreSummary:
    """A store's metadata.

    Attributes:
        name, method, factors, scenario: attributes of the design. The scenario is TOML text.
        planned, done, failed: numbers of runs.
        seeds: number of seeds among the finished runs.
        reps: number of planned seeds per point (and member).
        members: number of parameter sets, or 0 if no ensemble is used.
        source: fingerprint of the model that ran the sweep.
        same_model: whether the current model ran the sweep.
        started, ended: times of the first start and the last end. ``ended`` is empty during a
            sweep.
        world_note: sentence about a world other than the packaged one. Empty for the packaged
            world.
    """

    name: str
    method: str
    factors: tuple[str, ...]
    scenario: str
    planned: int
    done: int
    failed: int
    seeds: int
    reps: int
    members: int
    source: str
    same_model: bool
    started: str
    ended: str
    world_note: str = ""


@dataclass(frozen=True, slots=True)
class FailedRun:
    """A run without a result: its varied settings, seed and error."""

    inputs: dict[str, Any]
    seed: int
    error: str


@dataclass(frozen=True, eq=False)
class StoreData:
    """A store in memory: its summary, all outcome names, and rows with selected outcomes.

    ``levels`` holds every factor's planned values, with or without a finished run. ``failed_runs``
    holds the first runs that failed.
    """

    summary: StoreSummary
    outcomes: tuple[str, ...]
    rows: pd.DataFrame
    levels: dict[str, list[Any]] = field(default_factory=dict)
    failed_runs: tuple[FailedRun, ...] = ()


def root() -> Path:
    """Return the folder that is searched for stores. It need not exist."""
    return Path(os.environ.get(VARIABLE) or "out").resolve()


def list_stores(folder: Path) -> list[str]:
    """Return names of the stores below a folder (relative paths), latest first."""
    times = {
        path.parent.relative_to(folder).as_posix(): path.stat().st_mtime
        for path in _store_files(folder)
    }
    return sorted(times, key=lambda name: (-times[name], name))[:_LISTED]


def _store_files(folder: Path) -> Iterator[Path]:
    """Yield store files. Links to files and folders are skipped."""
    for searched, (where, folders, files) in enumerate(os.walk(folder)):
        place = Path(where)
        deep = len(place.relative_to(folder).parts) >= _DEPTH
        folders[:] = [] if deep else sorted(name for name in folders if not name.startswith("."))
        path = place / FILE
        if FILE in files and path.is_file() and not path.is_symlink():
            yield path
        if searched >= _FOLDERS:
            return


def read_store(folder: Path, name: str, outcomes: Sequence[str]) -> StoreData:
    """Read a listed store, even while its sweep runs.

    Args:
        folder: the folder that is searched for stores.
        name: name of a store, as from `list_stores`.
        outcomes: outcome names to read. Unknown names are ignored.

    Returns:
        The summary and one row for each finished run.

    Raises:
        SettingError: the name is not listed, or the file is not a readable store.
    """
    if name not in list_stores(folder):
        raise SettingError(plain(name), "there is no such store", "Choose one of the list.")
    try:
        with SweepResults(folder / name) as store:
            stored = store.outcomes
            rows = store.frame([name for name in outcomes if name in stored])
            summary, failed = _summary(store, rows), tuple(_failed_runs(store))
            rows = rows.drop(columns="key")
            return StoreData(summary, stored, rows, store.levels(), failed)
    except SettingError:
        # The original message contains folder names on this machine, which visitors must not see.
        reason = "this store cannot be read: it is damaged, empty, or not of a sweep"
        raise SettingError(name, reason, "Run the sweep again.") from None


def _failed_runs(store: SweepResults) -> Iterator[FailedRun]:
    """Yield the first runs that failed, ordered like the design."""
    factors = json.loads(store.meta["factors"])
    for row in store.failures().head(_FAILED).to_dict("records"):
        inputs = {path: row[path] for path in factors if path in row}
        yield FailedRun(inputs, int(row["seed"]), one_line(f"{row['kind']}: {row['text']}", 300))


def _summary(store: SweepResults, rows: pd.DataFrame) -> StoreSummary:
    """Read a store's metadata."""
    meta, starts = store.meta, store.provenance()
    ended = starts["ended"].iloc[-1] if len(starts) else None
    return StoreSummary(
        **{key: meta[key] for key in ("name", "method", "scenario", "source")},
        factors=tuple(json.loads(meta["factors"])),
        planned=store.planned,
        done=len(rows),
        failed=len(store.failures()),
        seeds=len(set(rows["seed"])),
        reps=int(meta["reps"]),
        members=len(set(rows["member"])) if "member" in rows else 0,
        same_model=meta["source"][:16] == model_source(),
        started=str(starts["started"].iloc[0]) if len(starts) else "",
        ended=ended if isinstance(ended, str) else "",  # NaN while a sweep is resumed
        world_note=meta.get("world_note", ""),
    )
