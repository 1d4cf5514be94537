"""Elasticities: responses per unit of a change, with a row per cell and cells outside first."""

import math
from collections.abc import Collection
from typing import Any

import pytest

from abm.scenario import SettingError
from experiments.runs.case import Case, RunResult
from experiments.studies import elasticities as module
from experiments.studies.elasticities import CHANGES, REGIMES, elasticities, plan, response
from tests.made_results import made_result


def test_no_change_has_no_response():
    assert math.isnan(response([0.1, 0.2], 0.0)["median"])
    assert response([0.0, 0.0], 0.4) == {"median": 0.0, "low90": 0.0, "high90": 0.0}
    assert response([0.1, 0.3], 0.4)["median"] == pytest.approx(0.5)


def test_settings_that_a_regime_fixes_are_refused():
    with pytest.raises(SettingError, match="regimes fix it"):
        plan((), (), 200, {"days": 9})


def test_every_change_keeps_the_policies_of_its_regime():
    scenarios = plan((), (), 200, {})
    assert len(set(scenarios.values())) == len(scenarios) == len(REGIMES) * (1 + len(CHANGES))
    for (regime, _), scenario in scenarios.items():
        assert set(scenarios[regime, ""].policies) <= set(scenario.policies)


def test_record_has_every_cell_and_cells_outside_first(monkeypatch: pytest.MonkeyPatch):
    """All levels double in every changed run, which is a rise of ln 2."""
    scenarios = plan((), (), 200, {})
    bases = [scenario for (_, change), scenario in scenarios.items() if not change]

    def run_many(cases: Collection[Case], **_: Any) -> list[RunResult]:
        levels = [1.0 if case.scenario in bases else 2.0 for case in cases]
        return [made_result(outcomes={"apprehension_probability": level}) for level in levels]

    def total(run: RunResult, name: str, _window: Any) -> float:
        level = run.outcomes["apprehension_probability"]
        return level**2 if name.startswith(("fees", "released")) else level

    monkeypatch.setattr(module, "run_many", run_many)
    monkeypatch.setattr(module, "total", total)
    rows = elasticities(scenarios, [1, 2])[0]["rows"]
    keys = {(row["regime"], row["change"], row["group"]) for row in rows}
    assert len(keys) == len(rows) == len(REGIMES) * len(CHANGES) * 2
    outside = [any(c["outside"] for c in row["responses"].values()) for row in rows]
    assert outside == [True] * 4 * len(REGIMES) + [False] * (len(rows) - 4 * len(REGIMES))
    rises = [cell["median"] * row["size"] for row in rows for cell in row["responses"].values()]
    assert rises == pytest.approx([math.log(2.0)] * len(rises))
