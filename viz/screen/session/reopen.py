"""Convert two points of a sweep to a choice of the Compare screen; list the omitted settings."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from abm.scenario import Scenario, load_scenario, parameters
from abm.supply_file import is_supply_file
from experiments.scenarios import find
from experiments.sweeps.design import with_inputs
from viz.screen.session.choice import (
    BASE,
    FINEST,
    MOST_DAYS,
    Choice,
    changed_numbers,
    settable_paths,
)

_BOUNDED = ("days", "scale")  # limited on the screen
#: Settings that the screen cannot change.
_FIXED = ("start", "supply", "supply_season", "world", "consequence_changes")


@dataclass(frozen=True, slots=True)
class Omission:
    """A setting that the screen cannot reproduce: a key for its words, and the setting."""

    key: str
    about: str = ""


@dataclass(frozen=True, slots=True)
class ReopenedChoice:
    """A choice for the Compare screen and the settings that it leaves out."""

    choice: Choice
    omissions: tuple[Omission, ...]


def reopen(text: str, a: Mapping[str, Any], b: Mapping[str, Any], seed: int) -> ReopenedChoice:
    """Convert two points of a design to worlds A and B.

    Args:
        text: the scenario of the design, as TOML.
        a, b: inputs by path at the points of world A and world B.
        seed: seed of both worlds.

    Returns:
        The choice and its omissions.

    Raises:
        SettingError: for a scenario that this version of the model does not accept.
    """
    scenario = load_scenario(text)
    one, other = (with_inputs(scenario, point) for point in (a, b))
    choice = Choice(
        a=tuple(map(str, one.policies)),
        b=tuple(map(str, other.policies)),
        seed=seed,
        days=min(other.days, MOST_DAYS),
        scale=max(other.scale, FINEST),
        numbers=changed_numbers(other),
    )
    return ReopenedChoice(choice, (*_bounded(other, choice), *_fixed(other), *_apart(one, other)))


def _differences(a: Scenario, b: Scenario) -> dict[str, tuple[Any, Any]]:
    """Return both values of every parameter that differs, by path."""
    ours = {row.path: row.value for row in parameters(a)}
    pairs = {row.path: (ours.get(row.path), row.value) for row in parameters(b)}
    return {path: (one, other) for path, (one, other) in pairs.items() if one != other}


def _fixed(scenario: Scenario) -> Sequence[Omission]:
    """Return settings that differ from the screen's base scenario and that it cannot change."""
    base, held = find(BASE), {*_BOUNDED, *settable_paths()}
    changed = _differences(base, scenario).items()
    settings = [f"{path} = {_short(value)}" for path, (_, value) in changed if path not in held]
    for name in _FIXED:
        value = getattr(scenario, name)
        if value != getattr(base, name):
            value = str(len(value) if isinstance(value, tuple) else value)
            settings.append(f"{name} = {Path(value).name if is_supply_file(value) else value}")
    return [Omission("setting", about) for about in settings]


def _bounded(scenario: Scenario, choice: Choice) -> Sequence[Omission]:
    """Return the length and scale where the screen's bounds change them."""
    ends = {name: (getattr(scenario, name), getattr(choice, name)) for name in _BOUNDED}
    return [Omission(name, f"{was} → {now}") for name, (was, now) in ends.items() if was != now]


def _apart(a: Scenario, b: Scenario) -> Sequence[Omission]:
    """Return values in which A and B differ: the screen applies B's values to both worlds."""
    omissions = [
        Omission("apart", f"{path}: A {_short(ours)}, B {_short(theirs)}")
        for path, (ours, theirs) in _differences(a, b).items()
    ]
    return [*omissions, Omission("alike")] if omissions and a.policies == b.policies else omissions


def _short(value: Any) -> str:
    """Format a value with four digits."""
    return f"{value:.4g}" if isinstance(value, float) else str(value)
