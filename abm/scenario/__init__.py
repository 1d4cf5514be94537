"""Scenarios: the tree of settings, its TOML form, and policy specifications."""

from abm.scenario.consequence_changes import ConsequenceChange
from abm.scenario.definition import Scenario, load_scenario, parse_set
from abm.scenario.policy_specs import PolicySpec, parse_policy
from abm.scenario.tree import Row, SettingError, declared_numbers, parameters

__all__ = [
    "ConsequenceChange",
    "PolicySpec",
    "Row",
    "Scenario",
    "SettingError",
    "declared_numbers",
    "load_scenario",
    "parameters",
    "parse_policy",
    "parse_set",
]
