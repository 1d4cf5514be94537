"""Ledgers that are damaged, held by another program or on a full disk, and unusable folders.

The next start of a sweep repairs its damaged ledger; everything else is the project's own error.
"""

from __future__ import annotations

import contextlib
import os
import shutil
import sqlite3
from collections.abc import Callable
from pathlib import Path

import pandas as pd
import pytest

from abm.scenario import SettingError
from experiments.runs.case import Failure
from experiments.sweeps import store_file, store_writer
from experiments.sweeps.store import FILE, SweepResults
from experiments.sweeps.store_writer import StorageError, open_writer
from experiments.sweeps.sweep import sweep
from tests.reliability.ledgers import (
    DESIGN,
    RUNS,
    artificial,
    frame_of,
    largest_file,
    run_sweep,
)


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of a complete ledger, which tests copy."""
    folder = tmp_path_factory.mktemp("whole")
    run_sweep(folder)
    return folder


@pytest.fixture(autouse=True)
def short_wait(monkeypatch: pytest.MonkeyPatch) -> None:
    """Other programs are waited for half a second only."""
    monkeypatch.setattr(store_file, "OPEN_WAIT_S", 0.5)


@pytest.fixture
def folder(whole: Path, tmp_path: Path) -> Path:
    """A copy of the complete ledger."""
    return Path(shutil.copytree(whole, tmp_path / "sweep"))


def change(folder: Path, statement: str) -> None:
    """Change a ledger with SQL."""
    with contextlib.closing(sqlite3.connect(folder / FILE)) as db:
        db.execute(statement)
        db.commit()


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
    "update runs set outcomes = replace(outcomes, '1', '7') where rowid = 3",
    "update plan set inputs = replace(inputs, '0', '1') where place = 0",
    "update plan set seed = 4 where place = 1",
    "update runs set cpu_s = 0.6 where rowid = 3",
)


@pytest.mark.parametrize("statement", DIGITS)
def test_a_flipped_digit_is_found_and_the_run_is_repeated(folder: Path, statement: str):
    expected = frame_of(folder)
    change(folder, statement)
    with pytest.raises(SettingError, match=r"is damaged \(row \d+ of the table"):
        SweepResults(folder)
    with pytest.warns(UserWarning, match="runs are intact"):
        assert run_sweep(folder).completed == ("runs" in statement)
    pd.testing.assert_frame_equal(frame_of(folder), expected)


def test_a_flipped_byte_of_a_whole_result_is_found(folder: Path):
    change(folder, "update runs set record = zeroblob(9000) where rowid = 3")
    with pytest.raises(SettingError, match=r"is damaged \(row 3 of the table runs"):
        SweepResults(folder)
    with pytest.warns(UserWarning, match="runs are intact"):
        assert run_sweep(folder).completed == 1
    with SweepResults(folder) as store:
        assert len(list(store.results())) == RUNS


@pytest.mark.parametrize("table", ["meta", "plan", "failures", "provenance"])
def test_a_missing_table_loses_no_run(folder: Path, table: str):
    expected = frame_of(folder)
    change(folder, f"drop table {table}")
    with pytest.raises(SettingError, match=f"the table {table} is missing"):
        SweepResults(folder)
    with pytest.warns(UserWarning, match=f"{RUNS} of {RUNS} runs are intact"):
        assert run_sweep(folder).completed == 0
    pd.testing.assert_frame_equal(frame_of(folder), expected)


def test_a_damaged_ledger_is_repaired_only_with_resume(folder: Path):
    change(folder, DIGITS[0])
    before = (folder / FILE).read_bytes()
    with pytest.raises(SettingError, match=r"is damaged .* --resume"):
        sweep(DESIGN, folder, executor="serial", run=artificial, resume=False)
    assert (folder / FILE).read_bytes() == before


def test_an_unknown_format_is_refused_and_not_changed(folder: Path):
    from experiments.sweeps.store_file import checksum

    sum_ = checksum(("format", "9"))
    change(folder, f"update meta set value = '9', checksum = '{sum_}' where name = 'format'")
    before = (folder / FILE).read_bytes()
    for call in (lambda: SweepResults(folder), lambda: run_sweep(folder)):
        with pytest.raises(SettingError, match="unknown format '9'"):
            call()
    assert (folder / FILE).read_bytes() == before


@pytest.mark.parametrize("is_database", [True, False])
def test_the_file_of_another_program_is_refused_and_not_changed(tmp_path: Path, is_database: bool):
    if is_database:
        change(tmp_path, "create table visits (page text)")
    else:
        (tmp_path / FILE).write_text("other content, " * 100)
    before = (tmp_path / FILE).read_bytes()
    for call in (lambda: SweepResults(tmp_path), lambda: run_sweep(tmp_path)):
        with pytest.raises(SettingError, match="is not a sweep ledger"):
            call()
    assert (tmp_path / FILE).read_bytes() == before


def test_a_ledger_of_a_process_that_ended_before_its_runs_were_planned(tmp_path: Path):
    (tmp_path / FILE).touch()
    with pytest.raises(SettingError, match="there is no sweep"):
        frame_of(tmp_path)
    assert run_sweep(tmp_path).completed == RUNS and len(frame_of(tmp_path)) == RUNS


def test_a_changed_table_is_found_and_loses_no_run(folder: Path):
    expected = frame_of(folder)
    change(folder, "alter table runs add column remark text")
    with pytest.raises(SettingError, match="the table runs is not as declared"):
        SweepResults(folder)
    with pytest.warns(UserWarning, match=f"{RUNS} of {RUNS} runs are intact"):
        assert run_sweep(folder).completed == 0
    pd.testing.assert_frame_equal(frame_of(folder), expected)


def test_a_second_damaged_file_does_not_replace_the_first_one(folder: Path):
    damaged = []
    for place in (3, 4):
        change(folder, f"update runs set record = x'00' where rowid = {place}")
        damaged.append((folder / FILE).read_bytes())
        with pytest.warns(UserWarning, match=rf"ledger\.damaged-{len(damaged)}\.sqlite"):
            assert run_sweep(folder).completed == 1
    aside = [(folder / f"ledger.damaged-{k}.sqlite").read_bytes() for k in (1, 2)]
    assert aside == damaged and aside[0] != aside[1]


def test_a_file_that_is_damaged_after_opening_is_an_error_of_the_setting(folder: Path):
    with SweepResults(folder) as store:
        content = (folder / FILE).read_bytes()
        (folder / FILE).write_bytes(content[:24] + bytes(len(content) - 24))
        with pytest.raises(SettingError, match=r"is damaged .* --resume"):
            store.frame()


# ---- other programs ------------------------------------------------------------------------------


def test_a_program_that_holds_the_file_is_named(folder: Path):
    with contextlib.closing(sqlite3.connect(folder / FILE)) as other:
        other.execute("begin exclusive")
        with pytest.raises(SettingError, match="is held by another program"):
            run_sweep(folder)
        with pytest.raises(SettingError, match="is held by another program"):
            SweepResults(folder)
    assert run_sweep(folder).completed == 0


def test_a_file_that_is_locked_after_opening_is_held_and_not_damaged(folder: Path):
    with SweepResults(folder) as store, contextlib.closing(sqlite3.connect(folder / FILE)) as other:
        other.execute("begin exclusive")
        with pytest.raises(SettingError, match="is held by another program"):
            store.frame()
        other.execute("rollback")
        assert len(store.frame()) == RUNS


# ---- full disks ----------------------------------------------------------------------------------


def test_a_full_disk_loses_nothing_and_the_error_names_the_folder(whole: Path, tmp_path: Path):
    with largest_file(100_000), pytest.raises(StorageError, match="cannot be stored in") as caught:
        run_sweep(tmp_path)
    assert str(tmp_path) in str(caught.value) and "full" in str(caught.value)
    stored = len(frame_of(tmp_path))
    assert 0 < stored < RUNS
    assert run_sweep(tmp_path).completed == RUNS - stored
    pd.testing.assert_frame_equal(frame_of(tmp_path), frame_of(whole))


def test_a_full_disk_is_named_and_is_no_damage(folder: Path):
    """The largest number of pages makes SQLite report a full disk."""
    change(folder, "delete from runs where rowid = 3")
    before = frame_of(folder)
    writer = open_writer(folder, DESIGN, resume=True)
    writer._db.execute("pragma max_page_count = 1")
    with pytest.raises(
        StorageError, match=r"cannot be stored in .* \(the disk is full\)"
    ) as caught:
        writer.fail("key", Failure("c", "x", 1, "ValueError", "no", "trace " * 10_000))
    writer.close()
    cause = caught.value.__cause__
    assert isinstance(cause, sqlite3.Error) and not store_file.is_damage(cause)
    error = store_file.unusable(folder / FILE, cause)
    assert "the disk is full" in str(error) and "Free some space" in error.hint
    pd.testing.assert_frame_equal(frame_of(folder), before)


def add_ended(db: sqlite3.Connection) -> None:
    """Add two numbers in a transaction; SQLite ends it at the second one, which is not unique."""
    with store_writer._transaction(db):
        db.execute("insert into numbers values (2)")
        db.execute("insert or rollback into numbers values (1)")


def test_the_error_of_a_transaction_that_sqlite_has_ended_itself_is_raised():
    with contextlib.closing(sqlite3.connect(":memory:", isolation_level=None)) as db:
        db.execute("create table numbers (number primary key)")
        db.execute("insert into numbers values (1)")
        with pytest.raises(sqlite3.IntegrityError, match="UNIQUE"):
            add_ended(db)
        assert db.execute("select number from numbers").fetchall() == [(1,)]


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


# ---- folders that cannot be used -----------------------------------------------------------------


def a_file(path: Path) -> Path:
    (path / "file").write_text("a")
    return path / "file"


def below_a_file(path: Path) -> Path:
    return a_file(path) / "below"


def dangling(path: Path) -> Path:
    (path / "link").symlink_to(path / "nowhere" / "at all")
    return path / "link"


def dangling_ledger(path: Path) -> Path:
    (path / FILE).symlink_to(path / "nowhere" / "at all")
    return path


def loop(path: Path) -> Path:
    (path / "loop").symlink_to(path / "loop")
    return path / "loop"


def folder_for_ledger(path: Path) -> Path:
    (path / FILE).mkdir()
    return path


def folder_for_lock(path: Path) -> Path:
    (path / "ledger.lock").symlink_to(path / "nowhere" / "at all")
    return path


def pipe(path: Path) -> Path:
    os.mkfifo(path / FILE)
    return path


FOLDERS: tuple[Callable[[Path], str | Path], ...] = (
    a_file,
    below_a_file,
    dangling,
    dangling_ledger,
    loop,
    folder_for_ledger,
    folder_for_lock,
    pipe,
    lambda path: f"{path}/a\0b",
    lambda path: path / ("a" * 300),
    lambda path: path / "/".join(["a" * 100] * 60),
    lambda path: "/proc/none",
    lambda path: "/dev/full",
)


@pytest.mark.parametrize("make", FOLDERS)
def test_an_unusable_folder_is_an_error_of_the_setting(
    tmp_path: Path, make: Callable[[Path], str | Path]
):
    folder = make(tmp_path)
    before = sorted(tmp_path.rglob("*"))
    with pytest.raises(SettingError) as caught:
        run_sweep(folder)
    assert "\n" not in str(caught.value) and len(str(caught.value)) < 500
    with pytest.raises(SettingError):
        SweepResults(folder)
    assert {path.name for path in set(tmp_path.rglob("*")) - set(before)} <= {"ledger.lock"}
