"""Read the scenario and the policies that the options of a command select."""

from __future__ import annotations

import datetime
import re
from collections.abc import Collection, Sequence

from abm.scenario import PolicySpec, Scenario, SettingError, parse_policy, parse_set
from abm.supply_series import season
from abm.world.routes import WorldError, load_world
from agents.param import meant, plain
from experiments.compare import Portfolio, policies_of, with_policies
from experiments.scenarios import find
from viz.cli.options import RunOptions
from viz.cli.shell import log

_SMALLEST_BUDGET = 10e6


def read_scenario(options: RunOptions) -> Scenario:
    """Load the scenario with --days, --scale, --world and --set, and check all of it."""
    scenario = find(options.scenario)
    changes: dict[str, object] = {}
    given = [
        ("days", options.days),
        ("scale", options.scale),
        ("world", str(options.world) if options.world else None),
    ]
    for path, value in [*(g for g in given if g[1] is not None), *map(parse_set, options.sets)]:
        if path in changes:
            raise SettingError(path, "it is set twice", "Set it once.")
        changes[path] = value
    scenario = scenario.with_settings(changes)
    season(scenario.supply)
    _check_world(scenario.world)
    _check_policies(scenario, scenario.policies)
    return scenario


def read_policies(scenario: Scenario, texts: Sequence[str]) -> list[Portfolio]:
    """Read and check policies.

    Args:
        scenario: scenario in which they will be in force.
        texts: policies as ``id[:dose][@from[..to]]``; several joined by + are a portfolio.

    Returns:
        One portfolio per text.

    Raises:
        SettingError: a policy is invalid.
    """
    arms = [_portfolio(text) for text in texts]
    for specs in arms:
        _check_policies(scenario, specs)
        with_policies(scenario, specs)  # checks the doses together with those of the scenario
    return arms


def _portfolio(text: str) -> Portfolio:
    """Read one policy, or several joined by + (which also occurs in 1e+3)."""
    return tuple(parse_policy(part) for part in re.split(r"\+(?=[a-z])", text))


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
        raise SettingError("--world", f"{folder}: {error}", "Fix the file named above.") from None


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
