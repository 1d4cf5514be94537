"""``twoborders ask`` and ``optimise``: files, texts and invalid options, with synthetic runs."""

from __future__ import annotations

import csv
import json
import shlex
import shutil
import tomllib
import xml.etree.ElementTree as ET
from pathlib import Path
from typing import Any

import pytest

from abm.scenario import load_scenario
from experiments.comparison.compare import policies_of
from experiments.runs.case import Case, RunResult
from experiments.scenarios import find
from experiments.studies.optimise import study
from experiments.studies.optimise.trials import Evaluator
from tests.unit.viz.command_line import call, one_object
from viz.cli import timed_trial
from viz.cli.shell import BANNER

ASK = shlex.split("ask --quick --members 8 --search-members 1 --budget 250M --turning-members 1")
BEST = shlex.split(
    "optimise --members 2 --search-members 1 --budget 250M --random-portfolios 4 "
    "--rounds 1 --outcome got_aways"
)
pytestmark = pytest.mark.usefixtures("quick_search", "with_synthetic_runs")


@pytest.fixture
def with_synthetic_runs(formula_world, monkeypatch: pytest.MonkeyPatch) -> None:
    """Make both commands use synthetic runs in this process."""
    monkeypatch.setattr(study, "Evaluator", serial(formula_world(us=0.08, mexico=0.16)))


def serial(run_case: Any) -> Any:
    """Return a function that builds an evaluator which uses `run_case` in this process."""
    return lambda *words, **given: Evaluator(
        *words, **given | {"executor": "serial", "run_case": run_case}
    )


#: Keys that every cell of a regime must have.
CELL = (
    "budget account horizon measure exchange_rate low90 high90 share_out_of_reach marginal_dollar "
    "mexico_share draws deaths kidnapped returned_unscreened"
)


def check_rates(answer: dict[str, Any]) -> None:
    """Check an answer in which a Mexican dollar has twice the effect of a U.S. dollar.

    With eight draws, no number reverses a claim.
    """
    assert [row["id"] for row in answer["regimes"]] == ["fy2013", "fy2016", "fy2019"]
    assert [row["id"] for row in answer["headlines"]] == ["core", "enforcement"]
    for headline in answer["headlines"]:  # Each headline states every claim in every regime.
        regimes = {regime["id"]: regime["cells"] for regime in headline["regimes"]}
        assert [*regimes] == ["fy2013", "fy2016", "fy2019"] and all(regimes.values())
        assert all(c["draws"] == 8 for r in regimes.values() for x in r for c in x["claims"])
    assert not any(t["moves"] for t in answer["claim_tests"])
    cells = [cell for regime in answer["regimes"] for cell in regime["cells"]]
    assert len(cells) == 12  # three regimes, two measures at two horizons
    for cell in cells:
        assert set(CELL.split()) <= cell.keys() and cell["draws"] == 8
        assert cell["exchange_rate"] is None or cell["exchange_rate"] > 1.0
        assert 0.0 <= cell["share_out_of_reach"] <= 1.0 and cell["mexico_share"] > 0.1
        # Too few draws for a verdict.
        assert {claim["word"] for claim in cell["claims"]} == {"unknown"}
        assert min(claim["share_won"] for claim in cell["claims"][:2]) > 0.8


def test_ask_prints_json_and_writes_all_files(tmp_path: Path):
    answer = one_object(*ASK, "--out", tmp_path)
    assert answer == json.loads((tmp_path / "answer.json").read_text())
    assert {row["claim"] for row in answer["verdicts"]} == {"helps", "beats", "requires"}
    assert answer["note"] == BANNER and answer["failed"] == 0
    check_rates(answer)
    page = (tmp_path / "findings.md").read_text()
    assert BANNER.rstrip(".") in page and all(word in page for word in ASK)
    files = (tmp_path / "findings").glob("*.csv")
    data = {path.stem: list(csv.reader(path.open(encoding="utf-8"))) for path in files}
    assert set(data) == {"rates", "claims", "turning", "numbers", "portfolios", "instruments"}
    referee = (tmp_path / "findings-referee.md").read_text()
    assert "## Exchange rates" in referee and len(page.split()) < 2_000
    assert all(f"(findings/{name}.csv)" in referee for name in data)
    assert len(data["rates"]) == 1 + 2 * 12 and len(data["turning"]) > len(referee.splitlines())
    assert all({len(row) for row in rows} == {len(rows[0])} for rows in data.values())
    heads, *rows = data["claims"]
    helps = [row for row in rows if row[heads.index("claim")] == "helps"]
    assert {float(row[heads.index("share_won")]) for row in helps} == {1.0} and len(helps) == 24
    picture = ET.parse(tmp_path / "frontier-joint.svg")
    assert "cooperation alone" in "".join(picture.getroot().itertext())


@pytest.mark.slow
def test_a_folder_holds_one_question_and_its_answer_is_printed_again(tmp_path: Path):
    assert call(*ASK, "--out", tmp_path).exit_code == 0
    again = call(*ASK, "--out", tmp_path)
    assert again.exit_code == 2 and "--resume" in again.stderr and "Traceback" not in again.stderr
    other = call(*ASK, "--seed", 2, "--out", tmp_path, "--resume")
    assert other.exit_code == 2 and "holds runs with other plan" in other.stderr
    result = call(*ASK, "--out", tmp_path, "--resume")
    output = " ".join(result.stdout.split())
    assert result.exit_code == 0 and BANNER in output
    assert "Requires: unknown, too few draws (8 of 54)" in output
    assert (
        "Trade-offs:" in output
        and "Effect of one dollar, people, enforcement only: Got away" in output
    )


@pytest.mark.slow
def test_shards_of_the_scores_give_the_answer_of_one_process(tmp_path: Path):
    """The search runs first, and every shard starts from a copy of it.

    The last command merges the shards and writes the answer. A shard without the search is
    refused.
    """
    refused = call(*ASK, "--out", tmp_path / "1", "--shard", "1/2")
    assert refused.exit_code == 2 and "a search is not divided" in refused.stderr
    shutil.rmtree(tmp_path / "1")
    assert one_object(*ASK, "--out", tmp_path / "0", "--shard", "0/2")["failed"] == 0
    for number in (1, 2):
        shutil.copytree(tmp_path / "0", tmp_path / str(number))
        words = ["--out", tmp_path / str(number), "--shard", f"{number}/2", "--resume"]
        assert one_object(*ASK, *words)["failed"] == 0
    parts, out = [tmp_path / str(number) for number in (0, 1, 2)], tmp_path / "all"
    merged = one_object("merge", *parts, "--out", out)
    assert merged["missing"] == 0 and merged["again"].endswith(f"--out {out} --resume")
    whole = one_object(*ASK, "--out", tmp_path / "whole")
    assert one_object(*ASK, "--out", out, "--resume") == whole


def test_an_interrupt_prints_the_command_that_resumes(tmp_path: Path, formula_world, monkeypatch):
    world, calls = formula_world(us=0.1, mexico=0.1), []

    def tired(case: Case) -> RunResult:
        calls.append(case)
        if len(calls) > 20:
            raise KeyboardInterrupt
        return world(case)

    monkeypatch.setattr(study, "Evaluator", serial(tired))
    result = call(*ASK, "--out", tmp_path)
    assert result.exit_code == 130 and f"--out {tmp_path} --resume" in result.stderr
    assert "all completed runs are stored" in result.stderr
    assert not (tmp_path / "answer.json").exists()
    calls.clear()
    monkeypatch.setattr(study, "Evaluator", serial(world))
    assert call(*ASK, "--out", tmp_path, "--resume").exit_code == 0


@pytest.mark.slow
def test_a_failed_run_is_excluded_and_reported(tmp_path: Path, formula_world, monkeypatch):
    world = formula_world(us=0.08, mexico=0.16)
    monkeypatch.setattr(study, "Evaluator", serial(_ill(world)))
    result = call(*ASK, "--out", tmp_path, "--json")
    answer = json.loads(result.stdout)
    assert result.exit_code == 3 and answer["failed"] > 0
    assert all(cell["draws"] < 8 for cell in answer["regimes"][0]["cells"])
    assert "runs failed and are excluded" in (tmp_path / "findings-referee.md").read_text()


def _ill(world: Any) -> Any:
    """Return a run function that fails for some seeds if the scenario has policies."""

    def play(case: Case) -> RunResult:
        if case.seed % 3 == 0 and case.scenario.policies:
            raise RuntimeError("no luck")
        return world(case)

    return play


def test_the_best_portfolios_are_valid_scenarios_on_a_front(tmp_path: Path):
    """No portfolio of the printed front dominates another one."""
    answer = one_object(*BEST, "--out", tmp_path)
    assert [one["side"] for one in answer["best"]] == ["us_only", "mixed"]
    for one in answer["best"]:
        path = tmp_path / f"{one['side']}_got_aways_250M.toml"
        scenario = load_scenario(path.read_text(), path.name, find)
        made = policies_of(scenario, scenario.policies)
        assert sum(sum(p.dollars().values()) for p in made) == pytest.approx(
            sum(one["dollars"].values())
        )
        assert tomllib.loads(path.read_text())["days"] == 3652
        assert one["scored"] < 0.0 and sum(one["dollars"].values()) <= 250e6 * (1 + 1e-9)
    assert (tmp_path / "portfolios.csv").read_text().count("\n") > 50
    assert "both together" in "".join(ET.parse(tmp_path / "front.svg").getroot().itertext())
    for side in ("us_only", "mixed"):
        front = [one for one in answer["front"] if one["side"] == side]
        assert front and [one["charge"] for one in front] == sorted(one["charge"] for one in front)
        for a in front:
            assert not any(
                b["charge"] <= a["charge"]
                and b["entries"] < a["entries"]
                and b["deaths"] < a["deaths"]
                for b in front
            )


def test_optimise_prints_tables(tmp_path: Path):
    result = call(*BEST, "--out", tmp_path)
    output = " ".join(result.stdout.split())
    assert result.exit_code == 0 and "U.S. alone" in output and "both together" in output
    assert "members that were not used in the search" in output and BANNER in output


@pytest.mark.parametrize("words", [ASK, BEST])
def test_a_dry_run_runs_nothing(tmp_path: Path, words: list[str], monkeypatch):
    cost = {"wall_s": 1.0}
    monkeypatch.setattr(timed_trial, "run_one", lambda case: type("R", (), {"cost": cost})())
    output = one_object(*words, "--dry-run", "--out", tmp_path / "none")
    assert output["dry_run"] and output["runs"] > 50 and not (tmp_path / "none").exists()
