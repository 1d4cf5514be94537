"""Coverage of packages: what counts, what the page says, and which tests are measured."""

from __future__ import annotations

import tomllib
from pathlib import Path
from typing import Any

import pytest

from tests.coverage import __main__ as command
from tests.coverage import report, runner
from tests.coverage.parts import PARTS, Part
from tests.coverage.report import Counts

FULL, LOW = Counts(10, 10, 4, 4), Counts(8, 5, 2, 1)
COUNTS = {"abm/a.py": FULL, "agents/b.py": FULL, "agents/c/d.py": LOW, "experiments/e.py": FULL}


def summary(statements: int, run: int, branches: int, taken: int) -> dict[str, Any]:
    """Return the entry of a file in the JSON report of coverage.py."""
    numbers = {"num_statements": statements, "covered_lines": run}
    return {"summary": numbers | {"num_branches": branches, "covered_branches": taken}}


def test_statements_and_branches_count_the_same():
    assert LOW.share == 0.6 and FULL.share == 1.0 == Counts().share
    assert Counts(18, 15, 6, 5) == FULL + LOW


def test_files_of_other_packages_do_not_count():
    files = {"viz/x.py": summary(9, 0, 0, 0), "agents/b.py": summary(10, 10, 4, 4)}
    assert report.read_counts({"files": files}) == {"agents/b.py": FULL}


def test_every_package_needs_the_share_not_all_files_together():
    assert not report.is_enough(COUNTS)
    many = COUNTS | {"abm/f.py": Counts(9_000, 9_000, 900, 900)}
    assert report.by_package(many)["all"].share > report.REQUIRED
    assert not report.is_enough(many)
    assert report.is_enough(COUNTS | {"agents/c/d.py": Counts(100, 95, 20, 19)})


def test_a_share_is_rounded_down():
    assert report.percent(Counts(10_000, 9_999).share) == "99.9 %"
    assert report.percent(Counts(10_000, 9_499).share) == "94.9 %"
    assert report.percent(FULL.share) == "100.0 %"


def test_branches_alone_need_the_share_too():
    assert not report.is_enough({"abm/a.py": Counts(10_000, 10_000, 100, 94)})
    assert report.is_enough({"abm/a.py": Counts(10_000, 10_000, 100, 95)})
    assert Counts(10, 10).branch_share == 1.0


def test_the_section_has_a_row_for_each_package_and_the_reason_of_each_low_file():
    text = report.section(COUNTS, {"agents/c/d.py": "Nothing calls it on this platform."})
    assert "| agents | 18 | 15 | 6 | 5 | 83.3 % | 83.3 % |" in text
    assert "| all | 38 | 35 | 14 | 13 | 92.8 % | 92.3 % |" in text
    assert "- `agents/c/d.py`: 60.0 %, 4 missing. Nothing calls it on this platform." in text
    assert "No reason is listed" in report.section(COUNTS, {})
    assert "No file is below 95 %." in report.section({"abm/a.py": FULL}, {})


def test_only_the_text_between_the_markers_is_replaced(tmp_path: Path):
    page = tmp_path / "page.md"
    page.write_text("before\n<!-- coverage -->\nold\n<!-- end of coverage -->\nafter\n")
    report.write_page("new", page)
    assert page.read_text() == "before\n<!-- coverage -->\nnew\n<!-- end of coverage -->\nafter\n"


def test_the_page_has_the_markers_and_names_the_command():
    page = report.RELIABILITY.read_text(encoding="utf-8")
    assert page.count(report._BEGIN) == 1 == page.count(report._END)
    assert "python -m tests.coverage --write" in page


def test_reasons_are_those_of_files_that_exist():
    reasons = report.read_reasons()
    assert all((runner.ROOT / path).is_file() for path in reasons) and all(reasons.values())


@pytest.mark.parametrize("part", PARTS, ids=lambda part: part.name)
def test_the_tests_of_a_part_exist(part: Part):
    for test in (*part.tests, *part.without):
        path, _, name = test.partition("::")
        assert (runner.ROOT / path).exists(), test
        assert f"def {name}(" in (runner.ROOT / path).read_text(encoding="utf-8") if name else True


def test_no_comment_excludes_a_line_from_the_measurement():
    project = tomllib.loads((runner.ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    settings = project["tool"]["coverage"]
    assert settings["run"]["branch"] and "omit" not in settings["run"] | settings["report"]
    assert len(settings["report"]["exclude_lines"]) == 2  # types and protocols
    for package in report.PACKAGES:
        for path in (runner.ROOT / package).rglob("*.py"):
            assert "no cover" not in path.read_text(encoding="utf-8"), path


def test_tests_that_fail_have_no_coverage(tmp_path: Path):
    absent = Part("absent", True, ("tests/unit/coverage/no_such_file.py",))
    with pytest.raises(runner.TestsFailedError, match="part absent fail"):
        runner.measure(absent, tmp_path)
    assert not (tmp_path / "absent.done").exists()


def test_a_part_with_data_is_not_run_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    (tmp_path / f"{PARTS[0].name}.done").touch()
    monkeypatch.setattr(runner.subprocess, "run", pytest.fail)
    runner.measure(PARTS[0], tmp_path)


def test_the_exit_code_depends_on_the_share(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
):
    files = {path: summary(*numbers) for path, numbers in {"abm/a.py": (9, 9, 2, 2)}.items()}
    monkeypatch.setattr(command, "measure_all", lambda *_: {"files": files})
    assert command.main(["--data", str(tmp_path)]) == 0
    assert "| abm | 9 | 9 | 2 | 2 | 100.0 % | 100.0 % |" in capsys.readouterr().out
    files["agents/b.py"] = summary(9, 5, 2, 1)
    assert command.main(["--data", str(tmp_path)]) == 1


def test_a_failed_test_is_printed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
):
    def fails(*_: Any) -> None:
        raise runner.TestsFailedError("the tests of the part plain fail")

    monkeypatch.setattr(command, "measure_all", fails)
    assert command.main(["--data", str(tmp_path)]) == 1
    assert "part plain" in capsys.readouterr().err
