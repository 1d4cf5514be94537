"""Effects of every instrument on paired seeds, and whether it fails under its failure settings.

Each policy is run against a baseline twice: in the given scenario, and under its own failure
settings (``Policy.failing``). Equal baselines are run once. Effects are judged in percent of their
own baseline, because the failure settings change the baseline as well.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

from abm.measures.outcome_definitions import OUTCOMES
from abm.policies import failure_conditions, policies_of
from experiments.case import YEAR, Case, Failure, RunResult
from experiments.compare import REPS, Difference, with_policies
from experiments.intervals import NO_INTERVAL, Interval
from experiments.pool import run_many

if TYPE_CHECKING:
    from abm.policies import Policy
    from abm.scenario import Scenario
    from abm.scenario.policy_specs import PolicySpec

__all__ = [
    "SCALE",
    "SHOWN",
    "Effect",
    "Effects",
    "desired_sign",
    "distinct_scenarios",
    "effects",
    "instruments",
    "plan",
    "relative",
]

#: Default number of persons per simulated migrant: coarse, which the output states.
SCALE = 100
#: Outcomes of every instrument. The fifth is the one that judges it, or SPARE if that is shown.
SHOWN = ("got_aways", "unlawful_entries", "deaths", "returned_unscreened")
SPARE = "kidnapped"
#: An effect below this share of its baseline counts as none, however narrow its interval is.
LEAST = 0.001
#: Desired signs of outcomes that are neither good nor bad in themselves.
_DESIRED = {
    "drugs_seized": 1,
    "smuggler_revenue": -1,
    "departures_mexican": -1,
    "departures_northern_triangle": -1,
    "depth_index": 1,
    "apprehension_probability": 1,
}
#: A loss of cooperation is expected to raise got-aways.
_EXPECTED = {"no_cooperation": 1}


@dataclass(frozen=True)
class ScenarioPair:
    """A baseline and an arm, which differ in the policy alone."""

    base: Scenario
    arm: Scenario


@dataclass(frozen=True, eq=False)
class Effect:
    """Paired differences of one instrument, in the given scenario and under its failure settings.

    Attributes:
        spec: the policy and its dose.
        policy: the policy.
        days: length of the runs.
        settings: failure settings by dotted path; empty if the policy has none.
        given: baseline and arm in the given scenario.
        stressed: baseline and arm under the failure settings; None without them.
        outcomes: differences by outcome, in the given scenario.
        failing: difference of the judging outcome under the failure settings; None without it.
    """

    spec: PolicySpec
    policy: Policy
    days: int
    settings: dict[str, Any]
    given: ScenarioPair
    stressed: ScenarioPair | None
    outcomes: dict[str, Difference] = field(default_factory=dict)
    failing: Difference | None = None

    @property
    def judged_by(self) -> str:
        """The outcome that decides whether the policy works."""
        return self.policy.judged_by

    @property
    def dollars(self) -> float:
        """Dollars per year while in force, all payers, without accompanying policies."""
        return sum(self.policy.dollars().values())

    @property
    def desired_sign(self) -> int:
        """Sign of the desired effect on the judging outcome."""
        return desired_sign(self.policy)

    @property
    def gain(self) -> float:
        """Effect in the desired direction, as a share of the baseline."""
        return self.desired_sign * relative(self.outcomes[self.judged_by])[0]

    @property
    def detected(self) -> bool:
        """Whether the judging outcome shows an effect in the given scenario."""
        return is_clear(self.outcomes[self.judged_by])

    @property
    def works(self) -> bool:
        """Whether that effect has the desired direction."""
        return self.detected and self.gain > 0.0

    @property
    def harms(self) -> bool:
        """Whether the effect under the failure settings clearly has the opposite direction."""
        if self.failing is None or not is_clear(self.failing):
            return False
        return self.desired_sign * relative(self.failing)[0] < 0.0

    @property
    def fails(self) -> bool:
        """Whether the gain under the failure settings is below half, unclear or negative."""
        if self.failing is None or not is_clear(self.failing):
            return self.failing is not None
        remaining = self.desired_sign * relative(self.failing)[0]
        return remaining <= 0.0 or remaining < 0.5 * self.gain

    @property
    def scenarios(self) -> list[Scenario]:
        """All scenarios that must be run."""
        pairs = [pair for pair in (self.given, self.stressed) if pair]
        return [scenario for pair in pairs for scenario in (pair.base, pair.arm)]


@dataclass(frozen=True, eq=False)
class Effects:
    """Effects of all instruments over the same seeds.

    Attributes:
        scenario: the given scenario.
        seeds: seeds of every pair.
        rows: effects of the instruments with at least one pair.
        failures: runs without a result.
        cpu_s: CPU seconds of all runs together.
    """

    scenario: Scenario
    seeds: tuple[int, ...]
    rows: tuple[Effect, ...]
    failures: tuple[Failure, ...] = ()
    cpu_s: float = 0.0


def instruments() -> list[PolicySpec]:
    """Return every policy at dose 1, except the status quo, which is the baseline."""
    from abm.policies import registry
    from abm.scenario.policy_specs import PolicySpec

    return [PolicySpec(id=name) for name in registry() if name != "status_quo"]


def effects(
    scenario: Scenario,
    specs: Sequence[PolicySpec],
    *,
    horizon: bool = True,
    seeds: Iterable[int] = range(1, REPS + 1),
    jobs: int | None = None,
    on_result: Callable[[RunResult | Failure], object] | None = None,
) -> Effects:
    """Run every policy on the same seeds, in the given scenario and under its failure settings.

    Args:
        scenario: the given scenario.
        specs: the policies.
        horizon: whether a policy that takes effect over more years than the scenario lasts is run
            for that long, with its baseline.
        seeds: of every pair.
        jobs: runs at a time (default: all cores).
        on_result: called with every result when its run ends.

    Returns:
        The effects; failed runs are excluded from the pairs and listed in ``failures``.

    Raises:
        SettingError: a policy is invalid; raised before any run starts.
    """
    seeds = tuple(seeds)
    planned = plan(scenario, specs, horizon=horizon)
    cases = [Case(one, seed) for one in distinct_scenarios(planned) for seed in seeds]
    answers = run_many(cases, jobs=jobs, on_result=on_result)
    runs: dict[str, dict[int, RunResult]] = {}
    for case, answer in zip(cases, answers, strict=True):
        if isinstance(answer, RunResult):
            runs.setdefault(case.scenario.digest, {})[case.seed] = answer
    cpu = sum(a.cost.get("cpu_s", 0.0) for a in answers if isinstance(a, RunResult))
    failures = tuple(
        replace(answer, name=_purpose(planned, case.scenario))
        for case, answer in zip(cases, answers, strict=True)
        if isinstance(answer, Failure)
    )
    rows = tuple(_evaluate(row, runs) for row in planned)
    return Effects(scenario, seeds, tuple(row for row in rows if row.outcomes), failures, cpu)


def plan(scenario: Scenario, specs: Sequence[PolicySpec], *, horizon: bool = True) -> list[Effect]:
    """Plan the runs of every policy.

    Args:
        scenario, specs, horizon: as in :func:`effects`.

    Returns:
        Effects without outcomes.

    Raises:
        SettingError: a policy is invalid.
    """
    return [_planned(scenario, spec, horizon) for spec in specs]


def distinct_scenarios(planned: Sequence[Effect]) -> list[Scenario]:
    """Return every scenario once, the longest first, so that no long run starts last."""
    found = {scenario.digest: scenario for row in planned for scenario in row.scenarios}
    return sorted(found.values(), key=lambda scenario: -scenario.days)


def _planned(scenario: Scenario, spec: PolicySpec, horizon: bool) -> Effect:
    """Create both pairs of scenarios of a policy."""
    from abm.scenario.policy_specs import parse_policy

    (policy,) = policies_of(scenario, [spec])
    accompanying = tuple(parse_policy(text) for text in policy.beside)
    days = max(scenario.days, policy.years * YEAR) if horizon else scenario.days
    base = with_policies(scenario.with_settings({"days": days}), accompanying)
    settings = dict(policy.failing)
    return Effect(
        spec=spec,
        policy=policy,
        days=days,
        settings=settings,
        given=ScenarioPair(base, with_policies(base, (spec,))),
        stressed=_stressed(base, spec, settings) if settings else None,
    )


def _stressed(scenario: Scenario, spec: PolicySpec, settings: Mapping[str, Any]) -> ScenarioPair:
    """Create the pair under failure settings; policy parameters do not apply to the baseline."""
    own = f"policies.{spec.id}."
    shared = {path: value for path, value in settings.items() if not path.startswith(own)}
    base, _ = failure_conditions.apply_overrides(scenario, (), shared)
    arm, specs = failure_conditions.apply_overrides(scenario, (spec,), settings)
    policies_of(arm, specs)
    return ScenarioPair(base, with_policies(arm, specs))


def _evaluate(row: Effect, runs: Mapping[str, Mapping[int, RunResult]]) -> Effect:
    """Return the effect with its outcomes; without a single pair it has none."""
    fifth = row.judged_by if row.judged_by not in SHOWN else SPARE
    outcomes = {name: _difference(row.given, name, runs) for name in (*SHOWN, fifth)}
    stressed = _difference(row.stressed, row.judged_by, runs) if row.stressed else None
    if not math.isfinite(outcomes[row.judged_by].difference):
        return row
    failing = stressed if stressed and math.isfinite(stressed.difference) else None
    return replace(row, outcomes=outcomes, failing=failing)


def _difference(
    pair: ScenarioPair, name: str, runs: Mapping[str, Mapping[int, RunResult]]
) -> Difference:
    """Compute the paired difference of an outcome over the seeds that both runs have."""
    import numpy as np

    base, arm = runs.get(pair.base.digest, {}), runs.get(pair.arm.digest, {})
    both = [(base[s].outcomes[name], arm[s].outcomes[name]) for s in base if s in arm]
    table = np.array([row for row in both if all(map(math.isfinite, row))]).reshape(-1, 2)
    if not table.size:
        return Difference(math.nan, NO_INTERVAL)
    return Difference(float(np.median(table[:, 0])), Interval.of(table[:, 1] - table[:, 0]))


def _purpose(planned: Sequence[Effect], scenario: Scenario) -> str:
    """Name the policies that a run belongs to."""
    names = [
        row.spec.id for row in planned if scenario.digest in {one.digest for one in row.scenarios}
    ]
    return names[0] if len(names) == 1 else f"the baseline of {len(names)} policies"


def desired_sign(policy: Policy | type[Policy]) -> int:
    """Return the sign of the desired effect on the outcome that judges the policy."""
    name = policy.judged_by
    return _EXPECTED.get(policy.id) or OUTCOMES[name].good or _DESIRED[name]


def relative(row: Difference) -> tuple[float, float, float]:
    """Return median and 90 % bounds as shares of the baseline, or in units if that is zero."""
    base = row.baseline if row.baseline > 0.0 else 1.0
    return row.difference / base, row.low90 / base, row.high90 / base


def is_clear(row: Difference) -> bool:
    """Return whether the 90 % interval excludes zero and the effect is at least LEAST."""
    middle, low, high = relative(row)
    return (low > 0.0 or high < 0.0) and abs(middle) >= LEAST
