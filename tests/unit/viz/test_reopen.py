"""Compare opens a cell of a sweep with the same runs or lists what it cannot reproduce."""

from __future__ import annotations

from typing import Any

import pytest

from abm.scenario import Scenario, SettingError
from experiments.scenarios import find
from experiments.sweeps.design import Design, Grid
from viz.screen.panels.sweep_cell import ReopenedChoice, reopen

CLASS = find("classroom")


def opened(scenario: Scenario, a: dict[str, Any], b: dict[str, Any]) -> ReopenedChoice:
    return reopen(scenario.to_toml(), a, b, 5)


def test_the_screen_runs_the_same_scenarios_as_the_sweep():
    base = CLASS.with_settings({"days": 120, "migrants.credit": 1500.0})
    values = {"policy.fence": [0.0, 0.25], "migrants.retry_removed": [0.1234567890123]}
    design = Design(name="x", sample=Grid(values), scenario=base, reps=1)
    choice, omissions = opened(base, design.inputs(0), design.inputs(1))
    assert omissions == () and choice.seed == 5
    for world in (0, 1):
        played = design.scenario_at(world)
        ours = choice.scenario(world).with_settings({"name": played.name, "doc": played.doc})
        assert ours.digest == played.digest


def test_a_policy_of_the_scenario_keeps_its_dates_and_numbers():
    base = CLASS.with_settings({"policies": [{"id": "fence", "dose": 1.0, "from": "2013-01-01"}]})
    choice, omissions = opened(base, {"policy.fence": 0.0}, {"policy.fence": 2.0})
    assert choice.a == () and "2013-01-01" in choice.b[0] and not omissions


def test_settings_that_the_screen_cannot_reproduce_are_listed():
    base = CLASS.with_settings(
        {"scale": 1, "days": 5000, "start": "2014-07-01", "supply_level": 2.0}
    )
    choice, omissions = opened(base, {}, {"policy.fence": 1.0})
    text = " ".join(omissions)
    assert all(name in text for name in ("scale 1 ", "days 5000", "2014-07-01", "supply_level"))
    choice.scenario(1)


def test_a_parameter_in_which_the_worlds_differ_is_listed_for_the_world_that_loses_it():
    path = "migrants.retry_removed"
    choice, omissions = opened(CLASS, {path: 0.1}, {path: 0.3, "policy.fence": 1.0})
    assert omissions == (f"A: {path} 0.1 → 0.3",)
    assert dict(choice.numbers)[path] == "0.3"


def test_a_scenario_of_another_version_is_refused():
    with pytest.raises(SettingError):
        reopen("no_such_setting = 1\n", {}, {}, 1)
