"""A sweep of artificial runs, its ledger as an earlier version wrote it, and a full disk."""

from __future__ import annotations

import contextlib
import resource
import sqlite3
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pandas as pd

from experiments.runs.case import Case, RunResult
from experiments.scenarios import find
from experiments.sweeps.design import Design, Grid
from experiments.sweeps.store import SweepResults
from experiments.sweeps.sweep import SweepSummary, sweep

DESIGN = Design(
    name="damaged",
    sample=Grid({"policy.fence": [0.0, 0.5, 1.0]}),
    scenario=find("classroom"),
    reps=5,
)
RUNS = 15
#: The tables of a ledger of format 1, which has no checksums.
FORMAT_1 = """
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


def artificial(case: Case) -> RunResult:
    """Return an artificial result whose values depend on the seed and the number of policies."""
    value = case.seed + 1000.0 * len(case.scenario.policies) + 0.123456789
    return RunResult(
        case=case.digest,
        name="artificial",
        seed=case.seed,
        start="2012-10-01",
        days=1,
        scale=1,
        persons={},
        events={},
        rates={},
        outcomes={f"outcome_{k}": value * k for k in range(20)} | {"undefined": float("nan")},
        sector_shares={},
        interceptions_by_state={},
        deaths_per_10000={},
        months=[],
        series={"got_aways": np.random.default_rng(case.seed).normal(size=900)},
        leg_flow=np.full(10, value),
        dollars={},
        digest=f"{value:.17g}",
        cost={"cpu_s": 0.5, "wall_s": 0.5},
    )


def run_sweep(folder: str | Path) -> SweepSummary:
    return sweep(DESIGN, folder, executor="serial", run=artificial)


def frame_of(folder: Path) -> pd.DataFrame:
    with SweepResults(folder) as store:
        return store.frame()


def to_format_1(source: Path, target: Path) -> None:
    """Write a ledger as an earlier version has written it."""
    with contextlib.closing(sqlite3.connect(target)) as db:
        db.executescript(FORMAT_1)
        db.execute(f"attach '{source}' as new")
        for table in ("meta", "plan", "runs", "failures", "provenance"):
            columns = [row[1] for row in db.execute(f"pragma main.table_info({table})")]
            names = ", ".join(columns)
            db.execute(f"insert into main.{table} ({names}) select {names} from new.{table}")
        db.execute("update main.meta set value = '1' where name = 'format'")
        db.execute("delete from main.meta where name = 'planned'")
        db.commit()


@contextlib.contextmanager
def largest_file(size: int) -> Iterator[None]:
    """Limit the size of files, in bytes: writing fails as on a full disk."""
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
