"""The folder of the screen's sweeps."""

from __future__ import annotations

from pathlib import Path

import pytest

from agents.param import SettingError
from experiments.sweeps.store_list import VARIABLE, root
from viz.cli.app import Serve
from viz.cli.serve import command, folder_of_sweeps


@pytest.fixture(autouse=True)
def _here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv(VARIABLE, "")


def test_the_default_folder_is_that_of_the_command(tmp_path: Path):
    assert folder_of_sweeps(Serve()) == tmp_path / "out" / "sweep"


def test_a_shared_screen_starts_no_sweeps():
    with pytest.raises(SettingError, match="a shared screen starts no sweeps"):
        command(Serve(share=True, sweeps=Path("out/class")))


def test_a_folder_elsewhere_is_the_one_that_is_listed(tmp_path: Path):
    assert folder_of_sweeps(Serve(sweeps=Path("mine"))) == tmp_path / "mine" == root()


def test_a_folder_outside_the_listed_one_is_refused(tmp_path: Path):
    options = Serve(sweeps=Path("mine"), stores=tmp_path / "out")
    with pytest.raises(SettingError, match="not inside"):
        folder_of_sweeps(options)
