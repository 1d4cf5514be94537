"""``twoborders calibrate``: options, results, resuming, and changed settings.

Most tests use synthetic draws, whose figures are linear in the parameters.
"""

from __future__ import annotations

import json
import signal
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from typer.testing import Result

from experiments.calibration import calibrate as calibration
from experiments.calibration import doses, draws, emulator, ensemble, priors, supply_fit
from experiments.calibration.doses import Doses
from experiments.calibration.draws import STATISTICS, Draw
from experiments.sweeps.backend import WorkerKilled
from tests.unit.experiments.test_calibration import made_up as synthetic_draw
from tests.unit.viz import command_line
from viz.cli import calibrate as cli
from viz.cli.folders import lock_folder
from viz.cli.shell import BANNER

SMALL = ["--draws", "40", "--members", "20", "--rounds", "1", "--scale", "1000", "--jobs", "1"]
BANKS = {"first": Draw, "second": Draw, "middle": Draw, "doses": Doses}


def call(folder: Path, *words: str) -> Result:
    """Run a small calibration in this process. Later options override earlier ones."""
    return command_line.call("calibrate", "--out", folder, *SMALL, *words)


def synthetic_doses(task: doses.DoseTask) -> Doses:
    """Return the same doses for every member."""
    return Doses(task.key, dict.fromkeys(doses.EPISODES, 1.5), {})


class Counting:
    """Run synthetic tasks, store their keys, and raise an interrupt at one of them."""

    def __init__(self, stop: int = -1) -> None:
        self.keys: list[str] = []
        self.stop = stop

    def __call__(self, play: Callable[[Any], Any]) -> Callable[[Any], Any]:
        def counted(task: Any) -> Any:
            if len(self.keys) == self.stop:
                self.stop = -1
                signal.raise_signal(signal.SIGINT)
            self.keys.append(task.key)
            return play(task)

        return counted


@contextmanager
def playing(
    stop: int = -1, run: Callable[[draws.DrawTask], Draw] = synthetic_draw
) -> Iterator[list[str]]:
    """Use synthetic tasks and interrupt them before task `stop`; yield the keys of all runs."""
    counting = Counting(stop)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(calibration, "run_draw", counting(run))
        patch.setattr(calibration, "SYNTHETIC_WORLDS", 3)
        for name, size in {"STEPS": 700, "CHAINS": 40, "CANDIDATES": 1024}.items():
            patch.setattr(emulator, name, size)  # Other tests cover the fit at its full size.
        patch.setattr(doses, "find_doses", counting(synthetic_doses))
        patch.setattr(supply_fit, "draw_supply", lambda number: {})
        yield counting.keys


def rows(folder: Path) -> list[str]:
    """Return the keys of all stored rows."""
    return [key for name, kind in BANKS.items() for key in draws.read_rows(folder / name, kind)]


def content(folder: Path) -> dict[str, bytes]:
    """Return the content of every file of a folder."""
    return {str(path): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


@pytest.fixture(autouse=True)
def interruptible() -> Iterator[None]:
    """Restore the interrupt handler, which a background process ignores by default."""
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    yield
    signal.signal(signal.SIGINT, before)


@pytest.fixture(scope="module")
def calibrated(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Result, list[str]]:
    """Return the folder, result and task keys of an uninterrupted calibration."""
    folder = tmp_path_factory.mktemp("calibration")
    with playing() as keys:
        result = call(folder, "--json")
    assert result.exit_code == 0, result.stderr
    return folder, result, keys


# ---- the fit -------------------------------------------------------------------------------------


def test_json_contains_the_fit(calibrated):
    folder, result, _ = calibrated
    answer = json.loads(result.stdout, parse_constant=pytest.fail)
    kept = ensemble.read(folder / "ensemble.json")
    assert answer["command"] == "calibrate" and answer["note"] == BANNER
    assert answer["scenario"]["days"] == 365 and answer["scenario"]["scale"] == 1000
    assert answer["members"] == len(kept.members) > 5 and answer["digest"] == kept.digest
    assert answer["effective"] == pytest.approx(kept.effective)
    assert answer["dose_members"] == sum(bool(m.doses) for m in kept.members) > 0
    fit = json.loads((folder / "fit.json").read_text())
    numbers = {number["name"]: number for number in answer["numbers"]}
    assert set(numbers) == set(priors.NAMES) and 0.0 <= answer["kept"] <= 1.0
    order = [(not row["miss"], row["width_ratio"]) for row in answer["numbers"]]
    assert order == sorted(order)
    assert {n: number["coverage"] for n, number in numbers.items()} == fit["coverage"]
    mean = np.mean(list(fit["coverage"].values()))
    assert answer["coverage"]["mean"] == pytest.approx(mean)
    assert answer["coverage"]["lowest"] <= mean <= answer["coverage"]["highest"]
    for number in numbers.values():
        slack = 1e-9 * number["prior_high"]
        assert number["prior_low"] - slack <= number["low90"] <= number["high90"]
        assert number["high90"] <= number["prior_high"] + slack


def test_the_printed_fit_agrees_with_the_json(calibrated):
    folder, result, _ = calibrated
    answer = json.loads(result.stdout)
    with playing() as keys:
        result = call(folder)
    assert result.exit_code == 0 and keys == []
    text = " ".join(result.stdout.split())
    assert f"{answer['members']} of 20 members have weight" in text and BANNER in text
    assert all(name in text for name in priors.NAMES)
    assert f"{round(100 * answer['coverage']['mean'])} % of cases" in text
    assert "ensemble.json" in text and "fit.json" in text and "Excluded" not in text


# ---- resuming ------------------------------------------------------------------------------------


@pytest.mark.parametrize("stop", [40, 61])
def test_an_interrupt_stores_all_tasks_and_the_same_command_resumes(
    calibrated, tmp_path: Path, stop: int
):
    with playing(stop) as keys:
        result = call(tmp_path, "--json")
        assert result.exit_code == 130 and result.stdout == ""
        (said,) = [line for line in result.stderr.splitlines() if "interrupted" in line]
        assert "Resume with: twoborders calibrate" in said and str(tmp_path) in said
        assert result.stderr.endswith(said + "\n")
        assert rows(tmp_path) == keys == calibrated[2][:stop]
        assert not (tmp_path / "ensemble.json").exists()
        again = call(tmp_path, "--json")
    assert again.exit_code == 0 and keys == calibrated[2]  # each task was run once
    assert f"{min(stop, 40)} of 40 draws are stored, {40 - min(stop, 40)} are" in again.stderr
    assert json.loads(again.stdout)["digest"] == json.loads(calibrated[1].stdout)["digest"]


@pytest.mark.slow
def test_a_draw_is_run_over_the_base_year(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    """Run one draw of the model at the coarsest scale."""
    counting = Counting(1)
    monkeypatch.setattr(calibration, "run_draw", counting(calibration.run_draw))
    assert call(tmp_path).exit_code == 130
    (draw,) = draws.read_rows(tmp_path / "first", Draw).values()
    assert set(draw.statistics) == set(STATISTICS)


# ---- other settings ------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("words", "output"),
    [
        (["--seed", "2"], "seed 1, not 2"),
        (["--scale", "999"], "scale 1000, not 999"),
        (["--rounds", "2"], "rounds 1, not 2"),
        (["--early-scale", "70"], "early_scale 50, not 70"),
        (["--early-warmup", "70"], "early_warmup 540, not 70"),
        (["--dose-scale", "70"], "dose_scale 50, not 70"),
    ],
)
def test_another_plan_is_rejected_and_changes_nothing(calibrated, words: list[str], output: str):
    folder, before = calibrated[0], content(calibrated[0])
    result = call(folder, *words)
    assert result.exit_code == 2 and output in result.stderr and result.stderr.count("\n") == 1
    assert content(folder) == before


def test_another_scenario_other_priors_and_another_version_are_rejected(calibrated, monkeypatch):
    folder, before = calibrated[0], content(calibrated[0])
    with monkeypatch.context() as patch:
        found = cli.find("baseline").with_settings({"warmup_days": 500})
        patch.setattr(cli, "find", lambda name: found)
        assert "scenario '" in call(folder).stderr
    with monkeypatch.context() as patch:
        wider = replace(priors.PRIORS["eta"], high=0.9)
        patch.setitem(priors.PRIORS, "eta", wider)
        assert "priors '" in call(folder).stderr
    with monkeypatch.context() as patch:
        patch.setattr(calibration, "version", lambda name: "0.0.1")
        assert "version '" in call(folder).stderr
    assert content(folder) == before


@pytest.mark.parametrize("text", ["", "[1]", "7"])
def test_a_folder_without_a_valid_plan_is_rejected(tmp_path: Path, text: str):
    (tmp_path / "plan.json").write_text(text)
    result = call(tmp_path)
    assert result.exit_code == 2 and "plan.json cannot be read" in result.stderr
    assert result.stderr.count("\n") == 1 and (tmp_path / "plan.json").read_text() == text


def test_more_draws_are_appended_and_members_are_drawn_again(calibrated, tmp_path: Path):
    with playing() as keys:
        first = call(tmp_path, "--json")
        assert keys == calibrated[2]
        more = call(tmp_path, "--draws", "70", "--json")
        added = keys[len(calibrated[2]) :]
        assert "40 of 70 draws are stored, 30 are missing" in more.stderr
        assert sum(key.startswith("first") for key in added) == 30
        assert sum(key.startswith("second") for key in added) == 20
        assert more.exit_code == 0 and len(set(keys)) == len(keys)
        n = len(keys)
        back = call(tmp_path, "--json")
        assert len(keys) == n  # The earlier members are still stored.
    digests = [json.loads(result.stdout)["digest"] for result in (first, more, back)]
    assert digests[0] == digests[2] != digests[1]


def test_two_calibrations_in_one_folder_are_rejected(tmp_path: Path):
    with lock_folder(tmp_path, "a test uses"), playing() as keys:
        result = call(tmp_path)
    assert result.exit_code == 2 and "another calibration is running" in result.stderr
    assert keys == [] and list(tmp_path.iterdir()) == []
    with playing(2):
        assert call(tmp_path).exit_code == 130  # The folder can be used again.


# ---- failures and draws without a fit ------------------------------------------------------------


def cannot(task: draws.DrawTask) -> Draw:
    """Fail as a run whose iteration does not converge."""
    raise ValueError("values do not converge")


def far(task: draws.DrawTask) -> Draw:
    """Return a draw whose figures are far from the data."""
    draw = synthetic_draw(task)
    figures = {name: value + 50.0 for name, value in draw.statistics.items()}
    return replace(draw, statistics=figures)


def killed(task: draws.DrawTask) -> Draw:
    """Fail as if the worker process had been killed."""
    raise WorkerKilled("terminated abruptly")


@pytest.mark.parametrize(
    ("play", "output"),
    [
        (cannot, "none of the draws could be run"),
        (far, "no member is within"),
        (killed, "Resume with: twoborders calibrate"),
    ],
)
def test_a_calibration_without_result_is_explained(tmp_path: Path, play, output: str):
    with playing(run=play):
        result = call(tmp_path, "--json")
    assert result.exit_code == 1 and result.stdout == ""
    (error,) = [line for line in result.stderr.splitlines() if line.startswith("error: ")]
    assert output in error and "Error" not in error
    assert not (tmp_path / "ensemble.json").exists()


def test_draws_that_cannot_be_run_are_counted(tmp_path: Path):
    def some(task: draws.DrawTask) -> Draw:
        return cannot(task) if task.key.startswith("first-00003") else synthetic_draw(task)

    with playing(run=some):
        result = call(tmp_path)
    assert result.exit_code == 0 and "Excluded, values do not converge: 1 of 40" in result.stdout
