"""Settings under which a policy fails or acts, and the pools of candidates of other years."""

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

#: Ratio of the apprehensions of Mexicans and of people of the Northern Triangle in a fiscal year to
#: FY2013, to which the pools are fitted (us/sw_monthly_by_citizenship.csv). Tests compute these
#: ratios from the file.
RATIOS: Mapping[int, tuple[float, float]] = MappingProxyType(
    {
        2011: (1.057, 0.285),  # the last year with 12 % of the people from the Northern Triangle
        2016: (0.719, 1.450),  # half of the people from the Northern Triangle, but no surge
    }
)
Specs = tuple["PolicySpec", ...]


def apply_overrides(
    scenario: Scenario, specs: Specs, settings: Mapping[str, Any]
) -> tuple[Scenario, Specs]:
    """Apply settings, such as the `failing` settings of a policy, to a scenario and to policies.

    Args:
        scenario: scenario, with the policies that it contains.
        specs: further policies.
        settings: values by dotted path. `policies.ID.NAME` sets a parameter of all policies with
            that id, `policies.ID.dose` sets their dose, and `policies.ID.effect` sets their effect.
            Every other path is a setting of the scenario.

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
    """Return specifications with the changes that are set for their ids."""
    return tuple(
        _changed(s, changes[policy_id(s)]) if policy_id(s) in changes else s for s in specs
    )


def policy_id(spec: PolicySpec) -> str:
    """Return the id of a policy, even if its specification names it as module:Class."""
    return policy_class(spec.id).id if ":" in spec.id else spec.id


def _changed(spec: PolicySpec, values: Mapping[str, Any]) -> PolicySpec:
    """Return a specification with new parameters, and with a new dose or effect if one is set."""
    numbers = {name: v for name, v in values.items() if name not in ("dose", "effect")}
    changed = spec.with_numbers(numbers)
    changed = dataclasses.replace(changed, effect=values.get("effect", changed.effect))
    if "dose" not in values:
        return changed
    return dataclasses.replace(changed, dose=values["dose"], dollars=None)


def pools_of(fiscal_year: int) -> dict[str, float]:
    """Return the settings for `migrants.pool` with the mix of groups in a fiscal year.

    Args:
        fiscal_year: a key in :data:`RATIOS`.

    Returns:
        Candidates per year by dotted path: the declared pools times the ratios of the year,
        rounded to thousands.
    """
    declared = params_of(CandidateParams)["pool"].value
    return {
        f"migrants.pool.{group}": float(round(pool * ratio, -3))
        for group, pool, ratio in zip(GROUPS, declared, RATIOS[fiscal_year], strict=True)
    }
