"""Flows by leg and place are conserved, dated, and equal in every format."""

from __future__ import annotations

import sys
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from pathlib import Path
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import xarray as xr

import twoborders as tb
from experiments.studies import flows
from experiments.sweeps.backend import ExecutorGone
from tests.unit.viz.command_line import call, one_object
from twoborders.results import ComparisonStudy

pytestmark = pytest.mark.filterwarnings("ignore:only .* simulated migrants set out")
TINY: dict[str, Any] = {"scenario": "classroom", "scale": 1000, "days": 64, "warmup_days": 30}


@pytest.fixture(scope="module")
def study() -> ComparisonStudy:
    """Return the comparison of a policy on two seeds, whose flows are simulated in this process."""
    return tb.compare("southern_border_control", reps=2, jobs=1, **TINY)


def test_flows_are_those_of_the_runs(study: ComparisonStudy):
    flows = study._flows("total")
    for arm in (study.comparison.baseline, *study.comparison.arms):
        for key, run in arm.runs.items():
            row = flows.table.loc[arm.spec_text].xs(key, level=["member", "seed"]).iloc[0]
            passages, events = row["leg"]["passages"], run.events
            assert np.allclose(passages, run.leg_flow * run.years, rtol=1e-12)
            sums = row.groupby(level=["by", "outcome"]).sum()
            assert sums["leg", "apprehended_mexico"] == sums["place", "apprehended_mexico"]
            assert sums["place", "arrivals"] == sums["place", "departures"] == passages.sum()
            for name in ("apprehended_mexico", "apprehended_us", "turned_back"):
                assert sums["place", name] == events[name] > 0
            for name in ("got_aways", "deaths"):
                assert sums["place", name] == pytest.approx(run.outcomes[name] * run.years)
            attempts = sums["place", "attempts"]
            assert attempts == events["line_attempt"] + events["surrendered"]
            reached = passages[passages.index.str.contains(">x_.*:foot")].sum()
            assert 0 <= reached - attempts <= events["deaths"] + events["kidnapped"]


@pytest.mark.parametrize("by", ["leg", "place"])
def test_periods_add_up_and_are_dates(study: ComparisonStudy, by: str):
    total, month, day = (study._flows(per).table[by] for per in ("total", "month", "day"))
    for table in (month, day):
        sums = table.groupby(["arm", "member", "seed"]).sum()
        assert np.allclose(sums, total.droplevel("day"), rtol=1e-9)
    frame = study.frame(by, per="month")
    months = pd.date_range("2012-10-01", periods=3, freq="MS")
    assert frame["month"].unique().tolist() == months.tolist()
    assert {*frame["unit"]} == {"persons per month", "events per month"}
    assert {*frame["unit"]} == {*frame.attrs["units"].values()}
    assert not frame.duplicated(["outcome", by, "month"]).any()


def test_changes_follow_the_rule_of_a_comparison(study: ComparisonStudy):
    frame = study.frame("leg").query("outcome == 'passages'")
    a, b = (
        np.array([run.leg_flow * run.years for run in arm.runs.values()])
        for arm in (study.comparison.baseline, *study.comparison.arms)
    )
    assert np.allclose(frame["baseline"], np.median(a, axis=0))
    assert np.allclose(frame["with_policy"], np.median(b, axis=0))
    assert np.allclose(frame["difference"], (b - a).mean(axis=0)) and any(frame["difference"])
    assert not any(frame["meaningful"])  # Two pairs are too few for a meaningful change.


def test_maps_hold_the_rows_of_both_frames(study: ComparisonStudy, tmp_path: Path):
    frames = pd.concat([study.frame(by, per="month") for by in ("leg", "place")])
    points = gpd.read_file(study.to_geojson(tmp_path / "a.geojson", per="month"))
    table = gpd.read_parquet(study.to_geoparquet(tmp_path / "a.parquet", per="month"))
    assert table.attrs["units"]["passages"] == "persons per month"
    for layer in (points, table):
        assert layer.crs == "OGC:CRS84" or layer.crs == 4326
        assert pd.api.types.is_datetime64_any_dtype(layer["month"])
        assert {*layer["note"]} == {table.attrs["note"]} and layer["label"].notna().all()
        shapes = layer.geometry.geom_type.dropna().groupby(layer["leg"].notna()).unique()
        assert [*map(list, shapes)] == [["Point"], ["LineString"]]
        assert {*layer[layer.geometry.isna()]["place"]} == {"transit"}
        pd.testing.assert_frame_equal(
            pd.DataFrame(layer)[list(frames)].reset_index(drop=True),
            frames.reset_index(drop=True),
            check_dtype=False,
        )
    line = points.set_index("leg").loc["mexicali>x_san_diego_east:foot"].geometry.iloc[0]
    assert line.coords[:] == [(-115.4545, 32.6278), (-116.45, 32.584)]


def test_an_ensemble_is_a_data_set_with_units(study: ComparisonStudy, tmp_path: Path):
    data, table = study.to_xarray(), study._flows("day").table
    assert data["places"].dims == ("arm", "member", "seed", "day", "place", "outcome")
    assert "units:    events per day or persons per day" in repr(data["places"])
    assert "not a forecast" in repr(data) and "outcome_unit" in repr(data)
    assert data.attrs.keys() == {"note", "period"}
    assert data["day"].dtype.kind == "M" and data["place_lat"].sel(place="tijuana") == 32.5027
    assert float(data["legs"].sum()) == table["leg"].to_numpy().sum()
    with xr.open_dataset(study.to_netcdf(tmp_path / "a.nc"), engine="h5netcdf") as stored:
        xr.testing.assert_equal(stored, data)
        assert stored.attrs == data.attrs and stored["legs"].attrs == data["legs"].attrs


def test_parquet_keeps_units_and_note(tmp_path: Path):
    months = tb.run(reps=1, jobs=1, **TINY).monthly()
    months.to_parquet(tmp_path / "months.parquet")
    stored = pd.read_parquet(tmp_path / "months.parquet")
    assert stored.attrs == months.attrs and stored["month"].dtype.kind == "M"
    pd.testing.assert_frame_equal(stored, months)


def test_flows_without_a_run_report_it_and_use_the_executor(monkeypatch: pytest.MonkeyPatch):
    with ThreadPoolExecutor(1) as threads:
        study = tb.run(reps=2, executor=threads, **TINY)
        record = flows.record_flows
        monkeypatch.setattr(
            flows, "record_flows", lambda per, case: record(per, case) if case.seed < 2 else 1 / 0
        )
        with pytest.warns(UserWarning, match="1 of 2 runs failed .* ZeroDivisionError"):
            assert {*study.frame("leg")["seed"]} == {1}
    with pytest.raises(ExecutorGone, match="takes no jobs"):
        study.frame("leg", per="day")


def test_a_period_without_flows_is_refused_before_a_run(study: ComparisonStudy, tmp_path: Path):
    number: Any = 0
    for table in (study, tb.run(jobs=1, **TINY)):
        with pytest.raises(tb.SettingError, match=r'by: "" .* leg or place: only flows have'):
            table.frame(per="month")
        for refused in (table.frame, partial(table.frame, "leg"), table.to_xarray):
            with pytest.raises(tb.SettingError, match=r"(per|by): .* Give"):
                refused(per="week")
        for write in (table.to_geojson, table.to_geoparquet, table.to_netcdf):
            with pytest.raises(tb.SettingError, match='per: "week" is not known'):
                write(tmp_path / "a", per="week")
        with pytest.raises(tb.SettingError, match="by: 0 is not known"):
            table.frame(number)


def test_without_the_extra_one_sentence_names_it(
    study: ComparisonStudy, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    for name in ("geopandas", "xarray"):
        monkeypatch.setitem(sys.modules, name, None)
    for write in (study.to_geoparquet, study.to_netcdf):
        with pytest.raises(tb.SettingError, match="--extra geo"):
            write(tmp_path / "a")
    with pytest.raises(tb.SettingError, match="--extra geo"):
        study.to_xarray()
    result = call("export", "--out", tmp_path / "a.nc")
    assert result.exit_code == 2 and "--extra geo" in result.stderr
    assert not list(tmp_path.iterdir())


def test_the_command_writes_the_file_of_the_function(study: ComparisonStudy, tmp_path: Path):
    words = [f"--{name}={TINY[name]}" for name in ("scenario", "scale", "days")]
    words = ["export", "southern_border_control", *words, "--set", "warmup_days=30", "--reps", "2"]
    answer = one_object(*words, "--jobs", "1", "--out", tmp_path / "a.geojson")
    assert answer["runs"] == 4 and answer["failed"] == []
    study.to_geojson(tmp_path / "b.geojson")
    assert (tmp_path / "a.geojson").read_text() == (tmp_path / "b.geojson").read_text()
    for wrong in (["--out", tmp_path / "a.shp"], ["--per", "week"], ["--executor", "bogus"]):
        result = call(*words, *wrong)
        assert result.exit_code == 2 and " Give " in result.stderr
