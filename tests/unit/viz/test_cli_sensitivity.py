"""``twoborders sensitivity``: exit codes, JSON, invalid options and chart."""

from __future__ import annotations

import csv
import json
import math
import shlex
from functools import partial
from pathlib import Path

import numpy as np
import pytest

from abm.measures import BESIDE_PRICES
from experiments.calibration.priors import PRIORS
from experiments.runs.case import Case, RunResult
from experiments.sweeps.sweep import sweep_all
from tests.made_results import made_result
from tests.unit.viz import command_line
from viz.cli import folders
from viz.cli.shell import BANNER

TINY = shlex.split(
    "--scenario classroom --scale 1000 --days 14 --set warmup_days=9 -n 4 --reps 1 --jobs 1"
)
TWO = ["--factor", "eta", "--factor", "migrants.retry_removed=0.1..0.5"]
FILES = {"sensitivity.json", "sensitivity.csv", "sensitivity.svg"}


call = partial(command_line.call, "sensitivity")


def fake(case: Case) -> RunResult:
    """Return a synthetic run that depends on eta alone; a lower eta gives more entries."""
    value = 1000.0 * (2.0 - case.scenario.contest.eta)
    costs = dict.fromkeys(BESIDE_PRICES, value) | {"deaths": math.nan}
    output = {"got_aways": value, "unlawful_entries": 2.0 * value, **costs}
    return made_result(case, outcomes=output, leg_flow=np.ones(2), digest="d")


def broken(case: Case, where: float) -> RunResult:
    """Return a synthetic run; raise an error if retry_removed exceeds `where`."""
    if case.scenario.migrants.retry_removed > where:
        raise RuntimeError("a test error")
    return fake(case)


@pytest.fixture
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    """Use synthetic runs."""
    monkeypatch.setattr(folders, "sweep_all", partial(sweep_all, run=fake))


# ---- runs ----------------------------------------------------------------------------------------


def test_every_prior_is_varied_by_default(quick: None, tmp_path: Path):
    done = call(
        *TINY, "--set", "contest.chi=0.05", "--json", "--out", tmp_path, "--outcome", "got_aways"
    )
    output = json.loads(done.stdout)
    names = [one["name"] for one in output["factors"]]
    every = [u.paths[0] if u.below else name for name, u in PRIORS.items()]
    assert done.exit_code == 0 and names == [name for name in every if name != "chi"]
    assert "not varied, because set here: chi" in done.stderr
    (answer,) = output["estimates"]
    first = answer["factors"][0]
    assert (first["name"], first["distinguishable"]) == ("eta", True)
    assert first["mu"] == pytest.approx(-500.0) and first["mu_star"] == pytest.approx(500.0)
    assert set(answer["indistinguishable"]) == set(names) - {"eta"}


@pytest.mark.parametrize(("columns", "method"), [("60", "morris"), ("100", "sobol")])
def test_printed_tables(
    quick: None, columns: str, method: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setenv("COLUMNS", columns)
    words = ["--method", method, "-n", 8, "--outcome", "got_aways", "--outcome", "unlawful_entries"]
    done = call(*TINY, *TWO, *words, "--out", tmp_path)
    assert done.exit_code == 0, done.stderr
    text = " ".join(done.stdout.split())
    assert text.endswith(BANNER) and "Not distinct from the dummy: migrants.retry_removed" in text
    assert max(map(len, done.stdout.splitlines())) <= int(columns)
    assert ("mu*" in text) == (method == "morris") and ("alone" in text) == (method == "sobol")


# ---- missing runs --------------------------------------------------------------------------------


def test_an_undefined_outcome_is_reported_and_the_others_are_analysed(quick: None, tmp_path: Path):
    done = call(*TINY, *TWO, "--json", "--out", tmp_path)
    got, unlawful, deaths, *human = json.loads(done.stdout)["estimates"]
    assert {one["outcome"] for one in (deaths, *human)} == set(BESIDE_PRICES)
    assert done.exit_code == 3 and "0 of 4 trajectories are complete; 4 are needed" in done.stderr
    assert deaths["factors"] == [] and deaths["indistinguishable"] is None
    assert got["complete"] == unlawful["complete"] == 4
    rows = list(csv.DictReader((tmp_path / "sensitivity.csv").open()))
    complete = {*BESIDE_PRICES, "got_aways", "unlawful_entries"} - {"deaths"}
    assert {row["outcome"] for row in rows} == complete
    effects = {
        (one["outcome"], f["name"]): f["mu"] for one in (got, *human) for f in one["factors"]
    }
    assert [float(r["mu"]) for r in rows if r["outcome"] != "unlawful_entries"] == [
        *effects.values()
    ]


@pytest.mark.parametrize(
    ("where", "code", "output"),
    [
        (0.46, 3, "of 16 base samples are complete; the others"),
        (0.2, 1, "8 are needed"),
        (0.0, 1, "none of"),
    ],
)
def test_failed_runs_are_excluded_and_reported(
    where: float, code: int, output: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(folders, "sweep_all", partial(sweep_all, run=partial(broken, where=where)))
    done = call(
        *TINY, *TWO, "--method", "sobol", "-n", 16, "--outcome", "got_aways", "--out", tmp_path
    )
    assert done.exit_code == code, done.stderr
    assert output in done.stderr and "a test error" in done.stderr
    assert (tmp_path / "sensitivity.json").exists() == (code == 3)
