"""Notebooks: format, cells that run in order, the arms of a lesson, and results of methods."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from abm.measures import HUMAN_COSTS
from viz.screen.lessons.lesson import lessons

FOLDER = Path(__file__).resolve().parents[2] / "docs" / "notebooks"
PAGES = sorted(FOLDER.glob("*.ipynb"))
LESSONS = sorted(FOLDER.glob("[0-9]_*.ipynb"))
LETTERS = "ABCDEF"
by_page = pytest.mark.parametrize("page", PAGES, ids=lambda page: page.stem)


def cells(page: Path, kind: str) -> list[str]:
    """Return the source of all cells with a type."""
    notebook = json.loads(page.read_text(encoding="utf-8"))
    return ["".join(cell["source"]) for cell in notebook["cells"] if cell["cell_type"] == kind]


def run_cells(page: Path, **small: Any) -> dict[str, Any]:
    """Run all code cells with changed values in the first cell; return the namespace."""
    first, *rest = cells(page, "code")
    names: dict[str, Any] = {"__name__": "notebook"}
    exec(first, names)
    assert small.keys() <= names.keys()
    names |= small
    for source in rest:
        exec(source, names)
    return names


def test_every_lesson_has_a_notebook():
    assert [page.stem for page in LESSONS] == [f"{x.order}_{x.id}" for x in lessons().values()]


@by_page
def test_a_notebook_is_valid_and_contains_no_output(page: Path):
    notebook = json.loads(page.read_text(encoding="utf-8"))
    assert (notebook["nbformat"], notebook["nbformat_minor"]) == (4, 5)
    assert notebook["metadata"]["kernelspec"]["name"] == "python3"
    ids = [cell["id"] for cell in notebook["cells"]]
    assert len(set(ids)) == len(ids)
    for cell in notebook["cells"]:
        keys = {"cell_type", "id", "metadata", "source"}
        if cell["cell_type"] == "code":
            keys |= {"outputs", "execution_count"}
            assert cell["outputs"] == [] and cell["execution_count"] is None
        assert cell.keys() == keys
        assert "\n" not in "".join(line[:-1] for line in cell["source"])


@pytest.mark.parametrize(  # Page 2 has the fewest arms and days.
    "page", [pytest.param(p, marks=() if p == LESSONS[2] else pytest.mark.slow) for p in LESSONS]
)
def test_a_notebook_runs_the_arms_of_its_lesson(page: Path, capsys):
    names = run_cells(page, SCALE=500, SEEDS=range(1, 2), JOBS=1)
    lesson = lessons()[page.stem.split("_", 1)[1]]
    assert names["PREDICTIONS"].keys() == names["CAME"].keys() == lesson.totals.keys()
    assert names["DAYS"] == lesson.days and set(names["SHOWN"]) == set(lesson.bars)
    for letter, arm in zip(LETTERS, lesson.arms.values(), strict=False):
        assert tuple(names["ARMS"][letter]) == arm.policies
        numbers = names["NUMBERS"].get(letter, {})
        assert {path: float(one) for path, one in arm.numbers} == pytest.approx(numbers)
    for name, fact in lesson.totals.items():
        assert names["CAME"][name].pairs
        assert fact.ask == "direction" or names["NEAR"] == fact.near
    output = capsys.readouterr().out
    assert "0 of 100" in output, "predictions without certainty must score 0"
    assert all(name in output for name in lesson.totals)


@pytest.mark.filterwarnings("ignore")  # warnings of the EMA Workbench, pandas and the coarse scale
def test_prim_names_its_box_in_words_and_pawn_needs_no_run():
    names = run_cells(FOLDER / "method_prim.ipynb", SCALE=1000, POINTS=8, DAYS=40)
    assert names["WORDS"] and all(" (drawn from " in line for line in names["WORDS"])
    assert len(names["PAWN"]) == len(names["UNCERTAIN"])
    assert {*HUMAN_COSTS} <= {*names["PEOPLE"].index}


@pytest.mark.filterwarnings("ignore")
def test_the_front_of_deaths_and_entries_meets_its_constraints_on_its_seed():
    names = run_cells(FOLDER / "method_pareto.ipynb", SCALE=1000, TRIALS=6, TESTS=1, DAYS=40)
    front, tested = names["FRONT"], names["TESTED"]
    assert 1 <= len(front) == len(tested) and {*HUMAN_COSTS} <= {*front} & {*tested}
    assert (front[names["STUDY"]["instruments"]].sum(axis=1) <= 300.0).all()
