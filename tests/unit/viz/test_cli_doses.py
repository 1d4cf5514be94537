"""``twoborders doses`` prints the figures of its search, and `compare` checks its files."""

from __future__ import annotations

from pathlib import Path

import pytest

from experiments.calibration.doses import EPISODES, Doses, DoseTask
from tests.unit.viz.command_line import call, one_object
from viz.cli import supply as cli

KEYS = tuple(EPISODES)


@pytest.fixture
def tasks(monkeypatch: pytest.MonkeyPatch) -> list[DoseTask]:
    """Replace the search by a function whose figures are the positions of the episodes."""
    seen: list[DoseTask] = []

    def find(task: DoseTask) -> Doses:
        seen.append(task)
        pairs = {key: (float(k), 0.5) for k, key in enumerate(KEYS)}
        doses = {key: 1.0 + k for k, key in enumerate(KEYS)}
        rises = {key: 2.0 + k for k, key in enumerate(KEYS)}
        return Doses(task.key, doses, rises, (KEYS[-1],), pairs, pairs)

    monkeypatch.setattr(cli, "find_doses", find)
    return seen


def test_every_episode_has_its_figures(tasks: list[DoseTask]) -> None:
    rows = one_object("doses", "--scale", "500", "--seed", "3")["episodes"]
    assert [row["episode"] for row in rows] == [*KEYS]
    assert [row["dose"] for row in rows] == [1.0 + k for k in range(len(KEYS))]
    assert [row["ratio"] for row in rows] == [2.0 + k for k in range(len(KEYS))]
    assert [row["level"] for row in rows] == [[float(k), 0.5] for k in range(len(KEYS))]
    assert [row["recorded"] for row in rows] == [one.series.rise() for one in EPISODES.values()]
    assert [row["corner"] for row in rows] == [key == KEYS[-1] for key in KEYS]
    assert (tasks[0].scale, tasks[0].seed, tasks[0].settings) == (500, 3, {})


def test_the_table_marks_an_episode_without_a_matching_dose(tasks: list[DoseTask]) -> None:
    text = call("doses").stdout
    assert f"{KEYS[-1]} (closest)" in text and f"{KEYS[0]} (closest)" not in text
    assert tasks[0].scale == 100


@pytest.mark.parametrize("name", ["report.html", "comparison.json", "outcomes.csv", "map.svg"])
def test_a_comparison_refuses_a_folder_in_place_of_a_file_before_it_runs(
    name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_args: object, **_options: object) -> None:
        raise AssertionError("the comparison has started")

    monkeypatch.setattr("viz.cli.compare.extend", refuse)
    (tmp_path / name).mkdir()
    words = ["compare", "fence", "--days", "101", "--reps", "1", "--out", str(tmp_path)]
    result = call(*words)
    assert result.exit_code == 2 and name in result.stderr and "Remove it" in result.stderr
