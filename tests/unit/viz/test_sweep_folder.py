"""The folder of the screen's sweeps, and the limits that the guide states."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from agents.param import SettingError, params_of
from experiments.sweeps.store_list import VARIABLE, root
from viz.cli.command_options import ServeOptions
from viz.cli.serve import folder_of_sweeps
from viz.screen.sweeps.sweep_limits import SWEEPS_ALONE, SWEEPS_CLASS, TURNS, SweepCaps, TurnCaps

GUIDE = Path(__file__).resolve().parents[3] / "docs" / "guides" / "serve.md"


@pytest.fixture(autouse=True)
def _here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv(VARIABLE, "")


def test_the_default_folder_is_that_of_the_command(tmp_path: Path):
    assert folder_of_sweeps(ServeOptions()) == tmp_path / "out" / "sweep"


def test_visitors_of_a_shared_screen_start_sweeps_only_if_a_folder_is_given(tmp_path: Path):
    assert folder_of_sweeps(ServeOptions(share=True)) is None
    given = ServeOptions(share=True, sweeps=Path("out/class"))
    assert folder_of_sweeps(given) == tmp_path / "out" / "class" and root() == tmp_path / "out"


def test_a_folder_elsewhere_is_the_one_that_is_listed(tmp_path: Path):
    assert folder_of_sweeps(ServeOptions(sweeps=Path("mine"))) == tmp_path / "mine" == root()


def test_a_folder_outside_the_listed_one_is_refused(tmp_path: Path):
    options = ServeOptions(sweeps=Path("mine"), stores=tmp_path / "out")
    with pytest.raises(SettingError, match="not inside"):
        folder_of_sweeps(options)


def test_every_limit_is_declared_and_in_the_guide():
    text = GUIDE.read_text(encoding="utf-8")
    assert set(params_of(SweepCaps)) == set(SweepCaps.__slots__)
    for name in ("runs", "levels", "seeds", "migrants", "folders"):
        alone, shared = (f"{getattr(caps, name):,}" for caps in (SWEEPS_ALONE, SWEEPS_CLASS))
        assert re.search(rf"\| {alone} \| {shared} \|", text), name
    assert set(params_of(TurnCaps)) == set(TurnCaps.__slots__)
    rows = (
        (TURNS.seconds / 60, TURNS.seconds / 60),
        (TURNS.visitor_seconds / 60, TURNS.address_seconds / 60),
        (TURNS.visitor_sweeps, TURNS.address_sweeps),
        (TURNS.absence / 60, TURNS.absence / 60),
    )
    for visitor, address in rows:
        assert f"| {visitor:g} | {address:g} |" in text
