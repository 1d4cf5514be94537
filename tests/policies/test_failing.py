"""Every instrument fails under the settings that it declares."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

import pytest

from abm.policies import registry
from abm.scenario import Scenario
from abm.scenario.policy_specs import PolicySpec
from experiments.studies.effects import Effect, effects

pytestmark = pytest.mark.slow  # about 30 CPU minutes

SEEDS = (1, 2, 3)  # minimum for a finding
FAILING = sorted(name for name, cls in registry().items() if cls.failing)
#: Instruments that do not fail under their design's condition, each with the reason.
MISSES: dict[str, str] = {}


def measured(name: str) -> Effect:
    """Return an instrument's effect over its horizon at scale 200."""
    scenario = Scenario(scale=200, days=1_095)
    found = effects(scenario, [PolicySpec(id=name)], equal=None, seeds=SEEDS, jobs=1)
    assert not found.failures
    return found.rows[0]


def with_misses(names: Iterable[str], misses: Mapping[str, str]) -> list[Any]:
    """Return test parameters; instruments in `misses` are expected to fail for the given reason."""
    return [
        pytest.param(name, marks=pytest.mark.xfail(reason=misses[name], strict=True))
        if name in misses
        else name
        for name in names
    ]


@pytest.mark.parametrize("name", with_misses(FAILING, MISSES))
def test_it_fails_under_its_conditions_of_failure(name: str) -> None:
    """The desired effect is below 2 %, or less than half of the effect without the conditions."""
    effect = measured(name)
    assert effect.fails, (effect.gain(effect.reference), effect.gain("failing"))
