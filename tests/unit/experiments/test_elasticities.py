"""Elasticities: responses per unit of a change, a row for every cell, those outside first."""

import math
from collections.abc import Iterable
from typing import Any

import numpy as np
import pytest

from abm.measures.series import months
from abm.scenario import SettingError
from experiments.runs.case import Case, RunResult
from experiments.studies import elasticities as module
from experiments.studies.elasticities import CHANGES, REGIMES, plan, response
from experiments.validation.statistics import GROUPS
from tests.made_results import made_result


def test_no_change_has_no_response():
    assert math.isnan(response([0.1, 0.2], 0.0)["median"])
    assert response([0.0, 0.0], 0.4) == {"median": 0.0, "low90": 0.0, "high90": 0.0}
    assert response([0.1, 0.3], 0.4)["median"] == pytest.approx(0.5)


def test_wrong_names_and_settings_of_a_regime_are_refused():
    for regimes, changes, settings in (
        (["FY1999"], (), {}),
        ((), ["fees"], {}),
        ((), (), {"days": 9}),
    ):
        with pytest.raises(SettingError):
            plan(regimes, changes, 200, settings)


def test_every_change_keeps_the_regime():
    scenarios = plan((), (), 200, {})
    assert len(set(scenarios.values())) == len(scenarios) == len(REGIMES) * (1 + len(CHANGES))
    for (regime, _), scenario in scenarios.items():
        base = scenarios[regime, ""]
        assert set(base.policies) <= set(scenario.policies)
        assert (scenario.start, scenario.days) == (base.start, base.days)


def test_record_has_every_cell_and_those_outside_their_range_first(monkeypatch: pytest.MonkeyPatch):
    """Twice the persons in every changed run: a rise of ln 2, and release by a half."""

    def answer(case: Case) -> RunResult:
        scenario, base = case.scenario, case.scenario in bases
        names, _ = months(scenario.start, scenario.days)
        level = np.full(len(names), 1.0 if base else 2.0)
        series = {
            f"{n}{k}_{g}": level for n in module.RESPONSES for k in ("", "_adults") for g in GROUPS
        }
        for group in GROUPS:
            series[f"fees_{group}"], series[f"contracts_{group}"] = level * level, level
            series[f"released_us_adults_{group}"] = level * (0.0 if base else 0.5)
        series["apprehended_mexico"] = level
        chance = {"apprehension_probability": float(level[0])}
        span = {"start": scenario.start.isoformat(), "days": scenario.days, "months": names}
        return made_result(case, series=series, outcomes=chance, **span)

    def run_many(cases: Iterable[Case], **_: Any) -> list[RunResult]:
        return [answer(case) for case in cases]

    monkeypatch.setattr(module, "run_many", run_many)
    scenarios = plan((), (), 200, {})
    bases = [scenario for (_, change), scenario in scenarios.items() if not change]
    record, failures = module.elasticities(scenarios, [1, 2])
    rows = record["rows"]
    keys = {(row["regime"], row["change"], row["group"]) for row in rows}
    assert not failures and len(keys) == len(rows) == len(REGIMES) * len(CHANGES) * len(GROUPS)
    outside = [any(c["outside"] for c in row["responses"].values()) for row in rows]
    first = outside.index(False)
    assert {row["change"] for row in rows[:first]} == {"staff", "interceptions", "wages"}
    assert not any(outside[first:]) and first == 3 * len(REGIMES)
    medians = [(c["median"] * r["size"]) for r in rows for c in r["responses"].values()]
    assert medians == pytest.approx([math.log(2.0)] * len(medians))
