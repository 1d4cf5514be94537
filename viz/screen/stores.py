"""Stores of runs that the screen may open: those beneath one folder, and nothing else.

The folder is ``out`` where the server was started, or what ``twoborders serve --stores`` or the
environment names. A visitor names a store of the list: no path comes from outside, and links are
not followed.
"""

from __future__ import annotations

import contextlib
import json
import os
import sqlite3
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from agents.param import SettingError, plain
from experiments.model_fingerprint import model_source
from experiments.store import FILE, SweepResults

if TYPE_CHECKING:
    import pandas as pd

VARIABLE = "TWOBORDERS_STORES"
#: [A] how far down one looks, how many stores are list_stores, and how many folders are looked into.
_DEPTH, _MOST, _FOLDERS = 6, 200, 5_000


@dataclass(frozen=True, slots=True)
class StoreSummary:
    """What a store says of itself.

    ``failed``: runs that gave nothing. ``seeds``: of all planned runs. ``members``: parameter sets
    under which points are played, 0 without. ``started``: when it was started first, and
    ``ended`` last, empty while it runs. ``same_model``: whether the model is the one of now.
    """

    name: str
    method: str
    factors: tuple[str, ...]
    scenario: str
    planned: int
    done: int
    failed: int
    seeds: int
    members: int
    source: str
    same_model: bool
    started: str
    ended: str


@dataclass(frozen=True, eq=False)
class StoreData:
    """A store as it was read: what it says of itself, names of its outcomes, and rows of some."""

    summary: StoreSummary
    outcomes: tuple[str, ...]
    rows: pd.DataFrame


def root() -> Path:
    """The folder beneath which stores are found; it need not exist."""
    return Path(os.environ.get(VARIABLE) or "out").resolve()


def list_stores(folder: Path) -> list[str]:
    """Names of the stores beneath a folder, relative to it, the latest written first."""
    found = {
        path.parent.relative_to(folder).as_posix(): path.stat().st_mtime
        for path in _ledgers(folder)
    }
    return sorted(found, key=lambda name: (-found[name], name))[:_MOST]


def _ledgers(folder: Path) -> Iterator[Path]:
    """Ledgers that lie there as files, not as links, in folders that are none either."""
    for looked, (where, inside, files) in enumerate(os.walk(folder)):
        here = Path(where)
        deep = len(here.relative_to(folder).parts) >= _DEPTH
        inside[:] = [] if deep else sorted(name for name in inside if not name.startswith("."))
        path = here / FILE
        if FILE in files and path.is_file() and not path.is_symlink():
            yield path
        if looked >= _FOLDERS:
            return


def read_store(folder: Path, name: str, outcomes: Sequence[str]) -> StoreData:
    """Read a store of the list with some outcomes; also while it is being written.

    Raises ``SettingError`` for a name that is not on the list, and for a file that is no store.
    """
    if name not in list_stores(folder):
        raise SettingError(plain(name), "there is no such store", "Choose one of the list.")
    with _plainly(name), SweepResults(folder / name) as store:
        known = store.outcomes
        rows = store.frame([one for one in outcomes if one in known])
        return StoreData(_held(store, rows), known, rows.drop(columns="key"))


def _held(store: SweepResults, rows: pd.DataFrame) -> StoreSummary:
    """What it says of itself."""
    meta, starts = store.meta, store.provenance()
    ended = starts["ended"].iloc[-1] if len(starts) else None
    return StoreSummary(
        name=meta["name"],
        method=meta["method"],
        factors=tuple(json.loads(meta["factors"])),
        scenario=meta["scenario"],
        planned=store.planned,
        done=len(rows),
        failed=len(store.failures()),
        seeds=len(set(rows["seed"])),
        members=len(set(rows["member"])) if "member" in rows else 0,
        source=meta["source"],
        same_model=meta["source"][:16] == model_source(),
        started=str(starts["started"].iloc[0]) if len(starts) else "",
        ended=ended or "",
    )


@contextlib.contextmanager
def _plainly(name: str) -> Iterator[None]:
    """Whatever is wrong with a file is said in a line."""
    try:
        yield
    except (sqlite3.Error, ValueError, KeyError, TypeError, AttributeError):
        # what the error says names folders of this machine, and a class may read it
        reason = "this store cannot be read: it is damaged, empty, or not of a sweep"
        raise SettingError(name, reason, "Play the sweep again.") from None
