"""Every output of a world other than the packaged one begins with a note and uses its words."""

from __future__ import annotations

import csv
import json
import runpy
import shutil
from collections.abc import Mapping
from pathlib import Path

import pytest
from typer.testing import Result

from abm.world.routes import PACKAGED, declaration_of
from tests.unit.viz import command_line

EXAMPLE = Path(__file__).resolve().parents[3] / "docs" / "examples"
SMALL = ("--days", "4", "--scale", "1000")
PACKAGED_WORDS = ("Northern Triangle", "Mexico", "Mexican", "United States", "U.S.")


@pytest.fixture(scope="module")
def mali(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The example world of the guide, which declares every word."""
    folder = tmp_path_factory.mktemp("worlds") / "mali"
    runpy.run_path(str(EXAMPLE / "flee_world.py"))["convert"](EXAMPLE / "mali", folder)
    return folder


@pytest.fixture(scope="module")
def other(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The packaged world with one changed figure and without a world.toml."""
    folder = tmp_path_factory.mktemp("worlds") / "changed"
    folder.mkdir()
    for name in ("nodes.csv", "edges.csv"):
        shutil.copy(PACKAGED / name, folder / name)
    edges = folder / "edges.csv"
    header, *rows = csv.reader(edges.read_text(encoding="utf-8").splitlines())
    rows[30][header.index("travel_days")] = "0.9"
    with edges.open("w", encoding="utf-8", newline="") as file:
        csv.writer(file).writerows([header, *rows])
    return folder


def call(*words: str) -> Result:
    result = command_line.call(*words)
    assert result.exit_code == 0, result.stderr
    return result


def in_mali(command: str, mali: Path, *words: str) -> Result:
    scenario = str(EXAMPLE / "mali" / "scenario.toml")
    return call(command, *words, "--scenario", scenario, "--world", str(mali), *SMALL)


def flat(text: str) -> str:
    return " ".join(text.split())


def without_note(text: str, note: str) -> str:
    assert note in flat(text)
    return flat(text).replace(note, "")


def test_a_run_prints_the_note_first_and_declared_words(mali: Path):
    note = declaration_of(mali).note
    output = in_mali("run", mali, "--reps", "2", "--jobs", "1").stdout
    assert flat(output).startswith(note)
    rest = without_note(output, note)
    assert "Departures, people of Mali" in rest and "Journeys through Mali" in rest
    assert not [word for word in PACKAGED_WORDS if word in rest]


def test_files_of_a_run_have_the_note_and_the_words(mali: Path, tmp_path: Path):
    found, output = declaration_of(mali), in_mali("run", mali, "--json", "--out", str(tmp_path))
    answer: Mapping = json.loads(output.stdout)
    assert answer["world_note"] == found.note and answer["world_source"] == found.source
    assert answer["world_words"]["groups.northern_triangle"] == "people of Mali"
    assert answer["official"] == []
    assert json.loads((tmp_path / "run.json").read_text()) == answer
    with (tmp_path / "daily.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    assert len(rows) == 4 and {row["world_note"] for row in rows} == {found.note}
    assert list(rows[0])[-1] == "world_note"


def test_a_comparison_shows_the_note_in_the_report_in_csv_and_on_the_terminal(
    mali: Path, tmp_path: Path
):
    note = declaration_of(mali).note
    words = ("patrol_surge", "--reps", "2", "--jobs", "1", "--out", str(tmp_path))
    output = in_mali("compare", mali, *words).stdout
    assert flat(output).startswith(note) and "Departures, people of Mali" in output
    page = (tmp_path / "report.html").read_text(encoding="utf-8")
    header = page[page.index("<header>") :]
    assert header.startswith(f'<header><p class="banner" role="note">{note}</p>')
    assert "Departures, people of Mali" in page and "Departures, Northern Triangle" not in page
    assert "The line of the neighbouring countries" in page
    with (tmp_path / "outcomes.csv").open(encoding="utf-8", newline="") as file:
        assert {row["world_note"] for row in csv.DictReader(file)} == {note}
    answer = json.loads((tmp_path / "comparison.json").read_text(encoding="utf-8"))
    assert answer["world_note"] == note and answer["official"] == []


def test_a_replay_shows_the_note_in_both_languages(mali: Path, tmp_path: Path):
    file = tmp_path / "replay.html"
    in_mali("replay", mali, "--out", str(file))
    page = file.read_text(encoding="utf-8")
    assert declaration_of(mali).note in page and "Mundo Mali 2012: los números" in page
    assert "Border with Niger" in page and "Stopped by Mali" in page


def test_a_sweep_stores_and_exports_the_note(mali: Path, tmp_path: Path):
    scenario = (EXAMPLE / "mali" / "scenario.toml").read_text(encoding="utf-8")
    scenario = scenario.replace('world = "my_mali"', f'world = "{mali}"')
    (tmp_path / "mali.toml").write_text(scenario, encoding="utf-8")
    design = 'name = "d"\nscenario = "mali.toml"\ndays = 4\nscale = 1000\nreps = 1\n'
    (tmp_path / "design.toml").write_text(
        design + '[grid]\n"routes.road_cost" = [0.9, 1]\n', encoding="utf-8"
    )
    words = ("--executor", "serial", "--out", str(tmp_path / "out"))
    export = tmp_path / "runs.csv"
    output = call("sweep", str(tmp_path / "design.toml"), *words, "--export", str(export))
    note = declaration_of(mali).note
    assert flat(output.stdout).startswith(note)
    with export.open(encoding="utf-8", newline="") as file:
        assert [row["world_note"] for row in csv.DictReader(file)] == [note, note]


def test_a_world_without_a_declaration_warns_in_the_first_line(other: Path):
    quick = ("--set", "warmup_days=5", "--set", "fill_days=5", "--world", str(other), *SMALL)
    output = call("run", *quick).stdout
    note = f"World {other.name} without world.toml: names and numbers are those of the packaged"
    assert flat(output).startswith(note) and "Northern Triangle" in output
    answer = json.loads(call("run", *quick, "--json").stdout)
    assert answer["world_note"].startswith(note) and answer["world_words"] == {}


def test_an_invalid_declaration_is_one_line_with_exit_code_2(mali: Path, tmp_path: Path):
    folder = tmp_path / "mine"
    shutil.copytree(mali, folder)
    (folder / "world.toml").write_text('[world]\nname = "x"\n[group]\n', encoding="utf-8")
    result = command_line.call("run", "--world", folder, *SMALL)
    assert result.exit_code == 2 and not result.stdout
    (line,) = result.stderr.splitlines()
    assert "world.toml: key group: unknown key; did you mean groups?" in line
