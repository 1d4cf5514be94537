"""Without compilation, the model gives the results of the compiled code to the last byte.

`NUMBA_DISABLE_JIT=1` runs all kernels as plain Python functions, which a debugger can enter and
whose branches coverage can measure.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from abm.scenario import Scenario
from abm.world.routes import load_world
from agents.jit import kernel, uncompiled
from agents.migrants.columns import PERSON
from tests.laws.engine_cases import LIVELY, run

ROOT = Path(__file__).resolve().parents[2]
COMPILED = os.environ.get("NUMBA_DISABLE_JIT", "0") == "0"
POLICIES = (
    *("announcement:1:deadline_days=4", "remain_in_mexico", "expulsion"),
    *("transfers_south", "southern_border_control", "patrol_surge", "legal_pathways", "fence"),
    *("smart_infrastructure", "smuggler_prosecution", "dismantle_conveyor_belts"),
)
#: Settings in which events that are rare or late in other runs occur within a few weeks.
EVENTFUL: dict[str, Any] = LIVELY | {
    "scale": 1000,
    "warmup_days": 12,
    "days": 16,
    "supply_level": 3.0,
    "policies": POLICIES,
    "migrants.theory": "prospect",
    "migrants.wait_in_mexico_days": 2.0,
    "migrants.legal_quota": [900_000.0, 900_000.0],
    "migrants.kidnap_hazard": 0.05,
    "migrants.kidnap_days": 1.0,
    "consequences.stay_removal": [2.0, 2.0],
}
SCRIPT = """
import json, sys
from tests.laws.test_uncompiled import digest
print(digest(json.loads(sys.argv[1]), sys.argv[2]))
"""


def digest(settings: dict[str, Any], engine: str) -> str:
    """Return the digest of a run in this process."""
    return run(Scenario().with_settings(settings), load_world(), engine, 3).ledger.digest


def other_digest(settings: dict[str, Any], engine: str) -> str:
    """Return the digest of a run in a process that compiles if this process does not."""
    result = subprocess.run(
        [sys.executable, "-c", SCRIPT, json.dumps(settings), engine],
        env=os.environ | {"NUMBA_DISABLE_JIT": str(int(COMPILED)), "PYTHONPATH": str(ROOT)},
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert result.returncode == 0, result.stderr
    return result.stdout.strip()


@pytest.mark.slow
@pytest.mark.parametrize("engine", ["columns", "objects"])
def test_weeks_have_the_digest_of_a_compiled_run(engine: str) -> None:
    """The weeks contain rare events."""
    assert other_digest(EVENTFUL, engine) == digest(EVENTFUL, engine)


def earn(rows: Any, pay: int) -> float:
    """Pay the first person; return 0.1 plus the knowledge of all persons."""
    total = 0.1
    for i in range(rows.size):
        total += rows[i].knowledge
    rows[0].wealth += pay
    return total


def test_a_small_number_of_a_record_is_read_as_a_large_one() -> None:
    """A sum over 32-bit fields has 64 bits, as in compiled code, and a change reaches the row."""
    people = np.zeros(3, PERSON)
    people["knowledge"], people["wealth"] = 0.3, 2**31 - 8
    compiled, plain = people.copy(), people.copy()
    third = float(np.float32(0.3))
    assert uncompiled(earn)(plain, 7) == 0.1 + third + third + third
    assert kernel(earn)(compiled, 7) == 0.1 + third + third + third
    assert plain["wealth"].tolist() == [2**31 - 1, 2**31 - 8, 2**31 - 8]
    assert (plain == compiled).all()


def test_a_number_that_does_not_fit_its_field_is_an_error() -> None:
    """Compiled code would store the last bits without an error."""
    people = np.zeros(1, PERSON)
    with pytest.raises(OverflowError):
        uncompiled(earn)(people, 2**31)
    assert people["wealth"][0] == 0
