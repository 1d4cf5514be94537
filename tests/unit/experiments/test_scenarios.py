"""Scenarios are loaded by name or file and may extend one another."""

import os
from pathlib import Path

import pytest

from abm.scenario import SettingError
from experiments.scenarios import find, names
from experiments.sweeps.design_files import load as load_design


def error_of(name: str | Path) -> str:
    """Return the error message for a name or file."""
    with pytest.raises(SettingError) as error:
        find(name)
    return str(error.value)


def test_packaged_scenarios_have_names_and_descriptions():
    assert {"baseline", "classroom", "million"} <= set(names())
    for name in names():
        scenario = find(name)
        assert scenario.name == name and len(scenario.doc) > 40


def test_file_extends_a_name_or_a_file_in_its_folder(tmp_path: Path):
    (tmp_path / "one.toml").write_text('extends = "classroom"\nfill_days = 7\n')
    (tmp_path / "two.toml").write_text('extends = "one.toml"\nname = "two"\n')
    two = find(tmp_path / "two.toml")
    assert (two.name, two.fill_days, two.scale) == ("two", 7, find("classroom").scale)


def test_cycle_of_files_raises(tmp_path: Path):
    (tmp_path / "sub").symlink_to(tmp_path)
    (tmp_path / "one.toml").write_text('extends = "two.toml"\n')
    (tmp_path / "two.toml").write_text('extends = "sub/one.toml"\n')
    message = error_of(tmp_path / "one.toml")
    assert "one.toml -> two.toml -> one.toml" in message


def test_error_for_an_unknown_name_suggests_the_nearest():
    assert 'Did you mean "baseline"?' in error_of("basline")
    assert "million" in error_of("") and "million" in error_of("x\0.toml\0")


@pytest.mark.parametrize("name", ["missing.toml", "folder.toml", "bytes.toml", "n" * 999 + ".toml"])
def test_unreadable_file_raises(tmp_path: Path, name: str):
    (tmp_path / "folder.toml").mkdir()
    (tmp_path / "bytes.toml").write_bytes(b"name = '\xff\xfe'")
    message = error_of(tmp_path / name)
    assert f"{name[-30:]}: file: it " in message and "UTF-8" in message and len(message) <= 300


@pytest.mark.parametrize("kind", ["pipe", "device", "large"])
def test_a_file_that_never_ends_is_refused(tmp_path: Path, kind: str):
    file = tmp_path / "one.toml"
    if kind == "pipe":
        os.mkfifo(file)
    elif kind == "device":
        file.symlink_to("/dev/zero")
    else:
        file.write_text("#" * 1_000_001)
    message = error_of(file)
    assert "not a regular file" in message or "larger than 1,000,000 bytes" in message
    with pytest.raises(SettingError, match="cannot be read"):
        load_design(file)
