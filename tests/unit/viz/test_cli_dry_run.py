"""Every long command has --dry-run, which counts runs and estimates a time without a study run."""

import importlib
import json
from pathlib import Path
from types import SimpleNamespace

import pytest
import typer

from experiments.calibration.doses import EPISODES, TRIES
from experiments.scenarios import find
from experiments.sweeps import executors
from experiments.validation.episodes import roles
from tests.unit.viz.command_line import call, one_object
from viz.cli import timed_trial
from viz.cli.app import Compare, app
from viz.cli.progress import print_estimate

TINY = ["--scenario", "classroom", "--days", "101"]
#: Modules that import the function which runs a case.
USES = (
    "experiments.calibration.anchoring",
    "experiments.calibration.doses",
    "experiments.studies.optimise.trials",
    "experiments.studies.sensitivity.study",
    "experiments.sweeps.sweep",
    "experiments.validation.validate",
    "viz.cli.run",
)
#: Timed trials for commands with runs at several scales; other commands make three.
TRIALS = {"validate": 6}
#: Command lines, each with its number of runs.
COUNTS = [
    (["compare", "fence", "trainers", *TINY, "--reps", "3"], 9),
    (["compare", "fence", *TINY, "--reps", "2", "--members", "5"], 20),
    # The budgets are zero, 100M and the maximum for a fence, each at three levels of cooperation.
    (["curve", "--instrument", "fence", "--budget", "100M", "--days", "101", "--reps", "2"], 18),
    # One baseline serves the arms at the given dose and at equal dollars. The arms that act and
    # that fail each have their own baseline.
    (["effects", "fence", *TINY, "--reps", "2"], 14),
    (["sensitivity", *TINY, "-n", "4", "--reps", "1", "--factor", "mexico.pay=0.1..0.4"], 12),
    (["sweep", "first_look"], 6 * 8),
    (["validate", "--reps", "2"], 2 * len(roles({}))),
    # Every draw and member runs twice, and the middle draw five times. The search for doses makes
    # at most TRIES runs per episode.
    (
        ["calibrate", "--draws", "30", "--members", "10", "--rounds", "1", "--dose-members", "2"],
        (30 + 10) * 2 + 5 + 2 * len(EPISODES) * TRIES,
    ),
]


def test_scores_add_18_runs_per_seed_and_their_scale_is_timed(trials: list[int]):
    words = ["validate", "--reps", "2", "--dry-run"]
    plain, scored = (one_object(*words, *more) for more in ([], ["--scores"]))
    assert scored["runs"] == plain["runs"] + 36 and scored["seconds"] > plain["seconds"]
    assert len(trials) == 2 * TRIALS["validate"] + 3  # one additional scale


@pytest.fixture
def trials(monkeypatch, tmp_path):
    """Let every run take 1 s plus 0.01 s per simulated day; return the list of their days."""
    days = []

    def run_one(case):
        days.append(case.scenario.days)
        return SimpleNamespace(cost={"wall_s": 1.0 + case.scenario.days / 100.0})

    def refuse(*_args, **_options):
        raise AssertionError("a dry run starts no runs")

    monkeypatch.setattr(timed_trial, "run_one", run_one)
    monkeypatch.setattr(executors.Backend, "run", refuse)
    for module in USES:  # A module first imported after the patch would keep `refuse`.
        importlib.import_module(module)
    monkeypatch.setattr("experiments.runs.run.run_one", refuse)
    monkeypatch.chdir(tmp_path)
    return days


@pytest.mark.parametrize(("words", "runs"), COUNTS)
def test_a_dry_run_counts_runs_and_writes_nothing(
    words: list[str], runs: int, trials: list[int], tmp_path: Path
):
    out = [] if words[0] == "effects" else ["--out", str(tmp_path / "none")]
    output = one_object(*words, *out, "--jobs", "2", "--dry-run")
    assert output["dry_run"] is True and output["command"] == words[0] and output["jobs"] == 2
    assert output["runs"] == runs
    assert output["seconds"] == pytest.approx(output["runs"] * output["seconds_a_run"] / 2)
    assert (
        len(trials) == TRIALS.get(words[0], 3)
        and max(trials) == 60
        and "timed trial" in output["estimate"]
    )
    assert not list(tmp_path.iterdir())


def test_stored_runs_take_no_time(trials: list[int], capsys: pytest.CaptureFixture[str]):
    assert print_estimate(Compare(as_json=True), 8, [find("classroom")], 2, done=6) == 0
    output = json.loads(capsys.readouterr().out)
    assert (output["runs"], output["done"], output["jobs"]) == (8, 6, 2)
    assert output["seconds"] == pytest.approx(2 * output["seconds_a_run"] / 2)


def test_the_time_of_a_run_is_extrapolated_to_its_days(trials: list[int]):
    words = ["compare", "fence", *TINY, "--reps", "1", "--jobs", "1", "--dry-run"]
    done = call(*words)
    assert done.exit_code == 0
    assert done.stdout.startswith("2 runs, 1 at a time: about 4 s, 2 s per run, from a timed trial")


def test_with_a_stopping_rule_the_largest_number_of_runs_is_printed(trials: list[int]):
    words = ["compare", "fence", *TINY, "--precision", "1", "--max-pairs", "20", "--dry-run"]
    done = call(*words)
    assert done.stdout.startswith("At most 40 runs")


def test_invalid_input_is_refused_before_the_trial(trials: list[int]):
    done = call("compare", "fenze", "--dry-run")
    assert done.exit_code == 2 and not trials


def test_every_long_command_has_the_option():
    names = {
        name
        for name, command in typer.main.get_command(app).commands.items()
        if any(parameter.name == "dry_run" for parameter in command.params)
    }
    assert names == {words[0] for words, _ in COUNTS} | {"optimise", "ask", "forecast"}
