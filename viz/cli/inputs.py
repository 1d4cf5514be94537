"""Read the scenario, policies and ensemble that options select, and print warnings about them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from abm.scenario import Scenario, SettingError, parse_set
from experiments.calibration.members import EnsembleSample
from experiments.runs import study_inputs
from viz.cli.options import AgentOption, ParameterOptions
from viz.cli.shell import log

_OPTIONS = ("scenario", "policy", "seed", "reps", "members", "jobs", "out")  # refused by --set


def warn(texts: Iterable[str]) -> None:
    """Print one line per warning to stderr."""
    for text in texts:
        log(f"warning: {text}")


def read_scenario(options: ParameterOptions) -> Scenario:
    """Load the scenario, apply the options that change it, check it, and print its warnings."""
    values = options.selected("days", "scale", "world", "supply", "engine")
    values |= {"world": str(values["world"])} if "world" in values else {}
    settings = read_sets([*options.sets, *class_sets(options)], values)
    name = getattr(options, "scenario", "baseline")
    scenario = study_inputs.read_scenario(name, settings, world="--world")
    warn(study_inputs.scenario_warnings(scenario))
    return scenario


def class_sets(options: AgentOption) -> list[str]:
    """Convert the --agent-class values to --set values."""
    return [f"agent_classes.{text}" for text in options.agent_classes]


def read_sets(sets: Sequence[str], given: Mapping[str, Any]) -> dict[str, Any]:
    """Merge ``--set`` values with the values from other options.

    Args:
        sets: ``--set`` values.
        given: values from other options, by parameter path.

    Returns:
        All values, by parameter path.

    Raises:
        SettingError: a value is invalid, or a path is set twice.
    """
    pairs = list(map(parse_set, sets))
    for path, _ in pairs:
        if path in _OPTIONS:
            hint = f"Give it as the option --{path}, if the command has one."
            raise SettingError(path, "it is an option, not a parameter", hint)
    return study_inputs.join_settings(given.items(), pairs)


def read_policies(
    scenario: Scenario, texts: Sequence[str], where: str = "--policy"
) -> list[study_inputs.Portfolio]:
    """Read and check policies.

    Args:
        scenario: scenario in which they will be in force.
        texts: policies as ``id[:dose][@from[..to]]``. A plus sign joins policies to a portfolio.
        where: option or argument with the policies, for error messages.

    Returns:
        One portfolio per text.

    Raises:
        SettingError: a policy is invalid.
    """
    arms = study_inputs.read_portfolios(scenario, texts, where)
    warn(study_inputs.policies_never_in_force(scenario, (spec for arm in arms for spec in arm)))
    return arms


def read_ensemble(
    count: int | None, scenario: Scenario, sets: Sequence[str]
) -> EnsembleSample | None:
    """Draw members from the packaged ensemble, and warn about parameters that stay fixed.

    Args:
        count: number of members, or None for no ensemble.
        scenario whose changed parameters override the members' values.
        sets: ``--set`` values, which also override the members' values.

    Returns:
        The members, or None if no ensemble is used.

    Raises:
        SettingError: the ensemble is missing or does not fit the scenario.
    """
    sample = study_inputs.read_members(count, scenario, map(parse_set, sets), "--members")
    warn(study_inputs.fixed_parameters(sample))
    return sample
