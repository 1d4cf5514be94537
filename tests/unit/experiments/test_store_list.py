"""The screen opens complete and incomplete stores in a folder. Damaged stores give an error."""

from __future__ import annotations

from pathlib import Path

import pytest

from agents.param import SettingError
from experiments.runs.case import Failure
from experiments.sweeps.store import FILE
from experiments.sweeps.store_list import list_stores, read_store
from experiments.sweeps.store_writer import open_writer
from tests.made_results import made_record
from tests.unit.experiments.test_store import DESIGN, fill_store


def filled(folder: Path) -> Path:
    """Fill a store with four runs that have one death each; return the folder."""
    fill_store(folder, deaths=1.0)
    return folder


def test_stores_are_named_by_their_path_below_the_folder(tmp_path: Path):
    filled(tmp_path / "sweep" / "one")
    filled(tmp_path / "two")
    (tmp_path / "three").mkdir()
    assert sorted(list_stores(tmp_path)) == ["sweep/one", "two"]
    assert list_stores(tmp_path / "nowhere") == []


def test_links_out_of_the_folder_are_not_followed(tmp_path: Path):
    outside, inside = filled(tmp_path / "outside"), tmp_path / "inside"
    filled(inside / "ours")
    (inside / "linked").symlink_to(outside, target_is_directory=True)
    (inside / "file").mkdir()
    (inside / "file" / FILE).symlink_to(outside / FILE)
    assert list_stores(inside) == ["ours"]
    for name in ("linked", "file", "../outside", str(outside), "", ".", "ours/../../outside"):
        with pytest.raises(SettingError, match="no such store"):
            read_store(inside, name, ["got_aways"])


def test_a_store_gives_its_summary_and_the_requested_outcomes(tmp_path: Path):
    opened = read_store(filled(tmp_path / "one").parent, "one", ["got_aways", "no_such_outcome"])
    summary = opened.summary
    assert (summary.name, summary.method, summary.factors) == ("test", "grid", ("policy.fence",))
    assert (summary.planned, summary.done, summary.failed, summary.seeds) == (4, 4, 0, 2)
    assert summary.same_model and summary.started and summary.ended
    assert opened.outcomes == ("got_aways", "deaths")
    assert opened.rows["got_aways"].tolist() == [0.0, 1.0, 2.0, 3.0]
    assert "deaths" not in opened.rows and "no_such_outcome" not in opened.rows


def test_failed_runs_are_listed_in_the_order_of_the_design_with_what_varies(tmp_path: Path):
    ledger = open_writer(tmp_path / "one", DESIGN, resume=True)
    keys = ledger.keys()
    for k in (3, 0):
        ledger.fail(keys[k], Failure("c", "x", 1 + k // 2, "ValueError", f"no {k}\nmore", "trace"))
    ledger.add(made_record(keys[1], got_aways=1.0))
    ledger.close()
    opened = read_store(tmp_path, "one", ["got_aways"])
    assert (opened.summary.done, opened.summary.failed, len(opened.rows)) == (1, 2, 1)
    assert [(run.inputs, run.seed) for run in opened.failed_runs] == [
        ({"policy.fence": 0.0}, 1),
        ({"policy.fence": 1.0}, 2),
    ]
    assert [run.error for run in opened.failed_runs] == [
        r"ValueError: no 0\nmore",
        r"ValueError: no 3\nmore",
    ]


def test_a_store_opens_during_its_sweep(tmp_path: Path):
    ledger = open_writer(tmp_path / "one", DESIGN, resume=True)
    try:
        assert read_store(tmp_path, "one", ["got_aways"]).summary.done == 0
        ledger.add(made_record(ledger.keys()[0], got_aways=7.0))
        summary = read_store(tmp_path, "one", ["got_aways"]).summary
        assert (summary.done, summary.planned, summary.ended) == (1, 4, "")
    finally:
        ledger.close()


@pytest.mark.parametrize("broken", [b"", b"no database", b"SQLite format 3\x00" + b"\xff" * 4096])
def test_a_damaged_store_gives_one_line_without_the_folder(tmp_path: Path, broken: bytes):
    (tmp_path / "bad").mkdir()
    (tmp_path / "bad" / FILE).write_bytes(broken)
    with pytest.raises(SettingError, match="cannot be read") as caught:
        read_store(tmp_path, "bad", ["got_aways"])
    assert str(tmp_path) not in str(caught.value) and "\n" not in str(caught.value)
