"""Compare policies with a baseline, paired by seed.

Every arm runs the same seeds as the baseline, and random draws are keyed by person, so the
difference within a pair is caused by the policy and its consequences. An arm is the scenario's
policies plus one policy or one portfolio. With an ensemble, every arm runs with each parameter set,
and both runs in a pair share the set.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any, Unpack

from abm.measures.outcomes import AVERTED, BESIDE_PRICES
from abm.policies import policies_of
from experiments.calibration.ensemble import seed_offset
from experiments.runs.case import Case, Failure, RunResult
from experiments.runs.intervals import Interval
from experiments.runs.many_runs import RunOptions, run_many
from experiments.runs.pairs import (
    NO_PRICE,
    REPS,
    Difference,
    Finding,
    Key,
    by_key,
    difference,
    finite_values,
    price_per_averted,
)
from experiments.runs.study_inputs import Portfolio, with_policies

if TYPE_CHECKING:
    from abm.scenario import Scenario
    from abm.scenario.policy_specs import PolicySpec

#: Default arms: agents, technology and cooperation, each with the same budget.
DEFAULT_ARMS = ("patrol_surge:250M", "cameras_and_sensors:250M", "southern_border_control:250M")


@dataclass(frozen=True, eq=False)
class Arm:
    """The runs of one policy or portfolio, or of the baseline, which adds no policy.

    Attributes:
        specs: the policies that the arm adds to the scenario.
        title: the arm's name in tables and figures.
        dose: dose of a single policy, 0 for the baseline, NaN for a portfolio.
        dollars: planned $ per year while in force, by payer.
        runs: results by member and seed. Failed runs are left out.
        outcomes: differences from the baseline, by outcome.
    """

    specs: Portfolio
    title: str
    dose: float
    dollars: dict[str, float]
    runs: dict[Key, RunResult] = field(default_factory=dict)
    outcomes: dict[str, Difference] = field(default_factory=dict)

    def __repr__(self) -> str:
        """Return the arm's policies and run count."""
        return f"<Arm {self.spec_text or 'status_quo'}: {len(self.runs)} runs>"

    @property
    def id(self) -> str:
        """Policy ids joined by +, or ``status_quo`` for the baseline."""
        return "+".join(spec.id for spec in self.specs) or "status_quo"

    @property
    def dollars_unspent(self) -> dict[str, float]:
        """Mean planned $ per year that each payer leaves unspent.

        An agency leaves money unspent if it has not yet hired its agents, or if the planned tempo
        exceeds its limit. The mapping is empty if no runs exist.
        """
        runs = [run for run in self.runs.values() if run.dollars_unspent]
        payers = runs[0].dollars_unspent if runs else ()
        return {
            payer: math.fsum(run.dollars_unspent[payer] / run.years for run in runs) / len(runs)
            for payer in payers
        }

    @property
    def spec_text(self) -> str:
        """The policies as the command line accepts them."""
        return "+".join(str(spec) for spec in self.specs)


@dataclass(frozen=True, eq=False)
class Comparison:
    """A baseline and its arms, run on the same seeds.

    Attributes:
        scenario: the baseline scenario.
        seeds: seeds of every arm.
        baseline: runs of the scenario alone.
        arms: one arm per policy or portfolio.
        failures: failed runs.
        ensemble: parameter sets by dotted path, each run on all seeds. Empty if no ensemble is
            used.
    """

    scenario: Scenario
    seeds: tuple[int, ...]
    baseline: Arm
    arms: tuple[Arm, ...]
    failures: tuple[Failure, ...] = ()
    ensemble: tuple[Mapping[str, Any], ...] = ()

    def __repr__(self) -> str:
        """Return the scenario, the arms, and how many seeds, members and failures there are."""
        arms = ", ".join(arm.spec_text for arm in self.arms) or "no arms"
        size = f"{len(self.seeds)} seeds, {self.members} members, {len(self.failures)} failures"
        return f"<Comparison with {self.scenario.name}: {arms}; {size}>"

    @property
    def members(self) -> int:
        """Number of parameter sets, or 0 if no ensemble is used."""
        return len(self.ensemble)

    @property
    def order(self) -> list[Key]:
        """All pairs of member and seed, ordered like an arm's runs."""
        return [(m, seed) for m in range(max(1, self.members)) for seed in self.seeds]


def compare(
    scenario: Scenario,
    specs: Sequence[PolicySpec | Portfolio],
    *,
    seeds: Iterable[int] = range(1, REPS + 1),
    ensemble: Sequence[Mapping[str, Any]] | None = None,
    **options: Unpack[RunOptions],
) -> Comparison:
    """Run the baseline and every arm on the same seeds and pair the runs.

    Args:
        scenario: the baseline, with its own policies.
        specs: the policy or portfolio that each arm adds.
        seeds: seeds of the baseline and of every arm. Each member of an ensemble adds its own
            offset, so that members do not share random draws.
        ensemble: parameter sets by dotted path, each run on all seeds. Their settings override the
            scenario.
        **options: as in ``experiments.runs.many_runs.run_many``.

    Returns:
        The comparison. Failed runs are excluded from the pairs and listed in ``failures``.

    Raises:
        SettingError: a policy or a parameter set is invalid. Raised before any run starts.
    """
    return extend(without_runs(scenario, specs, ensemble), seeds, **options)


def without_runs(
    scenario: Scenario,
    specs: Sequence[PolicySpec | Portfolio],
    ensemble: Sequence[Mapping[str, Any]] | None = None,
) -> Comparison:
    """Create a comparison without seeds, for :func:`extend`.

    Args:
        scenario, specs, ensemble: as in :func:`compare`.

    Returns:
        The comparison without runs.

    Raises:
        SettingError: a policy is invalid.
    """
    portfolios = (spec if isinstance(spec, tuple) else (spec,) for spec in specs)
    base, *arms = (_arm(scenario, portfolio) for portfolio in ((), *portfolios))
    return Comparison(scenario, (), base, tuple(arms), ensemble=tuple(ensemble or ()))


def extend(
    comparison: Comparison, seeds: Iterable[int], **options: Unpack[RunOptions]
) -> Comparison:
    """Add seeds to a comparison. Only the missing seeds are run.

    The result is identical, to the last digit, to one comparison over all seeds.

    Args:
        comparison: comparison to extend, which is not changed.
        seeds: seeds to add.
        **options: as in ``experiments.runs.many_runs.run_many``.

    Returns:
        The comparison over the old and the new seeds.

    Raises:
        SettingError: a parameter set is invalid.
    """
    new_seeds = tuple(seed for seed in dict.fromkeys(seeds) if seed not in comparison.seeds)
    extended = replace(comparison, seeds=comparison.seeds + new_seeds)
    arms = [replace(arm, runs=dict(arm.runs)) for arm in (comparison.baseline, *comparison.arms)]
    plan = [(i, key) for key in extended.order if key[1] in new_seeds for i in range(len(arms))]
    results = run_many(cases_of(extended, plan), **options)
    failures = list(comparison.failures)
    for (i, key), result in zip(plan, results, strict=True):
        if isinstance(result, RunResult):
            arms[i].runs[key] = result
        else:
            name = arms[i].spec_text or f"baseline ({result.name})"
            name += f", member {key[0]}" if extended.members else ""
            failures.append(replace(result, name=name))
    return _evaluate(extended, arms, failures)


def all_cases(comparison: Comparison, seeds: Iterable[int]) -> list[Case]:
    """Return all cases of a comparison that has no runs, in the order of :func:`extend`."""
    planned, arms = replace(comparison, seeds=tuple(seeds)), range(len(comparison.arms) + 1)
    return cases_of(planned, [(i, key) for key in planned.order for i in arms])


def cases_of(comparison: Comparison, plan: Iterable[tuple[int, Key]]) -> list[Case]:
    """Return selected cases of a comparison.

    Args:
        comparison: baseline and arms.
        plan: one tuple (arm index, member, seed) per case. Index 0 is the baseline.

    Returns:
        The cases, ordered like `plan`.
    """
    sets = comparison.ensemble or ({},)
    scenarios = [comparison.scenario.with_settings(settings) for settings in sets]
    offset = [seed_offset(settings) if comparison.members else 0 for settings in sets]
    arms = (comparison.baseline, *comparison.arms)
    return [
        Case(with_policies(scenarios[m], arms[i].specs), seed + offset[m]) for i, (m, seed) in plan
    ]


def _evaluate(comparison: Comparison, arms: list[Arm], failures: list[Failure]) -> Comparison:
    """Return the comparison with its results distributed to the arms, and their differences."""
    for arm in arms:
        runs = {key: arm.runs[key] for key in comparison.order if key in arm.runs}
        arm.runs.clear()
        arm.runs.update(runs)
    base = replace(arms[0], outcomes=_levels(arms[0]))
    evaluated = tuple(
        replace(arm, outcomes=differences(base, arm, ensemble=bool(comparison.ensemble)))
        for arm in arms[1:]
    )
    return replace(comparison, baseline=base, arms=evaluated, failures=tuple(failures))


def _arm(scenario: Scenario, specs: Portfolio) -> Arm:
    """Create an arm without runs. Check its policies together with the scenario's."""
    policies = policies_of(scenario, specs)
    with_policies(scenario, specs)
    dollars: dict[str, float] = {}
    for policy in policies:
        for payer, yearly in policy.dollars().items():
            dollars[payer] = dollars.get(payer, 0.0) + yearly
    title = " + ".join(policy.title for policy in policies)
    if not specs:
        title = "Status quo" if not scenario.policies else f"Scenario {scenario.name}"
    dose = policies[0].dose if len(policies) == 1 else math.nan if policies else 0.0
    return Arm(specs, title, dose, dollars)


def _levels(arm: Arm) -> dict[str, Difference]:
    """Return the baseline's medians, with differences of zero."""
    levels, runs = {}, list(arm.runs.values())
    for name in runs[0].outcomes if runs else ():
        level = Interval.of(finite_values([run.outcomes[name] for run in runs])).median
        levels[name] = Difference(level, Interval.exactly(0.0))
    return levels


def differences(base: Arm, arm: Arm, *, ensemble: bool = False) -> dict[str, Difference]:
    """Compute the paired differences of every outcome.

    Prices of averted entries come last, followed directly by the human costs, so that a table in
    this order never shows a price without them. If entries do not fall meaningfully
    (:attr:`Difference.finding`), their price is NaN.

    Args:
        base: the baseline with its outcomes.
        arm: the arm. Runs are paired if both sides have the same member and seed.
        ensemble: whether members are parameter sets.

    Returns:
        Differences by outcome.
    """
    pairs = {key: (base.runs[key], arm.runs[key]) for key in base.runs if key in arm.runs}
    changes: dict[str, Difference] = {}
    for name, level in base.outcomes.items():
        by_pair = by_key(
            (key, new.outcomes[name] - old.outcomes[name]) for key, (old, new) in pairs.items()
        )
        changes[name] = difference(level.baseline, by_pair, ensemble=ensemble)
    human_costs = {name: changes.pop(name) for name in BESIDE_PRICES if name in changes}
    if len(human_costs) == len(BESIDE_PRICES):
        for name, entry in AVERTED.items():
            has_price = changes[entry].finding is Finding.FEWER
            price = price_per_averted(pairs, entry, ensemble=ensemble) if has_price else NO_PRICE
            changes[name] = price
    return changes | human_costs
