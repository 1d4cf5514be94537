"""Verified effort is compared with the same season of the base year."""

from __future__ import annotations

import numpy as np
import pytest

from abm.model import BorderModel
from abm.scenario import Scenario

SEASON = 100.0 + 50.0 * np.sin(np.arange(12))  # interceptions by calendar month


@pytest.fixture(scope="module")
def model() -> BorderModel:
    return BorderModel(Scenario(scale=1000, warmup_days=14, days=30), rng=1)


@pytest.mark.parametrize(("month", "months"), [(1, range(6, 12)), (7, range(6))])
def test_effort_is_compared_with_the_same_months_of_the_base(
    model: BorderModel, month: int, months: range
) -> None:
    cycle = model.government_cycle
    cycle._base_intercepted = SEASON.copy()
    cycle._base[1] = SEASON.mean()
    cycle.intercepted = [0.0] * 6 + [1.3 * SEASON[k] for k in months]
    assert cycle._effort(month) == pytest.approx(1.3)
    cycle._base_intercepted[months[2]] = np.nan  # the mean replaces a month without a base
    mean = SEASON[list(months)].sum() - SEASON[months[2]] + SEASON.mean()
    assert cycle._effort(month) == pytest.approx(sum(cycle.intercepted) / mean)
