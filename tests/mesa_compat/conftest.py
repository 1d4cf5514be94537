"""A small model, built as a user of Mesa builds it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from abm.model import BorderModel
from abm.scenario import Scenario
from abm.scenario.policy_specs import parse_policy
from abm.world.routes import World


@pytest.fixture(scope="session")
def build(world: World) -> Callable[..., BorderModel]:
    """Return a function that builds a 30-day model, which has not begun its first recorded day."""

    def made(*policies: str, rng: int = 3, **settings: Any) -> BorderModel:
        settings = {"scale": 500, "warmup_days": 60, "days": 30} | settings
        uses = tuple(parse_policy(text) for text in policies)
        return BorderModel(Scenario(policies=uses, **settings), rng=rng, world=world)

    return made
