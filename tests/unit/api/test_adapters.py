"""Adapters of other methods: figures of a comparison, bounds, seeds, and packages that lack."""

from __future__ import annotations

import sys
from typing import Any

import numpy as np
import pytest

import twoborders as tb
from abm.measures import HUMAN_COSTS
from twoborders.adapters import OptunaObjective, PolicyFunction, ema_model, salib_problem

pytestmark = [
    pytest.mark.filterwarnings("ignore:only .* simulated migrants set out"),
    pytest.mark.filterwarnings("ignore:ipyparallel not installed"),
]
MEXICO, FENCE, WAGE = "southern_border_control", "fence", "policies.southern_border_control.wage"
SMALL: dict[str, Any] = {"scenario": "classroom", "scale": 1000, "days": 60, "warmup_days": 30}
POINT = {MEXICO: 90e6, FENCE: 20e6, "mexican_response": 0.2, WAGE: 25_000.0}


def function(**given: Any) -> PolicyFunction:
    """Return a function of two instruments, a prior and a drawn price."""
    small = {**SMALL, "reps": 2, "budget": "100M", "limits": {"deaths": 0.0}} | given
    return PolicyFunction([MEXICO, FENCE], ["mexican_response", WAGE], ["got_aways"], **small)


def test_every_adapter_gives_the_changes_of_a_comparison():
    import ema_workbench as ema
    import optuna

    arm = [[f"{MEXICO}:90M:wage=25000", f"{FENCE}:20M"]]
    compared = tb.compare(arm, reps=2, settings={"mexico.response": 0.2}, jobs=1, **SMALL).frame()
    frame = compared.set_index("outcome")
    direct, one = frame["difference"], function()
    expected = direct[[*one.outcomes]].to_numpy()
    assert one.outcomes == ("got_aways", *HUMAN_COSTS) and np.any(expected)
    row = [POINT[name] for name in one.inputs]
    assert one([[row]]) == pytest.approx(expected.reshape(1, 1, -1))
    assert function()(row) == pytest.approx(one(row), rel=0.0, abs=0.0)
    levels = tb.run(reps=2, settings={"mexico.response": 0.2}, jobs=1, **SMALL).frame()
    level = levels.query("measure == 'deaths'")["value"].mean()
    assert one.constraints(row) == pytest.approx([0.1, direct["deaths"] / level])

    uncertain = ema.Sample("x", mexican_response=0.2, policies_southern_border_control_wage=25e3)
    levers = ema.Sample("y", **{MEXICO: 90e6, FENCE: 20e6})
    model = ema_model(one)
    _, results = ema.perform_experiments(model, [uncertain], [levers])
    assert [results[name][0] for name in one.outcomes] == pytest.approx(expected)
    assert {each.kind for each in model.outcomes} == {ema.ScalarOutcome.MINIMIZE}

    problem = salib_problem(one.at(**{MEXICO: 90e6, FENCE: 20e6}))
    assert problem["bounds"] == [[0.08, 0.5], [20_000.0, 40_000.0]]
    problem.set_samples(np.array([[0.2, 25_000.0]])).evaluate(one.at(**{MEXICO: 90e6, FENCE: 20e6}))
    assert problem.results[0] == pytest.approx(expected)

    objective = OptunaObjective(one, "got_aways", "deaths")
    trial = optuna.trial.FixedTrial(POINT)
    assert objective(trial) == pytest.approx(tuple(direct[["got_aways", "deaths"]]))
    assert trial.user_attrs.keys() == {*one.outcomes} and trial.constraints["budget"] > 0.0
    assert objective.directions == ["minimize", "minimize"]


@pytest.mark.parametrize(
    ("name", "value"), [(FENCE, -1.0), (FENCE, 101e6), ("mexican_response", 0.6), (WAGE, np.nan)]
)
def test_a_value_outside_its_bounds_is_refused_by_name_before_a_run(name: str, value: float):
    with pytest.raises(tb.SettingError, match=f"^{name}: "):
        function().changes(**{name: value})
    with pytest.raises(tb.SettingError, match=f"^{name}: "):
        function()([{**POINT, FENCE: 1e6, name: value}[each] for each in function().inputs])


@pytest.mark.parametrize(
    ("given", "error"),
    [
        ({"budget": "5"}, "budget: "),
        ({"limits": {"deth": 0.0}}, 'outcomes: "deth" is not known. Did you mean "deaths"'),
        ({"scal": 50}, "scal: unknown keyword"),
    ],
)
def test_an_invalid_argument_is_refused_before_a_run(given: dict[str, Any], error: str):
    with pytest.raises(tb.SettingError, match=error):
        function(**given)
    with pytest.raises(tb.SettingError, match="instruments: status_quo costs nothing"):
        PolicyFunction(["status_quo"])
    with pytest.raises(tb.SettingError, match="uncertain: a number is given twice"):
        PolicyFunction([], [WAGE, "policies.joint_operations.mx_wage"])


@pytest.mark.parametrize(
    ("package", "adapter"),
    [("ema_workbench", ema_model), ("SALib", salib_problem), ("optuna", OptunaObjective)],
)
def test_without_its_package_an_adapter_says_how_to_install_it(
    package: str, adapter: Any, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setitem(sys.modules, package, None)
    with pytest.raises(tb.SettingError, match="adapters: requires the package .* pip install"):
        adapter(function())
