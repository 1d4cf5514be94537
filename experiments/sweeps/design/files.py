"""Read designs from TOML files (packaged ones by name, others by path) and from stored sweeps.

A store holds the scenario, the factors, and point and seed of every planned run. The design that is
read from it lists these points. Its digest equals the creating design's digest.
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from abm.policies import policies_of
from abm.scenario import Scenario, SettingError, load_scenario
from abm.scenario.toml_text import read_toml
from abm.scenario.tree import read_text, refuse_unknown_keys
from abm.supply import check_supply
from abm.supply_file import in_folder
from abm.world.routes import WorldError, load_world
from agents.param import meant, plain
from experiments import scenarios
from experiments.calibration.members import draw_members
from experiments.comparison.compare import REPS
from experiments.runs.files import read_input
from experiments.sweeps.design.plan import MEMBER, Design, ParameterSet
from experiments.sweeps.design.samples import (
    METHODS,
    Bounded,
    BudgetSimplex,
    Given,
    Listed,
    Morris,
    Sample,
)
from experiments.sweeps.store import SweepResults

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
_RESUME = "Continue it with twoborders sweep and its design file."


def names() -> list[str]:
    """Return the names of the packaged designs, in alphabetical order."""
    return sorted(path.stem for path in _PACKAGED.glob("*.toml"))


def load(name_or_file: str | Path) -> Design:
    """Read a packaged design by its name, or any design from a ``.toml`` file.

    A scenario file and a supply file are searched for in the design's folder. Raise
    ``SettingError`` for an unknown name, an unreadable file or an invalid design.
    """
    return read(*text_of(name_or_file))


def text_of(name_or_file: str | Path) -> tuple[str, str, Path]:
    """Return a design's text, its name in error messages, and its folder."""
    name = str(name_or_file)
    packaged = name in names()
    path = _PACKAGED / f"{name}.toml" if packaged else Path(name)
    if not packaged and (not name.endswith(".toml") or "\0" in name):
        hint = meant(name, names()) + f"Give one of {', '.join(names())}, or a .toml file."
        raise SettingError("design", f"{plain(name)} is not a known design", hint)
    origin = path.name if packaged else name
    return read_input(path, origin, _HINT), origin, path.parent


def read(text: str, origin: str = "design", folder: Path | None = None) -> Design:
    """Read a design from TOML text.

    Args:
        text: the TOML text.
        origin: name of the file in error messages.
        folder: folder of scenario and supply files (default: the current folder).

    Returns:
        The design.

    Raises:
        SettingError: the text is not a valid design.
    """
    try:
        return _design(read_toml(text, origin), folder or Path())
    except SettingError as error:
        raise SettingError(error.path, error.reason, error.hint, error.origin or origin) from None


def _design(design: dict[str, Any], folder: Path) -> Design:
    """Create a table's design."""
    refuse_unknown_keys("", design, (*_KEYS, *METHODS))
    design = _with_supply_files(design, folder)
    read_text("doc", design.get("doc", ""))
    if "name" not in design:
        raise SettingError("name", "the design has no name", 'Write name = "mine" at the top.')
    options = {
        key: design[key] for key in ("name", "seed", "sample_seed", "paired") if key in design
    }
    scenario = _scenario(design, folder)
    return Design(
        scenario=scenario,
        sample=_sample(design),
        members=_members(scenario, design),
        reps=design.get("reps", 1 if "ensemble" in design else REPS),
        **options,
    )


def _with_supply_files(design: dict[str, Any], folder: Path) -> dict[str, Any]:
    """Return a table in which the paths of supply files are relative to the current folder."""
    changed = dict(design)
    for name in ("set", *METHODS):
        table = design.get(name)
        if isinstance(table, Mapping):
            changed[name] = _with_files(table, folder)
        elif isinstance(table, list):
            changed[name] = [_with_files(row, folder) for row in table]
    return changed


def _with_files(table: Any, folder: Path) -> Any:
    """Return a table with the folder before each supply that is a file."""
    if not isinstance(table, Mapping) or "supply" not in table:
        return table
    values = table["supply"]
    if isinstance(values, list):
        supplies: Any = [in_folder(v, folder) if isinstance(v, str) else v for v in values]
    else:
        supplies = in_folder(values, folder) if isinstance(values, str) else values
    return {**table, "supply": supplies}


def _scenario(design: Mapping[str, Any], folder: Path) -> Scenario:
    """Return the scenario with days, scale and [set] applied, after all checks."""
    name = design.get("scenario", "baseline")
    if not isinstance(name, str):
        hint = 'Write scenario = "baseline", or the name of a .toml file.'
        raise SettingError("scenario", f"{plain(name)} is not a name", hint)
    if name not in scenarios.names():
        name = os.path.join(folder, name)
    table = design.get("set", {})
    if not isinstance(table, Mapping):
        raise SettingError(
            "set", f"{plain(table)} is not a table", "Write [set] above the settings."
        )
    changes = dict(_flat(table))
    for key in ("days", "scale"):
        if key in design and key in changes:
            raise SettingError(key, "it is also given in [set]", "Give it once.")
        changes |= {key: design[key]} if key in design else {}
    scenario = scenarios.find(name).with_settings(changes)
    check_supply(scenario)
    policies_of(scenario, scenario.policies)
    _check_world(scenario.world)
    return scenario


def _members(scenario: Scenario, design: Mapping[str, Any]) -> tuple[ParameterSet, ...]:
    """Return members of the calibrated ensemble. Settings of the file override all of them."""
    count = design.get("ensemble")
    if count is None:
        return ()
    if isinstance(count, bool) or not isinstance(count, int):
        hint = "Give a number of members, for example ensemble = 50."
        raise SettingError("ensemble", f"{plain(count)} is not a number of members", hint)
    overridden = [path for path, _ in _flat(design.get("set", {}))]
    sample = draw_members(count, scenario, by_hand=overridden, where="ensemble")
    return tuple(map(ParameterSet, sample.chosen, sample.settings))


def _check_world(folder: str) -> None:
    """Load another world once, so that an invalid one raises before any run starts."""
    try:
        load_world(folder or None)
    except WorldError as error:
        raise error.as_setting_error("set.world", folder) from None


def _sample(design: Mapping[str, Any]) -> Sample:
    """Return the sample, which is the one table that defines the points."""
    methods = [name for name in METHODS if name in design]
    tables = ", ".join(f"[{name}]" for name in METHODS)
    if len(methods) != 1:
        reason = (
            f"{' and '.join(methods)} are both given" if methods else "no table defines what varies"
        )
        raise SettingError("design", reason, f"Write one of {tables}.")
    (method,) = methods
    table = design[method]
    if method == Listed.method and isinstance(table, list):
        return Listed(_columns(table))
    if not isinstance(table, Mapping):
        reason = f"{plain(table)} is not a table"
        raise SettingError(method, reason, f"Write [{method}] on a separate line.")
    return _read(method, dict(table))


def _read(method: str, table: dict[str, Any]) -> Sample:
    """Create a sample from its table."""
    kind = METHODS[method]
    if issubclass(kind, Given):
        return kind(dict(_flat(table)))
    assert issubclass(kind, Bounded)
    options = {key: table.pop(key) for key in _options(kind) if key in table}
    missing = [key for key in ("n", "budget") if key in _options(kind) and key not in options]
    if missing:
        hint = {"n": "Write for example n = 64.", "budget": 'Write for example budget = "250M".'}
        raise SettingError(f"{method}.{missing[0]}", "it is missing", hint[missing[0]])
    return kind(bounds=dict(_flat(table)), **options)


def _options(kind: type[Sample]) -> tuple[str, ...]:
    """Return the options that a table may hold in addition to the varied paths."""
    return ("n", *{Morris: ("levels",), BudgetSimplex: ("budget",)}.get(kind, ()))


def _columns(rows: list[Any]) -> dict[str, list[Any]]:
    """Convert points written as [[list]] tables to columns."""
    points = [dict(_flat(row)) if isinstance(row, Mapping) else {} for row in rows]
    first = points[0] if points else {}
    for i, row in enumerate(points, start=1):
        if row.keys() != first.keys():
            odd = sorted(row.keys() ^ first.keys())[0]
            hint = "Give every point a value of every varied path."
            raise SettingError(f"list[{i}]", f"{odd} is not in every point", hint)
    return {path: [row[path] for row in points] for path in first}


def _flat(table: Mapping[str, Any], path: str = "") -> Iterator[tuple[str, Any]]:
    """Yield dotted paths and values of a table, with or without quotation marks around paths."""
    for key, value in table.items():
        where = f"{path}.{key}" if path else key
        if isinstance(value, Mapping):
            yield from _flat(value, where)
        else:
            yield where, value


# ---- stored sweeps -------------------------------------------------------------------------------


def stored_design(folder: str | Path) -> Design:
    """Rebuild a store's design.

    Args:
        folder: sweep folder.

    Returns:
        A design with the digest of the stored one.

    Raises:
        SettingError: the folder holds no valid store, the sweep is of an ensemble, or its design
            cannot be rebuilt, for example because a supply file has changed.
    """
    with SweepResults(folder) as store:
        meta, planned = store.meta, store.plan()
    points = {point: inputs for point, _, inputs in planned}
    if not points or any(MEMBER in inputs for inputs in points.values()):
        raise SettingError("resume", "a sweep of an ensemble needs its design file", _RESUME)
    for paired in (True, False):
        design = _listed_design(meta, points, min(seed for _, seed, _ in planned), paired)
        if design.digest == meta["design"]:
            return design
    raise SettingError("resume", "the design of this sweep cannot be rebuilt", _RESUME)


def _listed_design(
    meta: dict[str, str], points: dict[int, dict[str, Any]], seed: int, paired: bool
) -> Design:
    """Create a design with listed points."""
    columns = {
        path: [points[number][path] for number in sorted(points)]
        for path in json.loads(meta["factors"])
    }
    return Design(
        name=meta["name"],
        sample=Listed(columns),
        scenario=load_scenario(meta["scenario"]),
        reps=int(meta["reps"]),
        seed=seed,
        paired=paired,
    )
