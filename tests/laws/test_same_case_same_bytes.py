"""A scenario and a seed give the same bytes in every process and with every step size."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

import abm
from abm.model import BorderModel

POLICIES = "rural_gendarmerie:2 fence southern_border_control intelligence_sharing"
SCRIPT = f"""
from abm.model import BorderModel
from abm.scenario import parse_policy
from abm.scenario import Scenario
uses = tuple(parse_policy(text) for text in "{POLICIES}".split())
model = BorderModel(Scenario(scale=200, warmup_days=30, days=45, policies=uses), rng=5)
model.run_for(45)
print(model.ledger.digest)
"""


@pytest.fixture(scope="module")
def here(play: Callable[..., BorderModel]) -> str:
    """Return the digest of the script's case in this process."""
    return play(POLICIES, seed=5).ledger.digest


def test_another_process_gives_the_same_bytes(here: str) -> None:
    """Independent of the number of numba and BLAS threads and of the order of sets."""
    counts = ("NUMBA_NUM_THREADS", "OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS")
    env = os.environ | dict.fromkeys(counts, "2") | {"PYTHONHASHSEED": "2"}
    root = Path(abm.__file__).parent.parent
    done = subprocess.run(
        [sys.executable, "-c", SCRIPT],
        env=env,
        cwd=root,
        capture_output=True,
        text=True,
        check=False,
        timeout=240,
    )
    assert done.returncode == 0, done.stderr
    assert done.stdout.strip() == here


def test_twice_in_one_process_gives_the_same_bytes(play: Callable, here: str) -> None:
    """A model leaves no state for another one and uses no global random numbers."""
    import random

    import numpy as np

    random.seed(99)
    np.random.seed(99)  # the global generator must have no effect
    play("no_cooperation", seed=8, days=20)
    assert play(POLICIES, seed=5).ledger.digest == here


def test_steps_of_any_length_give_the_same_bytes(build: Callable, here: str) -> None:
    """Day by day, in weeks or by `step`: results depend on the calendar only."""
    model = build(POLICIES, seed=5)
    for days in (1, 1, 5, 30, 3, 5):
        model.run_for(days)
    assert model.ledger.digest == here


def test_reading_results_changes_nothing(build: Callable, here: str) -> None:
    """Reading views of migrants, counts, measures and the ledger between days has no effect."""
    from abm import measures
    from agents.migrants.agent_set import Migrant

    model = build(POLICIES, seed=5)
    for _ in range(45):
        model.run_for(1)
        people = model.agents_by_type[Migrant]
        people.select(status=1).sort("wealth").get("wealth")
        people.shuffle()
        model.agents.shuffle()
        measures.rates(model.ledger)
        model.ledger.persons()
    assert model.ledger.digest == here


def test_other_seeds_give_other_bytes(play: Callable) -> None:
    """Every seed gives other draws, also the largest and seeds with equal low words."""
    seeds = (0, 1, 5, 6, 5 + 2**32, 2**63 - 1)
    digests = {play(seed=seed, warmup_days=9, days=9).ledger.digest for seed in seeds}
    assert len(digests) == len(seeds)
