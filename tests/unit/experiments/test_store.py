"""The store of a sweep: each run is stored once with all digits. Other sweeps are refused."""

from __future__ import annotations

import math
import shutil
import sys
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from abm.scenario import SettingError
from abm.world.routes import PACKAGED
from experiments.runs.case import Case, RunResult
from experiments.scenarios import find
from experiments.sweeps import store_writer
from experiments.sweeps.design import Design, Grid
from experiments.sweeps.store import FILE, SweepResults, pack, unpack
from experiments.sweeps.store_writer import key_of, open_writer
from tests.made_results import made_record, made_result

BASE = find("classroom")
DESIGN = Design(name="test", sample=Grid({"policy.fence": [0.0, 1.0]}), scenario=BASE, reps=2)


def fill_store(folder: Path, design: Design = DESIGN, **outcomes: float) -> list[str]:
    """Store all runs of a design, with values 0, 1, 2 ...; return their keys."""
    writer = open_writer(folder, design, resume=True)
    keys = writer.keys()
    for value, key in enumerate(keys):
        writer.add(made_record(key, got_aways=float(value), **outcomes))
    writer.close()
    return keys


def test_frame_has_one_row_per_run_in_the_order_of_the_design(tmp_path: Path):
    keys = fill_store(tmp_path)
    frame = SweepResults(tmp_path).frame()
    assert list(frame) == ["key", "point", "seed", "policy.fence", "got_aways", "cpu_s", "wall_s"]
    assert frame["key"].tolist() == keys and len(set(keys)) == 4
    assert frame["policy.fence"].tolist() == [0.0, 1.0, 0.0, 1.0]
    assert frame["seed"].tolist() == [1, 1, 2, 2]
    assert frame["got_aways"].tolist() == [0.0, 1.0, 2.0, 3.0]


def test_run_is_stored_once_and_the_first_result_is_kept(tmp_path: Path):
    writer = open_writer(tmp_path, DESIGN, resume=False)
    key = writer.keys()[0]
    writer.add(made_record(key, got_aways=1.0))
    writer.add(made_record(key, got_aways=2.0))
    assert SweepResults(tmp_path).frame()["got_aways"].tolist() == [1.0]  # the writer is still open
    writer.close()


@pytest.mark.parametrize("value", [math.nan, math.inf, -math.inf, 1e300, 0.1, 0.0])
def test_stored_numbers_are_exact(tmp_path: Path, value: float):
    writer = open_writer(tmp_path, DESIGN, resume=False)
    writer.add(made_record(writer.keys()[0], got_aways=value))
    writer.close()
    (value_read,) = SweepResults(tmp_path).frame()["got_aways"]
    assert value_read == value or (math.isnan(value) and math.isnan(value_read))


def test_provenance_has_one_row_per_start(tmp_path: Path):
    for words in (["twoborders", "sweep"], ["twoborders", "sweep", "--resume"]):
        open_writer(tmp_path, DESIGN, resume=True, command=words, executor="serial").close()
    table = SweepResults(tmp_path).provenance()
    assert table["command"].tolist() == [
        '["twoborders", "sweep"]',
        '["twoborders", "sweep", "--resume"]',
    ]
    assert table["source"].nunique() == 1 and table["executor"].tolist() == ["serial"] * 2
    assert table[["started", "ended", "host", "platform"]].notna().all(axis=None)
    assert '"numpy": "' + np.__version__ in table["versions"][0]


def test_added_repetitions_keep_existing_results(tmp_path: Path):
    keys = fill_store(tmp_path)
    more = design_with_reps(3)
    writer = open_writer(tmp_path, more, resume=True)
    assert writer.keys()[:4] == keys and len(writer.keys()) == 6 and writer.done == set(keys)
    writer.close()
    open_writer(tmp_path, DESIGN, resume=True).close()
    assert SweepResults(tmp_path).frame()["key"].tolist() == keys


def design_with_reps(reps: int) -> Design:
    """Return the design with another number of seeds."""
    return Design(name="test", sample=DESIGN.sample, scenario=BASE, reps=reps)


def test_runs_of_another_world_have_its_note_in_the_store_and_in_every_exported_row(tmp_path: Path):
    for name in ("nodes.csv", "edges.csv"):
        shutil.copy(PACKAGED / name, tmp_path)
    (tmp_path / "world.toml").write_text('[world]\nname = "Elsewhere"\n')
    scenario = BASE.with_settings({"world": str(tmp_path)})
    fill_store(tmp_path / "there", replace(DESIGN, scenario=scenario))
    fill_store(tmp_path / "here")
    stored, other = (SweepResults(tmp_path / name) for name in ("here", "there"))
    assert "world_note" not in stored.meta and "Elsewhere" in other.meta["world_note"]
    exported = pd.read_csv(other.to_csv(tmp_path / "there.csv"))
    assert exported["world_note"].tolist() == [other.meta["world_note"]] * 4
    assert "world_note" not in pd.read_csv(stored.to_csv(tmp_path / "here.csv"))


# ---- refused -------------------------------------------------------------------------------------


def test_other_model_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    fill_store(tmp_path)
    monkeypatch.setattr(store_writer, "model_source", lambda: "another")
    with pytest.raises(SettingError, match="have changed since"):
        open_writer(tmp_path, DESIGN, resume=True)


def test_folder_without_a_sweep_is_refused(tmp_path: Path):
    with pytest.raises(SettingError, match="has no sweep"):
        SweepResults(tmp_path)
    (tmp_path / FILE).write_bytes(b"")  # as after a kill during the creation
    with pytest.raises(SettingError, match="has no sweep"):
        SweepResults(tmp_path)
    assert len(fill_store(tmp_path)) == 4


# ---- keys ----------------------------------------------------------------------------------------


def test_keys_depend_on_scenario_seed_and_source():
    other = BASE.with_settings({"days": 9})
    keys = {
        key_of(Case(BASE, 1), "a"),
        key_of(Case(BASE, 2), "a"),
        key_of(Case(other, 1), "a"),
        key_of(Case(BASE, 1), "b"),
    }
    assert len(keys) == 4 and key_of(Case(BASE, 1), "a") in keys


# ---- whole results and files ---------------------------------------------------------------------


@given(
    st.dictionaries(st.text(max_size=5), st.floats(), max_size=3),
    st.lists(st.floats(width=32), max_size=5),
    st.booleans(),
)
def test_packed_result_is_restored_exactly(outcomes: Any, flow: list[float], daily: bool):
    result = made_result(
        name="ä",
        sector_shares={"m": {"x": 0.1}},
        outcomes=outcomes,
        series={"got_aways": np.array(flow)},
        leg_flow=np.array(flow, dtype=np.float32),
        daily=np.arange(6).reshape(2, 3) if daily else None,
    )
    restored = unpack(pack(result), RunResult)
    assert pack(restored) == pack(result) and str(restored) == str(result)
    assert restored.leg_flow.dtype == np.float32 and restored.series["got_aways"].tobytes() == (
        result.series["got_aways"].tobytes()
    )


def test_whole_results_are_read_by_key(tmp_path: Path, made_up: Callable[..., RunResult]):
    writer = open_writer(tmp_path, DESIGN, resume=False)
    key = writer.keys()[1]
    writer.add(replace(made_record(key, got_aways=1.0), record=pack(made_up(days=60))))
    writer.close()
    with SweepResults(tmp_path) as store:
        assert store.result(key).days == 60
        ((inputs, result),) = store.results()
        assert inputs == {"policy.fence": 1.0} and len(result.months) == 2
        with pytest.raises(KeyError):
            store.result("nothing")


def test_exports_contain_the_frame(tmp_path: Path):
    fill_store(tmp_path)
    store = SweepResults(tmp_path)
    pd.testing.assert_frame_equal(pd.read_csv(store.to_csv(tmp_path / "a.csv")), store.frame())
    parquet = pd.read_parquet(store.to_parquet(tmp_path / "a.parquet"))
    pd.testing.assert_frame_equal(parquet, store.frame(), check_dtype=False)
    assert parquet.attrs == store.frame().attrs and "not a forecast" in parquet.attrs["note"]
    assert not list(tmp_path.glob(".*"))


def test_parquet_without_pyarrow_names_the_extra(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    fill_store(tmp_path)
    monkeypatch.setitem(sys.modules, "pyarrow", None)
    with pytest.raises(SettingError, match="--extra analysis"):
        SweepResults(tmp_path).to_parquet(tmp_path / "a.parquet")


@pytest.mark.parametrize("outcomes", ["got_aways", 5, ["got_away"], ["got_aways", None]])
def test_an_unknown_outcome_is_not_a_column_without_values(tmp_path: Path, outcomes: Any):
    fill_store(tmp_path)
    with SweepResults(tmp_path) as store:
        with pytest.raises(SettingError, match=r"^outcomes: "):
            store.frame(outcomes)
        assert store.frame(["got_aways"])["got_aways"].tolist() == [0.0, 1.0, 2.0, 3.0]
