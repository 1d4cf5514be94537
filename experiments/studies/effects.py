"""Every instrument's effects over paired runs, at full programme and at equal dollars.

Each policy is compared with a baseline that differs only in the policy, under these conditions:

- ``given``: the given scenario at the full programme (dose 1, or the dose that the user gave);
- ``equal``: the given scenario with the same dollars per year for all instruments;
- ``acting``: plausible settings under which an instrument acts although it is inert by default
  (``Policy.acting``);
- ``failing``: the settings under which it should fail (``Policy.failing``), on top of ``acting``.

Equal baselines are run once. Effects are judged in percent of their baseline, because the settings
also change the baseline. An effect below ``pairs.LEAST`` of the baseline is inert, regardless of
its interval width.
"""

from __future__ import annotations

import math
import statistics
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, Unpack

from abm.measures.outcomes import OUTCOMES
from abm.policies import failure_conditions, policies_of, registry
from abm.scenario.policy_specs import PolicySpec, parse_policy
from experiments.calibration.ensemble import seed_offset
from experiments.rows.records import record
from experiments.rows.runs import failure_row, scenario_keys
from experiments.runs.case import YEAR, Case, Failure, RunResult
from experiments.runs.many_runs import RunOptions, run_many
from experiments.runs.pairs import LEAST, REPS, Difference, Key, by_key, difference
from experiments.runs.study_inputs import with_policies

if TYPE_CHECKING:
    from abm.policies import Policy
    from abm.scenario import Scenario

#: Default number of persons per simulated migrant. The output states that it is coarse.
SCALE = 100
#: Outcomes reported for every instrument. The judging outcome is added, or ``SPARE`` if the judging
#: outcome is listed here.
SHOWN = ("got_aways", "unlawful_entries", "deaths", "extorted", "returned_unscreened")
SPARE = "kidnapped"
#: Desired signs for outcomes that are neither good nor bad in themselves.
_DESIRED = {
    "drugs_seized": 1,
    "smuggler_revenue": -1,
    "departures_mexican": -1,
    "departures_northern_triangle": -1,
    "depth_index": 1,
    "apprehension_probability": 1,
}
#: The loss of cooperation is expected to raise got-aways.
_EXPECTED = {"no_cooperation": 1}
#: Conditions in the order of the output.
CONDITIONS = ("given", "equal", "acting", "failing")
#: Dollars per year at which instruments are compared at equal cost.
EQUAL_DOLLARS = 100e6

_FIGURES = ("baseline", "difference", "low90", "high90")

#: Results by digest of the scenario, then by member and seed.
type Runs = Mapping[str, Mapping[Key, RunResult]]


# ---- plan ---------------------------------------------------------------------------------------


@dataclass(frozen=True)
class ScenarioPair:
    """A baseline and an arm that differ only in the policy.

    Attributes:
        base, arm: the scenarios.
        spec, policy: the arm's policy, as a specification and as an object.
        settings: settings by dotted path that the condition adds to the given scenario.
    """

    base: Scenario
    arm: Scenario
    spec: PolicySpec
    policy: Policy
    settings: Mapping[str, Any]

    @property
    def dollars(self) -> float:
        """Planned $ per year while in force over all payers, without accompanying policies."""
        return sum(self.policy.dollars().values())


@dataclass(frozen=True, eq=False)
class PlannedEffect:
    """All pairs for one instrument with one parameter set.

    Attributes:
        policy: the policy at the dose in the condition ``given``.
        days: run length.
        pairs: pair by condition. Conditions that do not apply are missing.
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
    """Plan every policy's runs.

    Args:
        scenario: the given scenario.
        specs: policies to compare with the baseline.
        horizon: whether to extend the run, and its baseline, for a policy that needs more years to
            take effect than the scenario lasts.
        equal: $ per year in the condition ``equal``. None omits this condition.

    Returns:
        The pairs for every policy.

    Raises:
        SettingError: a policy is invalid.
    """
    planned = []
    for spec in specs:
        (policy,) = policies_of(scenario, [spec])
        accompanying = tuple(parse_policy(text) for text in policy.requires)
        days = max(scenario.days, policy.years * YEAR) if horizon else scenario.days
        base = with_policies(scenario.with_settings({"days": days}), accompanying)
        pairs = {"given": _pair(base, spec, {})}
        if equal is not None and policy.full_dollars > 0.0:
            pairs["equal"] = _pair(base, at_dollars(policy, spec, equal), {})
        if policy.acting:
            pairs["acting"] = _pair(base, spec, policy.acting)
        if policy.failing:
            pairs["failing"] = _pair(base, spec, {**policy.acting, **policy.failing})
        planned.append(PlannedEffect(policy, days, pairs))
    return planned


def distinct_scenarios(planned: Sequence[PlannedEffect]) -> list[Scenario]:
    """Return every scenario once, the longest first.

    Workers then do not wait at the end for a long run that started late.
    """
    scenarios = {scenario.digest: scenario for row in planned for scenario in row.scenarios}
    return sorted(scenarios.values(), key=lambda scenario: -scenario.days)


def at_dollars(policy: Policy, spec: PolicySpec, dollars: float) -> PolicySpec:
    """Return a policy at the dose that costs the given dollars, as far as dose bounds allow.

    Args:
        policy: the policy. Its cost at dose 1 is above 0.
        spec: its specification.
        dollars: $ per year.

    Returns:
        The specification with the dose that costs these dollars, or with the nearest allowed dose.
    """
    dose = dollars / policy.full_dollars
    if policy.low <= dose <= policy.high:
        return replace(spec, dose=None, dollars=dollars)
    return replace(spec, dose=policy.low if dose < policy.low else policy.high, dollars=None)


def _pair(scenario: Scenario, spec: PolicySpec, settings: Mapping[str, Any]) -> ScenarioPair:
    """Create a pair under some settings. Policy parameters apply to the added policy only."""
    prefix = f"policies.{failure_conditions.policy_id(spec)}."
    of_policy = {path: value for path, value in settings.items() if path.startswith(prefix)}
    shared = {path: value for path, value in settings.items() if path not in of_policy}
    base, _ = failure_conditions.apply_overrides(scenario, (), shared)
    _, specs = failure_conditions.apply_overrides(base, (spec,), of_policy)
    (policy,) = policies_of(base, specs)
    return ScenarioPair(base, with_policies(base, specs), specs[0], policy, dict(settings))


# ---- effects ------------------------------------------------------------------------------------


@dataclass(frozen=True, eq=False)
class Effect:
    """One instrument's paired differences under all conditions.

    Attributes:
        planned: the pairs with the first parameter set.
        conditions: differences by condition in ``CONDITIONS`` and by outcome. A condition without
            any pair of results is missing.
    """

    planned: PlannedEffect
    conditions: dict[str, dict[str, Difference]]

    @property
    def policy(self) -> Policy:
        """The policy at the dose in the condition ``given``."""
        return self.planned.policy

    @property
    def outcomes(self) -> dict[str, Difference]:
        """Differences by outcome in the given scenario."""
        return self.conditions["given"]

    @property
    def judged_by(self) -> str:
        """Outcome that decides whether the policy works."""
        return self.policy.judged_by

    @property
    def expected_sign(self) -> int:
        """Sign of the desired effect on the judging outcome."""
        return expected_sign(self.policy)

    def judged(self, condition: str) -> Difference | None:
        """Return the judging outcome's difference. None if the condition was not run."""
        return self.conditions.get(condition, {}).get(self.judged_by)

    def gain(self, condition: str) -> float:
        """Return the effect in the desired direction, relative to the baseline. 0 if not run."""
        row = self.judged(condition)
        return self.expected_sign * row.relative if row else 0.0

    def detected(self, condition: str = "given") -> bool:
        """Return whether the judging outcome shows an effect."""
        row = self.judged(condition)
        return row is not None and row.is_meaningful

    def inert(self, condition: str = "given") -> bool:
        """Return whether the effect on the judging outcome is below ``LEAST`` of the baseline."""
        row = self.judged(condition)
        return row is not None and abs(row.relative) < LEAST

    def works(self, condition: str = "given") -> bool:
        """Return whether the effect is clear and has the desired direction."""
        return self.detected(condition) and self.gain(condition) > 0.0

    @property
    def reference(self) -> str:
        """Condition with which the failure settings are compared."""
        return "acting" if "acting" in self.conditions else "given"

    @property
    def harms(self) -> bool:
        """Whether the effect under the failure settings clearly has the opposite direction."""
        return self.detected("failing") and self.gain("failing") < 0.0

    @property
    def fails(self) -> bool:
        """Whether the failure settings leave no clear gain, or less than half of the gain."""
        if not self.detected("failing"):
            return "failing" in self.conditions
        remaining = self.gain("failing")
        return remaining <= 0.0 or remaining < 0.5 * self.gain(self.reference)


@dataclass(frozen=True, eq=False)
class Effects:
    """All instruments' effects over the same parameter sets and seeds.

    Attributes:
        scenario: the given scenario.
        seeds: seeds of every pair. Each ensemble member adds its own offset.
        rows: effects for the instruments with at least one pair.
        members: number of parameter sets, or 0 if no ensemble is used.
        failures: runs without a result.
        cpu_s: CPU seconds over all runs.
    """

    scenario: Scenario
    seeds: tuple[int, ...]
    rows: tuple[Effect, ...]
    members: int = 0
    failures: tuple[Failure, ...] = ()
    cpu_s: float = 0.0

    @property
    def n_pairs(self) -> int:
        """Number of planned pairs for each instrument and condition."""
        return len(self.seeds) * max(1, self.members)


def instruments() -> list[PolicySpec]:
    """Return every policy at dose 1, except the status quo, which is the baseline."""
    return [PolicySpec(id=name) for name in registry() if name != "status_quo"]


def effects(
    scenario: Scenario,
    specs: Sequence[PolicySpec],
    *,
    horizon: bool = True,
    equal: float | None = EQUAL_DOLLARS,
    seeds: Iterable[int] = range(1, REPS + 1),
    ensemble: Sequence[Mapping[str, Any]] | None = None,
    **options: Unpack[RunOptions],
) -> Effects:
    """Run every policy under all conditions, on the same parameter sets and seeds.

    Args:
        scenario: the given scenario.
        specs: policies to compare with the baseline.
        horizon: whether to extend the run, and its baseline, for a policy that needs more years to
            take effect than the scenario lasts.
        equal: $ per year at which instruments are compared at equal cost. None omits this
            condition.
        seeds: seeds of every pair. Each ensemble member adds its own offset.
        ensemble: parameter sets by dotted path, each run on all seeds. Their settings override the
            scenario.
        **options: as in ``experiments.runs.many_runs.run_many``.

    Returns:
        The effects. Failed runs are excluded from the pairs and listed in ``failures``.

    Raises:
        SettingError: a policy or a parameter set is invalid. Raised before any run starts.
    """
    seeds = tuple(seeds)
    planned = [
        plan(scenario.with_settings(member), specs, horizon=horizon, equal=equal)
        for member in ensemble or ({},)
    ]
    offset = [seed_offset(item) for item in ensemble or ()] or [0]
    keyed = [
        ((m, seed), Case(item, seed + offset[m]))
        for m, rows in enumerate(planned)
        for item in distinct_scenarios(rows)
        for seed in seeds
    ]
    results = run_many([case for _, case in keyed], **options)
    runs: dict[str, dict[Key, RunResult]] = {}
    failures: list[Failure] = []
    for (key, case), result in zip(keyed, results, strict=True):
        if isinstance(result, RunResult):
            runs.setdefault(case.scenario.digest, {})[key] = result
        else:
            failures.append(replace(result, name=_purpose(planned[key[0]], case.scenario)))
    cpu = sum(a.cost.get("cpu_s", 0.0) for a in results if isinstance(a, RunResult))
    rows = (_evaluate(by_member, runs, bool(ensemble)) for by_member in zip(*planned, strict=True))
    with_pairs = tuple(row for row in rows if row)
    return Effects(scenario, seeds, with_pairs, len(ensemble or ()), tuple(failures), cpu)


def _evaluate(by_member: Sequence[PlannedEffect], runs: Runs, ensemble: bool) -> Effect | None:
    """Return an instrument's effect over all parameter sets, or None if no pair is complete."""
    judged = by_member[0].policy.judged_by
    names = (*SHOWN, judged if judged not in SHOWN else SPARE)
    conditions = {}
    for condition in by_member[0].pairs:
        pairs = [planned.pairs[condition] for planned in by_member]
        outcomes = {name: _difference(pairs, name, runs, ensemble) for name in names}
        if math.isfinite(outcomes[judged].difference):
            conditions[condition] = outcomes
    return Effect(by_member[0], conditions) if "given" in conditions else None


def _difference(pairs: Sequence[ScenarioPair], name: str, runs: Runs, ensemble: bool) -> Difference:
    """Compute an outcome's paired difference over the runs that succeeded on both sides.

    Args:
        pairs: pair by parameter set.
        name: outcome.
        runs: results by digest.
        ensemble: whether there are several parameter sets.

    Returns:
        The difference. NaN if no pairs exist.
    """
    levels, changes = [], []
    for m, pair in enumerate(pairs):
        base, arm = runs.get(pair.base.digest, {}), runs.get(pair.arm.digest, {})
        for key in (key for key in base if key[0] == m and key in arm):
            level = base[key].outcomes[name]
            changes.append((key, arm[key].outcomes[name] - level))
            levels += [level] if math.isfinite(changes[-1][1]) else []
    level = statistics.median(levels) if levels else math.nan
    return difference(level, by_key(changes), ensemble=ensemble)


def _purpose(planned: Sequence[PlannedEffect], scenario: Scenario) -> str:
    """Name the policies to which a run belongs."""
    names = [row.spec.id for row in planned if scenario in row.scenarios]
    return names[0] if len(names) == 1 else f"the baseline of {len(names)} policies"


def expected_sign(policy: Policy | type[Policy]) -> int:
    """Return the sign of the desired effect on the policy's judging outcome."""
    name = policy.judged_by
    return _EXPECTED.get(policy.id) or OUTCOMES[name].good or _DESIRED[name]


# ---- rows ---------------------------------------------------------------------------------------


def effects_study(result: Effects) -> dict[str, Any]:
    """Return all instruments' effects. Outcomes and differences are per year."""
    return {
        **scenario_keys(result.scenario),
        **record(result.scenario, ("days", "scale")),
        "reps": len(result.seeds),
        "seeds": list(result.seeds),
        "members": result.members,
        "least": LEAST,
        "policies": [_effect_row(effect) for effect in result.rows],
        "failed": [failure_row(failure) for failure in result.failures],
        "cpu_s": result.cpu_s,
    }


def _effect_row(effect: Effect) -> dict[str, Any]:
    """Return one instrument's effect under all conditions."""
    planned, policy = effect.planned, effect.policy
    equal = planned.pairs["equal"] if "equal" in effect.conditions else None
    return {
        "id": planned.spec.id,
        "policy": str(planned.spec),
        **record(policy, ("title", "arm", "dose")),
        "dollars": planned.pairs["given"].dollars,
        "days": planned.days,
        "requires": list(policy.requires),
        **record(effect, ("judged_by", "expected_sign")),
        "outcomes": _outcomes(effect, "given"),
        "equal": record(equal, ("dose=policy.dose", "dollars"))
        | {"outcomes": _outcomes(effect, "equal")}
        if equal
        else None,
        "acting": _settings_row(effect, "acting"),
        "failing": _settings_row(effect, "failing"),
        "detected": effect.detected(),
        "inert": effect.inert(),
        "works": effect.works(),
        "acts": effect.works("acting") if "acting" in effect.conditions else None,
        "fails": effect.fails,
    }


def _outcomes(effect: Effect, condition: str) -> dict[str, dict[str, float]]:
    """Return all outcomes in a condition."""
    return {name: record(row, _FIGURES) for name, row in effect.conditions[condition].items()}


def _settings_row(effect: Effect, condition: str) -> dict[str, Any] | None:
    """Return a condition's settings and the judging outcome. None if it was not run."""
    row = effect.judged(condition)
    if row is None:
        return None
    return {"settings": dict(effect.planned.pairs[condition].settings)} | record(row, _FIGURES)
