"""Lists of cases whose results are stored: order, failures, and runs that are not repeated."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from experiments.runs import run
from experiments.runs.case import Case, Failure, RunResult
from experiments.runs.many_runs import run_many
from experiments.scenarios import find

BASE = find("classroom")
CASES = tuple(Case(BASE, seed) for seed in (3, 1, 2))
Ran = list[int]


@pytest.fixture
def ran(monkeypatch: pytest.MonkeyPatch, made_up: Callable[..., RunResult]) -> Ran:
    """Replace runs by artificial runs, of which seed 2 fails; return the list of seeds run."""
    seeds: Ran = []

    def artificial(case: Case) -> RunResult:
        seeds.append(case.seed)
        if case.seed == 2:
            raise RuntimeError("made to fail")
        return replace(made_up(days=60), case=case.digest, seed=case.seed)

    monkeypatch.setattr(run, "run_one", artificial)
    return seeds


def seeds_of(answers: list[RunResult | Failure]) -> list[tuple[bool, int]]:
    """Return whether each answer is a result, and its seed."""
    return [(isinstance(answer, RunResult), answer.seed) for answer in answers]


@pytest.mark.parametrize("reported", [True, False])
def test_stored_results_are_not_run_again_and_are_reported(
    ran: Ran, tmp_path: Path, reported: bool
):
    """Results have the order of the cases. A second call runs the failed case alone."""
    first = run_many(CASES, executor="serial", folder=tmp_path)
    assert seeds_of(first) == [(True, 3), (True, 1), (False, 2)] and ran == [3, 1, 2]
    ran.clear()
    answers: list[RunResult | Failure | None] = []
    report = answers.append if reported else None
    second = run_many(CASES, executor="serial", folder=tmp_path, on_result=report)
    assert ran == [2] and seeds_of(second) == seeds_of(first)
    assert [type(answer) for answer in answers] == [type(None), type(None), Failure] * reported


def test_a_folder_holds_the_runs_of_all_lists_and_repeats_none(ran: Ran, tmp_path: Path):
    lists = [CASES[:2], CASES[1::-1], (*CASES[:2], Case(BASE.with_settings({"days": 9}), 4))]
    for cases in (*lists, *lists):
        answers = run_many(cases, executor="serial", folder=tmp_path)
        assert [answer.seed for answer in answers] == [case.seed for case in cases]
    assert ran == [3, 1, 4]
