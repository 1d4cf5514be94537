"""Settings under which a policy fails or acts, and candidate pools in other years."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

from abm.policies.registry import policy_class
from agents.labels import GROUPS
from agents.migrants.candidate_params import CandidateParams
from agents.param import SettingError, params_of

if TYPE_CHECKING:
    from abm.scenario import Scenario
    from abm.scenario.policy_specs import PolicySpec

#: Apprehensions in a fiscal year as a ratio to FY2013, for Mexicans and for Northern Triangle
#: nationals (us/sw_monthly_by_citizenship.csv). The pools are fitted to FY2013. Tests compute these
#: ratios from the file.
RATIOS: Mapping[int, tuple[float, float]] = MappingProxyType(
    {
        2011: (1.057, 0.285),  # last year with 12 % from the Northern Triangle
        2016: (0.719, 1.450),  # half from the Northern Triangle, without a surge
    }
)
Specs = tuple["PolicySpec", ...]


def apply_overrides(
    scenario: Scenario, specs: Specs, settings: Mapping[str, Any]
) -> tuple[Scenario, Specs]:
    """Apply settings, such as a policy's `failing` settings, to a scenario and to policies.

    Args:
        scenario: scenario with its policies.
        specs: further policies.
        settings: values by dotted path. `policies.ID.NAME` sets a parameter of all policies with
            that id, `policies.ID.dose` sets their dose, and `policies.ID.effect` their effect.
            Every other path is a scenario setting.

    Returns:
        The changed scenario and the changed policies.

    Raises:
        SettingError: a setting is unknown, a value is invalid, or no policy has the id. Names of
            policy parameters are checked only when the policy is created.
    """
    by_policy: dict[str, dict[str, Any]] = {}
    changes: dict[str, Any] = {}
    for path, value in settings.items():
        group, _, rest = path.partition(".")
        policy, _, number = rest.partition(".")
        if group == "policies" and number:
            by_policy.setdefault(policy, {})[number] = value
        else:
            changes[path] = value
    for policy in by_policy.keys() - {policy_id(spec) for spec in (*scenario.policies, *specs)}:
        raise SettingError(f"policies.{policy}", "no such policy is in force", "Add it first.")
    changed = _override(scenario.policies, by_policy)
    if changed != scenario.policies:
        changes["policies"] = changed
    return scenario.with_settings(changes), _override(specs, by_policy)


def _override(specs: Specs, changes: Mapping[str, Mapping[str, Any]]) -> Specs:
    """Return specifications after the changes that apply to their ids."""
    return tuple(
        _changed(s, changes[policy_id(s)]) if policy_id(s) in changes else s for s in specs
    )


def policy_id(spec: PolicySpec) -> str:
    """Return a policy's id, even if its specification names the policy as module:Class."""
    return policy_class(spec.id).id if ":" in spec.id else spec.id


def _changed(spec: PolicySpec, values: Mapping[str, Any]) -> PolicySpec:
    """Return a specification with new parameters and, if given, a new dose or effect."""
    numbers = {name: v for name, v in values.items() if name not in ("dose", "effect")}
    changed = spec.with_numbers(numbers)
    changed = dataclasses.replace(changed, effect=values.get("effect", changed.effect))
    if "dose" not in values:
        return changed
    return dataclasses.replace(changed, dose=values["dose"], dollars=None)


def pools_of(fiscal_year: int) -> dict[str, float]:
    """Return settings for `migrants.pool` with a fiscal year's mix of groups.

    Args:
        fiscal_year: a key in :data:`RATIOS`.

    Returns:
        Candidates per year by dotted path: the declared pools times the year's ratios, rounded to
        thousands.
    """
    declared = params_of(CandidateParams)["pool"].value
    return {
        f"migrants.pool.{group}": float(round(pool * ratio, -3))
        for group, pool, ratio in zip(GROUPS, declared, RATIOS[fiscal_year], strict=True)
    }
