"""Scenarios: the tree of settings, its TOML form, and the specification of policies."""

from abm.scenario.definition import Scenario, load_scenario, parse_set
from abm.scenario.policy_specs import PolicyUse, parse_policy
from abm.scenario.tree import Row, SettingError, build, parameters

__all__ = [
    "PolicyUse",
    "Row",
    "Scenario",
    "SettingError",
    "build",
    "load_scenario",
    "parameters",
    "parse_policy",
    "parse_set",
]
