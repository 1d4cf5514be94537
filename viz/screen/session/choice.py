"""Choice of a visitor: policies in two worlds, seed, length, scale and parameter values.

Policies are stored as text, so that the screen accepts the same texts as the command line.
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

#: Packaged portfolios that the screen offers as presets.
PORTFOLIOS = ("us_only", "cooperation", "mixed")
STATUS_QUO = "status_quo"
BASE = "classroom"
#: [A] Bounds for one visitor: days of a run, finest scale, and policies per world.
MOST_DAYS, FINEST, MOST_POLICIES = 3_652, 10, 60
#: [A] Bounds of an address: number of characters and of fields.
MOST_CHARACTERS, _MOST_FIELDS = 16_000, 200
_FIRST_B = "southern_border_control:3"
Policies = tuple[str, ...]


@cache
def packaged_world() -> World:
    """Return the places and legs of the packaged world, which all visitors share."""
    return load_world(None)


@cache
def base_scenario() -> Scenario:
    """Read the scenario from which the screen starts."""
    return find(BASE)


@cache
def presets() -> dict[str, Policies]:
    """Return the policies of each preset by name: the status quo and packaged portfolios."""
    portfolios = {name: tuple(map(str, find(name).policies)) for name in PORTFOLIOS}
    return {STATUS_QUO: (), **portfolios}


def preset_of(policies: Policies) -> str | None:
    """Return the name of the preset with these policies, or None for a custom choice."""
    return next((name for name, texts in presets().items() if set(texts) == set(policies)), None)


@dataclass(frozen=True)
class Choice:
    """Settings of two worlds. `scenario` raises ``SettingError`` if they are invalid."""

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
        """Return the choice as the query of an address."""
        pairs = [("a", text) for text in self.a] + [("b", text) for text in self.b]
        pairs += [("seed", self.seed), ("days", self.days), ("scale", self.scale)]
        pairs += [("set", f"{path}={value}") for path, value in self.numbers]
        if not self.b:
            pairs.append(("b", STATUS_QUO))
        return urlencode(pairs)


@lru_cache(maxsize=512)  # Each date on the screen needs a scenario with 400 checks.
def _scenario(choice: Choice, world: int) -> Scenario:
    """Build and validate the scenario of a world."""
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
    """Return the names and values of an address's fields, or [] if the address is too long."""
    if len(query) > MOST_CHARACTERS:
        return []
    try:
        return parse_qsl(query.lstrip("?"), max_num_fields=_MOST_FIELDS)
    except ValueError:  # The address has too many fields.
        return []


def read_query(query: str) -> Choice:
    """Read the choice from an address. An invalid address gives the default choice.

    An address is untrusted input and can only name policies and parameter values.
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
    """Return the paths of the model's numeric parameters, without run settings."""
    rows = parameters(base_scenario())
    return frozenset(row.path for row in rows if "." in row.path and row.kind in (int, float))


def changed_numbers(scenario: Scenario) -> tuple[tuple[str, str], ...]:
    """Return the settable parameters that differ from the base scenario, as ``Choice.numbers``."""
    base = {row.path: row.value for row in parameters(base_scenario())}
    rows = [row for row in parameters(scenario) if row.path in settable_paths()]
    return tuple((row.path, str(row.value)) for row in rows if row.value != base[row.path])


def _policies(fields: Mapping[str, list[str]], key: str, default: Policies) -> Policies:
    """Read the policies of one world from an address. The status quo gives no policy."""
    if key not in fields:
        return default
    return tuple(str(use) for use in map(parse_policy, fields[key]) if use.id != STATUS_QUO)


def _integer(fields: Mapping[str, list[str]], key: str, default: int) -> int:
    """Read an integer in ASCII digits, or raise ``ValueError`` for any other text."""
    if key not in fields:
        return default
    if not re.fullmatch(r"-?[0-9]+", fields[key][-1]):
        raise ValueError(f"{key} is not a whole number")
    return int(fields[key][-1])


def with_terms(text: str, **dates: datetime.date | None) -> str:
    """Change the dates of a policy.

    Args:
        text: policy as text.
        dates: ``start`` and ``end``, where None is the first day or the end of the run.

    Returns:
        The changed policy as text.

    Raises:
        SettingError: the end is not after the start.
    """
    changes: dict[str, Any] = dates
    return str(dataclasses.replace(parse_policy(text), **changes))


def migrants_per_year(scenario: Scenario) -> int:
    """Estimate the number of simulated candidates in the first year of a run, or in a shorter run.

    The estimate counts candidates and not departures, because every candidate occupies a row of
    memory.
    """
    supply = Supply(scenario, communities(packaged_world()))
    months = [scenario.start + datetime.timedelta(days=30 * k + 15) for k in range(12)]
    daily = [float(supply.envelope_rates(d) @ supply.keep(d.year)) for d in months]
    return round(sum(daily) / len(daily) * min(scenario.days, 365) / scenario.scale)
