"""``twoborders compare --members``: output of members, precedence, invalid ensembles."""

from __future__ import annotations

import csv
import json
import math
import shlex
from pathlib import Path
from typing import Any

import pytest
from typer.testing import Result

from abm.measures import PRICES
from experiments.calibration import ensemble
from experiments.calibration.ensemble import Ensemble, Member
from experiments.comparison.compare import REPS
from experiments.scenarios import find
from tests.unit.viz.command_line import call, one_object
from viz.cli.app import Compare
from viz.cli.inputs import read_ensemble
from viz.cli.shell import BANNER

pytestmark = pytest.mark.usefixtures("without_maps")
TINY = shlex.split("--scenario classroom --scale 1000 --days 14 --set warmup_days=9 --jobs 1")
ARMS = ["patrol_surge:250M", "status_quo+patrol_surge:0"]
WHOLE = Ensemble(
    (
        Member({"contest.eta": 0.35, "mexico.pay": 0.9}, {}, 0.5, 0.4),
        Member({"contest.eta": 0.65, "mexico.pay": 1.1}, {}, 0.3, 0.6),
        Member({"contest.eta": 0.75, "mexico.pay": 1.3}, {}, 0.2, 0.8),
    )
)


@pytest.fixture(autouse=True)
def packaged(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    """Replace the packaged ensemble by one of three members."""
    monkeypatch.setattr(ensemble, "SHIPPED", tmp_path / "ensemble.json")
    WHOLE.write(ensemble.SHIPPED)
    return ensemble.SHIPPED


@pytest.fixture(scope="module")
def compared(without_maps: None, tmp_path_factory: pytest.TempPathFactory) -> tuple[Result, Path]:
    """Compare over two members; return the result and the folder of its files."""
    out = tmp_path_factory.mktemp("compared") / "out"
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(ensemble, "SHIPPED", out.with_name("ensemble.json"))
        WHOLE.write(ensemble.SHIPPED)
        result = call("compare", *ARMS, *TINY, "--members", "2", "--out", str(out))
    assert result.exit_code == 0, result.stderr
    return result, out


def test_every_output_names_the_ensemble(compared: tuple[Result, Path]):
    result, out = compared
    answer = json.loads((out / "comparison.json").read_text())
    assert answer["ensemble"] == {
        "members": 2,
        "ensemble_size": 3,
        "effective": pytest.approx(1 / (0.5**2 + 0.3**2 + 0.2**2)),
        "digest": WHOLE.digest,
        "chosen": WHOLE.sample_indices(2),
        "fixed_paths": [],
    }
    page, text = (out / "report.html").read_text(), " ".join(result.stdout.split())
    for told in (page, text):
        assert "2 members of the calibrated ensemble" in told and WHOLE.digest in told
        assert "2.63" in told and BANNER in told
    assert "0.35 to 0.65" in page  # the range of contest.eta over the members
    assert "6 runs" in result.stderr
    assert "one set of parameters" not in page.lower() + text.lower()


def test_changes_have_the_number_of_pairs_with_their_sign(compared: tuple[Result, Path]):
    result, out = compared
    answer = json.loads((out / "comparison.json").read_text())
    assert answer["reps"] == 1 and answer["baseline"]["reps"] == 2
    assert set(answer["baseline"]["digests"]) == {"0:1", "1:1"}
    surge, nothing = answer["policies"]
    spent = surge["outcomes"]["dollars"]
    assert (spent["share_below_zero"], spent["share_above_zero"]) == (0.0, 1.0)
    for name, row in nothing["outcomes"].items():
        shares = (row["share_below_zero"], row["share_above_zero"])
        assert shares == ((None, None) if name in PRICES or row["difference"] is None else (0, 0))
    assert nothing["digests"] == answer["baseline"]["digests"]
    assert "in 2 of 2" in result.stdout
    page = (out / "report.html").read_text().replace("\u00a0", " ")
    assert "in 2 of 2 pairs" in page
    for row in csv.DictReader((out / "outcomes.csv").open()):
        arm = surge if row["policy"] == surge["policy"] else nothing
        share = arm["outcomes"][row["outcome"]]["share_below_zero"]
        assert row["share_below_zero"] == ("" if share is None else str(share))


def test_the_command_in_the_report_gives_the_same_result(
    compared: tuple[Result, Path], tmp_path: Path
):
    _, out = compared
    page = (out / "report.html").read_text()
    line = page[page.index("<code>twoborders compare") + 6 :].partition("</code>")[0]
    words = shlex.split(line)
    assert words[words.index("--members") + 1] == "2" and words[words.index("--reps") + 1] == "1"
    again = one_object(*words[1:], "--jobs", "1", "--out", tmp_path / "again")
    assert again == json.loads((out / "comparison.json").read_text())


def test_the_default_is_one_seed_per_member():
    found = [
        Compare(reps=reps or None, members=members).with_defaults(reps=REPS).reps
        for reps, members in ((0, None), (0, 20), (3, None), (3, 20))
    ]
    assert found == [REPS, 1, 3, 3]


# ---- precedence ---------------------------------------------------------------------------------


@pytest.mark.parametrize("sets", [["contest.eta=0.5"], ["contest={eta=0.5}"], ["contest.eta=0.35"]])
def test_a_value_of_the_command_line_takes_precedence_with_a_warning(
    sets: list[str], capsys: pytest.CaptureFixture[str]
):
    value = float(sets[0].partition("eta=")[2].rstrip("}"))
    scenario = find("classroom").with_settings({"contest.eta": value})
    drawn = read_ensemble(3, scenario, sets)
    assert drawn is not None and drawn.fixed_paths == ("contest.eta",)
    told = [scenario.with_settings(one) for one in drawn.settings]
    assert {s.contest.eta for s in told} == {value}
    assert [s.mexico.pay for s in told] == [
        WHOLE.members[k].settings["mexico.pay"] for k in drawn.chosen
    ]
    assert drawn.ranges(scenario).keys() == {"mexico.pay"}
    (warning,) = capsys.readouterr().err.splitlines()
    assert warning.startswith("warning: the ensemble varies contest.eta;")


def test_a_value_of_the_scenario_takes_precedence(capsys: pytest.CaptureFixture[str]):
    scenario = find("classroom").with_settings({"mexico.pay": 1.45})
    drawn = read_ensemble(2, scenario, [])
    assert drawn is not None and drawn.fixed_paths == ("mexico.pay",)
    assert "mexico.pay" in capsys.readouterr().err
    plain = read_ensemble(2, find("classroom"), ["scale=50", "contest.chi=0.01"])
    assert plain is not None and plain.fixed_paths == () and capsys.readouterr().err == ""


def test_an_entry_and_its_table_are_the_same_parameter(packaged: Path):
    surrender = {"adult": 0.0, "family": 0.3, "child": 0.5}
    one = Member({"migrants.surrender": surrender}, {}, 1.0, 0.0)
    Ensemble((one,)).write(packaged)
    drawn = read_ensemble(1, find("classroom"), ["migrants.surrender.child=0.9"])
    assert (
        drawn is not None
        and drawn.fixed_paths == ("migrants.surrender",)
        and drawn.settings == ({},)
    )
    one = Member({"migrants.surrender.child": 0.5}, {}, 1.0, 0.0)
    Ensemble((one,)).write(packaged)
    drawn = read_ensemble(1, find("classroom"), ["migrants.surrender=[0, 0.6, 0.9]"])
    assert drawn is not None and drawn.fixed_paths == ("migrants.surrender.child",)


def test_fixed_parameters_are_named_in_the_report(tmp_path: Path):
    words = [*TINY, "--members", "2", "--set", "contest.eta=0.5", "--out", tmp_path]
    answer = one_object("compare", ARMS[0], *words)
    assert answer["ensemble"]["fixed_paths"] == ["contest.eta"]
    assert "The ensemble varies contest.eta too" in (tmp_path / "report.html").read_text()


# ---- invalid ensembles --------------------------------------------------------------------------


def member(**more: Any) -> dict[str, Any]:
    """Return a member as the file stores it."""
    return {"settings": {"contest.eta": 0.4}, "numbers": {}, "weight": 1.0, "distance": 0.0} | more


@pytest.mark.parametrize(
    ("text", "count", "named"),
    [
        (None, "2", "no ensemble"),
        ("", "2", "is not a valid ensemble"),
        ("{", "2", "is not a valid ensemble"),
        ("[]", "2", "is not a valid ensemble"),
        ('{"members": [{}], "made": {}}', "1", "is not a valid ensemble"),
        (json.dumps({"members": [], "made": {}}), "1", "the ensemble has 0"),
        (json.dumps({"members": [member()], "made": {}}), "2", "the ensemble has 1"),
        (json.dumps({"members": [member(settings=[1])], "made": {}}), "1", "valid settings"),
        (json.dumps({"members": [member(weight=0.0)], "made": {}}), "1", "or weight"),
        (json.dumps({"members": [member(weight=math.nan)], "made": {}}), "1", "or weight"),
        (
            json.dumps({"members": [member(settings={"contest.spirit": 1})], "made": {}}),
            "1",
            "spirit",
        ),
        (json.dumps({"members": [member(settings={"contest.eta": 9})], "made": {}}), "1", "eta"),
    ],
)
def test_an_invalid_ensemble_is_reported_in_one_line(
    text: str | None, count: str, named: str, packaged: Path, tmp_path: Path
):
    packaged.unlink()
    if text is not None:
        packaged.write_text(text, encoding="utf-8")
    out = tmp_path / "nothing"
    result = call("compare", ARMS[0], *TINY, "--members", count, "--out", str(out), "--json")
    assert result.exit_code == 2 and result.stdout == ""
    (line,) = result.stderr.splitlines()
    assert line.startswith("error: --members") and named in line
    assert "twoborders calibrate" in line or "smaller number" in line
    assert not out.exists()
