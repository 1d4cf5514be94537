"""What a visitor has chosen: policies of two worlds, seed, length, scale, numbers; as an address.

Policies are kept in their written form, so whatever the command line can say the screen can hold.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache, lru_cache
from typing import Any
from urllib.parse import parse_qsl, urlencode

from abm.policies import registry
from abm.scenario import Scenario, SettingError, parameters, parse_set
from abm.scenario.policy_specs import PolicySpec, parse_policy
from agents.param import params_of, plain
from experiments.compare import policies_of
from experiments.scenarios import find

#: Packaged portfolios among what one may start from.
PORTFOLIOS = ("us_only", "cooperation", "mixed")
STATUS_QUO = "status_quo"
BASE = "classroom"
#: [A] what one visitor may ask for: longest run in days, and the finest scale.
MOST_DAYS, FINEST = 3_652, 10
_FIRST_B = "southern_border_control:3"
Policies = tuple[str, ...]


@cache
def presets() -> dict[str, Policies]:
    """What a world may start from: nothing, a packaged portfolio, or one instrument in full."""
    found: dict[str, Policies] = {STATUS_QUO: ()}
    for name in PORTFOLIOS:
        found[name] = tuple(str(use) for use in find(name).policies)
    return found | {name: (name,) for name in registry() if name != STATUS_QUO}


def preset_of(policies: Policies) -> str | None:
    """The preset that these policies are; None for a choice of one's own."""
    return next((name for name, own in presets().items() if set(own) == set(policies)), None)


@dataclass(frozen=True)
class Choice:
    """Everything that makes two worlds; raises ``SettingError`` when its scenarios are made."""

    a: Policies = ()
    b: Policies = (_FIRST_B,)
    seed: int = 1
    days: int = 365
    scale: int = 100
    numbers: tuple[tuple[str, str], ...] = field(default=())

    def policies(self, world: int) -> Policies:
        """Of world A (0) or B (1)."""
        return (self.a, self.b)[world]

    def scenario(self, world: int) -> Scenario:
        """The scenario of a world, checked whole."""
        return _scenario(self, world)

    def query(self) -> str:
        """As the query of an address that gives the same choice again."""
        pairs = [("a", text) for text in self.a] + [("b", text) for text in self.b]
        pairs += [("seed", self.seed), ("days", self.days), ("scale", self.scale)]
        pairs += [("set", f"{path}={value}") for path, value in self.numbers]
        if not self.b:
            pairs.append(("b", STATUS_QUO))
        return urlencode(pairs)


@lru_cache(maxsize=512)  # asked for whenever a date is written, and made of 400 numbers
def _scenario(choice: Choice, world: int) -> Scenario:
    """The scenario of a world."""
    if not 1 <= choice.days <= MOST_DAYS:
        raise SettingError("days", f"{choice.days} days", f"Give 1 to {MOST_DAYS} here.")
    if not FINEST <= choice.scale <= 1000:
        raise SettingError("scale", f"{choice.scale}", f"Give {FINEST} to 1000 here.")
    for path, _ in choice.numbers:
        _refuse_all_but_numbers(path)
    changes = dict(parse_set(f"{path}={value}") for path, value in choice.numbers)
    uses = [parse_policy(text) for text in choice.policies(world)]
    scenario = find(BASE).with_settings(
        {"name": f"world {'AB'[world]}", "days": choice.days, "scale": choice.scale}
        | changes
        | {"policies": uses}
    )
    policies_of(scenario, scenario.policies)
    return scenario


def read_query(query: str) -> Choice:
    """The choice of an address; what cannot be read there is as at first.

    An address may come from anybody, so nothing in it can do harm: it names policies and numbers.
    """
    found: dict[str, list[str]] = {}
    for key, value in parse_qsl(query.lstrip("?"), max_num_fields=200):
        found.setdefault(key, []).append(value)
    first = Choice()
    try:
        choice = Choice(
            a=_policies(found, "a", first.a),
            b=_policies(found, "b", first.b),
            seed=_whole(found, "seed", first.seed),
            days=_whole(found, "days", first.days),
            scale=_whole(found, "scale", first.scale),
            numbers=tuple(_pair(text) for text in found.get("set", ())),
        )
        for world in (0, 1):
            choice.scenario(world)
    except (SettingError, ValueError):
        return first
    return choice


@cache
def settable_paths() -> frozenset[str]:
    """Paths of the numbers of the model: no folder, no length of a run, nothing but numbers."""
    rows = parameters(find(BASE))
    return frozenset(row.path for row in rows if "." in row.path and row.kind in (int, float))


def _refuse_all_but_numbers(path: str) -> None:
    """An address comes from anybody, so it may set the numbers of the model and nothing else."""
    if path not in settable_paths():
        raise SettingError(plain(path), "it cannot be set here", "Set a number of the model.")


def _policies(found: Mapping[str, list[str]], key: str, first: Policies) -> Policies:
    """Policies in an address; the status quo there means none."""
    if key not in found:
        return first
    return tuple(str(parse_policy(text)) for text in found[key] if text != STATUS_QUO)


def _whole(found: Mapping[str, list[str]], key: str, first: int) -> int:
    return int(found[key][-1]) if key in found else first


def _pair(text: str) -> tuple[str, str]:
    path, _, value = text.partition("=")
    return path, value


def with_dose(policies: Policies, name: str, dose: float | None) -> Policies:
    """The policies with another dose of one; None takes it out, a new one comes at the end."""
    uses = [parse_policy(text) for text in policies]
    kept = [use for use in uses if use.id != name]
    if dose is None:
        return tuple(map(str, kept))
    old = next((use for use in uses if use.id == name), PolicySpec(id=name))
    new = dataclasses.replace(old, dose=dose, dollars=None)
    order = [use.id for use in uses] + [name]
    return tuple(str(use) for use in sorted([*kept, new], key=lambda use: order.index(use.id)))


def with_terms(text: str, **changes: Any) -> str:
    """A policy in its written form with other dates (``start``, ``end``) or ``numbers``.

    A number that is what the policy declares anyway is left out. Raises ``SettingError``.
    """
    use = parse_policy(text)
    numbers = changes.pop("numbers", {})
    use = dataclasses.replace(use, **changes).with_numbers(numbers)
    declared = params_of(registry()[use.id])
    kept = tuple((n, v) for n, v in use.numbers if n not in declared or declared[n].value != v)
    return str(dataclasses.replace(use, numbers=kept))


def dose_of(text: str) -> float:
    """The dose of a policy in its written form, dollars turned into one."""
    scenario = find(BASE)
    (made,) = policies_of(scenario, [parse_policy(text)])
    return made.dose
