"""Lists of cases whose results are stored: order, failures, and runs that are not repeated."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from experiments.runs import run
from experiments.runs.case import Case, Failure, RunResult
from experiments.scenarios import find
from experiments.sweeps.stored_cases import CaseList, run_stored

BASE = find("classroom")
CASES = tuple(Case(BASE, seed) for seed in (3, 1, 2))
Ran = list[int]


@pytest.fixture
def ran(monkeypatch: pytest.MonkeyPatch, made_up: Callable[..., RunResult]) -> Ran:
    """Replace runs by artificial ones; return the list of seeds that are run. Seed 2 fails."""
    seeds: Ran = []

    def one(case: Case) -> RunResult:
        seeds.append(case.seed)
        if case.seed == 2:
            raise RuntimeError("made to fail")
        return replace(made_up(days=60), case=case.digest, seed=case.seed)

    monkeypatch.setattr(run, "run_one", one)
    return seeds


def seeds_of(answers: list[RunResult | Failure]) -> list[tuple[bool, int]]:
    """Return whether each answer is a result, and its seed."""
    return [(isinstance(answer, RunResult), answer.seed) for answer in answers]


def test_results_and_failures_are_in_the_order_of_the_cases(ran: Ran, tmp_path: Path):
    answers = run_stored(CASES, tmp_path, "serial")
    assert seeds_of(answers) == [(True, 3), (True, 1), (False, 2)]
    assert isinstance(answers[2], Failure) and answers[2].text == "made to fail"
    assert ran == [3, 1, 2]


@pytest.mark.parametrize("reported", [True, False])
def test_stored_results_are_not_run_again_and_are_reported(
    ran: Ran, tmp_path: Path, reported: bool
):
    """Of three cases one fails, so that a second call runs this one only."""
    first = run_stored(CASES, tmp_path, "serial")
    ran.clear()
    answers: list[RunResult | Failure | None] = []
    again = run_stored(CASES, tmp_path, "serial", on_result=answers.append if reported else None)
    assert ran == [2] and seeds_of(again) == seeds_of(first)
    assert [type(answer) for answer in answers] == [type(None), type(None), Failure] * reported


def test_no_cases_give_no_results_and_no_folder(ran: Ran, tmp_path: Path):
    assert run_stored((), tmp_path / "stored") == []
    assert not (tmp_path / "stored").exists() and ran == []


def test_lists_that_differ_in_a_case_or_in_order_have_a_folder_each(ran: Ran, tmp_path: Path):
    lists = [CASES, CASES[:2], CASES[::-1], (*CASES[:2], Case(BASE.with_settings({"days": 9}), 2))]
    digests = {CaseList(cases).digest for cases in lists}
    assert len(digests) == 4 and CaseList(tuple(CASES)).digest in digests
    for cases in lists:
        assert [answer.seed for answer in run_stored(cases, tmp_path, "serial")] == [
            case.seed for case in cases
        ]
    assert {path.name for path in tmp_path.iterdir()} == {digest[:16] for digest in digests}
