"""Studies in Python have the same figures, names and defaults as the commands."""

from __future__ import annotations

import inspect
from dataclasses import fields
from functools import partial
from pathlib import Path
from typing import Any

import pytest

import twoborders as tb
from experiments.rows.records import plain_values
from experiments.studies.ask.sizes import answer_size
from experiments.studies.optimise import study
from tests.unit.viz.command_line import one_object
from twoborders.arguments import KEYWORDS
from twoborders.results import TableStudy
from viz.cli import app

pytestmark = pytest.mark.filterwarnings("ignore:only .* simulated migrants set out")
TINY: dict[str, Any] = {"scenario": "classroom", "scale": 1000, "days": 32, "jobs": 1}
WORDS = ["--scenario=classroom", "--scale=1000", "--days=32", "--set=warmup_days=9", "--jobs=1"]
STUDIES = (tb.run, tb.compare, tb.sweep, tb.curve, tb.sensitivity, tb.optimise, tb.ask)
STUDIES += (tb.validate, tb.forecast)
#: Options with another name in Python, and options of the command only. The latter concern its
#: files and tasks, or add pairs step by step.
SAME = {"out": "folder", "sets": "settings", "files": "record", "arms": "policies"}
COMMAND_ONLY = {"as_json", "dry_run", "resume", "export", "shard", "precision", "max_pairs"}
COMMAND_ONLY |= {"outcomes"}
EXAMPLE = Path(__file__).resolve().parents[3] / "docs/examples/plugin/twoborders_beacons/policy.py"
RECORD, FILE = Path(__file__).with_name("record.csv"), "forecast.json"
OWN = "lamps:RescueBeacons"


class Slow(tb.Organisation):
    """A user's class of organisations."""


@pytest.fixture
def lamps(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    """Write a user's policy into a module on Python's path; return the policy text."""
    (tmp_path / "lamps.py").write_text(EXAMPLE.read_text().replace("rescue_", "my_"))
    monkeypatch.syspath_prepend(tmp_path)
    monkeypatch.chdir(tmp_path)
    return OWN


def check_equal_to_command(found: TableStudy, *words: str | Path) -> None:
    """Check that the command prints the JSON of the result and that the frame has every row."""
    printed, rows = one_object(*words), found.to_dict()
    same = {key for key in rows if key not in ("completed", "done")}
    assert {key: printed[key] for key in same} == {key: rows[key] for key in same}
    assert len(found.frame()) == len(found.table) > 0 and "<table" in found._repr_html_()


@pytest.mark.parametrize("function", STUDIES)
def test_arguments_have_the_names_and_defaults_of_the_command(function: Any):
    """If an option has no default, its help states the default of the Python argument."""
    parameters = inspect.signature(function).parameters
    declared = fields(getattr(app, function.__name__.capitalize()))
    options: dict[str, Any] = {SAME.get(f.name, f.name): f.default for f in declared}
    assert {"folder", "settings", "jobs", "executor", "seed"} <= parameters.keys()
    assert parameters["folder"].default in (None, f"out/{function.__name__}")
    without = options.keys() - parameters.keys() - COMMAND_ONLY
    assert without <= {*KEYWORDS}, "options without an argument"
    added = parameters.keys() - options.keys() - {"keywords"}
    of_grid = {"scenario", "reps", "seed", "settings"} if function is tb.sweep else set()
    assert added == of_grid
    for name in (parameters.keys() & options.keys()) - {"resume", "folder", "settings"}:
        option, default = options[name], parameters[name].default
        if default not in (option.default, inspect.Parameter.empty):
            values = default if isinstance(default, tuple) else [default]
            assert not option.default
            assert all(str(v).partition(":")[0] in option.show_default for v in values), name


def test_a_curve_of_an_own_policy_and_own_agents_is_that_of_the_command(lamps: str, tmp_path: Path):
    own = {"Organisation": Slow}
    given: dict[str, Any] = {"budgets": ["0", "10M"], "reps": 1, "settings": {"warmup_days": 9}}
    found = tb.curve([lamps], tmp_path / "python", agent_classes=own, **given, **TINY)
    words = ["--instrument", lamps, "--budget", "0", "--budget", "10M", "--reps", "1"]
    words += ["--agent-class", f"Organisation={Slow.__module__}:Slow"]
    check_equal_to_command(found, "curve", *WORDS, *words, "--out", tmp_path / "command")
    assert found.rows["instruments"][0]["id"] == lamps and not found.failures
    assert {line.instrument.id for line in found.result} == {lamps}


def test_a_forecast_and_its_scores_are_those_of_the_command(tmp_path: Path):
    python, command = tmp_path / "python", tmp_path / "command"
    small: dict[str, Any] = {"scale": 1000, "horizon": 2, "members": 2, "jobs": 1}
    found = tb.forecast(RECORD, python, settings={"warmup_days": 9}, **small)
    words = [f"--{name}={value}" for name, value in small.items()]
    check_equal_to_command(
        found, "forecast", RECORD, *words, "--set=warmup_days=9", "--out", command
    )
    assert len(found.plot().axes) == 4
    observed = tmp_path / "observed.csv"
    observed.write_text("month,apprehended_us_mexican\n2013-11,9000\n", encoding="utf-8")
    scores = tb.score_forecast(found, observed)
    printed = one_object("forecast", "score", command / FILE, observed)
    assert plain_values(scores.to_dict("records")) == printed["scores"]
    assert tb.score_forecast(python / FILE, observed).equals(scores)
    with pytest.raises(tb.SettingError, match="start: a forecast takes it from the record"):
        tb.forecast(RECORD, python, start="2013-01-01", **small)


def test_indices_are_those_of_the_command(lamps: str, tmp_path: Path):
    given: dict[str, Any] = {"factors": ["contest.eta"], "n": 4, "reps": 1}
    given |= {"policies": [lamps], "settings": {"warmup_days": 9}}
    found = tb.sensitivity("got_aways", tmp_path / "python", **given, **TINY)
    words = ["--outcome", "got_aways", "--factor", "contest.eta", "-n", "4", "--reps", "1"]
    words += ["--policy", lamps, "--out", str(tmp_path / "command")]
    check_equal_to_command(found, "sensitivity", *WORDS, *words)
    assert {*found.frame()["factor"]} == {"eta", "dummy"}


@pytest.mark.usefixtures("quick_search")
def test_portfolios_buy_own_policies_as_in_the_command(
    lamps: str, formula_world: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    def evaluator(*words: Any, **given: Any) -> study.Evaluator:
        run = formula_world(us=0.08, mexico=0.16)
        return study_evaluator(*words, **given | {"executor": "serial", "run_case": run})

    study_evaluator = study.Evaluator
    monkeypatch.setattr(study, "Evaluator", evaluator)
    sizes: dict[str, Any] = {"members": 2, "search_members": 1, "random_portfolios": 4, "rounds": 1}
    optimise = partial(tb.optimise, ["250M"], sides=["us_only"], outcomes=["got_aways"], **sizes)
    found = optimise(tmp_path / "python", policies=[lamps], jobs=1)
    words = [f"--{name.replace('_', '-')}={size}" for name, size in sizes.items()]
    words += ["--side=us_only", "--outcome=got_aways", "--budget=250M", "--jobs=1"]
    out = tmp_path / "command"
    check_equal_to_command(found, "optimise", *words, "--policy", lamps, "--out", out)
    searched = found.result.searched
    place = searched.instruments.ids.index(lamps)
    assert searched.portfolios[:, place].max() > 0.0
    with pytest.raises(tb.SettingError, match="holds runs with other plan"):
        optimise(tmp_path / "python", jobs=1)


def test_an_answer_buys_own_policies_of_both_sides(lamps: str):
    size = answer_size(quick=True, policies=(lamps,))
    ids = size.instruments.ids
    assert lamps in ids and size.later.instruments.ids == ids and lamps not in study.buyable().ids
    assert len(size.instruments) == len(study.buyable()) + 1


@pytest.mark.parametrize(
    ("policies", "reason"),
    [
        (["status_quo"], "costs nothing"),
        (["nowhere:Nothing"], "cannot be imported"),
        ([tb.PolicySpec(id="fence", dose=0.5)], "not a kind of policy"),
    ],
)
def test_a_policy_that_cannot_be_bought_is_refused(policies: Any, reason: str, tmp_path: Path):
    with pytest.raises(tb.SettingError, match=reason):
        tb.optimise(policies=policies, folder=tmp_path, jobs=1)
