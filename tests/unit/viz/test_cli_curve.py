"""``twoborders curve``: JSON, files, chart and invalid options."""

from __future__ import annotations

import csv
import json
import re
import shlex
from collections.abc import Iterator
from pathlib import Path

import pytest
from typer.testing import Result

from experiments.studies.curve import GOALS, OUTCOMES
from experiments.sweeps.sweep import sweep_all
from tests.unit.viz.command_line import call
from viz.cli import folders
from viz.cli.shell import BANNER

TINY = shlex.split("--scenario classroom --scale 1000 --days 9 --set warmup_days=30 --reps 2")
ASKED = [*TINY, "--instrument", "fence", "--budget", "0", "--budget", "400M"]


@pytest.fixture(autouse=True, scope="module")
def alone() -> Iterator[None]:
    """Run everything in this process; other tests compare workers."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(
            folders,
            "sweep_all",
            lambda *w, **given: sweep_all(*w, **given | {"executor": "serial"}),
        )
        yield


@pytest.fixture(scope="module")
def fence_curves(tmp_path_factory: pytest.TempPathFactory) -> tuple[Result, Path]:
    """Return the curves of fences and the folder of their files."""
    folder = tmp_path_factory.mktemp("curve") / "out"
    result = call("curve", *ASKED, "--out", str(folder), "--json")
    assert result.exit_code == 0, result.stderr
    return result, folder


def test_one_object_with_every_curve_and_goal(fence_curves: tuple[Result, Path]):
    result, folder = fence_curves
    answer = json.loads(result.stdout)
    assert json.loads((folder / "curve.json").read_text()) == answer
    assert answer["command"] == "curve" and answer["note"] == BANNER and answer["failed"] == []
    assert [state["id"] for state in answer["states"]] == ["base_year", "cooperation", "withdrawn"]
    assert [state["dollars"] for state in answer["states"]] == [0.0, pytest.approx(500e6), 0.0]
    (fence,) = answer["instruments"]
    assert fence["unit"] == "miles" and fence["maximum"] == pytest.approx(468e6)
    for one in answer["curves"]:
        assert [p["dollars"] for p in one["points"]] == [0.0, 400e6, fence["maximum"]]
        assert [p["largest"] for p in one["points"]] == [False, False, True]
        assert one["points"][-1]["amount"] == pytest.approx(1200.0)
        assert [set(p["outcomes"]) for p in one["points"]] == [set(OUTCOMES)] * 3
        assert len(one["requirements"]) == len(GOALS)
        for need in one["requirements"]:
            middle = need["dollars"]["median"]
            assert middle is None or 0.0 <= middle <= need["largest_budget"]
            if middle:
                assert need["amount"]["median"] == pytest.approx(middle / fence["dollars_a_unit"])
    costs = [one["points"][1]["joint"] - 400e6 for one in answer["curves"]]
    assert costs == [0.0, pytest.approx(500e6), 0.0]


def test_every_output_shows_human_costs_together_with_flows(
    fence_curves: tuple[Result, Path], monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setenv("COLUMNS", "120")  # wide enough that no cell is wrapped
    _, folder = fence_curves
    rows = list(csv.DictReader((folder / "curve.csv").open()))
    assert len(rows) == 3 * 3 * len(OUTCOMES)
    assert {row["outcome"] for row in rows} == set(OUTCOMES)
    assert {row["note"] for row in rows} == {BANNER}
    text = call("curve", *ASKED, "--out", str(folder), "--resume").stdout
    for words in (
        "◆ Deaths",
        "◆ Sent",
        "$468M (largest)",
        "1,200",
        BANNER,
        "already reached",
        "of the same state",
        "Spent per 1 % fewer got-aways: ",
    ):
        assert words in text
    assert "\x1b" not in text and "inf" not in text and "nan" not in text
    picture = (folder / "curve.svg").read_text()
    assert BANNER in " ".join(re.findall(r">([^<]+)<", picture))
    assert "◆ Deaths" in picture and "◆ Sent back" in picture


def test_resume_runs_only_what_is_missing(fence_curves: tuple[Result, Path], tmp_path: Path):
    result, folder = fence_curves
    words = ["curve", *ASKED, "--out", str(folder), "--json"]
    refused = call(*words)
    assert refused.exit_code == 2 and "--resume" in refused.stderr.splitlines()[-1]
    again = call(*words, "--resume")
    assert json.loads(again.stdout) == json.loads(result.stdout)
    assert again.stderr.count("6 of 6 runs are already stored") == 3
    other = call("curve", *ASKED, "--budget", "300M", "--out", str(folder), "--resume")
    assert other.exit_code == 2 and "another design" in other.stderr.splitlines()[-1]


# ---- texts and chart -----------------------------------------------------------------------------
