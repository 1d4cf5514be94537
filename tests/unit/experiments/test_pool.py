"""Worker processes: if one dies, the others continue and only its own job is suspected."""

from __future__ import annotations

from multiprocessing import get_context
from typing import Any

import pytest

from experiments.pool import _Marks
from experiments.scenarios import find

TINY = find("classroom").with_settings({"scale": 1000, "days": 30, "warmup_days": 40})


def marks(at: dict[int, int]) -> Any:
    """Create marks: the number of the current job by process, 0 between jobs."""
    created = _Marks(get_context("spawn"), len(at))
    created.pids[:], created.jobs[:] = list(at), list(at.values())
    return created


@pytest.mark.parametrize(
    ("exit_codes", "blamed"),
    [
        ({10: -9, 11: -15}, {1}),  # killed at job 1; the pool ended the other worker
        ({10: -15, 11: 1}, {2}),
        ({10: -9, 11: -9}, {1, 2}),
        ({10: -9, 11: None}, {1}),  # the other worker still runs
        ({12: -9, 11: -15}, {1, 3, 4}),  # between jobs: any job that no other worker ran
        ({10: -15, 11: -15}, {1, 2, 3, 4}),  # unknown
    ],
)
def test_only_the_current_job_of_a_dead_worker_is_blamed(
    exit_codes: dict[int | None, int | None], blamed: set[int]
):
    assert marks({10: 1, 11: 2, 12: 0}).blamed(exit_codes, {1, 2, 3, 4}) == blamed
