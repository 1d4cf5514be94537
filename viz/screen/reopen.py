"""Two points of a sweep as a choice of the Compare screen, and what that cannot hold."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from abm.scenario import Scenario, load_scenario, parameters
from experiments.design import with_inputs
from experiments.scenarios import find
from viz.screen.choice import BASE, FINEST, MOST_DAYS, Choice, settable_paths

_HELD = ("days", "scale")  # held within bounds
_PLAIN = ("start", "supply", "world")  # settings that are no numbers


@dataclass(frozen=True, slots=True)
class Omission:
    """Something that the screen cannot hold: a key for its words, and what it is about."""

    key: str
    about: str = ""


@dataclass(frozen=True, slots=True)
class ReopenedChoice:
    """A choice for the Compare screen, and what it leaves out."""

    choice: Choice
    omissions: tuple[Omission, ...]


def reopen(text: str, a: Mapping[str, Any], b: Mapping[str, Any], seed: int) -> ReopenedChoice:
    """Two points of a design as worlds A and B.

    Args:
        text: the scenario of the design, as TOML.
        a: what varies, by path, at the point of world A.
        b: the same for world B.
        seed: of both.

    Raises ``SettingError`` for a scenario that this version of the model does not know.
    """
    scenario = load_scenario(text)
    one, other = (with_inputs(scenario, point) for point in (a, b))
    numbers, unheld = _numbers(other)
    choice = Choice(
        a=tuple(map(str, one.policies)),
        b=tuple(map(str, other.policies)),
        seed=seed,
        days=min(other.days, MOST_DAYS),
        scale=max(other.scale, FINEST),
        numbers=numbers,
    )
    return ReopenedChoice(choice, (*_bounded(other, choice), *unheld, *_apart(one, other)))


def _numbers(scenario: Scenario) -> tuple[tuple[tuple[str, str], ...], Sequence[Omission]]:
    """Numbers that differ from those of the screen's own scenario; those it can set, and others."""
    base = find(BASE)
    usual = {row.path: row.value for row in parameters(base)}
    changed = {
        row.path: row.value
        for row in parameters(scenario)
        if row.path not in _HELD and row.value != usual.get(row.path)
    }
    told = tuple(
        (path, _written(value)) for path, value in changed.items() if path in settable_paths()
    )
    lost = [
        Omission("setting", f"{path} = {_shown(value)}")
        for path, value in changed.items()
        if path not in settable_paths()
    ]
    lost += [
        Omission("setting", f"{name} = {getattr(scenario, name)}")
        for name in _PLAIN
        if getattr(scenario, name) != getattr(base, name)
    ]
    return told, lost


def _bounded(scenario: Scenario, choice: Choice) -> Sequence[Omission]:
    """Length and scale, where the screen has a bound."""
    asked = {name: (getattr(scenario, name), getattr(choice, name)) for name in _HELD}
    return [Omission(name, f"{was} → {now}") for name, (was, now) in asked.items() if was != now]


def _apart(a: Scenario, b: Scenario) -> Sequence[Omission]:
    """Numbers in which A and B differ: the screen has one of each for both, and takes B's."""
    ours, theirs = ({row.path: row.value for row in parameters(s)} for s in (a, b))
    lost = [
        Omission("apart", f"{path}: A {_shown(ours[path])}, B {_shown(value)}")
        for path, value in theirs.items()
        if ours[path] != value
    ]
    return [*lost, Omission("alike")] if lost and a.policies == b.policies else lost


def _written(value: Any) -> str:
    """A number as the command line takes it, to the last digit."""
    return repr(value) if isinstance(value, int) or math.isfinite(value) else str(value)


def _shown(value: Any) -> str:
    """A value, short."""
    return f"{value:.4g}" if isinstance(value, float) else str(value)
