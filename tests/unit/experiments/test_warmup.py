"""The order of submission of cases with common warm-ups, and warm-ups that processes share."""

from __future__ import annotations

import importlib
import os
import pickle
import sys
from collections.abc import Iterator
from functools import partial
from pathlib import Path
from typing import Any
from unittest.mock import patch

import pytest

from abm.model import BorderModel
from abm.scenario import Scenario
from abm.scenario.policy_specs import PolicySpec
from agents.jit import read_checked
from agents.ports import Port
from experiments.runs import warmup
from experiments.runs.case import Case
from experiments.scenarios import find
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
def test_every_case_is_submitted_once_and_seeds_take_turns_by_worker(workers: int):
    """One seed per worker takes turns until all arms of these seeds are submitted."""
    cases = [Case(arm, seed) for arm in ARMS for seed in range(7)]
    chosen = order(cases, workers)
    assert sorted(chosen) == list(range(len(cases)))
    seeds = [cases[index].seed for index in chosen]
    first = seeds[: 3 * workers]
    assert first == [k for _ in ARMS for k in range(min(workers, 7))][: len(first)]


def test_the_key_of_a_warmup_leaves_out_policies_and_texts_only():
    """Every other setting changes the key, even in its last digit or its sign."""
    keys = {arm.warmup_key for arm in ARMS}
    assert len(keys) == 1
    changes = ({"scale": 999}, {"contest.eta": 0.5000000000000001}, {"push.erosion": 0.0})
    for change in (*changes, {"record": "history"}, {"world": "x"}, {"aid.lapse": 3}, {"days": 4}):
        assert BASE.with_settings(change).warmup_key not in keys, change


# ---- states in files -----------------------------------------------------------------------------


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """Return the folder of warm-ups in a new cache; clear all states before and after."""
    monkeypatch.setenv("NUMBA_CACHE_DIR", str(tmp_path))
    warmup._folder.cache_clear()
    begin()
    yield tmp_path / "warmups"
    warmup.forget()
    warmup._folder.cache_clear()


def begin() -> None:
    """Forget the states in memory and share files, as a new process does."""
    warmup.forget()
    warmup.share()


def digest(scenario: Scenario, seed: int = 1) -> str:
    """Run a model from its first recorded day; return the digest of its ledger."""
    model = warmup.start_model(scenario, seed)
    model.run_for(scenario.days)
    return model.ledger.digest


def simulates(scenario: Scenario) -> bool:
    """Return whether a new process would simulate the warm-up; store nothing."""
    begin()
    with patch.object(warmup, "_store") as store:
        warmup.start_model(scenario, 1)
    return store.called


@pytest.mark.parametrize("engine", ["columns", "objects"])
@pytest.mark.parametrize("name", ["classroom", "cooperation", "history_2019"])
def test_a_run_from_a_file_equals_a_run_with_its_own_warmup(folder: Path, name: str, engine: str):
    small = {"scale": 1000, "days": 10, "warmup_days": 45, "engine": engine}
    scenario = find(name).with_settings(small)
    model = BorderModel(scenario, rng=1)
    model.run_for(scenario.days)
    digest(scenario.with_settings({"policies": ()}))
    assert not simulates(scenario)  # a new process reads the file
    assert digest(scenario) == model.ledger.digest


def test_a_damaged_file_is_never_unpickled_but_written_again(folder: Path):
    digests = [digest(BASE)]
    (path,) = folder.iterdir()
    content = path.read_bytes()
    flipped = bytearray(content)
    flipped[len(content) // 2] ^= 4
    with patch.object(pickle, "loads", pytest.fail):
        for damaged in (b"", content[: len(content) // 2], bytes(flipped), content + b"."):
            path.write_bytes(damaged)
            begin()
            digests.append(digest(BASE))
            assert path.read_bytes() == content
    assert len(set(digests)) == 1 and not simulates(BASE)


def test_a_file_of_another_version_is_not_used(folder: Path):
    digest(BASE)
    with patch("abm.source_hash.state_source", lambda: "older"):
        assert simulates(BASE)
    with patch("mesa.__version__", "older"):
        assert simulates(BASE)
    assert not simulates(BASE)


CLASS = """
from pathlib import Path
from agents.ports import Port

class Mine(Port):
    RATE = float(Path(__file__).with_name("rates.json").read_text())
"""


def test_a_run_with_own_classes_simulates_its_warm_up(folder: Path, tmp_path: Path):
    """A class may have changed since the last run, also within a process."""
    path = tmp_path / "mine.py"
    path.write_text(CLASS)
    (tmp_path / "rates.json").write_text("1.0")
    with patch.object(sys, "path", [str(tmp_path), *sys.path]):
        scenario = BASE.with_settings({"agent_classes": {"Port": "mine:Mine"}})
        for rate in (1.0, 2.0):
            mine = importlib.import_module("mine").Mine
            with patch.object(mine, "RATE", rate):
                ports = warmup.start_model(scenario, 1).agents_of(Port)
                assert {port.RATE for port in ports} == {rate}
    del sys.modules["mine"]
    assert not list(folder.glob("*"))


def test_the_least_recently_used_files_are_deleted(folder: Path, monkeypatch: pytest.MonkeyPatch):
    digest(BASE, 1)
    (first,) = folder.iterdir()
    monkeypatch.setattr(warmup, "MAX_FILE_BYTES", first.stat().st_size * 5 // 2)
    digest(BASE, 2)
    (second,) = set(folder.iterdir()) - {first}
    os.utime(first, (1, 1))
    os.utime(second, (2, 2))
    begin()
    digest(BASE, 1)  # reading updates the time of last use
    digest(BASE, 3)
    assert len(list(folder.iterdir())) == 2 and first.exists() and not second.exists()


def test_a_full_disk_leaves_no_part_of_a_file(folder: Path):
    with patch.object(Path, "replace", side_effect=OSError(28, "No space left on device")):
        expected = digest(BASE)
    assert list(folder.iterdir()) == []
    assert digest(BASE) == expected, "from memory"


@pytest.mark.slow
def test_two_workers_of_a_pool_write_and_read_at_once(folder: Path):
    """Each worker reads whole states even while the other worker deletes files to free space."""
    warmup.start_model(BASE, 1)
    ((key, state),) = warmup._states.items()
    (path,) = folder.iterdir()
    answers: list[bool] = []
    run = partial(write_and_read, key, state, path.stat().st_size * 5 // 2)
    work = Work(run, lambda _, answer: answers.append(answer), lambda *job: pytest.fail(str(job)))
    with open_backend("processes", 2) as backend:
        backend.run([seed for _ in range(4) for seed in range(6)], work)
    assert len(answers) == 24 and any(answers)
    assert all(read_checked(path) for path in folder.iterdir())


def write_and_read(key: warmup.Key, state: Any, size: int, seed: int) -> bool:
    """Write a state under another seed; return whether it can be read before it is deleted."""
    warmup.MAX_FILE_BYTES, key = size, (key[0], seed, *key[2:])
    warmup._write(key, state)
    read = warmup._read(key)
    assert read is None or read[0] == state[0]
    return read is not None
