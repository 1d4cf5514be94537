"""Plan of the runs of an instrument: pairs of a baseline and an arm, under several conditions.

Both scenarios of a pair differ in the policy alone. The conditions are

- ``given``: the given scenario at the full programme (dose 1, or the dose that the user gave);
- ``equal``: the given scenario at a number of dollars per year, the same for all instruments;
- ``acting``: plausible settings under which an instrument acts that is inert by default
  (``Policy.acting``);
- ``failing``: the settings under which it should fail (``Policy.failing``), on top of ``acting``.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from abm.policies import failure_conditions, policies_of
from experiments.comparison.compare import with_policies
from experiments.runs.case import YEAR

if TYPE_CHECKING:
    from abm.policies import Policy
    from abm.scenario import Scenario
    from abm.scenario.policy_specs import PolicySpec

#: Conditions in the order of the output.
CONDITIONS = ("given", "equal", "acting", "failing")
#: Dollars per year at which instruments are compared at equal cost.
EQUAL_DOLLARS = 100e6


@dataclass(frozen=True)
class ScenarioPair:
    """A baseline and an arm, which differ in the policy alone.

    Attributes:
        base, arm: the scenarios.
        spec, policy: the policy of the arm, as written and as made.
        settings: settings by dotted path that the condition adds to the given scenario.
    """

    base: Scenario
    arm: Scenario
    spec: PolicySpec
    policy: Policy
    settings: Mapping[str, Any]


@dataclass(frozen=True, eq=False)
class PlannedEffect:
    """All pairs of one instrument under one set of parameters.

    Attributes:
        policy: the policy at the dose of the condition ``given``.
        days: length of the runs.
        pairs: pair by condition; conditions that do not apply are missing.
    """

    policy: Policy
    days: int
    pairs: Mapping[str, ScenarioPair]

    @property
    def spec(self) -> PolicySpec:
        """The policy and its dose in the condition ``given``."""
        return self.pairs["given"].spec

    @property
    def scenarios(self) -> list[Scenario]:
        """All scenarios that must be run."""
        return [scenario for pair in self.pairs.values() for scenario in (pair.base, pair.arm)]


def plan(
    scenario: Scenario,
    specs: Sequence[PolicySpec],
    *,
    horizon: bool = True,
    equal: float | None = EQUAL_DOLLARS,
) -> list[PlannedEffect]:
    """Plan the runs of every policy.

    Args:
        scenario: the given scenario.
        specs: the policies.
        horizon: whether a policy that takes effect over more years than the scenario lasts is run
            for that long, with its baseline.
        equal: $ per year of the condition ``equal``; None leaves it out.

    Returns:
        The pairs of every policy.

    Raises:
        SettingError: a policy is invalid.
    """
    return [_planned(scenario, spec, horizon, equal) for spec in specs]


def distinct_scenarios(planned: Sequence[PlannedEffect]) -> list[Scenario]:
    """Return every scenario once, the longest first, so that no long run starts last."""
    found = {scenario.digest: scenario for row in planned for scenario in row.scenarios}
    return sorted(found.values(), key=lambda scenario: -scenario.days)


def _planned(
    scenario: Scenario, spec: PolicySpec, horizon: bool, equal: float | None
) -> PlannedEffect:
    """Create all pairs of a policy."""
    from abm.scenario.policy_specs import parse_policy

    (policy,) = policies_of(scenario, [spec])
    accompanying = tuple(parse_policy(text) for text in policy.requires)
    days = max(scenario.days, policy.years * YEAR) if horizon else scenario.days
    base = with_policies(scenario.with_settings({"days": days}), accompanying)
    pairs = {"given": _pair(base, spec, {})}
    if equal is not None and policy.dollars_at_one > 0.0:
        pairs["equal"] = _pair(base, at_dollars(policy, spec, equal), {})
    if policy.acting:
        pairs["acting"] = _pair(base, spec, policy.acting)
    if policy.failing:
        pairs["failing"] = _pair(base, spec, {**policy.acting, **policy.failing})
    return PlannedEffect(policy, days, pairs)


def at_dollars(policy: Policy, spec: PolicySpec, dollars: float) -> PolicySpec:
    """Return a policy at dollars per year, as far as the bounds of its dose allow.

    Args:
        policy: the policy; its cost at dose 1 is above 0.
        spec: its specification.
        dollars: $ per year.

    Returns:
        The specification with these dollars, or with the dose that is nearest to them.
    """
    dose = dollars / policy.dollars_at_one
    if policy.low <= dose <= policy.high:
        return replace(spec, dose=None, dollars=dollars)
    return replace(spec, dose=policy.low if dose < policy.low else policy.high, dollars=None)


def _pair(scenario: Scenario, spec: PolicySpec, settings: Mapping[str, Any]) -> ScenarioPair:
    """Create a pair under settings; parameters of the policy do not apply to the baseline."""
    own = f"policies.{spec.id}."
    shared = {path: value for path, value in settings.items() if not path.startswith(own)}
    base, _ = failure_conditions.apply_overrides(scenario, (), shared)
    arm, specs = failure_conditions.apply_overrides(scenario, (spec,), settings)
    (policy,) = policies_of(arm, specs)
    return ScenarioPair(base, with_policies(arm, specs), specs[0], policy, dict(settings))
