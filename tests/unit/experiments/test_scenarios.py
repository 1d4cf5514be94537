"""Scenarios are found by name or file, and may extend one another."""

from pathlib import Path

import pytest

from abm.scenario import SettingError
from experiments.scenarios import find, names


def refused(name: str | Path) -> str:
    """Give the text with which a name or file is refused."""
    with pytest.raises(SettingError) as error:
        find(name)
    return str(error.value)


def test_the_packaged_scenarios():
    assert {"baseline", "classroom", "million"} <= set(names())
    for name in names():
        scenario = find(name)
        assert scenario.name == name and len(scenario.doc) > 40


def test_extending_keeps_what_is_not_said_again():
    base, million = find("baseline"), find("million")
    assert (million.scale, million.days) == (1, 365)
    assert (
        million.with_settings(
            {
                "name": base.name,
                "doc": base.doc,
                "scale": base.scale,
                "days": base.days,
                "supply_level": base.supply_level,
            }
        )
        == base
    )


def test_a_file_extends_a_name_and_a_file_beside_it(tmp_path: Path):
    (tmp_path / "one.toml").write_text('extends = "classroom"\nfill_days = 7\n')
    (tmp_path / "two.toml").write_text('extends = "one.toml"\nname = "two"\n')
    two = find(tmp_path / "two.toml")
    assert (two.name, two.fill_days, two.scale) == ("two", 7, find("classroom").scale)


def test_a_loop_of_files_is_refused(tmp_path: Path):
    (tmp_path / "sub").symlink_to(tmp_path)
    (tmp_path / "one.toml").write_text('extends = "two.toml"\n')
    (tmp_path / "two.toml").write_text('extends = "sub/one.toml"\n')
    said = refused(tmp_path / "one.toml")
    assert "one.toml -> two.toml -> one.toml" in said


def test_an_error_names_the_file_it_is_in(tmp_path: Path):
    (tmp_path / "one.toml").write_text("scale = 0\n")
    (tmp_path / "two.toml").write_text('extends = "one.toml"\ndays = 5\n')
    assert refused(tmp_path / "two.toml").startswith(f"{tmp_path / 'one.toml'}: scale: 0 is below")
    (tmp_path / "one.toml").write_text("scale = \n")
    assert refused(tmp_path / "two.toml").startswith(f"{tmp_path / 'one.toml'}: line 1: ")


def test_an_unknown_name_gets_the_nearest():
    assert 'Did you mean "baseline"?' in refused("basline")
    assert "million" in refused("") and "million" in refused("x\0.toml\0")


@pytest.mark.parametrize("name", ["missing.toml", "folder.toml", "bytes.toml", "n" * 999 + ".toml"])
def test_what_cannot_be_read_is_refused(tmp_path: Path, name: str):
    (tmp_path / "folder.toml").mkdir()
    (tmp_path / "bytes.toml").write_bytes(b"name = '\xff\xfe'")
    said = refused(tmp_path / name)
    assert said.startswith(f"{tmp_path}/") and ": file: it " in said and "UTF-8" in said


def test_a_byte_order_mark_does_no_harm(tmp_path: Path):
    (tmp_path / "one.toml").write_bytes(b"\xef\xbb\xbfdays = 5\r\n")
    assert find(str(tmp_path / "one.toml")).days == 5
