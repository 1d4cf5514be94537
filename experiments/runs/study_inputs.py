"""Read a study's scenario, policies, seeds and budgets, and warn about settings without effect.

The command line and the package ``twoborders`` read their arguments with these functions.
"""

from __future__ import annotations

import datetime
import re
import statistics
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from itertools import combinations
from pathlib import Path
from typing import TYPE_CHECKING, Any

from abm.measures import flow_ratio
from abm.policies import Policy, policies_of
from abm.scenario import ConsequenceChange, PolicySpec, Scenario, SettingError, parse_policy
from abm.supply import Supply, check_supply, communities
from abm.supply_file import in_folder
from abm.world.errors import WorldError
from abm.world.routes import load_world
from agents.own_code import is_importable
from agents.param import plain
from agents.supply_terms import TERMS
from experiments.calibration.members import EnsembleSample, draw_members
from experiments.scenarios import find
from experiments.sweeps.design import LARGEST_SEED

if TYPE_CHECKING:
    from experiments.runs.case import RunResult

_HIGH_FLOW = 2.0  # times the base year's apprehensions
_MANY_RELEASED = 0.02  # share of encountered foreigners released for lack of a bed
_FEW_MIGRANTS = 300  # simulated migrants who set out; with fewer, chance dominates


def scenario_warnings(scenario: Scenario) -> list[str]:
    """Warn about policies, changes and supply terms that cannot act as the scenario sets them."""
    return [
        *policies_never_in_force(scenario, scenario.policies),
        *_changes_never_in_force(scenario),
        *_terms_before_the_start(scenario),
    ]


def policies_never_in_force(scenario: Scenario, specs: Iterable[PolicySpec]) -> list[str]:
    """Return a warning for every policy whose period is outside the run.

    Args:
        scenario: scenario that sets the run's period.
        specs: policies to check.

    Returns:
        The warnings.
    """
    return [
        f"{spec} is never in force in a run {period}, so it changes nothing."
        for spec in specs
        if (period := _period_without(scenario, spec))
    ]


def _changes_never_in_force(scenario: Scenario) -> list[str]:
    """Return a warning for every consequence change whose period is outside the run.

    A change that is in force only during the warm-up counts as outside the run.
    """
    return [
        f"the change of consequences from {change.start or scenario.start} to "
        f"{change.end or 'the end'} (exclusive) is never in force in a run {period}."
        for change in scenario.consequence_changes
        if (period := _period_without(scenario, change))
    ]


def _period_without(scenario: Scenario, dated: PolicySpec | ConsequenceChange) -> str:
    """Return the run's period in words if a dated item is never in force in it, else ""."""
    start, end = scenario.start, scenario.start + datetime.timedelta(days=scenario.days)
    is_outside = (dated.start or start) >= end or (dated.end or end) <= start
    return f"from {start} to before {end}" if is_outside else ""


def _terms_before_the_start(scenario: Scenario) -> list[str]:
    """Return a warning if supply terms that depend on the run are dated before its start."""
    terms, start = scenario.supply_terms, scenario.start
    since: dict[str, float] = dict(zip(TERMS, terms.since, strict=True))
    used = {"network": any(terms.network), "awareness": terms.awareness_speed > 0.0}
    first = start.year + (start.month - 1) / 12.0
    early = [name for name, on in used.items() if on and 0.0 < since[name] < first - 0.01]
    if not early:
        return []
    return [
        f"supply_terms.since of {' and '.join(early)} is before the start of the run; these terms "
        f"follow the run, so they act from {start} relative to their state on that date."
    ]


def added_doses(scenario: Scenario, specs: Sequence[PolicySpec]) -> list[str]:
    """Warn about every instrument that is in force twice on a day with equal parameters.

    Args:
        scenario: scenario whose period applies to policies without dates.
        specs: all policies that are in force together.

    Returns:
        The warnings.
    """
    policies = [policy for policy in policies_of(scenario, specs) if not policy.overlaps]
    pairs = combinations(policies, 2)
    added = [
        a.id
        for a, b in pairs
        if a.id == b.id and max(a.start, b.start) < min(a.end, b.end)
        if replace(a, dose=b.dose, start=b.start, end=b.end, effect=b.effect) == b
    ]
    return [
        f"{name} is given more than once; doses in force on the same day are added."
        for name in dict.fromkeys(added)
    ]


def equal_arms(arms: Iterable[Portfolio]) -> list[str]:
    """Warn about every arm that is listed more than once."""
    counts = Counter("+".join(sorted(map(str, arm))) for arm in arms)
    return [
        f"{text} is given {count} times; its arms are identical."
        for text, count in counts.items()
        if count > 1
    ]


def result_warnings(results: Iterable[RunResult], scenario: Scenario) -> list[str]:
    """Warn about too few simulated migrants, full beds, and a flow far above the base year.

    Args:
        results: the scenario's runs. Each warning refers to their median.
        scenario: scenario of the runs. Only the packaged world's flow is compared with the base
            year.

    Returns:
        The warnings.
    """
    if not (results := tuple(results)):
        return []
    number = statistics.median(result.events["set_out"] / result.scale for result in results)
    released = statistics.median(result.rates["overflow_share"] for result in results)
    flow = statistics.median(flow_ratio(result.series) for result in results)
    full, high = released > _MANY_RELEASED, flow > _HIGH_FLOW and not scenario.world
    warnings = {
        f"only {number:,.0f} simulated migrants set out in a run, so its figures per year are "
        "mostly chance; give more days or a smaller scale.": number < _FEW_MIGRANTS,
        f"{released:.0%} of the foreigners encountered are released for lack of a bed, and others "
        "learn of it: flows depend on the assumption consequences.release_without_bed.": full,
        f"apprehensions of a group within twelve months reach {flow:.1f} times those of FY2013. "
        "The model was fitted to that year; more than twice its flow is an extrapolation.": high,
    }
    return [text for text, applies in warnings.items() if applies]


def fixed_parameters(sample: EnsembleSample | None) -> list[str]:
    """Warn about parameters that the ensemble varies although the user has set them."""
    if not sample or not sample.fixed_paths:
        return []
    paths = ", ".join(sample.fixed_paths)
    return [f"the ensemble varies {paths}; set here, so the same in every member."]


#: Policies in force together, as arguments accept them.
Portfolio = tuple[PolicySpec, ...]
#: One policy: written form, specification, policy object, or its class (at dose 1).
type OnePolicy = str | PolicySpec | Policy | type[Policy]
type PolicyInput = OnePolicy | Sequence[OnePolicy]

_SMALLEST_BUDGET = 10e6
_JOINED = re.compile(r"\+(?=[A-Za-z_])")  # a number such as 1e+3 also contains a +


def read_scenario(
    scenario: str | Path | Scenario, settings: Mapping[str, Any], *, world: str = "world"
) -> Scenario:
    """Load a scenario, apply settings, and check the result before a run starts.

    Args:
        scenario: packaged name, TOML file, or a scenario.
        settings: values by dotted path.
        world: name that error messages give to the world setting.

    Returns:
        The scenario.

    Raises:
        SettingError: the scenario, a setting, the supply series, the world, or a policy is invalid.
    """
    loaded = scenario if isinstance(scenario, Scenario) else find(scenario)
    changed = loaded.with_settings(settings)
    supply = in_folder(changed.supply, ".")  # a stored scenario may be read from elsewhere
    changed = changed.with_settings({"supply": supply}) if supply != changed.supply else changed
    check_supply(changed)
    try:
        loaded_world = load_world(changed.world or None)
    except WorldError as error:
        raise error.as_setting_error(world, changed.world) from None
    if changed.engine == "objects":
        from abm.engines import check_size  # deferred, as it imports the compiled code

        check_size(changed, Supply(changed, communities(loaded_world)))
    if changed.agent_classes:
        from abm.build_agents import own_classes  # deferred, as it imports the model

        own_classes(changed)
    try:
        policies_of(changed, changed.policies)
    except SettingError as error:
        from_file = not isinstance(scenario, Scenario) and "policies" not in settings
        origin = str(scenario) if from_file else ""
        raise SettingError(error.path, error.reason, error.hint, origin) from None
    return changed


def join_settings(*sources: Iterable[tuple[str, Any]]) -> dict[str, Any]:
    """Join settings from several sources.

    Args:
        sources: for each source, pairs of path and value.

    Returns:
        Values by path.

    Raises:
        SettingError: a path is set twice.
    """
    settings: dict[str, Any] = {}
    for path, value in (pair for pairs in sources for pair in pairs):
        if path in settings:
            raise SettingError(path, "it is set twice", "Set it once.")
        settings[path] = value
    return settings


def setting_leaves(settings: Iterable[tuple[str, Any]]) -> set[str]:
    """Return the dotted path to every single value that settings change.

    Args:
        settings: pairs of path and value. A value that is a mapping changes several paths.

    Returns:
        The paths.
    """
    leaves: set[str] = set()
    for path, value in settings:
        if isinstance(value, Mapping):
            leaves |= setting_leaves((f"{path}.{name}", inner) for name, inner in value.items())
        else:
            leaves.add(path)
    return leaves


def read_portfolios(
    scenario: Scenario, arms: Iterable[PolicyInput], where: str = "policies"
) -> list[Portfolio]:
    """Read policies and check them together with the scenario's policies.

    Args:
        scenario: scenario to which each arm adds its policies.
        arms: each arm's policies. A text joins several policies with +.
        where: name of the argument in error messages.

    Returns:
        One portfolio per arm.

    Raises:
        SettingError: a policy is invalid.
    """
    portfolios = [_portfolio(arm, where) for arm in arms]
    for portfolio in portfolios:
        policies_of(scenario, portfolio)
        with_policies(scenario, portfolio)
    return portfolios


def with_policies(scenario: Scenario, specs: Portfolio) -> Scenario:
    """Add policies to a scenario.

    Args:
        scenario: the scenario to which policies are added. It is not changed.
        specs: the policies to add.

    Returns:
        The scenario with all policies.

    Raises:
        SettingError: a policy is invalid, or its dose and the scenario's doses sum to more than
            the maximum.
    """
    if not specs:
        return scenario
    combined = scenario.with_settings({"policies": (*scenario.policies, *specs)})
    policies_of(combined, combined.policies)
    return combined


def _portfolio(arm: PolicyInput, where: str) -> Portfolio:
    """Read one arm's policies."""
    if isinstance(arm, str):
        return _parsed(arm, where)
    if isinstance(arm, PolicySpec):
        return (arm,)
    if isinstance(arm, Policy | type):
        return (PolicySpec.of(arm),)
    if isinstance(arm, Sequence) and arm:
        return tuple(spec for part in arm for spec in _portfolio(part, where))
    hint = 'Give a text such as "fence:0.5", a Policy, its class, a PolicySpec, or a list.'
    raise SettingError(where, f"{plain(arm)} is not a policy", hint)


def _parsed(text: str, where: str) -> Portfolio:
    """Read one policy, or several joined by +."""
    try:
        return tuple(parse_policy(part, where) for part in _JOINED.split(text))
    except SettingError:
        if "," not in text:
            raise
    hints = {"--policy": "Repeat --policy", "POLICY": "Put spaces between policies"}
    hint = hints.get(where, "Give a list of texts") + (
        ", or join policies that are in force together with +."
    )
    raise SettingError(where, f"{plain(text)} contains a comma", hint)


def seed_range(seed: int, reps: int, *, prefix: str = "") -> range:
    """Return consecutive seeds.

    Args:
        seed: the first seed, from 0.
        reps: number of seeds.
        prefix: prefix of the names ``seed`` and ``reps`` in error messages.

    Returns:
        The seeds.

    Raises:
        SettingError: the seeds exceed the highest valid seed.
    """
    if seed + reps - 1 > LARGEST_SEED:
        hint = f"Keep {prefix}seed plus {prefix}reps at most {LARGEST_SEED + 1}."
        raise SettingError(f"{prefix}seed", f"{seed} is too large for {reps} seeds", hint)
    return range(seed, seed + reps)


def read_members(
    count: int | None,
    scenario: Scenario,
    settings: Iterable[tuple[str, Any]],
    where: str = "members",
) -> EnsembleSample | None:
    """Draw members of the packaged ensemble.

    Args:
        count: number of members, or None to use no ensemble.
        scenario: scenario whose changed numbers take precedence over the members' numbers.
        settings: pairs of path and value that the user has set. They take precedence too.
        where: name of the argument in error messages.

    Returns:
        The members, or None if no ensemble is used.

    Raises:
        SettingError: the ensemble is missing or does not fit the scenario.
    """
    if count is None:
        return None
    return draw_members(count, scenario, by_hand=setting_leaves(settings), where=where)


def read_budgets(
    budgets: Iterable[str | float], where: str = "budgets", *, zero: bool = False
) -> tuple[float, ...]:
    """Read yearly budgets.

    Args:
        budgets: dollars per year, as numbers or texts such as 250M.
        where: name of the argument in error messages.
        zero: whether a budget may be 0.

    Returns:
        Distinct budgets in ascending order, in dollars per year.

    Raises:
        SettingError: a budget is not a number of dollars, or is below $10M.
    """
    if isinstance(budgets, str) or not isinstance(budgets, Iterable):
        hint = 'Give a list of dollars per year, for example ["250M", "1B"].'
        raise SettingError(where, f"{plain(budgets)} is not a list of budgets", hint)
    free = ("0", "$0", "0.0") if zero else ()
    return tuple(sorted({0.0 if str(b).strip() in free else _dollars(b, where) for b in budgets}))


def _dollars(budget: str | float, where: str) -> float:
    """Read one budget."""
    try:
        text = budget if isinstance(budget, str) else f"{float(budget) / 1e6!r}M"
        dollars = parse_policy(f"any:{text}").dollars
    except (SettingError, TypeError, ValueError, OverflowError):
        dollars = None
    if not dollars or dollars < _SMALLEST_BUDGET:
        hint = "Give dollars per year, for example 250M or 1B."
        raise SettingError(where, f"{plain(budget)} is not a budget of $10M or more", hint)
    return dollars


def read_names(policies: Iterable[str | type[Policy]], where: str = "policies") -> tuple[str, ...]:
    """Read the names of policies for which a study chooses the doses.

    Args:
        policies: policy ids, or user-defined classes, each given as a class or as text
            (module:Class).
        where: name of the argument in error messages.

    Returns:
        The distinct names.

    Raises:
        SettingError: an item is neither, for example a policy with a dose.
    """
    if isinstance(policies, str | type) or not isinstance(policies, Iterable):
        policies = [policies]
    names = [PolicySpec.of(item).id if isinstance(item, type) else item for item in policies]
    for name in names:
        if not isinstance(name, str):
            hint = "Give an id, a class or module:Class: the study chooses the dose."
            raise SettingError(where, f"{plain(name)} is not a kind of policy", hint)
    return tuple(dict.fromkeys(names))


def local_classes(scenario: Scenario) -> list[str]:
    """Return those classes in a scenario that other processes cannot import, as texts."""
    texts = [spec.id for spec in scenario.policies] + [text for _, text in scenario.agent_classes]
    return [text for text in texts if not is_importable(text)]


def refuse_local_classes(scenario: Scenario, reason: str) -> None:
    """Raise ``SettingError`` if other processes cannot import a class in the scenario."""
    for text in local_classes(scenario):
        module, _, name = text.partition(":")
        hint = "Put it into a file and import it from there."
        raise SettingError(name, f"the class is defined in {module}, so {reason}", hint)
