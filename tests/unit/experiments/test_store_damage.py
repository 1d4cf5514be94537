"""Ledgers that are damaged, locked by another program or on a full disk, and unusable folders.

The next start of a sweep repairs a damaged ledger. All other cases raise a SettingError.
"""

from __future__ import annotations

import contextlib
import os
import shutil
import sqlite3
from pathlib import Path

import pandas as pd
import pytest

from abm.scenario import SettingError
from experiments.sweeps import store
from experiments.sweeps.store import FILE, SweepResults, checksum
from experiments.sweeps.sweep import sweep
from tests.reliability.ledgers import DESIGN, RUNS, artificial, frame_of, largest_file, run_sweep


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the folder of a complete ledger, which tests copy."""
    folder = tmp_path_factory.mktemp("whole")
    run_sweep(folder)
    return folder


@pytest.fixture(autouse=True)
def short_wait(monkeypatch: pytest.MonkeyPatch) -> None:
    """Wait for other programs half a second only."""
    monkeypatch.setattr(store, "OPEN_WAIT_S", 0.5)


@pytest.fixture
def folder(whole: Path, tmp_path: Path) -> Path:
    """Return a copy of the complete ledger's folder."""
    return Path(shutil.copytree(whole, tmp_path / "sweep"))


def change(folder: Path, statement: str) -> None:
    """Change a ledger with SQL."""
    with contextlib.closing(sqlite3.connect(folder / FILE)) as db:
        db.execute(statement)
        db.commit()


def assert_refused_unchanged(folder: Path, reason: str) -> None:
    """Assert that reading or continuing a ledger raises an error and does not change the file."""
    before = (folder / FILE).read_bytes()
    for call in (SweepResults, run_sweep):
        with pytest.raises(SettingError, match=reason):
            call(folder)
    assert (folder / FILE).read_bytes() == before


# ---- damage --------------------------------------------------------------------------------------


def test_a_cut_ledger_is_repaired_and_the_damaged_file_is_kept(folder: Path):
    expected, content = frame_of(folder), (folder / FILE).read_bytes()
    (folder / FILE).write_bytes(content[: len(content) * 95 // 100])
    with pytest.raises(SettingError, match=r"is damaged .* --resume"):
        SweepResults(folder)
    with pytest.warns(UserWarning, match=r"runs are intact and kept.*ledger\.damaged-1\.sqlite"):
        summary = run_sweep(folder)
    assert 0 < summary.completed < RUNS and summary.stored + summary.completed == RUNS
    pd.testing.assert_frame_equal(frame_of(folder), expected)
    assert (folder / "ledger.damaged-1.sqlite").stat().st_size
    assert run_sweep(folder).completed == 0


DIGITS = (
    "update runs set outcomes = zeroblob(9) where rowid = 3",
    "update plan set inputs = replace(inputs, '0', '1') where place = 0",
    "update plan set seed = 4 where place = 1",
    "update runs set cpu_s = 0.6 where rowid = 3",
)


DAMAGE = [(sql, r"row \d+ of the table", "runs" in sql) for sql in DIGITS]
DAMAGE += [
    (f"drop table {table}", f"the table {table} is missing", False)
    for table in ("meta", "plan", "failures", "provenance")
]


@pytest.mark.parametrize(("statement", "reason", "changes_a_run"), DAMAGE)
def test_damage_is_named_and_only_a_damaged_run_is_repeated(
    folder: Path, statement: str, reason: str, changes_a_run: bool
):
    expected = frame_of(folder)
    change(folder, statement)
    with pytest.raises(SettingError, match=reason):
        SweepResults(folder)
    with pytest.warns(UserWarning, match=f"{RUNS - changes_a_run} of {RUNS} runs are intact"):
        assert run_sweep(folder).completed == changes_a_run
    pd.testing.assert_frame_equal(frame_of(folder), expected)


def test_a_damaged_ledger_is_repaired_only_with_resume(folder: Path):
    change(folder, DIGITS[0])
    before = (folder / FILE).read_bytes()
    with pytest.raises(SettingError, match=r"is damaged .* --resume"):
        sweep(DESIGN, folder, executor="serial", run=artificial, resume=False)
    assert (folder / FILE).read_bytes() == before


def test_an_unknown_format_is_refused_and_not_changed(folder: Path):
    sum_ = checksum(("format", "9"))
    change(folder, f"update meta set value = '9', checksum = '{sum_}' where name = 'format'")
    assert_refused_unchanged(folder, "unknown format '9'")


def test_the_file_of_another_program_is_refused_and_not_changed(tmp_path: Path):
    change(tmp_path, "create table visits (page text)")
    assert_refused_unchanged(tmp_path, "is not a sweep ledger")


def test_a_file_that_is_damaged_after_opening_is_an_error_of_the_setting(folder: Path):
    with SweepResults(folder) as results:
        content = (folder / FILE).read_bytes()
        (folder / FILE).write_bytes(content[:24] + bytes(len(content) - 24))
        with pytest.raises(SettingError, match=r"is damaged .* --resume"):
            results.frame()


# ---- other programs ------------------------------------------------------------------------------


def test_a_program_that_holds_the_file_is_named(folder: Path):
    with contextlib.closing(sqlite3.connect(folder / FILE)) as other:
        other.execute("begin exclusive")
        with pytest.raises(SettingError, match="is held by another program"):
            run_sweep(folder)
        with pytest.raises(SettingError, match="is held by another program"):
            SweepResults(folder)
    assert run_sweep(folder).completed == 0


# ---- full disks ----------------------------------------------------------------------------------


def test_a_disk_that_is_full_at_the_start_is_an_error_of_the_setting(tmp_path: Path):
    with largest_file(2_000), pytest.raises(SettingError, match=f"{FILE} cannot be used"):
        run_sweep(tmp_path)
    assert run_sweep(tmp_path).completed == RUNS


def test_a_repair_on_a_full_disk_changes_nothing(folder: Path):
    change(folder, DIGITS[0])
    before = (folder / FILE).read_bytes()
    with largest_file(30_000), pytest.raises(SettingError, match="cannot be used"):
        run_sweep(folder)
    assert (folder / FILE).read_bytes() == before
    assert sorted(path.name for path in folder.iterdir()) == ["ledger.lock", FILE]


def test_a_pipe_in_place_of_the_file_is_an_error_of_the_setting(tmp_path: Path):
    os.mkfifo(tmp_path / FILE)
    for call in (run_sweep, SweepResults):
        with pytest.raises(SettingError):
            call(tmp_path)
