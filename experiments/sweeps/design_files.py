"""Read designs from TOML files: packaged designs by name, other files by path."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from abm.scenario import Scenario, SettingError
from abm.scenario.toml_text import read_toml
from abm.scenario.tree import read_text, refuse_unknown_keys
from abm.supply_file import in_folder
from agents.param import plain
from experiments import scenarios
from experiments.calibration.members import draw_members
from experiments.runs.files import find_file, read_input
from experiments.runs.pairs import REPS
from experiments.runs.study_inputs import read_scenario
from experiments.sweeps.design import METHODS, Design, Drawn, Given, ParameterSet, Sample

_PACKAGED = Path(__file__).parent / "designs"
#: Keys in a design file: fields of :class:`Design`, and further keys that are not samples.
_FIELDS = ("name", "seed", "sample_seed", "paired")
_OTHER_KEYS = ("doc", "days", "scale", "reps", "scenario", "set", "members")
_HINT = "Give a readable TOML file in UTF-8."


def names() -> list[str]:
    """Return the names of the packaged designs, in alphabetical order."""
    return sorted(path.stem for path in _PACKAGED.glob("*.toml"))


def load(name_or_file: str | Path) -> Design:
    """Read a packaged design by its name, or any design from a ``.toml`` file.

    Paths of scenario and supply files are relative to the design's folder. Raise
    ``SettingError`` for an unknown name, an unreadable file or an invalid design.
    """
    return read(*text_of(name_or_file))


def text_of(name_or_file: str | Path) -> tuple[str, str, Path]:
    """Return a design's text, its name for error messages, and its folder."""
    name, packaged = str(name_or_file), {path.stem: path for path in _PACKAGED.glob("*.toml")}
    path = find_file("design", name, packaged, Path())
    origin = path.name if name in packaged else name
    return read_input(path, origin, _HINT), origin, path.parent


def read(text: str, origin: str = "design", folder: Path | None = None) -> Design:
    """Read a design from TOML text.

    Args:
        text: the TOML text.
        origin: name of the file in error messages.
        folder: folder with scenario and supply files (default: the current folder).

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
    """Create the design that a TOML table describes."""
    refuse_unknown_keys("", design, (*_FIELDS, *_OTHER_KEYS, *METHODS))
    read_text("doc", design.get("doc", ""))
    if "name" not in design:
        raise SettingError("name", "the design has no name", 'Write name = "mine" at the top.')
    options = {key: design[key] for key in _FIELDS if key in design}
    scenario = _scenario(design, folder)
    return Design(
        scenario=scenario,
        sample=_sample(design, folder),
        members=_members(scenario, design),
        reps=design.get("reps", 1 if "members" in design else REPS),
        **options,
    )


def _scenario(design: Mapping[str, Any], folder: Path) -> Scenario:
    """Return the scenario after all checks, with days, scale and [set] applied."""
    name = design.get("scenario", "baseline")
    if not isinstance(name, str):
        hint = 'Write scenario = "baseline", or the name of a .toml file.'
        raise SettingError("scenario", f"{plain(name)} is not a name", hint)
    if name not in scenarios.names():
        name = os.path.join(folder, name)
    table = design.get("set", {})
    if not isinstance(table, Mapping):
        reason = f"{plain(table)} is not a table"
        raise SettingError("set", reason, "Write [set] above the settings.")
    changes = dict(_flat(table))
    if isinstance(changes.get("supply"), str):
        changes["supply"] = in_folder(changes["supply"], folder)
    for key in ("days", "scale"):
        if key in design and key in changes:
            raise SettingError(key, "it is also given in [set]", "Give it once.")
        changes |= {key: design[key]} if key in design else {}
    return read_scenario(scenarios.find(name), changes, world="set.world")


def _members(scenario: Scenario, design: Mapping[str, Any]) -> tuple[ParameterSet, ...]:
    """Return members of the calibrated ensemble, whose settings the file may override."""
    count = design.get("members")
    if count is None:
        return ()
    if isinstance(count, bool) or not isinstance(count, int):
        hint = "Give a number of members, for example members = 50."
        raise SettingError("members", f"{plain(count)} is not a number of members", hint)
    overridden = [path for path, _ in _flat(design.get("set", {}))]
    sample = draw_members(count, scenario, by_hand=overridden, where="members")
    return tuple(map(ParameterSet, sample.chosen, sample.settings))


def _sample(design: Mapping[str, Any], folder: Path) -> Sample:
    """Return the sample, which exactly one table in the file defines.

    Paths of supply files are relative to `folder`.
    """
    methods = [name for name in METHODS if name in design]
    tables = ", ".join(f"[{name}]" for name in METHODS)
    if len(methods) != 1:
        both = f"{' and '.join(methods)} are both given"
        reason = both if methods else "no table defines what varies"
        raise SettingError("design", reason, f"Write one of {tables}.")
    (method,) = methods
    if not isinstance(table := design[method], Mapping):
        reason = f"{plain(table)} is not a table"
        raise SettingError(method, reason, f"Write [{method}] on a separate line.")
    kind, values = METHODS[method], dict(_flat(table))
    if issubclass(kind, Given):
        if isinstance(names := values.get("supply"), list):
            values["supply"] = [in_folder(n, folder) if isinstance(n, str) else n for n in names]
        return kind(values)
    assert issubclass(kind, Drawn)
    if "n" not in values:
        raise SettingError(f"{method}.n", "it is missing", "Write for example n = 64.")
    return kind(n=values.pop("n"), bounds=values)


def _flat(table: Mapping[str, Any], path: str = "") -> Iterator[tuple[str, Any]]:
    """Yield a table's dotted paths and values. Quotation marks around paths are optional."""
    for key, value in table.items():
        where = f"{path}.{key}" if path else key
        if isinstance(value, Mapping):
            yield from _flat(value, where)
        else:
            yield where, value
