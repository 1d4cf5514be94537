"""What every instrument does on paired seeds, and whether it fails where it says that it must.

Each policy is played beside a baseline twice: in the scenario as it is, and under the settings of
its own `failing`. Baselines that are the same are played once. Effects are judged in percent of
their own baseline, because the failing settings move the baseline as well.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

from abm.measures.outcome_definitions import OUTCOMES
from abm.policies import failure_conditions
from experiments.compare import REPS, Difference, policies_of, with_uses
from experiments.run import Case, Failure, RunResult, run_many

if TYPE_CHECKING:
    from abm.policies import Policy
    from abm.scenario import Scenario
    from abm.scenario.policy_specs import PolicySpec

__all__ = ["SCALE", "SHOWN", "Effect", "Effects", "effects", "instruments", "share", "wanted"]

#: Persons for each simulated migrant where nobody says: coarse, and told so.
SCALE = 100
#: Outcomes of every instrument; the fifth is what it is judged by, or SPARE if that is shown.
SHOWN = ("got_aways", "unlawful_entries", "deaths", "returned_unscreened")
SPARE = "kidnapped"
#: An effect below this share of its baseline is none, however narrow its interval.
LEAST = 0.001
YEAR = 365
#: What instruments want of outcomes that are neither good nor bad in themselves.
_WANTED = {
    "drugs_seized": 1,
    "smuggler_revenue": -1,
    "departures_mexican": -1,
    "departures_northern_triangle": -1,
    "depth_index": 1,
    "apprehension_probability": 1,
}
#: A loss of cooperation shows its claim where got-aways rise.
_CLAIMED = {"no_cooperation": 1}


@dataclass(frozen=True)
class Pair:
    """A baseline and the same with the policy: scenarios that differ in nothing else."""

    base: Scenario
    arm: Scenario


@dataclass(frozen=True, eq=False)
class Effect:
    """One instrument: its paired differences, and those in its failing settings.

    ``outcomes``: by name, of the scenario as it is. ``failing``: of the outcome that the policy is
    judged by, under ``settings``; None if the policy names none. ``days`` is the horizon.
    """

    use: PolicySpec
    policy: Policy
    days: int
    settings: dict[str, Any]
    ordinary: Pair
    harsh: Pair | None
    outcomes: dict[str, Difference] = field(default_factory=dict)
    failing: Difference | None = None

    @property
    def judged_by(self) -> str:
        """The outcome that tells whether it works."""
        return self.policy.judged_by

    @property
    def dollars(self) -> float:
        """Dollars a year while in force, all payers; what it is run beside is not counted."""
        return sum(self.policy.dollars().values())

    @property
    def wanted(self) -> int:
        """The sign of the effect that it is for, on what it is judged by."""
        return wanted(self.policy)

    @property
    def gain(self) -> float:
        """Its effect in the wished direction, as a share of the baseline."""
        return self.wanted * share(self.outcomes[self.judged_by])[0]

    @property
    def seen(self) -> bool:
        """Whether the scenario as it is shows any effect on what it is judged by."""
        return clear(self.outcomes[self.judged_by])

    @property
    def works(self) -> bool:
        """Whether that effect is also in the wished direction."""
        return self.seen and self.gain > 0.0

    @property
    def harms(self) -> bool:
        """Whether, in its failing settings, it clearly points the wrong way."""
        if self.failing is None or not clear(self.failing):
            return False
        return self.wanted * share(self.failing)[0] < 0.0

    @property
    def fails(self) -> bool:
        """Whether, in its failing settings, it does less than half as much, nothing, or harm."""
        if self.failing is None or not clear(self.failing):
            return self.failing is not None
        kept = self.wanted * share(self.failing)[0]
        return kept <= 0.0 or kept < 0.5 * self.gain

    @property
    def scenarios(self) -> list[Scenario]:
        """Everything that has to be played for it."""
        pairs = [pair for pair in (self.ordinary, self.harsh) if pair]
        return [scenario for pair in pairs for scenario in (pair.base, pair.arm)]


@dataclass(frozen=True, eq=False)
class Effects:
    """All instruments over the same seeds; ``cpu_s`` is what the runs took together."""

    scenario: Scenario
    seeds: tuple[int, ...]
    lines: tuple[Effect, ...]
    failures: tuple[Failure, ...] = ()
    cpu_s: float = 0.0


def instruments() -> list[PolicySpec]:
    """Every policy at dose 1, the status quo left out: it is what the others are judged against."""
    from abm.policies import registry
    from abm.scenario.policy_specs import PolicySpec

    return [PolicySpec(id=name) for name in registry() if name != "status_quo"]


def effects(
    scenario: Scenario,
    uses: Sequence[PolicySpec],
    *,
    horizon: bool = True,
    seeds: Iterable[int] = range(1, REPS + 1),
    jobs: int | None = None,
    on_result: Callable[[RunResult | Failure], object] | None = None,
) -> Effects:
    """Play every policy on the same seeds, ordinary and failing, and pair the runs.

    With `horizon` a policy that is declared over more years than the scenario lasts is played that
    long, its baseline too. Raises ``SettingError`` before anything is played. Runs that fail are
    left out of the pairs and listed in ``failures``.
    """
    seeds = tuple(seeds)
    planned = plan(scenario, uses, horizon=horizon)
    cases = [Case(told, seed) for told in distinct(planned) for seed in seeds]
    answers = run_many(cases, jobs=jobs, on_result=on_result)
    runs: dict[str, dict[int, RunResult]] = {}
    for case, answer in zip(cases, answers, strict=True):
        if isinstance(answer, RunResult):
            runs.setdefault(case.scenario.digest, {})[case.seed] = answer
    cpu = sum(a.cost.get("cpu_s", 0.0) for a in answers if isinstance(a, RunResult))
    lost = tuple(
        replace(answer, name=_whose(planned, case.scenario))
        for case, answer in zip(cases, answers, strict=True)
        if isinstance(answer, Failure)
    )
    lines = tuple(_measured(line, runs) for line in planned)
    return Effects(scenario, seeds, tuple(one for one in lines if one.outcomes), lost, cpu)


def plan(scenario: Scenario, uses: Sequence[PolicySpec], *, horizon: bool = True) -> list[Effect]:
    """What has to be played, as effects without numbers; raises ``SettingError``."""
    return [_planned(scenario, use, horizon) for use in uses]


def distinct(planned: Sequence[Effect]) -> list[Scenario]:
    """Every scenario of a plan once, the longest first, so that no long run is left for the end."""
    found = {told.digest: told for line in planned for told in line.scenarios}
    return sorted(found.values(), key=lambda told: -told.days)


def _planned(scenario: Scenario, use: PolicySpec, horizon: bool) -> Effect:
    """Both pairs of scenarios for one policy."""
    from abm.scenario.policy_specs import parse_policy

    (policy,) = policies_of(scenario, [use])
    beside = tuple(parse_policy(text) for text in policy.beside)
    days = max(scenario.days, policy.years * YEAR) if horizon else scenario.days
    told = with_uses(scenario.with_settings({"days": days}), beside)
    settings = dict(policy.failing)
    return Effect(
        use=use,
        policy=policy,
        days=days,
        settings=settings,
        ordinary=Pair(told, with_uses(told, (use,))),
        harsh=_harsh(told, use, settings) if settings else None,
    )


def _harsh(scenario: Scenario, use: PolicySpec, settings: Mapping[str, Any]) -> Pair:
    """The pair under failing settings; the baseline does without the policy's own numbers."""
    own = f"policies.{use.id}."
    shared = {path: value for path, value in settings.items() if not path.startswith(own)}
    base, _ = failure_conditions.under(scenario, (), shared)
    arm, uses = failure_conditions.under(scenario, (use,), settings)
    policies_of(arm, uses)
    return Pair(base, with_uses(arm, uses))


def _measured(line: Effect, runs: Mapping[str, Mapping[int, RunResult]]) -> Effect:
    """The numbers of one instrument; without a single pair it keeps no outcomes."""
    fifth = line.judged_by if line.judged_by not in SHOWN else SPARE
    rows = {name: _paired(line.ordinary, name, runs) for name in (*SHOWN, fifth)}
    harsh = _paired(line.harsh, line.judged_by, runs) if line.harsh else None
    if not math.isfinite(rows[line.judged_by].difference):
        return line
    known = harsh if harsh and math.isfinite(harsh.difference) else None
    return replace(line, outcomes=rows, failing=known)


def _paired(pair: Pair, name: str, runs: Mapping[str, Mapping[int, RunResult]]) -> Difference:
    """Median and intervals of an outcome over the seeds that both runs of a pair have."""
    import numpy as np

    base, arm = runs.get(pair.base.digest, {}), runs.get(pair.arm.digest, {})
    both = [(base[s].outcomes[name], arm[s].outcomes[name]) for s in base if s in arm]
    table = np.array([row for row in both if all(map(math.isfinite, row))]).reshape(-1, 2)
    if not table.size:
        return Difference(*[math.nan] * 6)
    level = float(np.median(table[:, 0]))
    low90, low50, middle, high50, high90 = (
        float(x) for x in np.quantile(table[:, 1] - table[:, 0], (0.05, 0.25, 0.5, 0.75, 0.95))
    )
    return Difference(level, middle, low50, high50, low90, high90)


def _whose(planned: Sequence[Effect], scenario: Scenario) -> str:
    """Which policies a run was for."""
    names = [
        line.use.id
        for line in planned
        if scenario.digest in {told.digest for told in line.scenarios}
    ]
    return names[0] if len(names) == 1 else f"the baseline of {len(names)} policies"


def wanted(policy: Policy | type[Policy]) -> int:
    """The sign of the effect that the policy is for, on the outcome that it is judged by."""
    name = policy.judged_by
    return _CLAIMED.get(policy.id) or OUTCOMES[name].good or _WANTED[name]


def share(row: Difference) -> tuple[float, float, float]:
    """Difference, low and high as shares of the baseline, or in units where that is nothing."""
    base = row.baseline if row.baseline > 0.0 else 1.0
    return row.difference / base, row.low90 / base, row.high90 / base


def clear(row: Difference) -> bool:
    """Whether the 90 % interval leaves zero out and the effect is more than LEAST."""
    middle, low, high = share(row)
    return (low > 0.0 or high < 0.0) and abs(middle) >= LEAST
