"""Designs as TOML files: the packaged ones by name, others by their path."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from abm.scenario import Scenario, SettingError
from abm.scenario.toml_text import read_toml
from abm.scenario.tree import refuse_unknown_keys
from abm.supply_series import season
from abm.world.routes import WorldError, load_world
from agents.param import meant, plain
from experiments import scenarios
from experiments.calibration.members import draw
from experiments.compare import REPS, policies_of
from experiments.design.plan import Design, ParameterSet
from experiments.design.samples import (
    METHODS,
    Bounded,
    BudgetSimplex,
    Grid,
    Listed,
    Morris,
    Sample,
)

_PACKAGED = Path(__file__).parent.parent / "designs"
_KEYS = (
    "name",
    "doc",
    "days",
    "scale",
    "reps",
    "scenario",
    "seed",
    "sample_seed",
    "paired",
    "set",
    "ensemble",
)
_HINT = "Give a readable TOML file in UTF-8."


def names() -> list[str]:
    """Names of the packaged designs, in alphabetical order."""
    return sorted(path.stem for path in _PACKAGED.glob("*.toml"))


def load(name_or_file: str | Path) -> Design:
    """Read a packaged design by its name, or any from a ``.toml`` file.

    A scenario file that it names is looked for beside it. Raises ``SettingError``.
    """
    return read(*text_of(name_or_file))


def text_of(name_or_file: str | Path) -> tuple[str, str, Path]:
    """Text of a design, its name in error texts, and the folder it lies in."""
    name = str(name_or_file)
    packaged = name in names()
    path = _PACKAGED / f"{name}.toml" if packaged else Path(name)
    if not packaged and (not name.endswith(".toml") or "\0" in name):
        hint = meant(name, names()) + f"Give one of {', '.join(names())}, or a .toml file."
        raise SettingError("design", f"{plain(name)} is not a known design", hint)
    try:
        return path.read_text(encoding="utf-8-sig"), path.name if packaged else name, path.parent
    except UnicodeDecodeError:
        raise SettingError("file", "it is not text in UTF-8", _HINT, name) from None
    except OSError as error:
        reason = (error.strerror or type(error).__name__).lower()
        raise SettingError("file", f"it cannot be read ({reason})", _HINT, name) from None


def read(text: str, origin: str = "design", folder: Path | None = None) -> Design:
    """Read a design from TOML text; raises ``SettingError``, whatever the text holds.

    `origin` names the file in error texts; scenario files are looked for in `folder`.
    """
    try:
        return _design(read_toml(text, origin), folder or Path())
    except SettingError as error:
        raise SettingError(error.path, error.reason, error.hint, error.origin or origin) from None


def _design(given: dict[str, Any], folder: Path) -> Design:
    """Put a design together."""
    refuse_unknown_keys("", given, (*_KEYS, *METHODS))
    if "name" not in given:
        raise SettingError("name", "the design has no name", 'Write name = "mine" at the top.')
    own = {key: given[key] for key in ("name", "seed", "sample_seed", "paired") if key in given}
    scenario = _scenario(given, folder)
    return Design(
        scenario=scenario,
        sample=_sample(given),
        members=_members(scenario, given),
        reps=given.get("reps", 1 if "ensemble" in given else REPS),
        **own,
    )


def _scenario(given: Mapping[str, Any], folder: Path) -> Scenario:
    """The scenario with days, scale and [set] laid over it, checked whole."""
    name = given.get("scenario", "baseline")
    if not isinstance(name, str):
        raise SettingError("scenario", f"{plain(name)} is not a name", 'Write "baseline", say.')
    if name not in scenarios.names():
        name = os.path.join(folder, name)
    more = given.get("set", {})
    if not isinstance(more, Mapping):
        raise SettingError("set", f"{plain(more)} is not a table", "Write [set] above settings.")
    changes = dict(_flat(more))
    for key in ("days", "scale"):
        if key in given and key in changes:
            raise SettingError(key, "it is also given in [set]", "Give it once.")
        changes |= {key: given[key]} if key in given else {}
    scenario = scenarios.find(name).with_settings(changes)
    season(scenario.supply)
    policies_of(scenario, scenario.policies)
    _check_world(scenario.world)
    return scenario


def _members(scenario: Scenario, given: Mapping[str, Any]) -> tuple[ParameterSet, ...]:
    """Members of the calibrated ensemble; what the file sets by hand is the same in all."""
    count = given.get("ensemble")
    if count is None:
        return ()
    if isinstance(count, bool) or not isinstance(count, int):
        hint = "Give a number of members, for example ensemble = 50."
        raise SettingError("ensemble", f"{plain(count)} is not a number of members", hint)
    by_hand = [path for path, _ in _flat(given.get("set", {}))]
    drawn = draw(count, scenario, by_hand=by_hand, where="ensemble")
    return tuple(map(ParameterSet, drawn.chosen, drawn.settings))


def _check_world(folder: str) -> None:
    """Load another world once, so that a broken one is refused before anything runs."""
    try:
        load_world(folder or None)
    except WorldError as error:
        raise SettingError("set.world", f"{folder}: {error}", "Mend the file it names.") from None


def _sample(given: Mapping[str, Any]) -> Sample:
    """The one table that says which points are played."""
    found = [name for name in METHODS if name in given]
    tables = ", ".join(f"[{name}]" for name in METHODS)
    if len(found) != 1:
        reason = f"{' and '.join(found)} are both given" if found else "nothing says what varies"
        raise SettingError("design", reason, f"Write one of {tables}.")
    (method,) = found
    table = given[method]
    if method == Listed.method and isinstance(table, list):
        return Listed(_columns(table))
    if not isinstance(table, Mapping):
        reason = f"{plain(table)} is not a table"
        raise SettingError(method, reason, f"Write [{method}] on a line of its own.")
    return _read(method, dict(table))


def _read(method: str, table: dict[str, Any]) -> Sample:
    """A sample from its table."""
    kind = METHODS[method]
    if not issubclass(kind, Bounded):
        columns = dict(_flat(table))
        return Grid(columns) if kind is Grid else Listed(columns)
    more = {key: table.pop(key) for key in _options(kind) if key in table}
    needed = [key for key in ("n", "budget") if key in _options(kind) and key not in more]
    if needed:
        hint = {"n": "Write for example n = 64.", "budget": 'Write for example budget = "250M".'}
        raise SettingError(f"{method}.{needed[0]}", "it is missing", hint[needed[0]])
    return kind(bounds=dict(_flat(table)), **more)


def _options(kind: type[Sample]) -> tuple[str, ...]:
    """What a table may hold beside what varies."""
    return ("n", *{Morris: ("levels",), BudgetSimplex: ("budget",)}.get(kind, ()))


def _columns(rows: list[Any]) -> dict[str, list[Any]]:
    """Points written as [[list]] tables, as columns."""
    told = [dict(_flat(row)) if isinstance(row, Mapping) else {} for row in rows]
    first = told[0] if told else {}
    for i, row in enumerate(told, start=1):
        if row.keys() != first.keys():
            odd = sorted(row.keys() ^ first.keys())[0]
            hint = "Give every point a value of everything that varies."
            raise SettingError(f"list[{i}]", f"{odd} is not in every point", hint)
    return {path: [row[path] for row in told] for path in first}


def _flat(table: Mapping[str, Any], path: str = "") -> Iterator[tuple[str, Any]]:
    """Dotted paths of a table, whether they were written in quotation marks or not."""
    for key, value in table.items():
        where = f"{path}.{key}" if path else key
        if isinstance(value, Mapping):
            yield from _flat(value, where)
        else:
            yield where, value
