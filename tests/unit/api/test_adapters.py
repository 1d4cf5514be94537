"""Adapters to other methods: figures of a comparison, bounds, seeds and missing packages."""

from __future__ import annotations

import inspect
import sqlite3
import sys
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import twoborders as tb
from abm.measures import HUMAN_COSTS
from experiments.sweeps.store import FILE
from twoborders import adapters
from twoborders.adapters import OptunaObjective, PolicyFunction, ema_model, salib_problem

pytestmark = pytest.mark.filterwarnings("ignore:only .* simulated migrants", "ignore:ipyparallel")
MEXICO, FENCE, WAGE = "southern_border_control", "fence", "policies.southern_border_control.wage"
SMALL: dict[str, Any] = {"scenario": "classroom", "scale": 1000, "days": 60, "warmup_days": 30}
DOLLARS = {MEXICO: 90e6, FENCE: 20e6}
POINT = {**DOLLARS, "mexican_response": 0.2, WAGE: 25_000.0}


def function(**given: Any) -> PolicyFunction:
    """Return a function of two instruments, a model parameter and a random price."""
    small = {**SMALL, "jobs": 1, "reps": 2, "budget": "100M", "limits": {"deaths": 0.0}} | given
    return PolicyFunction([MEXICO, FENCE], ["mexican_response", WAGE], ["got_aways"], **small)


def test_every_adapter_gives_the_changes_of_a_comparison():
    import ema_workbench as ema
    import optuna

    arm = [[f"{MEXICO}:90M:wage=25000", f"{FENCE}:20M"]]
    compared = tb.compare(arm, reps=2, settings={"mexico.response": 0.2}, jobs=1, **SMALL).frame()
    direct, one, row = compared.set_index("outcome")["difference"], function(), [*POINT.values()]
    expected = direct[[*one.outcomes]].to_numpy()
    assert one.outcomes == ("got_aways", *HUMAN_COSTS) and np.any(expected)
    assert one([[row]]) == pytest.approx(expected.reshape(1, 1, -1))
    assert one.constraints(row)[0] == pytest.approx(0.1)

    numbers = ema.Sample("x", mexican_response=0.2, policies_southern_border_control_wage=25e3)
    model = ema_model(one)
    _, results = ema.perform_experiments(model, [numbers], [ema.Sample("y", **DOLLARS)])
    assert [results[name][0] for name in one.outcomes] == pytest.approx(expected)
    assert {each.kind for each in model.outcomes} == {ema.ScalarOutcome.MINIMIZE}

    problem = salib_problem(one.at(**DOLLARS))
    assert problem["bounds"] == [[0.08, 0.5], [20_000.0, 40_000.0]]
    problem.set_samples(np.array([row[2:]])).evaluate(one.at(**DOLLARS))
    assert problem.results[0] == pytest.approx(expected)

    objective, trial = OptunaObjective(one, "got_aways", "deaths"), optuna.trial.FixedTrial(POINT)
    assert objective(trial) == pytest.approx(tuple(direct[["got_aways", "deaths"]]))
    assert trial.user_attrs.keys() == {*one.outcomes} and {*trial.constraints} == {
        "budget",
        "deaths",
    }


def test_the_same_seed_gives_the_same_digits_and_another_seed_others():
    first = function().changes(**POINT)
    adapters._levels.cache_clear()
    assert function().changes(**POINT) == first != function(seed=3).changes(**POINT)


def test_names_defaults_and_places_of_runs_are_those_of_the_studies(tmp_path: Path):
    of_run, own = (inspect.signature(x).parameters for x in (tb.run, PolicyFunction))
    same = of_run.keys() - {"policies"}
    assert same <= own.keys() and "folder" in same
    assert {own[name].default for name in same} == {of_run[name].default for name in same}
    other = inspect.signature(tb.curve).parameters.keys() | {"uncertain", "outcomes", "limits"}
    assert own.keys() <= other | {"budget"}
    with ThreadPoolExecutor(1) as threads:
        changes = function(folder=tmp_path, executor=threads).changes(**POINT)
    with closing(sqlite3.connect(tmp_path / FILE)) as store:  # two seeds in each of two scenarios
        assert store.execute("select count(*) from runs").fetchone() == (4,)
    adapters._levels.cache_clear()
    assert function(folder=tmp_path, jobs=1).changes(**POINT) == changes
    assert function(jobs=1).changes(**POINT) == changes


def test_an_executor_that_cannot_be_used_is_refused_before_a_run():
    for wrong in ("", "bogus", 7, "dask://nowhere"):
        with pytest.raises(tb.SettingError, match="executor: "):
            function(executor=wrong)


def test_a_value_outside_its_bounds_is_refused_by_name_before_a_run():
    for bad in ({FENCE: -1.0}, {FENCE: 101e6}, {"mexican_response": 0.6}, {WAGE: np.nan}):
        point = {**POINT, FENCE: 1e6, **bad}
        with pytest.raises(tb.SettingError, match=f"^{next(iter(bad))}: "):
            function()([*point.values()])


def test_an_invalid_argument_is_refused_before_a_run():
    with pytest.raises(tb.SettingError, match='limits: "deth" is not known. Did you mean "deat'):
        function(limits={"deth": 0.0})
    with pytest.raises(tb.SettingError, match="uncertain: a number is given twice"):
        PolicyFunction([FENCE], [WAGE, "policies.joint_operations.mx_wage"])
    with pytest.raises(tb.SettingError, match="instruments: a policy is given twice"):
        PolicyFunction([FENCE, FENCE])
    one = function().at(mexican_response=np.float32(0.08), **{WAGE: np.float32(4e4)})
    assert one.fixed == {"mexican_response": 0.08, WAGE: 4e4}


def test_without_its_package_an_adapter_says_how_to_install_it(monkeypatch: pytest.MonkeyPatch):
    adapt = {"ema_workbench": ema_model, "SALib": salib_problem, "optuna": OptunaObjective}
    for package, adapter in adapt.items():
        monkeypatch.setitem(sys.modules, package, None)
        with pytest.raises(tb.SettingError, match="adapters: it needs the package .* pip install"):
            adapter(function())
