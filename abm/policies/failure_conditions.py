"""Apply the settings under which a policy fails or acts to a scenario and its policies."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from agents.param import SettingError

if TYPE_CHECKING:
    from abm.scenario import Scenario
    from abm.scenario.policy_specs import PolicySpec

Specs = tuple["PolicySpec", ...]


def apply_overrides(
    scenario: Scenario, specs: Specs, settings: Mapping[str, Any]
) -> tuple[Scenario, Specs]:
    """Apply settings such as a policy's `failing` to a scenario and to policies.

    Args:
        scenario: scenario, with the policies that it contains.
        specs: further policies.
        settings: values by dotted path. `policies.ID.NAME` sets a parameter of all policies with
            that id, `policies.ID.dose` their dose and `policies.ID.effect` their effect; every
            other path is a setting of the scenario.

    Returns:
        The changed scenario and the changed policies.

    Raises:
        SettingError: a setting is unknown, a value is invalid, or no policy has the id. Names of
            policy parameters are checked when the policy is made.
    """
    own: dict[str, dict[str, Any]] = {}
    changes: dict[str, Any] = {}
    for path, value in settings.items():
        group, _, rest = path.partition(".")
        policy, _, number = rest.partition(".")
        if group == "policies" and number:
            own.setdefault(policy, {})[number] = value
        else:
            changes[path] = value
    _refuse_unused(own, {spec.id for spec in (*scenario.policies, *specs)})
    held = _override(scenario.policies, own)
    if held != scenario.policies:
        changes["policies"] = held
    return scenario.with_settings(changes), _override(specs, own)


def _override(specs: Specs, own: Mapping[str, Mapping[str, Any]]) -> Specs:
    """Return the specifications with the dose and the parameters that are set for their ids."""
    return tuple(_changed(s, own[s.id]) if s.id in own else s for s in specs)


def _changed(spec: PolicySpec, values: Mapping[str, Any]) -> PolicySpec:
    """Return a specification with other parameters, and another dose or effect if one is set."""
    numbers = {name: v for name, v in values.items() if name not in ("dose", "effect")}
    changed = spec.with_numbers(numbers)
    changed = dataclasses.replace(changed, effect=values.get("effect", changed.effect))
    if "dose" not in values:
        return changed
    return dataclasses.replace(changed, dose=values["dose"], dollars=None)


def _refuse_unused(own: Mapping[str, object], used: set[str]) -> None:
    """Raise SettingError for a parameter of a policy that is not in force."""
    for policy in own:
        if policy not in used:
            raise SettingError(f"policies.{policy}", "no such policy is in force", "Add it first.")
