"""The settings under which a policy fails, laid over a scenario and the policies in force."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from agents.param import SettingError

if TYPE_CHECKING:
    from abm.scenario import Scenario
    from abm.scenario.policy_specs import PolicySpec

Uses = tuple["PolicySpec", ...]


def under(scenario: Scenario, uses: Uses, settings: Mapping[str, Any]) -> tuple[Scenario, Uses]:
    """A scenario and policies under other settings by dotted path, such as a policy's `failing`.

    `policies.ID.number` goes to the uses of that id, the scenario's own included; everything else
    is a setting of the scenario. Raises SettingError for an unknown setting or a bad value, and if
    no policy of the id is used. Whether a policy has the number is asked when it is made.
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
    _refuse_unused(own, {use.id for use in (*scenario.policies, *uses)})
    held = _told(scenario.policies, own)
    if held != scenario.policies:
        changes["policies"] = held
    return scenario.with_settings(changes), _told(uses, own)


def _told(uses: Uses, own: Mapping[str, Mapping[str, Any]]) -> Uses:
    """The same uses, with the numbers that are set for their ids."""
    return tuple(use.with_numbers(own[use.id]) if use.id in own else use for use in uses)


def _refuse_unused(own: Mapping[str, object], used: set[str]) -> None:
    """A number of a policy that nobody uses would be set to no effect."""
    for policy in own:
        if policy not in used:
            raise SettingError(f"policies.{policy}", "no such policy is in force", "Name it first.")
