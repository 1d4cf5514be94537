"""``twoborders effects``: one JSON object, two tables, a page, and the usual exit codes."""

from __future__ import annotations

import json
import shlex
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from abm.policies import registry
from experiments.runs import run as runs
from experiments.runs.case import Case, RunResult
from experiments.scenarios import find
from experiments.studies.effects import SHOWN
from tests.unit.viz import command_line
from viz.cli.effects import PAGE, _specs
from viz.cli.shell import BANNER

ROOT = Path(__file__).resolve().parents[3]
TINY = shlex.split(
    "--scenario classroom --scale 1000 --days 10 --set warmup_days=9 --reps 1 --jobs 1"
)


call = partial(command_line.call, "effects")


def test_json_and_page_have_the_same_instruments(tmp_path: Path):
    file = tmp_path / "new" / "page.md"
    words = ["trade_facilitation", "no_cooperation", *TINY, "--markdown", "--out", str(file)]
    output = command_line.one_object("effects", *words)
    assert (output["days"], output["scale"], output["reps"], output["seeds"]) == (10, 1000, 1, [1])
    trade, loss = output["policies"]
    assert (trade["id"], trade["dose"]) == ("trade_facilitation", 1.0)
    assert trade["judged_by"] == "trade_delay"
    assert set(trade["outcomes"]["trade_delay"]) == {"baseline", "difference", "low90", "high90"}
    assert len(trade["outcomes"]) == len(loss["outcomes"]) == len(SHOWN) + 1
    assert trade["failing"]["settings"] == dict(registry()["trade_facilitation"].failing)
    keys = ("detected", "fails", "inert", "works")
    assert {type(p[key]) for p in (trade, loss) for key in keys} == {bool}
    assert trade["equal"]["dollars"] == output["equal_dollars"] == 100e6
    assert set(trade["equal"]["outcomes"]) == set(trade["outcomes"]) and loss["equal"] is None
    text = file.read_text()
    assert text.count("`trade_facilitation`") == 1 == text.count("`no_cooperation` (†)")
    assert "`trade_facilitation:100M`" in text
    assert "twoborders effects --scenario classroom" in text and BANNER.rstrip(".") in text
    assert str(tmp_path) not in text
    assert all(len(line) <= 100 for line in text.splitlines() if line[:1] not in ("|", "t", "B"))


def test_failed_runs_are_reported_and_other_runs_are_used(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
):
    monkeypatch.chdir(tmp_path)  # Failed runs keep the folder of runs, so it must be temporary.
    playing = runs.run_one

    def fail(case: Case, **more: Any) -> RunResult:
        if any(use.id == "fence" for use in case.scenario.policies):
            raise RuntimeError("a test error")
        return playing(case, **more)

    monkeypatch.setattr(runs, "run_one", fail)
    result = call("fence", "patrol_surge", *TINY, "--json")
    output = json.loads(result.stdout)
    assert result.exit_code == 3 and "test error" in result.stderr
    assert [p["id"] for p in output["policies"]] == ["patrol_surge"]
    assert {f["name"] for f in output["failed"]} == {"fence"}
    assert call("fence", *TINY).exit_code == 1


def test_instruments_without_room_in_the_scenario_are_left_out(capsys: pytest.CaptureFixture[str]):
    """The scenario already has a part of no_cooperation, whose maximum dose is 1."""
    uses = _specs(find("history_2019"), ())
    left_out = {"status_quo", "no_cooperation"}
    assert {use.id for use in uses} == set(registry()) - left_out
    messages = capsys.readouterr().err
    assert "no_cooperation is left out: the doses 1, 0.543" in messages


def test_the_reference_page_has_every_instrument():
    """If this test fails, run twoborders effects --markdown."""
    text = (ROOT / PAGE).read_text(encoding="utf-8")
    assert [name for name in registry() if f"| `{name}`" not in text] == ["status_quo"]
