"""Packaged runs of the ready pairs: complete, equal to runs, refused when of another model."""

from __future__ import annotations

import dataclasses
import datetime
from functools import partial

import numpy as np
import pytest

from viz.screen.session import stored_pairs
from viz.screen.session.background import Background, RunSummary, summarise_run
from viz.screen.session.pairs import PAIRS, OwnTerms, Pair
from viz.screen.session.replicates import SEEDS, cases
from viz.screen.session.session import Session
from viz.screen.session.stored_pairs import stored_summaries

MOST_BYTES = 1_000_000  # of all files
every_pair = pytest.mark.parametrize("pair", PAIRS, ids=lambda pair: pair.id)


@every_pair
def test_every_seed_of_both_worlds_is_packaged(pair: Pair):
    for world in (0, 1):
        found = stored_summaries(pair.choice.scenario(world))
        assert list(found) == list(range(1, SEEDS + 1)), (
            "run python -m viz.screen.session.stored_pairs"
        )
        assert all(len(run.daily) == pair.days for run in found.values())


def test_a_packaged_run_equals_the_run():
    pair = min(PAIRS, key=lambda pair: pair.days)
    case = cases([pair.choice.scenario(1)], 1)[2]
    run = summarise_run(case)
    assert isinstance(run, RunSummary)
    stored = stored_summaries(pair.choice.scenario(1))[case.seed]
    equal = partial(np.testing.assert_allclose, rtol=1e-12)  # last digits differ by processor
    equal(stored.daily, run.daily)
    for name in ("outcomes", "rates", "sectors"):
        one, other = getattr(stored, name), getattr(run, name)
        assert list(one) == list(other)
        equal(list(one.values()), list(other.values()))


def test_other_worlds_and_another_model_have_no_packaged_runs(monkeypatch: pytest.MonkeyPatch):
    one = PAIRS[0].choice.scenario(0)
    assert stored_summaries(dataclasses.replace(one, name="renamed"))
    assert not stored_summaries(dataclasses.replace(one, days=one.days - 1))
    monkeypatch.setattr(stored_pairs, "model_source", lambda: "0123456789abcdef")
    stored_pairs._read.cache_clear()
    try:
        assert not stored_summaries(one)
        monkeypatch.setattr(stored_pairs, "FOLDER", stored_pairs.FOLDER / "nowhere")
        stored_pairs._read.cache_clear()
        assert not stored_summaries(one)
    finally:
        stored_pairs._read.cache_clear()


def test_packaged_files_are_small():
    assert sum(file.stat().st_size for file in stored_pairs.FOLDER.glob("*.json")) < MOST_BYTES


def test_the_first_pair_has_all_seeds_before_it_runs_and_also_if_it_is_typed():
    first = PAIRS[0]
    typed = OwnTerms(
        "cameras_and_sensors", "southern_border_control", 250e6, datetime.date(2014, 7, 1)
    )
    assert typed.pair().choice == first.choice
    background = Background()
    one = Session(background=background)
    try:
        one.set_choice(first.choice)
        assert len(one.replicates.value.seeds) == SEEDS and not one.replicates.value.waiting
        one.choose(seed=2)
        assert len(one.replicates.value.seeds) == SEEDS - 1
        one.choose(days=first.days - 1)
        assert not one.replicates.value.seeds
        assert background.is_idle
    finally:
        one.end()
