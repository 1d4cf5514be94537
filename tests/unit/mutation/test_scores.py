"""Scores of mutants: which outcomes count, the text of the page, and the file of results."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.mutation import report, runner
from tests.mutation.__main__ import main, mutants_in
from tests.mutation.mutants import mutants_of
from tests.mutation.report import Outcome
from tests.mutation.targets import TARGETS

A, B, C, D = mutants_of("a.py", "x = a < b\ny = c < d")
OUTCOMES = [Outcome("one", A, "t"), Outcome("one", B, ""), Outcome("two", C, None)]


def test_equivalent_mutants_have_no_score():
    found = report.score(OUTCOMES)
    assert (found.mutants, found.killed, found.equivalent, found.survived) == (3, 1, 1, 1)
    assert found.share == 0.5 and report.score([]).share == 1.0


def test_the_section_has_a_row_for_each_module_and_a_line_for_each_survivor():
    reasons = report.Exceptions({}, {B.key: "No reader can notice it."})
    text = report.section(OUTCOMES, 7, reasons)
    assert "| one | 2 | 1 | 0 | 1 | 50.0 % |" in text and "| all | 3 | 1 | 1 | 1 | 50.0 % |" in text
    assert "`a < b` became `a >= b`. No reader can notice it." in text and "seed 7" in text
    assert "a test is missing" in report.section(OUTCOMES, 7, report.Exceptions({}, {}))


def test_only_the_text_between_the_markers_is_replaced(tmp_path: Path):
    page = tmp_path / "page.md"
    page.write_text("before\n<!-- mutants -->\nold\n<!-- end of mutants -->\nafter\n")
    report.write_page("new", page)
    assert page.read_text() == "before\n<!-- mutants -->\nnew\n<!-- end of mutants -->\nafter\n"


def test_results_are_stored_and_read_again(tmp_path: Path):
    path = tmp_path / "results"
    assert report.read_results(path) == {} == report.read_results(None)
    report.add_result(path, OUTCOMES[0])
    report.add_result(path, OUTCOMES[1])
    assert report.read_results(path) == {A.key: "t", B.key: ""}


def test_exceptions_name_mutants_that_exist():
    exceptions = report.read_exceptions()
    known = {mutant.key for name in TARGETS for mutant in mutants_in(name)}
    assert set(exceptions.equivalent) | set(exceptions.survivors) <= known
    assert all(exceptions.equivalent.values()) and all(exceptions.survivors.values())
    assert not set(exceptions.equivalent) & set(exceptions.survivors)


@pytest.mark.parametrize("name", TARGETS)
def test_the_files_of_a_target_exist(name: str):
    target = TARGETS[name]
    for file in (*target.files, *target.tests, *target.slower):
        assert (runner.ROOT / file).is_file(), file


@pytest.mark.parametrize(
    ("output", "code", "failed"),
    [
        ("2 passed", 0, ""),
        ("F\nFAILED tests/a.py::test_b - assert 1 == 2\n1 failed", 1, "tests/a.py::test_b"),
        ("ERROR tests/a.py - ImportError", 2, "tests/a.py"),
        ("", -11, "pytest ended with code -11"),
    ],
)
def test_the_first_failed_test_is_found(output: str, code: int, failed: str):
    assert runner.first_failure(output, code) == failed


def test_the_command_lists_its_mutants(capsys: pytest.CaptureFixture[str]):
    assert main(["--modules", "contest", "--sample", "3", "--list"]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert len(lines) == 3 and all(
        line.startswith("contest: agents/contest.py::") for line in lines
    )
