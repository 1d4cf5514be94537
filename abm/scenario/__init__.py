"""Scenarios: the tree of settings, its TOML form, and the specification of policies."""

from abm.scenario.consequence_changes import ConsequenceChange
from abm.scenario.definition import Scenario, load_scenario, parse_set
from abm.scenario.policy_specs import PolicySpec, parse_policy
from abm.scenario.tree import Row, SettingError, build, declared_numbers, parameters

#: Name of :class:`PolicySpec` in version 0.1.
PolicyUse = PolicySpec

__all__ = [
    "ConsequenceChange",
    "PolicySpec",
    "PolicyUse",
    "Row",
    "Scenario",
    "SettingError",
    "build",
    "declared_numbers",
    "load_scenario",
    "parameters",
    "parse_policy",
    "parse_set",
]
