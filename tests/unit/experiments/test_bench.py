"""Digests of scenarios for checks that results have not changed."""

from __future__ import annotations

from pathlib import Path

import pytest

from experiments.bench import DIGEST_SEED, BenchError, digests
from experiments.case import Case
from experiments.run import run_one
from experiments.scenarios import find


def test_digest_is_that_of_a_run_in_this_process(tmp_path: Path):
    path = tmp_path / "tiny.toml"
    path.write_text('extends = "classroom"\nscale = 1000\ndays = 20\nwarmup_days = 30\n')
    expected = run_one(Case(find(path), DIGEST_SEED)).digest
    assert digests([str(path)]) == {str(path): expected}


def test_failed_run_raises():
    with pytest.raises(BenchError, match="is not a known scenario"):
        digests(["nowhere"])
