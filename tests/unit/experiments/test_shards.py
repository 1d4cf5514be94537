"""Shards: disjoint parts of a sweep. Merged stores equal the store of one process."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from abm.scenario import SettingError
from experiments.runs.case import Case, RunResult
from experiments.sweeps.design import Grid, Shard
from experiments.sweeps.merge import merge
from experiments.sweeps.store import FILE, SweepResults
from experiments.sweeps.sweep import sweep
from tests.unit.experiments.test_sweep import fake, small_design

DESIGN = small_design(Grid({"policy.fence": [0.0, 0.5, 1.0], "dummy": [0.0, 1.0]}), reps=3)
PARTS = 4
WORDS = {"command": ["twoborders", "sweep", "test"], "executor": "serial"}


def run(folder: Path, number: int, function: Any = fake) -> Path:
    """Run a shard."""
    shard = replace(DESIGN, shard=Shard(number, PARTS))
    sweep(shard, folder / str(number), run=function, **WORDS)
    return folder / str(number)


def content(folder: Path) -> list[Any]:
    """Return all rows of a store. Rows of runs leave out the number of the start."""
    runs = "rowid, key, worker, digest, outcomes, cpu_s, wall_s, record"
    with closing(sqlite3.connect(folder / FILE)) as db:
        tables = (("*", "plan"), ("*", "meta"), (runs, "runs"), ("key, text", "failures"))
        return [db.execute(f"select {names} from {table}").fetchall() for names, table in tables]


@given(st.integers(0, 300), st.integers(1, 90))
def test_shards_are_disjoint_balanced_and_complete(runs: int, count: int):
    blocks = [Shard(number, count).places(runs) for number in range(1, count + 1)]
    assert [place for block in blocks for place in block] == list(range(runs))
    assert max(map(len, blocks)) - min(map(len, blocks)) <= 1 and not Shard(0, count).places(runs)


@pytest.mark.parametrize("text", ["", "3", "0/4", "5/4", "-1/4", "1/0", "1/4/2", "a/b"])
def test_a_text_that_is_not_a_shard_is_refused(text: str):
    with pytest.raises(SettingError, match=r"--shard: .* is not a shard"):
        Shard.read(text)


def test_merged_shards_equal_the_store_of_one_process(tmp_path: Path):
    """Merge also works after a shard ended early and without a shard (kills: tests/resume)."""

    def broken(case: Case) -> RunResult:
        if any(spec.dose == 1.0 for spec in case.scenario.policies):
            raise KeyboardInterrupt
        return fake(case)

    sweep(DESIGN, tmp_path / "one", run=fake, **WORDS)
    parts, out = [run(tmp_path, number) for number in (4, 2, 1)], tmp_path / "all"
    with pytest.raises(KeyboardInterrupt):
        run(tmp_path, 3, broken)
    partly = merge([*parts, tmp_path / "3"], out)
    assert partly.shards == ("3/4",) and partly.stored < partly.planned == len(DESIGN)
    assert partly.resume_command[-3:] == ("--out", str(out), "--resume")
    (tmp_path / "empty").mkdir()  # the folder of a shard that failed at its start
    absent = merge([tmp_path / "empty", *parts], tmp_path / "absent")
    assert absent.shards == ("3/4",) and absent.planned == len(DESIGN)
    with SweepResults(tmp_path / "absent") as store:
        assert store.done == absent.stored < store.planned == len(DESIGN)
    complete = merge([*parts, run(tmp_path, 3)], out)
    assert complete.stored == complete.planned == len(DESIGN) and not complete.shards
    assert content(out) == content(tmp_path / "one")
    assert sweep(DESIGN, out, run=broken, **WORDS).completed == 0


def test_runs_that_differ_and_folders_of_other_sweeps_are_refused(tmp_path: Path):
    first = run(tmp_path / "a", 1)
    other = run(tmp_path / "b", 1, lambda case: replace(fake(case), digest="another"))
    with pytest.raises(SettingError, match=r"seed 1, policy.fence 0.* differs"):
        merge([first, other], tmp_path / "all")
    sweep(small_design(), tmp_path / "c", run=fake, executor="serial")
    with pytest.raises(SettingError, match="has another meta"):
        merge([first, tmp_path / "c"], tmp_path / "all")
    with pytest.raises(SettingError, match="has no sweep"):
        merge([first, tmp_path / "nowhere"], tmp_path / "all")
    for out in (tmp_path, first / "all"):  # a parent of an input, and a child
        with pytest.raises(SettingError, match=r"--out: .* contains the other\. Give another one"):
            merge([first], out)
        assert not (out / FILE).exists()
    (first / "plan.json").write_bytes(b"\xff")
    with pytest.raises(SettingError, match="plan.json is not text in UTF-8"):
        merge([first], tmp_path / "all")
    with pytest.raises(SettingError, match="Give each shard a separate folder"):
        sweep(replace(DESIGN, shard=Shard(2, PARTS)), first, run=fake, executor="serial")
    assert not (tmp_path / "all" / FILE).exists()
