"""Scores of mutants: which outcomes count, the text of the page, and the file of results."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.mutation import report, runner
from tests.mutation.__main__ import (
    SAMPLE,
    SEED,
    main,
    mutants_in,
    sample_of_all,
    unseen_mutants,
)
from tests.mutation.mutants import mutants_of, sample
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
    report.write_page("new", page=page)
    assert page.read_text() == "before\n<!-- mutants -->\nnew\n<!-- end of mutants -->\nafter\n"


def test_the_texts_of_both_kinds_of_sample_are_kept_apart(tmp_path: Path):
    page = tmp_path / "page.md"
    page.write_text(
        "<!-- unseen mutants -->\n<!-- end of unseen mutants -->\n"
        "<!-- mutants -->\n<!-- end of mutants -->\n"
    )
    expected = (
        "<!-- unseen mutants -->\nestimate\n<!-- end of unseen mutants -->\n"
        "<!-- mutants -->\ntable\n<!-- end of mutants -->\n"
    )
    for first in (False, True, False):
        report.write_page("estimate" if first else "table", unseen=first, page=page)
        report.write_page("table" if first else "estimate", unseen=not first, page=page)
        assert page.read_text() == expected


def test_the_page_has_a_place_for_each_kind_of_sample():
    text = report.RELIABILITY.read_text(encoding="utf-8")
    for name in ("mutants", "unseen mutants"):
        assert text.count(f"<!-- {name} -->") == text.count(f"<!-- end of {name} -->") == 1


@pytest.mark.parametrize(
    ("killed", "counted", "low", "high"),
    [(104, 111, 0.876, 0.969), (180, 196, 0.872, 0.949), (0, 10, 0.0, 0.278), (0, 0, 0.0, 1.0)],
)
def test_an_interval_is_that_of_wilson(killed: int, counted: int, low: float, high: float):
    assert report.wilson(killed, counted) == pytest.approx((low, high), abs=5e-4)


@given(st.integers(1, 300), st.floats(0.0, 1.0))
def test_an_interval_contains_its_share_and_solves_the_equation(counted: int, part: float):
    killed = round(part * counted)
    share, bounds = killed / counted, report.wilson(killed, counted)
    assert bounds[0] - 1e-12 <= share <= bounds[1] + 1e-12
    for bound in bounds:
        distance = 1.959964**2 * bound * (1.0 - bound) / counted
        assert (share - bound) ** 2 == pytest.approx(distance, rel=1e-6, abs=1e-12)


def test_the_section_of_an_unseen_sample_has_its_score_interval_and_survivors():
    text = report.unseen_section(OUTCOMES, 7, 2_500, 6_000, report.Exceptions({}, {}))
    assert "3 mutants were drawn with seed 7 from the 2,500 of 6,000 mutants" in text
    assert "1 of 2 were killed: 50.0 %, 95 % Wilson interval 9.5 to 90.5 %." in text
    assert "1 survived, and 1 more are equivalent" in text
    assert "`a < b` became `a >= b`" in text and "| two | 1 | 0 | 1 | 0 |" in text


def test_names_of_a_sample_are_added_once(tmp_path: Path):
    path = tmp_path / "seen.txt"
    path.write_text("# Names.\n")
    report.add_seen([B.key, A.key], "first", path)
    report.add_seen([A.key, C.key], "second", path)
    assert report.read_seen(path) == {A.key, B.key, C.key}
    assert path.read_text().count(A.key) == 1 and "# second" in path.read_text()


def test_no_mutant_of_an_earlier_sample_is_drawn_again():
    left = unseen_mutants(TARGETS)
    keys = {mutant.key for own in left.values() for mutant in own}
    assert not keys & report.read_seen()
    for name in TARGETS:
        earlier = sample(mutants_in(name), SAMPLE, SEED)
        assert not keys & {mutant.key for mutant in earlier}
        total = len(mutants_in(name))
        assert len(left[name]) >= min(total - 4 * SAMPLE, total / 2), "most are still unseen"


def test_every_mutant_of_all_targets_has_the_same_chance():
    large = mutants_of("a.py", "\n".join(f"x{k} = a == {k}" for k in range(60)))
    small = mutants_of("b.py", "\n".join(f"x{k} = a == {k}" for k in range(20)))
    drawn: Counter[str] = Counter()
    for seed in range(300):
        found = sample_of_all({"large": large, "small": small}, 16, seed)
        assert sum(map(len, found.values())) == 16
        drawn.update({name: len(own) for name, own in found.items()})
    share = len(small) / (len(large) + len(small))
    assert drawn["small"] / drawn.total() == pytest.approx(share, abs=0.02)


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


def test_the_command_lists_an_unseen_sample(capsys: pytest.CaptureFixture[str]):
    assert main(["--unseen", "40", "--seed", "3", "--list"]) == 0
    lines = capsys.readouterr().out.splitlines()
    keys = {line.partition(": ")[2] for line in lines}
    assert len(keys) == 40 and not keys & report.read_seen()
    assert len({line.partition(": ")[0] for line in lines}) > 5


def test_stored_results_are_not_run_again(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(runner.Workshop, "__init__", lambda self, folder: None)
    monkeypatch.setattr(runner.Workshop, "killed_by", lambda *_: pytest.fail("a mutant was run"))
    words, results = ["--modules", "contest", "--unseen", "5"], tmp_path / "results"
    (own,) = sample_of_all(unseen_mutants(["contest"]), 5, SEED).values()
    for mutant in own:
        report.add_result(results, Outcome("contest", mutant, "t"))
    assert main([*words, "--results", str(results)]) == 0
    assert "5 mutants were drawn" in capsys.readouterr().out


def test_kernels_of_people_are_mutated_without_compilation():
    assert not TARGETS["people"].compiled and TARGETS["contest"].compiled
