"""The ledger: whole runs, once each, read with one line; other sweeps are refused."""

from __future__ import annotations

import math
import sqlite3
import sys
from collections.abc import Callable
from contextlib import closing
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from abm.scenario import SettingError
from experiments import sweep_writer as ledgers
from experiments.codec import pack, unpack
from experiments.design import Design, Grid
from experiments.pool import Failure
from experiments.run import Case, RunResult
from experiments.scenarios import find
from experiments.store import FILE, SweepResults
from experiments.sweep_writer import LOCK, RunRecord, key_of, open_writer, source_of

BASE = find("classroom")
DESIGN = Design(name="test", sample=Grid({"policy.fence": [0.0, 1.0]}), scenario=BASE, reps=2)


def made(key: str, value: float = 1.0) -> RunRecord:
    """A run that nobody has played."""
    return RunRecord(
        key=key,
        seed=1,
        digest="d",
        outcomes={"got_aways": value},
        cpu_s=0.5,
        wall_s=0.6,
        record=b"",
        source="s",
        worker="here:1",
    )


def filled(folder: Path, design: Design = DESIGN) -> list[str]:
    """A ledger with all its runs; their values are their places."""
    ledger = open_writer(folder, design, resume=True)
    keys = ledger.keys()
    for value, key in enumerate(keys):
        ledger.add(made(key, float(value)))
    ledger.close()
    return keys


def test_one_row_a_run_in_the_order_of_the_design(tmp_path: Path):
    keys = filled(tmp_path)
    frame = SweepResults(tmp_path).frame()
    assert list(frame) == ["key", "point", "seed", "policy.fence", "got_aways", "cpu_s", "wall_s"]
    assert frame["key"].tolist() == keys and len(set(keys)) == 4
    assert frame["policy.fence"].tolist() == [0.0, 1.0, 0.0, 1.0]
    assert frame["seed"].tolist() == [1, 1, 2, 2]
    assert frame["got_aways"].tolist() == [0.0, 1.0, 2.0, 3.0]


def test_the_file_stands_alone_when_it_is_closed(tmp_path: Path):
    filled(tmp_path)
    assert {path.name for path in tmp_path.iterdir()} == {FILE, LOCK}
    assert (tmp_path / FILE).read_bytes()[18] == 1  # SQLite's word for a file that needs no log


def test_a_run_is_entered_once_and_the_first_stays(tmp_path: Path):
    ledger = open_writer(tmp_path, DESIGN, resume=False)
    key = ledger.keys()[0]
    ledger.add(made(key, 1.0))
    ledger.add(made(key, 2.0))
    assert SweepResults(tmp_path).frame()["got_aways"].tolist() == [
        1.0
    ]  # while it is being written
    ledger.close()


def test_a_run_that_failed_and_then_did_not(tmp_path: Path):
    ledger = open_writer(tmp_path, DESIGN, resume=False)
    key = ledger.keys()[1]
    for _ in range(2):
        ledger.fail(key, Failure("c", "x", 1, "ValueError", "no", "trace of it"))
    with SweepResults(tmp_path) as store:
        (row,) = store.failures().to_dict("records")
        assert (row["key"], row["tries"], row["trace"]) == (key, 2, "trace of it")
        assert row["policy.fence"] == 1.0 and store.frame().empty
        ledger.add(made(key))
        assert store.failures().empty and store.done == 1 and store.planned == 4
    ledger.close()


@pytest.mark.parametrize("value", [math.nan, math.inf, -math.inf, 1e300, 0.1, 0.0])
def test_every_number_comes_back(tmp_path: Path, value: float):
    ledger = open_writer(tmp_path, DESIGN, resume=False)
    ledger.add(made(ledger.keys()[0], value))
    ledger.close()
    (got,) = SweepResults(tmp_path).frame()["got_aways"]
    assert got == value or (math.isnan(value) and math.isnan(got))


def test_provenance_has_a_row_for_every_start(tmp_path: Path):
    for words in (["twoborders", "sweep"], ["twoborders", "sweep", "--resume"]):
        open_writer(tmp_path, DESIGN, resume=True, command=words, executor="serial").close()
    told = SweepResults(tmp_path).provenance()
    assert told["command"].tolist() == [
        '["twoborders", "sweep"]',
        '["twoborders", "sweep", "--resume"]',
    ]
    assert told["source"].nunique() == 1 and told["executor"].tolist() == ["serial"] * 2
    assert told[["started", "ended", "host", "platform"]].notna().all(axis=None)
    assert '"numpy": "' + np.__version__ in told["versions"][0]


def test_more_repetitions_may_be_added_and_keep_what_there_is(tmp_path: Path):
    keys = filled(tmp_path)
    more = replace_reps(3)
    ledger = open_writer(tmp_path, more, resume=True)
    assert ledger.keys()[:4] == keys and len(ledger.keys()) == 6 and ledger.done == set(keys)
    ledger.close()
    with pytest.raises(SettingError, match="with 3 repetitions"):
        open_writer(tmp_path, DESIGN, resume=True)


def replace_reps(reps: int) -> Design:
    """The design with so many seeds."""
    return Design(name="test", sample=DESIGN.sample, scenario=BASE, reps=reps)


# ---- refused -------------------------------------------------------------------------------------


def test_an_existing_ledger_needs_a_word(tmp_path: Path):
    filled(tmp_path)
    with pytest.raises(SettingError, match=r"test \(4 of 4 runs\). Go on with --resume"):
        open_writer(tmp_path, DESIGN, resume=False)


@pytest.mark.parametrize("resume", [True, False])
def test_another_design_is_refused(tmp_path: Path, resume: bool):
    filled(tmp_path)
    other = Design(name="other", sample=Grid({"policy.fence": [0.5]}), scenario=BASE)
    with pytest.raises(SettingError, match="which is another design"):
        open_writer(tmp_path, other, resume=resume)
    assert len(SweepResults(tmp_path).frame()) == 4


def test_another_model_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    filled(tmp_path)
    monkeypatch.setattr(ledgers, "model_source", lambda: "another")
    with pytest.raises(SettingError, match="have changed since"):
        open_writer(tmp_path, DESIGN, resume=True)


def test_two_writers_are_one_too_many(tmp_path: Path):
    ledger = open_writer(tmp_path, DESIGN, resume=False)
    with pytest.raises(SettingError, match="another sweep is writing"):
        open_writer(tmp_path, DESIGN, resume=True)
    ledger.close()
    open_writer(tmp_path, DESIGN, resume=True).close()


def test_a_folder_without_a_sweep(tmp_path: Path):
    with pytest.raises(SettingError, match="there is no sweep"):
        SweepResults(tmp_path)
    (tmp_path / FILE).write_bytes(b"")  # killed as soon as it was made
    with pytest.raises(SettingError, match="there is no sweep"):
        SweepResults(tmp_path)
    assert len(filled(tmp_path)) == 4


@pytest.mark.parametrize("resume", [True, False])
def test_a_file_that_is_no_ledger_is_left_alone(tmp_path: Path, resume: bool):
    (tmp_path / FILE).write_text("my diary, " * 100)
    for call in (
        lambda: SweepResults(tmp_path),
        lambda: open_writer(tmp_path, DESIGN, resume=resume),
    ):
        with pytest.raises(SettingError, match="is no ledger"):
            call()
    assert (tmp_path / FILE).read_text().startswith("my diary")


def test_a_ledger_that_was_killed_while_planning_starts_anew(tmp_path: Path):
    with closing(sqlite3.connect(tmp_path / FILE)) as db:
        db.execute("pragma journal_mode = wal")
    assert len(filled(tmp_path)) == 4


# ---- keys ----------------------------------------------------------------------------------------


def test_keys_tell_scenarios_seeds_and_sources_apart():
    other = BASE.with_settings({"days": 9})
    keys = {
        key_of(Case(BASE, 1), "a"),
        key_of(Case(BASE, 2), "a"),
        key_of(Case(other, 1), "a"),
        key_of(Case(BASE, 1), "b"),
    }
    assert len(keys) == 4 and key_of(Case(BASE, 1), "a") in keys


def test_another_world_counts_with_its_contents(tmp_path: Path):
    for name in ("nodes.csv", "edges.csv"):
        (tmp_path / name).write_text("a world")
    scenario = BASE.with_settings({"world": str(tmp_path)})
    before = source_of(scenario)
    (tmp_path / "edges.csv").write_text("changed")
    assert len({source_of(BASE), before, source_of(scenario)}) == 3


# ---- whole runs and files ------------------------------------------------------------------------


@given(
    st.dictionaries(st.text(max_size=5), st.floats(), max_size=3),
    st.lists(st.floats(width=32), max_size=5),
    st.booleans(),
)
def test_a_run_comes_back_digit_by_digit(outcomes: Any, flow: list[float], daily: bool):
    result = RunResult(
        case="c",
        name="ä",
        seed=3,
        start="2012-10-01",
        days=3,
        scale=10,
        persons={"a": 1},
        events={},
        rates={},
        outcomes=outcomes,
        sector_shares={"m": {"x": 0.1}},
        interceptions_by_state={},
        deaths_per_10000={},
        months=["2012-10"],
        series={"got_aways": np.array(flow)},
        leg_flow=np.array(flow, dtype=np.float32),
        dollars={},
        digest="d",
        daily=np.arange(6).reshape(2, 3) if daily else None,
    )
    again = unpack(pack(result))
    assert pack(again) == pack(result) and str(again) == str(result)
    assert again.leg_flow.dtype == np.float32 and again.series["got_aways"].tobytes() == (
        result.series["got_aways"].tobytes()
    )


def test_a_first_year_comes_back(made_up: Callable[..., RunResult], year: Callable[..., Any]):
    result = made_up(first_year=year({"apprehended_us": 7}))
    again = unpack(pack(result))
    assert again.first_year is not None and result.first_year is not None
    assert again.first_year.events == result.first_year.events


def test_whole_runs_are_read_by_key(tmp_path: Path, made_up: Callable[..., RunResult]):
    ledger = open_writer(tmp_path, DESIGN, resume=False)
    key = ledger.keys()[1]
    ledger.add(replace(made(key), record=pack(made_up(days=60))))
    ledger.close()
    with SweepResults(tmp_path) as store:
        assert store.result(key).days == 60
        ((inputs, result),) = store.results()
        assert inputs == {"policy.fence": 1.0} and len(result.months) == 2
        with pytest.raises(KeyError):
            store.result("nothing")


def test_exports_hold_the_frame(tmp_path: Path):
    filled(tmp_path)
    store = SweepResults(tmp_path)
    pd.testing.assert_frame_equal(pd.read_csv(store.to_csv(tmp_path / "a.csv")), store.frame())
    pytest.importorskip("pyarrow", reason="the extra analysis is not installed")
    parquet = pd.read_parquet(store.to_parquet(tmp_path / "a.parquet"))
    pd.testing.assert_frame_equal(parquet, store.frame(), check_dtype=False)
    assert not list(tmp_path.glob(".*"))


def test_parquet_without_pyarrow_says_what_to_install(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    filled(tmp_path)
    monkeypatch.setitem(sys.modules, "pyarrow", None)
    with pytest.raises(SettingError, match="--extra analysis"):
        SweepResults(tmp_path).to_parquet(tmp_path / "a.parquet")
