"""Both engines give the same history in short runs, which also end soon without compilation.

With `NUMBA_DISABLE_JIT=1` a change of a kernel needs no compilation.
"""

from __future__ import annotations

from typing import Any

import pytest

from abm.scenario import Scenario
from abm.world.routes import load_world
from tests.laws.engine_cases import differences, run
from tests.laws.test_two_engines import LIVELY
from tests.laws.test_uncompiled import LAWFUL

#: Expulsions, transfers, deadlines, waits in Mexico and the legal channel within ten weeks.
CHANGING: dict[str, Any] = LIVELY | {
    "scale": 1000,
    "warmup_days": 30,
    "days": 40,
    "supply_level": 3.0,
    "migrants.wait_in_mexico_days": 3.0,
    "migrants.pace_solo": 1.0,
    "migrants.pace_guided": 1.0,
    "migrants.wait_days_solo": 1.0,
    "migrants.wait_days_guided": 1.0,
}


@pytest.mark.parametrize("settings", [LAWFUL, CHANGING], ids=["lawful", "changing"])
def test_short_histories_are_equal(settings: dict[str, Any]) -> None:
    """To the last byte, with the theory of expected utility and with changes of policy."""
    scenario = Scenario().with_settings(settings)
    columns, objects = (run(scenario, load_world(), name, 3) for name in ("columns", "objects"))
    assert columns.migrants.count > 100
    assert differences(columns, objects) == []
