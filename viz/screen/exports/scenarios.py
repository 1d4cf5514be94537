"""Export scenarios as TOML; import scenarios and tables of policies as a visitor's choice.

An upload is not trusted: it is text of limited length (see ``viz.screen.session.uploads``), it
cannot refer to a file, and it sets only values that the screen itself can set.
"""

from __future__ import annotations

import csv
import dataclasses
from typing import Any

from abm.scenario import Scenario, SettingError, load_scenario, parameters
from abm.scenario.policy_specs import PolicySpec, parse_policy
from abm.supply_file import is_supply_file
from agents.param import plain
from experiments.scenarios import find, names
from viz.screen.exports.view import View
from viz.screen.session.choice import STATUS_QUO, Choice, changed_numbers

#: [A] Most letters of a scenario, and dots in one of its lines. A full scenario with all comments
#: has 40,000 letters; parsing a name of 40,000 dotted parts takes half a minute.
_MOST_LETTERS, _MOST_DOTS = 100_000, 500
_MOST_ROWS = 200  # [A] policies in a table
_COLUMNS = ("world", "policy", "dose", "start", "end")
_TABLE = "Columns: world (A or B), policy, and optionally dose, start, end; dates as 2014-07-07."


def scenario_toml(view: View, world: int) -> str:
    """Return the scenario of a world as TOML.

    Args:
        view: the worlds.
        world: world A (0) or B (1).

    Returns:
        The file, with notes and the command that runs it as comments.
    """
    command = f"twoborders run --scenario world-{'ab'[world]}.toml --seed {view.seed}"
    notes = (view.words("take.toml_note"), view.words("note"), command)
    return "".join(f"# {line}\n" for line in notes) + view.scenarios[world].to_toml()


def read_scenario(text: str, choice: Choice, world: int) -> Choice:
    """Apply the scenario of a TOML text to one world of a choice.

    Args:
        text: the scenario.
        choice: the current choice; its seed and the other world's policies stay.
        world: the world that gets the policies; days, scale and parameters are set for both.

    Returns:
        The new choice.

    Raises:
        SettingError: if the scenario is invalid or has settings that the screen cannot represent.
    """
    # only "\n" ends a line of TOML: a quoted name may contain other line separators
    if len(text) > _MOST_LETTERS or any(line.count(".") > _MOST_DOTS for line in text.split("\n")):
        hint = f"Give at most {_MOST_LETTERS:,} letters and {_MOST_DOTS} dots in a line."
        raise SettingError("TOML", "the text is too long for a scenario", hint)
    wanted = load_scenario(text, "", _packaged)
    if is_supply_file(wanted.supply):  # before its digest, which reads the file
        hint = "Run the scenario with twoborders run --scenario."
        raise SettingError("supply", "a supply file cannot be used on the screen", hint)
    policies: dict[str, Any] = {"ab"[world]: tuple(map(str, wanted.policies))}
    shared = {"days": wanted.days, "scale": wanted.scale, "numbers": changed_numbers(wanted)}
    new = dataclasses.replace(choice, **policies, **shared)
    _check_complete(wanted, new.scenario(world))
    new.scenario(1 - world)
    return new


def _packaged(name: str) -> Scenario:
    """Return a packaged scenario; files of this machine are not read."""
    if name not in names():
        hint = f"Give one of {', '.join(names())}."
        raise SettingError("extends", f"{plain(name)} is not a packaged scenario", hint)
    return find(name)


def _check_complete(wanted: Scenario, result: Scenario) -> None:
    """Raise an error if the screen would run another scenario than the file; names may differ."""
    named = wanted.with_settings({"name": result.name, "doc": result.doc})
    if named.digest != result.digest:
        settings = _settings(result)
        lost = [path for path, value in _settings(named).items() if settings[path] != value]
        hint = "Remove it, or run the file with twoborders run --scenario."
        raise SettingError(", ".join(lost[:5]), "this setting is not available on the screen", hint)


def _settings(scenario: Scenario) -> dict[str, Any]:
    """Return every setting by its path."""
    top = {k: v for k, v in scenario.to_mapping().items() if not isinstance(v, dict)}
    return top | {row.path: row.value for row in parameters(scenario)}


def read_policies_table(text: str, choice: Choice) -> Choice:
    """Apply a CSV table of policies to a choice.

    Args:
        text: table with the columns world, policy, dose, start, end; with semicolons as
            separators, numbers have a decimal comma. ``status_quo`` means no policy.
        choice: the current choice; a world without a row keeps its policies.

    Returns:
        The new choice.

    Raises:
        SettingError: with the line of an error.
    """
    found: dict[str, list[PolicySpec]] = {}
    for line, row in _rows(text):
        world = row["world"].upper()
        if world not in ("A", "B"):
            raise SettingError(f"line {line}", f"unknown world {plain(row['world'])}", _TABLE)
        specs = found.setdefault(world, [])
        if row["policy"] != STATUS_QUO:
            specs.append(parse_policy(_policy_text(row), f"line {line}"))
    if not found:
        raise SettingError("CSV", "no policies found", _TABLE)
    policies: Any = {world.lower(): tuple(map(str, specs)) for world, specs in found.items()}
    new = dataclasses.replace(choice, **policies)
    for world in (0, 1):
        new.scenario(world)
    return new


def _rows(text: str) -> list[tuple[int, dict[str, str]]]:
    """Return line number and cells by column of every row, without comments and empty rows."""
    kept = [
        (number, line)
        for number, line in enumerate(text.splitlines(), start=1)
        if line.strip(" ,;\t") and not line.startswith("#")
    ]
    if len(kept) > 1 + _MOST_ROWS:
        raise SettingError("CSV", f"more than {_MOST_ROWS} rows", "Give fewer policies.")
    separator = ";" if kept and ";" in kept[0][1] else ","
    cells = [(number, _cells(number, line, separator)) for number, line in kept]
    heads = [head.lower() for head in cells[0][1]] if cells else []
    _check_heads(heads)
    for number, row in cells[1:]:
        if len(row) > len(heads):
            raise SettingError(f"line {number}", "more cells than columns", _TABLE)
    missing = dict.fromkeys(_COLUMNS, "")
    return [(number, missing | dict(zip(heads, row, strict=False))) for number, row in cells[1:]]


def _cells(number: int, line: str, separator: str) -> list[str]:
    """Return the cells of a line without trailing empty ones, with decimal points."""
    try:
        (cells,) = csv.reader([line], delimiter=separator, strict=True)
    except csv.Error:
        raise SettingError(f"line {number}", "invalid row", _TABLE) from None
    while cells and not cells[-1].strip():
        cells.pop()
    decimal = "," if separator == ";" else "."
    return [cell.strip().replace(decimal, ".") for cell in cells]


def _check_heads(heads: list[str]) -> None:
    """Raise an error for a missing, unknown or duplicate column."""
    if missing := {"world", "policy"} - set(heads):
        raise SettingError("CSV", f"missing column {min(missing)}", _TABLE)
    if more := set(heads) - set(_COLUMNS):
        raise SettingError("CSV", f"unknown column {plain(min(more))}", _TABLE)
    if len(heads) > len(set(heads)):
        raise SettingError("CSV", "duplicate column", _TABLE)


def _policy_text(row: dict[str, str]) -> str:
    """Return the policy of a row in the form of the command line."""
    dose = f":{row['dose']}" if row["dose"] else ""
    until = f"..{row['end']}" if row["end"] else ""
    dates = f"@{row['start']}{until}" if row["start"] or until else ""
    return f"{row['policy']}{dose}{dates}"
