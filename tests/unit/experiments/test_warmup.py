"""Order in which cases with common warm-ups are submitted, and warm-ups that workers share."""

from __future__ import annotations

import os
import signal
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from abm.model import BorderModel
from abm.scenario import Scenario
from abm.scenario.policy_specs import PolicySpec
from experiments.runs import warmup
from experiments.runs.case import Case
from experiments.sweeps.backend import Work, take_turns
from experiments.sweeps.executors import open_backend

BASE = Scenario(scale=1000, days=3, warmup_days=30)
ARMS = [BASE] + [
    BASE.with_settings({"policies": (PolicySpec(id=name),), "name": name})
    for name in ("fence", "patrol_surge")
]


def order(cases: list[Case], workers: int) -> list[int]:
    """Return the indices of the cases in the order of submission."""
    items = list(enumerate(cases))
    return [index for index, _ in take_turns(items, lambda item: item[1].warmup_key, workers)]


@pytest.mark.parametrize("workers", [1, 2, 3, 8])
def test_every_case_is_submitted_once_and_those_of_a_seed_take_turns_by_worker(workers: int):
    """As many seeds as there are workers take turns until all arms of these seeds are submitted."""
    cases = [Case(arm, seed) for arm in ARMS for seed in range(7)]
    chosen = order(cases, workers)
    assert sorted(chosen) == list(range(len(cases)))
    seeds = [cases[index].seed for index in chosen]
    first = seeds[: 3 * workers]
    assert first == [k for _ in ARMS for k in range(min(workers, 7))][: len(first)]


def test_the_key_of_a_warmup_leaves_out_policies_and_texts_only():
    """Every other setting changes the key, also in its last digit and its sign."""
    keys = {arm.warmup_key for arm in ARMS}
    assert len(keys) == 1
    changes = ({"scale": 999}, {"contest.eta": 0.5000000000000001}, {"push.erosion": 0.0})
    for change in (*changes, {"record": "history"}, {"world": "x"}, {"aid.lapse": 3}):
        assert BASE.with_settings(change).warmup_key not in keys, change


# ---- states shared by the workers of a pool ------------------------------------------------------


@pytest.fixture
def folder(tmp_path: Path) -> Iterator[Path]:
    """A folder of shared states; both stores are empty before and after."""
    warmup.forget()
    warmup.share(tmp_path)
    yield tmp_path
    warmup.share(None)
    warmup.forget()


def digest(scenario: Scenario, seed: int = 1) -> str:
    """Run a model from its first recorded day; return the digest of its ledger."""
    model = warmup.start_model(scenario, seed)
    model.run_for(scenario.days)
    return model.ledger.digest


def no_warmup(*args: Any, **keywords: Any) -> None:
    """Stand in for the constructor of the model where no warm-up may be simulated."""
    raise AssertionError("a warm-up was simulated")


def test_another_process_starts_from_the_shared_state_with_the_same_results(
    folder: Path, monkeypatch: pytest.MonkeyPatch
):
    """A process without states in memory neither simulates the warm-up nor changes a byte."""
    fence = BASE.with_settings({"policies": (PolicySpec(id="fence"),)})
    first = digest(BASE), digest(fence)
    warmup.forget()
    monkeypatch.setattr(BorderModel, "__init__", no_warmup)
    assert (digest(BASE), digest(fence)) == first
    for path in folder.iterdir():
        path.unlink()
    assert digest(BASE) == first[0], "it is in memory now"
    warmup.forget()
    with pytest.raises(AssertionError, match="simulated"):
        digest(BASE)


def test_the_folder_keeps_the_last_states_that_fit(folder: Path, monkeypatch: pytest.MonkeyPatch):
    """An older state is deleted, and no unfinished file stays."""
    digest(BASE)
    (one,) = folder.iterdir()
    monkeypatch.setattr(warmup, "MAX_BYTES", one.stat().st_size * 3 // 2)
    digest(BASE, 2)
    (other,) = folder.iterdir()
    assert other.name != one.name


@pytest.mark.slow
def test_a_new_worker_of_a_pool_finds_the_warmups_of_a_killed_one():
    """The folder belongs to the pool, which deletes it when it is closed."""
    found: list[tuple[int, bool, Path]] = []
    work = Work(look, lambda job, answer: found.append(answer), raise_error)
    with open_backend("processes", 1) as backend:
        backend.run([1], work)
        os.kill(found[0][0], signal.SIGKILL)
        backend.run([1], work)
        backend.run([2], work)
        assert found[0][2].is_dir()
    assert [stored for _, stored, _ in found] == [False, True, False]
    assert found[0][0] != found[1][0] and not found[0][2].exists()


def look(seed: int) -> tuple[int, bool, Path]:
    """Store a state if there is none; return process, whether there was one, and the folder."""
    key, folder = ("settings", seed, "packaged"), warmup._folder
    assert folder is not None
    stored = warmup._shared(key) is not None
    if not stored:
        state: Any = SimpleNamespace(nbytes=1)
        warmup._write(warmup._file(folder, key), (state, state))
    return os.getpid(), stored, folder


def raise_error(job: int, error: BaseException) -> Any:
    """Raise the error of a job."""
    raise error
