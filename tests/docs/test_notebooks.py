"""Notebooks of the lessons open, run in order, and use the runs of the Learn page."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from viz.screen.lessons import lessons

FOLDER = Path(__file__).resolve().parents[2] / "docs" / "notebooks"
PAGES = sorted(FOLDER.glob("*.ipynb"))
LETTERS = "ABCDEF"
by_page = pytest.mark.parametrize("page", PAGES, ids=lambda page: page.stem)


def cells(page: Path, kind: str) -> list[str]:
    """The texts of the cells of a kind."""
    told = json.loads(page.read_text(encoding="utf-8"))["cells"]
    return ["".join(cell["source"]) for cell in told if cell["cell_type"] == kind]


def ran(page: Path) -> dict[str, Any]:
    """The names of a notebook after its cells, played coarsely and once."""
    first, *rest = cells(page, "code")
    names: dict[str, Any] = {"__name__": "notebook"}
    exec(first, names)
    assert {"SCALE", "SEEDS", "JOBS"} <= names.keys()
    names |= {"SCALE": 500, "SEEDS": range(1, 2), "JOBS": 1}
    for text in rest:
        exec(text, names)
    return names


def test_every_lesson_has_a_notebook():
    assert [page.stem for page in PAGES] == [f"{x.order}_{x.id}" for x in lessons().values()]


@by_page
def test_a_notebook_is_valid_and_holds_no_output(page: Path):
    told = json.loads(page.read_text(encoding="utf-8"))
    assert (told["nbformat"], told["nbformat_minor"]) == (4, 5)
    assert told["metadata"]["kernelspec"]["name"] == "python3"
    ids = [cell["id"] for cell in told["cells"]]
    assert len(set(ids)) == len(ids)
    for cell in told["cells"]:
        wanted = {"cell_type", "id", "metadata", "source"}
        if cell["cell_type"] == "code":
            wanted |= {"outputs", "execution_count"}
            assert cell["outputs"] == [] and cell["execution_count"] is None
        assert cell.keys() == wanted
        assert "\n" not in "".join(line[:-1] for line in cell["source"])


@by_page
def test_a_notebook_says_what_it_is_and_predicts_before_it_runs(page: Path):
    text = "\n".join(cells(page, "markdown"))
    assert "not a forecast" in text and "uv run --with jupyterlab" in text
    code = cells(page, "code")
    predicts = next(i for i, one in enumerate(code) if "PREDICTIONS =" in one)
    assert predicts < next(i for i, one in enumerate(code) if "run_many(" in one)
    assert all(len(line) <= 100 for one in code for line in one.splitlines())


@by_page
def test_a_notebook_runs_and_plays_the_worlds_of_its_lesson(page: Path, capsys):
    names = ran(page)
    lesson = lessons()[page.stem.split("_", 1)[1]]
    assert names["PREDICTIONS"].keys() == names["CAME"].keys() == lesson.questions.keys()
    assert names["DAYS"] == lesson.days and set(names["SHOWN"]) == set(lesson.bars)
    for letter, arm in zip(LETTERS, lesson.arms.values(), strict=False):
        own = arm.at(lesson.dial.value)
        assert tuple(names["ARMS"][letter]) == own.policies
        numbers = names["NUMBERS"].get(letter, {})
        assert {path: float(one) for path, one in own.numbers} == pytest.approx(numbers)
    for name, fact in lesson.questions.items():
        assert names["SAME"].get(name, 1.0) == fact.same
        assert fact.ask == "direction" or names["NEAR"] == fact.near
    told = capsys.readouterr().out
    assert "0 of 100" in told, "no idea is worth nothing, either way"
    assert all(name in told for name in lesson.questions)
