"""Atomic writes and locks."""

from __future__ import annotations

import fcntl
from pathlib import Path

import pytest

from abm.output_files import atomic_path
from agents.param import SettingError
from experiments.runs.files import FileLock, Locked, LockUnavailable, read_input, write_text


def test_an_input_has_at_most_a_megabyte_and_no_byte_order_mark(tmp_path: Path):
    path = tmp_path / "file.toml"
    path.write_bytes(b"\xef\xbb\xbf" + b"x" * 999_997)
    assert read_input(path, "file.toml", "") == "x" * 999_997
    path.write_bytes(b"x" * 1_000_001)
    with pytest.raises(SettingError, match="larger than 1,000,000 bytes"):
        read_input(path, "file.toml", "")


def test_failed_write_keeps_the_old_content(tmp_path: Path):
    def fail() -> None:
        with atomic_path(path) as part:
            part.write_text("a part of the new content")
            raise KeyboardInterrupt

    path = write_text(tmp_path / "file.txt", "old")
    with pytest.raises(KeyboardInterrupt):
        fail()
    assert path.read_text() == "old" and [item.name for item in tmp_path.iterdir()] == ["file.txt"]


@pytest.mark.parametrize("name", ["", "some.lock"])
def test_lock_is_exclusive_until_it_is_closed(tmp_path: Path, name: str):
    with FileLock(tmp_path / name), pytest.raises(Locked):
        FileLock(tmp_path / name)
    FileLock(tmp_path / name).close()


def test_a_disk_without_locks_raises_a_separate_error(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    def no_lock(*given: object) -> None:
        raise OSError(95, "Operation not supported")

    monkeypatch.setattr(fcntl, "flock", no_lock)
    with pytest.raises(LockUnavailable, match=r"cannot be locked \(Operation not supported\)"):
        FileLock(tmp_path / "some.lock")
    monkeypatch.undo()
    FileLock(tmp_path / "some.lock").close()
