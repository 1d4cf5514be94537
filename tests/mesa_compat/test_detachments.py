"""Detachments of the Border Patrol are agents that walk along the line."""

from __future__ import annotations

from collections.abc import Callable
from itertools import pairwise

import pytest

from abm.model import BorderModel
from agents.agency_params import BorderPatrolParams
from agents.border_patrol import Detachment


@pytest.fixture(scope="module")
def walked(build: Callable[..., BorderModel]) -> tuple[BorderModel, list[dict[int, tuple]]]:
    """Run sixty days; record total staff and each detachment's place every evening."""
    model = build(days=60, scale=1000, border_patrol=BorderPatrolParams(gain=0.2))
    days = []
    for _ in range(60):
        model.run_for(1)
        moving = list(model.agents_of(Detachment))
        total = model.patrol.staff().sum() + sum(unit.officers for unit in moving)
        assert total == pytest.approx(model.patrol.base.sum(), rel=1e-12)
        for unit in moving:
            assert unit in unit.cell.non_migrants and unit.cell.coordinate == unit.place
            assert unit.officers > 0.0 and unit.place != unit.target
        days.append({unit.unique_id: (unit.place, unit.target) for unit in moving})
    return model, days


def test_detachments_pass_neighbouring_crossings_until_they_arrive(walked: tuple) -> None:
    """From one evening to the next, a unit approaches its target or stays at the same crossing."""
    model, days = walked
    west_to_east = sorted(model.world.crossings.tolist(), key=lambda place: model.world.lon[place])
    position = {place: k for k, place in enumerate(west_to_east)}
    passed = set()
    for evening, later in pairwise(days):
        for unit, (place, target) in evening.items():
            assert later.get(unit, (target, target))[1] == target
            now = later.get(unit, (target, target))[0]
            before, after = (abs(position[p] - position[target]) for p in (place, now))
            assert after <= before
            if now not in (place, target):
                passed.add(now)
    assert passed  # Some units spend a night at a crossing on their way.
    assert len({unit for evening in days for unit in evening}) > len(days[-1])


def test_preparation_delays_detachments(build: Callable[..., BorderModel]) -> None:
    """With a longer preparation, the first detachments arrive later."""
    first = []
    for days in (0.0, 10.0):
        params = BorderPatrolParams(transfer_days=days)
        model = build(scale=1000, days=40, border_patrol=params)
        arrived: set[int] = set()
        while not arrived - (now := {unit.unique_id for unit in model.agents_of(Detachment)}):
            arrived |= now
            model.run_for(1)
        first.append(model.time)
    assert first[1] >= first[0] + 9
