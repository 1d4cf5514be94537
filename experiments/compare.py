"""Policies against a baseline, seed by seed.

Every arm plays the same seeds as the baseline, and the same person has the same luck under every
policy, so that the difference of a pair comes from the policy and what it sets off. An arm is
the scenario's own policies plus one policy, or plus a portfolio. With an ensemble all of this is
done under every one of its parameter sets, and both runs of a pair share theirs.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

from abm.measures.outcome_definitions import AVERTED, BESIDE_PRICES
from experiments.calibration.ensemble import luck
from experiments.pairs import Difference, difference, known, price
from experiments.run import Case, Failure, RunResult, run_many

if TYPE_CHECKING:
    from abm.policies import Policy
    from abm.scenario import Scenario
    from abm.scenario.policy_specs import PolicySpec

#: Paired seeds where nobody says how many; with four arms of three years at scale 20 this stays
#: well under a minute on two cores, process start included.
REPS = 8
#: Arms where nobody names any: agents, technology and cooperation at equal budget.
DEFAULT_ARMS = (
    "patrol_surge:250M",
    "cameras_and_sensors:250M",
    "southern_border_control:250M",
)

Portfolio = tuple["PolicySpec", ...]
Key = tuple[int, int]  # member (0 without an ensemble), seed


@dataclass(frozen=True, eq=False)
class Arm:
    """One policy or portfolio, or (with no policy) the baseline: its runs and what they show.

    ``dollars``: planned $ a year by payer while in force. ``dose``: of a single policy, NaN for a
    portfolio. ``runs``: by member and seed, only those that succeeded. ``outcomes``: see
    ``Difference``.
    """

    uses: Portfolio
    title: str
    dose: float
    dollars: dict[str, float]
    runs: dict[Key, RunResult] = field(default_factory=dict)
    outcomes: dict[str, Difference] = field(default_factory=dict)

    @property
    def id(self) -> str:
        """Ids of the policies, joined by +; the baseline is ``status_quo``."""
        return "+".join(use.id for use in self.uses) or "status_quo"

    @property
    def written(self) -> str:
        """The written form that the command line reads back."""
        return "+".join(str(use) for use in self.uses)


@dataclass(frozen=True, eq=False)
class Comparison:
    """A baseline and its arms over the same seeds; ``failures`` are the runs that gave nothing.

    ``ensemble``: parameter sets by dotted path, each played on all seeds; empty where it is the
    scenario alone.
    """

    scenario: Scenario
    seeds: tuple[int, ...]
    baseline: Arm
    arms: tuple[Arm, ...]
    failures: tuple[Failure, ...] = ()
    ensemble: tuple[Mapping[str, Any], ...] = ()

    @property
    def members(self) -> int:
        """Parameter sets of the ensemble; 0 without one."""
        return len(self.ensemble)

    @property
    def order(self) -> list[Key]:
        """All pairs of member and seed, in the order in which an arm holds its runs."""
        return [(m, seed) for m in range(max(1, self.members)) for seed in self.seeds]


def compare(
    scenario: Scenario,
    uses: Sequence[PolicySpec | Portfolio],
    *,
    seeds: Iterable[int] = range(1, REPS + 1),
    ensemble: Sequence[Mapping[str, Any]] | None = None,
    jobs: int | None = None,
    on_result: Callable[[RunResult | Failure], object] | None = None,
) -> Comparison:
    """Play the baseline and every arm on the same seeds and pair them.

    Args:
        scenario: the baseline, with its own policies.
        uses: what each arm adds, a policy or a portfolio.
        seeds: of the baseline and of every arm; a member plays them moved by an offset of its
            own, so that no luck is common to all.
        ensemble: sets of settings by dotted path, each laid over the scenario (what the scenario
            says at such a path no longer counts) and played on all seeds.
        jobs: runs at a time.
        on_result: hears of every answer.

    Raises ``SettingError`` before anything is played if a policy or a member cannot be made. Runs
    that fail are left out of the pairs and listed in ``failures``.
    """
    return extended(unplayed(scenario, uses, ensemble), seeds, jobs=jobs, on_result=on_result)


def unplayed(
    scenario: Scenario,
    uses: Sequence[PolicySpec | Portfolio],
    ensemble: Sequence[Mapping[str, Any]] | None = None,
) -> Comparison:
    """The comparison without a seed yet, for ``extended``; raises ``SettingError``."""
    base, *arms = _arm(scenario, ()), *(_arm(scenario, portfolio(use)) for use in uses)
    return Comparison(scenario, (), base, tuple(arms), ensemble=tuple(ensemble or ()))


def extended(
    comparison: Comparison,
    seeds: Iterable[int],
    *,
    jobs: int | None = None,
    on_result: Callable[[RunResult | Failure], object] | None = None,
) -> Comparison:
    """The comparison with more seeds; those that it has are not played again.

    It is the same, to the last digit, as if all seeds had been played at once.
    """
    fresh = tuple(seed for seed in dict.fromkeys(seeds) if seed not in comparison.seeds)
    grown = replace(comparison, seeds=comparison.seeds + fresh)
    arms = [replace(arm, runs=dict(arm.runs)) for arm in (comparison.baseline, *comparison.arms)]
    plan = [(i, key) for key in grown.order if key[1] in fresh for i in range(len(arms))]
    answers = run_many(_cases(grown, plan), jobs=jobs, on_result=on_result)
    failures = list(comparison.failures)
    for (i, key), answer in zip(plan, answers, strict=True):
        if isinstance(answer, RunResult):
            arms[i].runs[key] = answer
        else:
            failures.append(_named(answer, arms[i], key[0] if grown.members else None))
    return _paired(grown, arms, failures)


def _cases(comparison: Comparison, plan: Iterable[tuple[int, Key]]) -> list[Case]:
    """What is played, by place of the arm (0 is the baseline) and by member and seed."""
    sets = comparison.ensemble
    worlds = [comparison.scenario.with_settings(one) for one in sets] or [comparison.scenario]
    offset = [luck(one) for one in sets] or [0]
    arms = (comparison.baseline, *comparison.arms)
    return [Case(with_uses(worlds[m], arms[i].uses), seed + offset[m]) for i, (m, seed) in plan]


def _paired(comparison: Comparison, arms: list[Arm], failures: list[Failure]) -> Comparison:
    """The comparison with the runs of all arms in order, and what they show."""
    for arm in arms:
        runs = {key: arm.runs[key] for key in comparison.order if key in arm.runs}
        arm.runs.clear()
        arm.runs.update(runs)
    base = replace(arms[0], outcomes=_levels(arms[0]))
    judged = tuple(replace(arm, outcomes=differences(base, arm)) for arm in arms[1:])
    return replace(comparison, baseline=base, arms=judged, failures=tuple(failures))


def portfolio(use: PolicySpec | Portfolio) -> Portfolio:
    """A single policy as a portfolio of one."""
    return use if isinstance(use, tuple) else (use,)


def with_uses(scenario: Scenario, uses: Portfolio) -> Scenario:
    """The scenario with more policies in force."""
    if not uses:
        return scenario
    return scenario.with_settings({"policies": (*scenario.policies, *uses)})


def policies_of(scenario: Scenario, uses: Iterable[PolicySpec]) -> list[Policy]:
    """Make the policies, from their own or the scenario's dates; raises ``SettingError``."""
    import datetime

    from abm.policies import make

    end = scenario.start + datetime.timedelta(days=scenario.days)
    return [make(use, scenario.start, end) for use in uses]


def _arm(scenario: Scenario, uses: Portfolio) -> Arm:
    """An arm that nobody has played yet."""
    made = policies_of(scenario, uses)
    dollars: dict[str, float] = {}
    for policy in made:
        for payer, yearly in policy.dollars().items():
            dollars[payer] = dollars.get(payer, 0.0) + yearly
    title = " + ".join(policy.title for policy in made)
    if not uses:
        title = "Status quo" if not scenario.policies else f"Scenario {scenario.name}"
    dose = made[0].dose if len(made) == 1 else math.nan if made else 0.0
    return Arm(uses, title, dose, dollars)


def _named(failure: Failure, arm: Arm, member: int | None) -> Failure:
    """A failure that says of which arm it is, and of which member of an ensemble."""
    name = arm.written or f"baseline ({failure.name})"
    return replace(failure, name=name if member is None else f"{name}, member {member}")


def _levels(arm: Arm) -> dict[str, Difference]:
    """The baseline against itself: its medians, no differences."""
    import numpy as np

    names = next(iter(arm.runs.values())).outcomes if arm.runs else {}
    table = {name: known([run.outcomes[name] for run in arm.runs.values()]) for name in names}
    medians = {k: float(np.median(v)) if v.size else math.nan for k, v in table.items()}
    return {name: Difference(level, *[0.0] * 5) for name, level in medians.items()}


def differences(base: Arm, arm: Arm) -> dict[str, Difference]:
    """Paired differences of every outcome, over the members and seeds that both arms have.

    The prices of an averted entry come last, and directly after them what it does to people:
    whoever writes the outcomes down in their order never shows a price alone.
    """
    pairs = [(base.runs[key], arm.runs[key]) for key in base.runs if key in arm.runs]
    answer: dict[str, Difference] = {}
    for name, level in base.outcomes.items():
        change = known([new.outcomes[name] - old.outcomes[name] for old, new in pairs])
        answer[name] = difference(level.baseline, change)
    beside = {name: answer.pop(name) for name in BESIDE_PRICES if name in answer}
    if len(beside) == len(BESIDE_PRICES):
        answer |= {name: price(pairs, entry) for name, entry in AVERTED.items()}
    return answer | beside
