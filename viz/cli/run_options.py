"""Read the scenario, the policies and the ensemble that the options of a command select."""

from __future__ import annotations

import datetime
import re
from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import Any

from abm.scenario import PolicySpec, Scenario, SettingError, parse_policy, parse_set
from abm.supply_series import season
from abm.world.routes import WorldError, load_world
from agents.param import meant, plain
from experiments.calibration.members import EnsembleSample, draw_members
from experiments.compare import Portfolio, policies_of, with_policies
from experiments.scenarios import find
from viz.cli.options import RunOptions
from viz.cli.shell import log

_SMALLEST_BUDGET = 10e6
_OPTIONS = ("scenario", "policy", "seed", "reps", "ensemble", "jobs", "out")  # not parameters


def read_scenario(options: RunOptions) -> Scenario:
    """Load the scenario with --days, --scale, --world and --set, and check all of it."""
    scenario = find(options.scenario)
    given = options.given("days", "scale", "world")
    given |= {"world": str(given["world"])} if "world" in given else {}
    scenario = scenario.with_settings(read_sets(options.sets, given))
    season(scenario.supply)
    _check_world(scenario.world)
    try:
        _check_policies(scenario, scenario.policies)
    except SettingError as error:
        file = "" if options.sets_path("policies") else options.scenario
        raise SettingError(error.path, error.reason, error.hint, file) from None
    return scenario


def read_sets(sets: Sequence[str], given: Mapping[str, Any]) -> dict[str, Any]:
    """Add the values of ``--set`` to settings.

    Args:
        sets: values of ``--set``.
        given: values of other options, by path.

    Returns:
        All values, by path.

    Raises:
        SettingError: a value is invalid, or a path is set twice.
    """
    settings = dict(given)
    for path, value in map(parse_set, sets):
        if path in _OPTIONS:
            hint = f"Give it as the option --{path}, if the command has one."
            raise SettingError(path, "it is an option, not a parameter", hint)
        if path in settings:
            raise SettingError(path, "it is set twice", "Set it once.")
        settings[path] = value
    return settings


def read_policies(
    scenario: Scenario, texts: Sequence[str], where: str = "--policy"
) -> list[Portfolio]:
    """Read and check policies.

    Args:
        scenario: scenario in which they will be in force.
        texts: policies as ``id[:dose][@from[..to]]``; several joined by + are a portfolio.
        where: option or argument with the policies, for error messages.

    Returns:
        One portfolio per text.

    Raises:
        SettingError: a policy is invalid.
    """
    arms = [_portfolio(text, where) for text in texts]
    for specs in arms:
        _check_policies(scenario, specs)
        with_policies(scenario, specs)  # checks the doses together with those of the scenario
    return arms


def _portfolio(text: str, where: str) -> Portfolio:
    """Read one policy, or several joined by + (which also occurs in 1e+3)."""
    try:
        return tuple(parse_policy(part, where) for part in re.split(r"\+(?=[a-z])", text))
    except SettingError:
        if "," not in text:
            raise
    apart = f"Repeat {where}" if where.startswith("-") else "Put spaces between policies"
    hint = f"{apart}, or join policies that are in force together with +."
    raise SettingError(where, f"{plain(text)} contains a comma", hint)


def _check_policies(scenario: Scenario, specs: Sequence[PolicySpec]) -> None:
    """Build every policy once to reject invalid ones; warn of policies outside the run."""
    end = scenario.start + datetime.timedelta(days=scenario.days)
    policies_of(scenario, specs)
    for spec in specs:
        if (spec.start or scenario.start) >= end or (spec.end or end) <= scenario.start:
            log(
                f"warning: {spec} is never in force in a run from {scenario.start} to before {end}."
            )


def _check_world(folder: str) -> None:
    """Load the world once, so that an invalid one is rejected before a run starts."""
    try:
        load_world(folder or None)
    except WorldError as error:
        raise error.as_setting_error("--world", folder) from None


def read_ensemble(
    count: int | None, scenario: Scenario, sets: Sequence[str]
) -> EnsembleSample | None:
    """Draw members of the packaged ensemble, and warn about numbers that they do not vary.

    Args:
        count: number of members; None for no ensemble.
        scenario: its numbers other than the defaults take precedence over those of the members.
        sets: values of ``--set``, which take precedence too.

    Returns:
        The members; None without an ensemble.

    Raises:
        SettingError: the ensemble is missing or does not fit the scenario.
    """
    if count is None:
        return None
    drawn = draw_members(count, scenario, by_hand=paths_set(sets))
    if drawn.held:
        held = ", ".join(drawn.held)
        log(f"warning: the ensemble varies {held}; set here, so the same in every member.")
    return drawn


def paths_set(sets: Sequence[str]) -> set[str]:
    """Return the paths of the numbers that values of ``--set`` set."""
    return {path for text in sets for path in _leaves(*parse_set(text))}


def _leaves(path: str, value: Any) -> Iterable[str]:
    """Return the paths of single numbers; a table or a group sets several."""
    if not isinstance(value, Mapping):
        return [path]
    return [leaf for name, inner in value.items() for leaf in _leaves(f"{path}.{name}", inner)]


def check_known(option: str, name: str, known: Collection[str], hint: str = "") -> str:
    """Return a name that the user gave.

    Args:
        option: option with the name.
        name: name to check.
        known: valid names.
        hint: where to find the valid names; by default they are listed.

    Returns:
        The name.

    Raises:
        SettingError: the name is not known.
    """
    if name not in known:
        fix = meant(name, known) + (hint or f"Give one of {', '.join(known)}.")
        raise SettingError(option, f"{plain(name)} is not known", fix)
    return name


def read_budgets(texts: Sequence[str]) -> tuple[float, ...]:
    """Read budgets such as 250M; return distinct dollars per year in ascending order."""
    return tuple(sorted({_dollars(text) for text in texts}))


def _dollars(text: str) -> float:
    """Read one budget; raise ``SettingError`` if it is not a sum of $10M or more."""
    try:
        dollars = parse_policy(f"any:{text}").dollars
    except SettingError:
        dollars = None
    if not dollars or dollars < _SMALLEST_BUDGET:
        hint = "Give dollars per year, for example 250M or 1B."
        raise SettingError("--budget", f"{plain(text)} is not a budget of $10M or more", hint)
    return dollars
