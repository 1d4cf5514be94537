"""Test the lesson notebooks: format, cells that run in order, and the arms of their lesson."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from viz.screen.lessons.lesson import lessons

FOLDER = Path(__file__).resolve().parents[2] / "docs" / "notebooks"
PAGES = sorted(FOLDER.glob("*.ipynb"))
LETTERS = "ABCDEF"
by_page = pytest.mark.parametrize("page", PAGES, ids=lambda page: page.stem)


def cells(page: Path, kind: str) -> list[str]:
    """Return the source of all cells of a type."""
    notebook = json.loads(page.read_text(encoding="utf-8"))
    return ["".join(cell["source"]) for cell in notebook["cells"] if cell["cell_type"] == kind]


def run_cells(page: Path) -> dict[str, Any]:
    """Run all code cells at a coarse scale with one seed and return the namespace."""
    first, *rest = cells(page, "code")
    names: dict[str, Any] = {"__name__": "notebook"}
    exec(first, names)
    assert {"SCALE", "SEEDS", "JOBS"} <= names.keys()
    names |= {"SCALE": 500, "SEEDS": range(1, 2), "JOBS": 1}
    for source in rest:
        exec(source, names)
    return names


def test_every_lesson_has_a_notebook():
    assert [page.stem for page in PAGES] == [f"{x.order}_{x.id}" for x in lessons().values()]


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


@pytest.mark.parametrize(  # page 2 has the fewest arms and days
    "page", [pytest.param(p, marks=() if p == PAGES[2] else pytest.mark.slow) for p in PAGES]
)
def test_a_notebook_runs_the_arms_of_its_lesson(page: Path, capsys):
    names = run_cells(page)
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
