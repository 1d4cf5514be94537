"""A visitor's choice: policies in two worlds, seed, length, scale and parameter values.

Policies are stored in their written form, so the screen accepts the same text as the command line.
"""

from __future__ import annotations

import dataclasses
import datetime
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache, lru_cache
from typing import Any
from urllib.parse import parse_qsl, urlencode

from abm.policies import policies_of
from abm.scenario import Scenario, SettingError, parameters, parse_set
from abm.scenario.policy_specs import parse_policy
from abm.supply import Supply, communities
from abm.world.routes import World, load_world
from agents.param import plain
from experiments.scenarios import find

#: Packaged portfolios among the presets.
PORTFOLIOS = ("us_only", "cooperation", "mixed")
STATUS_QUO = "status_quo"
BASE = "classroom"
#: [A] bounds for one visitor: longest run in days, the finest scale, and policies of one world.
MOST_DAYS, FINEST, MOST_POLICIES = 3_652, 10, 60
#: [A] bounds of an address: characters, and fields.
MOST_CHARACTERS, _MOST_FIELDS = 16_000, 200
_FIRST_B = "southern_border_control:3"
Policies = tuple[str, ...]


@cache
def packaged_world() -> World:
    """Return the places and legs of the packaged world, which all visitors share."""
    return load_world(None)


@cache
def base_scenario() -> Scenario:
    """Return the scenario that the screen starts from, read once."""
    return find(BASE)


@cache
def presets() -> dict[str, Policies]:
    """Return the presets of a world by name: no policy, or a packaged portfolio."""
    portfolios = {name: tuple(map(str, find(name).policies)) for name in PORTFOLIOS}
    return {STATUS_QUO: (), **portfolios}


def preset_of(policies: Policies) -> str | None:
    """Return which preset has these policies, by name, or None for a custom choice."""
    return next((name for name, texts in presets().items() if set(texts) == set(policies)), None)


@dataclass(frozen=True)
class Choice:
    """Settings for two worlds; `scenario` raises ``SettingError`` for invalid ones."""

    a: Policies = ()
    b: Policies = (_FIRST_B,)
    seed: int = 1
    days: int = 365
    scale: int = 100
    numbers: tuple[tuple[str, str], ...] = field(default=())

    def policies(self, world: int) -> Policies:
        """Return the policies of world A (0) or B (1)."""
        return (self.a, self.b)[world]

    def scenario(self, world: int) -> Scenario:
        """Return the validated scenario of world A (0) or B (1)."""
        return _scenario(self, world)

    def query(self) -> str:
        """Return the choice as an address query."""
        pairs = [("a", text) for text in self.a] + [("b", text) for text in self.b]
        pairs += [("seed", self.seed), ("days", self.days), ("scale", self.scale)]
        pairs += [("set", f"{path}={value}") for path, value in self.numbers]
        if not self.b:
            pairs.append(("b", STATUS_QUO))
        return urlencode(pairs)


@lru_cache(maxsize=512)  # called for every date on the screen, and costs 400 parameters
def _scenario(choice: Choice, world: int) -> Scenario:
    """Build the scenario of a world."""
    if not 1 <= choice.days <= MOST_DAYS:
        raise SettingError("days", f"{choice.days} days", f"Give 1 to {MOST_DAYS} here.")
    if not FINEST <= choice.scale <= 1000:
        raise SettingError("scale", f"{choice.scale}", f"Give {FINEST} to 1000 here.")
    if not 0 <= choice.seed < 2**63:
        raise SettingError("seed", "it is out of range", "Give 0 to 2**63 - 1.")
    if len(choice.policies(world)) > MOST_POLICIES:
        reason = f"{len(choice.policies(world))} policies in one world"
        raise SettingError("policies", reason, f"Give at most {MOST_POLICIES} here.")
    for path, _ in choice.numbers:
        if path not in settable_paths():
            raise SettingError(plain(path), "it cannot be set here", "Set a number of the model.")
    changes = dict(parse_set(f"{path}={value}") for path, value in choice.numbers)
    uses = [parse_policy(text) for text in choice.policies(world)]
    scenario = base_scenario().with_settings(
        {"name": f"world {'AB'[world]}", "days": choice.days, "scale": choice.scale}
        | changes
        | {"policies": uses}
    )
    policies_of(scenario, scenario.policies)
    return scenario


def query_fields(query: str) -> list[tuple[str, str]]:
    """Return the field names and values in an address; none if it is too long."""
    if len(query) > MOST_CHARACTERS:
        return []
    try:
        return parse_qsl(query.lstrip("?"), max_num_fields=_MOST_FIELDS)
    except ValueError:  # the address has too many fields
        return []


def read_query(query: str) -> Choice:
    """Read the choice of an address; an invalid address gives the default choice.

    An address is untrusted input: it can only name policies and parameter values.
    """
    fields: dict[str, list[str]] = {}
    for key, value in query_fields(query):
        fields.setdefault(key, []).append(value)
    default = Choice()
    settings = (text.partition("=") for text in fields.get("set", ()))
    try:
        choice = Choice(
            a=_policies(fields, "a", default.a),
            b=_policies(fields, "b", default.b),
            seed=_integer(fields, "seed", default.seed),
            days=_integer(fields, "days", default.days),
            scale=_integer(fields, "scale", default.scale),
            numbers=tuple((path, value) for path, _, value in settings),
        )
        for world in (0, 1):
            choice.scenario(world)
    except (SettingError, ValueError):
        return default
    return choice


@cache
def settable_paths() -> frozenset[str]:
    """Return paths for the model's numeric parameters; no folder and no run settings."""
    rows = parameters(base_scenario())
    return frozenset(row.path for row in rows if "." in row.path and row.kind in (int, float))


def changed_numbers(scenario: Scenario) -> tuple[tuple[str, str], ...]:
    """Return settable parameters that differ from the screen's base, as ``Choice.numbers``."""
    base = {row.path: row.value for row in parameters(base_scenario())}
    rows = [row for row in parameters(scenario) if row.path in settable_paths()]
    return tuple((row.path, str(row.value)) for row in rows if row.value != base[row.path])


def _policies(fields: Mapping[str, list[str]], key: str, default: Policies) -> Policies:
    """Read the policies of an address; the status quo means none."""
    if key not in fields:
        return default
    return tuple(str(use) for use in map(parse_policy, fields[key]) if use.id != STATUS_QUO)


def _integer(fields: Mapping[str, list[str]], key: str, default: int) -> int:
    """Read a whole number in ASCII digits, or raise ValueError for any other text."""
    if key not in fields:
        return default
    if not re.fullmatch(r"-?[0-9]+", fields[key][-1]):
        raise ValueError(f"{key} is not a whole number")
    return int(fields[key][-1])


def with_terms(text: str, **dates: datetime.date | None) -> str:
    """Change the dates of a policy.

    Args:
        text: a policy in its written form.
        dates: ``start`` and ``end``; None means the run's dates.

    Returns:
        The policy in its written form.

    Raises:
        SettingError: for an end that is not after the start.
    """
    changes: dict[str, Any] = dates
    return str(dataclasses.replace(parse_policy(text), **changes))


def migrants_per_year(scenario: Scenario) -> int:
    """Estimate how many migrants per year a scenario simulates (candidates divided by the scale).

    The estimate counts candidates and not departures, because every candidate occupies a row of
    memory. It uses the rates of the first year.
    """
    supply = Supply(scenario, communities(packaged_world()))
    months = [scenario.start + datetime.timedelta(days=30 * k + 15) for k in range(12)]
    daily = [float(supply.envelope_rates(d) @ supply.keep(d.year)) for d in months]
    return round(sum(daily) / len(daily) * min(scenario.days, 365) / scenario.scale)
